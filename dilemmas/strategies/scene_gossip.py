"""How gossip is told to models: its rules, what a donor has heard, and what a teller saw and may say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dilemmas.rules.donor import Donor
from dilemmas.rules.game import Told
from dilemmas.rules.gossip import Gossip, options
from dilemmas.strategies import replies_talk
from dilemmas.strategies.minds import quoted
from dilemmas.strategies.scene import Scene
from dilemmas.strategies.scene_common import sentence
from dilemmas.strategies.telling import Telling
from dilemmas.strategies.wanted import Wanted

YOU = "you"


def rules(game: Donor, telling: Telling, called: Sequence[str]) -> Mapping[str, Any] | None:
    """What all players know of gossip, as plain data; None where there is none."""
    gossip = game.gossip
    if gossip is None:
        return None
    return {
        **{key: getattr(gossip, key) for key in ("by", "form", "heard_by", "reach", "keep")},
        "tones": list(_labels(gossip, telling)[:-1]),
        "nothing": _labels(gossip, telling)[-1],
        "ring": list(called) if gossip.heard_by == "neighbours" else [],
    }


def heard(told: Told, telling: Telling, called: Sequence[str], seat: int) -> list[Mapping[str, Any]]:
    """What a donor (a seat from 0) has heard or told of its recipient, newest first; words stand between marks."""
    return [
        {
            "round": one["round"],
            "name": YOU if one["teller"] - 1 == seat else called[one["teller"] - 1],
            "tone": None if one["tone"] is None else _label(one["tone"], telling),
            "words": quoted(one["text"] or ""),
        }
        for one in told.gossip
    ]


def scene(made: Scene, game: Donor, told: Told, telling: Telling, called: Sequence[str], seat: int) -> Scene:
    """The scene of a teller, from that of a donor: another ``now``, another question, other answers."""
    gossip = game.gossip
    assert gossip is not None
    labels = _labels(gossip, telling)
    order = telling.order(len(labels), told.round)
    shown = tuple(labels[place] for place in order)
    data = {**made.data, "deed": _deed(told, called, seat), "labels": list(labels), "options": list(shown)}
    texts = {**made.texts, "predict": "", "universal": ""}
    texts["now"], texts["question"] = (sentence(telling, f"gossip_{part}", data) for part in ("now", "question"))
    wanted = _wanted(gossip, labels, shown)
    choices = tuple(order) if gossip.form == "both" else ()
    return replace(
        made, data=data, wanted=wanted, texts=texts, predicted=None, order=shown, labels=labels, choices=choices
    )


def _label(name: str, telling: Telling) -> str:
    return telling.words.labels.get(name, name)


def _labels(gossip: Gossip, telling: Telling) -> tuple[str, ...]:
    """What tones, and saying nothing, are called in prompts; in the order of the rules."""
    return tuple(_label(name, telling) for name in options(gossip))


def _wanted(gossip: Gossip, labels: tuple[str, ...], shown: tuple[str, ...]) -> Wanted:
    """A tone, words that others hear, or both."""
    if gossip.form == "tone":
        return Wanted(labels, order=shown, noun="tone")
    named = shown if gossip.form == "both" else ()
    return Wanted(text=True, speech=True, names=named, naming=replies_talk.TONE if named else "", quiet=labels[-1])


def _deed(told: Told, called: Sequence[str], seat: int) -> Mapping[str, Any]:
    """What the teller is told of: as the trace would have it, and in units."""
    share = told.deed_share
    poor = told.deed != "refuse" and (share is None or (share == 1 and told.deed_units == 0))
    return {
        "by": called[told.deed_by - 1],
        "to": called[told.deed_to - 1],
        "mine": told.deed_by - 1 == seat,
        "yours": told.deed_to - 1 == seat,
        "kind": told.deed,
        "poor": poor,
        "share": None if share is None else f"{100 * share:.2f}".rstrip("0").rstrip("."),
        "units": told.deed_units,
        "effect": told.deed_effect,
    }
