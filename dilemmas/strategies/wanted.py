"""What would be an answer to an ask, in the words that a player was shown; and what one was understood to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an answer must be.

    ``options`` are the labels to choose from, in canonical order (empty: the answer is a number, or any text where
    ``text``); ``amounts`` says for each option whether a number goes with it (empty: for none). A number lies between
    ``low`` and ``high``, both included, in ``unit``; ``whole`` is what a percentage or a fraction is a part of.
    ``order`` holds the options in the order in which they were shown (empty: as in ``options``), ``noun`` the word
    for an option that a player read ("recipe"), ``json`` says that the reply is an object by a schema, ``reasons``
    whether that has room for reasons. ``speech`` is a text that others hear: ``names`` are those of whom it has to name
    one after the marker ``naming``, or nobody where ``ending``, and ``pledge`` is what may be pledged with it;
    ``quiet`` is the word that says alone, or as the name, that nothing is said (empty: there is none).
    """

    options: tuple[str, ...] = ()
    amounts: tuple[bool, ...] = ()
    low: float | None = None
    high: float | None = None
    integer: bool = False
    whole: float | None = None
    unit: str = ""
    text: bool = False
    marker: str = "ANSWER"
    order: tuple[str, ...] = ()
    noun: str = ""
    json: bool = False
    reasons: bool = True
    speech: bool = False
    names: tuple[str, ...] = ()
    naming: str = ""
    ending: bool = False
    pledge: Wanted | None = None
    quiet: str = ""

    @property
    def number(self) -> bool:
        """Whether an answer holds a number, or may."""
        return self.low is not None and (not self.options or any(self.amounts))

    @property
    def listed(self) -> tuple[str, ...]:
        """The options in the order in which they were shown."""
        return self.order or self.options

    def plain(self) -> Mapping[str, Any]:
        """As plain data, for stand-ins."""
        parts = ((name, getattr(self, name)) for name in self.__slots__)  # none of them can be changed
        return {name: part.plain() if isinstance(part, Wanted) else part for name, part in parts}


@dataclass(frozen=True, slots=True)
class Said:
    """An answer that was understood: an index among the options, a number, or both; ``words`` are those it was read
    from, ``text`` the whole of a free text, ``named`` the index of a name in it, -1 for nobody, None where none was
    wanted.
    """

    choice: int | None = None
    amount: float | None = None
    words: str = ""
    text: str = ""
    named: int | None = None


@dataclass(frozen=True, slots=True)
class Unusable:
    """An answer that could not be used: ``why``, as the player is told (a whole sentence), and what ``kind`` it was:
    empty, truncated, refused, unreadable, ambiguous, illegal.
    """

    why: str
    kind: str
