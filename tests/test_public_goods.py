from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from commons_play import cast, drive, script
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dilemmas.engine.batch import play
from dilemmas.engine.chance import Chance
from dilemmas.engine.record import Played
from dilemmas.rules.game import Answers, Ask, View
from dilemmas.rules.public_goods import PublicGoods
from dilemmas.strategies import public_goods_rules
from dilemmas.strategies.rule import LAWS, Rule

LAW_NAMES = [name for name, law in LAWS.items() if law.family == "public-goods"]
assert public_goods_rules  # imported for the laws that it declares


def rule(name: str, **given: Any) -> Rule:
    return Rule.of(name, name, given)


def run(game: PublicGoods, *rules: Rule, episodes: int = 1) -> Played:
    return play(game, cast(episodes, *rules), Chance.of(0, 1, episodes))


def column(played: Played, name: str, seat: int, kind: str = "contribute") -> list[float]:
    assert played.moves is not None
    rows = (played.moves["seat"] == seat) & (played.moves["kind"] == played.kinds.index(kind))
    return played.moves[name][rows].tolist()


# -- the textbook ------------------------------------------------------------------------------------------------------


def test_all_contribute_against_all_free_ride() -> None:
    everybody = run(PublicGoods(), *[rule("contributor")] * 4).score
    assert everybody.payoff.tolist() == [[10 * 1.6 * 20] * 4]
    assert (everybody.cooperations / everybody.decisions).tolist() == [[1] * 4]
    nobody = run(PublicGoods(), *[rule("free-rider")] * 4).score
    assert nobody.payoff.tolist() == [[200] * 4] and nobody.cooperations.tolist() == [[0] * 4]


def test_a_free_rider_earns_more_than_those_it_lives_on() -> None:
    score = run(PublicGoods(rounds=1), *[rule("contributor")] * 3, rule("free-rider")).score
    assert score.payoff[0].tolist() == pytest.approx([24, 24, 24, 44])


def test_multiplier_and_mpcr_are_the_same_thing() -> None:
    by_share = PublicGoods(mpcr=0.5, seats=10, rounds=1)
    assert by_share.factor == PublicGoods(multiplier=5, seats=10).factor == 5
    assert run(by_share, *[rule("contributor")] * 10).score.payoff[0].tolist() == [100] * 10


@given(
    st.integers(2, 6),
    st.floats(0, 5),
    st.floats(1, 50),
    st.integers(1, 4),
    st.booleans(),
    st.booleans(),
    st.integers(0, 99),
)
@settings(max_examples=60, deadline=None)
def test_money_is_conserved(
    seats: int, factor: float, endowment: float, rounds: int, punish: bool, reward: bool, seed: int
) -> None:
    game = PublicGoods(
        seats=seats,
        multiplier=factor,
        endowment=endowment,
        rounds=rounds,
        punishment={"fee": 1, "fine": 3} if punish else None,
        reward={"fee": 2, "bonus": 1} if reward else None,
    )
    dice = np.random.default_rng(seed)
    played = drive(game, Chance.of(0, 1, 3), lambda ask: dice.uniform(0, game.top(ask), ask.who.shape))
    assert played.moves is not None
    moves = played.moves
    gave = moves["kind"] == played.kinds.index("contribute")
    lost, won = (~gave & (moves["received"] < 0)), (~gave & (moves["received"] > 0))
    spent = {"contribute": moves["amount"][gave].sum(), "punish": moves["amount"][lost].sum()}
    spent["reward"] = moves["amount"][won].sum()
    whole = 3 * seats * endowment * rounds + (factor - 1) * spent["contribute"]
    whole -= 4 * spent["punish"] + spent["reward"]
    assert played.score.payoff.sum() == pytest.approx(whole, rel=1e-9, abs=1e-6)
    for episode, seat in np.ndindex(3, seats):
        here, mine = moves["episode"] == episode + 1, moves["seat"] == seat + 1
        account = endowment * rounds + moves["payoff"][here & mine].sum() + moves["received"][here & mine & gave].sum()
        if punish or reward:
            account += moves["received"][here & (moves["partner"] == seat)].sum()
        assert played.score.payoff[episode, seat] == pytest.approx(account, rel=1e-9, abs=1e-6)


