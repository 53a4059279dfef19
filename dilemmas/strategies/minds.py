"""What a model's seat remembers within an episode: texts that it keeps, and a stream of notes that it draws from.

Notes are taken as in Park et al. (2023), "Generative agents": by recency, importance and relevance, each brought to
[0, 1] over the stream and added up. Two things differ. Recency counts rounds of the game, not hours. Relevance counts
shared words, not the closeness of embeddings: no further model is needed, and the same notes come out everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from dilemmas.strategies.prompted import Prompted

DECAY = 0.99  # of recency, a round; Park et al. take 0.995 an hour
LONGEST = 1_000  # characters of a note
QUOTED = 30_000  # characters of a text of a model that are quoted to it, or to others, at once
OPEN, CLOSE = "<<<", ">>>"
_WORD = re.compile(r"\w+")
_MARKS = re.compile(r"<{3,}|>{3,}")
# Control characters (of the category Cc) but \n and \t, lone surrogates (Cs), and what turns the direction of reading.
_NONE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Note:
    """A note of a round, with its importance from 1 to 10 as the model rated it."""

    round: int
    text: str
    importance: float


@dataclass
class Mind:
    """What one seat has kept so far: the latest text of every step that keeps one, when it ran, and the notes.

    It is made anew for every episode, and changes as :func:`dilemmas.strategies.deliberate.deliberate` goes on.
    """

    texts: dict[str, str] = field(default_factory=dict)
    ran: dict[str, int] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    @classmethod
    def of(cls, strategy: Prompted) -> Mind:
        """The mind of a seat before its first decision; only seats whose strategy keeps texts ever fill it."""
        return cls()

    def note(self, round_: int, text: str, importance: float) -> None:
        """Keep a note of a round; its text becomes one line, and what is over the longest is cut visibly."""
        self.notes.append(Note(round_, shortened(" ".join(clean(text).split()), LONGEST), importance))

    def retrieve(self, query: str, k: int, round_: int) -> tuple[Note, ...]:
        """The ``k`` notes that matter most in a round to what ``query`` speaks of, best first; ties: newer first."""
        scores = self._scores(query, round_)
        order = sorted(range(len(self.notes)), key=lambda i: (-scores[i], -self.notes[i].round, -i))
        return tuple(self.notes[i] for i in order[: max(k, 0)])

    def _scores(self, query: str, round_: int) -> list[float]:
        """Recency + importance + relevance of every note, each in [0, 1] over the stream (Park et al. 2023)."""
        recency = _spread([DECAY ** (round_ - note.round) for note in self.notes])
        importance = _spread([note.importance for note in self.notes])
        sought = words(query)
        relevance = _spread([likeness(sought, words(note.text)) for note in self.notes])
        # Rounded, so that the last digits of powers and roots decide nothing.
        return [round(sum(parts), 9) for parts in zip(recency, importance, relevance, strict=True)]


def _spread(values: Sequence[float]) -> list[float]:
    """Values brought to [0, 1] by their least and greatest; all 0 where they are equal."""
    low, high = min(values, default=0.0), max(values, default=0.0)
    return [(value - low) / (high - low) if high > low else 0.0 for value in values]


def words(text: str) -> frozenset[str]:
    """The different words and numbers of a text, without case."""
    return frozenset(_WORD.findall(text.casefold()))


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Shared words over the geometric mean of both counts: the cosine of two sets (Ochiai 1957), in [0, 1]."""
    return float(len(one & other) / (len(one) * len(other)) ** 0.5) if one and other else 0.0


def clean(text: str) -> str:
    """A model's text without what is no text: control characters but line ends and tabs, half characters, turns."""
    return _NONE.sub("", text.replace("\r\n", "\n"))


def shortened(text: str, longest: int) -> str:
    """A text of at most ``longest`` characters; of a longer one its beginning and its end, with a mark between."""
    if len(text) <= longest:
        return text
    mark = " [...] "
    half = (longest - len(mark)) // 2
    return text[:half] + mark + text[len(text) - half :]


def quoted(text: str) -> str:
    """A text that a model wrote, between marks that it cannot end by itself; empty where there is none.

    Of one that would burst a prompt (``QUOTED`` characters) the middle is left out, with a mark in its place.
    """
    inside = shortened(_MARKS.sub(lambda run: run.group()[:2], clean(text)).strip(), QUOTED)
    return f"{OPEN}\n{inside}\n{CLOSE}" if inside else ""
