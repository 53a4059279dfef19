"""One round of the donor game: what donors do, what it changes, and what the public makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dilemmas.rules import donor_norms, donor_pairs
from dilemmas.rules.donor_switches import Switches
from dilemmas.rules.game import Answers, Array, Ask, Bools, Floats, Ints, Luck

DONATE, PUNISH, REFUSE = range(3)  # as in donor_trace.KINDS
_HAIR = 1e-12  # part of a balance that rounding may leave where all of it was meant


def _none() -> Array:
    return np.empty(0, np.intp)


@dataclass(slots=True)
class Play:
    """A batch in progress; arrays are flat, a row a seat, but for ``order`` and ``known``, ``(episodes, seats)``.

    ``mate`` is the recipient's row of every seat that gives this round, -1 for the others; ``donors`` are the rows
    that give, in order, ``recipients`` the rows that they give to, ``own`` their balances. ``order`` holds rows by
    place. ``punished`` counts the turns in which a seat punished. What the game does not use is None; ``log`` and
    ``deeds`` are of ``donor_gossip``: what was told, and what is to be told of before the next pairs are made.
    """

    episodes: int
    balance: Floats
    given: Floats
    decisions: NDArray[np.int32]
    mate: NDArray[np.intp]
    donors: NDArray[np.intp] = field(default_factory=_none)
    recipients: NDArray[np.intp] = field(default_factory=_none)
    own: Floats = field(default_factory=_none)
    order: NDArray[np.intp] | None = None
    sides: donor_pairs.Sides | None = None
    known: Bools | None = None
    chain: Array | None = None
    image: NDArray[np.int8] | None = None
    standing: NDArray[np.int8] | None = None
    punished: NDArray[np.int32] | None = None
    round: int = 0
    ask: Ask | None = None
    log: Any = None
    deeds: Any = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What the donors of a round did, an entry a donor, in the order of their rows.

    ``spent`` is after execution errors, ``intended`` before; ``received`` is the change of the recipient's balance;
    ``share`` is the part of the balance spent (0 where there was none), ``recorded`` the same as the trace has it
    (NaN where it has none); ``rich`` had units to give. ``kind`` is None where all donate.
    """

    donors: Ints
    recipients: Ints
    kind: Ints | None
    spent: Floats
    intended: Floats
    received: Floats
    share: Floats
    recorded: Floats
    rich: Bools


def take(game: Switches, state: Play, answers: Answers, luck: Luck) -> Turn:
    """Read the donors' answers; nothing is changed yet."""
    donors, recipients, own = state.donors, state.recipients, state.own
    kind = _kinds(game, answers, donors)
    intended = _most(_amounts(answers, donors), own)
    if kind is not None:
        intended = np.where(kind == REFUSE, 0.0, intended)
    spent = _stumble(game, intended, kind, donors, luck, state.round + 1)
    received = spent * game.multiplier
    if kind is not None and game.mechanism == "punish":
        taken = _most(spent * game.punish_multiplier, state.balance[recipients])
        received = np.where(kind == PUNISH, 0.0 - taken, received)
    rich = own > 0
    share = spent / own if rich.all() else np.divide(spent, own, out=np.zeros(len(own)), where=rich)
    recorded = _recorded(game, share, rich, kind)
    return Turn(donors, recipients, kind, spent, intended, received, share, recorded, rich)


def pay(state: Play, turn: Turn) -> None:
    """Change the balances, and count what was given. Nobody is in two pairs of a round, so no row repeats."""
    state.balance[turn.donors] = state.own - turn.spent
    state.balance[turn.recipients] += turn.received
    state.given[turn.donors] += turn.share if turn.kind is None else np.where(turn.kind == DONATE, turn.share, 0.0)
    state.decisions += state.mate >= 0  # in one pass over all seats, four times as fast as picking the donors out
    if not turn.rich.all():
        state.decisions[turn.donors[~turn.rich]] -= 1
    if state.punished is not None and turn.kind is not None:
        state.punished[turn.donors] += turn.kind == PUNISH


def _amounts(answers: Answers, donors: Ints) -> Floats:
    # No amount at all is right only where everybody refuses; NaN lets nothing else pass.
    return np.full(len(donors), np.nan) if answers.amount is None else answers.amount.reshape(-1)[donors]


