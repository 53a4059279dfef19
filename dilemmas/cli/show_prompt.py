"""The exact messages that a model would get in a seat, and what a stand-in says between them."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dilemmas.cli.console import Console
from dilemmas.errors import UsageError
from dilemmas.report import foreign
from dilemmas.runs.preview import Prompting, preview
from dilemmas.specs import games, seats
from dilemmas.specs.games import Dilemma
from dilemmas.specs.seats import Seat
from dilemmas.strategies.prompted import Prompted


def show(seat: Seat, game: str, given: Mapping[str, Any], place: int, console: Console) -> dict[str, Any]:
    """Print what a seat is told in round 3; the same as plain data, letter by letter.

    Raises UsageError for a strategy that no model plays.
    """
    dilemma = games.load(game, given, Path())
    strategy = seats.strategy(seat, Path(), family=dilemma.kind)
    if not isinstance(strategy, Prompted):
        raise UsageError(
            f"{strategy.name} is played by a script, which is told nothing in words",
            expected="a prompted strategy, such as plain",
            remedy="See them with: dilemmas list strategies",
        )
    calls = preview(strategy, dilemma, place)
    for line in lines(strategy.name, dilemma, place, calls, console.width if sys.stdout.isatty() else None):
        console.say(line)
    return _plain(strategy.name, dilemma, place, calls)


def lines(name: str, dilemma: Dilemma, place: int, calls: Sequence[Prompting], width: int | None) -> list[str]:
    """The messages with titles between them; without a width every line is as it would be sent."""
    found = [f"{name} in {dilemma.name}, seat {place}, round {calls[0].round}; the stand-in has played so far."]
    last = ""
    for call in calls:
        for message in call.messages:
            if message["role"] == "system" and message["content"] == last:
                found += _part(call.step, "system: as above", "", width)
                continue
            last = message["content"] if message["role"] == "system" else last
            found += _part(call.step, message["role"], message["content"], width)
        found += _part(call.step, "assistant: the stand-in's reply", call.reply, width)
    return found


def _part(step: str, role: str, text: str, width: int | None) -> list[str]:
    body = foreign.visible(text).split("\n") if width is None else list(foreign.wrapped(text, width))
    return ["", f"--- {step} · {role} ---", *(body if text else [])]


def _plain(name: str, dilemma: Dilemma, place: int, calls: Sequence[Prompting]) -> dict[str, Any]:
    told = [
        {"step": call.step, "messages": [dict(message) for message in call.messages], "reply": call.reply}
        for call in calls
    ]
    return {"strategy": name, "game": dilemma.name, "seat": place, "round": calls[0].round, "prompts": told}
