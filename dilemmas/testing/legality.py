"""Whether a game tells right answers from wrong ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from dilemmas.rules.game import Answers, Array, Ask, Bools, Game
from dilemmas.testing.prober import counts, located
from dilemmas.testing.rules import broken

NONSENSE = {"nan": np.nan, "-1": -1.0, "inf": np.inf, "-inf": -np.inf}


def options(game: Game, ask: Ask) -> None:
    """Check the names of choices."""
    for seat in range(game.seats):
        names = list(game.options(ask.kind, seat))
        if len(set(names)) < len(names) or not all(isinstance(name, str) for name in names):
            raise broken("options", f"options are {names}", f"{ask.kind} ask, seat {seat + 1}")
        if names != list(game.options(ask.kind, seat)):
            raise broken("options", f"{names} the first time, not the second", f"{ask.kind} ask, seat {seat + 1}")


def check(game: Game, ask: Ask, answers: Answers) -> None:
    """Check ``illegal`` and ``allowed`` around legal answers."""
    row = int(np.flatnonzero(ask.who)[0])
    said: Any = game.allowed(ask, row)
    if not isinstance(said, str) or not said.strip():
        raise broken("legal", f"allowed says {said!r}", located(ask, game, row))
    if flagged(game, ask, answers).any():
        raise broken(
            "legal", "the same answers are legal once and not the next time", f"{ask.kind} ask of clock {ask.clock}"
        )
    tops = np.broadcast_to(counts(game, ask.kind), ask.who.shape)
    _choices(game, ask, answers, tops)
    if not tops.any():
        _amounts(game, ask, answers, tops, None)
    for code in sorted({0, 1, int(tops.max()) - 1} & set(range(int(tops.max())))):
        _amounts(game, ask, answers, tops, code)


def flagged(game: Game, ask: Ask, answers: Answers) -> Bools:
    """What ``illegal`` says, its form checked."""
    found: Any = game.illegal(ask, answers)
    if not isinstance(found, np.ndarray) or found.dtype != bool or found.shape != ask.who.shape:
        raise broken("refuses", f"illegal returns {found!r}", place(ask))
    if (found & ~ask.who).any():
        row = int(np.flatnonzero(found & ~ask.who)[0])
        raise broken("refuses", "a seat is flagged that was not asked", located(ask, game, row))
    flags: Bools = found
    return flags


def place(ask: Ask) -> str:
    """Which ask, in words."""
    return f"{ask.kind} ask of clock {ask.clock}"


def _choices(game: Game, ask: Ask, answers: Answers, tops: Array) -> None:
    if answers.choice is None:
        return
    for wrong in (np.full(ask.who.shape, -1), np.where(tops > 0, tops, 1)):
        passed = ask.who & (tops > 0) & ~flagged(game, ask, Answers(wrong, answers.amount))
        if passed.any():
            row = int(np.flatnonzero(passed)[0])
            raise broken(
                "refuses", f"choice {wrong.flat[row]} passes, with {tops.flat[row]} options", located(ask, game, row)
            )


def _amounts(game: Game, ask: Ask, answers: Answers, tops: Array, code: int | None) -> None:
    """Every nonsensical amount is flagged; where none is, the choice takes no amount."""
    choice = None if code is None else np.minimum(code, np.maximum(tops - 1, 0))
    results = {
        name: flagged(game, ask, Answers(choice, np.full(ask.who.shape, value))) for name, value in NONSENSE.items()
    }
    some = np.logical_or.reduce(list(results.values()))
    for name, bad in results.items():
        passed = ask.who & ~bad & (some | (tops == 0))
        if passed.any():
            row = int(np.flatnonzero(passed)[0])
            raise broken("refuses", f"an amount of {name} passes", located(ask, game, row))
