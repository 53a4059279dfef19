"""Agents and the populations they make up; a population is a tuple of agents, and its order is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dilemmas.errors import UsageError, many
from dilemmas.rules.game import Ints
from dilemmas.strategies.strategy import Cast, Strategy


@dataclass(frozen=True, slots=True)
class Agent:
    """A member of a population.

    ``id`` is ``g<generation born>-<number from 1>`` and kept while the agent survives; ``parents`` are the ids of
    those it learned from, ``group`` the population entry that its line started in, ``model`` who speaks for it.
    """

    id: str
    strategy: Strategy
    born: int
    parents: tuple[str, ...] = ()
    group: str = ""
    model: str = ""


Population: TypeAlias = tuple[Agent, ...]


def name(born: int, number: int) -> str:
    """The id of the ``number``-th agent (from 1) that was born in a generation."""
    return f"g{born}-{number}"


def founders(entries: Iterable[tuple[str, Strategy, int, str]]) -> Population:
    """The first generation, from (entry's name, strategy, count, model), in that order.

    Raises UsageError where an entry has no agents, or where there are none at all.
    """
    places = []
    for group, strategy, count, model in entries:
        if count < 1:
            found = f"the entry {group or strategy.name!r} has {many(count, 'agent')}"
            raise UsageError(found, where="population", expected="1 or more")
        places += [(group, strategy, model)] * count
    if not places:
        raise UsageError("the population is empty", where="population", expected="at least one entry")
    return tuple(Agent(name(1, i), strategy, 1, (), group, by) for i, (group, strategy, by) in enumerate(places, 1))


def cast(population: Population, who: Ints) -> Cast:
    """The seats of a schedule whose ``who`` numbers the agents from 0; agents that share a strategy share its table."""
    number: dict[int, int] = {}
    strategies: list[Strategy] = []
    plays = np.empty(len(population), np.intp)
    for place, agent in enumerate(population):
        plays[place] = number.setdefault(id(agent.strategy), len(strategies))
        if plays[place] == len(strategies):
            strategies.append(agent.strategy)
    return Cast(tuple(strategies), plays[who])


def composition(population: Sequence[Agent]) -> Mapping[str, int]:
    """How many agents hold each strategy, by name, in order of first appearance."""
    counts: dict[str, int] = {}
    for agent in population:
        counts[agent.strategy.name] = counts.get(agent.strategy.name, 0) + 1
    return counts


def diversity(counts: ArrayLike) -> float:
    """Effective number of strategies by the inverse Simpson index, 1 / sum p^2 (Simpson 1949; Hill 1973).

    ``counts`` are agents by strategy; the result runs from 1 (all alike) to the number of strategies (equal shares).
    """
    shares = _shares(counts)
    return float(1 / (shares * shares).sum())


def shannon(counts: ArrayLike) -> float:
    """Entropy of the shares, -sum p ln p, in nats (Shannon 1948); its exponential is an effective number, too."""
    shares = _shares(counts)
    held = shares[shares > 0]
    return float(max(0.0, -(held * np.log(held)).sum()))


def _shares(counts: ArrayLike) -> NDArray[np.float64]:
    held = np.asarray(counts, np.float64).reshape(-1)
    if not (held >= 0).all() or not held.sum() > 0:
        raise UsageError(f"diversity of {held.tolist()}", expected="counts of 0 or more that are not all 0")
    return np.asarray(held / held.sum())
