from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from commons_play import drive, script
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from shared import truth

from dilemmas.engine.chance import Chance
from dilemmas.errors import UsageError
from dilemmas.rules import commons_metrics as measure
from dilemmas.rules.commons import Commons
from dilemmas.rules.game import Answers, View

CASES = range(10)


def game_of(case: dict[str, Any]) -> Commons:
    given = {int(round_) + 1: row for round_, row in case["allocation_override"].items()}
    keys = {"seats": "n_agents", "rounds": "max_rounds"} | {k: k for k in ("capacity", "growth", "collapse_below")}
    extra: dict[str, Any] = {"allocation": "given", "given": given} if given else {}
    return Commons(**{key: case[name] for key, name in keys.items()}, **extra)


@pytest.mark.parametrize("number", CASES)
def test_published_case(number: int) -> None:
    case = truth("commons/cases.json")["cases"][number]
    game = game_of(case)
    played = script(game, case["wanted"])
    assert played.rounds is not None and played.moves is not None
    rounds, expected = played.rounds, case["rounds"]
    for column in ("stock_before", "stock_after", "collapsed"):
        assert rounds[column].tolist() == [row[column] for row in expected]
    assert rounds["threshold"].tolist() == [row["group_threshold"] for row in expected]
    assert played.moves["amount"].tolist() == [w for row in expected for w in row["wanted"]]
    assert played.moves["payoff"].tolist() == [c for row in expected for c in row["collected"]]
    shares = game.share(rounds["stock_before"], 1)
    assert shares.tolist() == [row["per_agent_threshold"] for row in expected]


@pytest.mark.parametrize("number", CASES)
def test_metrics_of_published_case(number: int) -> None:
    case = truth("commons/cases.json")["cases"][number]
    score, facts = script(game_of(case), case["wanted"]).score, case["metrics"]
    extra = {name: column[0, 0] for name, column in score.extra.items()}
    assert score.payoff[0].tolist() == score.extra["gain"][0].tolist() == facts["gains"]
    assert bool(extra["survived"]) is facts["survived"]
    assert extra["survival_time"] == facts["survival_time"] == score.rounds[0]
    assert extra["efficiency"] == pytest.approx(float(Fraction(facts["efficiency_exact"])), abs=1e-15)
    assert extra["over_usage"] == pytest.approx(float(Fraction(facts["over_usage_exact"])), abs=1e-15)
    if facts["equality_exact"] is None:
        assert np.isnan(extra["equality"])
    else:
        assert extra["equality"] == pytest.approx(float(Fraction(facts["equality_exact"])), abs=1e-15)
    flags = np.array([row["over_per_agent"] for row in case["rounds"]])
    assert score.cooperations[0].tolist() == (~flags).sum(0).tolist()


@pytest.mark.parametrize("number", CASES)
def test_legacy_metrics_of_published_case(number: int) -> None:
    case = truth("commons/cases.json")["cases"][number]
    rows, facts = case["rounds"], case["metrics"]
    collected = np.array([[row["collected"] for row in rows]], float)
    before = np.array([[row["stock_before"] for row in rows]], float)
    trace = measure.Trace.of(collected, before)
    assert measure.legacy_survival_time(trace)[0] == facts["survival_time_strict_text"]
    group = measure.legacy_over_usage_group(trace)[0]
    assert group == pytest.approx(float(Fraction(facts["over_usage_group_threshold_exact"])))
    diluted = measure.over_usage(trace)[0] * collected[0].size / (collected[0].size + 9)
    assert measure.legacy_over_usage_rows(trace, 9)[0] == pytest.approx(diluted)


# -- threshold and share -----------------------------------------------------------------------------------------------


def best(stock: int, capacity: int, growth: Fraction) -> int:
    """The definition, by trying: max x with min(K, g (h - x)) >= h; 0 where there is none."""
    return max((x for x in range(stock + 1) if min(capacity, growth * (stock - x)) >= stock), default=0)


