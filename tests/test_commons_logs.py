from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shared import path, truth

from dilemmas.errors import FileError
from dilemmas.rules import commons_metrics as measure
from dilemmas.studies.published import Log, govsim, replay

RUNS = range(24)


@cache
def run(number: int) -> tuple[dict[str, Any], Log]:
    facts = truth("commons/runs/index.json")[number]
    return facts, govsim(path(f"commons/{facts['file']}"))


@pytest.mark.parametrize("number", RUNS)
def test_log_replays_through_the_rules(number: int) -> None:
    facts, log = run(number)
    played, rounds = replay(log, rounds=facts["max_rounds"])
    assert rounds["stock_before"].tolist() == log.stock_before.tolist()
    assert rounds["stock_after"].tolist() == log.stock_after.tolist()
    assert rounds["stock_after"][-1] == facts["final_stock_after_harvest"]
    assert (played is not None) is facts["complete"]
    if played is not None:
        assert played.moves is not None
        assert played.moves["payoff"].tolist() == log.collected[log.asked].tolist()
        assert played.score.rounds.tolist() == [facts["rounds"]]
        assert bool(played.score.extra["survived"][0, 0]) is facts["survived"]


@pytest.mark.parametrize("number", RUNS)
def test_measures_of_a_log(number: int) -> None:
    facts, log = run(number)
    game = log.game(rounds=facts["max_rounds"])
    trace = log.trace(game)
    assert log.utterances == facts["n_agent_utterances"]
    assert len(log.given()) == facts["wanted_over_pool_rounds"]
    assert measure.gain(trace).mean() == pytest.approx(facts["gain_mean"], abs=1e-12)
    assert 100 * measure.efficiency(trace)[0] == pytest.approx(facts["efficiency_pct"], abs=1e-9)
    assert 100 * measure.over_usage(trace)[0] == pytest.approx(facts["overusage_pct"], abs=1e-9)
    rows = 100 * measure.legacy_over_usage_rows(trace, log.utterances)[0]
    assert rows == pytest.approx(facts["overusage_rowdiluted_pct"], abs=1e-9)
    equality = np.nan if facts["equality_pct"] is None else facts["equality_pct"]
    assert 100 * measure.equality(trace)[0] == pytest.approx(equality, abs=1e-9, nan_ok=True)
    assert bool(measure.survived(trace)[0] == 1) is facts["survived"]


@pytest.mark.parametrize("number", RUNS)
def test_played_and_logged_measures_agree(number: int) -> None:
    _, log = run(number)
    played, _ = replay(log)
    assert played is not None
    for name, value in measure.metrics(log.trace(log.game())).items():
        kept = played.score.extra[name]
        assert np.array_equal(kept[0] if name == "gain" else kept[0, 0], value[0], equal_nan=name == "equality")


def rows(rounds: list[tuple[float, list[float]]]) -> list[dict[str, Any]]:
    written = []
    for number, (before, takes) in enumerate(rounds):
        for agent, take in enumerate(takes):
            row = {"agent_id": f"a{agent}", "round": number, "action": "harvesting"}
            row |= {
                "resource_in_pool_before_harvesting": before,
                "resource_in_pool_after_harvesting": before - sum(takes),
            }
            written.append(row | {"resource_collected": take, "wanted_resource": take})
    return written


def save(folder: Path, data: Any) -> Path:
    file = folder / "log_env.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    return file


def test_a_log_that_breaks_off_is_not_a_collapse(tmp_path: Path) -> None:
    log = govsim(save(tmp_path, rows([(100, [10, 20]), (100, [30, 30])])))
    played, rounds = replay(log)
    assert played is None and len(rounds["stock_before"]) == 2
    assert np.isnan(measure.survived(log.trace(log.game()))[0])


def test_another_law_is_refused(tmp_path: Path) -> None:
    log = govsim(save(tmp_path, rows([(100, [10, 20]), (70, [30, 30])])))
    with pytest.raises(FileError, match="round 2: 100 should be there and the log says 70"):
        replay(log)


def test_a_newcomer_in_a_log_joins(tmp_path: Path) -> None:
    log = govsim(save(tmp_path, rows([(100, [10, 20]), (100, [20, 20, 20]), (80, [50, 15, 15])])))
    assert log.joins() == {3: 2}
    played, _ = replay(log)
    assert played is not None and played.score.decisions[0].tolist() == [3, 3, 2]


