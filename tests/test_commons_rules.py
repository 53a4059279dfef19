from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from commons_play import cast

from dilemmas.engine.batch import play
from dilemmas.engine.chance import Chance
from dilemmas.engine.record import Played
from dilemmas.errors import Misfit, SpecError
from dilemmas.rules.commons import Commons
from dilemmas.specs import reading
from dilemmas.specs.catalogue import shelf
from dilemmas.specs.strategies import StrategyFile, build
from dilemmas.strategies import commons_rules, public_goods_rules
from dilemmas.strategies.rule import LAWS, Rule

NAMES = ["sustainable", "greedy", "fixed", "restrained", "matcher", "grim-share"]


def rule(name: str, **given: Any) -> Rule:
    return Rule.of(name, name, given)


def run(game: Commons, *rules: Rule, episodes: int = 1, seed: int = 0) -> Played:
    return play(game, cast(episodes, *rules), Chance.of(seed, 1, episodes))


def wants(played: Played, seat: int) -> list[float]:
    assert played.moves is not None
    return played.moves["amount"][played.moves["seat"] == seat].tolist()


# A lake of 100 fish, five boats, twelve months: 0 to 5 greedy boats among sustainable ones, as independently computed.
MONTHS, GREEDY, OTHERS = [12, 4, 2, 2, 2, 1], [None, 80, 40, 32, 25, 20], [120, 26, 16, 12, 10, None]


@pytest.mark.parametrize("count", range(6))
def test_greedy_boats_on_a_lake(count: int) -> None:
    rules = [rule("greedy")] * count + [rule("sustainable")] * (5 - count)
    score = run(Commons(allocation="proportional"), *rules, episodes=400).score
    assert (score.rounds == MONTHS[count]).all()
    for part, expected in ((score.payoff[:, :count], GREEDY[count]), (score.payoff[:, count:], OTHERS[count])):
        assert (round(part.mean()) if part.size else None) == expected


@pytest.mark.parametrize("count", range(6))
def test_the_lottery_changes_who_gets_it_and_not_how_long_it_lasts(count: int) -> None:
    rules = [rule("greedy")] * count + [rule("sustainable")] * (5 - count)
    assert (run(Commons(), *rules, episodes=50).score.rounds == MONTHS[count]).all()


@pytest.mark.parametrize("integer", [True, False])
def test_sustainable_keeps_any_stock_where_it_is(integer: bool) -> None:
    allocation = "stochastic" if integer else "proportional"
    game = Commons(start=60, seats=3, integer=integer, allocation=allocation)
    played = run(game, *[rule("sustainable")] * 3)
    assert played.rounds is not None
    assert played.rounds["stock_before"].tolist() == [60] * 12
    assert played.score.extra["survived"].all() and (played.score.cooperations == 12).all()


def test_restrained_takes_a_part_of_the_share() -> None:
    assert wants(run(Commons(rounds=2), *[rule("restrained", share=0.25)] * 5), 1) == [2, 2]
    real = Commons(rounds=2, integer=False, allocation="proportional")
    assert wants(run(real, *[rule("restrained", share=0.25)] * 5), 1) == [2.5, 2.5]
    assert wants(run(Commons(rounds=1), *[rule("restrained", share=2)] * 5), 1) == [20]


def test_fixed_wants_the_same_whatever_is_left() -> None:
    assert wants(run(Commons(rounds=3), *[rule("fixed", amount=12)] * 5), 3) == [12, 12, 12]
    with pytest.raises(Misfit, match=r"amount is 10.5 and harvests are whole units"):
        run(Commons(), *[rule("fixed", amount=10.5)] * 5)
    with pytest.raises(SpecError, match="amount of fixed is -1"):
        rule("fixed", amount=-1)


def test_matcher_takes_what_the_others_took() -> None:
    game = Commons(rounds=3, seats=3, collapse_below=0)
    assert wants(run(game, rule("matcher"), rule("fixed", amount=3), rule("fixed", amount=6)), 1) == [16, 5, 5]
    real = Commons(rounds=2, seats=3, integer=False, allocation="proportional")
    assert wants(run(real, rule("matcher"), rule("fixed", amount=3), rule("fixed", amount=6)), 1) == [50 / 3, 4.5]
    assert wants(run(Commons(rounds=2, seats=1), rule("matcher")), 1) == [50, 50]


def test_grim_share_is_greedy_once_the_share_was_exceeded() -> None:
    game = Commons(rounds=3, seats=2, start=80)
    assert wants(run(game, rule("grim-share"), rule("fixed", amount=20)), 1) == [20, 20, 20]
    assert wants(run(game, rule("grim-share"), rule("fixed", amount=21)), 1) == [20, 50, 50]


def test_grim_newcomer_does_not_judge_what_it_did_not_see() -> None:
    game = Commons(rounds=3, seats=2, joins={2: 2}, collapse_below=0)
    assert wants(run(game, rule("fixed", amount=51), rule("grim-share")), 2)[0] == 24


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("integer", [True, False])
def test_every_law_plays_legally_with_and_without_noise(name: str, integer: bool) -> None:
    game = Commons(integer=integer, allocation="stochastic" if integer else "proportional", joins={4: 3}, growth=1.7)
    plain, noisy = rule(name), rule(name, noise=0.5)
    one = run(game, plain, noisy, rule("greedy"), noisy, plain, episodes=40, seed=5)
    assert one.moves is not None and (one.moves["amount"] >= 0).all()


def test_noise_is_a_chance_of_a_random_harvest() -> None:
    played = run(Commons(rounds=1), *[rule("sustainable", noise=0.4)] * 5, episodes=4000)
    assert played.moves is not None
    amounts = played.moves["amount"]
    assert set(amounts) == set(range(21))
    off = (amounts != 10).mean()
    assert abs(off - 0.4 * 20 / 21) < 4 * np.sqrt(0.24 / len(amounts))


def test_single_episodes_equal_the_batch() -> None:
    game, rules = Commons(), [rule(name, noise=0.2) for name in NAMES[:5]]
    whole = run(game, *rules, episodes=9, seed=2).score
    luck = Chance.of(2, 1, 9)
    for row in range(9):
        one = play(game, cast(1, *rules), luck.rows(row, row + 1)).score
        assert one.payoff[0].tobytes() == whole.payoff[row].tobytes()


@pytest.mark.parametrize("module", [commons_rules, public_goods_rules])
def test_every_law_is_on_the_shelf_with_a_source(module: Any) -> None:
    family = "commons" if module is commons_rules else "public-goods"
    files = [reading.load(file) for file in sorted(shelf("strategies").glob("*.yaml"))]
    laws = {name for name, law in LAWS.items() if law.family == family}
    shelved = {data["rule"]: data for data in files if data.get("rule") in laws}
    assert set(shelved) == laws and len(laws) >= 6
    for data in shelved.values():
        file = StrategyFile.model_validate(data)
        assert file.family == family and any(sign.isdigit() for sign in file.source)
        assert build(file, {}, file.strategy, None).name == file.strategy
