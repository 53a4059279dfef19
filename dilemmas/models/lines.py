"""Files of one JSON object a line that are only ever appended to, so that a process may be killed at any moment.

A line is one write of the operating system; at most the last one can be torn. It is cut off when the file is opened
to be continued. A line that is no JSON anywhere else is damage, and an error.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any

from dilemmas.errors import FileError, ResultsError, UsageError

LEDGER = "ledger.jsonl"  # of a results folder; who has it locked is at work there
FAR = 2**40  # where on Windows the byte lies that is locked: nobody reads it


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it was found: its number from 1, where its bytes are, what it says."""

    number: int
    offset: int
    length: int
    entry: dict[str, Any]


def dumps(entry: Any, *, ordered: bool = False) -> bytes:
    """Compact JSON in ASCII, so that any text can be written, lone surrogates too; keys in order where ``ordered``.

    ValueError for NaN and infinities, TypeError for what is no plain data.
    """
    return (_ORDERED if ordered else _PLAIN)(entry).encode("ascii")


# Made once: json.dumps makes an encoder a call where settings differ from its own.
_PLAIN = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode
_ORDERED = json.JSONEncoder(allow_nan=False, separators=(",", ":"), sort_keys=True).encode


class Lines:
    """One such file, opened to be continued; it is made when the first line is written.

    ``alone`` makes the file at once and locks it as long as it is open, so that of two commands on one folder the
    second gets a UsageError. ``mend`` False only reads: a torn end is left out and left there, for another command may
    be at work on it.
    """

    def __init__(self, path: Path, *, alone: bool = False, mend: bool = True) -> None:
        self.path, self._mend = path, mend
        self._out: FileIO | None = None
        self._in: FileIO | None = None
        self._closed = False
        if alone:
            self._out = self._open()
            self._locked(self._out)

    def __iter__(self) -> Iterator[Line]:
        """All whole lines, from the first; what is torn at the end is cut off the file. ResultsError for damage."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(0)
            yield from self._lines(file, end)

    def _lines(self, file: Any, end: int) -> Iterator[Line]:
        offset, number = 0, 0
        while offset < end:  # what is appended from here on is no part of it
            raw, number = file.readline(), number + 1
            entry = parse(raw)
            if entry is None:
                if offset + len(raw) < end:
                    raise self.broken(number, "it is no line of JSON")
                if self._mend:
                    self._cut(offset)
                return
            if self._mend and not raw.endswith(b"\n"):  # all of it was written but its end
                self._add(b"\n")
            yield Line(number, offset, len(raw), entry)
            offset += len(raw)

    def broken(self, number: int, why: str) -> ResultsError:
        """The error for a line that cannot be used."""
        return ResultsError(
            f"this line is damaged: {why}",
            where=f"{self.path}, line {number}",
            remedy="Put back a copy of the file; or start anew with --fresh or another --out.",
        )

    def at(self, offset: int, length: int) -> dict[str, Any] | None:
        """The line at a place that was found before; None where there is no such line any more."""
        if self._in is None:
            self._in = self.path.open("rb", buffering=0)
        self._in.seek(offset)
        return parse(self._in.read(length) or b"")

    def append(self, entry: Mapping[str, Any]) -> None:
        """Write one line, whole or not at all; raises FileError where the disk does not take it.

        After :meth:`close` the file is opened for this line alone: a reply that comes late is not lost.
        """
        self._add(dumps(entry) + b"\n")

    def _add(self, data: bytes) -> None:
        try:
            if self._out is None:
                self._out = self._open()
            self._whole(self._out, data)
        except OSError as error:
            raise FileError(f"cannot be written: {error.strerror or error}", where=str(self.path)) from None
        finally:
            if self._closed:
                self.close()

    def _whole(self, out: FileIO, data: bytes) -> None:
        written = out.write(data)
        if written != len(data):  # a full disk takes a part
            self._cut(out.seek(0, os.SEEK_END) - (written or 0))
            raise OSError(f"only {written} of {len(data)} bytes could be written; is the disk full?")

    def _open(self) -> FileIO:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return self.path.open("ab", buffering=0)

    def _cut(self, offset: int) -> None:
        with self.path.open("r+b") as file:
            file.truncate(offset)

    def _locked(self, file: FileIO) -> None:
        try:
            _lock(file)
        except OSError:
            self.close()
            raise UsageError(
                "another command is at work in this results folder",
                where=str(self.path.parent),
                remedy="Wait until it has ended, or give another --out.",
            ) from None

    def close(self) -> None:
        """Give the file back; twice is harmless."""
        self._closed = True
        for file in (self._out, self._in):
            if file is not None:
                file.close()
        self._out = self._in = None


def parse(raw: bytes) -> dict[str, Any] | None:
    """What a line says; None where it is no JSON object."""
    try:
        entry = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


if sys.platform == "win32":
    import msvcrt

    def _lock(file: FileIO) -> None:
        file.seek(FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: FileIO) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
