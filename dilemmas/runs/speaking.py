"""A model in a seat: from what the game asks to what the model is sent, and from what it says back to a move."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from dilemmas.engine import live
from dilemmas.engine.chance import Chance
from dilemmas.engine.live import Voice, Voices
from dilemmas.engine.record import Note, Place, Played
from dilemmas.errors import Stopped
from dilemmas.models.speaker import Key, Reply
from dilemmas.rules.commons_fines import KIND as VOTE
from dilemmas.rules.commons_fines import NOBODY
from dilemmas.rules.game import Answers, Array, Ask, Game, Outcome
from dilemmas.rules.gossip import KIND as GOSSIP
from dilemmas.rules.talk import END
from dilemmas.runs.attempts import ONWARD, allowed, short
from dilemmas.runs.clerk import Clerk, Made, employ, first
from dilemmas.runs.line import Line, answered
from dilemmas.runs.resolve import Cast
from dilemmas.runs.sitting import Sitting
from dilemmas.strategies import scene_talk, telling
from dilemmas.strategies.answering import understand
from dilemmas.strategies.deliberate import Unanswered, deliberate
from dilemmas.strategies.minds import Mind
from dilemmas.strategies.prompted import Decision, Prompt, Prompted
from dilemmas.strategies.scene import Event, Scene, teller
from dilemmas.strategies.telling import Telling
from dilemmas.strategies.words import Presentation, Words


@dataclass(frozen=True)
class Manner:
    """How the game of a run is told: its words, its presentation, whether words cross from episode to episode."""

    words: Words
    presentation: Presentation
    crossing: bool


def manner(cast: Cast) -> Manner:
    """How the game of a run is told."""
    crossing = cast.experiment.inheritance.get("rule") == "told"
    return Manner(cast.game.words, cast.game.presentation, crossing)


@dataclass(eq=False)
class Speaking:
    """A model's seat in one episode; implements ``engine.live.Voice``."""

    strategy: Prompted
    line: Line
    telling: Telling
    luck: Chance
    generation: int
    agent: str
    seat: int
    notes: dict[Place, Note]
    excluded: set[int]
    said: dict[Place, Note]
    mind: Mind = field(init=False)
    past: list[Event] = field(default_factory=list)
    heard: list[scene_talk.Heard] = field(default_factory=list)
    clerk: Clerk | None = None

    def __post_init__(self) -> None:
        self.mind = Mind.of(self.strategy)

    async def answer(self, game: Game, ask: Ask, row: int) -> Answers:
        """Ask the model until it has decided; raises Stopped where it cannot be had to."""
        window = self.strategy.memory.window
        made = await self.clerk.known(ask) if self.clerk is not None else ()
        scene = self._formed(scene_talk.scene(game, ask, row, self.telling, window, self.past, self.heard, made))
        place = Place(int(self.luck.episode[0]) + 1, int(ask.round[0]), int(ask.ordinal[0]), self.seat + 1)
        decision, simulated = await self._decide(scene, ask, place)
        notes = self.said if scene.wanted.speech or ask.kind == GOSSIP else self.notes
        notes[place] = Note(
            decision.attempts,
            decision.imputed,
            decision.words,
            scene.labels,
            scene.order,
            decision.prediction,
            decision.refused,
            simulated,
            "json" if scene.wanted.json else "text",
            decision.steps,
        )
        if decision.imputed:
            return self._imputed(game, ask, scene, place)
        if ask.kind == GOSSIP:
            return _told(decision, scene)
        if ask.floor is not None:
            return _words(decision, ask.floor.company[row], row)
        return _answers(scene.meant(decision.choice), decision.amount)

    def told(self, game: Game, outcome: Outcome) -> None:
        """Keep what the view does not keep for the seat."""
        if outcome.messages is not None:
            self.heard += scene_talk.hear(outcome, self.seat)
            if self.clerk is not None:
                self.clerk.told(outcome)
            return
        event = teller(game).remember(outcome, self.seat, self.telling)
        if event is not None:
            self.past.append(event)

    def _formed(self, scene: Scene) -> Scene:
        """The scene, with answers by a schema where this model is asked so."""
        if (scene.wanted.speech and scene.kind != GOSSIP) or not self.line.schema(self.strategy.model):
            return scene
        predicted = replace(scene.predicted, json=True) if scene.predicted is not None else None
        return replace(scene, wanted=replace(scene.wanted, json=True), predicted=predicted)

    async def _decide(self, scene: Scene, ask: Ask, place: Place) -> tuple[Decision, bool]:
        give_up = self.line.reading.otherwise != "stop"
        steps = deliberate(self.strategy, scene, self.mind, lambda step: self._allowed(step, place), give_up)
        try:
            return await answered(steps, lambda prompt: self._call(prompt, ask, place))
        except Unanswered as error:
            raise self._stopped(error, place) from None

    async def _call(self, prompt: Prompt, ask: Ask, place: Place) -> Reply:
        # A stand-in's prediction would be its own move if one draw served all steps.
        purpose = "rehearsal" if prompt.step == "choose" else f"rehearsal {prompt.step}"

        def draw() -> float:
            return float(self.luck.draw(purpose, self.seat + 1, ask.clock, ask.step)[0, self.seat])

        key = self._key(prompt.step, prompt.attempt, place)
        return await self.line.ask(self.strategy.model, self.strategy.sampling, prompt, key, draw)

    def _key(self, step: str, attempt: int, place: Place) -> Key:
        where = (place.episode, place.round, place.ask, place.seat)
        return Key(self.generation, "play", *where, self.agent, step, attempt)

    def _allowed(self, step: str, place: Place) -> int:
        return allowed(self.line.reading, self.line.journal, self._key(step, 1, place))

    def _stopped(self, error: Unanswered, place: Place) -> Stopped:
        where = ", ".join(f"{name} {number}" for name, number in place._asdict().items())
        return Stopped(
            f"{self.strategy.model} gave no answer that could be used in {error.tries} ({error.kind}); "
            f"the last: {short(error.words)}",
            where=f"generation {self.generation}, {where}, step {error.step}",
            remedy=f"{ONWARD} answers: {{otherwise: random}}, exclude, or an action; see docs/how-to/models.md.",
        )

    def _imputed(self, game: Game, ask: Ask, scene: Scene, place: Place) -> Answers:
        """The answer that the experiment puts in: named, or drawn from all that are legal."""
        rule = self.line.reading.otherwise
        if rule == "exclude":
            self.excluded.add(place.episode)
        if scene.wanted.speech or ask.kind == GOSSIP:
            return Answers()  # nothing is said, and the word goes on
        if rule not in ("random", "exclude"):
            # What is named is a decision of the game's own kind; in a vote nobody is named in its stead.
            return _answers(*understand(game, ask.kind, self.seat, NOBODY if ask.kind == VOTE else rule))
        which, how_much = (
            float(self.luck.draw(purpose, self.seat + 1, ask.clock, ask.step)[0, self.seat])
            for purpose in ("imputed", "imputed amount")
        )
        return _drawn(scene, which, how_much)


