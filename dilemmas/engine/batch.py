"""The synchronous driver: thousands of episodes in lockstep, every seat scripted."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import numpy as np

from dilemmas.engine.record import Played, Record, join
from dilemmas.errors import IllegalAnswer
from dilemmas.rules.episode import episode
from dilemmas.rules.game import Answers, Ask, Floats, Game, Ints, Luck, Outcome
from dilemmas.engine.chance import BLOCK, Chance
from dilemmas.strategies.strategy import Cast, Group, seat

ROWS = 1 << 16  # of a chunk: a few arrays of this size stay in a core's cache
_ALL = slice(None)


def play(game: Game, cast: Cast, luck: Chance, *, keep: bool = True, chunk: int | None = None, tick: Callable[[int], None] | None = None) -> Played:
    """Play all episodes of ``luck`` with the cast in their seats.

    ``keep`` keeps decisions and rounds, otherwise scores alone; ``chunk`` is how many episodes go together (results
    do not depend on it); ``tick`` is told how many episodes are done after each chunk. Raises IllegalAnswer, Misfit.
    """
    episodes = len(luck.episode)
    size = chunk or max(BLOCK, ROWS // game.seats // BLOCK * BLOCK)
    parts = []
    for start in range(0, max(episodes, 1), size):
        stop = min(start + size, episodes)
        parts.append(_chunk(game, cast.rows(start, stop), luck.rows(start, stop), keep))
        if tick is not None:
            tick(stop)
    return join(parts)


def _chunk(game: Game, cast: Cast, luck: Chance, keep: bool) -> Played:
    groups = seat(cast, game)
    record = Record(game, int(luck.episode[0]) if len(luck.episode) else 0, keep)
    loop, reply = episode(game, luck), None
    while True:
        try:
            event = loop.send(reply)
        except StopIteration as end:
            return record.played(end.value, {group.label: group.seconds for group in groups})
        reply = None
        if isinstance(event, Outcome):
            record.add(event)
        else:
            reply = answer(game, groups, event, luck, cast)


def answer(game: Game, groups: list[Group], ask: Ask, luck: Luck, cast: Cast) -> Answers:
    """The answers of scripted groups, checked against the rules unless they are legal by construction."""
    answers, trusted = Answers(), True
    for group in groups:
        if (part := _decide(game, group, ask, luck)) is not None:
            _fill(answers, part[0], part[1], ask)
            trusted &= group.player.trusted
    if not trusted and (bad := game.illegal(ask, answers)).any():
        raise illegal(game, ask, answers, cast, int(np.flatnonzero(bad)[0]))
    return answers


def _decide(game: Game, group: Group, ask: Ask, luck: Luck) -> tuple[Answers, Ints | None] | None:
    began = perf_counter()
    rows: Ints | slice
    if ask.everyone:
        rows, where = _ALL, group.where
    else:
        who = ask.who.reshape(-1)
        rows = np.flatnonzero(who if group.where is None else who[group.where])
        where = rows if group.where is None else group.where[rows]
        if not len(rows):
            return None
    part = group.player.decide(ask.view.at(where), ask, rows, coins(group, ask, luck, game.seats, where))
    group.seconds += perf_counter() - began
    return part, where


def coins(group: Group, ask: Ask, luck: Luck, seats: int, where: Ints | None) -> Floats:
    """Uniform numbers for the asked rows, ``(asked, uniforms)``; the k-th of a row is its own, whoever plays."""
    drawn = [luck.draw(f"coin-{k}", seats, ask.clock, ask.step).reshape(-1) for k in range(group.player.uniforms)]
    if not drawn:
        return np.empty((0, 0), np.float32)
    if len(drawn) == 1:
        return (drawn[0] if where is None else drawn[0][where])[:, None]
    both = np.stack(drawn, axis=1)
    return both if where is None else both[where]


def _fill(answers: Answers, part: Answers, where: Ints | None, ask: Ask) -> None:
    for name in ("choice", "amount"):
        value = getattr(part, name)
        if value is None:
            continue
        if where is None:
            setattr(answers, name, value.reshape(ask.who.shape))
            continue
        if getattr(answers, name) is None:
            setattr(answers, name, np.zeros(ask.who.shape, value.dtype if name == "choice" else np.float64))
        whole = getattr(answers, name)
        if whole.dtype != np.result_type(whole, value):
            whole = whole.astype(np.result_type(whole, value))
            setattr(answers, name, whole)
        whole.reshape(-1)[where] = value


def illegal(game: Game, ask: Ask, answers: Answers, cast: Cast, row: int) -> IllegalAnswer:
    """The error for the answer of one row: who, where, what it said and what it may say."""
    episode_, seat_ = divmod(row, game.seats)
    name = cast.strategies[cast.who[episode_, seat_]].name
    said = [str(getattr(answers, part).reshape(-1)[row]) for part in ("choice", "amount") if getattr(answers, part) is not None]
    return IllegalAnswer(
        f"{name} answered {' '.join(said)}",
        where=f"round {ask.round[episode_]}, seat {seat_ + 1}",
        expected=game.allowed(ask, row),
    )
