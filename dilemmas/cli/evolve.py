"""``dilemmas evolve``: generations of a population."""

from __future__ import annotations

from typing import Annotated

from typer import Argument, Option

from dilemmas.cli.carry import Task, answer, carry
from dilemmas.cli.flags import Output, Settings
from dilemmas.runs import orders
from dilemmas.specs import folders

EXAMPLES = (
    "dilemmas evolve donor image-scorer=6 never-donate=6 --generations 50 --seeds 5",
    "dilemmas evolve prisoners-dilemma tit-for-tat=18 always-defect=18 --network grid --selection fermi --beta 0.5",
)
HOW = "How generations follow"


def command(
    game: Annotated[str, Argument(metavar="GAME", help="A game's name, or a file.")],
    seats: Annotated[
        list[str],
        Argument(
            metavar="SEAT=COUNT...", help="Strategies, NAME[:KEY=VALUE]...[@MODEL], and how many agents have each."
        ),
    ],
    settings: Settings,
    output: Output,
    generations: Annotated[int, Option(min=1, help="Generations to play.", rich_help_panel=HOW)] = 20,
    matchmaking: Annotated[
        str | None, Option(metavar="everyone|pairs|groups", help="Who meets whom.", rich_help_panel=HOW)
    ] = None,
    selection: Annotated[
        str | None,
        Option(
            metavar="RULE[:KEY=VALUE]",
            help="truncation, proportional, moran, fermi, rank, random or none.",
            rich_help_panel=HOW,
        ),
    ] = None,
    keep: Annotated[
        str | None, Option(metavar="SHARE", help="Truncation: the share that stays.", rich_help_panel=HOW)
    ] = None,
    beta: Annotated[str | None, Option(metavar="B", help="Strength of selection.", rich_help_panel=HOW)] = None,
    inheritance: Annotated[
        str | None, Option(metavar="copied|mutated|told[:KEY=VALUE]", help="What newcomers get.", rich_help_panel=HOW)
    ] = None,
    mutation: Annotated[
        str | None, Option(metavar="RATE", help="Chance that a newcomer mutates.", rich_help_panel=HOW)
    ] = None,
    network: Annotated[
        str | None,
        Option(metavar="KIND[:KEY=VALUE]", help="Agents meet their neighbours alone.", rich_help_panel=HOW),
    ] = None,
) -> None:
    """Play generations."""
    found = folders.entries(seats, python=output.python)
    how = {"generations": generations, "matchmaking": matchmaking, "network": network}
    rules = orders.culture(selection, keep, beta, inheritance, mutation)
    data = orders.evolve(game, found.listed, {key: value for key, value in how.items() if value is not None} | rules)
    made = carry(Task(data, strangers=found.strangers), settings, output)
    answer(output, made)
