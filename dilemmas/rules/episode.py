"""The only round loop: a generator that yields what is asked and what came of it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from dilemmas.rules.game import Answers, Ask, Bools, Game, Luck, Outcome, Score
from dilemmas.rules.talking import Talking


def episode(game: Game, luck: Luck, speakers: Bools | None = None) -> Generator[Ask | Outcome, Answers | None, Score]:
    """Play the episodes of ``luck`` from start to end.

    Yields an :class:`Ask` and must be sent its :class:`Answers`; yields an :class:`Outcome` after each, and returns
    the :class:`Score`. The drivers in ``dilemmas.engine`` answer it, for thousands of episodes at once or for one.
    ``speakers`` ``(episodes, seats)`` says who has anything to say where the game has talk; None for nobody.
    """
    state, talking = game.start(luck), Talking.of(game, luck, speakers)
    ask = game.ask(state)
    while ask is not None:
        if talking is not None:
            yield from talking.before(state, ask)
        answers = yield ask if talking is None else talking.counted(ask)
        if answers is None:
            raise TypeError("an episode was resumed without answers to its ask")
        state, outcome = game.settle(state, answers, luck)
        if outcome is not None:
            yield outcome if talking is None else replace(outcome, ask=talking.counted(outcome.ask))
        following = game.ask(state)
        if talking is not None:
            yield from talking.after(state, talking.counted(ask), following)
        ask = following
    return game.score(state)
