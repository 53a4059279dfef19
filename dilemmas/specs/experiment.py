"""Experiment files: a game, who plays it, for how many generations, and what is swept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from dilemmas.errors import UsageError, nearest
from dilemmas.rules.params import Amount, Count, Mixed, Probability, Whole
from dilemmas.specs import asking, bounds, catalogue, quiz, reading
from dilemmas.specs.money import Limits as Limits
from dilemmas.specs.money import Price as Price
from dilemmas.specs.money import Rate as Rate
from dilemmas.specs.published import Named, Published
from dilemmas.specs.quiz import Quiz
from dilemmas.specs.recorded import Recorded
from dilemmas.specs.seats import Seat, parse

FREE = (
    *("about", "limits", "prices", "rates", "timeout", "tries", "base_url", "concurrency"),
    *("plots", "log", "jobs", "command", "columns"),
)
"""Keys that may change without making it another experiment: they move no result."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Entry(_Part):
    """Members of the population that are alike."""

    name: str = ""
    strategy: str
    parameters: dict[str, Any] = {}
    model: str | None = None
    count: Count = 1

    @property
    def title(self) -> str:
        """The name that tables show for the strategy."""
        return Seat(self.strategy, self.parameters).title


class Tournament(_Part):
    """How a tournament counts."""

    self_play: bool = Field(default=False, alias="self")
    exact: bool = False
    like: Literal["axelrod"] | None = None

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        if self.like and self.self_play:
            raise ValueError("that package's rule leaves self-play out of the ranking; leave out self, or like")
        return self


class Replicator(_Part):
    """Replicator dynamics of an infinite population; see ``dilemmas.culture.replicator``.

    ``generations`` says how many steps; the population's counts are the shares at the start.
    """

    step: Annotated[Amount, Field(gt=0)] = 0.05
    method: Literal["ode", "discrete"] = "ode"
    mutation: Probability = 0.0
    background: Amount = 0.0


class Reading(_Part):
    """How answers of models are had and read.

    ``form``: ``text`` with a marker line, ``json`` where the provider is known to hold to a schema, else text, or
    ``schema`` always. One that cannot be used is asked again up to ``again`` times; ``otherwise`` says what then:
    ``stop`` the run, put in a ``random`` legal one, play on at random but ``exclude`` the episode from every mean,
    or put in the action or amount that is named. Whatever is put in is marked in the tables.
    """

    form: Literal["text", "json", "schema"] = "text"
    again: Annotated[Whole, Field(ge=0)] = 2
    otherwise: Annotated[str | int | float, Mixed] = "stop"


def _chosen(key: str) -> Callable[[Any], Any]:
    """A named rule of ``dilemmas.culture`` with its parameters, checked there and written out whole."""

    def checked(value: Any) -> Any:
        if value is None or value in ("none", {"rule": "none"}):
            return None
        from dilemmas.culture import rules  # here: a tournament needs none of it

        return rules.written(key, value)

    return checked


