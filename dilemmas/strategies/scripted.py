"""A user's own strategy: one Python function in a file that is named.

For one seat, by default::

    def decide(view, memory, coin):
        return ("D" if view.theirs[-3:].count("D") >= 2 else "C"), memory

``view`` holds plain values, ``memory`` is whatever was returned with the last answer (None at first), ``coin()`` a
number in [0, 1). With ``batched = True`` in the file, or set on the function, it is called once for all its seats:
``view`` holds arrays with one entry a row, ``memory`` a dict of such arrays, ``coin`` is ``(rows, uniforms)``, and
the answer is an array, of action numbers from 0 or of amounts, or an ``Answers``. ``uniforms = 3``, in either place,
asks for more random numbers than one. Python runs only where a file names it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from dilemmas.errors import DilemmasError, FileError, IllegalAnswer, RunFailed
from dilemmas.rules.game import Answers, Array, Ask, Floats, Game, Ints, View
from dilemmas.rules.params import number
from dilemmas.strategies.answering import understand
from dilemmas.strategies.loading import RAISED, aside, function, line, module
from dilemmas.strategies.strategy import Parameters, Says

_REFERENCE = re.compile(r"^(.+?\.py)(?::(.*))?$", re.DOTALL)


@dataclass(frozen=True)
class Scripted:
    """A strategy that is a function in a file; ``parameters`` are its keyword parameters."""

    name: str
    path: Path
    called: str
    parameters: Parameters
    source: str = ""
    says: Says | None = None
    gossip: str | None = None

    @property
    def kin(self) -> Hashable:
        """Seats of one function are played together."""
        return ("scripted", str(self.path), self.called)

    def player(self, members: Sequence[Scripted], which: Ints, seats: Ints, game: Game) -> Batch | OneByOne:
        """A player of the kind that the file asks for; raises FileError, UnknownName."""
        found = [_filled(member) for member in members]
        uniforms = _uniforms(self.path, _said(self.path, found[0], "uniforms", 1))
        if not _said(self.path, found[0], "batched", False):
            return OneByOne(self, [found[member] for member in which], uniforms)
        return Batch(self, found, which, uniforms)


def scripted(
    reference: str,
    folder: Path | None = None,
    *,
    name: str = "",
    parameters: Parameters | None = None,
    source: str = "",
) -> Scripted:
    """The strategy that ``mine.py``, ``mine.py:function`` or ``mine.py:function:threshold=3`` means.

    ``folder`` is where relative paths start. The file is run at once, so that what is wrong with it shows before
    play: raises FileError where it cannot be read or lacks the function, UnknownName for a strange parameter.
    """
    path, called, said = split(reference)
    given = {**said, **(parameters or {})}
    whole = ((folder or Path()) / path).resolve()
    made = Scripted(name or (path if called == "decide" else f"{path}:{called}"), whole, called, given, source)
    _filled(made)
    return made


def split(reference: str) -> tuple[str, str, dict[str, Any]]:
    """Path, function and parameters of a reference; the function is ``decide`` unless another is named."""
    match = _REFERENCE.match(reference)
    path, rest = (match[1], match[2] or "") if match else (reference, "")
    parts = [part for part in rest.split(":") if part]
    called = next((part for part in parts if "=" not in part), "decide")
    return path, called, dict(_pair(part) for part in parts if "=" in part)


def _pair(text: str) -> tuple[str, Any]:
    key, value = text.split("=", 1)
    return key, number(value)


def _filled(member: Scripted) -> Callable[..., Any]:
    found = function(member.path, member.called, member.parameters)
    return partial(found, **member.parameters) if member.parameters else found


def _said(path: Path, found: Callable[..., Any], word: str, usual: Any) -> Any:
    """A setting of the function, else of its file, else the usual one."""
    bare = found.func if isinstance(found, partial) else found
    return getattr(bare, word, getattr(module(path), word, usual))


def _uniforms(path: Path, said: Any) -> int:
    if isinstance(said, bool) or not isinstance(said, int) or not 0 <= said <= 64:
        raise FileError(f"uniforms is {said!r}", where=str(path), expected="a whole number from 0 to 64")
    return said


class Coin:
    """A row's random numbers, handed out one by one."""

    def __init__(self, numbers: Floats, where: str) -> None:
        self._left, self._count, self._where = list(map(float, numbers)), len(numbers), where

    def __call__(self) -> float:
        """The next number in [0, 1); raises RunFailed when there are no more."""
        if not self._left:
            found = f"the coin was tossed more than {self._count} time{'s' if self._count != 1 else ''} in one decision"
            raise RunFailed(found, where=self._where, remedy=f"Put uniforms = {self._count + 1} in the file.")
        return self._left.pop(0)


