"""The public data of Akata et al. (2025), Playing repeated games with large language models, as logs to import.

Files of their repository (``pd/``, ``bos/``, ``all_games/``): a row a round, of two players; a match begins with
round 1. Files with ``experiment, match, round, player_a, ...`` hold the same in one form for all games.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from dilemmas.errors import FileError
from dilemmas.rules.ordinal import ordinal
from dilemmas.runs.script import Row, table
from dilemmas.studies.importing import Found, Log, told

MODELS = {
    "act_gpt4": "gpt-4",
    "GPT-4": "gpt-4",
    "act_gpt35": "text-davinci-003",
    "act_gpt3": "text-davinci-002",
    "act_claude": "claude-2",
    "act_claude2": "claude-2",
    "act_claude1": "claude-instant-1",
    "act_llama2": "llama-2-70b-chat",
    "act_gpt4_predictfirst": "gpt-4",
}
THINKING = {"act_gpt4_predictfirst": "scot"}  # all others were asked for their choice at once
SCRIPTS = {
    "act_defect_once": "defect-once",
    "act_false_defector": "defect-once",
    "Defect_once": "defect-once",
    "act_tft": "tit-for-tat",
    "act_tftt": "tit-for-two-tats",
    "act_stft": "suspicious-tit-for-tat",
    "act_rtft": "reverse-tit-for-tat",
    "act_htft": "hard-tit-for-tat-from-defection",
    "act_np10": "naive-prober:p=0.1",
    "act_np20": "naive-prober:p=0.2",
    "act_grim_trigger": "grim",
    "act_jf": "alternator",
    "act_fj": "alternator-from-second",
    "Alternate": "alternator",
}
OWN = {
    "pd": {"act_j": "always-cooperate", "act_f": "always-defect"},
    # Files of the battle of the sexes call the alternator Defect_once.
    "bos": {"act_j": "always-first", "act_f": "always-second", "Defect_once": "alternator"},
    "ordinal": {},
}
FIRST, SECOND = ("J", "Q", "R", "1"), ("F", "X", "H", "2")
ACTIONS = {"pd": ("C", "D"), "bos": ("ballet", "boxing"), "ordinal": ("1", "2")}
SWEEP = {"1": (10, 7), "2": (9, 8), "3": (8, 8), "4": (8, 9), "5": (7, 10)}
"""What both get for meeting at the first place, by the number of the payoff change; at the second it is mirrored."""

PUBLIC = ("round", "player1", "player2", "answer1", "answer2", "points1", "points2")
REPLAY = ("experiment", "match", "round", "player_a", "player_b", "move_a", "move_b", "points_a", "points_b")


@dataclass(frozen=True)
class Round:
    """A row: who played, what, for how much; ``total`` and ``shown`` where the file has them."""

    match: str
    round: int
    players: tuple[str, str]
    moves: tuple[str, str]
    points: tuple[str, str]
    totals: tuple[str, str] | None = None
    options: tuple[str, ...] = ()
    order: str = ""


def find(path: Path) -> Found:
    """The logs in a file or in a folder; raises FileError for a file that holds none, or for totals that are wrong."""
    if not path.exists():
        raise FileError("there is no such file or folder", where=str(path))
    if path.is_file():
        return Found(tuple(logs(path, path)))
    found: list[Log] = []
    skipped = []
    for file in sorted(path.rglob("*.csv")):
        if ";" in _head(file):
            _check_games(file)
        elif _known(file):
            found += logs(file, path)
        else:
            skipped.append(f"{told(file, path)}: no moves of two players")
    if not found:
        raise FileError("holds no file of moves", where=str(path), expected=f"CSV files with {', '.join(PUBLIC)}")
    return Found(tuple(found), tuple(skipped))


def _head(path: Path) -> str:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        return file.readline()


def _known(path: Path) -> bool:
    named = {name.strip().strip('"') for name in _head(path).split(",")}
    return named.issuperset(PUBLIC) or named.issuperset(REPLAY)


def logs(path: Path, root: Path) -> list[Log]:
    """The runs in one file: one for each experiment and condition that it holds; raises FileError."""
    try:
        return _logs(path, told(path, root))
    except (ValueError, KeyError, TypeError) as error:
        raise FileError(f"holds a row that is none of play: {error}", where=told(path, root)) from None


def _logs(path: Path, source: str) -> list[Log]:
    if "player_a" in _head(path):
        rows = table(path, REPLAY)
        parts = {key: list(group) for key, group in groupby(rows, key=lambda row: row["experiment"])}
        return [_log(key, _family(part), _told(part), source, _number(key), "") for key, part in parts.items()]
    rows = table(path, PUBLIC)
    if "game_number" in rows[0]:
        number = rows[0]["game_number"]
        return [_log(f"game_{number}", "ordinal", _public(rows, source), source, number, "")]
    family = _family(rows)
    stem = path.stem.removeprefix("experiment_").removeprefix("robustness_checks_")
    name = stem if stem.startswith(family) else f"{family}_{stem}"
    parts = {}
    for row in rows:
        parts.setdefault(_condition(row), []).append(row)
    return [
        _log(
            f"{name}, {said}" if said else name, family, _public(part, source), source, part[0].get("payoff", ""), said
        )
        for said, part in parts.items()
    ]


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
    paid = {(float(row[keys[0]]), float(row[keys[1]])) for row in rows}
    return "pd" if paid & {(8, 8), (5, 5), (10, 0), (0, 10)} else "bos"


def _told(rows: Iterable[Mapping[str, str]]) -> list[Round]:
    return [
        Round(
            row["match"],
            int(row["round"]),
            (row["player_a"], row["player_b"]),
            (row["move_a"], row["move_b"]),
            (row["points_a"], row["points_b"]),
        )
        for row in rows
    ]


def _public(rows: Iterable[Mapping[str, str]], source: str) -> list[Round]:
    """Rounds of a public file; matches are numbered, and running totals checked."""
    made: list[Round] = []
    match, sums = 0, [0.0, 0.0]
    for row in rows:
        if int(row["round"]) == 1:
            match, sums = match + 1, [0.0, 0.0]
        sums = [total + float(row[key]) for total, key in zip(sums, ("points1", "points2"), strict=True)]
        made.append(_round(row, str(match)))
        _check_totals(made[-1], sums, source)
    return made


def _round(row: Mapping[str, str], match: str) -> Round:
    totals = (row["total1"], row["total2"]) if row.get("total1") and row.get("total2") else None
    labels = row.get("choice_option1"), row.get("choice_option2")
    shown = (labels[0] or "", labels[1] or "") if labels[0] else ()
    return Round(
        match,
        int(row["round"]),
        (row["player1"], row["player2"]),
        (row["answer1"], row["answer2"]),
        (row["points1"], row["points2"]),
        totals,
        shown,
        _order(row, shown),
    )


def _order(row: Mapping[str, str], shown: Sequence[str]) -> str:
    """The order in which the options stood, as a JSON list of labels."""
    if row.get("option1"):
        return f'["{row["option1"]}", "{row["option2"]}"]'
    if shown and row.get("option_order") in ("[0, 1]", "[1, 0]"):
        first, second = shown if row["option_order"] == "[0, 1]" else shown[::-1]
        return f'["{first}", "{second}"]'
    return ""


def _check_totals(one: Round, sums: Sequence[float], source: str) -> None:
    if one.totals is None:
        return
    for seat, (said, total) in enumerate(zip(one.totals, sums, strict=True), 1):
        if float(said) != total:
            where = f"{source}: match {one.match}, round {one.round}, seat {seat}"
            raise FileError(f"points come to {total:g} so far, and the file's total says {said}", where=where)


def _log(name: str, family: str, rounds: Sequence[Round], source: str, number: str, said: str) -> Log:
    rows = [row for one in rounds for row in _rows(one, family, source)]
    models = list(dict.fromkeys(row["model"] for row in rows if row["model"]))
    columns = {"model": models[0] if len(models) == 1 else "several", "condition": said or name}
    length = max(one.round for one in rounds)
    return Log(name, source, {**_game(family, number), "rounds": length}, rows, columns=columns)


def _game(family: str, number: str) -> dict[str, Any]:
    if family == "pd":
        return {"name": "prisoners-dilemma-akata"}
    if family == "ordinal":
        return {"name": "ordinal", "game": int(number), "as_published": True}
    if not number:
        return {"name": "battle-of-the-sexes"}
    first = list(SWEEP[number])
    paid = {"ballet/ballet": first, "boxing/boxing": first[::-1], "ballet/boxing": [0, 0], "boxing/ballet": [0, 0]}
    return {"name": "battle-of-the-sexes", "payoffs": paid}


def _rows(one: Round, family: str, source: str) -> list[Row]:
    made: list[Row] = []
    for seat, (player, label, points) in enumerate(zip(one.players, one.moves, one.points, strict=True), 1):
        strategy, model = _player(player, family)
        known = {"match": one.match, "round": str(one.round), "seat": str(seat), "agent": player}
        move = ACTIONS[family][_which(label, one, source)]
        shown = {"label": label, "option_order": one.order if model else ""}
        made.append({**known, "strategy": strategy, "model": model, "move": move, "payoff": points, **shown})
    return made


def _player(player: str, family: str) -> tuple[str, str]:
    """The strategy and the model of a player, under the names that new runs give them."""
    if player in MODELS:
        return f"{THINKING.get(player, 'plain')}@{MODELS[player]}", MODELS[player]
    return {**SCRIPTS, **OWN[family]}.get(player, player), ""


def _which(label: str, one: Round, source: str) -> int:
    """Which of the two options a label means."""
    if one.options and label in one.options:
        return one.options.index(label)
    if label in (*FIRST, *SECOND) and not one.options:
        return int(label in SECOND)
    known = one.options or (*FIRST, *SECOND)
    where = f"{source}: match {one.match}, round {one.round}"
    raise FileError(f"the move {label!r}", where=where, expected=", ".join(known))


def _check_games(path: Path) -> None:
    """The table of the 144 games must be the one that our rules play as published."""
    needed = ("game_number", *(f"r{row}_c{column}_p{seat}" for row in "12" for column in "12" for seat in "12"))
    for row in table(path, needed, ";"):
        rules = ordinal(int(row["game_number"]), as_published=True)
        said = {
            name: [[float(row[f"r{r}_c{c}_p{seat}"]) for c in "12"] for r in "12"]
            for seat, name in (("1", "row"), ("2", "column"))
        }
        paid = rules.payoffs
        if paid != said:
            raise FileError(f"payoffs of game {row['game_number']} are {said}", where=path.name, expected=str(paid))
