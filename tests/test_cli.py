"""Commands do what they say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli import dilemmas

import dilemmas as dl
from dilemmas.cli.app import COMMANDS, loaded
from dilemmas.results import workbook

PAIR = ("prisoners-dilemma", "tit-for-tat", "always-defect")


pytestmark = pytest.mark.usefixtures("here")


def only_folder() -> Path:
    (folder,) = Path("results").iterdir()
    return folder


def tables(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.csv")) if path.name != "usage.csv"}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_has_an_example_of_itself(name):
    help_ = dilemmas(name, "--help")
    assert help_.code == 0
    assert f"dilemmas {name}" in help_.out.partition("Example")[2]


def test_the_first_screen_names_every_command():
    shown = dilemmas("--help").out
    assert all(f" {name} " in shown and entry.summary in shown for name, entry in COMMANDS.items())
    assert dilemmas("--version").out.startswith("dilemmas 0.")


def test_a_summary_fits_a_line_of_80():
    assert all(len(entry.summary) <= 62 for entry in COMMANDS.values())


@pytest.mark.parametrize(
    "flag",
    [
        "--set",
        "--rounds",
        "--continue",
        "--noise",
        "--seed",
        "--seeds",
        "--repetitions",
        "--model",
        "--base-url",
        "--out",
        "--fresh",
        "--log",
        "--format",
        "--jobs",
        "--no-plots",
        "--quiet",
        "--json",
        "--save",
        "--max-cost",
        "--max-calls",
        "--max-tokens",
    ],
)
@pytest.mark.parametrize("name", ["tournament", "evolve", "run"])
def test_common_flags_are_everywhere(name, flag):
    assert any(flag in parameter.opts for parameter in loaded(name).params)


def test_a_tournament_gives_what_python_gives():
    ran = dilemmas(
        "tournament", *PAIR, "--rounds", "20", "--noise", "0.1", "--repetitions", "4", "--seed", "3", "--no-plots"
    )
    assert ran.code == 0
    made = dl.tournament(PAIR[0], PAIR[1:], rounds=20, noise=0.1, repetitions=4, seed=3)
    assert dl.load(only_folder()).ranking.equals(made.ranking)
    assert "1 always-defect" in ran.out
    assert only_folder().as_posix() in ran.out


def test_flags_again_find_the_same_folder_and_others_another():
    assert "already done" not in dilemmas("tournament", *PAIR, "--no-plots").out
    assert "already done: 1 run" in dilemmas("tournament", *PAIR, "--no-plots").out
    dilemmas("tournament", *PAIR, "--no-plots", "--seed", "1")
    dilemmas("tournament", *PAIR, "--no-plots", "--exact")
    assert len(list(Path("results").iterdir())) == 3
    assert all(folder.name.startswith("prisoners-dilemma-tournament-") for folder in Path("results").iterdir())


def test_decisions_of_some_runs_alone_are_told():
    words = ("tournament", *PAIR, "--no-plots", "--rounds", "3", "--out", "o")
    assert "moves has" not in dilemmas(*words, "--seeds", "2").err
    ran = dilemmas(*words, "--seeds", "3", "--log", "summary")
    assert ran.err == "moves has 2 of 3 runs; --log moves keeps all, where --out OTHER or --fresh begins anew\n"
    assert dilemmas(*words, "--seeds", "3").err == ran.err
    assert "log: summary -> moves" in dilemmas(*words, "--seeds", "3", "--log", "moves").err
    assert "moves has" not in dilemmas(*words, "--seeds", "3", "--log", "moves", "--fresh").err


def test_a_table_that_is_too_long_for_a_workbook_stays_csv(monkeypatch):
    pytest.importorskip("openpyxl")
    monkeypatch.setattr(workbook, "ROWS", 6)
    words = ("tournament", *PAIR, "--no-plots", "--rounds", "3", "--format", "excel", "--out", "o")
    for ran in (dilemmas(*words), dilemmas(*words)):
        assert (ran.code, ran.err) == (
            0,
            "moves is in moves.csv alone: a sheet of Excel holds 6 rows, and 32,767 characters a cell\n",
        )
    assert Path("o/ranking.xlsx").is_file()


def test_json_is_one_object_on_stdout_and_text_goes_to_stderr():
    ran = dilemmas("tournament", *PAIR, "--exact", "--json", "--no-plots")
    answer = json.loads(ran.out)
    assert answer["folder"] == only_folder().as_posix()
    assert [row["strategy"] for row in answer["ranking"]] == ["always-defect", "tit-for-tat"]
    assert answer["ranking"][0]["ci_low"] is None
    assert "always-defect" in ran.err


def test_quiet_prints_nothing():
    ran = dilemmas("tournament", *PAIR, "--quiet", "--no-plots")
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_seeds_and_sweeps_make_runs():
    ran = dilemmas(
        "evolve",
        "prisoners-dilemma",
        "tit-for-tat=3",
        "always-defect=3",
        "--generations",
        "3",
        "--seed",
        "5",
        "--seeds",
        "3",
        "--no-plots",
    )
    assert ran.code == 0
    assert dl.load(only_folder()).runs["seed"].tolist() == [5, 6, 7]


def test_culture_flags_reach_the_experiment():
    flags = (
        "--generations",
        "4",
        "--selection",
        "fermi",
        "--beta",
        "0.5",
        "--mutation",
        "0.1",
        "--matchmaking",
        "pairs",
    )
    assert dilemmas("evolve", "prisoners-dilemma", "tit-for-tat=4", "always-defect=4", *flags, "--no-plots").code == 0
    config = dl.load(only_folder()).manifest["config"]
    assert config["selection"]["rule"] == "fermi"
    assert config["selection"]["beta"] == 0.5
    assert config["inheritance"]["rate"] == 0.1
    assert (config["generations"], config["matchmaking"]) == (4, "pairs")


@pytest.mark.parametrize(
    "words",
    [
        (
            "tournament",
            *PAIR,
            "--rounds",
            "7",
            "--noise",
            "1/10",
            "--repetitions",
            "3",
            "--set",
            "perception_noise=0.05",
        ),
        (
            "evolve",
            "donor",
            "image-scorer:first=0.5=4",
            "never-donate=4",
            "--generations",
            "3",
            "--keep",
            "0.25",
            "--seeds",
            "2",
        ),
        (
            "tournament",
            "ordinal:game=59",
            "scripted-moves:moves=[1,2]:then=cycle",
            "scripted-moves:moves=[2]:then=cycle",
            "--rounds",
            "4",
        ),
    ],
)
def test_a_saved_file_gives_the_same_tables(words):
    assert dilemmas(*words, "--no-plots", "--out", "typed").code == 0
    saved = dilemmas(*words, "--save", "files/e.yaml")
    assert saved.code == 0, saved.err
    assert not Path("results").exists()
    assert dilemmas("run", "files/e.yaml", "--no-plots", "--out", "filed").code == 0
    assert tables(Path("typed")) == tables(Path("filed")) != {}


def test_a_saved_file_keeps_paths_to_files_of_ones_own():
    dilemmas("new", "strategy", "mine")
    dilemmas("new", "game", "odd")
    words = ("tournament", "odd.yaml", "mine.yaml", "tit-for-tat", "--rounds", "5", "--no-plots")
    dilemmas(*words, "--out", "typed")
    dilemmas(*words, "--save", "deep/down/e.yaml")
    ran = dilemmas("run", "deep/down/e.yaml", "--no-plots", "--out", "filed")
    assert ran.code == 0, ran.err
    assert tables(Path("typed")) == tables(Path("filed"))


def test_saving_never_overwrites():
    dilemmas("tournament", *PAIR, "--save", "e.yaml")
    before = Path("e.yaml").read_bytes()
    assert dilemmas("tournament", *PAIR, "--rounds", "3", "--save", "e.yaml").code == 2
    assert Path("e.yaml").read_bytes() == before


@pytest.mark.slow
def test_one_process_or_two_give_the_same_bytes():
    words = (
        "evolve",
        "donor",
        "simple-standing=4",
        "never-donate=4",
        "--generations",
        "2",
        "--seeds",
        "3",
        "--no-plots",
    )
    assert dilemmas(*words, "--jobs", "1", "--out", "one").code == 0
    ran = dilemmas(*words, "--jobs", "2", "--out", "two")
    assert ran.code == 0, ran.err
    assert tables(Path("one")) == tables(Path("two"))


@pytest.mark.parametrize(
    "name", sorted(path.stem for path in (Path(__file__).parents[1] / "experiments").glob("*.yaml"))
)
def test_every_shipped_experiment_is_shown(name):
    shown = dilemmas("show", name)
    assert shown.code == 0, shown.err
    models = json.loads(dilemmas("show", name, "--json").out)["experiments"]["models"]
    assert (f"asked of {', '.join(models)}" if models else "0 model calls") in " ".join(shown.out.split())
    assert bool(models) == (name == "donor-culture")
    assert dilemmas("check", name).code == 0


@pytest.mark.parametrize("named", ["", "rehearsal"])
def test_an_experiment_for_any_model_is_shown_whether_or_not_one_is_named(named, monkeypatch):
    monkeypatch.setenv("DILEMMAS_MODEL", named)
    shown = dilemmas("show", "akata/pd")
    assert shown.code == 0, shown.err
    assert f"about 400 decisions, asked of {named or 'default'} where a model" in " ".join(shown.out.split())
    called = "akata/pd" if named else "akata/pd --model MODEL"
    assert f"Run it: dilemmas run {called}\n" in shown.out
    data = json.loads(dilemmas("show", "akata/pd", "--json").out)["experiments"]
    assert (data["decisions"], data["models"], data["calls"]) == (400, [named or "default"], None)


def test_only_some_cells_of_a_sweep():
    assert dilemmas("run", "commons-greedy", "--only", "greedy=5", "--no-plots").code == 0
    runs = dl.load(only_folder()).runs
    assert runs.set_index("greedy")["status"].to_dict() == {**dict.fromkeys(range(5), "planned"), 5: "done"}
    assert dilemmas("run", "commons-greedy", "--no-plots").code == 0
    assert len(dl.load(only_folder()).runs) == 6


def test_rehearsing_a_scripted_experiment_is_harmless(monkeypatch):
    def played(*given, **how):
        raise AssertionError("a run was played")

    monkeypatch.setattr("dilemmas.runs.lab.execute", played)
    ran = dilemmas("run", "commons-greedy", "--only", "greedy=5", "--rehearse", "--max-cost", "3", "--no-plots")
    assert ran.code == 0
    assert "commons-greedy · nothing to rehearse, so nothing was played" in ran.out
    assert "nothing would be paid" in ran.out
    assert not Path("results").exists()


def test_several_experiments_one_after_the_other():
    ran = dilemmas("run", "commons-greedy", "commons-greedy", "--only", "greedy=0", "--json", "--no-plots")
    assert len(json.loads(ran.out)["experiments"]) == 2


@pytest.mark.parametrize("shelf", ["games", "strategies", "experiments"])
def test_lists_are_whole(shelf):
    listed = json.loads(dilemmas("list", shelf, "--json").out)[shelf]
    folder = Path(__file__).parents[1] / shelf
    inside = [path for path in folder.glob("*/*.yaml") if shelf == "experiments" and "published" not in path.stem]
    assert len(listed) == len([*folder.glob("*.yaml"), *inside])
    shown = dilemmas("list", shelf).out
    assert all(item["name"] in shown for item in listed)


@pytest.mark.parametrize(
    "name",
    ["prisoners-dilemma", "ordinal", "donor", "fishery", "public-goods", "travellers-dilemma", "matching-pennies"],
)
def test_games_are_shown(name):
    shown = dilemmas("show", name)
    assert shown.code == 0
    assert "Parameters" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 80


def test_a_game_is_shown_with_its_class_equilibria_and_pareto_cells():
    shown = dilemmas("show", "prisoners-dilemma").out
    assert "Prisoner's Dilemma" in shown
    assert "(D; D) pays 1, 1" in shown
    assert "Pareto-efficient: (C, C), (C, D), (D, C)" in shown
    assert "(0.5 heads + 0.5 tails; 0.5 heads + 0.5 tails)" in dilemmas("show", "matching-pennies").out.replace(
        "\n    ", " "
    )


@pytest.mark.parametrize(
    "name", ["tit-for-tat", "TitForTat", "zd-extort-2", "gradual", "constant-donor:fraction=0.3", "matcher"]
)
def test_strategies_are_shown_with_their_source(name):
    shown = dilemmas("show", name)
    assert shown.code == 0
    assert "Source: " in shown.out


@pytest.mark.parametrize(
    ("kind", "file"),
    [("game", "mine.yaml"), ("strategy", "mine.yaml"), ("strategy", "mine.py"), ("experiment", "mine.yaml")],
)
def test_starters_pass_their_own_check_and_are_never_overwritten(kind, file):
    made = dilemmas("new", kind, file)
    assert made.code == 0, made.err
    assert dilemmas("check", file).code == 0
    before = Path(file).read_bytes()
    again = dilemmas("new", kind, file)
    assert (again.code, Path(file).read_bytes()) == (2, before)
    assert "is there already" in again.err


def test_a_starter_for_a_model_is_checked_in_every_family_without_asking_any():
    assert "NAME.md" in " ".join(dilemmas("new", "--help").out.split())
    made = dilemmas("new", "strategy", "voice.md")
    assert made.code == 0, made.err
    for file in ("voice.yaml", "prompts/voice/system.md", "prompts/voice/choose.md"):
        assert f"Wrote {file}" in made.out
        assert Path(file).is_file()
    checked = dilemmas("check", "voice.yaml")
    assert checked.code == 0, checked.err
    assert "voice can be asked in prisoners-dilemma, donor, fishery, public-goods" in checked.out
    choose = Path("prompts/voice/choose.md")
    choose.write_text("{{ game.past }} {{ stock }} {{ form }}", encoding="utf-8")
    assert dilemmas("check", "voice.yaml", "--game", "pasture").code == 0
    assert "uses stock, which is not there" in dilemmas("check", "voice.yaml").err
    choose.write_text("{% if history %}{{ history[0].weather }}{% endif %} {{ form }}", encoding="utf-8")
    late = dilemmas("check", "voice.yaml", "--game", "fishery")
    assert (late.code, "line 1: the template uses history[0].weather, which is not there" in late.err) == (2, True)
    choose.write_text("Well.\n\n{{ game.pats }} {{ form }}", encoding="utf-8")
    (told,) = dilemmas("check", "voice.yaml", "--game", "fishery").err.splitlines()
    assert "choose.md: line 3: the template uses game.pats, which is not there; expected " in told
    assert told.endswith("Did you mean 'game.past'?") and "Texts" not in told
    choose.write_text("Well.\n{{ pats }} {{ form }}", encoding="utf-8")
    assert "choose.md: line 2: the template uses pats, which" in dilemmas("check", "voice.yaml").err


def test_a_copy_plays_as_the_original():
    assert dilemmas("copy", "grim", "my-grim").code == 0
    assert "strategy: my-grim" in Path("my-grim.yaml").read_text(encoding="utf-8")
    ran = dilemmas(
        "tournament", "prisoners-dilemma", "my-grim", "grim", "random", "--repetitions", "3", "--no-plots", "--json"
    )
    first, second = (row for row in json.loads(ran.out)["ranking"] if "grim" in row["strategy"])
    assert first["payoff"] == pytest.approx(second["payoff"], rel=0.2)


def test_plots_are_drawn_and_drawn_again():
    assert dilemmas("tournament", *PAIR, "--exact").code == 0
    folder = only_folder()
    assert (folder / "plots" / "ranking.png").is_file()
    ran = dilemmas("plot", str(folder), "--only", "ranking", "--width", "3.4", "--format", "svg,pdf", "--out", "drawn")
    assert ran.code == 0, ran.err
    assert {path.name for path in Path("drawn").iterdir()} == {
        "ranking.svg",
        "ranking.pdf",
        "ranking.csv",
        "captions.md",
    }


def test_two_folders_share_a_plot():
    dilemmas("tournament", *PAIR, "--no-plots", "--out", "a")
    dilemmas("tournament", *PAIR, "--no-plots", "--out", "b", "--noise", "0.1")
    assert dilemmas("plot", "a", "b", "--only", "ranking", "--format", "svg").code == 0
    assert Path("a+b/plots/ranking.svg").is_file()


def test_citing_names_every_source():
    dilemmas("run", "commons-greedy", "--no-plots")
    cited = dilemmas("cite", "results/commons-greedy").out
    assert "@" in cited
    assert "Piatti" in cited
    assert "Hardin" in cited


@pytest.mark.slow
def test_the_demo_tells_three_stories_and_repeats():
    ran = dilemmas("demo")
    assert ran.code == 0
    assert "nobody gives  →  10.000 (theory  10.000)" in ran.out
    assert "all give half → 341.172 (theory 341.172)" in ran.out
    assert "1 tit-for-tat            2.499" in ran.out
    assert {path.name for path in Path("results/demo/plots").glob("*.png")} == {
        "payoffs.png",
        "cooperation.png",
        "schelling.png",
    }
    assert max(map(len, ran.out.splitlines())) <= 80
    assert dilemmas("replay", "results/demo").code == 0


def test_a_ranking_names_the_rule_of_every_game_of_a_sweep(here):
    file = here / "mixed.yaml"
    file.write_text(
        "experiment: mixed\ngame: {name: prisoners-dilemma, rounds: 5}\ntournament: {}\n"
        "population: [sustainable-or-not.py, sustainable-or-not.py:greedy]\n"
        "sweep: {which: {pd: {}, lake: {game: {name: fishery, rounds: 3}}}}\n",
        encoding="utf-8",
    )
    script = "def decide(view, memory, coin):\n    return (0 if hasattr(view, 'stock') else 'C'), memory\n"
    greedy = "def greedy(view, memory, coin):\n    return (9 if hasattr(view, 'stock') else 'D'), memory\n"
    (here / "sustainable-or-not.py").write_text(script + greedy, encoding="utf-8")
    ran = dilemmas("run", "mixed.yaml", "--no-plots")
    assert ran.code == 0, ran.err
    assert "mean payoff a round against the others (prisoners-dilemma); " in ran.out
    assert "mean payoff of an episode in groups of 5, over all splits of two kinds (fishery)" in ran.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("prisoners-dilemma", "grim", "random", "--self"), "leave out self, or like"),
        (("fishery", "greedy", "sustainable"), "for games of two seats"),
    ],
)
def test_axelrods_rule_is_not_said_where_it_does_not_rank(words, told):
    ran = dilemmas("tournament", *words, "--like", "axelrod", "--no-plots")
    assert ran.code == 2 and told in ran.err


def test_episodes_of_several_seeds_are_told_apart():
    ran = dilemmas("play", "prisoners-dilemma", "tit-for-tat", "random", "--rounds", "2", "--seeds", "2")
    assert [line for line in ran.out.split("\n") if line.startswith(("Seed", "1  "))] == [
        "Seed 0",
        "1  tit-for-tat C, 3   random C, 3",
        "Seed 1",
        "1  tit-for-tat C, 0   random D, 5",
    ]
    ran = dilemmas("play", "prisoners-dilemma", "grim", "random", "--rounds", "1", "--seeds", "2", "--repetitions", "2")
    assert [line for line in ran.out.split("\n") if line.startswith("Seed")] == [
        f"Seed {seed}, Episode {episode}" for seed in (0, 1) for episode in (1, 2)
    ]
    assert ran.out.count("\n\nSeed") == 3


def test_agents_have_the_same_names_here_as_in_python():
    dilemmas("play", PAIR[0], "grim", "grim", "--rounds", "2", "--out", "o")
    made = dl.play(PAIR[0], ["grim", "grim"], rounds=2)
    assert dl.load("o").agents.equals(made.agents)
    assert list(made.agents["name"]) == ["grim", "grim-2"]
