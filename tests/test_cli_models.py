"""Commands that speak of models: keys of a folder, one question, the prompts of a seat, the display, what was said."""

from __future__ import annotations

import io
import json
import os
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cli import dilemmas
from provider import Messages, Provider, last, marker_options

from dilemmas.cli import ask, environment, live
from dilemmas.cli.carry import onward
from dilemmas.cli.live import Clock, display
from dilemmas.errors import CapReached
from dilemmas.runs import preview as previews
from dilemmas.runs.watch import Watch
from dilemmas.specs import games, seats

KEY = "sk-planted-0123456789abcdef"
UNIT = {"matrix": "prisoners-dilemma", "donor": "donor", "commons": "fishery", "public-goods": "public-goods"}
PROMPTED = ("plain", "cot", "scot", "theory-of-mind", "universalizer", "reflective")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty folder, and the variables as they were afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DILEMMAS_MODEL", raising=False)
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


def first(messages: Messages) -> str:
    """A brain that takes the first option that it is shown."""
    return f"ANSWER: {marker_options(last(messages))[0]}"


# -- what a folder says ----------------------------------------------------------------------------------------


def test_keys_of_the_folder_are_read_and_those_of_the_shell_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPT_KEY", "shell")
    monkeypatch.setenv("EMPTY_KEY", "")
    Path(".env").write_text(
        "\ufeffNEW_KEY=file\nKEPT_KEY=file\nEMPTY_KEY=file\nexport QUOTED='a b'\n", encoding="utf-8"
    )
    environment.prepare()
    assert [os.environ[name] for name in ("NEW_KEY", "KEPT_KEY", "EMPTY_KEY", "QUOTED")] == ["file", "shell", "", "a b"]


def test_a_folder_without_keys_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dotenv", None)  # importing it would fail
    environment.prepare()


def test_keys_that_cannot_be_read_are_told_without_them() -> None:
    Path(".env").write_bytes(b"OPENAI_API_KEY=" + KEY.encode() + b"\xff\n")
    ran = dilemmas("play", "prisoners-dilemma", "grim", "grim", "--rounds", "2")
    assert ran.code == 2
    assert ran.err.startswith("error: .env: ")
    assert KEY not in ran.err


def test_the_model_of_the_folder_sits_where_none_is_named() -> None:
    assert environment.default_model() is None
    words = ("play", "prisoners-dilemma", "plain", "grim", "--rounds", "2")
    assert dilemmas(*words).code == 2
    Path(".env").write_text("DILEMMAS_MODEL=rehearsal\n", encoding="utf-8")
    assert dilemmas(*words, "--out", "played").code == 0
    assert environment.default_model() == "rehearsal"
    (line, *_) = next(Path("played/runs").glob("*/calls.jsonl")).read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["model"] == "rehearsal"


# -- one question ----------------------------------------------------------------------------------------------


def check(server: Provider | None, *words: str, model: str = "local/tiny") -> Any:
    return dilemmas("check", "--model", model, *(("--base-url", server.url) if server else ()), *words)


def test_a_model_that_answers_is_good() -> None:
    with Provider(first) as server:
        ran = check(server)
        told = json.loads(check(server, "--json").out)
    assert ran.code == 0
    assert "answered as tiny-0701 fp_loopback" in " ".join(ran.out.split())
    assert "prices: {local/tiny: {input: USD, output: USD}}" in " ".join(ran.out.split())
    assert told["good"] is True
    assert told["model"]["said"] == f"ANSWER: {told['model']['read_as']['label']}"
    assert told["model"]["usage"]["prompt"] > 50
    assert told["model"]["attempts"] == 1
    assert told["model"]["cost"] is told["model"]["price"] is None
    assert server.requests == 2


def test_an_answer_at_the_second_attempt_is_good_and_counted() -> None:
    with Provider(lambda messages: first(messages) if len(messages) > 2 else "Let me see.") as server:
        ran = check(server)
    assert ran.code == 0
    assert "when asked 2 times" in ran.out
    assert server.requests == 2


def test_a_model_that_says_nothing_of_use_fails() -> None:
    with Provider(lambda messages: "\x1b[31mno\x07") as server:
        ran = check(server)
    assert ran.code == 1
    assert "gave no answer that could be read" in ran.err
    assert "\\x1b[31mno\\x07" in ran.out
    assert "\x1b" not in ran.out + ran.err
    assert server.requests == 2


