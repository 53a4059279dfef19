"""Quantiles of Student's t for a whole number of degrees of freedom, without scipy."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SERIES = 300  # degrees of freedom from which the expansion is exact to the last digits


@lru_cache(maxsize=4096)
def quantile(freedom: int, level: float = 0.95) -> float:
    """The t that a share ``level`` of the distribution lies within, on both sides of 0; ``freedom`` is at least 1.

    Up to 300 degrees of freedom the finite sums of Abramowitz and Stegun (1964), 26.7.3 and 26.7.4, are inverted by
    bisection; beyond, the expansion round the normal quantile of Fisher and Cornish (1960) is used (26.7.5 there).
    """
    if freedom < 1 or not 0 < level < 1:
        raise ValueError(f"no t quantile for {freedom} degrees of freedom and level {level}")
    return _expanded(freedom, level) if freedom > _SERIES else _bisected(freedom, level)


def _bisected(freedom: int, level: float) -> float:
    terms = _terms(freedom)
    low, high = 0.0, math.pi / 2
    for _ in range(64):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom, terms) < level else (low, middle)
    return math.sqrt(freedom) * math.tan((low + high) / 2)


def _terms(freedom: int) -> Floats:
    """Coefficients of the powers of the cosine: 1, 2/3, 8/15... for odd degrees, 1, 1/2, 3/8... for even ones."""
    steps = np.arange((freedom - 1) // 2 if freedom % 2 else freedom // 2, dtype=float)
    if not len(steps):
        return steps
    factors = 2 * steps / (2 * steps + 1) if freedom % 2 else (2 * steps - 1) / np.maximum(2 * steps, 1)
    factors[0] = 1.0
    return np.cumprod(factors)


def _within(angle: float, freedom: int, terms: Floats) -> float:
    """Share of the distribution between plus and minus ``sqrt(freedom) tan(angle)``."""
    cosine = math.cos(angle)
    powers = cosine ** (2.0 * np.arange(len(terms)) + freedom % 2)
    total: float = math.sin(angle) * float((terms * powers).sum())
    return 2 / math.pi * (angle + total) if freedom % 2 else total


def _expanded(freedom: int, level: float) -> float:
    z = NormalDist().inv_cdf((1 + level) / 2)
    parts = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return float(z + sum(part / freedom ** (k + 1) for k, part in enumerate(parts)))
