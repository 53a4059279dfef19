"""Wire one run: an experiment with one seed, from names to tables and a manifest."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import metadata
from time import perf_counter
from typing import Any, Literal

import numpy as np

from dilemmas.engine import batch, live
from dilemmas.engine.live import Voices
from dilemmas.engine.record import Played
from dilemmas.engine.voices import Spoken
from dilemmas.errors import UsageError
from dilemmas.results import SCHEMA, Table
from dilemmas.rules.game import Game
from dilemmas.runs import generations, infinite, meetings, tournament
from dilemmas.runs.resolve import Cast, Human, Source, digest, files, resolve
from dilemmas.runs.sitting import Sitting, Sittings, drive
from dilemmas.specs import sweep
from dilemmas.specs.experiment import Experiment
from dilemmas.specs.games import parameters_of
from dilemmas.specs.sweep import Run
from dilemmas.strategies.loading import aside

MANY = 1_000_000  # decisions above which the moves are not kept unless asked for
Tick = Callable[[str, int, int], None]
"""Progress: what is being counted, how many are done, of how many."""


@dataclass(frozen=True)
class Finished:
    """A run that was played: its tables, its manifest, and what it took (``usage``: measures of that table)."""

    name: str
    tables: Mapping[str, Table]
    manifest: Mapping[str, Any]
    seconds: float
    slow: Mapping[str, float] = field(default_factory=dict)
    usage: Mapping[str, Any] = field(default_factory=lambda: {"calls": 0})


@dataclass(frozen=True)
class How:
    """How a run is played, none of which moves a result: progress, episodes a chunk, the driver, and who speaks.

    ``voices`` makes the voices of live episodes from the cast; without it nobody but scripts can sit. ``typed`` tells
    afterwards what people typed, so that the manifest has it and a replay can say it again.
    """

    tick: Tick | None = None
    chunk: int | None = None
    driver: Literal["batch", "live"] = "batch"
    voices: Callable[[Cast], Voices] | None = None
    typed: Callable[[], list[str]] | None = None


@aside()  # a game may be the user's own code, as strategies are
def execute(
    run: Run, source: Source, *, name: str = "", command: Sequence[str] = (), how: How | None = None
) -> Finished:
    """Play a run from its settings, where no model has to be asked; raises what is wrong with them, or an answer."""
    began, how, name = perf_counter(), how or How(), name or run.name
    cast = resolve(run.cell.experiment, source)
    _seated(cast, how)
    slow: dict[str, float] = {}
    voices = how.voices(cast) if how.voices is not None else None
    steps = design(name, cast, run.seed, source, how, keep=voices is not None)
    tables = drive(steps, partial(_played, how, voices, _ticker(how, cast), slow))
    stamp = manifest(run, cast, source, name, command) | ({"typed": how.typed()} if how.typed is not None else {})
    return Finished(name, {"runs": row(run, name, tables), **tables}, stamp, perf_counter() - began, slow)


def begin(cast: Cast, seed: int, source: Source) -> None:
    """Go as far as the first episodes of a run, which are not played; raises what is wrong with its settings."""
    _seated(cast, How())
    steps = design("", cast, seed, source, How())
    next(steps, None)
    steps.close()


def _seated(cast: Cast, how: How) -> None:
    if how.voices is None and any(isinstance(member.strategy, Human) for member in cast.members):
        raise UsageError("a person can sit only in `dilemmas play`", remedy="Give the seat a strategy.")


def design(
    name: str, cast: Cast, seed: int, source: Source, how: How, *, keep: bool = False
) -> Sittings[dict[str, Table]]:
    """The sittings of a run, and its tables at the end; ``keep`` keeps decisions unless the log is a summary."""
    if cast.experiment.replicator is not None:
        return infinite.play(name, cast, seed)
        yield  # an infinite population sits nowhere
    if cast.experiment.recorded is not None:
        from dilemmas.runs import recorded  # here: no other design needs it

        return (yield from recorded.play(name, cast, seed, source))
    if cast.experiment.tournament is not None:
        return (yield from _tournament(name, cast, seed, keep))
    size = np.ceil(
        cast.size**2 / 2
        if cast.rules.seats == 2 and cast.experiment.matchmaking == "everyone"
        else cast.size / cast.rules.seats
    )
    episodes = int(size) * cast.experiment.repetitions * cast.experiment.generations
    keep = keeps(cast.experiment, cast.rules, 0 if keep else episodes)
    step = partial(_counted, how.tick, "generations", cast.experiment.generations) if how.tick else None
    return (yield from generations.play(name, cast, seed, keep=keep, folder=source.beside, tick=step))


def _tournament(name: str, cast: Cast, seed: int, keep: bool) -> Sittings[dict[str, Table]]:
    experiment, settings = cast.experiment, cast.experiment.tournament
    assert settings is not None
    strategies = [member.strategy for member in cast.members]
    if settings.exact:
        return tournament.exact(name, cast.rules, strategies, settings.self_play)
    steps = tournament.play(
        name,
        cast.rules,
        strategies,
        seed=seed,
        repetitions=experiment.repetitions,
        self_play=settings.self_play,
        like=settings.like,
        keep=keeps(experiment, cast.rules, 0 if keep else _meetings(cast)),
        models=[member.entry.model or "" for member in cast.members],
    )
    return (yield from steps)


def _meetings(cast: Cast) -> int:
    """Matches of a tournament."""
    settings = cast.experiment.tournament
    assert settings is not None
    both = settings.self_play or settings.like == "axelrod"
    return meetings.plan(cast.rules, len(cast.members), both).matches * cast.experiment.repetitions


def _ticker(how: How, cast: Cast) -> Callable[[int], None] | None:
    """Progress within a sitting: a tournament has but one."""
    if how.tick is None or cast.experiment.tournament is None or cast.experiment.tournament.exact:
        return None
    return partial(_counted, how.tick, "matches", _meetings(cast))


def _played(
    how: How, voices: Voices | None, step: Callable[[int], None] | None, slow: dict[str, float], wanted: Sitting
) -> Played:
    """The episodes of a sitting by the driver that was asked for; ``slow`` gathers the seconds of strategies."""
    what = (wanted.game, wanted.cast, wanted.luck)
    if how.driver == "live" or voices is not None:
        playing = live.play(*what, voices or live.silence, keep=wanted.keep, after=wanted.after, tick=step)
        played = live.wait(playing)
    else:
        played = batch.play(*what, keep=wanted.keep, after=wanted.after, chunk=how.chunk, tick=step)
    for label, seconds in played.seconds.items():
        slow[label] = slow.get(label, 0.0) + seconds
    return played


def _counted(tick: Tick, what: str, total: int, done: int) -> None:
    tick(what, done, total)


def keeps(experiment: Experiment, rules: Game, episodes: int) -> bool:
    """Whether decisions are kept: as asked, or by default up to a million of them."""
    if experiment.log is not None:
        return experiment.log == "moves"
    continuation, fixed = getattr(rules, "continuation", None), getattr(rules, "rounds", None)
    rounds = 1 / (1 - continuation) if continuation not in (None, 1) else 10
    return episodes * rules.seats * (fixed or rounds) <= MANY


def row(run: Run, name: str, tables: Mapping[str, Table], status: str = "done") -> Table:
    """The run's row of the runs table, with a column a sweep axis."""
    means = {}
    source = tables.get("agents", tables.get("ranking", tables.get("generations")))
    for key in ("payoff", "cooperation"):
        values = source.numbers(key) if source is not None and key in source else np.array([])
        known = values[~np.isnan(values)]
        means[key] = [float(known.mean()) if len(known) else None]
    per = tables.get("generations")
    episodes = int(per.numbers("episodes").sum()) if per is not None and "episodes" in per else _matches(tables)
    record = run.cell.experiment.recorded
    if status == "done" and record is not None and not record.finished:
        status = "broken off"
    columns: dict[str, Any] = {
        "run": [name],
        **{axis: _axis(value) for axis, value in run.cell.values.items()},
        "seed": [run.seed],
        "status": [status],
        "generations": [len(per) if per is not None else None],
        "episodes": [episodes],
        **means,
        **_answers(tables),
    }
    return Table.of("runs", columns)


