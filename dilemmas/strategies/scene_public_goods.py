"""How public goods games are told to models: the pot and what it pays, who gave what, tokens that take or bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from dilemmas.rules.game import Ask, Outcome
from dilemmas.rules.public_goods import PublicGoods, Punishment, Reward
from dilemmas.strategies import scene_common
from dilemmas.strategies.scene import Event, Scene, Texts
from dilemmas.strategies.telling import Telling
from dilemmas.strategies.wanted import Wanted


class _Teller:
    def scene(self, ask: Ask, row: int, telling: Telling, window: int | None, past: Sequence[Event]) -> Scene:
        """The scene of a contribution, or of the tokens for one target.

        A contribution's ``predicted`` is the mean of the others' contributions in this round.
        """
        game, view = cast(PublicGoods, ask.view.game), ask.view.told(row)
        seat, names = row % game.seats, scene_common.names(telling, game.seats)
        wanted, predicted = _wanted(game, view, telling, game.top(ask))
        data = scene_common.common(
            telling,
            view.round,
            rounds=view.rounds,
            continuation=view.continuation,
            most=game.rounds if game.told == "chance" else None,
            several=game.seats > 2,
            **_law(game, view, telling),
            **_now(view, seat, names, past),
            top=wanted.high,
        )
        data |= scene_common.recent(telling, _history(view, seat, names, past), window, data)
        return Scene(ask.kind, data, wanted, Texts(telling, data), predicted)

    def remember(self, outcome: Outcome, seat: int, telling: Telling) -> Event | None:
        """The tokens that a seat gave to a target and got in the same turn, which the view does not keep."""
        ask, game = outcome.ask, cast(PublicGoods, outcome.ask.view.game)
        rule, turn = game.stages[ask.step - 1]
        if rule is None or not ask.who[0, seat]:
            return None
        points = outcome.moves()["amount"][0]
        to, by = (seat + turn) % game.seats, (seat - turn) % game.seats
        amounts = {"gave": _plain(points[seat]), "got": _plain(points[by])}
        return {"round": int(ask.round[0]), "stage": rule.stage, "to": to, **amounts}


TELLER = _Teller()


def _wanted(game: PublicGoods, view: Any, telling: Telling, top: float) -> tuple[Wanted, Wanted | None]:
    """What is an answer, and what a prediction: a mean, which need not be whole."""
    high = highest(top, integer=game.integer)
    if view.target is not None:
        return Wanted(low=0.0, high=high, integer=game.integer, unit=f"{_token(telling, view.stage)}s"), None
    contribution = Wanted(low=0.0, high=high, integer=game.integer, whole=high, unit=telling.unit)
    return contribution, replace(contribution, integer=False)


def highest(top: float, *, integer: bool) -> float:
    """The largest amount that is legal and can be shown: whole, or with three digits after the point."""
    near = float(top // 1) if integer else round(float(top), 3)
    return near if near <= top else round(near - 0.001, 3)


def _token(telling: Telling, stage: str) -> str:
    return scene_common.nouns(telling)[stage]


def _law(game: PublicGoods, view: Any, telling: Telling) -> dict[str, Any]:
    """What does not change, with a pot worked out; rules of tokens in the order of their stages."""
    total = game.seats * game.endowment
    pot = max(10.0, game.threshold) if total >= 10 else max(total / 2, game.threshold)
    example = {"pot": pot, "grown": view.multiplier * pot, "each": view.mpcr * pot}
    rules = [rule for rule in (game.punishment, game.reward) if rule is not None]
    return {
        **{name: getattr(view, name) for name in ("endowment", "multiplier", "mpcr", "threshold", "seats", "integer")},
        "refund": game.refund,
        "example": {name: _plain(amount) for name, amount in example.items()},
        "stages": [_stage(rule, _token(telling, rule.stage), integer=game.integer) for rule in rules],
    }


def _stage(rule: Punishment | Reward, token: str, *, integer: bool) -> dict[str, Any]:
    most = highest(rule.most, integer=integer)
    amounts = {"fee": rule.fee, "effect": abs(rule.effect), "most": most}
    return {"name": rule.stage, "token": token, **{name: _plain(amount) for name, amount in amounts.items()}}


def _now(view: Any, seat: int, names: Sequence[str], past: Sequence[Event]) -> dict[str, Any]:
    target = None if view.target is None else view.target - 1
    mine = [event for event in past if event["round"] == view.round and event["stage"] == view.stage]
    return {
        "name": names[seat],
        "others": [name for other, name in enumerate(names) if other != seat],
        "earned": view.earned,
        "stage": view.stage,
        "target": None if target is None else names[target],
        "target_gave": view.target_gave,
        "given": None if target is None else _pot(seat, names, view.contributions[-1], view.missed[-1]),
        "handed": [{"name": names[event["to"]], "amount": event["gave"]} for event in mine],
    }


def _pot(seat: int, names: Sequence[str], row: Sequence[Any], missed: bool) -> dict[str, Any]:
    """A round's contributions, the player's first, as you."""
    order = [seat, *(other for other in range(len(names)) if other != seat)]
    gifts = [{"name": "you" if other == seat else names[other], "amount": row[other]} for other in order]
    return {"gifts": gifts, "mine": row[seat], "total": _plain(sum(row)), "missed": missed}


def _history(view: Any, seat: int, names: Sequence[str], past: Sequence[Event]) -> list[dict[str, Any]]:
    """One record a round that is over: contributions, tokens got and handed out in each stage, what was earned."""
    rounds = zip(view.contributions, view.missed, view.payoffs, strict=False)  # the round in progress has no payoff
    return [
        {"round": number, **_pot(seat, names, row, missed), "tokens": _tokens(number, names, past), "earned": payoff}
        for number, (row, missed, payoff) in enumerate(rounds, 1)
    ]


def _tokens(number: int, names: Sequence[str], past: Sequence[Event]) -> dict[str, Any]:
    """By stage: tokens got, without who gave them, and the targets that were given any."""
    events = [event for event in past if event["round"] == number]
    return {
        stage: {
            "got": _plain(sum(event["got"] for event in events if event["stage"] == stage)),
            "handed": [
                {"name": names[event["to"]], "amount": event["gave"]}
                for event in events
                if event["stage"] == stage and event["gave"]
            ],
        }
        for stage in dict.fromkeys(event["stage"] for event in events)
    }


def _plain(value: Any) -> int | float:
    return int(value) if float(value).is_integer() else float(value)
