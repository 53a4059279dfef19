"""Questions on the donor game: what a gift does, what is on record, what a rule would give, what is good for all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from dilemmas.engine import batch
from dilemmas.engine.chance import Chance
from dilemmas.quiz import amounts
from dilemmas.quiz.deal import Deal, Maker, Moment
from dilemmas.quiz.question import Draft, Part, best, number
from dilemmas.rules.donor import Donor
from dilemmas.rules.game import Answers, Ask
from dilemmas.specs import seats
from dilemmas.strategies.strategy import Cast

SHARES = (0.0, 0.1, 0.5, 1.0)
"""Parts of what a donor has that plans of giving compare."""


def rules(deal: Deal) -> Donor:
    """The game of a deal."""
    return cast(Donor, deal.rules)


def _part(deal: Deal, whole: float) -> float:
    """Some of an amount, between a tenth and nine tenths, with at most two digits after the point."""
    return round(whole * deal.dice.between(1, 9) / 10, 0 if whole >= 10 else 2)


def at(deal: Deal, first: int = 0) -> Moment | None:
    """A donor after some rounds in which all gave what was drawn."""
    past = deal.rounds(first)

    def plan(ask: Ask) -> Answers:
        state, game = ask.view.state, rules(deal)
        given = np.zeros(game.seats)
        for row in np.sort(state.donors).tolist():
            given[row] = _part(deal, float(state.balance[row]))
        return Answers(amount=given[None, :])

    moment = None if past is None else deal.moment(past, plan)
    return moment if moment is not None and moment.told.balance >= 0.1 else None


def _top(moment: Moment) -> float:
    """A number that answers stay below, whatever is asked."""
    game = cast(Donor, moment.ask.view.game)
    balance, theirs = float(moment.told.balance), float(moment.told.their_balance)
    return max(game.endowment, balance, theirs) * max(2.0, game.multiplier, game.punish_multiplier)


def _given(deal: Deal, name: str, value: Any, **more: Any) -> Draft | None:
    """A question on what a gift of some units does; ``value(game, told, amount)``."""
    moment = at(deal)
    if moment is None:
        return None
    game, told = rules(deal), moment.told
    amount = _part(deal, float(told.balance))
    sure = ", and the gift does not fail" if game.execution_error else ""
    found = float(value(game, told, amount))
    return deal.ask(name, moment, number(found, _top(moment)), amount=amount, sure=sure)


def received(deal: Deal) -> Draft | None:
    """What the recipient would get."""
    return _given(deal, "donor_received", lambda game, told, amount: amount * game.multiplier)


def left(deal: Deal) -> Draft | None:
    """What would be left to the donor."""
    return _given(deal, "donor_left", lambda game, told, amount: told.balance - amount)


def theirs(deal: Deal) -> Draft | None:
    """What the recipient would have."""
    return _given(deal, "donor_theirs", lambda game, told, amount: told.their_balance + amount * game.multiplier)


def lost(deal: Deal) -> Draft | None:
    """What a punishment would take away: never more than there is."""
    if rules(deal).mechanism != "punish":
        return None
    return _given(
        deal, "donor_lost", lambda game, told, amount: min(amount * game.punish_multiplier, told.their_balance)
    )


def largest(deal: Deal) -> Draft | None:
    """The most that can be given."""
    moment = at(deal)
    if moment is None:
        return None
    return deal.ask("donor_best", moment, number(float(moment.told.balance), _top(moment)))


def smallest(deal: Deal) -> Draft | None:
    """The least that can be given."""
    moment = at(deal)
    return None if moment is None else deal.ask("donor_worst", moment, number(0, _top(moment)))


def legal(deal: Deal) -> Draft | None:
    """One amount that can be given among three that cannot."""
    moment = at(deal)
    return None if moment is None else amounts.legal(deal, moment, float(moment.told.balance), integer=False)


def _gifts(moment: Moment) -> list[Mapping[str, Any]]:
    """Own gifts so far that came about as they were meant."""
    history = moment.data["history"]
    return [event for event in history if event["gave"] and event["intended"] == event["amount"]]


def past(deal: Deal) -> Draft | None:
    """What the donor gave in a past turn."""
    moment = at(deal, 1)
    gifts = _gifts(moment) if moment is not None else []
    if moment is None or not gifts:
        return None
    gift = deal.dice.pick(gifts)
    return deal.ask("donor_past", moment, number(gift["amount"], _top(moment)), past=gift["round"])


def count(deal: Deal) -> Draft | None:
    """How often the seat was a donor."""
    moment = at(deal, 1)
    if moment is None:
        return None
    times = sum(bool(event["gave"]) for event in moment.data["history"])
    return deal.ask("donor_count", moment, number(times, moment.round, integer=True))


def total(deal: Deal) -> Draft | None:
    """What the donor gave so far."""
    moment = at(deal, 1)
    if moment is None:
        return None
    given = sum(float(event["amount"]) for event in moment.data["history"] if event["gave"])
    return deal.ask("donor_total", moment, number(given, moment.round * _top(moment)))


def trace(deal: Deal) -> Draft | None:
    """What is on record of the recipient."""
    moment = at(deal, 1)
    chain = moment.told.chain if moment is not None else []
    if moment is None or not chain or chain[0]["share"] is None:
        return None
    return deal.ask("donor_trace", moment, number(100 * float(chain[0]["share"]), 50))


def now(deal: Deal) -> Draft | None:
    """Which round it is."""
    moment = at(deal)
    return None if moment is None else deal.ask("any_round", moment, number(moment.round, moment.round, integer=True))


def named(deal: Deal) -> Draft | None:
    """What another donor of this round gives by a rule that is told."""
    moment = at(deal)
    others = amounts.others(moment) if moment is not None else []
    if moment is None or not others:
        return None
    seat, share = deal.dice.pick(others), deal.dice.pick((0.1, 0.2, 0.25, 0.5, 0.75, 1.0))
    balance = float(moment.ask.view.state.balance[seat])
    value = amounts.answer(deal, moment, seat, "constant-donor", {"fraction": share})
    rule = deal.say("rule_constant-donor", moment, share=100 * share)
    more = {"who": amounts.name(moment, seat), "amount": balance, "rule": rule}
    return deal.ask("donor_named", moment, number(value, max(_top(moment), balance)), **more)


def worth(game: Donor, share: float) -> float:
    """Units of all together at the end of an episode in which every donor gives the same share, without chance."""
    certain = game.model_copy(update={"execution_error": 0.0})
    strategy = seats.strategy(seats.Seat("constant-donor", {"fraction": share}), family="donor")
    cast_ = Cast((strategy,), np.zeros((1, game.seats), np.intp))
    return float(batch.play(certain, cast_, Chance.of(0, 1, 1), keep=False).score.payoff.sum())


def plan(deal: Deal) -> Draft | None:
    """Which share, given by everybody, makes most of the units of all; who meets whom must be known for it."""
    moment = at(deal)
    if moment is None:
        return None
    shares = deal.dice.sample(SHARES, len(SHARES))
    right = best([worth(rules(deal), share) for share in shares])
    if right is None:
        return None
    texts = [deal.say("donor_plan_item", moment, share=100 * share) for share in shares]
    return deal.choose("donor_plan", moment, texts, right)


KINDS: Mapping[Part, Mapping[str, Maker]] = {
    "comprehension": {
        "received": received,
        "left": left,
        "theirs": theirs,
        "lost": lost,
        "best": largest,
        "worst": smallest,
        "legal": legal,
        "past": past,
        "count": count,
        "total": total,
        "trace": trace,
        "round": now,
    },
    "theory-of-mind": {"named": named},
    "planning": {"plan": plan},
}
