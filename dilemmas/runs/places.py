"""Entries of a population that no strategy answers for: people, and those whose moves are on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dilemmas.errors import UsageError
from dilemmas.rules.game import Game, Ints
from dilemmas.specs.recorded import SEAT as RECORDED
from dilemmas.specs.seats import HUMAN
from dilemmas.strategies.strategy import Player


@dataclass(frozen=True)
class Human:
    """The place of a person; only the live driver, with a voice for the seat, can play it."""

    name: str = HUMAN
    kin: tuple[str] = (HUMAN,)

    def player(self, members: Sequence[Any], which: Ints, seats_: Ints, game: Game) -> Player:
        """No script can answer for a person."""
        raise UsageError("a person can sit only in `dilemmas play`", remedy="Give the seat a strategy.")


@dataclass(frozen=True)
class Scripted:
    """The place of somebody whose moves are on record; only the design that reads the record can play it."""

    name: str
    kin: tuple[str] = (RECORDED,)

    def player(self, members: Sequence[Any], which: Ints, seats_: Ints, game: Game) -> Player:
        """A record is of whole episodes, not of a player."""
        raise UsageError("moves on record can be played only as they were", remedy="Give the seat a strategy.")
