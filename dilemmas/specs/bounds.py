"""What an experiment may be called, and how many seeds it may have."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Any

from dilemmas.rules.params import whole

MOST_SEEDS = 1_000_000
_DEVICE = re.compile(r"con|prn|aux|nul|(com|lpt)[0-9\u00b9\u00b2\u00b3]", re.IGNORECASE)


def folder(name: str) -> str:
    """A name that is a folder below ``results`` wherever it is read; raises ValueError for one that is none."""
    for part in name.split("/"):
        letters = all(char in "-_." or unicodedata.category(char)[0] in "LMN" for char in part)
        if not part or not letters or part.endswith("."):
            want = "letters, digits, -, _ and ., in parts with / between them, none of which ends with a dot"
            raise ValueError(f"{name!r} cannot be the name of an experiment; expected {want}")
        if _DEVICE.fullmatch(part.partition(".")[0]):
            raise ValueError(f"{name!r} cannot be the name of an experiment: Windows keeps {part!r} for itself")
    return name


def titled(game: str, command: str) -> str:
    """The name of what a command plays, from its game: a name, or a path with or without what stands in it."""
    stem = re.sub(r"[^\w-]+", "-", Path(game.partition(":")[0]).stem).strip("-") or "game"
    return f"{stem}-{command}"


def seeds(value: Any) -> Any:
    """Seeds from 0 on where a number says how many."""
    many = whole(value)
    if isinstance(many, int) and not isinstance(many, bool):
        return counted(0, many)
    if isinstance(value, list):
        return value
    raise ValueError(f"seeds are {value!r}; expected how many, from 1 on, or a list of whole numbers")


def counted(first: int, many: int) -> list[int]:
    """So many seeds from a first one on; raises ValueError for none, and for more than anybody can play."""
    if not 1 <= many <= MOST_SEEDS:
        raise ValueError(f"{many} seeds; expected a number from 1 to {MOST_SEEDS:,}, or a list of whole numbers")
    return list(range(first, first + many))
