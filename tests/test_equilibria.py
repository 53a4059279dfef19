"""Equilibria: none is false, none of a small game is missing, and what is special is said."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dilemmas.errors import MissingExtra, UsageError
from dilemmas.rules.equilibria import (
    Equilibrium,
    analyse,
    dominant,
    equilibria,
    is_degenerate,
    pareto,
    pure,
    regret,
    undominated,
)
from dilemmas.rules.matrix import Matrix
from dilemmas.rules.ordinal import describe, ordinal
from dilemmas.rules.travellers import travellers


def game(one: Any, two: Any = None) -> Matrix:
    row = np.asarray(one, float)
    column = row.T if two is None else np.asarray(two, float)
    names = tuple(tuple(f"{seat}{i}" for i in range(size)) for seat, size in zip("ab", row.shape, strict=True))
    return Matrix(actions=names, payoffs={"row": row, "column": column})


def tables(low: int, high: int, most: int = 3) -> st.SearchStrategy[Matrix]:
    """Games with small whole payoffs: many are degenerate."""
    shape = st.tuples(st.integers(1, most), st.integers(1, most))
    return st.tuples(shape, st.integers(0, 2**31)).map(
        lambda drawn: game(*np.random.default_rng(drawn[1]).integers(low, high, (2, *drawn[0])))
    )


def flat(found: list[Equilibrium]) -> np.ndarray:
    return np.array([[*one.first, *one.second] for one in found])


def mixed_2x2(rules: Matrix) -> tuple[float, float] | None:
    """Chances of the first actions in the fully mixed equilibrium, from the two indifference equations."""
    (a, b), (c, d) = rules.table[:, :, 1].T  # second's payoffs: [own][other]
    (e, f), (g, h) = rules.table[:, :, 0]
    below, beside = (a - c) - (b - d), (e - g) - (f - h)
    if not below or not beside:
        return None
    p, q = (d - b) / below, (h - f) / beside
    return (p, q) if 0 < p < 1 and 0 < q < 1 else None


# -- known games ---------------------------------------------------------------------------------------------------


def test_known_equilibria() -> None:
    third = [1 / 3] * 3
    cases = [
        (game([[3, 0], [5, 1]]), [[0, 1, 0, 1]]),
        (game([[10, 0], [0, 7]], [[7, 0], [0, 10]]), [[1, 0, 1, 0], [0, 1, 0, 1], [10 / 17, 7 / 17, 7 / 17, 10 / 17]]),
        (game([[1, -1], [-1, 1]], [[-1, 1], [1, -1]]), [[0.5] * 4]),
        (game([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]), [[*third, *third]]),
        # von Stengel (2002), example 2.1: three equilibria, one of them pure
        (
            game([[3, 3], [2, 5], [0, 6]], [[3, 2], [2, 6], [3, 1]]),
            [[1, 0, 0, 1, 0], [0.8, 0.2, 0, 2 / 3, 1 / 3], [0, 1 / 3, 2 / 3, 1 / 3, 2 / 3]],
        ),
    ]
    for rules, known in cases:
        found = equilibria(rules)
        assert len(found) == len(known)
        for one in known:
            assert np.isclose(flat(found), one, atol=1e-9).all(axis=1).any()
        assert not is_degenerate(rules)


def test_battle_of_the_sexes_pays_less_when_mixed() -> None:
    mixed = equilibria(game([[10, 0], [0, 7]], [[7, 0], [0, 10]]))[-1]
    assert not mixed.pure
    assert mixed.payoffs == pytest.approx((70 / 17, 70 / 17))


@pytest.mark.parametrize("number", range(1, 145))
def test_ordinal_games(number: int) -> None:
    rules, known = ordinal(number), describe(number)
    found = equilibria(rules)
    cells = [f"r{one.first.index(1) + 1}c{one.second.index(1) + 1}" for one in found if one.pure]
    assert sorted(cells) == sorted(known.nash)
    mixed = [one for one in found if not one.pure]
    closed = mixed_2x2(rules)
    assert len(mixed) == (closed is not None)
    if closed is not None:
        assert (mixed[0].first[0], mixed[0].second[0]) == pytest.approx(closed, abs=1e-12)
    assert len(found) % 2 == 1  # Wilson (1971)
    assert not is_degenerate(rules)
    assert (dominant(rules, 0) is not None, dominant(rules, 1) is not None) == known.dominant


# -- laws -----------------------------------------------------------------------------------------------------------


@settings(max_examples=80, deadline=None)
@given(tables(-2, 3))
def test_none_is_false_and_there_is_always_one(rules: Matrix) -> None:
    found = equilibria(rules)
    assert found
    for one in found:
        first, second = np.array(one.first), np.array(one.second)
        assert first.sum() == pytest.approx(1)
        assert second.sum() == pytest.approx(1)
        assert min(first.min(), second.min()) >= 0
        replies = (rules.table[:, :, 0] @ second).max(), (first @ rules.table[:, :, 1]).max()
        assert max(np.subtract(replies, one.payoffs)) <= 1e-9
        assert one.regret <= 1e-9
        assert one.payoffs == pytest.approx([first @ rules.table[:, :, seat] @ second for seat in (0, 1)])
    if not is_degenerate(rules):
        assert len(found) % 2 == 1
    rounded = {tuple(np.round(row, 6)) for row in flat(found)}
    assert len(rounded) == len(found)


@settings(max_examples=60, deadline=None)
@given(tables(-2, 3))
def test_pure_ones_are_the_cells_of_best_replies(rules: Matrix) -> None:
    one, two = rules.table[:, :, 0], rules.table[:, :, 1]
    cells = [
        (i, j)
        for i in range(one.shape[0])
        for j in range(one.shape[1])
        if one[i, j] == one[:, j].max() and two[i, j] == two[i].max()
    ]
    assert [(e.first.index(1), e.second.index(1)) for e in pure(rules)] == cells
    assert [e for e in equilibria(rules) if e.pure] == pure(rules)


@settings(max_examples=60, deadline=None)
@given(tables(0, 3))
def test_nothing_is_missing_against_a_search_of_all_supports(rules: Matrix) -> None:
    """Every extreme equilibrium is listed: none found by solving each pair of supports lies outside."""
    found = flat(equilibria(rules))
    for candidate in by_supports(rules):
        assert np.isclose(found, candidate, atol=1e-6).all(axis=1).any()


def by_supports(rules: Matrix) -> list[np.ndarray]:
    """Equilibria that are the only ones with their supports, by least squares on the indifference equations."""
    one, two = rules.table[:, :, 0], rules.table[:, :, 1]
    m, n = one.shape
    sets = [[[k for k in range(size) if bits >> k & 1] for bits in range(1, 2**size)] for size in (m, n)]
    kept = []
    for rows in sets[0]:
        for columns in sets[1]:
            y, x = _indifferent(one, rows, columns), _indifferent(two.T, columns, rows)
            if x is None or y is None:
                continue
            if regret(rules, x, y)[0] <= 1e-9:
                kept.append(np.append(x, y))
    return kept


def _indifferent(side: np.ndarray, rows: list[int], columns: list[int]) -> np.ndarray | None:
    """The only mixture of ``columns`` that makes ``rows`` equally good, or None where there is none or many."""
    picked = side[np.ix_(rows, columns)]
    system = np.vstack([picked[1:] - picked[:1], np.ones(len(columns))])
    goal = np.append(np.zeros(len(rows) - 1), 1.0)
    if np.linalg.matrix_rank(system) < len(columns):
        return None
    solution = np.linalg.lstsq(system, goal, rcond=None)[0]
    if np.abs(system @ solution - goal).max() > 1e-9 or solution.min() < 1e-9:
        return None
    whole = np.zeros(side.shape[1])
    whole[columns] = solution
    return whole


@settings(max_examples=50, deadline=None)
@given(tables(-3, 4), st.floats(0.01, 1e4), st.floats(-1e3, 1e3))
def test_units_do_not_matter(rules: Matrix, scale: float, shift: float) -> None:
    other = game(rules.table[:, :, 0] * scale + shift, rules.table[:, :, 1] * scale - shift)
    assert is_degenerate(other) == is_degenerate(rules)
    ours, theirs = flat(equilibria(rules)), flat(equilibria(other))
    assert len(ours) == len(theirs)
    assert all(np.isclose(theirs, row, atol=1e-6).all(axis=1).any() for row in ours)


@settings(max_examples=60, deadline=None)
@given(tables(-3, 4, 4))
def test_leaving_out_dominated_actions_loses_nothing(rules: Matrix) -> None:
    rows, columns = undominated(rules)
    for one in equilibria(rules):
        assert not {*np.flatnonzero(one.first)} - {*rows}
        assert not {*np.flatnonzero(one.second)} - {*columns}


@settings(max_examples=60, deadline=None)
@given(tables(0, 4, 4))
def test_pareto_cells_by_definition(rules: Matrix) -> None:
    cells = rules.table.reshape(-1, 2)
    better = [((cells >= cell).all(1) & (cells > cell).any(1)).any() for cell in cells]
    shape = rules.table.shape[1]
    assert pareto(rules) == [divmod(k, shape) for k, beaten in enumerate(better) if not beaten]


# -- what is special --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "degenerate"),
    [
        (game([[1, 1], [1, 0]]), True),
        (game([[0, 0], [0, 0]]), True),
        (game([[3, 3], [2, 5], [0, 6]], [[3, 3], [2, 6], [3, 1]]), True),  # von Stengel (2002), example 2.3
        (game([[1, 0], [1, 0]], [[1, 2], [3, 0]]), True),
        (game([[2, 2], [1, 1]], [[1, 0], [5, 0]]), False),  # the tie is with a dominated action alone
        (game(np.eye(3)), False),
        (game([[3, 0], [5, 1]]), False),
    ],
)
def test_degenerate_games_are_said_to_be_so(rules: Matrix, degenerate: bool) -> None:
    said = analyse(rules)
    assert said.degenerate == is_degenerate(rules) == degenerate
    assert said.complete is not degenerate
    assert ("infinitely many" in said.note) == degenerate
    assert said.equilibria


def test_mixtures_between_the_extreme_ones_of_a_degenerate_game_have_no_regret() -> None:
    rules = game([[3, 3], [2, 5], [0, 6]], [[3, 3], [2, 6], [3, 1]])
    for share in (0.0, 0.3, 1.0):
        second = share * np.array([1.0, 0]) + (1 - share) * np.array([2 / 3, 1 / 3])
        assert regret(rules, np.array([1.0, 0, 0]), second)[0] <= 1e-12
    ends = flat(equilibria(rules))
    for end in ([1, 0, 0, 1, 0], [1, 0, 0, 2 / 3, 1 / 3]):
        assert np.isclose(ends, end).all(axis=1).any()


def test_large_games_give_their_pure_equilibria_and_say_so() -> None:
    said = analyse(travellers())
    assert [(one.first.index(1), one.second.index(1)) for one in said.equilibria] == [(0, 0)]
    assert not said.complete
    assert "pure equilibria only" in said.note
    assert said.pareto == (("99", "100"), ("100", "99"), ("100", "100"))
    with pytest.raises(UsageError, match="too large"):
        is_degenerate(travellers())


def test_what_is_said_of_a_prisoners_dilemma() -> None:
    said = analyse(ordinal("PdPd"))
    assert said.dominant == ("2", "2")
    assert said.pareto == (("1", "1"), ("1", "2"), ("2", "1"))
    assert said.complete
    assert said.note == ""
    assert said.title == "Prisoner's Dilemma (ordinal game 67, PdPd, PD Family)"


def test_classes_of_games_with_ties() -> None:
    titles = [
        ([[1, -1], [-1, 1]], [[-1, 1], [1, -1]], "zero-sum game, 2 x 2"),
        ([[3, 1], [1, 3]], [[0, 2], [2, 0]], "constant-sum game, 2 x 2"),
        ([[2, 0], [0, 1]], [[2, 0], [0, 1]], "pure coordination game, 2 x 2"),
        ([[2, 0], [0, 1]], [[1, 0], [0, 2]], "battle-of-the-sexes game, 2 x 2"),
        ([[1, 1], [1, 0]], [[1, 1], [1, 0]], "common-interest game, 2 x 2"),
        (np.eye(3), np.eye(3), "pure coordination game, 3 x 3"),
        ([[0, 5, 1]], [[1, 2, 2]], "asymmetric game, 1 x 3"),
    ]
    for one, two, title in titles:
        assert analyse(game(one, two), mixed=False).title == title


def test_without_the_library_pure_equilibria_still_work(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.split(".")[0] == "nashpy":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    rules = game([[10, 0], [0, 7]], [[7, 0], [0, 10]])
    assert len(equilibria(rules, mixed=False)) == 2
    assert not analyse(rules, mixed=False).complete
    with pytest.raises(MissingExtra, match=r"dilemmas\[equilibria\]"):
        equilibria(rules)
