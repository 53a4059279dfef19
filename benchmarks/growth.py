"""How time grows over a 100-fold range of work: flat rates mean that nothing grows faster than the work."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks import donors, measure, pairs
from benchmarks.rounds import Field, game, mixed, sure


def _batch(matches: int, rounds: int) -> float:
    return measure.median(Field(game(rounds=rounds, noise=0.05), mixed(), matches).play, repeats=3)


def _kinds(count: int) -> float:
    return measure.median(Field(game(), sure(count)).play, repeats=3)


def section() -> None:
    """One line a size: seconds, and the rate relative to the smallest size."""
    print("Work per second at each size relative to the smallest; over 1 means that large work is cheaper.")
    lines: list[tuple[str, Sequence[int], Callable[[int], float], str]] = [
        ("matches of 200 rounds, noise", (1_000, 10_000, 100_000), lambda n: _batch(n, 200), "matches"),
        ("rounds of 2,000 matches, noise", (20, 200, 2_000), lambda n: _batch(2_000, n), "rounds"),
        ("kinds of machine in 20,000 matches", (10, 100, 1_000), _kinds, ""),
        ("exact pairs, long-run limit", (2_000, 20_000, 200_000), lambda n: pairs.taken(n, limit=True), "pairs"),
        ("donors, 12 rounds", (10_000, 100_000, 1_000_000), donors.taken, "agents"),
    ]
    rows = []
    for label, sizes, take, unit in lines:
        try:
            spent = [take(size) for size in sizes]
        except Exception as error:  # a part that is not there must not hide the others
            print(f"{label}: not available: {type(error).__name__}: {error}")
            continue
        done = sizes if unit else [1] * len(sizes)  # more kinds of machine are the same number of rounds
        rates = [work / time for work, time in zip(done, spent, strict=True)]
        cells = [f"{size:,}: {measure.seconds(time)}" for size, time in zip(sizes, spent, strict=True)]
        rows.append([label, *cells, *(f"{rate / rates[0]:.2f}" for rate in rates[1:])])
    measure.table(["", "small", "10-fold", "100-fold", "rate, 10-fold", "rate, 100-fold"], rows)
