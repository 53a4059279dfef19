"""Repeated matrix games: two seats, any number of actions, symmetric or not.

Noise is of two kinds, kept apart (Nowak & Sigmund 1993; Fudenberg, Rand & Dreber 2012 use the first): ``noise``
replaces the executed action by one of the others, and everybody sees that; ``perception_noise`` makes a seat misread
what the other did, while payoffs and tables hold the truth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field as Key
from pydantic import model_validator

from dilemmas.rules import payoffs as reading
from dilemmas.rules.game import Answers, Array, Ask, Bools, Field, Ints, Luck, Outcome, Score, View
from dilemmas.rules.length import Lasting
from dilemmas.rules.matrix_play import Book, Going, Lanes, Tally, follow, pay, slip
from dilemmas.rules.matrix_view import FIELDS
from dilemmas.rules.params import Probability

T = TypeVar("T")


@dataclass(slots=True)
class Play:
    """A batch in progress. ``code`` is what each seat saw last: own executed action * others + perceived other."""

    episodes: int
    lengths: Ints
    last: int
    code: Ints
    lanes: Lanes
    tally: Tally
    clocks: Ints  # (rounds, episodes): the number of each round, ready to be handed out
    once: Ints
    round: int = 0
    history: list[Ints] = field(default_factory=list)
    past: Array | None = None  # the history as one array, stacked once a round when somebody looks back
    ask: Ask | None = None
    who: Bools | None = None
    going: Going | None = None  # None while all episodes go on
    until: int = 0  # the round after which fewer go on


class Matrix(Lasting):
    """A two-seat game in normal form, played for a number of rounds.

    ``payoffs`` maps pairs of actions to ``[seat 1, seat 2]``, or gives one matrix (symmetric game) or a ``row`` and a
    ``column`` matrix. How long an episode lasts: see :class:`Lasting`.
    """

    kind: ClassVar[str] = "matrix"
    per_round: ClassVar[bool] = True
    seats: ClassVar[int] = 2

    actions: tuple[str, ...] | tuple[tuple[str, ...], tuple[str, ...]] = Key(
        description="names of the actions, or one list a seat"
    )
    payoffs: Any = Key(description="pairs of actions to [seat 1, seat 2], or matrices")
    roles: dict[str, str] = Key(
        default_factory=dict, description="what an action is in the field's terms: cooperate, defect"
    )
    noise: Probability = Key(default=0.0, description="chance that an executed action is replaced by another")
    perception_noise: Probability = Key(default=0.0, description="chance that a seat misreads the other's action")
    told_continuation: Probability | None = Key(
        default=None, description="chance of another round that players are told, whatever ends the episode"
    )

    @model_validator(mode="before")
    @classmethod
    def _default_roles(cls, data: Any) -> Any:
        if isinstance(data, dict) and "roles" not in data and list(data.get("actions") or ()) == ["C", "D"]:
            return {**data, "roles": {"C": "cooperate", "D": "defect"}}
        return data

    @model_validator(mode="after")
    def _whole(self) -> Matrix:
        if self.told_continuation is not None and self.horizon not in (None, "chance"):
            raise ValueError(f"told_continuation is told only with horizon chance, not {self.horizon}; leave one out")
        reading.check_actions(self.names, self.roles)
        _ = self.table
        return self

    @property
    def told(self) -> str:
        """What players are told of the length: as :class:`Lasting` says, or a chance that they are told of."""
        return "chance" if self.told_continuation is not None else super().told

    @property
    def chance(self) -> float | None:
        """The chance of another round that players are told, or None."""
        if self.told != "chance":
            return None
        return self.continuation if self.told_continuation is None else self.told_continuation

    # -- numbers made once ------------------------------------------------------------------------------------

    @cached_property
    def names(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Action names of either seat."""
        if isinstance(self.actions[0], tuple):
            first, second = self.actions
            return tuple(first), tuple(second)
        return self.actions, self.actions

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
    def _counts(self) -> tuple[int, int]:
        return len(self.names[0]), len(self.names[1])

    @cached_property
    def _places(self) -> tuple[dict[str, int], dict[str, int]]:
        """Where either seat's roles are; fitting a machine asks hundreds of times."""
        first, second = (
            {self.roles[name]: i for i, name in reversed(list(enumerate(names))) if name in self.roles}
            for names in self.names
        )
        return first, second

    @cached_property
    def cooperating(self) -> tuple[int | None, int | None]:
        """Which action of either seat has the role cooperate, or None."""
        return self.role("cooperate", 0), self.role("cooperate", 1)

    def role(self, role: str, seat: int = 0) -> int | None:
        """Index of the action that has this role, or None."""
        return self._places[seat].get(role)

    def options(self, kind: str, seat: int) -> Sequence[str]:
        """The action names of a seat."""
        return self.names[seat]

    # -- play -------------------------------------------------------------------------------------------------

    def start(self, luck: Luck) -> Play:
        """Nothing seen, nothing earned."""
        lengths, episodes, lanes = self.lengths(luck), len(luck.episode), Lanes.of(self.codes)
        last = int(lengths.max(initial=0))
        return Play(
            episodes=episodes,
            lengths=lengths,
            last=last,
            code=np.full((episodes, 2), self.codes, lanes.one),
            lanes=lanes,
            tally=Book(episodes, lanes, self.own, self.cooperating).tally(),
            clocks=np.broadcast_to(np.arange(1, last + 1)[:, None], (last, episodes)),
            once=np.broadcast_to(1, episodes),
        )

    def ask(self, state: Play) -> Ask | None:
        """A move from both seats of every episode that goes on."""
        if state.round >= state.last:
            return None
        if state.who is None or state.round >= state.until:
            _call(state)
        state.ask = Ask(
            kind="move",
            who=_known(state.who),
            round=state.clocks[state.round],
            ordinal=state.once,
            view=View(self, state),
            everyone=state.going is None,
            clock=state.round + 1,
        )
        return state.ask

    def illegal(self, ask: Ask, answers: Answers) -> Bools:
        """A choice that is no action of the seat."""
        choice = _known(answers.choice)
        bad: Bools = ask.who & ((choice < 0) | (choice >= self.others[::-1]))
        return bad

    def allowed(self, ask: Ask, row: int) -> str:
        """The names of the seat's actions."""
        return " or ".join(self.names[row % 2])

    def settle(self, state: Play, answers: Answers, luck: Luck) -> tuple[Play, Outcome]:
        """Execute (with noise), let either seat see (with noise), pay."""
        ask, lanes = _known(state.ask), state.lanes
        intended = np.ascontiguousarray(_known(answers.choice), lanes.one)
        executed = self._slip("noise", self.noise, intended, state, luck)
        done = lanes.join(executed)
        theirs = lanes.swap(done)
        mine = lanes.times(done, self._counts[::-1])
        code = mine + theirs
        seen = code
        if self.perception_noise:
            misread = self._slip("perception", self.perception_noise, lanes.split(theirs), state, luck)
            seen = mine + lanes.join(misread)
        state.tally.add(done, code, state.going)
        state.code = lanes.split(seen)
        state.history.append(state.code)
        state.round += 1
        return state, Outcome(ask, lambda: self._moves(intended, executed, lanes.split(code), lanes.split(seen)))

    def _slip(self, purpose: str, chance: float, actions: Ints, state: Play, luck: Luck) -> Ints:
        if not chance:
            return actions
        counts = self._counts if purpose == "noise" else self._counts[::-1]
        clock = state.round + 1
        if state.going is None:
            return slip(actions, luck.words(purpose, 2, clock), chance, counts)
        moved, rows = actions.copy(), state.going.rows
        words = luck.words(purpose, 2, clock, key=luck.episode[rows])
        moved[rows] = slip(actions[rows], words, chance, counts)
        return moved

    def _moves(self, intended: Ints, executed: Ints, code: Ints, seen: Ints) -> Mapping[str, Array]:
        return {
            "action": executed,
            "intended": intended,
            "perceived": seen % self.others.astype(seen.dtype),
            "payoff": pay(self.own, code),
        }

    def score(self, state: Play) -> Score:
        """Sums over the rounds of every episode; payoffs are made from exact counts where actions are few."""
        payoff, cooperations, joint = state.tally.sums(state.lengths)
        rounds = np.broadcast_to(state.lengths[:, None], (state.episodes, 2)).astype(np.float64)
        return Score(payoff, cooperations, rounds, state.lengths, joint=joint)

    def after(self, state: Play) -> Ints:
        """Own choices by what both did the round before, ``(episodes, 2, codes, own actions)``; two actions only."""
        return follow(state.history, state.lengths, state.episodes)

    # -- what a seat may know ---------------------------------------------------------------------------------

    fields: ClassVar[Mapping[str, Field]] = FIELDS


def _call(state: Play) -> None:
    """Who goes on from here; the same mask is handed out until an episode ends, so that others may rely on it."""
    going = state.lengths > state.round
    state.going = Going.of(going, state.lanes)
    state.who = np.broadcast_to(going[:, None], (state.episodes, 2))
    state.until = int(state.lengths[going].min())


def _known(value: T | None) -> T:
    """A part of the protocol that cannot be missing when the calls come in order."""
    if value is None:
        raise TypeError("a matrix game is asked, answered with a choice, and then settled")
    return value
