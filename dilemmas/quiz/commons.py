"""Questions on common stocks: the law of growth, what can be kept up, who took what.

The class ``dynamics`` holds the four sub-skills of Piatti et al. (2024, GovSim): the stock after equal catches, an
amount that can be kept up, and the largest such amount, with equal catches assumed and without; all but the second in a
bare form (``math``) and in the words of the game. The law is the game's own, whatever its capacity, growth and seats.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import cast

import numpy as np

from dilemmas.quiz import amounts
from dilemmas.quiz.deal import Deal, Maker, Moment, alone
from dilemmas.quiz.question import Draft, Part, Right, best, number, yes
from dilemmas.rules import commons_metrics as measure
from dilemmas.rules.commons import Commons
from dilemmas.rules.commons_fines import KIND as VOTE
from dilemmas.rules.game import Answers, Ask

LEVELS = (0.5, 1, 1.5, 2.5)
"""Plans of equal catches that are compared, in parts of what can be kept up."""


def rules(deal: Deal) -> Commons:
    """The game of a deal."""
    return cast(Commons, deal.rules)


def _amount(game: Commons, value: float) -> float:
    """An amount that can be asked for: whole, or with one digit after the point."""
    return float(value // 1) if game.integer else float(value * 10 // 1) / 10


def _some(deal: Deal, low: float, high: float) -> float:
    """An amount that can be asked for, from ``low`` to ``high``."""
    game = rules(deal)
    step = 1.0 if game.integer else 0.1
    first, last = ceil(low / step - 1e-9), int(high / step + 1e-9)
    return round(deal.dice.between(first, max(first, last)) * step, 1)


def at(deal: Deal, first: int = 0) -> Moment | None:
    """A seat after some rounds in which all took what was drawn, left enough, and named nobody for a fine."""
    past = deal.rounds(first)
    game = rules(deal)

    def plan(ask: Ask) -> Answers:
        if ask.kind == VOTE:
            return Answers(choice=np.zeros(ask.who.shape, np.int64))
        stock, seats = float(ask.view.state.stock[0]), int(ask.who[0].sum())
        most = min(2 * float(game.share(np.array(stock), ask.clock)) + 1, (stock - game.collapse_below) / seats)
        return Answers(amount=np.array([[_some(deal, 0, max(most, 0)) for _ in range(game.seats)]]))

    return None if past is None else deal.moment(past, plan)


def seen(deal: Deal) -> Moment | None:
    """A seat that was there from the first round on, after a round or more: newcomers are told nothing of before."""
    moment = at(deal, 1)
    return None if moment is None or moment.seat + 1 in rules(deal).joins else moment


def start(deal: Deal) -> Moment | None:
    """A seat in the first round with a stock that was drawn, as in GovSim's tests: from a tenth of the capacity on."""
    game = rules(deal)
    stock = _some(deal, max(game.capacity / 10, game.collapse_below), game.capacity)
    return deal.moment(0, lambda ask: Answers(), rules=game.model_copy(update={"start_stock": stock}))


def _stock(moment: Moment) -> float:
    return float(moment.told.stock)


def _seats(moment: Moment) -> int:
    return int(moment.data["seats"])


def largest(deal: Deal) -> Draft | None:
    """The most that one can get in a round: all there is, in whole units where harvests are."""
    moment = at(deal)
    if moment is None:
        return None
    most = _stock(moment) // 1 if rules(deal).integer else _stock(moment)
    return deal.ask("commons_best", moment, number(most, rules(deal).capacity))


def smallest(deal: Deal) -> Draft | None:
    """The least that one can choose."""
    moment = at(deal)
    return None if moment is None else deal.ask("commons_worst", moment, number(0, rules(deal).capacity))


def legal(deal: Deal) -> Draft | None:
    """One amount that can be chosen among three that cannot."""
    moment = at(deal)
    return None if moment is None else amounts.legal(deal, moment, _stock(moment), integer=rules(deal).integer)


