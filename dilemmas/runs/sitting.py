"""Episodes that a run wants played, and the two ways to have them played: at once, or as models take their time.

A design (generations, a tournament) is a generator: it yields a :class:`Sitting`, is sent what was played, and
returns its tables. :func:`drive` answers it with a function, :func:`attend` with a coroutine.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from dilemmas.engine import batch
from dilemmas.engine.chance import Chance
from dilemmas.engine.record import Played
from dilemmas.rules.game import Game, Ints
from dilemmas.strategies.strategy import Cast

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


Sittings: TypeAlias = Generator[Sitting, Played, T]


def batched(wanted: Sitting) -> Played:
    """The episodes of a sitting in lockstep, where every seat is scripted."""
    return batch.play(wanted.game, wanted.cast, wanted.luck, keep=wanted.keep, after=wanted.after)


def drive(steps: Sittings[T], play: Callable[[Sitting], Played]) -> T:
    """Answer every sitting with ``play``; what the generator returns."""
    reply: Played | None = None
    while True:
        try:
            wanted = next(steps) if reply is None else steps.send(reply)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]  # what the generator returns
        reply = play(wanted)


async def attend(steps: Sittings[T], play: Callable[[Sitting], Awaitable[Played]]) -> T:
    """Answer every sitting with ``play`` in its own time; what the generator returns."""
    reply: Played | None = None
    while True:
        try:
            wanted = next(steps) if reply is None else steps.send(reply)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]  # what the generator returns
        reply = await play(wanted)
