"""Strategies in words: what agents of each generation had written or inherited, and whom they learned from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dilemmas.errors import ResultsError
from dilemmas.report import foreign
from dilemmas.report.calls import Place, Wanted, called, missing, natural
from dilemmas.report.transcript import Line, block, number, ruled, table_of


def strategies(folder: Path, wanted: Wanted, width: int = 80) -> Iterator[Line]:
    """The texts of agents by run and generation, each with its parents; a text that has not changed is not repeated.

    Raises ResultsError where no agent has one.
    """
    last: dict[tuple[str, str], str] = {}
    here = None
    for row in _rows(folder):
        known, last[row["run"], row["agent"]] = last.get((row["run"], row["agent"])), row["text"]
        if not _fits(row, wanted):
            continue
        if (row["run"], row["generation"]) != here:
            yield from [Line("", "blank")] if here else []
            here = (row["run"], row["generation"])
            yield Line(ruled(f"run {row['run']}, generation {row['generation']}", "=", width), "run")
        yield from _strategy(row, known, width)


def records(folder: Path, wanted: Wanted) -> Iterator[dict[str, Any]]:
    """The rows of agents that have a strategy in words, in the same order; raises ResultsError where there is none."""
    return (row for row in _rows(folder) if _fits(row, wanted))


def _fits(row: Mapping[str, Any], wanted: Wanted) -> bool:
    place = Place(row["generation"], "play", 0, 0, 0, 0, row["agent"])
    return called(row["run"], wanted.run) and wanted.fits(place)


def _rows(folder: Path) -> list[dict[str, Any]]:
    table = table_of(folder, "agents")
    if table is None and (folder / "experiment.json").is_file():
        raise ResultsError(
            "has no table of agents yet: their strategies are listed once a run is finished", where=folder.as_posix()
        )
    if table is None:
        raise missing(folder)
    rows = [row for row in table.rows() if row.get("text")]
    if not rows:
        raise ResultsError(
            "no agent has a strategy in words",
            where=folder.as_posix(),
            remedy="What scripts play is shown by: dilemmas show STRATEGY",
        )
    return sorted(rows, key=lambda row: (natural(row["run"]), row["generation"], natural(row["agent"])))


def _strategy(row: Mapping[str, Any], known: str | None, width: int) -> Iterator[Line]:
    """An agent: its name, model, parents and payoff; then its text."""
    parents = json.loads(row.get("parents") or "[]")
    parts = [row["agent"], row.get("strategy") or "", row.get("model") or ""]
    parts += [f"learned from {', '.join(parents)}"] if parents and row.get("born") == row["generation"] else []
    parts += [f"payoff {number(row['payoff'])}"] if row.get("payoff") is not None else []
    parts += ["taught the next generation"] if row.get("selected") else []
    yield Line("", "blank")
    yield Line(foreign.line(" · ".join(part for part in parts if part)), "seat")
    if known == row["text"]:
        yield Line("  as in the generation before", "told")
    else:
        yield from block("text", row["text"], width, "said")
