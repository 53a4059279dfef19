"""Runs with models against a server in another process: what the house adds to waiting, and how much memory it takes.

``python -m benchmarks.live --episodes 5000`` plays 50,000 decisions and says how much memory they took.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import math
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from benchmarks import measure
from benchmarks.calls import bare, made
from benchmarks.serving import serving

EPISODES, ROUNDS, LATENCY = 60, 10, 0.2
AGENTS = 12
LOCAL, REMOTE = "local/tiny", "openai/tiny"


def pairs(model: str, url: str, episodes: int = EPISODES, **more: Any) -> dict[str, Any]:
    """An experiment: a model that is asked plainly against a script."""
    game = {"name": "prisoners-dilemma", "rounds": ROUNDS}
    players = {"population": [f"plain@{model}", "tit-for-tat"], "repetitions": episodes, "seeds": 1}
    return {"experiment": "pairs", "game": game, "base_url": url, **players, **more}


def donors(model: str, url: str) -> dict[str, Any]:
    """An experiment: twelve models who give to one another for twelve rounds."""
    game = {"name": "donor", "rounds": AGENTS, "trace": 3}
    return {"experiment": "donors", "game": game, "base_url": url, "population": {f"plain@{model}": AGENTS}, "seeds": 1}


def taken(data: Mapping[str, Any]) -> tuple[float, float, int]:
    """Seconds by the clock and of this processor that a run into a folder takes, and how many calls it made."""
    import dilemmas as dl

    with tempfile.TemporaryDirectory() as folder:
        began, spent = perf_counter(), process_time()
        dl.run(dict(data), out=folder)
        return perf_counter() - began, process_time() - spent, calls(Path(folder))


def calls(folder: Path) -> int:
    """How many calls the runs of a folder made."""
    with (folder / "usage.csv").open(encoding="utf-8") as file:
        return sum(int(row["calls"]) for row in csv.DictReader(file))


def best(data: Mapping[str, Any], repeats: int = 3) -> tuple[float, float, int]:
    """The fastest of several runs, after one to warm up."""
    taken(data)
    return min(taken(data) for _ in range(repeats))


def section() -> None:
    """Decisions a second where the server takes no time, and what is added to waiting where it takes some."""
    os.environ.setdefault("OPENAI_API_KEY", "none")
    with serving() as url:
        rows = [_line("pairs", best(pairs(LOCAL, url))), _line("donors", best(donors(LOCAL, url)))]
        rows.append(_line("pairs, litellm", best(pairs(REMOTE, url), 1)))
    measure.table(["from end to end, no latency", "calls", "seconds", "calls/s", "CPU a call"], rows)
    print()
    with serving(LATENCY) as url:
        rows = [_waiting(model, url, limit) for model in (LOCAL, REMOTE) for limit in (None, 16)]
        rows += [_bare(url, limit) for limit in (EPISODES, 16)]
        rows.append(_chain("local/, donors", AGENTS * LATENCY, taken(donors(LOCAL, url))[0]))
    measure.table([f"{LATENCY * 1e3:.0f} ms a reply", "longest chain", "wall", "ratio"], rows)
    print()
    memory(300)
    print()
    measure.table(["whole process", "wall", "CPU"], [_process(f"plain@{model}") for model in ("rehearsal", LOCAL)])


def _process(player: str) -> list[str]:
    """``dilemmas play`` of ten rounds, start-up included; the median of three."""
    code = "import sys; from dilemmas.cli.app import main; sys.exit(main())"
    words = ["play", "prisoners-dilemma", player, "tit-for-tat", "--rounds", str(ROUNDS), "--seed", "1"]
    found = []
    with serving() as url, tempfile.TemporaryDirectory() as folder:
        for number in range(3):
            where = ["--base-url", url, "--out", str(Path(folder) / str(number))]
            began, spent = perf_counter(), os.times()
            subprocess.run([sys.executable, "-c", code, *words, *where], capture_output=True, check=True, timeout=60)
            ended = os.times()
            used = ended.children_user + ended.children_system - spent.children_user - spent.children_system
            found.append((perf_counter() - began, used))
    clock, cpu = sorted(found)[1]
    return [f"dilemmas play, {player}", measure.seconds(clock), measure.seconds(cpu)]


def _line(name: str, found: tuple[float, float, int]) -> list[str]:
    clock, spent, calls = found
    return [name, f"{calls:,}", measure.seconds(clock), f"{calls / clock:,.0f}", f"{spent / calls * 1e3:.2f} ms"]


def _waiting(model: str, url: str, limit: int | None) -> list[str]:
    """A limit lets so many calls wait at once; else an episode's rounds follow one another."""
    chain = LATENCY * max(ROUNDS, math.ceil(EPISODES * ROUNDS / limit) if limit else 0)
    wall = taken(pairs(model, url, **({"concurrency": limit} if limit else {})))[0]
    at_once = f"at most {limit} at once" if limit else "all at once"
    return _chain(f"{model.partition('/')[0]}/, {EPISODES} x {ROUNDS}, {at_once}", chain, wall)


