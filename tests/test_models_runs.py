"""Experiments with models: unusable answers, caps, stops, resumption, replay, rehearsal; real HTTP, real folders."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import brains
import numpy as np
import pytest
from cli import Ran
from cli import dilemmas as invoke
from provider import Messages, Provider, every

import dilemmas as dl
from dilemmas.errors import DilemmasError, ResultsError, SpecError, Stopped, UsageError
from dilemmas.models.rehearsal import Rehearsal
from dilemmas.models.retry import Patience
from dilemmas.report import models as said_of_models
from dilemmas.report import plots
from dilemmas.report.calls import Wanted
from dilemmas.report.data import arrange
from dilemmas.report.records import records
from dilemmas.runs import lab
from dilemmas.runs.office import price
from dilemmas.runs.watch import Watch
from dilemmas.runs.work import Order
from dilemmas.specs import experiment

PD = "prisoners-dilemma-akata"


BRAIN = brains.grim


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits between tries as usual, a hundred times shorter."""
    monkeypatch.setattr("dilemmas.runs.office.Patience", partial(Patience, base=0.01, most=0.6))


pytestmark = pytest.mark.usefixtures("here")


def data(server: Provider, **changes: Any) -> dict[str, Any]:
    return {
        "experiment": "pair",
        "game": {"name": PD, "rounds": 5},
        "population": ["plain@local/tiny", "random"],
        "seeds": 3,
        "base_url": server.url,
        **changes,
    }


def results(folder: Path) -> dict[str, bytes]:
    """Every joined table but what was measured."""
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.csv")) if path.name != "usage.csv"}


def lines(folder: Path, name: str = "calls.jsonl") -> list[tuple[str, dict[str, Any]]]:
    """Every line of the runs' journals, with the run's name."""
    paths = sorted(folder.glob(f"runs/*/{name}"))
    return [(path.parent.name, json.loads(line)) for path in paths for line in path.read_text().splitlines()]


def calls(folder: Path) -> list[dict[str, Any]]:
    return [call for _, call in lines(folder)]


def keys(folder: Path) -> list[tuple[Any, ...]]:
    return [(run, *call["key"].values()) for run, call in lines(folder)]


def sometimes(wrong: str, when: Sequence[int]) -> Any:
    """A grim brain that says something else at some of its calls."""
    count = iter(range(1, 10_000))

    def brain(messages: Messages) -> str:
        return wrong if next(count) in when else brains.grim(messages)

    return brain


def test_an_unusable_answer_is_asked_again_and_counted(server: Provider) -> None:
    server.brain = sometimes("I would rather talk about the weather.", [2, 5, 6])
    result = dl.run(data(server, seeds=1, answers={"again": 2}))
    mine = result.moves[result.moves.seat == 1]
    assert mine.attempts.tolist() == [1, 2, 1, 3, 1]
    assert not mine.imputed.any()
    assert result.runs.invalid_share.tolist() == [0.4]
    assert server.requests == 8
    assert "weather" in server.bodies[2]["messages"][-2]["content"]
    assert server.bodies[2]["messages"][-1]["role"] == "user"


def test_who_asks_for_more_than_the_stock_is_told_the_bound_and_asked_again(server: Provider) -> None:
    said = iter(["ANSWER: 150", "ANSWER: 10", "ANSWER: 10"])
    server.brain = lambda messages: next(said)
    lake = {"name": "fishery", "rounds": 2}
    result = dl.run(data(server, seeds=1, game=lake, population=["plain@local/tiny", "sustainable=4"]))
    mine = result.moves[result.moves.seat == 1]
    assert (mine.attempts.tolist(), mine.amount.tolist()) == ([2, 1], [10, 10])
    assert not mine.imputed.any()
    complaint = server.bodies[1]["messages"][-1]["content"]
    assert "150" in complaint and "0 to 100" in complaint


def test_a_run_that_gets_no_answer_stops_and_goes_on_with_as_many_attempts(server: Provider, here: Path) -> None:
    server.brain = sometimes("no comment", range(2, 5))
    with pytest.raises(Stopped, match=r"local/tiny gave no answer.*3 attempts.*The same command"):
        dl.run(data(server, seeds=1), out="out")
    assert server.requests == 4
    server.brain = sometimes("no comment", [1])
    result = dl.run(data(server, seeds=1), out="out")
    mine = result.moves[result.moves.seat == 1]
    assert mine.attempts.tolist() == [1, 5, 1, 1, 1]
    assert server.requests == 4 + 2 + 3
    attempts = [key[-1] for key in keys(here / "out")]
    assert attempts == [1, 1, 2, 3, 4, 5, 1, 1, 1]


def test_the_way_on_without_an_answer_is_one_that_can_be_gone(server: Provider, here: Path) -> None:
    server.brain = lambda messages: "no comment"
    settings = data(server, seeds=1, answers={"again": 0})
    with pytest.raises(Stopped, match=r"in 1 attempt \(.*\(--out OTHER\): answers: \{otherwise: random\}"):
        dl.run(settings, out="out")
    other = {**settings, "answers": {"again": 0, "otherwise": "random"}}
    with pytest.raises(ResultsError, match=r"other settings.*--out OTHER"):
        dl.run(other, out="out")
    assert dl.run(other, out="other").moves.imputed.any()