def _most(amount: Floats, limit: Floats) -> Floats:
    """Amounts cut at a limit. A hair less is all of it: shares that add up to one must not leave dust to give from."""
    return np.where(amount >= limit * (1 - _HAIR), limit, amount)


def _kinds(game: Switches, answers: Answers, donors: Ints) -> Ints | None:
    if answers.choice is None or game.mechanism == "none":
        return None
    kind = answers.choice.reshape(-1)[donors].astype(np.intp)
    return kind * REFUSE if game.mechanism == "refuse" else kind


def _stumble(game: Switches, intended: Floats, kind: Ints | None, donors: Ints, luck: Luck, clock: int) -> Floats:
    """With the chance of an execution error a gift fails; punishments do not."""
    if not game.execution_error:
        return intended
    fails = luck.draw("execution", game.seats, clock).reshape(-1)[donors] < game.execution_error
    return np.where(fails if kind is None else fails & (kind == DONATE), 0.0, intended)


def _recorded(game: Switches, share: Floats, rich: Bools, kind: Ints | None) -> Floats:
    recorded = share if rich.all() else np.where(rich, share, game.blank)
    if kind is None:
        return recorded
    return np.where(kind == REFUSE, 0.0, recorded)  # a refusal is known, whatever the balance


def illegal(game: Switches, state: Play, answers: Answers) -> Bools:
    """Which donors answered with what is not allowed, an entry a donor."""
    amount = _amounts(answers, state.donors)
    # A hair of slack: 0.2 b + 0.8 b may come out above b. What is spent is cut at the balance.
    wrong: Bools = ~((amount >= 0) & (amount <= state.own * (1 + 1e-9)))
    if answers.choice is None:
        return wrong
    choice = answers.choice.reshape(-1)[state.donors]
    if game.mechanism == "refuse":
        wrong &= choice != 1
    return wrong | (choice < 0) | (choice >= len(game.choices))


def gave(game: Switches, turn: Turn) -> Bools:
    """Which donors count as having given: at least the threshold, and not to punish or refuse."""
    enough = donor_norms.reaches(turn.recorded, game.threshold)
    return enough if turn.kind is None else enough & (turn.kind == DONATE)


def judge(game: Switches, state: Play, turn: Turn, luck: Luck) -> None:
    """Give the donors their new public reputations; where the trace has no share, the old ones stay."""
    wrong, did = None, gave(game, turn)
    if game.assessment_error:
        uniform = luck.draw("assessment", game.seats, state.round + 1).reshape(-1)
        wrong = uniform[turn.donors] < game.assessment_error
    unknown = None if game.zero_trace == "one" else np.isnan(turn.recorded)
    if state.image is not None:
        old, seen = state.image[turn.donors], did if wrong is None else did ^ wrong
        new = donor_norms.scored(old, seen, game.image == "integer")
        state.image[turn.donors] = new if unknown is None else np.where(unknown, old, new)
    if state.standing is not None:
        old = state.standing[turn.donors]
        new = donor_norms.assess(game.table, old, state.standing[turn.recipients], did)
        new = new if wrong is None else new ^ wrong
        state.standing[turn.donors] = new if unknown is None else np.where(unknown, old, new)


def columns(ask: Ask, turn: Turn, seats: int) -> Mapping[str, Array]:
    """Columns of the moves table, ``(episodes, seats)`` each.

    ``payoff`` is the change of the donor's balance and ``received`` that of its ``partner`` (a seat from 0); a seat's
    endowment, its payoffs, and what is received in the rows whose partner it is make its final balance. ``share`` is
    what the trace records. A gift that failed has ``amount`` 0 and its ``intended_amount``.
    """

    def spread(values: Array, empty: float) -> Array:
        whole = np.full(ask.who.size, empty, values.dtype)
        whole[turn.donors] = values
        return whole.reshape(ask.who.shape)

    action = np.zeros(len(turn.donors), np.intp) if turn.kind is None else np.minimum(turn.kind, 1)
    return {
        "action": spread(action, -1),
        "intended": spread(action, -1),
        "amount": spread(turn.spent, np.nan),
        "intended_amount": spread(turn.intended, np.nan),
        "payoff": spread(0.0 - turn.spent, np.nan),
        "received": spread(turn.received, np.nan),
        "partner": spread(turn.recipients % seats, -1),
        "share": spread(turn.recorded, np.nan),
    }
