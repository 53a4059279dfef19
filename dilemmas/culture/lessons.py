"""Strategies told in words: who is asked to write one, whom it may hear, and what is lost on the way."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

import numpy as np
from pydantic import model_validator

from dilemmas.culture.lot import Lot
from dilemmas.culture.payoffs import rank
from dilemmas.culture.population import Agent, Population, name
from dilemmas.culture.selection import Selected
from dilemmas.rules.game import Floats, Ints
from dilemmas.rules.params import Count, Parameters, Probability
from dilemmas.strategies.strategy import Strategy


class Told(Parameters):
    """A newcomer writes its own strategy after hearing its teachers' (Vallinder & Hughes 2024); this needs a model.

    ``scores`` says whether it hears what they earned; ``newcomer_model`` which model speaks for it: the one that
    spoke in its place (``kept``), its parent's (``teacher``), or one drawn from the population (``drawn``).
    ``teachers``: ``all`` survivors, the ``best`` of them (``most`` at most), its ``parent``, or both ``parents``; by
    default as the selection has it. ``passed``: the teachers' strategies, their ``scores`` alone, or a ``summary`` or
    a ``story`` that each of them writes first. ``mutation``: what happens with the chance ``rate``: the newcomer makes
    a small ``change`` to one strategy, it ``blend``s two into one (where it hears two), or what it hears of each
    teacher loses a sentence (``forget``). With the chance ``blank`` a newcomer hears nobody and starts from the rules,
    as founders do.
    """

    rule: Literal["told"] = "told"
    scores: bool = True
    newcomer_model: Literal["kept", "teacher", "drawn"] = "kept"
    teachers: Literal["all", "best", "parent", "parents"] | None = None
    most: Count = 3
    passed: Literal["strategy", "scores", "summary", "story"] = "strategy"
    mutation: Literal["none", "change", "blend", "forget"] = "none"
    rate: Probability = 0.1
    blank: Probability = 0.0

    @model_validator(mode="after")
    def _fits(self) -> Told:
        if self.passed == "scores" and not self.scores:
            raise ValueError("scores alone are passed, and scores are not told: nothing is left")
        if self.passed == "scores" and self.mutation != "none":
            raise ValueError(f"{self.mutation} needs words to change, and scores alone are passed")
        if self.mutation == "blend" and (self.teachers == "parent" or (self.teachers == "best" and self.most == 1)):
            raise ValueError("blend needs two teachers or more, and there is one")
        return self


@dataclass(frozen=True, slots=True)
class Lesson:
    """An ask of kind "strategy": who is to write one, and whom it may learn from, the best paid first.

    ``place`` counts from 0 in the population; ``places`` are the teachers', ``payoffs`` what they earned, or None where
    that is not told. ``strategy`` is what the newcomer will write words for, with the ``model`` that speaks for it.
    ``passed`` and ``mutation`` are as in :class:`Told`; ``forgotten`` holds for each teacher a uniform number that says
    which sentence of its words is lost, or None.
    """

    kind: ClassVar[str] = "strategy"
    id: str
    place: int
    generation: int
    teachers: tuple[Agent, ...]
    payoffs: tuple[float, ...] | None
    model: str
    strategy: Strategy
    places: tuple[int, ...] = ()
    passed: str = "strategy"
    mutation: str = ""
    forgotten: tuple[float | None, ...] = ()


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


def founding(population: Population) -> tuple[Lesson, ...]:
    """The lessons of the first generation, which hears nobody: one for every member that a model speaks for."""
    spoken = [(place, agent) for place, agent in enumerate(population) if agent.model]
    return tuple(Lesson(agent.id, place, agent.born, (), None, agent.model, agent.strategy) for place, agent in spoken)


def newcomers(rule: Told, estate: Estate, lot: Lot) -> Generator[tuple[Lesson, ...], Sequence[Strategy], list[Agent]]:
    """The newcomers in the order of their places: yields the lessons, all together, and is sent a strategy for each.

    A newcomer whom a script would speak for does as its parent does, unless a model speaks for that one; then it learns
    as that model. Where no model speaks for anybody, all are asked, for the caller to refuse.
    """
    births = _births(rule, estate, lot)
    silent = not any(agent.model for agent in estate.population)
    lessons = tuple(lesson for lesson in births if lesson.model or silent)
    told = (yield lessons) if lessons else ()
    if len(told) != len(lessons):
        raise TypeError(f"{len(lessons)} lessons were answered by {len(told)} strategies")
    written = {lesson.id: strategy for lesson, strategy in zip(lessons, told, strict=True)}
    return [_born(birth, written.get(birth.id), estate) for birth in births]


def _born(birth: Lesson, written: Strategy | None, estate: Estate) -> Agent:
    """A newcomer: those who taught it are its parents; one that wrote nothing does as its parent does."""
    parent = estate.parent(birth.place)
    parents = tuple(teacher.id for teacher in (birth.teachers if written is not None else (parent,)))
    strategy = birth.strategy if written is None else written
    return Agent(birth.id, strategy, birth.generation, parents, parent.group, birth.model)


def _births(rule: Told, estate: Estate, lot: Lot) -> list[Lesson]:
    sources, stay, size = _sources(rule, estate, lot), _survivors(estate), len(estate.population)
    coins = lot.uniform("lessons", size, 3).tolist()
    found = []
    for i, place in enumerate(estate.places.tolist(), 1):
        blank, mutates, second = coins[place]
        heard = () if blank < rule.blank else _teachers(rule, estate, place, stay, second)
        source, id_ = sources[place], name(estate.generation, i)
        alone = Lesson(id_, place, estate.generation, (), None, source.model, source.strategy)
        change = _change(rule, len(heard), mutates)
        lost = _lost(lot, place, len(heard), size) if change == "forget" else ()
        born = replace(_hearing(rule, estate, alone, heard), mutation="" if lost else change, forgotten=lost)
        found.append(born)
    return found


def _hearing(rule: Told, estate: Estate, lesson: Lesson, heard: tuple[int, ...]) -> Lesson:
    """The lesson with those whom the newcomer hears."""
    teachers = tuple(estate.population[teacher] for teacher in heard)
    earned = tuple(float(estate.payoff[teacher]) for teacher in heard) if rule.scores and heard else None
    return replace(lesson, teachers=teachers, payoffs=earned, places=heard, passed=rule.passed)


def _change(rule: Told, heard: int, coin: float) -> str:
    """What mutation befalls a lesson of so many teachers; empty for none."""
    enough = heard >= (2 if rule.mutation == "blend" else 1)
    return rule.mutation if rule.mutation != "none" and enough and coin < rule.rate else ""


def _lost(lot: Lot, place: int, teachers: int, places: int) -> tuple[float, ...]:
    """For each teacher, which sentence of its words is lost."""
    return tuple(lot.uniform("forgetting", places, max(teachers, 1))[place, :teachers].tolist())


def _survivors(estate: Estate) -> list[int]:
    """Places of those who stay, the best paid first."""
    ranks = rank(np.asarray(estate.payoff, np.float64))
    return sorted(np.flatnonzero(estate.selected.survives).tolist(), key=lambda place: int(ranks[place]))


def _teachers(rule: Told, estate: Estate, place: int, stay: Sequence[int], second: float) -> tuple[int, ...]:
    """Places of those whom the newcomer in a place hears."""
    parent = int(estate.selected.parent[place])
    how = rule.teachers or ("all" if estate.selected.together else "parent")
    if how == "parent":
        return (parent,)
    if how == "parents":
        others = [other for other in stay if other != parent]
        return (parent, others[int(second * len(others))]) if others else (parent,)
    return tuple(stay[: rule.most] if how == "best" else stay) or (parent,)


def _sources(rule: Told, estate: Estate, lot: Lot) -> dict[int, Agent]:
    """Who lends its voice to the newcomer in each place: the one who was there, its parent, or one that is drawn.

    Where that is a script, the parent is followed instead: a script, too, or a model that then speaks.
    """
    people = estate.population
    if rule.newcomer_model == "kept":
        found = {place: people[place] for place in estate.places.tolist()}
    elif rule.newcomer_model == "teacher":
        found = {place: estate.parent(place) for place in estate.places.tolist()}
    else:
        drawn = lot.below(len(people), "models", 1, len(people))[0]
        found = {place: people[drawn[place]] for place in estate.places.tolist()}
    return {place: agent if agent.model else estate.parent(place) for place, agent in found.items()}
