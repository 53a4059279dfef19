from __future__ import annotations

import csv
import json
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from report_tables import evolution, fishery, names, tournament

import dilemmas as dl
from dilemmas.cli import carry
from dilemmas.cli.console import Console
from dilemmas.errors import ResultsError, UnknownName, UsageError
from dilemmas.report import canvas, plots, style
from dilemmas.report.data import arrange, coded
from dilemmas.results import Coded, Table
from dilemmas.runs.lab import Done

TOURNAMENT, GENERATIONS, COMMONS = (
    ["ranking", "payoffs"],
    ["composition", "payoff", "cooperation", "lineage"],
    ["schelling", "stock", "gains"],
)


def numbers(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def drawn(tables: dict[str, Table], folder: Path, **options: Any) -> dict[str, Path]:
    options = {"formats": ["svg"], **options}
    return {path.name: path for path in plots.draw(tables, folder, **options)}


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        (tournament(3), TOURNAMENT),
        (tournament(3, repetitions=0), TOURNAMENT),
        (evolution(2, 4, 2), GENERATIONS),
        (fishery(), COMMONS),
        (evolution(2, 1, 2), []),
        ({"runs": tournament(2)["runs"]}, []),
    ],
)
def test_plots_that_apply(tables: dict[str, Table], expected: list[str]) -> None:
    assert plots.applicable(tables) == expected


def test_a_pot_is_no_stock() -> None:
    tables = fishery()
    emptied = {**tables["rounds"].columns, "stock_before": np.zeros(len(tables["rounds"]))}
    assert "stock" not in plots.applicable({**tables, "rounds": Table.of("rounds", emptied)})


def test_files_of_a_figure_and_their_bytes(tmp_path: Path) -> None:
    names_, kinds = ["payoff", "composition"], ("png", "svg", "pdf")
    first = drawn(evolution(2, 5, 2), tmp_path / "one", only=names_, formats=kinds)
    second = drawn(evolution(2, 5, 2), tmp_path / "other", only=names_, formats=kinds)
    assert sorted(first) == sorted(["captions.md", *(f"{name}.{kind}" for name in names_ for kind in (*kinds, "csv"))])
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == sorted(first)
    for name, path in first.items():
        assert path.read_bytes() == second[name].read_bytes(), name
    assert first["payoff.png"].read_bytes().startswith(b"\x89PNG")


def test_the_square_holds_the_payoffs_of_the_pairs(tmp_path: Path) -> None:
    tables = tournament(5)
    rows = numbers(drawn(tables, tmp_path, only=["payoffs"])["payoffs.csv"])
    payoff = {(row["strategy"], row["partner"]): row["payoff"] for row in tables["pairs"].rows()}
    assert {(row["strategy"], row["partner"]): float(row["payoff"]) for row in rows if row["payoff"]} == payoff
    order = list(dict.fromkeys(row["strategy"] for row in rows))
    assert order == tables["ranking"].list("strategy")
    assert [row["payoff"] for row in rows if row["strategy"] == row["partner"]] == [""] * 5


def test_boxes_are_drawn_where_repetitions_are_at_hand(tmp_path: Path) -> None:
    tables = tournament(4, repetitions=6)
    rows = numbers(drawn(tables, tmp_path, only=["ranking"])["ranking.csv"])
    for row, expected in zip(rows, tables["ranking"].rows(), strict=True):
        assert row["strategy"] == expected["strategy"]
        assert float(row["payoff"]) == expected["payoff"]
        assert float(row["minimum"]) <= float(row["lower_quartile"]) <= float(row["median"]) <= float(row["maximum"])
    episodes, best = tables["episodes"], rows[0]["strategy"]
    mine = np.array(episodes.list("strategy")) == best
    means = [episodes.numbers("payoff")[mine & (episodes.numbers("repetition") == r)].sum() / 150 for r in range(1, 7)]
    assert float(rows[0]["maximum"]) == pytest.approx(max(means))
    assert float(rows[0]["median"]) == pytest.approx(np.median(means))


def test_episodes_that_do_not_give_the_ranking_make_no_boxes(tmp_path: Path) -> None:
    tables = tournament(4)
    changed = {name: tables["episodes"][name] for name in tables["episodes"].columns}
    changed["payoff"] = tables["episodes"].numbers("payoff") ** 2
    files = drawn({**tables, "episodes": Table.of("episodes", changed)}, tmp_path, only=["ranking"])
    assert "median" not in numbers(files["ranking.csv"])[0]
    assert "over repetitions" in files["captions.md"].read_text(encoding="utf-8")


