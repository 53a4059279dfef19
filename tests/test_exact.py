"""The exact engine against published numbers, a naive chain, played episodes and laws of the field."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from automata import PD, game, generators, machine, naive
from hypothesis import given, settings
from hypothesis import strategies as st
from shared import truth

from dilemmas.engine import exact, exact_chain
from dilemmas.engine.batch import play
from dilemmas.engine.chance import Chance
from dilemmas.engine.exact import Horizon, expected, memory_one_payoffs
from dilemmas.errors import Misfit, UsageError
from dilemmas.rules.matrix import Matrix
from dilemmas.strategies.machine import Machine, State, memory_one
from dilemmas.strategies.strategy import Cast

PAIRS = ("CC", "CD", "DC", "DD")
CHANCES = st.sampled_from([0.0, 0.02, 0.3, 1.0])
HORIZONS = st.sampled_from(
    [
        {"rounds": 1},
        {"rounds": 7},
        {"rounds": 40},
        {"continuation": 0.0},
        {"continuation": 0.6},
        {"rounds": 5, "continuation": 0.9},
    ]
)


def vectors(data: Any) -> list[Machine]:
    known = data["memory_one_vectors"]
    return [memory_one(name, first, dict(zip(PAIRS, after, strict=True))) for name, (after, first) in known.items()]


def long_way(rules: Matrix, one: list[Machine], two: list[Machine], *, limit: bool = False) -> np.ndarray:
    """Joint frequencies by the general chain, also where a shorter way is known."""
    tables = [strategy.fit(rules, 0) for strategy in one], [strategy.fit(rules, 1) for strategy in two]
    where = np.stack(np.divmod(np.arange(len(one) * len(two)), len(two)), 1)
    return exact._long(rules, tables, where, Horizon.of(rules, limit))


# -- published numbers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("noise", [0.0, 0.05])
@pytest.mark.parametrize("limit", [False, True])
def test_every_memory_one_pair_of_the_truth_table(noise: float, limit: bool) -> None:
    payoff, share = ("payoff_limit", "cesaro_limit_state") if limit else ("payoff_200", "state_freq_200")
    data = truth("classic/axelrod.json")
    rules, table = Matrix(**PD, rounds=200, noise=noise), data["memory_one_vectors"]
    names = list(table)
    known = {key: value for key, value in data["memory_one"].items() if key.endswith(f"noise={noise}")}
    pairs = [[names.index(name) for name in key.split("|")[:2]] for key in known]
    machines = vectors(data)
    found = expected(rules, machines, machines, pairs, limit=limit)
    np.testing.assert_allclose(found.payoff, [value[payoff] for value in known.values()], rtol=0, atol=1e-9)
    np.testing.assert_allclose(found.joint, [value[share] for value in known.values()], rtol=0, atol=1e-9)
    after, first = (np.array([table[name][part] for name in names]) for part in (0, 1))
    plain = memory_one_payoffs(after, first, after, first, rules, pairs=pairs, limit=limit)
    np.testing.assert_allclose(plain, found.payoff, rtol=0, atol=1e-12)


def test_pairs_of_the_truth_table_by_the_general_chain() -> None:
    machines = vectors(truth("classic/axelrod.json"))
    for noise in (0.0, 0.05):
        for limit in (False, True):
            rules = Matrix(**PD, rounds=200, noise=noise)
            short = expected(rules, machines, machines, limit=limit).joint
            np.testing.assert_allclose(long_way(rules, machines, machines, limit=limit), short, rtol=0, atol=1e-12)


# -- the two ways and the naive chain -----------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(generators, HORIZONS, CHANCES, CHANCES, st.booleans())
def test_memory_one_by_both_ways(
    rng: np.random.Generator, horizon: dict[str, Any], noise: float, misread: float, swapped: bool
) -> None:
    roles = {"C": "defect", "D": "cooperate"} if swapped else {"C": "cooperate", "D": "defect"}
    rules = Matrix(**PD, roles=roles, noise=noise, perception_noise=misread, **horizon)
    after, first = rng.choice([0, 0.2, 0.9, 1], (4, 4)), rng.choice([0, 0.5, 1], 4)
    machines = [memory_one(str(k), first[k], dict(zip(PAIRS, after[k], strict=True))) for k in range(4)]
    general = long_way(rules, machines, machines)
    np.testing.assert_allclose(expected(rules, machines, machines).joint, general, rtol=0, atol=1e-12)
    pairs = np.stack(np.divmod(np.arange(16), 4), 1)
    plain = memory_one_payoffs(after, first, after, first, rules, pairs=pairs)
    np.testing.assert_allclose(plain, exact.paid(rules, general), rtol=0, atol=1e-11)


@settings(max_examples=25, deadline=None)
@given(generators, st.integers(1, 3), st.integers(1, 3), HORIZONS, CHANCES, CHANCES)
def test_any_machines_as_the_naive_chain(
    rng: np.random.Generator, first: int, second: int, horizon: dict[str, Any], noise: float, misread: float
) -> None:
    rules = game(rng, first, second, noise=noise, perception_noise=misread, **horizon)
    one = [machine(rng, rules, 0, states) for states in (1, 3)]
    two = [machine(rng, rules, 1, states, sure=states == 2) for states in (2, 4)]
    found = expected(rules, one, two)
    rounds = horizon.get("rounds", 80)
    for (i, j), joint in zip(found.pairs, found.joint, strict=True):
        share = naive(rules, one[i], two[j], rounds, horizon.get("continuation", 1.0))
        np.testing.assert_allclose(joint.reshape(share.shape), share, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.payoff[:, 0], (found.joint * rules.table[:, :, 0].ravel()).sum(1), atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(generators, st.integers(1, 60), st.integers(2, 3), st.integers(2, 3))
def test_sure_machines_come_to_what_they_play(rng: np.random.Generator, rounds: int, first: int, second: int) -> None:
    rules = game(rng, first, second, rounds=rounds)
    one, two = machine(rng, rules, 0, 4, sure=True), machine(rng, rules, 1, 3, sure=True)
    played = play(rules, Cast((one, two), np.array([[0, 1]])), Chance.of(0, 1, 1), keep=False).score
    found = expected(rules, [one], [two])
    np.testing.assert_allclose(found.payoff * rounds, played.payoff, rtol=0, atol=1e-9)
    np.testing.assert_allclose(found.cooperation * rounds, played.cooperations, rtol=0, atol=1e-9)
    np.testing.assert_allclose(found.joint * rounds, np.round(found.joint * rounds), rtol=0, atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(generators, st.booleans(), st.sampled_from([0.0, 1e-3, 0.1]))
def test_the_limit_is_where_long_horizons_go(rng: np.random.Generator, sure: bool, noise: float) -> None:
    rules = game(rng, 2, 3, rounds=2_000_000, noise=noise)
    one, two = machine(rng, rules, 0, 5, sure=sure), machine(rng, rules, 1, 4, sure=sure)
    limit, long = (expected(rules, [one], [two], limit=limit).joint for limit in (True, False))
    np.testing.assert_allclose(limit, long, rtol=0, atol=1e-3 if noise else 1e-4)
    np.testing.assert_allclose(limit.sum(1), 1, rtol=0, atol=1e-12)


@settings(max_examples=20, deadline=None)
@given(generators, st.sampled_from([2048, 4097, 10_000]), st.sampled_from([None, 0.9995]))
def test_long_horizons_squared_and_walked_agree(
    rng: np.random.Generator, rounds: int, continuation: float | None
) -> None:
    rules = game(rng, rounds=rounds, continuation=continuation, noise=0.01)
    tables = [machine(rng, rules, seat, 4).fit(rules, seat) for seat in (0, 1)]
    sides = [exact_chain.automata([table], seat, 2, 0.01, 0.0) for seat, table in enumerate(tables)]
    chain = exact_chain.reach(sides[0], sides[1], np.array([[0, 0]]))
    walked = exact_chain.walked(chain, rounds, continuation or 1.0)
    squared = exact_chain.squared(chain, np.array([0]), rounds, continuation or 1.0)
    np.testing.assert_allclose(squared, walked, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(exact_chain.shares(chain, rounds, continuation or 1.0), squared)


def test_a_geometric_horizon_is_the_mean_over_lengths() -> None:
    rng = np.random.default_rng(5)
    one, two = [machine(rng, game(rng), 0, 3)], [machine(rng, game(rng), 1, 3)]
    rules = game(np.random.default_rng(6), continuation=0.7)
    lengths = np.arange(1, 150)
    chances = 0.7 ** (lengths - 1) * 0.3
    totals = [expected(game(np.random.default_rng(6), rounds=int(n)), one, two).joint[0] * n for n in lengths]
    mean = (chances[:, None] * totals).sum(0) / (chances * lengths).sum()
    np.testing.assert_allclose(expected(rules, one, two).joint[0], mean, rtol=0, atol=1e-12)


# -- played -------------------------------------------------------------------------------------------------------

PLAYED = [
    {"rounds": 12, "noise": 0.1},
    {"rounds": 12, "perception_noise": 0.2},
    {"rounds": 9, "noise": 0.05, "perception_noise": 0.1},
    {"continuation": 0.8, "noise": 0.05},
    {"continuation": 0.9, "rounds": 6, "perception_noise": 0.1},
]


@pytest.mark.parametrize("keys", PLAYED)
@pytest.mark.parametrize(("first", "second"), [(2, 2), (3, 3), (2, 3)])
def test_played_episodes_lie_within_four_standard_errors(keys: dict[str, Any], first: int, second: int) -> None:
    rng = np.random.default_rng(first * 10 + second)
    rules = game(rng, first, second, **keys)
    one, two = machine(rng, rules, 0, 3), machine(rng, rules, 1, 4)
    seats = np.tile([0, 1], (20_000, 1))
    score = play(rules, Cast((one, two), seats), Chance.of(3, 1, len(seats)), keep=False).score
    found = expected(rules, [one], [two])
    for total, mean in ((score.payoff, found.payoff[0]), (score.cooperations, found.cooperation[0])):
        surplus = total - score.rounds[:, None] * mean  # of a ratio: total over rounds
        error = surplus.std(axis=0) / np.sqrt(len(seats))
        assert (np.abs(surplus.mean(axis=0)) <= 4 * error).all()
        assert (error > 0).all()
    gap = score.rounds.mean() - found.rounds
    assert abs(gap) <= 4 * score.rounds.std() / np.sqrt(len(seats)) + 1e-9


# -- laws of the field ----------------------------------------------------------------------------------------------


@settings(max_examples=50, deadline=None)
@given(generators, st.floats(1.1, 10), st.floats(0.05, 1), st.booleans())
def test_zero_determinant_strategies_hold_their_line(
    rng: np.random.Generator, chi: float, scale: float, generous: bool
) -> None:
    """s_X - l = chi (s_Y - l): l = P extorts (Press & Dyson 2012), l = R is generous (Stewart & Plotkin 2013)."""
    t, r, p, s = 5.0, 3.0, 1.0, 0.0
    level = r if generous else p
    line = np.array([r, s, t, p]) - level - chi * (np.array([r, t, s, p]) - level)
    after = np.array([1.0, 1, 0, 0]) + line * scale / np.abs(line).max()
    assert (after >= -1e-12).all()
    assert (after <= 1 + 1e-12).all()
    q = rng.uniform(0.01, 0.99, (20, 4))
    opening = rng.random(20)
    got = memory_one_payoffs(np.tile(after.clip(0, 1), (20, 1)), opening, q, opening, Matrix(**PD), limit=True)
    np.testing.assert_allclose(got[:, 0] - level, chi * (got[:, 1] - level), rtol=0, atol=1e-9)


def test_an_equalizer_sets_the_others_payoff() -> None:
    """Press & Dyson (2012), eq. 8: ZDSet2 of the truth table fixes the other's long-run payoff at 2."""
    q = np.random.default_rng(1).random((50, 4))
    p = np.tile([0.75, 0.25, 0.5, 0.25], (50, 1))
    got = memory_one_payoffs(p, np.ones(50), q, np.ones(50), Matrix(**PD), limit=True)
    np.testing.assert_allclose(got[:, 1], 2, rtol=0, atol=1e-9)


