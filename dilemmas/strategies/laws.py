"""Every law of the package: importing this module declares them all, so that strategy files find them by name."""

from __future__ import annotations

from dilemmas.strategies import (
    commons_rules,
    counters_first,
    counters_grudge,
    counters_probe,
    counters_tally,
    counters_time,
    donor_rules,
    learning,
    moves,
    public_goods_rules,
)

__all__ = [
    "commons_rules",
    "counters_first",
    "counters_grudge",
    "counters_probe",
    "counters_tally",
    "counters_time",
    "donor_rules",
    "learning",
    "moves",
    "public_goods_rules",
]
