"""Memory-one strategies computed against each other: the chain of the four joint actions, a million pairs at once.

The chain is that of Press & Dyson (2012, eq. 1). Since its rows sum to one, three components say it all: with
``x`` the chances of the joint actions 00, 01, 10 and a known total ``mass``, a round takes x to ``x A + mass b``.
Sums over T rounds take log2(T) squarings of A. Arrays have the pairs on their last axis, in chunks that stay in a
core's cache, so that every numpy call works on a few thousand pairs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
CHUNK = 2048  # pairs: about 40 arrays of this length fit the second cache of a core
MIRROR = [0, 2, 1, 3]  # the second seat's (own, other) in the order of (first, second)


def chances(after: Floats, opening: Floats, noise: float, perception: float) -> Floats:
    """Chances of executing action 0, ``(5, n)``: after the joint actions (own, other) 00, 01, 10, 11, then at first.

    A misreading swaps the other's action in what is looked up; noise flips what is executed.
    """
    seen = (1 - perception) * after + perception * after[:, [1, 0, 3, 2]]
    intended = np.concatenate([seen, opening[:, None]], axis=1).T
    return np.ascontiguousarray(intended + noise * (1 - 2 * intended))


def occupancy(p: Floats, q: Floats, rounds: int, discount: float) -> Floats:
    """Mean share of the joint actions 00, 01, 10, 11 (own action of ``p`` first), ``(4, pairs)``.

    ``p`` and ``q`` are ``(5, pairs)`` from :func:`chances`, ``q`` already mirrored; round t has weight discount**t.
    """
    shares, both, work = np.empty((4, p.shape[1])), np.empty((3, 5, CHUNK)), Work(CHUNK)
    for start in range(0, p.shape[1], CHUNK):
        stop = min(start + CHUNK, p.shape[1])
        if stop - start != work.size:
            both, work = np.empty((3, 5, stop - start)), Work(stop - start)
        _rows(p[:, start:stop], q[:, start:stop], both)
        shares[:, start:stop] = work.total(both, rounds, discount)
    return shares


def transitions(p: Floats, q: Floats) -> tuple[Floats, Floats]:
    """The chain in full: ``(pairs, 4, 4)`` from joint action to joint action, and ``(pairs, 4)`` of the first round."""
    both = np.stack([p * q, p * (1 - q), (1 - p) * q, (1 - p) * (1 - q)]).T  # (pairs, 5, 4)
    return np.ascontiguousarray(both[:, :4]), np.ascontiguousarray(both[:, 4])


def _rows(p: Floats, q: Floats, out: Floats) -> None:
    """Chances of 00, 01, 10 after each joint action and at first, ``(3, 5, pairs)``."""
    np.multiply(p, q, out=out[0])
    np.subtract(p, out[0], out=out[1])
    np.subtract(q, out[0], out=out[2])


class Work:
    """Arrays for one chunk, made once and written over."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._a, self._spare, self._product = (np.empty((3, 3, size)) for _ in range(3))
        self._b, self._v, self._sum, self._next, self._part = (np.empty((3, size)) for _ in range(5))

    def total(self, both: Floats, rounds: int, discount: float) -> Floats:
        """Weighted shares of the four joint actions, ``(4, size)``.

        An even sum over T rounds from v is the sum over T / 2 double rounds from v + v M; an odd one has v besides.
        """
        np.copyto(self._b, both[:, 3])
        np.copyto(self._v, both[:, 4])
        np.subtract(both[:, :3].swapaxes(0, 1), self._b, out=self._a)
        self._sum.fill(0.0)
        mass, summed = 1.0, 0.0
        while rounds > 1:
            if rounds % 2:
                self._sum += self._v
                summed += mass
                self._move(mass, discount)
                np.copyto(self._v, self._next)
                mass *= discount
            self._move(mass, discount)
            self._v += self._next
            mass += mass * discount
            rounds, discount = rounds // 2, discount * discount
            if rounds > 1:
                self._square()
        return self._shares(mass + summed)

    def _move(self, mass: float, discount: float) -> None:
        """``next = discount * (v A + mass b)``."""
        self._left(self._v, mass)
        if discount != 1.0:
            self._next *= discount

    def _left(self, v: Floats, mass: float) -> None:
        np.multiply(self._b, mass, out=self._next)
        for k in range(3):
            np.multiply(v[k], self._a[k], out=self._part)
            self._next += self._part

    def _square(self) -> None:
        """Two rounds in one: A becomes A A, and b becomes b A + b."""
        self._left(self._b, 1.0)
        self._b, self._next = self._next, self._b
        a = self._a
        np.multiply(a[:, 0, None], a[0], out=self._spare)
        for k in (1, 2):
            np.multiply(a[:, k, None], a[k], out=self._product)
            self._spare += self._product
        self._a, self._spare = self._spare, self._a

    def _shares(self, mass: float) -> Floats:
        self._sum += self._v
        self._sum /= mass
        rest = 1 - self._sum[0] - self._sum[1] - self._sum[2]
        shares: Floats = np.concatenate([self._sum, rest[None]])
        return np.maximum(shares, 0.0, out=shares)  # rounding may go below by 1e-16
