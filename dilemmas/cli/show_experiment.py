"""An experiment for people: what is played, by whom, and the cells and runs that it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dilemmas.cli.console import columns
from dilemmas.cli.show_game import Shown, plain, wrapped
from dilemmas.errors import SpecError, many
from dilemmas.runs import estimate
from dilemmas.runs.resolve import Cast, Source, resolve
from dilemmas.specs import catalogue, reading, sweep
from dilemmas.specs import experiment as spec
from dilemmas.specs.experiment import Experiment
from dilemmas.specs.sweep import Cell

LISTED = 24


def show(name: str, given: Mapping[str, Any], width: int) -> Shown:
    """The lines for a screen, and the same as plain data."""
    path = catalogue.find("experiments", name, Path())
    data = spec.changed(reading.load(path), given, path)
    whole = spec.check(data, path)
    cells = sweep.cells(data, path)
    casts, missing = _casts(cells, path)
    runs = sweep.runs(cells)
    total = sum(estimate.decisions(cast) * len(cell.experiment.seeds) for cell, cast in zip(cells, casts, strict=False))
    lines = [
        f"{whole.experiment} · an experiment",
        *wrapped(whole.about, width),
        "",
        *_settings(whole, width),
    ]
    size = f"{many(len(cells), 'cell')}, {many(len(runs), 'run')}"
    size += "" if missing else f", about {total:,.0f} decisions, 0 model calls"
    lines += ["", size, *(wrapped(f"It cannot be played here: {missing}", width) if missing else [])]
    lines += _cells(cells, casts, width) if whole.sweep else []
    lines += ["", f"Run it: dilemmas run {_called(name, path)}"]
    listed = [{"number": cell.number, **cell.values, "seeds": cell.experiment.seeds} for cell in cells]
    return lines, {
        "name": whole.experiment,
        "about": whole.about,
        "cells": listed,
        "runs": len(runs),
        "decisions": None if missing else total,
        "calls": None if missing else 0,
    }


def _casts(cells: list[Cell], path: Path) -> tuple[list[Cast], str]:
    """The cells made ready to play; or none of them, and why, where their models are what is missing."""
    try:
        return [resolve(cell.experiment, Source(path.parent)) for cell in cells], ""
    except SpecError as error:
        if not any(entry.model for cell in cells for entry in cell.experiment.population):
            raise error.within(path) from None
        return [], str(error)


def _called(name: str, path: Path) -> str:
    """The shelf's name where it is the shelf's file."""
    ours = path in catalogue.paths("experiments")
    return catalogue.title("experiments", path) if ours else name


def _settings(whole: Experiment, width: int) -> list[str]:
    rows = [("  game", _game(whole.game))]
    alone = all(entry.count == 1 for entry in whole.population)
    rows.append(
        (
            "  population",
            ", ".join(entry.name if alone else f"{entry.name} {entry.count}" for entry in whole.population),
        )
    )
    if whole.tournament is not None:
        said = [key for key, value in whole.tournament.model_dump(by_alias=True).items() if value]
        rows.append(("  tournament", ", ".join(said) or "each against each other"))
    else:
        rows += [("  generations", str(whole.generations)), ("  matchmaking", whole.matchmaking)]
        rules = {
            "network": whole.network,
            "selection": whole.selection,
            "inheritance": whole.inheritance if whole.generations > 1 else None,
        }
        rows += [(f"  {key}", _rule(value)) for key, value in rules.items() if value]
    rows += [("  repetitions", str(whole.repetitions)), ("  seeds", _seeds(whole.seeds))]
    rows += [(f"  sweep {axis}", ", ".join(map(str, values))) for axis, values in whole.sweep.items()]
    return columns(rows, width)


def _game(game: Mapping[str, Any]) -> str:
    rest = ", ".join(f"{key} {plain(value)}" for key, value in game.items() if key != "name")
    return f"{game['name']}{f' ({rest})' if rest else ''}"


def _rule(value: Mapping[str, Any]) -> str:
    head, *rest = (
        f"{part}" if key in ("rule", "kind") else f"{key} {plain(part)}"
        for key, part in value.items()
        if part not in (None, [], ())
    )
    return f"{head} ({', '.join(rest)})" if rest else head


def _seeds(seeds: list[int]) -> str:
    running = len(seeds) > 2 and seeds == list(range(seeds[0], seeds[0] + len(seeds)))
    return f"{seeds[0]} to {seeds[-1]}" if running else ", ".join(map(str, seeds))


def _cells(cells: list[Cell], casts: list[Cast], width: int) -> list[str]:
    axes = list(cells[0].values)
    counts = [f"{estimate.decisions(cast):,.0f}" for cast in casts[:LISTED]] or ["unknown"] * LISTED
    rows = [("  cell", *axes, "decisions a run")]
    rows += [
        (f"  {cell.number}", *(str(cell.values[axis]) for axis in axes), count)
        for cell, count in zip(cells[:LISTED], counts, strict=False)
    ]
    return [*columns(rows, width), *([f"  and {len(cells) - LISTED} more cells"] if len(cells) > LISTED else [])]
