"""People at the keyboard: each is shown only what its seat may see, and every answer is checked when typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from dilemmas.cli import screen
from dilemmas.engine.live import Voice
from dilemmas.engine.voices import naming_of, read
from dilemmas.errors import IllegalAnswer, many
from dilemmas.rules.game import Answers, Ask, Game, Outcome
from dilemmas.rules.gossip import KIND as GOSSIP
from dilemmas.strategies.scene_talk import Heard, hear

HELP = "(an answer, or: rules, undo, quit)"


class Undo(Exception):
    """A person takes the last answer back; the episode is played again up to there."""


class Quit(Exception):
    """A person has had enough."""


@dataclass
class Keyboard:
    """What the people of one episode share: a way to ask and to show, and all answers typed so far.

    ``ready`` holds answers of an earlier play of the same episode, which are given again without asking: play is
    repeatable, so that undoing is playing again without the last line. ``starts`` says where in ``typed`` each line
    began, which at a table holds several answers. ``final`` says that nothing can be taken back.
    """

    ask: Callable[[str], str]
    show: Callable[[str], None]
    clear: Callable[[], None]
    people: Sequence[int]
    table: bool = False
    final: bool = False
    ready: list[str] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    heard: dict[int, list[Heard]] = field(default_factory=dict)
    _waiting: list[str] = field(default_factory=list)
    _left: Exception | None = None

    def voices(self) -> Mapping[int, Voice]:
        """A voice for every seat that a person has; the episode begins, so nothing was heard yet."""
        self.heard.clear()
        return {seat: Person(self, seat) for seat in self.people}

    def answer(self, game: Game, ask: Ask, row: int) -> Answers:
        """What the person in a seat answers, asked again until it is legal."""
        if self.ready:
            text = self.ready.pop(0)
            self.typed.append(text)
            return read(game, ask, row, text)
        if self._left is not None:
            raise self._left  # somebody before this seat took an answer back or quit: nobody else is asked
        if not self._waiting:
            self._prepare(game, ask, row)
        try:
            return self._heard(game, ask, row)
        except (Undo, Quit, EOFError) as error:
            self._left = error
            raise

    def _prepare(self, game: Game, ask: Ask, row: int) -> None:
        several = len(self.people) > 1
        if several and not self.table:
            self.clear()
            self.ask(f"Seat {row + 1}: take the keyboard and press Enter. ")
            self.clear()
        self.show("")
        for line in [*screen.situation(game, ask, row), *screen.heard(self.heard.get(row, ()), row)]:
            self.show(line)

    def _heard(self, game: Game, ask: Ask, row: int) -> Answers:
        while True:
            fresh = not self._waiting
            text = self._line(game, ask, row)
            try:
                answer = read(game, ask, row, text)
            except IllegalAnswer as error:
                self.show(f"{error}")
                continue
            if fresh:
                self.starts.append(len(self.typed))
            self.typed.append(text)
            if len(self.people) > 1 and not self.table:
                self.clear()
            return answer

    def _line(self, game: Game, ask: Ask, row: int) -> str:
        """The seat's answer; at a table, one line has the answers of all seats, and all of them must be right."""
        if self._waiting:
            return self._waiting.pop(0)
        asked = [seat for seat in self.people if ask.who[0, seat] and seat >= row]
        together = self.table and len(asked) > 1 and ask.kind != GOSSIP  # words have spaces in them
        who = f"seats {asked[0] + 1} to {asked[-1] + 1}, with spaces between" if together else _allowed(game, ask, row)
        while True:
            words = self._command(game, self.ask(f"{who} {HELP}: ").strip())
            if not together:
                return words
            if self._complete(game, ask, asked, words.split()):
                first, *self._waiting = words.split()
                return first

    def _complete(self, game: Game, ask: Ask, asked: Sequence[int], parts: Sequence[str]) -> bool:
        if len(parts) != len(asked):
            self.show(f"{many(len(parts), 'answer')} for {many(len(asked), 'seat')}")
            return False
        for seat, part in zip(asked, parts, strict=True):
            try:
                read(game, ask, seat, part)
            except IllegalAnswer as error:
                self.show(f"seat {seat + 1}: {error}")
                return False
        return True

    def _command(self, game: Game, text: str) -> str:
        """Handle a word that is no answer; gives back the text that is one, or nothing."""
        if text.lower() == "undo" and self.final:
            self.show("What a model has answered cannot be taken back, so nothing is.")
            return self._command(game, self.ask(f"{HELP}: ").strip())
        if text.lower() == "undo":
            raise Undo
        if text.lower() in ("quit", "exit"):
            raise Quit
        if text.lower() in ("rules", "help", "?"):
            for line in screen.rules(game):
                self.show(line)
            return self._command(game, self.ask(f"{HELP}: ").strip())
        return text


def _allowed(game: Game, ask: Ask, row: int) -> str:
    """What may be answered: to a question of the game, or when the seat has the word."""
    if ask.floor is None:
        return game.allowed(ask, row)
    naming, pledges = naming_of(game, ask.floor, row), bool(ask.floor.pledging[0, row])
    others = " or ".join(str(seat + 1) for seat in ask.floor.company[row] if seat != row)
    end = " or nobody" if naming == "NEXT" else ""
    return (
        "what you say" + ", then PLEDGE: and what you will do" * pledges + f", {naming}: {others}{end}" * bool(naming)
    )


@dataclass(eq=False)
class Person:
    """The voice of a seat: the keyboard, when it is this seat's turn."""

    keyboard: Keyboard
    seat: int
    last: bool = True  # asked once all models have answered

    async def answer(self, game: Game, ask: Ask, row: int) -> Answers:
        """Ask the person; the keyboard is one, so people answer one after the other."""
        return self.keyboard.answer(game, ask, row)

    def told(self, game: Game, outcome: Outcome) -> None:
        """A person sees what happened on the next screen, and what was said."""
        self.keyboard.heard.setdefault(self.seat, []).extend(hear(outcome, self.seat))
