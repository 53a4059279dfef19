from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from shared import truth

from dilemmas.culture.lot import Lot
from dilemmas.culture.networks import network
from dilemmas.culture.payoffs import level, midranks, pick, rank, scores
from dilemmas.culture.selection import SELECTIONS, selection
from dilemmas.errors import DilemmasError, SpecError, UnknownName, UsageError

LOT = Lot(0, 1)
PAYOFFS = arrays(np.float64, st.integers(2, 15), elements=st.floats(0, 1e4))


def kept(given_: Any, payoff: list[float]) -> list[int]:
    return np.flatnonzero(selection(given_).select(np.array(payoff), LOT).survives).tolist()


@pytest.mark.parametrize("case", [0, 1])
def test_the_two_scores_of_a_donor_generation_keep_whom_the_cases_say(case: int) -> None:
    found = truth("donor/cases.json")["selection_cases"][case]
    games = np.array([found["final_game1"], found["final_game2"]])
    who = np.tile(np.arange(4), (2, 1))
    both, last = (scores(games, who, np.array([0, 1]), 4, score) for score in ("mean-of-games", "last-game"))
    assert both.tolist() == found.get("score", found.get("score_mean")) and last.tolist() == found["final_game2"]
    assert kept("truncation", both.tolist()) == found.get("survivors", found.get("survivors_mean"))
    expected = found.get("survivors_if_only_game2_counts", found.get("survivors_game2_only"))
    assert kept({"rule": "truncation", "score": "last-game"}, last.tolist()) == expected


def test_a_score_is_the_mean_over_the_episodes_an_agent_played() -> None:
    who = np.array([[0, 1], [2, 0], [1, 0]])
    found = scores(np.array([[1.0, 5.0], [2.0, 3.0], [7.0, 8.0]]), who, np.zeros(3, int), 4)
    assert found[:3].tolist() == [4.0, 6.0, 2.0] and np.isnan(found[3])
    games = np.array([[1.0, 5.0], [2.0, 3.0], [7.0, 8.0], [4.0, 9.0]]), np.tile([0, 1], (4, 1)), np.array([0, 1, 0, 1])
    assert scores(*games, 2).tolist() == [3.5, 6.25]
    assert scores(*games, 2, "last-game").tolist() == [3.0, 6.0]


