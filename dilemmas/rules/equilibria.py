"""Nash equilibria of a stage game, each verified, and what else its payoff table says: Pareto cells, dominance, class.

Pure equilibria are read off the table. Mixed ones come from nashpy (support enumeration), after actions
that are strictly dominated have been left out, which loses no equilibrium. Nashpy compares floats exactly and misses
some equilibria of degenerate games; the corners of the two best-response polytopes, which show whether a game is
degenerate, fill the gap: every extreme equilibrium is a pair of corners that together carry all labels (Mangasarian
1964; von Stengel 2002). Nothing is reported whose regret is not below the tolerance.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dilemmas.errors import UsageError, missing
from dilemmas.rules.classes import title
from dilemmas.rules.matrix import Matrix

Floats = NDArray[np.float64]
REGRET = 1e-9
LARGEST = 6  # undominated actions a seat up to which mixed equilibria are searched: beyond, support pairs explode
ENDLESS = (
    "degenerate: a strategy has more best replies than actions in its support, so there may be infinitely many "
    "equilibria; those listed include every extreme one, and others are mixtures of them"
)
PARTIAL = "more than {} undominated actions a seat: pure equilibria only"


@dataclass(frozen=True)
class Equilibrium:
    """A pair of strategies from which neither seat gains by deviating.

    ``first`` and ``second`` are chances by action, ``payoffs`` expected points of both seats, ``regret`` the most that
    a seat would gain by a pure deviation, in points (at most 1e-9 times the spread of the payoffs, or 1e-9).
    """

    first: tuple[float, ...]
    second: tuple[float, ...]
    payoffs: tuple[float, float]
    regret: float

    @property
    def pure(self) -> bool:
        """Whether both play a single action."""
        return max(self.first) == max(self.second) == 1.0


@dataclass(frozen=True)
class Analysis:
    """What the payoff table says; cells are (action of seat 1, action of seat 2) by name.

    ``dominant`` holds each seat's dominant action (at least as good against everything, better against something) or
    None, ``note`` what is special (degenerate, too large for mixed equilibria), ``title`` the class of the game.
    """

    equilibria: tuple[Equilibrium, ...]
    pareto: tuple[tuple[str, str], ...]
    dominant: tuple[str | None, str | None]
    degenerate: bool
    complete: bool
    title: str
    note: str


def analyse(game: Matrix, *, mixed: bool = True) -> Analysis:
    """Everything at once; without ``mixed`` only pure equilibria are looked for, and no extra library is needed."""
    searched = searchable(game)
    degenerate = searched and is_degenerate(game)
    note = ENDLESS if degenerate else "" if searched else PARTIAL.format(LARGEST)
    return Analysis(
        equilibria=tuple(equilibria(game, mixed=mixed)),
        pareto=tuple((game.names[0][i], game.names[1][j]) for i, j in pareto(game)),
        dominant=(dominant(game, 0), dominant(game, 1)),
        degenerate=degenerate,
        complete=mixed and searched and not degenerate,
        title=title(game),
        note=note,
    )


def equilibria(game: Matrix, *, mixed: bool = True) -> list[Equilibrium]:
    """Nash equilibria of the stage game, pure ones first, each verified to have no regret.

    In degenerate games these are the extreme ones, of perhaps infinitely many (:func:`is_degenerate`); where a seat has
    more than six undominated actions, the pure ones alone. Raises MissingExtra where nashpy is not installed.
    """
    found = pure(game)
    if mixed and searchable(game):
        rows, columns = undominated(game)
        for first, second in _candidates(game.table[np.ix_(rows, columns)]):
            _add(found, game, _spread(first, rows, game, 0), _spread(second, columns, game, 1))
    return found


def pure(game: Matrix) -> list[Equilibrium]:
    """Cells in which both actions are best replies; ties count, to 1e-9 of the spread of the payoffs."""
    found: list[Equilibrium] = []
    one, two = (side >= side.max(axis=seat, keepdims=True) - _slack(game) for seat, side in enumerate(_sides(game)))
    for i, j in np.argwhere(one & two):
        _add(found, game, np.eye(len(game.names[0]))[i], np.eye(len(game.names[1]))[j])
    return found


def regret(game: Matrix, first: Floats, second: Floats) -> tuple[float, tuple[float, float]]:
    """The most a seat gains by a pure deviation from a pair of strategies, and what both get, in points."""
    one, two = _sides(game)
    gains, got = [], []
    for side, own, other in ((one, first, second), (two.T, second, first)):
        replies = (side * other).sum(axis=1)
        got.append(float((replies * own).sum()))
        gains.append(float(replies.max()) - got[-1])
    return max(0.0, *gains), (got[0], got[1])


def pareto(game: Matrix) -> list[tuple[int, int]]:
    """Cells that no other cell improves on for one seat without harm to the other."""
    cells = game.table.reshape(-1, 2)
    order = np.lexsort((-cells[:, 1], -cells[:, 0]))
    sorted_ = cells[order]
    fresh = np.append(True, (sorted_[1:] != sorted_[:-1]).any(axis=1))  # not the same payoffs once more
    best = np.maximum.accumulate(sorted_[:, 1])
    # From seat 1's best down, only what gives seat 2 more than all before is efficient.
    better = sorted_[:, 1] > np.append(-np.inf, best[:-1])
    kept = order[better[fresh][np.cumsum(fresh) - 1]]
    return [divmod(k, game.table.shape[1]) for k in sorted(kept.tolist())]


def dominant(game: Matrix, seat: int) -> str | None:
    """The action that is at least as good as every other against everything, and better somewhere; or None."""
    own = game.own[seat]
    best = np.flatnonzero((own == own.max(axis=0)).all(axis=1))
    return game.names[seat][int(best[0])] if len(best) == 1 < len(own) else None


def undominated(game: Matrix) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Actions of both seats that survive leaving out, again and again, what another pure action strictly dominates."""
    left, slack = [np.arange(len(names)) for names in game.names], _slack(game)
    while True:
        before = [len(side) for side in left]
        for seat in (0, 1):
            own = game.own[seat][np.ix_(left[seat], left[1 - seat])]
            left[seat] = left[seat][[not _beaten(row, own, slack) for row in own]]
        if before == [len(side) for side in left]:
            return left[0], left[1]


