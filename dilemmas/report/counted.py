"""Which rows of tables count: those of episodes that an experiment left out stay in the tables, and in no figure."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from dilemmas.results import Table

_PLACE = ("run", "generation", "episode")


def counted(tables: Mapping[str, Table], table: Table) -> NDArray[np.bool_]:
    """Rows of a table that are not of an episode without payoffs; only where models play is any left out."""
    every = np.ones(len(table), np.bool_)
    if "models" not in tables or "episodes" not in tables or any(name not in table for name in _PLACE):
        return every
    episodes = tables["episodes"]
    left_out = set(_places(episodes, np.isnan(episodes.numbers("payoff"))))
    return np.array([place not in left_out for place in _places(table, every)], np.bool_) if left_out else every


def _places(table: Table, rows: NDArray[np.bool_]) -> list[tuple[object, ...]]:
    at = np.flatnonzero(rows)
    runs = table.list("run")
    numbers = (table.numbers(name)[at].tolist() for name in _PLACE[1:])
    return list(zip((runs[row] for row in at.tolist()), *numbers, strict=True))
