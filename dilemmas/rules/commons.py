"""A common stock that grows back: fishery, pasture and river as one law (Piatti et al. 2024; Gordon 1954; Hardin 1968).

A round: every seat present says at once how much it wants; the allocation decides what each collects; what is left,
s = h - sum c, is collapsed if below ``collapse_below``, and otherwise grows to h' = min(capacity, growth * s).

Readings that had to be chosen: exactly ``collapse_below`` left survives (the paper's code; its text says otherwise);
the sustainable share is the threshold over the seats present in that round, rounded down in games of whole units and
not in real ones; ``integer`` is about harvests, and the stock may be fractional where the growth is.

With ``sanction`` a round has a vote on a fine after its harvest (``dilemmas.rules.commons_fines``); the six measures
stay those of what was collected, and only the payoff is less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, model_validator
from pydantic import Field as Key

from dilemmas.errors import UsageError
from dilemmas.rules import allocation, commons_fines
from dilemmas.rules import commons_metrics as measure
from dilemmas.rules.commons_fines import Fines
from dilemmas.rules.commons_state import Stock, spread, stacked
from dilemmas.rules.commons_view import FIELDS
from dilemmas.rules.game import Answers, Ask, Bools, Field, Floats, Luck, Outcome, Score, View
from dilemmas.rules.params import Amount, Count, Whole
from dilemmas.rules.repeated import Repeated, amounts, legal

Amounts = tuple[Annotated[Amount, Key(ge=0)], ...]


class Commons(Repeated):
    """Seats that harvest from one stock, until it collapses or the rounds are over.

    Amounts are in the stock's units, at least 0, whole where ``integer``; wanting more than there is is legal. Where
    more is wanted than there is, ``allocation`` decides: ``stochastic`` unit by unit among those who still want
    (whole units only), ``proportional`` to the wants (whole units: rounded down, the rest by lot), ``given`` from
    amounts on record (``given``, a list by round, or round to amounts a seat).
    """

    model_config = ConfigDict(populate_by_name=True)
    kind: ClassVar[str] = "commons"
    per_round: ClassVar[bool] = False
    default_rounds: ClassVar[int] = 12
    fields: ClassVar[Mapping[str, Field]] = FIELDS

    capacity: Amount = Key(default=100.0, gt=0, description="largest stock")
    growth: Amount = Key(default=2.0, gt=0, description="factor by which what is left grows")
    collapse_below: Amount = Key(default=5.0, ge=0, description="less than this left is the end")
    start_stock: Amount | None = Key(default=None, gt=0, alias="start", description="stock of round 1 (capacity)")
    seats: Count = Key(default=5, description="seats of an episode")
    allocation: Literal["stochastic", "proportional", "given"] = Key(
        default="stochastic", description="who gets what when more is wanted than there is"
    )
    integer: bool = Key(default=True, description="whether harvests are whole units")
    joins: dict[Whole, Count] = Key(default_factory=dict, description="seat: round at which it joins")
    given: tuple[Amounts | None, ...] | dict[Whole, Amounts] | None = Key(
        default=None, description="collected amounts on record, by round"
    )
    sight: bool = Key(default=True, description="whether everybody sees how much each of the others took")
    sanction: Fines = Key(default=None, description="fine: by vote after each harvest a seat pays so many units")
    as_published: bool = Key(
        default=False, description="shares after a join over the first round's seats, and before it over all seats"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Commons:
        if self.start_stock is not None and self.start_stock > self.capacity:
            raise ValueError(f"start {self.start_stock:g} is above the capacity {self.capacity:g}")
        if self.allocation == "stochastic" and not self.integer:
            raise ValueError("stochastic allocation hands out whole units; real harvests need allocation: proportional")
        self._check_joins()
        self._check_given()
        return self

    def _check_joins(self) -> None:
        for seat, round_ in self.joins.items():
            if not 1 <= seat <= self.seats:
                raise ValueError(f"joins: there is no seat {seat}; seats are 1 to {self.seats}")
            if self.continuation is None and self.rounds is not None and round_ > self.rounds:
                raise ValueError(f"joins: seat {seat} joins in round {round_}, and there are {self.rounds} rounds")
        if not self.present(1).any():
            raise ValueError("joins: nobody is there in round 1")

    def _check_given(self) -> None:
        if (self.given is not None) != (self.allocation == "given"):
            raise ValueError("amounts on record (given) and allocation: given need each other")
        for round_, row in self.record.items():
            if len(row) != self.seats:
                raise ValueError(f"given: round {round_} has {len(row)} amounts for {self.seats} seats")

    # -- numbers made once ------------------------------------------------------------------------------------

    @cached_property
    def record(self) -> dict[int, Floats]:
        """Amounts on record by round, from 1."""
        listed = self.given or {}
        pairs = listed.items() if isinstance(listed, dict) else enumerate(listed, 1)
        return {round_: np.array(row, np.float64) for round_, row in pairs if row is not None}

    @cached_property
    def _joined(self) -> NDArray[np.int64]:
        return np.array([self.joins.get(seat, 1) for seat in range(1, self.seats + 1)])

    @property
    def open(self) -> bool:
        """Whether catches are known to all: by sight, or by a report at the talk."""
        return self.sight or (self.talk is not None and self.talk.report != "none")

    def present(self, round_: int) -> Bools:
        """Which seats are there in a round, ``(seats,)``."""
        return np.asarray(self._joined <= round_)

    def sharers(self, round_: int) -> int:
        """Over how many seats the threshold of a round is shared.

        As published, the code counts all seats in round 1 and afterwards those that began, newcomer or not.
        """
        if self.as_published:
            return self.seats if round_ == 1 else int(self.present(1).sum())
        return int(self.present(round_).sum())

    def threshold(self, stock: Floats) -> Floats:
        """The most that can be taken together while the stock comes back."""
        return measure.threshold(stock, self.capacity, self.growth, integer=self.integer)

    def share(self, stock: Floats, round_: int) -> Floats:
        """The sustainable share of a seat in a round, in units."""
        return measure.share(self.threshold(stock), self.sharers(round_), integer=self.integer)

    def grown(self, left: Floats | float) -> Floats:
        """The stock of the next round, from what is left of this one's."""
        return np.minimum(self.capacity, self.growth * np.asarray(left, np.float64))

    def options(self, kind: str, seat: int) -> Sequence[str]:
        """A harvest is an amount alone; a vote names a seat, or nobody."""
        return commons_fines.options(self.seats) if kind == commons_fines.KIND else ()

    # -- play -------------------------------------------------------------------------------------------------

    def start(self, luck: Luck) -> Stock:
        """The first stock, nothing harvested."""
        lengths, first = self.lengths(luck), self.capacity if self.start_stock is None else self.start_stock
        return Stock(len(lengths), lengths, np.full(len(lengths), first), np.zeros(len(lengths), bool))

    def ask(self, state: Stock) -> Ask | None:
        """A harvest from every seat that is there, in every episode that goes on; then the vote on it, if any."""
        if state.voting:
            return self._question(state, commons_fines.KIND, state.asked[-1])
        if state.over.all():
            return None
        return self._question(state, "harvest", ~state.over[:, None] & self.present(state.round + 1))

    def _question(self, state: Stock, kind: str, who: Bools) -> Ask:
        clock, step = state.round + 1, 1 + state.voting
        state.ask = Ask(
            kind=kind,
            who=who,
            round=np.broadcast_to(clock, state.episodes),
            ordinal=np.broadcast_to(step, state.episodes),
            view=View(self, state),
            everyone=bool(who.all()),
            clock=clock,
            step=step,
        )
        return state.ask

    def illegal(self, ask: Ask, answers: Answers) -> Bools:
        """An amount that is negative, not finite, or not whole where harvests are; a vote for who is not there."""
        if ask.kind == commons_fines.KIND:
            return commons_fines.illegal(ask, answers)
        return ask.who & ~legal(amounts(answers), np.inf, integer=self.integer)

    def allowed(self, ask: Ask, row: int) -> str:
        """What may be wanted, and more than there is can be asked for and not got; or whom one may name."""
        if ask.kind == commons_fines.KIND:
            return commons_fines.allowed(ask, row)
        return "a whole number from 0" if self.integer else "a number from 0"

    def settle(self, state: Stock, answers: Answers, luck: Luck) -> tuple[Stock, Outcome]:
        """Allocate, take out, see whether that was the end, hold the vote where there is one, let grow."""
        ask, before = state.ask, state.stock
        if ask is None:
            raise TypeError("settle was called before ask")
        if state.voting:
            return state, self._fine(state, ask, answers)
        wanted = np.where(ask.who, amounts(answers), 0.0)
        collected = self._allocate(wanted, before, luck, ask.clock)
        after = self._left(before, collected)
        live = ~state.over
        fallen = live & (after < self.collapse_below)
        state.over = state.over | fallen | (state.lengths <= ask.clock)
        state.remember(before, collected, after, ask.who)
        state.stock = np.where(state.over, after, self.grown(after))
        if self.sanction is not None:
            self._call(state, after, ask.clock)
        columns = {"stock_before": before, "wanted": wanted.sum(axis=1), "collected": collected.sum(axis=1)}
        columns |= {"stock_after": after, "collapsed": fallen, "threshold": self.threshold(before)}
        return state, Outcome(ask, lambda: {"amount": wanted, "payoff": collected}, lambda: columns)

    def _call(self, state: Stock, after: Floats, clock: int) -> None:
        """Open the vote of a round; where only one seat is there, nobody is fined."""
        state.voting = int(self.present(clock).sum()) > 1
        if state.voting:
            state.stock = after
        else:
            state.fined.append(np.zeros((state.episodes, self.seats)))

    def _fine(self, state: Stock, ask: Ask, answers: Answers) -> Outcome:
        assert self.sanction is not None and answers.choice is not None
        choice = np.where(ask.who, answers.choice, 0)
        held = state.held(self.seats)
        paid = commons_fines.paid(self.sanction, choice, ask.who, held)
        state.fined.append(paid)
        state.stock = np.where(state.over, state.stock, self.grown(state.stock))
        state.voting = False
        moves = {"action": choice, "partner": choice - 1, "payoff": np.zeros(paid.shape)}
        moves["received"] = commons_fines.effect(choice, ask.who, paid)
        return Outcome(ask, lambda: moves)

    def _left(self, before: Floats, collected: Floats) -> Floats:
        after = np.maximum(before - collected.sum(axis=1), 0.0)
        # A stock that was shared out to the last drop is empty, whatever the digits of the shares add up to.
        return np.where(after < 1e-12 * before, 0.0, after)

    def _allocate(self, wanted: Floats, stock: Floats, luck: Luck, clock: int) -> Floats:
        if self.allocation == "given" and clock in self.record:
            return self._given(wanted, stock, clock)
        scarce = np.flatnonzero(wanted.sum(axis=1) > stock)
        if not len(scarce):
            return wanted
        collected = wanted.copy()
        collected[scarce] = self._ration(wanted[scarce], stock[scarce], luck, clock, scarce)
        return collected

    def _ration(self, wanted: Floats, stock: Floats, luck: Luck, clock: int, rows: NDArray[np.intp]) -> Floats:
        def words(each: int, block: int) -> NDArray[np.uint32]:
            return luck.words("allocation", each, clock, block)[rows]

        if self.allocation == "given":
            raise UsageError(
                f"more was wanted ({wanted[0].sum():g}) than there was ({stock[0]:g})",
                where=f"round {clock}",
                expected="the amounts that were collected, under given",
                remedy="Set allocation: stochastic to let the rules decide.",
            )
        if self.allocation == "stochastic":
            return allocation.stochastic(wanted, stock, words)
        return allocation.whole(wanted, stock, words) if self.integer else allocation.proportional(wanted, stock)

    def _given(self, wanted: Floats, stock: Floats, clock: int) -> Floats:
        scarce = wanted.sum(axis=1) > stock
        taken = self.record[clock]
        if scarce.any() and taken.sum() > stock[scarce].min() * (1 + 1e-9):
            raise UsageError(
                f"given amounts come to {taken.sum():g} and the stock is {stock[scarce].min():g}",
                where=f"round {clock}",
                expected="no more than there is",
            )
        return np.where(scarce[:, None], taken, wanted)

    # -- what it came to --------------------------------------------------------------------------------------

    def trace(self, state: Stock) -> measure.Trace:
        """The history of a batch in the form that the metrics take."""
        count = np.array([self.sharers(round_) for round_ in range(1, state.round + 1)])
        return measure.Trace.of(
            stacked(state.collected, state.episodes, self.seats),
            stacked(state.before, state.episodes),
            asked=stacked(state.asked, state.episodes, self.seats).astype(bool),
            stock_after=stacked(state.after, state.episodes),
            scheduled=state.lengths,
            capacity=self.capacity,
            growth=self.growth,
            collapse_below=self.collapse_below,
            integer=self.integer,
            sharers=count,
        )

    def score(self, state: Stock) -> Score:
        """Units collected less fines, harvests within the share, and the six measures of the episode."""
        trace = self.trace(state)
        decisions = trace.asked.sum(axis=1).astype(np.float64)
        within = decisions - measure.overused(trace).sum(axis=1)
        late = max(self.joins.values(), default=1)
        found = measure.metrics(trace) | (measure.since(trace, late) if late > 1 else {})
        extra = {name: spread(value, self.seats) for name, value in found.items()}
        extra["survived"] = extra["survived"] == 1
        extra["survival_time"] = extra["survival_time"].astype(np.int64)
        gain = measure.gain(trace)
        if self.sanction is None:
            return Score(gain, within, decisions, trace.rounds, extra=extra)
        fined = state.paid(self.seats)
        return Score(gain - fined, within, decisions, trace.rounds, extra={**extra, "fined": fined})
