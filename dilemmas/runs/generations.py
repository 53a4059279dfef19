"""Generations: play, keep the books, select, inherit; and again."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dilemmas.culture import matchmaking, payoffs, population
from dilemmas.culture.inheritance import inheritance, inheriting
from dilemmas.culture.lessons import Estate, Lesson, Told, founding
from dilemmas.culture.lot import Lot
from dilemmas.culture.matchmaking import Schedule
from dilemmas.culture.networks import Graph, network
from dilemmas.culture.population import Population
from dilemmas.culture.selection import Selected, Selection, selection
from dilemmas.engine.record import Played
from dilemmas.errors import UsageError, many
from dilemmas.report import metrics
from dilemmas.results import Table, join
from dilemmas.rules.game import Game, Ints
from dilemmas.runs import hearsay, promises, tabulate, texts
from dilemmas.runs.answers import Tally
from dilemmas.runs.resolve import Cast
from dilemmas.runs.sitting import School, Sitting, Sittings
from dilemmas.runs.tabulate_roster import Columns, Roster
from dilemmas.runs.texts import Texts
from dilemmas.strategies.strategy import Strategy


@dataclass
class Books:
    """Tables of the generations so far, by name."""

    tables: dict[str, list[Table]] = field(default_factory=dict)
    answers: Tally = field(default_factory=Tally)
    texts: Texts = field(default_factory=Texts)

    def add(self, name: str, table: Table | None) -> None:
        """Keep a table of one generation."""
        if table is not None:
            self.tables.setdefault(name, []).append(table)

    def joined(self, run: str) -> dict[str, Table]:
        """All generations of each table as one."""
        models = {"models": self.answers.table(run)} if self.answers.counts else {}
        return {**models, **{name: join(parts) for name, parts in self.tables.items()}}


@dataclass(frozen=True)
class Plan:
    """What repeats every generation: the game, how agents meet, who stays and who is followed, what newcomers get."""

    cast: Cast
    seed: int
    graph: Graph | None
    selection: Selection | None
    inheritance: Any
    legs: int

    @classmethod
    def of(cls, cast: Cast, seed: int, folder: Path | None = None) -> Plan:
        """The plan of an experiment; raises what its settings get wrong."""
        experiment = cast.experiment
        graph = network(experiment.network).build(cast.size, Lot(seed, 0), folder) if experiment.network else None
        chosen = selection(experiment.selection) if experiment.selection else None
        return cls(cast, seed, graph, chosen, inheritance(experiment.inheritance), getattr(cast.rules, "games", 1))

    def schedule(self, generation: int) -> Schedule:
        """Who meets whom in a generation."""
        rules, experiment = self.cast.rules, self.cast.experiment
        if experiment.command == "play":
            return matchmaking.repeated(_seated(rules, self.cast.size), experiment.repetitions, self.legs)
        return matchmaking.schedule(
            experiment.matchmaking,
            self.cast.size,
            rules.seats,
            Lot(self.seed, generation),
            symmetric=getattr(rules, "symmetric", True),
            repetitions=experiment.repetitions,
            legs=self.legs,
            graph=self.graph,
        )


def _seated(rules: Game, size: int) -> Ints:
    """One episode with the population in its seats, in order; raises UsageError where it does not fit."""
    if size != rules.seats:
        raise UsageError(f"{many(size, 'player')} for a game of {many(rules.seats, 'seat')}", expected=f"{rules.seats}")
    return np.arange(size)[None, :]


def play(
    run: str,
    cast: Cast,
    seed: int,
    *,
    keep: bool = True,
    folder: Path | None = None,
    tick: Callable[[int], None] | None = None,
) -> Sittings[dict[str, Table]]:
    """All generations of an experiment with one seed, step by step; ``tick`` is told each generation's number.

    ``keep`` keeps decisions; ``folder`` is where a network's edge list is looked for.
    """
    plan, books = Plan.of(cast, seed, folder), Books()
    people = population.founders((m.entry.name, m.strategy, m.entry.count, m.entry.model or "") for m in cast.members)
    pool = tuple({agent.strategy.name: agent.strategy for agent in people}.values())
    if isinstance(plan.inheritance, Told):
        people = yield from _founded(people, plan)
    for generation in range(1, cast.experiment.generations + 1):
        schedule = plan.schedule(generation)
        played = yield _sitting(cast.rules, people, schedule, seed, generation, keep)
        earned = _earned(cast.rules, schedule, played)
        last = generation == cast.experiment.generations
        selected = None if last or plan.selection is None else _select(plan, schedule, earned, generation)
        _keep(books, run, cast.rules, generation, people, schedule, played, earned, selected)
        if selected is not None:
            mean = payoffs.scores(earned, schedule.who, schedule.leg, len(people))
            estate = Estate(people, mean, selected, generation + 1, pool)
            people = yield from _following(plan, estate, Lot(seed, generation + 1))
        if tick is not None:
            tick(generation)
    return books.joined(run)


def _founded(people: Population, plan: Plan) -> Generator[School, Sequence[Strategy], Population]:
    """Founders with strategies that they wrote from the rules; scripts stay as they are."""
    lessons = founding(people)
    written = (yield _school(lessons, plan)) if lessons else ()
    by_place = {lesson.place: strategy for lesson, strategy in zip(lessons, written, strict=True)}
    return tuple(replace(agent, strategy=by_place.get(place, agent.strategy)) for place, agent in enumerate(people))


def _following(plan: Plan, estate: Estate, lot: Lot) -> Generator[School, Sequence[Strategy], Population]:
    """The next generation; where newcomers learn in words, their lessons are yielded first."""
    steps = inheriting(plan.inheritance, estate, lot)
    try:
        lessons = next(steps)
        while True:
            lessons = steps.send((yield _school(lessons, plan)))
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # the population that the generator returns


def _school(lessons: tuple[Lesson, ...], plan: Plan) -> School:
    return School(lessons, plan.cast.rules, plan.cast.size, plan.selection is not None)


def _sitting(rules: Game, people: Population, schedule: Schedule, seed: int, generation: int, keep: bool) -> Sitting:
    return Sitting(
        rules,
        population.cast(people, schedule.who),
        schedule.chance(seed, generation),
        generation,
        [agent.id for agent in people],
        schedule.who,
        keep,
    )


def _earned(rules: Game, schedule: Schedule, played: Played) -> NDArray[np.float64]:
    """Payoff of every seat: a round where the game has stage payoffs, else of the episode."""
    payoff = np.asarray(played.score.payoff, np.float64)
    return payoff / played.score.rounds[:, None] if rules.per_round else payoff


def _select(plan: Plan, schedule: Schedule, earned: NDArray[np.float64], generation: int) -> Selected:
    assert plan.selection is not None
    score = payoffs.scores(earned, schedule.who, schedule.leg, plan.cast.size, plan.selection.score)
    return plan.selection.select(score, Lot(plan.seed, generation), plan.graph)


def _keep(
    books: Books,
    run: str,
    rules: Game,
    generation: int,
    people: Population,
    schedule: Schedule,
    played: Played,
    earned: NDArray[np.float64],
    selected: Selected | None,
) -> None:
    names = [agent.strategy.name for agent in people]
    roster = Roster(
        generation,
        [a.id for a in people],
        names,
        [a.model for a in people],
        schedule.who,
        schedule.repetition,
        schedule.leg,
    )
    books.answers.add(rules, roster, played)
    written = books.texts.agents(people)
    said = promises.columns(rules, roster, played)
    society = texts.generation(written) | hearsay.society(rules, roster, played) | _punished(rules, played)
    agents = _agents(run, generation, people, schedule, played, earned, selected, written | said)
    books.add("generations", _generation(run, generation, people, schedule, agents, society))
    books.add("agents", agents)
    books.add("episodes", tabulate.episodes(run, rules, roster, played))
    books.add("moves", tabulate.moves(run, rules, roster, played))
    books.add("rounds", tabulate.rounds(run, roster, promises.limited(rules, played)))
    books.add("messages", promises.table(run, rules, roster, played))


def kept(run: str, rules: Game, people: Population, schedule: Schedule, played: Played) -> dict[str, Table]:
    """The tables generations and agents of one generation that was played elsewhere."""
    agents = _agents(run, 1, people, schedule, played, _earned(rules, schedule, played), None, {})
    return {"generations": _generation(run, 1, people, schedule, agents, _punished(rules, played)), "agents": agents}


def _punished(rules: Game, played: Played) -> Columns:
    """The share of turns in which a donor punished, where it may; episodes that were left out do not count."""
    counts = played.score.extra.get("punished")
    if counts is None:
        return {}
    whole = np.isfinite(played.score.payoff).all(axis=1)
    turns = int(whole.sum()) * rules.turns  # type: ignore[attr-defined]  # donor games alone count punishments
    return {"punished": [float(counts[whole].sum()) / turns if turns else None]}


def _agents(
    run: str,
    generation: int,
    people: Population,
    schedule: Schedule,
    played: Played,
    earned: NDArray[np.float64],
    selected: Selected | None,
    written: Columns,
) -> Table:
    size, who = len(people), schedule.who.reshape(-1)
    payoff = payoffs.scores(earned, schedule.who, schedule.leg, size)
    cooperations = np.bincount(who, np.nan_to_num(played.score.cooperations).reshape(-1), size)
    known = np.where(np.isnan(played.score.cooperations), 0, played.score.decisions)
    decisions = np.bincount(who, known.reshape(-1), size)
    columns: Columns = {
        "run": tabulate.constant(run, size),
        "generation": np.full(size, generation),
        "agent": [agent.id for agent in people],
        "name": [agent.group for agent in people],
        "strategy": [agent.strategy.name for agent in people],
        "parents": [json.dumps(list(agent.parents)) for agent in people],
        "born": [agent.born for agent in people],
        "episodes": np.bincount(who, minlength=size),
        "payoff": payoff,
        "cooperation": np.divide(cooperations, decisions, out=np.full(size, np.nan), where=decisions > 0),
        "rank": np.where(np.isnan(payoff), np.nan, metrics.places(payoff)),
        "selected": _chosen(size, selected),
    }
    if any(agent.model for agent in people):
        columns["model"] = [agent.model or None for agent in people]
    return Table.of("agents", columns | written)


def _chosen(size: int, selected: Selected | None) -> NDArray[Any]:
    """Who is still there or has a child in the next generation; null where nobody was selected."""
    if selected is None:
        return np.full(size, np.nan)
    return selected.survives | np.isin(np.arange(size), selected.parent)


def _generation(
    run: str, generation: int, people: Population, schedule: Schedule, agents: Table, written: Columns
) -> Table:
    payoff, cooperation = agents.numbers("payoff"), agents.numbers("cooperation")
    known = cooperation[~np.isnan(cooperation)]
    counts: Mapping[str, int] = population.composition(people)
    columns: Columns = {
        "run": tabulate.constant(run, 1),
        "generation": [generation],
        "agents": [len(people)],
        "episodes": [len(schedule)],
        "payoff": [float(np.nanmean(payoff)) if np.isfinite(payoff).any() else None],
        "payoff_sd": [float(np.nanstd(payoff, ddof=1)) if np.isfinite(payoff).sum() > 1 else None],
        "cooperation": [float(known.mean()) if len(known) else None],
        "diversity": [population.diversity(list(counts.values()))],
    }
    return Table.of("generations", columns | written)
