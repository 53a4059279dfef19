"""``dilemmas new`` and ``dilemmas copy``: files to start from, in the current folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument

from dilemmas.errors import UsageError, pasted
from dilemmas.specs import shelf, starters
from dilemmas.specs.catalogue import ONE, Shelf

EXAMPLES = {
    "new": (
        "dilemmas new strategy mine",
        "dilemmas new strategy mine.py",
        "dilemmas new strategy my-voice.md",
        "dilemmas new game my-dilemma",
    ),
    "copy": ("dilemmas copy donor-truncation", "dilemmas copy tit-for-tat my-tit-for-tat"),
}
TRY: dict[Shelf, str] = {
    "games": "dilemmas tournament {path} tit-for-tat always-defect",
    "strategies": "dilemmas check {path}",
    "experiments": "dilemmas run {path}",
}


def new(
    kind: Annotated[str, Argument(metavar="game|strategy|experiment", help="What to start.")],
    name: Annotated[
        str,
        Argument(metavar="NAME", help="Its name; NAME.py is a strategy in Python, NAME.md a way of asking models."),
    ],
) -> None:
    """Write a starter file."""
    which = shelf.one(kind)
    path = starters.new(ONE[which], name, Path())
    _written(path, TRY[which])
    for template in starters.TEMPLATES if name.endswith(".md") else ():
        print(f"Wrote prompts/{path.stem}/{template}.md")


def copy(
    name: Annotated[str, Argument(metavar="NAME", help="A game, strategy or experiment of the shelves.")],
    to: Annotated[str | None, Argument(metavar="[NEW]", help="The copy's name (default: the same).")] = None,
    what: Annotated[
        str | None, Argument(metavar="[SHELF]", help="games, strategies or experiments, if NAME is on several.")
    ] = None,
) -> None:
    """Copy a shelf file."""
    found = shelf.whereis(name)
    if what is not None:
        found = [(kind, path) for kind, path in found if kind == shelf.one(what)]
    if len(found) != 1:
        places = ", ".join(kind for kind, _ in found)
        raise UsageError(
            f"{name!r} is on {len(found)} shelves",
            expected=f"one of {places}",
            remedy=f"Say which: dilemmas copy {name} NEW SHELF",
        )
    kind, path = found[0]
    title = (to or path.stem).removesuffix(".yaml")
    text = starters.copied(path.read_text(encoding="utf-8"), path.stem, Path(title).name)
    # A copy may be of any kind of game, for which other strategies are needed.
    _written(starters.put(Path(f"{title}.yaml"), text), {**TRY, "games": "dilemmas show {path}"}[kind])
    if kind == "strategies":
        for template in starters.templates(path, Path(title).parent):
            print(f"Wrote {template.as_posix()}")


def _written(path: Path, try_: str) -> None:
    print(f"Wrote {path.as_posix()}")
    place = path.as_posix() if path.is_absolute() else f"./{path.as_posix()}"
    print(f"Try it: {try_.format(path=pasted(place))}")
