"""A strategy that plays every game: it proposes answers by chance until the rules let one pass."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dilemmas.rules.game import Answers, Array, Ask, Bools, Floats, Game, Ints, View
from dilemmas.testing.rules import broken

TRIES = 24
_GOLDEN = 0.6180339887498949


@dataclass(frozen=True)
class Prober:
    """Answers any ask of any game with a random choice and a random amount of at most ``2 ** reach``.

    What is legal is found by asking the game: nothing is known of its kind. A row's answer follows from its own coin
    alone. Raises BrokenContract where nothing that was proposed is allowed.
    """

    name: str = "prober"
    reach: int = 6
    source: str = ""

    @property
    def kin(self) -> Hashable:
        """Probers of one reach play together."""
        return "prober", self.reach

    def player(self, members: Sequence[Any], which: Ints, seats: Ints, game: Game) -> Guesses:
        """A player for any seats."""
        return Guesses(game, self.reach)


class Guesses:
    """Plays for probers; implements ``Player``, and checks its answers itself."""

    uniforms = 3
    trusted = True

    def __init__(self, game: Game, reach: int) -> None:
        self._game, self._reach = game, reach

    def decide(self, view: View, ask: Ask, rows: Ints | slice, coin: Floats) -> Answers:
        """The first proposal of every row that is allowed."""
        where = np.arange(len(view)) if view.where is None else view.where
        options = counts(self._game, ask.kind)[view.seat]
        choice, amount, bad = np.zeros(len(where), np.int64), np.zeros(len(where)), np.ones(len(where), bool)
        for attempt in range(TRIES):
            proposed = self._propose(attempt, options, coin.astype(np.float64))
            choice, amount = np.where(bad, proposed[0], choice), np.where(bad, proposed[1], amount)
            found = Answers(choice if options.any() else None, amount)
            bad = refused(self._game, ask, where, found)
            if not bad.any():
                return found
        place = located(ask, self._game, int(where[np.flatnonzero(bad)[0]]))
        raise broken("legal", f"none of {TRIES} proposals to a {ask.kind} ask is allowed", place)

    def _propose(self, attempt: int, options: Ints, coin: Floats) -> tuple[Ints, Floats]:
        """Amounts with fractions and without by turns; at last the smallest ones with each choice."""
        uniform = (coin + attempt * _GOLDEN) % 1
        amount = uniform[:, 2] * 2.0 ** np.floor(uniform[:, 1] * (self._reach + 1))
        if attempt < TRIES // 2:
            return (uniform[:, 0] * options).astype(np.int64), np.floor(amount) if attempt % 2 else amount
        choice = np.where(options > 0, attempt % np.maximum(options, 1), 0)
        return choice, np.full(len(coin), float(attempt % 4 == 3))


def counts(game: Game, kind: str) -> Ints:
    """How many options each seat has at a kind of ask, ``(seats,)``."""
    return np.array([len(game.options(kind, seat)) for seat in range(game.seats)])


def refused(game: Game, ask: Ask, where: Ints, answers: Answers) -> Bools:
    """Which of the answers of some rows the game does not allow, one entry a row."""
    whole = Answers(spread(ask, where, answers.choice), spread(ask, where, answers.amount))
    flagged: Bools = game.illegal(ask, whole).reshape(-1)[where]
    return flagged


def spread(ask: Ask, where: Ints, values: Array | None) -> Array | None:
    """Values of some rows in their places among all, ``(episodes, seats)``."""
    if values is None:
        return None
    whole = np.zeros(ask.who.size, values.dtype)
    whole[where] = values
    return whole.reshape(ask.who.shape)


def located(ask: Ask, game: Game, row: int) -> str:
    """Where a row stands, in words: episode, round and seat from 1."""
    episode, seat = divmod(row, game.seats)
    return f"episode {episode + 1}, round {ask.round[episode]}, seat {seat + 1}"
