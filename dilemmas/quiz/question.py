"""What a question is: how a model is told it, what would be an answer, and what a right one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from dilemmas.strategies.prompts import shown
from dilemmas.strategies.scene import Scene
from dilemmas.strategies.wanted import Said, Wanted

Part: TypeAlias = Literal["comprehension", "dynamics", "theory-of-mind", "planning", "onlooker"]
PARTS: tuple[Part, ...] = ("comprehension", "dynamics", "theory-of-mind", "planning", "onlooker")
"""The classes of questions. Those of the last have answers that nobody could know in the first rounds."""
USUAL: tuple[Part, ...] = PARTS[:4]
SLACK = 0.01
"""How far a number that need not be whole may be off: two digits after the point are enough."""


@dataclass(frozen=True, slots=True)
class Right:
    """A right answer: one of the options ``choices`` (by index), or a number from ``low`` to ``high``."""

    choices: tuple[int, ...] = ()
    low: float | None = None
    high: float | None = None

    def fits(self, said: Said, *, integer: bool) -> bool:
        """Whether an answer is right."""
        if self.low is None or self.high is None:
            return said.choice in self.choices
        slack = 1e-9 if integer else SLACK + 1e-9
        return said.amount is not None and self.low - slack <= said.amount <= self.high + slack

    def words(self, wanted: Wanted) -> str:
        """A right answer as tables have it: the option, the number, or the least and the largest of them."""
        if self.low is None or self.high is None:
            return " or ".join(wanted.options[choice] for choice in self.choices)
        return shown(self.low) if self.low == self.high else f"{shown(self.low)} to {shown(self.high)}"


@dataclass(frozen=True, slots=True)
class Draft:
    """A question before it has a number: its text, what is right, the scene that it is put in (which says what is
    wanted), the round that is to be played and the seat that reads it (from 1). ``kind`` is its own name where its
    maker makes several kinds.
    """

    text: str
    right: Right
    scene: Scene
    round: int
    seat: int
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a sheet. ``scene`` is what a model is told, with the question in place of the game's own;
    ``round`` is the one that is to be played next in what it is shown, ``seat`` whose side it is told (from 1).
    """

    number: int
    part: Part
    kind: str
    text: str
    scene: Scene
    right: Right
    round: int
    seat: int

    @property
    def expected(self) -> str:
        """A right answer in words."""
        return self.right.words(self.scene.wanted)

    def fits(self, said: Said) -> bool:
        """Whether an answer is right."""
        return self.right.fits(said, integer=self.scene.wanted.integer)


def number(value: float, top: float, *, integer: bool = False, losses: bool = False) -> tuple[Wanted, Right]:
    """A number is wanted; the range that is told says nothing of the answer: it is a round one far around ``top``."""
    high = roomy(top)
    wanted = Wanted(low=-high if losses else 0.0, high=high, integer=integer)
    return wanted, Right(low=float(value), high=float(value))


def roomy(top: float) -> float:
    """A round number (1, 2 or 5 times a power of ten) of at least twice ``top``, and of at least 10."""
    wide, power = max(2 * abs(top), 10.0), 1.0
    while 10 * power < wide:
        power *= 10
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= wide)


def option(labels: Sequence[str], order: Sequence[str], right: int, noun: str = "") -> tuple[Wanted, Right]:
    """One of the game's own options is wanted."""
    return Wanted(options=tuple(labels), order=tuple(order), noun=noun), Right((right,))


def items(texts: Sequence[str], right: int) -> tuple[str, Wanted, Right]:
    """One of several numbered texts is wanted: the texts as lines, then what is wanted and right."""
    numbers = tuple(str(place) for place in range(1, len(texts) + 1))
    listed = "\n".join(f"{number}: {text}" for number, text in zip(numbers, texts, strict=True))
    return listed, Wanted(options=numbers), Right((right,))


def yes(right: bool) -> tuple[Wanted, Right]:
    """Yes or no is wanted."""
    return Wanted(options=("yes", "no")), Right((0 if right else 1,))


def best(values: Sequence[float]) -> int | None:
    """Where the largest value stands, None where another comes as near as rounding could tell."""
    order = sorted(range(len(values)), key=lambda place: -values[place])
    if len(order) > 1 and values[order[0]] - values[order[1]] <= 1e-6 * max(1.0, abs(values[order[0]])):
        return None
    return order[0] if order else None