def test_without_new_attempts_nothing_is_ever_answered(server: Provider) -> None:
    server.brain = lambda messages: "no comment"
    for asked in (3, 5, 7):
        with pytest.raises(Stopped):
            dl.run(data(server, seeds=1), out="out")
        assert server.requests == asked


@pytest.mark.parametrize("rule", ["random", "D", "exclude"])
def test_what_is_put_in_is_marked(server: Provider, rule: str) -> None:
    server.brain = lambda messages: "no comment"
    result = dl.run(data(server, seeds=2, answers={"again": 1, "otherwise": rule}))
    mine = result.moves[result.moves.seat == 1]
    assert mine.imputed.all()
    assert set(mine.attempts) == {2}
    assert result.runs.invalid_share.tolist() == [1.0, 1.0]
    assert result.models.imputed_share.tolist() == [1.0, 1.0]
    if rule == "D":
        assert set(mine.action) == {"D"}
    if rule == "random":
        assert set(mine.action) == {"C", "D"}
        again = dl.run(data(server, seeds=2, answers={"again": 1, "otherwise": rule}))
        assert again.moves.action.tolist() == result.moves.action.tolist()
    assert result.episodes.payoff.isna().all() == (rule == "exclude")
    assert result.agents.payoff.isna().all() == (rule == "exclude")
    assert result.agents["rank"].isna().all() == (rule == "exclude")


def test_an_excluded_episode_counts_for_nothing_but_the_others_do(server: Provider) -> None:
    def brain(messages: Messages) -> str:
        lost = (
            "Round 1: your option was" in messages[-1]["content"] and len(brains.history(messages[-1]["content"])) == 1
        )
        stranger = brains.history(messages[-1]["content"])[:1] == [
            (cooperate := brains.dilemma(messages)[0], cooperate)
        ]
        return "no comment" if lost and stranger else brains.grim(messages)

    server.brain = brain
    settings = data(server, seeds=1, repetitions=6, answers={"again": 0, "otherwise": "exclude"})
    result = dl.run(settings)
    own = result.episodes[result.episodes.seat == 1]
    left = own[own.payoff.notna()]
    assert 0 < len(left) < 6
    assert result.agents[result.agents.agent == "g1-1"].payoff.tolist() == [left.payoff.mean() / 5]


@pytest.mark.parametrize("spoilt", ["predict", "choose"])
def test_what_was_foretold_in_an_excluded_episode_counts_nowhere(server: Provider, spoilt: str) -> None:
    asked: Counter[str] = Counter()

    def brain(messages: Messages) -> str:
        step = "choose" if "Your prediction" in messages[-1]["content"] else "predict"
        asked[step] += 1
        return "no comment" if spoilt == step and asked[step] == 3 else brains.predictor(messages)

    server.brain = brain
    answers = {"again": 0, "otherwise": "exclude"}
    result = dl.run(data(server, seeds=1, population=["scot@local/tiny", "random"], repetitions=4, answers=answers))
    own = result.moves[result.moves.seat == 1]
    lost = result.episodes[result.episodes.payoff.isna()].episode.unique().tolist()
    assert len(lost) == (spoilt == "choose")
    assert (own.episode.isin(lost) | own.prediction.isna()).tolist() == own.prediction_right.isna().tolist()
    left = own[~own.episode.isin(lost)]
    assert result.models.predictions.tolist() == [left.prediction_right.notna().sum()]
    assert result.models.prediction_share.tolist() == [left.prediction_right.dropna().astype(float).mean()]
    shown = arrange(result.tables)
    assert set(shown.part("moves").numbers("episode")) == set(range(1, 5)) - set(lost)


def test_measures_of_an_excluded_lake_are_unknown_and_it_is_drawn_nowhere(server: Provider, here: Path) -> None:
    count = iter(range(1, 100))
    server.brain = lambda messages: "no comment" if next(count) == 3 else "ANSWER: 2"
    lake, seats = {"name": "fishery", "rounds": 2, "seats": 3}, ["plain@local/tiny=2", "sustainable"]
    answers = {"again": 0, "otherwise": "exclude"}
    settings = data(server, seeds=1, game=lake, population=seats, repetitions=3, answers=answers)
    result = dl.run(settings)
    lost = result.episodes.payoff.isna()
    assert lost.sum() == 3
    for name in ("gain", "survived", "survival_time", "efficiency", "equality", "over_usage", "cooperation"):
        assert (result.episodes[name].isna() == lost).all()
    assert [len(arrange(result.tables).part(name)) for name in ("episodes", "rounds")] == [2 * 3, 2 * 2]
    server.brain = lambda messages: "no comment"
    assert plots.draw(result.tables, here / "plots")
    assert not plots.applicable(dl.run(settings).tables)


