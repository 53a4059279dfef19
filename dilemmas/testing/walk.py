"""A driver that can be watched and held: the round loop of the engines, one ask at a time."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from dilemmas.engine import canned
from dilemmas.engine.batch import Turn, Turns, coins, fill
from dilemmas.engine.chance import Chance
from dilemmas.engine.record import Played, Record
from dilemmas.rules.episode import episode
from dilemmas.rules.game import Answers, Ask, Game, Outcome, Score
from dilemmas.strategies.strategy import Cast, seat


class Watch:
    """Sees everything that happens in a walk; a kit overrides what it wants to look at."""

    def asked(self, ask: Ask) -> None:
        """Before an ask is answered."""

    def turn(self, turn: Turn, ask: Ask) -> None:
        """Before a group answers."""

    def said(self, turn: Turn, ask: Ask, part: Answers) -> None:
        """After a group answered."""

    def answered(self, ask: Ask, answers: Answers) -> None:
        """With all answers, before they settle."""

    def settled(self, ask: Ask, outcome: Outcome | None) -> None:
        """After they did."""

    def over(self, score: Score) -> None:
        """At the end."""


def walk(game: Game, cast: Cast, luck: Chance, watch: Watch | None = None) -> Generator[Ask, None, Played]:
    """Play all episodes at once, as the batch engine does, stopping at every ask; returns what was played."""
    watch, groups, turns = watch or Watch(), seat(cast, game), Turns()
    record, loop = Record(game, int(luck.episode[0]), keep=True), episode(game, luck)
    ask, answers = None, None
    while True:
        try:
            event = loop.send(answers)
        except StopIteration as end:
            _settled(watch, ask, None)
            watch.over(end.value)
            return record.played(end.value, {})
        answers = None
        if isinstance(event, Outcome):
            record.add(event)
            _settled(watch, event.ask, event)
            ask = None
            continue
        _settled(watch, ask, None)
        ask = event
        yield ask
        watch.asked(ask)
        words = canned.asked(ask, cast)  # which the players of strategies are not asked for
        answers = canned.answers(game, ask, cast) if words else Answers()
        for turn in () if words else turns.of(groups, ask):
            watch.turn(turn, ask)
            part = turn.group.player.decide(ask.view.at(turn.where), ask, turn.rows, coins(turn, ask, luck, game.seats))
            watch.said(turn, ask, part)
            fill(answers, part, turn.where, ask)
        watch.answered(ask, answers)


def _settled(watch: Watch, ask: Ask | None, outcome: Outcome | None) -> None:
    if ask is not None:
        watch.settled(ask, outcome)


def finish(walking: Generator[Ask, None, Played]) -> Played:
    """Walk to the end."""
    while True:
        try:
            next(walking)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]  # what the generator is declared to return


def together(*walks: Generator[Ask, None, Played]) -> list[Played]:
    """Several walks by turns, an ask of each at a time."""
    ended: dict[int, Played] = {}
    while len(ended) < len(walks):
        for number, walking in enumerate(walks):
            if number not in ended:
                try:
                    next(walking)
                except StopIteration as end:
                    ended[number] = end.value
    return [ended[number] for number in range(len(walks))]


def luck_of(seed: int, episodes: int) -> Chance:
    """Luck in which every second episode is the second leg of its group, and repetitions are of two episodes."""
    count = np.arange(episodes)
    return Chance(seed, 1, count, count // 2 + 1, count // 2, count % 2)
