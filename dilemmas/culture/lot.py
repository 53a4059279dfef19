"""Drawing lots between generations: random numbers addressed by seed, generation, purpose and event.

The same Philox streams as the engine's, with one row a population. A number depends on its address alone: what one
agent draws does not move what the next one gets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dilemmas.engine import chance
from dilemmas.rules import shuffle
from dilemmas.rules.game import Ints


@dataclass(frozen=True, slots=True)
class Lot:
    """The luck of one generation of a run; generation 0 is for what is drawn once, before play (a network).

    Everything drawn is ``(rows, each)``, one row a population; ``event`` tells apart draws of the same purpose.
    """

    seed: int
    generation: int

    def words(self, purpose: str, rows: int, each: int, event: int = 0) -> NDArray[np.uint32]:
        """Random 32-bit words."""
        stream = chance.key(self.seed, f"culture/{purpose}", self.generation)
        return chance.words(stream, 0, rows, each, event)

    def uniform(self, purpose: str, rows: int, each: int, event: int = 0) -> NDArray[np.float64]:
        """Uniform numbers in [0, 1) of 53 bits, so that a millionth agent is drawn as often as the first."""
        raw = self.words(purpose, rows, 2 * each, event).astype(np.uint64)
        return ((raw[:, ::2] >> np.uint64(5)) * 2.0**26 + (raw[:, 1::2] >> np.uint64(6))) * 2.0**-53

    def below(self, bound: int, purpose: str, rows: int, each: int, event: int = 0) -> Ints:
        """Whole numbers from 0 to ``bound - 1``."""
        return (self.uniform(purpose, rows, each, event) * bound).astype(np.intp)

    def normal(self, purpose: str, rows: int, each: int, event: int = 0) -> NDArray[np.float64]:
        """Standard normal numbers by the transform of Box & Muller (1958)."""
        both = self.uniform(purpose, rows, 2 * each, event)
        return np.asarray(np.sqrt(-2 * np.log1p(-both[:, ::2])) * np.cos(2 * np.pi * both[:, 1::2]))

    def order(self, purpose: str, rows: int, size: int, event: int = 0) -> Ints:
        """Random permutations of ``size`` things."""
        return shuffle.order(self.words(purpose, rows, size, event))
