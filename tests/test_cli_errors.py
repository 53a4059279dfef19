"""What a user gets wrong is told in one line, with exit code 2, and nothing is written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli import dilemmas

from dilemmas.errors import many

PAIR = ("tit-for-tat", "always-defect")
PD = "prisoners-dilemma"


pytestmark = pytest.mark.usefixtures("here")


def refused(*words: str) -> str:
    """The one line that a command says, having written nothing."""
    before = sorted(Path().rglob("*"))
    ran = dilemmas(*words)
    assert ran.code == 2, ran.out
    assert ran.out == ""
    assert sorted(Path().rglob("*")) == before
    (line,) = ran.err.splitlines()
    assert line.startswith("error: ")
    return line


def written(name: str, text: str) -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


def test_a_misspelt_key_of_an_experiment():
    file = written("e.yaml", f"experiment: e\ngame: {PD}\npopluation: {{grim: 2}}\n")
    line = refused("run", file)
    assert "e.yaml:3: popluation" in line
    assert "Did you mean 'population'?" in line


def test_a_misspelt_parameter_of_a_game():
    line = refused("tournament", PD, *PAIR, "--set", "nosie=0.1")
    assert "'nosie' is no key of the game prisoners-dilemma" in line
    assert "Did you mean 'noise'?" in line


def test_a_misspelt_key_of_a_strategy():
    file = written("s.yaml", "strategy: s\nfor: matrix\nstrat: calm\nmachine: {calm: {play: C, then: calm}}\n")
    line = refused("tournament", PD, f"./{file}", "grim")
    assert "s.yaml:3" in line
    assert "Did you mean 'start'?" in line


@pytest.mark.parametrize(
    ("payoffs", "said"),
    [
        ("{CC: [3, 3], CD: [0], DC: [5, 0], DD: [1, 1]}", "'CD'"),
        ("[[1, 2, 3], [4, 5]]", "row 1"),
        ("{CC: [3, 3]}", "CD"),
    ],
)
def test_payoffs_of_the_wrong_shape(payoffs, said):
    file = written("g.yaml", f"game: g\nkind: matrix\nactions: [C, D]\npayoffs: {payoffs}\n")
    line = refused("tournament", f"./{file}", *PAIR)
    assert "g.yaml" in line
    assert said in line


def test_negative_counts():
    assert "expected a count of 1 or more" in refused("evolve", "donor", "never-donate=-2")
    assert "expected a count of 1 or more" in refused("evolve", "donor", "never-donate=0")
    file = written("e.yaml", "experiment: e\ngame: donor\npopulation: {never-donate: -2}\n")
    line = refused("run", file)
    assert "e.yaml:3: population.0.count: -2" in line
    assert "expected greater than or equal to 1" in line


@pytest.mark.parametrize(
    ("game", "strategy"),
    [("donor", "tit-for-tat"), ("fishery", "tit-for-tat"), (PD, "constant-donor"), ("rock-paper-scissors", "grim")],
)
def test_a_strategy_that_does_not_fit(game, strategy):
    assert f"{strategy} cannot play this" in refused("tournament", game, strategy, strategy)


def test_a_strategy_that_does_not_fit_one_cell_of_a_sweep():
    file = written(
        "e.yaml", f"experiment: e\ngame: {PD}\npopulation: {{grim: 2}}\nsweep: {{game.name: [{PD}, fishery]}}\n"
    )
    assert "grim cannot play this commons game" in refused("run", file)


def test_a_file_that_is_no_text():
    Path("b.yaml").write_bytes(bytes(range(256)))
    assert "b.yaml: is not UTF-8 text" in refused("run", "b.yaml")
    assert "b.yaml: is not UTF-8 text" in refused("show", "./b.yaml")
    Path("d.yaml").mkdir()
    assert "d.yaml: is a folder" in refused("run", "d.yaml")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="this user may read everything")
def test_a_file_that_may_not_be_read():
    Path(written("e.yaml", "experiment: e\n")).chmod(0)
    assert "e.yaml: cannot be read" in refused("run", "e.yaml")


@pytest.mark.parametrize("command", ["run", "show", "check"])
def test_a_yaml_bomb(command):
    lines = ["experiment: bomb", "a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]" for old, new in zip("abcdefgh", "bcdefghi", strict=True)]
    assert "expands to more than 200,000 values" in refused(command, f"./{written('bomb.yaml', chr(10).join(lines))}")


@pytest.mark.parametrize(
    "text", ["", "[]", "3", "{}", "a: [", "a: 1\na: 2", "? {a: b}\n: c", "\t- x", "a: !!python/object:os.system x"]
)
@pytest.mark.parametrize("command", ["run", "show"])
def test_files_that_hold_nothing_of_ours(command, text):
    assert "e.yaml" in refused(command, f"./{written('e.yaml', text)}")


def test_a_file_that_describes_something_else():
    file = written("g.yaml", "game: g\nkind: matrix\nactions: [C, D]\npayoffs: [[1, 2], [3, 4]]\n")
    assert "g.yaml: describes a game; expected an experiment" in refused("run", file)


def test_a_folder_of_results_of_another_experiment():
    assert dilemmas("tournament", PD, *PAIR, "--no-plots", "--out", "r").code == 0
    line = refused("tournament", PD, *PAIR, "--noise", "0.1", "--out", "r")
    assert "r: holds results of other settings: game.noise: 0.0 -> 0.1" in line
    assert "--out" in line
    assert "--fresh" in line


def test_fresh_keeps_the_old_folder():
    dilemmas("tournament", PD, *PAIR, "--no-plots", "--out", "r")
    assert dilemmas("tournament", PD, *PAIR, "--noise", "0.1", "--no-plots", "--out", "r", "--fresh").code == 0
    assert Path("r.old-1/ranking.csv").is_file()


def test_a_folder_of_something_else():
    Path("r").mkdir()
    written("r/thesis.tex", "x")
    assert "holds files that are no results" in refused("tournament", PD, *PAIR, "--out", "r")
    assert "is a file" in refused("tournament", PD, *PAIR, "--out", "r/thesis.tex")


@pytest.mark.parametrize(
    ("words", "nearest"),
    [
        (("tournament", "prisoners-dilema", *PAIR), PD),
        (("tournament", PD, "tit-for-tatt", "grim"), "tit-for-tat"),
        (("run", "donor-trunction"), "donor-truncation"),
        (("show", "fisheri"), "fishery"),
        (("copy", "grimm"), "grim"),
        (("list", "strategis"), "strategies"),
        (("new", "gaem", "x"), "game"),
        (("evolve", PD, *PAIR, "--selection", "truncatoin"), "truncation"),
        (("evolve", PD, *PAIR, "--network", "rnig"), "ring"),
        (("run", "commons-greedy", "--only", "gredy=3"), "greedy"),
    ],
)
def test_unknown_names_come_with_the_nearest(words, nearest):
    assert f"Did you mean {nearest!r}?" in refused(*words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--set", "x"), "expected --set KEY=VALUE"),
        (("--set", "noise=2"), "expected less than or equal to 1"),
        (("--noise", "often"), "'often' does not fit"),
        (("--continue", "1"), "would never end"),
        (("--log", "all"), "expected 'summary' or 'moves'"),
        (("--format", "xml"), "expected 'csv', 'parquet' or 'excel'"),
        (("--like", "axlrod"), "expected 'axelrod'"),
    ],
)
def test_flags_that_mean_nothing(words, said):
    assert said in refused("tournament", PD, *PAIR, *words)


def test_typer_says_what_it_misses_with_the_same_exit_code():
    for words in (
        ("tournament",),
        ("tournament", PD, "grim", "--rounds", "many"),
        ("tornament",),
        ("run", "x", "--nothing"),
    ):
        assert dilemmas(*words).code == 2


def test_a_tournament_takes_each_once():
    assert "each strategy once" in refused("tournament", PD, "grim=3", "tit-for-tat")


@pytest.mark.parametrize("command", ["replay", "plot", "cite"])
def test_results_that_are_not_there(command):
    assert "nowhere" in refused(command, "nowhere")


def test_an_error_is_json_free_and_text_is_escaped():
    ran = dilemmas("tournament", PD, "tit-for-tatt", "grim", "--json")
    assert (ran.code, ran.out) == (2, "")
    assert "[red]" in dilemmas("show", "[red]x").err


def test_a_failing_strategy_is_told_with_its_line_and_nothing_is_left():
    written("mine.py", "def decide(view, memory, coin):\n    return 1 / 0, memory\n")
    ran = dilemmas("tournament", PD, "mine.py", "grim", "--no-plots")
    (line,) = ran.err.splitlines()
    assert ran.code == 1
    assert "mine.py, line 2, round 1" in line
    assert not list(Path().rglob("*.csv"))


def test_a_whole_process_says_one_line():
    done = subprocess.run(
        [sys.executable, "-c", "from dilemmas.cli.app import main; main()", "tournament", PD, "tit-for-tatt", "grim"],
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: no strategy is called 'tit-for-tatt'. Did you mean 'tit-for-tat'?\n"


def test_a_console_without_unicode_is_no_reason_to_fail():
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from dilemmas.cli.app import main; main()",
            "tournament",
            PD,
            *PAIR,
            "--exact",
            "--no-plots",
        ],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )
    assert done.returncode == 0, done.stderr
    assert b"#####" in done.stdout


def homework() -> None:
    Path("homework").mkdir()
    written("homework/anna.yaml", "strategy: anna\nfor: matrix\nmemory-one: {first: 1, CC: 1, CD: 0, DC: 1, DD: 0}\n")
    written("homework/ben.py", "def decide(view, memory, coin):\n    return 'D', memory\n")
    written("homework/bad.yaml", "strategy: bad\nfor: matrix\nmemory-one: {first: 1}\n")


def test_python_in_a_folder_is_refused_unless_it_is_allowed():
    homework()
    Path("homework/bad.yaml").unlink()
    line = refused("tournament", PD, "homework")
    assert "homework/ben.py: holds Python" in line
    assert "--python" in line


def test_one_bad_file_is_named_and_skipped():
    homework()
    assert "homework/bad.yaml" in refused("tournament", PD, "homework", "--python")
    ran = dilemmas("tournament", PD, "homework", "grim", "--keep-going", "--json", "--no-plots")
    assert ran.code == 0, ran.err
    assert {row["strategy"] for row in json.loads(ran.out)["ranking"]} == {"anna", "grim"}
    assert "left out: homework/bad.yaml" in ran.err
    assert "left out: homework/ben.py" in ran.err


@pytest.mark.slow
def test_a_slow_stranger_is_withdrawn_by_name():
    homework()
    Path("homework/bad.yaml").unlink()
    written(
        "homework/slow.py",
        "def decide(view, memory, coin):\n    while view.round == 3:\n        pass\n    return 'C', memory\n",
    )
    words = ("tournament", PD, "homework", "--python", "--rounds", "5", "--json", "--no-plots")
    ran = dilemmas(*words)
    assert ran.code == 0, ran.err
    assert {row["strategy"] for row in json.loads(ran.out)["ranking"]} == {"anna", "ben.py"}
    assert "withdrawn: slow.py took more than 1 s over a decision" in ran.err
    assert json.loads(dilemmas(*words).out)["before"] == 1


@pytest.mark.slow
def test_a_stranger_who_ends_the_process_is_withdrawn_by_name():
    homework()
    Path("homework/bad.yaml").unlink()
    written("homework/gone.py", "import os\ndef decide(view, memory, coin):\n    os._exit(0)\n")
    ran = dilemmas("tournament", PD, "homework", "--python", "--rounds", "5", "--json", "--no-plots")
    assert ran.code == 0, ran.err
    assert {row["strategy"] for row in json.loads(ran.out)["ranking"]} == {"anna", "ben.py"}
    assert "withdrawn: gone.py ended the process that it played in" in ran.err


def test_checking_names_every_wrong_file_and_goes_on():
    homework()
    ran = dilemmas("check", "homework")
    assert ran.code == 2
    assert "good  homework/anna.yaml" in ran.out
    assert "good  homework/ben.py" in ran.out
    assert ran.err.startswith("error: homework/bad.yaml")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (many(1, "call"), "1 call"),
        (many(0, "call"), "0 calls"),
        (many(1440, "call"), "1,440 calls"),
        (many(1, "strategy", "strategies"), "1 strategy"),
        (many(2, "strategy", "strategies"), "2 strategies"),
        (many(0.5, "unit", text="0.50"), "0.50 units"),
    ],
)
def test_counts_agree_with_their_nouns(said, words):
    assert said == words


def test_one_decision_is_told_in_the_singular():
    told = dilemmas("play", "prisoners-dilemma", "plain@rehearsal", "tit-for-tat", "--rounds", "1")
    assert told.code == 0
    assert "rehearsal: 1 decision, " in told.out
    assert "models: 1 call, " in told.err


def test_a_mistake_in_an_experiments_game_is_not_blamed_on_the_shelf():
    Path("mine.yaml").write_text("experiment: mine\ngame: {name: fishery, growth: fast}\npopulation: [sustainable=5]\n")
    assert dilemmas("run", "mine.yaml").err.startswith("error: mine.yaml: game.growth: 'fast' does not fit")
    assert dilemmas("play", "fishery", "greedy=5", "--set", "start=half").err.startswith("error: game.start: 'half'")
    Path("lake.yaml").write_text("game: lake\nkind: commons\ngrowth: fast\n")
    assert dilemmas("play", "lake.yaml", "greedy=5").err.startswith("error: lake.yaml:3: growth: 'fast'")


LEAVES = "import sys\ndef decide(view, memory, coin):\n    print('here')\n    sys.exit({code})\n"


@pytest.mark.parametrize("code", [0, 3])
@pytest.mark.parametrize("command", ["play", "tournament"])
def test_own_code_that_leaves_fails_its_run(command, code):
    file = written("leaves.py", LEAVES.format(code=code))
    ran = dilemmas(command, PD, file, "grim", "--rounds", "2", "--json", "--no-plots")
    assert (ran.code, ran.out) == (1, "")
    assert f"leaves.py, line 4, round 1: leaves.py raised SystemExit: {code}" in ran.err


def test_own_code_that_leaves_breaks_its_contract():
    ran = dilemmas("check", written("leaves.py", LEAVES.format(code=0)), "--json")
    assert ran.code == 2
    assert list(json.loads(ran.out)["wrong"]) == ["leaves.py"]


OWN = """
from dilemmas.rules.public_goods import PublicGoods
class Mine(PublicGoods):
    def settle(self, state, ask, answers):
        print("here")
        {end}
        return super().settle(state, ask, answers)
