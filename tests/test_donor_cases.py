"""The donor game against independently computed cases, move by move."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from donor_play import by_schedule, cast_of, one, rule
from shared import TRUTH, truth

from dilemmas.engine.batch import play
from dilemmas.engine.chance import Chance
from dilemmas.rules.donor import Donor
from dilemmas.rules.donor_trace import tell

LAWS = {"constant": "constant-donor", "image": "image-scorer"}
KEYS = {"min": "low", "max": "high"}
SCHEDULED = ("strict", "released")
CASES = truth("donor/cases.json")["cases"] if (TRUTH / "donor/cases.json").exists() else []


def strategies(case: dict[str, Any]) -> list[Any]:
    def made(spec: dict[str, Any]) -> Any:
        numbers = {KEYS.get(key, key): value for key, value in spec.items() if key != "type"}
        return rule(LAWS.get(spec["type"], spec["type"].replace("_", "-")), **numbers)

    return [made(spec) for spec in case["strategies"]]


def game_of(case: dict[str, Any], **changes: Any) -> Donor:
    mechanism = "punish" if any(spec["type"] == "punisher" for spec in case["strategies"]) else "none"
    numbers = {
        "seats": case["n_agents"],
        "endowment": case["initial"],
        "multiplier": case["multiplier"],
        "punish_multiplier": case["punish_multiplier"],
        "trace": case["trace_depth"],
        "mechanism": mechanism,
    }
    return Donor.paired(case["pairings"], **{**numbers, **changes})


def seen(trace: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A case's trace in the words of a view."""
    return [
        {
            "round": entry["round"],
            "actor": entry["actor"] + 1,
            "target": entry["target"] + 1,
            "share": pytest.approx(entry["fraction"], abs=1e-12),
            "kind": entry["kind"],
        }
        for entry in trace
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_case_move_by_move(case: dict[str, Any]) -> None:
    game, team = game_of(case), strategies(case)
    balances = np.full(case["n_agents"], case["initial"])
    for round_, (moves, views) in zip(case["rounds"], one(game, team), strict=True):
        assert len(moves) == len(round_["moves"])
        for move in round_["moves"]:
            donor, recipient = move["donor"], move["recipient"]
            found = moves[donor]
            assert found["partner"] == recipient
            assert game.options("gift", donor)[found["action"]] == move["action"]
            assert found["amount"] == pytest.approx(move["amount"], rel=1e-12)
            assert found["payoff"] == pytest.approx(-move["amount"], rel=1e-12)
            assert found["received"] == pytest.approx(move["recipient_delta"], rel=1e-12)
            assert found["share"] == pytest.approx(move["recorded_fraction"], rel=1e-12)
            assert views[donor]["chain"] == seen(move["trace_seen"])
            assert views[donor]["shares"] == pytest.approx([entry["fraction"] for entry in move["trace_seen"]])
            assert views[donor]["partner"] == recipient + 1
            assert views[donor]["balance"] == pytest.approx(balances[donor], rel=1e-12)
            assert views[donor]["their_balance"] == pytest.approx(balances[recipient], rel=1e-12)
        for seat, move in moves.items():
            balances[seat] += move["payoff"]
            balances[move["partner"]] += move["received"]
        assert balances == pytest.approx(round_["balances"], rel=1e-12)
    score = play(game, cast_of(team), Chance.of(0, 1, 1)).score
    assert score.payoff[0] == pytest.approx(case["final"], rel=1e-12)
    assert score.payoff.mean() == pytest.approx(case["mean_final"], rel=1e-12)


@pytest.mark.parametrize("case", [case for case in CASES if case["n_agents"] == 12], ids=lambda case: case["id"])
def test_schedules_make_the_pairings_of_the_cases(case: dict[str, Any]) -> None:
    schedule = "released" if "released" in case["id"] else "strict"
    assert [[list(pair) for pair in pairs] for pairs in by_schedule(schedule, 12, 12)] == case["pairings"]


@pytest.mark.parametrize("case", [case for case in CASES if case["n_agents"] < 12], ids=lambda case: case["id"])
def test_small_cases_follow_the_strict_schedule(case: dict[str, Any]) -> None:
    rounds = len(case["pairings"])
    expected = [sorted(pairs) for pairs in case["pairings"]]
    assert [sorted(pairs) for pairs in by_schedule("strict", case["n_agents"], rounds)] == expected


def test_a_donor_without_units_can_be_recorded_as_unknown() -> None:
    case = next(case for case in CASES if case["id"].startswith("D11")) if CASES else pytest.skip("no truth data")
    rounds = list(one(game_of(case, zero_trace="null"), strategies(case)))
    # Agent 0 has nothing left in round 3; the punisher that meets it next knows nothing and gives its first share.
    assert np.isnan(rounds[2][0][0]["share"])
    assert rounds[3][1][3]["chain"][0]["share"] is None
    assert rounds[3][0][3]["action"] == 0


@pytest.mark.parametrize("number", [0, 1])
def test_second_games_reverse_the_pairings(number: int) -> None:
    case = truth("donor/cases.json")["selection_cases"][number]
    pairings = truth("donor/cases.json")["selection_cases"][0]["pairings_game1"]
    reverse = [[pair[::-1] for pair in pairs] for pairs in pairings]
    assert reverse == truth("donor/cases.json")["selection_cases"][0]["pairings_game2"]
    game = Donor.paired(pairings, games=2)
    group = np.zeros(2, int)
    luck = Chance(0, 1, np.arange(2), group, group, np.array([0, 1]))
    final = play(game, cast_of(strategies(case), 2), luck).score.payoff
    assert final[0] == pytest.approx(case["final_game1"], rel=1e-12)
    assert final[1] == pytest.approx(case["final_game2"], rel=1e-12)
    score = case.get("score", case.get("score_mean"))
    assert final.mean(axis=0) == pytest.approx(score, rel=1e-12)


def test_a_trace_line_tells_seats_from_one() -> None:
    from dilemmas.rules.donor_trace import empty, extend

    chain = empty(4, 2)
    extend(chain, np.array([0]), np.array([2]), 4, round_=1, kind=0, share=np.array([0.25]))
    assert tell(chain[0]) == [{"round": 1, "actor": 1, "target": 3, "share": 0.25, "kind": "donate"}]
    assert tell(chain[1]) == []
