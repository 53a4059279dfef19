"""Playing games of amounts from lists, so that tests of rules need no strategies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dilemmas.engine.chance import Chance
from dilemmas.engine.record import Played, Record
from dilemmas.rules.episode import episode
from dilemmas.rules.game import Answers, Ask, Outcome
from dilemmas.strategies.rule import Rule
from dilemmas.strategies.strategy import Cast


def drive(game: Any, luck: Chance, answer: Callable[[Ask], Any]) -> Played:
    """Play with ``answer(ask)`` giving amounts ``(episodes, seats)``."""
    record, loop, reply = Record(game, int(luck.episode[0]), keep=True), episode(game, luck), None
    while True:
        try:
            event = loop.send(reply)
        except StopIteration as end:
            return record.played(end.value, {})
        reply = None
        if isinstance(event, Outcome):
            record.add(event)
        else:
            reply = Answers(amount=np.asarray(answer(event), float))
            assert not game.illegal(event, reply).any()


def script(game: Any, wants: Any, luck: Chance | None = None) -> Played:
    """Play wants ``(rounds, seats)`` in one episode, or ``(episodes, rounds, seats)``."""
    wants = np.asarray(wants, float)
    wants = wants[None] if wants.ndim == 2 else wants
    luck = luck or Chance.of(0, 1, len(wants))
    return drive(game, luck, lambda ask: wants[:, ask.clock - 1])


def cast(episodes: int, *rules: Rule) -> Cast:
    """One seat a rule, the same in all episodes."""
    return Cast(rules, np.tile(np.arange(len(rules)), (episodes, 1)))
