"""An experiment for people: what is played, by whom, and the cells and runs that it comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dilemmas.cli.console import columns
from dilemmas.cli.environment import default_model
from dilemmas.cli.show_game import Shown, plain, wrapped
from dilemmas.errors import SpecError, many, pasted
from dilemmas.runs import estimate
from dilemmas.runs.resolve import DEFAULT, Cast, Source, resolve
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
    casts = _casts(cells, path)
    runs = sweep.runs(cells)
    total = sum(estimate.decisions(cast) * len(cell.experiment.seeds) for cell, cast in zip(cells, casts, strict=True))
    models = list(dict.fromkeys(model for cast in casts for model in cast.asked))
    lines = [
        f"{whole.experiment} · an experiment",
        *wrapped(whole.about, width),
        "",
        *_settings(whole, width),
    ]
    size = f"{many(len(cells), 'cell')}, {many(len(runs), 'run')}, about {many(round(total), 'decision')}"
    lines += ["", *wrapped(f"{size}, {_asked(models)}", width)]
    lines += _cells(cells, casts, width) if whole.sweep else []
    lines += ["", *_next(_called(name, path), models)]
    listed = [{"number": cell.number, **cell.values, "seeds": cell.experiment.seeds} for cell in cells]
    return lines, {
        "name": whole.experiment,
        "about": whole.about,
        "cells": listed,
        "runs": len(runs),
        "decisions": total,
        "models": models,
        "calls": None if models else 0,
    }


def _asked(models: Sequence[str]) -> str:
    """Which models would be asked."""
    return f"asked of {', '.join(models)} where a model has the seat" if models else "0 model calls"


def _next(called: str, models: Sequence[str]) -> list[str]:
    """What to type; a model that nobody has named is to be named."""
    model = " --model MODEL" if DEFAULT in models else ""
    cost = [f"What it would cost: dilemmas run {pasted(called)}{model} --rehearse"] if models else []
    return [*cost, f"Run it: dilemmas run {pasted(called)}{model}"]


def _casts(cells: list[Cell], path: Path) -> list[Cast]:
    """The cells made ready to play; where nobody says which model is the default one, it is shown by that name."""
    named = default_model() or DEFAULT
    try:
        return [resolve(_spoken(cell.experiment, named), Source(path.parent)) for cell in cells]
    except SpecError as error:
        raise error.within(path) from None


def _spoken(experiment: Experiment, model: str) -> Experiment:
    return experiment if experiment.model else experiment.model_copy(update={"model": model})


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
    counts = [f"{estimate.decisions(cast):,.0f}" for cast in casts[:LISTED]]
    rows = [("  cell", *axes, "decisions a run")]
    rows += [
        (f"  {cell.number}", *(str(cell.values[axis]) for axis in axes), count)
        for cell, count in zip(cells[:LISTED], counts, strict=True)
    ]
    return [*columns(rows, width), *([f"  and {len(cells) - LISTED} more cells"] if len(cells) > LISTED else [])]
