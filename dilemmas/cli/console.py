"""What a command prints: text for people on stdout, notes on stderr, or one JSON object and nothing else on stdout."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, TextIO

PATIENCE = 1.0  # seconds before a progress bar appears


@dataclass
class Console:
    """Where words go: with ``json`` text goes to stderr, with ``quiet`` nowhere; notes are always on stderr."""

    quiet: bool = False
    json: bool = False

    @property
    def width(self) -> int:
        """Columns of the terminal, 80 where there is none."""
        return min(shutil.get_terminal_size((80, 24)).columns, 140)

    def say(self, words: str = "") -> None:
        """A line or several for whoever ran the command."""
        if not self.quiet:
            put(words, sys.stderr if self.json else sys.stdout)

    def note(self, words: str) -> None:
        """Something about the work rather than its result."""
        if not self.quiet:
            put(words, sys.stderr)

    def answer(self, data: Mapping[str, Any]) -> None:
        """The one JSON object, where it is asked for."""
        if self.json:
            print(json.dumps(clean(data), ensure_ascii=True))


def put(words: str, stream: TextIO) -> None:
    """Print what a stream can carry; bars and lines are replaced where it lacks them."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    if not encoding.lower().replace("-", "").startswith("utf"):
        from dilemmas.report.text import safe

        words = safe(words, encoding)
    print(words, file=stream)


def clean(value: Any) -> Any:
    """Plain JSON values; numbers that are none become null."""
    if isinstance(value, Mapping):
        return {str(key): clean(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(part) for part in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)


@dataclass
class Meter:
    """A progress bar that appears when work takes more than a second, and only on a terminal."""

    shown: bool
    _began: float = field(default_factory=monotonic)
    _bar: Any = None
    _tasks: dict[str, Any] = field(default_factory=dict)

    def __call__(self, what: str, done: int, total: int) -> None:
        """``done`` of ``total`` things are done."""
        if not self.shown or monotonic() - self._began < PATIENCE:
            return
        if self._bar is None:
            self._bar = _bar()
            self._bar.start()
        if what not in self._tasks:
            self._tasks[what] = self._bar.add_task(what, total=total)
        self._bar.update(self._tasks[what], completed=done, total=total)

    def runs(self, done: int, planned: int, name: str) -> None:
        """``done`` of ``planned`` runs are done."""
        if planned > 1:
            self("runs", done, planned)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()


def _bar() -> Any:
    from rich.console import Console as Rich
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    return Progress(*columns, console=Rich(stderr=True), transient=True)


@contextmanager
def meter(console: Console) -> Iterator[Meter]:
    """A progress bar for the time of some work."""
    made = Meter(not console.quiet and sys.stderr.isatty())
    try:
        yield made
    finally:
        made.close()


def columns(rows: Sequence[Sequence[str]], width: int, gap: int = 2) -> list[str]:
    """Rows of words in columns, the last one wrapped to what is left of the width."""
    import textwrap

    sizes = [max(len(row[i]) for row in rows) for i in range(len(rows[0]) - 1)] if rows else []
    lines = []
    for row in rows:
        head = "".join(cell.ljust(size + gap) for cell, size in zip(row, sizes, strict=False))
        rest = textwrap.wrap(row[-1], max(24, width - len(head))) or [""]
        lines += [(head + rest[0]).rstrip(), *(" " * len(head) + part for part in rest[1:])]
    return lines
