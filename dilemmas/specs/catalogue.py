"""Finding what a name means: a path, a file beside the one that names it, or an item on a shipped shelf."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Literal

from dilemmas.errors import FileError, UnknownName, nearest

Shelf = Literal["games", "strategies", "experiments"]
SHELVES: tuple[Shelf, ...] = ("games", "strategies", "experiments")
ONE = {"games": "game", "strategies": "strategy", "experiments": "experiment"}
_AKA = re.compile(r"^aka:\s*\[(.*?)\]", re.MULTILINE | re.DOTALL)
_FOR = re.compile(r"^for:\s*([\w-]+)", re.MULTILINE)
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


def paths(kind: Shelf) -> list[Path]:
    """Every item's file; experiments also stand in folders, one a paper, beside files of published numbers."""
    found = sorted(shelf(kind).glob("*.yaml"))
    if kind == "experiments":
        found += [path for path in sorted(shelf(kind).glob("*/*.yaml")) if _says(path, kind)]
    return found


def title(kind: Shelf, path: Path) -> str:
    """The name of a shelf's file: with its folder where it stands in one."""
    return path.relative_to(shelf(kind)).with_suffix("").as_posix()


def study(name: str) -> Path | None:
    """The experiment that stands on the shelf as ``folder/name``; None where there is none."""
    path = shelf("experiments") / (name if name.endswith(".yaml") else f"{name}.yaml")
    return path if "/" in name and path in paths("experiments") else None


def is_path(name: str) -> bool:
    """Whether a reference is a path: it has a slash or ends like a file."""
    return "/" in name or "\\" in name or name.endswith((".yaml", ".yml", ".py"))


def find(kind: Shelf, name: str, beside: Path | None = None, family: str | None = None) -> Path:
    """The file that ``name`` means; raises UnknownName or FileError with the nearest name.

    A name that several families use (the punisher of the donor game and of Axelrod's tournaments) means the one of
    ``family``; without a family, the one whose file or alias is spelled so.
    """
    if is_path(name):
        path = (beside or Path()) / name
        if not path.exists() and kind == "experiments" and (found := study(name)) is not None:
            return found
        if not path.exists():
            raise FileError("there is no such file", where=str(path), remedy=_near(path))
        if kind == "strategies" and path.is_dir():
            raise _folder(path, name)
        return path
    if beside is not None:
        for path in (beside / f"{name}.yaml", beside / kind / f"{name}.yaml"):
            if path.is_file() and _holds(path, kind):
                return path
    known = _known(kind)
    for candidates in (known.get(name, ()), known.get(_plain(name), ())):
        if fit := [item for item in candidates if family in (None, item.family) or item.family == "any"] or list(
            candidates
        ):
            return fit[0].path
    if kind == "strategies" and (path := (beside or Path()) / name).is_dir():
        raise _folder(path, name)
    raise UnknownName(f"no {ONE[kind]} is called {name!r}", remedy=_suggest(kind, name, beside))


def _folder(path: Path, name: str) -> FileError:
    """The error for a folder where one strategy is wanted."""
    held = next((f", such as {name.rstrip('/')}/{file.name}" for file in sorted(path.glob("*.yaml"))), "")
    remedy = f"Name its files{held}; `dilemmas tournament GAME FOLDER` takes all of them."
    return FileError("is a folder", where=str(path), expected="one strategy", remedy=remedy)


def _holds(path: Path, kind: Shelf) -> bool:
    """Whether a file beside is one of the kind that is looked for; a file that says nothing is told of when read."""
    text = path.read_text(encoding="utf-8", errors="ignore")
    # An experiment has a game too.
    said = [shelf for shelf in reversed(SHELVES) if re.search(rf"^{ONE[shelf]}\s*:", text, re.MULTILINE)]
    return not said or said[0] == kind


def _says(path: Path, kind: Shelf) -> bool:
    """Whether a file says that it is one of the kind."""
    return re.search(rf"^{ONE[kind]}\s*:", path.read_text(encoding="utf-8", errors="ignore"), re.MULTILINE) is not None


def _suggest(kind: Shelf, name: str, beside: Path | None) -> str:
    known = [item for item in _known(kind) if not item.startswith(_FOLDED)]
    known += [path.stem for path in beside.glob("*.yaml")] if beside is not None else []
    return nearest(name, known) or f"See them all with: dilemmas list {kind}"


def _near(path: Path) -> str:
    return nearest(path.name, [other.name for other in path.parent.iterdir()]) if path.parent.is_dir() else ""


_FOLDED = "~"


def _plain(name: str) -> str:
    """A name without case and punctuation, marked so that it is never taken for a spelled one."""
    return _FOLDED + re.sub(r"[^a-z0-9]", "", name.lower())


@dataclass(frozen=True)
class Item:
    """A file on a shelf, and the family that it is for."""

    path: Path
    family: str


@lru_cache
def _known(kind: Shelf) -> dict[str, tuple[Item, ...]]:
    """Every name of every item, spelled and folded; read without parsing every file. File names come first."""
    found: dict[str, list[Item]] = {}
    items = [(path, path.read_text(encoding="utf-8")) for path in paths(kind)]
    named = [(path.stem, Item(path, _family(text))) for path, text in items]
    named += [(name, Item(path, _family(text))) for path, text in items for name in _aliases(text)]
    for name, item in named:
        for key in (name, _plain(name)):
            if item not in found.setdefault(key, []):
                found[key].append(item)
    return {name: tuple(items) for name, items in found.items()}


def _family(text: str) -> str:
    match = _FOR.search(text)
    return match.group(1) if match else "any"


def _aliases(text: str) -> Iterator[str]:
    for match in _AKA.findall(text):
        yield from (part.strip(" '\"\n") for part in match.split(",") if part.strip())
    for match in _AKA_LIST.findall(text):
        yield from (line.strip(" -'\"") for line in match.splitlines() if line.strip())
