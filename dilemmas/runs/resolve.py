"""From an experiment's words to things that play: rules, strategies, and the files behind them."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass, replace
from pathlib import Path
from typing import Any

from dilemmas.errors import FileError, SpecError, UnknownKey, nearest
from dilemmas.rules.game import Game
from dilemmas.runs.places import Human as Human
from dilemmas.runs.places import Scripted
from dilemmas.specs import catalogue, games, prompted, seats, words
from dilemmas.specs.experiment import KEYS, Entry, Experiment
from dilemmas.specs.games import Dilemma, parameters_of
from dilemmas.specs.recorded import SEAT as RECORDED
from dilemmas.specs.seats import HUMAN, Seat
from dilemmas.strategies.prompted import SPEAK, TELL, Prompted
from dilemmas.strategies.strategy import Strategy

TOURNAMENT_ROUNDS = 200
DEFAULT = "default"  # the model of a seat that takes whichever the experiment names
VARIABLE = "DILEMMAS_MODEL"
NETWORKS = "networks"  # where lists of edges are kept among the inputs
RECORDS = "recorded"  # where play on record is kept among them


@dataclass(frozen=True)
class Member:
    """An entry of the population with the strategy that its words mean."""

    entry: Entry
    strategy: Strategy


@dataclass(frozen=True)
class Cast:
    """An experiment made ready: the game, its rules fitted to the population, and the members."""

    experiment: Experiment
    game: Dilemma
    rules: Game
    members: tuple[Member, ...]

    @property
    def size(self) -> int:
        """Agents in the population."""
        return sum(member.entry.count for member in self.members)

    @property
    def settings(self) -> dict[str, Any]:
        """Everything that moves results, defaults written out: what makes two runs the same run, but for the seed."""
        game = {"name": self.game.name, "kind": self.game.kind, **parameters_of(self.rules)}
        return {**self.experiment.settings(), "game": game, **self._told}

    @property
    def models(self) -> list[str]:
        """The models that have seats, in order."""
        said = [member.strategy.model for member in self.members if isinstance(member.strategy, Prompted)]
        return list(dict.fromkeys(said))

    @property
    def asked(self) -> list[str]:
        """All models that may be asked: those with seats, and the one that reads what was said."""
        talk: Any = getattr(self.rules, "talk", None)
        reader = talk.model if self.models and talk is not None and talk.minutes else None
        return list(dict.fromkeys([*self.models, *([reader] if reader not in (None, DEFAULT) else [])]))

    @property
    def _told(self) -> dict[str, Any]:
        """How the game is put to models, where there are any."""
        if not self.models:
            return {}
        said = json.dumps(self.game.words.model_dump(mode="json"), sort_keys=True).encode()
        shown = self.game.presentation.model_dump(mode="json")
        return {"presentation": shown, "words": hashlib.sha256(said).hexdigest()[:16]}


@dataclass(frozen=True)
class Source:
    """Where names are looked up: beside a file, among a Python caller's objects; and whether Python may run.

    ``inputs`` says that ``beside`` is the inputs folder of results, where every path has become a file on its shelf.
    """

    beside: Path | None = None
    objects: Mapping[str, Any] = field(default_factory=dict)
    python: bool = True
    inputs: bool = False

    def reference(self, name: str, shelf: str) -> str:
        """A reference as it is to be looked up here."""
        return _moved(name, shelf) if self.inputs else name


def resolve(experiment: Experiment, source: Source) -> Cast:
    """Load the game and every strategy, and fit the number of seats; raises what loading raises."""
    game = _game(experiment, source)
    found = [_member(entry, experiment, game.kind, source) for entry in experiment.population]
    members = _told_apart(found, experiment.design == "tournament")
    named = experiment.model_copy(update={"population": [member.entry for member in members], "model": None})
    return Cast(named, game, _fitted(named, game, sum(member.entry.count for member in members)), members)


def _told_apart(members: Sequence[Member], contest: bool) -> tuple[Member, ...]:
    """Members whose strategies share a name though they differ, or compete, go by their entries' names instead."""
    alike: dict[str, list[str]] = {}
    for member in members:
        told = f"{member.entry.strategy} {member.entry.parameters}"
        alike.setdefault(member.strategy.name, []).append(told)
    mixed = {name for name, found in alike.items() if len(found if contest else set(found)) > 1}
    return tuple(
        Member(member.entry, _called(member.strategy, _apart(member, members)))
        if member.strategy.name in mixed
        else member
        for member in members
    )


