"""The 144 strict ordinal 2x2 games: each player ranks the four outcomes from 4 (best) to 1 (worst), without ties.

Up to the names of rows and columns there are 12 ways to rank for the row player and 12 for the column player
(Rapoport & Guyer 1966). Relabel so that row's best outcome lies in column 1 and column's in row 1. Then the grid of
Robinson & Goforth (2005) has at each step the pattern that comes from the last by swapping two neighbouring ranks;
its row number says how row ranks, its column number how column does, in the numbering of Akata et al. (2025):
game = 12 * (row - 1) + column, symmetric games where row + column = 13.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dilemmas.errors import UnknownName, UsageError, nearest
from dilemmas.rules.matrix import Matrix
from dilemmas.rules.ordinal_names import CLASSES, CODES, MISPRINTS, PATTERNS

Ranks = NDArray[np.int64]
ACTIONS = ("1", "2")
_CHICKEN = ((3, 2), (4, 1))
_SWAPS = (2, 1, 2, 1, 2, 3, 2, 1, 2, 1, 2)  # the lower of the two ranks that change places at each step


@dataclass(frozen=True)
class Ordinal:
    """What is known of one of the games; ``first`` and ``second`` are payoffs [row's action][column's action].

    ``code`` joins the abbreviations of the two patterns (Bruns 2015), ``title`` is the published name (several games
    share one), ``family`` follows the best pure equilibrium, ``twin`` numbers the 78 games that differ by more than
    which player is called row. ``nash`` lists cells as r1c1.
    """

    number: int
    row: int
    column: int
    first: tuple[tuple[int, int], tuple[int, int]]
    second: tuple[tuple[int, int], tuple[int, int]]
    code: str
    patterns: tuple[str, str]
    title: str
    family: str
    symmetric: bool
    nash: tuple[str, ...]
    dominant: tuple[bool, bool]
    twin: int


@lru_cache
def patterns() -> tuple[Ranks, ...]:
    """The 12 ways in which a row player can rank, ``(2, 2)`` each, in the order of the grid."""
    found = [np.array(_CHICKEN)]
    for low in _SWAPS:
        was = found[-1]
        found.append(np.where(was == low, low + 1, np.where(was == low + 1, low, was)))
    return tuple(found)


def payoffs(number: int, as_published: bool = False) -> tuple[Ranks, Ranks]:
    """Payoffs of row and of column, ``(2, 2)`` each, of game 1 to 144; ``as_published`` with the printed ties."""
    row, column = divmod(number - 1, 12)
    first, second = patterns()[row].copy(), patterns()[11 - column].T.copy()
    if as_published and number in MISPRINTS:
        seat, i, j, value = MISPRINTS[number]
        (first, second)[seat - 1][i - 1, j - 1] = value
    return first, second


@lru_cache
def describe(game: int | str) -> Ordinal:
    """Everything about a game, by its number, its code (``PdPd``) or its published name."""
    number = find(game)
    row, column = divmod(number - 1, 12)
    first, second = payoffs(number)
    mine, theirs = column_of(row), column_of(column)
    twin = twins()[number]
    return Ordinal(
        number=number,
        row=row + 1,
        column=column + 1,
        first=_nested(first),
        second=_nested(second),
        code=CODES[row] + CODES[theirs],
        patterns=(PATTERNS[row], PATTERNS[theirs]),
        title=CLASSES[twin - 1],
        family=family(first, second),
        symmetric=mine == column,
        nash=tuple(f"r{i + 1}c{j + 1}" for i, j in np.argwhere(nash(first, second))),
        dominant=(_dominant(first), _dominant(second.T)),
        twin=twin,
    )


def column_of(row: int) -> int:
    """The grid's column, from 0, of the pattern that row number ``row`` stands for, and the other way round."""
    return 11 - row


@lru_cache
def twins() -> dict[int, int]:
    """For each game the number, from 1, of its class under swapping the players, in order of first appearance."""
    found: dict[int, int] = {}
    classes = 0
    for number in range(1, 145):
        row, column = divmod(number - 1, 12)
        other = 12 * column_of(column) + column_of(row) + 1
        classes += other not in found
        found[number] = found.get(other, classes)
    return found


def nash(first: NDArray[Any], second: NDArray[Any]) -> NDArray[np.bool_]:
    """Cells that are pure equilibria: best replies to each other."""
    found: NDArray[np.bool_] = (first == first.max(axis=0)) & (second == second.max(axis=1, keepdims=True))
    return found


def family(first: Ranks, second: Ranks) -> str:
    """The family by the ranks of the best pure equilibrium (Bruns 2015; verified on all published labels).

    No pure equilibrium: Cyclic. Ranks 4, 4: Win-win; 4, 3: Biased; 3, 3: Second Best; 4, 2: Unfair. Below that, PD
    Family where another cell is better for both, otherwise Tragic.
    """
    cells = [(int(first[i, j]), int(second[i, j])) for i, j in np.argwhere(nash(first, second))]
    if not cells:
        return "Cyclic"
    best = max(cells, key=lambda cell: (min(cell), max(cell)))
    named = {(4, 4): "Win-win", (3, 4): "Biased", (3, 3): "Second Best", (2, 4): "Unfair"}
    ranks = (min(best), max(best))
    dominated = ((first > best[0]) & (second > best[1])).any()
    return named.get(ranks) or ("PD Family" if dominated else "Tragic")


