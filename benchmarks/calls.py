"""Calls a second against a server in another process: bare litellm, a speaker, and the desk with its journal around.

``python -m benchmarks.calls --calls 50000`` makes that many calls a way and says how much memory they took.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from benchmarks import measure
from benchmarks.serving import serving

AT_ONCE = 64
PROMPT = "You choose again. What happened so far is told above; say what you do now, and why. " * 7
MESSAGES = ({"role": "system", "content": "Be brief."}, {"role": "user", "content": PROMPT})
Work = Callable[[int], Awaitable[Any]]


@asynccontextmanager
async def bare(url: str, folder: Path) -> AsyncIterator[Work]:
    """litellm, as anybody would call it."""
    import litellm
    from litellm.llms.custom_httpx.async_client_cleanup import close_litellm_async_clients

    async def call(number: int) -> None:
        messages = [dict(message) for message in MESSAGES]
        await litellm.acompletion(
            "openai/tiny", messages, api_base=url, api_key="none", timeout=60, max_retries=0, temperature=0.5
        )

    yield call
    await close_litellm_async_clients()  # type: ignore[no-untyped-call]  # litellm says nothing of its type
    litellm.in_memory_llm_clients_cache.flush_cache()  # or it would use them again, closed


def alone(model: str) -> Callable[[str, Path], Any]:
    """A speaker and nothing around it."""

    @asynccontextmanager
    async def way(url: str, folder: Path) -> AsyncIterator[Work]:
        from dilemmas.models.speaker import Request
        from dilemmas.models.speakers import speaker

        with_it, request = speaker(model, url), Request(model, MESSAGES, {"temperature": 0.5})
        yield lambda number: with_it.say(request, 60)
        await with_it.close()

    return way


def desk(model: str) -> Callable[[str, Path], Any]:
    """The desk: limiter, ledger and journal, both on disk."""

    @asynccontextmanager
    async def way(url: str, folder: Path) -> AsyncIterator[Work]:
        from dilemmas.models.desk import Call, Desk
        from dilemmas.models.journal import Journal
        from dilemmas.models.ledger import LEDGER, Caps, Ledger
        from dilemmas.models.limiter import Limiter
        from dilemmas.models.speaker import Key, Request
        from dilemmas.models.speakers import speaker

        journal, ledger = Journal(folder), Ledger(folder / LEDGER, Caps())
        at = Desk(lambda name: speaker(name, url), ledger, Limiter(AT_ONCE))
        request = Request(model, MESSAGES, {"temperature": 0.5})

        def call(number: int) -> Awaitable[Any]:
            return at.ask(Call(request, Key(1, "play", 1, number + 1, 1, 1, "a", "choose", 1), journal))

        yield call
        await at.close()
        journal.close()
        ledger.close()

    return way


WAYS: dict[str, Callable[[str, Path], Any]] = {
    "litellm.acompletion": bare,
    "remote speaker": alone("openai/tiny"),
    "desk, remote": desk("openai/tiny"),
    "direct speaker": alone("local/tiny"),
    "desk, direct": desk("local/tiny"),
}


async def made(call: Work, calls: int, first: int, at_once: int = AT_ONCE) -> tuple[float, float]:
    """Seconds by the clock and of this processor, of so many calls with ``at_once`` under way at any time."""
    numbers = iter(range(first, first + calls))

    async def worker() -> None:
        for number in numbers:
            await call(number)

    began, spent = perf_counter(), process_time()
    await asyncio.gather(*(worker() for _ in range(at_once)))
    return perf_counter() - began, process_time() - spent


async def compared(url: str, calls: int, repeats: int = 3) -> dict[str, list[tuple[float, float]]]:
    """All ways in turns, so that other work on the machine meets them alike; the first turn is to warm up."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in WAYS}
    for turn in range(repeats + 1):
        for name, way in WAYS.items():
            many = calls * (4 if "direct" in name else 1)
            with tempfile.TemporaryDirectory() as folder:
                async with way(url, Path(folder)) as call:
                    await made(call, AT_ONCE, 0)  # connections are opened
                    await asyncio.sleep(0.5)  # what litellm still notes of the calls before is not these calls' work
                    clock, spent = await made(call, many, AT_ONCE)
            if turn:
                found[name].append((clock / many, spent / many))
    return found


def section(calls: int = 200) -> None:
    """Calls a second and processor time a call."""
    from dilemmas.models import remote

    remote.price("openai/tiny")  # litellm is loaded, quiet
    with serving() as url:
        found = asyncio.run(compared(url, calls))
    plain = statistics.median(clock for clock, _ in found["litellm.acompletion"])
    rows = []
    for name, times in found.items():
        clock, spent = (statistics.median(column) for column in zip(*times, strict=True))
        rows.append([name, f"{1 / clock:,.0f}", f"{spent * 1e3:.2f} ms", f"{plain / clock:.2f} x"])
    measure.table(["64 calls at once", "calls/s", "CPU a call", "of bare"], rows)


def memory(calls: int) -> None:
    """Peak memory of a process after a tenth of the calls and at the end."""
    rows = []
    for name in ("desk, remote", "desk, direct"):
        command = [sys.executable, "-m", "benchmarks.calls", "--child", name, "--calls", str(calls)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        early, late, speed = json.loads(done.stdout)
        rows.append([name, f"{calls:,}", f"{early:.0f} MB", f"{late:.0f} MB", f"{speed:,.0f}"])
    measure.table(["peak memory", "calls", "after a tenth", "at the end", "calls/s"], rows)


def child(name: str, calls: int) -> None:
    """One way in this process: megabytes early and late, and calls a second."""

    async def run(url: str, folder: Path) -> tuple[float, float, float]:
        async with WAYS[name](url, folder) as call:
            await made(call, calls // 10, 0)
            early = peak()
            clock, _ = await made(call, calls - calls // 10, calls // 10)
            return early, peak(), (calls - calls // 10) / clock

    with serving() as url, tempfile.TemporaryDirectory() as folder:
        print(json.dumps(asyncio.run(run(url, Path(folder)))))


def peak() -> float:
    """The most memory that this process has held, in megabytes."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage counts what the parent held before this process began
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 2**10
    try:
        import resource
    except ImportError as error:
        raise measure.UnavailableError("this system does not say how much memory a process held") from error
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 2**20 if sys.platform == "darwin" else most / 2**10


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calls", description=__doc__)
    parser.add_argument("--calls", type=int, default=5000, help="how many calls to measure memory over")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given.child, given.calls)
    else:
        print(measure.machine())
        section()
        memory(given.calls)


if __name__ == "__main__":
    main()
