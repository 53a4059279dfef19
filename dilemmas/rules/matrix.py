"""Repeated matrix games: two seats, any number of actions, symmetric or not.

Noise is of two kinds, kept apart (Nowak & Sigmund 1993; Fudenberg, Rand & Dreber 2012 use the first): ``noise``
replaces the executed action by one of the others, and everybody sees that; ``perception_noise`` makes a seat misread
what the other did, while payoffs and tables hold the truth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field as Key
from pydantic import model_validator

from dilemmas.rules import payoffs as reading
from dilemmas.rules.game import Answers, Array, Ask, Bools, Field, Floats, Ints, Luck, Outcome, Score, View
from dilemmas.rules.params import Count, Parameters, Probability

DEFAULT_ROUNDS = 10
_BITS = 16  # of a packed count: four counts of up to 65,535 rounds in one 64-bit word


@dataclass(slots=True)
class Play:
    """A batch in progress. ``code`` is what each seat saw last: own executed action * others + perceived other."""

    episodes: int
    lengths: Ints
    last: int
    shortest: int
    code: Ints
    tally: Tally
    round: int = 0
    history: list[Ints] = field(default_factory=list)
    ask: Ask | None = None


@dataclass(slots=True)
class Tally:
    """Running sums over rounds: joint counts packed in words for two actions, payoffs and cooperation otherwise."""

    packed: NDArray[np.int64] | None
    payoff: NDArray[np.float64] | None
    cooperations: NDArray[np.float64] | None


def _names(view: View, column: Array, seat: int) -> list[str]:
    actions = view.game.options("move", seat)
    return [actions[int(action)] for action in column]


def _seat(view: View) -> int:
    return int(view.seat[0])


class Matrix(Parameters):
    """A two-seat game in normal form, played for a number of rounds.

    ``payoffs`` maps pairs of actions to ``[seat 1, seat 2]``, or gives one matrix (symmetric game) or a ``row`` and a
    ``column`` matrix. ``rounds`` alone is a fixed length, ``continuation`` alone a geometric one (at least one
    round), both together a geometric one cut at ``rounds``; lengths are drawn once a repetition.
    """

    kind: ClassVar[str] = "matrix"
    per_round: ClassVar[bool] = True
    seats: ClassVar[int] = 2

    actions: tuple[str, ...] | tuple[tuple[str, ...], tuple[str, ...]] = Key(description="names of the actions, or one list a seat")
    payoffs: Any = Key(description="pairs of actions to [seat 1, seat 2], or matrices")
    roles: dict[str, str] = Key(default_factory=dict, description="what an action is in the field's terms: cooperate, defect")
    rounds: Count | None = Key(default=None, description=f"rounds of an episode ({DEFAULT_ROUNDS} where neither this nor continuation is given)")
    continuation: Probability | None = Key(default=None, description="chance that another round follows")
    horizon: Literal["known", "hidden", "chance"] | None = Key(default=None, description="what players are told of the length")
    noise: Probability = Key(default=0.0, description="chance that an executed action is replaced by another")
    perception_noise: Probability = Key(default=0.0, description="chance that a seat misreads the other's action")

    @model_validator(mode="before")
    @classmethod
    def _default_roles(cls, data: Any) -> Any:
        if isinstance(data, dict) and "roles" not in data and list(data.get("actions") or ()) == ["C", "D"]:
            return {**data, "roles": {"C": "cooperate", "D": "defect"}}
        return data

    @model_validator(mode="after")
    def _whole(self) -> Matrix:
        reading.check_actions(self.names, self.roles)
        _ = self.table
        if self.continuation == 1 and self.rounds is None:
            raise ValueError("continuation 1 without rounds would never end; give rounds as well")
        return self

    # -- numbers made once ------------------------------------------------------------------------------------

    @cached_property
    def names(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Action names of either seat."""
        first = self.actions[0]
        if isinstance(first, tuple):
            return first, self.actions[1]  # type: ignore[return-value]  # two tuples, which mypy cannot tell from the union
        return self.actions, self.actions  # type: ignore[return-value]  # a tuple of names

    @cached_property
    def table(self) -> NDArray[np.float64]:
        """Payoffs ``(first's actions, second's actions, 2)``."""
        return reading.table(self.payoffs, self.names)

    @cached_property
    def own(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Each seat's payoffs from its own side: ``(own actions, other's actions)``."""
        return self.table[:, :, 0], np.ascontiguousarray(self.table[:, :, 1].T)

    @cached_property
    def symmetric(self) -> bool:
        """Whether the seats have the same actions and the same payoffs."""
        return self.names[0] == self.names[1] and np.array_equal(*self.own)

    @cached_property
    def codes(self) -> int:
        """How many different joint actions a seat can see; this number itself means that nothing was seen yet."""
        return len(self.names[0]) * len(self.names[1])

    @cached_property
    def others(self) -> NDArray[np.int64]:
        """How many actions each seat's partner has, ``(2,)``."""
        return np.array([len(self.names[1]), len(self.names[0])])

    @cached_property
    def _small(self) -> bool:
        return len(self.names[0]) == len(self.names[1]) == 2

    @cached_property
    def _flat(self) -> NDArray[np.float64]:
        return np.concatenate([own.ravel() for own in self.own])

    def role(self, role: str, seat: int = 0) -> int | None:
        """Index of the action that has this role, or None."""
        return next((i for i, name in enumerate(self.names[seat]) if self.roles.get(name) == role), None)

    def options(self, kind: str, seat: int) -> Sequence[str]:
        """The action names of a seat."""
        return self.names[seat]

    # -- play -------------------------------------------------------------------------------------------------

    def lengths(self, luck: Luck) -> NDArray[np.int64]:
        """Rounds of every episode; drawn by repetition where there is a continuation probability."""
        fixed = self.rounds if self.rounds is not None else DEFAULT_ROUNDS
        if self.continuation is None:
            return np.full(len(luck.episode), fixed, np.int64)
        drawn = geometric(luck.words("length", 1, key=luck.repetition)[:, 0], self.continuation)
        return drawn if self.rounds is None else np.minimum(drawn, self.rounds)

    def start(self, luck: Luck) -> Play:
        """Nothing seen, nothing earned."""
        lengths, shape = self.lengths(luck), (len(luck.episode), 2)
        small = self._small and int(lengths.max(initial=0)) < 1 << _BITS
        tally = Tally(
            packed=np.zeros(shape, np.int64) if small else None,
            payoff=None if small else np.zeros(shape),
            cooperations=None if small else np.zeros(shape),
        )
        dtype = np.int8 if self.codes < 127 else np.int32
        return Play(
            episodes=shape[0],
            lengths=lengths,
            last=int(lengths.max(initial=0)),
            shortest=int(lengths.min(initial=0)),
            code=np.full(shape, self.codes, dtype),
            tally=tally,
        )

    def ask(self, state: Play) -> Ask | None:
        """A move from both seats of every episode that goes on."""
        if state.round >= state.last:
            return None
        clock, everyone = state.round + 1, state.round < state.shortest
        live = state.lengths > state.round
        state.ask = Ask(
            kind="move",
            who=np.broadcast_to(live[:, None], (state.episodes, 2)),
            round=np.broadcast_to(clock, state.episodes),
            ordinal=np.broadcast_to(1, state.episodes),
            view=View(self, state),
            everyone=everyone,
            clock=clock,
        )
        return state.ask

    def illegal(self, ask: Ask, answers: Answers) -> Bools:
        """A choice that is no action of the seat."""
        choice, own = _choice(answers), self.others[::-1]
        return ask.who & ((choice < 0) | (choice >= own))

    def allowed(self, ask: Ask, row: int) -> str:
        """The names of the seat's actions."""
        return " or ".join(self.names[row % 2])

    def settle(self, state: Play, answers: Answers, luck: Luck) -> tuple[Play, Outcome]:
        """Execute (with noise), let either seat see (with noise), pay."""
        ask, intended = _asked(state), _choice(answers)
        executed = self._stumble(intended, luck, ask.clock)
        code = executed * self.others + executed[:, ::-1] if not self._small else executed * 2 + executed[:, ::-1]
        code = code.astype(state.code.dtype, copy=False)
        seen = self._misread(code, executed, luck, ask.clock)
        self._count(state.tally, code, executed, None if ask.everyone else ask.who)
        state.code = seen
        state.history.append(seen)
        state.round += 1
        return state, Outcome(ask, lambda: self._moves(intended, executed, code, seen))

    def _stumble(self, intended: Ints, luck: Luck, clock: int) -> Ints:
        if not self.noise:
            return intended
        return _replace(intended, luck.draw("noise", 2, clock), self.noise, self.others[::-1])

    def _misread(self, code: Ints, executed: Ints, luck: Luck, clock: int) -> Ints:
        if not self.perception_noise:
            return code
        seen = _replace(executed[:, ::-1], luck.draw("perception", 2, clock), self.perception_noise, self.others)
        return (executed * self.others + seen).astype(code.dtype, copy=False)

    def _count(self, tally: Tally, code: Ints, executed: Ints, who: Bools | None) -> None:
        if tally.packed is not None:
            unit = _UNITS.take(code)
            tally.packed += unit if who is None else np.where(who, unit, 0)
            return
        assert tally.payoff is not None and tally.cooperations is not None  # the other half of the same choice
        payoff, cooperation = self._pay(code), self._cooperates(executed)
        tally.payoff += payoff if who is None else np.where(who, payoff, 0)
        tally.cooperations += cooperation if who is None else np.where(who, cooperation, 0)

    def _pay(self, code: Ints) -> Floats:
        return self._flat.take(code + np.array([0, self.codes]))

    def _cooperates(self, executed: Ints) -> Floats:
        roles = [self.role("cooperate", 0), self.role("cooperate", 1)]
        if None in roles:
            return np.full(executed.shape, np.nan)
        return (executed == np.array(roles)).astype(np.float64)

    def _moves(self, intended: Ints, executed: Ints, code: Ints, seen: Ints) -> Mapping[str, Array]:
        return {
            "action": executed,
            "intended": intended,
            "perceived": seen % self.others,
            "payoff": self._pay(code),
        }

    def score(self, state: Play) -> Score:
        """Sums over the rounds of every episode; payoffs of two-action games are made from exact counts."""
        rounds = np.broadcast_to(state.lengths[:, None], (state.episodes, 2)).astype(np.float64)
        if state.tally.packed is None:
            assert state.tally.payoff is not None and state.tally.cooperations is not None
            return Score(state.tally.payoff, state.tally.cooperations, rounds, state.lengths)
        joint = (state.tally.packed[:, :, None] >> _SHIFTS) & ((1 << _BITS) - 1)
        own = np.stack([pay.ravel() for pay in self.own])
        payoff = sum(joint[:, :, k] * own[:, k] for k in range(4))
        return Score(np.asarray(payoff, np.float64), self._cooperations(joint), rounds, state.lengths, joint=joint)

    def _cooperations(self, joint: Ints) -> Floats:
        columns = []
        for seat in (0, 1):
            role = self.role("cooperate", seat)
            mine = joint[:, seat, 2 * role : 2 * role + 2].sum(1) if role is not None else np.full(len(joint), np.nan)
            columns.append(mine.astype(np.float64))
        return np.stack(columns, 1)

    # -- what a seat may know ---------------------------------------------------------------------------------

    def _told_rounds(self) -> int | None:
        horizon = self.horizon or ("chance" if self.continuation is not None else "known")
        return (self.rounds or DEFAULT_ROUNDS) if horizon == "known" and self.continuation is None else None

    def _told_chance(self) -> float | None:
        horizon = self.horizon or ("chance" if self.continuation is not None else "known")
        return self.continuation if horizon == "chance" else None

    fields: ClassVar[Mapping[str, Field]] = {
        "round": Field("number of this round, from 1", lambda v: v.by_episode(np.full(v.state.episodes, v.state.round + 1))),
        "mine": Field(
            "own executed actions so far, oldest first", lambda v: _past(v)[0], lambda v, row: _names(v, row, _seat(v))
        ),
        "theirs": Field(
            "the other's actions so far as this seat perceived them, oldest first",
            lambda v: _past(v)[1],
            lambda v, row: _names(v, row, 1 - _seat(v)),
        ),
        "last": Field(
            "own action of the last round, -1 (for a person: None) before there is one",
            lambda v: _latest(v)[0],
            lambda v, row: None if row < 0 else v.game.names[_seat(v)][int(row)],
        ),
        "seen": Field(
            "the other's last action as perceived, -1 (for a person: None) before there is one",
            lambda v: _latest(v)[1],
            lambda v, row: None if row < 0 else v.game.names[1 - _seat(v)][int(row)],
        ),
        "code": Field("own last action * number of the other's + perceived other; the number of codes before play", lambda v: v.by_seat(v.state.code)),
        "payoffs": Field(
            "own payoff for (own action, other's action)",
            lambda v: np.stack(v.game.own)[v.seat] if v.game._small or v.game.symmetric else _ragged(v),
            lambda v, row: {a: dict(zip(v.game.names[1 - _seat(v)], map(float, line), strict=True)) for a, line in zip(v.game.names[_seat(v)], row, strict=True)},
        ),
        "earned": Field("sum of own payoffs so far, by what this seat perceived", lambda v: _earned(v)),
        "rounds": Field(
            "number of rounds, or None where players are not told",
            lambda v: np.full(len(v), v.game._told_rounds() or 0),
            lambda v, row: int(row) or None,
        ),
        "continuation": Field(
            "chance of another round, or None where players are not told",
            lambda v: np.full(len(v), -1.0 if v.game._told_chance() is None else v.game._told_chance()),
            lambda v, row: None if row < 0 else float(row),
        ),
        "actions": Field(
            "names of own actions",
            lambda v: np.array([[n] for n in range(len(v))]),
            lambda v, row: list(v.game.names[_seat(v)]),
        ),
    }


