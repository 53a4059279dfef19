"""Habits: laws for two-action dilemmas that count, in the terms of the field, cooperation and defection.

A habit is told what it needs in roles, whatever a game calls its actions and in whatever order, and says who defects.
It keeps its counters in arrays with one entry a row, so that a round costs the same however long the past is. The
habits themselves stand in the ``counters_*`` modules; each names its source.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, TypeAlias

import numpy as np

from dilemmas.rules.game import Answers, Array, Bools, Floats, Game, Ints, View
from dilemmas.rules.matrix import Matrix
from dilemmas.strategies.machine import action
from dilemmas.strategies.rule import Memory, Parameter, Rule, law
from dilemmas.strategies.strategy import Strategy, misfit

C, D = 0, 1

Start = Mapping[str, Any] | Callable[[int, Any], Memory]


@dataclass(frozen=True, slots=True)
class Past:
    """What the asked rows know, one entry a row: 0 is cooperation, 1 defection, -1 nothing yet.

    ``round`` is the number of this round from 1, ``mine`` the own last executed action, ``theirs`` the other's last
    action as perceived.
    """

    round: Ints
    mine: Ints
    theirs: Ints
    view: View

    @property
    def played(self) -> Ints:
        """Rounds behind us."""
        return self.round - 1

    @property
    def hit(self) -> Bools:
        """Whether the other defected in the last round; false in the first."""
        hit: Bools = self.theirs == D
        return hit

    @property
    def helped(self) -> Bools:
        """Whether the other cooperated in the last round; false in the first."""
        helped: Bools = self.theirs == C
        return helped

    def ending(self, moves: int) -> Bools:
        """Whether this is one of the last ``moves`` rounds, as far as players are told the length."""
        rounds = self.view.rounds
        return (rounds > 0) & (self.round > rounds - moves)  # type: ignore[no-any-return]  # a field's array

    def stakes(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Own payoffs R, S, T, P, one entry a row each: after CC, CD, DC and DD."""
        rows = np.stack(_tables(self.view.game))[self.view.seat]
        return rows[:, C, C], rows[:, C, D], rows[:, D, C], rows[:, D, D]

    def paid(self) -> Floats:
        """Own payoff of the last round, as perceived; zero in the first."""
        reward, sucker, temptation, punishment = self.stakes()
        after_c = np.where(self.theirs == C, reward, sucker)
        after_d = np.where(self.theirs == C, temptation, punishment)
        return np.where(self.mine < 0, 0.0, np.where(self.mine == C, after_c, after_d))


Defects: TypeAlias = Any  # one truth a row, whether it defects; numpy cannot type what untyped counters make
Habit = Callable[[Past, Any, Any, Floats], Defects]


def habit(
    name: str,
    *,
    source: str,
    memory: Start | None = None,
    uniforms: int = 0,
    fits: Callable[[Rule, Game], None] | None = None,
    **parameters: Parameter,
) -> Callable[[Habit], Habit]:
    """Declare the decorated function as a law that says which rows defect.

    It is called as ``decide(past, p, m, coin)``: ``m.name`` are its counters, which it may replace or change.
    ``memory`` gives their starting values by name, or makes the arrays from the number of rows and ``p``.
    """

    def declare(decide: Habit) -> Habit:
        def play(view: View, p: Any, memory: Memory, coin: Floats) -> tuple[Answers, Memory]:
            m = SimpleNamespace(**memory)
            return Answers(choice=act(view, decide(look(view), p, m, coin))), vars(m)

        fit, fresh = dilemma if fits is None else fits, _fresh(memory or {})
        declared = law(
            name,
            "matrix",
            source=source,
            asks=("move",),
            memory=fresh,
            uniforms=uniforms,
            fits=fit,
            others=None,
            **parameters,
        )
        declared(play)
        return decide

    return declare


def _fresh(start: Start) -> Callable[[int, Any, Game], Memory]:
    if callable(start):
        return lambda rows, p, game: start(rows, p)
    return lambda rows, p, game: {name: np.full(rows, value) for name, value in start.items()}


# -- the one place where actions become roles and roles actions -------------------------------------------------------


def dilemma(strategy: Strategy, game: Game) -> None:
    """Raise Misfit unless both seats have just two actions, one to cooperate and one to defect."""
    if not isinstance(game, Matrix):
        raise misfit(strategy.name, game, "it speaks of cooperating and defecting")
    for seat, names in enumerate(game.names):
        if len(names) != 2:
            raise misfit(strategy.name, game, f"it knows two actions, and seat {seat + 1} has {len(names)}")
        if {action("C", game, seat), action("D", game, seat)} != {0, 1}:
            why = f"it speaks of cooperating and defecting, and seat {seat + 1} has {' and '.join(names)}"
            raise misfit(strategy.name, game, why, "Give the game roles, such as roles: {A: cooperate, B: defect}.")


def symmetric(strategy: Strategy, game: Game) -> None:
    """Raise Misfit unless the seats also have the same payoffs, for habits that reckon the other's score."""
    dilemma(strategy, game)
    first, second = _tables(game)
    if not np.array_equal(first, second):
        raise misfit(strategy.name, game, "it compares the two scores, and the seats have different payoffs")


def look(view: View) -> Past:
    """A matrix view in roles."""
    code = view.code.astype(np.int64)
    mine, theirs = code >> 1, code & 1  # two actions each make codes 0 to 3
    flips = [action("C", view.game, seat) for seat in (0, 1)]  # type: ignore[arg-type]  # a matrix game
    if any(flips):
        turned = np.array(flips)
        mine, theirs = mine ^ turned[view.seat], theirs ^ turned[1 - view.seat]
    if (none := code == 4).any():
        mine, theirs = np.where(none, -1, mine), np.where(none, -1, theirs)
    return Past(view.round, mine, theirs, view)


def act(view: View, defect: Array) -> Ints:
    """The choices of rows that defect where ``defect`` is true, else cooperate."""
    choice = defect.astype(np.int8)
    flips = [action("C", view.game, seat) for seat in (0, 1)]  # type: ignore[arg-type]  # a matrix game
    return choice ^ np.array(flips, np.int8)[view.seat] if any(flips) else choice


def _tables(game: Any) -> list[Floats]:
    """Each seat's own payoffs, cooperation first."""
    order = [[int(action(token, game, seat) or 0) for token in "CD"] for seat in (0, 1)]
    return [game.own[seat][np.ix_(order[seat], order[1 - seat])] for seat in (0, 1)]


# -- windows ----------------------------------------------------------------------------------------------------------


def window(m: Any, width: Array, past: Past, value: Array) -> None:
    """Push ``value`` (0 or 1) of the last round into ``m.ring`` and keep ``m.total``, the sum of the last ``width``."""
    rows, slot = np.arange(len(value)), np.maximum(past.round - 2, 0) % width
    new = np.where(past.theirs < 0, 0, value)
    m.total = m.total + new - m.ring[rows, slot]
    m.ring[rows, slot] = new


def ring(width: int) -> Callable[[int, Any], Memory]:
    """The memory that :func:`window` needs, for a window of the same width in every row."""
    return lambda rows, p: {"ring": np.zeros((rows, width), np.int8), "total": np.zeros(rows, np.int64)}
