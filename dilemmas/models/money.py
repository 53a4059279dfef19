"""Sums of money that do not depend on their order: USD are counted in whole parts of 1e-12."""

from __future__ import annotations

import math

PARTS = 10**12  # a dollar


def count(usd: float) -> int:
    """USD in whole parts, rounded."""
    return round(usd * PARTS)


def amount(parts: int) -> float:
    """Parts as USD."""
    return parts / PARTS


def dollars(usd: float) -> str:
    """USD as they are shown: cents from one dollar on, below that three digits that count."""
    if usd >= 1 or usd <= 0:
        return f"{usd:,.2f} USD"
    return f"{usd:.{2 - math.floor(math.log10(usd))}f} USD"
