"""Draws for questions, addressed like all luck: they depend on the seed and the question's number alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from dilemmas.rules.game import Luck

T = TypeVar("T")


@dataclass
class Dice:
    """Draws from the luck of one row, one after the other; ``purpose`` keeps those of two makers apart."""

    luck: Luck
    purpose: str = "quiz"
    drawn: int = 0

    def below(self, count: int) -> int:
        """A whole number from 0 to ``count - 1``."""
        self.drawn += 1
        word = int(self.luck.words(self.purpose, 1, 0, self.drawn)[0, 0])
        return word * count >> 32

    def between(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return low + self.below(high - low + 1)

    def pick(self, values: Sequence[T]) -> T:
        """One of the values."""
        return values[self.below(len(values))]

    def sample(self, values: Sequence[T], count: int) -> list[T]:
        """``count`` of the values (all, where there are fewer), in an order that is drawn as well."""
        left = list(values)
        found: list[T] = []
        while left and len(found) < count:
            found.append(left.pop(self.below(len(left))))
        return found
