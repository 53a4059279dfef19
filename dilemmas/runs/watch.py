"""What a display shows while models are asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dilemmas.engine.record import Played

if TYPE_CHECKING:
    from dilemmas.models.desk import Pulse


@dataclass
class Watch:
    """What a display shows while models are asked: how far the runs are, the calls and money, cooperation so far."""

    planned: int = 0
    done: int = 0
    episodes: int = 0
    cooperations: float = 0.0
    decisions: float = 0.0
    pulse: Pulse | None = None
    cap: float | None = None

    def add(self, played: Played) -> None:
        """Count the episodes of a sitting."""
        known = played.score.cooperations == played.score.cooperations
        self.episodes += len(played.score.rounds)
        self.cooperations += float(played.score.cooperations[known].sum())
        self.decisions += float(played.score.decisions[known].sum())

    @property
    def cooperation(self) -> float | None:
        """Mean cooperation so far, scripted seats included; None before any."""
        return self.cooperations / self.decisions if self.decisions else None
