"""Published data become results of ours; whatever the rules would pay otherwise is an error that says where."""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shared import path, truth
from typer.testing import CliRunner

import dilemmas as dl
from dilemmas.cli.app import app
from dilemmas.errors import FileError, ResultsError
from dilemmas.runs.lab import Order, carry_out
from dilemmas.runs.replay import replay
from dilemmas.runs.resolve import Source, resolve
from dilemmas.runs.result import Result
from dilemmas.specs import catalogue, experiment, reading
from dilemmas.studies import akata, govsim
from dilemmas.studies.importing import bring

PD = [
    (1, "act_gpt4", "act_j", "J", "J", 8, 8),
    (2, "act_gpt4", "act_j", "F", "J", 10, 0),
    (1, "act_j", "act_gpt4_predictfirst", "J", "F", 0, 10),
    (2, "act_j", "act_gpt4_predictfirst", "J", "F", 0, 10),
]


def public(folder: Path, rows: list[tuple[Any, ...]], name: str = "experiment_pd.csv", **more: list[str]) -> Path:
    """A file in the form of the repository, with running totals and further columns."""
    folder.mkdir(parents=True, exist_ok=True)
    totals = [0, 0]
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*akata.PUBLIC, "total1", "total2", *more])
        for i, row in enumerate(rows):
            totals = [0, 0] if row[0] == 1 else totals
            totals = [totals[0] + row[5], totals[1] + row[6]]
            writer.writerow([*row, *totals, *(values[i] for values in more.values())])
    return folder / name


def changed(file: Path, line: int, old: str, new: str) -> Path:
    lines = file.read_text(encoding="utf-8").split("\n")
    assert old in lines[line]
    lines[line] = lines[line].replace(old, new)
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def brought(source: Any, place: Path, out: Path) -> Result:
    return bring(source.find(place), "published", "", out).result


def rate(moves: Any, model: str, action: str = "D") -> float:
    """How often a model's seats took an action, over all its seats and rounds."""
    mine = moves[(moves["model"] == model) & ~moves["strategy"].str.startswith("scot")]
    return float((mine["action"] == action).mean())


def test_a_public_file_becomes_results(tmp_path: Path) -> None:
    found = brought(akata, public(tmp_path / "pd", PD), tmp_path / "out")
    assert found.moves["payoff"].tolist() == [8, 8, 10, 0, 0, 10, 0, 10]
    assert found.moves["label"].tolist() == list("JJFJJFJF") and found.moves["action"].tolist() == list("CCDCCDCD")
    assert set(found.episodes["strategy"]) == {"plain@gpt-4", "always-cooperate", "scot@gpt-4"}
    assert found.episodes["model"].isna().sum() == 2
    assert found.runs["model"].tolist() == ["gpt-4"] and found.runs["status"].tolist() == ["done"]
    loaded = dl.load(tmp_path / "out")
    assert loaded.episodes["payoff"].tolist() == [18, 8, 0, 20]


def test_imported_results_replay_and_notice_a_changed_record(tmp_path: Path) -> None:
    brought(akata, public(tmp_path / "pd", PD), tmp_path / "out")
    assert replay(tmp_path / "out").count == 0
    record = next((tmp_path / "out" / "inputs" / "recorded").iterdir())
    changed(record, 1, ",C,8,", ",D,8,")
    with pytest.raises(FileError, match=r"experiment_pd.csv: match 1, round 1, seat 1: 10 is paid .* says 8"):
        replay(tmp_path / "out")


