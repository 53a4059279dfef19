"""Carry out an experiment: every run of its grid, in memory or in a folder where the same command goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from dilemmas.engine import live
from dilemmas.errors import DilemmasError, SpecError
from dilemmas.results import TABLES, join
from dilemmas.runs import fits, pool, settings
from dilemmas.runs.resolve import Cast, Source, digest, files, resolve
from dilemmas.runs.result import Result
from dilemmas.runs.run import Finished, How, begin, execute, host
from dilemmas.runs.run import identity as run_identity
from dilemmas.runs.site import Site, portable
from dilemmas.runs.store import Folder, Identity
from dilemmas.runs.work import Done, Job, Order, slow, summary, tell, usage
from dilemmas.specs import published, sweep
from dilemmas.specs.sweep import Cell, Run

__all__ = ["Done", "Order", "carry_out"]


def carry_out(order: Order) -> Done:
    """Play what is not finished yet; raises what the settings get wrong before anything is written."""
    order = replace(order, data=published.inlined(order.data, order.source.beside))
    cells, runs, casts, identities = _planned(order)
    chosen = {cell.number for cell in (sweep.only(cells, order.only) if order.only else cells)}
    form = cells[0].experiment.format
    spoken = {number: cast.asked for number, cast in casts.items()}
    _keyed(order, sorted({model for number in chosen for model in spoken[number]}))
    if order.out is None:
        wanted = {number for number in chosen if spoken[number] or not order.spoken}
        return _in_memory(order, [Job(run, run.name, form) for run in runs if run.cell.number in wanted], spoken)
    inputs = {place: path for cast in casts.values() for place, path in files(cast, order.source).items()}
    base, said = _base(order)
    identity = Identity(base, {place: digest(path) for place, path in sorted(inputs.items())}, said)
    folder = Folder(order.out)
    folder.claim(identity, fresh=order.fresh)
    jobs = [Job(run, folder.name(one, run.name), form) for run, one in zip(runs, identities, strict=True)]
    return Site(order, folder, identity, inputs, jobs, frozenset(chosen), spoken).carry_out()


def check(order: Order) -> None:
    """Raise what carrying the order out would find wrong with its settings; nothing is played or written."""
    order = replace(order, data=published.inlined(order.data, order.source.beside))
    _, runs, casts, _ = _planned(order)
    for run in {run.cell.number: run for run in runs}.values():
        try:
            begin(casts[run.cell.number], run.seed, order.source)
        except DilemmasError as error:
            raise error.within(order.path) from None


def _planned(order: Order) -> tuple[list[Cell], list[Run], dict[int, Cast], list[str]]:
    """The cells and runs of an order, which may all be carried out: what plays in each cell, and who each run is."""
    cells = sweep.cells(order.data, order.path)
    runs = sweep.runs(cells)
    casts = _casts(order, cells)
    identities = [run_identity(casts[run.cell.number], run.seed) for run in runs]
    _distinct(runs, identities, order)
    return cells, runs, casts, identities


def _casts(order: Order, cells: Sequence[Cell]) -> dict[int, Cast]:
    """Every cell made ready, and its strategies found to fit; what is wrong is told with the file's name."""
    try:
        casts = {cell.number: resolve(cell.experiment, order.source) for cell in cells}
        for cast in casts.values():
            fits.check(cast)
            _quizzed(cast, order.source)
    except DilemmasError as error:
        raise error.within(order.path) from None
    return casts


def _quizzed(cast: Cast, source: Source) -> None:
    """Find out whether the quiz that an experiment requires can be had."""
    if cast.experiment.require_quiz is not None:
        from dilemmas.runs import gate  # here: nobody else needs what asks models

        gate.check(cast, source)


def _keyed(order: Order, models: Sequence[str]) -> None:
    """Find out whether the keys of these models would go where they may."""
    if models:
        from dilemmas.runs import keys  # here: nobody else needs what asks models

        keys.check(order, models)


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


def _base(order: Order) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The settings that all cells start from; as written where they make no experiment without the sweep's values.

    Beside them those that are not at their defaults.
    """
    base = order.experiment
    try:
        cast = resolve(base, order.source)
    except DilemmasError:
        return base.settings(), base.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return cast.settings, settings.chosen(cast)


def _in_memory(order: Order, jobs: Sequence[Job], spoken: Mapping[int, Sequence[str]]) -> Done:
    scripted = [job for job in jobs if not spoken[job.run.cell.number]]
    work = partial(_execute, source=order.source, command=tuple(order.command), how=portable(order))
    finished: dict[str, Finished] = {}
    for job, outcome in pool.each(work, scripted, order.jobs):
        finished[job.name] = _good(outcome)
        tell(order, len(finished), len(jobs), job.name)
    asking = [job for job in jobs if spoken[job.run.cell.number]]
    exams = live.wait(_attend(order, asking, spoken, finished)) if asking else {}
    ordered = [finished[job.name] for job in jobs]
    names = [name for name in TABLES if any(name in one.tables for one in ordered)]
    tables = {name: join([one.tables[name] for one in ordered if name in one.tables]) for name in names}
    if exams:
        tables["quiz"] = join([exam.table() for exam in exams.values()])
    took = {one.name: {"seconds": one.seconds, "host": host(), **one.usage} for one in ordered}
    tables["usage"] = usage({**took, **{name: exam.usage for name, exam in exams.items()}})
    manifest = ordered[0].manifest if len(ordered) == 1 else summary(order, [one.name for one in ordered])
    return Done(Result(tables, manifest), None, len(jobs), 0, sum(one.seconds for one in ordered), slow(ordered))


async def _attend(
    order: Order, jobs: Sequence[Job], spoken: Mapping[int, Sequence[str]], finished: dict[str, Finished]
) -> Mapping[str, Any]:
    """Runs with models, whose answers are kept nowhere but in their tables; the quizzes that came before, by name."""
    from dilemmas.runs import perform  # here: scripted runs need none of what models need
    from dilemmas.runs.office import Office

    asked = sorted({model for job in jobs for model in spoken[job.run.cell.number]})
    async with Office(
        order.experiment, None, asked, speaking=order.speaking, watch=order.watch, how=order.how
    ) as office:
        office.watch.planned = len(jobs) + len(finished)
        async for job, outcome in perform.each(office, jobs, order.source, None, order.command):
            finished[job.name] = _good(outcome)
            office.watch.done = len(finished)
            tell(order, len(finished), office.watch.planned, job.name)
        return dict(sorted(office.quizzes.items()))


def _execute(job: Job, source: Source, command: Sequence[str], how: How) -> Finished:
    return execute(job.run, source, name=job.name, command=command, how=how)


def _good(outcome: Finished | DilemmasError) -> Finished:
    if isinstance(outcome, DilemmasError):
        raise outcome
    return outcome
