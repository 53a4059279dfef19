from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dilemmas.errors import ResultsError
from dilemmas.results import TABLES, Coded, Table, frame, join, read, workbook, write
from dilemmas.results.text import escape, unescape

# Any character that Python can hold, halves of pairs too, and the words that readers of CSV take for null.
tricky = [
    "",
    "NA",
    "null",
    "None",
    "nan",
    "NaN",
    "\\",
    "\\n",
    "\\e",
    '"',
    ",",
    "\r\n",
    "\ud800",
    "\x00",
    "\u2028",
    " a ",
]
texts = st.one_of(
    st.text(st.characters(codec=None)), st.text(st.characters(categories=["Cs", "Cc"])), st.sampled_from(tricky)
)
columns = {
    "text": st.none() | texts,
    "int": st.none() | st.integers(-(2**53), 2**53),
    "float": st.none() | st.floats(allow_nan=False),
    "bool": st.none() | st.booleans(),
}


@st.composite
def tables(draw: st.DrawFn, name: str = "agents") -> Table:
    rows = draw(st.integers(0, 6))
    spec = TABLES[name]
    return Table.of(
        name,
        {column.name: draw(st.lists(columns[column.type], min_size=rows, max_size=rows)) for column in spec.columns},
    )


def kept(table: Table) -> Table:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{table.spec.name}.csv"
        write(table, path)
        return read(path)


def lists(table: Table) -> dict[str, list[Any]]:
    return {name: table.list(name) for name in table.columns}


@settings(max_examples=60, deadline=None)
@given(tables())
def test_what_is_written_is_read(table: Table) -> None:
    found = kept(table)
    assert lists(found) == lists(table)
    assert list(found.columns) == list(table.columns)
    pd.testing.assert_frame_equal(frame(found), frame(table))


@settings(max_examples=80, deadline=None)
@given(texts)
@example("\\e")
@example("\\x41")
@example("\\ud800")
def test_escapes_turn_back(text: str) -> None:
    line = escape(text)
    assert unescape(line) == text
    assert line.splitlines() == [line]
    line.encode("utf-8")


@settings(max_examples=100, deadline=None)
@given(st.floats(allow_nan=False))
def test_numbers_are_the_shortest_that_turn_back(value: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "generations.csv"
        write(Table.of("generations", {"run": ["a"], "payoff": [value]}), path)
        text = path.read_text(encoding="utf-8").splitlines()[1].split(",")[1]
    assert text == repr(value)
    assert math.copysign(1, float(text)) == math.copysign(1, value)


@settings(max_examples=40, deadline=None)
@given(tables(), tables())
def test_joined_tables_are_one_after_the_other(one: Table, other: Table) -> None:
    both = join([one, other])
    first, second = lists(one), lists(other)
    assert lists(both) == {name: first[name] + second[name] for name in first}
    assert lists(join([kept(one), kept(other)])) == lists(both)


def test_a_column_that_one_lacks_is_null_there() -> None:
    axes = {"game.noise": np.array([0.1]), "mix": ["all-a"]}
    one = Table.of("runs", {"run": ["a"], **axes, "simulated": [True], "seed": [3]})
    other = Table.of("runs", {"run": ["b"], "game.noise": np.array([2]), "payoff": [1.5]})
    axes = {"game.noise": [0.1, 2.0], "mix": ["all-a", None]}
    expected = {"run": ["a", "b"], **axes, "seed": [3, None], "payoff": [None, 1.5], "simulated": [True, None]}
    assert lists(join([one, other])) == expected
    assert lists(kept(join([one, other]))) == expected


def test_codes_and_plain_text_are_the_same_table() -> None:
    plain = Table.of("agents", {"run": ["a", "a", "a"], "strategy": ["x", None, "y"]})
    coded = Table.of(
        "agents", {"run": Coded(np.zeros(3, int), ("a",)), "strategy": Coded(np.array([1, -1, 0]), ("y", "x"))}
    )
    assert lists(plain) == lists(coded)
    pd.testing.assert_frame_equal(frame(plain), frame(coded))


def test_files_are_the_same_bytes_and_end_lines_alike(tmp_path: Path) -> None:
    table = Table.of("agents", {"run": ["a", "b"], "text": ["one\r\ntwo", "drei, vier"], "payoff": [0.1, 1e22]})
    write(table, tmp_path / "agents.csv")
    assert (tmp_path / "agents.csv").read_bytes() == b'run,text,payoff\na,one\\r\\ntwo,0.1\nb,"drei, vier",1e+22\n'
    assert [path.name for path in tmp_path.iterdir()] == ["agents.csv"]


@pytest.mark.parametrize("content", [b"", b"run,payoff\na\n", b"run\n\xff\n"])
def test_damaged_files_are_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "generations.csv"
    path.write_bytes(content)
    with pytest.raises(ResultsError, match=r"generations\.csv"):
        read(path)


def test_a_file_that_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="expected runs, usage"):
        read(tmp_path / "strange.csv")


@pytest.mark.parametrize("suffix", [".parquet"])
def test_other_formats_keep_everything(tmp_path: Path, suffix: str) -> None:
    pytest.importorskip("pyarrow")
    table = Table.of(
        "agents",
        {"run": ["a", "b"], "text": ["NA", None], "rank": [None, 2], "selected": [True, None], "payoff": [None, 0.5]},
    )
    write(table, tmp_path / f"agents{suffix}")
    assert lists(read(tmp_path / f"agents{suffix}")) == lists(table)


def test_a_workbook_keeps_text_as_text(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    texts = ["=1+1", "+1", "-1", "@x", "#N/A", "=", "plain", None]
    write(Table.of("agents", {"run": ["a"] * len(texts), "text": texts}), tmp_path / "agents.csv")
    workbook.beside(tmp_path / "agents.csv")
    cells = [row[1] for row in openpyxl.load_workbook(tmp_path / "agents.xlsx").active.iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == texts
    assert {cell.data_type for cell in cells[:-1]} == {"s"}


@pytest.mark.parametrize(("bound", "most"), [("ROWS", 3), ("CELL", 7)])
def test_what_a_sheet_cannot_hold_has_no_workbook(tmp_path: Path, monkeypatch, bound: str, most: int) -> None:
    pytest.importorskip("openpyxl")
    path = tmp_path / "agents.csv"
    monkeypatch.setattr(workbook, bound, most)
    write(Table.of("agents", {"run": ["a", "b"], "text": ["seven!!", None]}), path)
    workbook.beside(path)
    assert path.with_suffix(".xlsx").is_file()
    write(Table.of("agents", {"run": ["a", "b", "c"], "text": ["eight!!!", None, None]}), path)
    workbook.beside(path)
    assert [found.name for found in tmp_path.iterdir()] == ["agents.csv"]