# -- provision point ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("refund", "missed"), [(True, 20), (False, 15)])
def test_a_provision_point(refund: bool, missed: float) -> None:
    game = PublicGoods(threshold=40, refund=refund, rounds=2)
    played = script(game, [[10, 10, 10, 10], [5, 5, 5, 5]])
    assert played.rounds is not None
    assert played.rounds["collapsed"].tolist() == [False, True]
    assert played.rounds["wanted"].tolist() == [40, 20]
    assert played.rounds["collected"].tolist() == [64, 20 if refund else 0]
    assert played.score.payoff[0].tolist() == [26 + missed] * 4


# -- sanctions ---------------------------------------------------------------------------------------------------------


def test_points_reach_the_seat_that_was_meant() -> None:
    game = PublicGoods(seats=3, rounds=1, punishment={"fee": 1, "fine": 3})
    points = {(0, 2): 4.0, (1, 0): 1.0}  # giver, target

    def answer(ask: Ask) -> Any:
        if ask.kind == "contribute":
            return np.zeros((1, 3))
        target = ask.view.target
        return [[points.get((giver, int(target[giver])), 0.0) for giver in range(3)]]

    played = drive(game, Chance.of(0, 1, 1), answer)
    assert played.score.payoff[0].tolist() == [20 - 4 - 3, 20 - 1, 20 - 12]
    assert played.moves is not None and played.moves["ask"].tolist() == [1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert not np.signbit(played.moves["payoff"][played.moves["amount"] == 0]).any()  # no -0 in tables
    given = {(1, 2): 4.0, (2, 0): 1.0}
    punish = played.moves["kind"] == 1
    pairs = zip(*(played.moves[name][punish].tolist() for name in ("seat", "partner", "amount")), strict=True)
    assert {(seat, partner): amount for seat, partner, amount in pairs if amount} == given


def test_punishers_meet_a_free_rider() -> None:
    game = PublicGoods(rounds=1, punishment={"fee": 1, "fine": 3})
    score = run(game, *[rule("punishing-contributor", points=2)] * 3, rule("free-rider")).score
    assert score.payoff[0].tolist() == pytest.approx([24 - 2] * 3 + [44 - 18])


def test_antisocial_punishers_hit_those_who_gave() -> None:
    game = PublicGoods(rounds=1, punishment={"fee": 1, "fine": 3, "most": 2})
    score = run(game, rule("antisocial-punisher"), *[rule("contributor")] * 3).score
    assert score.payoff[0].tolist() == pytest.approx([44 - 6] + [24 - 6] * 3)


def test_rewards_go_to_those_who_gave() -> None:
    game = PublicGoods(rounds=1, reward={"fee": 1, "bonus": 2})
    score = run(game, *[rule("rewarding-contributor", points=3)] * 2, rule("contributor"), rule("free-rider")).score
    assert score.payoff[0].tolist() == pytest.approx([24 - 6 + 6] * 2 + [24 + 12, 44])


def test_points_are_seen_only_when_the_stage_is_over() -> None:
    game, luck = PublicGoods(seats=3, punishment={}), Chance.of(0, 1, 1)
    state = game.start(luck)
    seen = []
    for amount in (5.0, 1.0, 2.0):
        assert game.ask(state) is not None
        told = View(game, state).told(0)
        seen.append((told.stage, told.target, told.target_gave, told.punished, told.payoffs, told.fee))
        state, _ = game.settle(state, Answers(amount=np.full((1, 3), amount)), luck)
    assert seen == [
        ("contribute", None, None, [], [], None),
        ("punish", 2, 5, [], [], 1),
        ("punish", 3, 5, [], [], 1),
    ]
    after = View(game, state).told(0)
    assert after.round == 2 and after.punished == [3] and after.payoffs == [pytest.approx(15 + 8 - 3 - 9)]
    assert after.mine == [5] and after.others == [5, 5] and after.mean == 5


# -- strategies --------------------------------------------------------------------------------------------------------


def test_conditional_cooperators_follow_the_others() -> None:
    game = PublicGoods(seats=3, rounds=3)
    mixed = [rule("conditional"), rule("contributor", share=0.5), rule("free-rider")]
    assert column(run(game, *mixed), "amount", 1) == [20, 5, 5]
    sloped = [rule("conditional", first=0.5, slope=0.8)] * 3
    assert column(run(game, *sloped), "amount", 1) == pytest.approx([10, 8, 6.4])
    whole = PublicGoods(seats=3, rounds=3, integer=True)
    assert column(run(whole, *sloped), "amount", 1) == [10, 8, 6]


@pytest.mark.parametrize(("others", "expected"), [(0, 0), (0.25, 5), (0.5, 10), (0.75, 5), (1, 0)])
def test_hump_rises_and_falls(others: float, expected: float) -> None:
    game = PublicGoods(rounds=2)
    played = run(game, rule("hump"), *[rule("contributor", share=others)] * 3)
    assert column(played, "amount", 1) == pytest.approx([10, expected])


@pytest.mark.parametrize("integer", [True, False])
@pytest.mark.parametrize("name", LAW_NAMES)
def test_every_law_answers_every_ask(name: str, integer: bool) -> None:
    game = PublicGoods(integer=integer, endowment=7.5, rounds=4, punishment={"most": 3}, reward={"most": 1.5})
    played = run(game, rule(name), *[rule(other) for other in ("hump", "conditional", "antisocial-punisher")])
    assert played.kinds == ("contribute", "sanction")
    assert played.moves is not None and played.moves["ask"].max() == 7


def test_single_episodes_equal_the_batch() -> None:
    game = PublicGoods(seats=3, continuation=0.7, punishment={})
    luck, dice = Chance.of(4, 1, 8), np.random.default_rng(1).uniform(0, 10, (8, 3))
    whole = drive(game, luck, lambda ask: dice).score
    assert len(set(whole.rounds.tolist())) > 1
    for row in range(8):
        one = drive(game, luck.rows(row, row + 1), lambda ask, row=row: dice[row : row + 1]).score
        assert one.payoff[0].tobytes() == whole.payoff[row].tobytes() and one.rounds[0] == whole.rounds[row]


def test_every_field_has_a_row_a_seat_and_can_be_told() -> None:
    game, luck = PublicGoods(punishment={}, rounds=2), Chance.of(0, 1, 2)
    state, where = game.start(luck), np.array([1, 6])
    while game.ask(state) is not None:
        for name in game.fields:
            every, some = getattr(View(game, state), name), getattr(View(game, state, where), name)
            assert len(every) == 8 and np.array_equal(every[where], some, equal_nan=every.dtype.kind == "f"), name
            View(game, state, where).told(1).__getattr__(name)
        state, _ = game.settle(state, Answers(amount=np.full((2, 4), 2.0)), luck)


# -- what is refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"multiplier": 2, "mpcr": 0.4}, "give one of them"),
        ({"threshold": 81}, "more than all have"),
        ({"seats": 1}, "greater than or equal to 2"),
        ({"endowment": 0}, "greater than 0"),
        ({"punishment": {"fines": 3}}, "fines"),
        ({"continuation": 1, "rounds": None}, "never end"),
    ],
)
def test_nonsense_is_refused(parameters: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        PublicGoods(**parameters)


def test_an_amount_above_the_endowment_is_illegal() -> None:
    game = PublicGoods(rounds=1)
    ask = game.ask(game.start(Chance.of(0, 1, 1)))
    assert ask is not None and game.allowed(ask, 0) == "a number from 0 to 20"
    assert game.illegal(ask, Answers(amount=np.array([[20.5, -1, np.nan, 20]]))).tolist() == [[True, True, True, False]]
