"""``dilemmas tournament``: every strategy against every other."""

from __future__ import annotations

from typing import Annotated

from typer import Argument, Option

from dilemmas.cli.carry import Task, answer, carry
from dilemmas.cli.flags import Output, Settings
from dilemmas.runs import orders
from dilemmas.specs import folders

EXAMPLES = (
    "dilemmas tournament prisoners-dilemma tit-for-tat grim always-defect --exact",
    "dilemmas tournament prisoners-dilemma homework/ --python --keep-going --repetitions 10",
    "dilemmas tournament fishery sustainable greedy",
)


def command(
    game: Annotated[str, Argument(metavar="GAME", help="A game's name, or a file.")],
    seats: Annotated[
        list[str],
        Argument(metavar="SEAT...", help="Strategies: NAME[:KEY=VALUE]...[@MODEL], a file, or a folder of files."),
    ],
    settings: Settings,
    output: Output,
    exact: Annotated[
        bool, Option("--exact", help="Expected payoffs of machines, computed instead of sampled.")
    ] = False,
    self_play: Annotated[bool, Option("--self", help="Count a strategy's match with itself.")] = False,
    like: Annotated[str | None, Option(metavar="axelrod", help="Rank by that package's own rule.")] = None,
    keep_going: Annotated[
        bool, Option("--keep-going", help="Name a bad or failing file in a folder and leave it out.")
    ] = False,
) -> None:
    """Play a tournament."""
    found = folders.entries(seats, python=output.python, keep_going=keep_going)
    data = orders.tournament(game, found.listed, {"exact": exact, "self": self_play, "like": like})
    made = carry(Task(data, strangers=found.strangers, skipped=found.skipped, lenient=keep_going), settings, output)
    answer(output, made)
