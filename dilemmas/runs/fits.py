"""Whether strategies make sense in the game they are to play, found out before anything is played or written."""

from __future__ import annotations

import numpy as np

from dilemmas.rules.game import Game
from dilemmas.runs.resolve import Cast, Human
from dilemmas.strategies.strategy import Strategy


def check(cast: Cast) -> None:
    """Raise Misfit where a member of the population has no answer to the game in a seat that it may take."""
    for member in cast.members:
        if not isinstance(member.strategy, Human):
            seated(member.strategy, cast.rules)


def seated(strategy: Strategy, game: Game) -> None:
    """Make the strategy's player for one row a seat, which is where it looks at the game; raises Misfit."""
    seats = np.arange(min(game.seats, 2))
    strategy.player([strategy], np.zeros(len(seats), np.intp), seats, game)
