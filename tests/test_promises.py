"""Promises of the outside: what people type and what they find, checked as they would."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cli import dilemmas

import dilemmas as dl
from dilemmas.errors import ResultsError, SpecError

MINE = "strategy: mine\nfor: matrix\nmemory-one: {{first: {p}, CC: {p}, CD: {p}, DC: {p}, DD: {p}}}\n"


pytestmark = pytest.mark.usefixtures("here")


def homework(folder: str = "homework") -> Path:
    """Two students who left the name of their strategy as the starter has it."""
    made = Path(folder)
    made.mkdir()
    for name, p in (("alice", 1), ("bob", 0)):
        (made / f"{name}.yaml").write_text(MINE.format(p=p), encoding="utf-8")
    return made


def test_files_that_say_the_same_name_are_told_apart() -> None:
    homework()
    ran = dilemmas("tournament", "prisoners-dilemma", "homework", "--rounds", "4", "--out", "found", "--no-plots")
    assert ran.code == 0, ran.err
    ranking = dl.load("found").ranking.set_index("strategy")["payoff"].to_dict()
    assert ranking == {"bob": 5, "alice": 0}
    assert dilemmas("replay", "found").code == 0
    agents = dl.evolve("prisoners-dilemma", {"homework/alice.yaml": 2, "homework/bob.yaml": 2}, rounds=3).agents
    assert agents.groupby("strategy")["cooperation"].mean().to_dict() == {"alice": 1, "bob": 0}


def test_a_strategy_may_compete_with_itself_under_two_names() -> None:
    ranking = dl.tournament("prisoners-dilemma", ["grim", "grim", "always-defect"], rounds=5).ranking
    assert set(ranking["strategy"]) == {"grim", "grim-2", "always-defect"}
    assert dl.evolve("prisoners-dilemma", [("grim", 1), ("random", 1), ("grim", 1)]).agents["strategy"].nunique() == 2


SWEPT = """
experiment: swept
game: {name: prisoners-dilemma, rounds: 3}
population: [tit-for-tat=2, random=2]
seeds: [7, 3]
sweep: {noise: [0, 0.5]}
"""


def test_seeds_of_a_later_command_are_added_to_the_tables() -> None:
    Path("swept.yaml").write_text(SWEPT, encoding="utf-8")
    assert dilemmas("run", "swept.yaml", "--no-plots").code == 0
    ran = dilemmas("run", "swept.yaml", "--seeds", "1", "--no-plots", "--json")
    assert '"played": 2' in ran.out
    runs = dl.load("results/swept").runs
    assert runs["seed"].tolist() == [0, 0, 7, 7, 3, 3]
    assert runs["noise"].tolist() == [0, 0.5] * 3
    assert set(dl.load("results/swept").episodes["run"]) == set(runs["run"])
    replayed = dilemmas("replay", "results/swept")
    assert replayed.code == 0, replayed.out


def test_play_says_where_it_saved_and_in_which_form() -> None:
    ran = dilemmas("play", "prisoners-dilemma", "grim", "random", "--json", "--save", "kept.yaml")
    assert (ran.code, ran.out.strip()) == (0, '{"saved": "kept.yaml"}')
    words = ["play", "prisoners-dilemma", "grim", "random", "--out"]
    assert "found/*.parquet" in dilemmas(*words, "found", "--format", "parquet").out
    assert dilemmas(*words, "played").code == dilemmas("run", "kept.yaml", "--out", "ran").code == 0
    for table in Path("played").glob("*.csv"):
        assert table.stem == "usage" or table.read_bytes() == Path("ran", table.name).read_bytes()


def test_a_stranger_whose_code_fails_is_left_out_with_keep_going() -> None:
    folder = homework()
    (folder / "raises.py").write_text("def decide(view, memory, coin):\n    return 1 / 0, memory\n", encoding="utf-8")
    (folder / "wrong.py").write_text("def decide(view, memory, coin):\n    return 'X', memory\n", encoding="utf-8")
    words = ["tournament", "prisoners-dilemma", "homework", "--python", "--rounds", "3", "--no-plots", "--out", "found"]
    assert dilemmas(*words).code != 0
    ran = dilemmas(*words, "--keep-going")
    assert ran.code == 0, ran.err
    assert "withdrawn: raises.py, line 2, round 1: raises.py raised ZeroDivisionError" in ran.err
    assert "withdrawn: wrong.py, round 1: wrong.py answered 'X'" in ran.err
    assert set(dl.load("found").ranking["strategy"]) == {"alice", "bob"}


@pytest.mark.parametrize("handler", [signal.default_int_handler, signal.SIG_IGN], ids=["before", "in the background"])
def test_checking_gives_a_slow_decision_up(handler: Any) -> None:
    before = signal.signal(signal.SIGINT, handler)
    try:
        _give_up()
    finally:
        assert signal.signal(signal.SIGINT, before) == handler


def _give_up() -> None:
    text = "def decide(view, memory, coin):\n    while view.round == 2:\n        pass\n    return 'C', memory\n"
    Path("slow.py").write_text(text, encoding="utf-8")
    ran = dilemmas("check", "slow.py")
    assert ran.code == 2
    assert "slow.py" in ran.err
    assert "takes more than 1 s over a decision" in ran.err


def test_a_key_that_is_swept_is_not_silently_set() -> None:
    Path("swept.yaml").write_text(
        SWEPT.replace("{noise: [0, 0.5]}", "{game.noise: [0, 0.5], mix: {a: {rounds: 2}, b: {rounds: 4}}}"),
        encoding="utf-8",
    )
    for words in (["--set", "noise=0.1"], ["--noise", "0.1"], ["--rounds", "9"], ["--set", "game.rounds=9"]):
        ran = dilemmas("run", "swept.yaml", *words)
        assert ran.code == 2
        assert "is swept along the axis" in ran.err
    ran = dilemmas("run", "swept.yaml", "--set", "sweep.game.noise=[0.25]", "--no-plots")
    assert ran.code == 0, ran.err
    assert set(dl.load("results/swept").runs["game.noise"]) == {0.25}


MODELLED = """
experiment: modelled
game: {name: donor, multiplier: 2}
population:
  - {name: readers, strategy: cot, model: openai/gpt-4o-mini, count: 12}