@given(st.integers(1, 200), st.integers(0, 200), st.integers(1, 40), st.integers(1, 20))
@settings(max_examples=200, deadline=None)
def test_threshold_is_its_definition(capacity: int, stock: int, above: int, below: int) -> None:
    stock, growth = min(stock, capacity), Fraction(above, below)
    found = measure.threshold(np.array([stock]), capacity, above / below)
    assert found.tolist() == [best(stock, capacity, growth)]


def test_shares_count_the_seats_that_are_there() -> None:
    stock, newcomer = np.array([100.0, 50.0]), {"joins": {5: 4}}
    assert Commons(**newcomer).share(stock, 3).tolist() == [12, 6]
    assert Commons(**newcomer).share(stock, 4).tolist() == [10, 5]
    published = Commons(**newcomer, as_published=True)
    assert [published.share(stock, r)[0] for r in (1, 3, 4, 12)] == [10, 12, 12, 12]
    assert Commons(integer=False, allocation="proportional", seats=3).share(stock, 1).tolist() == [50 / 3, 25 / 3]


def test_newcomer_is_asked_from_its_round_on() -> None:
    played = script(Commons(joins={5: 4}, rounds=6), np.full((6, 5), 10))
    assert played.moves is not None and played.rounds is not None
    late = played.moves["seat"] == 5
    assert played.moves["round"][late].tolist() == [4, 5, 6]
    assert played.score.decisions[0].tolist() == [6, 6, 6, 6, 3]
    assert played.rounds["wanted"].tolist() == [40, 40, 40, 50, 50, 50]
    assert played.score.payoff[0].tolist() == [60, 60, 60, 60, 30]


def test_a_seat_that_never_came_counts_in_no_mean() -> None:
    early = script(Commons(joins={5: 4}), np.full((12, 5), 30)).score
    assert early.extra["survival_time"][0, 0] == 1
    assert early.decisions[0].tolist() == [1, 1, 1, 1, 0]
    alone = script(Commons(joins={2: 3}, seats=2), np.full((12, 2), 99)).score
    assert alone.extra["equality"][0, 0] == 1


def test_measures_after_a_newcomer() -> None:
    collected = np.full((1, 15, 5), 10.0)
    collected[:, :3, 4] = 0
    trace = measure.Trace.of(collected, np.full((1, 15), 100.0), asked=collected > 0, scheduled=15)
    late = trace.since(4)
    assert late.scheduled.tolist() == [12]
    assert measure.gain(late)[0].tolist() == [120] * 5
    assert measure.efficiency(late)[0] == 1


def test_a_log_that_breaks_off_is_no_collapse() -> None:
    trace = measure.Trace.of(np.full((1, 3, 5), 10.0), np.full((1, 3), 100.0))
    assert not measure.finished(trace)[0] and not measure.collapsed(trace)[0]
    assert np.isnan(measure.survived(trace)[0]) and np.isnan(measure.survival_time(trace)[0])


# -- allocation --------------------------------------------------------------------------------------------------------


def once(wants: list[float], episodes: int, seed: int = 3, **parameters: Any) -> Any:
    game = Commons(rounds=1, seats=len(wants), **parameters)
    played = script(game, np.tile(np.array(wants), (episodes, 1, 1)), Chance.of(seed, 1, episodes))
    return played.score.payoff


def by_hand(wants: tuple[int, ...], stock: int) -> dict[tuple[int, ...], Fraction]:
    """The exact distribution of the unit-by-unit lottery."""
    odds = {(0,) * len(wants): Fraction(1)}
    for _ in range(stock):
        after: dict[tuple[int, ...], Fraction] = {}
        for got, chance in odds.items():
            open_ = [i for i, want in enumerate(wants) if got[i] < want]
            for i in open_:
                key = (*got[:i], got[i] + 1, *got[i + 1 :])
                after[key] = after.get(key, Fraction(0)) + chance / len(open_)
        odds = after
    return odds


