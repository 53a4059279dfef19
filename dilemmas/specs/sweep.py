"""A grid of settings: axes and their values become cells, cells and seeds become runs with names that last."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dilemmas.errors import SpecError, UsageError, nearest
from dilemmas.results import TABLES
from dilemmas.specs import experiment as spec
from dilemmas.specs.experiment import Experiment
from dilemmas.specs.seats import value_of


@dataclass(frozen=True)
class Cell:
    """One combination of the axes' values: its number from 1, what tables show, and the experiment it makes."""

    number: int
    values: Mapping[str, str | float | int | bool | None]
    experiment: Experiment

    @property
    def digest(self) -> str:
        """Six hexadecimal digits of the hash of axis and value."""
        return digest(dict(self.values), 6)


@dataclass(frozen=True)
class Run:
    """A cell played with one seed."""

    cell: Cell
    seed: int

    @property
    def name(self) -> str:
        """``<number>-<6 hex>-<seed>``, a safe file name everywhere."""
        return f"{self.cell.number}-{self.cell.digest}-{self.seed}"


# Generations may be swept: the axis and the column say the same.
_TAKEN = {column.name for column in TABLES["runs"].columns} - {"generations"}


def digest(value: Any, digits: int) -> str:
    """Hexadecimal digits of the SHA-256 of canonical JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:digits]


def cells(data: Mapping[str, Any], path: Path | None = None) -> list[Cell]:
    """Every cell of an experiment's grid, the last axis fastest; an experiment without a sweep is one cell."""
    base = spec.check(data, path)
    axes = [_axis(name, values, path) for name, values in base.sweep.items()]
    plain = {key: value for key, value in data.items() if key != "sweep"}
    made = []
    for number, choice in enumerate(itertools.product(*axes), 1):
        overrides: dict[str, Any] = {}
        for _, _, changes in choice:
            overrides |= changes
        experiment = spec.check(spec.changed(plain, overrides), path)
        _free(experiment.columns, path)
        made.append(Cell(number, {axis: label for axis, label, _ in choice} | experiment.columns, experiment))
    return made


def _axis(name: str, values: Any, path: Path | None) -> list[tuple[str, Any, dict[str, Any]]]:
    """The points of an axis: (axis, what tables show, overrides)."""
    where = f"{path}: sweep.{name}" if path else f"sweep.{name}"
    _free([name], path, "sweep")
    if isinstance(values, list) and values:
        return [(name, _label(value), {name: value}) for value in values]
    if isinstance(values, dict) and values and all(isinstance(value, dict) for value in values.values()):
        return [(name, str(label), dict(changes)) for label, changes in values.items()]
    raise SpecError(f"{values!r} is no axis", where=where, expected="a list of values, or labels with overrides each")


def _free(names: Iterable[str], path: Path | None, key: str = "columns") -> None:
    """Refuse the name of an axis or a column of one's own that is a column of the table of runs."""
    for name in names:
        if name in _TAKEN:
            where = f"{path}: {key}.{name}" if path else f"{key}.{name}"
            raise SpecError(f"the table of runs has a column {name!r} of its own", where=where, expected="another name")


def _label(value: Any) -> Any:
    return value if isinstance(value, (str, int, float, bool)) or value is None else json.dumps(value)


def runs(made: list[Cell]) -> list[Run]:
    """All runs, the first seed of every cell before the second of any: an early end leaves a balanced design."""
    depth = max(len(cell.experiment.seeds) for cell in made)
    return [
        Run(cell, cell.experiment.seeds[i]) for i in range(depth) for cell in made if i < len(cell.experiment.seeds)
    ]


def only(made: list[Cell], filters: Mapping[str, str]) -> list[Cell]:
    """The cells whose axes have the given values; raises UsageError for an axis or value that is not there."""
    for axis, text in filters.items():
        axes = list(made[0].values)
        if axis not in axes:
            raise UsageError(
                f"--only {axis}: no such axis",
                expected=", ".join(axes) or "an experiment with a sweep",
                remedy=nearest(axis, axes),
            )
        known = {str(cell.values[axis]) for cell in made} | {str(_label(value_of(text)))}
        made_here = [cell for cell in made if str(cell.values[axis]) in (text, str(value_of(text)))]
        if not made_here:
            raise UsageError(
                f"--only {axis}={text}: no cell has that value", expected=", ".join(sorted(known - {text}))
            )
        made = made_here
    return made
