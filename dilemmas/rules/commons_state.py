"""What changes while a commons is played: the stock, the history, and whose question is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dilemmas.rules.game import Array, Ask, Bools, Floats


@dataclass(slots=True)
class Stock:
    """A batch in progress: the stock now, who goes on, and the history, one array a round.

    ``voting`` says that the harvest of the round is over and its vote is not; ``fined`` are units paid in fines.
    """

    episodes: int
    lengths: NDArray[np.int64]
    stock: Floats
    over: Bools
    before: list[Floats] = field(default_factory=list)
    collected: list[Floats] = field(default_factory=list)
    after: list[Floats] = field(default_factory=list)
    asked: list[Bools] = field(default_factory=list)
    fined: list[Floats] = field(default_factory=list)
    voting: bool = False
    ask: Ask | None = None

    @property
    def round(self) -> int:
        """Rounds that are over."""
        return len(self.before) - self.voting

    def remember(self, before: Floats, collected: Floats, after: Floats, who: Bools) -> None:
        """Keep a harvest."""
        self.before.append(before)
        self.collected.append(collected)
        self.after.append(after)
        self.asked.append(who)

    def held(self, seats: int) -> Floats:
        """Units collected so far less those paid, ``(episodes, seats)``."""
        return sum(self.collected, np.zeros((self.episodes, seats))) - self.paid(seats)

    def paid(self, seats: int) -> Floats:
        """Units paid in fines so far, ``(episodes, seats)``."""
        return sum(self.fined, np.zeros((self.episodes, seats)))


def stacked(rounds: Sequence[Array], episodes: int, *seats: int) -> Array:
    """Rounds along the second axis, ``(episodes, rounds, ...)``; none at first."""
    return np.stack(rounds, axis=1) if rounds else np.zeros((episodes, 0, *seats))


def spread(value: Array, seats: int) -> Array:
    """A measure of an episode said of every one of its seats; one of seats stays as it is."""
    return value if value.ndim == 2 else np.repeat(value[:, None], seats, axis=1)
