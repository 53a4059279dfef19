"""Medians, the state of the machine, and aligned text."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Callable, Iterable, Sequence
from time import perf_counter, process_time
from typing import Any

import numpy as np

# Processor time of this one thread, so that other work on the machine disturbs less; Windows counts it too coarsely.
CLOCK = perf_counter if os.name == "nt" else process_time


class UnavailableError(Exception):
    """A measurement that cannot be made here, and why."""


def median(work: Callable[[], Any], repeats: int = 5, budget: float = 6.0) -> float:
    """Median seconds of ``work`` after one run to warm up; fewer repeats where ``budget`` seconds are used up."""
    until, spent = perf_counter() + budget, [_once(work)]
    while len(spent) <= repeats and perf_counter() < until:
        spent.append(_once(work))
    return statistics.median(spent[1:] or spent)


def _once(work: Callable[[], Any]) -> float:
    began = CLOCK()
    work()
    return CLOCK() - began


def load() -> str:
    """How busy the machine is."""
    if not hasattr(os, "getloadavg"):
        return "Load not known here"
    return "Load {:.2f} {:.2f} {:.2f}".format(*os.getloadavg()) + f" on {os.cpu_count()} cores"


def machine() -> str:
    """Where this is measured."""
    versions = f"Python {platform.python_version()}, numpy {np.__version__}"
    return f"{versions}, {platform.system()} {platform.machine()}. {load()}."


def guarded(title: str, section: Callable[[], None]) -> None:
    """Run a section; what is not there yet, or fails, is said and does not stop the others."""
    print(f"\n== {title} ==", flush=True)
    try:
        section()
    except UnavailableError as error:
        print(f"not available: {error}")
    except Exception as error:  # a benchmark reports what it can
        print(f"not available: {type(error).__name__}: {error}")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Aligned columns: the first to the left, numbers to the right."""
    lines = [list(head), *map(list, rows)]
    width = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        cells = [
            cell.ljust(wide) if not k else cell.rjust(wide)
            for k, (cell, wide) in enumerate(zip(line, width, strict=True))
        ]
        print("  ".join(cells).rstrip())


def seconds(value: float | None) -> str:
    """Seconds in a unit that a person reads."""
    if value is None:
        return "-"
    return f"{value:.2f} s" if value >= 1 else f"{value * 1e3:.1f} ms"


def rate(work: float, taken: float) -> str:
    """So many a second, in millions or thousands."""
    found = work / taken
    return f"{found / 1e6:.2f} M" if found >= 1e5 else f"{found / 1e3:.1f} k"


def times(slow: float | None, fast: float) -> str:
    """How many times faster."""
    return "-" if slow is None else f"{slow / fast:.1f} x"
