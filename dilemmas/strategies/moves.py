"""Set moves for any game: a list that is played from its beginning, whatever the others do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from dilemmas.errors import IllegalAnswer, Misfit, SpecError, many, nearest
from dilemmas.rules.game import Answers, Array, Floats, Game, Ints, View
from dilemmas.rules.length import DEFAULT_ROUNDS
from dilemmas.rules.matrix import Matrix
from dilemmas.strategies.answering import understand
from dilemmas.strategies.rule import Memory, Parameter, Rule, law
from dilemmas.strategies.strategy import misfit

MAIN = {"matrix": "move", "donor": "gift", "commons": "harvest", "public-goods": "contribute"}
AFTER = ("stop", "last", "cycle", "repeat")  # repeat is another word for cycle


def listed(moves: Any) -> tuple[Any, ...]:
    """Moves as a tuple: from a list, or from text such as ``C,D,D`` or ``CDD``."""
    if not isinstance(moves, str):
        return tuple(moves) if isinstance(moves, Sequence) else (moves,)
    parts = [part for part in re.split(r"[\s,;]+", moves.strip(" []()")) if part]
    return tuple(parts[0]) if len(parts) == 1 and set(parts[0]) <= set("CD") else tuple(parts)


def _fits(rule: Rule, game: Game) -> None:
    moves, then = listed(rule.parameters["moves"]), rule.parameters["then"]
    if not moves:
        raise SpecError(f"{rule.name} has no moves", remedy="Give it a list: scripted-moves:moves=C,D,D")
    if then not in AFTER:
        raise SpecError(f"then of {rule.name} is {then!r}", expected=", ".join(AFTER), remedy=nearest(str(then), AFTER))
    try:
        for seat in range(min(game.seats, 2)):
            _table(game, seat, moves)
    except IllegalAnswer as error:
        raise misfit(rule.name, game, f"{error.found}, {error.expected} is", error.remedy) from None
    rounds = (game.rounds or DEFAULT_ROUNDS) if isinstance(game, Matrix) and game.continuation is None else 0
    if then == "stop" and len(moves) < rounds:
        raise misfit(rule.name, game, f"it has {many(len(moves), 'move')} for {many(rounds, 'round')}", _REMEDY)


_REMEDY = "Give it more moves, or then=last or then=cycle."


def _table(game: Game, seat: int, moves: Sequence[Any]) -> tuple[list[int], list[float]]:
    """Choices and amounts of a list of moves, in the order of the list."""
    answers = [understand(game, MAIN.get(game.kind, "move"), seat, _read(move)) for move in moves]
    return [choice or 0 for choice, _ in answers], [amount or 0.0 for _, amount in answers]


def _read(move: Any) -> Any:
    """A move from text: a number where it reads as one."""
    return float(move) if isinstance(move, str) and re.fullmatch(r"-?\d+(\.\d*)?", move) else move


def _memory(rows: int, p: Any, game: Game) -> Memory:
    """Every row's list in both seats' numbers; lists that are the same object are read once."""
    _, first, which = np.unique(np.fromiter(map(id, p.moves), np.int64, rows), return_index=True, return_inverse=True)
    scripts = [listed(p.moves[row]) for row in first]
    seats = 2 if game.seats == 2 else 1
    shape = (len(scripts), seats, max((len(script) for script in scripts), default=1))
    choice, amount = np.zeros(shape, np.int32), np.zeros(shape)
    for i, script in enumerate(scripts):
        for seat in range(seats):
            choice[i, seat, : len(script)], amount[i, seat, : len(script)] = _table(game, seat, script)
    length = np.array([len(script) for script in scripts], np.int64)
    then = np.array([AFTER.index(word) for word in p.then], np.int64)
    at = np.zeros(rows, np.int64)
    return {"at": at, "length": length[which], "then": then, "choice": choice[which], "amount": amount[which]}


def _now(view: View, memory: Memory) -> tuple[Ints, Ints, Ints]:
    """Which entry of its list each row plays; raises Misfit at the end of one that has to stop."""
    at, length, then = memory["at"], memory["length"], memory["then"]
    over = at >= length
    if (over & (then == 0)).any():
        row = int(np.flatnonzero(over & (then == 0))[0])
        raise Misfit(f"scripted-moves has {many(int(length[row]), 'move')} and is asked for another", remedy=_REMEDY)
    place = np.where(over, np.where(then == 1, length - 1, at % length), at)
    seat = view.seat if memory["choice"].shape[1] == 2 else np.zeros(len(at), np.int64)
    return np.arange(len(at)), seat, place


def _amounts(view: View, p: Any, memory: Memory, coin: Floats) -> tuple[Answers, Memory]:
    now = _now(view, memory)
    return Answers(memory["choice"][now], memory["amount"][now]), {"at": memory["at"] + 1}


def _nothing(view: View, p: Any, memory: Memory, coin: Floats) -> tuple[Answers, Memory]:
    """The list is of main moves: no sanctions, and no votes."""
    none: Array = np.zeros(len(memory["at"]))
    return Answers(none.astype(np.int32), none), {}


@law(
    "scripted-moves",
    "any",
    source="Mock players of the literature on tournaments, as in Knight et al. 2016",
    asks=("move",),
    memory=_memory,
    fits=_fits,
    others={"gift": _amounts, "harvest": _amounts, "contribute": _amounts, "sanction": _nothing, "vote": _nothing},
    moves=Parameter((), free=True, meaning="names, roles, positions from 1, amounts, or (option, amount)"),
    then=Parameter("stop", free=True, meaning="after the last: stop (an error), last (it goes on), cycle"),
)
def scripted_moves(view: View, p: Any, memory: Memory, coin: Floats) -> tuple[Answers, Memory]:
    """Play the list."""
    return Answers(memory["choice"][_now(view, memory)]), {"at": memory["at"] + 1}
