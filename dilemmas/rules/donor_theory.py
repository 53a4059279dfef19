"""What the donor game comes to when everybody always gives the same share (Vallinder & Hughes 2024, our derivation)."""

from __future__ import annotations

from dilemmas.rules import donor_pairs


def expected_mean(
    multiplier: float,
    fraction: float,
    rounds: int = 12,
    endowment: float = 10.0,
    schedule: str = "released",
    seats: int = 12,
) -> float:
    """Mean final balance, in units, when every donor gives ``fraction`` (0 to 1) of what it has.

    All seats of a side then hold the same, so two numbers are followed: a gift of d X leaves the giving side with
    (1 - d) X and the other with Y + m d X. Under ``random`` the mean is an expectation over pairings: a seat gives
    with chance floor(n/2)/n a round and every gift adds (m - 1) d of its balance. Strict alternation of full gifts
    comes to endowment (1 + m) m^(T-1) / 2: 30,720 for m = 2, T = 12. Raises ValueError for an impossible schedule.
    """
    donor_pairs.check(schedule, seats, rounds)
    if schedule == "random":
        return endowment * (1 + (multiplier - 1) * fraction * (seats // 2) / seats) ** rounds
    sides = [endowment, endowment]
    for round_ in range(rounds):
        giver, _ = donor_pairs.turn(schedule, seats, round_)
        gift = fraction * sides[giver]
        sides[giver] -= gift
        sides[1 - giver] += multiplier * gift
    return sum(sides) / 2
