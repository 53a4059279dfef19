"""What all families tell alike: length, the others, the goal, names, and which past rounds are told.

The sentences are texts of the words (``games/words/common.yaml``, which a family or a game may replace); here is which
of them applies, and the plain data that they are filled with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dilemmas.strategies.prompts import again
from dilemmas.strategies.telling import Telling


def common(
    telling: Telling,
    round_: int,
    *,
    rounds: int | None = None,
    continuation: float | None = None,
    most: int | None = None,
    several: bool = True,
    **more: Any,
) -> dict[str, Any]:
    """Data of a scene with the sentences ``horizon``, ``opponent``, ``goal`` and the frame's ``setting`` filled in.

    ``rounds`` and ``continuation`` are what the view says, None where players are not told; ``most`` is where a
    geometric length is cut; ``several`` whether there are more than two players. ``more`` is data of the family, which
    a setting may use. A missing noun is the neutral frame's.
    """
    chance = None if continuation is None else percent(continuation)
    data: dict[str, Any] = {
        **{"round": round_, "rounds": rounds, "chance": chance, "most": most, "several": several},
        **{"unit": telling.unit, "one": single(telling.unit), "nouns": nouns(telling)},
        **more,
    }
    length = "known" if rounds else "hidden" if continuation is None else "chance"
    presentation = telling.presentation
    data["setting"] = again(telling.frame.setting, data, "frame.setting")
    data["horizon"] = sentence(telling, f"horizon_{length}", data)
    data["opponent"] = sentence(telling, f"opponent_{presentation.opponent}", data)
    data["goal"] = sentence(telling, f"goal_{presentation.goal}", data)
    return data


def sentence(telling: Telling, name: str, data: Mapping[str, Any]) -> str:
    """A text of the words filled in, on one line; empty where there is none of this name."""
    return " ".join(again(telling.words.text.get(name, ""), data, f"words.text.{name}").split())


def nouns(telling: Telling) -> dict[str, str]:
    """The frame's nouns; those that it lacks are the neutral frame's."""
    neutral = telling.words.frames.get("neutral")
    return {**(neutral.nouns if neutral else {}), **telling.frame.nouns}


def names(telling: Telling, seats: int) -> list[str]:
    """Names of all seats: the frame's, then ``Player 6`` with the frame's noun for one of them."""
    given, noun = telling.frame.names[:seats], nouns(telling).get("player", "player")
    return [*given, *(f"{noun[:1].upper()}{noun[1:]} {seat + 1}" for seat in range(len(given), seats))]


def recent(
    telling: Telling, past: Sequence[Any], window: int | None, data: Mapping[str, Any], since: int = 1
) -> dict[str, Any]:
    """The last ``window`` of past rounds as ``history``, and ``earlier``: the sentence on those that are left out.

    ``past`` begins with the round ``since``, the first that the player knows of. A ``window`` of 0 is no memory at all:
    then nothing is said of the past.
    """
    left_out = 0 if window is None else max(len(past) - window, 0)
    known = {"left_out": left_out, "since": since}
    earlier = sentence(telling, "left_out", {**data, **known}) if left_out and window else ""
    return {**known, "history": list(past[left_out:]), "earlier": earlier}


def percent(share: float) -> str:
    """A probability or share in percent, without the sign: ``90``, ``12.5``."""
    return f"{100 * share:.10g}"


IE = ("pies", "movies", "cookies", "calories")
"""Plurals of words in -ie; all others in -ies are of words in -y."""


def single(unit: str) -> str:
    """One of a unit that is written in the plural: ``points`` is ``point``, ``tons of fish`` is ``ton of fish``."""
    head, of, rest = unit.partition(" of ")
    if head.endswith("ies"):
        head = head[:-1] if head.split(" ")[-1] in IE else f"{head[:-3]}y"
    elif head.endswith(("sses", "shes", "ches", "xes")):
        head = head[:-2]
    elif head.endswith("s") and not head.endswith("ss"):
        head = head[:-1]
    return f"{head}{of}{rest}"
