"""What was said in play on record: a CSV beside the moves, as the messages of an episode that was played.

A row is an utterance of a seat, in order (``match, round, seat, text``; the round is the one decided before), or
a limit that the talk of a round came to (``match, round, amount``, no seat), which holds for the round that follows.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from dilemmas.engine.record import Played
from dilemmas.errors import FileError
from dilemmas.rules.game import Array
from dilemmas.runs.script import Row, Script, table

COLUMNS = ("match", "round", "seat", "text", "amount")


def write(path: Path, rows: Iterable[Row]) -> None:
    """Write what was said."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(rows)


def spoken(path: Path, moves: Script, played: Played, where: str) -> Played:
    """The same episodes with what the file has of them; raises FileError, which names ``where`` the record came from,
    for a row that belongs to none.
    """
    rows = table(path, COLUMNS)
    episodes = {match: number for number, match in enumerate(moves.matches, 1)}
    if strange := next((row for row in rows if row["match"] not in episodes or not row["round"].isdecimal()), None):
        found = f"match {strange['match']!r}, round {strange['round']!r}"
        raise FileError(found, where=where, expected="matches and rounds of the record")
    said = [(episodes[row["match"]], int(row["round"]), row) for row in rows if row["seat"]]
    limits = {(episodes[row["match"]], int(row["round"]) + 1): float(row["amount"]) for row in rows if not row["seat"]}
    return _limited(replace(played, messages=_messages(said, moves) if said else None), limits)


def _messages(said: Sequence[tuple[int, int, Row]], moves: Script) -> Mapping[str, Array]:
    """Columns as a batch that talked would have kept them; all who decided in a round hear all of its talk."""
    keys = np.array([(episode, round_, int(row["seat"])) for episode, round_, row in said], np.int64)
    asks, heard, text = np.zeros(len(said), np.int64), np.empty(len(said), object), np.empty(len(said), object)
    count: dict[tuple[int, int], int] = {}
    for i, (episode, round_, row) in enumerate(said):
        there = np.flatnonzero(moves.asked[episode - 1, min(round_, moves.asked.shape[1]) - 1])
        asks[i] = count[episode, round_] = count.get((episode, round_), 1) + 1  # the decision was the first ask
        heard[i] = tuple(int(seat) for seat in there if seat != keys[i, 2] - 1)
        text[i] = row["text"]
    named = {"episode": keys[:, 0], "round": keys[:, 1], "ask": asks, "seat": keys[:, 2]}
    none = np.full(len(said), -1)
    nothing = {"pledge": np.full(len(said), np.nan), "option": none, "about": none}
    return {**named, "text": text, "to": heard, **nothing}


def _limited(played: Played, limits: Mapping[tuple[int, int], float]) -> Played:
    """With the limit that held in each round, where there was one."""
    if not limits or not played.rounds:
        return played
    keys = zip(played.rounds["episode"].tolist(), played.rounds["round"].tolist(), strict=True)
    return replace(played, rounds={**played.rounds, "limit": np.array([limits.get(key, np.nan) for key in keys])})
