r"""Tables as files: UTF-8 CSV with shortest round-trip numbers, and the way back; data frames and Parquet.

Null is an empty field. Text keeps every character: a backslash, a control character or a lone surrogate is escaped
(``\n``, ``\x1b``, ``\ud800``), and text of no characters is written ``\e``, so that it is not null.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dilemmas.errors import ResultsError, missing
from dilemmas.results.schema import TABLES
from dilemmas.results.spec import Spec, Type
from dilemmas.results.table import Coded, Table, Values
from dilemmas.results.whole import whole

if TYPE_CHECKING:
    import pandas as pd

_SPECIAL = re.compile("[\\\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ESCAPED = re.compile(r"\\(\\|e|n|r|t|x[0-9a-f]{2}|u[0-9a-f]{4})")
_SHORT = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_LONG = {short[1]: char for char, short in _SHORT.items()} | {"e": ""}
_CHUNK = 200_000  # rows of text in memory at a time


def escape(text: str) -> str:
    """Text on one line, every character kept."""
    return _SPECIAL.sub(_code, text) if text else "\\e"


def _code(match: re.Match[str]) -> str:
    char = match.group()
    return _SHORT.get(char) or (f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\u{ord(char):04x}")


def unescape(text: str) -> str:
    """The text that :func:`escape` was given."""
    return _ESCAPED.sub(_char, text)


def _char(match: re.Match[str]) -> str:
    code = match.group(1)
    return _LONG[code] if code in _LONG else chr(int(code[1:], 16))


def _quote(text: str | None) -> str:
    if text is None:
        return ""
    safe = escape(text)
    return '"' + safe.replace('"', '""') + '"' if '"' in safe or "," in safe else safe


def _texts(values: Values, type_: Type) -> list[str]:
    """A column as CSV fields; looked up rather than formatted wherever values repeat."""
    if isinstance(values, Coded):
        return np.array([*map(_quote, values.names), ""], object)[values.codes].tolist()  # type: ignore[no-any-return]
    if values.dtype.kind == "O":
        return [_quote(value) for value in values.tolist()]
    if values.dtype.kind == "b":
        return np.array(["false", "true"], object)[values.astype(np.int8)].tolist()  # type: ignore[no-any-return]
    if values.dtype.kind in "iu":
        return _integers(values)
    return _floats(values, type_)


def _integers(values: NDArray[Any]) -> list[str]:
    low, high = (int(values.min()), int(values.max())) if len(values) else (0, 0)
    if high - low < len(values):
        return np.array(list(map(str, range(low, high + 1))), object)[values - low].tolist()  # type: ignore[no-any-return]
    return list(map(str, values.tolist()))


def _floats(values: NDArray[Any], type_: Type) -> list[str]:
    distinct, where = np.unique(values.astype(np.float64), return_inverse=True)
    return np.array([_float(value, type_) for value in distinct.tolist()], object)[where].tolist()  # type: ignore[no-any-return]


def _float(value: float, type_: Type) -> str:
    if value != value:
        return ""
    if type_ == "int":
        return str(int(value))
    if type_ == "bool":
        return "true" if value else "false"
    return repr(value)


def lines(table: Table) -> Iterable[str]:
    """The CSV text, header first, in large pieces."""
    yield ",".join(map(_quote, table.columns)) + "\n"
    for start in range(0, len(table), _CHUNK):
        cut = slice(start, start + _CHUNK)
        columns = [_texts(values[cut], table.type(name)) for name, values in table.columns.items()]
        yield "\n".join(map(",".join, zip(*columns, strict=True))) + "\n"


def write(table: Table, path: Path) -> None:
    """Write a table as CSV (or Parquet, by the suffix); a reader never sees half a file."""
    with whole(path) as half:
        if path.suffix == ".parquet":
            _compact(table, half)
            return
        with half.open("w", encoding="utf-8", newline="") as file:
            file.writelines(lines(table))


def _compact(table: Table, path: Path) -> None:
    data = frame(table)
    try:
        data.to_parquet(path, index=False)
    except ImportError:
        raise missing("writing .parquet files", "parquet") from None


def read(path: Path) -> Table:
    """Read a CSV table that :func:`write` wrote; the file's name says which table it is."""
    spec = TABLES.get(path.stem)
    if spec is None:
        raise ResultsError(f"{path.name} is no table of results", where=str(path.parent), expected=", ".join(TABLES))
    if path.suffix == ".parquet":
        return _parquet(path, spec)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ResultsError(f"cannot be read: {error}", where=str(path)) from error
    if not rows or any(len(row) != len(rows[0]) for row in rows):
        found = "has rows of different lengths" if rows else "is empty"
        raise ResultsError(found, where=str(path), remedy=_ANEW)
    header, *body = rows
    columns = zip(*body, strict=True) if body else [()] * len(header)
    return Table(spec, {name: _column(spec, name, texts, path) for name, texts in zip(header, columns, strict=True)})


