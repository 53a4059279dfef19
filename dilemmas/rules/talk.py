"""Talk: an ask of its own around the decisions of a round, in every game; words bind nobody and change no rule.

Who may say something is asked one at a time, ``Ask(kind="talk")``, and answers with a text (or None: nothing is said),
with whom it names, and with what it pledges. The round loop (``dilemmas.rules.episode``) runs the conversation before
the first decision of a round, after its last one, or both. Where nobody can speak it costs nothing and asks nothing.

The order in which the next speaker is named by the one who speaks is that of Piatti et al. (2024), as is the first
seat's opening of it; cheap talk before a decision is older (Crawford 1998; Balliet 2010 for social dilemmas).
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Annotated, Any, Literal, TypeAlias

import numpy as np
from pydantic import BeforeValidator, model_validator
from pydantic import Field as Key

from dilemmas.rules.game import Answers, Array, Ask, Bools, Floor, Game, Ints, Luck, Outcome, State, View
from dilemmas.rules.params import Count, Parameters
from dilemmas.rules.shuffle import order as shuffled

KIND = "talk"
END, PASS = -1, -2
"""Whom a speaker names where it is no seat: nobody, which ends the talk; or nothing was said of it: the word goes on."""
STEPS = {"before": 1000, "after": 2000}  # where talk finds its luck: no game asks so often in a round

When = Literal["before", "after"]
Circle: TypeAlias = tuple[int, ...]
"""Seats of an episode that talk with one another and hear what is said aloud."""


def _listed(value: Any) -> Any:
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",")]
    return tuple(dict.fromkeys(value)) if isinstance(value, (list, tuple)) else value


def _block(value: Any) -> Any:
    """``talk: after`` and ``talk: true`` are short for a block."""
    if isinstance(value, bool):
        return {} if value else None
    return {"when": value} if isinstance(value, (str, list, tuple)) and value not in ("none", "null") else value


class Talk(Parameters):
    """What may be said in a round, when, by whom and to whom."""

    when: Annotated[tuple[When, ...], BeforeValidator(_listed), Key(min_length=1)] = Key(
        default=("before",), description="before the decisions of a round, after them, or a list of both"
    )
    order: Literal["fixed", "random", "named"] = Key(
        default="fixed",
        description="seat by seat; drawn; or the first seat begins and each speaker names the next, or ends the talk",
    )
    turns: Count | None = Key(default=None, description="most utterances of one talk (as many as there are seats)")
    private: bool = Key(
        default=False, description="heard by one other alone: the partner, or whom the speaker names"
    )
    report: Literal["none", "moderator", "each"] = Key(
        default="none", description="commons: who tells all catches of the round at the beginning of the talk"
    )
    pledges: bool = Key(default=False, description="whether a speaker may pledge what it will decide next")
    limit: Literal["none", "median"] = Key(
        default="none", description="commons: the middle of what was last pledged is told to all as the group's limit"
    )
    closing: bool = Key(default=False, description="whether there is talk after the last round as well, as published")


    @model_validator(mode="after")
    def _counted(self) -> Talk:
        if self.limit != "none" and (not self.pledges or self.private):
            raise ValueError("a limit is taken from pledges that all hear: it needs pledges: true, and no private talk")
        return self


Spoken = Annotated[Talk | None, BeforeValidator(_block)]


def check(talk: Talk | None, kind: str) -> None:
    """Raise ValueError for a report or a limit of catches where there are none."""
    for key in ("report", "limit"):
        if talk is not None and kind != "commons" and getattr(talk, key) != "none":
            raise ValueError(f"talk.{key} is about catches, which a {kind} game does not have")


def limit(pledges: Sequence[float]) -> float | None:
    """The limit of a group: the median of what its members pledged last; None where nobody pledged."""
    known = [amount for amount in pledges if amount == amount]
    return float(median(known)) if known else None


def silence(ask: Ask) -> Answers:
    """Nothing said, named or pledged, by anybody."""
    shape = ask.who.shape
    text = np.full(shape, None, object)
    return Answers(np.full(shape, -1), np.full(shape, np.nan), text, np.full(shape, PASS))


def put(answers: Answers, part: Answers, row: int) -> None:
    """One seat's part among all answers to a talk ask; what it leaves out stays unsaid."""
    for name in ("choice", "amount", "text", "to"):
        value = getattr(part, name)
        if value is not None:
            getattr(answers, name).reshape(-1)[row] = value[0]


def wrong(ask: Ask, answers: Answers) -> Bools:
    """Which asked seats answered with what is no utterance, or named a seat that does not listen."""
    assert ask.floor is not None and answers.text is not None and answers.to is not None
    bad = np.zeros(ask.who.shape, bool)
    seats = ask.who.shape[1]
    for row in np.flatnonzero(ask.who).tolist():
        text, to = answers.text.reshape(-1)[row], int(answers.to.reshape(-1)[row])
        heard = to in (END, PASS) or (to in ask.floor.company[row] and to != row % seats)
        bad.reshape(-1)[row] = not (text is None or isinstance(text, str)) or not heard
    return bad


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
        for step in range(0 if named else 1, len(self.seats) + 1):
            found = self.seats[(place + step) % len(self.seats)]
            if found in self.able:
                return found if found != speaker else None
        return None


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
            yield from self._converse("before", state, ask, 0 * ask.ordinal, ask.who.any(axis=1), ask.who)

    def after(self, state: State, ask: Ask, following: Ask | None) -> Talks:
        """What is said after an ask: something only where the round is over."""
        if "after" not in self.talk.when or (following is not None and following.clock == ask.clock):
            return
        live = ask.who.any(axis=1)
        goes_on = live & following.who.any(axis=1) if following is not None else np.zeros(len(live), bool)
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
            self.said = np.where(asked.who.any(axis=1), turn, self.said)
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


def company(game: Game, ask: Ask, row: int, private: bool) -> list[Circle]:
    """The circles of an episode at the first ask of a round: as the game says, else all who are asked."""
    found = getattr(game, "company", None)
    if found is not None:
        return [tuple(circle) for circle in found(ask, row, private)]
    return [tuple(np.flatnonzero(ask.who[row]).tolist())]


def samples(game: Game, ask: Ask) -> list[Ask]:
    """Asks to speak as they could come with the first ask of an episode, one for each talk of a round."""
    talk: Talk | None = getattr(game, "talk", None)
    seats = [seat for circle in company(game, ask, 0, talk.private) for seat in circle] if talk is not None else []
    if talk is None or len(seats) < 2:
        return []
    who = np.zeros(ask.who.shape, bool)
    who[0, seats] = True
    around = {seat: circle for circle in company(game, ask, 0, talk.private) for seat in circle}
    most = {seat: talk.turns or len(circle) for seat, circle in around.items()}
    floors = [Floor(when, 1, around, most, who & talk.pledges) for when in talk.when]
    return [replace(ask, kind=KIND, who=who, step=STEPS[floor.when] + 1, floor=floor) for floor in floors]
