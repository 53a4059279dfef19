"""A strategy that is a language model with a way of being asked: a voice, steps, a memory."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from dilemmas.errors import UsageError
from dilemmas.rules.game import Game, Ints
from dilemmas.strategies.strategy import Player
from dilemmas.strategies.wanted import Wanted

Message = Mapping[str, str]


@dataclass(frozen=True)
class Step:
    """One call of a decision: its name is that of its template; asked in rounds start, start + every, ...

    ``kind`` says what the reply is: an answer to the ask (choose), a prediction of the others' (predict), free text
    that later steps may use (think), free text that is kept from round to round and written anew (write), or a note
    for the stream with its importance (note). The last two, and every step that skips rounds, run at the first ask of
    a round; where a seat is not asked in the round that it would be due, it runs when the seat is asked next. What one
    generation tells the next (teach) is asked between them.
    ``reasons`` says whether a reply by a JSON schema has room for reasons. ``after`` is talk for a step that is asked
    once the seat has heard some, before it decides; empty for every other.
    """

    name: str
    kind: Literal["choose", "predict", "think", "write", "note", "teach"] = "think"
    every: int = 1
    start: int = 1
    reasons: bool = True
    after: Literal["", "talk"] = ""

    @property
    def kept(self) -> bool:
        """Whether its text outlives the ask, and it runs once a round at most."""
        return self.kind in ("write", "note") or (self.kind == "think" and self.every > 1)

    def due(self, round_: int, last: int | None, fresh: bool = False) -> bool:
        """Whether it is asked in a round, having run in the round ``last``; ``fresh``: there was talk to think of."""
        if round_ < self.start or (self.after == "talk" and not fresh):
            return False
        return (self.every == 1 and not self.kept) or last is None or round_ - last >= self.every


LESSONS = ("found", "learn", "tell")
"""Templates of what is asked between generations: of founders, of newcomers, of those whom newcomers hear."""
SPEAK = Step("talk", "choose")
"""The step of an ask for words, in every strategy: one call an utterance, by the template ``talk``."""
TELL = Step("gossip", "choose")
"""The step of an ask for gossip, likewise: one call a message, by the template ``gossip``."""


@dataclass(frozen=True)
class Memory:
    """What a seat is told of the past: nothing, the last ``rounds``, all of it, a summary that it writes itself, or
    a stream of notes from which the most important, recent and relevant are taken (Park et al. 2023).
    """

    kind: Literal["none", "last", "full", "summary", "stream"] = "full"
    rounds: int | None = None
    notes: int = 10

    @property
    def window(self) -> int | None:
        """Past rounds that are told in full; None for all."""
        return {"none": 0, "full": None}.get(self.kind, self.rounds)


@dataclass(frozen=True)
class Prompted:
    """A prompted strategy; ``templates`` holds ``system``, ``recall`` and one text a step, ``places`` their files.

    ``sampling`` is what providers are sent, ``model`` is the model in the seat, ``persona`` a sentence or several about
    who it is to be, ``text`` its strategy in words where it has written or inherited one, ``parameters`` what the
    strategy's file declares of its own for its templates.
    """

    name: str
    steps: tuple[Step, ...]
    templates: Mapping[str, str]
    memory: Memory = Memory()
    sampling: Mapping[str, Any] = field(default_factory=dict)
    persona: str = ""
    model: str = ""
    text: str = ""
    source: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def kin(self) -> Hashable:
        """Seats of one prompted strategy and model."""
        return ("prompted", self.name, self.model)

    def player(self, members: Sequence[Any], which: Ints, seats: Ints, game: Game) -> Player:
        """No script can answer for a model."""
        raise UsageError(f"{self.name} is played by a model, and nothing here can ask one")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A call that a decision needs: which step, which attempt at it (from 1), the messages, what would be a reply."""

    step: str
    attempt: int
    messages: tuple[Message, ...]
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Decision:
    """What came of an ask: the answer in canonical terms, and how it came about.

    ``choice`` and ``amount`` are as in ``Answers``; ``attempts`` counts calls of the choosing step, ``imputed`` says
    that no answer could be used, so that the experiment's rule put one in (then ``choice`` and ``amount`` are None
    until the driver draws them); ``words`` is what was read as the answer, ``prediction`` the canonical prediction,
    ``refused`` what was the matter with the first reply to the choosing step, empty where it could be used. ``text``
    and ``named`` are what was said where words were asked for; choice and amount are a pledge then. ``steps`` are those
    before the choosing one: the kind of each, and whether its first reply could be used.
    """

    choice: int | None
    amount: float | None
    attempts: int
    imputed: bool = False
    words: str = ""
    prediction: str | None = None
    refused: str = ""
    text: str = ""
    named: int | None = None
    steps: tuple[tuple[str, bool], ...] = ()
