"""A results folder in which an order is being carried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from time import perf_counter
from typing import Any

from dilemmas.engine import live
from dilemmas.errors import DilemmasError, ResultsError, RunFailed, Stopped, many
from dilemmas.results import Table, join
from dilemmas.runs import pool, quizzes
from dilemmas.runs.resolve import Source
from dilemmas.runs.result import Result
from dilemmas.runs.run import Finished, How, execute, host, row
from dilemmas.runs.store import Files, Folder, Identity
from dilemmas.runs.work import Done, Job, Order, slow, summary, tell, usage
from dilemmas.specs.sweep import Cell, Run

GOES_ON = "The same command goes on."


def portable(order: Order) -> How:
    """How to play as it goes to workers: progress inside a run cannot be heard from there."""
    return order.how if order.jobs == 1 else replace(order.how, tick=None)


def _work(job: Job, folder: Path, source: Source, command: Sequence[str], how: How) -> Finished:
    """Play and save one run; its tables stay on disk."""
    done = execute(job.run, source, name=job.name, command=command, how=how)
    _save(Folder(folder), job, done)
    return Finished(done.name, {}, {}, done.seconds, done.slow)


def _save(folder: Folder, job: Job, done: Finished) -> None:
    spent = {"seconds": done.seconds, "host": host(), **done.usage}
    folder.save(job.name, done.tables, {**done.manifest, "usage": spent}, job.form)


@dataclass
class Site:
    """A folder in which an order is being carried out; of all its jobs, those of the ``chosen`` cells are played.

    ``models`` are those that have seats, by the number of the cell.
    """

    order: Order
    folder: Folder
    identity: Identity
    inputs: Mapping[str, Path]
    jobs: Sequence[Job]
    chosen: frozenset[int]
    models: Mapping[int, Sequence[str]]
    finished: dict[str, Finished] = field(default_factory=dict)
    failed: dict[str, DilemmasError] = field(default_factory=dict)

    def carry_out(self) -> Done:
        """Play what is not finished, and bring everything that is joined up to date."""
        wanted = [job for job in self.jobs if job.run.cell.number in self.chosen]
        todo = [job for job in wanted if not self.folder.finished(job.name)]
        before = len(wanted) - len(todo)
        self._refuse_silent(wanted)
        began = perf_counter()
        try:
            self._play(todo, before)
        except KeyboardInterrupt:
            self._close()
            raise self._stopped(
                f"stopped with {before + len(self.finished)} of {many(len(wanted), 'run')} done"
            ) from None
        joined = self.folder.joined(self.jobs[0].form)
        manifest = self._close() if todo or not joined else self.folder.summary()
        if self.failed:
            raise self._error(len(wanted), before)
        return replace(self._done(manifest, before), wall=perf_counter() - began)

    def _play(self, todo: Sequence[Job], before: int) -> None:
        scripted = [job for job in todo if not self.models[job.run.cell.number]]
        spoken = [job for job in todo if self.models[job.run.cell.number]]
        if len(self.jobs) == 1 and scripted:
            self._alone(scripted[0])
        elif scripted:
            self._many(scripted, before, len(todo))
        if spoken:
            live.wait(self._attend(spoken, before, len(todo)))

    def _error(self, wanted: int, before: int) -> DilemmasError:
        """What ended runs early: the error itself where there is one run, else how many, and the first."""
        name, error = next(iter(self.failed.items()))
        if len(self.jobs) == 1:
            return error.within(self.folder.path) if error.exit_code == Stopped.exit_code else error
        failed = [name for name, error in self.failed.items() if error.exit_code != Stopped.exit_code]
        if failed:
            found = f"{len(failed)} of {many(len(self.jobs), 'run')} failed; {failed[0]}: {self.failed[failed[0]]}"
            return RunFailed(found, where=str(self.folder.path))
        done = before + len(self.finished)
        found = f"stopped with {done} of {many(wanted, 'run')} done; {name}: {error.found}"
        return error.retold(found, where=str(self.folder.path), expected="", remedy=error.remedy or GOES_ON)

    def _stopped(self, found: str) -> Stopped:
        return Stopped(found, where=str(self.folder.path), remedy=GOES_ON)

    def _refuse_silent(self, wanted: Sequence[Job]) -> None:
        """Decisions that are asked for and were not kept cannot be had by going on."""
        for job in wanted:
            if job.run.cell.experiment.log == "moves" and self.folder.finished(job.name):
                tables = self.folder.tables(job.name)
                if "episodes" in tables and "moves" not in tables:
                    raise self.folder.other("log: summary -> moves")

    def _alone(self, job: Job) -> None:
        """A single run: a mistake in it leaves no folder behind, and its tables are at hand at once."""
        done = execute(job.run, self.order.source, name=job.name, command=self.order.command, how=self.order.how)
        self._stamp()
        _save(self.folder, job, done)
        self.finished[job.name] = done

    def _many(self, todo: Sequence[Job], before: int, planned: int) -> None:
        """Many runs: one that fails is noted, and the others go on."""
        self._stamp()
        source, command = self.order.source, tuple(self.order.command)
        work = partial(_work, folder=self.folder.path, source=source, command=command, how=portable(self.order))
        for job, outcome in pool.each(work, todo, self.order.jobs):
            self._note(job, outcome, before, planned)

    async def _attend(self, todo: Sequence[Job], before: int, planned: int) -> None:
        """Runs with models, in one loop; one that stops is noted, and the others go on."""
        from dilemmas.runs import perform  # here: scripted runs need none of what models need
        from dilemmas.runs.office import Office

        asked = sorted({model for job in todo for model in self.models[job.run.cell.number]})
        office = Office(
            self.order.experiment,
            self.folder.path,
            asked,
            speaking=self.order.speaking,
            watch=self.order.watch,
            how=self.order.how,
        )
        self._stamp()
        async with office:
            office.watch.planned, office.watch.done = before + planned, before + len(self.finished)
            runs = self.folder.path / "runs"
            async for job, outcome in perform.each(office, todo, self.order.source, runs, self.order.command):
                if isinstance(outcome, Finished):
                    _save(self.folder, job, outcome)
                    outcome = outcome if len(self.jobs) == 1 else replace(outcome, tables={})
                    office.watch.done += 1
                self._note(job, outcome, before, planned)

    def _note(self, job: Job, outcome: Finished | DilemmasError, before: int, planned: int) -> None:
        if isinstance(outcome, DilemmasError):
            self.failed[job.name] = outcome
        else:
            self.finished[job.name] = outcome
        tell(self.order, before + len(self.finished) + len(self.failed), before + planned, job.name)

    def _stamp(self) -> None:
        self.folder.stamp(self.identity, self.order.data, self.inputs)

    def _close(self) -> dict[str, Any]:
        """Bring the joined tables, the list of runs and the stamp up to date."""
        self._stamp()
        rows = [self._row(job) for job in self.jobs] + [self._old(name) for name in self.others]
        names = [*(job.name for job in self.jobs), *self.others]
        done = [name for name in names if self.folder.finished(name)]
        took = {name: self.folder.manifest(name)["usage"] if name in done else self._begun(name) for name in names}
        spent = usage({**{name: one for name, one in took.items() if one}, **quizzes.spent(self.folder.path)})
        manifest = self.folder.manifest(names[0]) if done == names[:1] == names else summary(self.order, names)
        self.folder.join(names, join(rows), spent, manifest, self.jobs[0].form)
        quizzes.gather(self.folder.path, self.jobs[0].form)
        return manifest

    def _begun(self, name: str) -> dict[str, Any]:
        """What the calls took of a run that is not whole; nothing where there are none, or they cannot be read."""
        if not any(self.models.values()):
            return {}
        from dilemmas.models import journal  # here: scripted runs need none of what models need
        from dilemmas.runs import spent

        try:
            totals = journal.totals(self.folder.path / "runs" / name)
        except ResultsError:
            return {}
        return spent.usage(totals) if totals.calls or totals.retries else {}

    @cached_property
    def others(self) -> list[str]:
        """Finished runs that earlier commands added to the folder; they stay in its tables."""
        return self.folder.others({job.name for job in self.jobs})

    def _old(self, name: str) -> Table:
        manifest = self.folder.manifest(name)
        run = Run(Cell(0, manifest["cell"], self.jobs[0].run.cell.experiment), manifest["seed"])
        return row(run, name, self.folder.tables(name))

    def _row(self, job: Job) -> Table:
        """The row of a run: its own where it is finished, with the axes of the sweep as they are now."""
        done = self.folder.finished(job.name)
        status = "done" if done else self._status(job.name)
        return row(job.run, job.name, self.folder.tables(job.name) if done else {}, status)

    def _status(self, name: str) -> str:
        if name not in self.failed:
            return "planned"
        return "stopped" if self.failed[name].exit_code == Stopped.exit_code else "failed"

    def _done(self, manifest: Mapping[str, Any], before: int) -> Done:
        played = list(self.finished.values())
        whole = len(self.jobs) == 1 and bool(played) and not self.others
        tables: Mapping[str, Table] = played[0].tables if whole else Files(self.folder.path)
        seconds = sum(one.seconds for one in played)
        kept = (0, 0) if whole else self._kept()
        return Done(Result(tables, manifest), self.folder.path, len(played), before, seconds, slow(played), kept=kept)

    def _kept(self) -> tuple[int, int]:
        """Runs in the folder whose decisions were kept, and those that had any."""
        if "moves" not in Files(self.folder.path):
            return 0, 0
        names = [name for name in (*(job.name for job in self.jobs), *self.others) if self.folder.finished(name)]
        held = [tables for tables in map(self.folder.tables, names) if "episodes" in tables]
        return sum("moves" in tables for tables in held), len(held)