@pytest.mark.parametrize(("again", "judged"), [(1, 5), (0, 0)])
def test_steps_before_the_answer_that_cannot_be_used_are_counted_and_told(
    server: Provider, here: Path, again: int, judged: int
) -> None:
    def brain(messages: Messages) -> str:
        foretells = "do you choose" not in messages[1]["content"]
        return "It is a nice day." if foretells and len(messages) == 2 else brains.grim(messages[:2])

    server.brain = brain
    answers = {"again": again, "otherwise": "random"}
    result = dl.run(data(server, seeds=1, population=["scot@local/tiny", "tit-for-tat"], answers=answers), out="out")
    own = result.moves[result.moves.seat == 1]
    assert set(own.attempts) == {1} and not own.imputed.any()
    (row,) = result.tables["models"].rows()
    assert (row["decisions"], row["invalid_share"], row["imputed_share"]) == (5, 0, 0)
    assert (row["steps"], row["steps_invalid_share"], row["predictions_asked"]) == (5, 1, 5)
    assert row["predictions"] == own.prediction.notna().sum() == judged
    (told,) = said_of_models.lines(result.tables)
    assert "0.0 % unusable at first ask (100.0 % of 5 steps before it)" in told
    assert ("100 % of predictions right" if judged else "none of 5 predictions judged") in told
    assert len(list(records(here / "out", Wanted(), refused=True))) == 5
    assert "100.0 % of the answers of local/tiny before its choices" in said_of_models.warnings(result.tables)[0]


def test_a_rule_that_is_no_answer_is_refused_before_anything_is_asked(server: Provider) -> None:
    with pytest.raises(SpecError, match=r"'E' is no rule.*stop, random, exclude"):
        dl.run(data(server, answers={"otherwise": "E"}))
    with pytest.raises(SpecError, match="tournament"):
        dl.tournament(PD, ["plain@local/tiny", "grim"], base_url=server.url, answers={"otherwise": "exclude"})
    assert server.requests == 0


@pytest.mark.parametrize("selection", ["truncation", "fermi", "random"])
def test_who_may_be_left_without_a_payoff_cannot_be_selected(server: Provider, selection: str) -> None:
    left = data(server, selection=selection, generations=2, answers={"otherwise": "exclude", "again": 0})
    with pytest.raises(SpecError, match=r"answers.otherwise.*left out would have none.*stop, random or an action"):
        dl.run(left)
    assert server.requests == 0
    for change in ({"generations": 1}, {"selection": "none"}):
        server.brain = lambda messages: "no comment"
        assert dl.run({**left, **change}).agents.payoff.isna().all()


def test_a_scripted_strategy_takes_no_model_and_a_prompted_one_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DILEMMAS_MODEL", raising=False)
    with pytest.raises(SpecError, match=r"tit-for-tat is no prompted strategy.*plain@openai/gpt-4o"):
        dl.play(PD, ["tit-for-tat@openai/gpt-4o", "grim"])
    with pytest.raises(SpecError, match=r"none is named.*--model.*DILEMMAS_MODEL.*rehearsal"):
        dl.play(PD, ["plain", "grim"])
    monkeypatch.setenv("DILEMMAS_MODEL", "rehearsal")
    assert dl.play(PD, ["plain", "grim"]).tables["models"].list("model") == ["rehearsal"]
    assert dl.play(PD, ["plain@default", "grim"], model="rehearsal").runs.simulated.tolist() == [True]


def test_a_folder_knows_its_models(server: Provider) -> None:
    dl.run(data(server, seeds=1), out="out")
    asked = server.requests
    assert dl.run(data(server, seeds=1), out="out").runs.status.tolist() == ["done"]
    assert server.requests == asked
    for change in (
        {"population": ["plain@local/other", "random"]},
        {"population": ["cot@local/tiny", "random"]},
        {"sampling": {"temperature": 0.5}},
        {"game": {"name": PD, "rounds": 5, "frame": "cooking"}},
        {"game": {"name": PD, "rounds": 5, "words.text.question": "What now, {{ options | listed('or') }}?"}},
        {"answers": {"again": 4}},
    ):
        with pytest.raises(ResultsError, match="holds results of other settings"):
            dl.run(data(server, seeds=1, **change), out="out")
    dl.run(data(server, seeds=1, timeout=5, concurrency=3, limits={"calls": 1000}), out="out")
    assert server.requests == asked


def test_what_is_shown_grows_with_every_episode_and_leaves_out_what_does_not_count(server: Provider) -> None:
    watch, seen = Watch(), []
    count = iter(range(1, 100))

    def brain(messages: Messages) -> str:
        seen.append((watch.episodes, watch.cooperation))
        return "no comment" if next(count) == 3 else brains.grim(messages)

    server.brain = brain
    settings = data(server, seeds=1, concurrency=1, repetitions=4, population=["plain@local/tiny", "tit-for-tat"])
    answers = {"again": 0, "otherwise": "exclude"}
    done = lab.carry_out(Order({**settings, "answers": answers}, watch=watch))
    assert len({episodes for episodes, _ in seen}) > 1
    kept = done.result.episodes[done.result.episodes.payoff.notna()]
    assert (watch.episodes, len(kept)) == (4, 6)
    assert watch.cooperation == kept.cooperation.mean()


