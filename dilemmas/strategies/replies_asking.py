"""How a player is told what an answer must be: in a sentence, in a schema, and after an answer that was not one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from dilemmas.strategies import replies_talk
from dilemmas.strategies.prompts import shown
from dilemmas.strategies.wanted import Wanted


def form(wanted: Wanted) -> str:
    """The one sentence of a prompt that says how to answer; empty where any text will do.

    All options are named alike, in the order in which they were shown, and no number is given as an example.
    """
    if wanted.speech:
        return replies_talk.form(wanted, "" if wanted.pledge is None else _needed(wanted.pledge))
    if wanted.text:
        return ""
    if wanted.json:
        return f"Reply with one JSON object: {_keys(wanted)}."
    return f"End your reply with one line that says {wanted.marker}: followed by {_needed(wanted)}."


def _keys(wanted: Wanted) -> str:
    """The keys of a reply in JSON, as ``schema`` has them."""
    reasons = '"reasoning" is a text with your reasons, ' if wanted.reasons else ""
    if not (wanted.options and wanted.number):
        return f'{reasons}"answer" is {_needed(wanted)}'
    options = ", ".join(wanted.listed)
    return f'{reasons}"answer" is one of these: {options}; "amount" is {_number(wanted)}, or 0 where none goes with it'


def _needed(wanted: Wanted) -> str:
    if not wanted.options:
        return _number(wanted)
    if whole := _run(wanted.options):
        return f"a whole number from {whole[0]} to {whole[1]}"
    options = ", ".join(_option(label, wanted) for label in wanted.listed)
    number = f"; the number is {_range(wanted)}" if wanted.number else ""
    return f"one of these: {options}{number}"


def _option(label: str, wanted: Wanted) -> str:
    place = wanted.options.index(label)
    takes = wanted.number and place < len(wanted.amounts) and wanted.amounts[place]
    return f"{label} and a number" if takes else label


def _run(options: Sequence[str]) -> tuple[int, int] | None:
    """The first and last of many options that are all the whole numbers between them."""
    if len(options) <= 6 or not all(label.isdecimal() for label in options):
        return None
    values = sorted(map(int, options))
    return (values[0], values[-1]) if values == list(range(values[0], values[-1] + 1)) else None


def _number(wanted: Wanted) -> str:
    return f"a {'whole ' if wanted.integer else ''}number {_range(wanted, comma='')}"


def _range(wanted: Wanted, comma: str = "whole, ") -> str:
    unit = f" ({wanted.unit})" if wanted.unit else ""
    return f"{comma if wanted.integer else ''}from {shown(wanted.low)} to {shown(wanted.high)}{unit}"


def illegal(value: Fraction, said: str, wanted: Wanted) -> str:
    """What is wrong with a number that is not allowed."""
    if wanted.high is not None and value > Fraction(wanted.high):
        return f"Your answer gives {said}, which is more than {shown(wanted.high)}."
    if wanted.low is not None and value < Fraction(wanted.low):
        return f"Your answer gives {said}, which is less than {shown(wanted.low)}."
    return f"Your answer gives {said}, which is not a whole number."


def schema(wanted: Wanted) -> dict[str, Any]:
    """The JSON schema of a reply that holds ``reasoning`` (a text, where wanted), then ``answer`` and, where options
    take one, ``amount``.

    Bounds of numbers stand in descriptions, because not all providers that take schemas know minimum and maximum.
    """
    if wanted.speech:
        return replies_talk.schema(wanted)
    parts: dict[str, Any] = {"reasoning": {"type": "string"}} if wanted.reasons else {}
    parts["answer"] = _answer(wanted)
    if wanted.options and wanted.number:
        about = f"{_number(wanted)}; 0 with an option that takes none"
        parts["amount"] = {"type": _type(wanted), "description": about}
    return {"type": "object", "properties": parts, "required": list(parts), "additionalProperties": False}


def _answer(wanted: Wanted) -> Mapping[str, Any]:
    if wanted.text:
        return {"type": "string"}
    if wanted.options:
        return {"type": "string", "enum": list(wanted.listed)}
    return {"type": _type(wanted), "description": _number(wanted)}


def _type(wanted: Wanted) -> str:
    return "integer" if wanted.integer else "number"
