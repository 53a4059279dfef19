"""Published numbers: read and checked, drawn in grey behind new runs, named with their source; and the experiments."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scenes import loaded, played, whole
from shared import truth
from typer.testing import CliRunner

import dilemmas as dl
from dilemmas.cli.app import app
from dilemmas.errors import FileError, SpecError
from dilemmas.report import plots, published
from dilemmas.report.data import arrange
from dilemmas.results import Table
from dilemmas.rules.game import Answers, Ask
from dilemmas.rules.ordinal import describe
from dilemmas.runs.lab import Order, carry_out
from dilemmas.runs.rehearse import rehearse
from dilemmas.runs.resolve import Source, resolve
from dilemmas.specs import catalogue, experiment, reading, shelf, sweep
from dilemmas.specs.published import Published, inlined, load

PAPERS = ("akata", "govsim", "vallinder-hughes")
STUDIES = [
    catalogue.title("experiments", path) for path in catalogue.paths("experiments") if path.parent.name in PAPERS
]
CURVE = {"source": "Somebody 1999.", "curves": {"payoff": {"old": {"mean": [10, 900], "sem": [1, 50]}}}}
LEVEL = {"source": "Somebody 1999", "levels": {"survival_time": {"old": {"mean": 3, "pm": 0.5}}}}


def lab(data: dict[str, Any], folder: Path | None = None) -> Any:
    return carry_out(Order({"experiment": "new", "seeds": 2, **data}, out=folder)).result


def donors(**more: Any) -> dict[str, Any]:
    population = {"constant-donor": 4, "never-donate": 2}
    return {"game": "donor", "population": population, "generations": 3, "selection": "truncation", **more}


def lake(**more: Any) -> dict[str, Any]:
    return {"game": "fishery", "population": {"sustainable": 3, "greedy": 2}, **more}


def numbers(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# -- files -----------------------------------------------------------------------------------------------------


def test_a_file_beside_is_read_into_the_experiment(tmp_path: Path) -> None:
    (tmp_path / "old.yaml").write_text(json.dumps(CURVE), encoding="utf-8")
    made = inlined({"published": "old.yaml"}, tmp_path)["published"]
    assert made == [CURVE]
    named = {"file": "old.yaml", "where": {"game.multiplier": 2}}
    assert inlined({"published": [named]}, tmp_path)["published"][0]["where"] == {"game.multiplier": 2}
    assert inlined({"published": CURVE}, None)["published"] == [CURVE]
    assert "published" not in inlined({"game": "donor"}, None)


def test_a_table_holds_the_same(tmp_path: Path) -> None:
    file = tmp_path / "old.csv"
    lines = ("column,label,generation,run,mean,pm,source", "gain,a,,,20,1.5,Somebody 1999", "gain,b,,,7,,")
    runs = ("payoff,a,1,,10,2,", "payoff,a,2,,12,3,", "payoff,a,1,x,9,,", "payoff,a,2,x,11,,", "payoff,b,1,y,4,,")
    file.write_text("\n".join([*lines, *runs]), encoding="utf-8")
    found = load(file)
    assert found.source == "Somebody 1999" and found.levels["gain"]["a"].pm == 1.5
    assert found.levels["gain"]["b"].pm is None
    curve = found.curves["payoff"]["a"]
    assert (curve.mean, curve.sem, curve.runs) == ([10, 12], [2, 3], [[9, 11]])
    assert found.curves["payoff"]["b"].mean == [4]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("source: x\ncurves: {payoff: {a: {mean: [1, 2], sem: [1]}}}", "sem has 1 value for 2 generations"),
        ("source: x\ncurves: {payoff: {a: {mean: [1, 2], runs: [[1]]}}}", "a run has 1 value for 2"),
        ("source: x\ncurves: {payoff: {a: {mean: [1, 2], at: [1]}}}", "at names 1 generation for 2"),
        ("source: x\nlevel: {}", "level"),
        ("levels: {}", "source"),
    ],
)
def test_numbers_that_do_not_fit_are_told(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "old.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SpecError, match=words):
        load(tmp_path / "old.yaml")


def test_a_table_without_its_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text("column,mean\ngain,1\n", encoding="utf-8")
    with pytest.raises(FileError, match="no column 'label'"):
        load(tmp_path / "old.csv")
    (tmp_path / "old.csv").write_text("column,label,mean\ngain,a,many\n", encoding="utf-8")
    with pytest.raises(SpecError, match=r"old\.csv:2"):
        load(tmp_path / "old.csv")


def test_published_numbers_move_no_identity(tmp_path: Path) -> None:
    lab(donors(), tmp_path / "out")
    again = carry_out(Order({"experiment": "new", "seeds": 2, **donors(published=CURVE)}, out=tmp_path / "out"))
    assert again.played == 0


# -- figures ---------------------------------------------------------------------------------------------------


def test_curves_lie_grey_behind_on_a_logarithmic_axis(tmp_path: Path) -> None:
    made = lab(donors(published=CURVE), tmp_path / "out")
    drawn = made.plot.payoff().axes[0]
    assert drawn.get_yscale() == "log"
    colours = [line.get_color() for line in drawn.lines]
    assert colours[0] in published.GREYS and drawn.lines[0].get_zorder() < drawn.lines[1].get_zorder()
    behind = published.of(made.manifest)
    plots.draw(made.tables, tmp_path / "p", only=["payoff"], formats=("png",), published=behind)
    rows = numbers(tmp_path / "p", "payoff")
    assert [row["group"] for row in rows] == ["published: old"] * 2 + ["here"] * (len(rows) - 2)  # as the figure says
    old = [row for row in rows if row["group"] == "published: old"]
    assert [(row["generation"], float(row["payoff"]), float(row["low"])) for row in old] == [
        ("1", 10, 9),
        ("2", 900, 850),
    ]
    assert "Grey: published" in (tmp_path / "p" / "captions.md").read_text(encoding="utf-8")
    assert "Somebody 1999." in (tmp_path / "p" / "captions.md").read_text(encoding="utf-8")


def test_nothing_published_leaves_figures_as_they_were(tmp_path: Path) -> None:
    made = lab(donors())
    plots.draw(made.tables, tmp_path, only=["payoff"], formats=("png",))
    assert "Grey" not in (tmp_path / "captions.md").read_text(encoding="utf-8")
    assert len(made.plot.payoff().axes[0].lines) == 1


def test_levels_are_rows_of_their_own(tmp_path: Path) -> None:
    made = lab(lake(published=LEVEL), tmp_path / "out")
    axes = made.plot.survival().axes[0]
    labels = axes.get_yticklabels()
    assert [label.get_text() for label in labels] == ["sustainable, greedy", "old"]
    assert labels[1].get_color() in published.GREYS and labels[0].get_color() not in published.GREYS
    folder = tmp_path / "out" / "plots"
    plots.draw(made.tables, folder, formats=("png",), published=published.of(made.manifest))
    rows = numbers(folder, "survival")
    assert [(row["group"], float(row["survival_time"])) for row in rows][1] == ("published: old", 3)
    assert float(rows[0]["survival_time"]) == made.episodes["survival_time"].mean()
    assert (rows[1]["low"], rows[1]["high"], rows[1]["n"]) == ("2.5", "3.5", "")
    captions = (folder / "captions.md").read_text(encoding="utf-8")
    assert "published means with their plus-minus, cut at 0 alone: Somebody 1999" in captions


def test_gains_of_all_groups_stand_above_published_ones_once(tmp_path: Path) -> None:
    old = {"source": "x 1999", "levels": {"gain": {"old": {"mean": 30, "pm": 5}}}}
    made = lab(lake(published=old, sweep={"game.capacity": [100, 200]}))
    figure = made.plot.gains()
    assert len(figure.axes) == 1
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels.count("old") == 1 and len(labels) == 5
    assert sorted(labels[:2]) == ["capacity = 100: greedy", "capacity = 100: sustainable"]
    assert len(lab(lake(sweep={"game.capacity": [100, 200]})).plot.gains().axes) == 2


def test_imported_logs_are_grouped_by_whose_and_how_they_are() -> None:
    runs = [("a", "m", "base"), ("b", "m", "base"), ("c", "n", "base"), ("d", "several", "talk")]
    table = {"run": [run for run, *_ in runs], "seed": [0] * 4, "log": ["1", "2", "3", "4"]}
    table |= {"model": [model for _, model, _ in runs], "condition": [how for *_, how in runs]}
    groups = arrange({"runs": Table.of("runs", table)}).groups()
    assert [(label, len(part.runs)) for label, part in groups] == [("m, base", 2), ("n, base", 1), ("talk", 1)]


def test_numbers_of_one_value_stand_behind_its_runs_alone() -> None:
    two = {**CURVE, "where": {"game.multiplier": 2}}
    made = lab(donors(published=[two], sweep={"game.multiplier": [1.5, 2]}))
    data = arrange(made.tables, published=published.of(made.manifest))
    split = published.panels(data)
    assert [label for label, _ in split] == ["multiplier = 1.5", "multiplier = 2"]
    assert [list(published.curves(part, "payoff")) for _, part in split] == [[], ["old"]]
    assert list(published.curves(data, "payoff")) == ["old, multiplier = 2"]
    assert len(published.panels(arrange(made.tables, by="seed", published=data.published))) == 1
    other = arrange(lab(donors()).tables, published=published.of(made.manifest))
    assert published.here(other) == []


def test_how_often_strategies_cooperate_or_choose_the_same() -> None:
    old = {
        "source": "x 1999",
        "levels": {"cooperation": {"old": {"mean": 0.5}}, "coordination": {"old": {"mean": 0.25}}},
    }
    seats = ["always-cooperate", "tit-for-tat", "always-defect"]
    pd = lab({"game": "prisoners-dilemma-akata", "population": seats, "tournament": {}, "published": old})
    axes = pd.plot.rates().axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "always-cooperate",
        "tit-for-tat",
        "always-defect",
        "old",
    ]
    shown = [float(line.get_xdata()[0]) for line in axes.lines if len(line.get_xdata()) == 1]
    assert shown[0] == 1 and shown[2:] == [0, 0.5]
    assert shown[1] == pytest.approx((200 + 1) / 400)
    seats = ["always-first", "always-second", "alternator"]
    bos = {"game": {"name": "battle-of-the-sexes", "rounds": 10}, "population": seats, "tournament": {"self": True}}
    axes = lab({**bos, "published": old}).plot.rates().axes[0]
    shown = [float(line.get_xdata()[0]) for line in axes.lines if len(line.get_xdata()) == 1]
    # with itself always, with the other stubborn one never, with the alternator half the time
    assert shown == pytest.approx([40 / 60, 30 / 60, 30 / 60, 0.25])


def test_scores_by_family_stand_before_what_was_published(tmp_path: Path) -> None:
    old = {"source": "x 1999", "levels": {"score_win_win": {"old": {"mean": 0.9}}, "score_all": {"old": {"mean": 0.8}}}}
    seats = ["always-first", "alternator"]
    data = {"game": {"name": "ordinal", "rounds": 4}, "population": seats, "tournament": {}, "published": old}
    made = lab({**data, "seeds": 3, "sweep": {"game.game": [1, 42, 67, 73]}}, tmp_path / "out")
    families = dict(zip(made.runs["run"], made.runs["game.game"], strict=True))
    assert set(made.scores["family"]) == {describe(int(number)).family for number in families.values()}
    plots.draw(made.tables, tmp_path / "p", formats=("png",), published=published.of(made.manifest))
    rows = numbers(tmp_path / "p", "score")
    mine = [row for row in rows if row["strategy"] == "always-first" and row["family"] == "Win-win"]
    known = made.scores[(made.scores["strategy"] == "always-first") & (made.scores["family"] == "Win-win")]
    assert float(mine[0]["score"]) == pytest.approx(known["score"].mean()) and mine[0]["n"] == "3"
    whole = next(row for row in rows if row["strategy"] == "always-first" and row["family"] == "All but Tragic")
    first = made.scores[made.scores["strategy"] == "always-first"]
    assert float(whole["score"]) == pytest.approx(first[first["family"] != "Tragic"]["score"].mean())
    assert first["score"].mean() != pytest.approx(float(whole["score"]))
    grey = {row["family"]: float(row["score"]) for row in rows if row["strategy"] == "published: old"}
    assert grey == {"Win-win": 0.9, "All but Tragic": 0.8}
    for name in ("best_reply", "fair"):
        assert not [row for row in numbers(tmp_path / "p", name) if row["strategy"].startswith("published")]
    captions = (tmp_path / "p" / "captions.md").read_text(encoding="utf-8")
    assert "over 3 repetitions" in captions and "x 1999" in captions


def test_scores_of_models_leave_scripts_out_and_one_family_is_no_figure() -> None:
    seats = [{"name": "m", "strategy": "plain", "model": "rehearsal"}, "always-first"]
    data = {"game": {"name": "ordinal", "rounds": 2}, "population": seats, "tournament": {}, "seeds": 1}
    made = lab({**data, "sweep": {"game.game": [1, 67]}})
    legend = made.plot.score().axes[0].get_legend_handles_labels()[1]
    assert legend == ["plain@rehearsal"]
    assert "score" not in plots.applicable(lab({**data, "game": {**data["game"], "game": 1}}).tables)


def test_those_who_read_take_ribbons_from_those_they_read(tmp_path: Path) -> None:
    seats = [{"name": "m", "strategy": "plain", "model": "rehearsal", "count": 5}, "never-donate"]
    told = {"game": {"name": "donor", "rounds": 2}, "generations": 3, "selection": "truncation"}
    made = lab({**told, "population": seats, "inheritance": "told", "seeds": 1})
    plots.draw(made.tables, tmp_path, only=["teaching"], formats=("png",))
    rows = numbers(tmp_path, "teaching")
    agents = made.agents.set_index(["generation", "agent"])
    for row in rows:
        before = int(row["generation"])
        assert row["teacher"] in json.loads(agents.loc[(before + 1, row["pupil"]), "parents"])
        given = agents.loc[(before, row["teacher"]), "cooperation"]
        assert row["share_given"] == "" or float(row["share_given"]) == given
    assert rows and {row["model"] for row in rows} <= {"rehearsal", ""}


def test_the_paler_a_ribbon_the_less_was_given() -> None:
    from dilemmas.report.plots_teaching import shade

    light = [sum(shade(0, given)) for given in (0.0, 0.3, 1.0)]
    assert light == sorted(light, reverse=True) and shade(0, 0.5) != shade(1, 0.5)
    assert len({*shade(0, float("nan"))}) == 1
    assert len({*shade(-1, 0.5)}) == 1 and shade(-1, 0.5) != shade(0, 0.5)  # scripts have the colour of no model


def test_the_command_draws_what_several_folders_have_published(tmp_path: Path) -> None:
    lab(lake(published=LEVEL), tmp_path / "a")
    lab({**lake(), "seeds": 1}, tmp_path / "b")
    folders = [str(tmp_path / "a"), str(tmp_path / "b")]
    made = CliRunner().invoke(
        app, ["plot", *folders, "--only", "survival", "--out", str(tmp_path / "p"), "--format", "png"]
    )
    assert made.exit_code == 0, made.output
    assert [row["group"] for row in numbers(tmp_path / "p", "survival")] == ["a", "b", "published: old"]


def test_runs_are_grouped_by_the_models_that_sat_in_them(tmp_path: Path) -> None:
    seats = [{"name": "m", "strategy": "plain", "model": "rehearsal"}, "always-defect"]
    game = {"name": "prisoners-dilemma-akata", "rounds": 2}
    lab({"game": game, "population": seats, "tournament": {}, "seeds": 1}, tmp_path / "new")
    lab({"game": game, "population": ["grim", "always-defect"], "tournament": {}, "seeds": 1}, tmp_path / "old")
    merged = plots.merge({name: dl.load(tmp_path / name).tables for name in ("new", "old")})
    groups = [label for label, _ in arrange(merged, by="model").groups()]
    assert groups == ["rehearsal", "no model"]
    assert len(arrange(merged, ["model=rehearsal"]).runs) == 1


# -- the experiments of the papers -----------------------------------------------------------------------------


def cells(name: str) -> list[sweep.Cell]:
    path = catalogue.find("experiments", name)
    data = inlined(experiment.changed(reading.load(path), {"model": "rehearsal"}), path.parent)
    return sweep.cells(data, path)


@pytest.mark.parametrize("name", STUDIES)
def test_every_study_loads_and_resolves_in_every_cell(name: str) -> None:
    path = catalogue.find("experiments", name)
    for cell in cells(name):
        cast = resolve(cell.experiment, Source(path.parent))
        assert cast.models == ["rehearsal"]
        for one in cell.experiment.published or ():
            assert isinstance(one, Published) and one.source
            assert set(one.where) <= set(cell.values)


def test_studies_are_found_by_folder_and_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert set(STUDIES) <= {item.name for item in shelf.items("experiments")}
    path = catalogue.find("experiments", "vallinder-hughes/main", Path())
    assert catalogue.find("experiments", "punishment").parent == path.parent
    assert shelf.whereis("govsim/newcomer")[0][0] == "experiments"
    shown = CliRunner().invoke(app, ["show", "akata/pd"], env={"DILEMMAS_MODEL": "rehearsal"})
    assert shown.exit_code == 0 and "Run it: dilemmas run akata/pd" in shown.output
    (tmp_path / "govsim").mkdir()
    (tmp_path / "govsim" / "newcomer.yaml").write_text(json.dumps(lake(experiment="mine")), encoding="utf-8")
    assert catalogue.find("experiments", "govsim/newcomer.yaml", Path()) == Path("govsim/newcomer.yaml")


def calls(name: str, **given: Any) -> int:
    """Calls that a rehearsal of one cell, one seed counts."""
    path = catalogue.find("experiments", name)
    only = given.pop("only", {})
    data = experiment.changed(reading.load(path), {"model": "rehearsal", "seeds": 1, **given}, path)
    return rehearse(Order(data, Source(path.parent), path, only=only)).calls


def test_call_counts_of_the_donor_game() -> None:
    per, first, later = 2 * 12 * 6, 12, 6
    assert calls("vallinder-hughes/main", generations=2) == 2 * per + first + later
    assert calls("vallinder-hughes/punishment", generations=1) == per + first
    assert calls("vallinder-hughes/multiplier", generations=1, only={"game.multiplier": "3"}) == per + first
    assert calls("vallinder-hughes/trace", generations=1, only={"game.trace": "1"}) == per + first


@pytest.mark.slow
def test_call_counts_of_a_whole_run() -> None:
    assert calls("vallinder-hughes/main") == 1_440 + 66


def test_call_counts_of_repeated_games() -> None:
    # three scripts, and itself with two seats
    assert calls("akata/pd", only={"way": "plain"}) == 10 * (3 + 2)
    assert calls("akata/pd", only={"way": "scot"}) == 2 * 10 * (3 + 2)
    # four scripts in both seatings
    assert calls("akata/bos", only={"way": "plain"}) == 10 * (2 * 4 + 2)


@pytest.mark.slow
def test_call_counts_of_the_other_repeated_games() -> None:
    assert calls("akata/tit-for-tats", only={"end": "known"}) == 20 * (9 + 2)
    assert calls("akata/checks", only={"story": "coins"}) == 3 * 10
    assert calls("akata/checks-bos", only={"story": "project"}) == 3 * 2 * 10
    assert calls("akata/payoffs", only={"first-place": "9-8"}) == 2 * 10
    assert calls("akata/games-144", only={"game.game": "3"}) == 10 * (2 * 3 + 2)


def test_call_counts_of_the_commons() -> None:
    fishery, talk = {"scenario": "fishery"}, 9
    assert calls("govsim/default", only=fishery) == 12 * 5 + 11 * talk
    assert calls("govsim/default", only=fishery, **{"game.talk.closing": True}) == 12 * (5 + talk)
    assert calls("govsim/newcomer", only=fishery) == 3 * 4 + 12 * 5 + 14 * talk


def test_call_counts_of_the_paper_s_agent() -> None:
    """The formula of the page: reflection, a summary and a limit for each talk that a decision follows."""
    seats, months, talk = 5, 12, 9
    switches = {"talk.limit": "framework", "talk.summary": True, "talk.closing": True, "talk.pledges": False}
    given = {f"game.{key}": value for key, value in switches.items()}
    given |= {"population.villagers.strategy": "reflective"}
    read, notes, insights, after = 2 * (months - 1), months - 1, (months - 1) // 3, 2 * (months - 1)
    expected = seats * (months + notes + insights + after) + talk * months + read
    assert calls("govsim/default", only={"scenario": "fishery"}, **given) == expected == 370


@pytest.mark.slow
def test_call_counts_of_the_other_commons() -> None:
    fishery, talk = {"scenario": "fishery"}, 9
    limit = {"game.talk.limit": "framework"}
    assert calls("govsim/default", only=fishery, **limit) == 12 * 5 + 11 * (talk + 1)
    assert calls("govsim/newcomer", only=fishery, **limit) == 3 * 4 + 12 * 5 + 14 * (talk + 1)
    assert calls("govsim/default", only=fishery, **{"game.sanction": 5}) == 2 * 12 * 5 + 11 * talk
    assert calls("govsim/universalization", only={"scenario": "pollution"}) == 12 * 5 + 11 * talk
    assert calls("govsim/no-communication", only={"scenario": "pasture", "sight": "hidden"}) == 12 * 5
    assert calls("govsim/models", only=fishery) == 12 * 5 + 11 * talk


@pytest.mark.parametrize("name", [name for name in STUDIES if name.startswith("govsim/")])
def test_nobody_is_told_how_many_months_the_commons_of_the_paper_last(name: str) -> None:
    given = dict(reading.load(catalogue.find("experiments", name))["game"])
    lake = loaded(given.pop("name"), **{**given, "talk": None})
    told = [scene for asked in played(lake, thrifty, 2) for scene in asked.values()]
    assert any("This is month 2." in scene.texts["now"] for scene in told)
    assert not any("in all" in scene.texts["rules"] or re.search(r"month \d+ of", whole(scene)) for scene in told)


@pytest.mark.parametrize(("sight", "drawn"), [("hidden", 4), ("shown", 0)])
def test_what_was_published_of_the_hidden_condition_stands_behind_it_alone(sight: str, drawn: int) -> None:
    path = catalogue.find("experiments", "govsim/no-communication")
    given = {"population": ["sustainable"] * 5, "seeds": 1, "sampling": {}}
    data = experiment.changed(reading.load(path), given, path)
    made = carry_out(Order(data, Source(path.parent), path, only={"scenario": "fishery", "sight": sight})).result
    arranged = arrange(made.tables, published=published.of(made.manifest))
    assert len(published.levels(arranged, "survival_time")) == drawn


def thrifty(ask: Ask) -> Answers:
    return Answers(amount=np.ones(ask.who.shape))


def test_scripts_of_the_paper_do_as_its_data() -> None:
    table = {
        "defect-once": "FJJJJJ",
        "reverse-tit-for-tat": "FFFFJJ",
        "hard-tit-for-tat-from-defection": "FJJJFF",
    }
    beside = catalogue.find("experiments", "akata/pd").parent
    other = {"strategy": "scripted-moves", "parameters": {"moves": "C,C,C,D,D,D"}}
    for name, wanted in table.items():
        path = f"strategies/{name}.yaml"
        data = {"experiment": "x", "command": "play", "game": {"name": "prisoners-dilemma-akata", "rounds": 6}}
        data |= {"population": [{"strategy": path}, other], "log": "moves"}
        moves = carry_out(Order(data, Source(beside))).result.moves
        mine = moves[moves["seat"] == 1]["action"].map({"C": "J", "D": "F"})
        assert "".join(mine) == wanted, name


def test_published_donor_curves_are_those_of_the_paper() -> None:
    curves = truth("donor/paper_curves.json")
    beside = catalogue.find("experiments", "vallinder-hughes/main").parent
    for file, figure, runs in (("published", "fig2", "fig4"), ("published-punishment", "fig3", "fig5")):
        found = load(beside / f"{file}.yaml").curves["payoff"]
        for model, curve in found.items():
            assert curve.mean == curves[figure][model]["mean"] and curve.sem == curves[figure][model]["sem"]
            single = {name: run for name, run in curves[runs][model]["runs"].items() if "AVERAGE" not in name}
            assert curve.runs == list(single.values())
