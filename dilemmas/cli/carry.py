"""What commands that play have in common: settings put together, carried out, drawn, and told."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dilemmas.cli import told
from dilemmas.cli.console import Console, Meter, meter
from dilemmas.cli.flags import Output, Settings
from dilemmas.cli.live import display
from dilemmas.errors import CapReached, DilemmasError, Stopped, pasted
from dilemmas.runs import guarded, lab, orders
from dilemmas.runs.lab import Done, Order
from dilemmas.runs.resolve import Source
from dilemmas.runs.run import How
from dilemmas.runs.watch import Watch
from dilemmas.specs import asking, games, sweep
from dilemmas.specs import experiment as spec


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
        return saved(data, output.save, console, task.beside, task.path)
    with meter(console) as progress:
        order = ordered(task, data, output, Screen(console, progress), progress)
        order = replace(order, vouched=asking.named(settings.overrides()))
        done, withdrawn = _done(order, task, console)
    for line in withdrawn:
        console.note(line)
    return told.tell(console, done, checked, _rule(task, data), draw(done, checked.plots, console))


def _rule(task: Task, data: Mapping[str, Any]) -> str:
    """What a ranking goes by, in words; with the game's name where a sweep has games that are ranked differently."""
    said: dict[str, str] = {}
    for cell in sweep.cells(data, task.path):
        if cell.experiment.tournament is not None:
            name, given = cell.experiment.game["name"], {**cell.experiment.game}
            rules = games.load(given.pop("name"), given, task.beside).rules
            said.setdefault(told.ranked_by(cell.experiment.tournament, rules), name)
    return "; ".join(said if len(said) < 2 else (f"{rule} ({name})" for rule, name in said.items()))


def ordered(
    task: Task, data: Mapping[str, Any], output: Output, watch: Watch | None = None, progress: Meter | None = None
) -> Order:
    """The order that data and flags mean."""
    return Order(
        data,
        Source(task.beside),
        task.path,
        out=output.out or orders.folder(data),
        fresh=output.fresh,
        jobs=spec.check(data, task.path).jobs,
        only=task.only,
        command=typed(),
        how=How(tick=progress),
        watch=watch,
        told=progress.runs if progress is not None else None,
    )


def _done(order: Order, task: Task, console: Console) -> tuple[Done, list[str]]:
    """Carry an order out; where it was stopped, what to type to go on."""
    try:
        if task.strangers:
            return guarded.carry_out(order, task.strangers, lenient=task.lenient)
        return lab.carry_out(order), []
    except Stopped as stop:
        console.note(onward(stop))
        raise


def onward(stop: Stopped) -> str:
    """The line that says what to type to go on."""
    if not isinstance(stop, CapReached):
        return f"To go on: {pasted(*typed())}"
    return f"To go on, with a number for N: {pasted(*_raised(typed(), stop.cap))}"


def _raised(words: Sequence[str], cap: str) -> list[str]:
    """A command with N for this cap, wherever it was typed; with a flag for it where it was not."""
    flag, key = f"--max-{cap}", f"limits.{cap}="
    raised = [re.sub(rf"^({flag}=|(?:--set=)?{re.escape(key)}).*", r"\1N", word) for word in words]
    raised = [word if before != flag else "N" for before, word in zip(["", *words], raised, strict=False)]
    return raised if raised != list(words) else [*words, flag, "N"]


class Screen(Watch):
    """The display while models are asked, in place of the bar of runs."""

    def __init__(self, console: Console, progress: Meter | None = None) -> None:
        super().__init__()
        self._console, self._progress, self._stack = console, progress, ExitStack()

    def begin(self) -> None:
        """Show the counters from now on."""
        if self._progress is not None:
            self._progress.close()
            self._progress.shown = False
        self._stack.enter_context(display(self, quiet=self._console.quiet))

    def end(self) -> None:
        """Take them away, and leave one line."""
        self._stack.close()


def saved(
    data: Mapping[str, Any], path: Path, console: Console, beside: Path | None = None, read: Path | None = None
) -> dict[str, Any]:
    """Write the experiment file that the flags mean, and say so; what --json has to say of it.

    Raises what the command itself would find wrong; ``read`` is the file that the data come from.
    """
    lab.check(Order(data, Source(beside or Path()), read))
    orders.save(data, path, beside, typed())
    console.say(f"Wrote {path.as_posix()}\nRun it: dilemmas run {pasted(path.as_posix())}")
    return {"saved": path.as_posix()}


def answer(output: Output, data: Mapping[str, Any]) -> None:
    """Print the one JSON object where it is asked for."""
    Console(output.quiet, output.json).answer(data)


def typed() -> list[str]:
    """The command as it was typed."""
    return ["dilemmas", *sys.argv[1:]]


def draw(done: Done, wanted: bool | Sequence[str], console: Console) -> list[Path]:
    """Draw what the tables can show, unless it is there already; the paths of pictures."""
    if not wanted or done.folder is None:
        return []
    from dilemmas.report import plots, published

    folder, names = done.folder / "plots", [] if wanted is True else list(wanted)
    there = plots.captioned(folder)
    if not done.played and there and there.issuperset(names):
        return sorted(folder.glob("*.png"))
    behind = published.of(done.result.manifest)
    drawn = attempted(lambda: plots.draw(done.result.tables, folder, only=names, published=behind), console)
    return [path for path in drawn if path.suffix == ".png"]


def attempted(work: Callable[[], list[Path]], console: Console) -> list[Path]:
    """What is drawn; results are whole before, and no fault of a figure may cost them: it becomes a note."""
    try:
        return work()
    except Exception as error:  # of any kind, for that reason
        said = str(error) if isinstance(error, DilemmasError) else f"{type(error).__name__}: {error}"
        console.note(f"no plots: {said}")
        return []
