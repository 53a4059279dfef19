"""A results folder: which experiment it belongs to, which runs are finished, and the tables joined over them.

::

    results/NAME/experiment.json     what it is, and the names of its runs
                 inputs/             copies of every file that was read
                 runs/RUN/           tables and manifest of one finished run; the folder appears whole, by a rename
                 runs/RUN/*.jsonl    where models had seats: their calls, from the first on; the manifest comes last
                 *.csv               tables joined over the finished runs
                 plots/
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any

from dilemmas.errors import ResultsError
from dilemmas.results import SCHEMA, TABLES, Table, join, obstacle, put, read, whole, workbook, write
from dilemmas.runs.settings import compare
from dilemmas.specs import notation

STAMP, MANIFEST = "experiment.json", "manifest.json"
HALF = f"{STAMP}.part-"  # begins the name of a stamp whose writing was cut short
_FORGOTTEN = 3600.0  # seconds after which half a run is taken for left behind
SUFFIX = {"csv": ".csv", "parquet": ".parquet", "excel": ".csv"}  # a workbook is written beside the joined tables


class Files(Mapping[str, Table]):
    """The tables in a folder, each read when it is first looked at; raises ResultsError for those of another schema."""

    def __init__(self, folder: Path) -> None:
        self.stamps = {name: stamped(folder / name) for name in (STAMP, MANIFEST) if (folder / name).is_file()}
        self._paths = {
            path.stem: path
            for suffix in ("parquet", "csv")
            for path in folder.glob(f"*.{suffix}")
            if path.stem in TABLES
        }
        self._read: dict[str, Table] = {}

    @property
    def paths(self) -> list[Path]:
        """Where they are."""
        return list(self._paths.values())

    def __getitem__(self, name: str) -> Table:
        if name not in self._read:
            self._read[name] = read(self._paths[name])
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return (name for name in TABLES if name in self._paths)

    def __len__(self) -> int:
        return len(self._paths)


@dataclass(frozen=True)
class Identity:
    """What must stay the same for two commands to share a folder: settings, and a digest of every file read.

    ``said`` holds the settings that are not at their defaults; the others agree with a folder that does not know them.
    """

    settings: Mapping[str, Any]
    files: Mapping[str, str]
    said: Mapping[str, Any] | None = None


class Folder:
    """One results folder, opened for writing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._names: dict[str, str] = {}
        self._files: dict[str, str] = {}

    def claim(self, identity: Identity, *, fresh: bool = False) -> None:
        """Make sure that the folder is free or belongs to this experiment; ``fresh`` moves an old one aside.

        Raises ResultsError with a short difference where it belongs to another, UsageError where an old one is in use.
        Nothing is written.
        """
        stamp = self.path / STAMP
        if file := obstacle(self.path):
            raise ResultsError(
                "is a file", where=str(file), expected="a folder for results", remedy="Name another with --out."
            )
        if fresh and self.path.exists():
            self.retire()
        if not stamp.is_file():
            if self.path.is_dir() and any(HALF not in path.name for path in self.path.iterdir()):
                raise ResultsError(
                    "holds files that are no results of this program",
                    where=str(self.path),
                    remedy="Name another folder with --out.",
                )
            return
        known = stamped(stamp)
        # Other cells of the sweep may read other files; a file that both read must be the same.
        read = {place: digest for place, digest in known["files"].items() if place in identity.files}
        shared = {place: identity.files[place] for place in read}
        difference = compare({**known["settings"], **read}, {**identity.settings, **shared}, identity.said)
        if difference:
            raise self.other(difference)
        self._names, self._files = dict(known["runs"]), dict(known["files"])

    def other(self, difference: str) -> ResultsError:
        """The error for settings that are not those of the folder, with two ways on."""
        return ResultsError(f"holds results of other settings: {difference}", where=str(self.path), remedy=_WAYS)

    def retire(self) -> None:
        """Move the folder aside, under a name that says that it is an old one.

        Raises UsageError where another command asks models for it: that one would go on writing, in two folders.
        """
        from dilemmas.models.lines import LEDGER, Lines  # here: scripted runs need none of what models need

        for ledger in (*self.path.glob(LEDGER), *self.path.glob(f"*/{LEDGER}")):  # a pilot has one a cell
            Lines(ledger, alone=True).close()
        number = next(n for n in range(1, 10_000) if not self.path.with_name(f"{self.path.name}.old-{n}").exists())
        self.path.replace(self.path.with_name(f"{self.path.name}.old-{number}"))

    def name(self, identity: str, proposed: str) -> str:
        """The name of a run: the one it had before, or the proposed one."""
        return self._names.setdefault(identity, proposed)

    def others(self, names: Collection[str]) -> list[str]:
        """Finished runs beside those named: of seeds and cells that an earlier command asked for."""
        return [name for name in self._names.values() if name not in names and self.finished(name)]

    def stamp(self, identity: Identity, data: Mapping[str, Any], inputs: Mapping[str, Path]) -> None:
        """Write down what the folder is for, and copy every file that is read."""
        files = {**self._files, **identity.files}
        known = {"schema": SCHEMA, "settings": identity.settings, "files": files, "runs": self._names}
        # First of all: a folder without it that has anything in it is taken for somebody else's.
        put(self.path / STAMP, json.dumps(known, indent=2, ensure_ascii=False) + "\n")
        (self.path / "runs").mkdir(exist_ok=True)
        self._drop_halves()
        for place, source in inputs.items():
            target = self.path / "inputs" / place
            target.parent.mkdir(parents=True, exist_ok=True)
            with whole(target) as half:
                half.write_bytes(source.read_bytes())
        put(self.path / "inputs" / "experiment.yaml", notation.dumped(dict(data)))

    def _drop_halves(self) -> None:
        """Remove what a kill left behind; another command may be at work here, so only what nobody touches any more."""
        for half in (self.path / "runs").glob("*.part*"):
            if time() - half.stat().st_mtime > _FORGOTTEN:
                shutil.rmtree(half, ignore_errors=True)

    def finished(self, name: str) -> bool:
        """Whether a run's folder is there, which means that it is whole."""
        return (self.path / "runs" / name / MANIFEST).is_file()

    def save(self, name: str, tables: Mapping[str, Table], manifest: Mapping[str, Any], form: str) -> None:
        """Write one finished run; its folder appears only once all of it is written."""
        target = self.path / "runs" / name
        half = target.with_name(f"{name}.part-{os.getpid()}")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        for table, values in tables.items():
            write(values, half / (table + SUFFIX[form]))
        put(half / MANIFEST, json.dumps(dict(manifest), indent=2, ensure_ascii=False) + "\n")
        if target.is_dir() and not self.finished(name):
            _into(half, target)
            return
        try:
            half.replace(target)
        except OSError:
            # The same command ran twice at once, and the other one was first: the same run, so the same tables.
            shutil.rmtree(half, ignore_errors=True)
            if not self.finished(name):
                raise

    def tables(self, name: str) -> Files:
        """The tables of a finished run."""
        return Files(self.path / "runs" / name)

    def manifest(self, name: str) -> dict[str, Any]:
        """The manifest of a finished run."""
        return stamped(self.path / "runs" / name / MANIFEST)

    def summary(self) -> dict[str, Any]:
        """The manifest of the joined tables."""
        return stamped(self.path / MANIFEST)

    def join(self, names: Sequence[str], runs: Table, usage: Table, manifest: Mapping[str, Any], form: str) -> None:
        """Replace the joined tables by those of the finished runs, in the order given."""
        done = [name for name in names if self.finished(name)]
        parts = {table: self._parts(done, table) for table in TABLES if table not in ("runs", "usage")}
        present = [table for table, paths in parts.items() if paths]
        for table in present:
            self._join(table, parts[table], form)
        write(runs, self.path / ("runs" + SUFFIX[form]))
        write(usage, self.path / ("usage" + SUFFIX[form]))
        for table in [*present, "runs", "usage"] if form == "excel" else []:
            workbook.beside(self.path / f"{table}.csv")
        self._clear({table + SUFFIX[form] for table in [*present, "runs", "usage"]})
        put(self.path / MANIFEST, json.dumps(dict(manifest), indent=2, ensure_ascii=False) + "\n")

    def joined(self, form: str) -> bool:
        """Whether the joined tables are there, in this form."""
        book = form != "excel" or (self.path / f"runs{workbook.SUFFIX}").is_file()
        return (self.path / ("runs" + SUFFIX[form])).is_file() and book

    def _clear(self, kept: Collection[str]) -> None:
        """Remove tables that do not apply any more, or stand there in a form that was asked for before."""
        for table in TABLES:
            for suffix in set(SUFFIX.values()):
                if table + suffix not in kept:
                    (self.path / (table + suffix)).unlink(missing_ok=True)

    def _parts(self, names: Sequence[str], table: str) -> list[Path]:
        """A table's files in the runs that have it, in whichever form each was written."""
        places = [self.path / "runs" / name / (table + suffix) for name in names for suffix in set(SUFFIX.values())]
        return [place for place in places if place.is_file()]

    def _join(self, table: str, parts: Sequence[Path], form: str) -> None:
        target = self.path / (table + SUFFIX[form])
        alike = all(part.suffix == target.suffix for part in parts)
        if len(parts) == 1 and alike:
            _link(parts[0], target)
        elif target.suffix == ".csv" and alike and len({_header(part) for part in parts}) == 1:
            _concatenate(parts, target)
        else:
            write(join([read(part) for part in parts]), target)


