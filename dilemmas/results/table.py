"""A table in memory: columns of numpy arrays by name, declared by the schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dilemmas.results.schema import TABLES
from dilemmas.results.spec import Spec, Type


@dataclass(frozen=True, slots=True)
class Coded:
    """A text column of few different values: ``names[codes]``; a code of -1 is null."""

    codes: NDArray[np.integer[Any]]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, rows: Any) -> Coded:
        return Coded(self.codes[rows], self.names)

    def decoded(self) -> NDArray[np.object_]:
        """One Python string, or None, a row."""
        distinct: NDArray[np.object_] = np.array([*self.names, None], object)
        decoded: NDArray[np.object_] = distinct[self.codes]
        return decoded


Values: TypeAlias = NDArray[Any] | Coded


@dataclass(frozen=True)
class Table:
    """A table in memory: columns by name, in the order of its spec; null is NaN (numbers), -1 (codes) or None."""

    spec: Spec
    columns: Mapping[str, Values]

    @classmethod
    def of(cls, name: str, columns: Mapping[str, Values | Sequence[Any]]) -> Table:
        """A table by its name; columns are put in the order of the schema, sweep axes after the keys."""
        spec = TABLES[name]
        order = [column.name for column in spec.columns]
        axes = [key for key in columns if key not in order]
        keys = sum(column.role == "key" for column in spec.columns)
        wanted = order[:keys] + axes + order[keys:]
        return cls(spec, {key: _values(columns[key], spec[key].type) for key in wanted if key in columns})

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __getitem__(self, name: str) -> Values:
        return self.columns[name]

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def type(self, name: str) -> Type:
        """The type of a column: as declared, or for a sweep axis as its values are."""
        if any(column.name == name for column in self.spec.columns):
            return self.spec[name].type
        values = self.columns[name]
        return "text" if isinstance(values, Coded) else _KINDS.get(values.dtype.kind, "text")

    def list(self, name: str) -> list[Any]:
        """One column as plain Python values, null as None."""
        values = self.columns[name]
        if isinstance(values, Coded):
            return list(values.decoded())
        plain: Any = values.tolist()
        type_ = self.type(name)
        if values.dtype.kind != "f":
            return list(plain)
        cast = {"int": int, "bool": bool}.get(type_, float)
        return [None if value != value else cast(value) for value in plain]

    def numbers(self, name: str) -> NDArray[np.float64]:
        """One numeric or boolean column as floats, null as NaN."""
        values = self.columns[name]
        if isinstance(values, Coded):
            raise TypeError(f"{name} holds text")
        return values.astype(np.float64)

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows as dictionaries; for small tables."""
        lists = {name: self.list(name) for name in self.columns}
        for i in range(len(self)):
            yield {name: values[i] for name, values in lists.items()}


def _values(values: Values | Sequence[Any], type_: Type) -> Values:
    if isinstance(values, (Coded, np.ndarray)):
        return values
    listed = list(values)
    if type_ == "text":
        column = np.empty(len(listed), object)
        column[:] = listed
        return column
    if type_ == "float" or any(value is None for value in listed):
        return np.array([np.nan if value is None else value for value in listed], np.float64)
    return np.array(listed, np.int64 if type_ == "int" else np.bool_)


_KINDS: Mapping[str, Type] = {"f": "float", "i": "int", "b": "bool"}


def join(tables: Sequence[Table]) -> Table:
    """Tables of one spec, one after the other; a column that some lack is null there."""
    names = list(dict.fromkeys(name for table in tables for name in table.columns))
    return Table.of(tables[0].spec.name, {name: _glue([_column(table, name) for table in tables]) for name in names})


def _column(table: Table, name: str) -> Values:
    if name in table.columns:
        return table.columns[name]
    if table.spec[name].type == "text":
        return Coded(np.full(len(table), -1), ())
    return np.full(len(table), np.nan)


def _glue(parts: Sequence[Values]) -> Values:
    if not any(isinstance(part, Coded) or part.dtype.kind == "O" for part in parts):
        kinds = {part.dtype.kind for part in parts}  # type: ignore[union-attr]  # no part is coded here
        if kinds == {"b", "f"}:
            parts = [part.astype(np.float64) for part in parts]  # type: ignore[union-attr]
        return np.concatenate(parts)  # type: ignore[arg-type]
    if all(isinstance(part, Coded) for part in parts):
        return _recoded(parts)  # type: ignore[arg-type]  # all coded
    return np.concatenate([_object(part) for part in parts])


def _object(values: Values) -> NDArray[Any]:
    """Text as objects; numbers of an axis that elsewhere has words, as words too."""
    if isinstance(values, Coded):
        return values.decoded()
    return (
        values
        if values.dtype.kind == "O"
        else np.array([None if value != value else str(value) for value in values.tolist()], object)
    )


def _recoded(parts: Sequence[Coded]) -> Coded:
    names = tuple(dict.fromkeys(name for part in parts for name in part.names))
    index = {name: code for code, name in enumerate(names)}
    codes = [np.array([*(index[name] for name in part.names), -1])[part.codes] for part in parts]
    return Coded(np.concatenate(codes), names)
