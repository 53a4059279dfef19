"""Voices that need nobody: answers that were typed before, given again."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from dilemmas.errors import IllegalAnswer
from dilemmas.rules.game import Answers, Array, Ask, Game, Outcome
from dilemmas.strategies.answering import understand


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
    """A typed answer of one seat: a word, a number, or both; raises IllegalAnswer with what would be allowed."""
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
