"""The words of a family of games: what is common to all, then the family's own, from ``games/words``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache, reduce
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, ValidationError

from dilemmas.errors import SpecError, nearest
from dilemmas.specs import catalogue, reading
from dilemmas.strategies.words import SECTIONS, Words, merged

COMMON = "common"


class Family(Words):
    """A file of ``games/words``."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    words: str
    about: str = ""


def shelf() -> Path:
    """The folder of the families' words."""
    return catalogue.shelf("games") / "words"


def family(kind: str, beside: Path | None = None) -> Words:
    """The words of a family; those common to all alone, and no frame, where it has none (a user's own kind).

    A file of ``games/words`` under ``beside`` comes before the shelf's.
    """
    return _family(*files(kind, beside))


def files(kind: str, beside: Path | None = None) -> list[Path]:
    """The files that a family's words are read from: the common ones first."""
    names = [COMMON, kind] if kind != COMMON else [COMMON]
    folders = [*([beside / "games" / "words"] if beside is not None else []), shelf()]
    places = [[folder / f"{name}.yaml" for folder in folders] for name in names]
    return [path for place in places for path in [next((path for path in place if path.is_file()), None)] if path]


@lru_cache
def _family(*paths: Path) -> Words:
    return reduce(merged, map(_read, paths))


def _read(path: Path) -> Words:
    made = reading.check(Family, reading.load(path), path, "a file of words")
    if made.words != path.stem:
        raise SpecError(f"these are the words of {made.words!r}", where=str(path), expected=path.stem)
    return Words(**made.model_dump(exclude={"words", "about"}))


def own(kind: str, said: Mapping[str, Any], path: Path | None, beside: Path | None = None) -> Words:
    """A game's own words over its family's; raises SpecError for a text or a noun that the family does not have.

    A frame of the game may leave out nouns, which are then the neutral frame's.
    """
    base = family(kind, beside)
    mine = _checked(said, path)
    for name in mine.text:
        _known(name, (*SECTIONS, *base.text), ["words", "text", name], path, "text")
    neutral, place = base.frames.get("neutral"), ["words", "frames"]
    for title, frame in mine.frames.items():
        for noun in frame.nouns if neutral else ():
            _known(noun, list(neutral.nouns) if neutral else [], [*place, title, "nouns", noun], path, "noun")
    return merged(base, mine)


def _checked(said: Any, path: Path | None) -> Words:
    try:
        return Words.model_validate(said)
    except ValidationError as error:
        raise reading.retold(error, path, "the words of a game", reading.keys_of(Words), ["words"]) from None


def _known(name: str, names: Sequence[str], place: list[str], path: Path | None, what: str) -> None:
    if name in names:
        return
    raise SpecError(
        f"{name!r} is no {what} of this family",
        where=reading.located(path, place),
        expected=", ".join(dict.fromkeys(names)),
        remedy=nearest(name, names),
        key=place,
    )
