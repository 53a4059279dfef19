"""The display while models play: what was asked, what it cost, what comes of it; one line at the end.

It reads counters four times a second from a thread of its own and writes to stderr, so that it holds up nothing.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Protocol

from dilemmas.cli.console import Console
from dilemmas.errors import many
from dilemmas.report.text import bar, cells, safe
from dilemmas.report.text import short as clipped

A_SECOND = 4
SPAN = 10.0  # seconds that the rate of calls is taken over
BAR = 12


class Pulse(Protocol):
    """Counters of calls, by this command: ``calls`` were answered by a provider, ``faults`` are tries that failed.

    ``cost`` is in USD, None where a price is unknown; ``trouble`` says of what tries failed last, and of whom.
    """

    calls: int
    in_flight: int
    tokens: int
    cost: float | None
    faults: int
    trouble: str


class Shows(Protocol):
    """What the display reads; whoever plays keeps it up to date.

    ``done`` of ``planned`` runs are finished, ``cap`` is the most that may be spent in USD, None for no end.
    """

    planned: int
    done: int
    episodes: int
    cap: float | None

    @property
    def pulse(self) -> Pulse:
        """The calls."""
        ...

    @property
    def cooperation(self) -> float | None:
        """Mean cooperation so far; None while there is none."""
        ...


@dataclass
class Clock:
    """Time since the start, and calls a second of late."""

    now: Callable[[], float] = monotonic
    _began: float = field(init=False)
    _seen: deque[tuple[float, int]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self._began = self.now()

    @property
    def seconds(self) -> float:
        """Since the start."""
        return self.now() - self._began

    def rate(self, calls: int) -> float:
        """Calls a second over the last ten seconds; 0 at the start."""
        at = self.now()
        self._seen.append((at, calls))
        while len(self._seen) > 2 and at - self._seen[0][0] > SPAN:
            self._seen.popleft()
        first, before = self._seen[0]
        return (calls - before) / (at - first) if at > first else 0.0


@contextmanager
def display(shows: Shows, *, quiet: bool = False) -> Iterator[None]:
    """Show the counters for the time of some work, on a terminal; then one line of what was done, anywhere."""
    clock = Clock()
    live = None if quiet or not sys.stderr.isatty() else _live(shows, clock)
    try:
        if live is not None:
            live.start()
        yield
    finally:
        if live is not None:
            live.stop()
        if shows.pulse.calls:
            Console(quiet).note(last(shows, clock.seconds))


def _live(shows: Shows, clock: Clock) -> Any:
    from rich.console import Console as Rich
    from rich.live import Live
    from rich.text import Text

    screen = Rich(stderr=True)

    def render() -> Text:
        shown = lines(shows, clock, screen.width)
        return Text(safe("\n".join(shown), screen.encoding), no_wrap=True, overflow="crop")

    return Live(
        get_renderable=render,
        console=screen,
        refresh_per_second=A_SECOND,
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
    )


def lines(shows: Shows, clock: Clock, width: int) -> list[str]:
    """The display as lines of at most ``width`` columns."""
    pulse = shows.pulse
    share = bar(min(shows.done, shows.planned), shows.planned, BAR)
    head = [f"runs {shows.done}/{shows.planned} {share.ljust(BAR)}", many(shows.episodes, "episode")]
    head += [f"cooperation {100 * shows.cooperation:.0f} %"] if shows.cooperation is not None else []
    head += [many(pulse.faults, "error")] if pulse.faults else []
    tail = [many(pulse.calls, "call"), f"{pulse.in_flight:,} in flight", f"{clock.rate(pulse.calls):.1f}/s"]
    tail += [f"{short(pulse.tokens)} tokens", money(pulse.cost, shows.cap)]
    trouble = [clipped(f"last error: {pulse.trouble}", width)] if pulse.trouble else []
    return [*_filled([*head, lasted(clock.seconds)], width), *_filled(tail, width), *trouble]


def last(shows: Shows, seconds: float) -> str:
    """What was done, in a line."""
    pulse = shows.pulse
    parts = [many(pulse.calls, "call"), f"{short(pulse.tokens)} tokens", money(pulse.cost, shows.cap)]
    parts += [many(pulse.faults, "failed try", "failed tries")] if pulse.faults else []
    return f"models: {', '.join(parts)}, {lasted(seconds)}"


def _filled(parts: list[str], width: int) -> list[str]:
    """Parts in lines, as many on each as fit."""
    found = [""]
    for part in parts:
        joined = f"{found[-1]} · {part}" if found[-1] else part
        if cells(joined) <= width or not found[-1]:
            found[-1] = joined
        else:
            found.append(part)
    return found


def short(number: float) -> str:
    """A large number as people say it: 1.2 M, 340 k."""
    for size, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.3g} {sign}" if number < 999.5 * size else f"{number / size:,.0f} {sign}"
    return f"{number:,.0f}"


def money(cost: float | None, cap: float | None) -> str:
    """What was spent, of what may be."""
    spent = "cost unknown" if cost is None else f"{usd(cost)} USD"
    return spent if cap is None else f"{'cost unknown' if cost is None else usd(cost)} of {usd(cap)} USD"


def usd(amount: float) -> str:
    """An amount with cents, or with two digits where it is less than one."""
    return f"{amount:,.2f}" if amount >= 0.1 or amount == 0 else f"{amount:.2g}" if amount >= 1e-4 else f"{amount:.1e}"


def lasted(seconds: float) -> str:
    """A time as people say it."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"