def test_reducible_and_periodic_chains() -> None:
    rules = Matrix(**PD, rounds=200)
    alternator = Machine("alternator", "c", {"c": State({"C": 1}, {"*": "d"}), "d": State({"D": 1}, {"*": "c"})})
    ever = {"c": State({"C": 1.0}, {"*": "c"}), "d": State({"D": 1.0}, {"*": "d"})}
    sticky = Machine("sticky", "x", {"x": State({"C": 0.25, "D": 0.75}, {"CC": "c", "CD": "c", "*": "d"}), **ever})
    found = expected(rules, [alternator, sticky], [alternator, sticky], limit=True)
    np.testing.assert_allclose(found.joint[0], [0.5, 0, 0, 0.5], atol=1e-12)
    np.testing.assert_allclose(found.joint[3], np.outer([0.25, 0.75], [0.25, 0.75]).ravel(), atol=1e-12)
    np.testing.assert_allclose(found.joint[1], [0.125, 0.375, 0.125, 0.375], atol=1e-12)


def test_rare_noise_still_has_its_limit() -> None:
    """Tit-for-tat against itself spends a quarter of the time in each joint action, however rare the noise."""
    tft = memory_one("tit-for-tat", 1, {"CC": 1, "CD": 0, "DC": 1, "DD": 0})
    for noise in (1e-2, 1e-6, 1e-10):
        found = expected(Matrix(**PD, noise=noise), [tft], [tft], limit=True)
        np.testing.assert_allclose(found.joint[0], 0.25, rtol=0, atol=1e-6)


