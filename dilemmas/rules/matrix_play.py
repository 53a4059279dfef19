"""The arithmetic of a batch of matrix games: pairs of actions, slips of hand and eye, sums, lengths.

Both seats of an episode stand side by side in memory, so the two numbers of a *pair* are read as one wider integer:
one multiplication or shift then serves both seats. That is what keeps a round of 20,000 episodes under a quarter of a
millisecond; indexing with reversed or broadcast views took six times as long.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from dilemmas.rules.game import Array, Bools, Floats, Ints

Own = tuple[NDArray[np.float64], NDArray[np.float64]]  # payoffs of either seat, (own actions, other's actions)
Roles = tuple[int | None, int | None]  # which action of either seat counts as cooperation
_FULL = 255  # rounds that fit in a byte
_COUNTED = 127  # joint actions up to which they are counted one by one


@dataclass(frozen=True)
class Lanes:
    """Pairs as integers: the first seat in the low half, the second in the high one, whatever the machine's order."""

    one: np.dtype[Any]
    pair: np.dtype[Any]
    bits: int

    @classmethod
    def of(cls, codes: int) -> Lanes:
        """The narrowest lanes that hold numbers up to ``codes``."""
        return _NARROW if codes < _COUNTED else _WIDE

    def join(self, values: Array) -> Array:
        """``(episodes, 2)`` integers as ``(episodes,)`` pairs."""
        return np.ascontiguousarray(values, self.one).view(self.pair).reshape(-1)

    def split(self, pairs: Array) -> Array:
        """``(episodes,)`` pairs as ``(episodes, 2)`` integers."""
        return pairs.view(self.one).reshape(-1, 2)

    def swap(self, pairs: Array) -> Array:
        """Each seat's number in the other's place."""
        swapped: Array = (pairs >> self.bits) | (pairs << self.bits)
        return swapped

    def times(self, pairs: Array, by: tuple[int, int]) -> Array:
        """Each seat's number multiplied by its own factor; the products must fit in a lane."""
        if by[0] == by[1]:
            return np.multiply(pairs, by[0], dtype=self.pair)
        low = self.pair.type((1 << self.bits) - 1)
        product: Array = (pairs & low) * self.pair.type(by[0]) + (pairs & ~low) * self.pair.type(by[1])
        return product


_NARROW = Lanes(np.dtype("i1"), np.dtype("<u2"), 8)
_WIDE = Lanes(np.dtype("<i4"), np.dtype("<u8"), 32)


def hits(words: NDArray[np.uint32], chance: float) -> Bools:
    """Where the 24-bit uniform made from a word is below ``chance``.

    The words themselves are compared, which spares the conversion to floats; 0 never hits and 1 always does.
    """
    edge = math.ceil(chance * 2**24) << 8
    return words < np.uint32(edge) if edge < 1 << 32 else np.ones(words.shape, bool)


def slip(actions: Ints, words: NDArray[np.uint32], chance: float, counts: tuple[int, int]) -> Ints:
    """With ``chance``, each action becomes one of the others, each as likely; one word serves both draws.

    ``actions`` and ``words`` are ``(episodes, 2)``, ``counts`` how many actions either column has.
    """
    struck = hits(words, chance)
    if counts == (2, 2):
        return np.bitwise_xor(actions, struck.view(np.int8))
    rows = np.flatnonzero(struck)
    count = np.array(counts)[rows % 2]
    uniform = (words.reshape(-1)[rows] >> np.uint32(8)) * 2.0**-24
    step = np.minimum(1 + (uniform * ((count - 1) / chance)).astype(np.int64), count - 1)
    moved = actions.copy()
    flat = moved.reshape(-1)
    flat[rows] = (flat[rows] + step) % count
    return moved


@dataclass(frozen=True, slots=True)
class Going:
    """The episodes that go on after others have ended: as numbers, and as pairs whose bits are all set for them."""

    rows: NDArray[np.intp]
    mask: Array

    @classmethod
    def of(cls, going: Bools, lanes: Lanes) -> Going | None:
        """None where all go on, so that the common case costs nothing."""
        if going.all():
            return None
        nothing = lanes.pair.type(0)
        return cls(np.flatnonzero(going), np.where(going, ~nothing, nothing))


class Tally(Protocol):
    """Running sums over the rounds of every episode."""

    def add(self, executed: Array, codes: Array, going: Going | None) -> None:
        """Count a round: pairs of executed actions and of codes, ``(episodes,)``, for the episodes that go on."""
        ...

    def sums(self, lengths: Ints) -> tuple[Floats, Floats, Ints | None]:
        """Payoffs and cooperations ``(episodes, 2)``, and joint counts ``(episodes, 2, codes)`` where they exist."""
        ...


@dataclass
class Book:
    """What a tally needs of its game."""

    episodes: int
    lanes: Lanes
    own: Own
    roles: Roles

    @property
    def shape(self) -> tuple[int, int]:
        """Number of actions of either seat."""
        first, second = self.own[0].shape
        return first, second

    def tally(self) -> Tally:
        """The cheapest tally that is exact for this many actions."""
        if self.shape == (2, 2):
            return Twos(self)
        return Counts(self) if self.lanes is _NARROW else Sums(self)

    def totals(self, joint: Ints) -> tuple[Floats, Floats, Ints]:
        """Payoffs and cooperations from joint counts: one sum in one order, whatever the order of play."""
        own = np.stack([payoffs.ravel() for payoffs in self.own])
        payoff = np.zeros(joint.shape[:2])
        for code in range(joint.shape[2]):
            payoff += joint[:, :, code] * own[:, code]
        return payoff, np.stack([self._cooperations(joint, seat) for seat in (0, 1)], axis=1), joint

    def _cooperations(self, joint: Ints, seat: int) -> Floats:
        role, others = self.roles[seat], self.shape[1 - seat]
        if role is None:
            return np.full(len(joint), np.nan)
        ready: Floats = joint[:, seat, role * others : (role + 1) * others].sum(axis=1).astype(np.float64)
        return ready


