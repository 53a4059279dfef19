"""Published numbers beside an experiment: curves over generations and levels, which figures draw in grey.

A YAML file, or the same written into the experiment::

    source: Whom to name, and how the numbers were had.
    curves:                        # table `generations`: column, label, one value a generation
      payoff: {A model: {mean: [10, 12], sem: [1, 1.5], runs: [[9, 11], [11, 13]]}}
    levels:                        # tables `episodes` and `ranking`: column, label, value and its plus-minus
      survival_time: {A model: {mean: 9.3, pm: 2.2}}

A CSV holds the same as rows: ``column, label, generation, run, mean, pm``. Rows without a generation are levels, rows
with a run are one society of a curve. Its source stands in a column ``source``.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from dilemmas.errors import FileError, SpecError, many
from dilemmas.rules.params import Number, Whole
from dilemmas.specs import reading

COLUMNS = ("column", "label", "generation", "run", "mean", "pm", "source")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Curve(_Part):
    """One value a generation, from the first on: their ``mean``, its standard error, and the societies themselves.

    ``at`` names the generations where the values are of some alone.
    """

    mean: list[Number]
    at: list[Whole] = []
    sem: list[Number] = []
    runs: list[list[Number]] = []

    @model_validator(mode="after")
    def _as_long(self) -> Curve:
        if self.sem and len(self.sem) != len(self.mean):
            raise ValueError(f"sem has {many(len(self.sem), 'value')} for {many(len(self.mean), 'generation')}")
        if self.at and len(self.at) != len(self.mean):
            raise ValueError(f"at names {many(len(self.at), 'generation')} for {many(len(self.mean), 'value')}")
        if odd := next((run for run in self.runs if len(run) != len(self.mean)), None):
            raise ValueError(f"a run has {many(len(odd), 'value')} for {many(len(self.mean), 'generation')}")
        return self


class Level(_Part):
    """A value, and what stands behind its plus-minus sign; the source says what that is."""

    mean: Number
    pm: Number | None = None


class Published(_Part):
    """What was published; every number has the unit of its column in the results.

    ``where`` holds values of sweep axes: the numbers are drawn behind runs that have them.
    """

    source: str
    where: dict[str, str | int | float | bool] = {}
    curves: dict[str, dict[str, Curve]] = {}
    levels: dict[str, dict[str, Level]] = {}


class Named(_Part):
    """A file of published numbers, and the values of sweep axes that they belong to."""

    file: str
    where: dict[str, str | int | float | bool] = {}


def inlined(data: Mapping[str, Any], beside: Path | None) -> dict[str, Any]:
    """An experiment's plain data with the published numbers that it names read in; raises FileError, SpecError."""
    given = data.get("published")
    if not given:
        return dict(data)
    listed = given if isinstance(given, list) else [given]
    return {**data, "published": [_read(one, beside or Path()) for one in listed]}


def _read(one: Any, beside: Path) -> Any:
    """A file that is named, as plain data; numbers that are written out stay as they are."""
    named = {"file": one} if isinstance(one, str) else one
    if not isinstance(named, Mapping) or "file" not in named:
        return one
    found = load(beside / str(named["file"])).model_dump(mode="json", exclude_defaults=True)
    return {**found, **({"where": named["where"]} if named.get("where") else {})}


def load(path: Path) -> Published:
    """The published numbers in a YAML or CSV file; raises FileError, SpecError."""
    data = _rows(path) if path.suffix == ".csv" else reading.load(path)
    return reading.check(Published, data, path, "published numbers")


def _rows(path: Path) -> dict[str, Any]:
    lines = csv.DictReader(reading.text(path).splitlines())
    rows = list(lines)
    if lacking := sorted({"column", "label", "mean"} - set(lines.fieldnames or ())):
        raise FileError(f"has no column {lacking[0]!r}", where=str(path), expected=f"columns {', '.join(COLUMNS)}")
    source = next((row["source"] for row in rows if row.get("source")), "")
    made: dict[str, Any] = {"source": source, "curves": {}, "levels": {}}
    for line, row in enumerate(rows, 2):
        try:
            _put(made, row)
        except (TypeError, ValueError) as error:
            raise SpecError(str(error), where=f"{path}:{line}", expected="a number") from None
    return {**made, "curves": {column: _curves(labels) for column, labels in made["curves"].items()}}


def _put(made: dict[str, Any], row: Mapping[str, str]) -> None:
    column, label, mean = row["column"], row["label"], float(row["mean"])
    pm = float(row["pm"]) if row.get("pm") else None
    if not row.get("generation"):
        made["levels"].setdefault(column, {})[label] = {"mean": mean} if pm is None else {"mean": mean, "pm": pm}
        return
    runs = made["curves"].setdefault(column, {}).setdefault(label, {})
    runs.setdefault(row.get("run") or "", {})[int(row["generation"])] = (mean, pm)


def _curves(labels: Mapping[str, Mapping[str, Mapping[int, tuple[float, float | None]]]]) -> dict[str, Any]:
    return {label: _curve(runs) for label, runs in labels.items()}


def _curve(runs: Mapping[str, Mapping[int, tuple[float, float | None]]]) -> dict[str, Any]:
    """A curve from its points; without a row for the mean, it is that of the runs."""
    single = [_line(points) for run, points in runs.items() if run]
    if "" not in runs:
        return {"mean": [sum(values) / len(values) for values in zip(*single, strict=False)], "runs": single}
    errors = [pm for _, (_, pm) in sorted(runs[""].items())]
    return {"mean": _line(runs[""]), "sem": [] if None in errors else errors, "runs": single}


def _line(points: Mapping[int, tuple[float, float | None]]) -> Sequence[float]:
    return [mean for _, (mean, _) in sorted(points.items())]
