"""Playing games of amounts by hand while every seat is told what a model would be told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from dilemmas.engine.chance import Chance
from dilemmas.rules.episode import episode
from dilemmas.rules.game import Answers, Ask, Outcome
from dilemmas.specs import games
from dilemmas.strategies.scene import Scene, teller
from dilemmas.strategies.telling import tell


class Told(NamedTuple):
    """What a seat (from 0) was told when it was asked."""

    ask: Ask
    seat: int
    scene: Scene


def scenes(
    name: str,
    given: Mapping[str, Any],
    plan: Callable[[Ask], Any],
    window: int | None = None,
    only: int | None = None,
) -> Iterator[Told]:
    """Every ask of one episode as every seat (or ``only`` one) is told it; ``plan(ask)`` answers, one amount a seat.

    Read a scene's ask before the next is drawn: the view moves on with the game.
    """
    game = games.load(name, given)
    luck = Chance.of(1, 1, 1)
    telling = tell(game.words, game.presentation, game.rules, luck, luck)
    loop, reply = episode(game.rules, luck), None
    one: Any = teller(game.rules)
    past: dict[int, list[Any]] = {seat: [] for seat in range(game.rules.seats)}
    while True:
        try:
            event = loop.send(reply)
        except StopIteration:
            return
        reply = None
        if isinstance(event, Outcome):
            for seat, events in past.items():
                events += [noted] if (noted := one.remember(event, seat, telling)) else []
        else:
            for seat in np.flatnonzero(event.who[0]).tolist() if only is None else [only]:
                yield Told(event, seat, one.scene(event, seat, telling, window, past[seat]))
            reply = Answers(amount=np.array([plan(event)], float))
            assert not game.rules.illegal(event, reply).any()


def whole(scene: Scene) -> str:
    """All texts of a scene."""
    return "\n".join(scene.texts.values())


def blemishes(text: str) -> list[str]:
    """What no prompt may hold: traces of templates, of Python, of blanks where a word was to be."""
    traces = ("None", "True", "False", "{{", "}}", "{%", "  ", " .", " ,", "..", ",,", " ?", "()", "nan")
    return [trace for trace in traces if trace in text]
