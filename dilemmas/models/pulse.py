"""Counters of a command's calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dilemmas.models.speaker import Reply


@dataclass
class Pulse:
    """Counters of this command for a display: replies that came, replies ``served`` from journals, calls ``in_flight``,
    tokens, USD (None once a price is unknown), tries that failed, and of what they failed last.
    """

    calls: int = 0
    served: int = 0
    in_flight: int = 0
    tokens: int = 0
    cost: float | None = 0.0
    faults: int = 0
    trouble: str = ""

    def came(self, reply: Reply) -> None:
        """A call was answered."""
        self.calls += 1
        self.tokens += (reply.usage.prompt or 0) + (reply.usage.completion or 0)
        self.cost = None if self.cost is None or reply.cost is None else self.cost + reply.cost
