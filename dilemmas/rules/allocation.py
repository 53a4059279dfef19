"""Who gets what when more is wanted than there is (Piatti et al. 2024, the environment that goes with the paper).

All functions take the rows of over-demand alone: ``wanted`` ``(rows, seats)`` with its sum above ``stock`` ``(rows,)``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from dilemmas.rules.game import Bools, Floats, Ints

BLOCK = 64  # units whose luck is drawn together, always whole, so that no stock shifts another's luck
Words = Callable[[int, int], NDArray[np.uint32]]  # (how many, which block) -> (rows, how many)
_ABSURD = 2.0**40  # a want of this many stocks is as good as any larger one, and its products stay exact


def stochastic(wanted: Floats, stock: Floats, words: Words) -> Floats:
    """Unit by unit, each to a seat drawn evenly among those that still want one, until the whole units are gone."""
    units = np.floor(stock)
    first = np.minimum(wanted, units[:, None])  # a want above the stock cannot be met either way
    left = first.copy()
    for unit in range(int(units.max(initial=0))):
        if unit % BLOCK == 0:
            raw = words(BLOCK, unit // BLOCK)
        _hand(left, units > unit, raw[:, unit % BLOCK])
    return np.asarray(first - left)


def _hand(left: Floats, live: Bools, raw: NDArray[np.uint32]) -> None:
    wanting = (left > 0) & live[:, None]
    pick = (raw.astype(np.uint64) * wanting.sum(axis=1).astype(np.uint64)) >> np.uint64(32)
    left -= wanting & (np.cumsum(wanting, axis=1) - 1 == pick[:, None].astype(np.int64))


def proportional(wanted: Floats, stock: Floats) -> Floats:
    """Real amounts in proportion to what was wanted; never more than that, together the stock."""
    sane = _sane(wanted, stock)
    return np.asarray(np.minimum(stock[:, None] * sane / sane.sum(axis=1, keepdims=True), sane))


def whole(wanted: Floats, stock: Floats, words: Words) -> Floats:
    """Whole amounts in proportion: rounded down, and what is left over handed out one by one.

    A left-over unit goes to a seat that was rounded down, with a chance in proportion to what it still wants.
    """
    units, sane = np.floor(stock), _sane(wanted, stock)
    exact = stock[:, None] * sane / sane.sum(axis=1, keepdims=True)
    got = np.floor(exact)
    rounded, spare = got < exact, units - got.sum(axis=1)
    for unit in range(int(spare.max(initial=0))):
        weight = np.where(rounded & (spare > unit)[:, None], sane - got, 0.0)
        got = got + _drawn(weight, words(1, unit)[:, 0])
    return np.asarray(got)


def _drawn(weight: Floats, raw: NDArray[np.uint32]) -> Ints:
    """One seat a row, marked with 1, by its share of the weights; none where all weights are zero."""
    edges = np.cumsum(weight, axis=1)
    point = raw.astype(np.float64)[:, None] / 2**32 * edges[:, -1:]
    before = np.concatenate([np.zeros_like(point), edges[:, :-1]], axis=1)
    return ((before <= point) & (point < edges)).astype(np.int64)


def _sane(wanted: Floats, stock: Floats) -> Floats:
    return np.minimum(wanted, _ABSURD * np.maximum(stock, 1.0)[:, None])
