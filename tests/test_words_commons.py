"""Commons games as models are told them: what is read in the texts is held against the rules."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dilemmas.errors import SpecError
from dilemmas.rules.commons import Commons
from dilemmas.rules.game import Answers, Ask
from dilemmas.specs import games
from tests.scenes import played
from tests.words_play import Told, blemishes, scenes, whole

SHIPPED = ("fishery", "pasture", "pollution")
FRAMES = ("neutral", "fishery", "pasture", "pollution", "groundwater", "forest", "computing")
NUMBER = r"(\d+(?:\.\d+)?)"
LINE = re.compile(rf"^\w+ (\d+): [^.\d]*{NUMBER} (?:[^.\d]|\.\d)*\. (.*)\. {NUMBER} remained( clean)?\.$")


def calm(ask: Any) -> list[int]:
    """Amounts that nobody regrets."""
    return [4, 7, 5, 6, 8][: ask.who.shape[1]]


def greedy(ask: Any) -> list[int]:
    """Nearly everything in round 2, then calm."""
    return [30, 25, 20, 13, 4] if ask.clock == 2 else [1, 2, 0, 1, 2]


def third(name: str, more: dict[str, Any], seat: int = 2, plan: Any = calm, window: int | None = None) -> Told:
    """A seat in round 3."""
    told = scenes(name, more, plan, window)
    return next(each for each in told if each.ask.clock == 3 and each.seat == seat)


# -- the law, read back --------------------------------------------------------------------------------------------


def laws() -> st.SearchStrategy[dict[str, Any]]:
    """Parameters of a commons."""
    return st.fixed_dictionaries(
        {
            "capacity": st.integers(20, 400) | st.sampled_from([33.5, 100]),
            "growth": st.sampled_from([0.8, 1, 1.1, 1.37, 1.5, 2, 2.25, 3]),
            "collapse_below": st.sampled_from([0, 1, 2.5, 5, 19]),
            "seats": st.integers(1, 7),
            "integer": st.booleans(),
            "frame": st.sampled_from(FRAMES),
        }
    ).map(lambda law: law | {"allocation": "stochastic" if law["integer"] else "proportional"})


@given(laws())
@settings(max_examples=60, deadline=None)
def test_the_rules_that_are_told_are_the_rules(law: dict[str, Any]) -> None:
    start = law["capacity"] - 1
    first = next(scenes("fishery", law | {"start": start}, lambda ask: [0] * law["seats"]))
    rules, now = first.scene.texts["rules"], first.scene.texts["now"]
    assert re.search(rf"at most {NUMBER} ", rules)[1] == f"{law['capacity']:g}"
    assert re.search(rf" {NUMBER} [^.]*now\.$", now)[1] == f"{start:g}"
    grown = re.search(rf"becomes {NUMBER} times", rules)
    assert ("stays as it is" in rules) == (law["growth"] == 1) == (grown is None)
    assert grown is None or float(grown[1]) == law["growth"]
    limit = re.search(rf"never more than {NUMBER} ", rules)
    assert (limit is None) == (law["growth"] <= 1) and (limit is None or float(limit[1]) == law["capacity"])
    fewest = re.search(rf"less than {NUMBER} .*Exactly {NUMBER} (?:is|are) enough", rules)
    assert (fewest is None) == (law["collapse_below"] == 0)
    assert fewest is None or float(fewest[1]) == float(fewest[2]) == law["collapse_below"]
    assert ("in whole numbers" in rules) == law["integer"]
    assert ("the same time" in rules) == (law["seats"] > 1)


@given(laws())
@settings(max_examples=60, deadline=None)
def test_worked_examples_follow_the_law_and_end_nothing(law: dict[str, Any]) -> None:
    rules = next(scenes("fishery", law, lambda ask: [0] * law["seats"])).scene.texts["rules"]
    pattern = rf"if {NUMBER} remains?(?: clean)?, (?:the next \w+ begins )?with {NUMBER}"
    found = [(float(left), float(after)) for left, after in re.findall(pattern, rules)]
    for left, after in found:
        assert after == pytest.approx(min(law["capacity"], law["growth"] * left), abs=6e-4)
        assert law["collapse_below"] <= left <= law["capacity"]
    assert bool(found) == ("For example" in rules)
    assert law["growth"] != 1 or not found


def test_the_shipped_example_shows_growth_and_the_limit() -> None:
    rules = next(scenes("fishery", {}, calm)).scene.texts["rules"]
    assert "if 30 remain, the next month begins with 60; if 75 remain, with 100." in rules


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ({}, "one by one"),
        ({"allocation": "proportional"}, "rounded down to a whole number"),
        ({"allocation": "proportional", "integer": False}, "in proportion to what they asked for."),
    ],
)
def test_how_scarcity_is_settled_is_told(given_: dict[str, Any], words: str) -> None:
    assert words in next(scenes("fishery", given_, calm)).scene.texts["rules"]


# -- what happened, read back --------------------------------------------------------------------------------------


def read(past: str) -> list[dict[str, Any]]:
    """Every told round: its number, the stock, who got what, the sum, what was left."""
    rounds = []
    for line in past.splitlines()[1:]:
        number, stock, story, left, _ = LINE.match(line).groups()  # type: ignore[union-attr]  # a miss is a failure
        story, _, total = story.partition(", together ")
        story = re.sub(rf" \(after asking for {NUMBER}\)", "", story)
        takes = {name: float(amount) for name, amount in re.findall(rf"(\w+(?: \d+)?) \w+ {NUMBER}(?:,| and|$)", story)}
        rounds.append(
            {"round": int(number), "stock": float(stock), "takes": takes, "total": total, "left": float(left)}
        )
    return rounds


@given(st.data(), st.sampled_from(FRAMES), st.booleans(), st.sampled_from([1.5, 2]))
@settings(max_examples=40, deadline=None)
def test_history_adds_up_and_obeys_the_law(data: st.DataObject, frame: str, integer: bool, growth: float) -> None:
    size = st.integers(0, 30) if integer else st.integers(0, 300).map(lambda tenths: tenths / 10)
    wants = data.draw(st.lists(st.lists(size, min_size=4, max_size=4), min_size=4, max_size=4))
    how = {"allocation": "stochastic" if integer else "proportional", "integer": integer}
    given_ = {**how, "frame": frame, "seats": 4, "growth": growth, "rounds": 4}
    for ask, seat, scene in scenes("fishery", given_, lambda ask: wants[ask.clock - 1]):
        told = read(scene.texts["past"]) if scene.texts["past"] else []
        assert [each["round"] for each in told] == list(range(1, ask.clock))
        names = ["Clara", "Marco", "Nina", "Peter"] if frame != "neutral" else [f"Player {n}" for n in (1, 2, 3, 4)]
        for each, wanted in zip(told, wants, strict=False):
            assert set(each["takes"]) == {*names[:seat], "You", *names[seat + 1 :]}
            assert float(each["total"]) == pytest.approx(sum(each["takes"].values()), abs=2e-3)
            assert each["left"] == pytest.approx(each["stock"] - sum(each["takes"].values()), abs=3e-3)
            if sum(wanted) <= each["stock"]:
                got = [each["takes"]["You" if other == seat else names[other]] for other in range(4)]
                assert got == pytest.approx(wanted, abs=6e-4)
        stock = float(re.search(rf" {NUMBER} [^.]*now\.", scene.texts["now"])[1])  # type: ignore[index]
        for each, after in zip(told, [each["stock"] for each in told[1:]] + [stock], strict=False):
            assert after == pytest.approx(min(100, growth * each["left"]), abs=2e-3)


def test_a_near_collapse_is_told_with_its_numbers() -> None:
    scene = third("fishery", {}, plan=greedy).scene
    lines = scene.texts["past"].splitlines()
    assert lines[1].startswith("Month 1: the lake held 100 tons of fish. You caught 0, Clara caught 1, Marco caught 2,")
    assert lines[2].endswith("together 92. 8 remained.")
    assert "The lake holds 16 tons of fish now. You have caught 20 tons of fish so far." in scene.texts["now"]
    assert scene.wanted.high == scene.wanted.whole == 16


def test_who_asked_for_more_than_it_got_is_told_so() -> None:
    how = {"allocation": "proportional", "integer": False, "collapse_below": 0, "growth": 1}
    told = [each for each in scenes("fishery", how, lambda ask: [50, 50, 40, 30, 30]) if each.ask.clock == 2]
    assert "You caught 25 (after asking for 50), Marco caught 25, Nina caught 20," in told[0].scene.texts["past"]
    calmly = third("fishery", {}, plan=calm).scene
    assert "after asking" not in calmly.texts["past"]


def test_a_window_leaves_out_earlier_rounds_and_says_so() -> None:
    told = {
        window: [each for each in scenes("fishery", {}, calm, window) if each.ask.clock == 5][1].scene
        for window in (0, 2, 4, None)
    }
    rounds = {window: [each["round"] for each in scene.data["history"]] for window, scene in told.items()}
    assert rounds == {0: [], 2: [3, 4], 4: [1, 2, 3, 4], None: [1, 2, 3, 4]}
    assert "Months 1 to 2 are not shown." in told[2].texts["past"] and "Month 2:" not in told[2].texts["past"]
    assert told[0].texts["past"] == ""
    assert "not shown" not in told[4].texts["past"] + told[None].texts["past"]
    assert told[0].texts["now"] == told[None].texts["now"]


# -- who is there --------------------------------------------------------------------------------------------------


def test_a_newcomer_is_named_from_its_first_round_on() -> None:
    joining = {"joins": {5: 3}, "rounds": 5}
    early = [each for each in scenes("fishery", joining, calm) if each.ask.clock < 3]
    assert not any("Sofia" in whole(each.scene) or "first time" in whole(each.scene) for each in early)
    assert {each.scene.data["seats"] for each in early} == {4}
    there, new = third("fishery", joining).scene, third("fishery", joining, seat=4).scene
    assert "Sofia is here for the first time." in there.texts["now"] and "and Sofia." in there.texts["rules"]
    assert "You are here for the first time." in new.texts["now"] and "so far" not in new.texts["now"]
    assert new.texts["past"] == "" and "Sofia" not in there.texts["past"]
    later = [each for each in scenes("fishery", joining, calm) if each.ask.clock == 4]
    assert not any("first time" in each.scene.texts["now"] for each in later)
    assert (
        later[4]
        .scene.texts["past"]
        .splitlines()[1]
        .startswith("Month 3: the lake held 100 tons of fish. You caught 8, ")
    )
    cut = [each for each in scenes("fishery", joining, calm, 1) if each.ask.clock == 5][4].scene
    assert "Month 3 is not shown." in cut.texts["past"] and [one["round"] for one in cut.data["history"]] == [4]


@pytest.mark.parametrize("seats", [2, 5])
def test_what_remained_is_not_told_where_catches_are_hidden(seats: int) -> None:
    def answer(ask: Ask) -> Answers:
        return Answers(choice=np.zeros(ask.who.shape, np.int64), amount=np.full(ask.who.shape, 7.0))

    lake = games.load("fishery", {"sight": False, "sanction": 5, "seats": seats})
    told = [scene for asked in played(lake, answer, 3) for scene in asked.values()]
    assert len(told) == 6 * seats and not any("remained" in whole(scene) for scene in told)
    assert any("You caught 7." in scene.texts["now"] for scene in told)  # a vote


def test_what_remained_is_told_where_nothing_is_hidden_by_it() -> None:
    told = [each.scene for each in scenes("fishery", {"sight": False}, lambda ask: [7] * 5) if each.ask.clock == 2]
    assert told[0].texts["past"].splitlines()[1] == "Month 1: the lake held 100 tons of fish. You caught 7."
    alone = [
        each.scene for each in scenes("fishery", {"sight": False, "seats": 1}, lambda ask: [7]) if each.ask.clock == 2
    ]
    assert "93 remained." in alone[0].texts["past"]


def test_a_seat_alone_and_two_seats_read_well() -> None:
    alone = third("fishery", {"seats": 1, "opponent": "human"}, seat=0).scene
    assert alone.predicted is None and not alone.texts["predict"]
    assert "other" not in whole(alone) and "together" not in whole(alone) and not blemishes(whole(alone))
    two = third("fishery", {"seats": 2}, seat=1).scene
    assert "The other fisher is Clara." in two.texts["rules"]
    assert two.texts["predict"] == "How many tons of fish will Clara catch this month?"
    assert two.texts["universal"].startswith("If both of you catch more than ")


def test_names_go_on_where_the_frame_has_no_more() -> None:
    rules = next(scenes("fishery", {"seats": 7}, lambda ask: [0] * 7)).scene.texts["rules"]
    assert "Peter, Sofia, Fisher 6 and Fisher 7." in rules


# -- answers -------------------------------------------------------------------------------------------------------


@given(laws(), st.floats(-5, 500), st.integers(-3, 500))
@settings(max_examples=100, deadline=None)
def test_what_is_wanted_is_what_the_rules_allow(law: dict[str, Any], real: float, count: int) -> None:
    first = next(scenes("fishery", law, lambda ask: [0] * law["seats"]))
    wanted, game = first.scene.wanted, first.ask.view.game
    assert isinstance(game, Commons) and wanted.integer == game.integer and wanted.low == 0
    for amount in (real, float(count), wanted.high, np.nan, np.inf):
        inside = bool(wanted.low <= amount <= wanted.high and (not wanted.integer or float(amount).is_integer()))
        amounts = np.zeros((1, law["seats"]))
        amounts[0, 0] = amount
        illegal = bool(game.illegal(first.ask, Answers(amount=amounts))[0, 0])
        # The rules let a seat ask for more than there is; the question does not.
        more = bool(np.isfinite(amount) and amount > wanted.high)
        assert inside <= (not illegal)
        assert more or inside == (not illegal)


def test_the_question_goes_up_to_what_there_is() -> None:
    real = {"allocation": "proportional", "integer": False, "growth": 1.1}
    for given_ in ({}, real, {"growth": 1.1, "capacity": 77}):
        for each in scenes("fishery", given_, lambda ask: [7] * 5):
            stock, wanted = each.ask.view.told(each.seat).stock, each.scene.wanted
            assert wanted.high == (np.floor(stock) if wanted.integer else pytest.approx(stock, abs=5e-4))
            assert each.scene.texts["question"].startswith(f"How many tons of fish, from 0 to {wanted.high:.10g}, do")
            assert each.scene.predicted == wanted


def test_a_percentage_of_pallets_is_not_guessed() -> None:
    assert next(scenes("pollution", {}, calm)).scene.wanted.whole is None
    assert next(scenes("pasture", {}, calm)).scene.wanted.whole == 100


def test_percent_is_said_only_of_a_hundred() -> None:
    hundred, other = ({"capacity": 100}, {"capacity": 80})
    assert "80 units of water" in whole(next(scenes("pollution", other, calm)).scene)
    assert "percent" not in whole(next(scenes("pollution", other, calm)).scene)
    assert "spoils 1 percent of the water." in whole(next(scenes("pollution", hundred, calm)).scene)


# -- universalization ----------------------------------------------------------------------------------------------


@given(laws(), st.sampled_from([0.2, 0.5, 1.0]))
@settings(max_examples=60, deadline=None)
def test_if_everybody_takes_more_than_that_there_is_less(law: dict[str, Any], start: float) -> None:
    law = law | {"start": max(1.0, float(int(start * law["capacity"])))}
    first = next(scenes("fishery", law, lambda ask: [0] * law["seats"]))
    limit = float(re.search(rf"more than {NUMBER} ", first.scene.texts["universal"])[1])  # type: ignore[index]
    view = first.ask.view.told(0)
    each = np.floor(limit) + 1 if law["integer"] else limit + 1e-6
    left = max(view.stock - each * law["seats"], 0.0)
    assert min(law["capacity"], law["growth"] * left) < view.stock
    assert limit == pytest.approx(view.share, abs=1e-3) and limit >= view.share


def test_nothing_universal_is_said_of_a_round_after_the_last() -> None:
    told = list(scenes("fishery", {"rounds": 2}, lambda ask: [1] * 5, only=0))
    assert [bool(one.scene.texts["universal"]) for one in told] == [True, False]
    hidden = list(scenes("fishery", {"rounds": 2, "horizon": "hidden"}, lambda ask: [1] * 5, only=0))
    assert hidden[-1].scene.texts["universal"]


def test_nothing_universal_is_said_of_an_empty_stock() -> None:
    empty = {"allocation": "proportional", "integer": False, "collapse_below": 0}
    told = list(scenes("fishery", empty, lambda ask: [99] * 5))
    assert told[0].scene.texts["universal"] and not told[-1].scene.texts["universal"]
    assert told[-1].scene.wanted.high == 0


# -- every frame, every option -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("frame", FRAMES)
def test_every_frame_and_option_renders(name: str, frame: str) -> None:
    for opponent, goal in (("unnamed", "own"), ("human", "none"), ("ai", "joint"), ("copy", "own")):
        for horizon in ("known", "hidden"):
            given_ = {"frame": frame, "opponent": opponent, "goal": goal, "horizon": horizon}
            scene = third(name, given_).scene
            assert not blemishes(whole(scene)), whole(scene)
            assert json.loads(json.dumps(scene.data)) == scene.data
            assert all(scene.texts.values()) and "other" in scene.texts["rules"]
            said = {"unnamed": "", "human": "are people", "ai": "are AI systems", "copy": "are copies of you"}[opponent]
            assert said in scene.texts["rules"]
            assert ("Your goal" in scene.texts["rules"]) == (goal != "none")


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_games_are_told_as_their_own_stories(name: str) -> None:
    game = games.load(name)
    assert game.presentation.frame == name
    assert next(scenes(name, {}, calm)).scene.data["unit"] == game.words.unit


def test_frames_differ_in_words_alone() -> None:
    def numbers(frame: str) -> list[str]:
        text = whole(third("fishery", {"frame": frame}, plan=greedy).scene)
        return [found for found in re.findall(NUMBER, re.sub(r"Player \d", "", text)) if found]

    expected = numbers("neutral")
    assert all(numbers(frame) == expected for frame in FRAMES if frame != "pollution")
    # Another unit has to be explained: one pallet spoils one percent.
    assert [each for each in numbers("pollution") if each != "1"] == [each for each in expected if each != "1"]


@pytest.mark.parametrize("frame", FRAMES)
def test_a_hidden_horizon_stays_hidden(frame: str) -> None:
    for told in scenes("fishery", {"frame": frame, "rounds": 5791, "horizon": "hidden"}, greedy):
        assert "5791" not in whole(told.scene) and "5791" not in str(dict(told.scene.data))
        if told.ask.clock == 3:
            break


def test_a_chance_is_told_and_a_cut_with_it() -> None:
    by_chance = {"rounds": None, "continuation": 0.9}
    assert "with a chance of 90 %." in next(scenes("fishery", by_chance, calm)).scene.texts["rules"]
    cut = {"rounds": 37, "continuation": 0.9}
    assert "never more than 37 months." in next(scenes("fishery", cut, calm)).scene.texts["rules"]
    silent = whole(next(scenes("fishery", {**cut, "horizon": "hidden"}, calm)).scene)
    assert "37" not in silent and "90" not in silent


def test_a_unit_of_ones_own_is_used_throughout() -> None:
    text = whole(third("fishery", {"unit": "crates"}).scene)
    assert "tons" not in text and "100 crates" in text and "How many crates, from 0 to" in text


def test_an_unknown_frame_is_refused_by_name() -> None:
    with pytest.raises(SpecError, match="fishery"):
        next(scenes("fishery", {"frame": "fishry"}, calm))


@pytest.mark.parametrize("evil", ["{{ ''.__class__.__mro__ }}", "{{ nouns.__init__ }}", "{{ history.__class__ }}"])
def test_a_hostile_text_reaches_no_python(evil: str) -> None:
    with pytest.raises(SpecError):
        next(scenes("fishery", {"words": {"text": {"rules": evil}}}, calm)).scene.texts["rules"]
    with pytest.raises(SpecError):
        frame = {"setting": evil, "unit": "tons"}
        next(scenes("fishery", {"words": {"frames": {"own": frame}}, "frame": "own"}, calm))


def test_a_single_round_is_told_as_one() -> None:
    rules = next(scenes("fishery", {"rounds": 1}, calm)).scene.texts["rules"]
    assert "There is 1 month in all.\nWhat you catch is what you earn. Your goal" in rules
