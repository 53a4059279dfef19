"""The synchronous driver: thousands of episodes in lockstep, every seat scripted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from dilemmas.engine import canned
from dilemmas.engine.chance import BLOCK, Chance
from dilemmas.engine.record import Played, Record, join
from dilemmas.errors import IllegalAnswer
from dilemmas.rules.episode import episode
from dilemmas.rules.game import Answers, Array, Ask, Bools, Floats, Game, Ints, Luck, Outcome
from dilemmas.strategies.strategy import Cast, Group, seat

ROWS = 1 << 16  # of a chunk: a few arrays of this size stay in a core's cache
_ALL = slice(None)


def play(
    game: Game,
    cast: Cast,
    luck: Chance,
    *,
    keep: bool = True,
    after: bool = False,
    chunk: int | None = None,
    tick: Callable[[int], None] | None = None,
) -> Played:
    """Play all episodes of ``luck`` with the cast in their seats.

    ``keep`` keeps decisions and rounds, otherwise scores alone; ``chunk`` is how many episodes go together (results
    do not depend on it); ``after`` counts choices by what came before them (two-action games);
    ``tick`` is told how many episodes are done after each chunk. Raises IllegalAnswer, Misfit.
    """
    episodes = len(luck.episode)
    size = chunk or max(BLOCK, ROWS // game.seats // BLOCK * BLOCK)
    parts = []
    for start in range(0, max(episodes, 1), size):
        stop = min(start + size, episodes)
        parts.append(_chunk(game, cast.rows(start, stop), luck.rows(start, stop), keep, after))
        if tick is not None:
            tick(stop)
    return join(parts)


def _chunk(game: Game, cast: Cast, luck: Chance, keep: bool, after: bool) -> Played:
    groups, turns = seat(cast, game), Turns()
    record = Record(game, int(luck.episode[0]) if len(luck.episode) else 0, keep, after)
    loop, reply = episode(game, luck, canned.speakers(cast)), None
    while True:
        try:
            event = loop.send(reply)
        except StopIteration as end:
            return record.played(end.value, {group.label: group.seconds for group in groups})
        reply = None
        if isinstance(event, Outcome):
            record.add(event)
        else:
            reply = answer(game, groups, event, luck, cast, turns)


def answer(
    game: Game, groups: Sequence[Group], ask: Ask, luck: Luck, cast: Cast, turns: Turns | None = None
) -> Answers:
    """The answers of scripted groups, checked against the rules unless they are legal by construction.

    ``turns`` remembers from ask to ask whose turn it is; without it that is worked out afresh. Asked for
    words, they say what is canned.
    """
    if canned.asked(ask, cast):
        return canned.answers(game, ask, cast)
    answers, trusted = Answers(), True
    for turn in (turns or Turns()).of(groups, ask):
        fill(answers, _decide(game, turn, ask, luck), turn.where, ask)
        trusted &= turn.group.player.trusted
    if not trusted and (bad := game.illegal(ask, answers)).any():
        raise illegal(game, ask, answers, cast, int(np.flatnonzero(bad)[0]))
    return answers


@dataclass(frozen=True, slots=True)
class Turn:
    """The rows of a group that are asked.

    ``rows`` counts within the group, ``where`` within the batch (None for every row); numbers are drawn for
    ``episodes`` (None for all), and ``slots`` are the asked rows among those numbers (None for every one).
    """

    group: Group
    rows: Ints | slice
    where: Ints | None
    episodes: Ints | None
    slots: Ints | None


class Turns:
    """Whose turn it is, group by group, worked out again only when the game hands out another mask.

    A game that hands out the same read-only mask again promises that it is unchanged. Finding the rows anew cost as
    much as the moves themselves.
    """

    def __init__(self) -> None:
        self._who: Bools | None = None
        self._turns: list[Turn] = []

    def of(self, groups: Sequence[Group], ask: Ask) -> list[Turn]:
        """The turns of an ask; a group of which nobody is asked has none."""
        if ask.who is not self._who or ask.who.flags.writeable:
            self._who = ask.who
            turns = [_all(group) for group in groups] if ask.everyone else _some(groups, ask.who)
            self._turns = turns
        return self._turns


def _all(group: Group) -> Turn:
    return Turn(group, _ALL, group.where, None, group.where)


def _some(groups: Sequence[Group], mask: Bools) -> list[Turn]:
    seats, who = mask.shape[1], mask.reshape(-1)
    # Reducing along a broadcast axis takes numpy twenty times as long as looking at its one column.
    live: Bools = mask[:, 0] if mask.strides[1] == 0 else np.logical_or.reduce(mask, axis=1)
    # Where nearly all episodes go on, numbers for all of them cost less than finding the rows among fewer.
    few = np.flatnonzero(live) if live.mean() < 0.9 else None
    turns = []
    for group in groups:
        rows = np.flatnonzero(who if group.where is None else who[group.where])
        where = rows if group.where is None else group.where[rows]
        if len(rows):
            turns.append(Turn(group, rows, where, few, _slots(where, live, few, seats)))
    return turns


def _slots(where: Ints, live: Bools, few: Ints | None, seats: int) -> Ints | None:
    if few is None:
        return where
    if len(where) == len(few) * seats:
        return None
    slots: Ints = (np.cumsum(live) - 1)[where // seats] * seats + where % seats
    return slots


def _decide(game: Game, turn: Turn, ask: Ask, luck: Luck) -> Answers:
    began = perf_counter()
    player = turn.group.player
    part = player.decide(ask.view.at(turn.where), ask, turn.rows, coins(turn, ask, luck, game.seats))
    turn.group.seconds += perf_counter() - began
    return part


def coins(turn: Turn, ask: Ask, luck: Luck, seats: int) -> Floats:
    """Uniform numbers for the asked rows, ``(asked, uniforms)``; the k-th of a row is its own, whoever plays."""
    uniforms = turn.group.player.uniforms
    if not uniforms:
        return np.empty((0, 0), np.float32)
    key = None if turn.episodes is None else luck.episode[turn.episodes]
    drawn = [luck.draw(f"coin-{k}", seats, ask.clock, ask.step, key).reshape(-1) for k in range(uniforms)]
    if turn.slots is not None:
        drawn = [numbers.take(turn.slots) for numbers in drawn]
    return drawn[0][:, None] if uniforms == 1 else np.stack(drawn, axis=1)


def fill(answers: Answers, part: Answers, where: Ints | None, ask: Ask) -> None:
    """Put the answers of some rows (None for every row in order) in their places among all answers."""
    for name in ("choice", "amount"):
        value = getattr(part, name)
        if value is None:
            continue
        if where is None:
            setattr(answers, name, value.reshape(ask.who.shape))
            continue
        dtype = value.dtype if name == "choice" else np.dtype(np.float64)
        whole = _whole(getattr(answers, name), dtype, ask)
        whole.reshape(-1)[where] = value
        setattr(answers, name, whole)


def _whole(whole: Array | None, dtype: np.dtype[Any], ask: Ask) -> Array:
    """The array of all answers, wide enough for one group's more."""
    if whole is None:
        return np.zeros(ask.who.shape, dtype)
    wide = np.result_type(whole, dtype)
    return whole if whole.dtype == wide else whole.astype(wide)


def illegal(game: Game, ask: Ask, answers: Answers, cast: Cast, row: int) -> IllegalAnswer:
    """The error for the answer of one row: who, where, what it said and what it may say."""
    episode_, seat_ = divmod(row, game.seats)
    name = cast.strategies[cast.who[episode_, seat_]].name
    parts = (getattr(answers, part) for part in ("choice", "amount"))
    said = [str(part.reshape(-1)[row]) for part in parts if part is not None]
    return IllegalAnswer(
        f"{name} answered {' '.join(said)}",
        where=f"round {ask.round[episode_]}, seat {seat_ + 1}",
        expected=game.allowed(ask, row),
    )