def test_exact_results_have_no_interval(tmp_path: Path) -> None:
    files = drawn(tournament(4, repetitions=0), tmp_path)
    caption = files["captions.md"].read_text(encoding="utf-8")
    assert "No interval" in caption
    assert "exact-200" in caption
    assert {row["low"] for row in numbers(files["ranking.csv"])} == {""}


def test_repetitions_that_came_out_the_same_are_said_to(tmp_path: Path) -> None:
    ranking = tournament(3, repetitions=0)["ranking"]
    alike = dict.fromkeys(("ci_low", "ci_high"), ranking["payoff"])
    files = drawn({"ranking": Table.of("ranking", {**ranking.columns, **alike})}, tmp_path)
    assert "All repetitions came out the same." in files["captions.md"].read_text(encoding="utf-8")


def test_bands_are_over_seeds(tmp_path: Path) -> None:
    tables = evolution(2, 3, 4)
    rows = numbers(drawn(tables, tmp_path, only=["payoff"])["payoff.csv"])
    course = tables["generations"]
    for row in rows:
        values = course.numbers("payoff")[course.numbers("generation") == int(row["generation"])]
        half = 3.182446305284263 * values.std(ddof=1) / 2  # t of three degrees, by four seeds
        assert float(row["payoff"]) == pytest.approx(values.mean())
        assert float(row["high"]) - float(row["payoff"]) == pytest.approx(half)
        assert row["n"] == "4"


def test_a_steep_rise_has_a_logarithmic_axis(tmp_path: Path) -> None:
    steep, flat = evolution(2, 9, 2, steep=True), evolution(2, 9, 2)
    for tables, log, expected in (
        (steep, None, "log"),
        (flat, None, "linear"),
        (steep, False, "linear"),
        (flat, True, "log"),
    ):
        made = plots.on("payoff", tables, log=log)
        assert made.axes[0].get_yscale() == expected


def test_shares_add_up(tmp_path: Path) -> None:
    rows = numbers(drawn(evolution(12, 6, 3, agents=24), tmp_path, only=["composition"])["composition.csv"])
    sums: dict[tuple[str, str], float] = {}
    for row in rows:
        key = (row["panel"], row["generation"])
        sums[key] = sums.get(key, 0) + float(row["share"])
    assert {key[0] for key in sums} == {"seed 0", "seed 1", "seed 2"}
    assert sums == pytest.approx(dict.fromkeys(sums, 1.0))
    assert len({row["strategy"] for row in rows}) == 8  # seven and the others


def test_many_seeds_share_a_panel(tmp_path: Path) -> None:
    rows = numbers(drawn(evolution(2, 3, 7), tmp_path, only=["composition"])["composition.csv"])
    assert "panel" not in rows[0]


def test_lineage_knows_the_ancestors(tmp_path: Path) -> None:
    tables = evolution(3, 5, 1)
    rows = numbers(drawn(tables, tmp_path, only=["lineage"])["lineage.csv"])
    by = {(int(row["generation"]), row["agent"]): row for row in rows}
    alive = {key for key in by if key[0] == 5}
    for step in range(5, 1, -1):
        for _, agent in [key for key in alive if key[0] == step]:
            row = by[step, agent]
            parents = [agent] if (step - 1, agent) in by else json.loads(row["parents"])
            alive |= {(step - 1, parent) for parent in parents}
    assert {key for key, row in by.items() if row["ancestor"] == "true"} == alive
    for step in range(1, 6):
        assert sorted(int(row["place"]) for row in rows if row["generation"] == str(step)) == list(range(1, 9))


def test_a_schelling_diagram_counts_the_second_kind(tmp_path: Path) -> None:
    tables = fishery(seats=4)
    rows = numbers(drawn(tables, tmp_path, only=["schelling"])["schelling.csv"])
    drawn_ = {(row["strategy"], int(row["count"])): float(row["payoff"]) for row in rows}
    expected = {}
    for row in tables["pairs"].rows():
        greedy = row["others"] if row["strategy"] == "sustainable" else 4 - row["others"]
        expected[row["strategy"], greedy] = row["payoff"]
    assert {row["second"] for row in rows} == {"greedy"}
    assert drawn_ == expected