_WAYS = "Keep both with --out OTHER, or start anew with --fresh (the old folder is kept under another name)."


def _into(half: Path, target: Path) -> None:
    """Move a run's files to where its calls were kept; the manifest, which says that the run is whole, comes last."""
    for path in sorted(half.iterdir(), key=lambda path: path.name == MANIFEST):
        path.replace(target / path.name)
    half.rmdir()


def stamped(path: Path) -> dict[str, Any]:
    """What a stamp or a manifest says; raises ResultsError for one that is damaged, or of another schema of results.

    A manifest that says no schema is of the first.
    """
    try:
        known = dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise ResultsError(f"is damaged: {error}", where=str(path), remedy=_WAYS) from None
    schema = known.get("schema", None if path.name == STAMP else 1)
    if schema != SCHEMA:
        found, wanted = f"was written with results schema {schema!r}", f"{SCHEMA}, which this version reads"
        remedy = f"Use the version that wrote it. To write it again: {_WAYS}"
        raise ResultsError(found, where=str(path.parent), expected=wanted, remedy=remedy)
    return known


def _link(source: Path, target: Path) -> None:
    """The same bytes under a second name: a hard link where the disk can, else a copy."""
    with whole(target) as half:
        try:
            os.link(source, half)
        except OSError:
            shutil.copyfile(source, half)


def _header(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.readline()


def _concatenate(parts: Sequence[Path], target: Path) -> None:
    with whole(target) as half, half.open("wb") as out:
        for i, part in enumerate(parts):
            with part.open("rb") as file:
                header = file.readline()
                if i == 0:
                    out.write(header)
                shutil.copyfileobj(file, out)