@pytest.mark.parametrize(
    ("mishap", "code", "words"),
    [
        ("401", 2, "authentication"),
        ("quota", 2, "payment"),
        ("404", 2, "--base-url"),
        ("429 wait", 3, "rate limit"),
        ("html", 3, "malformed reply"),
    ],
)
def test_a_model_that_cannot_be_asked_says_why(
    mishap: str, code: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.uniform", lambda low, high: 0.0)  # waits between tries
    monkeypatch.setenv("LOCAL_API_KEY", KEY)
    with Provider(first, lambda number: mishap) as server:
        ran = check(server)
    assert ran.code == code
    assert words in ran.err
    assert "The same command goes on" not in ran.err
    assert KEY not in ran.out + ran.err
    assert server.headers[-1]["Authorization"] == f"Bearer {KEY}"


def test_nothing_is_asked_while_files_are_wrong() -> None:
    Path("mine.yaml").write_text("strategy: mine\n", encoding="utf-8")
    with Provider(first) as server:
        assert dilemmas("check", "mine.yaml", "--model", "local/tiny", "--base-url", server.url).code == 2
        assert server.requests == 0
        both = json.loads(dilemmas("check", "grim", "--model", "local/tiny", "--base-url", server.url, "--json").out)
    assert both["found"]["grim"]
    assert both["model"]["model"] == "local/tiny"


def test_nothing_to_check_is_said() -> None:
    ran = dilemmas("check")
    assert ran.code == 2
    assert "--model M" in ran.err


def test_the_stand_in_is_checked_without_litellm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "litellm", None)
    ran = check(None, model="rehearsal")
    assert ran.code == 0
    assert "no result" in ran.out


@pytest.mark.slow
def test_litellm_says_what_a_model_can_do() -> None:
    with Provider(first) as server:
        ran = check(server, "--json", model="openai/gpt-4o-mini")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)["model"]
    assert told["capabilities"]["schema"] is True
    assert told["capabilities"]["context"] == 128_000
    assert (told["price"], told["cost"]) == (None, None), "on a server of one's own"
    assert ask._price("openai/gpt-4o-mini", None)["input"] < ask._price("openai/gpt-4o-mini", None)["output"]


# -- the prompts of a seat -------------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", PROMPTED)
@pytest.mark.parametrize("game", UNIT.values(), ids=UNIT)
def test_every_prompt_of_the_shelf_can_be_shown(game: str, strategy: str) -> None:
    told = json.loads(dilemmas("show", strategy, "--prompt", "--game", game, "--seat", "2", "--json").out)
    assert told["round"] >= 3
    assert told["prompts"][-1]["step"] == "choose"
    assert all(message["content"].strip() for call in told["prompts"] for message in call["messages"])


@pytest.mark.parametrize("strategy", ["scot", "reflective"])
def test_what_is_shown_is_what_is_sent(strategy: str) -> None:
    seat = f"{strategy}@rehearsal"
    assert dilemmas("play", "prisoners-dilemma", seat, seat, "--set", "frame=neutral", "--out", "x").code == 0
    lines = next(Path("x/runs").glob("*/calls.jsonl")).read_text(encoding="utf-8").splitlines()
    calls = [call for call in map(json.loads, lines) if call["key"]["round"] == 3 and call["key"]["seat"] == 2]
    shown = dilemmas("show", strategy, "--prompt", "--game", "prisoners-dilemma", "--seat", "2", "--json")
    told = json.loads(shown.out)["prompts"]
    assert [call["messages"] for call in calls] == [call["messages"] for call in told]
    assert [call["reply"] for call in calls] == [call["reply"] for call in told]
    assert len(told) > 1


def test_a_prompt_is_printed_letter_by_letter_where_it_is_piped() -> None:
    words = ("show", "plain", "--prompt", "--game", "fishery")
    shown, told = dilemmas(*words).out, json.loads(dilemmas(*words, "--json").out)
    for message in told["prompts"][0]["messages"]:
        assert message["content"] in shown
    assert f"seat 1, round {told['round']}" in shown.split("\n")[0]


def test_an_episode_that_lasts_is_found_where_lengths_are_drawn() -> None:
    game = games.load("prisoners-dilemma", {"continuation": 0.8})
    (call,) = previews.preview(seats.strategy("plain", family="matrix"), game)  # type: ignore[arg-type]
    assert call.round == 3
    never = games.load("prisoners-dilemma", {"continuation": 0})
    assert previews.preview(seats.strategy("plain", family="matrix"), never)[0].round == 1  # type: ignore[arg-type]


