"""Tables arranged for drawing: which runs are shown, and the sweep cell and the seed that each belongs to."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dilemmas.errors import UnknownName, UsageError, nearest
from dilemmas.report.counted import counted
from dilemmas.results import TABLES, Coded, Table

if TYPE_CHECKING:
    from dilemmas.specs.published import Published

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.intp]
Tables: TypeAlias = Mapping[str, Table]
FOLDER, MODEL = "folder", "model"
NOBODY = "no model"
LOG, CONDITION, SEVERAL = "log", "condition", "several"
"""Columns of runs that were imported: the name of a log and how it was played; and the model where there were more."""


@dataclass(frozen=True)
class Run:
    """A run: its name, its seed where known, and its value on each sweep axis."""

    name: str
    seed: int | None
    values: Mapping[str, str]


@dataclass(frozen=True)
class Part:
    """The rows of a table that belong to the runs shown; ``run`` says to which, by position."""

    table: Table
    rows: Ints
    run: Ints

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, name: str) -> bool:
        return name in self.table

    def numbers(self, name: str) -> Floats:
        """A column of numbers, null as NaN."""
        return self.table.numbers(name)[self.rows]

    def text(self, name: str) -> Coded:
        """A column of text, coded."""
        return coded(self.table[name])[self.rows]


@dataclass(frozen=True)
class Data:
    """What is drawn: tables, the runs shown of them, and the axes that group runs (``by``) and lie along x (``x``).

    ``published`` are numbers of others to draw behind; ``cut`` holds the rows of a table that alone are shown.
    """

    tables: Tables
    runs: tuple[Run, ...]
    axes: tuple[str, ...] = ()
    by: str | None = None
    x: str | None = None
    published: tuple[Published, ...] = ()
    cut: Mapping[str, Ints] = field(default_factory=dict, compare=False)
    _parts: dict[str, Part] = field(default_factory=dict, repr=False, compare=False)
    _kept: dict[str, list[str]] = field(default_factory=dict, repr=False, compare=False)

    def part(self, name: str) -> Part:
        """The rows of a table that belong to the runs shown."""
        if name not in self._parts:
            part = self._part(self.tables[name])
            if name in self.cut:
                kept = np.isin(part.rows, self.cut[name])
                part = Part(part.table, part.rows[kept], part.run[kept])
            self._parts[name] = part
        return self._parts[name]

    def _part(self, table: Table) -> Part:
        if "run" not in table:
            return Part(table, np.arange(len(table)), np.zeros(len(table), np.intp))
        run = coded(table["run"])
        position = {each.name: i for i, each in enumerate(self.runs)}
        where = np.array([*(position.get(name, -1) for name in run.names), -1], np.intp)[run.codes]
        rows = np.flatnonzero((where >= 0) & counted(self.tables, table))
        return Part(table, rows, where[rows])

    def has(self, table: str, *columns: str) -> bool:
        """Whether a table is there with something known in each of these columns."""
        if table not in self.tables or not len(self.part(table)):
            return False
        return all(column in self.tables[table] and self._known(table, column) for column in columns)

    def _known(self, table: str, column: str) -> bool:
        part = self.part(table)
        if TABLES[table][column].type == "text":
            return bool((part.text(column).codes >= 0).any())
        return not bool(np.isnan(part.numbers(column)).all())

    def only(self, runs: Iterable[Run]) -> Data:
        """The same, with some of the runs."""
        return replace(self, runs=tuple(runs), _parts={})

    def within(self, table: str, rows: Ints) -> Data:
        """The same, with some of the rows of a table; what is counted over the whole table stays as it is."""
        return replace(self, cut={**self.cut, table: rows}, _parts={})

    def value(self, run: Run, axis: str) -> str:
        """What a run has on an axis; ``seed`` and ``run`` are axes too."""
        if axis in ("seed", "run"):
            return run.name if axis == "run" else str(run.seed)
        found = run.values.get(axis, "")
        return self._models(run) if axis == MODEL and not found else found

    def _models(self, run: Run) -> str:
        """The models of a run that has no axis for them."""
        if MODEL not in self._kept:
            table = self.tables.get("models")
            pairs = zip(table.list("run"), table.list(MODEL), strict=True) if table is not None else ()
            for name, model in pairs:
                self._kept.setdefault(name, []).append(model)
            self._kept.setdefault(MODEL, [])
        return " + ".join(self._kept.get(run.name, ())) or NOBODY

    def label(self, run: Run) -> str:
        """The group of a run: its value ``by`` the axis asked for, or all that sets its cell apart, in words."""
        if self.by is not None:
            return named(self.by, self.value(run, self.by))
        # Imported logs are told apart by whose they are and how they were played; their names are not for figures.
        left = {self.x, LOG} if CONDITION in self.axes else {self.x}
        differ = {axis for axis in self.axes if len({each.values.get(axis) for each in self.runs}) > 1}
        told = [axis for axis in self.axes if axis in differ - left and run.values.get(axis) != SEVERAL]
        return ", ".join(named(axis, self.value(run, axis)) for axis in told)

    def groups(self) -> list[tuple[str, Data]]:
        """The runs shown, group by group, in the order of the values of their axis where those are numbers."""
        labels = {run.name: self.label(run) for run in self.runs}
        order = list(dict.fromkeys(labels.values()))
        if self.by is not None:
            order.sort(key=lambda text: number(text.rpartition("= ")[2], math.inf))
        return [(label, self.only(run for run in self.runs if labels[run.name] == label)) for label in order]

    def numeric(self) -> str | None:
        """The first axis of the sweep whose values are numbers, and differ among the runs shown."""
        for axis in self.axes:
            values = {self.value(run, axis) for run in self.runs}
            if axis != self.by and len(values) > 1 and not any(math.isnan(number(value)) for value in values):
                return axis
        return None

    def points(self) -> tuple[list[str], Floats]:
        """Values of the axis that lies along x, in order, and where each stands: at its number, if all are numbers."""
        values = sorted(
            {self.value(run, self.x or "") for run in self.runs}, key=lambda text: (number(text, math.inf), text)
        )
        places = np.array([number(value) for value in values])
        return values, np.arange(len(values), dtype=float) if np.isnan(places).any() else places

    def seeds(self) -> str:
        """How many runs, of which seeds, in words."""
        known = sorted({run.seed for run in self.runs if run.seed is not None})
        if not known:
            return f"{len(self.runs)} run{'s' * (len(self.runs) > 1)}"
        if len(known) == 1:
            listed = f"seed {known[0]}"
        elif len(known) == known[-1] - known[0] + 1:
            listed = f"{len(known)} seeds ({known[0]} to {known[-1]})"
        else:
            listed = f"{len(known)} seeds"
        return listed if len(known) == len(self.runs) else f"{len(self.runs)} runs, {listed}"


def named(axis: str, value: str) -> str:
    """A value of an axis in words; folders speak for themselves."""
    return value if axis in (FOLDER, MODEL, LOG, CONDITION, "run") else f"{axis.rpartition('.')[2]} = {value}"


def number(text: str, otherwise: float = math.nan) -> float:
    """The number that a text is, or something else."""
    try:
        return float(text)
    except ValueError:
        return otherwise


def coded(values: Any) -> Coded:
    """Any text column as codes and names, in order of first appearance: the same in memory and from files."""
    if isinstance(values, Coded):
        return _appearing(values)
    listed = values.tolist()
    names = tuple(dict.fromkeys(value for value in listed if value is not None))
    index = {name: code for code, name in enumerate(names)}
    return Coded(np.array([index.get(value, -1) for value in listed], np.intp), names)


def _appearing(column: Coded) -> Coded:
    """Names in the order in which rows bring them up, those that none has left out."""
    size = len(column.codes)
    first = np.full(len(column.names) + 1, size)
    first[column.codes[::-1]] = np.arange(size)[::-1]  # of several rows the last one assigned stays: the first row
    order = np.argsort(first[:-1], kind="stable")[: int((first[:-1] < size).sum())]
    place = np.full(len(first), -1)
    place[order] = np.arange(len(order))
    return Coded(place[column.codes], tuple(column.names[i] for i in order))


def renumbered(column: Coded, order: Sequence[str]) -> Ints:
    """Positions of a text column's values in ``order``; -1 where they are not in it."""
    index = {name: i for i, name in enumerate(order)}
    found: Ints = np.array([*(index.get(name, -1) for name in column.names), -1], np.intp)[column.codes]
    return found


