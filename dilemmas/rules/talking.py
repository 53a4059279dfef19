"""Conversations around the decisions of a round, for a batch of episodes: who has the word, and when it is over."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np

from dilemmas.rules.game import Answers, Array, Ask, Bools, Floor, Game, Ints, Luck, Outcome, State, View
from dilemmas.rules.shuffle import order as shuffled
from dilemmas.rules.talk import END, KIND, PASS, STEPS, Circle, Talk, When, company


@dataclass(slots=True)
class _Floor:
    """One circle's conversation: who has the word, and how often it was taken."""

    episode: int
    seats: Circle
    able: frozenset[int]
    queue: list[int] | None  # who speaks when, None for nobody's turn; None where the next is named
    turns: int
    now: int | None = None
    taken: int = 0

    def speaker(self) -> int | None:
        """Who speaks next; None where the talk is over."""
        if self.queue is not None:
            return self.queue[self.taken] if self.taken < len(self.queue) else None
        return self.now if self.taken < self.turns else None

    def after(self, speaker: int, to: int) -> None:
        """The word goes on."""
        self.taken += 1
        self.now = None if to == END else self.heir(to if to != PASS else speaker, speaker, named=to != PASS)

    def heir(self, seat: int, speaker: int | None, *, named: bool) -> int | None:
        """The seat itself where it was named and can speak, else the next one round the table that can."""
        place = self.seats.index(seat)
        for step in range(0 if named else 1, len(self.seats)):
            found = self.seats[(place + step) % len(self.seats)]
            if found in self.able and found != speaker:
                return found
        return None


def _live(ask: Ask) -> Bools:
    """Episodes in which anybody is asked."""
    return np.asarray(ask.who.any(axis=1))


Talks: TypeAlias = Generator[Ask | Outcome, Answers | None, None]


@dataclass(slots=True)
class Talking:
    """The conversations of a batch; ``speakers`` ``(episodes, seats)`` says who has anything to say.

    ``said`` counts the talk asks of the round in every episode, so that (round, ask) stays a key of decisions.
    """

    game: Game
    talk: Talk
    luck: Luck
    speakers: Bools
    clock: int = 0
    said: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    circles: list[list[Circle]] = field(default_factory=list)

    @classmethod
    def of(cls, game: Game, luck: Luck, speakers: Bools | None) -> Talking | None:
        """The talk of a game, None where it has none or nobody can speak."""
        talk: Talk | None = getattr(game, "talk", None)
        if talk is None or speakers is None or not speakers.any():
            return None
        return cls(game, talk, luck, speakers)

    def before(self, state: State, ask: Ask) -> Talks:
        """What is said before an ask: something only where it is the first of its round."""
        if ask.clock == self.clock:
            return
        self.clock, self.said = ask.clock, np.zeros(len(ask.who), np.int64)
        self.circles = [company(self.game, ask, row, self.talk.private) for row in range(len(ask.who))]
        if "before" in self.talk.when:
            yield from self._converse("before", state, ask, 0 * ask.ordinal, _live(ask), ask.who)

    def after(self, state: State, ask: Ask, following: Ask | None) -> Talks:
        """What is said after an ask: something only where the round is over."""
        if "after" not in self.talk.when or (following is not None and following.clock == ask.clock):
            return
        live = _live(ask)
        goes_on = live & _live(following) if following is not None else np.zeros(len(live), bool)
        rows = live if self.talk.closing else goes_on
        pledging = np.repeat(goes_on[:, None], ask.who.shape[1], axis=1)
        yield from self._converse("after", state, ask, ask.ordinal, rows, pledging)

    def counted(self, ask: Ask) -> Ask:
        """An ask of the game with its number among all asks of the round."""
        return replace(ask, ordinal=ask.ordinal + self.said)

    def _converse(self, when: When, state: State, ask: Ask, base: Ints, rows: Bools, pledging: Bools) -> Talks:
        floors = [floor for row in np.flatnonzero(rows).tolist() for floor in self._floors(when, row)]
        turn = 0
        while True:
            speaking = [(floor, seat) for floor in floors if (seat := floor.speaker()) is not None]
            if not speaking:
                return
            turn += 1
            asked = self._ask(when, state, ask, base + turn, turn, speaking, pledging)
            answers = yield asked
            if answers is None or answers.to is None:
                raise TypeError("talk was resumed without answers")
            for floor, seat in speaking:
                floor.after(seat, int(answers.to[floor.episode, seat]))
            self.said = np.where(_live(asked), turn, self.said)
            yield Outcome(asked, dict, messages=self._columns(asked, answers))

    def _ask(
        self,
        when: When,
        state: State,
        ask: Ask,
        ordinal: Ints,
        turn: int,
        speaking: Sequence[tuple[_Floor, int]],
        pledging: Bools,
    ) -> Ask:
        who, seats = np.zeros(ask.who.shape, bool), ask.who.shape[1]
        for floor, seat in speaking:
            who[floor.episode, seat] = True
        around = {floor.episode * seats + seat: floor.seats for floor, seat in speaking}
        most = {floor.episode * seats + seat: floor.turns for floor, seat in speaking}
        return Ask(
            kind=KIND,
            who=who,
            round=ask.round,
            ordinal=ordinal,
            view=View(self.game, state),
            everyone=False,
            clock=ask.clock,
            step=STEPS[when] + turn,
            floor=Floor(when, turn, around, most, pledging & self.talk.pledges),
        )

    def _floors(self, when: When, row: int) -> list[_Floor]:
        able = self.speakers[row]
        found = []
        for seats in self.circles[row]:
            speakers = frozenset(seat for seat in seats if able[seat])
            turns = self.talk.turns or len(seats)
            if not speakers or len(seats) < 2:
                continue
            floor = _Floor(row, seats, speakers, None, turns)
            if self.talk.order == "named":
                floor.now = floor.heir(seats[0], None, named=True)
            else:
                floor.queue = [seat for seat in self._places(when, row, seats, turns) if seat in speakers]
            found.append(floor)
        return found

    def _places(self, when: When, row: int, seats: Circle, turns: int) -> list[int]:
        """Whose turn it is, silent seats included; a drawn order is drawn anew for every time round."""
        laps = -(-turns // len(seats))
        if self.talk.order == "fixed":
            return (list(seats) * laps)[:turns]
        places: list[int] = []
        for lap in range(laps):
            key = self.luck.episode[row : row + 1]
            words = self.luck.words("talk order", self.game.seats, self.clock, STEPS[when] + lap, key=key)
            places += [seats[place] for place in shuffled(words[:, list(seats)])[0].tolist()]
        return places[:turns]

    def _columns(self, ask: Ask, answers: Answers) -> Any:
        """Columns of the messages table, made when they are wanted."""

        def columns() -> Mapping[str, Array]:
            to = np.full(ask.who.shape, None, object)
            for row in np.flatnonzero(ask.who).tolist():
                to.reshape(-1)[row] = self.hearers(ask, answers, row)
            blank = np.full(ask.who.shape, -1)
            return {"text": answers.text, "to": to, "about": blank, "pledge": answers.amount, "option": answers.choice}  # type: ignore[dict-item]  # talk has all of them

        return columns

    def hearers(self, ask: Ask, answers: Answers, row: int) -> Circle:
        """Seats that hear what the seat of a row says."""
        assert ask.floor is not None and answers.to is not None
        speaker = row % ask.who.shape[1]
        others = tuple(seat for seat in ask.floor.company[row] if seat != speaker)
        if not self.talk.private or len(others) == 1:
            return others
        to = int(answers.to.reshape(-1)[row])
        return (to,) if to >= 0 else ()