class OneByOne:
    """Plays rows one at a time; implements ``Player``."""

    trusted = False

    def __init__(self, strategy: Scripted, functions: Sequence[Callable[..., Any]], uniforms: int) -> None:
        self._strategy, self._functions, self.uniforms = strategy, functions, uniforms
        self._memory: list[Any] = [None] * len(functions)

    def decide(self, view: View, ask: Ask, rows: Ints | slice, coin: Floats) -> Answers:
        """Ask the function for every row; raises RunFailed, IllegalAnswer."""
        mine = range(len(self._functions))[rows] if isinstance(rows, slice) else rows.tolist()
        coins = coin if self.uniforms else np.empty((len(mine), 0), np.float32)
        said = [self._one(view, ask, place, row, coins[place]) for place, row in enumerate(mine)]
        choice, amount = [choice for choice, _ in said], [amount for _, amount in said]
        return Answers(
            choice=None if None in choice else np.array(choice, np.int64),
            amount=None if None in amount else np.array(amount, np.float64),
        )

    def _one(self, view: View, ask: Ask, place: int, row: int, coin: Floats) -> tuple[int | None, float | None]:
        toss = Coin(coin, self._strategy.path.name)
        returned = call(self._strategy, ask, self._functions[row], view.told(place), self._memory[row], toss)
        if not isinstance(returned, tuple) or len(returned) != 2:
            raise _wrong(self._strategy, ask, f"returned {_short(returned)}", "a pair: the answer and the memory")
        said, self._memory[row] = returned
        try:
            return understand(view.game, ask.kind, int(view.seat[place]), said)
        except IllegalAnswer as error:
            raise _wrong(self._strategy, ask, f"answered {_short(said)}", error.expected, error.remedy) from None


class Batch:
    """Plays all rows with one call a set of parameters; implements ``Player``."""

    trusted = False

    def __init__(self, strategy: Scripted, functions: Sequence[Callable[..., Any]], which: Ints, uniforms: int) -> None:
        self._strategy, self._functions, self._which, self.uniforms = strategy, functions, which, uniforms
        self._memory: list[dict[str, Array] | None] = [None] * len(functions)

    def decide(self, view: View, ask: Ask, rows: Ints | slice, coin: Floats) -> Answers:
        """Ask the functions for the rows; raises RunFailed, IllegalAnswer."""
        mine = np.arange(len(self._which))[rows]
        answers = Answers()
        for index in range(len(self._functions)):
            at = np.flatnonzero(self._which[mine] == index)
            if len(at):
                part = self._some(index, view, ask, mine, at, coin)
                answers.choice = _put(answers.choice, part.choice, at, len(mine))
                answers.amount = _put(answers.amount, part.amount, at, len(mine))
        return answers

    def _some(self, index: int, view: View, ask: Ask, mine: Ints, at: Ints, coin: Floats) -> Answers:
        memory, rows = self._memory[index], mine[at]
        asked = view.at(at if view.where is None else view.where[at])
        known = None if memory is None else {key: array[rows] for key, array in memory.items()}
        returned = call(self._strategy, ask, self._functions[index], asked, known, coin[at] if self.uniforms else coin)
        if not isinstance(returned, tuple) or len(returned) != 2:
            raise _wrong(self._strategy, ask, f"returned {_short(returned)}", "a pair: the answers and the memory")
        said, kept = returned
        self._memory[index] = self._kept(ask, memory, kept, rows)
        return self._read(view.game, ask, said, len(at))

    def _kept(self, ask: Ask, memory: dict[str, Array] | None, kept: Any, rows: Ints) -> dict[str, Array] | None:
        """Memory of all rows, with that of the asked rows put in; rows that were never asked hold zeros."""
        if kept is None:
            return memory
        if not isinstance(kept, Mapping):
            raise _wrong(self._strategy, ask, f"returned the memory {_short(kept)}", "a dict of arrays, or None")
        whole = dict(memory or {})
        for key, value in kept.items():
            array = np.asarray(value)
            if array.shape[:1] != (len(rows),):
                found = f"memory {key!r} has shape {array.shape}"
                raise _wrong(self._strategy, ask, found, f"one entry a row, {len(rows)}")
            known = whole.get(key, np.zeros((len(self._which), *array.shape[1:]), array.dtype))
            whole[key] = known.astype(np.result_type(known, array), copy=False)
            whole[key][rows] = array
        return whole

    def _read(self, game: Game, ask: Ask, said: Any, rows: int) -> Answers:
        answers = said if isinstance(said, Answers) else _arrays(game, ask, said, rows)
        for part, kind in ((answers.choice, "iu"), (answers.amount, "iuf")):
            if part is not None and (part.shape != (rows,) or part.dtype.kind not in kind):
                what = "whole numbers, from 0 for the first action" if kind == "iu" else "numbers"
                found = f"answered an array of shape {part.shape} and type {part.dtype}"
                raise _wrong(self._strategy, ask, found, f"shape ({rows},), {what}")
        return answers


def _arrays(game: Game, ask: Ask, said: Any, rows: int) -> Answers:
    """Bare arrays as answers: actions where it is a move, else amounts with the first option."""
    values = np.asarray(said)
    if ask.kind in ("move", "vote"):
        return Answers(choice=values)
    return Answers(choice=np.zeros(rows, np.int64) if game.options(ask.kind, 0) else None, amount=values)


def _put(whole: Array | None, part: Array | None, at: Ints, rows: int) -> Array | None:
    if part is None:
        return whole
    made = np.zeros(rows, part.dtype) if whole is None else whole.astype(np.result_type(whole, part))
    made[at] = part
    return made


def call(strategy: Scripted, ask: Ask, decide: Callable[..., Any], *arguments: Any) -> Any:
    """What the function returns; whatever it raises is retold in one line with file, line and round."""
    try:
        with aside():
            return decide(*arguments)
    except DilemmasError:
        raise
    except RAISED as error:
        where = f"{strategy.path.name}, line {line(error, strategy.path)}, round {ask.clock}"
        raise RunFailed(f"{strategy.name} raised {type(error).__name__}: {error}", where=where) from error


def _wrong(strategy: Scripted, ask: Ask, found: str, expected: str, remedy: str = "") -> IllegalAnswer:
    where = f"{strategy.path.name}, round {ask.clock}"
    return IllegalAnswer(f"{strategy.name} {found}", where=where, expected=expected, remedy=remedy)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
