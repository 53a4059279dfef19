"""Moves on record: a CSV of episodes, read into arrays that the rules can be asked with.

A row is a decision: ``match`` (any name; episodes are numbered in order of first appearance), ``round`` and ``seat``
(from 1), ``agent`` (a name of the player, the same in all its matches), ``strategy``, ``model`` (may be empty),
``move`` (an action's name, or an amount), and what came of it by the record: ``payoff`` and, for a stock,
``stock_before`` and ``stock_after``. ``label`` and ``option_order`` are what the seat was shown, where that is known.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from dilemmas.errors import FileError, IllegalAnswer
from dilemmas.rules.game import Bools, Floats, Game, Ints
from dilemmas.strategies.answering import understand
from dilemmas.strategies.moves import MAIN

KEYS = ("match", "round", "seat", "agent", "strategy", "model", "move", "payoff")
COLUMNS = (*KEYS, "stock_before", "stock_after", "label", "option_order")
Row: TypeAlias = Mapping[str, str]
Place: TypeAlias = tuple[Ints, Ints, Ints]


@dataclass(frozen=True)
class Script:
    """A record: its rows sorted by episode, round and seat, and the same as arrays ``(episodes, rounds, seats)``.

    ``at`` are the three indices of each row (from 0); ``who`` ``(episodes, seats)`` numbers the ``agents`` (name,
    strategy, model); ``asked`` says where there is a move, ``choice`` and ``amount`` which.
    """

    matches: tuple[str, ...]
    agents: tuple[tuple[str, str, str], ...]
    who: Ints
    at: Place
    asked: Bools
    choice: NDArray[np.int32]
    amount: Floats
    columns: Mapping[str, Sequence[str]]

    def numbers(self, name: str) -> Floats:
        """A column of numbers, NaN where the record says nothing."""
        return np.array([float(text) if text else np.nan for text in self.columns[name]], np.float64)

    def place(self, row: int) -> str:
        """Where a row is, in words."""
        match, round_, seat = (int(index[row]) for index in self.at)
        return f"match {self.matches[match]}, round {round_ + 1}, seat {seat + 1}"


def write(path: Path, rows: Iterable[Row]) -> None:
    """Write a record."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(rows)


def read(path: Path, game: Game, where: str = "") -> Script:
    """A record of episodes of a game; raises FileError, which names ``where`` it came from, for what is none."""
    where = where or str(path)
    rows = table(path, KEYS)
    matches = {name: i for i, name in enumerate(dict.fromkeys(row["match"] for row in rows))}
    keys = [(matches[row["match"]], _count(row, "round", where), _count(row, "seat", where)) for row in rows]
    order = sorted(range(len(rows)), key=keys.__getitem__)
    rows, sorted_keys = [rows[i] for i in order], np.array([keys[i] for i in order], np.int64)
    at = sorted_keys[:, 0], sorted_keys[:, 1] - 1, sorted_keys[:, 2] - 1
    if at[2].max() >= game.seats:
        raise FileError(f"there is a seat {at[2].max() + 1}", where=where, expected=f"seats 1 to {game.seats}")
    agents, who = _agents(where, rows, at, (len(matches), game.seats))
    moves = _moves(where, game, rows, at, (len(matches), int(at[1].max()) + 1, game.seats))
    columns = {name: [row.get(name) or "" for row in rows] for name in COLUMNS}
    return Script(tuple(matches), agents, who, at, *moves, columns)


def table(path: Path, needed: Sequence[str], delimiter: str = ",") -> list[dict[str, str]]:
    """The rows of a CSV file that must have some columns; raises FileError."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [dict(row) for row in csv.DictReader(file, delimiter=delimiter)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FileError(f"cannot be read: {error}", where=str(path), expected="a CSV file") from None
    if not rows:
        raise FileError("holds no rows", where=str(path), expected=f"columns {', '.join(needed)}")
    if lacking := [name for name in needed if rows[0].get(name) is None]:
        raise FileError(f"has no column {lacking[0]!r}", where=str(path), expected=f"columns {', '.join(needed)}")
    return rows


def _place(row: Row) -> str:
    """Where a row is, in words."""
    return f"match {row['match']}, round {row['round']}, seat {row['seat']}"


def _count(row: Row, key: str, where: str) -> int:
    if not row[key].isdecimal() or int(row[key]) < 1:
        raise FileError(f"{key} is {row[key]!r}", where=f"{where}: {_place(row)}", expected="a whole number from 1")
    return int(row[key])


def _agents(
    where: str, rows: Sequence[Row], at: Place, shape: tuple[int, int]
) -> tuple[tuple[tuple[str, str, str], ...], Ints]:
    """The players, and who sat where; one seat has one player in an episode."""
    told = [(row["agent"], row["strategy"], row["model"]) for row in rows]
    agents = {agent: i for i, agent in enumerate(dict.fromkeys(told))}
    number = np.array([agents[agent] for agent in told], np.int64)
    who = np.full(shape, -1, np.int64)
    seats, first = np.unique(np.ravel_multi_index((at[0], at[2]), shape), return_index=True)
    who.flat[seats] = number[first]
    if (wrong := np.flatnonzero(who[at[0], at[2]] != number)).size:
        row = rows[wrong[0]]
        found = f"seat {row['seat']} changes its player to {row['agent']!r}"
        raise FileError(found, where=f"{where}: {_place(row)}")
    if (who < 0).any():
        match, seat = np.argwhere(who < 0)[0].tolist()
        name = rows[int(np.flatnonzero(at[0] == match)[0])]["match"]
        raise FileError(f"seat {seat + 1} never moves", where=f"{where}: match {name}")
    return tuple(agents), who


def _moves(
    where: str, game: Game, rows: Sequence[Row], at: Place, shape: tuple[int, int, int]
) -> tuple[Bools, NDArray[np.int32], Floats]:
    asked, choice, amount = np.zeros(shape, bool), np.zeros(shape, np.int32), np.zeros(shape)
    cells = np.ravel_multi_index(at, shape)
    if (twice := np.flatnonzero(cells[1:] == cells[:-1])).size:  # they are sorted
        row = rows[twice[0]]
        found = f"seat {row['seat']} moves twice in round {row['round']}"
        raise FileError(found, where=f"{where}: match {row['match']}")
    meant = lru_cache(maxsize=None)(lambda seat, move: _understood(game, seat, move))
    read = [meant(seat, row["move"]) for seat, row in zip(at[2].tolist(), rows, strict=True)]
    said = [one for one in read if one is not None]
    if len(said) < len(read):
        row = rows[read.index(None)]
        expected = " or ".join(game.options(MAIN.get(game.kind, "move"), int(row["seat"]) - 1)) or "an amount"
        raise FileError(f"the move {row['move']!r}", where=f"{where}: {_place(row)}", expected=expected)
    asked[at], choice[at], amount[at] = True, [one for one, _ in said], [one for _, one in said]
    return asked, choice, amount


def _understood(game: Game, seat: int, move: str) -> tuple[int, float] | None:
    """A move as the rules take it, None for none; where the game has named options, a name comes before a number."""
    kind = MAIN.get(game.kind, "move")
    try:
        said = move if game.options(kind, seat) else float(move)
        choice, amount = understand(game, kind, seat, said)
    except (ValueError, IllegalAnswer):
        return None
    return choice or 0, amount or 0.0
