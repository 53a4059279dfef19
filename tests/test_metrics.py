from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from shared import truth

from dilemmas.report import metrics
from dilemmas.report.student import quantile

numbers = st.floats(-1e3, 1e3)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.95, 0.99])
def test_quantiles_are_those_of_scipy(level: float) -> None:
    stats = pytest.importorskip("scipy.stats")
    for freedom in [*range(1, 60), 99, 150, 299, 300, 301, 302, 500, 10_000]:
        assert quantile(freedom, level) == pytest.approx(stats.t.ppf((1 + level) / 2, freedom), rel=1e-9)


def test_quantiles_known_by_heart() -> None:
    # One degree is Cauchy: tan(0.475 pi); two: 0.95 sqrt(2 / (1 - 0.95 ** 2)).
    assert quantile(1) == pytest.approx(np.tan(0.475 * np.pi), rel=1e-12)
    assert quantile(2) == pytest.approx(0.95 * np.sqrt(2 / (1 - 0.95**2)), rel=1e-12)


@pytest.mark.parametrize(("freedom", "level"), [(0, 0.95), (3, 0.0), (3, 1.0)])
def test_quantiles_that_are_none(freedom: int, level: float) -> None:
    with pytest.raises(ValueError, match="no t quantile"):
        quantile(freedom, level)


def test_intervals_are_those_of_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    values = np.random.default_rng(0).normal(size=(7, 5))
    mean, sd, low, high = metrics.interval(values, axis=0)
    expected = stats.t.interval(0.95, 6, loc=values.mean(0), scale=stats.sem(values, axis=0))
    np.testing.assert_allclose([mean, sd, low, high], [values.mean(0), values.std(0, ddof=1), *expected], rtol=1e-9)


@settings(max_examples=60, deadline=None)
@given(arrays(float, array_shapes(min_dims=1, max_dims=3, max_side=5), elements=numbers), st.data())
def test_null_values_count_for_nothing(values: np.ndarray, data: st.DataObject) -> None:
    axis = data.draw(st.integers(0, values.ndim - 1))
    gap = np.full_like(np.take(values, [0], axis), np.nan)
    full, holed = metrics.interval(values, axis), metrics.interval(np.concatenate([gap, values], axis), axis)
    for one, other in zip(full, holed, strict=True):
        np.testing.assert_array_equal(one, other)


@settings(max_examples=60, deadline=None)
@given(arrays(float, st.integers(2, 9), elements=numbers), st.floats(0.1, 10), numbers)
def test_intervals_move_with_their_values(values: np.ndarray, scale: float, shift: float) -> None:
    moved = metrics.interval(values * scale + shift)
    for one, other in zip(metrics.interval(values), moved, strict=True):
        expected = one * scale + (shift if one is not metrics.interval(values).sd else 0)
        if other is not moved.sd:
            np.testing.assert_allclose(other, expected, atol=1e-6)
    np.testing.assert_allclose(moved.sd, metrics.interval(values).sd * scale, atol=1e-6)
    assert moved.low <= moved.mean <= moved.high


@pytest.mark.parametrize("values", [[], [3.0], [np.nan, 3.0], [np.nan, np.nan]])
def test_no_interval_below_two_values(values: list[float]) -> None:
    found = metrics.interval(np.array(values, float))
    known = [value for value in values if value == value]
    np.testing.assert_equal(found.mean, known[0] if known else np.nan)
    assert np.isnan([found.sd, found.low, found.high]).all()


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(st.integers(-5, 5), st.just(None)), max_size=12))
def test_places_count_those_that_are_better(values: list[int | None]) -> None:
    known = [-99 if value is None else value for value in values]
    expected = [1 + sum(other > mine for other in known) for mine in known]
    assert metrics.places([np.nan if value is None else value for value in values]).tolist() == expected


def test_the_order_of_a_sum_decides_no_place() -> None:
    assert metrics.places([0.1 + 0.2, 0.3, 0.2]).tolist() == [1, 1, 3]
    assert metrics.places([[1.0, 2.0], [2.0, 1.0]]).tolist() == [[2, 1], [1, 2]]


