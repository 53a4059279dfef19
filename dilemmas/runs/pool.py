"""Many runs: one after the other here, or over several processes; in either case in the order they were planned."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from dilemmas.errors import DilemmasError, UsageError
from dilemmas.strategies.loading import left

Job = TypeVar("Job")
Done = TypeVar("Done")


def each(
    work: Callable[[Job], Done], jobs: Sequence[Job], processes: int
) -> Iterator[tuple[Job, Done | DilemmasError]]:
    """Do every job, giving its result, or the error that a user can mend; results come as they are finished.

    ``work`` and the jobs must be picklable where there is more than one process. Any other exception is raised.
    """
    if processes <= 1 or len(jobs) <= 1:
        for job in jobs:
            yield job, _attempt(work, job)
        return
    guard()
    with ProcessPoolExecutor(min(processes, len(jobs)), mp_context=multiprocessing.get_context("spawn")) as pool:
        try:
            yield from _spread(pool, work, jobs, processes)
        except BrokenProcessPool:
            raise UsageError("the worker processes could not start, or were killed", remedy=_GUARD) from None


_GUARD = "In a script, put the call under `if __name__ == '__main__':`; or use jobs=1."


def guard() -> None:
    """Leave quietly where a worker runs the script that started it, for want of a main guard; the parent says so."""
    # The mark by which multiprocessing itself tells that a process is still being started; a worker of the caller's
    # own that plays is none of it.
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise SystemExit(1)


def _spread(
    pool: ProcessPoolExecutor, work: Callable[[Job], Done], jobs: Sequence[Job], processes: int
) -> Iterator[tuple[Job, Done | DilemmasError]]:
    waiting = iter(jobs)
    running: dict[Future[Done | DilemmasError], Job] = {}
    # A few more than there are processes, so that none waits, and not all, so that an interrupt ends soon.
    for job in (job for _, job in zip(range(2 * processes), waiting, strict=False)):
        running[pool.submit(_attempt, work, job)] = job
    while running:
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            job = running.pop(future)
            yield job, future.result()
            following = next(waiting, None)
            if following is not None:
                running[pool.submit(_attempt, work, following)] = following


def _attempt(work: Callable[[Job], Done], job: Job) -> Done | DilemmasError:
    try:
        return work(job)
    except DilemmasError as error:
        return error
    except SystemExit as error:
        return left(error)
