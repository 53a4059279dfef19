"""``dilemmas demo``: three small studies with their tables and plots, in less than a minute."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

from typer import Option

from dilemmas.cli.carry import attempted, typed
from dilemmas.cli.console import Console, meter
from dilemmas.errors import pasted
from dilemmas.report import tour
from dilemmas.runs import lab
from dilemmas.runs.lab import Done, Order
from dilemmas.runs.resolve import Source
from dilemmas.runs.run import How
from dilemmas.specs import catalogue, reading

EXAMPLES = ("dilemmas demo",)
NAME = "demo"
NEXT = (
    "dilemmas play prisoners-dilemma human tit-for-tat",
    "dilemmas new strategy mine",
    "dilemmas tournament prisoners-dilemma ./mine.yaml tit-for-tat grim",
    "dilemmas run donor-truncation",
)


def command(
    seed: Annotated[int, Option(min=0, help="First seed.")] = 0,
    out: Annotated[Path | None, Option(metavar="DIR", help="Folder for the results (default results/demo).")] = None,
    fresh: Annotated[bool, Option("--fresh", help="Start anew; an old folder is kept under another name.")] = False,
    jobs: Annotated[int, Option(min=1, metavar="N", help="Processes to spread runs over.")] = 1,
    no_plots: Annotated[bool, Option("--no-plots", help="Draw nothing.")] = False,
    quiet: Annotated[bool, Option("--quiet", help="Print nothing but errors.")] = False,
    json: Annotated[bool, Option("--json", help="One JSON object on stdout, all else on stderr.")] = False,
) -> None:
    """Play the tour."""
    began, console = perf_counter(), Console(quiet, json)
    console.say(f"dilemmas demo · no model, no key, no network · seed {seed}\n")
    folder = out or Path("results") / NAME
    with meter(console) as progress:
        done = lab.carry_out(_order(seed, folder, fresh, jobs, How(tick=progress), progress.runs))
    _sections(console, done)
    plots = [] if no_plots else attempted(lambda: _draw(done, folder / "plots"), console)
    _end(console, folder, plots, perf_counter() - began)
    small = {name: list(done.result.tables[name].rows()) for name in ("runs", "ranking")}
    console.answer({"folder": folder.as_posix(), "plots": [path.as_posix() for path in plots], **small})


def _order(seed: int, folder: Path, fresh: bool, jobs: int, how: How, told: Any) -> Order:
    """The experiment of the shelf, each part with as many seeds as it has there, from ``seed`` on."""
    path = catalogue.shelf("experiments") / f"{NAME}.yaml"
    data = reading.load(path)
    for part in (data, *data["sweep"]["part"].values()):
        if "seeds" in part:
            part["seeds"] = list(range(seed, seed + part["seeds"]))
    return Order(
        data, Source(path.parent), path, out=folder, fresh=fresh, jobs=jobs, command=typed(), how=how, told=told
    )


def _sections(console: Console, done: Done) -> None:
    tables, width = done.result.tables, console.width - 3
    seeds = len({row["seed"] for row in tables["runs"].rows()})
    heads = (
        ("Who wins a repeated prisoner's dilemma?    6 strategies, 200 rounds, exact", tour.dilemma),
        (f"Does giving spread when the better half is copied?   12 donors, {seeds} seeds", tour.giving),
        ("A lake of 100 fish, five boats, twelve months", tour.lake),
    )
    for number, (head, lines) in enumerate(heads, 1):
        console.say(f"{number}  {head}")
        for line in lines(tables, width):
            console.say(f"   {line}")
        console.say()


def _draw(done: Done, folder: Path) -> list[Path]:
    from dilemmas.report import plots

    wanted = [folder / f"{name}.png" for name in tour.PLOTS]
    if not done.played and plots.captioned(folder).issuperset(tour.PLOTS):
        return wanted
    for name in tour.PLOTS:
        plots.draw(tour.shown(done.result.tables, name), folder, only=[name])
    return wanted


def _end(console: Console, folder: Path, plots: list[Path], seconds: float) -> None:
    place = folder.as_posix()
    console.say(f"Done in {seconds:.0f} s.")
    if plots:
        console.say(f"Plots:  {place}/plots: {', '.join(path.stem for path in plots)}")
    again = f"dilemmas replay {pasted(place)}   (same seed, same numbers)"
    console.say(f"Tables: {place}/*.csv\nAgain:  {again}\n\nYour turn")
    for line in NEXT:
        console.say(f"   {line}")
