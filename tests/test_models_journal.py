"""The journal: what was said is there again, whole, after whatever happened to the process."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dilemmas.errors import FileError, ResultsError, SpecError, UsageError
from dilemmas.models.journal import Journal, Totals, digest, entries
from dilemmas.models.keeping import Keeper
from dilemmas.models.lines import Lines, parse
from dilemmas.models.speaker import Fault, Key, Reply, Request, Usage

WORDS = ({"role": "system", "content": "You play."}, {"role": "user", "content": "Round 1.\nChoose J or F."})
REQUEST = Request("openai/gpt-x", WORDS, {"temperature": 0.7, "max_tokens": 50}, lambda: {"options": ["J", "F"]})
REPLY = Reply("J", "gpt-x-2026", "stop", Usage(10, 5, 2, 1), 0.25, 1.5, "fp", "hm", {"temperature": 0.7}, False)


def key(round_: int = 1, attempt: int = 1, **other: Any) -> Key:
    return Key(1, "play", 2, round_, 1, 1, "a1", "choose", attempt)._replace(**other)


def journal(folder: Path, *rounds: int) -> Journal:
    made = Journal(folder)
    for number in rounds:
        made.add(key(number), REQUEST, Reply(f"answer {number}", usage=Usage(10, 5), cost=0.1))
    return made


def test_a_reply_is_found_again_as_it_was(tmp_path: Path) -> None:
    first = Journal(tmp_path)
    assert first.find(key(), REQUEST) is None
    first.add(key(), REQUEST, REPLY)
    first.close()
    again = Journal(tmp_path)
    assert again.find(key(), REQUEST) == REPLY
    assert again.find(key(2), REQUEST) is None
    again.close()


def test_without_a_folder_nothing_is_kept(tmp_path: Path) -> None:
    nothing = Journal(None)
    nothing.add(key(), REQUEST, REPLY)
    nothing.retried(key(2), REQUEST, Fault("timeout"), 1.0)
    assert nothing.find(key(2), REQUEST) is None
    assert nothing.totals() == Totals(1, 1, 10, 5, 2, 0.25, 0)
    nothing.close()
    assert list(tmp_path.iterdir()) == []


def test_a_journal_that_is_only_looked_at_makes_no_file(tmp_path: Path) -> None:
    made = Journal(tmp_path / "run")
    assert made.find(key(), REQUEST) is None and made.totals() == Totals()
    made.close()
    assert not (tmp_path / "run").exists()


def test_the_line_holds_what_readers_need(tmp_path: Path) -> None:
    made = Journal(tmp_path)
    made.add(key(), Request("m", WORDS, {"api_key": "planted", "temperature": 1}), REPLY)
    made.close()
    (line,) = entries(tmp_path)
    assert line["key"] == {
        "generation": 1,
        "stage": "play",
        "episode": 2,
        "round": 1,
        "ask": 1,
        "seat": 1,
        "agent": "a1",
        "step": "choose",
        "attempt": 1,
    }
    assert line["messages"] == list(WORDS) and line["model"] == "m" and line["answered"] == "gpt-x-2026"
    assert line["sampling"] == {"api_key": "[secret]", "temperature": 1} and line["time"].endswith("+00:00")
    assert list(line)[:9] == ["key", "digest", "model", "answered", "messages", "sampling", "sent", "reply", "thought"]


TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)


@settings(max_examples=60, deadline=None)
@given(TEXT, TEXT, TEXT, TEXT)
@example("\ud83d" + "\ude00\udc00", "\x1b[2J\0", "\ud800", "\u2028")  # the halves of one character, apart and alone
def test_any_text_comes_back(
    tmp_path_factory: pytest.TempPathFactory, text: str, thought: str, asked: str, agent: str
) -> None:
    folder = tmp_path_factory.mktemp("any")
    request = Request("m", ({"role": "user", "content": asked},), {"stop": [text]})
    reply = Keeper().keep(Reply(text, thought=thought, sent={"stop": text, "x": float("nan")}, cost=float("inf")), None)
    first = Journal(folder)
    first.add(key(agent=agent), request, reply)
    first.close()
    raw = (folder / "calls.jsonl").read_bytes()
    assert raw.count(b"\n") == 1 and raw.isascii()
    json.loads(raw, parse_constant=pytest.fail)  # NaN and Infinity are no JSON
    again = Journal(folder)
    assert again.find(key(agent=agent), request) == reply
    again.close()
    assert reply.text.encode("utf-16-le", "surrogatepass") == text.encode("utf-16-le", "surrogatepass")


def test_the_file_may_be_cut_at_any_byte_of_its_last_two_lines(tmp_path: Path) -> None:
    small = Request("m", ())
    first = Journal(tmp_path)
    for number in (1, 2, 3):
        first.add(key(number), small, Reply(f"answer {number}"))
    first.close()
    file = tmp_path / "calls.jsonl"
    whole = file.read_bytes()
    ends = [i + 1 for i, byte in enumerate(whole) if byte == 10]
    for cut in range(ends[0], len(whole) + 1):
        file.write_bytes(whole[:cut])
        again = Journal(tmp_path)
        there = [number for number in (1, 2, 3) if again.find(key(number), small)]
        # A line that lacks nothing but its end was written.
        assert there == [number for number, end in enumerate(ends, 1) if cut >= end - 1]
        assert again.totals().calls == len(there)
        for number in {1, 2, 3} - {*there}:
            again.add(key(number), small, Reply(f"answer {number}"))
        again.close()
        assert [line["reply"] for line in entries(tmp_path)] == ["answer 1", "answer 2", "answer 3"]
        assert file.read_bytes().count(b"\n") == 3


@pytest.mark.parametrize("tail", [b"\0" * 700, b"{ half a li\n", b"[1, 2]\n", b"\xff\xfe\n", b"[" * 100_000 + b"\n"])
def test_what_is_no_json_at_the_end_is_cut(tmp_path: Path, tail: bytes) -> None:
    journal(tmp_path, 1, 2).close()
    file = tmp_path / "calls.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole + tail)
    assert len(list(entries(tmp_path))) == 2 and file.read_bytes() == whole + tail  # readers change nothing
    again = Journal(tmp_path)
    assert again.totals().calls == 2
    again.close()
    assert file.read_bytes() == whole


def test_damage_in_the_middle_is_an_error_with_file_and_line(tmp_path: Path) -> None:
    journal(tmp_path, 1, 2, 3).close()
    file = tmp_path / "calls.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(lines[0] + lines[1][:40] + b"\n" + lines[2])
    with pytest.raises(ResultsError, match=r"calls\.jsonl, line 2: .*damaged"):
        Journal(tmp_path)
    assert len(file.read_bytes().splitlines()) == 3  # nothing was cut


@pytest.mark.parametrize(
    "change",
    [
        {"key": {"generation": 1}},
        {"usage": 3},
        {"cost": "1"},
        {"usage": {"prompt": "many"}},
    ],
)
def test_a_line_that_is_no_call_is_an_error(tmp_path: Path, change: dict[str, Any]) -> None:
    journal(tmp_path, 1, 2).close()
    file = tmp_path / "calls.jsonl"
    first, second = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    file.write_text("\n".join(map(json.dumps, (first | change, second))) + "\n", encoding="utf-8")
    with pytest.raises(ResultsError, match=r"line 1: .*not a call"):
        Journal(tmp_path)


def test_a_call_that_is_there_twice_is_an_error(tmp_path: Path) -> None:
    journal(tmp_path, 1, 2).close()
    file = tmp_path / "calls.jsonl"
    file.write_bytes(file.read_bytes() + file.read_bytes().splitlines(keepends=True)[0])
    with pytest.raises(ResultsError, match=r"line 3: .*twice \(generation 1, episode 2, round 1, seat 1"):
        Journal(tmp_path)


def test_asking_twice_in_one_command_is_a_mistake_of_the_program(tmp_path: Path) -> None:
    made = journal(tmp_path, 1)
    with pytest.raises(RuntimeError):
        made.find(key(1), REQUEST)
    with pytest.raises(RuntimeError):
        made.add(key(1), REQUEST, REPLY)
    made.close()
    again = Journal(tmp_path)
    with pytest.raises(RuntimeError):
        again.add(key(1), REQUEST, REPLY)
    again.close()


def test_attempts_are_those_of_earlier_commands(tmp_path: Path) -> None:
    first = Journal(tmp_path)
    for attempt in (1, 2, 3):
        first.add(key(1, attempt), REQUEST, REPLY)
    assert first.attempts(key(1)) == 0
    first.close()
    again = Journal(tmp_path)
    again.add(key(1, 4), REQUEST, REPLY)
    assert [again.attempts(key(1)), again.attempts(key(1, 9)), again.attempts(key(2))] == [3, 3, 0]
    again.close()


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (Request("other", WORDS, REQUEST.sampling), ["the model was openai/gpt-x, is other"]),
        (Request("openai/gpt-x", WORDS, {"temperature": 0.2, "max_tokens": 50}), ["temperature was 0.7, is 0.2"]),
        (Request("openai/gpt-x", WORDS, {"temperature": 0.7}), ["max_tokens was 50, is not set"]),
        (Request("openai/gpt-x", WORDS[:1], REQUEST.sampling), ["there were 2 messages, now 1"]),
        (
            Request(
                "openai/gpt-x", (WORDS[0], {"role": "user", "content": "Round 1.\nChoose \x1b[1m"}), REQUEST.sampling
            ),
            ["message 2 (user) differs from line 2, character 17 on", "was 'J or F.', is '\\x1b[1m'"],
        ),
        (
            Request("openai/gpt-x", (WORDS[0], {"role": "user", "content": "Round 1."}), REQUEST.sampling),
            ["it was '\\nChoose J or F.', is at its end"],
        ),
    ],
)
def test_what_changed_is_said(tmp_path: Path, request_: Request, told: list[str]) -> None:
    journal(tmp_path, 1).close()
    again = Journal(tmp_path)
    with pytest.raises(ResultsError) as caught:
        again.find(key(1), request_)
    again.close()
    for words in [*told, "--out", "--fresh", "generation 1, episode 2, round 1"]:
        assert words in str(caught.value)
    assert len(str(caught.value)) < 1000


def test_only_messages_model_and_sampling_make_the_digest() -> None:
    assert digest(Request("m", WORDS, {"a": 1, "b": 2})) == digest(
        Request("m", WORDS, {"b": 2, "a": 1}, lambda: {"draw": 0.5})
    )
    assert digest(Request("m", WORDS)) != digest(Request("m", WORDS[::-1]))
    for bad in (float("nan"), {1, 2}):
        with pytest.raises(SpecError, match="settings of m"):
            digest(Request("m", (), {"stop": bad}))


def test_totals_count_old_and_new_in_any_order(tmp_path: Path) -> None:
    first = Journal(tmp_path)
    costs = [0.1, 0.2, 1e-7, 0.3]
    for number, cost in enumerate(costs, 1):
        first.add(key(number), REQUEST, Reply("J", usage=Usage(10, 5, 1), cost=cost, simulated=number == 1))
    first.retried(key(9), REQUEST, Fault("rate limit", "slow down, Bearer abcdefgh12345", after=2), 0.5)
    first.close()
    again = Journal(tmp_path)
    again.retried(key(9), REQUEST, Fault("timeout", billed=True), 0.5)
    assert again.totals() == Totals(4, 2, 40, 20, 4, 0.6000001, 1)
    again.add(key(5), REQUEST, Reply("J", usage=Usage(None, 5), cost=None))
    assert again.totals() == Totals(5, 2, None, 25, 4, None, 1)
    again.close()
    told = [(line["trouble"], line["after"], line["billed"]) for line in entries(tmp_path, "retries.jsonl")]
    assert told == [("rate limit", 2, False), ("timeout", None, True)]
    assert "abcdefgh" not in (tmp_path / "retries.jsonl").read_text(encoding="utf-8")


def test_a_torn_retry_is_cut_too(tmp_path: Path) -> None:
    first = Journal(tmp_path)
    first.retried(key(), REQUEST, Fault("timeout"), 0.5)
    first.retried(key(), REQUEST, Fault("timeout"), 0.5)
    first.close()
    file = tmp_path / "retries.jsonl"
    file.write_bytes(file.read_bytes()[:-9])
    again = Journal(tmp_path)
    again.retried(key(), REQUEST, Fault("server error"), 0.5)
    assert again.totals().retries == 2
    again.close()
    assert [line["trouble"] for line in entries(tmp_path, "retries.jsonl")] == ["timeout", "server error"]


def test_a_reply_that_comes_after_closing_is_written(tmp_path: Path) -> None:
    made = journal(tmp_path, 1)
    made.close()
    made.add(key(2), REQUEST, REPLY)
    assert [line["reply"] for line in entries(tmp_path)] == ["answer 1", "J"]


def test_one_write_a_line_and_none_of_them_half(tmp_path: Path) -> None:
    class Full:
        def __init__(self, file: Any, room: int) -> None:
            self.file, self.room, self.writes = file, room, 0

        def write(self, data: bytes) -> int:
            self.writes += 1
            part = data[: self.room]
            self.room -= len(part)
            return int(self.file.write(part))

        def seek(self, *where: int) -> int:
            return int(self.file.seek(*where))

        def close(self) -> None:
            self.file.close()

    lines = Lines(tmp_path / "x.jsonl")
    lines.append({"a": 1})
    full = Full(lines._out, 20)
    lines._out = full  # type: ignore[assignment]  # a disk with room for 20 bytes
    lines.append({"a": "second"})
    assert full.writes == 1
    with pytest.raises(FileError, match="disk full"):
        lines.append({"a": "third and long"})
    lines.close()
    assert (tmp_path / "x.jsonl").read_bytes() == b'{"a":1}\n{"a":"second"}\n'


def held() -> int:
    """Bytes that the journal's own lines hold; other tests' threads may be at work in this process."""
    ours = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, "*dilemmas?models*")])
    return sum(found.size for found in ours.statistics("filename"))


def test_memory_is_flat_over_calls_and_small_over_old_ones(tmp_path: Path) -> None:
    made = Journal(tmp_path)
    reply = Reply("A long answer. " * 50, usage=Usage(10, 5), cost=0.1)
    for number in range(600, 650):  # what is made once, at the first calls, does not count
        made.add(key(number), REQUEST, reply)
    tracemalloc.start()
    for number in range(600):
        made.add(key(number), REQUEST, reply)
    kept = held() / 600
    made.close()
    before = held()
    again = Journal(tmp_path)
    indexed = (held() - before) / 600
    tracemalloc.stop()
    again.close()
    assert 20 < kept < 150 and 20 < indexed < 250


def test_two_commands_on_one_file_are_told_apart(tmp_path: Path) -> None:
    first = Lines(tmp_path / "ledger.jsonl", alone=True)
    with pytest.raises(UsageError, match="another command"):
        Lines(tmp_path / "ledger.jsonl", alone=True)
    first.close()
    Lines(tmp_path / "ledger.jsonl", alone=True).close()


def test_lines_are_objects() -> None:
    assert parse(b'{"a":1}') == {"a": 1} and parse(b"3") is None and parse(b"") is None