_ANEW = "Put back the file as it was written, or run the experiment again."


def _column(spec: Spec, name: str, texts: Sequence[str], path: Path) -> Values:
    type_ = _type(spec, name, texts)
    try:
        return _parse(texts, type_)
    except ValueError:
        row = next(row for row, text in enumerate(texts, 1) if not _fits(text, type_))
        where, kind = f"{path}, row {row}, column {name}", _KINDS[type_]
        raise ResultsError(f"{texts[row - 1]!r} is {kind[0]}", where=where, expected=kind[1], remedy=_ANEW) from None


_KINDS = {
    "float": ("no number", "a number or nothing"),
    "int": ("no whole number", "a whole number or nothing"),
    "bool": ("neither true nor false", "true, false or nothing"),
}


def _fits(text: str, type_: Type) -> bool:
    try:
        _parse([text], type_)
    except ValueError:
        return False
    return True


def _type(spec: Spec, name: str, texts: Sequence[str]) -> Type:
    """The declared type, or for the column of a sweep axis the narrowest that all its values have."""
    if any(column.name == name for column in spec.columns):
        return spec[name].type
    known = [text for text in texts if text]
    if known and all(_INTEGER.fullmatch(text) for text in known):
        return "int"
    return "float" if known and all(_NUMBER.fullmatch(text) for text in known) else "text"


_INTEGER = re.compile(r"-?\d{1,15}")
_NUMBER = re.compile(r"-?(\d+(\.\d*)?(e[-+]?\d+)?|inf)")


def _parse(texts: Sequence[str], type_: Type) -> Values:
    if type_ == "text":
        names = tuple(dict.fromkeys(text for text in texts if text))
        index = {name: code for code, name in enumerate(names)} | {"": -1}
        return Coded(np.array([index[text] for text in texts], np.int64), tuple(map(unescape, names)))
    if type_ == "bool":
        if strange := set(texts) - {"true", "false", ""}:
            raise ValueError(min(strange))
        return np.array([{"true": 1.0, "false": 0.0}.get(text, np.nan) for text in texts])
    numbers = np.array([float(text) if text else np.nan for text in texts], np.float64)
    if type_ == "float":
        return numbers
    known = ~np.isnan(numbers)
    if not (np.isfinite(numbers[known]) & (numbers[known] == np.round(numbers[known]))).all():
        raise ValueError("not whole")
    return numbers.astype(np.int64) if known.all() else numbers


def _parquet(path: Path, spec: Spec) -> Table:
    import pandas as pd

    data = pd.read_parquet(path)
    columns = {name: [None if value is pd.NA else value for value in data[name].tolist()] for name in data.columns}
    return Table.of(spec.name, columns)


def frame(table: Table) -> pd.DataFrame:
    """A data frame with explicit nullable types; nulls are ``pd.NA``."""
    import pandas as pd

    # Text is kept by Python, as Arrow, which pandas takes where it is installed, knows no lone surrogates.
    kinds: dict[str, Any] = {"text": pd.StringDtype("python"), "int": "Int64", "float": "Float64", "bool": "boolean"}
    data = {
        name: pd.array(_nullable(values, table.type(name)), dtype=kinds[table.type(name)])
        for name, values in table.columns.items()
    }
    return pd.DataFrame(data)


def _nullable(values: Values, type_: Type) -> Any:
    import pandas as pd

    if isinstance(values, Coded):
        return values.decoded()
    if values.dtype.kind == "f" and type_ in ("int", "bool"):
        cast = int if type_ == "int" else bool
        return [pd.NA if value != value else cast(value) for value in values.tolist()]
    return values
