"""Items on the shelves as a person sees them: a line each, and which shelf a name is on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dilemmas.errors import SpecError, UnknownName, UsageError, nearest
from dilemmas.specs import catalogue, notation, reading
from dilemmas.specs.catalogue import ONE, SHELVES, Shelf


@dataclass(frozen=True)
class Item:
    """An item: its name, what it is for (kind of game, family), a sentence on it, and where it came from."""

    name: str
    family: str
    about: str
    source: str


def items(shelf: Shelf) -> list[Item]:
    """Everything on a shelf, by name."""
    return [_item(path, catalogue.title(shelf, path)) for path in catalogue.paths(shelf)]


def _item(path: Path, name: str) -> Item:
    data = notation.value(path.read_text(encoding="utf-8"))
    family = data.get("kind") or data.get("for") or _game(data.get("game")) or "any"
    return Item(name, str(family), _line(data.get("about")), _line(data.get("source")))


def _game(value: object) -> str:
    return str(value.get("name", "")) if isinstance(value, dict) else str(value or "")


def _line(value: object) -> str:
    return " ".join(str(value or "").split())


def one(word: str) -> Shelf:
    """The shelf that a person means by its name, singular or plural; raises UsageError."""
    known: dict[str, Shelf] = {name: shelf for shelf in SHELVES for name in (shelf, ONE[shelf])}
    if word.lower() not in known:
        raise UsageError(f"there is no shelf called {word!r}", expected=", ".join(SHELVES), remedy=nearest(word, known))
    return known[word.lower()]


def whereis(name: str, beside: Path | None = None) -> list[tuple[Shelf, Path]]:
    """Every shelf with an item of this name, or the kind of file at this path, with its path; raises UnknownName."""
    if (beside is None or not (beside / name).exists()) and (study := catalogue.study(name)) is not None:
        return [("experiments", study)]
    if catalogue.is_path(name):
        path = catalogue.find("games", name)
        return [(kind_of(path), path)]
    found: list[tuple[Shelf, Path]] = []
    remedies: list[str] = []
    for shelf in SHELVES:
        try:
            found.append((shelf, catalogue.find(shelf, name, beside)))
        except UnknownName as error:
            remedies.append(error.remedy)
    if not found:
        close = nearest(name, [item for shelf in SHELVES for item in catalogue.names(shelf)])
        meant = close or next((remedy for remedy in remedies if "Did you mean" in remedy), "")
        raise UnknownName(f"nothing is called {name!r}", remedy=meant or "See what is there with: dilemmas list")
    return found


def experiment(path: Path) -> dict[str, Any]:
    """The plain data of an experiment file; raises SpecError for a file that describes something else."""
    data = reading.load(path)
    other = next((ONE[kind] for kind, key in (("games", "kind"), ("strategies", "strategy")) if key in data), None)
    if other is not None and "experiment" not in data:
        raise SpecError(
            f"describes a {other}", where=str(path), expected="an experiment", remedy="Look at it with: dilemmas show"
        )
    return data


def kind_of(path: Path) -> Shelf:
    """What a YAML file describes, by its first key; raises FileError, UsageError."""
    data = reading.load(path)
    # An experiment has a game too, and a game has a kind.
    for shelf in ("experiments", "strategies", "games"):
        if ONE[shelf] in data:
            return shelf
    raise UsageError(
        f"{path} is none of ours",
        expected="a key game, strategy or experiment",
        remedy=nearest(next(iter(data), ""), ONE.values()),
    )
