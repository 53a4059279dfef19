"""Voices that need nobody: answers that were typed before, given again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from dilemmas.errors import IllegalAnswer
from dilemmas.rules.game import Answers, Array, Ask, Floor, Game, Outcome
from dilemmas.rules.gossip import KIND
from dilemmas.rules.talk import END, Talk
from dilemmas.strategies import replies_talk
from dilemmas.strategies.answering import understand
from dilemmas.strategies.moves import MAIN
from dilemmas.strategies.wanted import Said, Unusable, Wanted


@dataclass(eq=False)
class Spoken:
    """A voice that gives typed answers in the order in which they were typed; several seats may share one."""

    typed: list[str] = field(default_factory=list)

    async def answer(self, game: Game, ask: Ask, row: int) -> Answers:
        """The next answer; raises IllegalAnswer where there is none left, or it is not allowed here."""
        if not self.typed:
            raise IllegalAnswer(
                "no answer is left of those that were typed", where=f"round {int(ask.round[0])}, seat {row + 1}"
            )
        return read(game, ask, row, self.typed.pop(0))

    def told(self, game: Game, outcome: Outcome) -> None:
        """Nothing to learn."""


def read(game: Game, ask: Ask, row: int, text: str) -> Answers:
    """A typed answer of one seat: a word, a number, or both; raises IllegalAnswer with what would be allowed.

    To gossip, a tone, a tone with words, or words, as the game has it, or ``nothing``. To talk, any line will do: what
    is said, nothing, or words with ``NEXT: 3`` (``TO: 3``) and ``PLEDGE: 10`` in it.
    """
    if ask.floor is not None:
        return _words(game, ask, ask.floor, row, text)
    if ask.kind == KIND:
        return _gossip(game, ask, row, text)
    parts = text.split()
    if not parts:
        raise IllegalAnswer("nothing was typed", expected=game.allowed(ask, row))
    said = tuple(map(_value, parts))
    choice, amount = understand(game, ask.kind, row, said[0] if len(said) == 1 else said)
    whole = Answers(
        None if choice is None else _alone(ask, row, np.array([choice])),
        None if amount is None else _alone(ask, row, np.array([amount])),
    )
    if game.illegal(ask, whole)[0, row]:
        raise IllegalAnswer(f"{text!r} is not allowed", expected=game.allowed(ask, row))
    return Answers(
        None if choice is None else np.array([choice]),
        None if amount is None else np.array([amount]),
    )


def _words(game: Game, ask: Ask, floor: Floor, row: int, text: str) -> Answers:
    """What a person says: seats are called by their numbers, from 1."""
    others = [seat for seat in floor.company[row] if seat != row]
    naming = naming_of(game, floor, row)
    wanted = Wanted(names=tuple(str(seat + 1) for seat in others) if naming else (), naming=naming, ending=True)
    heard = replies_talk.read(Said(text=text), replace(wanted, pledge=Wanted()), "")
    if isinstance(heard, Unusable):
        raise IllegalAnswer(heard.why, expected=f"{naming}: {', '.join(wanted.names)} or {replies_talk.NOBODY}")
    part = Answers(text=np.array([heard.text or None], object))
    part.to = None if heard.named is None else np.array([END if heard.named < 0 else others[heard.named]])
    promise = replies_talk.pledged(Said(text=text), replace(wanted, pledge=Wanted()))
    if promise is not None and floor.pledging[0, row]:
        said = tuple(map(_value, promise.split()))
        choice, amount = understand(game, MAIN.get(game.kind, "move"), row, said[0] if len(said) == 1 else said)
        part.choice = None if choice is None else np.array([choice])
        part.amount = None if amount is None else np.array([amount])
    return part


def _gossip(game: Game, ask: Ask, row: int, text: str) -> Answers:
    """What a person tells of a donor: a tone, then a colon and words where there are both; or nothing."""
    tones, worded = list(game.options(KIND, row)), game.gossip.worded  # type: ignore[attr-defined]  # it asked
    first, _, rest = text.strip().partition(" ")
    name = first.rstrip(":").casefold()
    found = [place for place, tone in enumerate(tones) if tone.casefold() == name]
    if len(tones) == 1:  # words alone
        rest, found = "" if name == tones[0] and not rest else text.strip(), [0]
    if not found or (rest.strip() and not worded) or not text.strip():
        raise IllegalAnswer(f"{text!r} is nothing that can be told", expected=game.allowed(ask, row))
    return Answers(np.array(found), text=np.array([rest.strip() or None], object))


def naming_of(game: Game, floor: Floor, row: int) -> str:
    """The marker of the name that a speaker has to give; empty for none."""
    talk: Talk = game.talk  # type: ignore[attr-defined]  # only games with talk ask for words
    return talk.naming(len(floor.company[row]))


def _value(part: str) -> str | float:
    """A number, with a point or a comma; anything else is a word."""
    try:
        value = float(part.replace(",", "."))
    except ValueError:
        return part
    return int(value) if value.is_integer() else value


def _alone(ask: Ask, row: int, value: Array) -> Array:
    """A whole array of answers in which one seat has said something."""
    whole = np.zeros(ask.who.shape, value.dtype)
    whole[0, row] = value[0]
    return whole
