"""Several results folders as one, so that their runs share axes and figures."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dilemmas.report.data import FOLDER, Tables, coded, played
from dilemmas.results import Coded, Table, join


def merge(folders: Mapping[str, Tables]) -> dict[str, Table]:
    """Tables of several results folders as one, with the folder as a sweep axis; run names are led by their folder."""
    if len(folders) == 1:
        return dict(next(iter(folders.values())))
    names = dict.fromkeys(name for tables in folders.values() for name in tables)
    merged = {
        name: join([_led(tables[name], folder) for folder, tables in folders.items() if name in tables])
        for name in names
    }
    merged["runs"] = join([_folder_runs(tables, folder) for folder, tables in folders.items()])
    return merged


def _led(table: Table, folder: str) -> Table:
    if "run" not in table:
        return table
    run = coded(table["run"])
    return Table(
        table.spec, {**table.columns, "run": Coded(run.codes, tuple(f"{folder}/{name}" for name in run.names))}
    )


def _folder_runs(tables: Tables, folder: str) -> Table:
    runs = tables.get("runs")
    if runs is None:
        known = played(tables)
        runs = Table.of("runs", {"run": [run.name for run in known], "seed": [run.seed for run in known]})
    return Table.of("runs", {**_led(runs, folder).columns, FOLDER: Coded(np.zeros(len(runs), np.intp), (folder,))})
