"""What a display shows while models are asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dilemmas.engine.record import Played

if TYPE_CHECKING:
    from dilemmas.models.pulse import Pulse
    from dilemmas.models.speaker import Key, Reply, Request


def _still() -> Pulse:
    from dilemmas.models.pulse import Pulse  # here: scripted runs have nothing to show

    return Pulse()


@dataclass
class Watch:
    """What a display shows while models are asked: how far the runs are, the calls and money, cooperation so far."""

    planned: int = 0
    done: int = 0
    episodes: int = 0
    cooperations: float = 0.0
    decisions: float = 0.0
    pulse: Pulse = field(default_factory=_still)
    cap: float | None = None

    def begin(self) -> None:
        """Models are about to be asked; a display begins here."""

    def end(self) -> None:
        """No more will be asked."""

    def heard(self, run: str, key: Key, request: Request, reply: Reply) -> None:
        """A call of a run was answered; whoever wants to count more than the desk's pulse does so here."""

    def add(self, played: Played, *, counts: bool = True) -> None:
        """Count episodes that ended; of those that do not count for anything, only how many."""
        self.episodes += len(played.score.rounds)
        known = (played.score.cooperations == played.score.cooperations) & counts
        self.cooperations += float(played.score.cooperations[known].sum())
        self.decisions += float(played.score.decisions[known].sum())

    @property
    def cooperation(self) -> float | None:
        """Mean cooperation so far, scripted seats included; None before any."""
        return self.cooperations / self.decisions if self.decisions else None