def test_a_harvest_that_tells_no_want_is_refused(tmp_path: Path) -> None:
    data = rows([(100, [10, 20])])
    del data[0]["wanted_resource"]
    with pytest.raises(FileError, match="no 'wanted_resource'"):
        govsim(save(tmp_path, data))


@pytest.mark.parametrize(
    ("wants", "takes", "words"),
    [
        ([80, 60], [81, 19], "round 1: a0 wanted 80 and got 81"),
        ([80, 60], [40, 30], "round 1: more was wanted than there was, and of 100 only 70 went"),
        ([50, 30], [51, 29], "round 1: there was enough for all, and not everyone got what it wanted"),
        ([80, 60], [60, 40], ""),
    ],
)
def test_all_goes_where_more_is_wanted_and_nobody_gets_more_than_that(
    tmp_path: Path, wants: list[float], takes: list[float], words: str
) -> None:
    data = rows([(100, takes)])
    for row, wanted in zip(data, wants, strict=True):
        row["wanted_resource"] = wanted
    log = govsim(save(tmp_path, data))
    assert log.strange(log.game()) == words


def test_who_harvested_before_harvests_again(tmp_path: Path) -> None:
    data = [
        row
        for row in rows([(100, [10, 0]), (100, [10, 0]), (100, [10, 20])])
        if (row["agent_id"], row["round"]) != ("a1", 1)
    ]
    log = govsim(save(tmp_path, data))
    assert log.strange(log.game()) == "round 2: a1 has no harvest, and had one before"


@pytest.mark.parametrize("stock", [120, 0])
def test_a_first_stock_that_cannot_be_is_one_line(tmp_path: Path, stock: float) -> None:
    log = govsim(save(tmp_path, rows([(stock, [0, 0])])))
    with pytest.raises(FileError, match=rf"log_env\.json: round 1: the stock is {stock}; expected more than 0"):
        log.game()


@pytest.mark.parametrize(
    ("talk", "words"),
    [
        ({"agent_id": "a0", "round": 2, "utterance": "Hi"}, "talk in round 3, and the last harvest is that of round 2"),
        ({"agent_id": "a7", "round": 1, "utterance": "Hi"}, "round 2: a7 speaks and does not harvest"),
        ({"agent_id": "a2", "round": 0, "utterance": "Hi"}, "round 1: a2 speaks and does not harvest"),
        ({"action": "conversation_resource_limit", "round": 5, "resource_limit": 5}, "talk in round 6"),
    ],
)
def test_talk_is_of_who_was_there_in_rounds_that_were_played(tmp_path: Path, talk: dict[str, Any], words: str) -> None:
    data = rows([(100, [10, 20]), (100, [20, 20, 20])])
    with pytest.raises(FileError, match=words):
        govsim(save(tmp_path, [*data, {"action": "utterance", **talk}]))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("wanted_resource", "many"),
        ("wanted_resource", -1),
        ("resource_collected", None),
        ("resource_collected", float("nan")),
        ("round", None),
        ("round", -1),
        ("round", 0.5),
    ],
)
def test_numbers_that_cannot_be_are_refused(tmp_path: Path, key: str, value: Any) -> None:
    data = rows([(100, [10, 20])])
    data[0][key] = value
    with pytest.raises(FileError, match=key):
        govsim(save(tmp_path, data))


def test_what_the_rules_cannot_play_is_refused(tmp_path: Path) -> None:
    data = rows([(100, [10, 20])])
    data[0]["wanted_resource"] = 11
    with pytest.raises(FileError, match="not everyone got what it wanted"):
        replay(govsim(save(tmp_path, data)))
    late = govsim(save(tmp_path, rows([(100, [10, 20])] * 3)))
    with pytest.raises(FileError, match="3 rounds, and the game was over after 2"):
        replay(late, rounds=2)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "no list"),
        ([], "no harvest"),
        ([{"action": "harvesting"}], "has no"),
        ([{"action": "utterance"}], "no harvest"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, data: Any, words: str) -> None:
    with pytest.raises(FileError, match=words):
        govsim(save(tmp_path, data))


def test_a_missing_or_torn_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be read"):
        govsim(tmp_path / "none.json")
    torn = tmp_path / "torn.json"
    torn.write_text('[{"action": "har', encoding="utf-8")
    with pytest.raises(FileError, match="cannot be read"):
        govsim(torn)