_SHIFTS = np.arange(4) * _BITS
_UNITS = np.array([1 << int(shift) for shift in _SHIFTS], np.int64)


def _choice(answers: Answers) -> Ints:
    if answers.choice is None:
        raise TypeError("a move needs a choice")
    return answers.choice


def _asked(state: Play) -> Ask:
    if state.ask is None:
        raise TypeError("settle was called before ask")
    return state.ask


def _replace(actions: Ints, uniform: Floats, chance: float, count: NDArray[np.int64]) -> Ints:
    """With ``chance``, each action becomes one of the others, each as likely; one uniform serves both draws."""
    hit = uniform < chance
    step = 1 + (uniform * ((count - 1) / chance)).astype(np.int64)
    moved = (actions + np.minimum(step, count - 1)) % count
    return np.where(hit & (count > 1), moved, actions).astype(actions.dtype)


def geometric(words: Ints, continuation: float) -> NDArray[np.int64]:
    """Lengths with P(at least k + 1 rounds) = continuation ** k, by comparing 32-bit words with a table.

    The table is made by repeated multiplication, so no library's logarithm can move a length.
    """
    survival, edges = 1.0, []
    while continuation and survival * continuation * 2**32 >= 1 and len(edges) < 10_000_000:
        survival *= continuation
        edges.append(survival)
    uniform = words.astype(np.float64) / 2**32
    return 1 + np.searchsorted(-np.array(edges), -uniform, side="left").astype(np.int64)


