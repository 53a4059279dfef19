"""How often a model is asked for the same thing, and how its last words are told when nothing could be made of them."""

from __future__ import annotations

from dilemmas.models.journal import Journal
from dilemmas.models.speaker import Key
from dilemmas.specs.experiment import Reading

ONWARD = (
    "The same command asks it again. To do without such answers is another experiment, which starts anew in a folder "
    "of its own (--out OTHER):"
)
"""What can be done where no answer can be used, up to what it takes; what is put in is a setting of the folder."""


def allowed(reading: Reading, journal: Journal, first: Key) -> int:
    """The last attempt that may be made at a call: a run that stopped for want of an answer gets as many again."""
    again, before = reading.again, journal.attempts(first)
    if reading.otherwise != "stop" or before <= again:
        return 1 + again
    more = max(again, 1)
    return 1 + again + more * ((before - 1 - again) // more + 1)


def short(words: str) -> str:
    """A model's words for a message: one line that no terminal can take for more than text."""
    flat = "".join(char if char.isprintable() else " " for char in words)
    flat = " ".join(flat.split())
    return repr(flat if len(flat) <= 120 else flat[:117] + "...")
