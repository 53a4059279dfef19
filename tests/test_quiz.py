"""Questions on a game: every answer is what play gives, every question can be answered from the prompt alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import brains
import numpy as np
import pytest
import scholar
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from words_play import blemishes

import dilemmas as dl
from dilemmas.engine.chance import Chance
from dilemmas.errors import Misfit, UsageError
from dilemmas.quiz import others
from dilemmas.quiz.dice import Dice
from dilemmas.quiz.question import PARTS, Question, Right, number, roomy
from dilemmas.quiz.sheet import Paper, drawn, kinds, questions
from dilemmas.report import metrics
from dilemmas.specs import games, seats, words
from dilemmas.strategies import replies
from dilemmas.strategies.deliberate import deliberate
from dilemmas.strategies.minds import Mind
from dilemmas.strategies.prompted import Prompted
from dilemmas.strategies.wanted import Said

FEW = settings(max_examples=6, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
FAMILIES: Mapping[str, Mapping[str, Any]] = {
    "prisoners-dilemma-akata": {},
    "battle-of-the-sexes": {"rounds": 4},
    "donor": {"mechanism": "punish"},
    "fishery": {},
    "public-goods": {"punishment": {}, "reward": {}, "integer": True, "threshold": 20},
}
AMOUNT = r"(-?\d+(?:\.\d+)?)"


def paper(name: str, given: Mapping[str, Any] | None = None) -> Paper:
    game = games.load(name, given or {})
    return Paper(game.rules, game.words, game.presentation, words.family("quiz").text)


def sheet(
    name: str, given: Mapping[str, Any] | None = None, count: int = 60, seed: int = 0, *parts: Any
) -> list[Question]:
    return questions(paper(name, given), count, seed, parts)


def asked(question: Question) -> tuple[list[dict[str, str]], Any]:
    """The messages of a question, as the voice cot puts them, and what is wanted."""
    voice = seats.strategy("cot")
    assert isinstance(voice, Prompted)
    prompt = next(deliberate(voice, question.scene, Mind.of(voice), lambda step: 1, False))
    return [dict(message) for message in prompt.messages], prompt.wanted


def missed(made: list[Question]) -> Iterator[tuple[str, str, str]]:
    """Questions that the scholar, who reads the prompt alone, does not get right."""
    for question in made:
        messages, wanted = asked(question)
        reply = scholar.answer(messages)
        said = replies.read(reply, "stop", wanted)
        if not (isinstance(said, Said) and question.fits(said)):
            yield question.text, question.expected, reply


def named(text: str, pattern: str) -> list[float]:
    """Numbers that stand in a question."""
    found = re.search(pattern, text)
    assert found is not None, text
    return [float(part) for part in found.groups()]


# -- answered from the prompt alone -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FAMILIES)
def test_who_reads_the_prompt_gets_everything_right(name: str) -> None:
    parts = ("comprehension", "dynamics") if name == "fishery" else ("comprehension",)
    made = sheet(name, FAMILIES[name], 56, 1, *parts)
    assert {question.kind for question in made} == {kind for part in parts for kind in kinds_of(name, part)}
    assert not list(missed(made))


def kinds_of(name: str, part: Any) -> set[str]:
    rules = games.load(name, FAMILIES[name]).rules
    # With a provision point the best and the worst round hang on fractions, and are not asked.
    left_out = {"best", "worst"} if rules.kind == "public-goods" else set()
    return set(kinds(rules)[part]) - left_out


pairs = st.lists(st.integers(-9, 20), min_size=8, max_size=8)


@FEW
@given(pairs, st.integers(0, 99))
def test_any_two_by_two_game(values: list[int], seed: int) -> None:
    cells = {pair: values[2 * i : 2 * i + 2] for i, pair in enumerate(("CC", "CD", "DC", "DD"))}
    assert not list(missed(sheet("prisoners-dilemma", {"payoffs": cells}, 12, seed, "comprehension")))


@FEW
@given(
    st.integers(20, 300), st.sampled_from([1.2, 1.5, 2, 3]), st.integers(2, 7), st.integers(0, 6), st.integers(0, 99)
)
def test_any_commons(capacity: int, growth: float, size: int, level: int, seed: int) -> None:
    law = {"capacity": capacity, "growth": growth, "seats": size, "collapse_below": level}
    made = sheet("fishery", law, 14, seed, "dynamics", "comprehension")
    assert not list(missed(made))


@FEW
@given(st.integers(0, 99), st.sampled_from([1.5, 2]))
def test_who_came_late_is_asked_what_it_is_told(seed: int, growth: float) -> None:
    law = {"joins": {2: 2, 5: 4}, "growth": growth}
    assert not list(missed(sheet("fishery", law, 30, seed, "comprehension")))


@pytest.mark.parametrize("growth", [1.5, 1.3])
def test_the_largest_catch_is_one_that_can_be_made(growth: float) -> None:
    made = sheet("fishery", {"growth": growth}, 60, 3, "comprehension")
    told = [(one.scene.data["stock"], one.right.low) for one in made if one.kind == "best"]
    assert any(stock % 1 for stock, _ in told) and all(most == stock // 1 for stock, most in told)


def test_an_equal_part_is_that_of_those_who_are_there() -> None:
    law = {"joins": {5: 4}, "as_published": True, "rounds": 15}
    made = [one for seed in range(6) for one in sheet("fishery", law, 30, seed, "theory-of-mind")]
    told = [one for one in made if "find out how much" in one.text]
    assert told and all(one.right.low == one.scene.data["threshold"] // one.scene.data["seats"] for one in told)


@FEW
@given(st.integers(2, 6), st.sampled_from([0.5, 1.6, 3, 6]), st.integers(5, 40), st.integers(0, 99))
def test_any_pot(size: int, multiplier: float, endowment: int, seed: int) -> None:
    law = {"seats": size, "multiplier": multiplier, "endowment": endowment}
    assert not list(missed(sheet("public-goods", law, 13, seed, "comprehension")))


# -- as play has it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["prisoners-dilemma-akata", "battle-of-the-sexes", "rock-paper-scissors"])
def test_payoffs_are_those_of_a_round_that_is_played(name: str) -> None:
    rules = games.load(name).rules
    for question in sheet(name, None, 60, 2, "comprehension"):
        if question.kind not in ("payoff", "payoff-other"):
            continue
        found = re.search(r"choose option (\w+) and the other player chooses option (\w+)", question.text)
        assert found is not None
        own, other = (question.scene.labels.index(label) for label in found.groups())  # both seats have the same labels
        moves = (own, other) if question.seat == 1 else (other, own)
        played = dl.play(
            name, [f"scripted-moves:moves=[{rules.options('move', 0)[move]!r}]" for move in moves], rounds=1
        )
        seat = question.seat if question.kind == "payoff" else 3 - question.seat
        assert float(question.expected) == played.episodes.payoff[seat - 1]


@pytest.mark.parametrize(
    "law", [{}, {"growth": 1.4, "capacity": 60, "seats": 3}, {"collapse_below": 0, "growth": 3, "seats": 2}]
)
def test_dynamics_are_those_of_the_engine(law: dict[str, Any]) -> None:
    size = law.get("seats", 5)
    for question in sheet("fishery", law, 42, 3, "dynamics"):
        stock = question.scene.data["stock"]

        def following(each: float, stock: float = stock) -> float:
            """The stock of the second round, where each took so much in the first; 0 where there is none."""
            game = dl.game("fishery", **law, start=stock, rounds=2)
            rounds = dl.play(game, [f"fixed:amount={each}"] * size).tables["rounds"].numbers("stock_before")
            return float(rounds[1]) if len(rounds) > 1 else 0.0

        if question.kind.startswith("after"):
            each = named(question.text, rf"(?:each take|caught) {AMOUNT}")[0]
            assert question.right.low == pytest.approx(following(each))
            continue
        most = question.right.high
        assert most is not None
        assert following(most) >= stock - 1e-9
        assert following(most + 1) < stock
        if question.kind == "sustainable":
            assert question.right.low == min(most, 1)


def test_gifts_are_those_of_the_engine() -> None:
    for question in sheet("donor", {"multiplier": 3}, 60, 4, "comprehension"):
        if question.kind not in ("received", "left", "theirs"):
            continue
        balance, theirs = question.scene.data["balance"], question.scene.data["their_balance"]
        amount = named(question.text, rf"give {AMOUNT} unit")[0]
        pair = dl.game("donor", seats=2, rounds=1, multiplier=3, endowment=balance, pairings=[[[1, 2]]])
        move = dl.play(pair, [f"scripted-moves:moves=[{amount}]", "never-donate"]).moves.iloc[0]
        right = {"received": move.received, "left": balance + move.payoff, "theirs": theirs + move.received}
        # Balances are told with three digits.
        assert float(question.expected) == pytest.approx(right[question.kind], abs=0.01)


@pytest.mark.parametrize("law", [{}, {"threshold": 30, "refund": False}, {"mpcr": 1.5}])
def test_pots_pay_what_the_engine_pays(law: dict[str, Any]) -> None:
    for question in sheet("public-goods", law, 60, 5, "comprehension"):
        if question.kind == "earned":
            own, rest = named(question.text, rf"you put {AMOUNT} points? .* others put {AMOUNT} together")
            gifts = [own, *([rest / 3] * 3)]
        elif question.kind in ("best", "worst"):
            assert "threshold" not in law
            continue
        else:
            continue
        game = dl.game("public-goods", **law, rounds=1)
        played = dl.play(game, [f"contributor:share={gift / 20}" for gift in gifts])
        assert question.right.fits(Said(amount=float(played.episodes.payoff[0])), integer=False)
        assert not question.right.fits(Said(amount=float(played.episodes.payoff[0]) + 0.1), integer=False)


def _history(question: Question) -> tuple[list[int], list[int]]:
    """Both players' moves in what is shown: 0 cooperates."""
    labels = question.scene.labels
    past = question.scene.data["history"]
    return [labels.index(one["mine"]) for one in past], [labels.index(one["theirs"]) for one in past]


