"""A million donors: one episode, twelve rounds, public image scores."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import numpy as np

from benchmarks import measure

ROUNDS = 12


def prepared(seats: int) -> Callable[[], object]:
    """The episode, ready to be played."""
    import dilemmas as dl
    from dilemmas.engine.batch import play
    from dilemmas.engine.chance import Chance
    from dilemmas.strategies.strategy import Cast

    rules = dl.game("donor", seats=seats, rounds=ROUNDS, information=["image"]).rules
    cast = Cast((dl.strategy("image-scorer"),), np.zeros((1, seats), np.int64))
    return lambda: play(rules, cast, Chance.of(0, 1, 1), keep=False)


def taken(seats: int) -> float:
    """Seconds of an episode."""
    return measure.median(prepared(seats), budget=6)


def section() -> None:
    """Interactions (gifts decided) a second, and the most memory held at once."""
    seats = 1_000_000
    spent, gifts, run = taken(seats), seats // 2 * ROUNDS, prepared(seats)
    tracemalloc.start()
    run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    row = [f"{seats:,}", f"{gifts:,}", measure.seconds(spent), measure.rate(gifts, spent), f"{peak / seats:.0f}"]
    measure.table(["agents", "interactions", "seconds", "a second", "bytes an agent"], [row])
