"""Payoff tables as people write them, turned into one array; every complaint names the cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dilemmas.rules.params import LARGEST, number

Names = tuple[tuple[str, ...], tuple[str, ...]]


def check_actions(names: Names, roles: Mapping[str, str]) -> None:
    """At least one action a seat, no name twice, roles only for actions that exist."""
    for seat, actions in enumerate(names, 1):
        if not actions:
            raise ValueError(f"seat {seat} has no actions")
        twice = sorted({name for name in actions if actions.count(name) > 1})
        if twice:
            raise ValueError(f"action {twice[0]!r} is named twice")
    strange = sorted(set(roles) - set(names[0]) - set(names[1]))
    if strange:
        raise ValueError(f"roles name {strange[0]!r}, which is no action; actions are {', '.join(names[0])}")


def table(payoffs: Any, names: Names) -> NDArray[np.float64]:
    """``(first's actions, second's actions, 2)`` from pairs, from one matrix (symmetric) or from row and column."""
    if isinstance(payoffs, Mapping) and set(payoffs) == {"row", "column"}:
        return np.stack([_matrix(payoffs["row"], names, "row"), _matrix(payoffs["column"], names, "column")], axis=2)
    if isinstance(payoffs, Mapping):
        return _pairs(payoffs, names)
    if names[0] != names[1]:
        raise ValueError("one matrix is for a game with the same actions for both; give row and column matrices")
    one = _matrix(payoffs, names, "payoffs")
    return np.stack([one, one.T], axis=2)


def _pairs(payoffs: Mapping[Any, Any], names: Names) -> NDArray[np.float64]:
    left = {str(key): value for key, value in payoffs.items()}
    filled = np.empty((len(names[0]), len(names[1]), 2))
    for i, mine in enumerate(names[0]):
        for j, theirs in enumerate(names[1]):
            filled[i, j] = _cell(left, mine, theirs)
    if left:
        raise ValueError(
            f"payoffs for {sorted(left)[0]!r}, which is no pair of {_list(names[0])} and {_list(names[1])}"
        )
    return filled


def _cell(left: dict[str, Any], mine: str, theirs: str) -> list[float]:
    keys = [mine + theirs, f"{mine},{theirs}", f"{mine}, {theirs}", f"{mine} {theirs}", f"{mine}/{theirs}"]
    key = next((key for key in keys if key in left), None)
    if key is None:
        raise ValueError(f"no payoffs for {keys[0]!r}: {mine} against {theirs}")
    value = left.pop(key)
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        raise ValueError(f"payoffs for {key!r} are {value!r}, not [seat 1, seat 2]")
    return [finite(part, key) for part in value]


def _matrix(rows: Any, names: Names, what: str) -> NDArray[np.float64]:
    shape = (len(names[0]), len(names[1]))
    listed = rows.tolist() if isinstance(rows, np.ndarray) else rows
    if not isinstance(listed, Sequence) or isinstance(listed, str) or len(listed) != shape[0]:
        raise ValueError(f"{what} must be a matrix of {shape[0]} rows by {shape[1]} columns")
    for i, row in enumerate(listed, 1):
        if not isinstance(row, Sequence) or isinstance(row, str) or len(row) != shape[1]:
            raise ValueError(f"{what}: row {i} is {row!r}, not {shape[1]} numbers")
    return np.array([[finite(cell, what) for cell in row] for row in listed], np.float64)


def finite(value: Any, key: str) -> float:
    """A payoff as a number, from one or from text; raises ValueError that names its cell."""
    read = number(value)
    if isinstance(read, bool) or not isinstance(read, (int, float)) or not abs(read) <= LARGEST:
        raise ValueError(f"payoff {value!r} in {key!r} is not a finite number of at most {LARGEST:,}")
    return float(read)


def _list(names: Sequence[str]) -> str:
    return "{" + ", ".join(names) + "}"
