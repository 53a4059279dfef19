"""The donor game: one seat gives units to another, who gets them multiplied, and both are paired with others next.

After Vallinder & Hughes (2024), whose description, code and figures contradict each other; the switches and what
each gives are in the docstring of :class:`Donor` and in the notes of the game's file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from dilemmas.rules import donor_gossip, donor_gossip_view, donor_pairs, donor_trace, donor_turn, shuffle
from dilemmas.rules.donor_switches import Switches
from dilemmas.rules.donor_turn import DONATE, Play
from dilemmas.rules.donor_view import FIELDS
from dilemmas.rules.game import Answers, Ask, Bools, Field, Luck, Outcome, Score, View
from dilemmas.rules.gossip import KIND, options


class Donor(Switches):
    """Seats are paired every round; the donor of a pair gives any part of its balance, which is multiplied on the way.

    The source contradicts itself. Its text has donors and recipients alternate, no pair meet twice and a largest mean
    of 30,720; twelve agents in twelve rounds cannot do the first two. ``schedule: released`` (the default) is the
    schedule of the released code, which is the one that its published curves fit: pairs meet twice, in both roles,
    and with an even n/2 one side gives twice in a row, so the largest mean is 15,360. ``strict`` alternates without
    fail and reaches 30,720, with repeated partners; ``no-repeat`` keeps alternation and fresh partners, for
    rounds <= n/2; ``random`` does neither. ``zero_trace: one`` (the default, as released) records a donor without
    units as having given everything, ``null`` as not known.

    An answer is a choice among :meth:`options` (or none: donate) and an amount in units, from 0 to the donor's balance.
    With ``gossip`` another ask follows the gifts of a round, to those who tell of them.
    """

    kind: ClassVar[str] = "donor"
    per_round: ClassVar[bool] = False
    fields: ClassVar[Mapping[str, Field]] = {**FIELDS, **donor_gossip_view.FIELDS}

    @classmethod
    def paired(cls, pairings: Sequence[Sequence[Sequence[int]]], **parameters: Any) -> Donor:
        """A game with these pairings, seats counted from 0."""
        from_one: Any = [[[seat + 1 for seat in pair] for pair in pairs] for pairs in pairings]
        return cls(pairings=from_one, **parameters)

    def options(self, kind: str, seat: int) -> Sequence[str]:
        """What a donor may do, and a teller of gossip say."""
        return options(self.gossip) if kind == KIND else self.choices

    def start(self, luck: Luck) -> Play:
        """Every seat has its endowment, a good name and no past; the first pairs are made."""
        episodes, rows = len(luck.episode), len(luck.episode) * self.seats
        state = Play(
            episodes=episodes,
            balance=np.full(rows, self.endowment),
            given=np.zeros(rows),
            decisions=np.zeros(rows, np.int32),
            mate=np.full(rows, -1, np.intp),
            chain=donor_trace.empty(rows, self.depth) if self.depth else None,
            image=np.full(rows, self.image == "binary", np.int8) if "image" in self.information else None,
            standing=np.ones(rows, np.int8) if "standing" in self.information else None,
            punished=np.zeros(rows, np.int32) if self.mechanism == "punish" else None,
            log=donor_gossip.start(self.gossip, rows),
        )
        if not self.drawn:
            state.order = self._order(luck, 0) if self.dealt else _rows(episodes, self.seats)
        if self.sided and state.order is not None:
            state.sides = donor_pairs.Sides.of(state.order, luck.leg == 1)
        self._deal(state, luck)
        return state

    def _order(self, luck: Luck, round_: int) -> NDArray[np.intp]:
        places = shuffle.order(luck.words("pairing", self.seats, round_, key=luck.group))
        return places + np.arange(len(places))[:, None] * self.seats

    def _deal(self, state: Play, luck: Luck) -> None:
        """Make the pairs of the next round, and draw who learns of the other's past."""
        state.mate[state.donors] = -1
        donors, recipients = self._meet(state, luck, state.round)
        state.mate[donors] = recipients
        state.donors = donors if state.sides is not None else np.flatnonzero(state.mate >= 0)
        state.recipients, state.own = state.mate[state.donors], state.balance[state.donors]
        if self.observation < 1:
            state.known = luck.draw("observation", self.seats, state.round + 1) < self.observation

    def _meet(self, state: Play, luck: Luck, round_: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Rows of donors (sorted where two sides meet) and of their recipients in a round from 0; changes nothing."""
        if state.sides is not None:
            return state.sides.meet(*donor_pairs.turn(self.schedule, self.seats, round_))
        order = self._order(luck, round_ + 1) if state.order is None else state.order
        listed = self.pairings
        places = donor_pairs.halves(self.seats) if listed is None else donor_pairs.listed(listed, round_)
        giver, taker = order[:, places[0]], order[:, places[1]]
        second = (luck.leg == 1)[:, None]  # the second game of a generation reverses every pair
        if second.any():
            giver, taker = np.where(second, taker, giver), np.where(second, giver, taker)
        return giver.reshape(-1), taker.reshape(-1)

    def ask(self, state: Play) -> Ask | None:
        """A gift from the donor of every pair, then what is told of it."""
        if state.round >= self.rounds:
            return None
        if state.deeds is not None:
            state.ask = donor_gossip.ask(self, state)
            return state.ask
        state.ask = Ask(
            kind="gift",
            who=(state.mate >= 0).reshape(state.episodes, self.seats),
            round=np.broadcast_to(state.round + 1, state.episodes),
            ordinal=np.broadcast_to(1, state.episodes),
            view=View(self, state),
            everyone=False,
            clock=state.round + 1,
        )
        return state.ask

    def company(self, ask: Ask, row: int, private: bool) -> list[list[int]]:
        """Who talks with whom in an episode: everybody, or every donor with its recipient."""
        if not private:
            return [list(range(self.seats))]
        mate = ask.view.state.mate.reshape(-1, self.seats)[row]
        return [[donor, int(mate[donor]) % self.seats] for donor in np.flatnonzero(mate >= 0).tolist()]

    def illegal(self, ask: Ask, answers: Answers) -> Bools:
        """An amount that is no number, negative or above the balance, or a choice that the mechanism lacks."""
        if ask.kind == KIND:
            return donor_gossip.illegal(self, ask, answers)
        bad = np.zeros(ask.who.size, bool)
        bad[ask.view.state.donors] = donor_turn.illegal(self, ask.view.state, answers)
        return bad.reshape(ask.who.shape)

    def allowed(self, ask: Ask, row: int) -> str:
        """In words, what the donor, or the teller, of a row may answer."""
        if ask.kind == KIND:
            return donor_gossip.allowed(self)
        return f"{' or '.join(self.choices)}, with 0 to {ask.view.state.balance[row]:g} units"

    def settle(self, state: Play, answers: Answers, luck: Luck) -> tuple[Play, Outcome]:
        """Move the units, or keep what was told of them; then make the next pairs."""
        if state.ask is None:
            raise TypeError("settle was called before ask")
        if state.ask.kind == KIND:
            outcome = donor_gossip.settle(self, state, answers, lambda round_: self._meet(state, luck, round_))
            return self._on(state, luck), outcome
        ask, turn = state.ask, self._give(state, answers, luck)
        outcome = Outcome(ask, lambda: donor_turn.columns(ask, turn, self.seats))
        if self.gossip is None:
            return self._on(state, luck), outcome
        donor_gossip.done(self, state, turn, luck)
        return state, outcome

    def _give(self, state: Play, answers: Answers, luck: Luck) -> donor_turn.Turn:
        """Move the units, and tell the trace and the public."""
        turn = donor_turn.take(self, state, answers, luck)
        donor_turn.pay(state, turn)
        if state.image is not None or state.standing is not None:
            donor_turn.judge(self, state, turn, luck)
        if state.chain is not None:
            kind = DONATE if turn.kind is None else turn.kind
            donor_trace.extend(
                state.chain,
                turn.donors,
                turn.recipients,
                self.seats,
                round_=state.round + 1,
                kind=kind,
                share=turn.recorded,
            )
        return turn

    def _on(self, state: Play, luck: Luck) -> Play:
        """To the next round."""
        state.round += 1
        if state.round < self.rounds:
            self._deal(state, luck)
        return state

    def score(self, state: Play) -> Score:
        """Final balances, endowment included; cooperation sums shares given in turns with units to give."""
        shape = state.episodes, self.seats
        return Score(
            payoff=state.balance.reshape(shape),
            cooperations=state.given.reshape(shape),
            decisions=state.decisions.reshape(shape).astype(np.float64),
            rounds=np.full(state.episodes, self.rounds),
            extra={} if state.punished is None else {"punished": state.punished.reshape(shape)},
        )

    @property
    def turns(self) -> int:
        """Gifts, or what is done instead, of all seats in an episode."""
        if self.pairings is None:
            return self.seats // 2 * self.rounds
        return sum(len(self.pairings[round_ % len(self.pairings)]) for round_ in range(self.rounds))


def _rows(episodes: int, seats: int) -> NDArray[np.intp]:
    return np.arange(episodes * seats).reshape(episodes, seats)
