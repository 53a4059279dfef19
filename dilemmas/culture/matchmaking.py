"""Who meets whom in a generation: everyone, random groups, or neighbours on a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from dilemmas.culture.lot import Lot
from dilemmas.culture.networks import Graph
from dilemmas.engine.chance import Chance
from dilemmas.errors import UnknownName, UsageError, many, nearest
from dilemmas.rules.game import Ints

Matchmaking = Literal["everyone", "pairs", "groups", "network"]
MATCHMAKING: tuple[str, ...] = get_args(Matchmaking)
WHERE = "matchmaking"
MOST = 100_000_000  # pairs of one repetition; their tables would take tens of gigabytes


@dataclass(frozen=True)
class Schedule:
    """The episodes of a generation, in the order of their numbers.

    ``who`` is ``(episodes, seats)`` and numbers the agents from 0; ``repetition`` counts from 1; rows of the same
    ``group`` share a pairing and differ in ``leg``, the game within it, and stand next to each other.
    """

    who: Ints
    repetition: Ints
    group: Ints
    leg: Ints

    def chance(self, seed: int, generation: int) -> Chance:
        """The luck of these episodes."""
        return Chance(seed, generation, np.arange(len(self.who)), self.repetition, self.group, self.leg)

    def __len__(self) -> int:
        return len(self.who)


def schedule(
    rule: str,
    agents: int,
    seats: int,
    lot: Lot,
    *,
    symmetric: bool = True,
    repetitions: int = 1,
    legs: int = 1,
    graph: Graph | None = None,
) -> Schedule:
    """The episodes of one generation of ``agents`` agents in a game of ``seats`` seats.

    ``everyone``: every unordered pair once, or one episode of all where the seats are as many as the agents.
    ``groups``: a random partition into the game's seats; ``pairs``: groups of two. ``network``: along the edges of
    ``graph``, or every node with its neighbours where the game takes more than two. A game that is not ``symmetric``
    is played in both seatings by ``everyone`` and on a network. Every meeting has ``legs`` episodes, and all of it
    happens ``repetitions`` times with the same people; the first repetition comes first, so more of them change
    nothing in those before. Raises UsageError where the numbers do not fit, UnknownName for the rule.
    """
    if rule not in MATCHMAKING:
        found, expected = f"no matchmaking is called {rule!r}", ", ".join(MATCHMAKING)
        raise UnknownName(found, where=WHERE, expected=expected, remedy=nearest(rule, MATCHMAKING))
    if agents < 2 and seats > 1:
        raise UsageError(f"{agents} agent has nobody to meet", where=WHERE, expected="a population of 2 or more")
    if rule == "network":
        return repeated(_network(agents, seats, symmetric, graph), repetitions, legs)
    if rule == "everyone":
        return repeated(_everyone(agents, seats, symmetric), repetitions, legs)
    if rule == "pairs" and seats != 2:
        raise UsageError(
            f"pairs in a game of {many(seats, 'seat')}", where=WHERE, expected="two seats", remedy="Use groups."
        )
    return repeated(_groups(agents, seats, lot), repetitions, legs)


def repeated(meetings: Ints, repetitions: int = 1, legs: int = 1) -> Schedule:
    """A schedule in which every row of ``meetings``, ``(meetings, seats)``, is played in legs and repetitions."""
    groups = len(meetings) * repetitions
    return Schedule(
        who=np.tile(np.repeat(meetings, legs, axis=0), (repetitions, 1)),
        repetition=np.repeat(np.arange(1, repetitions + 1), len(meetings) * legs),
        group=np.repeat(np.arange(groups), legs),
        leg=np.tile(np.arange(legs), groups),
    )


def _everyone(agents: int, seats: int, symmetric: bool) -> Ints:
    if seats == 2:
        if (count := agents * (agents - 1) // 2) > MOST:
            raise UsageError(
                f"everyone of {agents:,} agents makes {count:,} pairs",
                where=WHERE,
                expected=f"at most {MOST:,}",
                remedy="Use pairs or groups, in which each meets a few.",
            )
        pairs = np.stack(np.triu_indices(agents, 1), axis=1)
        return pairs if symmetric else _both(pairs)
    if seats == agents:
        return np.arange(agents)[None, :]
    raise UsageError(
        f"everyone in a game of {many(seats, 'seat')} with {many(agents, 'agent')}",
        where=WHERE,
        expected=f"{seats} agents, one a seat",
        remedy="Set the game's seats to the size of the population, or use groups.",
    )


def _both(pairs: Ints) -> Ints:
    """Each pair in both seatings, one after the other."""
    return np.stack([pairs, pairs[:, ::-1]], axis=1).reshape(-1, 2)


def _groups(agents: int, seats: int, lot: Lot) -> Ints:
    if over := agents % seats:
        sizes = [size for size in (agents - over, agents - over + seats) if size]
        raise UsageError(
            f"{agents} agents do not divide into groups of {seats}: {over} would be left over",
            where=WHERE,
            expected=f"a population of {' or '.join(map(str, sizes))}",
        )
    return lot.order(WHERE, 1, agents).reshape(-1, seats)


def _network(agents: int, seats: int, symmetric: bool, graph: Graph | None) -> Ints:
    if graph is None:
        raise UsageError("there is no network", where=WHERE, remedy="Add one: network: {kind: ring, degree: 2}.")
    if graph.nodes != agents:
        raise UsageError(f"a network of {graph.nodes} nodes", where="network", expected=f"{agents}, one an agent")
    if seats == 2:
        return graph.edges if symmetric else _both(graph.edges)
    odd = np.flatnonzero(graph.degrees + 1 != seats)
    if len(odd):
        raise UsageError(
            f"agent {odd[0] + 1} and its {many(int(graph.degrees[odd[0]]), 'neighbour')} in a game of {seats} seats",
            where="network",
            expected=f"{seats - 1} neighbours for everyone",
            remedy="Set the game's seats, or take a network in which all have as many neighbours.",
        )
    return np.stack([np.concatenate([[node], graph.neighbours(node)]) for node in range(agents)])