def arrange(
    tables: Tables,
    only: Sequence[str] = (),
    by: str | None = None,
    x: str | None = None,
    published: tuple[Published, ...] = (),
) -> Data:
    """Tables ready to draw; ``only`` holds ``AXIS=VALUE`` filters; raises UnknownName for an axis that is none."""
    runs = played(tables)
    axes = tuple(dict.fromkeys(axis for run in runs for axis in run.values))
    known = (*axes, *((MODEL,) if "models" in tables and MODEL not in axes else ()))
    data = Data(tables, runs, axes, _axis(by, known), _axis(x, known), published)
    for item in only:
        data = _filtered(data, item)
    return data


def _axis(name: str | None, axes: Sequence[str]) -> str | None:
    """The axis that a name means: in full, or by its last word where that is one alone."""
    if name is None or name in (*axes, "seed", "run"):
        return name
    ends = [axis for axis in axes if axis.rpartition(".")[2] == name]
    if len(ends) == 1:
        return ends[0]
    known = (*axes, "seed", "run")
    raise UnknownName(f"no axis {name!r}", expected=", ".join(known), remedy=nearest(name, known))


def _filtered(data: Data, item: str) -> Data:
    name, _, value = item.partition("=")
    axis = _axis(name.strip(), (*data.axes, MODEL) if "models" in data.tables else data.axes) or ""
    wanted = value.strip()
    kept = data.only(run for run in data.runs if same(data.value(run, axis), wanted))
    if not kept.runs:
        found = dict.fromkeys(data.value(run, axis) for run in data.runs)
        raise UsageError(f"no run has {axis} = {wanted}", expected=", ".join(found), remedy=nearest(wanted, found))
    return kept


