"""The words of a game, as its file says them, and the choices of presentation that guard against artefacts of wording.

The rules of a game have numbers and canonical names; what a player reads is made here. A family of games has a set of
texts (templates) and of frames (an opening, nouns, a unit); a game's own file may replace any of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

SECTIONS = ("rules", "past", "now", "question", "predict", "universal")
"""Texts that every family has: the rules; what happened; where things stand; what is to be decided; what to predict
of the others; what would follow if everybody did the same."""


class Frame(BaseModel):
    """A story that a game is told as: its opening, its nouns, the unit of payoffs, names for seats where it has any."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    about: str = ""
    setting: str = ""
    unit: str | None = None
    nouns: dict[str, str] = {}
    names: list[str] = []


class Words(BaseModel):
    """What players read. ``title``, ``story`` and ``labels`` are shown to people; ``text`` and ``frames`` to models."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str = ""
    story: str = ""
    unit: str = "points"
    labels: dict[str, str] = {}
    text: dict[str, str] = {}
    frames: dict[str, Frame] = {}


class Presentation(BaseModel):
    """How a game is put to a model; every draw that this asks for is seeded and kept in the tables.

    ``frame`` names a frame (default: the game's own, or neutral). ``labels`` of a matrix game's actions: ``letters``
    (from a list of neutral ones), ``names`` (the game's own) or a list. ``permute``: whether it is drawn which label
    means which action, anew for a ``run`` or an ``episode``, or ``fixed`` by the order of the list; by default once an
    episode, where no words go from one episode to another. ``order`` of the options in the question, and of the
    ``lines`` that tell payoffs: fixed, or drawn for every run, episode or round. ``payoffs_as`` words or a table.
    ``opponent``: what is said of the others: nothing (unnamed), that they are people, AI systems, or a copy of the
    player. ``goal``: nothing, or to earn as much as possible oneself (own), all together (joint), or oneself because
    those who have most will stay for another generation (stay; Vallinder & Hughes 2024). ``as_published`` tells the
    second seat of a matrix game its payoffs with the off-diagonal exchanged, as Akata et al. (2025) did.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    frame: str | None = None
    labels: Literal["letters", "names"] | list[str] = "letters"
    permute: Literal["fixed", "run", "episode"] | None = None
    order: Literal["fixed", "run", "episode", "round"] = "episode"
    lines: Literal["fixed", "run", "episode"] = "episode"
    unit: str | None = None
    payoffs_as: Literal["words", "table"] = "words"
    opponent: Literal["unnamed", "human", "ai", "copy"] = "unnamed"
    goal: Literal["none", "own", "joint", "stay"] = "own"
    as_published: bool = False


def merged(family: Words, own: Words) -> Words:
    """The words of a game over those of its family; the family has none of title, story and labels."""
    texts: Mapping[str, str] = {**family.text, **own.text}
    return own.model_copy(update={"text": dict(texts), "frames": {**family.frames, **own.frames}})
