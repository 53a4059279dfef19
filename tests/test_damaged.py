"""Results that were changed by hand, cut short or written by another version are named, wherever they are read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli import dilemmas

import dilemmas as dl
from dilemmas.errors import ResultsError
from dilemmas.results import read

READERS = [("plot", "res"), ("replay", "res"), ("cite", "res"), ("run", "x.yaml", "--out", "res")]
FILE = "experiment: x\ngame: prisoners-dilemma\npopulation: [tit-for-tat, random]\ntournament: {}\nplots: no\n"


@pytest.fixture
def results(here: Path) -> Path:
    Path("x.yaml").write_text(FILE)
    assert dilemmas("run", "x.yaml", "--out", "res", "--rounds", "5", "--quiet").code == 0
    return Path("res")


def changed(path: Path, row: int, column: str, cell: str) -> None:
    lines = [line.split(",") for line in path.read_text("utf-8").splitlines()]
    lines[row][lines[0].index(column)] = cell
    path.unlink()  # the joined table is another name of the run's
    path.write_text("\n".join(map(",".join, lines)) + "\n", "utf-8")


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("payoff", "abc", "'abc' is no number"),
        ("rank", "1.5", "'1.5' is no whole number"),
        ("rank", "inf", "'inf' is no whole number"),
        ("rank", "x", "'x' is no whole number"),
    ],
)
def test_a_cell_that_is_no_number_is_named(results: Path, column: str, cell: str, said: str) -> None:
    changed(results / "ranking.csv", 2, column, cell)
    line = rf"ranking\.csv, row 2, column {column}: {said}"
    for words in (("plot", "res"), ("replay", "res")):
        ran = dilemmas(*words)
        assert ran.code == 2 and ran.err.count("\n") == 1, ran.err
    with pytest.raises(ResultsError, match=line):
        _ = dl.load(results).ranking


def test_truth_that_is_neither_is_named(tmp_path: Path) -> None:
    path = tmp_path / "moves.csv"
    path.write_text("run,imputed\n1-a-0,true\n1-a-0,maybe\n")
    with pytest.raises(ResultsError, match=r"moves\.csv, row 2, column imputed: 'maybe' is neither true nor false"):
        read(path)


@pytest.mark.parametrize("content", ["", "run,payoff\n1-a-0\n", "run,payoff\n1-a-0,1\n\n"])
def test_a_table_that_was_cut_is_named(results: Path, content: str) -> None:
    (results / "ranking.csv").unlink()
    (results / "ranking.csv").write_text(content)
    with pytest.raises(ResultsError, match=r"ranking\.csv: (is empty|has rows of different lengths)"):
        _ = dl.load(results).ranking


@pytest.mark.parametrize("words", READERS)
@pytest.mark.parametrize("stamp", ["experiment.json", "manifest.json"])
def test_another_schema_is_refused_wherever_it_is_read(results: Path, words: tuple[str, ...], stamp: str) -> None:
    known = json.loads((results / stamp).read_text())
    assert known["schema"] == 1
    (results / stamp).unlink()
    (results / stamp).write_text(json.dumps(known | {"schema": 99}))
    ran = dilemmas(*words, "--json") if words[0] != "run" else dilemmas(*words, "--rounds", "5")
    assert ran.code == 2 and "res: was written with results schema 99; expected 1" in ran.err
    with pytest.raises(ResultsError, match="schema 99"):
        dl.load(results)


def test_another_schema_of_one_run_is_refused(results: Path) -> None:
    manifest = next((results / "runs").glob("*/manifest.json"))
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"schema": 99}))
    assert "schema 99" in dilemmas("replay", "res").err


@pytest.mark.parametrize("content", ["", "{", "[1]", "3"])
def test_a_damaged_manifest_is_named(results: Path, content: str) -> None:
    (results / "manifest.json").write_text(content)
    with pytest.raises(ResultsError, match=r"manifest\.json: is damaged"):
        dl.load(results)
