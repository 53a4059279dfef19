"""How donor games are told to models: what is on record of the recipient, and what may be given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from dilemmas.rules.donor import Donor
from dilemmas.rules.donor_pairs import turn
from dilemmas.rules.game import Ask, Outcome, Told
from dilemmas.rules.gossip import KIND
from dilemmas.strategies import scene_gossip
from dilemmas.strategies.scene import Event, Scene, Texts
from dilemmas.strategies.scene_common import common, names, percent, recent
from dilemmas.strategies.telling import Telling
from dilemmas.strategies.wanted import Wanted

STANDING = {None: None, 0.0: "bad", 1.0: "good"}


class _Teller:
    def scene(self, ask: Ask, row: int, telling: Telling, window: int | None, past: Sequence[Event]) -> Scene:
        """The scene of a donor, or of a teller of gossip; raises SpecError where a text of the words is wrong."""
        game: Donor = ask.view.game  # type: ignore[assignment]  # only asks of donor games come here
        told, called = ask.view.told(row), names(telling, game.seats)
        labels = tuple(telling.words.labels.get(name, name) for name in game.choices)
        shown = tuple(labels[i] for i in telling.order(len(labels), told.round))
        more = {**_rules(game), **_seen(game, told, called), **_people(game, row % game.seats, called)}
        more |= {"gossip": scene_gossip.rules(game, telling, called), "deed": None}
        more["heard"] = scene_gossip.heard(told, telling, called, row % game.seats)
        more |= {"several": game.seats > 2, "labels": list(labels), "options": list(shown)}
        data = common(telling, told.round, rounds=told.rounds, **more)
        rounds = [[event for event in past if event["round"] == number] for number in range(1, told.round)]
        data |= recent(telling, rounds, window, data)
        data["history"] = [_named(event, called) for events in data["history"] for event in events]
        wanted = _wanted(game, labels, shown, told.balance, telling.unit)
        predicted = Wanted(low=0, high=100, whole=100, unit="%")
        made = Scene(ask.kind, data, wanted, Texts(telling, data), predicted, wanted.order, wanted.options)
        return made if ask.kind != KIND else scene_gossip.scene(made, game, told, telling, called, row % game.seats)

    def remember(self, outcome: Outcome, seat: int, telling: Telling) -> Event | None:
        """What a seat (from 0) gave or got in a round, and of or to whom; None where it sat out."""
        moves = outcome.moves()
        giver = np.flatnonzero(outcome.ask.who[0] & (moves["partner"][0] == seat))
        if not outcome.ask.who[0, seat] and not len(giver):
            return None
        gave = bool(outcome.ask.who[0, seat])
        return _event(outcome, moves, seat if gave else int(giver[0]), gave)


TELLER = _Teller()


def _event(outcome: Outcome, moves: Mapping[str, Any], donor: int, gave: bool) -> Event:
    """``of`` is what the donor had before; a seat is in one pair a round, so nothing else changed its balance."""
    view, spent = outcome.ask.view, float(moves["amount"][0, donor])
    game: Donor = view.game  # type: ignore[assignment]  # only outcomes of donor games come here
    return {
        "round": int(outcome.ask.round[0]),
        "gave": gave,
        "seat": int(moves["partner"][0, donor]) if gave else donor,
        "amount": spent if gave else float(moves["received"][0, donor]),
        "intended": float(moves["intended_amount"][0, donor]) if gave else None,
        "of": float(view.by_seat(view.state.balance)[donor]) + spent if gave else None,
        "kind": game.choices[int(moves["action"][0, donor])],
    }


def _named(event: Event, called: Sequence[str]) -> Event:
    return {**event, "name": called[event["seat"]]}


def _wanted(game: Donor, labels: tuple[str, ...], shown: tuple[str, ...], balance: float, unit: str) -> Wanted:
    """An amount; where there is a mechanism also a choice, which has no amount for who refuses."""
    if game.mechanism == "none":
        return Wanted(low=0, high=balance, whole=balance, unit=unit)
    amounts = tuple(name != "refuse" for name in game.choices)
    return Wanted(labels, amounts, low=0, high=balance, whole=balance, unit=unit, order=shown)


def _rules(game: Donor) -> dict[str, Any]:
    """What all players know of the game."""
    return {
        **{key: getattr(game, key) for key in ("seats", "endowment", "multiplier", "punish_multiplier", "mechanism")},
        "out": _out(game),
        "written": game.pairings is not None,
        "turns": _turns(game),
        "threshold": percent(game.threshold),
        "depth": game.depth,
        "zero_trace": game.zero_trace,
        "image": game.image if "image" in game.information else None,
        "norm": norm(game) if "standing" in game.information else [],
        "observation": percent(game.observation) if game.observation < 1 else None,
        "execution_error": percent(game.execution_error) if game.execution_error else None,
        "assessment_error": percent(game.assessment_error) if game.assessment_error else None,
    }


def _out(game: Donor) -> bool:
    if game.pairings is None:
        return game.seats % 2 == 1
    return any(2 * len(pairs) < game.seats for pairs in game.pairings)


def _turns(game: Donor) -> str | None:
    """Whether the roles of a seat alternate; the released schedule has one side give twice where n/2 is even."""
    if game.pairings is not None or game.schedule == "random" or game.rounds < 2:
        return None
    givers = [turn(game.schedule, game.seats, round_)[0] for round_ in range(game.rounds)]
    return "always" if all(one != other for one, other in pairwise(givers)) else "mostly"


def norm(game: Donor) -> list[dict[str, Any]]:
    """The norm of public standing in lines: who did what to whom, and what the donor's standing becomes.

    Donors' and recipients' standings that make no difference are None, so that a norm has 2, 4 or 8 lines.
    """
    table = game.table
    third, second = (table[0] != table[1]).any(), (table[:, 0] != table[:, 1]).any()
    word = ("bad", "good")
    return [
        {
            "donor": word[donor] if third else None,
            "recipient": word[recipient] if second else None,
            "gave": bool(gave),
            "becomes": word[table[donor, recipient, gave]],
        }
        for donor in ((1, 0) if third else (0,))
        for recipient in ((1, 0) if second else (0,))
        for gave in (1, 0)
    ]


def _people(game: Donor, seat: int, called: Sequence[str]) -> dict[str, Any]:
    """Names: the reader's, and as many as an explanation of the trace takes, from the next seat on."""
    steps = range(1, game.depth + 2)
    return {"me": called[seat], "example": [called[(seat + step) % game.seats] for step in steps]}


def _seen(game: Donor, told: Told, called: Sequence[str]) -> dict[str, Any]:
    """What this donor is told in this round."""
    return {
        "partner": called[told.partner - 1],
        "balance": told.balance,
        "their_balance": told.their_balance,
        "known": told.known,
        "chain": [_step(entry, called) for entry in told.chain],
        "score": told.score,
        "my_score": told.my_score,
        "standing": STANDING[told.standing],
        "my_standing": STANDING[told.my_standing],
    }


def _step(entry: Mapping[str, Any], called: Sequence[str]) -> Mapping[str, Any]:
    share = entry["share"]
    return {
        "round": entry["round"],
        "actor": called[entry["actor"] - 1],
        "target": called[entry["target"] - 1],
        "share": None if share is None else f"{100 * share:.2f}".rstrip("0").rstrip("."),
        "kind": entry["kind"],
    }
