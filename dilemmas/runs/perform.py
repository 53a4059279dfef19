"""Runs in which models have seats: played in one loop, side by side, through one office."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter

from dilemmas.errors import DilemmasError
from dilemmas.models.journal import Journal
from dilemmas.runs.abreast import Abreast
from dilemmas.runs.gate import Gate
from dilemmas.runs.office import Office
from dilemmas.runs.resolve import Source, resolve
from dilemmas.runs.run import Finished, How, design, manifest, row
from dilemmas.runs.schooling import learn
from dilemmas.runs.sitting import attend
from dilemmas.runs.speaking import manner, sit
from dilemmas.runs.spent import usage
from dilemmas.runs.work import Job


async def each(
    office: Office, jobs: Sequence[Job], source: Source, folder: Path | None, command: Sequence[str] = ()
) -> AsyncIterator[tuple[Job, Finished | DilemmasError]]:
    """Every job's outcome as it comes; those planned first are begun, and served by the limiter, first.

    ``folder`` is in the results folder and holds a folder a run for its journal; None keeps none. A run does not begin
    where a model in it fails the quiz that its experiment requires.
    """
    abreast = Abreast(office.left)
    gate = Gate(office, source, folder.parent if folder is not None else None)

    async def one(job: Job, place: int) -> tuple[Job, Finished | DilemmasError]:
        async with abreast.begun(job):
            try:
                await gate.admit(job.run.cell.experiment)
                finished = await perform(office, job, place, source, folder, command)
            except DilemmasError as error:
                return job, error
            abreast.took(job, finished.usage)
            return job, finished

    tasks = [asyncio.create_task(one(job, place)) for place, job in enumerate(jobs)]
    try:
        for task in asyncio.as_completed(tasks):
            yield await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await gate.close()


async def perform(
    office: Office, job: Job, place: int, source: Source, folder: Path | None, command: Sequence[str]
) -> Finished:
    """Play one run; raises Stopped where a provider, a cap or an answer ends it."""
    began = perf_counter()
    cast = resolve(job.run.cell.experiment, source)
    journal = Journal(folder / job.name if folder is not None else None)
    try:
        line = office.line(job, journal, cast.experiment, place)
        told, people = manner(cast), office.how.voices(cast) if office.how.voices is not None else None
        steps = design(job.name, cast, job.run.seed, source, How(), keep=True)
        play = partial(sit, line=line, manner=told, people=people)
        tables = await attend(steps, play, partial(learn, line=line, manner=told))
    finally:
        journal.close()
    totals, seconds = journal.totals(), perf_counter() - began
    stamp = manifest(job.run, cast, source, job.name, command)
    stamp |= {"simulated": totals.simulated > 0, "models": cast.asked}
    stamp |= {"typed": office.how.typed()} if office.how.typed is not None else {}
    return Finished(job.name, {"runs": row(job.run, job.name, tables), **tables}, stamp, seconds, usage=usage(totals))
