"""Public goods games as models are told them: what is read in the texts is held against the rules."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dilemmas.errors import SpecError
from dilemmas.rules.game import Answers
from dilemmas.rules.public_goods import PublicGoods
from tests.words_play import Told, blemishes, scenes, whole

FRAMES = ("neutral", "field", "fund", "garden", "kitty")
NUMBER = r"(-?\d+(?:\.\d+)?)"
PUNISHMENT = {"fee": 1, "fine": 3, "most": 10}
REWARD = {"fee": 0.5, "bonus": 2, "most": 4}
BOTH = {"punishment": PUNISHMENT, "reward": REWARD}


def mixed(ask: Any) -> list[int]:
    """Amounts that differ by seat, round and ask."""
    seats, top = ask.who.shape[1], 5 if ask.kind == "sanction" else 18
    return [(3 * seat + 5 * ask.clock + 2 * ask.step) % top for seat in range(seats)]


def few(ask: Any) -> list[int]:
    """As many tokens as a small reward allows."""
    return [amount % 5 for amount in mixed(ask)] if ask.kind == "sanction" else mixed(ask)


def at(more: dict[str, Any], clock: int, step: int = 1, seat: int = 1, window: int | None = None) -> Told:
    """A seat at a certain ask."""
    told = scenes("public-goods", more, few, window, only=seat)
    return next(each for each in told if (each.ask.clock, each.ask.step) == (clock, step))


# -- the rules, read back ------------------------------------------------------------------------------------------


def groups() -> st.SearchStrategy[dict[str, Any]]:
    """Parameters of a public goods game, with amounts that three digits after the point can show."""
    tenths = st.integers(1, 400).map(lambda count: count / 10)
    tokens = st.fixed_dictionaries({"fee": tenths, "most": tenths})
    return st.fixed_dictionaries(
        {
            "seats": st.integers(2, 7),
            "endowment": tenths,
            "multiplier": st.sampled_from([0.5, 1, 1.6, 2, 3.5]),
            "integer": st.booleans(),
            "refund": st.booleans(),
            "part": st.sampled_from([0, 0, 0.25, 0.5, 0.75]),
            "punishment": st.none() | tokens.map(lambda rule: rule | {"fine": 3}),
            "reward": st.none() | tokens.map(lambda rule: rule | {"bonus": 1.5}),
            "frame": st.sampled_from(FRAMES),
        }
    ).map(_threshold)


def _threshold(group: dict[str, Any]) -> dict[str, Any]:
    part = group.pop("part")
    return group | {"threshold": round(part * group["seats"] * group["endowment"], 3)}


@given(groups())
@settings(max_examples=80, deadline=None)
def test_the_rules_that_are_told_are_the_rules(group: dict[str, Any]) -> None:
    rules = next(scenes("public-goods", group, few)).scene.texts["rules"]
    seats, factor = group["seats"], group["multiplier"]
    count, endowment = re.search(rf"each of the (\d+) \w+ gets {NUMBER} ", rules).groups()  # type: ignore[union-attr]
    assert int(count) == seats and float(endowment) == group["endowment"]
    times = re.search(rf"becomes {NUMBER} times", rules)
    assert (times is None) == (factor == 1) and (times is None or float(times[1]) == factor)
    each = float(re.search(rf"So every .* brings each \w+ {NUMBER} ", rules)[1])  # type: ignore[index]
    assert each == pytest.approx(factor / seats, abs=6e-4)
    pot, pays = re.search(rf"from {NUMBER} [^,]*, each \w+ gets {NUMBER}\.", rules).groups()  # type: ignore[union-attr]
    assert float(pays) == pytest.approx(factor * float(pot) / seats, abs=6e-4 * max(1, factor))
    assert group["threshold"] - 6e-4 <= float(pot) <= seats * group["endowment"] + 6e-4
    assert ("in whole numbers" in rules) == group["integer"]


@given(groups())
@settings(max_examples=60, deadline=None)
def test_threshold_and_tokens_are_told(group: dict[str, Any]) -> None:
    rules = next(scenes("public-goods", group, few)).scene.texts["rules"]
    missed = re.search(rf"less than {NUMBER} .*, and (everybody gets back|what was).*Exactly {NUMBER} ", rules)
    assert (missed is None) == (group["threshold"] == 0)
    if missed:
        assert float(missed[1]) == float(missed[3]) == group["threshold"]
        assert (missed[2] == "everybody gets back") == group["refund"]
    found = re.findall(
        rf"(deduction|bonus) tokens: .* number from 0 to {NUMBER}\. "
        rf".* hands it out {NUMBER} .* (takes|brings) .* gets it {NUMBER} ",
        rules,
    )
    expected = []
    for word, verb, rule, key in (
        ("deduction", "takes", group["punishment"], "fine"),
        ("bonus", "brings", group["reward"], "bonus"),
    ):
        if rule:
            most = np.floor(rule["most"]) if group["integer"] else rule["most"]
            expected.append((word, most, rule["fee"], verb, rule[key]))
    assert [(word, float(most), float(fee), verb, float(size)) for word, most, fee, verb, size in found] == expected
    assert ("tokens" in rules) == bool(expected)
    assert ("of each kind" in rules) == (len(expected) == 2)


# -- what happened, read back --------------------------------------------------------------------------------------


def given_by(text: str) -> dict[str, float]:
    """Who gave what, from a sentence like "you put in 3 points, Member 1 put in 4 and Member 3 put in 5"."""
    pattern = rf"(you|[A-Z]\w+(?: \d+)?) (?:put in|paid in|sowed|planted) {NUMBER}"
    return {name: float(amount) for name, amount in re.findall(pattern, text)}


def handed(text: str, token: str) -> tuple[float, float]:
    """Tokens got and handed out, from a round's line; nothing where the line has none."""
    found = re.search(rf"You got {NUMBER} {token} tokens? and handed out ([^.]*(?:\.\d+[^.]*)*)\. ", text)
    if found is None:
        return 0.0, 0.0
    return float(found[1]), sum(float(amount) for amount in re.findall(rf"{NUMBER} to ", found[2]))