def _sentences(question: Question) -> dict[str, str]:
    """Every rule in the words of this question."""
    from dilemmas.strategies.prompts import render

    first, second = question.scene.labels
    told = {**question.scene.data, "first": first, "second": second}
    return {name: render(words.family("quiz").text[f"rule_{name}"], told, name) for name in others.RULES}


def _next(rule: str, mine: list[int]) -> tuple[list[int], int]:
    """What a rule of the shelf does against moves, by a match that is played: so far, and next."""
    moves = ["CD"[move] for move in (*mine, 0)]
    result = dl.play("prisoners-dilemma", [f"scripted-moves:moves={moves}", rule], rounds=len(moves))
    theirs = result.moves[result.moves.seat == 2].action.map({"C": 0, "D": 1}).tolist()
    return theirs[:-1], theirs[-1]


@pytest.mark.parametrize("name", ["prisoners-dilemma-akata", "stag-hunt"])
def test_what_a_rule_will_do_follows_from_the_history(name: str) -> None:
    seen = set()
    for question in sheet(name, None, 24, 6, "theory-of-mind"):
        rules = [rule for rule, sentence in _sentences(question).items() if sentence in question.text]
        mine, theirs = _history(question)
        assert question.round == len(mine) + 1
        matches = {rule: _next(rule, mine) for rule in rules}
        possible = {after for so_far, after in matches.values() if so_far == theirs}
        assert possible == {question.right.choices[0]}
        seen.add(question.kind)
        if question.kind == "listed":
            assert len(rules) == others.LISTED
            assert len({after for _, after in matches.values()}) == 2, "the history would not matter"
    assert seen == {"named", "listed"}