@given(st.lists(st.floats(0, 1e3), min_size=2, max_size=9), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_agents_who_earned_the_same_in_another_order_are_tied(earned: list[float], random: Any) -> None:
    other = random.sample(earned, len(earned))
    found = scores(np.array([earned, other]).T, np.tile([0, 1], (len(earned), 1)), np.zeros(len(earned), int), 2)
    assert found[0] == found[1] == pytest.approx(np.mean(earned))


def test_truncation_keeps_the_best_and_breaks_ties_by_the_list() -> None:
    assert kept("truncation", [3, 9, 3, 9, 3, 1]) == [0, 1, 3]
    assert kept("truncation:keep=1/3", [3, 9, 3, 9, 3, 1]) == [1, 3]
    assert kept("truncation:keep=0.58", list(range(50))) == list(range(21, 50))  # 0.58 * 50 is below 29 in floats
    assert kept("truncation:keep=0.01", [1, 2, 3]) == [2]
    assert kept("truncation:keep=1", [1, 2, 3]) == [0, 1, 2]


def test_rounding_decides_no_tie() -> None:
    third = 0.1 + 0.2  # a hair above 0.3
    assert third > 0.3
    kept = selection("truncation").select(np.array([0.3, third, 0.1, third]), Lot(0, 1)).survives
    assert kept.tolist() == [True, True, False, False]
    assert level(np.array([[0.3, 0.1, third, 7.0], [5.0, 5.0, 4.0, 4.0 + 1e-6]])).tolist() == [
        [third, 0.1, third, 7.0],
        [5.0, 5.0, 4.0, 4.0 + 1e-6],
    ]


def test_drawn_ties_keep_each_of_the_tied_as_often() -> None:
    found = selection("truncation:ties=drawn").select(np.tile([5.0, 1.0, 1.0, 1.0], (6000, 1)), LOT)
    stays = found.survives.sum(axis=0)
    assert stays[0] == 6000
    assert (abs(stays[1:] - 2000) < 4 * np.sqrt(6000 * 2 / 9)).all()


def test_newcomers_follow_each_survivor_as_often() -> None:
    found = selection("truncation").select(np.tile([4.0, 3.0, 2.0, 1.0], (3000, 1)), LOT)
    assert found.together
    assert np.array_equal(found.parent[:, :2], np.tile([0, 1], (3000, 1)))
    first = (found.parent[:, 2:] == 0).sum()
    assert abs(first - 3000) < 4 * np.sqrt(6000 / 4)


RULES = [*sorted(SELECTIONS), "fermi:beta=0:updates=9", "moran:births=9", "truncation:ties=drawn"]


@given(payoff=PAYOFFS, rule=st.sampled_from(RULES), seed=st.integers(0, 999))
@settings(max_examples=150, deadline=None)
def test_every_place_is_kept_or_follows_somebody(payoff: np.ndarray[Any, Any], rule: str, seed: int) -> None:
    made, lot = selection(rule), Lot(seed, 1)
    found = made.select(payoff, lot)
    own = np.arange(len(payoff))
    assert found.survives.shape == found.parent.shape == payoff.shape
    assert ((found.parent >= 0) & (found.parent < len(payoff))).all()
    assert (found.parent[found.survives] == own[found.survives]).all()
    again = made.select(payoff.copy(), lot)
    assert np.array_equal(again.parent, found.parent) and np.array_equal(again.survives, found.survives)
    if rule in ("truncation", "random"):
        assert found.survives.sum() == max(1, len(payoff) // 2)
        assert found.survives[found.parent].all()
    if rule == "truncation" and not found.survives.all():
        even = level(payoff)  # what rounding alone sets apart is a tie
        assert even[found.survives].min() >= even[~found.survives].max()
    if rule == "moran":
        assert (~found.survives).sum() == 1


@given(
    payoff=arrays(np.float64, (4, 7), elements=st.floats(0, 100)),
    rule=st.sampled_from(["moran:births=5", "fermi", "fermi:updates=4", "rank", "proportional"]),
)
@settings(max_examples=60, deadline=None)
def test_populations_do_not_meet(payoff: np.ndarray[Any, Any], rule: str) -> None:
    """The first population of a batch fares as it does alone."""
    made = selection(rule)
    assert np.array_equal(made.select(payoff, LOT).parent[0], made.select(payoff[0], LOT).parent)


def test_parents_are_drawn_in_proportion_to_fitness() -> None:
    found = selection("proportional").select(np.tile([0.0, 1.0, 3.0, 0.0, 6.0, 0.0], (4000, 1)), LOT)
    counts = np.bincount(found.parent.reshape(-1), minlength=6)
    share = np.array([0, 1, 3, 0, 6, 0]) / 10
    assert (abs(counts - 24_000 * share) <= 4 * np.sqrt(24_000 * share * (1 - share))).all()


@given(
    weights=arrays(np.float64, (3, 6), elements=st.sampled_from([0.0, 1e-9, 0.5, 3.0, 1e9])), seed=st.integers(0, 99)
)
@settings(max_examples=100, deadline=None)
def test_who_has_no_fitness_is_never_drawn(weights: np.ndarray[Any, Any], seed: int) -> None:
    weights[:, 2] += 1
    coin = np.concatenate([Lot(seed, 1).uniform("coin", 3, 20), np.tile([0.0, 1 - 2.0**-53], (3, 1))], axis=1)
    drawn = pick(weights, coin)
    assert (np.take_along_axis(weights, drawn, axis=1) > 0).all()


def test_ranks_expect_offspring_as_baker_says() -> None:
    found = selection("rank:pressure=2").select(np.tile([10.0, 5.0, 5.0, 7.0, -3.0], (4000, 1)), LOT)
    counts = np.bincount(found.parent.reshape(-1), minlength=5) / 4000
    expected = np.array([2.0, 0.75, 0.75, 1.5, 0.0])  # 2, 1.5, 1, 0.5, 0 by rank; the tied share theirs
    assert (abs(counts - expected) <= 4 * np.sqrt(expected * (1 - expected / 5) / 4000)).all()


@given(arrays(np.float64, (3, 8), elements=st.integers(0, 4)))
@settings(max_examples=60, deadline=None)
def test_midranks_are_means_of_the_ranks_of_equals(values: np.ndarray[Any, Any]) -> None:
    below = (values[:, :, None] > values[:, None, :]).sum(axis=2)
    equal = (values[:, :, None] == values[:, None, :]).sum(axis=2)
    assert np.array_equal(midranks(values), below + (equal - 1) / 2)


def test_ranks_count_from_one_with_ties_in_list_order() -> None:
    assert rank(np.array([3.0, 9.0, 3.0, 9.0])).tolist() == [3, 1, 4, 2]


def test_intensity_and_beta_make_fitness_of_payoffs() -> None:
    payoff = np.array([[0.0, 2.0, 5.0]])
    assert selection("moran").fitness(payoff).tolist() == [[0, 2, 5]]  # type: ignore[attr-defined]
    assert selection("moran:intensity=0.1").fitness(payoff) == pytest.approx(np.array([[0.9, 1.1, 1.4]]))  # type: ignore[attr-defined]
    found = selection("proportional:beta=0.5").fitness(payoff)  # type: ignore[attr-defined]
    assert found[0] / found[0, 0] == pytest.approx(np.exp([0, 1, 2.5]))
    assert np.isfinite(selection("moran:beta=10").fitness(np.array([[1e6, -1e6]]))).all()  # type: ignore[attr-defined]
    assert selection("moran").fitness(np.zeros((1, 3))).tolist() == [[1, 1, 1]]  # type: ignore[attr-defined]


def test_the_chance_to_follow_is_fermis() -> None:
    made: Any = selection("fermi:beta=2")
    gain = np.array([-1e6, -1.5, 0, 0.3, 1e6])
    with np.errstate(over="ignore"):
        assert made.chance(gain) == pytest.approx(1 / (1 + np.exp(-2 * gain)))
    assert made.chance(np.array([0.0])) == 0.5


@pytest.mark.parametrize("rule", ["fermi:beta=1000", "fermi:beta=1000:updates=40"])
def test_on_a_network_only_neighbours_are_followed(rule: str) -> None:
    ring = network("ring:degree=2").build(20, LOT)
    found = selection(rule).select(np.arange(20.0), LOT, ring)
    follow = found.parent != np.arange(20)
    step = abs(found.parent - np.arange(20))
    assert follow.any()
    if "updates" not in rule:
        assert (np.isin(step[follow], (1, 19))).all()
    # Nobody gives up more for less.
    assert (found.parent >= np.arange(20)).all()


def test_on_a_network_a_birth_replaces_a_neighbour_of_the_parent() -> None:
    ring = network("ring:degree=4").build(9, LOT)
    found = selection("moran").select(np.tile(np.arange(1.0, 10), (500, 1)), LOT, ring)
    which, place = np.nonzero(~found.survives)
    apart = abs(found.parent[which, place] - place)
    assert len(place) == 500 and set(np.minimum(apart, 9 - apart).tolist()) == {1, 2}


@pytest.mark.parametrize(
    ("rule", "payoff", "said"),
    [
        ("moran", [3.0, -2.0], "agent 2 earned -2, which makes a fitness of -2; expected 0 or more. Set beta"),
        ("proportional:intensity=0.5", [3.0, -2.0], "agent 2 earned -2, which makes a fitness of -0.5"),
        ("truncation", [1.0, float("nan")], "agent 2 has a payoff of nan"),
        ("rank", [float("inf"), 1.0], "agent 1 has a payoff of inf"),
        ("fermi", [1.0], "nobody to compare with"),
    ],
)
def test_payoffs_that_cannot_be_used_are_named(rule: str, payoff: list[float], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        selection(rule).select(np.array(payoff), LOT)


@pytest.mark.parametrize(
    ("given_", "kind", "said"),
    [
        ("truncaton", UnknownName, r"selection: no selection rule is called 'truncaton'.*Did you mean 'truncation'\?"),
        ({"rule": "truncation", "kep": 0.5}, SpecError, r"no parameter 'kep'.*Did you mean 'keep'\?"),
        ("truncation:keep=0", SpecError, "selection: keep: 0.0 does not fit .*greater than 0"),
        ("truncation:keep=2", SpecError, "less than or equal to 1"),
        ("rank:pressure=3", SpecError, "less than or equal to 2"),
        ("fermi:beta=-1", SpecError, "greater than or equal to 0"),
        ("moran:births=0", SpecError, "greater than or equal to 1"),
        ("moran:beta=1:intensity=1", SpecError, "intensity or beta, not both"),
        ({"rule": "truncation", "score": "first"}, SpecError, "'mean-of-games' or 'last-game'"),
    ],
)
def test_a_wrong_rule_names_key_and_remedy(given_: Any, kind: type[DilemmasError], said: str) -> None:
    with pytest.raises(kind, match=said):
        selection(given_)
