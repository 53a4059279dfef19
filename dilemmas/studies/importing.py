"""Published data into a results folder of ours: each log becomes a run whose moves the rules play again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dilemmas.errors import FileError
from dilemmas.runs import recorded_talk, script
from dilemmas.runs.lab import Done, Order, carry_out
from dilemmas.runs.resolve import RECORDS, Source
from dilemmas.runs.script import Row
from dilemmas.specs.recorded import SEAT


@dataclass(frozen=True)
class Log:
    """A run to be: its name, the file it was made of, the game with its parameters, and its decisions.

    ``said`` is what was said (rows of ``dilemmas.runs.recorded_talk``), ``columns`` (model, condition) become columns
    of the runs table; a log that is not ``finished`` breaks off.
    """

    name: str
    source: str
    game: Mapping[str, Any]
    rows: Sequence[Row]
    seed: int = 0
    finished: bool = True
    columns: Mapping[str, str] = field(default_factory=dict)
    said: Sequence[Row] = ()

    @property
    def population(self) -> list[dict[str, Any]]:
        """Its players, as an experiment lists them."""
        told = dict.fromkeys((row["agent"], row["model"]) for row in self.rows)
        return [{"name": agent, "strategy": SEAT, "model": model or None} for agent, model in told]


@dataclass(frozen=True)
class Found:
    """What a path holds: logs to import, files that were left out, each with the reason, and what seems to lack."""

    logs: tuple[Log, ...]
    skipped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def bring(found: Found, name: str, about: str, out: Path, *, fresh: bool = False, command: Sequence[str] = ()) -> Done:
    """Play all logs again and write them as results; nothing is written where one differs.

    Raises FileError that names file, match, round and seat of the first difference, ResultsError for a folder of
    something else.
    """
    with TemporaryDirectory() as folder:
        records = Path(folder) / RECORDS
        records.mkdir()
        files = {}
        for number, log in enumerate(found.logs, 1):
            files[log.name] = f"{RECORDS}/{number:03}-{_plain(log.name)}.csv"
            script.write(Path(folder) / files[log.name], log.rows)
            if log.said:
                recorded_talk.write(Path(folder) / _beside(files[log.name]), log.said)
        order = Order(
            experiment(found.logs, files, name, about), Source(Path(folder)), out=out, fresh=fresh, command=command
        )
        carry_out(replace(order, out=None, fresh=False))
        return carry_out(order)


def experiment(logs: Sequence[Log], files: Mapping[str, str], name: str, about: str) -> dict[str, Any]:
    """The experiment whose cells are logs."""
    names = [log.name for log in logs]
    if twice := next((each for each in names if names.count(each) > 1), None):
        raise FileError(f"two logs are called {twice!r}", remedy="Import their folders one at a time.")
    cells = {log.name: _cell(log, files[log.name]) for log in logs}
    first = next(iter(cells.values()))
    return {"experiment": name, "about": about, **first, "log": "moves", "sweep": {"log": cells}}


def _beside(file: str) -> str:
    """The file of what was said, beside that of the moves."""
    return f"{file.removesuffix('.csv')}-said.csv"


def _cell(log: Log, file: str) -> dict[str, Any]:
    said = {"said": _beside(file)} if log.said else {}
    return {
        "game": dict(log.game),
        "population": log.population,
        "recorded": {"file": file, "source": log.source, "finished": log.finished, **said},
        "seeds": [log.seed],
        "columns": dict(log.columns),
    }


def _plain(name: str) -> str:
    """A name as part of a file's name."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.")[:60] or "log"


def told(path: Path, root: Path) -> str:
    """A file as errors and manifests name it: from the folder that is imported."""
    return path.relative_to(root).as_posix() if path != root and path.is_relative_to(root) else path.name