def _others(view: View) -> Ints:
    return view.game.others[view.seat]  # type: ignore[no-any-return]  # a matrix game's own array


def _past(view: View) -> tuple[Ints, Ints]:
    """Own and perceived actions so far, ``(rows, rounds)`` each."""
    rounds = [view.by_seat(code) for code in view.state.history]
    code = np.stack(rounds, 1) if rounds else np.zeros((len(view), 0), np.int8)
    others = _others(view)[:, None]
    return code // others, code % others


def _latest(view: View) -> tuple[Ints, Ints]:
    code, others = view.by_seat(view.state.code), _others(view)
    none = code == view.game.codes  # type: ignore[attr-defined]  # a matrix view's game is a Matrix
    return np.where(none, -1, code // others), np.where(none, -1, code % others)


def _earned(view: View) -> Floats:
    offset = view.seat * view.game.codes  # type: ignore[attr-defined]
    total = np.zeros(len(view))
    for code in view.state.history:
        total += view.game._flat.take(view.by_seat(code) + offset)  # type: ignore[attr-defined]
    return total


def _ragged(view: View) -> Array:
    rows = np.empty(len(view), object)
    for i, seat in enumerate(view.seat):
        rows[i] = view.game.own[int(seat)]  # type: ignore[attr-defined]
    return rows
