"""Expected payoffs of automata against each other, computed from the Markov chain instead of played.

Both kinds of noise and every horizon are those of ``rules/matrix.py``: a fixed number of rounds; a geometric number
(expected total payoff over expected rounds, so round t weighs continuation**t), cut or not; and the long-run mean.
Two memory-one strategies take the short way of ``exact_vectors`` (Nowak & Sigmund 1990; Press & Dyson 2012), all
others the joint chain of ``exact_chain``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dilemmas.engine import exact_chain, exact_vectors
from dilemmas.errors import Misfit, UsageError
from dilemmas.rules.length import DEFAULT_ROUNDS
from dilemmas.rules.matrix import Matrix
from dilemmas.strategies.machine import Machine, Table

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_CELLS = 1 << 21  # of joint states times joint actions that are searched together
_NOTHING = 1e-18  # what is left of the weight where an endless sum is cut


@dataclass(frozen=True)
class Expected:
    """What pairs of strategies are expected to come to, a round.

    ``payoff`` and ``cooperation`` (chance of the action with role cooperate, NaN where the seat has none) are
    ``(pairs, 2)``, ``joint`` ``(pairs, actions of seat 1 * actions of seat 2)`` the frequencies of joint actions,
    ``rounds`` the expected number of rounds (infinite for the long run), ``method`` how it was computed.
    """

    pairs: Ints
    payoff: Floats
    cooperation: Floats
    joint: Floats
    rounds: float
    method: str


@dataclass(frozen=True)
class Horizon:
    """How rounds are weighed: ``rounds`` (None: without end) with weight ``discount`` ** t, or the long run."""

    rounds: int | None
    discount: float = 1.0

    @classmethod
    def of(cls, game: Matrix, limit: bool = False) -> Horizon:
        """The horizon of a game, or the long run; a continuation of 1 with ``rounds`` is a fixed length."""
        if limit:
            return cls(None)
        if game.continuation is None:
            return cls(game.rounds or DEFAULT_ROUNDS)
        return cls(game.rounds, game.continuation)

    @property
    def endless(self) -> bool:
        """Whether this is the long-run mean."""
        return self.rounds is None and self.discount == 1

    @property
    def counted(self) -> int:
        """Rounds to sum over: all, or those whose weight is more than nothing."""
        if not 0 < self.discount < 1:
            return 1 if self.discount == 0 else self.rounds or 1
        needed = ceil(log(_NOTHING * (1 - self.discount)) / log(self.discount))
        # A power of two is the quickest to sum by doubling, and the weight of what it adds is nothing.
        return 1 << (needed - 1).bit_length() if self.rounds is None else min(self.rounds, needed)

    @property
    def mean(self) -> float:
        """Expected number of rounds."""
        if self.discount == 1:
            return float("inf") if self.rounds is None else float(self.rounds)
        tail = 0.0 if self.rounds is None else self.discount**self.rounds
        return (1 - tail) / (1 - self.discount)

    def __str__(self) -> str:
        if self.discount == 1:
            return "exact-limit" if self.rounds is None else f"exact-{self.rounds}"
        return "exact-geometric" if self.rounds is None else f"exact-geometric-{self.rounds}"


def expected(
    game: Matrix, first: Sequence[Any], second: Sequence[Any], pairs: Any = None, *, limit: bool = False
) -> Expected:
    """Expected payoff, cooperation and joint actions a round of ``first[i]`` in seat 1 against ``second[j]`` in seat 2.

    ``pairs`` is ``(pairs, 2)`` indices (i, j), by default every first with every second, the second running faster;
    ``limit`` asks for the long-run mean instead of the game's own horizon. A pair's numbers do not depend on which
    others are asked for. Raises Misfit for a strategy that is no machine or that cannot play this game.
    """
    horizon = Horizon.of(_matrix(game), limit)
    tables = _fitted(game, first, 0), _fitted(game, second, 1)
    where = _pairs(pairs, len(first), len(second))
    joint = np.empty((len(where), game.codes))
    vectors = [[vector(table) for table in side] if game.codes == 4 else [None] * len(side) for side in tables]
    plain = [np.array([one is not None for one in side], bool) for side in vectors]
    short = plain[0][where[:, 0]] & plain[1][where[:, 1]]
    if short.any():
        joint[short] = _short(game, [_stacked(game, side) for side in vectors], where[short], horizon)
    if not short.all():
        joint[~short] = _long(game, tables, where[~short], horizon)
    return Expected(where, paid(game, joint), cooperation(game, joint), joint, horizon.mean, str(horizon))


def memory_one_payoffs(
    p: Any,
    p0: Any,
    q: Any,
    q0: Any,
    game: Matrix,
    *,
    rounds: int | None = None,
    continuation: float | None = None,
    noise: float | None = None,
    perception_noise: float | None = None,
    limit: bool = False,
    pairs: Any = None,
) -> Floats:
    """Expected payoffs a round, ``(pairs, 2)``, of vectors: chances to cooperate after (own, other) CC, CD, DC, DD.

    ``p`` and ``q`` are ``(n, 4)``, the openings ``p0`` and ``q0`` ``(n,)``; row k of p meets row k of q, or ``pairs``
    ``(pairs, 2)`` says who meets whom. C is each seat's cooperative action, or its first one. Numbers given replace
    the game's (``rounds`` or ``continuation`` the whole horizon). Raises UsageError for games of other sizes.
    """
    changes = {"noise": noise, "perception_noise": perception_noise}
    if rounds is not None or continuation is not None:
        changes |= {"rounds": rounds, "continuation": continuation}
    given = {key: value for key, value in changes.items() if value is not None or key in ("rounds", "continuation")}
    game = Matrix(**{**_matrix(game).model_dump(), **given})
    if game.codes != 4 or len(game.names[0]) != 2:
        raise UsageError(
            "memory-one vectors are for games with two actions a seat", remedy="Give machines to expected() instead."
        )
    sides = [_oriented(game, after, opening, seat) for seat, (after, opening) in enumerate([(p, p0), (q, q0)])]
    where = None if pairs is None else np.asarray(pairs, np.int64)
    return paid(game, _short(game, sides, where, Horizon.of(game, limit)))


def paid(game: Matrix, joint: Floats) -> Floats:
    """Payoffs of both seats from frequencies of joint actions: a sum in fixed order, so no product's shape matters."""
    return np.stack([_weighed(joint, game.table[:, :, seat].ravel()) for seat in (0, 1)], axis=1)


