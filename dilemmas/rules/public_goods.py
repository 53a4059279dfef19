"""The linear public-goods game, with an optional provision point and stages of punishment and reward.

A round: every seat contributes c of its endowment, and earns endowment - c + multiplier / seats * (sum of c) (Isaac &
Walker 1988). With ``punishment`` every seat then says, for each other seat in turn, how many points to spend on it:
a point costs the giver ``fee`` and takes ``fine`` from the target (Fehr & Gächter 2000, 2002). ``reward`` is the same
with ``bonus`` given (Sefton, Shupp & Walker 2007). A ``threshold`` is a provision point: with less in the pot there is
no return, and contributions come back (``refund``) or are lost (Isaac, Schmidtz & Walker 1989).

Punishment and reward are one ask of kind ``sanction`` a target, so that a seat may sanction several others and an
answer stays one number; with both, all punishment comes before any reward, and the view tells them apart by
``stage``. Targets go round from the next seat on, and nobody sees points before the stage is over. Nothing is
floored: a round may end below zero, as in Fehr & Gächter (2002).

In the table of moves ``received`` is, for a contribution, what the pot paid the seat, and for points what they changed
for the ``partner`` (the target): a seat's endowments, its payoffs, what it received from pots and what is received in
the rows whose partner it is make its payoff. In the table of rounds the pot is a stock that starts empty and is paid
out whole: ``wanted`` is what was contributed, ``collected`` what was paid back to all, ``collapsed`` whether the
provision point was missed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field as Key
from pydantic import model_validator

from dilemmas.errors import many
from dilemmas.rules.game import Answers, Ask, Bools, Field, Floats, Luck, Outcome, Score, View
from dilemmas.rules.params import Amount, Parameters, Several
from dilemmas.rules.public_goods_view import FIELDS
from dilemmas.rules.repeated import Repeated, amounts, legal


class Punishment(Parameters):
    """What a point of punishment costs its giver and its target, and how many a target may get from one seat."""

    fee: Amount = Key(default=1.0, ge=0, description="cost of a point to the giver")
    fine: Amount = Key(default=3.0, ge=0, description="what a point takes from the target")
    most: Amount = Key(default=10.0, ge=0, description="most points for one target a round")

    stage: ClassVar[str] = "punish"

    @property
    def effect(self) -> float:
        """Change of the target's account a point."""
        return -self.fine


class Reward(Parameters):
    """What a point of reward costs its giver and brings its target, and how many a target may get from one seat."""

    fee: Amount = Key(default=1.0, ge=0, description="cost of a point to the giver")
    bonus: Amount = Key(default=1.0, ge=0, description="what a point brings the target")
    most: Amount = Key(default=10.0, ge=0, description="most points for one target a round")

    stage: ClassVar[str] = "reward"

    @property
    def effect(self) -> float:
        """Change of the target's account a point."""
        return self.bonus


Sanction = Punishment | Reward


@dataclass(slots=True)
class Pot:
    """A batch in progress: accounts, and the history, one array a round."""

    episodes: int
    lengths: NDArray[np.int64]
    account: Floats
    shares: Floats  # sum of contribution / endowment
    contributed: list[Floats] = field(default_factory=list)
    earned: list[Floats] = field(default_factory=list)  # stage payoffs, sanctions included
    punished: list[Floats] = field(default_factory=list)  # points received
    round: int = 0
    step: int = 0  # asks of this round that are settled
    ask: Ask | None = None


