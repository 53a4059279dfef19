"""``dilemmas show``: one item of the shelves, or a file, in tables and words."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Option

from dilemmas.cli import show_experiment, show_game, show_prompt, show_strategy
from dilemmas.cli.console import Console
from dilemmas.cli.flags import pairs
from dilemmas.errors import UsageError
from dilemmas.specs import catalogue, shelf
from dilemmas.specs.seats import parse, value_of

EXAMPLES = (
    "dilemmas show prisoners-dilemma",
    "dilemmas show ordinal --set game=59",
    "dilemmas show constant-donor:fraction=0.3",
    "dilemmas show donor-truncation",
    "dilemmas show scot --prompt --game prisoners-dilemma",
    "dilemmas show cot --prompt --game donor --set frame=grain --seat 2",
)
SHOWS = {"games": show_game.show, "strategies": show_strategy.show, "experiments": show_experiment.show}


def command(
    name: Annotated[str, Argument(metavar="NAME", help="A game, strategy or experiment: its name, or a file.")],
    set_: Annotated[list[str] | None, Option("--set", metavar="KEY=VALUE", help="With this parameter.")] = None,
    prompt: Annotated[
        bool, Option("--prompt", help="The messages that a model would get in round 3 of a game, as a strategy.")
    ] = False,
    game: Annotated[str | None, Option(metavar="GAME", help="With --prompt: the game; --set is about it.")] = None,
    seat_: Annotated[int, Option("--seat", metavar="N", min=1, help="With --prompt: the seat.")] = 1,
    json: Annotated[bool, Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Show everything of that name."""
    console = Console(json=json)
    seat = parse(name)
    said = {key: value_of(text) for key, text in pairs(set_ or [], "--set")}
    if prompt:
        console.answer(show_prompt.show(seat, _named(game), said, seat_, console))
        return
    if game is not None:
        raise UsageError("--game is for prompts", remedy="Add --prompt.")
    given = {**seat.parameters, **said}
    answers: dict[str, Any] = {}
    for kind, reference in _meant(seat.strategy):
        lines, answers[kind] = SHOWS[kind](reference, given, console.width)
        console.say("\n".join(lines))
        console.say()
    console.answer(answers)


def _named(game: str | None) -> str:
    if game is None:
        raise UsageError("--prompt needs a game", expected="--game GAME", remedy="See them with: dilemmas list games")
    return game


def _meant(name: str) -> list[tuple[Any, str]]:
    """What a name means, each on its shelf; a Python file or a player of Axelrod-Python is a strategy or a game."""
    if name.startswith("axelrod/"):
        return [("strategies", name)]
    if ".py" in name:
        return [(_python(name), name)]
    found = shelf.whereis(name, Path())
    return [(kind, name if catalogue.is_path(name) else path.as_posix()) for kind, path in found]


def _python(name: str) -> str:
    """By convention of the language a class begins with a capital, and a game is a class."""
    member = name.partition(".py")[2].lstrip(":")
    return "games" if member[:1].isupper() else "strategies"
