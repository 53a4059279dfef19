"""Whether two plays came to the same, to the last digit, and where they first differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields

import numpy as np

from dilemmas.engine.record import KEYS, Played
from dilemmas.errors import many
from dilemmas.rules.game import Array, Bools, Score


def difference(one: Played, other: Played) -> str:
    """The first place where two plays differ, with both values; the empty string where they do not.

    All scores, and all columns of decisions and rounds where both kept them, are compared bit for bit (any NaN is
    like any other, and 0 is not -0).
    """
    found = _scores(one.score, other.score)
    if found or one.moves is None or other.moves is None:
        return found
    return (
        _columns("moves", _named(one), _named(other))
        or _columns("rounds", one.rounds or {}, other.rounds or {})
        or _columns("messages", one.messages or {}, other.messages or {})
    )


def _named(played: Played) -> Mapping[str, Array]:
    """Kinds by name: their codes depend on which came first."""
    moves = played.moves or {}
    return {**moves, "kind": np.array(played.kinds)[moves["kind"]]} if moves else moves


def _scores(one: Score, other: Score) -> str:
    parts, others = dict(_parts(one)), dict(_parts(other))
    if parts.keys() != others.keys():
        return f"score has {', '.join(parts)} and {', '.join(others)}"
    for name, values in parts.items():
        if text := _values(f"score.{name}", values, others[name]):
            return text
    return ""


def _parts(score: Score) -> Iterator[tuple[str, Array]]:
    for part in fields(score):
        value = getattr(score, part.name)
        if isinstance(value, Mapping):
            yield from ((f"{part.name}.{name}", np.asarray(column)) for name, column in value.items())
        elif value is not None:
            yield part.name, np.asarray(value)


def _values(name: str, one: Array, other: Array) -> str:
    if one.shape != other.shape:
        return f"{name} has shape {one.shape} and {other.shape}"
    apart = np.argwhere(~same(one, other))
    if not len(apart):
        return ""
    place = tuple(int(index) for index in apart[0])
    where = ", ".join(f"{axis} {index + 1}" for axis, index in zip(("episode", "seat", "entry"), place, strict=False))
    return f"{name} in {where}: {one[place]} and {other[place]}"


def _columns(table: str, one: Mapping[str, Array], other: Mapping[str, Array]) -> str:
    if set(one) != set(other):
        return f"{table} has columns {', '.join(one)} and {', '.join(other)}"
    for name in one:
        if len(one[name]) != len(other[name]):
            return f"{table} has {many(len(one[name]), 'row')} and {len(other[name])}"
        apart = np.flatnonzero(~same(one[name], other[name]))
        if len(apart):
            row = apart[0]
            keys = ", ".join(f"{key} {one[key][row]}" for key in KEYS if key in one)
            return f"{table}.{name} in {keys}: {one[name][row]} and {other[name][row]}"
    return ""


def same(one: Array, other: Array) -> Bools:
    """Which entries are the same bits; NaN is NaN, and 0 is not -0."""
    if one.dtype.kind != "f" and other.dtype.kind != "f":
        return np.asarray(one == other)
    one, other = one.astype(np.float64), other.astype(np.float64)
    equal: Bools = (one == other) & (np.signbit(one) == np.signbit(other)) | np.isnan(one) & np.isnan(other)
    return equal


def first(played: Played, episodes: int) -> Played:
    """The first episodes of a play."""
    score = played.score
    parts = {part.name: getattr(score, part.name) for part in fields(score) if part.name != "extra"}
    cut = {name: value[:episodes] for name, value in parts.items() if value is not None}
    early = Score(**cut, extra={name: column[:episodes] for name, column in score.extra.items()})
    moves, rounds, messages = (_early(part, episodes) for part in (played.moves, played.rounds, played.messages))
    return Played(early, moves, rounds, played.kinds, messages=messages)


def _early(columns: Mapping[str, Array] | None, episodes: int) -> Mapping[str, Array] | None:
    if not columns:
        return columns
    kept = columns["episode"] <= columns["episode"].min() + episodes - 1
    return {name: column[kept] for name, column in columns.items()}
