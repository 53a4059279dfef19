"""Answers in JSON: as a whole reply, in a fenced block, or among other text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from dilemmas.strategies.replies_spans import SEVERAL, STRAY, UNREADABLE, Found, Meaning, Trouble, meaning
from dilemmas.strategies.replies_text import plain
from dilemmas.strategies.wanted import Wanted

_TRIES = 50
_LONGEST = 200_000
_ANSWERS = ("answer", "finalanswer", "myanswer", "choice", "mychoice", "action", "decision", "option", "move")
_AMOUNTS = ("amount", "number", "quantity", "contribution", "donation", "harvest")
_DEEPEST = 3


class _Twice(ValueError):
    """An object with a key twice, and different values."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made and made[key] != value:
            raise _Twice(key)
        made[key] = value
    return made


_DECODER = json.JSONDecoder(object_pairs_hook=_once, strict=False)
_LOOSE = json.JSONDecoder(strict=False)


def objects(text: str, wanted: Wanted) -> Iterator[tuple[int, int, Meaning]]:
    """Where answers in JSON stand in a text, and what they say: first and last place, meaning."""
    at = text.find("{") if len(text) <= _LONGEST else -1
    for _ in range(_TRIES):
        if at < 0:
            return
        try:
            held, end = _DECODER.raw_decode(text, at)
        except _Twice:
            end = _LOOSE.raw_decode(text, at)[1]
            yield at, end, SEVERAL
        except (ValueError, RecursionError):
            end = at + 1
        else:
            if (found := _answer(held, wanted, 0)) is not None:
                yield at, end, found
        at = text.find("{", end)


def _answer(held: Any, wanted: Wanted, depth: int) -> Meaning | None:
    """What an object says, or None where it has no key of an answer."""
    if not isinstance(held, Mapping) or depth > _DEEPEST:
        return None
    keys = {re.sub(r"[\W_]", "", str(key)).casefold(): value for key, value in held.items()}
    marker = re.sub(r"[\W_]", "", wanted.marker).casefold()
    answers = [keys[key] for key in dict.fromkeys((marker, *_ANSWERS)) if key in keys]
    amounts = [keys[key] for key in _AMOUNTS if key in keys and keys[key] is not None]
    if not answers and not (amounts and wanted.number):
        return None
    if wanted.options and answers:
        return _pair(answers, amounts, wanted, depth)
    return _agreed([_value(one, wanted, depth) for one in (*answers, *amounts)])


def _agreed(found: list[Meaning]) -> Meaning:
    """The one thing that all values say."""
    return found[0] if all(one == found[0] for one in found) else SEVERAL


def _value(value: Any, wanted: Wanted, depth: int) -> Meaning:
    if isinstance(value, Mapping):
        return _answer(value, wanted, depth + 1) or UNREADABLE
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return UNREADABLE
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return UNREADABLE
    return meaning(plain(value if isinstance(value, str) else repr(value)), wanted)


def _pair(answers: list[Any], amounts: list[Any], wanted: Wanted, depth: int) -> Meaning:
    """An option and an amount that stand apart."""
    if not amounts:
        return _agreed([_value(one, wanted, depth) for one in answers])
    alone = replace(wanted, amounts=(), low=None, high=None)
    option = _agreed([_value(one, alone, depth) for one in answers])
    if isinstance(option, Trouble):
        option = _agreed([_value(one, wanted, depth) for one in answers])
    number = _agreed([_value(one, replace(wanted, options=(), amounts=()), depth) for one in amounts])
    if isinstance(option, Trouble) or option.choice is None or isinstance(number, Trouble):
        return option if isinstance(option, Trouble) else number
    if not (option.choice < len(wanted.amounts) and wanted.amounts[option.choice]):
        return STRAY if number.amount else Found(option.choice)
    return SEVERAL if option.amount not in (None, number.amount) else Found(option.choice, number.amount)