def _apart(member: Member, members: Sequence[Member]) -> str:
    """Another name for a member: with its model where that is enough, else the name of its entry."""
    by_model = [(other.entry.strategy, str(other.entry.parameters), other.entry.model) for other in members]
    own = (member.entry.strategy, str(member.entry.parameters), member.entry.model)
    alone = by_model.count(own) == 1 and len({one[:2] for one in by_model if one[0] == own[0]}) == 1
    return f"{member.strategy.name}@{member.entry.model}" if member.entry.model and alone else member.entry.name


def _called(strategy: Any, name: str) -> Any:
    """A strategy under another name; what a caller made that is no data class keeps its own."""
    return replace(strategy, name=name) if is_dataclass(strategy) and not isinstance(strategy, type) else strategy


def _game(experiment: Experiment, source: Source) -> Dilemma:
    name = experiment.game["name"]
    if name in source.objects:
        return source.objects[name]  # type: ignore[no-any-return]  # a Dilemma, put there by the caller
    given = {key: value for key, value in experiment.game.items() if key != "name"}
    name = source.reference(name, "games")
    try:
        game = games.load(name, given, source.beside, python=source.python)
    except UnknownKey as error:
        raise _nearer(error, given) from None
    if experiment.design == "tournament" and _open_ended(game):
        game = games.load(name, {**given, "rounds": TOURNAMENT_ROUNDS}, source.beside, python=source.python)
    return game


def _nearer(error: UnknownKey, given: Mapping[str, Any]) -> UnknownKey:
    """Where a flag's key is neither the game's nor the experiment's, the nearest of the experiment's too."""
    strange = error.key[-1]
    if strange not in given:
        return error
    near = error.remedy.removeprefix("Did you mean '").removesuffix("'?")
    return error.retold(error.found, remedy=nearest(strange, [*KEYS, near]) or error.remedy)


def _open_ended(game: Dilemma) -> bool:
    """Whether neither the file nor the flags say how long an episode is."""
    return game.kind == "matrix" and not {"rounds", "continuation"} & {
        key for key, value in game.parameters.items() if value is not None
    }


def _member(entry: Entry, experiment: Experiment, family: str, source: Source) -> Member:
    """An entry with its strategy, and with the name of the model where one plays it."""
    if entry.strategy == RECORDED and experiment.recorded is not None:
        return Member(entry, Scripted(entry.name))
    strategy = _strategy(entry, family, source)
    where = f"population.{entry.name}"
    if not isinstance(strategy, Prompted):
        if entry.model not in (None, DEFAULT):
            raise SpecError(
                f"{strategy.name} is no prompted strategy, so the model {entry.model} would have nothing to say",
                where=where,
                remedy=f"Leave the model out, or take a prompted one: plain@{entry.model}.",
            )
        return Member(entry.model_copy(update={"model": None}), strategy)
    model = entry.model if entry.model not in (None, DEFAULT) else experiment.model or os.environ.get(VARIABLE)
    if not model:
        raise SpecError(
            f"{strategy.name} is played by a model, and none is named",
            where=where,
            remedy=f"Say which with --model M, as a seat {strategy.name}@MODEL, with model: in the file, or with the "
            f"variable {VARIABLE}; the model `rehearsal` needs no key.",
        )
    return Member(entry.model_copy(update={"model": model}), _voiced(strategy, model, entry, experiment))


def _voiced(strategy: Prompted, model: str, entry: Entry, experiment: Experiment) -> Prompted:
    """With its model and sampling: the seat's settings before the experiment's, and these before the file's."""
    own = {key: value for key, value in strategy.sampling.items() if key in entry.parameters}
    return replace(strategy, model=model, sampling={**strategy.sampling, **experiment.sampling, **own})


