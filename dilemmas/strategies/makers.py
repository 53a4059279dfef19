"""Machines that are easier said by a formula than by a table: ``make: NAME`` in a strategy's file.

A maker gets parameters and returns the automaton, which is from then on a table like any other.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Mapping
from typing import Any

from dilemmas.errors import SpecError, UnknownName, nearest
from dilemmas.rules.params import number
from dilemmas.strategies.machine import Machine, State, memory_one

Maker = Callable[..., Machine]
MAKERS: dict[str, Maker] = {}


def make(kind: str, name: str, given: Mapping[str, Any], source: str = "") -> Machine:
    """The machine that a maker makes of ``given``, under ``name``; raises UnknownName, SpecError."""
    if kind not in MAKERS:
        raise UnknownName(f"no maker is called {kind!r}", expected=", ".join(MAKERS), remedy=nearest(kind, MAKERS))
    known = list(inspect.signature(MAKERS[kind]).parameters)[1:]
    for key in given:
        if key not in known:
            raise UnknownName(f"{name} has no parameter {key!r}", expected=", ".join(known), remedy=nearest(key, known))
    made = MAKERS[kind](name, **given)
    return Machine(name, made.start, made.states, source, dict(given))


def maker(kind: str) -> Callable[[Maker], Maker]:
    """Declare the decorated function as a maker; its first argument is the name of the strategy."""

    def declare(function: Maker) -> Maker:
        MAKERS[kind] = function
        return function

    return declare


def _number(name: str, key: str, value: Any) -> float:
    read = number(value)
    if isinstance(read, bool) or not isinstance(read, (int, float)):
        raise SpecError(f"{key} of {name} is {value!r}", expected="a number")
    return float(read)


def _count(name: str, key: str, value: Any, least: int = 0) -> int:
    read = _number(name, key, value)
    if read != int(read) or not least <= read <= 1000:
        raise SpecError(f"{key} of {name} is {value!r}", expected=f"a whole number from {least} to 1000")
    return int(read)


def _letters(name: str, key: str, value: Any) -> str:
    letters = "".join(value) if isinstance(value, (list, tuple)) else str(value)
    if not letters or set(letters) - set("CD"):
        raise SpecError(f"{key} of {name} is {value!r}", expected="letters C and D, such as CCD")
    return letters


# -- zero-determinant strategies --------------------------------------------------------------------------------------

PAYOFFS = {"reward": 3.0, "sucker": 0.0, "temptation": 5.0, "punishment": 1.0}


def vector(phi: float, slope: float, baseline: float, payoffs: Mapping[str, float] = PAYOFFS) -> dict[str, float]:
    """Chances of C after CC, CD, DC, DD that enforce ``slope * (own - baseline) = other - baseline`` in the long run.

    Press & Dyson 2012 in the form of Hilbe, Nowak & Traulsen 2013, equation 14; an extortion factor chi is 1 / slope.
    Entries outside [0, 1] mean that the relation cannot be enforced with this ``phi``.
    """
    reward, sucker, temptation, punishment = (payoffs[key] for key in PAYOFFS)
    gain, loss = temptation - baseline, baseline - sucker
    return {
        "CC": 1 - phi * (1 - slope) * (reward - baseline),
        "CD": 1 - phi * (slope * loss + gain),
        "DC": phi * (loss + slope * gain),
        "DD": phi * (1 - slope) * (baseline - punishment),
    }


@maker("zero-determinant")
def zero_determinant(
    name: str,
    phi: Any = "1/9",
    slope: Any = "1/2",
    chi: Any = None,
    baseline: Any = "punishment",
    first: Any = 1,
    reward: Any = 3,
    sucker: Any = 0,
    temptation: Any = 5,
    punishment: Any = 1,
) -> Machine:
    """The memory-one machine of :func:`vector`.

    ``baseline`` is a payoff or the name of one (``punishment`` extorts, ``reward`` is generous); ``chi``, where given,
    stands for ``slope: 1/chi``. The payoffs are those of the game in which the relation shall hold.
    """
    said = {"reward": reward, "sucker": sucker, "temptation": temptation, "punishment": punishment}
    payoffs = {key: _number(name, key, value) for key, value in said.items()}
    level = payoffs[baseline] if baseline in payoffs else _number(name, "baseline", baseline)
    tilt = _number(name, "slope", slope) if chi is None else _inverse(name, chi)
    table = vector(_number(name, "phi", phi), tilt, level, payoffs)
    chances = {pair: _chance(name, pair, value) for pair, value in table.items()}
    return memory_one(name, _number(name, "first", first), chances)


def _inverse(name: str, chi: Any) -> float:
    factor = _number(name, "chi", chi)
    if factor == 0:
        raise SpecError(f"chi of {name} is 0", expected="a number other than 0")
    return 1 / factor


def _chance(name: str, pair: str, value: float) -> float:
    if not -1e-12 <= value <= 1 + 1e-12:
        found = f"{name} would cooperate after {pair} with chance {value:.4g}"
        raise SpecError(found, expected="0 to 1", remedy="Try a smaller phi.")
    return min(max(value, 0.0), 1.0)


# -- sequences and long memories --------------------------------------------------------------------------------------


@maker("cycle")
def cycle(name: str, moves: Any = "CCD") -> Machine:
    """Play the moves in turn, from the first again after the last, whatever happens."""
    letters = _letters(name, "moves", moves)
    names = [f"{i + 1}-{letter}" for i, letter in enumerate(letters)]
    steps = zip(names, letters, [*names[1:], names[0]], strict=True)
    states = {here: State({letter: 1.0}, {"*": following}) for here, letter, following in steps}
    return Machine(name, names[0], states)


@maker("tits-for-tats")
def answers(name: str, tits: Any = 1, tats: Any = 1) -> Machine:
    """Answer ``tats`` defections in a row with ``tits`` defections; Axelrod-Python's NTitsForMTats."""
    hits, needed = _count(name, "tits", tits), _count(name, "tats", tats)
    if not hits or not needed:
        return Machine(name, "always", {"always": State({"D" if hits else "C": 1.0}, {"*": "always"})})
    # A state is how many defections stand in a row, up to the number needed, and how many answers are still owed.
    states: dict[tuple[int, int], State] = {}
    todo = [(0, 0)]
    while todo:
        run, owed = here = todo.pop()
        due = hits if run == needed else owed
        left = max(due - 1, 0)
        then = {"C": (0, left), "D": (min(run + 1, needed), left)}
        states[here] = State({"D" if due else "C": 1.0}, {seen: _titled(*state) for seen, state in then.items()})
        todo += [state for state in dict.fromkeys(then.values()) if state not in states]
    return Machine(name, _titled(0, 0), {_titled(*here): state for here, state in states.items()})


