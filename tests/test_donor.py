"""The donor game's rules: schedules, accounts, mechanisms, theory, and what may not depend on how it is played."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from donor_play import by_schedule, cast_of, one, rule
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dilemmas.engine import live
from dilemmas.engine.batch import play
from dilemmas.engine.chance import Chance
from dilemmas.errors import IllegalAnswer, Misfit
from dilemmas.rules.donor import Donor
from dilemmas.rules.donor_theory import expected_mean
from dilemmas.rules.game import Answers

# Final means by (share, multiplier): strict and released, 12 seats and rounds (fact sheet of the paper, section 5).
CLOSED = {
    (0, 1.5): (10, 10),
    (0, 2): (10, 10),
    (0, 3): (10, 10),
    (0.1, 1.5): (13.700, 13.691),
    (0.1, 2): (18.748, 18.708),
    (0.1, 3): (34.975, 34.700),
    (0.25, 1.5): (23.300, 23.051),
    (0.25, 2): (53.489, 52.024),
    (0.25, 3): (266.538, 247.376),
    (0.5, 1.5): (67.343, 63.123),
    (0.5, 2): (12605 / 32, 21835 / 64),
    (0.5, 3): (8784.715, 6391.892),
    (0.75, 1.5): (244.925, 203.400),
    (0.75, 2): (3482.668, 2414.797),
    (0.75, 3): (220606.24, 111995.85),
    (0.9, 1.5): (586.032, 432.407),
    (0.9, 2): (12996.471, 7493.202),
    (0.9, 3): (1231658.05, 488561.98),
    (1, 1.5): (1081.219, 720.813),
    (1, 2): (30720, 15360),
    (1, 3): (3542940, 1180980),
}

# Three learn from the trace, one from nothing; the last two also punish, where that can be.
TEAM = [
    rule("constant-donor", fraction=0.3),
    rule("mirror", first=0.7),
    rule("chain-average", first=0.2),
    rule("stern-judging"),
    rule("image-scorer", threshold=0.4),
]


@pytest.mark.parametrize(("share", "multiplier"), CLOSED)
def test_closed_form_is_the_table_and_the_play(share: float, multiplier: float) -> None:
    for schedule, value in zip(("strict", "released"), CLOSED[share, multiplier], strict=True):
        theory = expected_mean(multiplier, share, 12, 10, schedule, 12)
        assert theory == pytest.approx(value, rel=1e-7, abs=5.001e-4)
        game = Donor(multiplier=multiplier, schedule=schedule)
        played = play(game, cast_of([rule("constant-donor", fraction=share)] * 12, 3), Chance.of(0, 1, 3))
        assert played.score.payoff.mean(axis=1) == pytest.approx(theory, rel=1e-12)


def test_figures_that_everybody_quotes() -> None:
    def mean(schedule: str, share: float) -> float:
        cast = cast_of([rule("constant-donor", fraction=share)] * 12)
        return float(play(Donor(schedule=schedule), cast, Chance.of(0, 1, 1)).score.payoff.mean())

    assert f"{mean('released', 0.5):.3f}" == "341.172"
    assert f"{mean('strict', 0.5):.3f}" == "393.906"
    assert f"{mean('strict', 0):.3f}" == f"{mean('released', 0):.3f}" == "10.000"


@given(st.integers(1, 6), st.integers(1, 25), st.floats(0, 1), st.floats(0, 4))
@settings(max_examples=40, deadline=None)
def test_theory_fits_play_in_any_size(half: int, rounds: int, share: float, multiplier: float) -> None:
    for schedule in ("strict", "released"):
        game = Donor(seats=2 * half, rounds=rounds, schedule=schedule, multiplier=multiplier)
        cast = cast_of([rule("constant-donor", fraction=share)] * game.seats)
        theory = expected_mean(multiplier, share, rounds, 10, schedule, game.seats)
        assert play(game, cast, Chance.of(1, 1, 1)).score.payoff.mean() == pytest.approx(theory, rel=1e-9)


@pytest.mark.parametrize("seats", [6, 7])
def test_random_pairing_has_the_expected_mean(seats: int) -> None:
    episodes = 4000
    game = Donor(seats=seats, rounds=5, schedule="random")
    cast = cast_of([rule("constant-donor", fraction=0.5)] * seats, episodes)
    means = play(game, cast, Chance.of(3, 1, episodes), keep=False).score.payoff.mean(axis=1)
    error = means.std(ddof=1) / np.sqrt(episodes)
    # With one share for all, the mean varies with who happens to give twice.
    assert abs(means.mean() - expected_mean(2, 0.5, 5, 10, "random", seats)) < 4 * error


# -- schedules ------------------------------------------------------------------------------------------------


@given(st.integers(1, 8), st.integers(1, 40))
@settings(max_examples=30, deadline=None)
def test_strict_takes_turns(half: int, rounds: int) -> None:
    found = by_schedule("strict", 2 * half, rounds)
    for i, pairs in enumerate(found):
        assert {donor < half for donor, _ in pairs} == {i % 2 == 0}
        assert sorted(seat for pair in pairs for seat in pair) == list(range(2 * half))


@given(st.integers(1, 8))
@settings(max_examples=8, deadline=None)
def test_no_repeat_never_repeats_a_partner(half: int) -> None:
    met = [frozenset(pair) for pairs in by_schedule("no-repeat", 2 * half, half) for pair in pairs]
    assert len(set(met)) == len(met)


@given(st.integers(1, 8))
@settings(max_examples=8, deadline=None)
def test_released_meets_everybody_once_each_way(half: int) -> None:
    met = [tuple(pair) for pairs in by_schedule("released", 2 * half, 2 * half) for pair in pairs]
    assert len(set(met)) == len(met)
    assert {(b, a) for a, b in met} == set(met)


@pytest.mark.parametrize("seats", [2, 5, 12])
def test_random_schedule_pairs_all_but_an_odd_one(seats: int) -> None:
    game = Donor(seats=seats, rounds=30, schedule="random")
    out, gave = np.zeros(seats), np.zeros(seats)
    for moves, _ in one(game, [rule("constant-donor")] * seats):
        named = [seat for donor, move in moves.items() for seat in (donor, move["partner"])]
        assert len(set(named)) == len(named) == 2 * (seats // 2)
        gave[list(moves)] += 1
        out[[seat for seat in range(seats) if seat not in named]] += 1
    assert out.sum() == 30 * (seats % 2)
    assert gave.max() < 30 and gave.min() > 0


@pytest.mark.parametrize("schedule", ["strict", "released", "random"])
def test_second_game_reverses_every_pair(schedule: str) -> None:
    game = Donor(seats=6, rounds=7, schedule=schedule, games=2)
    group = np.array([4, 4, 9, 9])
    luck = Chance(0, 1, np.arange(4), group, group, np.array([0, 1, 0, 1]))
    moves = play(game, cast_of([rule("constant-donor")] * 6, 4), luck).moves
    assert moves is not None
    pairs = [set() for _ in range(4)]
    keys = ("episode", "round", "seat", "partner")
    for episode, round_, seat, partner in zip(*(moves[key] for key in keys), strict=True):
        pairs[episode - 1].add((int(round_), int(seat) - 1, int(partner)))
    assert pairs[1] == {(r, b, a) for r, a, b in pairs[0]}
    assert pairs[3] == {(r, b, a) for r, a, b in pairs[2]}
    assert pairs[2] != pairs[0]


def test_seats_are_shuffled_unless_told() -> None:
    team = [rule("constant-donor", fraction=share) for share in np.linspace(0, 1, 12)]
    dealt = play(Donor(), cast_of(team, 50), Chance.of(0, 1, 50)).moves
    kept = play(Donor(shuffle=False), cast_of(team, 50), Chance.of(0, 1, 50)).moves
    assert dealt is not None and kept is not None
    firsts = [set(moves["seat"][(moves["round"] == 1)]) for moves in (dealt, kept)]
    assert firsts == [set(range(1, 13)), set(range(1, 7))]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"seats": 11}, "even number of seats, not 11"),
        ({"seats": 11, "schedule": "strict"}, "even number of seats, not 11"),
        ({"schedule": "no-repeat"}, "rounds <= 6 or at least 24 seats"),
        ({"seats": 1, "schedule": "random"}, "greater than or equal to 2"),
        ({"pairings": [[[0, 1]]]}, "seat 0; seats count from 1 to 2"),
        ({"pairings": [[[1, 2], [2, 3]]]}, "round 1 has seat 2 twice"),
        ({"pairings": []}, "has no rounds"),
        ({"norm": "stern-juding"}, "Did you mean 'stern-judging'"),
        ({"norm": {"GC": "G"}}, "8 \\(GGC"),
        ({"norm": {"C": "G", "D": "X"}}, "found 'X'"),
        ({"information": ["gossip"]}, "'trace', 'image' or 'standing'"),
        ({"zero_trace": 2}, "'one' or 'null'"),
        ({"endowment": -1}, "greater than or equal to 0"),
        ({"multiplier": "inf"}, "finite"),
        ({"multiplyer": 2}, "Extra inputs"),
    ],
)
def test_impossible_games_are_refused(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Donor(**wrong)


def test_switches_are_read_as_people_write_them() -> None:
    game = Donor(information="image, standing", zero_trace=None, mechanism=None, multiplier="3/2", observation="80%")
    assert game.information == ("image", "standing")
    assert (game.zero_trace, game.mechanism, game.multiplier, game.observation) == ("null", "none", 1.5, 0.8)
    assert Donor(zero_trace=1).zero_trace == "one"
    assert Donor(information="none").information == () and Donor(information="none").depth == 0


# -- accounts -------------------------------------------------------------------------------------------------

GAMES = st.fixed_dictionaries(
    {
        "seats": st.sampled_from([4, 6, 10]),
        "rounds": st.integers(1, 9),
        "multiplier": st.sampled_from([0.5, 1.5, 2.0, 3.0]),
        "punish_multiplier": st.sampled_from([0.0, 2.0, 7.0]),
        "endowment": st.sampled_from([0.0, 1.0, 10.0]),
        "schedule": st.sampled_from(["strict", "released", "random"]),
        "trace": st.integers(0, 4),
        "information": st.sampled_from([["trace"], ["image", "trace"], ["standing", "trace"]]),
        "image": st.sampled_from(["binary", "integer"]),
        "zero_trace": st.sampled_from(["one", "null"]),
        "mechanism": st.sampled_from(["none", "punish", "refuse"]),
        "norm": st.sampled_from(["l1", "stern-judging", "image-scoring"]),
        "observation": st.sampled_from([0.5, 1.0]),
        "assessment_error": st.sampled_from([0.0, 0.2]),
        "execution_error": st.sampled_from([0.0, 0.3]),
    }
)


def team_of(game: Donor) -> list[Any]:
    extra = [rule("punisher", threshold=0.6), rule("punisher")] if game.mechanism == "punish" else [rule("shunning")]
    return [(TEAM + extra)[seat % (len(TEAM) + len(extra))] for seat in range(game.seats)]


def luck_of(seed: int, episodes: int) -> Chance:
    count = np.arange(episodes)
    return Chance(seed, 1, count, count // 2, count // 2, count % 2)


@given(GAMES, st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_every_unit_is_accounted_for(numbers: dict[str, Any], seed: int) -> None:
    game = Donor(**numbers)
    played = play(game, cast_of(team_of(game), 5), luck_of(seed, 5))
    moves, final = played.moves, np.full((5, game.seats), game.endowment)
    assert moves is not None
    episode = moves["episode"] - 1
    np.add.at(final, (episode, moves["seat"] - 1), moves["payoff"])
    np.add.at(final, (episode, moves["partner"]), moves["received"])
    assert played.score.payoff == pytest.approx(final, rel=1e-9, abs=1e-9)
    assert (played.score.payoff >= 0).all()
    assert (moves["payoff"] == -moves["amount"]).all() and (moves["seat"] - 1 != moves["partner"]).all()
    gifts = moves["action"] == 0
    assert moves["received"][gifts] == pytest.approx(game.multiplier * moves["amount"][gifts])
    if game.mechanism == "punish":
        taken, most = -moves["received"][~gifts], game.punish_multiplier * moves["amount"][~gifts]
        assert (taken >= 0).all() and (taken <= most).all()
    failed = moves["amount"] != moves["intended_amount"]
    assert (moves["amount"][failed] == 0).all() and (game.execution_error or not failed.any())
    score = played.score
    assert (score.cooperations >= 0).all() and (score.cooperations <= score.decisions + 1e-9).all()
    assert score.decisions.sum() <= len(episode)


@given(GAMES, st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_a_batch_cut_into_single_episodes_plays_the_same(numbers: dict[str, Any], seed: int) -> None:
    game = Donor(**numbers)
    cast, luck = cast_of(team_of(game), 6), luck_of(seed, 6)
    whole = play(game, cast, luck)
    for size in (1, 4):
        cut = play(game, cast, luck, chunk=size)
        assert whole.moves is not None and cut.moves is not None
        assert np.array_equal(cut.score.payoff, whole.score.payoff)
        assert np.array_equal(cut.score.cooperations, whole.score.cooperations)
        for name, column in whole.moves.items():
            assert np.array_equal(cut.moves[name], column, equal_nan=column.dtype.kind == "f"), name


@given(GAMES, st.integers(0, 99))
@settings(max_examples=15, deadline=None)
def test_the_live_driver_plays_the_same(numbers: dict[str, Any], seed: int) -> None:
    game = Donor(**numbers)
    cast, luck = cast_of(team_of(game), 3), luck_of(seed, 3)
    whole, alone = play(game, cast, luck), live.wait(live.play(game, cast, luck))
    assert whole.moves is not None and alone.moves is not None
    assert np.array_equal(alone.score.payoff, whole.score.payoff)
    for name, column in whole.moves.items():
        assert np.array_equal(alone.moves[name], column, equal_nan=column.dtype.kind == "f"), name


def test_cooperation_leaves_out_turns_without_units() -> None:
    pairings = [[[0, 1]], [[0, 1]], [[1, 0]]]
    game = Donor.paired(pairings)
    score = play(game, cast_of([rule("constant-donor", fraction=1)] * 2), Chance.of(0, 1, 1)).score
    assert score.decisions[0].tolist() == [1, 1]
    assert score.cooperations[0].tolist() == [1, 1]
    assert score.payoff[0].tolist() == [60, 0]


# -- mechanisms -----------------------------------------------------------------------------------------------


def settled(game: Donor, choice: list[int] | None, amount: list[float] | None) -> tuple[Any, Any]:
    """What one round of a two-seat game (seat 0 gives) makes of an answer: legal?, balances."""
    luck = Chance.of(0, 1, 1)
    state = game.start(luck)
    ask = game.ask(state)
    assert ask is not None and ask.who.tolist() == [[True, False]]
    answers = Answers(
        None if choice is None else np.array([[*choice, 0]]), None if amount is None else np.array([[*amount, 0.0]])
    )
    legal = not game.illegal(ask, answers).any()
    if legal:
        state, _ = game.settle(state, answers, luck)
    return legal, state.balance.tolist()


def pair(**numbers: Any) -> Donor:
    return Donor.paired([[[0, 1]]], **numbers)


@pytest.mark.parametrize("amount", [float("nan"), -1.0, 10.1, float("inf"), -float("inf")])
@pytest.mark.parametrize("mechanism", ["none", "punish", "refuse"])
def test_amounts_outside_the_balance_are_illegal(amount: float, mechanism: str) -> None:
    assert not settled(pair(mechanism=mechanism), [0], [amount])[0]


def test_answers_that_are_legal() -> None:
    assert settled(pair(), None, [4.0]) == (True, [6.0, 18.0])
    assert settled(pair(), [0], [10.0]) == (True, [0.0, 30.0])
    assert settled(pair(), None, [np.nextafter(10, 11)]) == (True, [0.0, 30.0])
    assert settled(pair(mechanism="punish"), [1], [4.0]) == (True, [6.0, 2.0])
    assert settled(pair(mechanism="punish"), [1], [6.0]) == (True, [4.0, 0.0])
    assert settled(pair(mechanism="punish", punish_multiplier=0.5), [1], [6.0]) == (True, [4.0, 7.0])
    assert settled(pair(mechanism="refuse"), [1], [float("nan")]) == (True, [10.0, 10.0])
    assert settled(pair(mechanism="refuse"), [1], None) == (True, [10.0, 10.0])


def test_rounding_leaves_no_dust_that_counts_as_units() -> None:
    hair = float(np.nextafter(10, 9))
    assert settled(pair(), None, [hair]) == (True, [0.0, 30.0])
    assert settled(pair(mechanism="punish", punish_multiplier=1), [1], [hair]) == (True, [0.0, 0.0])
    assert settled(pair(mechanism="punish"), [1], [hair / 2])[1][1] == 0
    assert settled(pair(), None, [10 * (1 - 1e-9)])[1][0] > 0


@pytest.mark.parametrize(("mechanism", "choice"), [("none", 1), ("punish", 2), ("refuse", 2), ("punish", -1)])
def test_choices_that_the_mechanism_lacks_are_illegal(mechanism: str, choice: int) -> None:
    assert not settled(pair(mechanism=mechanism), [choice], [1.0])[0]


def test_an_amount_is_needed() -> None:
    assert not settled(pair(), None, None)[0]
    assert not settled(pair(mechanism="punish"), [1], None)[0]


def test_an_illegal_gift_is_an_error_that_says_what_is_allowed() -> None:
    class Greedy:
        uniforms, trusted = 0, False

        def decide(self, view: Any, ask: Any, rows: Any, coin: Any) -> Answers:
            return Answers(amount=view.balance + 1)

    class Strategy:
        name, kin = "greedy", "greedy"

        def player(self, *_: Any) -> Greedy:
            return Greedy()

    with pytest.raises(IllegalAnswer, match=r"round 1, seat 1: greedy answered 11.*donate, with 0 to 10 units"):
        play(pair(), cast_of([Strategy(), Strategy()]), Chance.of(0, 1, 1))


def test_refusals_are_in_the_trace() -> None:
    game = Donor.paired([[[0, 1]], [[2, 0]]], mechanism="refuse")
    luck = Chance.of(0, 1, 1)
    state = game.start(luck)
    assert game.ask(state) is not None
    state, _ = game.settle(state, Answers(np.array([[1, 0, 0]]), np.zeros((1, 3))), luck)
    ask = game.ask(state)
    assert ask is not None
    assert ask.view.told(2).chain == [{"round": 1, "actor": 1, "target": 2, "share": 0.0, "kind": "refuse"}]


# -- strategies and what they are shown -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("law", "numbers"),
    [
        ("mirror", {"information": ["image"]}),
        ("image-scorer", {"information": []}),
        ("stern-judging", {"information": ["image"]}),
        ("reputation", {"information": ["trace"]}),
        ("discriminator", {"information": ["trace"]}),
        ("punisher", {"mechanism": "none"}),
        ("punisher", {"mechanism": "punish", "information": ["standing"]}),
    ],
)
def test_laws_that_cannot_see_what_they_need_are_refused(law: str, numbers: dict[str, Any]) -> None:
    with pytest.raises(Misfit, match=r"Set (information|mechanism)"):
        play(Donor(**numbers), cast_of([rule(law)] * 12), Chance.of(0, 1, 1))


def test_a_trace_of_no_length_says_nothing() -> None:
    team = [rule("mirror", first=0.3)] * 12
    moves = play(Donor(trace=0), cast_of(team), Chance.of(0, 1, 1)).moves
    assert moves is not None and moves["share"] == pytest.approx(0.3)


def test_who_is_not_asked_learns_nothing_of_a_partner() -> None:
    game = pair()
    state = game.start(Chance.of(0, 1, 1))
    ask = game.ask(state)
    assert ask is not None and ask.view.told(1).partner == 2 and ask.view.told(1).chain == []


@pytest.mark.parametrize("name", list(Donor.fields))
def test_every_field_is_there_for_arrays_and_for_one_seat(name: str) -> None:
    game = Donor(information=["trace", "image", "standing"], observation=0.5)
    state = game.start(Chance.of(0, 1, 2))
    ask = game.ask(state)
    assert ask is not None
    for where in (None, np.flatnonzero(ask.who), np.array([3])):
        view = ask.view.at(where)
        assert len(getattr(view, name)) == len(view)
    value = getattr(ask.view.told(0), name)
    assert value is None or isinstance(value, (int, float, list))
