"""Set moves in games of every family, and the answers that one seat may give in plain values."""

from __future__ import annotations

import numpy as np
import pytest
from shelf_matrix import actions, dilemma, letters, matches, strategy

from dilemmas.engine.batch import play
from dilemmas.engine.chance import Chance
from dilemmas.errors import DilemmasError, Misfit, SpecError
from dilemmas.rules.matrix import Matrix
from dilemmas.specs import games, seats
from dilemmas.strategies.answering import understand
from dilemmas.strategies.moves import listed
from dilemmas.strategies.strategy import Cast


def scripted(moves, then="stop"):
    return strategy("scripted-moves", moves=moves, then=then)


@pytest.mark.parametrize(
    ("moves", "read"),
    [("CDD", ("C", "D", "D")), ("C,D, D", ("C", "D", "D")), ("F J", ("F", "J")), ([1, "D"], (1, "D")), (3, (3,))],
)
def test_lists_as_people_write_them(moves, read):
    assert listed(moves) == read


@pytest.mark.parametrize("moves", [["C", "D", "D"], ["cooperate", "defect", "defect"], [1, 2, 2], "CDD"])
def test_a_list_is_played(moves):
    played = matches(dilemma(rounds=3), [(scripted(moves), strategy("always-defect"))])
    assert letters(actions(played, 3)[0, :, 0]) == "CDD"


@pytest.mark.parametrize(("then", "done"), [("last", "CDDDDDD"), ("cycle", "CDDCDDC"), ("repeat", "CDDCDDC")])
def test_what_comes_after_the_last(then, done):
    played = matches(dilemma(rounds=7), [(scripted("CDD", then), strategy("always-defect"))])
    assert letters(actions(played, 7)[0, :, 0]) == done


def test_a_list_that_is_too_short_is_refused_before_play():
    with pytest.raises(Misfit, match=r"3 moves for 7 rounds.*then=last"):
        matches(dilemma(rounds=7), [(scripted("CDD"), strategy("always-defect"))])


def test_a_list_that_runs_out_in_an_open_ended_match_is_an_error():
    with pytest.raises(Misfit, match=r"3 moves and is asked for another"):
        matches(dilemma(continuation=0.99), [(scripted("CDD"), strategy("always-defect"))])


@pytest.mark.parametrize(
    ("moves", "then", "error"),
    [([], "stop", SpecError), ("CDX", "stop", Misfit), ("CD", "lsat", SpecError), ([3], "last", Misfit)],
)
def test_lists_that_mean_nothing(moves, then, error):
    with pytest.raises(error):
        matches(dilemma(rounds=2), [(scripted(moves, then), strategy("always-defect"))])


def test_positions_are_positions_where_actions_are_numbers():
    rules = games.load("travellers-dilemma", {"rounds": 4}).rules
    names = ("alternator", "always-first", "always-second")
    played = matches(rules, [(strategy(name), strategy("uniform")) for name in names])
    assert actions(played, 4)[:, :, 0].tolist() == [[0, 1, 0, 1], [0] * 4, [1] * 4]


def test_different_lists_in_one_batch_and_in_either_seat():
    rules = Matrix(
        actions=(("a", "b"), ("b", "a")), payoffs={"row": [[1, 2], [3, 4]], "column": [[1, 2], [3, 4]]}, rounds=2
    )
    left, right = scripted(["a", "b"]), scripted(["b", "b"])
    played = matches(rules, [(left, right), (right, left)])
    assert actions(played, 2).tolist() == [[[0, 0], [1, 0]], [[1, 1], [1, 0]]]


def amounts(name, moves, **keys):
    """Amounts of all decisions where every seat plays the list."""
    rules = games.load(name, keys).rules
    entry = seats.strategy(f"scripted-moves:moves={moves}:then=cycle")
    played = play(rules, Cast((entry,), np.zeros((2, rules.seats), int)), Chance.of(0, 1, 2))
    assert played.moves is not None
    return np.asarray(played.moves["amount"])[np.asarray(played.moves["kind"]) == 0]


PUNISHED = ("public-goods", {"rounds": 2, "punishment": {"fee": 1, "fine": 3}})  # sanctions are not on the list


@pytest.mark.parametrize(("name", "keys"), [("fishery", {"rounds": 2}), ("public-goods", {"rounds": 2}), PUNISHED])
def test_amounts_in_games_of_amounts(name, keys):
    assert set(amounts(name, [2, 3], **keys)) == {2.0, 3.0}


def test_gifts():
    assert set(amounts("donor", [1.5], rounds=2)) == {1.5}


@pytest.mark.parametrize(
    ("said", "meant"),
    [("C", 0), ("D", 1), ("cooperate", 0), ("defect", 1), (1, 0), (2.0, 1), (np.int64(2), 1), ("2", 1)],
)
def test_moves_understood(said, meant):
    assert understand(dilemma(), "move", 0, said) == (meant, None)


class Amounts:
    """As much of a game as answers need: amounts, and options where there are any."""

    kind, seats = "made-up", 2

    def __init__(self, *options):
        self._options = options

    def options(self, kind, seat):
        return self._options


@pytest.mark.parametrize(
    ("options", "said", "meant"),
    [
        ((), 2, (None, 2.0)),
        (("donate", "punish"), 2, (0, 2.0)),
        (("donate", "punish"), ("punish", 3), (1, 3.0)),
        (("donate", "refuse"), "refuse", (1, 0.0)),
    ],
)
def test_amounts_understood(options, said, meant):
    assert understand(Amounts(*options), "gift", 0, said) == meant


@pytest.mark.parametrize(
    ("options", "said"),
    [((), "much"), ((), True), ((), float("inf")), (("donate",), ("steal", 1)), (("donate",), ("donate", "x"))],
)
def test_answers_that_mean_nothing(options, said):
    with pytest.raises(DilemmasError):
        understand(Amounts(*options), "gift", 0, said)
