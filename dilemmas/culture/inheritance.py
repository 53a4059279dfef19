"""How the next generation comes by its strategies: copied, mutated, or told by those who stay.

:func:`inheriting` is the only definition, a generator as the rules' round loop is: where newcomers must be told, it
yields what is to be asked, all of them together, and is sent the strategies. :func:`inherit` drives it where nobody
needs to be asked; a driver with models answers the same asks.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np
from pydantic import Field

from dilemmas.culture import mutation
from dilemmas.culture.choice import choose
from dilemmas.culture.lot import Lot
from dilemmas.culture.payoffs import rank
from dilemmas.culture.population import Agent, Population, name
from dilemmas.culture.selection import Selected
from dilemmas.errors import UsageError
from dilemmas.rules.game import Floats, Ints
from dilemmas.rules.params import Number, Parameters, Probability
from dilemmas.strategies.strategy import Strategy

WHERE = "inheritance"


class Copied(Parameters):
    """A newcomer does exactly as its parent does."""

    rule: Literal["copied"] = "copied"


class Mutated(Parameters):
    """A newcomer copies its parent, and mutates with the chance ``rate``.

    ``to: strategies`` takes another strategy of the pool, each as likely; ``pool`` names them, the founders' if it is
    empty. ``to: numbers`` adds normal noise of ``sd`` to the parameters of a rule (in their own units; ``only`` those
    named) or to the chances in a machine's table, cut to their range; what has neither is copied as it is.
    """

    rule: Literal["mutated"] = "mutated"
    rate: Probability = 0.05
    to: Literal["strategies", "numbers"] = "strategies"
    pool: tuple[str, ...] = ()
    sd: Number = Field(default=0.1, gt=0)
    only: tuple[str, ...] = ()

    def check(self, strategies: Sequence[Strategy], pool: Sequence[Strategy] = ()) -> None:
        """Raise, before anything is played, where these strategies have nothing to mutate to; see ``mutation``."""
        if self.to == "numbers":
            mutation.check(strategies, self.only)
        else:
            for strategy in strategies:
                mutation.another(strategy, pool, 0.0)


class Told(Parameters):
    """A newcomer writes its own strategy after hearing its teachers' (Vallinder & Hughes 2024); this needs a model.

    ``scores`` says whether it hears what they earned; ``newcomer_model`` which model speaks for it: the one that
    spoke in its place (``kept``), its parent's (``teacher``), or one drawn from the population (``drawn``).
    """

    rule: Literal["told"] = "told"
    scores: bool = True
    newcomer_model: Literal["kept", "teacher", "drawn"] = "kept"


Inheritance: TypeAlias = Copied | Mutated | Told
INHERITANCES: Mapping[str, type[Parameters]] = {"copied": Copied, "mutated": Mutated, "told": Told}


@dataclass(frozen=True, slots=True)
class Lesson:
    """An ask of kind "strategy": who is to write one, and whom it may learn from, the best paid first.

    ``place`` counts from 0 in the population; ``payoffs`` are the teachers', or None where they are not told.
    """

    kind: ClassVar[str] = "strategy"
    id: str
    place: int
    generation: int
    teachers: tuple[Agent, ...]
    payoffs: tuple[float, ...] | None
    model: str


Inheriting: TypeAlias = Generator[tuple[Lesson, ...], Sequence[Strategy], Population]


@dataclass(frozen=True)
class Estate:
    """What a generation leaves: its members and their payoffs, who was selected, and the number of the next one.

    ``pool`` holds the strategies that a mutation may lead to.
    """

    population: Population
    payoff: Floats
    selected: Selected
    generation: int
    pool: Sequence[Strategy] = field(default=())

    @property
    def places(self) -> Ints:
        """The places that newcomers take, from 0."""
        return np.flatnonzero(~self.selected.survives)

    def parent(self, place: int) -> Agent:
        """The agent that the newcomer in a place follows."""
        agent: Agent = self.population[self.selected.parent[place]]
        return agent


def inherit(rule: Inheritance, estate: Estate, lot: Lot) -> Population:
    """The next generation, where nobody has to be asked; survivors keep id and place.

    Newcomers are ``g<generation>-<i>``, numbered from 1 by place. Raises UsageError for ``told``.
    """
    steps = inheriting(rule, estate, lot)
    try:
        lessons = next(steps)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # what the generator returns
    steps.close()
    raise UsageError(
        f"{len(lessons)} newcomers would write their own strategies, and nothing here can",
        where=f"{WHERE}.rule: told",
        expected="a model",
        remedy="Give the population a model, or use copied or mutated.",
    )


def inheriting(rule: Inheritance, estate: Estate, lot: Lot) -> Inheriting:
    """The next generation step by step: yields the lessons to be told, if any, and is sent a strategy for each."""
    if isinstance(rule, Told):
        lessons = _lessons(rule, estate, lot)
        told = (yield lessons) if lessons else ()
        if len(told) != len(lessons):
            raise TypeError(f"{len(lessons)} lessons were answered by {len(told)} strategies")
        born = [_pupil(lesson, strategy, estate) for lesson, strategy in zip(lessons, told, strict=True)]
    else:
        born = _children(rule, estate, lot)
    members = list(estate.population)
    for place, agent in zip(estate.places, born, strict=True):
        members[place] = agent
    return tuple(members)


def _children(rule: Copied | Mutated, estate: Estate, lot: Lot) -> list[Agent]:
    changes = _Changes(rule, estate, lot) if isinstance(rule, Mutated) else None
    born = []
    for i, place in enumerate(estate.places, 1):
        parent = estate.parent(place)
        strategy = parent.strategy if changes is None else changes.of(int(place), parent.strategy)
        child = Agent(name(estate.generation, i), strategy, estate.generation, (parent.id,), parent.group, parent.model)
        born.append(child)
    return born


class _Changes:
    """The mutations of one generation: every place has its own lots, drawn for all places at once."""

    def __init__(self, rule: Mutated, estate: Estate, lot: Lot) -> None:
        self._rule, self._pool, self._lot = rule, estate.pool, lot
        self._places = len(estate.population)
        self._coins = lot.uniform("mutation", self._places, 2)
        self._normals: dict[int, Floats] = {}

    def of(self, place: int, strategy: Strategy) -> Strategy:
        """What the newcomer in a place makes of its parent's strategy."""
        mutates, which = self._coins[place]
        if mutates >= self._rule.rate:
            return strategy
        if self._rule.to == "strategies":
            return mutation.another(strategy, self._pool, which)
        return mutation.perturbed(strategy, lambda k: self._normal(k, place), self._rule.sd, self._rule.only)

    def _normal(self, k: int, place: int) -> float:
        if k not in self._normals:
            self._normals[k] = self._lot.normal("perturbation", 1, self._places, k)[0]
        return float(self._normals[k][place])


