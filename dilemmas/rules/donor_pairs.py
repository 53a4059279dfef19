"""Who gives to whom: the schedules of the donor game, as places that seats are dealt to.

Places ``0 .. n/2 - 1`` are side A, which gives in the first round, the rest is side B. In round ``i`` (from 0) side B
stands rotated right by ``i`` against side A, and the giving side changes every round. ``strict`` goes on like that;
``no-repeat`` is the same, cut before any pair meets again; ``released`` plays n/2 rounds of it and then the same
pairings with the roles reversed, n rounds in all, as the notebook released with Vallinder & Hughes (2024) does;
``random`` draws pairs and roles anew each round, and one seat sits out where their number is odd.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Places: TypeAlias = tuple[NDArray[np.intp], NDArray[np.intp]]
Rounds: TypeAlias = tuple[tuple[tuple[int, int], ...], ...]

SCHEDULES = ("strict", "released", "no-repeat", "random")


def places(schedule: str, seats: int, round_: int) -> Places:
    """Givers' and receivers' places in a round (from 0), ``(pairs,)`` each, pair by pair."""
    half = seats // 2
    if schedule == "random":  # the places themselves are drawn anew each round
        return np.arange(half), np.arange(half, 2 * half)
    turn = round_ % seats if schedule == "released" else round_
    shift = turn % half
    # Counted from the start of the half, so that an even n/2 makes one side give twice in a row, as released.
    toggled = (shift + turn // half if schedule == "released" else turn) % 2
    sides = np.arange(half), half + np.roll(np.arange(half), shift)
    return (sides[1], sides[0]) if toggled else sides


def given(rounds: Rounds, round_: int) -> Places:
    """The same from pairings written out (seats from 1); they start again when they are used up."""
    pairs = np.array(rounds[round_ % len(rounds)], np.intp).reshape(-1, 2) - 1
    return pairs[:, 0], pairs[:, 1]


def check(schedule: str, seats: int, rounds: int) -> None:
    """Raise ValueError where a schedule is impossible for so many seats and rounds."""
    if schedule != "random" and seats % 2:
        raise ValueError(
            f"schedule {schedule} pairs everybody off and needs an even number of seats, not {seats}; "
            "schedule random lets one sit out"
        )
    if schedule == "no-repeat" and rounds > seats // 2:
        raise ValueError(
            f"schedule no-repeat has {seats // 2} partners for each of {seats} seats when they give and receive in "
            f"turn, too few for {rounds} rounds; use rounds <= {seats // 2} or at least {2 * rounds} seats"
        )


def check_given(rounds: Sequence[Sequence[Sequence[int]]], seats: int) -> None:
    """Raise ValueError where written pairings name no seat, or a seat twice in a round."""
    if not rounds:
        raise ValueError("pairings has no rounds; give at least one list of [donor, recipient]")
    for number, pairs in enumerate(rounds, 1):
        named = [seat for pair in pairs for seat in pair]
        wrong = next((seat for seat in named if not 1 <= seat <= seats), None)
        if wrong is not None:
            raise ValueError(f"pairings: round {number} names seat {wrong}; seats count from 1 to {seats}")
        twice = next((seat for seat in named if named.count(seat) > 1), None)
        if twice is not None:
            raise ValueError(f"pairings: round {number} has seat {twice} twice; a seat is in one pair a round")
