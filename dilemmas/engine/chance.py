"""Random numbers that are addressed, not consumed: Philox streams keyed by what they are for.

The key is a hash of (seed, purpose, generation); the 256-bit counter holds the position in the low word, then round
and ask. A row's numbers therefore depend on nothing but its own address: not on the chunk that a batch was cut into,
the driver, the other seats or the other cells of a sweep (Salmon et al. 2011 describe the generator).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
from numpy.random import Philox
from numpy.typing import NDArray

from dilemmas.rules.game import Ints

BLOCK = 4  # episodes: Philox yields four 64-bit words a step, so a block of any width starts on a step
_UNIT = np.float32(2.0**-24)


def key(seed: int, purpose: str, generation: int) -> NDArray[np.uint64]:
    """The 128-bit Philox key of a stream, a SHA-256 of what it is for."""
    digest = hashlib.sha256(f"dilemmas/{seed}/{purpose}/{generation}".encode()).digest()
    return np.frombuffer(digest[:16], "<u8").astype(np.uint64)


def words(stream: NDArray[np.uint64], first: int, rows: int, each: int, round_: int = 0, ask: int = 0) -> NDArray[np.uint32]:
    """Words of ``rows`` consecutive rows from row ``first``: ``(rows, each)``, 32 bits, whole blocks drawn."""
    wide = (each + 1) // 2  # 64-bit words a row
    block = first // BLOCK
    blocks = -(-(first + rows) // BLOCK) - block
    source = Philox(counter=np.array([block * wide, round_, ask, 0], np.uint64), key=stream)
    raw = source.random_raw(blocks * BLOCK * wide).astype("<u8", copy=False).view("<u4")
    skip = first - block * BLOCK
    return raw.reshape(-1, 2 * wide)[skip : skip + rows, :each]


@dataclass(frozen=True, slots=True)
class Chance:
    """The luck of a batch of episodes; implements ``dilemmas.rules.game.Luck``.

    ``episode`` holds consecutive numbers from 0 within the generation; the other three are ``(episodes,)`` as well.
    """

    seed: int
    generation: int
    episode: Ints
    repetition: Ints
    group: Ints
    leg: Ints
    _keys: dict[str, NDArray[np.uint64]] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, seed: int, generation: int, episodes: int, repetition: Ints | None = None) -> Chance:
        """Luck for ``episodes`` episodes that are all alike: one repetition each, no shared pairing."""
        count = np.arange(episodes)
        return cls(seed, generation, count, count if repetition is None else repetition, count, np.zeros_like(count))

    def rows(self, start: int, stop: int) -> Chance:
        """The luck of some of the episodes, the same numbers for them as in the whole."""
        cut = slice(start, stop)
        return Chance(self.seed, self.generation, self.episode[cut], self.repetition[cut], self.group[cut], self.leg[cut], self._keys)

    def _key(self, purpose: str) -> NDArray[np.uint64]:
        if purpose not in self._keys:
            self._keys[purpose] = key(self.seed, purpose, self.generation)
        return self._keys[purpose]

    def words(self, purpose: str, each: int, round_: int = 0, ask: int = 0, key: Ints | None = None) -> NDArray[np.uint32]:
        """Random 32-bit words, ``(episodes, each)``; rows with the same ``key`` (default: episode) get the same."""
        stream = self._key(purpose)
        if key is None:
            return words(stream, int(self.episode[0]), len(self.episode), each, round_, ask)
        low, high = int(key.min()), int(key.max())
        return words(stream, low, high - low + 1, each, round_, ask)[key - low]

    def draw(self, purpose: str, each: int, round_: int = 0, ask: int = 0, key: Ints | None = None) -> NDArray[np.float32]:
        """Uniform numbers in [0, 1), 24 bits each, ``(episodes, each)``."""
        raw = self.words(purpose, each, round_, ask, key)
        return np.multiply(raw >> np.uint32(8), _UNIT, dtype=np.float32)

