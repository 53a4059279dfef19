"""What is to be done and what came of it: orders, their runs as jobs, and the rows that tell of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dilemmas.results import SCHEMA, TABLES, Table
from dilemmas.runs.resolve import Source
from dilemmas.runs.result import Result
from dilemmas.runs.run import Finished, How, versions
from dilemmas.runs.watch import Watch
from dilemmas.specs import experiment as spec
from dilemmas.specs.experiment import Experiment
from dilemmas.specs.sweep import Run

if TYPE_CHECKING:
    from dilemmas.models.speaker import Speaker


@dataclass(frozen=True)
class Order:
    """What is to be done: an experiment's plain data, and how.

    ``out`` is the results folder, or None to keep everything in memory; ``only`` limits the cells; ``told`` hears
    ``(finished, planned, name)`` after each run, ``how`` says how each is played. ``watch`` is kept up to date while
    models are asked; ``speaking`` gives the speaker of a model, for stand-ins, and ``spoken`` leaves out runs without
    any. ``vouched`` are the addresses of servers that the command itself names, not its file.
    """

    data: Mapping[str, Any]
    source: Source = field(default_factory=Source)
    path: Path | None = None
    out: Path | None = None
    fresh: bool = False
    jobs: int = 1
    only: Mapping[str, str] = field(default_factory=dict)
    command: Sequence[str] = ()
    how: How = field(default_factory=How)
    watch: Watch | None = None
    speaking: Callable[[str], Speaker] | None = None
    told: Callable[[int, int, str], None] | None = None
    spoken: bool = False
    vouched: frozenset[str] = frozenset()

    @property
    def experiment(self) -> Experiment:
        """The experiment without its sweep: what concerns the command as a whole, such as caps."""
        return spec.check({key: value for key, value in self.data.items() if key != "sweep"}, self.path)


@dataclass(frozen=True)
class Done:
    """What came of an order: the results, how many runs were played now and before, and what took long.

    ``seconds`` are those of all runs together, ``wall`` those that went by, for runs may be played side by side.
    ``kept`` says how many runs of a folder have their decisions in ``moves``, and how many had any to keep.
    """

    result: Result
    folder: Path | None
    played: int
    before: int
    seconds: float
    slow: Mapping[str, float]
    wall: float = 0.0
    kept: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Job:
    """A run to be played and saved, as a worker gets it."""

    run: Run
    name: str
    form: str


def tell(order: Order, done: int, planned: int, name: str) -> None:
    """Tell whoever wants to hear that a run is done."""
    if order.told is not None:
        order.told(done, planned, name)


def usage(spent: Mapping[str, Mapping[str, Any]]) -> Table:
    """The usage table, from what each run took; what a run tells of is a column, though it be unknown."""
    columns = [column.name for column in TABLES["usage"].columns if column.role == "measure"]
    told = [name for name in columns if any(name in run for run in spent.values())]
    rows = {name: [run.get(name) for run in spent.values()] for name in told}
    return Table.of("usage", {"run": list(spent), **rows})


def summary(order: Order, names: Sequence[str]) -> dict[str, Any]:
    """The manifest of tables that were joined over several runs."""
    experiment = spec.check(order.data, order.path)
    return {
        "schema": SCHEMA,
        "config": experiment.model_dump(mode="json", by_alias=True),
        "runs": list(names),
        "versions": versions(),
        "command": list(order.command),
    }


def slow(finished: Sequence[Finished]) -> dict[str, float]:
    """Seconds by strategy, over runs."""
    total: dict[str, float] = {}
    for one in finished:
        for label, seconds in one.slow.items():
            total[label] = total.get(label, 0.0) + seconds
    return total
