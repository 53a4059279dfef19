"""Fines voted by the group of a commons: who pays and how much, who may name whom, what the measures make of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dilemmas as dl
from dilemmas.engine import batch
from dilemmas.engine.chance import Chance
from dilemmas.errors import DilemmasError, IllegalAnswer, SpecError
from dilemmas.rules.commons import Commons
from dilemmas.rules.commons_fines import Sanction, paid
from dilemmas.rules.game import Answers
from dilemmas.strategies.answering import understand
from dilemmas.testing import game_contract

GREEDY = ["greedy", *["sustainable:vote=over-users"] * 4]


def after_harvest(amounts: list[float], **given: Any) -> tuple[Commons, Any, Any]:
    """A game in which the amounts were caught, and the open vote."""
    game = Commons(sanction=Sanction(), seats=len(amounts), **given)
    state = game.start(Chance.of(1, 1, 1))
    game.ask(state)
    state, _ = game.settle(state, Answers(amount=np.array([amounts])), Chance.of(1, 1, 1))
    return game, state, game.ask(state)


@pytest.mark.parametrize(
    "given", [{}, {"joins": {3: 3}}, {"sight": False}, {"seats": 2}, {"seats": 1}, {"joins": {2: 4}, "seats": 2}]
)
def test_the_game_keeps_the_contract(given: dict[str, Any]) -> None:
    kinds = game_contract(Commons(rounds=5, sanction=Sanction(fine=2.5), **given)).kinds
    assert kinds == (("harvest",) if given.get("seats") == 1 else ("harvest", "vote"))


@given(st.data(), st.integers(2, 6), st.floats(0.5, 20))
@settings(max_examples=80, deadline=None)
def test_who_is_named_by_more_than_half_of_the_others_pays_what_it_has_and_no_more(
    data: st.DataObject, seats: int, fine: float
) -> None:
    choice = np.array([[data.draw(st.sampled_from([0, *range(1, seats + 1)])) for _ in range(seats)]])
    choice[choice == np.arange(1, seats + 1)] = 0  # nobody names itself
    held = np.array([data.draw(st.lists(st.floats(0, 30), min_size=seats, max_size=seats))])
    found = paid(Sanction(fine=fine), choice, np.ones((1, seats), bool), held)[0]
    for seat in range(seats):
        named = int((choice == seat + 1).sum())
        assert found[seat] == (min(fine, held[0, seat]) if named > (seats - 1) / 2 else 0)


def test_half_of_the_others_is_not_enough() -> None:
    who, held = np.ones((1, 5), bool), np.full((1, 5), 9.0)
    two, three = np.array([[0, 1, 1, 0, 0]]), np.array([[0, 1, 1, 1, 0]])
    assert paid(Sanction(), two, who, held).sum() == 0
    assert paid(Sanction(), three, who, held).tolist() == [[5, 0, 0, 0, 0]]


def test_fines_lessen_the_payoff_and_neither_stock_nor_measures() -> None:
    fined = dl.play("fishery", GREEDY, sanction=5, rounds=3)
    free = dl.play("fishery", ["greedy", *["sustainable"] * 4], rounds=3)
    measures = ["gain", "efficiency", "equality", "over_usage", "survived", "survival_time", "cooperation"]
    assert fined.episodes[measures].equals(free.episodes[measures])
    assert fined.rounds.equals(free.rounds)
    assert free.episodes.payoff.tolist() == free.episodes.gain.tolist() and "fined" not in free.episodes
    assert fined.episodes.fined.tolist() == [15, 0, 0, 0, 0]
    assert (fined.episodes.payoff == fined.episodes.gain - fined.episodes.fined).all()
    votes = fined.moves[fined.moves.kind == "vote"]
    assert votes["action"].tolist() == ["nobody", "1", "1", "1", "1"] * 3
    assert votes.ask.unique().tolist() == [2] and votes.partner.dropna().unique().tolist() == ["g1-1"]
    assert votes.received.sum() == -15 and fined.agents.payoff.tolist() == fined.episodes.payoff.tolist()


def test_a_fine_takes_no_more_than_was_collected() -> None:
    result = dl.play("fishery", ["fixed:amount=11", *["sustainable:vote=over-users"] * 4], sanction=50, rounds=2)
    assert result.episodes.payoff[0] == 0 and result.episodes.fined[0] == result.episodes.gain[0] == 22


def test_the_vote_is_held_where_the_stock_is_ruined_too() -> None:
    result = dl.play("fishery", ["fixed:amount=60", *["sustainable:vote=over-users"] * 4], sanction=5)
    assert not result.episodes.survived.any() and result.episodes.fined.tolist() == [5, 0, 0, 0, 0]
    alike = dl.play("fishery", ["greedy:vote=over-users"] * 5, sanction=5, rounds=1)
    assert alike.episodes.fined.tolist() == [5, 0, 0, 0, 0]  # ties: the lowest seat, which names the next


def test_a_hidden_harvest_gives_scripts_nobody_to_name() -> None:
    result = dl.play("fishery", GREEDY, sanction=5, sight=False, rounds=2)
    assert result.episodes.fined.sum() == 0


def test_where_there_is_no_vote_nothing_is_another() -> None:
    assert "sanction" not in Commons().settings() and Commons(sanction=Sanction()).settings()["sanction"] == {"fine": 5}
    result = dl.play("fishery", GREEDY, rounds=2)
    assert set(result.moves.kind) == {"harvest"} and "fined" not in result.episodes
    assert "action" not in result.moves


@pytest.mark.parametrize(("choice", "bad"), [([3, 0, 0], 0), ([1, 0, 0], 1), ([4, 0, 0], 1), ([-1, 0, 0], 1)])
def test_one_may_name_another_who_is_there_or_nobody(choice: list[int], bad: int) -> None:
    game, _, ask = after_harvest([10, 10, 10])
    assert game.illegal(ask, Answers(choice=np.array([choice]))).sum() == bad
    assert game.allowed(ask, 0) == "nobody, or the number of another seat: 2, 3"


def test_who_is_not_there_cannot_be_named() -> None:
    game, _, ask = after_harvest([10, 10, 10], joins={3: 2})
    assert game.illegal(ask, Answers(choice=np.array([[3, 0, 0]])))[0, 0]
    assert ask.who.tolist() == [[True, True, False]]


def test_a_seat_is_named_by_its_number() -> None:
    game, _, _ = after_harvest([10, 10, 10])
    said = {"nobody": 0, 0: 0, 2: 2, "3": 3}
    assert {name: understand(game, "vote", 0, name)[0] for name in said} == said
    with pytest.raises(IllegalAnswer, match="7 is no action"):
        understand(game, "vote", 0, 7)


def test_own_python_votes(tmp_path: Any) -> None:
    (tmp_path / "mine.py").write_text(
        "def decide(view, memory, coin):\n"
        "    return (view.taken.index(max(view.taken)) + 1 if view.voting else 9), memory\n"
    )
    seats = ["greedy", *[str(tmp_path / "mine.py")] * 2]
    assert dl.play("fishery", seats, sanction=5, rounds=1, seats=3).episodes.fined.tolist() == [5, 0, 0]


def test_wrong_settings_are_told() -> None:
    with pytest.raises(SpecError, match="over-users"):
        dl.play("fishery", ["sustainable:vote=everybody", *["greedy"] * 4], sanction=5)
    with pytest.raises(DilemmasError, match="fine"):
        dl.game("fishery", sanction={"fine": 0})
    for said, fine in ((True, 5), (3, 3), ({"fine": "1/2"}, 0.5)):
        assert dl.game("fishery", sanction=said).rules.sanction.fine == fine
    assert dl.game("fishery", sanction=False).rules.sanction is None


def test_the_views_of_a_vote_are_of_the_round_that_is_voted_on() -> None:
    game, state, ask = after_harvest([20, 10, 10])
    told = ask.view.told(0)
    assert (told.round, told.voting, told.taken, told.earned, told.paid) == (1, True, [20, 10, 10], 20, 0)
    state, _ = game.settle(state, Answers(choice=np.array([[0, 1, 1]])), Chance.of(1, 1, 1))
    told = game.ask(state).view.told(0)  # type: ignore[union-attr]  # the game goes on
    assert (told.round, told.voting, told.fines, told.paid, told.stock) == (2, False, [[5, 0, 0]], 5, 100)


def test_votes_do_not_depend_on_the_batch() -> None:
    game = dl.game("fishery", sanction=5, rounds=4).rules
    from tests.commons_play import cast

    members = [
        dl.strategy(name, vote="over-users") for name in ("greedy", "noisy-greedy", "matcher", "sustainable", "greedy")
    ]
    whole, one = (batch.play(game, cast(6, *members), Chance.of(2, 1, 6), chunk=size) for size in (6, 1))
    assert np.array_equal(whole.score.payoff, one.score.payoff) and whole.score.extra["fined"].sum() > 0


def test_newcomers_are_told_whom_a_script_names() -> None:
    from dilemmas.strategies.described import described

    fined, free = (dl.game("fishery", sanction=sanction) for sanction in (5, None))
    naming, silent = (dl.strategy("greedy", vote=vote) for vote in ("over-users", "nobody"))
    assert "names who took most" in described(naming, fined.rules, "tons")
    assert "names nobody for a fine" in described(silent, fined.rules, "tons")
    assert "fine" not in described(naming, free.rules, "tons")


def test_a_quiz_of_a_game_with_votes_can_be_made(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from cli import dilemmas

    monkeypatch.chdir(tmp_path)
    ran = dilemmas("quiz", "fishery", "--model", "rehearsal", "--set", "sanction=5", "--questions", "26", "--json")
    assert ran.code == 0, ran.err
