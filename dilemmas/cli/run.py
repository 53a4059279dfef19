"""``dilemmas run``: experiment files and experiments of the shelf."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from dilemmas.cli.carry import Task, answer, carry
from dilemmas.cli.console import Console
from dilemmas.cli.flags import Output, Settings, pairs
from dilemmas.specs import catalogue, shelf

EXAMPLES = (
    "dilemmas run donor-truncation",
    "dilemmas run ./mine.yaml --only noise=0.01 --jobs 2",
)
MONEY = "What models may cost"


def command(
    files: Annotated[list[str], Argument(metavar="FILE_OR_NAME...", help="Experiments: files, or names of the shelf.")],
    settings: Settings,
    output: Output,
    only: Annotated[list[str] | None, Option(metavar="AXIS=VALUE", help="Only these cells of the sweep.")] = None,
    rehearse: Annotated[
        bool, Option("--rehearse", help="What it would cost; calls no model.", rich_help_panel=MONEY)
    ] = False,
    max_cost: Annotated[
        float | None, Option(metavar="USD", min=0, help="Stop before more is spent.", rich_help_panel=MONEY)
    ] = None,
    max_calls: Annotated[
        int | None, Option(metavar="N", min=0, help="Stop before more calls.", rich_help_panel=MONEY)
    ] = None,
    max_tokens: Annotated[
        int | None, Option(metavar="N", min=0, help="Stop before more tokens.", rich_help_panel=MONEY)
    ] = None,
    pilot: Annotated[
        float | None, Option(metavar="USD", min=0, help="Spend this much and forecast.", rich_help_panel=MONEY)
    ] = None,
) -> None:
    """Run experiments, one after the other."""
    wanted = dict(pairs(only or [], "--only"))
    made = []
    for name in files:
        path = catalogue.find("experiments", name, Path())
        here = output if len(files) == 1 or output.out is None else replace(output, out=output.out / path.stem)
        made.append(carry(Task(shelf.experiment(path), path, wanted), settings, here))
    if rehearse or any(cap is not None for cap in (max_cost, max_calls, max_tokens, pilot)):
        Console(output.quiet, output.json).note(
            "scripted seats only: 0 model calls, 0 USD, so there was nothing to rehearse or cap"
        )
    answer(output, made[0] if len(made) == 1 else {"experiments": made})
