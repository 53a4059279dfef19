"""Parametric rules: a function over arrays, its parameters with bounds, and the memory it keeps.

A :class:`Law` is the function, declared once with :func:`law` and found by name from a strategy's YAML; a
:class:`Rule` is a law with numbers filled in. Rules of one law are played together, each row with its own numbers, so
a population of a million different thresholds is still one call.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from dilemmas.errors import SpecError, UnknownName, nearest
from dilemmas.rules.game import Answers, Array, Ask, Floats, Game, Ints, View
from dilemmas.rules.params import number
from dilemmas.strategies.strategy import Says, misfit

Memory = dict[str, Array]
Decide = Callable[[View, Any, Memory, Floats], tuple[Answers, Memory]]


@dataclass(frozen=True)
class Parameter:
    """A number of a law: its default, its range (both ends allowed) and what it means."""

    default: Any
    low: float = 0.0
    high: float = 1.0
    meaning: str = ""
    free: bool = False  # not a number with a range: checked by the law itself


@dataclass(frozen=True)
class Law:
    """A rule without its numbers.

    ``decide(view, p, memory, coin)`` gets the asked rows only: ``p.name`` and ``memory[name]`` have one entry a row,
    ``coin`` is ``(rows, uniforms)``; ``view.ask`` is not there, kinds of ask are told apart by ``asks``. ``memory``
    makes the arrays of fresh rows from their number, the numbers and the game. ``fits`` raises Misfit, or returns.
    """

    name: str
    family: str
    decide: Decide
    parameters: Mapping[str, Parameter]
    asks: tuple[str, ...]
    source: str
    memory: Callable[[int, Any, Game], Memory]
    uniforms: int = 0
    fits: Callable[[Rule, Game], None] | None = None
    others: Mapping[str, Decide] = field(default_factory=dict)

    def __reduce__(self) -> tuple[object, ...]:
        # Its functions are closures of decorators, which no pickle takes; another process declares the same laws.
        return _declared, (self.name,)


LAWS: dict[str, Law] = {}


def _declared(name: str) -> Law:
    """The law of this name; raises UnknownName."""
    if name not in LAWS:
        from dilemmas.strategies import laws  # noqa: F401  # importing it declares every law

    if name not in LAWS:
        raise UnknownName(f"no law is called {name!r}", remedy=nearest(name, LAWS))
    return LAWS[name]


def _nothing(rows: int, p: Any, game: Game) -> Memory:
    return {}


def law(
    name: str,
    family: str,
    *,
    source: str,
    asks: tuple[str, ...],
    memory: Callable[[int, Any, Game], Memory] = _nothing,
    uniforms: int = 0,
    fits: Callable[[Rule, Game], None] | None = None,
    others: Mapping[str, Decide] | None = None,
    **parameters: Parameter,
) -> Callable[[Decide], Decide]:
    """Declare the decorated function as a law of a game family.

    Families are ``matrix``, ``donor``, ``commons``, ``public-goods`` and ``any``. ``others`` answers further kinds of
    ask (``{"sanction": punish}``); a kind that neither names is an error.
    """

    def declare(decide: Decide) -> Decide:
        if name in LAWS:
            raise SpecError(f"law {name!r} is declared twice")
        LAWS[name] = Law(name, family, decide, parameters, asks, source, memory, uniforms, fits, others or {})
        return decide

    return declare


@dataclass(frozen=True)
class Rule:
    """A law with its numbers, under the name that tables show.

    ``says`` is its line where there is talk, ``gossip`` what it tells of donors (a rule of ``tellers``; None: honest).
    """

    name: str
    law: Law
    parameters: Mapping[str, Any]
    source: str = ""
    says: Says | None = None
    gossip: str | None = None

    @classmethod
    def of(cls, name: str, law_name: str, given: Mapping[str, Any], source: str = "") -> Rule:
        """Fill a law in; unknown names, and numbers out of range, are errors that say what is known."""
        found = _declared(law_name)
        for key in given:
            if key not in found.parameters:
                known = ", ".join(found.parameters) or "none"
                raise UnknownName(
                    f"{name} has no parameter {key!r}", expected=known, remedy=nearest(key, found.parameters)
                )
        values = {
            key: _checked(name, key, given.get(key, spec.default), spec) for key, spec in found.parameters.items()
        }
        return cls(name, found, values, source or found.source)

    @property
    def kin(self) -> Hashable:
        """Rules of one law are played together."""
        return ("rule", self.law.name)

    def player(self, members: Sequence[Rule], which: Ints, seats: Ints, game: Game) -> RulePlayer:
        """One player for all of them; raises Misfit where the law is not for this game."""
        for member in members:
            member.check(game)
        return RulePlayer(self.law, members, which, game)

    def check(self, game: Game) -> None:
        """Raise Misfit where this rule makes no sense in the game."""
        if self.law.family not in ("any", game.kind):
            raise misfit(self.name, game, f"it is a strategy for {self.law.family} games")
        if self.law.fits is not None:
            self.law.fits(self, game)


def _checked(name: str, key: str, value: Any, spec: Parameter) -> Any:
    if spec.free:
        return value
    read = number(value)
    if isinstance(read, bool) or not isinstance(read, (int, float)):
        raise SpecError(f"{key} of {name} is {value!r}", expected=f"a number from {spec.low:g} to {spec.high:g}")
    if not spec.low <= read <= spec.high:
        raise SpecError(f"{key} of {name} is {read:g}", expected=f"a number from {spec.low:g} to {spec.high:g}")
    return float(read)


class RulePlayer:
    """Plays the rows of one law; implements ``Player``."""

    trusted = False

    def __init__(self, law: Law, members: Sequence[Rule], which: Ints, game: Game) -> None:
        self._law, self.uniforms = law, law.uniforms
        table = {key: _column([member.parameters[key] for member in members]) for key in law.parameters}
        self._numbers = {key: _spread(column, which) for key, column in table.items()}
        self._memory = law.memory(len(which), SimpleNamespace(**self._numbers), game)

    def decide(self, view: View, ask: Ask, rows: Ints | slice, coin: Floats) -> Answers:
        """Let the law decide for the asked rows and keep what it remembers."""
        decide = self._law.decide if ask.kind in self._law.asks else self._law.others.get(ask.kind)
        if decide is None:
            raise misfit(self._law.name, view.game, f"it has no answer to a {ask.kind} question")
        numbers = SimpleNamespace(**{key: _at(column, rows) for key, column in self._numbers.items()})
        answers, memory = decide(view, numbers, {key: array[rows] for key, array in self._memory.items()}, coin)
        for key, array in memory.items():
            self._memory[key][rows] = array
        return answers


def _at(column: Array, rows: Ints | slice) -> Array:
    if isinstance(rows, slice):
        return column
    return np.broadcast_to(column[0], rows.shape) if column.strides == (0,) else column[rows]


def _spread(column: Array, which: Ints) -> Array:
    """A number a row; where all members have the same it is kept once, which spares a gather at every ask."""
    same = column.dtype.kind == "f" and bool((column == column[0]).all())
    return np.broadcast_to(column[0], which.shape) if same else column[which]


def _column(values: Sequence[Any]) -> Array:
    if all(isinstance(value, float) for value in values):
        return np.array(values)
    column = np.empty(len(values), object)
    column[:] = values
    return column
