"""Journals of model calls, read in the order of play: ``runs/RUN/calls.jsonl``, a line a call, in the order of replies.

A journal may be larger than memory: it is read once for the keys, and then a call at a time where it stands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from dilemmas.errors import ResultsError, UnknownName, nearest
from dilemmas.results import absent

NAME = "calls.jsonl"
STAGES = ("quiz", "play", "inherit")
"""Stages of a generation, in the order in which they happen."""
_DECODER = json.JSONDecoder()
_HEAD = re.compile(r'\{"key":\s*')


class Place(NamedTuple):
    """Which decision of a run: as in the moves table, 0 where a stage has no such thing."""

    generation: int
    stage: str
    episode: int
    round: int
    ask: int
    seat: int
    agent: str

    @property
    def order(self) -> tuple[Any, ...]:
        """Decisions sorted by this stand in the order of play."""
        stage = STAGES.index(self.stage) if self.stage in STAGES else len(STAGES)
        return (self.generation, stage, *self[2:6], natural(self.agent))


@dataclass(frozen=True)
class Wanted:
    """Which calls are looked for; None where it does not matter. ``run`` is a run's name, or how it begins."""

    run: str | None = None
    generation: int | None = None
    episode: int | None = None
    round: int | None = None
    seat: int | None = None
    agent: str | None = None

    def fits(self, place: Place) -> bool:
        """Whether a decision is one of them."""
        wanted = ((getattr(self, name), getattr(place, name)) for name in ("generation", "episode", "round", "seat"))
        return all(asked in (None, found) for asked, found in wanted) and self.agent in (None, place.agent)


@dataclass
class Call:
    """A line of a journal."""

    step: str
    attempt: int
    text: str
    where: str = ""

    @cached_property
    def data(self) -> Mapping[str, Any]:
        """Everything that the line says; raises ResultsError where it is damaged."""
        try:
            found: dict[str, Any] = json.loads(self.text)
        except ValueError as error:
            raise ResultsError(f"a model call cannot be read ({error})", where=self.where) from None
        return found


@dataclass(frozen=True)
class Decision:
    """The calls that a decision took, in the order in which they were made."""

    place: Place
    calls: tuple[Call, ...]


def natural(name: str) -> tuple[Any, ...]:
    """A key that sorts names as people do: g1-2 before g1-10."""
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.findall(r"\d+|\D+", name))


def journals(folder: Path, run: str | None = None) -> dict[str, Path]:
    """The journals of a results folder by run; raises ResultsError where there is none, UnknownName for the run."""
    found = {path.parent.name: path for home in ("quiz", "runs") for path in (folder / home).glob(f"*/{NAME}")}
    if (folder / NAME).is_file():
        found[folder.name] = folder / NAME
    if not found:
        raise missing(folder)
    chosen = {name: found[name] for name in sorted(found, key=natural) if called(name, run)}
    if not chosen:
        raise UnknownName(
            f"no run with model calls is called {run!r}",
            where=folder.as_posix(),
            expected=", ".join(sorted(found, key=natural)[:6]) + (" ..." if len(found) > 6 else ""),
            remedy=nearest(run or "", found),
        )
    return chosen


def called(name: str, run: str | None) -> bool:
    """Whether a run goes by a name: its whole name, or whole parts of its beginning."""
    return run is None or name == run or name.startswith(f"{run}-")


def missing(folder: Path) -> ResultsError:
    """The error for a folder without a journal: no folder, no results, or scripts alone."""
    if not (folder / "runs").is_dir() and not (folder / "manifest.json").is_file():
        return absent(folder)
    if (folder / "ledger.jsonl").is_file():
        return ResultsError(
            "no model has answered yet",
            where=folder.as_posix(),
            remedy="The command that made it goes on; what failed is in runs/*/retries.jsonl.",
        )
    return ResultsError(
        "no model was asked in these runs, so there are no calls to read",
        where=folder.as_posix(),
        remedy="What was done is in moves.csv, and what was said, in messages.csv where there is one.",
    )


def decisions(path: Path, wanted: Wanted) -> Iterator[Decision]:
    """The decisions of a journal in the order of play; a last line that was cut short is left out.

    Raises ResultsError where any other line is no call.
    """
    with path.open("rb") as file:
        index = sorted(_index(file, path, wanted), key=lambda entry: (entry[0].order, entry[1]))
        for place, entries in groupby(index, key=lambda entry: entry[0]):
            yield Decision(
                place, tuple(Call(step, attempt, _line(file, at), path.as_posix()) for _, at, step, attempt in entries)
            )


def _index(file: BinaryIO, path: Path, wanted: Wanted) -> Iterator[tuple[Place, int, str, int]]:
    """Where the wanted calls stand: decision, offset, step, attempt."""
    names: dict[str, str] = {}  # a name is kept once, however many calls have it
    at = 0
    for number, line in enumerate(file, 1):
        if not line.endswith(b"\n"):
            return  # the program was stopped while it wrote, or writes just now
        try:
            key = _key(line.decode("utf-8"))
            stage, agent, step = (
                names.setdefault(str(key[name]), str(key[name])) for name in ("stage", "agent", "step")
            )
            generation, attempt = int(key["generation"]), int(key["attempt"])
            episode, round_, ask, seat = (int(key[name]) for name in ("episode", "round", "ask", "seat"))
        except (ValueError, KeyError, TypeError) as error:
            raise ResultsError(
                f"line {number} is no model call ({type(error).__name__}: {error})", where=path.as_posix()
            ) from None
        place = Place(generation, stage, episode, round_, ask, seat, agent)
        if wanted.fits(place):
            yield place, at, step, attempt
        at += len(line)


def _key(text: str) -> Any:
    """The key of a line, which stands first, so that the rest need not be read."""
    head = _HEAD.match(text)
    if head is not None:
        return _DECODER.raw_decode(text, head.end())[0]
    return json.loads(text)["key"]


def _line(file: BinaryIO, at: int) -> str:
    file.seek(at)
    return file.readline().decode("utf-8")
