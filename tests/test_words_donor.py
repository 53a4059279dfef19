"""What models are told of a donor game, read back from the text by rules of our own."""

from __future__ import annotations

import re
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import loaded, played, whole

import dilemmas as dl
from dilemmas.engine.chance import Chance
from dilemmas.errors import SpecError
from dilemmas.rules.donor import Donor
from dilemmas.rules.game import Answers, Ask
from dilemmas.specs import games, words
from dilemmas.specs.reading import load
from dilemmas.strategies.scene import Scene
from dilemmas.strategies.scene_donor import TELLER, norm
from dilemmas.strategies.telling import tell

FRAMES = sorted(words.family("donor").frames)
NAME = r"[A-Z]\w+ (\d+)"
NOW = re.compile(rf"You are the donor, and {NAME} is .*\. You have ([\d.]+) .*, and {NAME} has ([\d.]+) .*\.")
GAVE = re.compile(rf"- \w+ (\d+): {NAME} gave ([\d.]+) % of \w+ \w+ to {NAME}\.")


def giving(shares: Any, kinds: Any = None) -> Any:
    """Donors give these shares of what they have, by round and seat."""

    def answer(ask: Ask) -> Answers:
        seats, round_ = ask.who.shape[1], int(ask.round[0]) - 1
        amount = ask.view.by_seat(ask.view.state.balance).reshape(1, seats) * np.array(shares[round_])
        return Answers(choice=None if kinds is None else np.array([kinds[round_]]), amount=amount)

    return answer


def half(ask: Ask) -> Answers:
    return giving(np.full((20, ask.who.shape[1]), 0.5))(ask)


def everything(ask: Ask) -> Answers:
    return giving(np.ones((20, ask.who.shape[1])))(ask)


@settings(max_examples=40, deadline=None)
@given(
    shares=st.lists(st.lists(st.integers(0, 100), min_size=6, max_size=6), min_size=6, max_size=6),
    trace=st.integers(0, 4),
    multiplier=st.sampled_from([0.5, 1, 2, 2.25]),
    endowment=st.sampled_from([1, 10, 12.5]),
    schedule=st.sampled_from(["strict", "released", "random"]),
    frame=st.sampled_from(FRAMES),
    seed=st.integers(0, 99),
)
def test_balances_and_records_read_back_are_what_was_played(
    shares: Any, trace: int, multiplier: float, endowment: float, schedule: str, frame: str, seed: int
) -> None:
    given = {"trace": trace, "multiplier": multiplier, "endowment": endowment, "schedule": schedule, "frame": frame}
    dilemma = loaded("donor", seats=6, rounds=6, zero_trace="null", **given)
    parts = np.array(shares) / 100
    balance, last = np.full(6, float(endowment)), [list[Any]() for _ in range(6)]
    for round_, asked in enumerate(played(dilemma, giving(parts), 6, seed=seed), 1):
        before, chains = balance.copy(), [list(chain) for chain in last]
        for seat, scene in asked.items():
            mate = read_now(scene, seat, before, chains, trace)
            spent = before[seat] * parts[round_ - 1, seat]
            balance[seat] -= spent
            balance[mate] += spent * multiplier
            if before[seat] > 0:
                last[seat] = [(round_, seat, shares[round_ - 1][seat], mate), *chains[mate]]
            else:
                last[seat] = [(round_, seat, None, mate), *chains[mate]]
        assert f"for every {scene.data['one']} given" in scene.texts["rules"]
        assert re.search(rf"gets {multiplier:g} \w+ for every", scene.texts["rules"])
        assert re.search(rf"starts with {endowment:g} \w+\.", scene.texts["rules"])


def read_now(scene: Scene, seat: int, balance: Any, chains: Any, trace: int) -> int:
    """Check what is said of both and of the record; the seat of the recipient."""
    found = NOW.search(scene.texts["now"])
    assert found is not None and found[1] == found[3]
    mate = int(found[1]) - 1
    assert float(found[2]) == pytest.approx(balance[seat], abs=6e-4)
    assert float(found[4]) == pytest.approx(balance[mate], abs=6e-4)
    expected = chains[mate][:trace]
    lines = [line for line in scene.texts["now"].splitlines() if line.startswith("- ")]
    assert len(lines) == len(expected)
    for line, (round_, actor, share, target) in zip(lines, expected, strict=True):
        if share is None:
            assert re.match(rf"- \w+ {round_}: \w+ {actor + 1} had no \w+ when \w+ {target + 1} was", line), line
            continue
        step = GAVE.fullmatch(line)
        assert step is not None, line
        assert [int(step[1]), int(step[2]), int(step[4])] == [round_, actor + 1, target + 1]
        assert float(step[3]) == pytest.approx(share, abs=0.005)
    if trace and not expected:
        assert "has not been a donor yet" in scene.texts["now"]
    assert scene.wanted.low == 0 and scene.wanted.high == scene.wanted.whole == pytest.approx(balance[seat])
    return mate


