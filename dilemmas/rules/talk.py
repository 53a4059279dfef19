"""Talk: an ask of its own around the decisions of a round, in every game; words bind nobody and change no rule.

Who may say something is asked one at a time, ``Ask(kind="talk")``, and answers with a text (or None: nothing is said),
with whom it names, and with what it pledges. The round loop (``dilemmas.rules.episode``) runs the conversation before
the first decision of a round, after its last one, or both. Where nobody can speak it costs nothing and asks nothing.

The order in which the next speaker is named by the one who speaks is that of Piatti et al. (2024), as is the first
seat's opening of it; cheap talk before a decision is older (Crawford 1998; Balliet 2010 for social dilemmas).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Annotated, Any, Literal, TypeAlias

import numpy as np
from pydantic import BeforeValidator, SerializerFunctionWrapHandler, model_serializer, model_validator
from pydantic import Field as Key

from dilemmas.rules.game import Answers, Ask, Bools, Floor, Game
from dilemmas.rules.params import Count, Parameters

KIND = "talk"
END, PASS = -1, -2
"""Whom a speaker names where it is no seat: nobody, which ends the talk; or nothing is said of it: it goes on."""
STEPS = {"before": 1000, "after": 2000}  # where talk finds its luck: no game asks so often in a round

When = Literal["before", "after"]
Circle: TypeAlias = tuple[int, ...]
"""Seats of an episode that talk with one another and hear what is said aloud."""


@dataclass(frozen=True, slots=True)
class Minute:
    """What a model that has no seat made of a talk once it was over: a ``summary`` in a sentence, or the ``limit``.

    ``round`` and ``when`` say which talk; ``amount`` is the limit for each, in the game's units, None for none.
    """

    round: int
    when: str
    kind: str
    text: str = ""
    amount: float | None = None


def _listed(value: Any) -> Any:
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",")]
    return tuple(dict.fromkeys(value)) if isinstance(value, (list, tuple)) else value


def _block(value: Any) -> Any:
    """``talk: after`` and ``talk: true`` are short for a block."""
    if isinstance(value, bool):
        return {} if value else None
    return {"when": value} if isinstance(value, (str, list, tuple)) and value not in ("none", "null") else value


class Talk(Parameters):
    """What may be said in a round, when, by whom and to whom."""

    when: Annotated[tuple[When, ...], BeforeValidator(_listed), Key(min_length=1)] = Key(
        default=("before",), description="before the decisions of a round, after them, or a list of both"
    )
    order: Literal["fixed", "random", "named"] = Key(
        default="fixed",
        description="seat by seat; drawn; or the first seat begins and each speaker names the next, or ends the talk",
    )
    turns: Count | None = Key(default=None, description="most utterances of one talk (as many as there are seats)")
    private: bool = Key(default=False, description="heard by one other alone: the partner, or whom the speaker names")
    report: Literal["none", "moderator", "each"] = Key(
        default="none", description="commons: who tells all catches of the round at the beginning of the talk"
    )
    pledges: bool = Key(default=False, description="whether a speaker may pledge what it will decide next")
    limit: Literal["none", "median", "framework"] = Key(
        default="none",
        description="commons: the group's limit, told to all: the middle of what was last pledged, or what a model "
        "that reads the talk finds agreed",
    )
    summary: bool = Key(default=False, description="whether a model sums up each talk; told later in its place")
    model: str | None = Key(
        default=None, description="the model that reads talk, for limit: framework and summary (the first seat's)"
    )
    closing: bool = Key(default=False, description="whether there is talk after the last round as well, as published")

    @model_validator(mode="after")
    def _counted(self) -> Talk:
        if self.limit == "median" and (not self.pledges or self.private):
            raise ValueError("a limit is taken from pledges that all hear: it needs pledges: true, and no private talk")
        if self.minutes and self.private:
            raise ValueError("private talk has no group's limit and no summary: nobody hears all of it")
        return self

    @model_serializer(mode="wrap")
    def _said(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without what is newer than some results and was not set, so that their settings are still the same."""
        newer = {"summary": False, "model": None}
        return {key: value for key, value in handler(self).items() if key not in newer or value != newer[key]}

    @property
    def minutes(self) -> tuple[str, ...]:
        """What a model makes of a talk that is over, in the order in which it is asked."""
        return ("summary",) * self.summary + ("limit",) * (self.limit == "framework")

    def naming(self, company: int) -> str:
        """The marker of the name that a speaker among so many has to give: NEXT, TO, or empty for none."""
        if self.order == "named":
            return "NEXT"
        return "TO" if self.private and company > 2 else ""


Spoken = Annotated[Talk | None, BeforeValidator(_block)]


def check(talk: Talk | None, kind: str) -> None:
    """Raise ValueError for a report or a limit of catches where there are none."""
    for key in ("report", "limit"):
        if talk is not None and kind != "commons" and getattr(talk, key) != "none":
            raise ValueError(f"talk.{key} is about catches, which a {kind} game does not have")


def limit(pledges: Sequence[float]) -> float | None:
    """The limit of a group: the median of what its members pledged last; None where nobody pledged."""
    known = [amount for amount in pledges if amount == amount]
    return float(median(known)) if known else None


def silence(ask: Ask) -> Answers:
    """Nothing said, named or pledged, by anybody."""
    shape = ask.who.shape
    text = np.full(shape, None, object)
    return Answers(np.full(shape, -1), np.full(shape, np.nan), text, np.full(shape, PASS))


def put(answers: Answers, part: Answers, row: int) -> None:
    """One seat's part among all answers to a talk ask; what it leaves out stays unsaid."""
    for name in ("choice", "amount", "text", "to"):
        value = getattr(part, name)
        if value is not None:
            getattr(answers, name).reshape(-1)[row] = value[0]


def wrong(ask: Ask, answers: Answers) -> Bools:
    """Which asked seats answered with what is no utterance, or named a seat that does not listen."""
    assert ask.floor is not None and answers.text is not None and answers.to is not None
    bad = np.zeros(ask.who.shape, bool)
    seats = ask.who.shape[1]
    for row in np.flatnonzero(ask.who).tolist():
        text, to = answers.text.reshape(-1)[row], int(answers.to.reshape(-1)[row])
        heard = to in (END, PASS) or (to in ask.floor.company[row] and to != row % seats)
        bad.reshape(-1)[row] = not (text is None or isinstance(text, str)) or not heard
    return bad


def company(game: Game, ask: Ask, row: int, private: bool) -> list[Circle]:
    """The circles of an episode at the first ask of a round: as the game says, else all who are asked."""
    found = getattr(game, "company", None)
    if found is not None:
        return [tuple(circle) for circle in found(ask, row, private)]
    return [tuple(np.flatnonzero(ask.who[row]).tolist())]


def samples(game: Game, ask: Ask) -> list[Ask]:
    """Asks to speak as they could come with the first ask of an episode, one for each talk of a round."""
    talk: Talk | None = getattr(game, "talk", None)
    seats = [seat for circle in company(game, ask, 0, talk.private) for seat in circle] if talk is not None else []
    if talk is None or len(seats) < 2:
        return []
    who = np.zeros(ask.who.shape, bool)
    who[0, seats] = True
    around = {seat: circle for circle in company(game, ask, 0, talk.private) for seat in circle}
    most = {seat: talk.turns or len(circle) for seat, circle in around.items()}
    floors = [Floor(when, 1, around, most, who & talk.pledges) for when in talk.when]
    return [replace(ask, kind=KIND, who=who, step=STEPS[floor.when] + 1, floor=floor) for floor in floors]