def _lessons(rule: Told, estate: Estate, lot: Lot) -> tuple[Lesson, ...]:
    models = _models(rule, estate, lot)
    ranks = rank(np.asarray(estate.payoff, np.float64))
    stay = sorted(np.flatnonzero(estate.selected.survives), key=lambda place: int(ranks[place]))
    lessons = []
    for i, place in enumerate(estate.places, 1):
        teachers = stay if estate.selected.together else [estate.selected.parent[place]]
        payoffs = tuple(float(estate.payoff[teacher]) for teacher in teachers) if rule.scores else None
        heard = tuple(estate.population[teacher] for teacher in teachers)
        lessons.append(Lesson(name(estate.generation, i), int(place), estate.generation, heard, payoffs, models[place]))
    return tuple(lessons)


def _models(rule: Told, estate: Estate, lot: Lot) -> list[str]:
    own = [agent.model for agent in estate.population]
    if rule.newcomer_model == "kept":
        return own
    if rule.newcomer_model == "teacher":
        return [own[parent] for parent in estate.selected.parent]
    return [own[drawn] for drawn in lot.below(len(own), "models", 1, len(own))[0]]


def _pupil(lesson: Lesson, strategy: Strategy, estate: Estate) -> Agent:
    parents = tuple(teacher.id for teacher in lesson.teachers)
    return Agent(lesson.id, strategy, lesson.generation, parents, estate.parent(lesson.place).group, lesson.model)


def inheritance(given: Any, where: str = WHERE) -> Inheritance:
    """The rule that a file or a flag describes: ``{rule: mutated, rate: 0.05}`` or ``mutated:rate=0.05``."""
    return choose(INHERITANCES, given, "rule", "inheritance rule", where)  # type: ignore[return-value]  # one of the three
