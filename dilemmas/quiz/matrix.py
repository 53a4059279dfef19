"""Questions on games of two with options: payoffs, what is allowed, what happened, what would be good for both."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import cast

import numpy as np

from dilemmas.quiz import others
from dilemmas.quiz.deal import Deal, Maker, Moment
from dilemmas.quiz.question import Draft, Part, Right, best, number, option
from dilemmas.rules.game import Answers, Ask, Floats
from dilemmas.rules.matrix import Matrix
from dilemmas.strategies.scene_matrix import payoffs
from dilemmas.strategies.telling import LETTERS, numbered
from dilemmas.strategies.wanted import Wanted

PAIRS = 4  # choices of a question on pairs or plans
Cell = tuple[int, int]
"""Own action, and the other's."""


def rules(deal: Deal) -> Matrix:
    """The game of a deal."""
    return cast(Matrix, deal.rules)


def at(deal: Deal, first: int = 0) -> Moment | None:
    """Either seat after some rounds in which both did whatever was drawn."""
    past = deal.rounds(first)
    if past is None:
        return None

    def plan(ask: Ask) -> Answers:
        return Answers(choice=np.array([[deal.dice.below(len(names)) for names in rules(deal).names]]))

    return deal.moment(past, plan)


def tables(deal: Deal, moment: Moment) -> tuple[Floats, Floats]:
    """What the seat, and the other, get for ``(own action, other's)``, as the seat is told it."""
    return payoffs(rules(deal), moment.seat, as_published=moment.telling.presentation.as_published)


def labels(moment: Moment) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Own labels and the other's, in canonical order."""
    return moment.telling.labels[moment.seat], moment.telling.labels[1 - moment.seat]


def chosen(moment: Moment, *, other: bool) -> Wanted:
    """An option of the seat, or of the other, is wanted."""
    wanted = moment.scene.predicted if other else moment.scene.wanted
    return cast(Wanted, wanted)


def seen(deal: Deal, moment: Moment) -> list[Cell]:
    """What both did, as the seat was told it."""
    names = rules(deal).names
    mine, theirs = names[moment.seat], names[1 - moment.seat]
    told = moment.told
    return [(mine.index(own), theirs.index(other)) for own, other in zip(told.mine, told.theirs, strict=True)]


def cells(table: Floats) -> list[Cell]:
    """All pairs of actions."""
    return list(product(range(table.shape[0]), range(table.shape[1])))


def _payoff(deal: Deal, other: int) -> Draft | None:
    moment = at(deal)
    if moment is None:
        return None
    both = tables(deal, moment)
    mine, theirs = deal.dice.pick(cells(both[0]))
    told = labels(moment)
    name = "matrix_payoff_other" if other else "matrix_payoff"
    return _points(deal, moment, name, both[other][mine, theirs], mine=told[0][mine], theirs=told[1][theirs])


def _points(deal: Deal, moment: Moment, name: str, value: float, rounds: int = 1, **more: str) -> Draft:
    """A question whose answer is a number of points, of one round or several."""
    both = tables(deal, moment)
    losses = bool(min(table.min() for table in both) < 0)
    top = rounds * max(float(np.abs(table).max()) for table in both)
    return deal.ask(name, moment, number(float(value), top, losses=losses), losses=losses, **more)


def payoff(deal: Deal) -> Draft | None:
    """Own payoff of a pair of choices."""
    return _payoff(deal, 0)


def payoff_other(deal: Deal) -> Draft | None:
    """The other's payoff of a pair of choices."""
    return _payoff(deal, 1)


def largest(deal: Deal) -> Draft | None:
    """The best that can happen in a round."""
    moment = at(deal)
    return None if moment is None else _points(deal, moment, "matrix_best", float(tables(deal, moment)[0].max()))


def smallest(deal: Deal) -> Draft | None:
    """The worst that can happen in a round."""
    moment = at(deal)
    return None if moment is None else _points(deal, moment, "matrix_worst", float(tables(deal, moment)[0].min()))


def legal(deal: Deal) -> Draft | None:
    """One label that can be chosen among three that cannot."""
    moment = at(deal)
    if moment is None:
        return None
    own = labels(moment)[0]
    foreign = [label for label in LETTERS if label not in {*own, *labels(moment)[1]}]
    if numbered(rules(deal)):
        values = [int(label) for label in own]
        foreign = [str(max(values) + step) for step in range(1, 9)]
    texts = [deal.dice.pick(own), *deal.dice.sample(foreign, 3)]
    shown = deal.dice.sample(texts, len(texts))
    return deal.choose("matrix_legal", moment, shown, shown.index(texts[0]))


def _past(deal: Deal, side: int) -> Draft | None:
    moment = at(deal, 1)
    if moment is None:
        return None
    story = seen(deal, moment)
    past = deal.dice.between(1, len(story))
    answer = chosen(moment, other=bool(side)), Right((story[past - 1][side],))
    return deal.ask("matrix_past_other" if side else "matrix_past", moment, answer, past=past)


