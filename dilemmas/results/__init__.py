"""The schema of results, tables in memory, and their files; all results are read and written through here."""

from dilemmas.results.place import absent, obstacle
from dilemmas.results.schema import SCHEMA, TABLES
from dilemmas.results.spec import Column, Spec
from dilemmas.results.table import Coded, Table, join
from dilemmas.results.text import frame, read, write
from dilemmas.results.whole import put, whole

__all__ = [
    "SCHEMA",
    "TABLES",
    "Coded",
    "Column",
    "Spec",
    "Table",
    "absent",
    "frame",
    "join",
    "obstacle",
    "put",
    "read",
    "whole",
    "write",
]