@given(groups(), st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_what_was_earned_follows_from_what_is_told(group: dict[str, Any], seed: int) -> None:
    group, luck = group | {"rounds": 3}, np.random.default_rng(seed)
    unit = 1 if group["integer"] else 10

    def plan(ask: Any) -> list[float]:
        top = int(ask.view.game.top(ask) * unit)
        return (luck.integers(0, top + 1, group["seats"]) / unit).tolist()  # type: ignore[no-any-return]  # numbers

    for told in scenes("public-goods", group, plan, only=1):
        lines = told.scene.texts["past"].splitlines()[1:]
        assert len(lines) == told.ask.clock - 1
        sums = [_checked(line, group) for line in lines]
        before = re.search(rf"You earned {NUMBER} ", told.scene.texts["now"])
        assert (before is None) == (told.ask.clock == 1)
        assert before is None or float(before[1]) == pytest.approx(sum(sums), abs=0.01)


def _checked(line: str, group: dict[str, Any]) -> float:
    given_ = given_by(line)
    total, earned = sum(given_.values()), float(re.search(rf"You earned {NUMBER} ", line)[1])  # type: ignore[index]
    assert len(given_) == group["seats"]
    assert float(re.search(rf"together {NUMBER}", line)[1]) == pytest.approx(total, abs=1e-3)  # type: ignore[index]
    missed = "which was less than" in line
    if abs(total - group["threshold"]) > 1e-6:
        assert missed == (total < group["threshold"])
    back = given_["you"] if group["refund"] else 0.0
    pot = back if missed else group["multiplier"] * total / group["seats"]
    got, gave = handed(line, "deduction")
    won, spent = handed(line, "bonus")
    minus, plus = group["punishment"] or {"fee": 0, "fine": 0}, group["reward"] or {"fee": 0, "bonus": 0}
    account = group["endowment"] - given_["you"] + pot
    account += won * plus.get("bonus", 0) - got * minus.get("fine", 0) - spent * plus["fee"] - gave * minus["fee"]
    assert earned == pytest.approx(account, abs=2e-3)
    return earned


def test_tokens_are_told_with_their_sums_and_without_who_gave_them() -> None:
    scene = at({**BOTH, "frame": "fund"}, 2).scene
    line = scene.texts["past"].splitlines()[1]
    assert line.startswith("Month 1: you paid in 10 dollars, Clara paid in 7, Nina paid in 13 and Peter paid in 16, ")
    assert re.search(r"You got \d+ deduction tokens and handed out 2 to Nina, 4 to Peter and 1 to Clara\.", line)
    assert not re.search(r"from (Clara|Nina|Peter)", whole(scene))


def test_a_round_ends_with_a_loss_by_what_tokens_do() -> None:
    for tokens, words in (
        ({"punishment": PUNISHMENT}, "If tokens cost and take more"),
        ({"reward": REWARD}, "If tokens cost more"),
        (BOTH, "If tokens cost and take more"),
    ):
        assert f"{words} than there is, the round ends with a loss." in at(tokens, 1).scene.texts["rules"]


def test_a_window_leaves_out_earlier_rounds_and_says_so() -> None:
    for window, shown in ((0, []), (2, [3, 4]), (None, [1, 2, 3, 4])):
        scene = at({"frame": "fund"}, 5, window=window).scene
        assert [int(found) for found in re.findall(r"Month (\d+): ", scene.texts["past"])] == shown
        assert ("not shown" in scene.texts["past"]) == (window == 2)
        assert shown or not scene.texts["past"]
    assert "Months 1 to 2 are not shown." in at({"frame": "fund"}, 5, window=2).scene.texts["past"]


# -- tokens --------------------------------------------------------------------------------------------------------


def test_each_target_is_named_with_what_it_gave_this_round() -> None:
    names = ["Clara", "Marco", "Nina", "Peter"]
    asked: list[tuple[int, str, str]] = []
    for ask, seat, scene in scenes("public-goods", {**BOTH, "frame": "field", "rounds": 2}, few):
        if ask.clock == 2 and ask.kind == "sanction":
            assert scene.kind == "sanction" and scene.predicted is None and not scene.texts["predict"]
            view = ask.view.told(seat)
            pattern = r"How many (deduction|bonus) tokens, from 0 to (\d+), do you hand out to (\w+), who sowed (\S+) "
            kind, most, name, gave = re.match(pattern, scene.texts["question"]).groups()  # type: ignore[union-attr]
            assert names.index(name) == view.target - 1 and float(gave) == view.target_gave
            assert (kind, int(most)) == (("deduction", 10) if view.stage == "punish" else ("bonus", 4))
            assert scene.wanted.unit == f"{kind} tokens" and scene.wanted.whole is None
            assert given_by(scene.texts["now"])[name] == float(gave)
            asked.append((seat, kind, name))
    assert len(asked) == len(set(asked)) == 4 * 3 * 2


def test_tokens_of_a_stage_in_progress_are_not_told_but_ones_own() -> None:
    punished = {"punishment": PUNISHMENT, "frame": "fund"}
    for step, own in ((2, []), (3, [9]), (4, [9, 1])):
        plan = {2: [0, 9, 0, 0], 3: [7, 1, 7, 7], 4: [0, 0, 0, 0]}
        told = scenes("public-goods", punished, lambda ask: plan.get(ask.step, [4, 4, 4, 4]))  # noqa: B023  # used at once
        scene = next(each.scene for each in told if (each.ask.clock, each.ask.step, each.seat) == (1, step, 1))
        assert [each["amount"] for each in scene.data["handed"]] == own
        assert "7" not in scene.texts["now"] + scene.texts["past"] + str(scene.data["history"])
        assert ("So far you have handed out" in scene.texts["now"]) == bool(own)


def test_tokens_of_one_kind_are_not_told_as_the_other() -> None:
    first = at({**BOTH, "frame": "fund"}, 1, step=5).scene
    assert first.data["stage"] == "reward" and first.data["handed"] == []
    assert "handed out" not in first.texts["now"]
    second = at({**BOTH, "frame": "fund"}, 1, step=6).scene
    assert re.search(r"So far you have handed out \d bonus tokens? to Nina\.$", second.texts["now"])


def test_a_missed_threshold_is_told_at_once_and_later() -> None:
    short = {"threshold": 50, "punishment": PUNISHMENT, "frame": "kitty", "rounds": 2}
    told = list(scenes("public-goods", short, lambda ask: [2, 3, 4, 5] if ask.kind == "contribute" else [0] * 4))
    assert "together 14, which is less than 50." in told[4].scene.texts["now"]
    assert "together 14, which was less than 50." in told[16].scene.texts["past"]
    enough = list(scenes("public-goods", {**short, "threshold": 14}, lambda ask: [2, 3, 4, 5]))
    assert "which is less" not in enough[4].scene.texts["now"]


# -- answers -------------------------------------------------------------------------------------------------------


@given(groups(), st.integers(-30, 4100).map(lambda count: count / 100))
@settings(max_examples=80, deadline=None)
def test_what_is_wanted_is_what_the_rules_allow(group: dict[str, Any], some: float) -> None:
    for told in scenes("public-goods", group | {"rounds": 1}, lambda ask: [0] * group["seats"], only=0):
        wanted, game = told.scene.wanted, told.ask.view.game
        assert isinstance(game, PublicGoods) and wanted.integer == game.integer
        for amount in (some, float(round(some)), wanted.high, game.top(told.ask), np.nan, np.inf, -0.001):
            inside = bool(wanted.low <= amount <= wanted.high and (not wanted.integer or float(amount).is_integer()))
            amounts = np.zeros((1, group["seats"]))
            amounts[0, told.seat] = amount
            illegal = bool(game.illegal(told.ask, Answers(amount=amounts))[0, told.seat])
            assert inside == (not illegal)
        assert f"from 0 to {wanted.high:.10g}, do" in told.scene.texts["question"]


@given(st.floats(0.002, 1e6), st.booleans())
@settings(max_examples=60, deadline=None)
def test_the_highest_amount_that_is_shown_is_legal(endowment: float, integer: bool) -> None:
    first = next(scenes("public-goods", {"endowment": endowment, "integer": integer}, lambda ask: [0] * 4))
    high, game = first.scene.wanted.high, first.ask.view.game
    assert endowment - (1 if integer else 0.0011) < high <= endowment
    assert not game.illegal(first.ask, Answers(amount=np.full((1, 4), high))).any()
    read = float(re.search(rf"from 0 to {NUMBER}, do", first.scene.texts["question"])[1])  # type: ignore[index]
    assert read == high


def test_a_contribution_may_be_a_percentage_and_its_prediction_a_mean() -> None:
    scene = at({"integer": True}, 1).scene
    assert scene.kind == "contribute" and scene.wanted.whole == 20 and scene.wanted.integer
    assert scene.predicted is not None and scene.predicted.high == 20 and not scene.predicted.integer
    assert scene.texts["predict"].endswith("on average?")
    two = at({"seats": 2, "frame": "fund"}, 1, seat=1).scene
    assert two.texts["predict"] == "How many dollars will Clara pay into the fund this month?"


@given(groups())
@settings(max_examples=40, deadline=None)
def test_what_follows_if_everybody_does_the_same(group: dict[str, Any]) -> None:
    for share in (0.0, 1.0):
        amount = [share * group["endowment"]] * group["seats"]
        bare = group | {"punishment": None, "reward": None, "integer": False, "rounds": 2}
        told = list(scenes("public-goods", bare, lambda ask: amount, only=0))  # noqa: B023  # used at once
        said = re.findall(rf"each of you earns {NUMBER} ", told[0].scene.texts["universal"])
        assert float(said[0 if share else 1]) == pytest.approx(told[-1].scene.data["earned"], abs=6e-4)


# -- every frame, every option -------------------------------------------------------------------------------------


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("stages", [{}, {"punishment": PUNISHMENT}, BOTH, {"threshold": 30, "seats": 2, **BOTH}])
def test_every_frame_and_option_renders(frame: str, stages: dict[str, Any]) -> None:
    for opponent, goal in (("unnamed", "own"), ("human", "none"), ("ai", "joint"), ("copy", "own")):
        for horizon in ("known", "hidden"):
            given_ = {"frame": frame, "opponent": opponent, "goal": goal, "horizon": horizon, "rounds": 2, **stages}
            for told in scenes("public-goods", given_, few, only=1):
                scene = told.scene
                assert not blemishes(whole(scene)), whole(scene)
                assert json.loads(json.dumps(scene.data)) == scene.data
                assert all(scene.texts[name] for name in ("rules", "now", "question"))
                assert ("Your goal" in scene.texts["rules"]) == (goal != "none")
            several = given_.get("seats") != 2
            said = {"unnamed": "", "human": "people" if several else "a person", "ai": "AI system", "copy": "of you"}
            assert said[opponent] in scene.texts["rules"]


def test_one_unit_to_give_is_told_as_one() -> None:
    text = next(scenes("public-goods", {"endowment": 1}, lambda ask: [1] * 4)).scene.texts["rules"]
    assert "gets 1 point and decides how much of it" in text


def test_frames_differ_in_words_alone() -> None:
    def numbers(frame: str) -> list[str]:
        text = whole(at({"frame": frame, "threshold": 20, **BOTH}, 3, step=3).scene)
        return re.findall(NUMBER, re.sub(r"Member \d", "", text))

    assert all(numbers(frame) == numbers("neutral") for frame in FRAMES)
    assert len(numbers("neutral")) > 30


@pytest.mark.parametrize("frame", FRAMES)
def test_a_hidden_horizon_stays_hidden(frame: str) -> None:
    for told in scenes("public-goods", {"frame": frame, "rounds": 5791, "horizon": "hidden"}, few):
        assert "5791" not in whole(told.scene) and "5791" not in str(dict(told.scene.data))
        if told.ask.clock == 3:
            break
    assert "There are 5791 " in next(scenes("public-goods", {"frame": frame, "rounds": 5791}, few)).scene.texts["rules"]


@pytest.mark.parametrize("evil", ["{{ ''.__class__.__mro__ }}", "{{ nouns.__init__ }}", "{{ stages.__class__ }}"])
def test_a_hostile_text_reaches_no_python(evil: str) -> None:
    with pytest.raises(SpecError):
        next(scenes("public-goods", {"words": {"text": {"past": evil}}}, few)).scene.texts["past"]
