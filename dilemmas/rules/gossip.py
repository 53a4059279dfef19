"""Gossip in the donor game: who tells of what a donor did, in which tones, who hears it, and what makes it true.

A fixed list of tones beside free words, told in public after a gift, is the form of Zhu et al. (2026, arXiv
2602.07777), whose five tones are the default; gossip as what holds indirect reciprocity together goes back to
Sommerfeld et al. (2007) and Nowak & Sigmund (2005). A tone has a value from -1 (the worst that can be said) to 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, model_validator
from pydantic import Field as Key

from dilemmas.rules.game import Answers, Ask, Bools, Floats
from dilemmas.rules.params import Count, Number, Parameters

KIND = "gossip"
NOTHING = "nothing"
"""The option of a teller who says nothing."""
TONES: Mapping[str, float] = {"praise": 1.0, "neutral": 0.0, "mockery": -1 / 3, "complaint": -2 / 3, "criticism": -1.0}
BY = ("recipient", "donor", "onlooker")


def _spaced(value: Any) -> Any:
    """Tones as a mapping, best first: names alone get values evenly spaced from 1 down to -1."""
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",")]
    if isinstance(value, (list, tuple)):
        _distinct(value)
        value = dict(zip(value, np.linspace(1, -1, max(len(value), 2)).tolist(), strict=False))
    return value


def _distinct(names: Any) -> None:
    for name in names:
        if not isinstance(name, str) or not name.strip():
            raise ValueError(f"a tone is called {name!r}; tones have names, such as {', '.join(TONES)}")
        if list(names).count(name) > 1:
            raise ValueError(f"the tone {name} is there twice")


def _block(value: Any) -> Any:
    """``gossip: recipient`` and ``gossip: true`` are short for a block."""
    if isinstance(value, bool):
        return {} if value else None
    return None if value in ("none", "null") else {"by": value} if isinstance(value, str) else value


Value = Annotated[Number, Key(ge=-1, le=1)]
Tones = Annotated[dict[str, Value], BeforeValidator(_spaced)]


class Gossip(Parameters):
    """What is told of donors after their gifts, by whom and to whom.

    Raises ValueError for tones that are fewer than two, share a name, or are called as saying nothing is.
    """

    by: Literal["recipient", "donor", "onlooker"] = Key(
        default="recipient", description="who tells what a donor did: its recipient, itself, or one drawn from the rest"
    )
    form: Literal["tone", "words", "both"] = Key(default="tone", description="a tone, words of one's own, or both")
    tones: Tones = Key(
        default=dict(TONES),
        description="a list from best to worst, evenly spaced from 1 to -1, or names with values in that range",
        validate_default=False,
    )
    heard_by: Literal["everyone", "next", "neighbours"] = Key(
        default="everyone",
        description="who hears it: all; the next other seat that gives to whom it is about; seats near the teller",
    )
    reach: Count = Key(default=1, description="how far neighbours sit, on the ring of seats")
    keep: Count = Key(default=3, description="newest messages about its recipient that a donor is shown")

    @model_validator(mode="after")
    def _told(self) -> Gossip:
        names = list(self.tones)
        _distinct(names)
        if len(names) < 2 or len(set(self.tones.values())) < 2:
            raise ValueError("gossip needs two tones or more, with different values")
        if wrong := next((name for name in names if _unusable(name)), None):
            raise ValueError(f"a tone cannot be called {wrong!r}: {NOTHING} is to say nothing, and a name is one word")
        # Best first whatever the order in a file, so that a file whose keys were sorted means the same.
        ordered = sorted(self.tones.items(), key=lambda item: -item[1])
        object.__setattr__(self, "tones", dict(ordered))
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Tones that may be chosen, best first; none where there are words alone."""
        return () if self.form == "words" else tuple(self.tones)

    @property
    def values(self) -> NDArray[np.float64]:
        """What they are worth, ``(tones,)``."""
        return np.array([self.tones[name] for name in self.names])

    @property
    def worded(self) -> bool:
        """Whether a teller may use words."""
        return self.form != "tone"

    def worth(self, tone: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """Values of tones by their numbers; NaN for -1, no tone."""
        worth: NDArray[np.float64] = np.append(self.values, np.nan)[tone]
        return worth


def _unusable(name: str) -> bool:
    return name.casefold() == NOTHING or len(name.split()) != 1 or not name[0].isalpha() or ":" in name


Told = Annotated[Gossip | None, BeforeValidator(_block)]


def check(gossip: Gossip | None, seats: int) -> None:
    """Raise ValueError where there is nobody outside a pair who could look on."""
    if gossip is not None and gossip.by == "onlooker" and seats < 3:
        raise ValueError(f"gossip by an onlooker needs 3 seats or more, not {seats}: one beside the pair")


def options(gossip: Gossip | None) -> tuple[str, ...]:
    """Tones, best first, and to say nothing."""
    return () if gossip is None else (*gossip.names, NOTHING)


def silence(ask: Ask) -> Answers:
    """Nothing is told by anybody."""
    quiet = len(ask.view.game.options(KIND, 0)) - 1
    return Answers(choice=np.full(ask.who.shape, quiet), text=np.full(ask.who.shape, None, object))


def truth(value: Floats, gave: Bools, known: Bools) -> NDArray[np.float64]:
    """Whether tones of these values are true of donors who gave or not: 1, 0, or NaN where that cannot be said.

    A good tone (above 0) is true of who gave, a bad one of who did not, and 0 is neither; nothing is true or false
    where there is no tone (NaN), or what was done is not ``known``.
    """
    right = np.where(value > 0, gave, ~gave).astype(np.float64)
    return np.where(known & (np.abs(value) > 0), right, np.nan)