sweep: {game.multiplier: [1.5, 2]}
"""


def test_an_experiment_with_models_is_shown_and_refused_by_file_and_key() -> None:
    Path("modelled.yaml").write_text(MODELLED, encoding="utf-8")
    ran = dilemmas("run", "modelled.yaml", "--set", "population.readers.strategy=mirror")
    assert ran.code == 2
    assert ran.err.startswith("error: modelled.yaml: population.readers: mirror is no prompted strategy")
    shown = dilemmas("show", "modelled.yaml")
    assert shown.code == 0, shown.err
    assert "2 cells, 2 runs" in shown.out
    assert not Path("results").exists()


def test_a_file_is_named_with_what_it_names_wrongly() -> None:
    Path("typo.yaml").write_text("experiment: typo\ngame: prisoners-dilemma\npopulation: [randm, grim]\n")
    assert dilemmas("run", "typo.yaml").err == (
        "error: typo.yaml: no strategy is called 'randm'. Did you mean 'random'?\n"
    )


def test_square_payoffs_of_many_seats_are_those_of_the_ranking() -> None:
    result = dl.tournament("fishery", ["sustainable", "greedy", "matcher"], repetitions=2)
    square = result.payoffs
    ranking = result.ranking.set_index("strategy")["payoff"]
    for name in square.index:
        assert square.loc[name].drop(name).mean() == pytest.approx(ranking[name])
    assert square.loc["sustainable", "sustainable"] == 120


def test_a_copied_game_is_found_as_a_game_alone() -> None:
    copied = dilemmas("copy", "ordinal")
    tried = copied.out.split("Try it: dilemmas ")[1].split()
    assert dilemmas(*tried).code == 0
    shown = dilemmas("show", "ordinal", "--set", "game=59")
    assert shown.code == 0, shown.err
    Path("random.yaml").write_text("experiment: random\ngame: stag-hunt\npopulation: [random, grim]\n")
    assert dilemmas("play", "prisoners-dilemma", "random", "grim").code == 0
    assert dilemmas("run", "random", "--no-plots").code == 0


UNGUARDED = "import dilemmas as dl\nprint(dl.run('donor-truncation', generations=2, seeds=2, jobs=2).runs.shape)\n"


@pytest.mark.slow
def test_a_script_without_a_main_guard_gets_one_clear_error() -> None:
    Path("script.py").write_text(UNGUARDED, encoding="utf-8")
    ran = subprocess.run([sys.executable, "script.py"], capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 1
    assert ran.stderr.count("Traceback") == 1
    assert "put the call under `if __name__ == '__main__':`" in ran.stderr


def test_decisions_that_were_not_kept_are_not_said_to_be_done() -> None:
    Path("swept.yaml").write_text(SWEPT, encoding="utf-8")
    assert dilemmas("run", "swept.yaml", "--log", "summary", "--no-plots").code == 0
    ran = dilemmas("run", "swept.yaml", "--log", "moves", "--no-plots")
    assert ran.code == 2
    assert "log: summary -> moves" in ran.err
    assert "--fresh" in ran.err
    assert dilemmas("run", "swept.yaml", "--log", "moves", "--no-plots", "--fresh").code == 0
    assert len(dl.load("results/swept").moves) == 4 * 6 * 3 * 2
    assert dilemmas("run", "swept.yaml", "--log", "summary", "--no-plots").code == 0


def test_folders_that_differ_in_what_they_measured_share_a_plot() -> None:
    words = ["tournament", "prisoners-dilemma", "grim", "random", "--no-plots", "--out"]
    assert dilemmas(*words, "one", "--exact").code == dilemmas(*words, "many", "--repetitions", "3").code == 0
    ran = dilemmas("plot", "one", "many", "--only", "ranking", "--out", "both")
    assert ran.code == 0, ran.err
    assert len(Path("both/ranking.csv").read_text(encoding="utf-8").splitlines()) == 5


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("seeds: [1, 1]", "seeds: seed 1 stands twice"),
        ("sweep: {noise: [0.5, 0.5]}", "sweep: noise = 0.5 and noise = 0.5 are the same settings"),
        ("sweep: {mix: {a: {}, b: {rounds: 3}}}", "sweep: mix = a and mix = b are the same settings"),
        ("sweep: {payoff: {a: {}, b: {noise: 0.5}}}", "sweep.payoff: the table of runs has a column 'payoff'"),
    ],
)
def test_no_run_is_planned_twice_and_no_axis_hides_a_column(line: str, said: str) -> None:
    head = "experiment: twice\ngame: {name: prisoners-dilemma, rounds: 3}\npopulation: [grim, random]\n"
    Path("twice.yaml").write_text(head + line, encoding="utf-8")
    ran = dilemmas("run", "twice.yaml")
    assert ran.code == 2
    assert f"twice.yaml: {said}" in ran.err
    assert not Path("results").exists()


def test_saving_replaces_what_was_saved_and_spares_an_experiment() -> None:
    dl.tournament("prisoners-dilemma", ["grim", "random"], rounds=3).save("kept")
    evolved = dl.evolve("prisoners-dilemma", {"grim": 2}, rounds=3)
    evolved.save("kept")
    assert set(dl.load("kept").tables) == set(evolved.tables)
    dl.load("kept").save("kept")
    assert dl.load("kept").moves.equals(evolved.moves)
    dl.run("donor-truncation", generations=2, seeds=1, out="ran")
    with pytest.raises(ResultsError, match="Save to another folder"):
        evolved.save("ran")


def test_counts_in_seats_count_in_python_too() -> None:
    episodes = dl.play("fishery", ["sustainable=4", "greedy"]).episodes
    assert episodes["strategy"].tolist() == ["sustainable"] * 4 + ["greedy"]
    with pytest.raises(SpecError, match="a tournament takes each strategy once; grim has count 2"):
        dl.tournament("prisoners-dilemma", ["grim=2", "random"])