def _answers(tables: Mapping[str, Table]) -> dict[str, Any]:
    """What the models of a run did, over all of them."""
    if "models" not in tables:
        return {"invalid_share": [None], "simulated": [False]}
    models = tables["models"]
    decisions, invalid = models.numbers("decisions"), np.nan_to_num(models.numbers("invalid_share"))
    asked = decisions.sum()
    return {
        "invalid_share": [float((invalid * decisions).sum() / asked) if asked else None],
        "simulated": [bool(models.numbers("simulated").any())],
    }


def _axis(value: Any) -> Any:
    """The value of a sweep axis as a column of one: a number stays one."""
    plain = isinstance(value, (int, float)) and not isinstance(value, bool)
    return np.array([value]) if plain else [value if value is None else str(value)]


def _matches(tables: Mapping[str, Table]) -> int | None:
    return int(tables["episodes"].numbers("episode").max()) if "episodes" in tables else None


def manifest(run: Run, cast: Cast, source: Source, name: str, command: Sequence[str]) -> dict[str, Any]:
    """What a run was made of: resolved settings, versions, seed, and a SHA-256 of every file that was read."""
    experiment = cast.experiment
    rules = parameters_of(cast.rules)
    return {
        "schema": SCHEMA,
        "run": name,
        "identity": identity(cast, run.seed),
        "seed": run.seed,
        "cell": dict(run.cell.values),
        "design": experiment.design,
        "config": experiment.model_dump(mode="json", by_alias=True),
        "game": {"name": cast.game.name, "kind": cast.game.kind, "parameters": rules, "seats": cast.rules.seats},
        "sources": {
            "games": {cast.game.name: cast.game.source},
            "strategies": {member.strategy.name: getattr(member.strategy, "source", "") for member in cast.members},
        },
        "files": {place: digest(path) for place, path in files(cast, source).items()},
        "versions": versions(),
        "command": list(command),
        "simulated": False,
    }


def repeated(typed: Sequence[str]) -> Callable[[Cast], Voices]:
    """The voices of an episode with people, from what they typed."""

    def make(cast: Cast) -> Voices:
        voice = Spoken(list(typed))
        return lambda luck: dict.fromkeys(people(cast), voice)

    return make


def people(cast: Cast) -> list[int]:
    """Seats, from 0, that people have; those of the population in order."""
    sitting = [member.strategy for member in cast.members for _ in range(member.entry.count)]
    return [seat for seat, strategy in enumerate(sitting) if isinstance(strategy, Human)]


def identity(cast: Cast, seed: int) -> str:
    """A hash of a run's own resolved settings and its seed."""
    return sweep.digest({"settings": cast.settings, "seed": seed}, 16)


def versions() -> dict[str, str]:
    """Versions that results may hang on."""
    return {
        "dilemmas": metadata.version("dilemmas"),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "platform": sys.platform,
    }


def host() -> str:
    """What kind of machine this is, with the versions of Python and numpy; no name of its own."""
    return f"{sys.platform} {platform.machine()}, Python {platform.python_version()}, numpy {np.__version__}"
