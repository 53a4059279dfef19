"""Transcripts: what seats were told and said, in the order of play, and nothing that a terminal would obey."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from cli import Ran, dilemmas
from hypothesis import example, given, settings
from hypothesis import strategies as st

import dilemmas as dl
from dilemmas.errors import ResultsError, UnknownName
from dilemmas.report import foreign
from dilemmas.report.calls import Wanted, decisions, natural
from dilemmas.report.text import cells
from dilemmas.report.transcript import transcript
from dilemmas.results import Table, write

KEY = {"generation": 1, "stage": "play", "episode": 1, "round": 1, "ask": 1, "seat": 1, "agent": "g1-1"}
RULES = "You play a game of choices."


def call(
    reply: str = "ANSWER: J", *, step: str = "choose", attempt: int = 1, told: Any = "Choose.", **more: Any
) -> Any:
    """A line of a journal as plain data; keys of a call are told from the rest by their names."""
    key = KEY | {name: more.pop(name) for name in list(more) if name in KEY} | {"step": step, "attempt": attempt}
    asked = [{"role": "user", "content": told}] if isinstance(told, str) else told
    return {
        "key": key,
        "digest": "0",
        "model": "openai/small",
        "answered": "small",
        "messages": [{"role": "system", "content": RULES}, *asked],
        "reply": reply,
        "finish": "stop",
        **more,
    }


def results(place: Path, *calls: Any, run: str = "1-aaaaaa-0", moves: Any = None, tail: str = "") -> Path:
    """A results folder with one run, of the journal that is given, and a table of moves."""
    folder = place / "runs" / run
    folder.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(one) + "\n" for one in calls) + tail
    (folder / "calls.jsonl").write_text(text, encoding="utf-8")
    if moves is not None:
        rows = [{"run": run, **KEY, "kind": "move", "partner": "g1-2", **row} for row in moves]
        names = dict.fromkeys(name for row in rows for name in row if name != "stage")
        write(Table.of("moves", {name: [row.get(name) for row in rows] for name in names}), folder / "moves.csv")
    return place


def text(folder: Path, width: int = 80, **wanted: Any) -> str:
    refused = wanted.pop("refused", False)
    return "\n".join(line.text for line in transcript(folder, Wanted(**wanted), width, refused=refused))


def read(*words: Any) -> Ran:
    return dilemmas("read", *words)


def test_a_decision_is_told_whole(tmp_path: Path) -> None:
    move = {"action": "C", "label": "J", "payoff": 8.0, "attempts": 1, "imputed": False, "answered_as": "J"}
    folder = results(
        tmp_path,
        call("I choose J.\nANSWER: J", told="Round 1 of 10.", thought="Hm."),
        moves=[move | {"strategy": "plain"}],
    )
    assert text(folder).split("\n") == [
        "== run 1-aaaaaa-0 " + "=" * 62,
        "",
        "-- generation 1, episode 1 " + "-" * 53,
        "",
        "round 1 · seat 1 · g1-1 · plain · openai/small",
        "  system   You play a game of choices.",
        "  told     Round 1 of 10.",
        "  thought  Hm.",
        "  said     I choose J.",
        "           ANSWER: J",
        "  read as: J (C) · paid 8",
    ]


def test_the_order_is_that_of_play_not_of_replies(tmp_path: Path) -> None:
    places = [
        {"generation": 2},
        {"round": 10},
        {"stage": "inherit", "episode": 0, "round": 0, "ask": 0, "seat": 0, "agent": "g2-1"},
        {"round": 2, "seat": 2, "agent": "g1-2"},
        {"round": 2},
        {"episode": 2},
        {},
    ]
    folder = results(tmp_path, *(call(str(i), **place) for i, place in enumerate(places)))
    found = list(decisions(folder / "runs" / "1-aaaaaa-0" / "calls.jsonl", Wanted()))
    assert [one.calls[0].data["reply"] for one in found] == ["6", "4", "3", "1", "5", "2", "0"]


def test_calls_of_a_decision_are_in_the_order_in_which_they_were_made(tmp_path: Path) -> None:
    first = [{"role": "user", "content": "What will they do?"}]
    second = [{"role": "user", "content": "Choose."}]
    again = [*second, {"role": "assistant", "content": "Well (cut)."}, {"role": "user", "content": "Name a letter."}]
    folder = results(
        tmp_path,
        call("F, I think.", step="predict", told=first),
        call("Well.", told=second),
        call("J", told=again, attempt=2),
        moves=[
            {"action": "C", "label": "J", "payoff": 0.5, "attempts": 2, "prediction": "D", "prediction_right": False}
        ],
    )
    lines = [line.strip() for line in text(folder).split("\n")[5:]]
    assert lines == [
        "step predict",
        "system   You play a game of choices.",
        "told     What will they do?",
        "said     F, I think.",
        "step choose",
        "told     Choose.",
        "said     Well.",
        "step choose, attempt 2",
        "told     Name a letter.",
        "said     J",
        "read as: J (C) · paid 0.5 · expected D, wrong · attempt 2",
    ]


def test_a_step_that_is_asked_again_stays_before_the_next(tmp_path: Path) -> None:
    folder = results(
        tmp_path, call("a", step="predict"), call("b", step="predict", attempt=2), call("c"), call("d", attempt=2)
    )
    assert [line[-1] for line in text(folder).split("\n") if line.startswith("  said")] == ["a", "b", "c", "d"]


def test_what_is_asked_before_play_has_no_move(tmp_path: Path) -> None:
    move = {"action": "C", "payoff": 8.0}
    shown = text(results(tmp_path, call(), call("1", stage="quiz", step="rules"), moves=[move]))
    assert shown.count("read as") == 1
    assert shown.index("generation 1, quiz, episode 1") < shown.index("generation 1, episode 1")


def test_the_rules_are_printed_once_an_agent_and_where_they_change(tmp_path: Path) -> None:
    changed = call(round=4)
    changed["messages"][0]["content"] = "Other rules."
    both = {"agent": "g1-2", "seat": 2}
    folder = results(tmp_path, call(), call(**both), call(round=2), call(round=3), changed, call(round=5))
    systems = [line for line in text(folder).split("\n") if line.startswith("  system")]
    assert [line.split(None, 1)[1] for line in systems] == [RULES, RULES, "Other rules.", RULES]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"round": 2}, {"b"}),
        ({"seat": 2}, {"c"}),
        ({"agent": "g1-2"}, {"c"}),
        ({"generation": 2}, {"d"}),
        ({"episode": 3}, {"e"}),
        ({"run": "1"}, {"a", "b", "c", "d", "e"}),
        ({"run": "12-bbbbbb-0"}, {"f"}),
        ({"generation": 1, "round": 1, "seat": 1, "episode": 1, "run": "12"}, {"f"}),
        ({"round": 9}, set()),
    ],
)
def test_what_is_asked_for_is_shown_and_nothing_else(tmp_path: Path, wanted: Any, found: set[str]) -> None:
    folder = results(
        tmp_path,
        call("a"),
        call("b", round=2),
        call("c", seat=2, agent="g1-2"),
        call("d", generation=2),
        call("e", episode=3),
    )
    results(tmp_path, call("f"), run="12-bbbbbb-0")
    said = {line.split()[1] for line in text(folder, **wanted).split("\n") if line.startswith("  said")}
    assert said == found


def test_runs_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for number in (10, 2, 1):
        results(tmp_path, call(), run=f"{number}-aaaaaa-0")
    titles = [line for line in text(tmp_path).split("\n") if line.startswith("==")]
    assert [line.split()[2] for line in titles] == ["1-aaaaaa-0", "2-aaaaaa-0", "10-aaaaaa-0"]
    assert sorted(["g1-10", "g1-2"], key=natural) == ["g1-2", "g1-10"]


def test_refused_leaves_what_was_asked_again_or_put_in(tmp_path: Path) -> None:
    folder = results(
        tmp_path,
        call("good"),
        call("what?", round=2),
        call("J", round=2, attempt=2),
        call("never", round=3),
        moves=[
            {"action": "C", "payoff": 1.0, "attempts": 1, "imputed": False},
            {"round": 2, "action": "C", "payoff": 1.0, "attempts": 2, "imputed": False},
            {"round": 3, "action": "D", "payoff": 1.0, "attempts": 1, "imputed": True},
        ],
    )
    shown = text(folder, refused=True)
    assert "good" not in shown
    assert "what?" in shown
    assert "never" in shown
    assert "read as: D · paid 1 · imputed" in shown


@pytest.mark.parametrize(
    ("row", "line"),
    [
        ({"action": "C", "label": "J", "payoff": 8.0, "answered_as": "ANSWER: J"}, "read as: J (C) · paid 8"),
        ({"kind": "gift", "amount": 3.0, "payoff": -3.0, "received": 6.0}, "read as: 3 · paid -3 · g1-2 got 6"),
        (
            {"kind": "gift", "action": "punish", "label": "punish", "amount": 1.0, "payoff": -1.0, "received": -2.0},
            "read as: punish 1 · paid -1 · g1-2 lost 2",
        ),
        (
            {"kind": "contribute", "partner": None, "amount": 5.0, "payoff": -5.0, "received": 7.25},
            "read as: 5 · paid -5 · the pot paid 7.25",
        ),
        (
            {"action": "D", "label": "F", "intended": "C", "payoff": 5.0, "answered_as": "option J"},
            'read as: C, from "option J", which went wrong: F (D) · paid 5',
        ),
        (
            {"action": "C", "label": "J", "payoff": 5.0, "answered_as": "**J**", "simulated": True},
            'read as: J (C), from "**J**" · paid 5 · a stand-in answered',
        ),
    ],
)
def test_every_kind_of_answer_is_told(tmp_path: Path, row: Any, line: str) -> None:
    assert text(results(tmp_path, call(), moves=[row])).endswith(f"  {line}")


def test_odd_ends_are_said(tmp_path: Path) -> None:
    folder = results(
        tmp_path, call("I th", finish="length"), call("", round=2), call("", round=3, finish="content_filter")
    )
    shown = text(folder)
    assert "  said     I th\n  the reply ended at the limit of tokens" in shown
    assert shown.count("  said nothing") == 2
    assert shown.endswith("the provider's filter withheld the reply")


def test_a_model_that_answers_under_another_name_is_named_where_it_changes(tmp_path: Path) -> None:
    names = ("small", "small-1", "small-1", "small-2", "small")
    folder = results(tmp_path, *(call(round=i, answered=name) for i, name in enumerate(names, 1)))
    told = [line for line in text(folder).split("\n") if line.startswith("  model")]
    assert [line.split()[1] for line in told] == ["small-1", "small-2"]


def test_an_unfinished_run_is_read_without_what_it_paid(tmp_path: Path) -> None:
    shown = text(results(tmp_path, call("J"), tail=json.dumps(call("torn", round=2))[:-9]))
    assert "said     J" in shown
    assert "torn" not in shown
    assert "paid" not in shown


@pytest.mark.parametrize("broken", ["{not json", '{"digest": 1}', '{"key": {"generation": 1}}', '{"key": 3}', "[]"])
def test_a_damaged_line_is_named(tmp_path: Path, broken: str) -> None:
    folder = results(tmp_path, call(), tail=broken + "\n" + json.dumps(call(round=2)) + "\n")
    with pytest.raises(ResultsError, match=r"calls\.jsonl: line 2 is no model call"):
        text(folder)


def test_a_line_whose_key_alone_is_whole_is_damaged(tmp_path: Path) -> None:
    folder = results(tmp_path, tail=json.dumps(call())[:-3] + "\n")
    with pytest.raises(ResultsError, match=r"calls\.jsonl: a model call cannot be read"):
        text(folder)


@pytest.mark.parametrize("separators", [(", ", ": "), (",", ":")])
@pytest.mark.parametrize("turned", [False, True])
def test_keys_need_not_stand_first(tmp_path: Path, separators: tuple[str, str], turned: bool) -> None:
    one = call("J")
    line = json.dumps({name: one[name] for name in (reversed(one) if turned else one)}, separators=separators)
    assert "said     J" in text(results(tmp_path, tail=line + "\n"))


def test_folders_without_models_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    dl.play("prisoners-dilemma", ["grim", "random"], rounds=2).save(tmp_path / "scripts")
    for words in (["read", "scripts"], ["read", "nowhere"], ["read", "."], ["read", "scripts", "--strategies"]):
        ran = dilemmas(*words)
        assert ran.code == 2
        assert ran.err.startswith(f"error: {words[1]}: ")
    assert "no model was asked" in read("scripts").err


def test_a_run_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="1-aaaaaa-0"):
        text(results(tmp_path, call()), run="2")


# -- text is data ----------------------------------------------------------------------------------------------

HOSTILE = "\x1b[2J\x1b]0;owned\x07\u202eesrever\u202c\x9b31m\r[bold]no[/bold]\u2028\ud800\x00\u200b\tend"


def test_what_a_terminal_would_obey_is_shown_instead(tmp_path: Path) -> None:
    moves = [{"action": "C", "payoff": 1.0, "answered_as": HOSTILE[:-1], "strategy": "p\x1bq"}]
    row = call(
        f"{HOSTILE}!",
        told=HOSTILE,
        thought=HOSTILE,
        step="ch\x1boose",
        agent="g1\x1b-1",
        model="m\x1b",
        answered=HOSTILE,
    )
    ran = read(results(tmp_path, row, moves=moves), "--width", "200")
    assert ran.code == 0
    assert all(char == "\n" or unicodedata.category(char)[0] != "C" for char in ran.out)
    assert ran.out.count("\\x1b[2J\\x1b]0;owned\\x07\\u202eesrever") == 5
    assert "[bold]no[/bold]" in ran.out


def test_a_reply_cannot_pass_for_what_the_program_says(tmp_path: Path) -> None:
    forged = "J\n  read as: F (D) · paid 9\nround 2 · seat 1\n\nx\r  said    F"
    shown = text(results(tmp_path, call(forged)))
    assert [line for line in shown.split("\n") if line.startswith(("  read", "round 2", "\r"))] == []


@given(st.text(max_size=60), st.integers(1, 30))
@settings(max_examples=150, deadline=None)
@example("\t\u0e5c", 2)
def test_nothing_invisible_is_left_and_nothing_visible_is_lost(words: str, width: int) -> None:
    lines = list(foreign.wrapped(words, width))
    whole = foreign.visible(words)
    assert all(
        unicodedata.category(char) not in foreign.HIDDEN
        for line in lines
        for char in line
        if char not in foreign.JOINERS
    )
    assert "".join("".join(lines).split()) == "".join(whole.split())
    assert all(cells(line) <= max(width, 2) for line in lines)


def test_lines_that_fit_keep_their_shape_and_long_ones_their_indent() -> None:
    assert list(foreign.wrapped("a  |  b\n  c", 10)) == ["a  |  b", "  c"]
    assert list(foreign.wrapped("  one two three", 9)) == ["  one two", "  three"]
    assert list(foreign.wrapped("- one two", 7)) == ["- one", "  two"]
    assert list(foreign.wrapped("漢字漢字", 5)) == ["漢字", "漢字"]


@given(st.integers(40, 120))
@settings(max_examples=10, deadline=None)
def test_pages_are_as_wide_as_asked(width: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        move = {"action": "C", "label": "J", "payoff": 1.0, "answered_as": "w " * 80}
        folder = results(Path(place), call("word " * 90, told="x" * 300), moves=[move])
        assert max(cells(line) for line in text(folder, width).split("\n")) <= width


# -- strategies in words ---------------------------------------------------------------------------------------


def worded(place: Path) -> Path:
    results(place, call())
    rows = [
        {
            "generation": 1,
            "agent": "g1-1",
            "text": "Share.",
            "parents": "[]",
            "born": 1,
            "payoff": 2.0,
            "selected": True,
        },
        {"generation": 2, "agent": "g1-1", "text": "Share.", "parents": "[]", "born": 1, "payoff": 1.0},
        {"generation": 2, "agent": "g2-1", "text": "Take\x1b.", "parents": '["g1-1"]', "born": 2, "payoff": 3.0},
        {"generation": 3, "agent": "g2-1", "text": "Take.", "parents": '["g1-1"]', "born": 2, "payoff": 4.0},
    ]
    rows = [{"run": "1-aaaaaa-0", "strategy": "cot", "model": "small", **row} for row in rows]
    names = dict.fromkeys(name for row in rows for name in row)
    write(Table.of("agents", {name: [row.get(name) for row in rows] for name in names}), place / "agents.csv")
    return place


def test_strategies_in_words_by_generation_with_their_parents(tmp_path: Path) -> None:
    shown = read(worded(tmp_path), "--strategies").out.split("\n")
    assert [line for line in shown if line and not line.startswith("==")] == [
        "g1-1 · cot · small · payoff 2 · taught the next generation",
        "  text     Share.",
        "g1-1 · cot · small · payoff 1",
        "  as in the generation before",
        "g2-1 · cot · small · learned from g1-1 · payoff 3",
        "  text     Take\\x1b.",
        "g2-1 · cot · small · payoff 4",
        "  text     Take.",
    ]
    only = read(tmp_path, "--strategies", "--generation", "2", "--agent", "g2-1").out
    assert "g2-1" in only
    assert "Share." not in only


def test_strategies_that_nobody_worded(tmp_path: Path) -> None:
    dl.play("prisoners-dilemma", ["grim", "random"], rounds=2).save(tmp_path / "scripts")
    assert "no agent has a strategy in words" in read(tmp_path / "scripts", "--strategies").err


# -- the command -----------------------------------------------------------------------------------------------


def test_the_end_counts_what_was_shown(tmp_path: Path) -> None:
    folder = results(tmp_path, call("?"), call(attempt=2), call(round=2, simulated=True))
    assert "2 decisions, 3 calls, 1 decision asked for again, a stand-in answered for models" in read(folder).err
    assert "nothing here is as asked for" in read(folder, "--round", "7").err


def test_output_without_a_terminal_has_no_colours(tmp_path: Path) -> None:
    assert "\x1b" not in read(results(tmp_path, call())).out


def test_a_reader_that_has_seen_enough_gets_no_traceback(tmp_path: Path) -> None:
    folder = results(tmp_path, *(call("word " * 300, round=i) for i in range(1, 400)))
    code = "from dilemmas.cli.app import main; main()"
    command = [sys.executable, "-c", code, "read", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as reading:
        assert reading.stdout is not None
        assert reading.stderr is not None
        assert reading.stdout.readline().startswith(b"== run")
        reading.stdout.close()
        err = reading.stderr.read()
    assert reading.returncode == 0
    assert b"Traceback" not in err
    assert b"Error" not in err


def test_one_json_object_has_all_that_was_said(tmp_path: Path) -> None:
    first = call("Perhaps.\x1b[2J", seat=1), call("ANSWER: J", seat=1, attempt=2), call("ANSWER: F", round=2)
    results(tmp_path, *first, moves=[{"action": "C", "label": "J", "payoff": 3.0, "attempts": 2}])
    ran = read(tmp_path, "--json")
    found = json.loads(ran.out)
    assert found["folder"] == tmp_path.as_posix()
    one, two = found["decisions"]
    assert [call["reply"] for call in one["calls"]] == ["Perhaps.\x1b[2J", "ANSWER: J"]
    assert one["calls"][0]["messages"][0]["content"] == RULES
    assert (one["run"], one["round"], one["seat"], one["agent"]) == ("1-aaaaaa-0", 1, 1, "g1-1")
    assert (one["row"]["payoff"], two["row"]) == (3.0, None)
    assert "\x1b" not in ran.out
    assert [one["round"] for one in json.loads(read(tmp_path, "--json", "--round", 2).out)["decisions"]] == [2]
    assert [one["round"] for one in json.loads(read(tmp_path, "--json", "--refused").out)["decisions"]] == [1]
    assert json.loads(read(tmp_path, "--json", "--round", 9).out)["decisions"] == []


def test_strategies_in_words_as_json(tmp_path: Path) -> None:
    worded(tmp_path)
    rows = json.loads(read(tmp_path, "--json", "--strategies").out)["strategies"]
    assert len(rows) > 2
    assert all(row["text"] for row in rows)
    later = json.loads(read(tmp_path, "--json", "--strategies", "--generation", 2).out)["strategies"]
    assert later == [row for row in rows if row["generation"] == 2] != []
