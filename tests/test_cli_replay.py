"""Replay finds what was changed, and nothing where nothing was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli import dilemmas

WORDS = (
    "evolve",
    "donor",
    "image-scorer=4",
    "never-donate=4",
    "--generations",
    "2",
    "--seeds",
    "2",
    "--mutation",
    "0.3",
)


pytestmark = pytest.mark.usefixtures("here")


def test_nothing_differs_and_measures_are_left_out():
    dilemmas(*WORDS, "--no-plots", "--out", "r")
    ran = dilemmas("replay", "r", "--json")
    assert ran.code == 0, ran.out
    assert json.loads(ran.out)["same"] is True
    assert json.loads(ran.out)["folders"]["r"]["runs"] == 2


@pytest.mark.parametrize("table", ["agents", "episodes", "moves", "generations", "runs"])
@pytest.mark.parametrize("place", [".", "runs/1-44136f-1"])
def test_a_changed_number_is_found_with_its_table_row_and_column(table, place):
    dilemmas(*WORDS, "--no-plots", "--out", "r")
    path = Path("r") / place / f"{table}.csv"
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    at = header.split(",").index("seed" if table == "runs" else "payoff")
    fields = rows[-1].split(",")
    fields[at] = str(float(fields[at]) + 1) if table != "runs" else str(int(fields[at]) + 1)
    # A joined table of one run may be the same file as the run's: a copy is changed.
    path.unlink()
    path.write_text("\n".join([header, *rows[:-1], ",".join(fields)]) + "\n", encoding="utf-8")
    ran = dilemmas("replay", "r")
    assert ran.code == 1
    assert "1 difference" in ran.out
    assert f"{table}, row" in ran.out
    assert f"{header.split(',')[at]}: " in ran.out


def test_a_lost_row_and_a_lost_table_are_found():
    dilemmas(*WORDS, "--no-plots", "--out", "r")
    path = Path("r/agents.csv")
    path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8")
    Path("r/moves.csv").unlink()
    ran = dilemmas("replay", "r")
    assert ran.code == 1
    assert "agents: " in ran.out
    assert "moves: the joined table is missing" in ran.out


def test_a_float_within_a_billionth_is_the_same():
    dilemmas(*WORDS, "--no-plots", "--out", "r")
    path = Path("r/generations.csv")
    header, first, *rest = path.read_text(encoding="utf-8").splitlines()
    fields = first.split(",")
    at = header.split(",").index("payoff")
    fields[at] = repr(float(fields[at]) * (1 + 1e-11))
    path.write_text("\n".join([header, ",".join(fields), *rest]) + "\n", encoding="utf-8")
    assert dilemmas("replay", "r").code == 0


def test_it_plays_from_the_inputs_and_not_from_files_that_changed_since():
    dilemmas("new", "strategy", "mine")
    dilemmas("new", "strategy", "own.py")
    dilemmas(
        "tournament", "prisoners-dilemma", "mine.yaml", "own.py", "grim", "--rounds", "5", "--no-plots", "--out", "r"
    )
    Path("mine.yaml").write_text("strategy: mine\nfor: matrix\nmemory-one: {first: 0, CC: 0, CD: 0, DC: 0, DD: 0}\n")
    Path("own.py").unlink()
    ran = dilemmas("replay", "r")
    assert ran.code == 0, ran.out + ran.err


def test_an_input_that_was_changed_is_named():
    dilemmas("tournament", "prisoners-dilemma", "tit-for-tat", "grim", "--rounds", "5", "--no-plots", "--out", "r")
    path = Path("r/inputs/strategies/grim.yaml")
    path.write_text(path.read_text(encoding="utf-8") + "# x\n", encoding="utf-8")
    ran = dilemmas("replay", "r")
    assert ran.code == 1
    assert "inputs/strategies/grim.yaml is not the file" in ran.out


def test_parquet_is_replayed_as_well():
    pytest.importorskip("pyarrow", reason="the extra 'parquet' is not installed")
    dilemmas(*WORDS, "--no-plots", "--out", "r", "--format", "parquet")
    assert dilemmas("replay", "r").code == 0


def test_several_folders_inside_one():
    for seed in ("1", "2"):
        dilemmas(
            "tournament", "prisoners-dilemma", "tit-for-tat", "grim", "--rounds", "5", "--no-plots", "--seed", seed
        )
    assert len(json.loads(dilemmas("replay", "results", "--json").out)["folders"]) == 2


def test_a_list_of_edges_is_kept_with_the_results_and_in_a_saved_file():
    Path("lists").mkdir()
    Path("lists/ring.csv").write_text("1,2\n2,3\n3,4\n4,1\n")
    words = (
        "evolve",
        "prisoners-dilemma",
        "tit-for-tat=2",
        "always-defect=2",
        "--network",
        "edges:file=lists/ring.csv",
    )
    words = (*words, "--generations", "2", "--selection", "fermi", "--no-plots")
    assert dilemmas(*words, "--out", "r").code == 0
    assert dilemmas(*words, "--save", "files/e.yaml").code == 0
    assert dilemmas("run", "files/e.yaml", "--no-plots", "--out", "s").code == 0
    assert Path("s/agents.csv").read_bytes() == Path("r/agents.csv").read_bytes()
    Path("lists/ring.csv").unlink()
    ran = dilemmas("replay", "r")
    assert ran.code == 0, ran.out + ran.err
    ran = dilemmas(*words, "--out", "t")
    assert ran.code == 2
    assert "lists/ring.csv: there is no such file" in ran.err.replace("\\", "/")