@pytest.mark.parametrize(("name", "kind"), [("fishery", "harvest"), ("public-goods", "gift"), ("donor", "gift")])
def test_rules_of_amounts(name: str, kind: str) -> None:
    for question in sheet(name, None, 24, 7, "theory-of-mind"):
        text, data = question.text, question.scene.data
        who = re.search(r"that (\w+(?: \d+)?) follows", text)
        assert who is not None
        value = _told(text, data, who.group(1))
        assert question.right.low == pytest.approx(value, abs=1e-6), text


def _told(text: str, data: Mapping[str, Any], who: str) -> float:
    """What a rule comes to, worked out from its words."""
    if found := re.search(rf"always want {AMOUNT}", text):
        return float(found.group(1))
    if "no less than this one" in text:
        return float(data["stock"] - np.ceil(data["stock"] / 2)) // 5
    if found := re.search(rf"has {AMOUNT} units?\. .* always give {AMOUNT} %", text):
        return float(found.group(1)) * float(found.group(2)) / 100
    if "never put anything" in text or "always put everything" in text:
        return 0.0 if "never" in text else 20.0
    last = data["history"][-1]
    rows = last["takes"] if "takes" in last else last["gifts"]
    return float(np.mean([row["amount"] for row in rows if row["name"] != who]))