def test_stochastic_is_the_unit_by_unit_lottery() -> None:
    wants, stock, episodes = (1, 2, 6), 6, 40_000
    got = once(list(wants), episodes, capacity=stock)
    seen, counts = np.unique(got, axis=0, return_counts=True)
    odds = by_hand(wants, stock)
    assert {tuple(map(int, row)) for row in seen} == set(odds)
    for row, count in zip(seen, counts, strict=True):
        chance = float(odds[tuple(map(int, row))])
        assert abs(count - episodes * chance) < 4.5 * np.sqrt(episodes * chance * (1 - chance)) + 1e-9


def test_stochastic_with_plenty_of_units_is_even() -> None:
    got = once([1e300, 300, 300, 2], 4000, capacity=200)
    assert (got.sum(axis=1) == 200).all()
    assert (got[:, 3] == 2).mean() > 0.99
    spread = 4.5 * np.sqrt(198 * (1 / 3) * (2 / 3) / 4000)
    assert np.abs(got[:, :3].mean(axis=0) - 66).max() < spread


def test_proportional_shares_out_everything() -> None:
    real = once([20, 20, 40], 1, capacity=40, allocation="proportional", integer=False)
    assert real.tolist() == [[10, 10, 20]]
    whole = once([20, 20, 20, 4, 4], 4000, capacity=40, allocation="proportional")
    assert (whole.sum(axis=1) == 40).all() and (whole[:, :3] >= 11).all() and (whole[:, 3:] >= 2).all()
    assert whole[:, :3].mean() > 11.8
    # 83.5 * 26 / 114 is 19.04: the stock that there is counts, not its whole units.
    assert once([39, 49, 26], 400, capacity=83.5, allocation="proportional").min(axis=0).tolist() == [28, 35, 19]


def test_given_amounts_stand_in_for_the_lottery() -> None:
    game = Commons(allocation="given", given=[None, [30, 10, 0, 0, 0]], rounds=3)
    played = script(game, [[12, 12, 12, 12, 12], [40, 20, 20, 20, 20], [0] * 5])
    assert played.score.payoff[0].tolist() == [42, 22, 12, 12, 12]
    assert played.rounds is not None and played.rounds["collected"].tolist() == [60, 40, 0]


def test_over_demand_without_given_amounts_is_an_error() -> None:
    game = Commons(allocation="given", given={2: [8] * 5})
    with pytest.raises(UsageError, match="round 1: more was wanted"):
        script(game, np.full((12, 5), 50))
    with pytest.raises(UsageError, match="come to 250"):
        script(Commons(allocation="given", given={1: [50] * 5}), np.full((12, 5), 50))


# -- invariants --------------------------------------------------------------------------------------------------------

PLAYS = st.fixed_dictionaries(
    {
        "seats": st.integers(1, 5),
        "rounds": st.integers(1, 6),
        "capacity": st.integers(5, 60),
        "growth": st.sampled_from([0.5, 1.0, 1.5, 2.0, 3.0]),
        "collapse_below": st.integers(0, 8),
        "kind": st.sampled_from(["stochastic", "proportional", "real"]),
        "joins": st.booleans(),
        "seed": st.integers(0, 2**31),
    }
)


def some_game(play: dict[str, Any]) -> Commons:
    real = play["kind"] == "real"
    joins = {play["seats"]: 2} if play["joins"] and play["seats"] > 1 and play["rounds"] > 1 else {}
    keys = ("seats", "rounds", "capacity", "growth", "collapse_below")
    return Commons(
        **{key: play[key] for key in keys},
        joins=joins,
        integer=not real,
        allocation="proportional" if real else play["kind"],
    )


