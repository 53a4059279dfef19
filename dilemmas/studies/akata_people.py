"""People's games with GPT-4 in the public data of Akata et al. (2025), ``human_experiment/analysis/repgames.csv``.

A row is a person's decision: ``id, game`` (PD or BoS), ``action`` (0: F, 1: J), ``score, opponent`` (Base or Prompted)
and more. Rounds are in order and not numbered, and what the other did is not said: it follows from the score.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np

from dilemmas.errors import FileError
from dilemmas.runs.script import Row, table
from dilemmas.studies.akata_rounds import ACTIONS, game, rules
from dilemmas.studies.importing import Found, Log, told

COLUMNS = frozenset(("id", "game", "action", "score", "opponent"))
FAMILIES = {"PD": "pd", "BoS": "bos"}
MODEL = "gpt-4"
LABELS = ("J", "F")
SEAT = 1  # people sat in the second seat, who prefer F in the battle of the sexes


def find(path: Path, root: Path) -> Found:
    """A log for each game and opponent; games of a person with a score that no move of the other gives are left out.

    Raises FileError for a file that is of another make.
    """
    source, logs, skipped = told(path, root), dict[str, list[Row]](), list[str]()
    rows = [{**row, "line": str(line)} for line, row in enumerate(table(path, sorted(COLUMNS)), 2)]
    for (person, name, opponent), group in groupby(rows, key=lambda row: (row["id"], row["game"], row["opponent"])):
        if name not in FAMILIES:
            raise FileError(f"the game {name!r}", where=source, expected=" or ".join(FAMILIES))
        match = list(_match(list(group), FAMILIES[name], opponent, person, source, skipped))
        logs.setdefault(f"people_{FAMILIES[name]}, {opponent}", []).extend(match)
    return Found(tuple(_log(name, made, source) for name, made in logs.items() if made), tuple(skipped))


def _match(
    rows: Sequence[Mapping[str, str]], family: str, opponent: str, person: str, source: str, skipped: list[str]
) -> Iterator[Row]:
    """The decisions of a person and of its opponent; none, and a line of ``skipped``, where a score cannot be."""
    payoffs = rules(family, "").table
    made: list[Row] = []
    for number, row in enumerate(rows, 1):
        mine = _action(row, source)
        fits = np.flatnonzero(payoffs[:, mine, SEAT] == float(row["score"]))
        if len(fits) != 1:
            found = f"{source}: line {row['line']}, {LABELS[mine]} cannot pay {row['score']} in {row['game']}"
            skipped.append(f"{found}; this game of person {person} is left out")
            return
        theirs, paid = int(fits[0]), payoffs[int(fits[0]), mine].tolist()
        key = {"match": person, "round": str(number)}
        one = {"agent": opponent, "strategy": f"{opponent.lower()}@{MODEL}", "model": MODEL}
        two = {"agent": f"person {person}", "strategy": "human", "model": ""}
        for seat, (who, which) in enumerate(((one, theirs), (two, mine))):
            shown = {"move": ACTIONS[family][which], "payoff": f"{paid[seat]:g}", "label": LABELS[which]}
            made.append({**key, "seat": str(seat + 1), **who, **shown})
    yield from made


def _action(row: Mapping[str, str], source: str) -> int:
    """Index of what a person chose; raises FileError for what is neither 0 nor 1."""
    if row["action"] not in ("0", "1"):
        raise FileError(f"the action {row['action']!r}", where=f"{source}: line {row['line']}", expected="0 or 1")
    return LABELS.index("FJ"[int(row["action"])])


def _log(name: str, rows: Sequence[Row], source: str) -> Log:
    family, _, opponent = name.removeprefix("people_").partition(", ")
    length = max(int(row["round"]) for row in rows)
    columns = {"model": MODEL, "condition": f"people, {opponent}"}
    return Log(name, f"{source}: {name}", {**game(family, ""), "rounds": length}, rows, columns=columns)
