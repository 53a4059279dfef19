"""The asynchronous driver: one episode a task, so that a slow seat holds up no other episode.

It plays the same generator as ``batch``, with one episode at a time, and gives the same numbers to the last digit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent import futures
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np

from dilemmas.engine import batch, canned
from dilemmas.engine.chance import Chance
from dilemmas.engine.record import Played, Record, join
from dilemmas.engine.together import together
from dilemmas.engine.turns import Turns
from dilemmas.rules import gossip, talk
from dilemmas.rules.episode import episode
from dilemmas.rules.game import Answers, Ask, Bools, Game, Outcome
from dilemmas.strategies.strategy import Cast, Group, seat


class Voice(Protocol):
    """Somebody who answers in their own time: a person, or a model."""

    async def answer(self, game: Game, ask: Ask, row: int) -> Answers:
        """The answer of the seat in ``row`` of a one-episode ask, as arrays of one entry; must be legal."""
        ...

    def told(self, game: Game, outcome: Outcome) -> None:
        """Learn what an ask came to, where the voice keeps track of it for its seat."""
        ...


Voices = Callable[[Chance], Mapping[int, Voice]]
"""Who speaks in an episode: its luck, of one row, to voices by seat from 0."""
Over = Callable[[int, Played], None]
"""Told of episodes that ended: the row of the first among all of the luck, and what was played."""
T = TypeVar("T")
LOOK = 0.1  # seconds between looks whether somebody wants to stop


def silence(luck: Chance) -> Mapping[int, Voice]:
    """Nobody speaks: every seat is scripted."""
    return {}


async def play(
    game: Game,
    cast: Cast,
    luck: Chance,
    voices: Voices = silence,
    *,
    keep: bool = True,
    after: bool = False,
    at_once: int | None = None,
    lockstep: bool = False,
    tick: Callable[[int], None] | None = None,
    over: Over | None = None,
) -> Played:
    """Play every episode of ``luck`` as a task of its own, at most ``at_once`` at a time; see ``batch.play``.

    ``lockstep`` plays episodes in which nobody speaks as a batch; their numbers are the same. ``tick`` is told how many
    episodes are done whenever some are, ``over`` what was played in them.
    """
    count = len(luck.episode)
    speaking = [voices(luck.rows(row, row + 1)) for row in range(count)]
    gate, turns, bar = asyncio.Semaphore(at_once or max(count, 1)), Turns(), _Bar(tick, over)

    async def one(row: int) -> Played:
        async with gate:
            await turns.next()
            record = Record(game, int(luck.episode[row]), keep, after)
            played = await _episode(game, cast.rows(row, row + 1), luck.rows(row, row + 1), speaking[row], record)
        return bar.more(row, played)

    parts = {}
    for first, stop in _scripted(speaking) if lockstep else []:
        part = batch.play(game, cast.rows(first, stop), luck.rows(first, stop), keep=keep, after=after)
        parts[first] = bar.more(first, part)
    alone = [row for row in range(count) if speaking[row] or not lockstep]
    parts |= dict(zip(alone, await together([one(row) for row in alone]), strict=True))
    return join([parts[row] for row in sorted(parts)])


@dataclass(slots=True)
class _Bar:
    """How many episodes are over, told to whoever shows it."""

    tick: Callable[[int], None] | None
    over: Over | None
    done: int = 0

    def more(self, row: int, played: Played) -> Played:
        self.done += len(played.score.rounds)
        if self.tick is not None:
            self.tick(self.done)
        if self.over is not None:
            self.over(row, played)
        return played


def _scripted(speaking: Sequence[Mapping[int, Voice]]) -> list[tuple[int, int]]:
    """Stretches of episodes in which nobody speaks, which play in lockstep: where each begins, and ends."""
    edges = np.flatnonzero(np.diff([False, *(not voices for voices in speaking), False]))
    return [(int(first), int(stop)) for first, stop in edges.reshape(-1, 2)]


def wait(playing: Coroutine[Any, Any, T]) -> T:
    """Work to the end from ordinary code; in a notebook, whose loop is running already, in a thread of its own."""
    return _elsewhere(playing) if _running() else asyncio.run(playing)


def _elsewhere(playing: Coroutine[Any, Any, T]) -> T:
    begun: Future[tuple[asyncio.AbstractEventLoop, Any]] = Future()

    async def begin() -> T:
        begun.set_result((asyncio.get_running_loop(), asyncio.current_task()))
        return await playing

    with ThreadPoolExecutor(1) as thread:
        made = thread.submit(asyncio.run, begin())
        try:
            while not made.done():
                futures.wait([made], LOOK)  # in steps, for an interrupt does not end a wait on every system
            return made.result()
        except KeyboardInterrupt:  # comes to the notebook's thread alone; the work ends as it would in a script
            loop, task = begun.result()
            if not made.done():
                loop.call_soon_threadsafe(task.cancel)
            raise


def _running() -> bool:
    # A function of its own: what is raised while an error is being handled would have it as its context.
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


async def _episode(game: Game, cast: Cast, luck: Chance, voices: Mapping[int, Voice], record: Record) -> Played:
    groups = seat(cast, game, without=set(voices))
    loop, reply = episode(game, luck, _speakers(game, cast, voices)), None
    while True:
        try:
            event = loop.send(reply)
        except StopIteration as end:
            return record.played(end.value, {group.label: group.seconds for group in groups})
        reply = None
        if isinstance(event, Outcome):
            record.add(event)
            for voice in set(voices.values()):
                voice.told(game, event)
        else:
            reply = await _answer(game, groups, event, luck, cast, voices)


def _speakers(game: Game, cast: Cast, voices: Mapping[int, Voice]) -> Bools:
    """Who has anything to say in an episode: voices, and scripts with a line."""
    able = canned.speakers(cast)
    found = np.zeros((1, game.seats), bool) if able is None else able
    found[0, list(voices)] = True
    return found


async def _answer(
    game: Game, groups: list[Group], ask: Ask, luck: Chance, cast: Cast, voices: Mapping[int, Voice]
) -> Answers:
    asked = [row for row in voices if ask.who[0, row]]
    words = ask.kind == gossip.KIND or canned.asked(ask, cast)
    if words:
        answers = canned.answers(game, ask, cast, set(voices))
    else:
        answers = batch.answer(game, groups, ask, luck, cast) if groups else Answers()
    # A person holds up the loop, so nobody's call may be under way then.
    patient = [row for row in asked if getattr(voices[row], "last", False)]
    asked = [*(row for row in asked if row not in patient), *patient]
    first = await together([voices[row].answer(game, ask, row) for row in asked[: len(asked) - len(patient)]])
    said = [*first, *[await voices[row].answer(game, ask, row) for row in patient]]
    for row, part in zip(asked, said, strict=True):
        talk.put(answers, part, row) if words else batch.fill(answers, part, np.array([row]), ask)
    spoken = ask.kind == talk.KIND
    if asked and (bad := talk.wrong(ask, answers) if spoken else game.illegal(ask, answers)).any():
        raise batch.illegal(game, ask, answers, cast, int(np.flatnonzero(bad)[0]))
    return answers