def _strategy(entry: Entry, family: str, source: Source) -> Strategy:
    if entry.strategy in source.objects:
        return source.objects[entry.strategy]  # type: ignore[no-any-return]  # a Strategy, put there by the caller
    if entry.strategy == HUMAN:
        return Human()
    return seats.strategy(
        Seat(source.reference(entry.strategy, "strategies"), entry.parameters),
        source.beside,
        family=family,
        python=source.python,
    )


def _fitted(experiment: Experiment, game: Dilemma, agents: int) -> Game:
    """The rules with as many seats as there are agents, where all play together and the file does not say how many."""
    adjustable = "seats" in getattr(type(game.rules), "model_fields", {}) and "seats" not in game.parameters
    together = experiment.design == "generations" and experiment.matchmaking == "everyone"
    if not (adjustable and together) or game.rules.seats == agents:
        return game.rules
    return games.resized(game, agents)


def files(cast: Cast, source: Source) -> dict[str, Path]:
    """Every file that an experiment reads, by the place it gets among the inputs."""
    found: dict[str, Path] = {}
    if cast.game.path is not None:
        found[f"games/{cast.game.path.name}"] = cast.game.path
    if cast.models:
        kinds = (cast.rules.kind, *(("quiz",) if cast.experiment.require_quiz else ()))
        found |= {f"games/words/{path.name}": path for kind in kinds for path in words.files(kind, source.beside)}
    for member in cast.members:
        reference = member.entry.strategy
        absent = isinstance(member.strategy, (Human, Scripted))
        if reference in source.objects or absent or reference.startswith("axelrod/"):
            continue
        said = source.reference(reference, "strategies")
        unused = tuple(f"/{step.name}.md" for step in (SPEAK, TELL) if getattr(cast.rules, step.name, None) is None)
        for place, path in _behind(said, member.entry.parameters, cast.game.kind, source).items():
            if place.endswith(unused):
                continue
            if found.setdefault(place, path).resolve() != path.resolve():
                raise SpecError(
                    f"two files are called {path.name}",
                    where=f"{found[place]} and {path}",
                    remedy="Rename one: tables could not tell them apart.",
                )
    return found | _edges(cast, source) | _record(cast, source)


def _record(cast: Cast, source: Source) -> dict[str, Path]:
    """The moves that are on record."""
    if cast.experiment.recorded is None:
        return {}
    names = [name for name in (cast.experiment.recorded.file, cast.experiment.recorded.said) if name is not None]
    paths = [record(name, source) for name in names]
    if absent := next((path for path in paths if not path.is_file()), None):
        raise FileError("there is no such file", where=str(absent))
    return {f"{RECORDS}/{path.name}": path for path in paths}


def record(name: str, source: Source) -> Path:
    """Where a file of play on record is."""
    return (source.beside or Path()) / (f"{RECORDS}/{Path(name).name}" if source.inputs else name)


def _edges(cast: Cast, source: Source) -> dict[str, Path]:
    """The list of edges that a network is read from."""
    name = (cast.experiment.network or {}).get("file")
    if name is None:
        return {}
    path = (source.beside or Path()) / name
    if not path.is_file():
        raise FileError("there is no such file", where=str(path))
    return {f"{NETWORKS}/{path.name}": path}


def _behind(reference: str, given: Mapping[str, Any], family: str, source: Source) -> dict[str, Path]:
    if ".py" in reference:
        path = (source.beside or Path()) / (reference.partition(".py")[0] + ".py")
        return {f"strategies/{path.name}": path}
    file, path = seats.read_file(reference, source.beside, family)
    found = {f"strategies/{path.name}": path}
    for prompt in prompted.files(file, path, given):
        found[f"strategies/prompts/{prompt.parent.name}/{prompt.name}"] = prompt
    if file.python is not None:
        script = path.parent / (file.python.partition(".py")[0] + ".py")
        found[f"strategies/{script.name}"] = script
    return found


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _moved(reference: str, folder: str) -> str:
    if (not catalogue.is_path(reference) and ".py" not in reference) or reference.startswith("axelrod/"):
        return reference
    return f"{folder}/{Path(reference).name}"
