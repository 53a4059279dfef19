"""How long an episode is, and what players are told of it."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from dilemmas.rules import talk as talks
from dilemmas.rules.game import Ints, Luck
from dilemmas.rules.params import Count, Parameters, Probability

DEFAULT_ROUNDS = 10


class Lasting(Parameters):
    """Parameters of a game that is played for rounds.

    ``rounds`` alone is a fixed length, ``continuation`` alone a geometric one (at least one round), both together a
    geometric one cut at ``rounds``; lengths are drawn once a repetition, so that cells of a seed share them.
    """

    default_rounds: ClassVar[int] = DEFAULT_ROUNDS

    rounds: Count | None = Field(default=None, description="rounds of an episode (10 without this and continuation)")
    continuation: Probability | None = Field(default=None, description="chance that another round follows")
    horizon: Literal["known", "hidden", "chance"] | None = Field(
        default=None, description="what players are told of the length"
    )
    talk: talks.Spoken = Field(default=None, description="what may be said around the decisions of a round (nothing)")

    @model_validator(mode="after")
    def _ends(self) -> Lasting:
        if self.continuation == 1 and self.rounds is None:
            raise ValueError("continuation 1 without rounds would never end; give rounds as well")
        talks.check(self.talk, getattr(self, "kind", ""))
        return self

    @property
    def told(self) -> str:
        """What players are told of the length: ``known``, ``hidden`` or ``chance``."""
        return self.horizon or ("known" if self.continuation is None else "chance")

    def lengths(self, luck: Luck) -> NDArray[np.int64]:
        """Rounds of every episode, ``(episodes,)``; drawn by repetition where there is a continuation probability."""
        if self.continuation is None:
            return np.full(len(luck.episode), self.rounds or self.default_rounds, np.int64)
        drawn = geometric(luck.words("length", 1, key=luck.repetition)[:, 0], self.continuation)
        return drawn if self.rounds is None else np.minimum(drawn, self.rounds)


def geometric(words: Ints, continuation: float) -> NDArray[np.int64]:
    """Lengths with P(at least k + 1 rounds) = continuation ** k, by comparing 32-bit words with a table.

    The table is made by repeated multiplication, so no library's logarithm can move a length.
    """
    survival = 1.0
    edges: list[float] = []
    while continuation and survival * continuation * 2**32 >= 1 and len(edges) < 10_000_000:
        survival *= continuation
        edges.append(survival)
    uniform = words.astype(np.float64) / 2**32
    return 1 + np.searchsorted(-np.array(edges), -uniform, side="left").astype(np.int64)