@settings(max_examples=25, deadline=None)
@given(
    mechanism=st.sampled_from(["none", "punish", "refuse"]),
    seed=st.integers(0, 99),
    part=st.floats(0, 1),
    choice=st.integers(0, 1),
)
def test_what_is_wanted_is_what_the_rules_allow(mechanism: str, seed: int, part: float, choice: int) -> None:
    dilemma = loaded("donor", mechanism=mechanism, seats=4, rounds=4)

    def checked(ask: Ask) -> Answers:
        telling = tell(dilemma.words, dilemma.presentation, dilemma.rules, Chance.of(seed, 1, 1), Chance.of(seed, 0, 1))
        seat = int(np.flatnonzero(ask.who[0])[0])
        wanted = TELLER.scene(ask, seat, telling, None, []).wanted
        assert wanted.options == (() if mechanism == "none" else ("give", mechanism))
        kinds = np.full((1, 4), choice if wanted.options else 0)
        refusing = mechanism == "refuse" and choice == 1
        assert not wanted.amounts or wanted.amounts[choice] != refusing
        assert wanted.high is not None
        for amount, legal in (
            (part * wanted.high, True),
            (wanted.high, True),
            (wanted.high * 1.01 + 1, refusing),
            (-1, refusing),
        ):
            amounts = np.zeros((1, 4))
            amounts[0, seat] = amount
            given = Answers(choice=kinds if wanted.options else None, amount=amounts)
            assert dilemma.rules.illegal(ask, given)[0, seat] != legal
        return half(ask)

    assert played(dilemma, checked, 4, seed=seed)


def test_memory_holds_own_gifts_and_what_was_got_from_whom() -> None:
    pairs = [[[1, 2], [3, 4]], [[2, 1], [4, 3]], [[1, 3]]]
    dilemma = loaded("donor", pairings=pairs, endowment=10)
    parts = [[0.4, 0, 1, 0], [0, 0.5, 0, 0], [0.1, 0, 0, 0]]
    scenes = played(dilemma, giving(parts), 3)
    assert scenes[1][1].texts["past"] == "What happened to you so far:\n- Round 1: you got 8 units from Player 1."
    assert scenes[2][0].texts["past"].splitlines()[1:] == [
        "- Round 1: you gave 4 of your 10 units to Player 2.",
        "- Round 2: you got 18 units from Player 2.",
    ]
    assert scenes[1][3].texts["past"].endswith("you got 20 units from Player 3.")
    short = played(dilemma, giving(parts), 3, window=1)[2][0].texts["past"]
    assert short.splitlines() == [
        "What happened to you so far: Round 1 is not shown.",
        "- Round 2: you got 18 units from Player 2.",
    ]
    assert played(dilemma, giving(parts), 3, window=0)[2][0].texts["past"] == ""


def test_what_would_follow_if_nobody_gave_leaves_out_punishing_too() -> None:
    for mechanism, text in (("none", "ever gave anything"), ("punish", "ever gave or spent anything")):
        assert text in played(loaded("donor", mechanism=mechanism), half)[0].popitem()[1].texts["universal"]


def test_who_sat_out_remembers_nothing_of_the_round() -> None:
    dilemma = loaded("donor", pairings=[[[1, 2]], [[3, 1]]])
    scenes = played(dilemma, half, 2)
    assert scenes[1][2].texts["past"] == "" and "sits the round out" in scenes[0][0].texts["rules"]


def test_punishments_and_refusals_are_told_as_such() -> None:
    pairs = [[[1, 2]], [[2, 1]], [[1, 2]]]
    parts, kinds = [[0.3, 0], [0, 0.5], [0, 0]], [[1, 0], [0, 1], [0, 0]]
    punished = played(loaded("donor", mechanism="punish", pairings=pairs), giving(parts, kinds), 3)
    assert "- Round 1: Player 1 spent 30 % of its units on punishing Player 2." in punished[1][1].texts["now"]
    assert "- Round 1: Player 1 punished you, and you lost 6 units." in punished[1][1].texts["past"]
    assert "- Round 1: you spent 3 of your 10 units on punishing Player 2." in punished[2][0].texts["past"]
    refused = played(loaded("donor", mechanism="refuse", pairings=pairs), giving(parts, kinds), 3)
    assert "- Round 1: Player 1 refused to give to Player 2." in refused[1][1].texts["now"]
    assert "- Round 1: Player 1 refused to give to you." in refused[1][1].texts["past"]
    assert "- Round 1: you refused to give to Player 2." in refused[2][0].texts["past"]