def test_plans_are_compared_by_what_they_bring() -> None:
    for question in sheet("battle-of-the-sexes", None, 36, 8, "planning"):
        table = brains.payoffs("\n".join(message["content"] for message in asked(question)[0]))
        if question.kind == "reply":
            theirs = re.findall(r"will choose option (\w)", question.text)[0]
            best = max(question.scene.labels, key=lambda mine: table[mine, theirs][0])
            assert question.expected == best
            continue
        plans = [re.findall(r"you (\w), the other player (\w)", item) for _, item in scholar._items(question.text)]
        sums = [np.sum([table[cell] for cell in plan], axis=0) for plan in plans]
        worth = [total.sum() if question.kind == "together" else total.min() for total in sums]
        assert int(question.expected) == 1 + int(np.argmax(worth))
        assert sorted(worth)[-1] > sorted(worth)[-2]


@pytest.mark.parametrize("growth", [1.5, 2])
def test_plans_of_catches_are_those_of_the_engine(growth: float) -> None:
    for question in sheet("fishery", {"growth": growth}, 8, 9, "planning"):
        levels = [named(item, rf"{AMOUNT} ton")[0] for _, item in scholar._items(question.text)]
        game = dl.game("fishery", growth=growth, start=question.scene.data["stock"], rounds=6)
        gains = [float(dl.play(game, [f"fixed:amount={level}"] * 5).episodes.payoff.sum()) for level in levels]
        assert int(question.expected) == 1 + int(np.argmax(gains))


def test_who_watches_the_same_match_sees_one_round_more_each_time() -> None:
    made = sheet("battle-of-the-sexes", None, 20, 10, "onlooker")
    assert [question.round for question in made] == 2 * list(range(1, 11))
    assert [question.kind for question in made] == ["alternator"] * 10 + ["tit-for-tat"] * 10
    first, last = made[5], made[9]
    assert first.scene.data["history"] == last.scene.data["history"][:5]
    for early, late in pairwise(made[:10]):
        assert late.scene.data["history"][-1]["theirs"] == early.expected
    assert "You watch, and take no part" in asked(made[3])[0][-1]["content"]
    assert all(len(asked(question)[0]) == 1 for question in made), "an onlooker has no seat, and no rules of its own"


# -- how they are put -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FAMILIES)
def test_every_frame_says_every_question_well(name: str) -> None:
    for frame in games.load(name).words.frames:
        made = paper(name, {**FAMILIES[name], "frame": frame})
        for part, makers in kinds(made.rules).items():
            for kind, make in makers.items():
                draft = drawn(made, part, make, 3, 11)
                assert draft is not None or part != "comprehension" or kind not in kinds_of(name, part)
                if draft is None:
                    continue
                assert not [trace for trace in blemishes(draft.text) if trace != "()"], draft.text
                assert frame == "neutral" or "math" in kind or "option J" not in draft.text


def test_bounds_give_nothing_away() -> None:
    for name in FAMILIES:
        for question in sheet(name, FAMILIES[name], 24, 12):
            wanted = question.scene.wanted
            if wanted.number and question.kind != "sustainable":
                assert wanted.high in {10 * factor * 10**power for factor in (0.1, 0.2, 0.5) for power in range(1, 9)}
                assert str(question.expected) != str(wanted.high)
            assert question.right.low is not None or question.right.choices


@given(st.floats(0.1, 1e6))
def test_room_is_round_and_wide(top: float) -> None:
    high = roomy(top)
    assert 2 * top <= high <= max(10, 5 * 2 * top)
    assert str(high).strip("0.")[0] in "125"


def test_sheets_repeat_and_grow() -> None:
    short, long_ = sheet("fishery", None, 12), sheet("fishery", None, 30)
    assert [one.text for one in short] == [one.text for one in long_[:12]]
    assert [one.text for one in short] != [one.text for one in sheet("fishery", None, 12, 1)]
    assert [one.part for one in short[:4]] == list(PARTS[:4])