def same(found: str, wanted: str) -> bool:
    """Whether two values of an axis are the same, as words or as numbers."""
    return found == wanted or number(found) == number(wanted)


def played(tables: Tables) -> tuple[Run, ...]:
    """The runs that were played; only small tables are looked at, for a table of decisions may be large to read."""
    table = tables.get("runs")
    if table is None:
        first = next((name for name in _SMALL if name in tables), None)
        return tuple(Run(name, _seed(name), {}) for name in (_names(tables[first]) if first else ()))
    known = {column.name for column in table.spec.columns}
    axes = [name for name in table.columns if name not in known]
    kept = {name: table[name] for name in ("run", "seed", "status", *axes) if name in table}
    rows = [row for row in Table(table.spec, kept).rows() if row.get("status") in (None, "done")]
    return tuple(Run(row["run"], row.get("seed"), {axis: _text(row[axis]) for axis in axes}) for row in rows)


_SMALL = ("ranking", "generations", "pairs", "agents", "episodes", "rounds")


def _names(table: Table) -> list[str]:
    if "run" not in table:
        return [""] if len(table) else []
    column = coded(table["run"])
    return [column.names[code] for code in np.unique(column.codes) if code >= 0]


def _seed(name: str) -> int | None:
    last = name.rpartition("-")[2]
    return int(last) if last.isdecimal() and last.isascii() else None


def _text(value: Any) -> str:
    """A value of an axis as people write it: axes of numbers are numbers in files, and may be text in memory."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