def test_stock_by_kind_of_group(tmp_path: Path) -> None:
    rows = numbers(drawn(fishery(), tmp_path, only=["stock"])["stock.csv"])
    assert list(dict.fromkeys(row["group"] for row in rows)) == [
        "3 sustainable",
        "2 sustainable + 1 greedy",
        "1 sustainable + 2 greedy",
        "3 greedy",
    ]
    lone = {int(row["round"]): row["stock"] for row in rows if row["group"] == "3 greedy"}
    assert {step: float(value) for step, value in lone.items()} == {1: 69.0, 2: 39.0, 3: 9.0, 4: 0.0}


def test_gains_by_strategy_and_how_many_it_had(tmp_path: Path) -> None:
    rows = numbers(drawn(fishery(), tmp_path, only=["gains"])["gains.csv"])
    found = {row["kind"]: (float(row["gain"]), row["seats"], row["episodes"]) for row in rows}
    assert found["greedy, 2 of 3"] == (33.0, "6", "3")
    assert found["sustainable, 3 of 3"] == (31.0, "9", "3")


HARD = ["$x$", "a_b^c\\", "日本語", "\U0001f600 smile", "line\nbreak", "\ud800", "x" * 300, " " * 40, "<&>", "مرحبا"]


def test_any_name_can_be_drawn(tmp_path: Path) -> None:
    files = drawn(tournament(len(HARD), called=HARD), tmp_path, formats=("png", "svg"))
    assert len(numbers(files["ranking.csv"])) == len(HARD)


@pytest.mark.parametrize("width", [6.4, 3.4])
@pytest.mark.parametrize(
    "tables",
    [
        tournament(12),
        tournament(3, 2, noises=("0", "0.1", "0.2")),
        evolution(9, 8, 3, agents=18),
        evolution(2, 6, 3, multipliers=("1.5", "2")),
        fishery(seats=5),
    ],
    ids=["tournament", "noises", "strategies", "multipliers", "fishery"],
)
def test_nothing_is_cut_off_or_covered(tables: dict[str, Table], width: float, tmp_path: Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    data, look = arrange(tables), style.Style(width)
    for name in plots.applicable(tables):
        with plots._settings(look):
            made, _ = plots.compose(plots.PLOTS[name], data, look)
            style.save(made, tmp_path / name, [])
            renderer = FigureCanvasAgg(made).get_renderer()
            page = made.bbox
            for axes in made.axes:
                if not axes.get_visible():
                    continue
                box = axes.get_tightbbox(renderer)
                assert box.x0 >= page.x0 - 2 and box.x1 <= page.x1 + 2, (name, "width")
                assert box.y0 >= page.y0 - 2 and box.y1 <= page.y1 + 2, (name, "height")
                for legend in made.legends:
                    assert not legend.get_window_extent(renderer).overlaps(box), (name, "legend")
            boxes = [
                axes.get_tightbbox(renderer)
                for axes in made.axes
                if axes.get_visible() and axes.get_label() != "<colorbar>"
            ]
            assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i]), (name, "panels")


def test_runs_by_axis_and_along_it(tmp_path: Path) -> None:
    tables = evolution(2, 4, 3, multipliers=("3", "1.5"))
    rows = numbers(drawn(tables, tmp_path, only=["payoff"])["payoff.csv"])
    assert list(dict.fromkeys(row["group"] for row in rows)) == ["multiplier = 3", "multiplier = 1.5"]
    rows = numbers(drawn(tables, tmp_path, only=["payoff"], by="multiplier")["payoff.csv"])
    assert list(dict.fromkeys(row["group"] for row in rows)) == ["multiplier = 1.5", "multiplier = 3"]
    rows = numbers(drawn(tables, tmp_path, only=["payoff"], x="multiplier")["payoff.csv"])
    course = tables["generations"]
    last = [row["payoff"] for row in course.rows() if row["generation"] == 4 and row["run"].startswith("1-")]
    assert [row["game.multiplier"] for row in rows] == ["1.5", "3"]
    assert float(rows[1]["payoff"]) == pytest.approx(np.mean(last))
    rows = numbers(drawn(tables, tmp_path, only=["payoff", "multiplier=3.0"])["payoff.csv"])
    assert {row["n"] for row in rows} == {"3"}
    ranked = tournament(3, 2, noises=("0", "0.1"))
    rows = numbers(drawn(ranked, tmp_path, only=["ranking"], x="game.noise")["ranking.csv"])
    assert len(rows) == 6