def _game(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


def _population(value: Any) -> Any:
    """Seats as typed, a mapping of seats to counts, or entries written out."""
    if isinstance(value, Mapping):
        value = [{**parse(key).entry, "count": count} for key, count in value.items()]
    if not isinstance(value, list):
        return value
    return [parse(part).entry if isinstance(part, str) else part for part in value]


class Experiment(_Part):
    """A whole experiment, as a file or as flags say it; ``design`` follows from what is there."""

    experiment: Annotated[str, AfterValidator(bounds.folder)]
    about: str = ""
    command: Literal["play", "tournament", "evolve", "run"] = "run"
    game: Annotated[dict[str, Any], BeforeValidator(_game)]
    population: Annotated[list[Entry], BeforeValidator(_population)] = Field(min_length=1)
    tournament: Tournament | None = None
    replicator: Replicator | None = None
    recorded: Recorded | None = None
    generations: Count = 1
    matchmaking: Literal["everyone", "pairs", "groups", "network"] = "everyone"
    network: Annotated[dict[str, Any] | None, BeforeValidator(_chosen("network"))] = None
    selection: Annotated[dict[str, Any] | None, BeforeValidator(_chosen("selection"))] = None
    inheritance: Annotated[dict[str, Any], BeforeValidator(_chosen("inheritance"))] = Field(
        default_factory=lambda: _chosen("inheritance")("copied")
    )
    memory: Literal["episode", "life"] = "episode"
    repetitions: Count = 1
    seeds: Annotated[list[Whole], BeforeValidator(bounds.seeds)] = Field(default=[0], min_length=1)
    model: str | None = None
    sampling: Annotated[dict[str, Any], BeforeValidator(asking.sampling)] = {}
    answers: Reading = Reading()
    require_quiz: Annotated[Quiz | None, BeforeValidator(quiz.written)] = None
    base_url: Annotated[str | dict[str, str] | None, BeforeValidator(asking.address)] = None
    concurrency: Count | None = None
    timeout: Annotated[Amount, Field(gt=0)] = 120.0
    tries: Count = 8
    limits: Limits = Limits()
    prices: dict[str, Price] = {}
    rates: dict[str, Rate] = {}
    log: Literal["summary", "moves"] | None = None
    format: Literal["csv", "parquet", "excel"] = "csv"
    plots: bool | list[str] = True
    jobs: Count = 1
    columns: dict[str, str] = {}
    sweep: dict[str, Any] = {}
    published: str | Published | list[str | Published | Named] | None = None

    @field_validator("game")
    @classmethod
    def _named(cls, value: dict[str, Any]) -> dict[str, Any]:
        if not isinstance(value.get("name"), str):
            raise ValueError("game needs a name, such as prisoners-dilemma")
        return value

    @model_validator(mode="after")
    def _names(self) -> Experiment:
        if self.memory == "life":
            raise ValueError("memory: life is not there yet; players start every episode anew (memory: episode)")
        if sum(part is not None for part in (self.tournament, self.replicator, self.recorded)) > 1:
            raise ValueError("an experiment is a tournament, replicator dynamics or a record of play, not several")
        many = next((entry for entry in self.population if entry.count != 1), None)
        if self.tournament is not None and many is not None:
            raise ValueError(f"a tournament takes each strategy once; {many.strategy} has count {many.count}")
        taken: dict[str, int] = {}
        if self.network is not None and self.matchmaking == "everyone":
            self.matchmaking = "network"
        for entry in self.population:
            base = entry.name or entry.title
            taken[base] = taken.get(base, 0) + 1
            entry.name = base if taken[base] == 1 else f"{base}-{taken[base]}"
        return self

    @property
    def design(self) -> Literal["tournament", "replicator", "recorded", "generations"]:
        """A tournament of each strategy once, an infinite population, play on record, or generations of agents."""
        if self.recorded is not None:
            return "recorded"
        if self.replicator is not None:
            return "replicator"
        return "tournament" if self.tournament is not None else "generations"

    def settings(self) -> dict[str, Any]:
        """Everything that moves results, in plain types: what identity is made of."""
        dumped = self.model_dump(mode="json", by_alias=True)
        return {
            key: value
            for key, value in dumped.items()
            if key not in (*FREE, "experiment", "sweep", "seeds", "format", "published")
            and (key, value) not in (("recorded", None), ("require_quiz", None))
        }


KEYS = reading.keys_of(Experiment)


def load(name: str) -> tuple[Experiment, Path]:
    """The experiment that a name or a path means, checked; and its file."""
    path = catalogue.find("experiments", name)
    return check(reading.load(path), path), path


def check(data: Mapping[str, Any], path: Path | None = None) -> Experiment:
    """An experiment from plain data; raises SpecError."""
    what = "an experiment" if path is not None else "these settings"
    return reading.check(Experiment, data, path, what)


def changed(experiment: Mapping[str, Any], overrides: Mapping[str, Any], path: Path | None = None) -> dict[str, Any]:
    """A copy of an experiment's plain data with dotted keys set; a first word that is no key is the game's."""
    data: dict[str, Any] = _copied(experiment)
    for key, value in overrides.items():
        words = _words(key)
        if words[0] != "sweep":
            _free(data.get("sweep"), words, key)
        _place(data, words, value, key)
    return data


def _words(key: str) -> list[str]:
    words = key.split(".")
    return words if words[0] in KEYS else ["game", *words]


def _free(sweep: Any, words: list[str], key: str) -> None:
    """Refuse a key that every value of an axis sets anew: setting it would do nothing."""
    for axis, values in sweep.items() if isinstance(sweep, dict) else ():
        labels = list(values.values()) if isinstance(values, dict) else [{axis: None}]
        if labels and all(isinstance(one, dict) and words in map(_words, one) for one in labels):
            only = f"--only {axis}=VALUE" + (f", or --set sweep.{axis}=[...]" if isinstance(values, list) else "")
            raise UsageError(f"{key} is swept along the axis {axis}, whose values would win", remedy=f"Use {only}.")


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copied(part) for key, part in value.items()}
    return [_copied(part) for part in value] if isinstance(value, list) else value


def _place(data: dict[str, Any], words: list[str], value: Any, key: str) -> None:
    if len(words) == 1:
        data[words[0]] = value
        return
    if words[0] == "game" and isinstance(data.get("game"), str):
        data["game"] = {"name": data["game"]}
    if words[0] == "population":
        _member(data, words[1:], value, key)
        return
    inner = data.get(words[0])
    if not isinstance(inner, dict):
        # A short form such as `selection: truncation` names a rule.
        inner = {"rule": inner} if isinstance(inner, str) else {}
        data[words[0]] = inner
    if words[0] in ("game", "sweep"):
        inner[".".join(words[1:])] = value
        return
    _place(inner, words[1:], value, key)


def _member(data: dict[str, Any], words: list[str], value: Any, key: str) -> None:
    """Set a key of one entry of the population, addressed by its name or its position from 0."""
    entries = [dict(part) if isinstance(part, Mapping) else part for part in _population(data.get("population", []))]
    data["population"] = entries
    known = [str(entry.get("name") or Entry(**entry).title) for entry in entries]
    if words[0].isdigit() and int(words[0]) < len(entries):
        target = entries[int(words[0])]
    elif words[0] in known:
        target = entries[known.index(words[0])]
    else:
        raise UsageError(
            f"{key}: no entry of the population is called {words[0]!r}",
            expected=", ".join(known),
            remedy=nearest(words[0], known),
        )
    if len(words) == 1:
        raise UsageError(
            f"{key} names an entry, not one of its keys", expected=f"{key}.{'|'.join(reading.keys_of(Entry))}"
        )
    _place(target, words[1:], value, key)
