"""The public data of Akata et al. (2025), Playing repeated games with large language models, as logs to import.

Files of their repository (``pd/``, ``bos/``, ``all_games/``): a row a round, of two players; a match begins with
round 1. Files with ``experiment, match, round, player_a, ...`` hold the same in one form for all games. People's games
(``human_experiment/``) are read by ``akata_people``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from math import isfinite
from pathlib import Path
from typing import Any

from dilemmas.errors import FileError
from dilemmas.report.data import SEVERAL
from dilemmas.rules.ordinal import describe, ordinal
from dilemmas.runs.script import table
from dilemmas.studies import akata_design, akata_people
from dilemmas.studies.akata_players import MODELS
from dilemmas.studies.akata_rounds import FIRST, Round, checked, game, rows, shown
from dilemmas.studies.importing import Found, Log, told

PUBLIC = ("round", "player1", "player2", "answer1", "answer2", "points1", "points2")
REPLAY = ("experiment", "match", "round", "player_a", "player_b", "move_a", "move_b", "points_a", "points_b")
NUMBERS = ("round", "points1", "points2", "points_a", "points_b")
GAMES = ("game_number", *(f"r{row}_c{column}_p{seat}" for row in "12" for column in "12" for seat in "12"))


def find(path: Path) -> Found:
    """The logs in a file or in a folder; raises FileError for a file that holds none, or for points that are wrong."""
    if not path.exists():
        raise FileError("there is no such file or folder", where=str(path))
    files = [path] if path.is_file() else sorted(path.rglob("*.csv"), key=lambda file: told(file, path))
    found: list[Log] = []
    skipped: list[str] = []
    notes: list[str] = []
    for file in files:
        head = _head(file)
        if ";" in head and head.startswith(GAMES[0]):
            _check_games(file)
        elif _names(head) >= akata_people.COLUMNS:
            people = akata_people.find(file, path)
            found, skipped = found + list(people.logs), skipped + list(people.skipped)
        elif path.is_file() or _names(head).issuperset(PUBLIC) or _names(head).issuperset(REPLAY):
            made = logs(file, path)
            found, notes = found + made, notes + akata_design.notes(made)
        else:
            skipped.append(f"{told(file, path)}: no moves of two players")
    if not found:
        raise FileError("holds no file of moves", where=str(path), expected=f"CSV files with {', '.join(PUBLIC)}")
    return Found(tuple(found), tuple(skipped), tuple(notes))


def _head(path: Path) -> str:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        return file.readline()


def _names(head: str) -> set[str]:
    return {name.strip().strip('"') for name in head.split(",")}


def logs(path: Path, root: Path) -> list[Log]:
    """The runs in one file: one for each experiment and condition that it holds; raises FileError."""
    try:
        return _logs(path, told(path, root))
    except (ValueError, KeyError, TypeError) as error:
        raise FileError(f"holds a row that is none of play: {error}", where=told(path, root)) from None


def _logs(path: Path, source: str) -> list[Log]:
    if "player_a" in _head(path):
        rows = _lined(table(path, REPLAY), source)
        parts = {key: list(group) for key, group in groupby(rows, key=lambda row: row["experiment"])}
        return [_log(key, _family(part), _told(part), source, _number(key), "") for key, part in parts.items()]
    rows = _lined(table(path, PUBLIC), source)
    if "game_number" in rows[0]:
        parts = {key: list(group) for key, group in groupby(rows, key=lambda row: row["game_number"])}
        return [_log(f"game_{key}", "ordinal", _public(part), source, key, "") for key, part in parts.items()]
    family = _family(rows)
    stem = path.stem.removeprefix("experiment_").removeprefix("robustness_checks_")
    name = stem if stem.startswith(family) else f"{family}_{stem}"
    parts = {}
    for row in rows:
        parts.setdefault(_condition(row), []).append(row)
    return [
        _log(f"{name}, {said}" if said else name, family, _public(part), source, part[0].get("payoff", ""), said)
        for said, part in parts.items()
    ]


def _lined(rows: Iterable[dict[str, str]], source: str) -> list[dict[str, str]]:
    """Rows with the line of the file that each stands in; raises FileError at the first that is cut or no play."""
    made = [{**row, "line": str(line)} for line, row in enumerate(rows, 2)]
    for row in made:
        if wrong := _wrong(row):
            raise FileError(wrong, where=f"{source}: line {row['line']}")
    return made


def _wrong(row: Mapping[Any, Any]) -> str:
    """What is wrong with a row as a row; empty where nothing is. The reader puts None for cells that are not there."""
    if None in row:
        return "has more cells than there are columns"
    if cut := next((name for name, cell in row.items() if cell is None), None):
        return f"breaks off before {cut}"
    numbers = {name: row[name] for name in NUMBERS if name in row}
    if odd := next((name for name, cell in numbers.items() if not _is(cell)), None):
        return f"{odd} is {row[odd]!r}, which is no number"
    number = float(row["round"])
    return "" if number >= 1 and number.is_integer() else f"round is {row['round']!r}, which is no whole number from 1"


def _is(cell: str) -> bool:
    try:
        return isfinite(float(cell))
    except ValueError:
        return False


def _number(experiment: str) -> str:
    """What follows the last word of ``game_17`` and ``bos_payoff_4``."""
    tail = experiment.rpartition("_")[2]
    return tail if tail.isdecimal() and experiment.startswith(("game_", "bos_payoff_")) else ""


def _condition(row: Mapping[str, str]) -> str:
    """What sets a match of a file apart: its labels and unit, or its payoffs."""
    if row.get("payoff"):
        return f"payoffs {row['payoff']}"
    if row.get("option1"):
        pair = {row["option1"], row["option2"]}
        return f"{'/'.join(sorted(pair, key=lambda label: label not in FIRST))}, {row['outcomes']}"
    return ""


def _family(rows: Sequence[Mapping[str, str]]) -> str:
    """Which game it is, by what was paid: only one of them pays both 8, both 5, or 10 against 0."""
    keys = ("points_a", "points_b") if "points_a" in rows[0] else ("points1", "points2")
    if rows[0].get("payoff") or rows[0].get("experiment", "").startswith("bos"):
        return "bos"
    if rows[0].get("experiment", "").startswith("game_"):
        return "ordinal"
    paid = [(float(row[keys[0]]), float(row[keys[1]])) for row in rows]
    # Counted, not looked for: a single wrong payoff must not make another game of it.
    dilemma = sum(pair in {(8, 8), (5, 5), (10, 0), (0, 10)} for pair in paid)
    return "pd" if 2 * dilemma > len(paid) else "bos"


def _told(rows: Iterable[Mapping[str, str]]) -> list[Round]:
    return [
        Round(
            row["match"],
            int(float(row["round"])),
            (row["player_a"], row["player_b"]),
            (row["move_a"], row["move_b"]),
            (float(row["points_a"]), float(row["points_b"])),
            line=int(row["line"]),
        )
        for row in rows
    ]


def _public(rows: Iterable[Mapping[str, str]]) -> list[Round]:
    """Rounds of a public file, with their matches numbered."""
    made: list[Round] = []
    match = 0
    for row in rows:
        match += int(float(row["round"])) == 1
        made.append(_round(row, str(match)))
    return made


def _round(row: Mapping[str, str], match: str) -> Round:
    totals = (float(row["total1"]), float(row["total2"])) if row.get("total1") and row.get("total2") else None
    options = (row["choice_option1"], row["choice_option2"]) if row.get("choice_option1") else ()
    return Round(
        match,
        int(float(row["round"])),
        (row["player1"], row["player2"]),
        (row["answer1"], row["answer2"]),
        (float(row["points1"]), float(row["points2"])),
        totals,
        options,
        shown(row, options),
        int(row["line"]),
    )


def _log(name: str, family: str, rounds: Sequence[Round], source: str, number: str, said: str) -> Log:
    where = source if name in source else f"{source}: {name}"
    _once(rounds, where)
    checked(rounds, family, number, where)
    made = [row for one in rounds for row in rows(one, family, where)]
    models = list(dict.fromkeys(MODELS[player] for one in rounds for player in one.players if player in MODELS))
    kind = describe(int(number)).family if family == "ordinal" else name
    columns = {"model": models[0] if len(models) == 1 else SEVERAL, "condition": said or kind}
    length = max(one.round for one in rounds)
    return Log(name, where, {**game(family, number), "rounds": length}, made, columns=columns)


def _once(rounds: Iterable[Round], where: str) -> None:
    """Raise FileError at the first round of a match that is there a second time."""
    seen = set()
    for one in rounds:
        if (one.match, one.round) in seen:
            raise FileError(f"match {one.match}, round {one.round} is there twice", where=f"{where}: line {one.line}")
        seen.add((one.match, one.round))


def _check_games(path: Path) -> None:
    """The table of the 144 games must be the one that our rules play as published."""
    for row in table(path, GAMES, ";"):
        rules = ordinal(int(row["game_number"]), as_published=True)
        said = {
            name: [[float(row[f"r{r}_c{c}_p{seat}"]) for c in "12"] for r in "12"]
            for seat, name in (("1", "row"), ("2", "column"))
        }
        paid = rules.payoffs
        if paid != said:
            raise FileError(f"payoffs of game {row['game_number']} are {said}", where=path.name, expected=str(paid))
