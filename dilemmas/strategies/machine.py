"""Strategies that are tables: finite automata for matrix games, with memory-one vectors as a short form.

A machine is ``play[state, action]``, the chance of each action, and ``then[state, code]``, where ``code`` is what the
seat saw: own executed action * number of the other's actions + perceived action of the other. The same arrays serve
the batch, the live driver and the exact engine, and can be mutated and drawn.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dilemmas.rules.game import Answers, Ask, Floats, Game, Ints, View
from dilemmas.rules.matrix import Matrix
from dilemmas.strategies.strategy import Says, misfit

Seen = Mapping[str, tuple[int | None, int]]  # what a key of a table means: (own action or any, other's action)
ROLES = {"C": "cooperate", "D": "defect"}


@dataclass(frozen=True)
class State:
    """One state of an automaton as written: chances by action, and the next state by what was seen.

    Keys of ``play`` are actions, or ``C|#1`` for the first of several names that the game knows; the chance of ``*`` is
    shared by the actions that are not named. Keys of ``then`` are the other's action, or own and other's together
    (``CD``); ``*`` stands for all the rest.
    """

    play: Mapping[str, float]
    then: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """A machine fitted to a seat: ``play`` ``(states, actions)``, ``then`` ``(states, codes + 1)``; state 0 starts.

    The last column of ``then`` is for the first round, when nothing was seen yet: it stays.
    """

    play: NDArray[np.float64]
    then: NDArray[np.intp]


@dataclass(frozen=True)
class Machine:
    """A finite automaton whose actions are named; ``C`` and ``D`` mean a game's cooperate and defect roles."""

    name: str
    start: str
    states: Mapping[str, State]
    source: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    says: Says | None = None
    _fitted: dict[int, tuple[Game, Table]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def kin(self) -> Hashable:
        """All machines are played together."""
        return "machine"

    def player(self, members: Sequence[Machine], which: Ints, seats: Ints, game: Game) -> Stack:
        """All of them, stacked into one table."""
        return Stack.of(members, which, seats, game)

    def fit(self, game: Game, seat: int) -> Table:
        """The arrays for one seat of a game; raises Misfit where an action has no meaning there."""
        kept = self._fitted.get(seat)
        if kept is None or kept[0] is not game:  # episodes that are played one by one have the same game
            kept = self._fitted[seat] = game, self._table(game, seat)
        return kept[1]

    def _table(self, game: Game, seat: int) -> Table:
        if not isinstance(game, Matrix):
            raise misfit(self.name, game, "an automaton over actions needs a matrix game")
        order = [self.start, *(name for name in self.states if name != self.start)]
        number = {name: i for i, name in enumerate(order)}
        play = np.zeros((len(order), len(game.names[seat])))
        then = np.tile(np.arange(len(order))[:, None], (1, game.codes + 1))
        for i, name in enumerate(order):
            for token, chance in self.states[name].play.items():
                if token != "*":
                    play[i, self._action(token, game, seat)] += chance
            self._spread(play[i], self.states[name].play, game, seat)
        keys = dict.fromkeys(key for state in self.states.values() for key in state.then if key != "*")
        seen = {key: self._seen(key, game, seat) for key in keys}  # once, not once a state: it is most of the work
        for i, name in enumerate(order):
            then[i, :-1] = self._next(name, game, seat, number, seen)
        return Table(play, then)

    def _spread(self, play: NDArray[np.float64], said: Mapping[str, float], game: Matrix, seat: int) -> None:
        """Share the chance of ``*`` among the actions that are not named."""
        if rest := said.get("*", 0.0):
            free = np.ones(len(play), bool)
            free[[self._action(token, game, seat) for token in said if token != "*"]] = False
            if not free.any():
                raise misfit(self.name, game, f"no action is left for the {rest:g} that are to be shared")
            play[free] = rest / free.sum()

    def _action(self, token: str, game: Matrix, seat: int) -> int:
        tokens = token.split("|") if token not in game.names[seat] else [token]
        found = next((index for one in tokens if (index := action(one, game, seat)) is not None), None)
        if found is None:
            known = ", ".join(game.names[seat])
            why = f"it speaks of {_called(token)}, and the actions of seat {seat + 1} are {known}"
            raise misfit(self.name, game, why)
        return found

    def _next(self, name: str, game: Matrix, seat: int, number: Mapping[str, int], seen: Seen) -> list[int]:
        mine, theirs = game.names[seat], game.names[1 - seat]
        rules = self.states[name].then
        known = {seen[key]: number[target] for key, target in rules.items() if key != "*"}
        rest = number[rules["*"]] if "*" in rules else None
        row = [known.get((i, j), known.get((None, j), rest)) for i in range(len(mine)) for j in range(len(theirs))]
        if None in row:
            code = row.index(None)
            raise misfit(self.name, game, f"state {name!r} says nothing of {theirs[code % len(theirs)]!r}")
        return [state for state in row if state is not None]

    def _seen(self, key: str, game: Matrix, seat: int) -> tuple[int | None, int]:
        alone = action(key, game, 1 - seat)
        if alone is not None:
            return None, alone
        for cut in range(1, len(key)):
            mine, theirs = action(key[:cut].strip(" ,/"), game, seat), action(key[cut:].strip(" ,/"), game, 1 - seat)
            if mine is not None and theirs is not None:
                return mine, theirs
        known = ", ".join(game.names[1 - seat])
        raise misfit(self.name, game, f"it speaks of {_called(key)}, and the actions are {known}")


def _called(token: str) -> str:
    return f"{token!r} ({ROLES[token]})" if token in ROLES else repr(token)


def action(token: str, game: Matrix, seat: int) -> int | None:
    """Index of an action by its role letter (C, D), its name, or its position from 1; None where there is none.

    ``#2`` is always a position; ``2`` is one where no action has that name.
    """
    if token in ROLES and (found := game.role(ROLES[token], seat)) is not None:
        return found
    names = game.names[seat]
    if token in names:
        return names.index(token)
    place = token.removeprefix("#")
    return int(place) - 1 if place.isdecimal() and 1 <= int(place) <= len(names) else None


def memory_one(
    name: str,
    first: float,
    table: Mapping[str, float],
    source: str = "",
    parameters: Mapping[str, Any] | None = None,
) -> Machine:
    """The automaton of a memory-one strategy: chance of C after CC, CD, DC, DD, own first (Nowak & Sigmund 1990)."""
    after = {pair: pair for pair in ("CC", "CD", "DC", "DD")}
    chances = {"start": first, **table}
    states = {state: State({"C": chance, "D": 1 - chance}, after) for state, chance in chances.items()}
    return Machine(name, "start", states, source, parameters or {})


class Stack:
    """All machines of a batch as one padded table with global states; implements ``Player``.

    States are kept multiplied by the row length, so that adding a code makes an index, and as ``intp``, the only
    integers that ``take`` does not convert first.
    """

    trusted = True

    def __init__(self, tables: Sequence[Table], which: Ints) -> None:
        starts = np.cumsum([0, *(len(table.play) for table in tables)])
        columns = tables[0].then.shape[1]
        moved = [(table.then + start).ravel() for table, start in zip(tables, starts, strict=False)]
        self._then = (np.concatenate(moved) * columns).astype(np.intp)
        edges = np.concatenate([_edges(table.play) for table in tables])
        self.uniforms = 0 if np.isin(edges, (0.0, 1.0)).all() else 1
        self._edges = [np.repeat(edge.astype(np.float32), columns) for edge in edges.T]
        self._sure = np.repeat((edges <= 0).sum(1).astype(np.int8 if edges.shape[1] < 127 else np.int32), columns)
        self._state = (starts[which] * columns).astype(np.intp)
        self._rows: Ints | slice = slice(None)
        self._asked = self._state  # the states of the rows that are asked, in a place of their own

    @classmethod
    def of(cls, members: Sequence[Machine], which: Ints, seats: Ints, game: Game) -> Stack:
        """Fit every machine to the seats it takes; seats that are alike share a table."""
        alike = isinstance(game, Matrix) and game.names[0] == game.names[1] and _same_roles(game)
        if alike:
            return cls([member.fit(game, 0) for member in members], which)
        slot = which + seats * len(members)
        # Only seats that a machine takes: it may make no sense in the other.
        taken = np.zeros(game.seats * len(members), bool)
        taken[slot] = True
        tables = [members[k % len(members)].fit(game, k // len(members)) for k in np.flatnonzero(taken).tolist()]
        return cls.padded(tables, (np.cumsum(taken) - 1)[slot])

    @classmethod
    def padded(cls, tables: Sequence[Table], which: Ints) -> Stack:
        """Seats with different numbers of actions: missing actions have no chance."""
        width = max(table.play.shape[1] for table in tables)
        wide = [Table(np.pad(table.play, ((0, 0), (0, width - table.play.shape[1]))), table.then) for table in tables]
        return cls(wide, which)

    def decide(self, view: View, ask: Ask, rows: Ints | slice, coin: Floats) -> Answers:
        """Follow the code that was seen, then play by the chances of the new state."""
        if rows is not self._rows:
            self._turn(rows)
        # The index is legal by construction; "wrap" spares the check and the copy that ``out`` would cost with it.
        self._then.take(self._asked + view.code, out=self._asked, mode="wrap")
        if not self.uniforms:
            return Answers(choice=self._sure.take(self._asked, mode="wrap"))
        uniform = coin[:, 0]
        choice: Ints = (uniform >= self._edges[0].take(self._asked, mode="wrap")).view(np.int8)
        for edge in self._edges[1:]:
            choice = choice + (uniform >= edge.take(self._asked, mode="wrap"))
        return Answers(choice=choice)

    def _turn(self, rows: Ints | slice) -> None:
        """Put the states of the last asked rows back and take those of others out; the same rows need neither."""
        self._state[self._rows] = self._asked
        self._rows, self._asked = rows, self._state[rows].copy()


def _same_roles(game: Matrix) -> bool:
    return all(game.role(role, 0) == game.role(role, 1) for role in ROLES.values())


def _edges(play: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cumulative chances without the last, which is one: the choice is how many of them a uniform reaches."""
    edges = np.cumsum(play, axis=1)[:, :-1]
    # Rounding must not leave a sliver of chance for an action that has none.
    edges[np.isclose(edges, 1, rtol=0, atol=1e-12)] = 1.0
    return edges