def test_a_stock_is_not_emptied_before_the_third_round() -> None:
    game = games.load("fishery", {})
    (call,) = previews.preview(seats.strategy("plain", family="commons"), game, 3)  # type: ignore[arg-type]
    assert call.round == 3
    short = games.load("fishery", {"rounds": 2})
    assert previews.preview(seats.strategy("plain", family="commons"), short)[0].round == 2  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("grim", "--prompt", "--game", "prisoners-dilemma"), "is played by a script"),
        (("plain", "--prompt"), "--prompt needs a game"),
        (("plain", "--game", "donor"), "Add --prompt"),
        (("plain", "--prompt", "--game", "prisoners-dilemma", "--seat", "3"), "has no seat 3; expected 1 to 2"),
        (("plain", "--prompt", "--game", "prisoners-dilemma", "--set", "frame=nonesuch"), "no frame 'nonesuch'"),
        (("plain", "--prompt", "--game", "prisoner"), "no game is called"),
    ],
)
def test_prompts_that_cannot_be_shown_say_why(words: tuple[str, ...], said: str) -> None:
    ran = dilemmas("show", *words)
    assert ran.code == 2
    assert said in ran.err


def test_settings_of_a_game_change_what_a_seat_is_told() -> None:
    words = ("show", "plain", "--prompt", "--game", "prisoners-dilemma")
    plain, table = dilemmas(*words).out, dilemmas(*words, "--set", "payoffs_as=table", "--set", "rounds=7").out
    assert "of 10" in plain
    assert "of 7" in table
    assert plain != table


def test_words_of_a_stranger_do_not_reach_the_terminal() -> None:
    Path("odd.yaml").write_text(
        "game: odd\nkind: matrix\nactions: [C, D]\nrounds: 5\n"
        "payoffs: {CC: [3, 3], CD: [0, 5], DC: [5, 0], DD: [1, 1]}\n"
        'words: {text: {rules: "a\\e[2Jb\\u202Ec"}}\n',
        encoding="utf-8",
    )
    ran = dilemmas("show", "plain", "--prompt", "--game", "./odd.yaml")
    assert ran.code == 0, ran.err
    assert "a\\x1b[2Jb\\u202ec" in ran.out
    assert "\x1b" not in ran.out


def test_a_prompted_strategy_is_shown_with_its_steps_and_templates() -> None:
    shown = dilemmas("show", "scot").out
    assert "asked to predict, then choose. It is told all past rounds." in " ".join(shown.split())
    assert "--- choose ---" in shown
    told = json.loads(dilemmas("show", "scot", "--json").out)["strategies"]
    assert [step["name"] for step in told["steps"]] == ["predict", "choose"]
    assert "{{ form }}" in told["templates"]["choose"]


# -- the display -----------------------------------------------------------------------------------------------


@dataclass
class Pulse:
    calls: int = 0
    in_flight: int = 0
    tokens: int = 0
    cost: float | None = 0.0
    faults: int = 0
    trouble: str = ""


@dataclass
class Shown:
    planned: int = 12
    done: int = 3
    episodes: int = 41
    cap: float | None = None
    cooperation: float | None = None
    pulse: Pulse = field(default_factory=Pulse)


BUSY = Shown(cap=5.0, cooperation=0.634, pulse=Pulse(1204, 64, 1_230_000, 1.2345, 3))


def test_the_display_says_everything_in_its_width() -> None:
    times = iter([0.0, 56.0, 60.0, 60.0])
    clock = Clock(now=lambda: next(times))
    clock.rate(1104)  # four seconds before
    assert live.lines(BUSY, clock, 80) == [
        "runs 3/12 ███          · 41 episodes · cooperation 63 % · 3 errors · 1 min 00 s",
        "1,204 calls · 64 in flight · 25.0/s · 1.23 M tokens · 1.23 of 5.00 USD",
    ]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_of_the_display_is_wider_than_the_screen(width: int) -> None:
    lines = live.lines(BUSY, Clock(), width)
    assert max(map(len, lines)) <= width
    assert " · ".join(lines).count(" · ") == 9


@pytest.mark.parametrize("width", [30, 80])
def test_the_last_error_is_told_on_a_line_of_its_own(width: int) -> None:
    trouble = "local/a-model-with-a-rather-long-name-from-\x1b[31mnowhere: rate limit"
    shown = live.lines(Shown(pulse=Pulse(faults=2, trouble=trouble)), Clock(), width)[-1]
    assert shown.startswith("last error: local/") and shown.endswith("rate limit")
    assert len(shown) <= width and shown.isprintable() and ("…" in shown) == (width < 70)


def test_a_screen_that_is_too_narrow_still_says_something() -> None:
    assert all(live.lines(BUSY, Clock(), 5))


@pytest.mark.parametrize(
    ("said", "is_"),
    [
        (live.short(999), "999"),
        (live.short(12_345), "12.3 k"),
        (live.short(999_900), "1,000 k"),
        (live.short(2e9), "2 G"),
        (live.money(0.0, None), "0.00 USD"),
        (live.money(0.00012, None), "0.00012 USD"),
        (live.money(None, None), "cost unknown"),
        (live.money(None, 3), "cost unknown of 3.00 USD"),
        (live.money(1234.5, 2000), "1,234.50 of 2,000.00 USD"),
        (live.lasted(59.4), "59 s"),
        (live.lasted(3725), "1 h 02 min"),
    ],
)
def test_numbers_are_said_as_people_say_them(said: str, is_: str) -> None:
    assert said == is_


