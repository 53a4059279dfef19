"""The stand-in for a model: it reads what would be an answer, and gives a legal one in free text, for nothing.

It plays no better than chance and is no result: its replies are stamped as simulated.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from dilemmas.models.speaker import Message, Reply, Request, Usage

BYTES = 4  # of a token, roughly

_THOUGHTS = (
    "I have looked at the rules and at what happened so far.",
    "There is something to be said for each of the possibilities.",
    "What the others will do is hard to know from here.",
    "Thinking it over once more, my mind is made up.",
    "I weigh what I would gain against what I might lose.",
)
_ENDINGS = ("{marker}: {answer}", "**{marker}: {answer}**", "{marker}: **{answer}**", "{marker}: {answer}.")


class Rehearsal:
    """A speaker that draws an answer by the ``draw`` from [0, 1) in what is wanted, and sends nothing anywhere."""

    async def ready(self) -> None:
        """Nothing is loaded."""

    async def say(self, request: Request, timeout: float) -> Reply:
        """A legal answer to what is wanted; the same for the same draw."""
        wanted = request.wanted()
        draw = float(wanted.get("draw", 0.5))
        text = _json(wanted, draw) if "response_format" in request.sampling else _prose(wanted, draw)
        used = Usage(prompt=_tokens(request.messages), completion=_size(text), reasoning=0, cached=0)
        return Reply(text, "rehearsal", usage=used, cost=0.0, sent=dict(request.sampling), simulated=True)

    async def close(self) -> None:
        """Nothing is held."""


def _prose(wanted: Mapping[str, Any], draw: float) -> str:
    thoughts = " ".join(_thoughts(draw))
    if wanted.get("speech"):
        return _speech(wanted, draw)
    if wanted.get("text") or not _asked(wanted):
        marker = wanted.get("marker") or "ANSWER"
        return thoughts if marker == "ANSWER" else f"{thoughts}\n\n{marker}: {thoughts}"
    option, amount = drawn(wanted, draw)
    answer = " ".join(part for part in (option, _number(amount)) if part)
    ending = _ENDINGS[_digit(draw, 3) % len(_ENDINGS)]
    return f"{thoughts}\n\n" + ending.format(marker=wanted.get("marker") or "ANSWER", answer=answer)


def _speech(wanted: Mapping[str, Any], draw: float) -> str:
    """Something said, as long as talk may be: the stand-in ends none before it has to end."""
    lines, names, pledge = [" ".join(_thoughts(draw))], wanted.get("names") or (), wanted.get("pledge")
    if pledge:
        option, amount = drawn(pledge, draw)
        lines.append(f"PLEDGE: {' '.join(part for part in (option, _number(amount)) if part)}")
    if names:
        lines.append(f"{wanted['naming']}: {names[int(draw * len(names)) % len(names)]}")
    return "\n".join(lines)


def _json(wanted: Mapping[str, Any], draw: float) -> str:
    thoughts = " ".join(_thoughts(draw))
    if wanted.get("speech"):
        names = wanted.get("names") or ()
        named = {str(wanted["naming"]).lower(): names[int(draw * len(names)) % len(names)]} if names else {}
        return json.dumps({"words": thoughts, **named}, ensure_ascii=False)
    if wanted.get("text") or not _asked(wanted):
        return json.dumps({"reasoning": "", "answer": thoughts})
    option, amount = drawn(wanted, draw)
    made: dict[str, Any] = {"reasoning": thoughts, "answer": option if option is not None else amount}
    if option is not None and wanted.get("low") is not None and any(wanted.get("amounts") or ()):
        made["amount"] = amount or 0  # that there is one is part of the form; 0 with an option that takes none
    return json.dumps(made, ensure_ascii=False)


def drawn(wanted: Mapping[str, Any], draw: float) -> tuple[str | None, float | int | None]:
    """The option and the amount that a draw from [0, 1) falls on; None where the answer has none."""
    options, amounts = wanted.get("options") or (), wanted.get("amounts") or ()
    if not options:
        return None, _amount(wanted, draw)
    place = min(int(draw * len(options)), len(options) - 1)
    taking = place < len(amounts) and amounts[place]
    return options[place], _amount(wanted, draw * len(options) - place) if taking else None


def _amount(wanted: Mapping[str, Any], draw: float) -> float | int | None:
    if wanted.get("low") is None:
        return None
    low = float(wanted["low"])
    high = low + 10 if wanted.get("high") is None else float(wanted["high"])
    if wanted.get("integer"):
        first, last = math.ceil(low), math.floor(high)
        return min(first + int(draw * (last - first + 1)), last)
    # Two digits are what a player would write; where the range is narrower than they are, all of them.
    exact = low + draw * (high - low)
    near = round(exact, 2)
    return near if low <= near <= high else min(max(exact, low), high)


def _asked(wanted: Mapping[str, Any]) -> bool:
    return bool(wanted.get("options")) or wanted.get("low") is not None


def _thoughts(draw: float) -> list[str]:
    first = _digit(draw, 1) % len(_THOUGHTS)
    second = (first + 1 + _digit(draw, 2) % (len(_THOUGHTS) - 1)) % len(_THOUGHTS)
    return [_THOUGHTS[first], _THOUGHTS[second]][: 1 + _digit(draw, 4) % 2]


def _digit(draw: float, place: int) -> int:
    """A digit of a draw, far enough behind the point that it says little about the answer."""
    return int(draw * 10 ** (place + 3)) % 10


def _number(amount: float | int | None) -> str:
    return (
        "" if amount is None else f"{amount:.12f}".rstrip("0").rstrip(".") if isinstance(amount, float) else str(amount)
    )


def _tokens(messages: tuple[Message, ...]) -> int:
    return sum(_size(message["content"]) for message in messages)


def _size(text: str) -> int:
    return math.ceil(len(text.encode()) / BYTES)
