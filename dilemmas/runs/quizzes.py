"""Quizzes in a results folder: ``quiz/NAME`` holds calls, marks and what they took; marks are joined in one table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dilemmas.results import Table, join, put, read, workbook, write
from dilemmas.runs.store import SUFFIX

STAGE = "quiz"
USAGE = "usage.json"  # comes last, and says that a quiz is whole


def save(home: Path, marks: Table, usage: Mapping[str, Any], form: str) -> None:
    """Write a quiz that is over."""
    home.mkdir(parents=True, exist_ok=True)
    write(marks, home / f"{STAGE}{SUFFIX[form]}")
    put(home / USAGE, json.dumps(dict(usage), indent=2) + "\n")


def _done(folder: Path) -> Iterator[Path]:
    return (path.parent for path in sorted((folder / STAGE).glob(f"*/{USAGE}")))


def spent(folder: Path) -> dict[str, Mapping[str, Any]]:
    """What every quiz of a results folder took, by its name."""
    return {home.name: json.loads((home / USAGE).read_text(encoding="utf-8")) for home in _done(folder)}


def gather(folder: Path, form: str) -> Table | None:
    """Join the quizzes of a results folder into one table beside the others; None where there are none."""
    suffixes = set(SUFFIX.values())
    paths = [path for home in _done(folder) for suffix in suffixes if (path := home / f"{STAGE}{suffix}").is_file()]
    if not paths:
        return None
    table = join([read(path) for path in paths])
    write(table, folder / f"{STAGE}{SUFFIX[form]}")
    if form == "excel":
        workbook.beside(folder / f"{STAGE}.csv")
    return table