def test_axes_of_numbers_are_told_as_people_write_them() -> None:
    tables = tournament(2, 1, noises=("a", "b"))
    for values, expected in ((np.array([0.5, 2.0]), ["0.5", "2"]), (np.array([1, 2]), ["1", "2"])):
        runs = Table.of("runs", {**tables["runs"].columns, "game.noise": values})
        data = arrange({**tables, "runs": runs})
        assert [run.values["game.noise"] for run in data.runs] == expected


def test_runs_that_were_not_finished_are_left_out() -> None:
    runs = Table.of("runs", {"run": ["a", "b", "c"], "seed": [0, 1, 2], "status": ["done", "planned", "failed"]})
    assert [run.name for run in arrange({"runs": runs}).runs] == ["a"]


def test_folders_share_axes(tmp_path: Path) -> None:
    both = plots.merge({"one": evolution(2, 3, 2), "other": evolution(3, 3, 2)})
    rows = numbers(drawn(both, tmp_path, only=["cooperation"])["cooperation.csv"])
    assert list(dict.fromkeys(row["group"] for row in rows)) == ["one", "other"]
    assert {row["n"] for row in rows} == {"2"}
    assert len(arrange(both).runs) == 4


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"only": ["paymof"]}, UnknownName, "Did you mean 'payoff'"),
        ({"only": ["stock"]}, ResultsError, "a table rounds"),
        ({"by": "multiplyer"}, UnknownName, "Did you mean 'game.multiplier'"),
        ({"only": ["multiplier=7"]}, UsageError, "expected 1.5, 2"),
        ({"formats": ["jpg"]}, UsageError, "png, svg, pdf"),
    ],
)
def test_mistakes_are_explained(options: dict[str, Any], error: type[Exception], said: str, tmp_path: Path) -> None:
    with pytest.raises(error, match=said):
        drawn(evolution(2, 3, 1, multipliers=("1.5", "2")), tmp_path / "new", **options)
    assert not list((tmp_path / "new").glob("*")) if (tmp_path / "new").exists() else True


def test_captions_of_other_plots_stay(tmp_path: Path) -> None:
    tables = evolution(2, 3, 2)
    before = drawn(tables, tmp_path)["captions.md"].read_text(encoding="utf-8")
    after = drawn(tables, tmp_path, only=["payoff"])["captions.md"].read_text(encoding="utf-8")
    assert after == before
    assert before.count("## ") == 4
    assert "2 seeds (0 to 1)" in before


def test_on_the_axes_of_a_user() -> None:
    from matplotlib.figure import Figure

    axes = Figure().add_subplot()
    for name, tables in (
        ("payoff", evolution(2, 3, 2, multipliers=("1", "2"))),
        ("schelling", fishery()),
        ("payoffs", tournament(3)),
    ):
        assert plots.on(name, tables, axes) is axes
    assert axes.get_xlabel() == "partner"
    assert isinstance(plots.on("payoffs", tournament(3)), Figure)