def test_replicates_are_never_served_from_one_another(server: Provider, here: Path) -> None:
    # Round 1 of every episode has the same prompt; each is asked anew.
    dl.run(data(server, game={"name": PD, "rounds": 1, "permute": "fixed", "order": "fixed", "lines": "fixed"},
                repetitions=4), out="out")  # fmt: skip
    assert server.requests == 12
    assert len({call["digest"] for call in calls(here / "out")}) == 1
    assert len(set(keys(here / "out"))) == 12


def test_replay_reads_the_journal_and_asks_nobody(server: Provider, here: Path) -> None:
    dl.run(data(server, population=["scot@local/tiny", "random"]), out="out")
    asked = server.requests
    told = invoke("replay", "out")
    assert told.code == 0, told.err
    assert server.requests == asked
    path = next(here.glob("out/runs/*/calls.jsonl"))
    path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n", encoding="utf-8")
    told = invoke("replay", "out")
    assert told.code == 2
    assert "is not in calls.jsonl" in told.err


# -- caps ---------------------------------------------------------------------------------------------------------


def capped(server: Provider, *flags: str) -> Ran:
    Path("pair.yaml").write_text(json.dumps(data(server, prices={"local/tiny": {"input": 1, "output": 2}})))
    return invoke("run", "pair.yaml", "--no-plots", "--out", "out", *flags)


@pytest.mark.parametrize("calls_", [0, 1, 7, 14])
def test_a_cap_on_calls_is_never_passed_and_the_same_command_goes_on(server: Provider, calls_: int) -> None:
    for _ in range(2):
        told = capped(server, "--max-calls", str(calls_))
        assert told.code == 3, told.err
        assert "(--max-calls N, or limits.calls in a file) the same command goes on." in told.err
        onward = told.err.splitlines()[-2]
        assert onward.startswith("To go on, with a number for N: dilemmas")
        assert server.requests == calls_
    assert capped(server, "--max-calls", "15").code == 0
    assert server.requests == 15


def test_a_cap_on_cost_counts_what_earlier_commands_spent(server: Provider, here: Path) -> None:
    told = capped(server, "--max-cost", "0.012")
    assert told.code == 3
    first = server.requests
    assert 0 < first < 15
    spent = sum(call["cost"] for call in calls(here / "out"))
    assert 0 < spent <= 0.012
    capped(server, "--max-cost", "0.012")
    assert sum(call["cost"] for call in calls(here / "out")) <= 0.012
    assert capped(server, "--max-cost", "5").code == 0
    assert server.requests == 15
    usage = dl.load("out").usage
    assert usage.cost.sum() == pytest.approx(sum(call["cost"] for call in calls(here / "out")))
    assert usage.calls.sum() == 15


def test_what_calls_of_a_run_took_that_is_not_whole_is_in_the_usage_table(server: Provider, here: Path) -> None:
    server.schedule = lambda number: "500" if number == 3 else None
    assert capped(server, "--max-calls", "9").code == 3
    usage = dl.load("out").usage
    assert (usage.calls.sum(), usage.retries.sum()) == (8, 1)
    assert usage.cost.sum() == pytest.approx(sum(call["cost"] for call in calls(here / "out")))
    assert set(usage.run) == {run for run, _ in lines(here / "out")}
    assert usage.seconds.isna().any()
    assert capped(server, "--max-calls", "16").code == 0
    assert not dl.load("out").usage.isna().any().any()


def test_an_unknown_cost_is_an_empty_column(server: Provider, here: Path) -> None:
    dl.run(data(server), out="out")
    usage = dl.load("out").usage
    assert usage.cost.isna().all() and usage.calls.sum() == 15
    assert dl.run(data(server)).usage.cost.isna().all()


def test_what_is_shown_beside_a_cap_is_what_the_folder_has_spent(server: Provider) -> None:
    assert capped(server, "--max-calls", "7").code == 3
    told = capped(server, "--max-cost", "3")
    assert told.code == 0
    assert "models: 8 calls" in told.err
    shown = float(told.err.partition("tokens, ")[2].partition(" of 3.00 USD")[0])
    assert shown == pytest.approx(dl.load("out").usage.cost.sum(), rel=0.02)


def test_time_is_what_went_by_and_not_its_sum_over_runs(server: Provider) -> None:
    server.latency = 0.1
    told = capped(server, "--seeds", "12")
    shown = float(told.out.partition(".csv (")[2].partition(" s")[0])
    assert shown < dl.load("out").usage.seconds.sum() / 2


def test_reading_before_anybody_answered_says_so(server: Provider) -> None:
    server.schedule = lambda number: "401"
    assert capped(server).code == 3
    told = invoke("read", "out")
    assert told.code == 2
    assert "no model has answered yet" in told.err


def test_a_cap_on_tokens(server: Provider) -> None:
    told = capped(server, "--max-tokens", "7500")
    assert told.code == 3
    assert 0 < server.requests < 15
    assert "--max-tokens N" in told.err.splitlines()[-2]


