"""What commands that play have in common: settings put together, carried out, drawn, and told."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dilemmas.cli import told
from dilemmas.cli.console import Console, meter
from dilemmas.cli.flags import Output, Settings
from dilemmas.errors import DilemmasError
from dilemmas.runs import guarded, lab, orders
from dilemmas.runs.lab import Done, Order
from dilemmas.runs.resolve import Source
from dilemmas.runs.run import How
from dilemmas.specs import experiment as spec
from dilemmas.specs import games


@dataclass(frozen=True)
class Task:
    """An experiment's plain data with where it came from, which cells are wanted, and which entries are strangers'."""

    data: Mapping[str, Any]
    path: Path | None = None
    only: Mapping[str, str] = field(default_factory=dict)
    strangers: Mapping[str, str] = field(default_factory=dict)
    skipped: Sequence[DilemmasError] = ()
    lenient: bool = False

    @property
    def beside(self) -> Path:
        """Where names and paths of the data are looked up."""
        return self.path.parent if self.path is not None else Path()


def carry(task: Task, settings: Settings, output: Output) -> dict[str, Any]:
    """Play what the flags mean, or save it, and print what came of it; what --json has to say of it."""
    data = spec.changed(task.data, settings.overrides() | output.overrides(), task.path)
    checked = spec.check(data, task.path)
    console = Console(output.quiet, output.json)
    for error in task.skipped:
        console.note(f"left out: {error}")
    if output.save is not None:
        return saved(data, output.save, console, task.beside)
    with meter(console) as progress:
        order = Order(
            data,
            Source(task.beside),
            task.path,
            out=output.out or orders.folder(data),
            fresh=output.fresh,
            jobs=checked.jobs,
            only=task.only,
            command=typed(),
            how=How(tick=progress),
            told=progress.runs,
        )
        done, withdrawn = (
            guarded.carry_out(order, task.strangers, lenient=task.lenient)
            if task.strangers
            else (lab.carry_out(order), [])
        )
    for line in withdrawn:
        console.note(line)
    game = {key: value for key, value in checked.game.items() if key != "name"}
    rules = games.load(checked.game["name"], game, task.beside).rules
    return told.tell(console, done, checked, rules, draw(done, checked.plots))


def saved(data: Mapping[str, Any], path: Path, console: Console, beside: Path | None = None) -> dict[str, Any]:
    """Write the experiment file that the flags mean, and say so; what --json has to say of it."""
    orders.save(data, path, beside, typed())
    console.say(f"Wrote {path.as_posix()}\nRun it: dilemmas run {path.as_posix()}")
    return {"saved": path.as_posix()}


def answer(output: Output, data: Mapping[str, Any]) -> None:
    """Print the one JSON object where it is asked for."""
    Console(output.quiet, output.json).answer(data)


def typed() -> list[str]:
    """The command as it was typed."""
    return ["dilemmas", *sys.argv[1:]]


def draw(done: Done, wanted: bool | Sequence[str]) -> list[Path]:
    """Draw what the tables can show, unless it is there already; the paths of pictures."""
    if not wanted or done.folder is None:
        return []
    folder = done.folder / "plots"
    if not done.played and folder.is_dir():
        return sorted(folder.glob("*.png"))
    from dilemmas.report import plots

    names = None if wanted is True else list(wanted)
    return [path for path in plots.draw(done.result.tables, folder, only=names) if path.suffix == ".png"]