def some_wants(play: dict[str, Any], episodes: int) -> Any:
    wants = np.random.default_rng(play["seed"]).uniform(0, 30, (episodes, play["rounds"], play["seats"]))
    return wants if play["kind"] == "real" else np.floor(wants)


@given(PLAYS)
@settings(max_examples=80, deadline=None)
def test_stock_is_conserved(play: dict[str, Any]) -> None:
    game, wants = some_game(play), some_wants(play, 4)
    played = script(game, wants, Chance.of(play["seed"], 1, 4))
    assert played.rounds is not None and played.moves is not None
    rounds, moves = played.rounds, played.moves
    slack = 1e-9 * game.capacity
    assert (rounds["stock_before"] <= game.capacity).all() and (rounds["stock_after"] >= 0).all()
    assert (moves["payoff"] <= moves["amount"]).all() and (moves["payoff"] >= 0).all()
    assert np.abs(rounds["stock_before"] - rounds["collected"] - rounds["stock_after"]).max() < slack
    scarce = rounds["wanted"] > rounds["stock_before"]
    units = rounds["stock_before"] if play["kind"] == "real" else np.floor(rounds["stock_before"])
    assert (
        np.abs(rounds["collected"] - np.where(scarce, np.minimum(units, rounds["wanted"]), rounds["wanted"])).max()
        < slack
    )
    assert (rounds["collapsed"] == (rounds["stock_after"] < game.collapse_below)).all()


@given(PLAYS)
@settings(max_examples=60, deadline=None)
def test_stock_follows_its_law_until_the_end(play: dict[str, Any]) -> None:
    game = some_game(play)
    rounds = script(game, some_wants(play, 1)).rounds
    assert rounds is not None
    grown = np.minimum(game.capacity, game.growth * rounds["stock_after"])
    assert rounds["stock_before"][1:].tolist() == grown[:-1].tolist()
    assert not rounds["collapsed"][:-1].any()
    assert bool(rounds["collapsed"][-1]) or len(grown) == game.rounds


@given(PLAYS)
@settings(max_examples=60, deadline=None)
def test_measures_are_shares(play: dict[str, Any]) -> None:
    game = some_game(play)
    extra = script(game, some_wants(play, 4)).score.extra
    for name in ("efficiency", "equality", "over_usage"):
        known = extra[name][~np.isnan(extra[name])]
        assert ((known >= -1e-12) & (known <= 1 + 1e-12)).all()
    assert (extra["survived"] <= (extra["survival_time"] == game.rounds)).all()


@given(PLAYS)
@settings(max_examples=40, deadline=None)
def test_equality_is_its_definition(play: dict[str, Any]) -> None:
    score = script(some_game(play), some_wants(play, 3)).score
    for total, there, found in zip(score.payoff, score.decisions > 0, score.extra["equality"][:, 0], strict=True):
        mine = total[there]
        gaps = sum(abs(a - b) for a in mine for b in mine)
        expected = 1 - gaps / (2 * len(mine) * mine.sum()) if mine.sum() else np.nan
        assert found == pytest.approx(expected, abs=1e-12, nan_ok=True)


@given(PLAYS)
@settings(max_examples=40, deadline=None)
def test_single_episodes_equal_the_batch(play: dict[str, Any]) -> None:
    game, wants, luck = some_game(play), some_wants(play, 6), Chance.of(play["seed"], 1, 6)
    whole = script(game, wants, luck)
    for row in range(6):
        one = script(game, wants[row : row + 1], luck.rows(row, row + 1))
        assert one.score.payoff[0].tobytes() == whole.score.payoff[row].tobytes()
        for name, column in one.score.extra.items():
            assert column[0].tobytes() == whole.score.extra[name][row].tobytes()


