"""The society of the commons, switch by switch: each is one line, and changes prompts or numbers as it says."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from provider import Brain, Messages, Provider, every, last
from shared import truth

import dilemmas as dl
from dilemmas.errors import DilemmasError, SpecError, Stopped
from dilemmas.models.rehearsal import Rehearsal
from dilemmas.runs.preview import preview
from dilemmas.runs.rehearse import rehearse
from dilemmas.runs.replay import replay
from dilemmas.runs.work import Order
from dilemmas.specs import experiment as spec
from dilemmas.specs import games, seats

TALK = {"when": "after"}
MODEL = "plain@local/tiny"
OTHERS = ("pasture", "pollution")
SHOWN = ("In the talk of", "agreed on a limit", "Peter paid a fine")


def prompt(flags: dict[str, Any], strategy: str = "plain", seat: int = 2, round_: int = 3) -> str:
    """All that a seat is sent for its decision in a round, with the flags of a command line over a fishery."""
    data = spec.changed({"experiment": "x", "game": "fishery", "population": ["plain"]}, flags)
    given = {key: value for key, value in spec.check(data).game.items() if key != "name"}
    name = str(spec.check(data).game["name"])
    calls = preview(seats.strategy(seats.parse(strategy)), games.load(name, given), seat, round_)  # type: ignore[arg-type]  # prompted
    return "\n".join(message["content"] for call in calls for message in call.messages)


# What a switch is set to; the flags, the seat's strategy, and words that stand in the prompt (- not) from then on.
SWITCHES: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "talk after": ({"talk": "after"}, "plain", ["At the end of every month, when all have decided, there is talk"]),
    "talk before": ({"talk": "before"}, "plain", ["In every month there is talk before anybody decides"]),
    "both": ({"talk.when": ["before", "after"]}, "plain", ["and again when all have decided"]),
    "order fixed": ({"talk.order": "fixed"}, "plain", ["One speaks after the other."]),
    "order random": ({"talk.order": "random"}, "plain", ["in an order that is drawn by lot"]),
    "order named": ({"talk.order": "named"}, "plain", ["then says who is to speak next"]),
    "limit on utterances": ({"talk.turns": 9}, "plain", ["There are at most 9 turns to speak"]),
    "private": ({"talk.private": True}, "plain", ["heard by one other alone", "-All hear what is said"]),
    "public": ({"talk.private": False}, "plain", ["All hear what is said", "What is said binds nobody"]),
    "report by a moderator": (
        {"talk.when": "after", "talk.report": "moderator"},
        "plain",
        ["a report to all of how much"],
    ),
    "report by each": ({"talk.when": "after", "talk.report": "each"}, "plain", ["everybody telling truthfully"]),
    "no report": ({"talk.when": "after", "talk.report": "none"}, "plain", ["-report to all", "-telling truthfully"]),
    "pledges": ({"talk.pledges": True}, "plain", ["may also pledge", "said or pledged binds", "pledging"]),
    "median": ({"talk.pledges": True, "talk.limit": "median"}, "plain", ["The middle one of the amounts"]),
    "limit by a model": ({"talk.when": "after", "talk.limit": "framework"}, "plain", ["If a limit for each is agreed"]),
    "summary": (
        {"talk.when": "after", "talk.summary": True},
        "plain",
        ["earlier talk, in short", "-earlier talk, between"],
    ),
    "no communication, catches seen": (
        {},
        "plain",
        ["-there is talk", "everybody is told how much each", "Nina caught"],
    ),
    "and hidden": ({"sight": False}, "plain", ["Nobody is told how much the others caught", "-Nina caught"]),
    "memory none": ({}, "plain:memory=none", ["-not shown", "-What happened so far", "-Month 2: the lake"]),
    "memory of the last round": ({}, "plain:memory=last-1", ["Month 1 is not shown", "\nMonth 2: "]),
    "memory full": ({}, "plain:memory=full", ["\nMonth 1: ", "\nMonth 2: "]),
    "memory summary": ({}, "plain:memory=summary", ["your own summary of what has happened so far"]),
    "memory reflective": ({}, "reflective", ["These are notes that you wrote earlier"]),
    "reflection after talk": ({"talk": "after"}, "reflective", ["The talk is over", "what was worth noting in it"]),
    "and without": ({"talk": "after"}, "reflective:after_talk=false", ["-The talk is over"]),
    "universalization": ({}, "universalizer", ["If all 5 of you catch more than"]),
    "persona": ({}, "plain:persona=You_are_wary.", ["You_are_wary."]),
    "newcomer": ({"joins": {5: 4}, "rounds": 15}, "plain", ["There are 15 months", "-Sofia"]),
    "sanction": (
        {"sanction": 5},
        "plain",
        ["there is a vote on a fine of 5 tons of fish", "less what you pay in fines"],
    ),
}


@pytest.mark.parametrize("switch", SWITCHES)
def test_one_flag_changes_the_prompt(switch: str) -> None:
    flags, strategy, words = SWITCHES[switch]
    found, plain = prompt(flags, strategy), prompt({})
    for word in words:
        if word.startswith("-"):
            assert word[1:] not in found, word
        else:
            assert word in found, word
    if switch not in ("no communication, catches seen", "memory full"):  # these are what is there without a flag
        assert any((word.removeprefix("-") in plain) == word.startswith("-") for word in words) or found != plain


@pytest.mark.parametrize("name", ["fishery", *[pytest.param(name, marks=pytest.mark.slow) for name in OTHERS]])
def test_every_switch_at_once_leaves_no_trace_of_a_template(name: str) -> None:
    flags = {"name": name, "talk.when": ["before", "after"], "talk.limit": "framework", "talk.summary": True}
    flags = {f"game.{key}": value for key, value in flags.items()} | {"sanction": 5, "joins": {5: 3}}
    for seat in (1, 5):
        for round_ in (1, 3):
            text = prompt(flags, "reflective", seat, round_)
            assert not [sign for sign in ("{{", "{%", "None", "nan", " .", "  ", "()") if sign in text]


def test_a_newcomer_begins_and_is_told_so() -> None:
    flags = {"joins": {5: 4}, "rounds": 15}
    assert "You are here for the first time" in prompt(flags, seat=5, round_=4)
    assert "Sofia is here for the first time" in prompt(flags, seat=1, round_=4)


# -- the model that reads the talk ---------------------------------------------------------------------------------


def village(limit: str | Callable[[str], str] = "ANSWER: limit 10", take: int = 10) -> Brain:
    """Says ten, takes as it takes, and reads talk as it is told to."""

    def brain(messages: Messages) -> str:
        text = messages[-1]["content"] if len(messages) > 2 else last(messages)
        whole = "\n".join(message["content"] for message in messages)
        if "Did they agree" in whole:
            return limit(whole) if callable(limit) else limit
        if "Sum this talk up" in text:
            return "All proposed ten."
        if "IMPORTANCE" in text:
            return "Ten it is.\nIMPORTANCE: 7"
        if "Whom do you name" in text:
            return "ANSWER: nobody"
        return "Ten each?" if "your turn to speak" in text else f"ANSWER: {take}"

    return brain


def play(server: Provider, brain: Brain, *members: str, game: str = "fishery", **settings: Any) -> Any:
    server.brain = brain
    return dl.play(game, list(members or [MODEL] * 5), base_url=server.url, **settings)


def prompts(server: Provider, words: str = "") -> list[str]:
    texts = ["\n\n".join(message["content"] for message in body["messages"]) for body in server.bodies]
    return [text for text in texts if words in text]


FOUND = {"when": "after", "limit": "framework"}


def test_the_limit_that_was_found_is_told_from_then_on_and_measured(server: Provider) -> None:
    result = play(server, village(take=11), talk=FOUND, rounds=3)
    assert server.requests == 3 * 5 + 2 * 5 + 2  # no talk after the last month, so nothing to read
    asked = prompts(server, "Did they agree")
    assert len(asked) == 2 and asked[0].count("Ten each?") == 5 and "Clara:" in asked[0] and ", you:" not in asked[0]
    told = [text for text in prompts(server, "do you want to catch") if "agreed on a limit" in text]
    assert len(told) == 10 and all("each is to catch at most 10 tons of fish a month." in text for text in told)
    assert result.rounds["limit"].tolist()[1:] == [10, 10] and result.rounds["limit"].isna()[0]
    assert result.agents.limited.tolist() == [2] * 5 and result.agents.limit_share.tolist() == [0] * 5
    assert result.tables["models"].list("limit_share") == [0] and result.tables["models"].list("limited") == [10]
    found = result.messages[result.messages.kind == "limit"]
    assert found.pledge.tolist() == [10, 10] and found.seat.tolist() == [0, 0] and found["round"].tolist() == [1, 2]
    assert result.rounds.collected.tolist() == [55] * 3  # it binds nobody


def test_none_agreed_is_an_answer_and_what_was_agreed_stands(server: Provider) -> None:
    answers = iter(["ANSWER: none", "ANSWER: limit 12", "ANSWER: none"])
    result = play(server, village(lambda text: next(answers)), talk=FOUND, rounds=4)
    assert result.rounds["limit"].isna().tolist() == [True, True, False, False]
    assert result.rounds["limit"].tolist()[2:] == [12, 12]
    assert "In the talk of month 2 the group agreed" in prompts(server, "This is month 4")[-1]
    assert not any(word in text for text in prompts(server, "This is month 2") for word in SHOWN)


def test_talk_before_the_decision_is_read_before_it(server: Provider) -> None:
    result = play(server, village(), talk={"when": "before", "limit": "framework"}, rounds=1)
    assert server.requests == 5 + 1 + 5
    assert result.rounds["limit"].tolist() == [10] and result.agents.limit_share.tolist() == [1] * 5


def test_another_model_may_read_it(server: Provider) -> None:
    play(server, village(), talk={**FOUND, "model": "local/clerk"}, rounds=2)
    readers = {body["model"] for body in server.bodies if "Did they agree" in json.dumps(body)}
    assert readers == {"clerk"} and {body["model"] for body in server.bodies} == {"tiny", "clerk"}


def test_a_clerk_that_cannot_be_read_is_asked_again_and_then_the_run_stops(server: Provider, tmp_path: Path) -> None:
    words = iter(["Hard to say.", "ANSWER: limit 400", "ANSWER: limit 9"])
    result = play(server, village(lambda text: next(words)), talk=FOUND, rounds=2)
    assert result.messages[result.messages.kind == "limit"].attempts.tolist() == [3]
    assert result.rounds["limit"].tolist()[1] == 9
    server.brain = village("I would rather not say.")
    with pytest.raises(Stopped, match="about a talk"):
        dl.play("fishery", [MODEL] * 5, base_url=server.url, talk=FOUND, rounds=2)
    result = play(server, village("Hm."), talk=FOUND, rounds=2, answers={"otherwise": "random", "again": 0})
    assert result.messages[result.messages.kind == "limit"].imputed.tolist() == [True]
    assert result.rounds.get("limit", result.rounds.collected * float("nan")).isna().all()


def test_a_summary_takes_the_place_of_earlier_talk(server: Provider) -> None:
    result = play(server, village(), talk={"when": "after", "summary": True}, rounds=4)
    late = prompts(server, "do you want to catch")[-1]
    assert late.count("All proposed ten.") == 2 and late.count("Ten each?") == 5  # the last talk is told as it was
    assert result.messages.kind.tolist().count("summary") == 3
    assert result.messages[result.messages.kind == "summary"].text.unique().tolist() == ["All proposed ten."]


def test_a_reading_is_journalled_resumed_and_replayed(server: Provider, tmp_path: Path) -> None:
    data = {"experiment": "town", "game": {"name": "fishery", "rounds": 3, "talk": {**FOUND, "summary": True}}}
    data |= {"population": [f"{MODEL}=5"], "base_url": server.url, "seeds": 1, "log": "moves"}
    server.brain = village("Hm.")
    path = tmp_path / "town.yaml"
    path.write_text(json.dumps(data))
    with pytest.raises(DilemmasError):
        dl.run(str(path), out=tmp_path / "out")
    before = server.requests
    server.brain = village()
    result = dl.run(str(path), out=tmp_path / "out")
    whole = 3 * 5 + 2 * 5 + 2 * 2
    assert server.requests - before == whole - (5 + 5 + 1)  # harvests, utterances and the summary were there
    assert result.rounds["limit"].tolist()[1:] == [10, 10]
    assert replay(tmp_path / "out").runs == 1
    calls = [json.loads(line) for line in next((tmp_path / "out").rglob("calls.jsonl")).read_text().splitlines()]
    keys = [json.dumps(call["key"]) for call in calls]
    assert len(set(keys)) == len(keys)


def test_a_reading_and_a_vote_can_be_read(server: Provider, tmp_path: Path) -> None:
    from dilemmas.report.transcript import Wanted as Where
    from dilemmas.report.transcript import transcript

    words = iter(["ANSWER: limit 10", "ANSWER: none"])
    server.brain = village(lambda text: next(words))
    data = {
        "experiment": "t",
        "game": {"name": "fishery", "rounds": 3, "talk": {**FOUND, "summary": True}, "sanction": 5},
    }
    dl.run({**data, "population": [f"{MODEL}=5"], "base_url": server.url, "seeds": 1}, out=tmp_path / "out")
    lines = [line.text for line in transcript(tmp_path / "out", Where())]
    found = [line.strip() for line in lines if "read as:" in line]
    assert "read as: a limit of 10 for each, told to all" in found and "read as: no limit agreed" in found
    assert found.count("read as: told later in place of the talk") == 2
    assert sum(line.startswith("read as: nobody") for line in found) == 15


@pytest.mark.parametrize("strategy", ["plain", "reflective", "reflective:after_talk=false"])
def test_the_rehearsal_counts_readings_and_reflections(strategy: str, server: Provider) -> None:
    rounds, size = 4, 5
    game = {"name": "fishery", "talk": {**FOUND, "summary": True}, "rounds": rounds, "sanction": 5}
    found = rehearse(Order({"experiment": "x", "game": game, "population": [f"{strategy}@local/tiny={size}"]}))
    talks = rounds - 1
    notes = 0 if strategy == "plain" else (rounds - 1) + 1  # from round 2 on, and an insight in round 4
    after = 2 * talks if strategy == "reflective" else 0
    chain = rounds * 2 + talks * (size + 2) + notes + after
    assert found.calls == size * (rounds * 2 + talks + notes + after) + 2 * talks
    assert found.chain == chain
    play(
        server,
        village(),
        *[f"{strategy}@local/tiny"] * size,
        **{key: game[key] for key in ("talk", "rounds", "sanction")},
    )
    assert server.requests == found.calls


def test_scripts_alone_ask_nobody() -> None:
    assert "limit" not in dl.play("fishery", ["sustainable"] * 5, talk=FOUND, rounds=3).rounds


@pytest.mark.parametrize("talk", [{"limit": "framework", "private": True}, {"summary": True, "private": True}])
def test_private_talk_has_nobody_who_reads_it(talk: dict[str, Any]) -> None:
    with pytest.raises(SpecError, match="private talk"):
        dl.game("fishery", talk=talk)


def test_a_limit_of_catches_needs_catches_and_a_summary_does_not(server: Provider) -> None:
    with pytest.raises(SpecError, match="catches"):
        dl.game("stag-hunt", talk={"limit": "framework"})
    server.brain = lambda messages: (
        "They will hunt."
        if "Sum this" in last(messages)
        else (
            "Hunt?"
            if "turn to speak" in last(messages)
            else f"ANSWER: {re.findall(r'these: (.), (.)', last(messages))[0][0]}"
        )
    )
    result = dl.play("stag-hunt", [MODEL] * 2, base_url=server.url, talk={"summary": True}, rounds=3)
    assert (result.messages.kind == "summary").sum() == 3 and server.requests == 3 * (2 + 2 + 1)


def test_settings_from_before_these_keys_are_the_same() -> None:
    known = dl.game("fishery", talk="after").rules.settings()["talk"]
    assert not {"summary", "model"} & set(known)
    assert dl.game("fishery", talk={"summary": True}).rules.settings()["talk"]["summary"] is True


# -- votes of models ---------------------------------------------------------------------------------------------


def voting(name: str, take: int = 10) -> Brain:
    def brain(messages: Messages) -> str:
        text = messages[1]["content"]
        return f"ANSWER: {name}" if "Whom do you name" in text and f"{name}" in text else village(take=take)(messages)

    return brain


def test_models_vote_and_who_is_named_pays(server: Provider) -> None:
    result = play(server, voting("Nina"), sanction=5, rounds=2, frame="fishery")
    votes = result.moves[result.moves.kind == "vote"]
    assert votes.label.tolist() == ["Nina", "Nina", "nobody", "Nina", "Nina"] * 2
    assert votes["action"].tolist() == ["3", "3", "nobody", "3", "3"] * 2
    assert json.loads(votes.option_order.tolist()[0]) == ["Marco", "Nina", "Peter", "Sofia", "nobody"]
    assert result.episodes.payoff.tolist() == [20, 20, 10, 20, 20] and result.episodes.gain.tolist() == [20] * 5
    assert "Nina paid a fine of 5." in prompts(server, "This is month 2")[0]
    assert "caught 10, together 50" in prompts(server, "Whom do you name")[0]
    assert server.requests == 2 * 10


def test_a_blind_vote_shows_no_catches(server: Provider) -> None:
    play(server, voting("Nina"), sanction=5, rounds=2, sight=False)
    asked = prompts(server, "Whom do you name")
    assert asked and not any(re.search(r"(Clara|Marco|Nina|Peter|Sofia) caught", text) for text in asked)
    assert all("You caught 10." in text for text in asked)


@pytest.mark.parametrize("bad", ["Clara", "Somebody", "Marco or Peter"])
def test_a_vote_for_oneself_or_nobody_known_is_asked_again(server: Provider, bad: str) -> None:
    def brain(messages: Messages) -> str:
        mine = "You are Clara." in messages[0]["content"] and "Whom do you name" in messages[1]["content"]
        return village()(messages) if not mine else "ANSWER: nobody" if len(messages) > 2 else f"ANSWER: {bad}"

    result = play(server, brain, sanction=5, rounds=1)
    votes = result.moves[result.moves.kind == "vote"]
    assert votes.attempts.tolist() == [2, 1, 1, 1, 1] and not votes.imputed.any()


@pytest.mark.parametrize("rule", ["random", 10])
def test_an_imputed_vote_is_marked_and_legal(server: Provider, rule: Any) -> None:
    def brain(messages: Messages) -> str:
        return "Hm." if "Whom do you name" in messages[1]["content"] else village()(messages)

    result = play(server, brain, sanction=5, rounds=1, answers={"again": 0, "otherwise": rule})
    votes = result.moves[result.moves.kind == "vote"]
    assert votes.imputed.all() and not result.moves[result.moves.kind == "harvest"].imputed.any()
    assert rule == "random" or (votes["action"] == "nobody").all()


# -- a failure is never restraint ---------------------------------------------------------------------------------

FAILURES: dict[str, Any] = {
    "unreadable": lambda messages: "I do not know what to do.",
    "refused": lambda messages: "I'm sorry, but I can't help with that.",
    "empty": lambda messages: "",
    "illegal": lambda messages: "ANSWER: 4000",
    "negative": lambda messages: "ANSWER: -1",
}


@pytest.mark.parametrize("failure", FAILURES)
def test_an_answer_that_is_none_stops_the_run_and_is_no_harvest(failure: str, server: Provider) -> None:
    server.brain = FAILURES[failure]
    with pytest.raises(Stopped, match="no answer that could be used"):
        dl.play("fishery", [MODEL] * 5, base_url=server.url, rounds=2)


@pytest.mark.parametrize("mishap", ["500", "dropped", "html", "no choices", "no content", "cut", "401"])
def test_a_dead_provider_stops_the_run_and_is_no_harvest(mishap: str, server: Provider) -> None:
    server.schedule = every(1, mishap)
    with pytest.raises(DilemmasError):
        dl.play("fishery", [MODEL] * 5, base_url=server.url, rounds=2, tries=1, timeout=2)


@pytest.mark.parametrize("failure", FAILURES)
def test_what_is_put_in_for_a_harvest_is_marked(failure: str, server: Provider) -> None:
    result = play(server, FAILURES[failure], rounds=2, answers={"again": 0, "otherwise": "random"})
    assert result.moves.imputed.all() and result.tables["models"].list("imputed_share") == [1]
    named = play(server, FAILURES[failure], rounds=2, answers={"again": 0, "otherwise": 0})
    assert named.moves.imputed.all() and (named.moves.amount == 0).all()  # asked for by name, and marked


# -- the numbers of the truth, through prompts and replies -----------------------------------------------------------


@pytest.mark.parametrize("number", range(10))
def test_traces_of_the_truth_are_played_through_prompts(number: int, server: Provider) -> None:
    case = truth("commons/cases.json")["cases"][number]
    names = ["Clara", "Marco", "Nina", "Peter", "Sofia"]

    def brain(messages: Messages) -> str:
        month = int(re.findall(r"This is month (\d+)", last(messages))[-1])
        seat = next(i for i, name in enumerate(names) if f"You are {name}." in messages[0]["content"])
        return f"Let me see.\n\nANSWER: {case['rounds'][month - 1]['wanted'][seat]}"

    law = {key: case[key] for key in ("capacity", "growth", "collapse_below")}
    if given := {int(round_) + 1: row for round_, row in case["allocation_override"].items()}:
        law |= {"allocation": "given", "given": given}  # who gets what of too little is on record
    result = play(server, brain, **law, rounds=case["max_rounds"])
    assert result.rounds.stock_before.tolist() == [row["stock_before"] for row in case["rounds"]]
    assert result.rounds.stock_after.tolist() == [row["stock_after"] for row in case["rounds"]]
    assert result.moves.payoff.tolist() == [caught for row in case["rounds"] for caught in row["collected"]]
    facts = case["metrics"]
    assert result.episodes.gain.tolist() == facts["gains"] and bool(result.episodes.survived[0]) is facts["survived"]
    assert server.requests == len(result.moves)


@pytest.mark.parametrize("game", ["fishery", *[pytest.param(name, marks=pytest.mark.slow) for name in OTHERS]])
@pytest.mark.parametrize(
    ("script", "take"),
    [("sustainable", lambda stock: stock // 2 // 5), ("greedy", lambda stock: 20), ("fixed", lambda s: 10)],
)
def test_brains_give_the_numbers_of_scripts(script: str, take: Any, game: str, server: Provider) -> None:
    def brain(messages: Messages) -> str:
        stock = int(re.findall(r"from 0 to (\d+)", last(messages))[-1])
        return f"ANSWER: {min(take(stock), stock)}"

    spoken, scripted = play(server, brain, game=game), dl.play(game, [script] * 5)
    measures = ["gain", "efficiency", "equality", "over_usage", "survived", "survival_time", "payoff"]
    assert spoken.episodes[measures].equals(scripted.episodes[measures])
    assert spoken.rounds.equals(scripted.rounds)


def test_the_stand_in_reads_talk_within_what_is_allowed() -> None:
    from dilemmas.models.speaker import Request
    from dilemmas.strategies.wanted import Wanted

    wanted = Wanted(options=("limit", "none"), amounts=(True, False), low=0, high=100, integer=True)
    said = {
        asyncio.run(Rehearsal().say(Request("rehearsal", (), {}, {**wanted.plain(), "draw": draw}.copy), 1)).text
        for draw in (0.1, 0.4, 0.7)
    }
    assert any("limit" in text for text in said) and any("none" in text for text in said)


def test_the_months_after_a_newcomer_are_measured_alone() -> None:
    seats_ = ["sustainable"] * 4 + ["greedy"]
    result = dl.play("fishery", seats_, joins={5: 4}, rounds=15)
    late = result.moves[result.moves["round"] >= 4]
    gains = late.groupby("seat").payoff.sum()
    assert result.episodes.gain_since_shock.tolist() == gains.tolist()
    assert result.episodes.efficiency_since_shock[0] == 1 - max(0, 600 - gains.sum()) / 600
    pairs = sum(abs(one - other) for one in gains for other in gains)
    assert result.episodes.equality_since_shock[0] == pytest.approx(1 - pairs / (2 * 5 * gains.sum()))
    assert result.episodes.over_usage_since_shock[0] == 1 / 5
    early = dl.play("fishery", ["fixed:amount=25"] * 5, joins={5: 4}, rounds=15)
    since = [name for name in early.episodes if name.endswith("_since_shock")]
    assert len(since) == 4 and early.episodes[since].isna().all(axis=None)  # ruined before anybody came
    assert "gain_since_shock" not in dl.play("fishery", seats_, rounds=2).episodes


@pytest.mark.parametrize("text", ["vote_question", "minutes_limit", "minutes_summary", "talk_agreed"])
def test_words_of_ones_own_are_filled_in_before_anything_is_asked(text: str, server: Provider, tmp_path: Path) -> None:
    game = {"game": "mine", "kind": "commons", "rounds": 2, "sanction": 5, "talk": {**FOUND, "summary": True}}
    own = {**game, "words": {"text": {text: "{{ nothing_of_the_kind }}"}}}
    (tmp_path / "mine.yaml").write_text(json.dumps(own))
    server.brain = village()
    with pytest.raises(SpecError, match="nothing_of_the_kind"):
        dl.play(str(tmp_path / "mine.yaml"), [MODEL] * 5, base_url=server.url)
    assert server.requests == 0 or text == "talk_agreed"  # which only a limit that was found would tell


def test_words_of_ones_own_are_told(server: Provider, tmp_path: Path) -> None:
    own = {
        "game": "mine",
        "kind": "commons",
        "rounds": 1,
        "sanction": 5,
        "words": {"text": {"vote_question": "Who is it?"}},
    }
    (tmp_path / "mine.yaml").write_text(json.dumps(own))
    play(
        server,
        lambda messages: "ANSWER: nobody" if "Who is it?" in last(messages) else "ANSWER: 1",
        game=str(tmp_path / "mine.yaml"),
    )
    assert len(prompts(server, "Who is it?")) == 5


def test_a_vote_before_the_report_is_blind_too(server: Provider) -> None:
    report = {"when": "after", "report": "moderator"}
    play(server, voting("Nina"), sanction=5, rounds=2, sight=False, talk=report)
    first = [text for text in prompts(server, "Whom do you name") if "This is month 1" in text]
    assert len(first) == 5 and not any(re.search(r"(Marco|Nina|Peter|Sofia) caught", text) for text in first)
    scripts = ["greedy", *["sustainable:vote=over-users"] * 4]
    assert dl.play("fishery", scripts, sanction=5, rounds=2, sight=False, talk=report).episodes.fined.sum() == 0
    assert dl.play("fishery", scripts, sanction=5, rounds=2, talk=report).episodes.fined.sum() == 10


def test_a_month_goes_harvest_vote_talk_and_every_seat_asks_its_own_model(server: Provider) -> None:
    def phase(text: str) -> str:
        signs = {"Whom do you name": "vote", "your turn to speak": "talk", "Did they agree": "limit"}
        return next((name for sign, name in signs.items() if sign in text), "harvest")

    play(server, village(), *[f"plain@local/{name}" for name in "abc"], seats=3, rounds=2, sanction=5, talk=FOUND)
    month = [*["harvest"] * 3, *["vote"] * 3]
    assert [phase(text) for text in prompts(server)] == [*month, *["talk"] * 3, "limit", *month]
    models = [body["model"] for body in server.bodies]
    assert sorted(models[:3]) == sorted(models[3:6]) == ["a", "b", "c"]
    assert models[6:10] == ["a", "b", "c", "a"]  # each speaks by its own; the first seat's reads


def test_a_limit_agreed_later_takes_the_place_of_the_earlier(server: Provider) -> None:
    answers = iter(["ANSWER: limit 12", "ANSWER: none", "ANSWER: limit 9"])
    result = play(server, village(lambda text: next(answers)), talk=FOUND, rounds=4)
    assert result.rounds["limit"].tolist()[1:] == [12, 12, 9]
    assert "at most 9 tons" in prompts(server, "This is month 4")[0]
    assert result.agents.limit_share.tolist() == [2 / 3] * 5  # ten a month


def test_the_longest_chain_holds_readings_of_talk_before_decisions() -> None:
    game = {"name": "fishery", "talk": {"when": "before", "limit": "framework", "summary": True}, "rounds": 2}
    found = rehearse(Order({"experiment": "x", "game": game, "population": ["plain@local/tiny=5"]}))
    assert (found.calls, found.chain) == (2 * (5 + 2 + 5), 2 * (5 + 2 + 1))