def past(deal: Deal) -> Draft | None:
    """Own choice in a past round."""
    return _past(deal, 0)


def past_other(deal: Deal) -> Draft | None:
    """The other's choice in a past round."""
    return _past(deal, 1)


def _count(deal: Deal, side: int) -> Draft | None:
    moment = at(deal, 1)
    if moment is None:
        return None
    story = seen(deal, moment)
    action = deal.dice.pick(story)[side]
    times = sum(cell[side] == action for cell in story)
    named = {"theirs" if side else "mine": labels(moment)[side][action]}
    name = "matrix_count_other" if side else "matrix_count"
    return deal.ask(name, moment, number(times, len(story), integer=True), **named)


def count(deal: Deal) -> Draft | None:
    """How often the seat chose an option."""
    return _count(deal, 0)


def count_other(deal: Deal) -> Draft | None:
    """How often the other chose an option."""
    return _count(deal, 1)


def _total(deal: Deal, side: int) -> Draft | None:
    moment = at(deal, 1)
    if moment is None:
        return None
    story, table = seen(deal, moment), payoffs(rules(deal), moment.seat)[side]
    value = sum(float(table[cell]) for cell in story)
    return _points(deal, moment, "matrix_total_other" if side else "matrix_total", value, len(story))


def total(deal: Deal) -> Draft | None:
    """Own payoffs so far, added up."""
    return _total(deal, 0)


def total_other(deal: Deal) -> Draft | None:
    """The other's payoffs so far, added up."""
    return _total(deal, 1)


def now(deal: Deal) -> Draft | None:
    """Which round it is."""
    moment = at(deal)
    return None if moment is None else deal.ask("any_round", moment, number(moment.round, moment.round, integer=True))


def _offered(deal: Deal, moment: Moment, name: str, worth: Floats) -> Draft | None:
    """Some pairs of choices, of which one is worth most."""
    offered = deal.dice.sample(cells(worth), PAIRS)
    right = best([float(worth[cell]) for cell in offered])
    if right is None:
        return None
    return deal.choose(name, moment, [_pair(deal, moment, cell) for cell in offered], right)


def _pair(deal: Deal, moment: Moment, cell: Cell) -> str:
    own, other = labels(moment)
    return deal.say("matrix_pair", moment, mine=own[cell[0]], theirs=other[cell[1]])


def together(deal: Deal) -> Draft | None:
    """The pair of choices with the largest sum."""
    moment = at(deal)
    if moment is None:
        return None
    own, other = tables(deal, moment)
    return _offered(deal, moment, "matrix_together", own + other)


def fair(deal: Deal) -> Draft | None:
    """The pair of choices that is best for whoever gets less (Rawls 1971)."""
    moment = at(deal)
    return None if moment is None else _offered(deal, moment, "matrix_fair", np.minimum(*tables(deal, moment)))


def turns(deal: Deal) -> Draft | None:
    """The plan for two rounds that is best for whoever gets less over both: often to take turns."""
    moment = at(deal)
    if moment is None or longest_left(deal, moment) < 2:
        return None
    both = tables(deal, moment)
    every = cells(both[0])
    plans = [tuple(sorted((deal.dice.pick(every), deal.dice.pick(every)))) for _ in range(PAIRS)]
    if len(set(plans)) < PAIRS:
        return None
    worth = [min(float(sum(table[cell] for cell in plan)) for table in both) for plan in plans]
    right = best(worth)
    if right is None:
        return None
    texts = ["; then ".join(_pair(deal, moment, cell) for cell in plan) for plan in plans]
    return deal.choose("matrix_turns", moment, texts, right)


def longest_left(deal: Deal, moment: Moment) -> int:
    """Rounds that are left to play, the present one included; 2 where players cannot know."""
    told = moment.told.rounds
    return 2 if told is None else told - moment.round + 1


def reply(deal: Deal) -> Draft | None:
    """The best reply to a choice of the other."""
    moment = at(deal)
    if moment is None:
        return None
    own = tables(deal, moment)[0]
    theirs = deal.dice.below(own.shape[1])
    right = best(own[:, theirs].tolist())
    if right is None:
        return None
    answer = option(moment.scene.wanted.options, moment.scene.wanted.listed, right, moment.scene.wanted.noun)
    return deal.ask("matrix_reply", moment, answer, theirs=labels(moment)[1][theirs])


KINDS: Mapping[Part, Mapping[str, Maker]] = {
    "comprehension": {
        "payoff": payoff,
        "payoff-other": payoff_other,
        "best": largest,
        "worst": smallest,
        "legal": legal,
        "past": past,
        "past-other": past_other,
        "count": count,
        "count-other": count_other,
        "total": total,
        "total-other": total_other,
        "round": now,
    },
    "theory-of-mind": {"named": others.named, "listed": others.listed},
    "planning": {"together": together, "fair": fair, "turns": turns, "reply": reply},
    "onlooker": {"watched": others.watched},
}
