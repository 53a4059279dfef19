"""Tables as workbooks of Excel, beside their CSV; a table that no sheet can hold has its CSV alone."""

from __future__ import annotations

from pathlib import Path

from dilemmas.errors import missing
from dilemmas.results.table import Coded, Table
from dilemmas.results.text import escape, frame, read
from dilemmas.results.whole import whole

SUFFIX = ".xlsx"
ROWS = 1_048_576  # of a sheet, its head among them
CELL = 32_767  # characters


def beside(path: Path) -> None:
    """Write the workbook of a CSV table next to it, where a sheet can hold it; raises MissingExtra."""
    target = path.with_suffix(SUFFIX)
    table = read(path) if _lines(path) <= ROWS else None
    if table is None or _longest(table) > CELL:
        target.unlink(missing_ok=True)  # of fewer runs
        return
    with whole(target) as half:
        _save(table, half)


def _lines(path: Path) -> int:
    """Lines of a file, counted without reading it as a table, for which it may be too long."""
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def _longest(table: Table) -> int:
    """Characters of the longest text."""
    columns = [values for name, values in table.columns.items() if table.type(name) == "text"]
    texts = [values.names if isinstance(values, Coded) else values.tolist() for values in columns]
    return max((len(escape(text)) for column in texts for text in column if text is not None), default=0)


def _save(table: Table, path: Path) -> None:
    import pandas as pd

    data = frame(table).map(lambda value: escape(value) if isinstance(value, str) else value)
    try:
        with pd.ExcelWriter(path, engine="openpyxl") as book:
            data.to_excel(book, index=False)
            for cells in next(iter(book.sheets.values())).iter_rows():
                for cell in cells:
                    # What a person or a model wrote may begin as a formula does, and is none.
                    cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type
    except ImportError:
        raise missing(f"writing {SUFFIX} files", "excel") from None
