"""How much an experiment is: decisions that its runs will ask for, before anything is played."""

from __future__ import annotations

from dilemmas.runs import meetings
from dilemmas.runs.resolve import Cast


def decisions(cast: Cast) -> float:
    """Expected decisions of one run; an upper estimate where a stock may collapse."""
    return episodes(cast) * rounds(cast) * asked(cast)


def episodes(cast: Cast) -> int:
    """Episodes of one run."""
    experiment, seats, size = cast.experiment, cast.rules.seats, cast.size
    if experiment.tournament is not None:
        if experiment.tournament.exact:
            return 0
        both = experiment.tournament.self_play or experiment.tournament.like == "axelrod"
        return meetings.plan(cast.rules, len(cast.members), both).matches * experiment.repetitions
    pairs = size * (size - 1) // 2 * (1 if getattr(cast.rules, "symmetric", True) else 2)
    each = pairs if seats == 2 and experiment.matchmaking in ("everyone", "network") else size // seats
    return max(1, each) * getattr(cast.rules, "games", 1) * experiment.repetitions * experiment.generations


def rounds(cast: Cast) -> float:
    """Expected rounds of an episode."""
    fixed: int | None = getattr(cast.rules, "rounds", None)
    going: float | None = getattr(cast.rules, "continuation", None)
    if going is None or going == 1:
        usual: int = getattr(type(cast.rules), "default_rounds", 10)
        return float(fixed or usual)
    return float((1 - going**fixed) / (1 - going)) if fixed else 1 / (1 - going)


def asked(cast: Cast) -> float:
    """Decisions of a round."""
    if cast.rules.kind == "donor":
        return cast.rules.seats // 2
    stages = sum(getattr(cast.rules, stage, None) is not None for stage in ("punishment", "reward"))
    return cast.rules.seats * (1 + stages * (cast.rules.seats - 1))