def cooperation(game: Matrix, joint: Floats) -> Floats:
    """Chance that each seat plays the action with role cooperate, NaN where it has none."""
    shape = tuple(len(names) for names in game.names)
    shares = []
    for seat in (0, 1):
        role = game.role("cooperate", seat)
        chosen = np.zeros(shape)
        if role is not None:
            chosen.swapaxes(0, seat)[role] = 1.0
        shares.append(_weighed(joint, chosen.ravel()) if role is not None else np.full(len(joint), np.nan))
    return np.stack(shares, axis=1)


def _weighed(joint: Floats, weights: Floats) -> Floats:
    total = np.zeros(len(joint))
    for code in np.flatnonzero(weights):
        total += joint[:, code] * weights[code]
    return total


# -- what is asked for ------------------------------------------------------------------------------------------


def _matrix(game: Any) -> Matrix:
    if not isinstance(game, Matrix):
        kind = getattr(game, "kind", type(game).__name__)
        raise Misfit(f"exact payoffs are for matrix games, not for a {kind} game", remedy="Leave --exact out.")
    return game


def _fitted(game: Matrix, strategies: Sequence[Any], seat: int) -> list[Table]:
    for strategy in strategies:
        if not isinstance(strategy, Machine):
            name = getattr(strategy, "name", strategy)
            raise Misfit(
                f"{name} is not a machine: no finite table of states says what it will do",
                remedy="Leave --exact out to have it played.",
            )
    return [strategy.fit(game, seat) for strategy in strategies]


def _pairs(pairs: Any, first: int, second: int) -> Ints:
    if pairs is None:
        return np.stack(np.divmod(np.arange(first * second), max(second, 1)), axis=1)
    where = np.asarray(pairs, np.int64).reshape(-1, 2)
    if len(where) and (where.min() < 0 or (where >= [first, second]).any()):
        known = f"0 to {first - 1} for seat 1, 0 to {second - 1} for seat 2"
        raise UsageError(f"pairs name strategies {where.min()} to {where.max()}", expected=known)
    return where