def test_a_failed_gift_is_remembered_as_one_and_got_as_nothing() -> None:
    dilemma = loaded("donor", execution_error=1, pairings=[[[1, 2]], [[2, 1]], [[1, 2]]])
    scenes = played(dilemma, half, 3)
    assert "you meant to give 5 of your 10 units to Player 2, but the gift failed" in scenes[2][0].texts["past"]
    assert "you got nothing from Player 1" in scenes[1][1].texts["past"]
    assert "chance of 100 % a gift fails" in scenes[0][0].texts["rules"]


@pytest.mark.parametrize("zero", ["one", "null"])
def test_a_donor_without_units_is_told_as_recorded(zero: str) -> None:
    dilemma = loaded("donor", zero_trace=zero, pairings=[[[1, 2]], [[1, 2]], [[2, 1]]])
    scenes = played(dilemma, everything, 3)
    poor = scenes[1][0]
    assert "You have 0 units" in poor.texts["now"] and poor.wanted.high == 0
    said = scenes[2][1].texts["now"]
    assert ("Player 1 gave 100 % of its units to Player 2." in said) == (zero == "one")
    assert ("Player 1 had no units when Player 2 was the recipient." in said) == (zero == "null")


def test_nothing_of_the_past_is_told_where_nothing_was_learnt() -> None:
    given = {"information": ["trace", "image", "standing"], "observation": 0, "rounds": 6}
    for scenes in played(loaded("donor", **given), half, 6):
        for scene in scenes.values():
            now = scene.texts["now"]
            assert "You learn nothing of the past of Player" in now
            assert "%" not in now and "The image score of" not in now and "Your own image score" in now


@pytest.mark.parametrize("image", ["binary", "integer"])
def test_reputations_told_are_those_of_the_rules(image: str) -> None:
    given = {"information": ["image", "standing"], "image": image, "rounds": 8, "norm": "stern-judging"}
    dilemma = loaded("donor", **given)
    parts = np.random.default_rng(1).random((8, 12))
    scores, good = np.full(12, int(image == "binary")), np.ones(12, bool)
    for round_, scenes in enumerate(played(dilemma, giving(parts), 8)):
        score_before, good_before = scores.copy(), good.copy()
        for seat, scene in scenes.items():
            now = scene.texts["now"]
            found = re.search(r"The image score of Player (\d+) is (-?\d+)\.", now)
            assert found is not None
            mate = int(found[1]) - 1
            assert int(found[2]) == score_before[mate]
            assert f"Player {mate + 1} is in {'good' if good_before[mate] else 'bad'} standing." in now
            assert f"Your own image score is {score_before[seat]}." in now
            gave = bool(parts[round_, seat] >= 0.5)
            scores[seat] = int(gave) if image == "binary" else max(-5, min(5, score_before[seat] + (1 if gave else -1)))
            good[seat] = gave == good_before[mate]


@pytest.mark.parametrize(
    "name", ["image-scoring", "simple-standing", "stern-judging", "shunning", "l1", "l6", "staying"]
)
def test_a_norm_told_is_the_norms_table(name: str) -> None:
    game = Donor(information=("standing",), norm=name)
    scene = next(iter(played(loaded("donor", information=["standing"], norm=name), half)[0].values()))
    line = re.compile(
        r"  - a donor (?:in (good|bad) standing )?who gave (at least|less than) 50 % of its units"
        r"(?: to a recipient in (good|bad) standing)?: (good|bad) standing"
    )
    read = [line.fullmatch(each) for each in scene.texts["rules"].splitlines() if each.startswith("  - ")]
    assert read and all(read) and len(read) == len(norm(game))
    for donor, recipient, gave in product((0, 1), repeat=3):
        fits = [
            found[4]
            for found in read
            if found
            and found[1] in (None, ("bad", "good")[donor])
            and found[3] in (None, ("bad", "good")[recipient])
            and found[2] == ("less than", "at least")[gave]
        ]
        assert fits == [("bad", "good")[game.table[donor, recipient, gave]]]


@pytest.mark.parametrize(("seats", "trace"), [(2, 3), (4, 1), (4, 2), (6, 5), (12, 3)])
def test_the_explanation_of_the_trace_goes_as_deep_as_the_trace(seats: int, trace: int) -> None:
    for seat, scene in played(loaded("donor", seats=seats, trace=trace), half)[0].items():
        text = scene.texts["rules"]
        assert f"You are Player {seat + 1}, one of {seats} players." in text
        steps = re.findall(r"what Player (\d+) (?:gave|had given) to Player (\d+)", text)
        assert len(steps) == (trace if trace > 1 else 0)
        assert all(step[1] == after[0] for step, after in pairwise(steps))
        assert (f"{trace} steps back" in text) == (trace > 2)


