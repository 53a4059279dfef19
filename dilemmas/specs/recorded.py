"""Play that is on record: a file of moves that the rules play again, as an experiment names it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

SEAT = "recorded"
"""The strategy of an entry of the population that does what the record says."""


class Recorded(BaseModel):
    """A file of moves, where it came from, and whether the record reaches the end of its game.

    ``file`` is a CSV (its columns: ``dilemmas.runs.script``), ``said`` one of what was said, where that is known
    (``dilemmas.runs.recorded_talk``); ``source`` names what they were made of, in errors and manifests. A record
    that breaks off is played as far as it goes; measures of how it ended stay null.
    """

    model_config = ConfigDict(extra="forbid")
    file: str
    said: str | None = None
    source: str = ""
    finished: bool = True
