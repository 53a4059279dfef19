"""Scenes of a game as models would get them, without a model: one episode, answers by a function of the test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dilemmas.engine.chance import Chance
from dilemmas.rules.episode import episode
from dilemmas.rules.game import Answers, Ask
from dilemmas.specs import games
from dilemmas.specs.games import Dilemma
from dilemmas.strategies.scene import Event, Scene, teller
from dilemmas.strategies.telling import tell

Answer = Callable[[Ask], Answers]


def loaded(name: str, **given: Any) -> Dilemma:
    return games.load(name, {key.replace("__", "."): value for key, value in given.items()})


def played(
    dilemma: Dilemma, answer: Answer, rounds: int = 1, *, seed: int = 0, window: int | None = None
) -> list[dict[int, Scene]]:
    """The scenes of every ask of the first rounds, by seat from 0."""
    game, luck = dilemma.rules, Chance.of(seed, 1, 1)
    telling = tell(dilemma.words, dilemma.presentation, game, luck, Chance.of(seed, 0, 1))
    told, past = teller(game), [list[Event]() for _ in range(game.seats)]
    scenes: list[dict[int, Scene]] = []
    loop, reply = episode(game, luck), None
    while True:
        try:
            event = loop.send(reply)
        except StopIteration:
            return scenes
        reply = None
        if isinstance(event, Ask):
            if event.round[0] > rounds:
                return scenes
            asked = [seat for seat in range(game.seats) if event.who[0, seat]]
            scenes.append({seat: told.scene(event, seat, telling, window, past[seat]) for seat in asked})
            reply = answer(event)
        else:
            kept: Mapping[int, Event | None] = {seat: told.remember(event, seat, telling) for seat in range(game.seats)}
            for seat, seen in kept.items():
                past[seat] += [] if seen is None else [seen]


def whole(scene: Scene) -> str:
    """All that a seat may read, in one text."""
    return "\n".join(scene.texts.values())
