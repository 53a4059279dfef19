"""The only round loop: a generator that yields what is asked and what came of it."""

from __future__ import annotations

from collections.abc import Generator

from dilemmas.rules.game import Answers, Ask, Game, Luck, Outcome, Score


def episode(game: Game, luck: Luck) -> Generator[Ask | Outcome, Answers | None, Score]:
    """Play the episodes of ``luck`` from start to end.

    Yields an :class:`Ask` and must be sent its :class:`Answers`; yields an :class:`Outcome` after each, and returns
    the :class:`Score`. The drivers in ``dilemmas.engine`` answer it, for thousands of episodes at once or for one.
    """
    state = game.start(luck)
    while (ask := game.ask(state)) is not None:
        answers = yield ask
        if answers is None:
            raise TypeError("an episode was resumed without answers to its ask")
        state, outcome = game.settle(state, answers, luck)
        if outcome is not None:
            yield outcome
    return game.score(state)