def test_classes_that_a_game_has_not() -> None:
    with pytest.raises(UsageError, match="dynamics"):
        sheet("chicken", None, 3, 0, "dynamics")
    with pytest.raises(UsageError, match="theory-of-mind"):
        sheet("rock-paper-scissors", None, 3, 0, "theory-of-mind")
    assert {one.part for one in sheet("rock-paper-scissors", None, 9)} == {"comprehension", "planning"}
    assert {one.kind for one in sheet("prisoners-dilemma", {"rounds": 1}, 40, 0, "comprehension")} == {
        *("payoff", "payoff-other", "best", "worst", "legal", "round")
    }
    strange = type("Odd", (), {"kind": "odd"})()
    with pytest.raises(Misfit, match="odd"):
        kinds(strange)


def test_games_of_chance_and_of_many_options_have_their_questions() -> None:
    for name, law in (
        ("prisoners-dilemma", {"noise": 0.2, "perception_noise": 0.1, "continuation": 0.9}),
        ("travellers-dilemma", {}),
        ("fishery", {"joins": {5: 4}}),
        ("donor", {"execution_error": 0.3, "information": ["trace", "image", "standing"]}),
    ):
        assert len({one.kind for one in sheet(name, law, 40, 1)}) > 8


def test_what_is_right() -> None:
    wanted, right = number(12.344, 50)
    assert right.fits(Said(amount=12.34), integer=False)
    assert not right.fits(Said(amount=12.3), integer=False)
    assert not right.fits(Said(), integer=False)
    assert right.words(wanted) == "12.344"
    whole = Right(low=3, high=5)
    assert [whole.fits(Said(amount=amount), integer=True) for amount in (2.995, 3, 4, 5, 5.005)] == [0, 1, 1, 1, 0]
    assert whole.words(wanted) == "3 to 5"
    assert Right((1,)).fits(Said(choice=1), integer=False)
    assert not Right((1,)).fits(Said(choice=0), integer=False)


def test_dice_are_fair_and_repeat() -> None:
    luck = Chance.of(5, 1, 1)
    dice, again = Dice(luck), Dice(luck)
    drawn = [dice.below(5) for _ in range(2000)]
    assert drawn == [again.below(5) for _ in range(2000)]
    assert np.bincount(drawn).min() > 330
    assert sorted(dice.sample([1, 2, 3, 4], 9)) == [1, 2, 3, 4]
    assert {dice.between(3, 4) for _ in range(50)} == {3, 4}


# -- measures ---------------------------------------------------------------------------------------------------------


def test_wilson() -> None:
    low, high = metrics.wilson([8, 0, 10, 0], [10, 10, 10, 0])
    assert low[:3] == pytest.approx([0.490162, 0, 0.722467], abs=1e-6)  # Wilson 1927, worked out by hand
    assert high[:3] == pytest.approx([0.943318, 0.277533, 1], abs=1e-6)
    assert np.isnan([low[3], high[3]]).all()


def test_three_scores_of_a_battle() -> None:
    game: Any = games.load("battle-of-the-sexes").rules
    own, other = np.array([[10, 0], [0, 7]]), np.array([[7, 0], [0, 10]])
    favourite, turns = [0] * 10, [0, 1] * 5
    assert np.array_equal(game.table[:, :, 0], own)
    # Akata et al.: the favourite every time against who takes turns gets 50 of 100; coordination is a half.
    assert metrics.conceivable(50, 10, 10) == 0.5
    assert metrics.replying(own, favourite, turns) == pytest.approx(50 / 85)
    assert metrics.fair([own, other], favourite, turns) == pytest.approx(35 / 85)
    assert metrics.fair([own, other], turns, turns) == 1
    assert metrics.replying(own, turns, turns) == 1
    assert metrics.egalitarian([own, other]) == 8.5
    assert metrics.egalitarian([[[8, 0], [10, 5]], [[8, 10], [0, 5]]]) == 8


def test_when_predictions_settle() -> None:
    assert metrics.settled([False, True, False, True, True]) == 4
    assert metrics.settled([True, True]) == 1
    assert metrics.settled([True, False]) is None
    assert metrics.settled([]) is None
