"""Fines that the seats of a commons vote on once the catches of a round are known.

Every seat that harvested may name one of the others, or nobody. Who is named by more than half of the others pays
``fine`` units of what it has collected and not yet paid, and no more than that, so that nobody ends below zero. What
is paid is gone: the stock has no more of it, and nobody else gets it. The vote is held after every harvest, the one
that ruins the stock included, and where two seats or more are there. Votes by majority for a set sanction stand in for
the sanctioning institutions of Ostrom, Walker & Gardner (1992); Piatti et al. (2024) have none.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator
from pydantic import Field as Key

from dilemmas.rules.game import Answers, Ask, Bools, Floats, Ints
from dilemmas.rules.params import Amount, Parameters

KIND = "vote"
NOBODY = "nobody"


class Sanction(Parameters):
    """What the group may do to a seat by vote."""

    fine: Amount = Key(default=5.0, gt=0, description="units that the voted seat pays")


def _block(value: Any) -> Any:
    """``sanction: 5`` is short for a block with the fine, ``sanction: true`` for one with every default."""
    if isinstance(value, bool):
        return {} if value else None
    if value in ("none", "null"):
        return None
    return {"fine": value} if isinstance(value, (int, float, str)) else value


Fines = Annotated[Sanction | None, BeforeValidator(_block)]


def options(seats: int) -> tuple[str, ...]:
    """Whom one may name: nobody, or a seat by its number."""
    return (NOBODY, *(str(seat) for seat in range(1, seats + 1)))


def illegal(ask: Ask, answers: Answers) -> Bools:
    """Choices that name no seat, oneself, or one that is not there."""
    if answers.choice is None:
        raise TypeError("a vote needs a choice")
    seats = ask.who.shape[1]
    choice = np.asarray(answers.choice)
    inside = (choice >= 0) & (choice <= seats)
    target = np.clip(choice - 1, 0, seats - 1)
    there = np.take_along_axis(ask.who, target, axis=1) & (target != np.arange(seats))
    bad: Bools = ask.who & ~(inside & ((choice == 0) | there))
    return bad


def allowed(ask: Ask, row: int) -> str:
    """In words, whom the seat of a row may name."""
    episode, own = divmod(row, ask.who.shape[1])
    others = [str(seat + 1) for seat in np.flatnonzero(ask.who[episode]).tolist() if seat != own]
    return f"{NOBODY}, or the number of another seat: {', '.join(others)}"


def votes(choice: Ints, who: Bools) -> Ints:
    """How many named each seat, ``(episodes, seats)``."""
    seats = who.shape[1]
    named = np.where(who, choice, 0)[:, :, None] == np.arange(1, seats + 1)
    return np.asarray(named.sum(axis=1))


def effect(choice: Ints, who: Bools, paid: Floats) -> Floats:
    """What each vote took from the seat that it names: its part of the fine, shared by those who named it, below 0."""
    each = paid / np.maximum(votes(choice, who), 1)
    taken = np.take_along_axis(each, np.maximum(choice - 1, 0), axis=1)
    return np.where(who & (choice > 0), 0.0 - taken, 0.0)


def paid(sanction: Sanction, choice: Ints, who: Bools, held: Floats) -> Floats:
    """Units that each seat pays, of what it holds: the fine where more than half of the others named it."""
    others = who.sum(axis=1, keepdims=True) - 1
    return np.where(who & (2 * votes(choice, who) > others), np.minimum(sanction.fine, held), 0.0)
