"""Carry out an experiment: every run of its grid, in memory or in a folder where the same command goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from dilemmas.errors import DilemmasError, RunFailed, SpecError, Stopped
from dilemmas.results import TABLES, Table, join
from dilemmas.runs import fits, pool
from dilemmas.runs.resolve import Cast, Source, digest, files, resolve
from dilemmas.runs.result import Result
from dilemmas.runs.run import Finished, How, execute, row, versions
from dilemmas.runs.run import identity as run_identity
from dilemmas.runs.store import Files, Folder, Identity
from dilemmas.specs import experiment as spec
from dilemmas.specs import sweep
from dilemmas.specs.sweep import Cell, Run


@dataclass(frozen=True)
class Order:
    """What is to be done: an experiment's plain data, and how.

    ``out`` is the results folder, or None to keep everything in memory; ``only`` limits the cells; ``told`` hears
    ``(finished, planned, name)`` after each run, ``how`` says how each is played.
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
    told: Callable[[int, int, str], None] | None = None


@dataclass(frozen=True)
class Done:
    """What came of an order: the results, how many runs were played now and before, and what took long."""

    result: Result
    folder: Path | None
    played: int
    before: int
    seconds: float
    slow: Mapping[str, float]


def carry_out(order: Order) -> Done:
    """Play what is not finished yet; raises what the settings get wrong before anything is written."""
    cells = sweep.cells(order.data, order.path)
    chosen = {cell.number for cell in (sweep.only(cells, order.only) if order.only else cells)}
    runs = sweep.runs(cells)
    casts = _casts(order, cells)
    identities = [run_identity(casts[run.cell.number], run.seed) for run in runs]
    _distinct(runs, identities, order)
    if order.out is None:
        return _in_memory(order, [run for run in runs if run.cell.number in chosen])
    inputs = {place: path for cast in casts.values() for place, path in files(cast, order.source).items()}
    identity = Identity(_base(order), {place: digest(path) for place, path in sorted(inputs.items())})
    folder = Folder(order.out)
    folder.claim(identity, fresh=order.fresh)
    form = cells[0].experiment.format
    jobs = [_Job(run, folder.name(one, run.name), form) for run, one in zip(runs, identities, strict=True)]
    return _Site(order, folder, identity, inputs, jobs, frozenset(chosen)).carry_out()


def _casts(order: Order, cells: Sequence[Cell]) -> dict[int, Cast]:
    """Every cell made ready, and its strategies found to fit; what is wrong is told with the file's name."""
    try:
        casts = {cell.number: resolve(cell.experiment, order.source) for cell in cells}
        for cast in casts.values():
            fits.check(cast)
    except DilemmasError as error:
        raise error.within(order.path) from None
    return casts


def _distinct(runs: Sequence[Run], identities: Sequence[str], order: Order) -> None:
    """Refuse an experiment that plans the same run twice, which no table could tell apart."""
    first: dict[str, Run] = {}
    for run, one in zip(runs, identities, strict=True):
        if (known := first.setdefault(one, run)) is not run:
            same = known.cell.number == run.cell.number
            what = f"seed {run.seed} stands twice" if same else f"{_told(known)} and {_told(run)} are the same settings"
            where = f"{order.path}: " if order.path else ""
            raise SpecError(what, where=f"{where}{'seeds' if same else 'sweep'}", remedy="Take one of them out.")


def _told(run: Run) -> str:
    return ", ".join(f"{axis} = {value}" for axis, value in run.cell.values.items())


def _base(order: Order) -> Mapping[str, Any]:
    """The settings that all cells start from; as written where they make no experiment without the sweep's values."""
    base = spec.check({key: value for key, value in order.data.items() if key != "sweep"}, order.path)
    try:
        return resolve(base, order.source).settings
    except DilemmasError:
        return base.settings()


def _in_memory(order: Order, runs: Sequence[Run]) -> Done:
    work = partial(execute, source=order.source, command=tuple(order.command), how=_portable(order))
    finished: dict[str, Finished] = {}
    for run, outcome in pool.each(work, runs, order.jobs):
        if isinstance(outcome, DilemmasError):
            raise outcome
        finished[run.name] = outcome
        _tell(order, len(finished), len(runs), run.name)
    ordered = [finished[run.name] for run in runs]
    names = [name for name in TABLES if any(name in one.tables for one in ordered)]
    tables = {name: join([one.tables[name] for one in ordered if name in one.tables]) for name in names}
    tables["usage"] = _usage({one.name: one.seconds for one in ordered})
    manifest = ordered[0].manifest if len(ordered) == 1 else _summary(order, [one.name for one in ordered])
    return Done(Result(tables, manifest), None, len(runs), 0, sum(one.seconds for one in ordered), _slow(ordered))


@dataclass(frozen=True)
class _Job:
    """A run to be played and saved, as a worker gets it."""

    run: Run
    name: str
    form: str


def _portable(order: Order) -> How:
    """How to play as it goes to workers: progress inside a run cannot be heard from there."""
    return order.how if order.jobs == 1 else replace(order.how, tick=None)


def _work(job: _Job, folder: Path, source: Source, command: Sequence[str], how: How) -> Finished:
    """Play and save one run; its tables stay on disk."""
    done = execute(job.run, source, name=job.name, command=command, how=how)
    _save(Folder(folder), job, done)
    return Finished(done.name, {}, {}, done.seconds, done.slow)


def _save(folder: Folder, job: _Job, done: Finished) -> None:
    folder.save(job.name, done.tables, {**done.manifest, "seconds": done.seconds}, job.form)


