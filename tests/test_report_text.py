from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_tables import evolution, tournament

from dilemmas.report import text
from dilemmas.results import Table


@given(st.floats(0, 1), st.integers(1, 40))
@settings(max_examples=80, deadline=None)
def test_bars_are_as_long_as_their_value(share: float, width: int) -> None:
    drawn = text.bar(share, 1.0, width)
    eighths = sum(8 if char == "█" else text.EIGHTHS.index(char) for char in drawn)
    assert abs(eighths - 8 * width * share) <= 0.5
    assert len(drawn) <= width


@pytest.mark.parametrize(("value", "top"), [(0, 1), (-1, 1), (np.nan, 1), (1, 0), (1, np.nan)])
def test_no_bar_for_nothing(value: float, top: float) -> None:
    assert text.bar(value, top, 10) == ""


def test_sparklines() -> None:
    assert text.sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█"
    assert text.sparkline([0, np.nan, 1]) == "▁ █"
    assert text.sparkline([0.5], 0, 1) == "▅"
    assert text.sparkline([2, 2]) == text.sparkline([3, 3])
    assert text.sparkline([]) == ""
    assert text.sparkline([np.nan] * 2) == "  "


@given(st.text(max_size=40), st.integers(1, 20))
@settings(max_examples=150, deadline=None)
def test_short_names_fit(name: str, width: int) -> None:
    found = text.short(name, width)
    assert text.cells(found) <= width
    assert len((found + "x").splitlines()) == 1
    if name.isascii() and name.isprintable() and len(name) <= width:
        assert found == name


def test_wide_letters_take_two_columns() -> None:
    assert text.cells("日本") == 4
    assert text.cells("e\u0301") == 1
    assert text.pad("日本", 6) == "日本  "


HARD = ["always-defect", "日本語" * 9, "x" * 200, "tab\tnew\nline", "[red]bold[/red]"]


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("called", [(), HARD])
@pytest.mark.parametrize("repetitions", [0, 4])
def test_rankings_fit_the_terminal(width: int, called: list[str], repetitions: int) -> None:
    tables = tournament(30, repetitions=repetitions, called=called)
    lines = text.ranking(tables["ranking"], "payoff: points a round", width=width).splitlines()
    assert len(lines) == len(tables["ranking"]) + 1
    assert max(map(text.cells, lines)) <= width
    assert lines[-1].strip() == "payoff: points a round"


def test_a_ranking_says_what_the_table_says() -> None:
    table = tournament(4, repetitions=5)["ranking"]
    for line, row in zip(text.ranking(table).splitlines(), table.rows(), strict=True):
        half = row["ci_high"] - row["payoff"]
        assert line.startswith(f"{row['rank']} {row['strategy'][:5]}")
        assert f" {row['payoff']:.3f} ±{half:.3f} █" in line
        assert line.endswith(f"{100 * row['cooperation']:.0f} %")


def test_a_long_ranking_is_cut_and_counted() -> None:
    lines = text.ranking(tournament(12)["ranking"], limit=5).splitlines()
    assert len(lines) == 6
    assert lines[-1].strip() == "… and 7 more"


def test_ties_keep_their_place_and_nothing_cooperates() -> None:
    table = Table.of(
        "ranking", {"run": ["r"] * 3, "strategy": ["a", "b", "c"], "rank": [1, 1, 3], "payoff": [2.0, 2.0, 0.0]}
    )
    lines = text.ranking(table).splitlines()
    assert [line.split()[0] for line in lines] == ["1", "1", "3"]
    assert "cooperates" not in lines[0]


def test_runs_are_averaged() -> None:
    tables = tournament(3, seeds=3)
    lines = text.ranking(tables["ranking"]).splitlines()
    best = lines[0].split()[1]
    mine = [row["payoff"] for row in tables["ranking"].rows() if row["strategy"] == best]
    assert f"{np.mean(mine):.3f}" in lines[0]


@pytest.mark.parametrize("width", [60, 80])
def test_squares_fit_the_terminal(width: int) -> None:
    tables = tournament(25)
    lines = text.matrix(tables["pairs"], width=width, ranked=tables["ranking"]).splitlines()
    assert len(lines) == 27
    assert max(map(text.cells, lines)) <= width
    best, second = tables["ranking"].list("strategy")[:2]
    payoff = next(
        row["payoff"] for row in tables["pairs"].rows() if (row["strategy"], row["partner"]) == (best, second)
    )
    assert lines[1].split()[-int(lines[0].split()[-1]) :][:2] == ["–", f"{payoff:.2f}"]


@pytest.mark.parametrize("width", [60, 80])
def test_generations_fit_the_terminal(width: int) -> None:
    tables = evolution(3, 150, 3, multipliers=("1.5", "2"))
    lines = text.generations(tables, width).splitlines()
    assert len(lines) == 4
    assert max(map(text.cells, lines)) <= width
    course = tables["generations"]
    first = [row["cooperation"] for row in course.rows() if row["generation"] == 1 and row["run"].startswith("1-")]
    assert f"{100 * np.mean(first):.0f} % →" in lines[1]
    assert "95 % CI" in lines[0]
    assert text.generations(evolution(2, 5, 1)["generations"]).count("CI") == 0


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "utf-8", None, "no-such-encoding"])
def test_terminals_that_cannot_show_blocks(encoding: str | None) -> None:
    whole = text.ranking(tournament(4)["ranking"]) + text.sparkline([1, 2, 3]) + "日本 → é…"
    found = text.safe(whole, encoding)
    assert len(found) == len(whole)
    known = encoding if encoding not in (None, "no-such-encoding") else "ascii"
    found.encode(known)
    assert (found == whole) == (encoding == "utf-8")
    assert "#" in found or encoding == "utf-8"


def test_markdown() -> None:
    table = Table.of("runs", {"run": ["a|b", "_c_"], "seed": [1, None], "payoff": [1 / 3, None]})
    assert text.markdown(table).splitlines() == [
        "| run | seed | payoff |",
        "| --- | --- | --- |",
        "| a\\|b | 1 | 0.3333 |",
        "| \\_c\\_ | – | – |",
    ]
    assert text.markdown(table, ["payoff"], limit=1).splitlines()[2:] == ["| 0.3333 |"]
