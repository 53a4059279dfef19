"""The model that reads talk and has no seat: it is asked once a talk, when the next decision or talk begins.

What it finds binds nobody. Where no model will hear of it, because none has a seat or nobody decides any more, it is
not asked; where the experiment puts something in for an unusable answer, that is no limit and no summary, and marked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dilemmas.engine.record import Note, Place
from dilemmas.errors import Stopped
from dilemmas.models.speaker import Key, Reply
from dilemmas.rules.game import Ask, Game, Outcome
from dilemmas.rules.talk import Minute
from dilemmas.runs.attempts import ONWARD, allowed, short
from dilemmas.runs.line import answered
from dilemmas.strategies import deliberate, minutes
from dilemmas.strategies.deliberate import Unanswered
from dilemmas.strategies.prompted import Prompt, Step
from dilemmas.strategies.scene_talk import Heard, hear

if TYPE_CHECKING:
    from dilemmas.runs.speaking import Speaking

Talk = tuple[int, str]
"""A round, and before or after its decisions."""
Made = tuple[Place, Minute, Note, str]
"""As in ``Played.minutes``."""


def employ(game: Game, voices: Mapping[int, Speaking], made: list[Made]) -> None:
    """Give the voices of an episode a clerk, where the game has its talk read and any model has a seat."""
    talk: Any = getattr(game, "talk", None)
    if talk is None or not talk.minutes or not voices:
        return
    voice = voices[min(voices)]
    clerk = Clerk(game, reader(talk.model, voice.strategy.model), voice, made)
    for one in voices.values():
        one.clerk = clerk


def reader(named: str | None, otherwise: str) -> str:
    """The model that reads talk: the one that the game names, or that of the first seat with one."""
    return otherwise if named is None or named == "default" else named


def first(made: Made) -> Place:
    """Minutes in the order of their places."""
    return made[0]


@dataclass(eq=False)
class Clerk:
    """Keeps the talk of an episode and asks what came of it; ``voice`` is that of the first seat with a model.

    ``excluded`` is as in ``Speaking``; ``made`` holds what was found, as ``Played.minutes``.
    """

    game: Game
    model: str
    voice: Speaking
    made: list[Made]
    heard: dict[Talk, list[Heard]] = field(default_factory=dict)
    company: dict[Talk, tuple[int, ...]] = field(default_factory=dict)
    last: dict[Talk, int] = field(default_factory=dict)
    found: list[Minute] = field(default_factory=list)
    _asking: dict[Talk, asyncio.Task[None]] = field(default_factory=dict)

    def told(self, outcome: Outcome) -> None:
        """Keep an utterance; every voice of the episode tells of it, and it is kept once."""
        floor, ask = outcome.ask.floor, outcome.ask
        if floor is None or outcome.messages is None:
            return
        here = int(ask.round[0]), floor.when
        if self.last.get(here, 0) >= int(ask.ordinal[0]):
            return
        self.last[here] = int(ask.ordinal[0])
        speaker, circle = next(iter(floor.company.items()))
        self.company[here] = circle
        self.heard.setdefault(here, []).extend(hear(outcome, speaker))

    async def known(self, ask: Ask) -> Sequence[Minute]:
        """What was made of all talk that is over; asks where that was not done yet, once for all voices."""
        now = (int(ask.round[0]), ask.floor.when) if ask.floor is not None else None
        for talk, said in list(self.heard.items()):
            if talk != now and any(one.text for one in said):
                if talk not in self._asking:
                    self._asking[talk] = asyncio.create_task(self._ask(talk))
                await self._asking[talk]
        return self.found

    async def _ask(self, talk: Talk) -> None:
        rules: Any = self.game
        for kind in rules.talk.minutes:
            minute, note, place = await self._one(talk, kind)
            self.made.append((place, minute, note, self.model))
            self.found.append(minute)

    async def _one(self, talk: Talk, kind: str) -> tuple[Minute, Note, Place]:
        line, telling = self.voice.line, self.voice.telling
        place = self._place(talk, kind)
        asked = minutes.messages(self.game, telling, kind, self.heard[talk], self.company[talk])
        answer = minutes.wanted(self.game, telling, kind)
        give_up = line.reading.otherwise != "stop"
        steps = deliberate.answered(Step(kind), asked, answer, lambda step: self._allowed(step, place), give_up)
        try:
            heard, simulated = await answered(steps, lambda prompt: self._call(prompt, place))
        except Unanswered as error:
            raise self._stopped(error, place) from None
        said = heard.said
        note = Note(heard.attempts, said is None, said.words if said else "", simulated=simulated)
        return self._minute(talk, kind, said, place), note, place

    def _place(self, talk: Talk, kind: str) -> Place:
        """Where it stands among messages: numbers that follow the last utterance's, and no seat's."""
        rules: Any = self.game
        number = self.last[talk] + 1 + rules.talk.minutes.index(kind)
        return Place(int(self.voice.luck.episode[0]) + 1, talk[0], number, 0)

    def _minute(self, talk: Talk, kind: str, said: Any, place: Place) -> Minute:
        if said is None:
            if self.voice.line.reading.otherwise == "exclude":
                self.voice.excluded.add(place.episode)
            return Minute(*talk, kind)
        if kind == "summary":
            return Minute(*talk, kind, said.text)
        return Minute(*talk, kind, said.words, said.amount if said.choice == 0 else None)

    async def _call(self, prompt: Prompt, place: Place) -> Reply:
        def draw() -> float:
            return float(self.voice.luck.draw("rehearsal", 1, place.round, place.ask)[0, 0])

        key = self._key(prompt.step, prompt.attempt, place)
        return await self.voice.line.ask(self.model, self.voice.strategy.sampling, prompt, key, draw)

    def _key(self, step: str, attempt: int, place: Place) -> Key:
        return Key(self.voice.generation, "play", *place, "", step, attempt)

    def _allowed(self, step: str, place: Place) -> int:
        return allowed(self.voice.line.reading, self.voice.line.journal, self._key(step, 1, place))

    def _stopped(self, error: Unanswered, place: Place) -> Stopped:
        return Stopped(
            f"{self.model} gave no answer that could be used about a talk in {error.tries} ({error.kind}); "
            f"the last: {short(error.words)}",
            where=self._key(error.step, 1, place).words,
            remedy=f"{ONWARD} answers: {{otherwise: random}}, or another model with talk.model.",
        )