"""


def test_own_games_that_print_or_leave():
    half = written("half.py", "def decide(view, memory, coin):\n    return view.endowment / 2, memory\n")
    words = ("play", "own.py:Mine", f"{half}=4", "--json", "--rounds", "2")
    written("own.py", OWN.format(end="pass"))
    assert json.loads(dilemmas(*words).out)["episodes"]
    written("own.py", OWN.format(end="exit(0)"))
    ran = dilemmas(*words)
    assert (ran.code, ran.out) == (1, "")
    assert "own.py, line 6: the code called exit(0)" in ran.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("tournament", PD, "tit-for-tatt", "grim"), "Did you mean 'tit-for-tat'?"),
        (("tournament", "prisoner-dilemma", *PAIR), "prisoners-dilemma"),
        (("tournament", PD, *PAIR, "--set", "nosie=0.1"), "Did you mean 'noise'?"),
        (("tournament", PD, "gradual", "grim", "--exact"), "gradual is not a finite machine"),
        (("tournament", "fishery", *PAIR), "tit-for-tat"),
        (("evolve", PD, "grim=3", "random=2", "--matchmaking", "pairs"), "5 agents do not divide"),
        (("play", PD, "human", "grim"), "a person can sit only in `dilemmas play`"),
    ],
)
def test_what_could_not_be_run_is_not_saved(words, told):
    assert told in refused(*words, "--save", "e.yaml")


@pytest.mark.parametrize("name", ["homework", "homework/"])
def test_a_folder_where_one_strategy_is_wanted(name):
    homework()
    told = "homework: is a folder; expected one strategy. Name its files, such as homework/anna.yaml; "
    file = written("e.yaml", f"experiment: e\ngame: {PD}\npopulation: [{name}, grim]\n")
    assert told in refused("run", file)
    assert told in refused("play", PD, name, "grim")


def test_own_games_that_leave_when_they_are_played_again(monkeypatch):
    half = written("half.py", "def decide(view, memory, coin):\n    return view.endowment / 2, memory\n")
    written("own.py", OWN.format(end="__import__('os').environ.get('LEAVE') and exit(0)"))
    assert dilemmas("play", "own.py:Mine", f"{half}=4", "--rounds", "2", "--out", "o").code == 0
    assert json.loads(dilemmas("replay", "o", "--json").out)
    monkeypatch.setenv("LEAVE", "1")
    ran = dilemmas("replay", "o")
    assert ran.code == 1
    assert "own.py, line 6: the code called exit(0)" in ran.err
