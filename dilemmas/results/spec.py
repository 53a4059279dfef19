"""What a column and a table are, before any is declared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Type = Literal["text", "int", "float", "bool"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what type it has (every one may be null), what it means and in which unit."""

    name: str
    type: Type
    meaning: str
    unit: str = ""
    role: Literal["key", "result", "measure"] = "result"


def key(name: str, type_: Type, meaning: str) -> Column:
    """A column that helps to identify its row."""
    return Column(name, type_, meaning, role="key")


def measure(name: str, type_: Type, meaning: str, unit: str = "") -> Column:
    """A column that cannot repeat under the same seed."""
    return Column(name, type_, meaning, unit, role="measure")


@dataclass(frozen=True)
class Spec:
    """A table: what a row is, and its columns in order."""

    name: str
    row: str
    columns: tuple[Column, ...]

    def __getitem__(self, name: str) -> Column:
        found = next((column for column in self.columns if column.name == name), None)
        return found or Column(name, "text", "value of a sweep axis")