def _taken(deal: Deal, moment: Moment, *, ruin: bool = False) -> float | None:
    """What all take together; more than is left over on purpose only where ``ruin`` is."""
    game, stock = rules(deal), _stock(moment)
    top = stock if ruin else stock - game.collapse_below
    return _some(deal, 0, top) if top >= 0 else None


def left(deal: Deal) -> Draft | None:
    """What remains at the end of a round."""
    moment = at(deal)
    total = _taken(deal, moment) if moment is not None else None
    if moment is None or total is None:
        return None
    return deal.ask("commons_left", moment, number(_stock(moment) - total, rules(deal).capacity), total=total)


def after(deal: Deal) -> Draft | None:
    """What the next round begins with."""
    moment = at(deal)
    total = _taken(deal, moment) if moment is not None else None
    if moment is None or total is None:
        return None
    grown = float(rules(deal).grown(_stock(moment) - total))
    return deal.ask("commons_next", moment, number(grown, rules(deal).capacity), total=total)


def ruin(deal: Deal) -> Draft | None:
    """Whether so much is too much."""
    moment = at(deal)
    if moment is None or rules(deal).collapse_below <= 0:
        return None
    stock, level = _stock(moment), rules(deal).collapse_below
    near = deal.dice.below(2) == 1
    total = _some(deal, max(stock - 2 * level, 0), stock) if near else cast(float, _taken(deal, moment, ruin=True))
    return deal.ask("commons_ruin", moment, yes(round(stock - total, 9) < level), total=total)


def past(deal: Deal) -> Draft | None:
    """What somebody took in a past round."""
    moment = seen(deal)
    if moment is None:
        return None
    table = moment.told.catches
    return amounts.past(deal, moment, "commons_past", table, rules(deal).capacity)


def count(deal: Deal) -> Draft | None:
    """In how many rounds somebody took more than so much."""
    moment = seen(deal)
    return None if moment is None else amounts.count(deal, moment, "commons_count", moment.told.catches)


def total(deal: Deal) -> Draft | None:
    """What somebody took so far."""
    moment = seen(deal)
    if moment is None:
        return None
    return amounts.total(deal, moment, "commons_total", moment.told.catches, rules(deal).capacity)


def now(deal: Deal) -> Draft | None:
    """Which round it is."""
    moment = at(deal)
    return None if moment is None else deal.ask("any_round", moment, number(moment.round, moment.round, integer=True))


# -- dynamics ---------------------------------------------------------------------------------------------------------


def _put(deal: Deal, name: str, moment: Moment, answer: amounts.Answer, math: bool, amount: float = 0.0) -> Draft:
    """A question in the words of the game, or bare."""
    people = f"{_seats(moment)} people" if _seats(moment) > 1 else "One person"
    whole = ", in whole numbers" if rules(deal).integer else ""
    draft = deal.ask(f"{name}_math" if math else name, moment, answer, people=people, whole=whole, amount=amount)
    return alone(draft) if math else draft


def _after(deal: Deal, math: bool) -> Draft | None:
    moment = start(deal)
    if moment is None:
        return None
    game, seats = rules(deal), _seats(moment)
    # GovSim also asks for stocks that are lost; its answer, twice nearly nothing, is not what its rules say.
    most = _amount(game, (_stock(moment) - game.collapse_below) / seats)
    amount = _some(deal, 0, most)
    grown = float(game.grown(_stock(moment) - seats * amount))
    return _put(deal, "commons_after", moment, number(grown, game.capacity), math, amount)


def keeping(deal: Deal, moment: Moment) -> float | None:
    """What each may take so that the stock comes back; None where that would be too much for other reasons."""
    game, stock = rules(deal), np.array(_stock(moment))
    each = float(measure.share(game.threshold(stock), _seats(moment), integer=game.integer))
    return each if _stock(moment) - each * _seats(moment) >= game.collapse_below else None


