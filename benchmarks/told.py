"""A society that learns in words, against a server in another process: how long a run takes beside its longest chain.

``python -m benchmarks.told --generations 10 --seeds 5`` measures the donor run of the study at its full length.
"""

from __future__ import annotations

import argparse
import os
from typing import Any

from benchmarks import measure
from benchmarks.live import LOCAL, REMOTE, taken
from benchmarks.serving import serving

AGENTS, ROUNDS, GAMES, LATENCY = 12, 12, 2, 0.2


def society(model: str, url: str, generations: int, seeds: int) -> dict[str, Any]:
    """The donor game of Vallinder & Hughes (2024): who stays tells the newcomers how it plays."""
    game = {"name": "donor", "rounds": ROUNDS, "games": GAMES, "trace": 3}
    culture = {"selection": {"rule": "truncation", "keep": 0.5}, "inheritance": {"rule": "told"}}
    players = {"population": [f"plain@{model}={AGENTS}"], "generations": generations, "seeds": seeds}
    return {"experiment": "told", "game": game, "base_url": url, **players, **culture}


def section(generations: int = 2, seeds: int = 5) -> None:
    """One seed and several at once; games of a generation in turns are the bound, at once what can be had."""
    os.environ.setdefault("OPENAI_API_KEY", "none")
    with serving(LATENCY) as url:
        for model in (LOCAL, REMOTE):
            taken(society(model, url, 1, 1))  # what loads at the first call
        rows = [_line(model, url, generations, many) for model in (LOCAL, REMOTE) for many in (1, seeds)]
    heads = [f"{LATENCY * 1e3:.0f} ms a reply, {generations} generations", "calls", "games in turn", "at once"]
    measure.table([*heads, "wall", "of in turn", "of at once", "CPU a call"], rows)


def _line(model: str, url: str, generations: int, seeds: int) -> list[str]:
    in_turn, at_once = (LATENCY * generations * (games * ROUNDS + 1) for games in (GAMES, 1))
    wall, spent, calls = taken(society(model, url, generations, seeds))
    many = "1 seed" if seeds == 1 else f"{seeds} seeds at once"
    times = [measure.seconds(clock) for clock in (in_turn, at_once, wall)]
    ratios = [f"{wall / in_turn:.2f}", f"{wall / at_once:.2f}", f"{spent / calls * 1e3:.2f} ms"]
    return [f"{model.partition('/')[0]}/, {many}", f"{calls:,}", *times, *ratios]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.told", description=__doc__)
    parser.add_argument("--generations", type=int, default=10, help="how many generations to play")
    parser.add_argument("--seeds", type=int, default=5, help="how many runs to play at once")
    given = parser.parse_args()
    print(measure.machine())
    section(given.generations, given.seeds)


if __name__ == "__main__":
    main()
