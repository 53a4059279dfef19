"""What a caller gets back: one data frame a table, square matrices, plots; the same in memory and from files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dilemmas.errors import ResultsError, UnknownName, nearest
from dilemmas.results import TABLES, Table, absent, frame, put, write
from dilemmas.runs.store import MANIFEST, STAMP, Files

if TYPE_CHECKING:
    import pandas as pd


class Result:
    """Tables of finished runs, each a data frame attribute (``.moves``, ``.episodes``, ``.ranking``, ...).

    ``payoffs`` and ``cooperation`` are square data frames of a tournament (rows: strategy, columns: partner);
    ``manifest`` says what was run; ``plot.NAME(ax=None)`` draws; ``save(dir)`` writes the tables.
    """

    def __init__(self, tables: Mapping[str, Table], manifest: Mapping[str, Any]) -> None:
        self.tables = tables
        self.manifest = dict(manifest)
        self._frames: dict[str, pd.DataFrame] = {}

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name.startswith("_") or name not in TABLES:
            raise AttributeError(f"a Result has no {name!r}; tables here: {', '.join(self.__dict__.get('tables', ()))}")
        if name not in self.tables:
            raise ResultsError(
                f"these results have no {name} table", expected=", ".join(self.tables), remedy=_hint(name, self.tables)
            )
        if name not in self._frames:
            self._frames[name] = frame(self.tables[name])
        return self._frames[name]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.tables]

    def __repr__(self) -> str:
        rows = ", ".join(f"{name} {len(table):,}" for name, table in self.tables.items())
        return f"<Result: {rows}>"

    @property
    def payoffs(self) -> pd.DataFrame:
        """Mean payoff a round of each strategy (row) against each partner (column).

        In games of many seats the mean over all splits in which both kinds sit; the diagonal is a kind among itself.
        """
        return self._square("payoff")

    @property
    def cooperation(self) -> pd.DataFrame:
        """Mean cooperation of each strategy (row) with each partner (column)."""
        return self._square("cooperation")

    def _square(self, what: str) -> pd.DataFrame:
        order = list(dict.fromkeys(self.ranking["strategy"]))
        pairs = self.pairs
        if "others" in pairs:
            pairs = pairs.assign(partner=pairs["partner"].where(pairs["others"].fillna(1) > 0, pairs["strategy"]))
        square = pairs.pivot_table(index="strategy", columns="partner", values=what, aggfunc="mean", observed=True)
        return square.reindex(index=order, columns=order)

    @cached_property
    def plot(self) -> Plots:
        """The plots that apply, as methods."""
        return Plots(self.tables, self.manifest)

    def save(self, folder: str | Path) -> Path:
        """Write every table as CSV, and the manifest, into a folder that is made if it is missing.

        Tables that were saved there before are replaced; raises ResultsError for the folder of an experiment's runs.
        """
        target = Path(folder)
        if (target / STAMP).exists():
            raise ResultsError("holds the runs of an experiment", where=str(target), remedy="Save to another folder.")
        target.mkdir(parents=True, exist_ok=True)
        tables = dict(self.tables)  # read now: they may be the ones that are replaced
        for old in Files(target).paths:
            old.unlink()
        for name, table in tables.items():
            write(table, target / f"{name}.csv")
        put(target / MANIFEST, json.dumps(self.manifest, indent=2, ensure_ascii=False) + "\n")
        return target


def _hint(name: str, tables: Mapping[str, Table]) -> str:
    """Decisions can be kept wherever episodes are played."""
    return "Run with --log moves to keep every decision." if name == "moves" and "episodes" in tables else ""


class Plots:
    """``result.plot.NAME(ax=None)`` draws a plot and returns its axes; ``dir()`` lists those that apply."""

    def __init__(self, tables: Mapping[str, Table], manifest: Mapping[str, Any]) -> None:
        self._tables, self._manifest = tables, manifest

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        from dilemmas.report import plots, published

        if name not in plots.PLOTS:
            raise UnknownName(
                f"no plot is called {name!r}", expected=", ".join(plots.PLOTS), remedy=nearest(name, plots.PLOTS)
            )
        behind = published.of(self._manifest)
        return lambda ax=None, **options: plots.on(name, self._tables, ax=ax, **{"published": behind, **options})

    def __dir__(self) -> list[str]:
        from dilemmas.report import plots

        return list(plots.PLOTS)


def load(folder: str | Path) -> Result:
    """The results in a folder; raises ResultsError where there are none."""
    source = Path(folder)
    found = Files(source)
    if not found:
        raise absent(source, "holds no tables of results")
    return Result(found, found.stamps.get(MANIFEST, {}))
