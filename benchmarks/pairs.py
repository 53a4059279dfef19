"""Exact expected payoffs: pairs a second, without sampling."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks import measure

PAIRS = 100_000


def vectors(pairs: int) -> tuple[Any, ...]:
    """Memory-one strategies, drawn at random, that meet row by row."""
    rng = np.random.default_rng(0)
    return rng.random((pairs, 4)), rng.random(pairs), rng.random((pairs, 4)), rng.random(pairs)


def taken(pairs: int, **horizon: Any) -> float:
    """Seconds for that many pairs."""
    from benchmarks.rounds import game
    from dilemmas.engine.exact import memory_one_payoffs

    p, p0, q, q0 = vectors(pairs)
    rules = game()
    return measure.median(lambda: memory_one_payoffs(p, p0, q, q0, rules, **horizon), budget=4)


def section() -> None:
    """Memory-one against memory-one, by horizon; and automata of 16 states through the same engine."""
    kinds: dict[str, dict[str, Any]] = {
        "long-run limit": {"limit": True},
        "limit, noise 0.05": {"limit": True, "noise": 0.05},
        "continuation 0.99": {"continuation": 0.99},
        "200 rounds": {"rounds": 200},
    }
    rows = []
    for label, horizon in kinds.items():
        spent = taken(PAIRS, **horizon)
        rows.append([f"memory-one, {label}", f"{PAIRS:,}", measure.seconds(spent), measure.rate(PAIRS, spent)])
    count, spent = _automata()
    rows.append(["automata of 16 states, 200 rounds", f"{count:,}", measure.seconds(spent), measure.rate(count, spent)])
    measure.table(["", "pairs", "seconds", "pairs/s"], rows)


def _automata() -> tuple[int, float]:
    from benchmarks.rounds import game, large
    from dilemmas.engine.exact import expected

    machines, rules = large(count=40), game()
    return len(machines) ** 2, measure.median(lambda: expected(rules, machines, machines), budget=4)
