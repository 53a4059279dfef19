"""The 144 ordinal games played by servers through the real prompts, against the scripted laboratory; their scores."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import brains
import numpy as np
import pytest
from provider import Messages, Provider
from scenes import played

from dilemmas import game as dl_game
from dilemmas.errors import SpecError
from dilemmas.report import plots
from dilemmas.rules.game import Answers
from dilemmas.rules.ordinal import describe, family_of, ordinal
from dilemmas.runs.lab import Order, carry_out
from dilemmas.specs import catalogue, experiment, games, reading

FEW = [1, 14, 27, 40, 53, 66, 79, 92, 105, 118, 131, 144]  # one a row of the grid, one a column
ALL = list(range(1, 145))


def replies(messages: Messages) -> str:
    """The best reply to what the other chose last, by the points that the prompt tells; first to both alike."""
    table, past = brains.payoffs(brains.whole(messages)), brains.history(messages[-1]["content"])
    last = past[-1][1] if past else "JF"
    return f"ANSWER: {max('JF', key=lambda mine: sum(table[mine, theirs][0] for theirs in last))}"


def alternates(messages: Messages) -> str:
    """J in odd rounds, F in even ones."""
    return f"Now the other one. ANSWER: option {'JF'[len(brains.history(messages[-1]['content'])) % 2]}"


BRAINS = {"best-response": replies, "alternator": alternates}


def study(games: list[int], **changes: Any) -> dict[str, Any]:
    """The experiment of the paper, with labels that do not change their meaning, so that a brain knows them."""
    data = reading.load(catalogue.find("experiments", "akata/games-144"))
    told = {"game.labels": ["J", "F"], "game.permute": "fixed", "model": "local/tiny", "log": "summary", **changes}
    data = {key: value for key, value in data.items() if key != "published"}
    told |= {"population": [data["population"][0], data["population"][3]], "tournament.self": False}
    return experiment.changed({**data, "sweep": {"game.game": games}}, told)


def compared(server: Provider, name: str, games: list[int], as_published: bool = False) -> None:
    """Totals of a brain in every game and seat are those of the same strategy played by the laboratory."""
    server.brain = BRAINS[name]
    given = study(games, **{"game.as_published": as_published, "base_url": server.url})
    spoken = carry_out(Order(given)).result
    entry = {"name": "model", "strategy": name}
    scripted = carry_out(Order({**given, "population": [entry, *given["population"][1:]]})).result
    keys = ["run", "episode", "seat"]
    totals = [result.episodes.sort_values(keys)["payoff"].tolist() for result in (spoken, scripted)]
    assert totals[0] == totals[1]
    # seats that are alike meet once, others in both seatings
    assert len(totals[0]) == sum(2 if describe(number).symmetric else 4 for number in games)
    for measure in ("score", "best_reply", "fair"):
        assert spoken.scores[measure].tolist() == scripted.scores[measure].tolist()


def test_a_brain_in_a_game_of_every_row_and_column(server: Provider) -> None:
    compared(server, "best-response", FEW)


@pytest.mark.slow
@pytest.mark.parametrize("name", BRAINS)
def test_brains_in_all_games(server: Provider, name: str) -> None:
    compared(server, name, ALL)


# -- scores ----------------------------------------------------------------------------------------------------------


def test_scores_of_a_match_worked_out_by_hand() -> None:
    """Always the favourite against the alternator in the battle of the sexes: 5 of 10 rounds pay 10 and 7."""
    data = {"experiment": "x", "game": {"name": "battle-of-the-sexes", "rounds": 10}, "tournament": {}}
    made = carry_out(Order({**data, "population": ["always-first", "alternator"]})).result.scores
    mine = made[(made["strategy"] == "always-first")].set_index("seat")
    assert mine["score"].tolist() == [50 / 100, 35 / 100]
    assert mine["best_reply"].tolist() == [50 / 85, 35 / 85]  # the alternator's moves could have paid 10 and 7 by turns
    assert mine["fair"].tolist() == [35 / 85, 35 / 85]
    assert made["family"].isna().all() and made["episodes"].tolist() == [1] * 4


def test_families_are_known_by_payoffs_alone() -> None:
    for number in (1, 17, 60, 96, 144):
        for printed in (False, True):
            assert family_of(ordinal(number, as_published=printed)) == describe(number).family
    assert family_of(dl_game("prisoners-dilemma-akata").rules) == "PD Family"
    assert family_of(dl_game("battle-of-the-sexes").rules) is None


def test_games_where_a_share_means_nothing_have_no_scores() -> None:
    game = {"name": "prisoners-dilemma", "payoffs": {"CC": [1, 1], "CD": [-1, 2], "DC": [2, -1], "DD": [0, 0]}}
    data = {"experiment": "x", "game": game, "population": ["grim", "alternator"], "tournament": {}}
    assert "scores" not in carry_out(Order(data)).result.tables


def test_repetitions_are_rows_of_their_own() -> None:
    data = {"experiment": "x", "game": {"name": "prisoners-dilemma", "rounds": 5}, "tournament": {}, "repetitions": 3}
    made = carry_out(Order({**data, "population": ["random", "grim"]})).result
    assert len(made.scores) == 3 * 2  # seats that are alike meet once, so each strategy keeps its seat
    best = 5 * made.episodes["rounds"].iloc[0]
    assert made.scores["score"].sum() == pytest.approx(made.episodes["payoff"].sum() / best)


# -- switches --------------------------------------------------------------------------------------------------------


def prompts(server: Provider, **game: Any) -> list[str]:
    """What a model is sent in two rounds of the dilemma."""
    server.brain = lambda messages: f"ANSWER: {brains.dilemma(messages)[0]}"
    server.bodies.clear()
    data = {"experiment": "x", "command": "play", "model": "local/tiny", "base_url": server.url, "log": "moves"}
    told = {"name": "prisoners-dilemma-akata", "rounds": 2, **game}
    made = carry_out(Order({**data, "game": told, "population": ["plain", "always-cooperate"]})).result
    assert made.episodes["rounds"].tolist() == [2, 2]
    return [brains.whole(body["messages"]) for body in server.bodies]


def test_a_chance_of_the_end_is_told_while_rounds_are_fixed(server: Provider) -> None:
    known = prompts(server)
    for told, percent in ((0.99, "99 %"), (0.6, "60 %"), (0.2, "20 %")):
        sent = prompts(server, told_continuation=told)
        assert len(sent) == 2 and all(f"with a chance of {percent}." in text for text in sent)
        assert not any("never more than" in text or "2 rounds in all" in text for text in sent)
    assert all("2 rounds in all" in text for text in known)


def test_a_chance_that_is_told_fits_no_other_horizon() -> None:
    with pytest.raises(SpecError, match="told_continuation is told only with horizon chance"):
        prompts_of = {"name": "prisoners-dilemma-akata", "told_continuation": 0.5, "horizon": "hidden"}
        carry_out(Order({"experiment": "x", "game": prompts_of, "population": ["grim", "grim"]}))


@pytest.mark.parametrize(
    ("change", "there", "gone"),
    [
        ({"labels": ["Q", "X"], "permute": "fixed"}, "option Q or X", "option J or F"),
        ({"unit": "coins"}, "8 coins", "8 points"),
        ({"frame": "cooking"}, "cooking contest", "option"),
        ({"frame": "project"}, "project", "option"),
        ({"payoffs": {"CC": [9, 9], "CD": [0, 10], "DC": [10, 0], "DD": [5, 5]}}, "9 points", "8 points"),
    ],
)
def test_labels_units_stories_and_payoffs_are_a_line_each(
    server: Provider, change: dict[str, Any], there: str, gone: str
) -> None:
    fixed = {"labels": ["J", "F"], "permute": "fixed", "order": "fixed", "lines": "fixed"}
    usual, changed = prompts(server, **fixed), prompts(server, **{**fixed, **change})
    assert there in changed[0] and gone not in changed[0]
    assert gone in usual[0] and there not in usual[0]


def test_the_order_of_options_is_drawn_every_round() -> None:
    data = {"experiment": "x", "command": "play", "population": ["plain@rehearsal", "grim"], "log": "moves"}
    for order, kinds in (("fixed", 1), ("round", 2)):
        game = {"name": "prisoners-dilemma-akata", "rounds": 12, "order": order, "permute": "fixed"}
        moves = carry_out(Order({**data, "game": game})).result.moves
        assert moves[moves["seat"] == 1]["option_order"].nunique() == kinds


def test_predictions_are_scored_round_by_round(server: Provider, tmp_path: Path) -> None:
    """A player who expects that the other does the same again meets the alternator."""
    server.brain = brains.predictor
    data = {"experiment": "x", "command": "play", "model": "local/tiny", "base_url": server.url, "log": "moves"}
    game = {"name": "battle-of-the-sexes", "rounds": 6}
    made = carry_out(Order({**data, "game": game, "population": ["scot", "alternator"]})).result
    plots.draw(made.tables, tmp_path, only=["predictions"], formats=("png",))
    with (tmp_path / "predictions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    mine = made.moves[made.moves["seat"] == 1]
    theirs = made.moves[made.moves["seat"] == 2]["action"].tolist()
    came = [float(said == done) for said, done in zip(mine["prediction"], theirs, strict=True)]
    assert [float(row["right"]) for row in rows] == came and 0 < sum(came) < 6
    assert {row["partner"] for row in rows} == {"alternator"}


def test_the_144_games_are_told_in_random_capitals() -> None:
    block = reading.load(catalogue.find("experiments", "akata/games-144"))["game"]
    dilemma = games.load(block.pop("name"), block)
    told: list[frozenset[str]] = []
    for seed in range(40):
        (scenes, *_) = played(dilemma, lambda ask: Answers(choice=np.zeros(ask.who.shape, np.intp)), seed=seed)
        told.append(frozenset(scenes[0].labels))
    letters = frozenset("BCDEFGHJKLMNOPQRSTUVWXYZ")
    assert all(len(pair) == 2 and pair <= letters for pair in told)
    assert len(frozenset[str]().union(*told)) > 20 and len(set(told)) > 30
