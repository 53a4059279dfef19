"""Which runs are under way at once: as many as there is room for, and under a cap those that it will see to their end.

Runs begin in the order of their plan, seed by seed. Under a cap a run begins beside others where what is left is
enough for all of them, going by what runs of their cells took; as long as nobody knows that, beside runs of its own
seed alone. So a cap that ends the work early leaves whole runs, and the first seeds of every cell.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from dilemmas.runs.work import Job

MOST = 256  # runs that are begun before others have ended; each holds the tables of its generations
_PARTS = {"calls": ("calls", "retries"), "tokens": ("prompt_tokens", "completion_tokens"), "cost": ("cost",)}


@dataclass
class Abreast:
    """Lets runs begin; ``left`` gives what is left of every cap, by ``calls``, ``tokens`` and ``cost``."""

    left: Callable[[], Mapping[str, float]]
    _under: dict[str, Job] = field(default_factory=dict)
    _took: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    _door: asyncio.Lock = field(default_factory=asyncio.Lock)
    _ended: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def begun(self, job: Job) -> AsyncIterator[None]:
        """Wait until a run may begin; it has ended with the block. Who came first goes first."""
        async with self._door:
            while not self._room(job):
                self._ended.clear()
                await self._ended.wait()
            self._under[job.name] = job
        try:
            yield
        finally:
            del self._under[job.name]
            self._ended.set()

    def took(self, job: Job, usage: Mapping[str, Any]) -> None:
        """Remember what a run took that was played to its end."""
        self._took[job.run.cell.number] = usage

    def _room(self, job: Job) -> bool:
        if not self._under:
            return True
        if len(self._under) >= MOST:
            return False
        jobs = [*self._under.values(), job]
        needs = {unit: [self._need(one, unit) for one in jobs] for unit in self.left()}
        if any(need is None for parts in needs.values() for need in parts):
            return all(one.run.seed == job.run.seed for one in self._under.values())
        return all(sum(need or 0 for need in needs[unit]) <= left for unit, left in self.left().items())

    def _need(self, job: Job, unit: str) -> float | None:
        """What a run will take of a capped unit; None where no run of its cell has told."""
        usage = self._took.get(job.run.cell.number, {})
        parts = [usage.get(name) for name in _PARTS[unit]]
        return None if None in parts else float(sum(part for part in parts if part is not None))
