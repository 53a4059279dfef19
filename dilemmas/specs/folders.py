"""A folder as a seat: all the strategies in it, with what cannot be used named."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dilemmas.errors import DilemmasError, FileError, UsageError, many
from dilemmas.specs import seats
from dilemmas.specs.seats import Seat

SUFFIXES = (".yaml", ".yml", ".py")


@dataclass(frozen=True)
class Entries:
    """Entries of a population, which of them are a folder's own Python (by name), and what was left out and why."""

    listed: tuple[dict[str, Any], ...]
    strangers: Mapping[str, str] = field(default_factory=dict)
    skipped: tuple[DilemmasError, ...] = ()


def entries(words: Sequence[str], *, python: bool = False, keep_going: bool = False) -> Entries:
    """Seats as typed, with each folder replaced by its strategies.

    A folder's own Python is refused unless ``python``; a file that cannot be used is an error, or with ``keep_going``
    is left out and named. Raises UsageError, FileError, SpecError.
    """
    listed: list[dict[str, Any]] = []
    strangers: dict[str, str] = {}
    skipped: list[DilemmasError] = []
    for word in words:
        if not Path(word).is_dir():
            listed.append(_parsed(word).entry)
            continue
        for path in _files(Path(word)):
            try:
                own = _checked(path, python)
            except DilemmasError as error:
                if not keep_going:
                    raise
                skipped.append(error)
                continue
            listed.append({"strategy": path.as_posix()})
            # Where two files say the same name, tables and the watch over time call them by their files' names.
            strangers |= dict.fromkeys((own, Seat(path.as_posix()).title), path.as_posix()) if own else {}
    return Entries(tuple(listed), strangers, tuple(skipped))


def _files(folder: Path) -> list[Path]:
    found = sorted(
        path for path in folder.iterdir() if path.suffix in SUFFIXES and not path.name.startswith((".", "_"))
    )
    if not found:
        raise FileError("holds no strategies", where=str(folder), expected="files that end in .yaml or .py")
    # A script that a YAML file of the folder names is that file's business.
    named = {script for path in found if path.suffix != ".py" for script in _scripts(path)}
    return [path for path in found if path.name not in named]


def _scripts(path: Path) -> list[str]:
    try:
        python = seats.read_file(str(path))[0].python
    except DilemmasError:
        return []
    return [Path(python.partition(".py")[0] + ".py").name] if python is not None else []


def _checked(path: Path, python: bool) -> str:
    """The name of a strategy that is Python of its own, empty for a table; raises what is wrong with the file."""
    reference = path.as_posix()
    own = path.suffix == ".py" or seats.read_file(reference)[0].python is not None
    made = seats.strategy(Seat(reference), python=python)
    return made.name if own else ""


def _parsed(word: str) -> Seat:
    """A seat as typed; a negative count is told as one, not as a strange name."""
    head, _, count = word.rpartition("=")
    if re.fullmatch(r"-\d+", count) and ("=" in head or ":" not in head):
        raise UsageError(f"{word!r} asks for {many(int(count), 'seat')}", expected="a count of 1 or more")
    return seats.parse(word)