def _limit(deal: Deal, name: str, math: bool) -> Draft | None:
    moment = start(deal)
    each = keeping(deal, moment) if moment is not None else None
    if moment is None or each is None:
        return None
    answer = number(each, rules(deal).capacity, integer=rules(deal).integer)
    return _put(deal, name, moment, answer, math)


def sustainable(deal: Deal) -> Draft | None:
    """The game's own question: right is any amount above nothing that can be kept up; nothing, where none can."""
    moment = start(deal)
    each = keeping(deal, moment) if moment is not None else None
    if moment is None or each is None:
        return None
    least = min(each, 1.0 if rules(deal).integer else 1e-3)
    text, wanted = moment.scene.texts["question"], moment.scene.wanted
    return (
        Draft(text, Right(low=least, high=each), moment.scene, moment.round, moment.seat + 1) if wanted.high else None
    )


DYNAMICS: Mapping[str, Maker] = {
    "after": lambda deal: _after(deal, False),
    "after-math": lambda deal: _after(deal, True),
    "sustainable": sustainable,
    "limit-equal": lambda deal: _limit(deal, "commons_equal", False),
    "limit-equal-math": lambda deal: _limit(deal, "commons_equal", True),
    "limit": lambda deal: _limit(deal, "commons_limit", False),
    "limit-math": lambda deal: _limit(deal, "commons_limit", True),
}


# -- the others, and all together -------------------------------------------------------------------------------------


def named(deal: Deal) -> Draft | None:
    """What a rule that is told in words wants now."""
    moment = seen(deal)
    others = [] if moment is None else amounts.others(moment)
    if moment is None or not others:
        return None
    seat, name = deal.dice.pick(others), deal.dice.pick(("fixed", "sustainable", "matcher"))
    amount = _some(deal, 1, max(1, _stock(moment) / 4))
    known = amounts.caught(moment.told.catches[-1], seat)
    if name == "matcher" and (not known or (rules(deal).integer and sum(known) % len(known))):
        return None
    if name == "sustainable" and rules(deal).sharers(moment.round) != _seats(moment):
        return None  # as published, a share is not that of an equal part among those who are there
    given = {"amount": amount} if name == "fixed" else {}
    value = amounts.answer(deal, moment, seat, name, given)
    rule = deal.say(f"rule_{name}", moment, amount=amount)
    who = amounts.name(moment, seat)
    return deal.ask("commons_named", moment, number(value, rules(deal).capacity), who=who, rule=rule)


def plan(deal: Deal) -> Draft | None:
    """Which plan of equal catches brings all together most, over as many rounds as are left or six."""
    moment = start(deal)
    each = keeping(deal, moment) if moment is not None else None
    if moment is None or not each:
        return None
    game, told = rules(deal), moment.told.rounds
    rounds = min(6, told or 6)
    levels = deal.dice.sample(sorted({_amount(game, each * part) for part in LEVELS}), len(LEVELS))
    right = best([kept_up(game, _stock(moment), _seats(moment), level, rounds) for level in levels])
    if right is None or rounds < 2:
        return None
    texts = [deal.say("commons_plan_item", moment, amount=level) for level in levels]
    return deal.choose("commons_plan", moment, texts, right, seen=rounds)


def kept_up(game: Commons, stock: float, seats: int, each: float, rounds: int) -> float:
    """What all get together over some rounds in which each wants the same."""
    total = 0.0
    for _ in range(rounds):
        taken = min(each * seats, stock)
        total, rest = total + taken, stock - taken
        if rest < game.collapse_below:
            break
        stock = float(game.grown(rest))
    return total


KINDS: Mapping[Part, Mapping[str, Maker]] = {
    "comprehension": {
        "best": largest,
        "worst": smallest,
        "legal": legal,
        "left": left,
        "next": after,
        "ruin": ruin,
        "past": past,
        "count": count,
        "total": total,
        "round": now,
    },
    "dynamics": DYNAMICS,
    "theory-of-mind": {"named": named},
    "planning": {"plan": plan},
}