# -- memory one ---------------------------------------------------------------------------------------------------


def vector(table: Table) -> Floats | None:
    """Chances of action 0 after codes 0 to 3 and at first, ``(5,)``, or None where more than the last round matters."""
    reached, new = np.zeros(len(table.play), bool), np.array([0])
    while len(new):
        reached[new] = True
        following = np.unique(table.then[new, :4])
        new = following[~reached[following]]
    chances = table.play[:, 0][table.then[reached, :4]]
    return np.append(chances[0], table.play[0, 0]) if (chances == chances[0]).all() else None


def _stacked(game: Matrix, vectors: Sequence[Floats | None]) -> Floats:
    """``(5, strategies)`` as executed, with blanks for what is no vector."""
    filled = np.array([np.full(5, np.nan) if one is None else one for one in vectors])
    return exact_vectors.chances(filled[:, :4], filled[:, 4], game.noise, game.perception_noise)


def _oriented(game: Matrix, after: Any, opening: Any, seat: int) -> Floats:
    """Vectors that speak of C, as chances of executing action 0."""
    after, opening = np.asarray(after, np.float64), np.asarray(opening, np.float64)
    if after.ndim != 2 or after.shape[1] != 4 or opening.shape != after.shape[:1]:
        found = f"vectors of shape {after.shape} with openings of shape {opening.shape}"
        raise UsageError(found, expected="(n, 4) and (n,)")
    own, other = (game.role("cooperate", side) == 1 for side in (seat, 1 - seat))
    codes = np.arange(4) ^ (2 * own + other)
    after, opening = (1 - after[:, codes], 1 - opening) if own else (after[:, codes], opening)
    return exact_vectors.chances(after, opening, game.noise, game.perception_noise)


def _short(game: Matrix, sides: Sequence[Floats], where: Ints | None, horizon: Horizon) -> Floats:
    """Joint frequencies of memory-one strategies, ``(pairs, 4)``, a cache-sized part at a time."""
    p, q = sides[0], sides[1][[*exact_vectors.MIRROR, 4]]
    size, step = (p.shape[1] if where is None else len(where)), 1 << 14
    joint = np.empty((size, 4))
    for start in range(0, size, step):
        part = slice(start, start + step)
        a, b = (p[:, part], q[:, part]) if where is None else (p.take(where[part, 0], 1), q.take(where[part, 1], 1))
        if horizon.endless:
            joint[part] = exact_chain.longrun(*exact_vectors.transitions(a, b))
        else:
            joint[part] = exact_vectors.occupancy(a, b, horizon.counted, horizon.discount).T
    return joint


# -- any machines -------------------------------------------------------------------------------------------------


def _long(game: Matrix, tables: tuple[list[Table], list[Table]], where: Ints, horizon: Horizon) -> Floats:
    """Joint frequencies of any machines, ``(pairs, codes)``; a pair asked for twice is computed once."""
    unique, back = np.unique(where, axis=0, return_inverse=True)
    errors = game.noise, game.perception_noise
    sides = [exact_chain.automata(tables[seat], seat, int(game.others[seat]), *errors) for seat in (0, 1)]
    states = [np.array([len(table.play) for table in side]) for side in tables]
    cells = np.cumsum(states[0][unique[:, 0]] * states[1][unique[:, 1]] * game.codes) // _CELLS
    joint = [_chained(sides[0], sides[1], unique[cells == some], horizon) for some in np.unique(cells)]
    found: Floats = np.concatenate(joint)[back.reshape(-1)]
    return found


def _chained(one: exact_chain.Automata, two: exact_chain.Automata, pairs: Ints, horizon: Horizon) -> Floats:
    chain = exact_chain.reach(one, two, pairs)
    if horizon.endless:
        share = exact_chain.settled(chain)
    else:
        share = exact_chain.shares(chain, horizon.counted, horizon.discount)
    executed = one.play[chain.first][:, :, None] * two.play[chain.second][:, None, :] * share[:, None, None]
    joint: Floats = np.add.reduceat(executed.reshape(len(share), -1), chain.bounds[:-1], axis=0)
    return joint