def _bare(url: str, limit: int) -> list[str]:
    """As many calls by litellm alone, each at once after another: what nobody who goes through it can beat."""

    async def run() -> float:
        async with bare(url, Path()) as call:
            await made(call, limit, 0, limit)  # connections are opened
            return (await made(call, EPISODES * ROUNDS, 0, limit))[0]

    chain = LATENCY * math.ceil(EPISODES * ROUNDS / limit)
    return _chain(f"litellm alone, {EPISODES * ROUNDS} calls, at most {limit} at once", chain, asyncio.run(run()))


def _chain(name: str, chain: float, wall: float) -> list[str]:
    return [name, measure.seconds(chain), measure.seconds(wall), f"{wall / chain:.2f}"]


def memory(episodes: int) -> None:
    """Memory of a process that plays so many episodes: when a fifth of the calls were made, and after all."""
    command = [sys.executable, "-m", "benchmarks.live", "--child", "--episodes", str(episodes)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    early, late, made, seconds = json.loads(done.stdout)
    row = [f"{made:,} calls of one run", f"{early:.0f} MB", f"{late:.0f} MB", f"{made / seconds:,.0f}"]
    measure.table(["memory", "after a fifth", "at the last call", "calls/s"], [row])


def child(episodes: int) -> None:
    """One run in this process, whose memory is looked at while it goes on."""
    import dilemmas as dl

    with serving() as url, tempfile.TemporaryDirectory() as folder, watching(Path(folder)) as seen:
        began = perf_counter()
        dl.run(pairs(LOCAL, url, episodes, log="summary"), out=folder)
        clock, made = perf_counter() - began, calls(Path(folder))
    early = next(size for written, size in seen if written >= seen[-1][0] / 5)
    print(json.dumps([early, seen[-1][1], made, clock]))


@contextmanager
def watching(folder: Path) -> Iterator[list[tuple[int, float]]]:
    """Bytes of the journal and megabytes of this process, every tenth of a second while calls are made."""
    seen: list[tuple[int, float]] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.1):
            written = sum(path.stat().st_size for path in folder.glob("**/calls.jsonl"))
            if written and (not seen or written > seen[-1][0]):
                seen.append((written, held()))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def held() -> float:
    """Megabytes that this process holds now."""
    status = Path("/proc/self/status")
    if not status.exists():
        raise measure.UnavailableError("this system does not say how much memory a process holds")
    return int(status.read_text().split("VmRSS:")[1].split()[0]) / 2**10


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live", description=__doc__)
    parser.add_argument("--episodes", type=int, default=5000, help="how many episodes to measure memory over")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given.episodes)
    else:
        print(measure.machine())
        section()
        memory(given.episodes)


if __name__ == "__main__":
    main()
