"""A small game that keeps its contract, and variants that each break one rule of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from dilemmas.rules.game import Answers, Array, Ask, Bools, Field, Luck, Outcome, Score, View


@dataclass
class Play:
    episodes: int
    lengths: Array
    account: Array
    given: Array
    decisions: Array
    history: list[Array] = field(default_factory=list)
    round: int = 0
    ask: Ask | None = None


class Ring:
    """Three seats in a ring; each may give up to ten units, worth twice as much, to the next one.

    The third seat rests in even rounds.
    """

    kind: ClassVar[str] = "ring"
    per_round: ClassVar[bool] = True
    seats: ClassVar[int] = 3
    fields: ClassVar[Mapping[str, Field]] = {
        "round": Field("number of this round", lambda v: np.full(len(v), v.state.round + 1)),
        "account": Field("own units so far", lambda v: v.by_seat(v.state.account)),
        "given": Field(
            "what all gave in the last round, nan before there is one",
            lambda v: v.by_episode(v.state.history[-1] if v.state.history else np.full((v.state.episodes, 3), np.nan)),
            lambda v, row: [None if np.isnan(value) else float(value) for value in row],
        ),
    }

    def options(self, kind: str, seat: int) -> Sequence[str]:
        return ("keep", "give")

    def start(self, luck: Luck) -> Play:
        lengths = 1 + (luck.words("length", 1)[:, 0] % 4).astype(np.int64)
        account, given, decisions = np.zeros((3, len(lengths), self.seats))
        return Play(len(lengths), lengths, account, given, decisions)

    def who(self, state: Play) -> Bools:
        here = np.array([True, True, state.round % 2 == 0])
        who: Bools = (state.lengths > state.round)[:, None] & here
        return who

    def ask(self, state: Play) -> Ask | None:
        who = self.who(state)
        if not who.any():
            return None
        count = np.broadcast_to(state.round + 1, state.episodes)
        once = np.broadcast_to(1, state.episodes)
        state.ask = Ask("ring", who, count, once, View(self, state), bool(who.all()), state.round + 1)
        return state.ask

    def illegal(self, ask: Ask, answers: Answers) -> Bools:
        choice, amount = np.asarray(answers.choice), np.asarray(answers.amount)
        return ask.who & ~((choice >= 0) & (choice < 2) & (amount >= 0) & (amount <= 10))

    def allowed(self, ask: Ask, row: int) -> str:
        return "keep or give, with 0 to 10 units"

    def settle(self, state: Play, answers: Answers, luck: Luck) -> tuple[Play, Outcome | None]:
        ask = state.ask
        assert ask is not None
        wind = luck.draw("wind", self.seats, ask.clock)
        spent = np.where(ask.who & (answers.choice == 1) & (wind < 0.9), np.asarray(answers.amount), 0.0)
        state.account = state.account - spent + 2 * np.roll(spent, 1, axis=1)
        state.given = state.given + np.where(ask.who, spent / 10, 0)
        state.decisions = state.decisions + ask.who
        state.history.append(spent)
        state.round += 1
        chosen = np.array(answers.choice)
        return state, Outcome(ask, lambda: self.moves(ask, chosen, spent), lambda: {"wanted": spent.sum(axis=1)})

    def moves(self, ask: Ask, choice: Array, spent: Array) -> dict[str, Array]:
        partner = np.broadcast_to((np.arange(self.seats) + 1) % self.seats, spent.shape)
        return {"action": choice, "amount": spent, "payoff": 0 - spent, "received": 2 * spent, "partner": partner}

    def score(self, state: Play) -> Score:
        return Score(5 + state.account, state.given, state.decisions, state.lengths)


def spoil(**parts: Any) -> Ring:
    """A ring with some of its parts replaced; its class can be found, so that it can be pickled."""
    made: type[Ring] = type("Spoilt", (Ring,), parts)
    globals()["Spoilt"] = made
    return made()


def fields(**more: Field) -> Ring:
    return spoil(fields={**Ring.fields, **more})


def asks(**changes: Any) -> Ring:
    """Asks with some parts replaced; a function is called with the ask."""

    def ask(self: Ring, state: Play) -> Ask | None:
        made = Ring.ask(self, state)
        if made is None:
            return None
        parts = {name: change(made) if callable(change) else change for name, change in changes.items()}
        state.ask = replace(made, **parts)
        return state.ask

    return spoil(ask=ask)


def scores(**changes: Any) -> Ring:
    def score(self: Ring, state: Play) -> Score:
        made = Ring.score(self, state)
        return replace(made, **{name: change(made) for name, change in changes.items()})

    return spoil(score=score)


def columns(**changes: Any) -> Ring:
    def moves(self: Ring, ask: Ask, choice: Array, spent: Array) -> dict[str, Array]:
        return {**Ring.moves(self, ask, choice, spent), **{name: change(spent) for name, change in changes.items()}}

    return spoil(moves=moves)


def settles(before: Any) -> Ring:
    """Settling with something done before: it gets the game, the state, the answers and the luck."""

    def settle(self: Ring, state: Play, answers: Answers, luck: Luck) -> tuple[Play, Outcome | None]:
        return Ring.settle(self, state, before(self, state, answers, luck) or answers, luck)

    return spoil(settle=settle)


def refuses(test: Any) -> Ring:
    def illegal(self: Ring, ask: Ask, answers: Answers) -> Any:
        return test(ask, Ring.illegal(self, ask, answers), np.asarray(answers.choice), np.asarray(answers.amount))

    return spoil(illegal=illegal)
