"""``dilemmas run``: experiment files and experiments of the shelf."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Option

from dilemmas.cli.carry import Screen, Task, answer, carry, ordered
from dilemmas.cli.console import Console, meter
from dilemmas.cli.flags import MONEY, Output, Settings, pairs
from dilemmas.errors import UsageError
from dilemmas.specs import asking, catalogue, experiment, shelf

EXAMPLES = (
    "dilemmas run donor-truncation",
    "dilemmas run ./mine.yaml --only noise=0.01 --jobs 2",
)


def command(
    files: Annotated[list[str], Argument(metavar="FILE_OR_NAME...", help="Experiments: files, or names of the shelf.")],
    settings: Settings,
    output: Output,
    only: Annotated[list[str] | None, Option(metavar="AXIS=VALUE", help="Only these cells of the sweep.")] = None,
    rehearse: Annotated[
        bool, Option("--rehearse", help="What it would cost; calls no model.", rich_help_panel=MONEY)
    ] = False,
    pilot: Annotated[
        float | None, Option(metavar="USD", min=0, help="Spend this much and forecast.", rich_help_panel=MONEY)
    ] = None,
) -> None:
    """Run experiments, one after the other."""
    if rehearse and pilot is not None:
        raise UsageError("--rehearse spends nothing and --pilot does", remedy="Give one of the two.")
    wanted = dict(pairs(only or [], "--only"))
    made = []
    for name in files:
        path = catalogue.find("experiments", name, Path())
        here = output if len(files) == 1 or output.out is None else replace(output, out=output.out / path.stem)
        data = shelf.experiment(path)
        made.append(_one(Task(data, path, wanted), settings, here, rehearse, pilot))
    answer(output, made[0] if len(made) == 1 else {"experiments": made})


def _one(task: Task, settings: Settings, output: Output, rehearse: bool, usd: float | None) -> dict[str, Any]:
    """One experiment: played, rehearsed, or tried with a little money."""
    if not rehearse and usd is None:
        return carry(task, settings, output)
    from dilemmas.cli import money  # here: what costs nothing needs none of it
    from dilemmas.runs import pilot
    from dilemmas.runs import rehearse as rehearsal

    console = Console(output.quiet, output.json)
    data = experiment.changed(task.data, settings.overrides() | output.overrides(), task.path)
    name = experiment.check(data, task.path).experiment
    order = replace(ordered(task, data, output, Screen(console)), vouched=asking.named(settings.overrides()))
    if usd is not None:
        return money.pilot(console, name, pilot.pilot(order, usd))
    with meter(console) as progress:
        found = rehearsal.rehearse(replace(order, told=progress.runs))
    return money.forecast(console, name, found)