def test_continuation_draws_lengths_and_schedules_by_them() -> None:
    luck = Chance.of(0, 1, 300)
    game = Commons(continuation=0.8)
    played = drive(game, luck, lambda ask: np.full(ask.who.shape, 10))
    assert game.rounds is None and played.score.rounds.tolist() == game.lengths(luck).tolist()
    assert played.score.rounds.std() > 1 and (played.score.rounds >= 1).all()
    assert (played.score.extra["efficiency"] == 1).all() and played.score.extra["survived"].all()
    cut = Commons(continuation=0.8, rounds=3).lengths(luck)
    assert cut.tolist() == np.minimum(game.lengths(luck), 3).tolist()


# -- what is refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"integer": False}, "stochastic allocation hands out whole units"),
        ({"start": 200}, "start 200 is above the capacity 100"),
        ({"joins": {7: 2}}, "there is no seat 7"),
        ({"joins": {5: 13}}, "there are 12 rounds"),
        ({"seats": 1, "joins": {1: 2}}, "nobody is there in round 1"),
        ({"allocation": "given"}, "need each other"),
        ({"allocation": "given", "given": {1: [1]}}, "round 1 has 1 amounts for 5 seats"),
        ({"growth": -1}, "greater than 0"),
        ({"capacity": float("inf")}, "finite"),
        ({"capcity": 100}, "capcity"),
    ],
)
def test_nonsense_is_refused(parameters: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Commons(**parameters)


@pytest.mark.parametrize(
    ("integer", "bad"), [(True, [-1, 0.5, np.nan, np.inf]), (False, [-0.1, np.nan, np.inf, -np.inf])]
)
def test_illegal_amounts_are_found(integer: bool, bad: list[float]) -> None:
    game = Commons(integer=integer, allocation="stochastic" if integer else "proportional", seats=4)
    ask = game.ask(game.start(Chance.of(0, 1, 1)))
    assert ask is not None
    assert game.illegal(ask, Answers(amount=np.array([bad]))).all()
    assert not game.illegal(ask, Answers(amount=np.array([[0.0, 1, 7, 5000]]))).any()
    assert "from 0" in game.allowed(ask, 0)


# -- views -------------------------------------------------------------------------------------------------------------


def test_a_seat_sees_the_law_and_the_past() -> None:
    game = Commons(joins={5: 2})
    state = game.start(Chance.of(0, 1, 2))
    assert game.ask(state) is not None
    first = View(game, state).told(1)
    assert (first.round, first.rounds, first.stock, first.share, first.seats) == (1, 12, 100, 12, 4)
    assert first.mine == [] and first.others == [] and first.total is None and first.taken == [None] * 5
    state, _ = game.settle(state, Answers(amount=np.array([[1.0, 2, 3, 4, 99], [20.0] * 5])), Chance.of(0, 1, 2))
    assert game.ask(state) is not None
    then = View(game, state).told(1)
    assert (then.round, then.stock, then.share, then.seats) == (2, 100, 10, 5)
    assert then.mine == [2] and then.others == [1, 3, 4] and then.total == 10
    assert then.taken == [1, 2, 3, 4, None] and then.catches == [[1, 2, 3, 4, None]] and then.stocks == [100]
    assert View(game, state).told(4).mine == []
    assert View(game, state).told(7).earned == 20 and View(game, state).told(7).stock == 40


def test_every_field_has_a_row_a_seat_and_can_be_told() -> None:
    game = Commons(joins={3: 2}, horizon="hidden")
    state = game.start(Chance.of(0, 1, 3))
    for pair in pairwise([None, 1, 2]):
        where = np.array([0, 7, 12])
        for name in game.fields:
            every, some = getattr(View(game, state), name), getattr(View(game, state, where), name)
            assert len(every) == 15 and len(some) == 3
            assert np.array_equal(every[where], some, equal_nan=every.dtype.kind == "f"), (name, pair)
            View(game, state, where).told(1).__getattr__(name)
        game.ask(state)
        state, _ = game.settle(state, Answers(amount=np.full((3, 5), 3.0)), Chance.of(0, 1, 3))
    assert View(game, state).told(0).rounds is None
