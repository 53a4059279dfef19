"""How commons games are told to models: the stock and its law, who is there, and what everybody caught."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any, cast

from dilemmas.rules.commons import Commons
from dilemmas.rules.commons_fines import KIND, NOBODY
from dilemmas.rules.game import Ask, Outcome
from dilemmas.strategies import scene_common
from dilemmas.strategies.prompts import shown
from dilemmas.strategies.scene import Event, Scene, Texts
from dilemmas.strategies.telling import Telling
from dilemmas.strategies.wanted import Wanted

WHOLE = 100.0
"""The capacity with which a part of the stock may be called a percentage."""


class _Teller:
    def scene(self, ask: Ask, row: int, telling: Telling, window: int | None, past: Sequence[Event]) -> Scene:
        """The scene of a harvest, or of a vote on what was harvested.

        ``wanted`` goes from 0 to the stock, so that a prompt can say what there is, though the rules let a seat ask
        for more; ``predicted`` is what the others will get in this round, all together.
        """
        game, view = cast(Commons, ask.view.game), ask.view.told(row)
        seat, names = row % game.seats, scene_common.names(telling, game.seats)
        law, now = _law(game, telling), _now(game, view, seat, names)
        wanted = _amount(game, view.stock, telling.unit, share=not law["apart"])
        data = scene_common.common(
            telling,
            view.round,
            rounds=view.rounds,
            continuation=view.continuation,
            most=game.rounds if game.told == "chance" else None,
            several=now["seats"] > 2,
            **law,
            **now,
            top=wanted.high,
        )
        if not now["others"]:
            data["opponent"] = ""
        since = game.joins.get(seat + 1, 1)
        history = _history(view, seat, names, {event["round"]: event["asked"] for event in past})[since - 1 :]
        if ask.kind == KIND:
            done, told = history[-1], scene_common.recent(telling, history[:-1], window, data, since)
            return _vote(game, telling, names, {**data, **told}, done)
        data |= scene_common.recent(telling, history, window, data, since)
        return Scene(ask.kind, data, wanted, Texts(telling, data), wanted if now["others"] else None)

    def remember(self, outcome: Outcome, seat: int, telling: Telling) -> Event | None:
        """What the seat asked for, which the view does not keep; it may have got less."""
        if not outcome.ask.who[0, seat] or outcome.ask.kind == KIND:
            return None
        return {"round": int(outcome.ask.round[0]), "asked": _plain(outcome.moves()["amount"][0, seat])}


TELLER = _Teller()


def _vote(
    game: Commons,
    telling: Telling,
    names: Sequence[str],
    data: dict[str, Any],
    done: dict[str, Any],
) -> Scene:
    """The scene of a vote: the round's catches, as far as all see them at once, and who may be named."""
    takes = [take for take in done["takes"] if game.sight or take["name"] == "You"]
    left = done["left"] if game.sight or not data["others"] else None
    data = {**data, "vote": {**done, "takes": takes, "left": left}, "top": 0}
    texts = dict(Texts(telling, data))
    texts |= {"now": scene_common.sentence(telling, "vote_now", data), "predict": "", "universal": ""}
    texts["question"] = scene_common.sentence(telling, "vote_question", data)
    options = (*data["others"], NOBODY)
    wanted = Wanted(options=options, order=options, noun="name")
    labels = (NOBODY, *names)
    return Scene(KIND, data, wanted, texts, None, options, labels, tuple(map(labels.index, options)))


def _amount(game: Commons, stock: float, unit: str, *, share: bool) -> Wanted:
    # As shown, for who is told that there are 66.667 may answer so; the rules do not mind a little more than there is.
    high = float(stock // 1) if game.integer else round(float(stock), 3)
    return Wanted(low=0.0, high=high, integer=game.integer, whole=high if share else None, unit=unit)


def _law(game: Commons, telling: Telling) -> dict[str, Any]:
    """What does not change: the law of growth, and what the stock is measured in where harvests have another unit."""
    nouns = scene_common.nouns(telling)
    part = nouns["percent"] if game.capacity == WHOLE else nouns["measure"]
    level = part or telling.unit
    return {
        **{name: _plain(getattr(game, name)) for name in ("capacity", "growth", "collapse_below")},
        "integer": game.integer,
        "allocation": game.allocation,
        "sight": game.sight,
        "hidden": not game.open,
        "apart": bool(part),
        "level": level,
        "level_one": scene_common.single(level),
        "examples": examples(game),
        "fine": 0 if game.sanction is None else _plain(game.sanction.fine),
    }


def _now(game: Commons, view: Any, seat: int, names: Sequence[str]) -> dict[str, Any]:
    here = game.present(view.round)
    before = game.present(view.round - 1) if view.round > 1 else here
    there = [other for other in range(game.seats) if here[other] and other != seat]
    return {
        "name": names[seat],
        "others": [names[other] for other in there],
        "seats": len(there) + 1,
        "new": [names[other] for other in there if not before[other]],
        "begins": not before[seat],
        # Rounded up, so that it stays true that more than this is too much.
        "share": view.share if game.integer else _plain(ceil(view.share * 1000) / 1000),
        **{key: getattr(view, key) for key in ("stock", "threshold", "earned", "paid")},
    }


def _history(view: Any, seat: int, names: Sequence[str], asked: Mapping[int, Any]) -> list[dict[str, Any]]:
    """One record a round: the stock, what each got (the player first, as You), what remained."""
    order = [seat, *(other for other in range(len(names)) if other != seat)]
    told = {other: "You" if other == seat else names[other] for other in order}
    rounds = enumerate(zip(view.stocks, view.catches, view.left, strict=True), 1)
    fines = dict(enumerate(view.fines, 1))
    return [
        {
            "round": number,
            "stock": stock,
            "takes": [{"name": told[other], "amount": row[other]} for other in order if row[other] is not None],
            "total": _plain(sum(amount for amount in row if amount is not None)),
            "left": left,
            "asked": asked.get(number, row[seat]),
            "mine": row[seat],
            "fined": [{"name": told[other], "amount": paid} for other, paid in _paying(fines.get(number, ()), order)],
        }
        for number, (stock, row, left) in rounds
    ]


def _paying(row: Sequence[Any], order: Sequence[int]) -> list[tuple[int, Any]]:
    return [(other, row[other]) for other in order if row and row[other]]


def examples(game: Commons) -> list[dict[str, Any]]:
    """What becomes of what remains, worked out: once below the capacity, and once where that is the limit.

    The amounts follow from the law alone: 0.6 of what grows to the capacity exactly, and half way from there to the
    capacity. They say nothing of what anybody takes. Those that would end the episode are left out.
    """
    full = game.capacity / game.growth
    found = [0.6 * full] if game.growth > 1 else [0.6 * game.capacity] if game.growth < 1 else []
    found += [(full + game.capacity) / 2] if game.growth > 1 else []
    lefts = dict.fromkeys(float(round(left)) if game.integer else float(f"{left:.2g}") for left in found)
    kept = [left for left in lefts if game.collapse_below <= left <= game.capacity and shown(left) != "0"]
    return [{"left": _plain(left), "next": _plain(game.grown(left))} for left in kept]


def _plain(value: Any) -> int | float:
    return int(value) if float(value).is_integer() else float(value)
