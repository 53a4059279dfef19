"""How the donor tests play: casts from laws, one episode told round by round, pairings of a schedule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

import dilemmas.strategies.donor_rules  # noqa: F401  # declares the laws
from dilemmas.engine.batch import answer
from dilemmas.engine.chance import Chance
from dilemmas.rules.donor import Donor
from dilemmas.rules.episode import episode
from dilemmas.rules.game import Ask, Outcome
from dilemmas.strategies.rule import Rule
from dilemmas.strategies.strategy import Cast, seat


def rule(law: str, **numbers: Any) -> Rule:
    return Rule.of(law, law, numbers)


def cast_of(team: Sequence[Any], episodes: int = 1) -> Cast:
    return Cast(tuple(team), np.tile(np.arange(len(team)), (episodes, 1)))


def by_schedule(schedule: str, seats: int, rounds: int) -> list[list[list[int]]]:
    """Pairings as seats sit when nothing is shuffled, by the place of side A's seat."""
    game = Donor(seats=seats, rounds=rounds, schedule=schedule, shuffle=False)
    half = seats // 2
    found = []
    for moves, _ in one(game, [rule("constant-donor")] * seats):
        pairs = [[donor, move["partner"]] for donor, move in moves.items()]
        found.append(sorted(pairs, key=lambda pair: min(pair)))
        assert len(pairs) == half
    return found


Told = dict[int, dict[str, Any]]


def one(game: Donor, team: Sequence[Any], seed: int = 0) -> Iterator[tuple[Told, Told]]:
    """Every round of one episode: what each donor did, and what it was told before, by seat from 0."""
    views: Told = {}
    for event in events(game, team, seed):
        if isinstance(event, Ask):
            donors = np.flatnonzero(event.who[0])
            told = {int(seat): event.view.told(int(seat)) for seat in donors}
            views = {seat: {name: getattr(view, name) for name in game.fields} for seat, view in told.items()}
        else:
            columns = event.moves()
            donors = np.flatnonzero(event.ask.who[0])
            yield {int(s): {name: column[0, s].item() for name, column in columns.items()} for s in donors}, views


def events(game: Donor, team: Sequence[Any], seed: int) -> Iterator[Ask | Outcome]:
    """What scripts are asked in one episode, and what came of it, as it happens."""
    cast, luck = cast_of(team), Chance.of(seed, 1, 1)
    groups, loop, reply = seat(cast, game), episode(game, luck), None
    while True:
        try:
            event = loop.send(reply)
        except StopIteration:
            return
        yield event
        reply = answer(game, groups, event, luck, cast) if isinstance(event, Ask) else None
