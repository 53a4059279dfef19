"""What is printed after a run: the result in short, where everything is, what to type next, and what was slow."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dilemmas.cli.console import Console
from dilemmas.errors import many, pasted
from dilemmas.report import cells, models
from dilemmas.results import workbook
from dilemmas.rules.game import Game
from dilemmas.runs.lab import Done
from dilemmas.specs.experiment import Experiment, Tournament

SMALL = ("runs", "models", "ranking", "generations", "usage")
SLOW, LONG = 0.5, 2.0  # share of the time and seconds from which a strategy is named


def tell(console: Console, done: Done, experiment: Experiment, rule: str, plots: Sequence[Path]) -> dict[str, Any]:
    """Print what came of an order, with the ``rule`` of a ranking; the same as plain data."""
    console.say(heading(experiment, done))
    console.say(cells.summary(done.result.tables, rule, console.width))
    for line in models.lines(done.result.tables):
        console.say(line)
    for line in whereabouts(done, plots, experiment.format):
        console.say(line)
    for line in models.warnings(done.result.tables, done.folder.as_posix() if done.folder is not None else ""):
        console.note(line)
    for line in (*partial(done), *unbound(done, experiment.format), *slow(done)):
        console.note(line)
    return answer(done, experiment, plots)


def heading(experiment: Experiment, done: Done) -> str:
    """What was played."""
    game = experiment.game["name"]
    parts = [experiment.experiment, game] if experiment.command == "run" else [game]
    if experiment.tournament is not None:
        parts.append(f"tournament of {many(_strategies(done), 'strategy', 'strategies')}")
    elif experiment.replicator is not None:
        parts.append(f"{many(experiment.generations, 'step')} of an infinite population")
    elif experiment.generations > 1:
        parts.append(
            f"{many(experiment.generations, 'generation')} of "
            + many(sum(entry.count for entry in experiment.population), "agent")
        )
    runs = done.played + done.before
    return " · ".join([*parts, *([f"{runs} runs"] if runs > 1 else [])])


def _strategies(done: Done) -> int:
    """Strategies that took part; an entry may have been withdrawn."""
    return len(set(done.result.tables["ranking"].list("strategy")))


def ranked_by(tournament: Tournament, rules: Game) -> str:
    """The rule of a ranking, in words."""
    if tournament.like == "axelrod":
        return "by Axelrod-Python's rule: median over repetitions, a round, self-play left out"
    what = f"{'expected' if tournament.exact else 'mean'} payoff {'a round' if rules.per_round else 'of an episode'}"
    if rules.seats != 2:
        return f"{what} in groups of {rules.seats}, over all splits of two kinds"
    return f"{what} against {'all, itself included' if tournament.self_play else 'the others'}"


SUFFIX = {"csv": "csv", "parquet": "parquet", "excel": "xlsx"}


def whereabouts(done: Done, plots: Sequence[Path], form: str = "csv") -> list[str]:
    """Where tables and plots are, and what to type next."""
    if done.folder is None:
        return []
    folder = done.folder.as_posix()
    state = f"already done: {many(done.before, 'run')}" if not done.played else f"{done.wall:.1f} s"
    if done.played and done.before:
        state += f", {done.before} done before"
    lines = ["", f"Tables: {folder}/*.{SUFFIX[form]} ({state})"]
    if plots:
        lines.append(f"Plots:  {folder}/plots: {', '.join(path.stem for path in plots)}")
    place = pasted(folder)
    return [*lines, f"Next:   dilemmas plot {place} --width 3.4", f"        dilemmas replay {place}"]


def partial(done: Done) -> list[str]:
    """That decisions are there of some runs alone, for earlier commands, or runs of another size, kept fewer."""
    kept, held = done.kept
    way = "--log moves keeps all, where --out OTHER or --fresh begins anew"
    return [f"moves has {kept} of {many(held, 'run')}; {way}"] if kept < held else []


def unbound(done: Done, form: str) -> list[str]:
    """Which tables have no workbook where workbooks were asked for."""
    if done.folder is None or form != "excel":
        return []
    lacking = [name for name in done.result.tables if not (done.folder / f"{name}{workbook.SUFFIX}").is_file()]
    why = f"a sheet of Excel holds {workbook.ROWS:,} rows, and {workbook.CELL:,} characters a cell"
    return [f"{name} is in {name}.csv alone: {why}" for name in lacking]


def slow(done: Done) -> list[str]:
    """Strategies that took most of the time, where that was long."""
    total = sum(done.slow.values())
    return [
        f"slow: {label} plays one seat at a time: {seconds / done.seconds:.0%} of the time".replace("%", " %")
        for label, seconds in done.slow.items()
        if done.seconds > LONG and seconds > SLOW * done.seconds and total and _alone(label)
    ]


def _alone(label: str) -> bool:
    """Whether a strategy of that name is asked one seat at a time: own Python, and players of Axelrod-Python."""
    return ".py" in label or label.startswith("axelrod/")


def answer(done: Done, experiment: Experiment, plots: Sequence[Path]) -> dict[str, Any]:
    """What --json prints: where things are, and the small tables whole."""
    tables = {name: list(done.result.tables[name].rows()) for name in SMALL if name in done.result.tables}
    folder = done.folder.as_posix() if done.folder is not None else None
    return {
        "experiment": experiment.experiment,
        "folder": folder,
        "played": done.played,
        "before": done.before,
        "tables": sorted(done.result.tables),
        "plots": [path.as_posix() for path in plots],
        **tables,
    }
