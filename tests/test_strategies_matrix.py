"""Matrix strategies against tables of an outside authority: Axelrod-Python's scores, moves and vectors."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared import truth
from shelf_matrix import PD, actions, dilemma, letters, matches, strategy

from dilemmas.errors import SpecError, UnknownName
from dilemmas.rules.matrix import Matrix
from dilemmas.rules.params import number
from dilemmas.strategies.machine import Machine
from dilemmas.strategies.makers import make, vector


@pytest.fixture(scope="module")
def table():
    return truth("classic/axelrod.json")


@pytest.fixture(scope="module")
def tournament(table):
    """All ordered pairs of the thirty, 200 rounds, in one batch."""
    entries = [strategy(name) for name in table["strategies"]]
    return matches(dilemma(rounds=200), [(one, other) for one in entries for other in entries])


def test_scores_of_every_pair(table, tournament):
    assert tournament.score.payoff[:, 0].reshape(30, 30).tolist() == table["score"]


def test_scores_of_the_second_seat(table, tournament):
    assert tournament.score.payoff[:, 1].reshape(30, 30).T.tolist() == table["score"]


def test_cooperations_of_every_pair(table, tournament):
    assert tournament.score.cooperations[:, 0].reshape(30, 30).tolist() == table["cooperations"]


def test_states_of_every_pair(table, tournament):
    assert np.asarray(tournament.score.joint)[:, 0].reshape(30, 30, 4).tolist() == table["states"]


def test_first_forty_moves_of_every_pair(table, tournament):
    names, done = table["strategies"], actions(tournament, 200).reshape(30, 30, 200, 2)
    for pair, expected in table["first40"].items():
        one, other = (names.index(name) for name in pair.split("|"))
        assert [letters(done[one, other, :40, seat]) for seat in (0, 1)] == expected, pair


def test_kebab_and_class_names_mean_the_same(table):
    for name in table["strategies"]:
        kebab = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()
        assert strategy(name).name == strategy(kebab).name


def chances(machine: Machine) -> tuple[list[float], float]:
    """Chances of C after CC, CD, DC and DD, and at first, read off the fitted table."""
    fitted = machine.fit(dilemma(), 0)
    return [float(fitted.play[fitted.then[0, code], 0]) for code in range(4)], float(fitted.play[0, 0])


def test_memory_one_vectors(table):
    for name, (after, first) in table["memory_one_vectors"].items():
        found = chances(strategy(name))
        assert found[0] == pytest.approx(after, abs=1e-12), name
        assert found[1] == first, name


def test_expected_payoffs_of_memory_one_pairs(table):
    """A chain of four states, worked out here, over 200 rounds with and without noise."""
    vectors = {name: chances(strategy(name)) for name in table["memory_one_vectors"]}
    for key, case in table["memory_one"].items():
        one, other, noise = key.split("|")
        got = expected(vectors[one], vectors[other], float(noise.split("=")[1]))
        assert got == pytest.approx(case["payoff_200"], abs=1e-9), key


def expected(one, other, noise, rounds=200):
    slip = lambda chance: chance * (1 - noise) + (1 - chance) * noise  # noqa: E731
    p, q = np.array([slip(x) for x in one[0]]), np.array([slip(x) for x in np.array(other[0])[[0, 2, 1, 3]]])
    step = np.stack([p * q, p * (1 - q), (1 - p) * q, (1 - p) * (1 - q)], axis=1)
    a, b = slip(one[1]), slip(other[1])
    state, total = np.array([a * b, a * (1 - b), (1 - a) * b, (1 - a) * (1 - b)]), np.zeros(4)
    for _ in range(rounds):
        total, state = total + state, state @ step
    return [total @ [3, 0, 5, 1] / rounds, total @ [3, 5, 0, 1] / rounds]


def test_stochastic_and_noisy_pairs_within_four_standard_errors(table):
    for noise in (0.0, 0.05):
        cases = {key: case for key, case in table["stochastic"].items() if case["noise"] == noise}
        pairs = [tuple(strategy(name) for name in key.split("|")[:2]) for key in cases]
        played = matches(dilemma(rounds=1000, noise=noise), pairs, repetitions=200, seed=1, keep=False)
        payoff = played.score.payoff.reshape(len(pairs), 200, 2) / 1000
        error = payoff.std(axis=1, ddof=1) / np.sqrt(200)
        for i, (key, case) in enumerate(cases.items()):
            bound = 4 * np.hypot(error[i], case["se"]) + 1e-12
            assert (np.abs(payoff[i].mean(axis=0) - case["mean"]) <= bound).all(), key


# -- zero-determinant strategies --------------------------------------------------------------------------------------

ZD = ["zd-extort-2", "zd-extort-2-v2", "zd-extort-3", "zd-extort-4", "zd-extortion", "zd-gen-2", "zd-gtft-2"]
ZD += ["zd-mischief", "zd-set-2"]
LEVELS = {"punishment": 1.0, "reward": 3.0}
inner = st.floats(0.02, 0.98)


def limit(p, q):
    """Long-run payoffs of two memory-one players who can get from any state to any other."""
    q = np.array(q)[[0, 2, 1, 3]]
    step = np.stack([p * q, p * (1 - q), (1 - p) * q, (1 - p) * (1 - q)], axis=1)
    system = np.vstack([step.T - np.eye(4), np.ones(4)])
    state = np.linalg.lstsq(system, np.array([0, 0, 0, 0, 1.0]), rcond=None)[0]
    return state @ [3, 0, 5, 1], state @ [3, 5, 0, 1]


@pytest.mark.parametrize("name", ZD)
@settings(max_examples=30, deadline=None)
@given(other=st.lists(inner, min_size=4, max_size=4))
def test_zero_determinant_relation_holds(name, other):
    """Press & Dyson 2012: slope * (own - baseline) = other - baseline, whatever the other plays."""
    machine = strategy(name)
    said = {key: float(LEVELS.get(value, number(value))) for key, value in machine.parameters.items()}
    mine, theirs = limit(np.array(chances(machine)[0]), np.array(other))
    assert said["slope"] * (mine - said["baseline"]) == pytest.approx(theirs - said["baseline"], abs=1e-9)


def test_chi_is_one_over_slope():
    by_chi = make("zero-determinant", "x", {"phi": "1/9", "chi": 2})
    assert chances(by_chi) == chances(make("zero-determinant", "x", {"phi": "1/9", "slope": "1/2"}))


def test_zero_determinant_for_other_payoffs():
    """The relation holds in the game whose payoffs were given."""
    reward, sucker, temptation, punishment = 8, 0, 10, 5
    after = vector(0.05, 0.5, 5, {"reward": 8, "sucker": 0, "temptation": 10, "punishment": 5})
    p, q = np.array(list(after.values())), np.array([0.3, 0.6, 0.2, 0.7])
    q = q[[0, 2, 1, 3]]
    step = np.stack([p * q, p * (1 - q), (1 - p) * q, (1 - p) * (1 - q)], axis=1)
    state = np.linalg.lstsq(np.vstack([step.T - np.eye(4), np.ones(4)]), np.array([0, 0, 0, 0, 1.0]), rcond=None)[0]
    mine, theirs = state @ [reward, sucker, temptation, punishment], state @ [reward, temptation, sucker, punishment]
    assert 0.5 * (mine - 5) == pytest.approx(theirs - 5, abs=1e-9)


def test_a_relation_that_cannot_be_enforced_is_refused():
    with pytest.raises(SpecError, match=r"after CC with chance -0\.8"):
        make("zero-determinant", "greedy", {"phi": 1, "slope": 0.1})


# -- makers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tits", "tats", "same"),
    [(1, 1, "tit-for-tat"), (1, 2, "tit-for-two-tats"), (2, 1, "two-tits-for-tat"), (0, 3, "always-cooperate")],
)
def test_tits_for_tats_has_known_special_cases(tits, tats, same):
    others = [strategy(name) for name in ("random", "win-stay-lose-shift", "cycler-ccd", "always-defect")]
    one, known = strategy("n-tits-for-m-tats", tits=tits, tats=tats), strategy(same)
    game = dilemma(rounds=60, noise=0.1)
    left, right = (matches(game, [(who, other) for other in others], repetitions=4) for who in (one, known))
    assert actions(left, 60).tolist() == actions(right, 60).tolist()


def test_a_lookup_of_the_last_other_move_is_tit_for_tat():
    assert chances(make("lookup", "x", {"other": 1, "pattern": "CD"})) == ([1, 0, 1, 0], 1)


@pytest.mark.parametrize(
    ("kind", "given", "error"),
    [
        ("lookup", {"pattern": "CDC"}, SpecError),
        ("lookup", {"pattern": "CX"}, SpecError),
        ("lookup", {"pattern": "CD", "depth": 1}, UnknownName),
        ("cycle", {"moves": ""}, SpecError),
        ("tits-for-tats", {"tits": 1.5}, SpecError),
        ("zero-determinant", {"phi": "much"}, SpecError),
        ("zero-determinant", {"chi": 0}, SpecError),
        ("cylce", {}, UnknownName),
    ],
)
def test_makers_refuse_what_has_no_meaning(kind, given, error):
    with pytest.raises(error):
        make(kind, "mine", given)


def test_a_game_with_other_payoffs_moves_those_who_look_at_them():
    """Adaptive compares what its moves earned: where cooperating pays most, it goes on cooperating."""
    harmony = Matrix(actions=("C", "D"), payoffs={**PD, "CC": [9, 9], "CD": [8, 5], "DC": [5, 8]}, rounds=30)
    played = matches(harmony, [(strategy("adaptive"), strategy("always-defect"))])
    assert letters(actions(played, 30)[0, :, 0]) == "CCCCCCDDDDD" + "C" * 19
