"""What scripted seats say when a game has talk: the line of their strategy's file, or nothing."""

from __future__ import annotations

import numpy as np

from dilemmas.rules import talk
from dilemmas.rules.game import Answers, Ask, Bools, Game
from dilemmas.strategies.answering import understand
from dilemmas.strategies.moves import MAIN
from dilemmas.strategies.strategy import Cast, Says


def line(strategy: object) -> Says | None:
    """The line of a strategy, None where it has none."""
    return getattr(strategy, "says", None)


def speakers(cast: Cast) -> Bools | None:
    """Which seats have a line, ``(episodes, seats)``; None where nobody has."""
    able = np.array([line(strategy) is not None for strategy in cast.strategies])
    return able[cast.who] if able.any() else None


def answers(game: Game, ask: Ask, cast: Cast) -> Answers:
    """The lines of the asked seats that have one; raises IllegalAnswer for a pledge that is no answer to the game."""
    found = talk.silence(ask)
    seats = ask.who.shape[1]
    for row in np.flatnonzero(ask.who).tolist():
        says = line(cast.strategies[cast.who.reshape(-1)[row]])
        if says is not None:
            talk.put(found, _part(game, ask, row, seats, says), row)
    return found


def _part(game: Game, ask: Ask, row: int, seats: int, says: Says) -> Answers:
    part = Answers(text=np.array([says.text], object))
    if says.pledge is None or ask.floor is None or not ask.floor.pledging.reshape(-1)[row]:
        return part
    choice, amount = understand(game, MAIN.get(game.kind, "move"), row % seats, says.pledge)
    part.choice = None if choice is None else np.array([choice])
    part.amount = None if amount is None else np.array([amount])
    return part