# -- what is asked for ----------------------------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(generators, st.sampled_from([{"rounds": 30}, {"rounds": 5000}, {"limit": True}]))
def test_a_pair_does_not_depend_on_the_others(rng: np.random.Generator, keys: dict[str, Any]) -> None:
    rules = game(rng, noise=0.05, perception_noise=0.1, rounds=keys.get("rounds"))
    one, two = [machine(rng, rules, 0, k) for k in (1, 2, 5)], [machine(rng, rules, 1, k) for k in (3, 1)]
    limit = "limit" in keys
    every = expected(rules, one, two, limit=limit)
    pairs = np.array([[2, 0], [0, 1], [2, 0], [1, 1]])
    some = expected(rules, one, two, pairs, limit=limit)
    assert np.array_equal(some.joint, every.joint[pairs[:, 0] * 2 + pairs[:, 1]])
    for pair, joint in zip(pairs, some.joint, strict=True):
        assert np.array_equal(expected(rules, [one[pair[0]]], [two[pair[1]]], limit=limit).joint[0], joint)


def test_many_vectors_do_not_depend_on_how_they_are_cut() -> None:
    rng = np.random.default_rng(2)
    p, q, first = rng.random((5000, 4)), rng.random((5000, 4)), rng.random(5000)
    rules = Matrix(**PD, rounds=50, noise=0.01)
    whole = memory_one_payoffs(p, first, q, first, rules)
    for k in (0, 2044, 4993):
        cut = slice(k, k + 7)
        assert np.array_equal(memory_one_payoffs(p[cut], first[cut], q[cut], first[cut], rules), whole[cut])