def _titled(run: int, owed: int) -> str:
    return f"hit-{run}-owing-{owed}"


@maker("lookup")
def lookup(
    name: str, pattern: Any = "CD", own: Any = 0, other: Any = 1, openings: Any = 0, first: Any = "", before: Any = ""
) -> Machine:
    """A move for every combination of the last own, the last other's and the other's first moves.

    ``own``, ``other`` and ``openings`` say how many of each; ``pattern`` lists the moves in the order of own, other's
    and opening moves, each oldest first, C before D (Harper et al. 2017). ``first`` are the moves before there is
    enough to look up, with C for those that are not given; or ``before`` is the move that both are taken to have made
    all the time before play.
    """
    depth = tuple(_count(name, key, value) for key, value in {"own": own, "other": other, "openings": openings}.items())
    letters = _letters(name, "pattern", pattern)
    if sum(depth) > 10 or len(letters) != 2 ** sum(depth):
        expected = f"2 ** {sum(depth)}, and at most 1024"
        raise SpecError(f"pattern of {name} has {len(letters)} letters", expected=expected)
    table = dict(zip(itertools.product("CD", repeat=sum(depth)), letters, strict=True))
    early = (_letters(name, "first", first) if first else "").ljust(max(depth), "C")[: max(depth)]
    if not before:
        return _grown(name, depth, table, early, (0, "", "", ""))
    if depth[2]:
        raise SpecError(f"{name} has both openings and before", expected="one of them")
    move = _letters(name, "before", before)[0]
    return _grown(name, depth, table, early, (max(depth), move * depth[0], move * depth[1], ""))


Seen = tuple[int, str, str, str]  # rounds played, up to the depth; own, other's and other's first moves


def _grown(name: str, depth: tuple[int, ...], table: Mapping[tuple[str, ...], str], early: str, start: Seen) -> Machine:
    """All states that can be reached from ``start``, mistakes in execution included."""
    states: dict[Seen, State] = {}
    todo = [start]
    while todo:
        here = todo.pop()
        played, mine, theirs, opening = here
        move = early[played] if played < len(early) else table[(*mine, *theirs, *opening)]
        after = {a + b: _next(here, a, b, depth) for a in "CD" for b in "CD"}
        states[here] = State({move: 1.0}, {seen: _called(state) for seen, state in after.items()})
        todo += [state for state in dict.fromkeys(after.values()) if state not in states]
    return Machine(name, _called(start), {_called(here): state for here, state in states.items()})


def _next(here: Seen, mine: str, theirs: str, depth: tuple[int, ...]) -> Seen:
    played, own, other, opening = here
    kept = [(own + mine)[-depth[0] :] if depth[0] else "", (other + theirs)[-depth[1] :] if depth[1] else ""]
    return min(played + 1, max(depth)), kept[0], kept[1], (opening + theirs)[: depth[2]]


def _called(state: Seen) -> str:
    played, own, other, opening = state
    return f"{played}:{own or '-'}/{other or '-'}/{opening or '-'}"
