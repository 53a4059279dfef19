"""Whether what seats may know can be read, row by row and in plain values."""

from __future__ import annotations

from typing import Any

import numpy as np

from dilemmas.rules.game import Array, Ask, Game, View
from dilemmas.strategies.loading import RAISED
from dilemmas.testing.prober import located
from dilemmas.testing.rules import broken

PLAIN = (type(None), bool, int, float, str)


def check(game: Game, ask: Ask) -> None:
    """Read every field for all asked rows, for one of them, and told."""
    rows = np.flatnonzero(ask.who)
    view = ask.view.at(rows)
    read = {name: _read(view, name, len(rows), located(ask, game, int(rows[0]))) for name in game.fields}
    if ask.everyone:
        whole = ask.view.at(None)
        for name, values in read.items():
            _alike(name, values, _read(whole, name, len(rows), "all rows"), "all rows at once")
    place = (ask.clock * 7) % len(rows)
    alone, where = view.at(rows[[place]]), located(ask, game, int(rows[place]))
    for name, values in read.items():
        _alike(name, values[[place]], _read(alone, name, 1, where), where)
    told = view.told(place)
    for name in game.fields:
        _plain(name, getattr(told, name), where)


def snapshot(game: Game, view: View) -> dict[str, Array]:
    """Copies of every field."""
    return {name: np.array(getattr(view, name)) for name in game.fields}


def _read(view: View, name: str, rows: int, where: str) -> Array:
    try:
        values = getattr(view, name)
    except RAISED as error:  # a field runs a game author's code, which may raise anything
        raise broken("fields", f"{name}: {type(error).__name__}: {error}", where) from error
    if not isinstance(values, np.ndarray) or values.ndim < 1 or len(values) != rows:
        found = values.shape if isinstance(values, np.ndarray) else type(values).__name__
        raise broken("fields", f"{name} is {found}, with {rows} rows", where)
    return values


def _alike(name: str, one: Array, other: Array, where: str) -> None:
    if not alike(one, other):
        raise broken("fields", f"{name} is {other.tolist()} there and {one.tolist()} among the others", where)


def alike(one: Array, other: Array) -> bool:
    """Whether two arrays hold the same, NaN being NaN, whatever they are made of."""
    if one.shape != other.shape:
        return False
    if one.dtype == object or other.dtype == object:
        return all(np.array_equal(a, b) for a, b in zip(one.ravel(), other.ravel(), strict=True))
    if one.dtype.names:
        return all(alike(one[name], other[name]) for name in one.dtype.names)
    return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")


def _plain(name: str, value: Any, where: str) -> None:
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if type(value) in (list, tuple):
        for part in value:
            _plain(name, part, where)
    elif type(value) not in PLAIN:
        raise broken("told", f"{name} holds {value!r} of type {type(value).__name__}", where)
