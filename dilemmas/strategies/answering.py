"""From what one seat says, in plain values, to a choice and an amount: the same for scripts and for lists of moves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any

from dilemmas.errors import IllegalAnswer, nearest
from dilemmas.rules.commons_fines import NOBODY
from dilemmas.rules.game import Game
from dilemmas.rules.matrix import Matrix
from dilemmas.strategies.machine import action

Answer = tuple[int | None, float | None]


def understand(game: Game, kind: str, seat: int, said: Any) -> Answer:
    """The choice (an index) and the amount that ``said`` means as an answer to an ask of this kind.

    A move is an action's name, its role (``C``, ``D``, ``cooperate``, ``defect``) or its position from 1; a vote the
    number of a seat, 0 or ``nobody``; elsewhere a
    number is an amount, a name an option, and a pair such as ``("punish", 3)`` both. Raises IllegalAnswer. Whether an
    amount is within the rules is for the game to judge.
    """
    options = game.options(kind, seat)
    if kind in ("move", "vote"):
        return _option(game, seat, options, said), None
    if _number(said):
        return (0 if options else None), float(said)
    if options and isinstance(said, str):
        return _option(game, seat, options, said), 0.0
    if options and isinstance(said, (tuple, list)) and len(said) == 2 and _number(said[1]):
        return _option(game, seat, options, said[0]), float(said[1])
    raise IllegalAnswer(f"{said!r} is no answer", expected=_expected(options))


def _number(said: Any) -> bool:
    if isinstance(said, bool) or not isinstance(said, Real):
        return False
    return math.isfinite(said)


def _option(game: Game, seat: int, options: Sequence[str], said: Any) -> int:
    found = _named(game, seat, options, str(said)) if isinstance(said, str) else _placed(options, said)
    if found is None:
        remedy = nearest(said, options) if isinstance(said, str) else ""
        raise IllegalAnswer(f"{said!r} is no action", expected=" or ".join(options), remedy=remedy)
    return found


def _named(game: Game, seat: int, options: Sequence[str], said: str) -> int | None:
    if isinstance(game, Matrix):
        found = action(said, game, seat)
        return game.role(said, seat) if found is None else found
    return options.index(said) if said in options else None


def _placed(options: Sequence[str], said: Any) -> int | None:
    """An option by number: by the name that reads so, as in a game of numbers, else by position from 1."""
    if not _number(said) or said != int(said):
        return None
    if str(int(said)) in options:
        return options.index(str(int(said)))
    if int(said) == 0 and NOBODY in options:
        return options.index(NOBODY)
    return int(said) - 1 if 1 <= said <= len(options) else None


def _expected(options: Sequence[str]) -> str:
    if not options:
        return "a number"
    return f"a number, or {' or '.join(options)}, or a pair such as ({options[-1]!r}, 1)"