def test_tables_alone_are_needed_and_no_display() -> None:
    code = (
        "import sys; sys.path[:0] = [sys.argv[1]]; from pathlib import Path; from report_tables import tournament;"
        "from dilemmas.report import plots; tables = tournament(3); before = set(sys.modules);"
        "assert not [name for name in before if name.startswith(('matplotlib', 'pandas'))];"
        "plots.draw(tables, Path(sys.argv[2]));"
        "wrong = {'matplotlib.pyplot', 'pandas', 'dilemmas.engine', 'dilemmas.specs'} & set(sys.modules);"
        "assert not wrong, wrong"
    )
    with tempfile.TemporaryDirectory() as folder:
        here = str(Path(__file__).parent)
        done = subprocess.run([sys.executable, "-c", code, here, folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_labels_move_apart_and_keep_their_order() -> None:
    places = canvas.apart([0.5, 0.51, 0.1, 0.5], 0.1)
    assert np.diff(np.sort(places)).min() >= 0.1 - 1e-12
    assert places[2] == 0.1
    assert places[0] < places[3] < places[1]


@pytest.mark.parametrize("letters", [8, 13, 30])
def test_short_names_differ(letters: int) -> None:
    long = [f"generous-tit-for-tat:generosity={i / 1000}" for i in range(30)] + names(3)
    found = style.distinct(long, letters)
    assert len(set(found)) == len(long)
    assert max(map(len, found)) <= letters


def reversed_names(table: Table) -> Table:
    """The same rows, with the names behind the codes in another order, as the cast of a run in memory may have them."""
    columns = {name: coded(values) if values.dtype == object else values for name, values in table.columns.items()}
    turned = {
        name: Coded(np.where(values.codes < 0, -1, len(values.names) - 1 - values.codes), values.names[::-1])
        if isinstance(values, Coded)
        else values
        for name, values in columns.items()
    }
    return Table(table.spec, turned)


@pytest.mark.parametrize("tables", [fishery(), evolution(3, 4, 2), tournament(4, 2)], ids=["lake", "donors", "pairs"])
def test_the_order_of_names_in_memory_draws_the_same(tables: dict[str, Table], tmp_path: Path) -> None:
    turned = {name: reversed_names(table) for name, table in tables.items() if name != "runs"}
    first = drawn(tables, tmp_path / "one")
    second = drawn({**tables, **turned}, tmp_path / "other")
    assert list(first) == list(second)
    for name, path in first.items():
        assert path.read_bytes() == second[name].read_bytes(), name


def mixed() -> dict[str, Table]:
    """A tournament of games of two beside one of a game of many seats."""
    return dict(plots.merge({"pairs": tournament(3), "lake": fishery()}))


@pytest.mark.parametrize("width", [6.4, 3.4])
def test_games_of_two_and_of_many_seats_have_figures_of_their_own(width: float, tmp_path: Path) -> None:
    files = drawn(mixed(), tmp_path, width=width)
    assert {"payoffs.csv", "schelling.csv"} <= set(files)
    assert {row["strategy"] for row in numbers(files["payoffs.csv"])} == set(tournament(3)["ranking"].list("strategy"))
    assert {row["strategy"] for row in numbers(files["schelling.csv"])} == {"greedy", "sustainable"}
    assert "Mean payoff of the row against the column, 3 strategies" in files["captions.md"].read_text(encoding="utf-8")
    drawn(mixed(), tmp_path, only=["payoffs", "folder=pairs"])
    with pytest.raises(ResultsError, match="games of two seats"):
        drawn(mixed(), tmp_path, only=["payoffs", "folder=lake"])


def three_kinds() -> dict[str, Table]:
    """The lake with three kinds of boats, each pair in every split."""
    rows = []
    for one, two in (("a", "b"), ("a", "c"), ("b", "c")):
        for mine, other in ((one, two), (two, one)):
            rows += [
                {"run": "1-abcdef-0", "strategy": mine, "partner": other, "others": count, "payoff": 9.0 - count}
                | dict.fromkeys(("ci_low", "ci_high"), 9.0 - count)
                for count in range(3)
            ]
    return {**fishery(), "pairs": Table.of("pairs", {key: [row[key] for row in rows] for key in rows[0]})}


def test_a_strategy_has_one_colour_in_all_panels(tmp_path: Path) -> None:
    made = plots.on("schelling", three_kinds())
    found: dict[str, set[str]] = {}
    for axes in made.axes:
        for line, label in zip(*axes.get_legend_handles_labels(), strict=True):
            found.setdefault(label, set()).add(line.get_color())
    assert {label: len(colours) for label, colours in found.items()} == {"a": 1, "b": 1, "c": 1}
    assert len(set.union(*found.values())) == 3
    assert [axes.get_title() for axes in made.axes[:3]] == ["a and b", "a and c", "b and c"]
    assert made.axes[0].get_ylabel() == "payoff of a seat (units)"
    rows = numbers(drawn(three_kinds(), tmp_path, only=["schelling"])["schelling.csv"])
    assert [row["panel"] for row in rows] == ["a and b"] * 6 + ["a and c"] * 6 + ["b and c"] * 6


def test_panels_that_are_left_out_are_counted(tmp_path: Path) -> None:
    files = drawn(tournament(2, noises=[str(i / 20) for i in range(14)]), tmp_path, only=["payoffs"])
    assert "The first 12 of 14 panels are drawn. 12 runs" in files["captions.md"].read_text(encoding="utf-8")
    assert len({row["panel"] for row in numbers(files["payoffs.csv"])}) == 12


def test_one_generation_is_drawn_along_the_first_axis_of_numbers(tmp_path: Path) -> None:
    single = evolution(2, 1, 3, multipliers=("3", "1.5"))
    assert plots.applicable(single) == ["payoff", "cooperation"]
    for only in (None, ["payoff"]):
        rows = numbers(drawn(single, tmp_path, only=only)["payoff.csv"])
        assert [row["game.multiplier"] for row in rows] == ["1.5", "3"]
    words = evolution(2, 1, 3, multipliers=("low", "high"))
    for only in (None, ["payoff"]):
        with pytest.raises(ResultsError, match=r"--x AXIS \(multiplier\)") as caught:
            drawn(words, tmp_path, only=only)
        assert "a table" not in str(caught.value)


def test_treatments_along_x_are_not_mixed_in_one_panel(tmp_path: Path) -> None:
    tables = evolution(2, 3, 4, multipliers=("1", "2"))
    rows = numbers(drawn(tables, tmp_path, only=["composition"], x="multiplier")["composition.csv"])
    assert list(dict.fromkeys(row["panel"] for row in rows)) == ["multiplier = 1", "multiplier = 2"]


def test_a_lineage_says_whose_it_is(tmp_path: Path) -> None:
    files = drawn(evolution(2, 3, 2, multipliers=("1", "2")), tmp_path, only=["lineage"])
    assert "run 1-abcdef-0 (multiplier = 1, seed 0) alone" in files["captions.md"].read_text(encoding="utf-8")
    row = numbers(files["lineage.csv"])[0]
    assert (row["run"], row["cell"], row["seed"]) == ("1-abcdef-0", "multiplier = 1", "0")


def test_captions_speak_of_intervals_and_scales_that_are_there(tmp_path: Path) -> None:
    said = drawn(evolution(2, 9, 1, steep=True), tmp_path, only=["payoff"])["captions.md"].read_text(encoding="utf-8")
    assert "Bands" not in said and "No interval: one seed each." in said and "on a logarithmic axis" in said
    said = drawn(evolution(2, 3, 2), tmp_path, only=["payoff"])["captions.md"].read_text(encoding="utf-8")
    assert "Bands: 95 % Student-t interval over seeds." in said and "logarithmic" not in said
    said = drawn(fishery(1), tmp_path / "lake", only=["stock", "gains"])["captions.md"].read_text(encoding="utf-8")
    assert "Student" not in said.partition("## gains")[2]


def test_intervals_of_a_share_end_where_a_share_does(tmp_path: Path) -> None:
    tables = evolution(2, 3, 2)
    course = {**tables["generations"].columns, "cooperation": np.array([0.0, 1.0, 0.5, 1.0, 1.0, 0.5])}
    changed = {**tables, "generations": Table.of("generations", course)}
    files = drawn(changed, tmp_path, only=["cooperation"])
    rows = numbers(files["cooperation.csv"])
    assert [(row["low"], row["high"]) for row in rows] == [("0.0", "1.0"), ("1.0", "1.0"), ("0.5", "0.5")]
    assert "cut at 0 and 1" in files["captions.md"].read_text(encoding="utf-8")


def test_a_folder_is_whole_once_its_captions_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = evolution(2, 3, 2)
    drawn(tables, tmp_path)
    assert plots.captioned(tmp_path) == set(GENERATIONS)
    monkeypatch.setattr(style, "save", lambda *_: 1 / 0)
    with pytest.raises(ResultsError, match="the plot 'payoff' could not be drawn: ZeroDivisionError"):
        drawn(tables, tmp_path, only=["payoff"])
    assert plots.captioned(tmp_path) == set()


def test_what_was_cut_off_is_drawn_by_the_same_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done = Done(dl.tournament("prisoners-dilemma", ["grim", "tit-for-tat"], exact=True), tmp_path, 1, 0, 0.0, {})
    kept = style.save
    monkeypatch.setattr(style, "save", lambda *_: 1 / 0)
    assert carry.draw(done, True, Console()) == []
    assert "no plots: the plot 'ranking' could not be drawn: ZeroDivisionError" in capsys.readouterr().err
    assert (tmp_path / "plots").is_dir()
    monkeypatch.setattr(style, "save", kept)
    again = replace(done, played=0, before=1)
    assert [path.name for path in carry.draw(again, True, Console())] == ["ranking.png", "payoffs.png"]
    monkeypatch.setattr(plots, "draw", lambda *_, **__: 1 / 0)
    assert [path.name for path in carry.draw(again, True, Console())] == ["payoffs.png", "ranking.png"]  # there already
    assert carry.draw(again, ["schelling"], Console()) == []  # asked for, and not there