class PublicGoods(Repeated):
    """Seats that contribute to a pot whose yield all share.

    Amounts are in units of the endowment, from 0 to ``endowment``, whole where ``integer`` (points as well). Give
    ``multiplier`` (what the pot is multiplied by, 1.6 where nothing is given) or ``mpcr`` (what each seat gets back
    per unit, multiplier / seats).
    """

    kind: ClassVar[str] = "public-goods"
    per_round: ClassVar[bool] = True
    fields: ClassVar[Mapping[str, Field]] = FIELDS

    seats: Several = Key(default=4, description="seats of a group")
    endowment: Amount = Key(default=20.0, gt=0, description="units a seat gets every round")
    multiplier: Amount | None = Key(default=None, ge=0, description="what the pot is multiplied by")
    mpcr: Amount | None = Key(default=None, ge=0, description="what a unit brings each seat")
    integer: bool = Key(default=False, description="whether contributions and points are whole")
    threshold: Amount = Key(default=0.0, ge=0, description="with less there is no return")
    refund: bool = Key(default=True, description="whether contributions come back where the threshold is missed")
    punishment: Punishment | None = Key(default=None, description="fee, fine and most points a target")
    reward: Reward | None = Key(default=None, description="fee, bonus and most points a target")

    @model_validator(mode="after")
    def _consistent(self) -> PublicGoods:
        if self.mpcr is not None and not np.isclose(self.factor, self.mpcr * self.seats):
            given = f"multiplier {self.factor:g} and mpcr {self.mpcr:g}"
            raise ValueError(f"{given} disagree for {many(self.seats, 'seat')}; give one of them")
        if self.threshold > self.seats * self.endowment:
            raise ValueError(f"threshold {self.threshold:g} is more than all have ({self.seats * self.endowment:g})")
        return self

    # -- numbers made once ------------------------------------------------------------------------------------

    @cached_property
    def factor(self) -> float:
        """What the pot is multiplied by."""
        if self.multiplier is not None:
            return self.multiplier
        return 1.6 if self.mpcr is None else self.mpcr * self.seats

    @cached_property
    def stages(self) -> tuple[tuple[Sanction | None, int], ...]:
        """The asks of a round: the rule of a sanction, and how many seats further on its target sits (else None, 0)."""
        rules = [rule for rule in (self.punishment, self.reward) if rule is not None]
        return ((None, 0), *((rule, turn) for rule in rules for turn in range(1, self.seats)))

    def options(self, kind: str, seat: int) -> Sequence[str]:
        """Every answer is an amount alone."""
        return ()

    def top(self, ask: Ask) -> float:
        """The largest amount that may be answered: the endowment, or the most points for a target."""
        rule = self.stages[ask.step - 1][0]
        return self.endowment if rule is None else rule.most

    # -- play -------------------------------------------------------------------------------------------------

    def start(self, luck: Luck) -> Pot:
        """Nothing contributed, nothing earned."""
        lengths = self.lengths(luck)
        shape = (len(lengths), self.seats)
        return Pot(len(lengths), lengths, np.zeros(shape), np.zeros(shape))

    def ask(self, state: Pot) -> Ask | None:
        """A contribution from every seat, then points for each other seat, in every episode that goes on."""
        live = state.lengths > state.round
        if not live.any():
            return None
        step, clock = state.step + 1, state.round + 1
        state.ask = Ask(
            kind="contribute" if self.stages[state.step][0] is None else "sanction",
            who=np.broadcast_to(live[:, None], (state.episodes, self.seats)),
            round=np.broadcast_to(clock, state.episodes),
            ordinal=np.broadcast_to(step, state.episodes),
            view=View(self, state),
            everyone=bool(live.all()),
            clock=clock,
            step=step,
        )
        return state.ask

    def illegal(self, ask: Ask, answers: Answers) -> Bools:
        """An amount below 0, above what may be given, or not whole where amounts are."""
        return ask.who & ~legal(amounts(answers), self.top(ask), integer=self.integer)

    def allowed(self, ask: Ask, row: int) -> str:
        """The range of a contribution, or of the points for a target."""
        return f"a {'whole ' if self.integer else ''}number from 0 to {self.top(ask):g}"

    def settle(self, state: Pot, answers: Answers, luck: Luck) -> tuple[Pot, Outcome]:
        """Pay what the ask leads to; after the last ask of a round the next begins."""
        ask = state.ask
        if ask is None:
            raise TypeError("settle was called before ask")
        amount = np.where(ask.who, amounts(answers), 0.0)
        rule, turn = self.stages[state.step]
        if rule is None:
            outcome = self._pay_pot(state, ask, amount)
        else:
            outcome = self._pay_points(state, ask, amount, rule, turn)
        state.step += 1
        if state.step == len(self.stages):
            state.step, state.round = 0, state.round + 1
        return state, outcome

    def _pay_pot(self, state: Pot, ask: Ask, amount: Floats) -> Outcome:
        given = amount.sum(axis=1)
        missed = ask.who.any(axis=1) & (given < self.threshold)
        each = np.where(missed, 0.0, self.factor * given / self.seats)
        received = np.where(missed[:, None] & self.refund, amount, each[:, None])
        self._earn(state, ask, amount, received)
        state.shares += amount / self.endowment
        columns = {"stock_before": np.zeros(len(given)), "wanted": given, "collected": received.sum(axis=1)}
        columns |= {"stock_after": np.zeros(len(given)), "collapsed": missed}
        # About nobody, which has to be said: between two seats a decision is about the other where nothing else is.
        partner = np.broadcast_to(self.target_of(0), amount.shape)
        moves = {"amount": amount, "payoff": 0.0 - amount, "received": received, "partner": partner}
        return Outcome(ask, lambda: moves, lambda: columns)

    def _earn(self, state: Pot, ask: Ask, amount: Floats, received: Floats) -> None:
        earned = np.where(ask.who, self.endowment - amount + received, 0.0)
        state.account += earned
        state.contributed.append(amount)
        state.earned.append(earned)
        state.punished.append(np.zeros(amount.shape))

    def _pay_points(self, state: Pot, ask: Ask, points: Floats, rule: Sanction, turn: int) -> Outcome:
        got = np.roll(points, turn, axis=1)  # the giver sits that many seats before the target
        change = rule.effect * got - rule.fee * points
        state.account += change
        state.earned[-1] = state.earned[-1] + change
        if isinstance(rule, Punishment):
            state.punished[-1] = state.punished[-1] + got
        moves = {"amount": points, "payoff": 0.0 - rule.fee * points, "received": 0.0 + rule.effect * points}
        return Outcome(ask, lambda: {**moves, "partner": np.broadcast_to(self.target_of(turn), points.shape)})

    def score(self, state: Pot) -> Score:
        """Sums of stage payoffs, and of contributions as shares of the endowment."""
        rounds = np.repeat(state.lengths[:, None], self.seats, axis=1).astype(np.float64)
        return Score(state.account, state.shares, rounds, state.lengths)

    def target_of(self, turn: int) -> NDArray[np.int64]:
        """Index of the seat that each seat is asked about at a turn, ``(seats,)``; -1 where the ask is about nobody."""
        return (np.arange(self.seats) + turn) % self.seats if turn else np.full(self.seats, -1)