def test_the_method_and_the_expected_rounds_are_named() -> None:
    tft = memory_one("tit-for-tat", 1, {"CC": 1, "CD": 0, "DC": 1, "DD": 0})
    cases = [
        ({}, False, "exact-10", 10),
        ({"rounds": 200}, False, "exact-200", 200),
        ({"continuation": 0.75}, False, "exact-geometric", 4),
        ({"continuation": 0.5, "rounds": 2}, False, "exact-geometric-2", 1.5),
        ({"continuation": 1, "rounds": 3}, False, "exact-3", 3),
        ({"continuation": 0}, False, "exact-geometric", 1),
        ({}, True, "exact-limit", np.inf),
    ]
    for keys, limit, method, rounds in cases:
        found = expected(Matrix(**PD, **keys), [tft], [tft], limit=limit)
        assert (found.method, found.rounds) == (method, pytest.approx(rounds))
        np.testing.assert_allclose(found.payoff, 3, atol=1e-12)
        np.testing.assert_allclose(found.cooperation, 1, atol=1e-12)


def test_cooperation_is_blank_without_the_role() -> None:
    rules = Matrix(actions=("a", "b"), payoffs=[[1, 0], [0, 1]], roles={})
    sure = Machine("a", "s", {"s": State({"a": 1}, {"*": "s"})})
    assert np.isnan(expected(rules, [sure], [sure]).cooperation).all()


class Counter:
    name = "counter"


def test_what_is_no_machine_is_refused_with_the_reason() -> None:
    with pytest.raises(Misfit, match=r"counter is not a machine.*Leave --exact out"):
        expected(Matrix(**PD), [Counter()], [Counter()])
    with pytest.raises(Misfit, match="not for a Counter game"):
        expected(Counter(), [], [])  # type: ignore[arg-type]  # what is tested
    stag = Machine("stag", "s", {"s": State({"stag": 1}, {"*": "s"})})
    with pytest.raises(Misfit, match="stag cannot play this matrix game"):
        expected(Matrix(**PD), [stag], [stag])


def test_wrong_shapes_are_refused() -> None:
    half, rules = np.full((2, 4), 0.5), Matrix(**PD)
    with pytest.raises(UsageError, match=r"expected \(n, 4\)"):
        memory_one_payoffs(half[:, :3], half[:, 0], half, half[:, 0], rules)
    with pytest.raises(UsageError, match="two actions a seat"):
        memory_one_payoffs(half, half[:, 0], half, half[:, 0], game(np.random.default_rng(0), 3, 3))
    tft = memory_one("tit-for-tat", 1, {"CC": 1, "CD": 0, "DC": 1, "DD": 0})
    with pytest.raises(UsageError, match="0 to 0 for seat 1"):
        expected(rules, [tft], [tft], [[0, 1]])
