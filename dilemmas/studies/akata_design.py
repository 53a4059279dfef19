"""Whether the matches of the public data of Akata et al. (2025) are all there: who met whom, and for how long."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from dilemmas.errors import many
from dilemmas.studies.importing import Log

Pairs: TypeAlias = set[tuple[str, str]]
NAMED = 3  # pairs that a note names


def notes(logs: Sequence[Log]) -> list[str]:
    """A line for each log of a file that lacks pairs, or is shorter than the longest; no data say what was planned.

    Pairs are lacking where most of everybody with everybody is there, or most pairs in both seatings.
    """
    met = [_pairs(log) for log in logs]
    planned, longest = _whole(set().union(*met)), max((int(log.game["rounds"]) for log in logs), default=0)
    return [
        *(_unmet(log, lacking) for log, pairs in zip(logs, met, strict=True) if (lacking := sorted(planned - pairs))),
        *(_short(log, longest) for log in logs if int(log.game["rounds"]) < longest),
    ]


def _pairs(log: Log) -> Pairs:
    seated: dict[str, dict[str, str]] = {}
    for row in log.rows:
        seated.setdefault(row["match"], {})[row["seat"]] = row["agent"]
    return {(one["1"], one["2"]) for one in seated.values()}


def _whole(pairs: Pairs) -> Pairs:
    """The design that a set of pairs is most of, or the set itself."""
    crossed = {(first, second) for first, _ in pairs for _, second in pairs}
    both = pairs | {(second, first) for first, second in pairs}
    return next((design for design in (crossed, both) if 2 * len(pairs) > len(design)), pairs)


def _unmet(log: Log, lacking: Iterable[tuple[str, str]]) -> str:
    told = [f"{first} against {second}" for first, second in lacking]
    rest = f" and {len(told) - NAMED} more" if len(told) > NAMED else ""
    return f"{log.source}: {many(len(told), 'pair')} not there: {', '.join(told[:NAMED])}{rest}"


def _short(log: Log, longest: int) -> str:
    return f"{log.source}: {many(int(log.game['rounds']), 'round')}, and {longest} in others of its file"