@pytest.mark.parametrize("mechanism", ["none", "punish", "refuse"])
def test_every_frame_and_option_renders(mechanism: str) -> None:
    informed = [["trace"], [], ["image"], ["trace", "image", "standing"]]
    ways = product(FRAMES, ["unnamed", "human", "ai", "copy"], ["none", "own", "joint", "stay"], ["one", "null"])
    for number, (frame, opponent, goal, zero) in enumerate(ways):
        if (number + ("none", "punish", "refuse").index(mechanism)) % 3:
            continue  # one in three a mechanism; all of them over the mechanisms
        given: dict[str, Any] = {"frame": frame, "opponent": opponent, "goal": goal, "zero_trace": zero}
        given |= {"mechanism": mechanism, "rounds": 4}
        given |= {"information": informed[number % 4], "trace": number % 5, "seats": 4 + 2 * (number % 3)}
        if number % 7 == 0:
            given |= {"observation": 0.25, "execution_error": 0.1, "assessment_error": 0.05}
        if number % 5 == 0:
            given |= {"schedule": "random", "seats": 5}
        for scenes in played(loaded("donor", **given), half, 4):
            assert_clean(next(iter(scenes.values())))


def assert_clean(scene: Scene) -> None:
    text = whole(scene)
    assert all(text for name, text in scene.texts.items() if name != "past")
    assert not re.search(
        r"cooperat|defect|dilemma|None|\{|\}|\S  |\.\.| [,.]|\b1 (units|sacks|coins|hours)", text, re.I
    ), text
    assert all(line.strip() == line or line.startswith("  - ") for line in text.splitlines()), text
    assert set(scene.order) == set(scene.labels) == set(scene.wanted.options)
    assert scene.predicted is not None and (scene.predicted.low, scene.predicted.high) == (0, 100)


def test_a_unit_of_ones_own_is_used_throughout() -> None:
    for mechanism in ("punish", "refuse"):
        given_ = {"unit": "coins", "mechanism": mechanism, "information": ["trace", "image", "standing"]}
        (scene,) = played(loaded("donor", seats=2, **given_), half, 2)[-1].values()
        assert "units" not in whole(scene) and "% of its coins" in whole(scene)


def test_the_number_of_rounds_is_told_where_the_game_says_so() -> None:
    (scene,) = played(loaded("donor", seats=2, rounds=7, horizon="known"), half, 2)[-1].values()
    assert "There are 7 rounds in all." in scene.texts["rules"] and "This is round 2 of 7." in scene.texts["now"]


def test_the_number_of_rounds_is_not_told() -> None:
    short, long = (played(loaded("donor", rounds=rounds), half, 9) for rounds in (9, 11))
    assert [{seat: scene.texts for seat, scene in asked.items()} for asked in short] == [
        {seat: scene.texts for seat, scene in asked.items()} for asked in long
    ]


@pytest.mark.parametrize("text", ["{{ ''.__class__ }}", "{{ chain.__init__ }}", "{{ rules.__init__ }}"])
def test_a_game_that_reaches_for_python_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "mean.yaml"
    path.write_text(f'game: mean\nkind: donor\nwords:\n  text: {{now: "{text}"}}\n', encoding="utf-8")
    with pytest.raises(SpecError, match=r"words\.text\.now"):
        next(iter(played(games.load(str(path)), half)[0].values())).texts["now"]


@pytest.mark.parametrize(("schedule", "seats"), [("strict", 12), ("released", 6), ("released", 12), ("random", 6)])
def test_that_roles_alternate_is_told_as_far_as_it_is_so(schedule: str, seats: int) -> None:
    rounds = played(loaded("donor", schedule=schedule, seats=seats, rounds=seats), half, seats)
    text = next(iter(rounds[0].values())).texts["rules"]
    told = " As a rule, who is the donor in one round is the recipient in the next." in text
    always = ". Who is the donor in one round is the recipient in the next." in text
    again = sum(bool(set(one) & set(after)) for one, after in pairwise(rounds))
    assert always == (again == 0)
    assert told == (again == 1)
    assert ("and who is the donor, changes" in text) == (schedule == "random")


def test_every_donor_of_the_replication_is_told_who_will_stay() -> None:
    for path in sorted((Path(__file__).parents[1] / "experiments" / "vallinder-hughes").glob("*.yaml")):
        if path.name.startswith("published"):
            continue
        block = load(path)["game"]
        (scene, *_) = played(games.load(block.pop("name"), block), half)[0].values()
        assert "those who have most stay and play on" in scene.texts["rules"]
    assert "stay" not in whole(next(iter(played(loaded("donor"), half)[0].values())))


def test_nobody_is_told_of_a_selection_that_is_not_there() -> None:
    with pytest.raises(SpecError, match=r"^game\.goal: .*nobody is selected"):
        dl.play("donor", ["plain@rehearsal"] * 2, rounds=1, goal="stay")