def dilemma(own: Ranks) -> bool:
    """Whether action 1 is cooperation for this player (``[own][other]``), by the conditions of Dawes (1980).

    Both cooperating beats both defecting, one's own defection hurts the other's cooperation, and greed (T > R) or
    fear (P > S) speaks for defecting: chicken, prisoner's dilemma, stag hunt and assurance.
    """
    (r, s), (t, p) = own.tolist()
    return bool(r > p and r > s and t > s and (t > r or p > s))


def ordinal(game: int | str = "PdPd", as_published: bool = False, **matrix: Any) -> Matrix:
    """One of the 144 games with actions ``1`` and ``2``, by number, code (``ShSh``) or published name.

    ``as_published`` gives the payoffs that were printed and played by Akata et al. (2025), 15 games with a tie, instead
    of the corrected ones. Where action 1 is cooperation for both players, the actions have the roles cooperate and
    defect. Further keywords are those of :class:`Matrix` (rounds, noise, ...). Raises UnknownName, UsageError.
    """
    number = find(game)
    first, second = payoffs(number, as_published)
    known = payoffs(number)
    both = dilemma(known[0]) and dilemma(known[1].T)
    matrix.setdefault("roles", {"1": "cooperate", "2": "defect"} if both else {})
    return Matrix(actions=ACTIONS, payoffs={"row": first.tolist(), "column": second.tolist()}, **matrix)


def find(game: int | str) -> int:
    """The number of a game given by number, code or published name; a name that several games share is an error."""
    if isinstance(game, int) or game.strip().isdigit():
        return _numbered(game)
    named, text = _names(), str(game)
    found = named.get(_plain(text))
    if found is None:
        known = "1 to 144, a code such as PdPd, or a name"
        raise UnknownName(f"no ordinal game is called {text!r}", expected=known, remedy=_nearest(text))
    if len({twins()[number] for number in found}) > 1:
        listed = ", ".join(f"{number} ({_code(number)})" for number in found)
        raise UsageError(f"{text!r} is the name of {len(found)} different games", expected=f"one of {listed}")
    return found[0]


def identify(first: NDArray[Any], second: NDArray[Any]) -> int | None:
    """The number of any strict 2x2 game, whatever its payoffs and the order of its actions; None with ties."""
    if any(np.unique(side).size != 4 for side in (first, second)):
        return None
    one, two = (np.argsort(np.argsort(side.ravel())).reshape(2, 2) + 1 for side in (first, second))
    row, column = np.argmax(two.max(axis=1)), np.argmax(one.max(axis=0))  # where the best outcomes of two and one lie
    one, two = (side[[row, 1 - row]][:, [column, 1 - column]] for side in (one, two))
    rows = [i for i, pattern in enumerate(patterns()) if np.array_equal(pattern, one)]
    columns = [column_of(i) for i, pattern in enumerate(patterns()) if np.array_equal(pattern.T, two)]
    return 12 * rows[0] + columns[0] + 1


def family_of(game: Matrix) -> str | None:
    """The family of a game of two by two, whatever its payoffs; None with ties, but for the 15 printed with one."""
    if game.codes != 4 or game.table.shape[:2] != (2, 2):
        return None
    first, second = game.table[:, :, 0], game.table[:, :, 1]
    number = identify(first, second) or _printed().get((*first.ravel().tolist(), *second.ravel().tolist()))
    return None if number is None else describe(number).family


@lru_cache
def _printed() -> dict[tuple[float, ...], int]:
    """The games that were printed with a tie, by all their payoffs."""
    found = {number: payoffs(number, as_published=True) for number in MISPRINTS}
    return {tuple(float(rank) for side in sides for rank in side.ravel()): number for number, sides in found.items()}


def _numbered(game: int | str) -> int:
    number = int(game)
    if isinstance(game, bool) or not 1 <= number <= 144:
        raise UnknownName(f"no ordinal game has the number {game}", expected="1 to 144")
    return number


def _nested(ranks: Ranks) -> tuple[tuple[int, int], tuple[int, int]]:
    (a, b), (c, d) = ranks.tolist()
    return (a, b), (c, d)


def _dominant(own: Ranks) -> bool:
    return bool((own[0] > own[1]).all() or (own[1] > own[0]).all())


def _code(number: int) -> str:
    row, column = divmod(number - 1, 12)
    return CODES[row] + CODES[column_of(column)]


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


@lru_cache
def _names() -> dict[str, tuple[int, ...]]:
    """Every code, and every name with all the games that bear it, in plain letters."""
    found: dict[str, tuple[int, ...]] = {_plain(_code(number)): (number,) for number in range(1, 145)}
    for number in range(1, 145):
        name = _plain(CLASSES[twins()[number] - 1])
        found[name] = (*found.get(name, ()), number)
    # The pattern's own name means its symmetric game: "Stag Hunt" is ShSh, whatever else bears it.
    for row, pattern in enumerate(PATTERNS):
        found[_plain(pattern)] = (12 * row + column_of(row) + 1,)
    return found


def _nearest(text: str) -> str:
    return nearest(text, [*CLASSES, *PATTERNS, *map(_code, range(1, 145))])
