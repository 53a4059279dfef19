"""Finished runs played again from the files that were kept, and every table compared with what is on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dilemmas.engine import live
from dilemmas.errors import ResultsError, many
from dilemmas.models.speaker import Reply, Request
from dilemmas.results import TABLES, Coded, Table, absent
from dilemmas.runs.resolve import NETWORKS, Source, digest
from dilemmas.runs.run import Finished, How, execute, repeated
from dilemmas.runs.store import STAMP, Files, Folder
from dilemmas.runs.work import Job
from dilemmas.specs import experiment as spec
from dilemmas.specs.sweep import Cell, Run

TOLERANCE = 1e-9  # of floats, absolute or relative to the larger; text and integers must be equal
TOLD = 20  # differences that are listed; the rest are counted


@dataclass
class Report:
    """What a replay found: how many runs and rows were compared, and what differed, each as ``place: old -> new``."""

    runs: int = 0
    rows: int = 0
    differences: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, found: str) -> None:
        """A difference; only the first few are kept in words."""
        self.count += 1
        if len(self.differences) < TOLD:
            self.differences.append(found)


def replay(folder: Path, tick: Callable[[int, int, str], None] | None = None) -> Report:
    """Play every finished run of a results folder again, from ``inputs/`` alone, and compare all results.

    The tables of each run and the joined ones are compared; measures (seconds, cost) are not. Raises ResultsError where
    the folder holds no results of this program.
    """
    kept, report = Folder(folder), Report()
    names = _names(folder)
    joined = Files(folder)
    seen: dict[str, int] = {}
    for done, name in enumerate(names, 1):
        _files(folder, kept.manifest(name), name, report)
        played = _again(folder, kept.manifest(name), name)
        _tables(kept.tables(name), played, f"runs/{name}/", report)
        for table, values in played.items():
            seen[table] = seen.get(table, 0) + len(values)
            if table in joined:
                _compare(f"{table}", _of(joined[table], name), values, report)
        report.runs += 1
        if tick is not None:
            tick(done, len(names), name)
    _whole(joined, seen, report)
    return report


def _again(folder: Path, manifest: dict[str, Any], name: str) -> Mapping[str, Table]:
    """The tables of a run played again; people say again what they typed, models what their journal holds."""
    if manifest.get("models"):
        return live.wait(_spoken(folder, manifest, name)).tables
    how = How(voices=repeated(manifest["typed"])) if "typed" in manifest else None
    return execute(_run(manifest), Source(folder / "inputs", inputs=True), name=name, how=how).tables


async def _spoken(folder: Path, manifest: dict[str, Any], name: str) -> Finished:
    """A run with models, played from its journal alone."""
    from dilemmas.runs import perform  # here: scripted runs need none of what models need
    from dilemmas.runs.office import Office

    run, silent = _run(manifest), Mute(folder / "runs" / name)
    capless = run.cell.experiment.model_copy(update={"limits": spec.Limits()})
    how = How(voices=repeated(manifest["typed"])) if "typed" in manifest else None
    async with Office(capless, None, (), speaking=lambda model: silent, how=how) as office:
        source = Source(folder / "inputs", inputs=True)
        return await perform.perform(office, Job(run, name, "csv"), 0, source, folder / "runs", ())


@dataclass(frozen=True)
class Mute:
    """A speaker for runs that are read from their journals: asked for anything else, it says that it is missing."""

    folder: Path

    async def ready(self) -> None:
        """Nothing is loaded."""

    async def say(self, request: Request, timeout: float) -> Reply:
        """Raises ResultsError."""
        raise ResultsError(
            f"a call to {request.model} that the run needs is not in calls.jsonl", where=str(self.folder)
        )

    async def close(self) -> None:
        """Nothing to give back."""


def _names(folder: Path) -> list[str]:
    """The finished runs of a folder."""
    if not (folder / STAMP).is_file():
        raise absent(folder, expected=f"a folder with {STAMP}")
    found_runs = sorted(
        path.parent.name for path in (folder / "runs").glob("*/manifest.json") if ".part-" not in path.parent.name
    )
    if not found_runs:
        raise ResultsError("has no finished run", where=str(folder), remedy="Run the experiment first.")
    return found_runs


def _run(manifest: dict[str, Any]) -> Run:
    """The run that a manifest tells of, with a list of edges taken from the inputs."""
    config = dict(manifest["config"])
    network = config.get("network") or {}
    if network.get("file"):
        config["network"] = {**network, "file": f"{NETWORKS}/{Path(network['file']).name}"}
    return Run(Cell(1, manifest["cell"], spec.check(config)), manifest["seed"])


def _files(folder: Path, manifest: dict[str, Any], name: str, report: Report) -> None:
    """Inputs must be the files that the run was made of."""
    for place, known in manifest["files"].items():
        path = folder / "inputs" / place
        if not path.is_file():
            raise ResultsError("the file is gone, so the run cannot be played again", where=str(path))
        if digest(path) != known:
            report.add(f"inputs/{place} is not the file that run {name} was made of")


def _tables(kept: Files, played: dict[str, Table] | Any, place: str, report: Report) -> None:
    for table in TABLES:
        if table == "usage":
            continue
        if (table in kept) != (table in played):
            report.add(f"{place}{table}: {'not written' if table in played else 'written'} before, now the other way")
        elif table in kept:
            report.rows += len(kept[table])
            _compare(f"{place}{table}", kept[table], played[table], report)


def _of(table: Table, run: str) -> Table:
    """The rows of one run."""
    column = table["run"]
    if isinstance(column, Coded):
        code = column.names.index(run) if run in column.names else -2
        rows = np.flatnonzero(column.codes == code)
    else:
        rows = np.flatnonzero(column == run)
    return Table(table.spec, {key: values[rows] for key, values in table.columns.items()})


def _whole(joined: Files, seen: dict[str, int], report: Report) -> None:
    """Joined tables must hold nothing beyond the finished runs, and lack none of their tables."""
    for table, rows in seen.items():
        if table not in joined:
            report.add(f"{table}: the joined table is missing")
        elif table != "runs" and len(joined[table]) != rows:
            report.add(f"{table}: {many(len(joined[table]), 'row')}, the runs have {rows:,}")


def _compare(place: str, old: Table, new: Table, report: Report) -> None:
    if len(old) != len(new):
        report.add(f"{place}: {many(len(old), 'row')} -> {many(len(new), 'row')}")
        return
    for name in dict.fromkeys([*old.columns, *new.columns]):
        missing = name not in old or name not in new
        if missing and (_axis(old, name) or _null(old if name in old else new, name)):
            continue  # an axis that was added after this run was played, or a column that other runs have
        if missing:
            report.add(f"{place}: column {name} only {'now' if name in new else 'before'}")
            continue
        for row in _rows(old, new, name):
            was, now = (_shown(table, name, row) for table in (old, new))
            report.add(f"{place}, row {row + 1} ({_keys(old, row)}), {name}: {was} -> {now}")


def _axis(table: Table, name: str) -> bool:
    return table.spec.name == "runs" and name not in {column.name for column in table.spec.columns}


def _null(table: Table, name: str) -> bool:
    """Whether a column holds nothing."""
    values = table[name]
    if isinstance(values, Coded):
        return bool((values.codes < 0).all())
    return bool(np.isnan(values).all()) if values.dtype.kind == "f" else all(value is None for value in values.tolist())


def _rows(old: Table, new: Table, name: str) -> Iterator[int]:
    """Rows in which a column differs."""
    type_ = old.type(name)
    if type_ == "text":
        yield from np.flatnonzero(_text(old, name) != _text(new, name)).tolist()
        return
    a, b = old.numbers(name), new.numbers(name)
    slack = TOLERANCE * np.maximum(1.0, np.abs(a)) if type_ == "float" else 0.0
    with np.errstate(invalid="ignore"):
        same = (np.abs(a - b) <= slack) | (a == b) | (np.isnan(a) & np.isnan(b))
    yield from np.flatnonzero(~same).tolist()


def _text(table: Table, name: str) -> NDArray[np.object_]:
    values = table[name]
    if isinstance(values, Coded):
        return values.decoded()
    if values.dtype.kind in "iuf":  # an axis of numbers, which a file holds as text
        return np.array([repr(value) for value in values.tolist()], object)
    return values


def _shown(table: Table, name: str, row: int) -> str:
    cell = Table(table.spec, {name: table[name][row : row + 1]}).list(name)[0]
    return "null" if cell is None else repr(cell) if isinstance(cell, str) else str(cell)


def _keys(table: Table, row: int) -> str:
    keys = [
        column.name
        for column in table.spec.columns
        if column.role == "key" and column.name in table and column.name != "run"
    ]
    return ", ".join(f"{key} {_shown(table, key, row)}" for key in keys) or "the run"


def folders(folder: Path) -> Sequence[Path]:
    """The results folders that a path means: itself, or those inside it."""
    if (folder / STAMP).is_file() or not folder.is_dir():
        return [folder]
    return sorted(path.parent for path in folder.glob(f"*/{STAMP}")) or [folder]
