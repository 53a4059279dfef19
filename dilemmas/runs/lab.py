"""Carry out an experiment: every run of its grid, in memory or in a folder where the same command goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from dilemmas.errors import DilemmasError, RunFailed, Stopped
from dilemmas.results import TABLES, Table, join
from dilemmas.runs import fits, pool
from dilemmas.runs.resolve import Source, digest, files, resolve
from dilemmas.runs.result import Result
from dilemmas.runs.run import Finished, How, execute, row, versions
from dilemmas.runs.run import identity as run_identity
from dilemmas.runs.store import Files, Folder, Identity
from dilemmas.specs import experiment as spec
from dilemmas.specs import sweep
from dilemmas.specs.sweep import Run


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
    if order.only:
        cells = sweep.only(cells, order.only)
    runs = sweep.runs(cells)
    casts = {cell.number: resolve(cell.experiment, order.source) for cell in cells}
    for cast in casts.values():
        fits.check(cast)
    if order.out is None:
        return _in_memory(order, runs)
    inputs = {place: path for cast in casts.values() for place, path in files(cast, order.source).items()}
    identity = Identity(_base(order), {place: digest(path) for place, path in sorted(inputs.items())})
    folder = Folder(order.out)
    folder.claim(identity, fresh=order.fresh)
    form = cells[0].experiment.format
    jobs = [_Job(run, folder.name(run_identity(casts[run.cell.number], run.seed), run.name), form) for run in runs]
    return _in_folder(order, folder, identity, inputs, jobs)


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


def _work(job: _Job, folder: Path, source: Source, command: Sequence[str], how: How, keep: bool) -> Finished:
    """Play and save one run; the tables come back only where they are wanted at once."""
    done = execute(job.run, source, name=job.name, command=command, how=how)
    Folder(folder).save(job.name, done.tables, {**done.manifest, "seconds": done.seconds}, job.form)
    return done if keep else Finished(done.name, {}, {}, done.seconds, done.slow)


def _in_folder(
    order: Order, folder: Folder, identity: Identity, inputs: Mapping[str, Path], jobs: Sequence[_Job]
) -> Done:
    todo = [job for job in jobs if not folder.finished(job.name)]
    before = len(jobs) - len(todo)
    alone = len(jobs) == 1
    finished: dict[str, Finished] = {}
    failed: dict[str, DilemmasError] = {}
    if todo and not alone:
        folder.stamp(identity, order.data, inputs)
    work = partial(
        _work,
        folder=folder.path,
        source=order.source,
        command=tuple(order.command),
        how=_portable(order),
        keep=alone,
    )
    try:
        for job, outcome in pool.each(work, todo, order.jobs):
            if isinstance(outcome, DilemmasError):
                failed[job.name] = outcome
                if alone:
                    raise outcome
            else:
                finished[job.name] = outcome
            _tell(order, before + len(finished) + len(failed), len(jobs), job.name)
    except KeyboardInterrupt:
        _close(order, folder, identity, inputs, jobs, failed)
        raise Stopped(
            f"stopped with {before + len(finished)} of {len(jobs)} runs done",
            where=str(folder.path),
            remedy="The same command goes on.",
        ) from None
    manifest = _close(order, folder, identity, inputs, jobs, failed) if todo else folder.summary()
    if failed:
        name, error = next(iter(failed.items()))
        raise RunFailed(f"{len(failed)} of {len(jobs)} runs failed; {name}: {error}", where=str(folder.path))
    tables: Mapping[str, Table] = finished[jobs[0].name].tables if alone and finished else Files(folder.path)
    seconds = sum(one.seconds for one in finished.values())
    return Done(Result(tables, manifest), folder.path, len(finished), before, seconds, _slow(list(finished.values())))


def _close(
    order: Order,
    folder: Folder,
    identity: Identity,
    inputs: Mapping[str, Path],
    jobs: Sequence[_Job],
    failed: Mapping[str, DilemmasError],
) -> dict[str, Any]:
    """Bring the joined tables, the list of runs and the stamp up to date."""
    folder.stamp(identity, order.data, inputs)
    names = [job.name for job in jobs]
    rows = [_row(folder, job, failed) for job in jobs]
    usage = _usage({name: float(folder.manifest(name)["seconds"]) for name in names if folder.finished(name)})
    one = len(jobs) == 1 and folder.finished(names[0])
    manifest = folder.manifest(names[0]) if one else _summary(order, names)
    folder.join(names, join(rows), usage, manifest, jobs[0].form)
    return manifest


def _row(folder: Folder, job: _Job, failed: Mapping[str, DilemmasError]) -> Table:
    """The row of a run: its own where it is finished, with the axes of the sweep as they are now."""
    done = folder.finished(job.name)
    tables = folder.tables(job.name) if done else {}
    status = "done" if done else "failed" if job.name in failed else "planned"
    return row(job.run, job.name, tables, status)


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
