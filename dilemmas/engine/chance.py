"""Random numbers that are addressed, not consumed: Philox streams keyed by what they are for.

The key is a hash of (seed, purpose, generation); the 256-bit counter holds the position in the low word, then round
and ask. A row's numbers therefore depend on nothing but its own address: not on the chunk that a batch was cut into,
the driver, the other seats or the other cells of a sweep (Salmon et al. 2011 describe the generator).
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.random import Generator, Philox
from numpy.typing import NDArray

from dilemmas.rules.game import Ints

BLOCK = 4  # episodes: Philox yields four 64-bit words a step, so a block of any width starts on a step
_UNIT = np.float32(2.0**-24)
_TOP = 2**64 - 1
_MANY = 1024  # words from which the faster call earns its overhead


class _Source(threading.local):
    """One generator a thread, moved to the wanted address before each draw.

    Setting the state costs 2 microseconds; a new ``Philox`` costs 16, most of it for entropy that it throws away.
    """

    def __init__(self) -> None:
        self._philox = Philox(key=0)
        self._generator = Generator(self._philox)
        state: dict[str, Any] = dict(self._philox.state)
        self._inner = {"counter": np.zeros(4, np.uint64), "key": np.zeros(2, np.uint64)}
        # A spent buffer makes the next word the first of the step that the counter points to.
        self._state = {**state, "state": self._inner, "buffer_pos": 4, "has_uint32": 0}

    def words(self, stream: NDArray[np.uint64], address: tuple[int, int, int], count: int) -> NDArray[np.uint64]:
        """``count`` raw 64-bit words of a stream from an address (step, round, ask) on."""
        self._inner["key"] = stream
        self._inner["counter"][:3] = address
        self._philox.state = self._state  # type: ignore[assignment]  # the typed dictionary is private to numpy
        if count < _MANY:
            raw: NDArray[np.uint64] = self._philox.random_raw(count)
            return raw
        # A draw over all 64-bit numbers hands the same words on, in half the time; a test compares the two.
        return self._generator.integers(0, _TOP, count, np.uint64, True)


_SOURCE = _Source()


def key(seed: int, purpose: str, generation: int) -> NDArray[np.uint64]:
    """The 128-bit Philox key of a stream, a SHA-256 of what it is for."""
    digest = hashlib.sha256(f"dilemmas/{seed}/{purpose}/{generation}".encode()).digest()
    return np.frombuffer(digest[:16], "<u8").astype(np.uint64)


def words(
    stream: NDArray[np.uint64], first: int, rows: int, each: int, round_: int = 0, ask: int = 0
) -> NDArray[np.uint32]:
    """Words of ``rows`` consecutive rows from row ``first``: ``(rows, each)``, 32 bits, whole blocks drawn."""
    wide = (each + 1) // 2  # 64-bit words a row
    block = first // BLOCK
    blocks = -(-(first + rows) // BLOCK) - block
    raw = _SOURCE.words(stream, (block * wide, round_, ask), blocks * BLOCK * wide)
    skip = first - block * BLOCK
    return raw.astype("<u8", copy=False).view("<u4").reshape(-1, 2 * wide)[skip : skip + rows, :each]


def scattered(stream: NDArray[np.uint64], rows: Ints, each: int, round_: int = 0, ask: int = 0) -> NDArray[np.uint32]:
    """Words of any rows, ``(len(rows), each)``: the same as :func:`words` has for them."""
    if not len(rows):
        return np.empty((0, each), np.uint32)
    cuts = np.flatnonzero(rows[1:] - rows[:-1] != 1) + 1
    # Runs of neighbours are copied whole; below a hundred rows a run, one gather is cheaper than the loop over runs.
    if len(cuts) * 100 > len(rows):
        low = int(rows.min())
        return words(stream, low, int(rows.max()) - low + 1, each, round_, ask)[rows - low]
    starts, stops = rows[[0, *cuts]].tolist(), (rows[[*(cuts - 1), -1]] + 1).tolist()
    return np.concatenate(_runs(stream, starts, stops, each, round_, ask))


def _runs(
    stream: NDArray[np.uint64], starts: list[int], stops: list[int], each: int, round_: int, ask: int
) -> list[NDArray[np.uint32]]:
    """The words of each run; a gap that is cheaper to draw than to jump (a thousand words) is drawn over."""
    parts: list[NDArray[np.uint32]] = []
    low, gap = 0, 1000 // ((each + 1) // 2)
    while low < len(starts):
        high = low
        while high + 1 < len(starts) and stops[high] <= starts[high + 1] < stops[high] + gap:
            high += 1
        base = starts[low]
        drawn = words(stream, base, stops[high] - base, each, round_, ask)
        parts += [drawn[starts[run] - base : stops[run] - base] for run in range(low, high + 1)]
        low = high + 1
    return parts


@dataclass(slots=True, eq=False)
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
    _keys: dict[str, NDArray[np.uint64]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, seed: int, generation: int, episodes: int, repetition: Ints | None = None) -> Chance:
        """Luck for ``episodes`` episodes that are all alike: one repetition each, no shared pairing."""
        count = np.arange(episodes)
        return cls(seed, generation, count, count if repetition is None else repetition, count, np.zeros_like(count))

    def rows(self, start: int, stop: int) -> Chance:
        """The luck of some of the episodes, the same numbers for them as in the whole."""
        cut = slice(start, stop)
        parts = (self.episode[cut], self.repetition[cut], self.group[cut], self.leg[cut])
        return Chance(self.seed, self.generation, *parts, self._keys)

    def _key(self, purpose: str) -> NDArray[np.uint64]:
        if purpose not in self._keys:
            self._keys[purpose] = key(self.seed, purpose, self.generation)
        return self._keys[purpose]

    def words(
        self, purpose: str, each: int, round_: int = 0, ask: int = 0, key: Ints | None = None
    ) -> NDArray[np.uint32]:
        """Random 32-bit words, ``(episodes, each)``; rows with the same ``key`` (default: episode) get the same.

        ``key`` may be shorter or longer than the batch, to draw for some of its episodes only.
        """
        stream = self._key(purpose)
        if key is not None:
            return scattered(stream, key, each, round_, ask)
        if not len(self.episode):
            return np.empty((0, each), np.uint32)
        return words(stream, int(self.episode[0]), len(self.episode), each, round_, ask)

    def draw(
        self, purpose: str, each: int, round_: int = 0, ask: int = 0, key: Ints | None = None
    ) -> NDArray[np.float32]:
        """Uniform numbers in [0, 1), 24 bits each, ``(episodes, each)``."""
        bits = self.words(purpose, each, round_, ask, key) >> np.uint32(8)
        # Through signed integers, which convert to floats twice as fast as unsigned ones.
        uniform = bits.view(np.int32).astype(np.float32)
        uniform *= _UNIT
        return uniform