def _drawn(scene: Scene, which: float, how_much: float) -> Answers:
    """A legal answer from two uniform numbers."""
    wanted = scene.wanted
    choice = int(which * len(wanted.options)) if wanted.options else None
    if not wanted.number:
        return _answers(scene.meant(choice), None)
    low, high = wanted.low or 0.0, wanted.high or 0.0
    amount = low + float(np.floor(how_much * (high - low + 1))) if wanted.integer else low + how_much * (high - low)
    if choice is not None and not wanted.amounts[choice]:
        amount = 0.0
    return _answers(choice, min(amount, high))


def _answers(choice: int | None, amount: float | None) -> Answers:
    return Answers(
        None if choice is None else np.array([choice]),
        None if amount is None else np.array([float(amount)]),
    )


def _words(decision: Decision, company: Sequence[int], row: int) -> Answers:
    """What is said; a name is one of the others who are there."""
    others = [seat for seat in company if seat != row]
    part = _answers(decision.choice, decision.amount)
    part.text = np.array([decision.text or None], object)
    named = decision.named
    part.to = None if named is None else np.array([END if named < 0 else others[named]])
    return part


def _told(decision: Decision, scene: Scene) -> Answers:
    """A message of gossip: a tone, or the option of saying nothing; words; or both."""
    tone = scene.meant(decision.named) if scene.wanted.names else decision.choice
    part = _answers(tone, None)
    part.text = np.array([decision.text or None], object)
    return part


async def sit(wanted: Sitting, line: Line, manner: Manner, people: Voices | None = None) -> Played:
    """Play the episodes of a sitting in which models have seats, and ``people`` perhaps others."""
    notes: dict[Place, Note] = {}
    said: dict[Place, Note] = {}
    excluded: set[int] = set()
    made: list[Made] = []
    once = Chance.of(line.seed, 0, 1)
    strategies = wanted.cast.strategies

    def voices(luck: Chance) -> Mapping[int, Voice]:
        row = int(luck.episode[0])
        sitting = {seat: strategies[index] for seat, index in enumerate(wanted.cast.who[row].tolist())}
        told: Any = None
        found: dict[int, Speaking] = {}
        for seat, strategy in sitting.items():
            if isinstance(strategy, Prompted):
                told = told or telling.tell(
                    manner.words, manner.presentation, wanted.game, luck, once, crossing=manner.crossing
                )
                agent = wanted.agents[int(wanted.who[row, seat])]
                place = (wanted.generation, agent, seat)
                found[seat] = Speaking(strategy, line, told, luck, *place, notes, excluded, said)
        employ(wanted.game, found, made)
        return {**found, **(people(luck) if people is not None else {})}

    def over(row: int, part: Played) -> None:
        line.watch.add(part, counts=row + 1 not in excluded)

    what = wanted.game, wanted.cast, wanted.luck, voices
    played = await live.play(*what, keep=wanted.keep, after=wanted.after, lockstep=True, over=over)
    await asyncio.sleep(0)  # a run that was served from its journal alone lets the others go on
    return replace(_without(played, excluded), notes=notes, said=said, minutes=tuple(sorted(made, key=first)))


def _without(played: Played, excluded: set[int]) -> Played:
    """With episodes (numbered from 1) that count for nothing: all that is known of how they ended is unknown."""
    if not excluded:
        return played
    rows, score = np.array(sorted(excluded)) - 1, played.score

    def unknown(column: Array) -> Array:
        made = np.array(column, np.float64)
        made[rows] = np.nan
        return made

    extra = {name: unknown(column) for name, column in score.extra.items()}
    payoff, cooperations = unknown(score.payoff), unknown(score.cooperations)
    score = replace(score, payoff=payoff, cooperations=cooperations, extra=extra)
    return replace(played, score=score, excluded=frozenset(excluded))