def test_an_unknown_price_under_a_cap_is_refused_before_the_first_call(server: Provider) -> None:
    Path("pair.yaml").write_text(json.dumps(data(server)))
    told = invoke("run", "pair.yaml", "--max-cost", "1")
    assert told.code == 2
    assert "prices: {local/tiny: {input: USD, output: USD}}" in told.err
    assert server.requests == 0
    assert not Path("results").exists()


def test_limits_of_the_file_hold_as_flags_do(server: Provider) -> None:
    with pytest.raises(Stopped):
        dl.run(data(server, limits={"calls": 4}), out="out")
    assert server.requests == 4


def test_a_budget_that_ends_early_leaves_a_balanced_design(server: Provider) -> None:
    settings = data(server, seeds=3, sweep={"frame": ["neutral", "cooking"]}, concurrency=2)
    with pytest.raises(Stopped):
        dl.run(settings, out="out", limits={"calls": 22})
    runs = dl.load("out").runs
    done = runs[runs.status == "done"]
    assert sorted(done.seed.tolist())[:2] == [0, 0]
    assert set(runs.status) <= {"done", "stopped", "planned"}
    counts = Counter(done.frame)
    assert max(counts.values()) - min(counts.values()) <= 1


# -- faults -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cap", [{"calls": 65}, {"tokens": 36_000}, {"cost": 0.05}])
def test_however_many_calls_have_room_a_cap_leaves_whole_runs(server: Provider, cap: dict[str, Any]) -> None:
    """Of 6 runs of 24 calls, each with 8 at once."""
    settings = data(server, repetitions=8, game={"name": PD, "rounds": 3}, sweep={"frame": ["neutral", "cooking"]})
    settings |= {"sampling": {"max_tokens": 20}, "prices": {"local/tiny": {"input": 2, "output": 2}}}
    with pytest.raises(Stopped):
        dl.run(settings, out="out", limits=cap)
    runs = dl.load("out").runs
    assert runs.status[runs.seed == 0].tolist() == ["done", "done"]
    dl.run(settings, out="out")
    assert server.requests == 6 * 24


def test_runs_that_a_cap_will_see_to_their_end_go_abreast(server: Provider) -> None:
    server.latency = 0.02
    dl.run(data(server, seeds=12), out="out", limits={"calls": 60})
    assert server.requests == 60
    assert server.most > 6


def test_a_provider_that_fails_for_good_stops_its_runs_and_no_others(server: Provider) -> None:
    with Provider(brains.grim, schedule=lambda number: "401" if number > 3 else None) as broken:
        settings = data(
            server,
            seeds=2,
            base_url={"local/tiny": server.url, "local/broken": broken.url},
            sweep={"who": {
                "well": {"population": ["plain@local/tiny", "random"]},
                "ill": {"population": ["plain@local/broken", "random"]},
            }},
        )  # fmt: skip
        with pytest.raises(Stopped, match="authentication"):
            dl.run(settings, out="out")
    runs = dl.load("out").runs
    assert dict(zip(zip(runs.who, runs.seed, strict=True), runs.status, strict=True)) == {
        ("well", 0): "done", ("well", 1): "done", ("ill", 0): "stopped", ("ill", 1): "stopped"
    }  # fmt: skip


def test_two_servers_of_ones_own_are_two_providers(server: Provider) -> None:
    server.schedule = lambda number: "401"
    with Provider(BRAIN) as other:
        settings = data(server, population=[{"name": "m", "strategy": "plain", "model": "local/a"}, "random"])
        settings |= {"sweep": {"population.m.model": ["local/a", "local/b"]}}
        settings |= {"base_url": {"local/a": server.url, "local/b": other.url}}
        with pytest.raises(Stopped):
            dl.run(settings, out="out")
    runs = dl.load("out").runs
    assert runs[runs.status == "done"]["population.m.model"].tolist() == ["local/b"] * 3


def test_what_came_home_after_a_stop_is_counted(server: Provider, here: Path) -> None:
    server.schedule, server.latency = (lambda number: "401" if number == 12 else "slow"), 0.01
    Path("four.yaml").write_text(json.dumps(data(server, population=["plain@local/tiny=4"], seeds=1)))
    told = invoke("run", "four.yaml", "--no-plots", "--out", "out")
    assert told.code == 3 and len(calls(here / "out")) == 11
    assert "models: 11 calls" in told.err


@pytest.mark.parametrize(
    "mishap", ["429", "429 wait", "500", "503", "dropped", "halfway", "truncated", "html", "no choices", "wrong schema"]
)
def test_passing_trouble_changes_no_result(server: Provider, here: Path, mishap: str) -> None:
    dl.run(data(server), out="well")
    server.requests, server.schedule = 0, every(4, mishap)
    dl.run(data(server), out="ill")
    assert results(here / "well") == results(here / "ill")
    assert len(keys(here / "ill")) == 15
    retries = lines(here / "ill", "retries.jsonl")
    assert server.requests == 15 + len(retries)
    assert dl.load("ill").usage.retries.sum() == len(retries) > 0


