"""Finding what a name means: a path, a file beside the one that names it, or an item on a shipped shelf."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Literal

from dilemmas.errors import FileError, UnknownName, nearest

Shelf = Literal["games", "strategies", "experiments"]
SHELVES: tuple[Shelf, ...] = ("games", "strategies", "experiments")
ONE = {"games": "game", "strategies": "strategy", "experiments": "experiment"}
_AKA = re.compile(r"^aka:\s*\[(.*?)\]", re.MULTILINE | re.DOTALL)
_AKA_LIST = re.compile(r"^aka:\s*\n((?:\s*-\s.*\n?)+)", re.MULTILINE)


@lru_cache
def shelf(kind: Shelf) -> Path:
    """The folder of a shelf: inside the installed package, or at the top of a checkout."""
    installed = Path(str(resources.files("dilemmas"))) / "library" / kind
    checkout = Path(__file__).resolve().parents[2] / kind
    return installed if installed.is_dir() else checkout


def names(kind: Shelf) -> list[str]:
    """Names on a shelf; by suffix, for a folder may hold other things."""
    return sorted(path.stem for path in shelf(kind).glob("*.yaml"))


def is_path(name: str) -> bool:
    """Whether a reference is a path: it has a slash or ends like a file."""
    return "/" in name or "\\" in name or name.endswith((".yaml", ".yml", ".py"))


def find(kind: Shelf, name: str, beside: Path | None = None) -> Path:
    """The file that ``name`` means; raises UnknownName or FileError with the nearest name."""
    if is_path(name):
        path = (beside or Path()) / name
        if not path.exists():
            raise FileError("there is no such file", where=str(path), remedy=_near(path))
        return path
    for folder in (*((beside, beside / kind) if beside is not None else ()), shelf(kind)):
        if (folder / f"{name}.yaml").is_file():
            return folder / f"{name}.yaml"
    if (path := shelf(kind) / f"{_known_as(kind).get(_plain(name), '')}.yaml").is_file():
        return path
    raise UnknownName(f"no {ONE[kind]} is called {name!r}", remedy=_suggest(kind, name, beside))


def _suggest(kind: Shelf, name: str, beside: Path | None) -> str:
    known = [*names(kind), *_known_as(kind, spoken=True)]
    known += [path.stem for path in beside.glob("*.yaml")] if beside is not None else []
    return nearest(name, known) or f"See them all with: dilemmas list {kind}"


def _near(path: Path) -> str:
    return nearest(path.name, [other.name for other in path.parent.iterdir()]) if path.parent.is_dir() else ""


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


@lru_cache
def _known_as(kind: Shelf, spoken: bool = False) -> dict[str, str]:
    """Every other name of the shelf's items to its file's name; read without parsing every file."""
    found: dict[str, str] = {}
    for path in sorted(shelf(kind).glob("*.yaml")):
        for name in [path.stem, *_aliases(path.read_text(encoding="utf-8"))]:
            found.setdefault(name if spoken else _plain(name), path.stem)
    return found


def _aliases(text: str) -> Iterator[str]:
    for match in _AKA.findall(text):
        yield from (part.strip(" '\"\n") for part in match.split(",") if part.strip())
    for match in _AKA_LIST.findall(text):
        yield from (line.strip(" -'\"") for line in match.splitlines() if line.strip())
