"""Quizzes of models: real HTTP, the command, caps and resumption, and the bar before an experiment's runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import brains
import pytest
import scholar
from cli import dilemmas as invoke
from provider import Messages, Provider

import dilemmas as dl
from dilemmas.errors import ResultsError, RunFailed, SpecError, Stopped
from dilemmas.report import quiz as report
from dilemmas.results import Table, read
from dilemmas.runs.lab import Order, carry_out

PD, BOS = "prisoners-dilemma-akata", "battle-of-the-sexes"
KNOWN = ("--only", "comprehension")


BRAIN = scholar.answer
pytestmark = pytest.mark.usefixtures("here")


def marks(folder: Path) -> Table:
    return read(folder / "quiz.csv")


def calls(folder: Path) -> list[dict[str, Any]]:
    paths = sorted(folder.glob("quiz/*/calls.jsonl"))
    return [json.loads(line) for path in paths for line in path.read_text().splitlines()]


def quiz(server: Provider, *words: str, out: str = "out") -> Any:
    return invoke("quiz", *words, "--model", "local/tiny", "--base-url", server.url, "--out", out)


@pytest.mark.parametrize("game", [PD, "fishery", "donor", "public-goods"])
def test_who_reads_the_rules_gets_everything_right(server: Provider, game: str, here: Path) -> None:
    parts = (*KNOWN, "--only", "dynamics") if game == "fishery" else KNOWN
    ran = quiz(server, game, *parts, "--questions", "26", "--json")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert {score["class"] for score in told["scores"]} == {"all", *(part for part in parts if part[0] != "-")}
    assert all(score["share"] == 1 and score["invalid"] == 0 for score in told["scores"])
    assert told["simulated"] is False
    assert server.requests == 26 == len(told["questions"]) == told["usage"][0]["calls"]
    assert {call["key"]["stage"] for call in calls(here / "out")} == {"quiz"}
    # The rules are those that players read, in the words of the game.
    shown = calls(here / "out")[0]["messages"]
    assert shown[0]["role"] == "system"


def test_the_stand_in_does_no_better_than_chance(here: Path) -> None:
    ran = invoke("quiz", PD, "--model", "rehearsal", "--questions", "60", "--out", "out")
    assert ran.code == 0
    assert "no results" in ran.err
    rows = report.scores(marks(here / "out"))
    assert rows[-1]["class"] == "all"
    assert rows[-1]["ci_high"] < 0.8
    assert all(marks(here / "out").list("simulated"))


def test_the_same_command_goes_on_and_asks_nothing_twice(server: Provider, here: Path) -> None:
    short = quiz(server, PD, *KNOWN, "--questions", "12", "--max-calls", "5")
    assert short.code == 3
    assert "To go on, with a number for N: " in short.err
    assert server.requests == 5
    assert not (here / "out" / "quiz.csv").exists()
    assert quiz(server, PD, *KNOWN, "--questions", "12").code == 0
    assert server.requests == 12
    again = quiz(server, PD, *KNOWN, "--questions", "12")
    assert (again.code, server.requests) == (0, 12)
    fresh = quiz(server, PD, *KNOWN, "--questions", "12", out="other")
    assert (fresh.code, server.requests) == (0, 24)
    assert marks(here / "out").list("question") == marks(here / "other").list("question")
    keys = [tuple(call["key"].values()) for call in calls(here / "out")]
    assert len(set(keys)) == len(keys) == 12
    assert quiz(server, PD, *KNOWN, "--questions", "13").code == 2, "other questions need another folder"


def test_an_answer_that_cannot_be_used_is_wrong_and_counted_apart(server: Provider, here: Path) -> None:
    server.brain = lambda messages: "I would rather not say."
    ran = quiz(server, PD, *KNOWN, "--questions", "2", "--set", "answers.again=1", "--json")
    assert ran.code == 0
    rows = list(marks(here / "out").rows())
    assert [(row["answered"], row["right"], row["invalid"], row["attempts"]) for row in rows] == [
        (None, False, True, 2)
    ] * 2
    assert server.requests == 4
    last = calls(here / "out")[-1]["messages"]
    assert [message["role"] for message in last][-2:] == ["assistant", "user"]
    assert json.loads(ran.out)["scores"][-1]["invalid"] == 2


def test_an_answer_may_come_at_the_second_time(server: Provider, here: Path) -> None:
    server.brain = lambda messages: scholar.answer(messages[:2]) if len(messages) > 2 else "Let me see."
    assert quiz(server, PD, *KNOWN, "--questions", "3").code == 0
    assert marks(here / "out").list("right") == [True] * 3
    assert marks(here / "out").list("attempts") == [2] * 3


def test_what_cannot_be_asked_is_refused_before_anything_is_written(here: Path) -> None:
    for words, said in (
        ((PD, "--only", "dynamics"), "dynamics"),
        ((PD, "--only", "mathematics"), "theory-of-mind"),
        ((PD, "--strategy", "tit-for-tat"), "tit-for-tat"),
    ):
        ran = invoke("quiz", *words, "--model", "rehearsal", "--out", "out")
        assert ran.code == 2
        assert said in ran.err
        assert not (here / "out").exists()


def test_a_reader_sees_what_was_asked(server: Provider, here: Path) -> None:
    quiz(server, PD, *KNOWN, "--questions", "2")
    ran = invoke("read", "out")
    assert ran.code == 0
    assert "quiz" in ran.out
    assert "how many points do you get for that round?" in " ".join(ran.out.split())


def test_seeds_ask_other_questions(server: Provider, here: Path) -> None:
    assert quiz(server, PD, *KNOWN, "--questions", "8", "--seeds", "2").code == 0
    rows = list(marks(here / "out").rows())
    first, second = ([row["question"] for row in rows if row["run"] == name] for name in {row["run"] for row in rows})
    assert len(first) == len(second) == 8
    assert first != second


def rhythm(messages: Messages) -> str:
    """Sees a rhythm once it has seen two different moves, and else thinks that all goes on as it is."""
    past = [theirs for _, theirs in brains.history(brains.whole(messages))]
    labels = sorted({mine for mine, _ in brains.payoffs(brains.whole(messages))})
    if len(past) < 2 or past[-1] == past[-2]:
        return f"ANSWER: {past[-1] if past else labels[0]}"
    return f"ANSWER: {past[-2]}"


def test_an_onlooker_is_scored_by_round(server: Provider, here: Path) -> None:
    server.brain = rhythm
    ran = quiz(server, BOS, "--only", "onlooker", "--questions", "10", "--json")
    assert ran.code == 0
    (row,) = json.loads(ran.out)["rounds"]
    assert row["watched"] == "alternator"
    assert row["right_from"] == 3
    assert row["right"][1:] == [0] + [1] * 8


# -- before an experiment ---------------------------------------------------------------------------------------------


def gated(scholarly: Provider, other: Provider, **changes: Any) -> dict[str, Any]:
    """Two models, each against a script; only one of them knows the rules."""
    return {
        "experiment": "gated",
        "game": {"name": PD, "rounds": 2},
        "population": [{"name": "us", "strategy": "plain", "model": "local/good"}, {"strategy": "tit-for-tat"}],
        "require_quiz": {"score": 0.8, "questions": 10, "classes": ["comprehension"]},
        "base_url": {"local/good": scholarly.url, "local/bad": other.url},
        "answers": {"again": 0},
        "plots": False,
        "sweep": {"who": {"good": {"population.us.model": "local/good"}, "bad": {"population.us.model": "local/bad"}}},
        "seeds": 2,
        **changes,
    }


def knows(messages: Messages) -> str:
    """Answers the quiz, and cooperates."""
    found = scholar.answer(messages)
    return found if "ANSWER" in found else brains.grim(messages)


def guesses(messages: Messages) -> str:
    """Plays well, and knows nothing of the rules."""
    asked = messages[-1]["content"]
    return brains.grim(messages) if "do you choose in round" in asked else "ANSWER: 1"


@pytest.fixture
def pair() -> Iterator[tuple[Provider, Provider]]:
    with Provider(knows) as good, Provider(guesses) as bad:
        yield good, bad


def test_who_fails_does_not_play_and_others_do(pair: tuple[Provider, Provider], here: Path) -> None:
    good, bad = pair
    with pytest.raises(RunFailed, match=r"2 of 4 runs failed.*local/bad did not pass.*95 % interval.*at least 80 %"):
        dl.run(gated(*pair), out="out")
    runs = read(here / "out" / "runs.csv")
    status = dict(zip(zip(runs.list("who"), runs.list("seed"), strict=True), runs.list("status"), strict=True))
    assert status == {("good", 0): "done", ("good", 1): "done", ("bad", 0): "failed", ("bad", 1): "failed"}
    # Ten questions each, once for both seeds; then two rounds a run.
    assert (good.requests, bad.requests) == (10 + 2 * 2, 10)
    scores = {row["model"]: row["share"] for row in report.scores(marks(here / "out")) if row["class"] == "all"}
    assert scores["local/good"] == 1
    assert scores["local/bad"] < 0.8
    usage = read(here / "out" / "usage.csv")
    assert sum(usage.list("calls")) == 24


def test_a_quiz_is_not_taken_again(pair: tuple[Provider, Provider], here: Path) -> None:
    good, bad = pair
    for seeds in (1, 1, 3):
        with pytest.raises(RunFailed):
            dl.run(gated(*pair, seeds=seeds), out="out")
    assert (good.requests, bad.requests) == (10 + 3 * 2, 10)
    bad.brain = knows
    with pytest.raises(RunFailed):
        dl.run(gated(*pair, seeds=3), out="out")
    assert bad.requests == 10, "a model has one try a results folder"


def test_a_lower_bar_is_another_experiment(pair: tuple[Provider, Provider], here: Path) -> None:
    with pytest.raises(RunFailed):
        dl.run(gated(*pair), out="out")
    easy = gated(*pair, require_quiz={"score": 0, "questions": 10, "classes": ["comprehension"]})
    with pytest.raises(ResultsError, match=r"require_quiz.score"):
        dl.run(easy, out="out")
    assert set(dl.run(easy, out="easy").runs.status) == {"done"}


def test_a_bar_changes_nothing_for_those_who_pass(pair: tuple[Provider, Provider]) -> None:
    with_bar = dl.run(gated(*pair, sweep={}))
    without = dl.run(gated(*pair, sweep={}, require_quiz=None))
    assert "quiz" in with_bar.tables
    assert "quiz" not in without.tables
    columns = [name for name in without.moves.columns if name != "run"]
    assert with_bar.moves[columns].equals(without.moves[columns])


def test_each_game_of_a_sweep_has_its_quiz(pair: tuple[Provider, Provider]) -> None:
    good, _ = pair
    data = gated(*pair, sweep={"game.rounds": [1, 2]}, seeds=1)
    result = dl.run(data)
    assert good.requests == 2 * 10 + 1 + 2
    assert result.tables["quiz"].list("number") == [*range(1, 11), *range(1, 11)]


def test_a_cap_within_a_quiz_stops_and_goes_on(pair: tuple[Provider, Provider], here: Path) -> None:
    good, _ = pair
    data = gated(*pair, sweep={}, seeds=1)
    with pytest.raises(Stopped):
        dl.run({**data, "limits": {"calls": 4}}, out="out")
    assert read(here / "out" / "runs.csv").list("status") == ["stopped"]
    assert dl.run(data, out="out").runs.status.tolist() == ["done"]
    assert good.requests == 12
    assert invoke("replay", "out").code == 0
    assert good.requests == 12


def test_a_rehearsal_counts_the_quiz_and_bars_nobody(pair: tuple[Provider, Provider], here: Path) -> None:
    from dilemmas.runs.rehearse import rehearse

    found = rehearse(Order(gated(*pair)))
    assert {one.model: one.calls for one in found.estimates} == {"local/good": 14, "local/bad": 14}
    assert pair[0].requests == 0


def test_the_stand_in_itself_is_barred(here: Path) -> None:
    data = {"experiment": "e", "game": PD, "population": ["plain@rehearsal", "tit-for-tat"], "require_quiz": 0.8}
    with pytest.raises(RunFailed, match="rehearsal did not pass the quiz"):
        carry_out(Order(data, out=here / "out"))


def test_short_and_wrong_forms() -> None:
    data = {"experiment": "e", "game": PD, "population": ["tit-for-tat=2"], "plots": False}
    assert dl.run({**data, "require_quiz": 0.8}).tables, "scripts need no quiz"
    for wrong in (1.5, {"score": 0.5, "classes": ["maths"]}, {"bar": 0.5}, "much"):
        with pytest.raises(SpecError, match="require_quiz"):
            dl.run({**data, "require_quiz": wrong})
    with pytest.raises(SpecError, match=r"require_quiz\.classes"):
        dl.run({**data, "population": ["plain@rehearsal=2"], "require_quiz": {"classes": ["dynamics"]}}, out="out")
    with pytest.raises(SpecError, match=r"require_quiz\.strategy"):
        dl.run({**data, "population": ["plain@rehearsal=2"], "require_quiz": {"strategy": "grim"}}, out="out")
    assert not Path("out").exists()
