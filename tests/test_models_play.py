"""Whole plays with models: real HTTP, real prompts, known policies, scores that were worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import brains
import numpy as np
import pandas as pd
import pytest
from provider import Brain, Messages, Provider

import dilemmas as dl
from dilemmas.runs.result import Result

PD, BOS = "prisoners-dilemma-akata", "battle-of-the-sexes"
DEFECT_ONCE = 'scripted-moves:moves=["D","C","C","C","C","C","C","C","C","C"]'


@pytest.fixture(params=["local/tiny", pytest.param("openai/tiny", marks=pytest.mark.slow)])
def model(request: pytest.FixtureRequest) -> str:
    """The direct way, and through litellm."""
    return str(request.param)


def play(server: Provider, brain: Brain, game: str, *seats: str, **settings: Any) -> Result:
    server.brain = brain
    return dl.play(game, list(seats), base_url=server.url, **settings)


def payoffs(result: Result) -> list[float]:
    return result.tables["episodes"].numbers("payoff").tolist()


def actions(result: Result, seat: int) -> str:
    moves = result.tables["moves"]
    rows = zip(moves.list("seat"), moves.list("action"), strict=True)
    return "".join(action for sitting, action in rows if sitting == seat)


@pytest.mark.parametrize("seed", range(3))
def test_grim_against_the_one_who_defects_once(server: Provider, model: str, seed: int) -> None:
    # Cheated in the first round (0 to 10), it takes 10 to 0 nine times.
    result = play(server, brains.grim, PD, f"plain@{model}", DEFECT_ONCE, seed=seed)
    assert payoffs(result) == [90, 10]
    assert actions(result, 1) == "C" + "D" * 9
    assert server.requests == 10


def test_grim_in_the_second_seat(server: Provider, model: str) -> None:
    assert payoffs(play(server, brains.grim, PD, DEFECT_ONCE, f"plain@{model}")) == [10, 90]


def test_a_favourite_against_the_alternator(server: Provider, model: str) -> None:
    # The alternator begins with what is the first action's name; they meet in five of ten rounds.
    first = play(server, brains.favourite, BOS, f"plain@{model}", "alternator")
    assert payoffs(first) == [50, 35]
    second = play(server, brains.favourite, BOS, "alternator", f"plain@{model}")
    assert payoffs(second) == [35, 50]


def test_taking_turns_with_the_alternator(server: Provider, model: str) -> None:
    # In the second seat the first turn is the other's favourite, which is what the alternator begins with.
    assert payoffs(play(server, brains.turns, BOS, "alternator", f"plain@{model}")) == [85, 85]
    assert payoffs(play(server, brains.turns, BOS, f"plain@{model}", "alternator")) == [0, 0]


@pytest.mark.parametrize("seats", [("plain", "tit-for-tat"), ("tit-for-tat", "plain")])
def test_a_mirror_is_tit_for_tat(server: Provider, seats: tuple[str, str]) -> None:
    for other in ("random", "grim", "alternator"):
        names = [other if seat == "tit-for-tat" else f"{seat}@local/tiny" for seat in seats]
        scripted = [other if seat == "tit-for-tat" else "tit-for-tat" for seat in seats]
        spoken = play(server, brains.mirror, "prisoners-dilemma", *names, noise=0.2, seed=4)
        script = dl.play("prisoners-dilemma", scripted, noise=0.2, seed=4)
        for column in ("action", "intended", "perceived", "payoff"):
            assert spoken.tables["moves"].list(column) == script.tables["moves"].list(column), (other, column)


def test_scot_is_two_calls_a_move_and_its_predictions_are_scored(server: Provider, model: str) -> None:
    result = play(server, brains.predictor, BOS, f"scot@{model}", "alternator")
    assert server.requests == 20
    assert result.tables["usage"].list("calls") == [20]
    mine = result.moves[result.moves.seat == 1]
    theirs = result.moves[result.moves.seat == 2]
    assert (mine.prediction.to_numpy() == theirs.action.to_numpy()).tolist() == mine.prediction_right.tolist()
    # Who alternates never repeats itself, so all but perhaps the first prediction is wrong.
    assert not mine.prediction_right.iloc[1:].any()
    assert payoffs(result)[0] == (mine.payoff.sum())


def test_predictions_of_a_recipient_are_scored_by_its_next_turn(server: Provider) -> None:
    def brain(messages: Messages) -> str:
        return "ANSWER: 25" if "will Player" in messages[-1]["content"] else "ANSWER: 1"

    givers = ["constant-donor:fraction=0.25", "never-donate", "constant-donor:fraction=0.25"]
    result = play(server, brain, "donor", "scot@local/tiny", *givers, rounds=40, schedule="random")
    moves = result.moves
    seen = []
    for _, row in moves[moves.prediction.notna()].iterrows():
        later = moves[(moves.agent == row.partner) & (moves["round"] > row["round"])].sort_values("round")
        want = None if later.empty else bool(abs(100 * later.share.iloc[0] - 25) < 0.5)
        assert (None if pd.isna(row.prediction_right) else bool(row.prediction_right)) == want
        seen.append(want)
    assert {True, False} <= set(seen)


def test_what_is_played_does_not_depend_on_labels_or_orders(server: Provider) -> None:
    usual = play(server, brains.grim, PD, "plain@local/tiny", "random", seed=5)
    ways = [
        {"labels": ["Q", "X"]},
        {"permute": "fixed", "order": "fixed", "lines": "fixed"},
        {"permute": "run", "order": "round"},
        {"frame": "cooking"},
        {"unit": "coins", "opponent": "human", "goal": "none"},
    ]
    for way in ways:
        told = play(server, brains.grim, PD, "plain@local/tiny", "random", seed=5, **way)
        for column in ("action", "payoff"):
            assert told.tables["moves"].list(column) == usual.tables["moves"].list(column), way


def test_drawn_labels_and_orders_are_kept(server: Provider) -> None:
    result = play(server, brains.grim, PD, "plain@local/tiny", "tit-for-tat", repetitions=12, order="round", seed=1)
    told = result.moves[result.moves.seat == 1]
    meaning = {episode: dict(zip(rows.action, rows.label, strict=True)) for episode, rows in told.groupby("episode")}
    assert {label for labels in meaning.values() for label in labels.values()} == {"J", "F"}
    assert len({labels["C"] for labels in meaning.values()}) == 2  # drawn for every episode
    assert set(told.option_order) == {'["J", "F"]', '["F", "J"]'}
    assert (told.groupby("episode").option_order.nunique() > 1).any()


def test_a_society_that_gives_half_has_what_theory_says(server: Provider) -> None:
    for schedule, mean in (("released", 21835 / 64), ("strict", 12605 / 32)):
        seats = ["plain@local/tiny"] * 12
        result = play(server, brains.share("half"), "donor", *seats, rounds=12, schedule=schedule)
        assert np.mean(payoffs(result)) == pytest.approx(mean, rel=1e-12)
    assert server.requests == 2 * 72


def test_a_society_of_both_kinds_is_that_of_the_scripts(server: Provider) -> None:
    spoken = ["plain@local/tiny"] * 3 + ["image-scorer"] * 2 + ["never-donate"]
    scripted = ["constant-donor:fraction=0.25"] * 3 + ["image-scorer"] * 2 + ["never-donate"]
    settings: dict[str, Any] = {"rounds": 6, "mechanism": "refuse", "seed": 2}
    said = play(server, lambda messages: "ANSWER: donate 25 %", "donor", *spoken, **settings)
    done = dl.play("donor", scripted, **settings)
    assert payoffs(said) == payoffs(done)


@pytest.mark.parametrize(
    ("amount", "months", "gains"), [(lambda stock: 10, 12, [120] * 5), (lambda stock: stock // 5, 1, [20] * 5)]
)
def test_a_lake_with_models(server: Provider, amount: Any, months: int, gains: list[float]) -> None:
    result = play(server, brains.takes(amount), "fishery", *["plain@local/tiny"] * 5)
    assert payoffs(result) == gains
    assert result.tables["episodes"].list("survival_time") == [months] * 5
    assert server.requests == 5 * months


def test_public_goods_with_models(server: Provider) -> None:
    result = play(server, lambda messages: "ANSWER: 10", "public-goods", *["plain@local/tiny"] * 3, "free-rider")
    # Keeps 10 of 20, and gets 0.4 of 30; ten rounds.
    assert payoffs(result) == pytest.approx([220, 220, 220, 320])


def test_a_tournament_of_models_and_scripts(server: Provider) -> None:
    server.brain = brains.mirror
    settings: dict[str, Any] = {"rounds": 6, "repetitions": 2, "noise": 0.1, "seed": 3}
    named = ["plain@local/tiny", "grim", "always-defect", "random"]
    spoken = dl.tournament("prisoners-dilemma", named, base_url=server.url, log="moves", **settings)
    scripted = dl.tournament("prisoners-dilemma", ["tit-for-tat", *named[1:]], log="moves", **settings)
    assert spoken.tables["pairs"].list("payoff") == scripted.tables["pairs"].list("payoff")
    assert spoken.tables["moves"].list("action") == scripted.tables["moves"].list("action")
    assert server.requests == 3 * 2 * 6


def test_generations_of_models(server: Provider) -> None:
    data = {
        "experiment": "small",
        "game": {"name": "donor", "rounds": 4},
        "population": ["plain@local/tiny=4", "never-donate=4"],
        "generations": 3,
        "selection": {"rule": "truncation", "keep": 0.5},
        "inheritance": "copied",
        "base_url": server.url,
    }
    server.brain = brains.share("1/4")
    spoken = dl.run(data)
    scripted = dl.run({**data, "population": ["constant-donor:fraction=0.25=4", "never-donate=4"]})
    for column in ("payoff", "cooperation", "parents", "selected"):
        assert spoken.tables["agents"].list(column) == scripted.tables["agents"].list(column)
    assert set(spoken.tables["agents"].list("model")) == {"local/tiny", None}


def test_two_models_share_a_table(server: Provider) -> None:
    asked: list[str] = []

    def brain(messages: Messages) -> str:
        asked.append(server.bodies[-1]["model"])
        return brains.grim(messages)

    result = play(server, brain, PD, "plain@local/one", "cot@local/two")
    assert sorted(set(asked)) == ["one", "two"]
    assert result.tables["models"].list("model") == ["local/one", "local/two"]
    assert result.tables["models"].list("decisions") == [10, 10]


def test_a_persona_and_sampling_reach_the_model(server: Provider) -> None:
    seat = "plain:persona=You run a small bakery.:temperature=0.2@local/tiny"
    play(server, brains.grim, PD, seat, "grim", sampling={"temperature": 0.9, "top_p": 0.5}, rounds=1)
    body = server.bodies[-1]
    assert "You run a small bakery." in brains.whole(body["messages"])
    assert (body["temperature"], body["top_p"], body["max_tokens"]) == (0.2, 0.5, 4000)


def test_answers_by_a_schema(server: Provider) -> None:
    def brain(messages: Messages) -> str:
        schema = server.bodies[-1]["response_format"]["json_schema"]["schema"]
        return json.dumps({"reasoning": "so it is", "answer": schema["properties"]["answer"]["enum"][0]})

    result = play(server, brain, PD, "plain@local/tiny", "grim", answers={"form": "schema"})
    assert result.tables["models"].list("form") == ["json"]
    assert result.tables["runs"].list("invalid_share") == [0.0]


def test_everything_works_inside_a_running_loop(server: Provider) -> None:
    import asyncio

    async def notebook() -> list[float]:
        return payoffs(play(server, brains.grim, PD, "plain@local/tiny", DEFECT_ONCE))

    assert asyncio.run(notebook()) == [90, 10]


def test_results_of_models_are_the_same_from_files(server: Provider, tmp_path: Path) -> None:
    result = play(server, brains.grim, PD, "scot@local/tiny", "random", seed=3)
    result.save(tmp_path / "kept")
    again = dl.load(tmp_path / "kept")
    for name in ("moves", "models", "episodes", "runs"):
        assert list(again.tables[name].rows()) == list(result.tables[name].rows())


def test_a_person_a_model_and_a_script_sit_at_one_table(server: Provider, tmp_path: Path, monkeypatch: Any) -> None:
    from typer.testing import CliRunner

    from dilemmas.cli.app import app

    monkeypatch.chdir(tmp_path)
    server.brain = brains.takes(lambda stock: 10)
    seats = ["human", "plain@local/tiny", "sustainable"]
    words = ["play", "fishery", *seats, "--set", "seats=3", "--rounds", "2", "--base-url", server.url, "--out", "out"]
    ran = CliRunner().invoke(app, words, input="20\nundo\n12\n")
    assert ran.exit_code == 0, ran.output
    assert "cannot be taken back" in ran.output
    moves = dl.load("out").moves
    assert moves[moves["round"] == 1].amount.tolist() == [20, 10, 16]
    assert moves[moves.seat == 1].amount.tolist() == [20, 12]
    assert server.requests == 2
    assert CliRunner().invoke(app, ["replay", "out"]).exit_code == 0
    assert server.requests == 2
