"""``dilemmas list``: what is on the shelves, a line each."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from itertools import groupby
from typing import Annotated

from typer import Argument, Option

from dilemmas.cli.console import Console
from dilemmas.errors import UsageError, nearest
from dilemmas.specs import shelf
from dilemmas.specs.catalogue import SHELVES, Shelf
from dilemmas.specs.shelf import Item

EXAMPLES = ("dilemmas list", "dilemmas list strategies --for donor")

NARROW = 16  # columns below which a sentence is worth more than its source


def command(
    what: Annotated[
        str | None, Argument(metavar="[games|strategies|experiments]", help="One shelf; all without it.")
    ] = None,
    family: Annotated[
        str | None,
        Option("--for", metavar="FAMILY", help="Only what is for matrix, donor, commons or public-goods games."),
    ] = None,
    json: Annotated[bool, Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Print the shelves."""
    console = Console(json=json)
    shelves = [shelf.one(what)] if what else list(SHELVES)
    found = {name: [item for item in shelf.items(name) if family in (None, item.family)] for name in shelves}
    if family is not None and not any(found.values()):
        _known(family, shelves)
    for name, items in found.items():
        console.say(f"{name} ({len(items)})")
        for line in _lines(items, console.width if sys.stdout.isatty() or json else 10_000):
            console.say(line)
        console.say()
    console.say("More on one of them: dilemmas show NAME")
    console.answer({name: [vars(item) for item in items] for name, items in found.items()})


def _known(family: str, shelves: Sequence[Shelf]) -> None:
    """Raise UsageError for a family that nothing on any shelf is for."""
    every = {name: sorted({item.family for item in shelf.items(name)}) for name in SHELVES}
    if not any(family in found for found in every.values()):
        known = sorted({found for name in shelves for found in every[name]})
        raise UsageError(f"nothing is for {family!r}", expected=", ".join(known), remedy=nearest(family, known))


def _lines(items: Sequence[Item], width: int) -> list[str]:
    """Items by family, one a line, the sentence cut where it would run over."""
    lines = []
    longest = max((len(item.name) for item in items), default=0)
    for family, members in groupby(sorted(items, key=lambda item: item.family), key=lambda item: item.family):
        lines.append(f"  {family}")
        for item in members:
            end = f"  [{_short(item.source)}]" if item.source else ""
            head = f"    {item.name.ljust(longest)}  "
            room = width - len(head) - len(end)
            lines.append(
                head + (_cut(item.about, room) + end if room >= NARROW else _cut(item.about, width - len(head)))
            )
    return lines


def _short(source: str) -> str:
    """First author and year of a source."""
    match = re.match(r"(.*?)\s*\b(\d{4})", source)
    return f"{re.split(',| & | et al', match.group(1))[0]} {match.group(2)}".strip() if match else _cut(source, 24)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(0, width - 3)].rstrip() + "..."
