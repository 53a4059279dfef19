"""A limit on how long own Python may think over one decision, kept in the process that asks it."""

from __future__ import annotations

import _thread
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from time import monotonic
from typing import Any

from dilemmas.errors import FileError
from dilemmas.strategies import scripted

LIMIT = 1.0  # seconds a decision, as in a tournament of a folder
LOOK = 0.05  # seconds between looks at the clock


@dataclass
class _Clock:
    """When the decision that is being waited for began, and whose it is; ``late`` is who took too long."""

    limit: float
    began: float | None = None
    name: str = ""
    late: str = ""
    done: Event = field(default_factory=Event)

    def watch(self) -> None:
        """Interrupt the main thread once a decision takes too long, again if that is caught."""
        while not self.done.wait(LOOK):
            began = self.began
            if began is not None and monotonic() - began > self.limit:
                self.late = self.name
                _thread.interrupt_main()


@contextmanager
def patience(limit: float = LIMIT) -> Iterator[None]:
    """Within it, a decision that takes more than ``limit`` seconds is interrupted; raises FileError that names it.

    For the main thread of a program alone, as it is the one that can be interrupted.
    """
    clock, plain = _Clock(limit), scripted.call

    def timed(strategy: Any, *rest: Any) -> Any:
        clock.name, clock.began = strategy.name, monotonic()
        try:
            return plain(strategy, *rest)
        finally:
            clock.began = None

    watcher = Thread(target=clock.watch, daemon=True)
    # A program in the background of a shell is started deaf to interrupts, to this one as well.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    scripted.call = timed  # type: ignore[assignment]  # the same arguments, handed on
    watcher.start()
    try:
        yield
    except KeyboardInterrupt:
        if not clock.late:
            raise
        raise FileError(f"{clock.late} takes more than {limit:g} s over a decision") from None
    finally:
        scripted.call = plain
        clock.done.set()
        watcher.join()
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)
