"""What a model that has no seat makes of a talk once it is over: what it is asked, and how seats are told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dilemmas.rules.game import Game
from dilemmas.rules.talk import Minute
from dilemmas.strategies import replies, scene_common
from dilemmas.strategies.minds import quoted
from dilemmas.strategies.prompted import Message
from dilemmas.strategies.telling import Telling
from dilemmas.strategies.wanted import Wanted

LIMIT, NONE = "limit", "none"
"""Options of the question for a limit, of which the first takes a number."""


def wanted(game: Game, telling: Telling, kind: str) -> Wanted:
    """What would be an answer: any text, or a limit from 0 to the capacity and none."""
    if kind == "summary":
        return Wanted(text=True)
    high, whole = float(game.capacity), bool(game.integer)  # type: ignore[attr-defined]  # limits are of commons alone
    return Wanted(
        options=(LIMIT, NONE),
        amounts=(True, False),
        low=0.0,
        high=high // 1 if whole else high,
        integer=whole,
        unit=telling.unit,
    )


def messages(game: Game, telling: Telling, kind: str, said: Sequence[Any], seats: Sequence[int]) -> tuple[Message, ...]:
    """The question of one kind about a talk; ``said`` is all of it, in order, ``seats`` those who were there."""
    called = names(game, telling)
    data: dict[str, Any] = {
        **{"nouns": scene_common.nouns(telling), "unit": telling.unit},
        "names": [called[seat] for seat in seats],
        "form": replies.form(wanted(game, telling, kind)),
    }
    lines = [f"{called[one.seat]}:\n{quoted(one.text)}" for one in said if one.text]
    parts = [scene_common.sentence(telling, f"minutes_{part}", data) for part in (game.kind, "talk", kind)]
    text = "\n\n".join([*filter(None, parts[:2]), "\n".join(lines), parts[2]])
    return ({"role": "user", "content": text},)


def names(game: Game, telling: Telling) -> list[str]:
    """What all seats are called; the two of a matrix game by their numbers, as they have no names."""
    if game.kind == "matrix":
        noun = scene_common.nouns(telling).get("player", "player")
        return [f"{noun[:1].upper()}{noun[1:]} {seat + 1}" for seat in range(game.seats)]
    return scene_common.names(telling, game.seats)


def agreed(minutes: Sequence[Minute]) -> Minute | None:
    """The limit that stands: the last that was found agreed."""
    return next((one for one in reversed(minutes) if one.kind == "limit" and one.amount is not None), None)


def limit(telling: Telling, data: Mapping[str, Any], minutes: Sequence[Minute]) -> str:
    """The limit that stands, as a seat is told it; empty where there is none."""
    found = agreed(minutes)
    if found is None:
        return ""
    talk = {**data["talk"], "agreed": found.amount, "since": found.round}
    return scene_common.sentence(telling, "talk_agreed", {**data, "talk": talk})


def summaries(telling: Telling, data: Mapping[str, Any], minutes: Sequence[Minute]) -> str:
    """Earlier talks in a sentence each, under a heading; empty where there are none."""
    if not minutes:
        return ""
    noun = str(data["nouns"]["round"]).capitalize()
    lines = [f"{noun} {one.round}:\n{quoted(one.text)}" for one in minutes]
    return "\n".join([f"{scene_common.sentence(telling, 'talk_summed_past', data)}:", *lines])