class Twos:
    """Two actions: how often either seat took the second one, and how often both did; the rest follows.

    Counted in bytes and emptied into wide integers every 255 rounds: adding one 64-bit word a seat and round cost
    ten times as much.
    """

    def __init__(self, book: Book) -> None:
        self._book = book
        self._second = np.zeros(book.episodes, "<u2")
        self._both = np.zeros(book.episodes, "<u2")
        self._wide = np.zeros((3, book.episodes), np.int64)
        self._rounds = 0

    def add(self, executed: Array, codes: Array, going: Going | None) -> None:
        """Count a round."""
        counted = executed if going is None else executed & going.mask
        self._second += counted
        self._both += counted & (counted >> 8)
        self._rounds += 1
        if self._rounds == _FULL:
            self._empty()

    def _empty(self) -> None:
        self._wide += (self._second & 255, self._second >> 8, self._both)
        self._second[:] = 0
        self._both[:] = 0
        self._rounds = 0

    def sums(self, lengths: Ints) -> tuple[Floats, Floats, Ints | None]:
        """Everything, from exact counts."""
        self._empty()
        first, second, both = self._wide
        neither = lengths - first - second + both
        alone, left = first - both, second - both
        joint = np.stack([np.stack([neither, left, alone, both], 1), np.stack([neither, alone, left, both], 1)], 1)
        return self._book.totals(joint)


class Counts:
    """A few actions: one counter for each pair of them."""

    def __init__(self, book: Book) -> None:
        self._book, self._codes = book, book.own[0].size
        self._count = np.zeros(book.episodes * self._codes, np.int32)
        self._base = np.arange(book.episodes) * self._codes

    def add(self, executed: Array, codes: Array, going: Going | None) -> None:
        """Count a round; no episode occurs twice, so that plain indexing is safe."""
        at = self._base + (codes & 255)
        self._count[at if going is None else at[going.rows]] += 1

    def sums(self, lengths: Ints) -> tuple[Floats, Floats, Ints | None]:
        """Everything, from exact counts."""
        first = self._count.reshape(-1, *self._book.shape)
        second = first.transpose(0, 2, 1)
        joint = np.stack([first.reshape(-1, self._codes), second.reshape(-1, self._codes)], axis=1)
        return self._book.totals(joint.astype(np.int64))


@dataclass
class Sums:
    """Many actions: payoffs and cooperations as they come."""

    book: Book
    payoff: Floats = field(init=False)
    cooperations: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.payoff, self.cooperations = np.zeros((2, self.book.episodes, 2))
        self.cooperations[:, [role is None for role in self.book.roles]] = np.nan

    def add(self, executed: Array, codes: Array, going: Going | None) -> None:
        """Add a round."""
        lanes, rows = self.book.lanes, slice(None) if going is None else going.rows
        ready = lanes.split(executed) == np.array([-1 if role is None else role for role in self.book.roles])
        self.payoff[rows] += pay(self.book.own, lanes.split(codes)[rows])
        self.cooperations[rows] += ready[rows]

    def sums(self, lengths: Ints) -> tuple[Floats, Floats, Ints | None]:
        """Everything but the joint counts."""
        return self.payoff, self.cooperations, None


def pay(own: Own, codes: Array) -> Floats:
    """Payoffs of a round from the codes of what was executed, ``(episodes, 2)`` both."""
    made = np.empty(codes.shape)
    for seat, payoffs in enumerate(own):
        made[:, seat] = payoffs.ravel().take(codes[:, seat])
    return made


def follow(history: Sequence[Ints], lengths: Ints, episodes: int) -> Ints:
    """Counts ``(episodes, 2, 4, 2)``: after each joint action (own first), how often either own action came next.

    ``history`` holds what each seat saw, round by round, in a game of two actions; what a seat did itself is never
    misread, so both seats' own halves together are the truth.
    """
    counts = np.zeros((episodes, 2, 8), np.int64)
    units, packed = np.left_shift(np.uint64(1), np.arange(0, 64, 8, dtype=np.uint64)), np.zeros((episodes, 2), "<u8")
    before, shortest = None, int(lengths.min(initial=0))
    for clock, seen in enumerate(history):
        own = seen >> 1
        if before is not None:
            unit = units.take(before * 2 + own)
            # Eight counts of a byte each in one word, emptied before a byte can overflow.
            packed += unit if clock < shortest else np.where(lengths[:, None] > clock, unit, np.uint64(0))
            if clock % _FULL == 0:
                counts += packed.view(np.uint8).reshape(counts.shape)
                packed[:] = 0
        before = own * 2 + own[:, ::-1]
    counts += packed.view(np.uint8).reshape(counts.shape)
    return counts.reshape(episodes, 2, 4, 2)