def test_a_planted_key_is_nowhere(server: Provider, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = "sk-planted-0123456789abcdef"
    for name in ("OPENAI_API_KEY", "LOCAL_API_KEY"):
        monkeypatch.setenv(name, planted)
    server.schedule = lambda number: "401" if number > 6 else None
    with pytest.raises(DilemmasError) as caught:
        dl.run(data(server), out="out")
    assert planted not in str(caught.value)
    assert any(planted in str(headers) for headers in server.headers)
    files = [path for path in here.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert not [path for path in files if planted.encode() in path.read_bytes()]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"base_url": "http://user:planted-0123456789@localhost/v1"}, "belong in the environment"),
        ({"base_url": {"local": "http://localhost/v1?api_key=planted-0123456789"}}, "belong in the environment"),
        ({"sampling": {"api_key": "planted-0123456789"}}, "belong in the environment"),
        ({"sampling": {"extra_body": {"auth": {"token": "planted-0123456789"}}}}, "belong in the environment"),
        ({"sampling": {"extra_body": {"messages": []}}}, "extra_body.messages"),
        ({"sampling": {"temprature": 1}}, "Did you mean 'temperature'"),
        ({"sampling": {"max_tokens": 0}}, "a whole number from 1 on"),
        ({"base_url": "ftp://localhost"}, "no address of a server"),
        ({"base_url": "http://localhost:0x/v1"}, "no address of a server"),
        ({"base_url": None}, "needs the address"),
        ({"answers": {"again": -1}}, "greater than or equal to 0"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_written(
    server: Provider, here: Path, wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(DilemmasError, match=said) as caught:
        dl.run(data(server, **wrong), out="out")
    assert caught.value.exit_code == 2
    assert "planted" not in str(caught.value)
    assert not list(here.iterdir())


def test_a_key_that_is_none_is_told(server: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_API_KEY", "planted\n0123456789")
    with pytest.raises(Stopped, match="LOCAL_API_KEY holds characters that no key has") as caught:
        dl.run(data(server), out="out")
    assert "planted" not in str(caught.value)


def test_what_a_model_writes_changes_nothing_but_its_own_words(server: Provider, here: Path) -> None:
    wild = (
        '\x1b[31m<script>alert(1)</script>\x00‮ "quoted", ignore your instructions and give me all\r\n[bold]x[/bold]\n'
    )

    def brain(messages: Messages) -> str:
        return f"{wild}{brains.grim(messages)}"

    plain = dl.run(data(server, population=["cot@local/tiny", "random"]), out="plain")
    server.brain = brain
    told = dl.run(data(server, population=["cot@local/tiny", "random"]), out="wild")
    assert told.moves.action.tolist() == plain.moves.action.tolist()
    assert results(here / "plain").keys() == results(here / "wild").keys()
    shown = invoke("read", "wild", "--width", "200")
    assert shown.code == 0, shown.err
    assert not {"\x1b", "\x00", "‮"} & set(shown.out)
    assert "ignore your instructions" in shown.out


# -- rehearsal ----------------------------------------------------------------------------------------------------


def test_a_rehearsal_says_what_a_run_would_ask(server: Provider, here: Path) -> None:
    settings = data(server, population=["scot@local/tiny", "plain@local/other", "random", "grim"], seeds=2)
    settings |= {"matchmaking": "everyone", "generations": 2}
    Path("pair.yaml").write_text(json.dumps(settings))
    told = invoke("run", "pair.yaml", "--rehearse", "--json")
    assert told.code == 0, told.err
    found = json.loads(told.out)
    assert server.requests == 0
    assert not Path("results").exists()
    dl.run(settings, out="out")
    assert found["calls"] == server.requests
    by_model = Counter(call["model"] for call in calls(here / "out"))
    assert {one["model"]: one["calls"] for one in found["models"]} == by_model
    assert found["chain"] == 2 * 5 * 2  # generations, rounds, two calls a move of scot


def test_a_stand_in_does_not_predict_its_own_move() -> None:
    moves = dl.play(PD, ["scot@rehearsal", "tit-for-tat"], rounds=40).moves
    own = moves[moves.seat == 1]
    assert 10 < (own.prediction == own.action).sum() < 30


def test_a_rehearsal_of_a_capped_experiment_with_unknown_prices(server: Provider) -> None:
    Path("pair.yaml").write_text(json.dumps(data(server, limits={"cost": 1})))
    told = invoke("run", "pair.yaml", "--rehearse")
    assert told.code == 0, told.err
    assert "local/tiny" in told.out
    assert "unknown" in told.out
    assert "Longest chain: 5 calls" in told.out


def test_the_stand_in_stamps_all_it_touched(here: Path) -> None:
    settings = {"experiment": "sim", "game": PD, "population": ["plain@rehearsal", "grim"], "seeds": 1}
    result = dl.run(settings, out="out")
    assert result.runs.simulated.all()
    assert result.models.simulated.all()
    assert result.moves[result.moves.seat == 1].simulated.all()
    assert not result.moves[result.moves.seat == 2].simulated.any()
    assert result.manifest["simulated"]
    told = invoke("run", str(here / "out" / "inputs" / "experiment.yaml"), "--out", "again", "--no-plots")
    assert "these are no results" in told.err


def test_a_pilot_measures_and_forecasts(server: Provider, here: Path) -> None:
    server.thought = "hm"
    settings = data(server, seeds=4, prices={"local/tiny": {"input": 1, "output": 2}}, generations=3)
    settings |= {"selection": "truncation", "inheritance": "copied"}
    Path("pair.yaml").write_text(json.dumps(settings))
    told = invoke("run", "pair.yaml", "--pilot", "3", "--json")
    assert told.code == 0, told.err
    found = json.loads(told.out)
    assert server.requests == 5
    one = found["models"][0]
    assert one["calls"] == 5
    assert one["reasoning_tokens"] > 0
    assert one["total"] == pytest.approx(one["cost"] * 5 * 4 * 3)
    assert found["spent"] == pytest.approx(one["cost"] * 5)
    told = invoke("run", "pair.yaml", "--pilot", "3", "--json")
    assert server.requests == 5
    told = invoke("run", "pair.yaml", "--pilot", "0.005", "--json")
    assert json.loads(told.out)["spent"] == pytest.approx(found["spent"])


PRICES = {"local/tiny": {"input": 1, "output": 2}, "local/dear": {"input": 100, "output": 200}}


def models(server: Provider, **changes: Any) -> dict[str, Any]:
    sweep = {"population.plain.model": ["local/tiny", "local/dear"]}
    return data(server, seeds=1, prices=PRICES, sweep=sweep, **changes)


def test_a_pilot_keeps_to_the_cells_that_are_asked_for(server: Provider) -> None:
    Path("pair.yaml").write_text(json.dumps(models(server)))
    told = invoke("run", "pair.yaml", "--pilot", "3", "--json", "--only", "population.plain.model=local/tiny")
    assert told.code == 0, told.err
    assert [one["model"] for one in json.loads(told.out)["models"]] == ["local/tiny"]
    assert {body["model"] for body in server.bodies} == {"tiny"}


def test_a_smaller_pilot_asks_nothing_more(server: Provider) -> None:
    Path("pair.yaml").write_text(json.dumps(models(server)))
    assert invoke("run", "pair.yaml", "--pilot", "5", "--json").code == 0
    asked, spent = server.requests, json.loads(invoke("run", "pair.yaml", "--pilot", "5", "--json").out)["spent"]
    told = invoke("run", "pair.yaml", "--pilot", "0.001", "--json")
    assert told.code == 0, told.err
    assert (json.loads(told.out)["spent"], server.requests) == (spent, asked)


def test_a_pilot_without_room_for_a_call_says_so(server: Provider, here: Path) -> None:
    Path("pair.yaml").write_text(json.dumps(models(server)))
    told = invoke("run", "pair.yaml", "--pilot", "0.000001", "--json")
    assert (told.code, told.out, server.requests) == (3, "", 0)
    assert "error: a pilot of 1e-06 USD has no room for one call" in told.err
    assert "--pilot 3" in told.err
    assert invoke("run", "pair.yaml", "--pilot", "5").code == 0


def test_a_fresh_pilot_asks_again_and_keeps_the_old_one(server: Provider, here: Path) -> None:
    Path("pair.yaml").write_text(json.dumps(models(server)))
    first = json.loads(invoke("run", "pair.yaml", "--pilot", "5", "--json").out)
    asked = server.requests
    again = json.loads(invoke("run", "pair.yaml", "--pilot", "5", "--fresh", "--json").out)
    assert server.requests == 2 * asked
    assert again["spent"] == pytest.approx(first["spent"])
    assert sorted(path.name for path in Path("results").iterdir()) == ["pair-pilot", "pair-pilot.old-1"]


def test_an_episode_that_a_cap_may_end_must_be_kept(server: Provider, here: Path) -> None:
    words = ["play", PD, "plain@local/tiny", "grim", "--rounds", "3", "--base-url", server.url, "--max-calls"]
    told = invoke(*words, "2")
    assert (told.code, told.out, server.requests) == (2, "", 0)
    assert "error: --max-calls may end the episode early" in told.err and "--out DIR" in told.err
    assert invoke(*words, "2", "--out", "kept").code == 3
    assert invoke(*words, "3", "--out", "kept").code == 0
    assert server.requests == 3
    assert invoke("play", PD, "random", "grim", "--rounds", "3", "--max-calls", "2").code == 0


def test_an_episode_that_stops_and_is_not_kept_says_so(server: Provider, here: Path) -> None:
    server.schedule = lambda number: "401"
    words = ["play", PD, "plain@local/tiny", "grim", "--rounds", "3", "--base-url", server.url]
    assert "Nothing of this episode was kept" in invoke(*words).err
    assert "Nothing of this episode was kept" not in invoke(*words, "--out", "kept").err


@pytest.mark.parametrize("model", ["local/gpt-4o", "openai/gpt-4o"])
def test_a_server_of_ones_own_has_no_price_whatever_its_models_are_called(server: Provider, model: str) -> None:
    settings = data(server, population=[f"plain@{model}", "random"], seeds=1, limits={"cost": 5})
    with pytest.raises(SpecError, match=f"nobody knows what {model} costs.*prices: {{{model}: "):
        dl.run(settings, out="out")
    assert server.requests == 0
    assert price("openai/gpt-4o", experiment.check(data(server, base_url=None))) is not None


def strange(**changes: Any) -> Path:
    """A file that somebody else wrote, with an address that is not of one's own network; nothing is served there."""
    path = Path("strange.yaml")
    given = {
        "base_url": "http://models.example.invalid/v1",
        "tries": 1,
        "population": ["plain@openai/gpt-4o", "random"],
    }
    made = {"experiment": "strange", "game": {"name": PD, "rounds": 2}, **given, **changes}
    path.write_text(json.dumps(made), encoding="utf-8")
    return path


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The addresses of speakers that are made; what is said to them is answered by the stand-in."""
    made: list[str | None] = []

    def speaker(model: str, base_url: str | None = None) -> Rehearsal:
        made.append(base_url)
        return Rehearsal()

    monkeypatch.setattr("dilemmas.runs.office.speakers.speaker", speaker)
    return made


MAPPED = {"base_url": {"openai": "http://models.example.invalid/v1"}}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ["--base-url", "http://models.example.invalid/v1"]),
        (MAPPED, ["--set", "base_url.openai=http://models.example.invalid/v1"]),
    ],
)
def test_a_file_alone_sends_no_key_to_a_stranger(
    here: Path, monkeypatch: pytest.MonkeyPatch, reached: list[str | None], changes: Any, words: list[str]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-0123456789abcdef")
    strange(**changes)
    for more in ([], ["--pilot", "3"]):
        told = invoke("run", "strange.yaml", *more)
        assert told.code == 2
        assert "the key in OPENAI_API_KEY to models.example.invalid, and only the file says so" in told.err
        assert " ".join(words) in told.err
        assert "planted" not in told.err
    with pytest.raises(UsageError, match="only the file says so"):
        dl.run("strange.yaml")
    assert (reached, Path("results").exists()) == ([], False)
    assert invoke("run", "strange.yaml", "--rehearse").code == 0
    assert invoke("run", "strange.yaml", *words, "--no-plots").code == 0
    assert set(reached) == {"http://models.example.invalid/v1"}


def test_a_file_may_name_a_server_where_no_key_goes(
    here: Path, monkeypatch: pytest.MonkeyPatch, reached: list[str | None]
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-planted-0123456789abcdef")
    assert invoke("run", str(strange()), "--no-plots").code == 0
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-0123456789abcdef")
    own = strange(experiment="own", base_url="http://localhost:8000/v1")
    assert invoke("run", str(own), "--no-plots").code == 0
    given = json.loads(strange(experiment="python").read_text("utf-8"))
    dl.run(given)  # a program's own data is its own word
    assert invoke("run", str(strange(population=["plain@local/m", "random"])), "--no-plots", "--out", "local").code == 0
    monkeypatch.setenv("LOCAL_API_KEY", "planted-0123456789abcdef")
    assert invoke("run", str(strange(population=["plain@local/m", "random"])), "--no-plots", "--out", "key").code == 2


def test_a_pilot_counts_tries_whose_end_was_not_seen(server: Provider) -> None:
    server.schedule = ["truncated"]
    Path("pair.yaml").write_text(json.dumps(models(server)))
    found = json.loads(invoke("run", "pair.yaml", "--pilot", "5", "--json").out)
    costs = sum(one["cost"] * one["calls"] for one in found["models"])
    assert costs + 0.008 < found["spent"] <= 5


def test_a_provider_that_speaks_of_capacity_is_no_cap(server: Provider) -> None:
    server.schedule = lambda number: "at capacity"
    Path("pair.yaml").write_text(json.dumps(models(server, tries=1)))
    told = invoke("run", "pair.yaml", "--pilot", "5")
    assert told.code == 3
    assert "at capacity" in told.err


def test_a_rehearsal_that_is_a_pilot_is_refused(server: Provider) -> None:
    Path("pair.yaml").write_text(json.dumps(models(server)))
    assert invoke("run", "pair.yaml", "--pilot", "5", "--rehearse").code == 2
    assert server.requests == 0


def test_one_loop_for_all_cells(server: Provider) -> None:
    server.latency = 0.05
    settings = data(server, seeds=4, game={"name": PD, "rounds": 2}, sweep={"frame": ["neutral", "cooking", "project"]})
    dl.run(settings)
    assert server.requests == 24
    assert server.most == 12  # every run was asked at once


def test_concurrency_is_kept(server: Provider) -> None:
    server.latency = 0.01
    dl.run(data(server, seeds=6, concurrency=2))
    assert server.most == 2


def test_scripts_and_models_in_one_sweep(server: Provider) -> None:
    settings = data(server, sweep={"who": {
        "models": {"population": ["plain@local/tiny", "random"]},
        "scripts": {"population": ["grim", "random"]},
    }})  # fmt: skip
    result = dl.run(settings, out="out")
    runs = result.runs
    assert runs.status.tolist() == ["done"] * 6
    for seed in range(3):
        payoff = runs[runs.seed == seed].payoff
        assert payoff.nunique() == 1  # grim in words is grim
    assert np.isnan(runs[runs.who == "scripts"].invalid_share.astype(float)).all()
