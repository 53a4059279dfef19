"""Experiments as commands mean them: plain data, the folder that its results go to, and the file that says the same."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from dilemmas.errors import FileError, UsageError
from dilemmas.specs import bounds, catalogue, experiment, notation, sweep
from dilemmas.specs.seats import parse

ROOT = Path("results")


def play(game: str, population: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The data of one episode with seats in the order given."""
    return {**_named(game, "play", population), "log": "moves"}


def tournament(game: str, population: Sequence[Mapping[str, Any]], how: Mapping[str, Any]) -> dict[str, Any]:
    """The data of a tournament; raises UsageError for a strategy that is to take part several times."""
    many = next((entry for entry in population if entry.get("count", 1) != 1), None)
    if many is not None:
        found = f"{many['strategy']} is to take part {many['count']} times"
        raise UsageError(found, expected="each strategy once", remedy="Leave the count out.")
    return {**_named(game, "tournament", population), "tournament": dict(how)}


def evolve(game: str, population: Sequence[Mapping[str, Any]], how: Mapping[str, Any]) -> dict[str, Any]:
    """The data of generations of a population."""
    rules = {"selection": "truncation", "inheritance": "copied"}
    return {**_named(game, "evolve", population), **rules, **how}


def culture(selection: str | None, keep: Any, beta: Any, inheritance: str | None, mutation: Any) -> dict[str, Any]:
    """Selection and inheritance as flags say them: a mutation rate means the rule that mutates."""
    chosen = {key: value for key, value in (("keep", keep), ("beta", beta)) if value is not None}
    # --beta alone means the rule that is known by it.
    rule = selection or ("fermi" if beta is not None and keep is None else "truncation")
    found: dict[str, Any] = {"selection": ":".join([rule, *(f"{key}={value}" for key, value in chosen.items())])}
    if mutation is not None:
        found["inheritance"] = f"{inheritance or 'mutated'}:rate={mutation}"
    elif inheritance is not None:
        found["inheritance"] = inheritance
    return found


def _named(game: str, command: str, population: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The data of a command; its game may have parameters, as a seat has: ``ordinal:game=59``."""
    typed = parse(game)
    return {
        "experiment": bounds.titled(typed.strategy, command),
        "command": command,
        "game": {"name": typed.strategy, **typed.parameters},
        "population": [dict(entry) for entry in population],
    }


def folder(data: Mapping[str, Any]) -> Path:
    """Where results go by default: a file's by its name, a command's by its name and four digits of its settings."""
    checked = experiment.check(data)
    if checked.command == "run":
        return ROOT / checked.experiment
    settings = {
        "settings": checked.settings(),
        "seeds": checked.seeds,
        "form": [checked.format, checked.log],
    }
    return ROOT / f"{checked.experiment}-{sweep.digest(settings, 4)}"


def save(data: Mapping[str, Any], path: Path, beside: Path | None, command: Iterable[str] = ()) -> None:
    """Write an experiment file that means the same; paths in it start at its own folder. Raises FileError."""
    if path.exists():
        raise FileError("is there already", where=str(path), remedy="Name another file, or remove it.")
    checked = experiment.check(data)
    moved = _moved(data, beside or Path(), path.parent)
    moved["experiment"] = checked.experiment if checked.command == "run" else folder(data).name
    moved["command"] = "run"
    body = notation.dumped(_tidy(moved), width=110)
    head = f"# What this means: {' '.join(command)}\n" if command else ""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{head}{body}", encoding="utf-8", newline="\n")


def _tidy(data: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty and with each entry of the population as short as it can be."""
    kept = {key: value for key, value in data.items() if value not in (None, {}, []) and key != "command"}
    kept["population"] = [
        {key: value for key, value in entry.items() if value not in (None, {}, "")} for entry in kept["population"]
    ]
    return kept


def _moved(data: Mapping[str, Any], beside: Path, to: Path) -> dict[str, Any]:
    """A copy of the data whose paths, told from ``beside`` so far, are told from ``to``."""
    full = experiment.changed(data, {})
    game = full["game"] if isinstance(full["game"], dict) else {"name": full["game"]}
    checked = experiment.check(full)
    entries = [entry.model_dump(mode="json", exclude_defaults=True) for entry in checked.population]
    for entry in entries:
        entry["strategy"] = _path(entry["strategy"], beside, to)
    if checked.network and checked.network.get("file"):
        full["network"] = {**checked.network, "file": _told_from(checked.network["file"], beside, to)}
    return {**full, "game": {**game, "name": _path(game["name"], beside, to)}, "population": entries}


def _path(reference: str, beside: Path, to: Path) -> str:
    head, script, rest = reference.partition(".py")
    if reference.startswith("axelrod/") or not (script or catalogue.is_path(reference)):
        return reference
    return _told_from(head + script, beside, to) + rest


def _told_from(path: str, beside: Path, to: Path) -> str:
    """A path from ``beside`` as a path from ``to``."""
    try:
        moved = os.path.relpath(beside / path, to)
    except ValueError:  # on another drive
        moved = str((beside / path).resolve())
    return Path(moved).as_posix()
