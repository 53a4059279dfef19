"""What questions on games of amounts share: which amounts are legal, who did what, what a rule would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from dilemmas.engine import batch
from dilemmas.quiz.deal import Deal, Moment
from dilemmas.quiz.question import Draft, Right, number
from dilemmas.specs import seats
from dilemmas.strategies.prompts import shown
from dilemmas.strategies.scene_common import names
from dilemmas.strategies.strategy import Cast
from dilemmas.strategies.strategy import seat as grouped
from dilemmas.strategies.wanted import Wanted

Answer: TypeAlias = tuple[Wanted, Right]
Rows: TypeAlias = Sequence[Sequence[float | None]]
"""Amounts by round and seat; None where a seat was not there."""


def legal(deal: Deal, moment: Moment, top: float, *, integer: bool) -> Draft | None:
    """One amount that can be chosen among three that cannot: too much, less than nothing, much too much."""
    good = deal.dice.between(0, int(top))
    wrong = [float(int(top) + deal.dice.between(2, 20)), -float(deal.dice.between(1, 10)), 3.0 * int(top) + 50]
    wrong = [good + 0.5, *wrong[:2]] if integer else wrong
    texts = deal.dice.sample([shown(amount) for amount in (good, *wrong)], 4)
    return deal.choose("any_legal", moment, texts, texts.index(shown(good)))


def name(moment: Moment, seat: int) -> str:
    """What a seat (from 0) is called in a question."""
    return "you" if seat == moment.seat else names(moment.telling, moment.ask.view.game.seats)[seat]


def others(moment: Moment) -> list[int]:
    """The other seats that are asked now."""
    return [seat for seat in np.flatnonzero(moment.ask.who[0]).tolist() if seat != moment.seat]


def caught(row: Sequence[float | None], seat: int) -> list[float]:
    """What all but one seat did in a round, as far as they were there."""
    return [amount for other, amount in enumerate(row) if other != seat and amount is not None]


def past(deal: Deal, moment: Moment, text: str, rows: Rows, top: float) -> Draft | None:
    """What somebody did in a past round."""
    round_ = deal.dice.below(len(rows))
    seat = deal.dice.pick([seat for seat, amount in enumerate(rows[round_]) if amount is not None])
    value = rows[round_][seat] or 0.0
    return deal.ask(text, moment, number(value, top), who=name(moment, seat), past=round_ + 1)


def _column(deal: Deal, rows: Rows) -> tuple[int, list[float]]:
    """A seat that was there, and its amounts."""
    seat = deal.dice.pick([seat for seat, amount in enumerate(rows[-1]) if amount is not None])
    return seat, [amount for row in rows if (amount := row[seat]) is not None]


def count(deal: Deal, moment: Moment, text: str, rows: Rows) -> Draft | None:
    """In how many rounds somebody did more than so much."""
    seat, amounts = _column(deal, rows)
    level = int(deal.dice.pick(amounts))
    times = sum(amount > level for amount in amounts)
    return deal.ask(text, moment, number(times, len(rows), integer=True), who=name(moment, seat), amount=level)


def total(deal: Deal, moment: Moment, text: str, rows: Rows, top: float) -> Draft | None:
    """What somebody did so far, added up."""
    seat, amounts = _column(deal, rows)
    return deal.ask(text, moment, number(sum(amounts), top * len(rows)), who=name(moment, seat))


def answer(deal: Deal, moment: Moment, seat: int, rule: str, given: Mapping[str, Any] | None = None) -> float:
    """What a rule of the shelf without a memory of its own does now in a seat (from 0)."""
    game = moment.ask.view.game
    strategy = seats.strategy(seats.Seat(rule, dict(given or {})), family=game.kind)
    cast = Cast((strategy,), np.zeros((1, game.seats), np.intp))
    found: Any = batch.answer(game, grouped(cast, game), moment.ask, deal.luck, cast).amount
    return float(found[0, seat])
