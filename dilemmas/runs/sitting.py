"""Episodes that a run wants played, and the two ways to have them played: at once, or as models take their time.

A design (generations, a tournament) is a generator: it yields a :class:`Sitting`, is sent what was played, and
returns its tables. :func:`drive` answers it with a function, :func:`attend` with a coroutine.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from dilemmas.culture.inheritance import unwritten
from dilemmas.culture.lessons import Lesson
from dilemmas.engine import batch
from dilemmas.engine.chance import Chance
from dilemmas.engine.record import Played
from dilemmas.rules.game import Game, Ints
from dilemmas.strategies.strategy import Cast, Strategy

T = TypeVar("T")


@dataclass(frozen=True)
class Sitting:
    """Episodes of one generation: the rules, who sits where, and their luck.

    ``agents[who[episode, seat]]`` is the id of the agent in a seat, ``models`` likewise the model that speaks for it;
    ``keep`` keeps decisions, ``after`` counts choices by what came before (see ``batch.play``).
    """

    game: Game
    cast: Cast
    luck: Chance
    generation: int
    agents: Sequence[str]
    who: Ints
    keep: bool = True
    after: bool = False


@dataclass(frozen=True)
class School:
    """Strategies that models are to write before a generation plays; answered by one for each lesson.

    ``size`` is that of the population; ``selected`` says whether those who earn most will stay.
    """

    lessons: tuple[Lesson, ...]
    game: Game
    size: int
    selected: bool


Sittings: TypeAlias = Generator[Sitting | School, Any, T]
"""Yields what is wanted, and is sent ``Played`` for a Sitting and a list of strategies for a School."""


def batched(wanted: Sitting) -> Played:
    """The episodes of a sitting in lockstep, where every seat is scripted."""
    return batch.play(wanted.game, wanted.cast, wanted.luck, keep=wanted.keep, after=wanted.after)


def drive(steps: Sittings[T], play: Callable[[Sitting], Played]) -> T:
    """Answer every sitting with ``play``; what the generator returns. Raises UsageError where models are to write."""
    reply: Played | None = None
    while True:
        try:
            wanted = next(steps) if reply is None else steps.send(reply)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]  # what the generator returns
        if isinstance(wanted, School):
            raise unwritten(len(wanted.lessons))
        reply = play(wanted)


async def attend(
    steps: Sittings[T],
    play: Callable[[Sitting], Awaitable[Played]],
    learn: Callable[[School], Awaitable[Sequence[Strategy]]],
) -> T:
    """Answer sittings with ``play`` and schools with ``learn``, in their own time; what the generator returns."""
    reply: Played | Sequence[Strategy] | None = None
    while True:
        try:
            wanted = next(steps) if reply is None else steps.send(reply)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]  # what the generator returns
        reply = await (learn(wanted) if isinstance(wanted, School) else play(wanted))