@pytest.mark.parametrize(
    ("line", "old", "new", "words"),
    [
        (2, "18,8", "17,8", "line 3, .* points come to 18 and 8 so far, and the file's total says 17 and 8"),
        (1, "8,8,8,8", "8,7,8,7", r"line 2, match 1 of act_gpt4 and act_j, round 1: J against J .* expected 8 and 8"),
        (3, "0,10,0,10", "0,9,0,9", r"match 2 of .*, round 1: J against F is said to pay 0 and 9; expected 0 and 10"),
        (1, ",J,J,", ",J,K,", "the move 'K'"),
        (2, "2,act", "two,act", "line 3: round is 'two', which is no number"),
        (3, ",10,0,10", ",", "line 4: points1 is '', which is no number|line 4: breaks off before"),
        (1, ",J,J,", ",J,J,8,", "line 2: has more cells than there are columns"),
    ],
)
def test_what_differs_is_told_with_its_place(tmp_path: Path, line: int, old: str, new: str, words: str) -> None:
    file = changed(public(tmp_path / "pd", PD), line, old, new)
    with pytest.raises(FileError, match=words):
        brought(akata, file, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_move_that_is_there_twice_is_told_with_its_place(tmp_path: Path) -> None:
    lines = path("repeated/pd_canonical.csv").read_text(encoding="utf-8").split("\n")
    (tmp_path / "twice.csv").write_text("\n".join([*lines[:37], lines[36], *lines[37:]]), encoding="utf-8")
    with pytest.raises(FileError, match=r"twice\.csv.*line 38: match 4, round 6 is there twice"):
        brought(akata, tmp_path / "twice.csv", tmp_path / "out")


def test_a_wrong_payoff_names_file_line_match_and_round(tmp_path: Path) -> None:
    public(tmp_path / "data" / "pd", [*PD[:3], (2, "act_j", "act_gpt4_predictfirst", "J", "F", 0, 9)])
    with pytest.raises(FileError, match=r"^pd/experiment_pd\.csv: line 5, match 2 .*, round 2: .* expected 0 and 10"):
        brought(akata, tmp_path / "data", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_wrong_payoff_in_a_file_of_many_games_names_the_game(tmp_path: Path) -> None:
    lines = path("repeated/games144_odd.csv").read_text(encoding="utf-8").split("\n")
    here = next(i for i, line in enumerate(lines) if line.startswith("game_17,"))
    (tmp_path / "few.csv").write_text("\n".join([lines[0], *lines[here : here + 250]]), encoding="utf-8")
    assert len(akata.find(tmp_path / "few.csv").logs[0].rows) == 500
    *first, points = lines[here].rsplit(",", 1)
    lines[here] = ",".join([*first, str(int(points) + 1)])
    (tmp_path / "few.csv").write_text("\n".join([lines[0], *lines[here : here + 250]]), encoding="utf-8")
    with pytest.raises(
        FileError, match=rf"few\.csv: game_17: line 2, match .*, round 1: .* and {int(points) + 1}; exp"
    ):
        akata.find(tmp_path / "few.csv")


def person(folder: Path, *rows: tuple[Any, ...]) -> Path:
    """A file of people's games."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["id,game,action,score,opponent,guess,coordination", *(",".join(map(str, row)) for row in rows)]
    (folder / "repgames.csv").write_text("\n".join(lines), encoding="utf-8")
    return folder / "repgames.csv"


def test_peoples_games_are_completed_from_their_scores(tmp_path: Path) -> None:
    pd = [(1, "PD", 1, 8, "Base", "LLM", 1), (1, "PD", 0, 10, "Base", "LLM", 0), (1, "PD", 1, 0, "Base", "LLM", 0)]
    bos = [(1, "BoS", 0, 10, "Base", "LLM", 1), (1, "BoS", 1, 7, "Base", "LLM", 1), (1, "BoS", 0, 0, "Base", "LLM", 0)]
    odd = [(2, "BoS", 0, 7, "Prompted", "Human", 1), (2, "BoS", 0, 10, "Prompted", "Human", 1)]
    file = person(tmp_path, *pd, *bos, *odd)
    assert akata.find(file).skipped == (
        "repgames.csv: line 8, F cannot pay 7 in BoS; this game of person 2 is left out",
    )
    found = brought(akata, file, tmp_path / "out")
    assert found.runs["log"].tolist() == ["people_pd, Base", "people_bos, Base"]
    pairs = found.moves.pivot_table(index=["run", "round"], columns="seat", values="label", aggfunc="first")
    assert [a + b for a, b in pairs.to_numpy().tolist()] == ["JJ", "JF", "FJ", "FF", "JJ", "JF"]
    people = found.moves[found.moves["strategy"] == "human"]
    assert people["payoff"].tolist() == [8, 10, 0, 10, 7, 0] and set(people["seat"]) == {2}


def test_matches_of_unlike_length_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no move for seat 1 in round 2"):
        brought(akata, public(tmp_path, PD[:3]), tmp_path / "out")


def test_conditions_of_a_file_are_runs(tmp_path: Path) -> None:
    rows = [(1, "GPT-4", "Defect_once", "H", "R", 10, 0), (1, "GPT-4", "Defect_once", "Q", "X", 0, 10)]
    shown = {"option1": ["R", "X"], "option2": ["H", "Q"], "outcomes": ["points", "coins"]}
    file = public(tmp_path, rows, "experiment_robustness_checks_game.csv", **shown)
    found = brought(akata, file, tmp_path / "out")
    assert found.runs["log"].tolist() == ["pd_game, R/H, points", "pd_game, Q/X, coins"]
    assert found.moves["action"].tolist() == ["D", "C", "C", "D"]
    assert found.moves["option_order"].tolist()[::2] == ['["R", "H"]', '["X", "Q"]']


def test_payoff_changes_are_other_games(tmp_path: Path) -> None:
    rows = [(1, "GPT-4", "Alternate", "J", "J", 9, 8), (1, "GPT-4", "Alternate", "F", "F", 9, 8)]
    file = public(tmp_path, rows, "experiment_payoff_changes.csv", payoff=["2", "4"])
    found = brought(akata, file, tmp_path / "out")
    assert found.moves["payoff"].tolist() == [9, 8, 9, 8]
    assert found.episodes["strategy"].tolist() == ["plain@gpt-4", "alternator"] * 2


def test_the_public_layout_gives_what_the_replayed_one_does(tmp_path: Path) -> None:
    """Files as the repository has them, made of the same matches: labels a game, totals, one game twice relabelled."""
    with path("repeated/games144_odd.csv").open(encoding="utf-8", newline="") as file:
        all_rows = [row for row in csv.DictReader(file) if row["experiment"] == "game_59"]
    labels = [("R", "I") if int(row["match"]) % 2 else ("A", "V") for row in all_rows]
    rows = [
        (
            *(int(row["round"]), row["player_a"], row["player_b"]),
            *(pair[int(row[f"move_{side}"]) - 1] for side in "ab"),
            *(int(row["points_a"]), int(row["points_b"])),
        )
        for row, pair in zip(all_rows, labels, strict=True)
    ]
    more = {"choice_option1": [pair[0] for pair in labels], "choice_option2": [pair[1] for pair in labels]}
    folder = tmp_path / "all_games" / "experiments"
    public(folder, rows, "game_59.csv", game_number=["59"] * len(rows), game_name=["x"] * len(rows), **more)
    found = akata.find(tmp_path).logs[0]
    other = next(log for log in akata.find(path("repeated/games144_odd.csv")).logs if log.name == "game_59")
    assert found.name == other.name and found.game == other.game
    for name in ("round", "seat", "agent", "strategy", "move", "payoff"):
        assert [row[name] for row in found.rows] == [row[name] for row in other.rows]


def test_ordinal_games_are_played_as_published(tmp_path: Path) -> None:
    rows = [(1, "act_claude2", "act_gpt4", "R", "R", 3, 4), (2, "act_claude2", "act_gpt4", "R", "I", 3, 2)]
    more = {"game_number": ["17"] * 2, "choice_option1": ["R"] * 2, "choice_option2": ["I"] * 2}
    file = public(tmp_path, rows, "game_17.csv", **more, option_order=["[0, 1]", "[1, 0]"])
    found = brought(akata, file, tmp_path / "out")
    assert found.moves["action"].tolist() == ["1", "1", "1", "2"]
    assert found.moves["option_order"].tolist()[1:3] == ['["R", "I"]', '["I", "R"]']


def test_the_table_of_games_is_checked(tmp_path: Path) -> None:
    public(tmp_path, PD)
    names = ["game_number", *(f"r{r}_c{c}_p{p}" for r in "12" for c in "12" for p in "12")]
    table = tmp_path / "144_games_info.csv"
    table.write_text(";".join(names) + "\n1;3;4;2;3;4;2;1;1\n", encoding="utf-8")
    assert len(akata.find(tmp_path).logs) == 1
    table.write_text(";".join(names) + "\n1;3;4;2;3;4;2;1;9\n", encoding="utf-8")
    with pytest.raises(FileError, match="payoffs of game 1"):
        akata.find(tmp_path)


def test_files_without_play_are_named(tmp_path: Path) -> None:
    public(tmp_path, PD)
    (tmp_path / "repgames.csv").write_text("id,game\n1,PD\n", encoding="utf-8")
    assert akata.find(tmp_path).skipped == ("repgames.csv: no moves of two players",)
    with pytest.raises(FileError, match="no such file"):
        akata.find(tmp_path / "none")


# -- what was published ----------------------------------------------------------------------------------------


def test_published_defection_rates(tmp_path: Path) -> None:
    found = brought(akata, path("repeated/pd_canonical.csv"), tmp_path / "out")
    expected = {"gpt-4": 0.40625, "claude-2": 0.875, "text-davinci-003": 0.4625, "text-davinci-002": 0}
    assert {model: rate(found.moves, model) for model in expected} == expected
    assert rate(found.moves, "llama-2-70b-chat") == 0
    assert found.episodes.groupby("seat")["payoff"].sum().tolist() == [4012, 4002]


def test_scripts_of_the_twenty_rounds_meet_their_totals(tmp_path: Path) -> None:
    found = brought(akata, path("repeated/pd_tft20.csv"), tmp_path / "out")
    told = found.episodes[(found.episodes["seat"] == 1) & (found.episodes["strategy"] == "plain@gpt-4")]
    paid = dict(zip(told["partner_strategy"], told["payoff"], strict=True))
    assert paid["tit-for-tat"] == paid["tit-for-two-tats"] == paid["plain@gpt-4"] == 160
    assert found.episodes.groupby("seat")["payoff"].sum().tolist() == [7684, 7684]
    beside = catalogue.find("experiments", "akata/tit-for-tats").parent
    new = {member.strategy.name for member in resolve(study("akata/tit-for-tats"), Source(beside)).members}
    assert set(told["partner_strategy"]) - {"plain@gpt-4"} < new


def study(name: str) -> Any:
    return experiment.check({**reading.load(catalogue.find("experiments", name)), "model": "rehearsal", "sweep": {}})


def test_public_scripts_play_as_ours_but_where_memory_leaked(tmp_path: Path) -> None:
    """Eleven moves of the public data come of look-backs that were kept from match to match."""
    found = brought(akata, path("repeated/pd_tft20.csv"), tmp_path / "out")
    beside = catalogue.find("experiments", "akata/tit-for-tats").parent
    odd = 0
    for (_, seat), mine in found.moves.groupby(["episode", "seat"]):
        name = mine["strategy"].iloc[0]
        if not name.endswith(("tit-for-tat", "tats", "from-defection")):
            continue
        other = found.moves[(found.moves["episode"] == mine["episode"].iloc[0]) & (found.moves["seat"] != seat)]
        odd += int((np.array(answers(name, other["action"].tolist(), beside)) != mine["action"].to_numpy()).sum())
    assert odd == 11


@cache
def _strategy(name: str, beside: Path) -> str:
    inside = beside / "strategies" / f"{name}.yaml"
    return str(inside) if inside.is_file() else name


def answers(name: str, moves: list[str], beside: Path) -> list[str]:
    """What our strategy does against a list of moves."""
    game = {"name": "prisoners-dilemma-akata", "rounds": len(moves)}
    list_ = {"strategy": "scripted-moves", "parameters": {"moves": moves}}
    data = {"experiment": "x", "command": "play", "game": game, "log": "moves"}
    played = carry_out(Order({**data, "population": [{"strategy": _strategy(name, beside)}, list_]})).result.moves
    return [str(action) for action in played[played["seat"] == 1]["action"]]


@pytest.mark.parametrize(
    ("line", "old", "new", "words"),
    [
        (
            2,
            ",act_gpt4,",
            ",act_gpt35,",
            r"^experiment_pd\.csv: match 1, round 2, seat 1: .* its player to 'act_gpt35'",
        ),
        (2, "2,act", "3,act", r"^experiment_pd\.csv: match 1: .* no move for seat 1 in round 2"),
    ],
)
def test_errors_of_the_replay_name_the_file_that_was_given(
    tmp_path: Path, line: int, old: str, new: str, words: str
) -> None:
    file = changed(public(tmp_path / "pd", PD), line, old, new)
    with pytest.raises(FileError, match=words):
        brought(akata, file, tmp_path / "out")


def pairs(*met: str, rounds: int = 1) -> list[tuple[Any, ...]]:
    """Matches in which all go for J."""
    return [(round_ + 1, f"p{one[0]}", f"p{one[1]}", "J", "J", 8, 8) for one in met for round_ in range(rounds)]


@pytest.mark.parametrize(
    ("met", "lacking"),
    [
        ("aa ab ba bb", ""),
        ("aa ab ba", "1 pair not there: pb against pb"),
        ("ab ac ba ca", ""),
        ("ab ac ba", "1 pair not there: pc against pa"),
        ("ab ac ad", ""),
        ("ab", ""),
    ],
)
def test_pairs_that_are_not_there_are_noted(tmp_path: Path, met: str, lacking: str) -> None:
    found = akata.find(public(tmp_path / "pd", pairs(*met.split())))
    assert found.notes == ((f"experiment_pd.csv: {lacking}",) if lacking else ())


def test_what_is_shorter_than_its_file_is_noted_by_the_command(tmp_path: Path) -> None:
    row = "experiment,match,round,player_a,player_b,move_a,move_b,points_a,points_b\n"
    (tmp_path / "x.csv").write_text(
        row + "one,1,1,a,a,J,J,8,8\none,1,2,a,a,J,J,8,8\ntwo,1,1.0,a,a,J,J,8,8\n", encoding="utf-8"
    )
    made = CliRunner().invoke(
        app, ["import", "akata", str(tmp_path / "x.csv"), "--out", str(tmp_path / "out"), "--json", "--no-plots"]
    )
    assert made.exit_code == 0, made.output
    note = "x.csv: two: 1 round, and 2 in others of its file"
    assert json.loads(made.stdout)["notes"] == [note] and f"incomplete: {note}" in made.stderr


@pytest.mark.slow
def test_all_odd_games_are_taken_in(tmp_path: Path) -> None:
    found = brought(akata, path("repeated/games144_odd.csv"), tmp_path / "out")
    assert len(found.runs) == 72 and len(found.moves) == 36_000
    assert replay(tmp_path / "out").count == 0


def test_published_logs_give_their_metrics(tmp_path: Path) -> None:
    facts = {Path(one["file"]).stem: one for one in truth("commons/runs/index.json")}
    found = brought(govsim, path("commons/runs"), tmp_path / "out")
    runs = dict(zip(found.runs["run"], found.runs["log"], strict=True))
    assert set(runs.values()) == set(facts) and found.runs["status"].tolist() == ["done"] * 24
    for run, seats in found.episodes.groupby("run"):
        known = facts[runs[str(run)]]
        assert 100 * seats["efficiency"].iloc[0] == pytest.approx(known["efficiency_pct"], abs=1e-9)
        assert 100 * seats["over_usage"].iloc[0] == pytest.approx(known["overusage_pct"], abs=1e-9)
        equality = np.nan if known["equality_pct"] is None else known["equality_pct"]
        assert 100 * float(seats["equality"].astype(float).iloc[0]) == pytest.approx(equality, abs=1e-9, nan_ok=True)
        assert seats["gain"].mean() == pytest.approx(known["gain_mean"], abs=1e-9)
        assert (bool(seats["survived"].iloc[0]), int(seats["rounds"].iloc[0])) == (known["survived"], known["rounds"])
        assert set(seats["model"]) == {known["llm"]} or known["llm"] is None
    assert replay(tmp_path / "out").count == 0


# -- logs of our own making ------------------------------------------------------------------------------------


def log(folder: Path, rounds: list[tuple[float, list[float]]], scenario: str = "fishing", **env: Any) -> Path:
    """A log with what lies beside it; wants are what was got."""
    rows = []
    for number, (before, takes) in enumerate(rounds):
        for agent, take in enumerate(takes):
            stock = {"before": before, "after": before - sum(takes)}
            row = {f"resource_in_pool_{when}_harvesting": value for when, value in stock.items()}
            took = {"resource_collected": take, "wanted_resource": take}
            rows.append({"agent_id": f"persona_{agent}", "round": number, "action": "harvesting", **row, **took})
    (folder / ".hydra").mkdir(parents=True)
    (folder / "log_env.json").write_text(json.dumps(rows), encoding="utf-8")
    config = {"experiment": {"scenario": scenario, "env": {"name": "base", **env}}, "llm": {"path": "m-1"}, "seed": 7}
    (folder / ".hydra" / "config.yaml").write_text(json.dumps(config), encoding="utf-8")
    return folder / "log_env.json"


def test_a_log_that_breaks_off_is_marked_and_not_judged(tmp_path: Path) -> None:
    log(tmp_path / "logs" / "half", [(100, [10, 20]), (100, [30, 30])])
    log(tmp_path / "logs" / "dead", [(100, [50, 49])])
    found = brought(govsim, tmp_path / "logs", tmp_path / "out")
    status = dict(zip(found.runs["log"], found.runs["status"], strict=True))
    assert status == {"half": "broken off", "dead": "done"}
    told = CliRunner().invoke(app, ["import", "govsim", str(tmp_path / "logs"), "--out", str(tmp_path / "cli")])
    assert "1 of them breaks off: status 'broken off', nothing said of how it ended" in " ".join(told.output.split())
    half, dead = (found.episodes[found.episodes["rounds"] == rounds] for rounds in (2, 1))
    for name in ("survived", "survival_time", "efficiency", "equality", "over_usage"):
        assert half[name].isna().all()
    assert dead["survived"].tolist() == [False, False] and dead["survival_time"].tolist() == [1, 1]
    assert found.runs["seed"].tolist() == [7, 7] and set(found.episodes["model"]) == {"m-1"}
    assert replay(tmp_path / "out").count == 0
    drawn = found.plot.stock().axes[0]
    assert len(drawn.lines) == 1  # what broke off is drawn nowhere


def test_what_was_said_and_agreed_is_taken_in(tmp_path: Path) -> None:
    file = log(tmp_path / "logs" / "run", [(100, [20, 10, 0]), (100, [50, 49, 0])])
    rows = json.loads(file.read_text(encoding="utf-8"))
    say = {"action": "utterance", "round": 0, "resource_limit": 15.0}
    rows[3:3] = [
        {**say, "agent_id": "framework", "agent_name": "Mayor", "utterance": "The catches are ..."},
        {**say, "agent_id": "persona_1", "agent_name": "Kate", "utterance": "Five each,\nagreed?"},
        {**say, "agent_id": "persona_0", "agent_name": "John", "utterance": "NA"},
        {"agent_id": "framework", "round": 0, "action": "conversation_summary", "resource_limit": 15.0},
        {"agent_id": "framework", "round": 0, "action": "conversation_resource_limit", "resource_limit": 15.0},
    ]
    file.write_text(json.dumps(rows), encoding="utf-8")
    brought(govsim, tmp_path / "logs", tmp_path / "out")
    found = dl.load(tmp_path / "out")
    assert found.messages["text"].tolist() == ["Five each,\nagreed?", "NA"]
    assert found.messages[["round", "ask", "seat"]].to_numpy().tolist() == [[1, 2, 2], [1, 3, 1]]
    assert found.messages["to"].tolist() == ['["g1-1", "g1-3"]', '["g1-2", "g1-3"]']
    assert set(found.messages["kind"]) == {"message"}
    assert found.rounds["limit"].isna().tolist() == [True, False] and found.rounds["limit"].iloc[1] == 15
    assert found.agents["messages"].tolist() == [1, 1, 0]
    assert replay(tmp_path / "out").count == 0


def test_a_stock_on_record_is_compared_when_it_is_played_again(tmp_path: Path) -> None:
    log(tmp_path / "logs" / "dead", [(100, [20, 10]), (100, [50, 49])])
    brought(govsim, tmp_path / "logs", tmp_path / "out")
    record = next((tmp_path / "out" / "inputs" / "recorded").iterdir())
    changed(record, 1, ",70.0,", ",60.0,")
    with pytest.raises(FileError, match=r"match 1, round 1, seat 1: 70 is left after it by the rules, .* says 60"):
        replay(tmp_path / "out")


def test_logs_of_other_laws_are_named_and_left_out(tmp_path: Path) -> None:
    good, bad = log(tmp_path / "good", [(100, [50, 49])]), log(tmp_path / "bad", [(0, [10, 20])], "trash")
    found = govsim.find(tmp_path)
    assert [one.source for one in found.logs] == ["good/log_env.json"]
    assert found.skipped == ("bad/log_env.json: the scenario trash has another law",)
    with pytest.raises(FileError, match="another law"):
        govsim.find(bad)
    assert govsim.find(good).logs[0].name == "good"


def test_a_stock_that_the_law_does_not_give_is_an_error(tmp_path: Path) -> None:
    file = log(tmp_path / "odd", [(100, [10, 20]), (90, [10, 20])])
    with pytest.raises(FileError, match=r"odd/log_env\.json: round 2: 100 should be there and the log says 90"):
        govsim.find(tmp_path)
    assert file.exists()


@pytest.mark.parametrize(
    ("row", "key", "value", "words"),
    [
        (1, "resource_in_pool_before_harvesting", 99, "round 1: rows do not agree on the stock before it, 100 or 99"),
        (2, "resource_in_pool_after_harvesting", 3, "round 2: rows do not agree on the stock after it, 3 or 70"),
        (1, "agent_id", "persona_0", "round 1: persona_0 harvests twice"),
        (3, None, None, "round 2: persona_1 has no harvest, and had one before"),
    ],
)
def test_rows_of_a_round_must_be_one_of_each_and_agree(
    tmp_path: Path, row: int, key: str | None, value: object, words: str
) -> None:
    file = log(tmp_path / "odd", [(100, [10, 20]), (100, [10, 20])])
    rows = json.loads(file.read_text(encoding="utf-8"))
    if key is None:
        del rows[row]
    else:
        rows[row][key] = value
    file.write_text(json.dumps(rows), encoding="utf-8")
    with pytest.raises(FileError, match=words):
        govsim.find(tmp_path)


@pytest.mark.parametrize(
    ("condition", "rounds", "agents", "words"),
    [
        ("base", 2, 2, r"odd/log_env\.json: round 1: persona_1 has no harvest, and has one in round 2; .* is base"),
        ("fish_perturbation_outsider", 2, 1, ""),
        ("", 2, 0, "the condition is unknown, in which nobody comes late"),
        ("", 15, 0, ""),
    ],
)
def test_only_a_newcomer_comes_late(tmp_path: Path, condition: str, rounds: int, agents: int, words: str) -> None:
    takes = [(100.0, [50.0])] + [(100.0, [20.0, 10.0])] * (rounds - 1)
    log(tmp_path / "odd", takes, name=condition, max_num_rounds=rounds if condition else 0, num_agents=agents)
    if words:
        with pytest.raises(FileError, match=words):
            govsim.find(tmp_path)
    else:
        assert govsim.find(tmp_path).logs[0].game["joins"] == {2: 2}


def test_a_log_alone_lasts_as_long_as_it_is_logged(tmp_path: Path) -> None:
    file = log(tmp_path / "odd", [(100.0, [20.0, 10.0])] * 15)
    (tmp_path / "odd" / ".hydra" / "config.yaml").unlink()
    found = brought(govsim, file, tmp_path / "out")
    assert found.episodes["rounds"].tolist() == [15, 15] and found.episodes["survived"].all()
    log(tmp_path / "long", [(100.0, [20.0, 10.0])] * 13, max_num_rounds=12)
    with pytest.raises(FileError, match="13 rounds are logged, and 12 were to be played"):
        govsim.find(tmp_path / "long")


def test_as_many_agents_harvest_as_the_file_beside_has(tmp_path: Path) -> None:
    log(tmp_path / "odd", [(100, [50, 49])], num_agents=3)
    with pytest.raises(FileError, match="round 1: 2 agents harvest, and by what is beside the log there are 3"):
        govsim.find(tmp_path)


def test_scenarios_and_models_of_seats(tmp_path: Path) -> None:
    log(tmp_path / "sheep", [(100, [10, 20, 70])], "sheep", max_num_rounds=5)
    config = tmp_path / "sheep" / ".hydra" / "config.yaml"
    data = json.loads(config.read_text(encoding="utf-8"))
    data |= {"mix_llm": [{"llm": "${strong}"}, {"llm": {"path": "weak"}}, {"llm": "${gone.one}"}], "strong": "big"}
    config.write_text(json.dumps(data), encoding="utf-8")
    one = govsim.find(tmp_path).logs[0]
    assert one.game["name"] == one.columns["scenario"] == "pasture" and one.game["rounds"] == 5
    assert [entry["model"] for entry in one.population] == ["big", "weak", "gone.one"]
    config.write_text("- [", encoding="utf-8")
    with pytest.raises(FileError, match="beside it cannot be read"):
        govsim.find(tmp_path)


# -- the command -----------------------------------------------------------------------------------------------


def test_the_command_imports_draws_and_refuses_another_folder(tmp_path: Path) -> None:
    file, out = public(tmp_path / "pd", PD), str(tmp_path / "out")
    made = CliRunner().invoke(app, ["import", "akata", str(file), "--out", out, "--json"])
    assert made.exit_code == 0, made.output
    told = json.loads(made.stdout)
    assert (told["logs"], told["decisions"], told["broken_off"]) == (1, 8, 0) and told["plots"]
    public(tmp_path / "pd", PD[:2])
    again = CliRunner().invoke(app, ["import", "akata", str(file), "--out", out])
    assert again.exit_code == 2 and "other settings" in again.output
    wrong = CliRunner().invoke(app, ["import", "akta", str(file)])
    assert wrong.exit_code == 2 and "Did you mean 'akata'" in wrong.output


def test_new_runs_and_published_ones_are_grouped_by_model(tmp_path: Path) -> None:
    log(tmp_path / "logs", [(100, [50, 49])])
    CliRunner().invoke(app, ["import", "govsim", str(tmp_path / "logs"), "--out", str(tmp_path / "old"), "--no-plots"])
    new = ["run", "commons-greedy", "--only", "greedy=2", "--out", str(tmp_path / "new"), "--no-plots", "--seeds", "1"]
    assert CliRunner().invoke(app, [*new, "--repetitions", "1"]).exit_code == 0
    both = [str(tmp_path / "old"), str(tmp_path / "new"), "--by", "model", "--only", "stock"]
    drawn = CliRunner().invoke(app, ["plot", *both, "--out", str(tmp_path / "plots"), "--format", "png"])
    assert drawn.exit_code == 0, drawn.output
    assert "m-1" in (tmp_path / "plots" / "stock.csv").read_text(encoding="utf-8")


def test_a_folder_of_other_results_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ResultsError, match="no results"):
        brought(akata, public(tmp_path / "pd", PD), tmp_path / "out")