def _beaten(row: Floats, own: Floats, slack: float) -> bool:
    best = row.argmax()
    rivals = own[own[:, best] > row[best] + slack]  # few, so that games of a thousand actions take no time
    return bool(np.all(rivals > row + slack, axis=1).any())


def searchable(game: Matrix) -> bool:
    """Whether mixed equilibria are searched: no seat has more than six undominated actions."""
    return max(len(side) for side in undominated(game)) <= LARGEST


def is_degenerate(game: Matrix) -> bool:
    """Whether some strategy has more pure best replies than actions in its support (von Stengel 2002).

    Judged after strictly dominated actions are left out. Raises UsageError where the game is too large to tell.
    """
    if not searchable(game):
        raise UsageError("the game is too large to tell whether it is degenerate", expected=PARTIAL.format(LARGEST))
    table = game.table[np.ix_(*undominated(game))]
    both = corners(_positive(table[:, :, 1])), corners(_positive(table[:, :, 0]).T)
    return any(max(np.count_nonzero(tight) for tight in labels) > points.shape[1] for points, labels in both)


def corners(payoffs: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Corners of ``{x >= 0, x payoffs <= 1}`` but the origin, ``(corners, m)``, with labels ``(corners, m + n)``.

    A label says which inequality is tight: action k is not played, or the partner's action k is a best reply.
    ``payoffs`` are positive, ``(m own actions, n of the partner)``.
    """
    m, n = payoffs.shape
    sides, bounds = np.vstack([-np.eye(m), payoffs.T]), np.append(np.zeros(m), np.ones(n))
    chosen = np.array(list(combinations(range(m + n), m)))
    solvable = np.abs(np.linalg.det(sides[chosen])) > 1e-12
    points = np.linalg.solve(sides[chosen[solvable]], bounds[chosen[solvable]][..., None])[..., 0]
    slack = bounds - (points[:, None, :] * sides).sum(axis=2)
    points, slack = points[(slack > -1e-9).all(axis=1)], slack[(slack > -1e-9).all(axis=1)]
    _, distinct = np.unique(np.round(points, 9) + 0.0, axis=0, return_index=True)
    distinct = distinct[points[distinct].sum(axis=1) > 1e-9]
    return points[distinct], slack[distinct] < 1e-9


# -- candidates -----------------------------------------------------------------------------------------------------


def _candidates(table: Floats) -> Iterator[tuple[Floats, Floats]]:
    """Pairs of strategies that may be equilibria: nashpy's, then fully labelled pairs of corners."""
    try:
        import nashpy
    except ImportError:
        raise missing("finding mixed equilibria", "equilibria") from None
    one, two = _positive(table[:, :, 0]), _positive(table[:, :, 1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an even count of equilibria: we say ourselves what that means
        found = list(nashpy.Game(one, two).support_enumeration(non_degenerate=True))
    yield from found
    yield from _labelled(one, two)


def _labelled(one: Floats, two: Floats) -> Iterator[tuple[Floats, Floats]]:
    (xs, mine), (ys, theirs) = corners(two), corners(one.T)
    turned = np.roll(theirs, len(one), axis=1)  # the second polytope's labels: seat 2's own actions come first there
    full = (mine[:, None, :] | turned[None, :, :]).all(axis=2)
    for i, j in np.argwhere(full):
        yield xs[i] / xs[i].sum(), ys[j] / ys[j].sum()


def _positive(payoffs: Floats) -> Floats:
    """The same game with payoffs from 1 to 2."""
    spread = np.ptp(payoffs)
    scaled: Floats = (payoffs - payoffs.min()) / (spread or 1.0) + 1
    return scaled


def _spread(strategy: Any, kept: NDArray[np.intp], game: Matrix, seat: int) -> Floats:
    """A strategy over all actions; chances that are rounding are made nought."""
    whole = np.zeros(len(game.names[seat]))
    whole[kept] = np.where(np.asarray(strategy) < 1e-12, 0.0, strategy)
    whole /= whole.sum()
    return whole


def _add(found: list[Equilibrium], game: Matrix, first: Floats, second: Floats) -> None:
    """Keep a pair if it is an equilibrium and not there yet."""
    gain, got = regret(game, first, second)
    if gain > _slack(game) or not np.isfinite(gain):
        return
    same = (np.allclose(np.append(first, second), one.first + one.second, rtol=0, atol=1e-7) for one in found)
    if not any(same):
        found.append(Equilibrium(tuple(first.tolist()), tuple(second.tolist()), got, gain))


def _sides(game: Matrix) -> tuple[Floats, Floats]:
    return game.table[:, :, 0], game.table[:, :, 1]


def _slack(game: Matrix) -> float:
    return REGRET * max(1.0, float(np.ptp(game.table)))
