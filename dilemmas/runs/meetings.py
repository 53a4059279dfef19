"""Who meets whom in a tournament: every pair, or every split of two kinds over the seats of a larger game."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from dilemmas.rules.game import Game, Ints
from dilemmas.rules.matrix import Matrix


@dataclass(frozen=True)
class Plan:
    """Which strategies meet in one repetition: ``who`` ``(matches, seats)``, and the two ``kinds`` of each match."""

    who: Ints
    kinds: Ints
    split: Ints

    @property
    def matches(self) -> int:
        """Matches a repetition."""
        return len(self.who)


def plan(game: Game, strategies: int, self_play: bool) -> Plan:
    """All unordered pairs (both seatings where the game is asymmetric), or all splits k : N - k of each pair.

    ``kinds`` is ``(matches, 2)``; ``split`` says how many seats the first kind takes.
    """
    if game.seats != 2:
        return _splits(game.seats, strategies)
    pairs = [(i, j) for i in range(strategies) for j in range(i, strategies) if self_play or i != j]
    if isinstance(game, Matrix) and not game.symmetric:
        pairs = [seating for i, j in pairs for seating in ([(i, j), (j, i)] if i != j else [(i, j)])]
    who = np.array(pairs, np.int64).reshape(-1, 2)
    return Plan(who, who, np.ones(len(who), np.int64))


def _splits(seats: int, strategies: int) -> Plan:
    who, kinds, split = [], [], []
    for i, j in itertools.combinations(range(strategies), 2):
        for k in range(seats + 1):
            who.append([i] * k + [j] * (seats - k))
            kinds.append((i, j))
            split.append(k)
    return Plan(np.array(who), np.array(kinds), np.array(split))