@dataclass
class _Site:
    """A folder in which an order is being carried out; of all its jobs, those of the ``chosen`` cells are played."""

    order: Order
    folder: Folder
    identity: Identity
    inputs: Mapping[str, Path]
    jobs: Sequence[_Job]
    chosen: frozenset[int]
    finished: dict[str, Finished] = field(default_factory=dict)
    failed: dict[str, DilemmasError] = field(default_factory=dict)

    def carry_out(self) -> Done:
        """Play what is not finished, and bring everything that is joined up to date."""
        wanted = [job for job in self.jobs if job.run.cell.number in self.chosen]
        todo = [job for job in wanted if not self.folder.finished(job.name)]
        before = len(wanted) - len(todo)
        self._refuse_silent(wanted)
        try:
            if len(self.jobs) == 1 and todo:
                self._alone(todo[0])
            elif todo:
                self._many(todo, before)
        except KeyboardInterrupt:
            self._close()
            found = f"stopped with {before + len(self.finished)} of {len(wanted)} runs done"
            raise Stopped(found, where=str(self.folder.path), remedy="The same command goes on.") from None
        joined = self.folder.joined(self.jobs[0].form)
        manifest = self._close() if todo or not joined else self.folder.summary()
        if self.failed:
            name, error = next(iter(self.failed.items()))
            found = f"{len(self.failed)} of {len(self.jobs)} runs failed; {name}: {error}"
            raise RunFailed(found, where=str(self.folder.path))
        return self._done(manifest, before)

    def _refuse_silent(self, wanted: Sequence[_Job]) -> None:
        """Decisions that are asked for and were not kept cannot be had by going on."""
        for job in wanted:
            if job.run.cell.experiment.log == "moves" and self.folder.finished(job.name):
                tables = self.folder.tables(job.name)
                if "episodes" in tables and "moves" not in tables:
                    raise self.folder.other("log: summary -> moves")

    def _alone(self, job: _Job) -> None:
        """A single run: a mistake in it leaves no folder behind, and its tables are at hand at once."""
        done = execute(job.run, self.order.source, name=job.name, command=self.order.command, how=self.order.how)
        self._stamp()
        _save(self.folder, job, done)
        self.finished[job.name] = done

    def _many(self, todo: Sequence[_Job], before: int) -> None:
        """Many runs: one that fails is noted, and the others go on."""
        self._stamp()
        source, command = self.order.source, tuple(self.order.command)
        work = partial(_work, folder=self.folder.path, source=source, command=command, how=_portable(self.order))
        for job, outcome in pool.each(work, todo, self.order.jobs):
            if isinstance(outcome, DilemmasError):
                self.failed[job.name] = outcome
            else:
                self.finished[job.name] = outcome
            _tell(self.order, before + len(self.finished) + len(self.failed), before + len(todo), job.name)

    def _stamp(self) -> None:
        self.folder.stamp(self.identity, self.order.data, self.inputs)

    def _close(self) -> dict[str, Any]:
        """Bring the joined tables, the list of runs and the stamp up to date."""
        self._stamp()
        rows = [self._row(job) for job in self.jobs] + [self._old(name) for name in self.others]
        names = [*(job.name for job in self.jobs), *self.others]
        done = [name for name in names if self.folder.finished(name)]
        usage = _usage({name: float(self.folder.manifest(name)["seconds"]) for name in done})
        manifest = self.folder.manifest(names[0]) if done == names[:1] == names else _summary(self.order, names)
        self.folder.join(names, join(rows), usage, manifest, self.jobs[0].form)
        return manifest

    @cached_property
    def others(self) -> list[str]:
        """Finished runs that earlier commands added to the folder; they stay in its tables."""
        return self.folder.others({job.name for job in self.jobs})

    def _old(self, name: str) -> Table:
        manifest = self.folder.manifest(name)
        run = Run(Cell(0, manifest["cell"], self.jobs[0].run.cell.experiment), manifest["seed"])
        return row(run, name, self.folder.tables(name))

    def _row(self, job: _Job) -> Table:
        """The row of a run: its own where it is finished, with the axes of the sweep as they are now."""
        done = self.folder.finished(job.name)
        status = "done" if done else "failed" if job.name in self.failed else "planned"
        return row(job.run, job.name, self.folder.tables(job.name) if done else {}, status)

    def _done(self, manifest: Mapping[str, Any], before: int) -> Done:
        played = list(self.finished.values())
        whole = len(self.jobs) == 1 and bool(played) and not self.others
        tables: Mapping[str, Table] = played[0].tables if whole else Files(self.folder.path)
        seconds = sum(one.seconds for one in played)
        return Done(Result(tables, manifest), self.folder.path, len(played), before, seconds, _slow(played))


def _tell(order: Order, done: int, planned: int, name: str) -> None:
    if order.told is not None:
        order.told(done, planned, name)


def _usage(seconds: Mapping[str, float]) -> Table:
    names = list(seconds)
    return Table.of("usage", {"run": names, "seconds": [seconds[name] for name in names], "calls": [0] * len(names)})


def _summary(order: Order, names: Sequence[str]) -> dict[str, Any]:
    experiment = spec.check(order.data, order.path)
    return {
        "config": experiment.model_dump(mode="json", by_alias=True),
        "runs": list(names),
        "versions": versions(),
        "command": list(order.command),
    }


def _slow(finished: Sequence[Finished]) -> dict[str, float]:
    total: dict[str, float] = {}
    for one in finished:
        for label, seconds in one.slow.items():
            total[label] = total.get(label, 0.0) + seconds
    return total
