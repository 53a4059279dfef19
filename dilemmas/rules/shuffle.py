"""Permutations from random words, the same on every version of numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FEW = 1000  # words up to which one pass is faster


def order(raw: NDArray[np.uint32]) -> NDArray[np.intp]:
    """Random permutations of the last axis: the stable order of random words (ties keep their place).

    Of many, two stable passes over 16-bit halves, which numpy sorts by radix: three times faster than one over 32 bits.
    """
    if raw.size <= FEW:
        return np.argsort(raw, axis=-1, kind="stable")
    low = np.argsort((raw & np.uint32(0xFFFF)).astype(np.uint16), axis=-1, kind="stable")
    high = np.take_along_axis((raw >> np.uint32(16)).astype(np.uint16), low, axis=-1)
    return np.take_along_axis(low, np.argsort(high, axis=-1, kind="stable"), axis=-1)
