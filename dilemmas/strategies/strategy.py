"""What a strategy is, and how the strategies of a batch are brought to their seats.

A :class:`Strategy` is immutable and knows no game in progress. For a batch, all strategies of the same ``kin`` are
played by one :class:`Player`, which holds the memory of every row it plays: a thousand automata are one gather.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from dilemmas.errors import Misfit
from dilemmas.rules.game import Answers, Ask, Floats, Game, Ints, View


class Player(Protocol):
    """Plays some rows of a batch; made for one batch and thrown away after it.

    ``uniforms`` is how many random numbers a row needs at each ask, ``trusted`` whether its answers are legal by
    construction, so that they need no check.
    """

    uniforms: int
    trusted: bool

    def decide(self, view: View, ask: Ask, rows: Ints | slice, coin: Floats) -> Answers:
        """Answers of the asked rows, one-dimensional.

        ``rows`` says which of the player's own rows are asked (a full slice for all), ``view`` shows those, and
        ``coin`` is ``(asked, uniforms)``.
        """
        ...


class Strategy(Protocol):
    """A named way to decide; equal in play to any other strategy with the same kin, name and parameters."""

    @property
    def name(self) -> str:
        """The name tables show, with parameters where they are not the shelf's."""
        ...

    @property
    def kin(self) -> Hashable:
        """Strategies of one kin can be played by one player."""
        ...

    def player(self, members: Sequence[Any], which: Ints, seats: Ints, game: Game) -> Player:
        """A player for rows that are played by ``members[which]`` in ``seats``; raises Misfit."""
        ...


@dataclass(frozen=True)
class Says:
    """The line that a scripted strategy says whenever it may speak, and what it pledges with it where it may pledge."""

    text: str
    pledge: str | float | None = None


@dataclass(frozen=True)
class Cast:
    """Who sits where: ``who[episode, seat]`` indexes ``strategies``."""

    strategies: tuple[Strategy, ...]
    who: Ints

    def rows(self, start: int, stop: int) -> Cast:
        """The seats of some of the episodes."""
        return replace(self, who=self.who[start:stop])

    @property
    def names(self) -> list[str]:
        """Names of the strategies, in order."""
        return [strategy.name for strategy in self.strategies]


@dataclass
class Group:
    """A player and the rows of the batch that it plays; ``where`` is None where it plays them all."""

    player: Player
    where: NDArray[np.intp] | None
    label: str
    seconds: float = 0.0


def seat(cast: Cast, game: Game, without: Collection[int] = ()) -> list[Group]:
    """One group a kin, in order of first appearance; the rows in ``without`` answer for themselves."""
    flat = cast.who.reshape(-1)
    if without:
        flat = flat.copy()
        flat[list(without)] = -1
    present = np.unique(flat[flat >= 0])
    kins: dict[Hashable, list[int]] = {}
    for index in present:
        kins.setdefault(cast.strategies[index].kin, []).append(int(index))
    return [_group(cast, game, flat, indices, alone=len(kins) == 1 and not without) for indices in kins.values()]


def _group(cast: Cast, game: Game, flat: Ints, indices: list[int], alone: bool) -> Group:
    local = np.full(len(cast.strategies), -1)
    local[indices] = np.arange(len(indices))
    where = None if alone else np.flatnonzero(np.isin(flat, indices))
    rows = np.arange(len(flat)) if where is None else where
    members = [cast.strategies[index] for index in indices]
    player = members[0].player(members, local[flat[rows]], rows % game.seats, game)
    return Group(player, where, members[0].name if len(members) == 1 else "machines and rules")


def misfit(strategy: str, game: Game, why: str, remedy: str = "") -> Misfit:
    """The error for a strategy that makes no sense in a game."""
    return Misfit(f"{strategy} cannot play this {game.kind} game: {why}", remedy=remedy)


Parameters = Mapping[str, Any]
