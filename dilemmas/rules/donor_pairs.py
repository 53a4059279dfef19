"""Who gives to whom: the schedules of the donor game, as places that seats are dealt to.

Places ``0 .. n/2 - 1`` are side A, which gives in the first round, the rest is side B. In round ``i`` (from 0) side B
stands rotated right by ``i`` against side A, and the giving side changes every round. ``strict`` goes on like that;
``no-repeat`` is the same, cut before any pair meets again; ``released`` plays n/2 rounds of it and then the same
pairings with the roles reversed, n rounds in all, as the notebook released with Vallinder & Hughes (2024) does;
``random`` draws pairs and roles anew each round, and one seat sits out where their number is odd.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from dilemmas.rules.params import Whole

Rows: TypeAlias = NDArray[np.intp]
Rounds: TypeAlias = tuple[tuple[tuple[Whole, Whole], ...], ...]

SCHEDULES = ("strict", "released", "no-repeat", "random")


def turn(schedule: str, seats: int, round_: int) -> tuple[int, int]:
    """Which side gives in a round (from 0), 0 for A, and by how much side B is rotated."""
    half = seats // 2
    if schedule != "released":
        return round_ % 2, round_ % half
    cycle = round_ % seats
    # Toggled from the start of either half, so that an even n/2 makes one side give twice in a row, as released.
    return (cycle % half + cycle // half) % 2, cycle % half


@dataclass(frozen=True)
class Sides:
    """The rows of both sides, dealt once: ``dealt`` ``(episodes, n/2)`` in order of places, ``rows`` the same sorted.

    ``index`` says where a sorted row was dealt. Sorting once makes a round two passes in order of memory and one out
    of order, where scattering pairs into place each round took three out of order (a third of the time of a large
    game).
    """

    dealt: tuple[Rows, Rows]
    rows: tuple[Rows, Rows]
    index: tuple[Rows, Rows]

    @classmethod
    def of(cls, order: Rows, second: NDArray[np.bool_]) -> Sides:
        """From rows by place, ``(episodes, n)``; in ``second`` games ``(episodes,)`` every pair is reversed."""
        half = order.shape[1] // 2
        first, other = order[:, :half], order[:, half:]
        if second.any():
            # Side B in A's place gives to whom it got from, if places are counted backwards: k - i turns into i - k.
            back = -np.arange(half) % half
            swap = second[:, None]
            first, other = np.where(swap, other[:, back], first), np.where(swap, first[:, back], other)
        place, gives = np.empty(order.size, np.intp), np.zeros(order.size, bool)
        place[first.reshape(-1)] = place[other.reshape(-1)] = np.arange(first.size)
        gives[first.reshape(-1)] = True
        rows = np.flatnonzero(gives), np.flatnonzero(~gives)
        return cls((first, other), rows, (place[rows[0]], place[rows[1]]))

    def meet(self, giver: int, shift: int) -> tuple[Rows, Rows]:
        """Rows of donors, in order, and of their recipients."""
        across = np.roll(self.dealt[1 - giver], -shift if giver else shift, axis=1)
        return self.rows[giver], across.reshape(-1)[self.index[giver]]


def listed(rounds: Rounds, round_: int) -> tuple[Rows, Rows]:
    """Donors' and recipients' places from pairings written out (seats from 1), which start again when used up."""
    pairs = np.array(rounds[round_ % len(rounds)], np.intp).reshape(-1, 2) - 1
    return pairs[:, 0], pairs[:, 1]


def halves(seats: int) -> tuple[Rows, Rows]:
    """Places of donors and recipients where an order is drawn every round; the last of an odd number sits out."""
    half = seats // 2
    return np.arange(half), np.arange(half, 2 * half)


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
