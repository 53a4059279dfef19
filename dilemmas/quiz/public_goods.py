"""Questions on contributions to a common pot: what it pays, what is kept, who gave what, tokens."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any, cast

import numpy as np

from dilemmas.quiz import amounts
from dilemmas.quiz.deal import Deal, Maker, Moment
from dilemmas.quiz.question import Draft, Part, Right, best, number, yes
from dilemmas.rules.game import Answers, Ask
from dilemmas.rules.public_goods import PublicGoods
from dilemmas.strategies.prompts import shown
from dilemmas.strategies.scene_common import nouns

PARTS = (0.0, 0.25, 0.5, 1.0)
"""Parts of the endowment that plans of equal contributions compare."""


def rules(deal: Deal) -> PublicGoods:
    """The game of a deal."""
    return cast(PublicGoods, deal.rules)


def _some(deal: Deal, top: float) -> float:
    """An amount from 0 to ``top``: whole, or in tenths of it where that is less than ten."""
    return (
        float(deal.dice.between(0, int(top)))
        if top >= 10 or rules(deal).integer
        else (round(top * deal.dice.between(0, 10) / 10, 3))
    )


def at(deal: Deal, first: int = 0) -> Moment | None:
    """A member after some rounds in which all gave what was drawn, and nobody any token."""
    past = deal.rounds(first)

    def plan(ask: Ask) -> Answers:
        game = rules(deal)
        given = [_some(deal, game.endowment) if ask.kind == "contribute" else 0.0 for _ in range(game.seats)]
        return Answers(amount=np.array([given]))

    return None if past is None else deal.moment(past, plan)


def paid(game: PublicGoods, own: float, all_: float) -> float:
    """What a member ends a round with, before tokens."""
    if all_ < game.threshold:
        return game.endowment if game.refund else game.endowment - own
    return game.endowment - own + game.factor * all_ / game.seats


def _bare(deal: Deal) -> str:
    return ", before any tokens" if len(rules(deal).stages) > 1 else ""


def _top(deal: Deal) -> float:
    game = rules(deal)
    return game.endowment * max(1.0, game.factor) * 2


def _money(game: PublicGoods, value: float, pot: float, top: float) -> amounts.Answer:
    """A number of units that a pot had a part in; right is also what the yield a unit gives as it is shown, rounded."""
    each = game.factor / game.seats
    off = 0.0 if pot < game.threshold else pot * (float(shown(each)) - each)
    wanted, _ = number(value, top)
    return wanted, Right(low=min(value, value + off), high=max(value, value + off))


def _extreme(deal: Deal, name: str, choose: Any) -> Draft | None:
    """The best or the worst end of a round; with a provision point that depends on fractions, and is not asked."""
    moment, game = at(deal), rules(deal)
    if moment is None or game.threshold:
        return None
    others = (0.0, (game.seats - 1) * game.endowment)
    ends = [(paid(game, own, own + rest), own + rest) for own, rest in product((0.0, game.endowment), others)]
    value, pot = choose(ends)
    return deal.ask(name, moment, _money(game, value, pot, _top(deal)), bare=_bare(deal))


def largest(deal: Deal) -> Draft | None:
    """The best end of a round."""
    return _extreme(deal, "pot_best", max)


def smallest(deal: Deal) -> Draft | None:
    """The worst end of a round."""
    return _extreme(deal, "pot_worst", min)


def share(deal: Deal) -> Draft | None:
    """What each gets from the pot."""
    moment, game = at(deal), rules(deal)
    if moment is None:
        return None
    most = game.seats * game.endowment
    total = min(max(_some(deal, most), float(np.ceil(game.threshold))), most)
    value = game.factor * total / game.seats
    return deal.ask("pot_share", moment, _money(game, value, total, _top(deal)), total=total)


def kept(deal: Deal) -> Draft | None:
    """What a member keeps."""
    moment, game = at(deal), rules(deal)
    if moment is None:
        return None
    amount = _some(deal, game.endowment)
    return deal.ask("pot_kept", moment, number(game.endowment - amount, _top(deal)), amount=amount)


def earned(deal: Deal) -> Draft | None:
    """What a member ends a round with."""
    moment, game = at(deal), rules(deal)
    if moment is None:
        return None
    amount, rest = _some(deal, game.endowment), _some(deal, (game.seats - 1) * game.endowment)
    answer = _money(game, paid(game, amount, amount + rest), amount + rest, _top(deal))
    return deal.ask("pot_earned", moment, answer, amount=amount, total=rest, bare=_bare(deal))


def missed(deal: Deal) -> Draft | None:
    """Whether so much is enough."""
    moment, game = at(deal), rules(deal)
    if moment is None or not game.threshold:
        return None
    total = _some(deal, min(2 * game.threshold, game.seats * game.endowment))
    return deal.ask("pot_missed", moment, yes(total >= game.threshold), total=total)


def legal(deal: Deal) -> Draft | None:
    """One amount that can be given among three that cannot."""
    moment, game = at(deal), rules(deal)
    return None if moment is None else amounts.legal(deal, moment, game.endowment, integer=game.integer)


def _rows(moment: Moment) -> amounts.Rows:
    return cast(amounts.Rows, moment.told.contributions)


def past(deal: Deal) -> Draft | None:
    """What somebody gave in a past round."""
    moment = at(deal, 1)
    return None if moment is None else amounts.past(deal, moment, "pot_past", _rows(moment), rules(deal).endowment)


def pot(deal: Deal) -> Draft | None:
    """What all gave in a past round."""
    moment = at(deal, 1)
    if moment is None:
        return None
    round_ = deal.dice.below(len(_rows(moment)))
    value = sum(amount or 0.0 for amount in _rows(moment)[round_])
    top = rules(deal).seats * rules(deal).endowment
    return deal.ask("pot_sum", moment, number(value, top), past=round_ + 1)


def count(deal: Deal) -> Draft | None:
    """In how many rounds somebody gave more than so much."""
    moment = at(deal, 1)
    return None if moment is None else amounts.count(deal, moment, "pot_count", _rows(moment))


def total(deal: Deal) -> Draft | None:
    """What somebody gave so far."""
    moment = at(deal, 1)
    return None if moment is None else amounts.total(deal, moment, "pot_total", _rows(moment), rules(deal).endowment)


def now(deal: Deal) -> Draft | None:
    """Which round it is."""
    moment = at(deal)
    return None if moment is None else deal.ask("any_round", moment, number(moment.round, moment.round, integer=True))


def _token(deal: Deal, name: str, effect: bool) -> Draft | None:
    moment, game = at(deal), rules(deal)
    stages = [rule for rule in (game.punishment, game.reward) if rule is not None]
    if moment is None or not stages:
        return None
    rule = deal.dice.pick(stages)
    amount = float(deal.dice.between(1, max(int(rule.most), 1)))
    if amount > rule.most:
        return None
    each = abs(rule.effect) if effect else rule.fee
    token, who = nouns(moment.telling)[rule.stage], amounts.name(moment, deal.dice.pick(amounts.others(moment)))
    answer = number(amount * each, max(rule.most * max(each, 1), 10))
    return deal.ask(name, moment, answer, amount=amount, token=token, who=who)


def token(deal: Deal) -> Draft | None:
    """What tokens cost who hands them out."""
    return _token(deal, "pot_token", False)


def token_effect(deal: Deal) -> Draft | None:
    """What tokens change for who gets them."""
    return _token(deal, "pot_token_effect", True)


def named(deal: Deal) -> Draft | None:
    """What a rule that is told in words gives now."""
    moment = at(deal, 1)
    if moment is None:
        return None
    seat, name = deal.dice.pick(amounts.others(moment)), deal.dice.pick(("free-rider", "contributor", "conditional"))
    known = amounts.caught(_rows(moment)[-1], seat)
    if name == "conditional" and rules(deal).integer and sum(known) % len(known):
        return None
    value = amounts.answer(deal, moment, seat, name)
    more = {"who": amounts.name(moment, seat), "rule": deal.say(f"rule_{name}", moment)}
    return deal.ask("pot_named", moment, number(value, _top(deal)), **more)


def plan(deal: Deal) -> Draft | None:
    """Which equal contribution is best for all together."""
    moment, game = at(deal), rules(deal)
    if moment is None:
        return None
    levels = sorted({float(int(game.endowment * part)) if game.integer else game.endowment * part for part in PARTS})
    levels = deal.dice.sample(levels, len(levels))
    right = best([paid(game, level, level * game.seats) for level in levels])
    if right is None:
        return None
    texts = [deal.say("pot_plan_item", moment, amount=level) for level in levels]
    return deal.choose("pot_plan", moment, texts, right)


KINDS: Mapping[Part, Mapping[str, Maker]] = {
    "comprehension": {
        "share": share,
        "kept": kept,
        "earned": earned,
        "missed": missed,
        "best": largest,
        "worst": smallest,
        "legal": legal,
        "past": past,
        "pot": pot,
        "count": count,
        "total": total,
        "token": token,
        "token-effect": token_effect,
        "round": now,
    },
    "theory-of-mind": {"named": named},
    "planning": {"plan": plan},
}