def test_cooperations_of_the_thirty_strategies() -> None:
    known = truth("classic/axelrod.json")
    joint = np.array(known["states"])
    counts = metrics.cooperations(joint)
    assert counts.tolist() == known["cooperations"]
    shares = metrics.states(joint)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    expected = [sum(known["states"][3][j][0] for j in range(30) if j != 3) / (29 * known["turns"])]
    assert shares[3, 0] == pytest.approx(expected[0])


def test_ratings_of_the_thirty_strategies() -> None:
    known = truth("classic/axelrod.json")
    counts, turns = known["cooperations"], known["turns"]
    found = metrics.ratings(counts, turns)
    for i in (0, 5, 17, 29):
        others = [j for j in range(30) if j != i]
        assert found["cooperating"][i] == pytest.approx(sum(counts[i][j] for j in others) / (29 * turns))
        assert found["good_partner"][i] == pytest.approx(sum(counts[i][j] >= counts[j][i] for j in others) / 29)
    for name, square in (
        ("eigenjesus", found_shares(counts, turns)),
        ("eigenmoses", 2 * found_shares(counts, turns) - 1),
    ):
        values, vectors = np.linalg.eig(square)
        principal = np.real(vectors[:, np.argmax(np.abs(values))])
        assert abs(principal @ found[name]) == pytest.approx(1, abs=1e-4)  # the iteration stops at steps of 1e-3
        assert np.linalg.norm(found[name]) == pytest.approx(1)


def found_shares(counts: list[list[int]], turns: int) -> np.ndarray:
    return np.array(counts) / turns


def test_repetitions_add_up() -> None:
    luck = np.random.default_rng(3)
    counts = luck.integers(0, 21, (5, 4, 4)).astype(float)
    found = metrics.ratings(counts, 20)
    good = [sum(counts[r, 1, j] >= counts[r, j, 1] for r in range(5) for j in (0, 2, 3)) / 15]
    assert found["good_partner"][1] == pytest.approx(good[0])
    np.testing.assert_allclose(found["cooperating"], metrics.cooperating(counts.sum(0), 100))
    np.testing.assert_array_equal(metrics.partners(counts).diagonal(), 0)


def test_nobody_cooperates() -> None:
    found = metrics.ratings(np.zeros((3, 3)), 10)
    assert np.isnan(found["eigenjesus"]).all()
    assert found["cooperating"].tolist() == [0, 0, 0]


@pytest.mark.parametrize("noise", [0, 0.1])
def test_ratings_are_those_of_axelrod_python(noise: float) -> None:
    axelrod = pytest.importorskip("axelrod")
    kinds = ("Random", "Cooperator", "Defector", "TitForTat", "GTFT", "Grudger", "Alternator")
    players = [getattr(axelrod, kind)() for kind in kinds]
    played = axelrod.Tournament(players, turns=30, repetitions=3, noise=noise, seed=4).play(progress_bar=False)
    counts, turns = np.array(played.cooperation), np.array(played.match_lengths).sum(0)
    shares = metrics.normalised(counts, turns)
    np.testing.assert_allclose(shares, played.normalised_cooperation, atol=1e-12)
    np.testing.assert_allclose(metrics.vengeance(shares), played.vengeful_cooperation, atol=1e-12)
    np.testing.assert_allclose(metrics.eigenjesus(shares), played.eigenjesus_rating, atol=1e-12)
    np.testing.assert_allclose(metrics.eigenmoses(shares), played.eigenmoses_rating, atol=1e-12)
    np.testing.assert_allclose(metrics.cooperating(counts, turns), played.cooperating_rating, atol=1e-12)


def test_answers_to_what_happened() -> None:
    moves = truth("classic/axelrod.json")["first40"]["Grudger|Alternator"]
    after = np.zeros((4, 2))
    for (mine, theirs), (later, _) in itertools.pairwise(zip(*moves, strict=True)):
        after[["CC", "CD", "DC", "DD"].index(mine + theirs), "CD".index(later)] += 1
    # Grim turns at the first D, and never back.
    assert metrics.answers(after).tolist() == [1, 0, 0, 0]
    assert metrics.vengeful(after) == 1
    assert metrics.forgiving(after) == 0
    generous = np.array([[9, 1], [3, 7], [5, 5], [1, 3]])
    assert metrics.vengeful(generous) == 10 / 14
    assert metrics.forgiving(generous) == 0.3
    assert np.isnan(metrics.forgiving(np.zeros((4, 2))))