def test_the_rate_is_that_of_the_last_seconds() -> None:
    times = iter([0.0, 0.0, 10.0, 19.0, 21.0])
    clock = Clock(now=lambda: next(times))
    assert [clock.rate(calls) for calls in (0, 1000, 1000, 1022)] == [0.0, 100.0, 0.0, 11.0]


def test_without_a_terminal_one_line_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    with display(BUSY):
        assert capsys.readouterr().err == ""
    assert capsys.readouterr().err.startswith("models: 1,204 calls, 1.23 M tokens, 1.23 of 5.00 USD, 3 failed tries, ")
    for quiet, shown in ((True, BUSY), (False, Shown())):
        with display(shown, quiet=quiet):
            pass
        told = capsys.readouterr()
        assert told.out + told.err == ""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_the_counters_are_shown_and_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    with display(BUSY):
        pass
    assert "64 in flight" in screen.getvalue()
    assert screen.getvalue().split("\n")[-2].endswith(" s")


def test_what_runs_keep_up_to_date_is_what_is_shown() -> None:
    watch = Watch(planned=2, done=1, episodes=3)
    assert live.lines(watch, Clock(), 100)[0].startswith("runs 1/2 ██████ ")


# -- from a run to its transcript ------------------------------------------------------------------------------


def test_a_run_with_a_model_is_read_back() -> None:
    def brain(messages: Messages) -> str:
        return first(messages) if "This is round 2" not in messages[1]["content"] else "\x1b]0;owned\x07 Hm."

    with Provider(brain) as server:
        words = ("play", "prisoners-dilemma", "plain@local/tiny", "grim", "--rounds", "3", "--out", "x")
        ran = dilemmas(*words, "--base-url", server.url)
    assert ran.code == 3, ran.err  # the second answer stays unreadable
    stopped = dilemmas("read", "x")
    assert stopped.code == 0
    assert stopped.out.count("attempt 3") == 1
    assert "\x1b" not in stopped.out
    with Provider(first) as server:
        assert dilemmas(*words, "--base-url", server.url).code == 0
    whole = dilemmas("read", "x", "--refused")
    assert "attempt 4" in whole.out
    assert "paid" in whole.out
    assert "round 1 " not in whole.out
    assert "1 decision, 4 calls, 1 decision asked for again" in whole.err


@pytest.mark.parametrize(
    ("typed", "raised"),
    [
        ([], ["--max-calls", "N"]),
        (["--max-calls", "3"], ["--max-calls", "N"]),
        (["--max-calls=3"], ["--max-calls=N"]),
        (["--set", "limits.calls=3"], ["--set", "limits.calls=N"]),
        (["--set=limits.calls=3", "--max-cost", "3"], ["--set=limits.calls=N", "--max-cost", "3"]),
    ],
)
def test_the_command_that_goes_on_names_the_cap_that_was_reached(
    typed: list[str], raised: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["dilemmas", "run", "mine.yaml", *typed])
    told = onward(CapReached("spent", cap="calls"))
    assert told == f"To go on, with a number for N: {shlex.join(['dilemmas', 'run', 'mine.yaml', *raised])}"


def test_caps_are_flags_of_every_command_that_plays() -> None:
    seats = ("tournament", "prisoners-dilemma", "plain@rehearsal", "tit-for-tat", "--rounds", "5", "--no-plots")
    stopped = dilemmas(*seats, "--max-calls", "3")
    assert stopped.code == 3 and "the cap of 3 calls is reached" in stopped.err
    assert dilemmas(*seats, "--max-calls", "10").code == 0
    assert len(list(Path("results").iterdir())) == 1  # a cap is no setting of what is played


@pytest.mark.parametrize(
    ("model", "remedy"),
    [
        ("rehearsel", "Did you mean 'rehearsal'?"),
        ("gpt-4o-minii", "Did you mean 'gpt-4o-mini'?"),
        ("openia/gpt-4o", "Did you mean 'openai'?"),
        ("nonsense", ""),
    ],
)
def test_a_model_of_no_provider_is_told_before_anything_is_written(model: str, remedy: str) -> None:
    ran = dilemmas("play", "prisoners-dilemma", f"plain@{model}", "grim", "--out", "x")
    assert ran.code == 2 and not Path("x").exists()
    assert ran.err.startswith(f"error: no provider is known for the model {model!r}; expected PROVIDER/NAME")
    assert ran.err.rstrip().endswith(remedy or "rehearsal")
