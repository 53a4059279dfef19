"""What a quiz came to: accuracy by class and overall, and by round for onlookers, with Wilson's intervals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dilemmas.report.metrics import settled, wilson
from dilemmas.results import Table

ALL = "all"
HEAD = ("model", "class", "asked", "right", "unusable", "share", "95 % interval")


def scores(marks: Table) -> list[dict[str, Any]]:
    """A row a model and class, then one for all of the model's questions: shares in [0, 1] and their intervals.

    An answer that could not be used is a wrong one, and counted in ``invalid`` besides.
    """
    rows = list(marks.rows())
    found: list[dict[str, Any]] = []
    for model in dict.fromkeys(row["model"] for row in rows):
        own = [row for row in rows if row["model"] == model]
        parts = dict.fromkeys(row["class"] for row in own)
        found += [_score(model, part, [row for row in own if row["class"] == part]) for part in parts]
        found.append(_score(model, ALL, own))
    return found


def _score(model: str, part: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    right, asked = sum(row["right"] for row in rows), len(rows)
    low, high = wilson(right, asked)
    return {
        "model": model,
        "class": part,
        "asked": asked,
        "right": right,
        "invalid": sum(row["invalid"] for row in rows),
        "share": right / asked,
        "ci_low": float(low),
        "ci_high": float(high),
    }


def rounds(marks: Table) -> list[dict[str, Any]]:
    """A row a model and a player that it watched: right or not by round, and the round from which all are right.

    A player that was watched in several series has the share of right predictions by round; a round is right there
    where all of them were.
    """
    rows = [row for row in marks.rows() if row["class"] == "onlooker"]
    found = []
    for model, kind in dict.fromkeys((row["model"], row["kind"]) for row in rows):
        own = [row for row in rows if (row["model"], row["kind"]) == (model, kind)]
        shares = [_share(row["right"] for row in own if row["round"] == at) for at in sorted({r["round"] for r in own})]
        since = settled([share == 1 for share in shares])
        found.append({"model": model, "watched": kind, "right": shares, "right_from": since})
    return found


def _share(right: Iterable[bool]) -> float:
    values = [float(one) for one in right]
    return sum(values) / len(values)


def cells(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """The table that a command prints, its head first."""
    return [HEAD, *(_cells(row) for row in rows)]


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    counts = tuple(f"{row[name]:,}" for name in ("asked", "right", "invalid"))
    low, high = 100 * row["ci_low"], 100 * row["ci_high"]
    return row["model"], row["class"], *counts, f"{100 * row['share']:.0f} %", f"{low:.0f} to {high:.0f} %"


def series(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What onlookers foresaw, a line a player that was watched."""
    lines = []
    for row in rows:
        since = f"right from round {row['right_from']} on" if row["right_from"] else "not right to the end"
        shares = " ".join(f"{100 * share:.0f}" for share in row["right"])
        lines.append(f"{row['model']} watched {row['watched']}: {since} (% right by round: {shares})")
    return lines
