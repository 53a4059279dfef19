"""The desk: a failure is never an answer, nothing that was paid for is lost, and what stops says how to go on."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from clock import now, run, settle
from hypothesis import given, settings
from hypothesis import strategies as st

from dilemmas.errors import FileError, ResultsError, SpecError, Stopped
from dilemmas.models.desk import Call, Desk, Pulse
from dilemmas.models.journal import Journal, entries
from dilemmas.models.ledger import Caps, Ledger, Price
from dilemmas.models.limiter import Limiter
from dilemmas.models.retry import Patience
from dilemmas.models.secrets import cover, hide, scrub, secret
from dilemmas.models.speaker import PASSING, Fault, Key, Reply, Request, Usage

PRICE = Price(1e-6, 1e-5)
Event = Fault | Reply | Exception | Callable[[], Awaitable[Reply]]


class Script:
    """A speaker that goes through a list of events, and then says the same for ever."""

    def __init__(self, *events: Event, seconds: float = 0.0) -> None:
        self.events, self.seconds = list(events), seconds
        self.asked: list[Request] = []
        self.when: list[float] = []
        self.closed = 0
        self.loaded = asyncio.Event()
        self.loaded.set()

    async def ready(self) -> None:
        await self.loaded.wait()

    async def say(self, request: Request, timeout: float) -> Reply:
        self.asked.append(request)
        self.when.append(now())
        await asyncio.sleep(self.seconds)
        event = self.events.pop(0) if self.events else Reply("J", "m-1", usage=Usage(10, 1))
        if isinstance(event, Exception):
            raise event
        return event if isinstance(event, Reply) else await event()

    async def close(self) -> None:
        self.closed += 1


class Office:
    """A desk with all that belongs to it."""

    def __init__(self, speaker: Script, folder: Path | None = None, **more: Any) -> None:
        self.journal = Journal(folder)
        self.ledger = Ledger(folder / "ledger.jsonl" if folder else None, more.pop("caps", None))
        self.limiter = Limiter(more.pop("concurrency", None))
        self.desk = Desk(
            more.pop("speakers", lambda model: speaker),
            self.ledger,
            self.limiter,
            more.pop("patience", Patience(tries=3)),
            more.pop("prices", lambda model: PRICE),
            more.pop("addresses", lambda model: None),
        )

    async def ask(self, round_: int = 1, model: str = "openai/m", **more: Any) -> Reply:
        return await self.desk.ask(self.call(round_, model, **more))

    def call(self, round_: int = 1, model: str = "openai/m", **more: Any) -> Call:
        asked = Request(model, ({"role": "user", "content": f"round {round_}"},), {"max_tokens": 10})
        return Call(asked, Key(1, "play", 1, round_, 1, 1, "", "choose", 1), self.journal, **more)

    async def __aenter__(self) -> Office:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.desk.close()
        self.journal.close()
        self.ledger.close()
        for lane in self.limiter._lanes.values():
            assert lane.flight == 0
        assert not self.desk._tasks and self.desk.pulse.in_flight == 0 and not self.ledger._open


def test_a_call_is_made_once_and_then_served(tmp_path: Path) -> None:
    async def main() -> None:
        speaker = Script()
        async with Office(speaker, tmp_path) as office:
            first = await office.ask()
            assert first.cost == pytest.approx(2e-5) and first.text == "J"
            assert office.desk.pulse == Pulse(1, 0, 0, 11, first.cost)
        # No slot, no ledger, no speaker: all of them would refuse.
        async with Office(speaker, tmp_path, caps=Caps(calls=0), speakers=None) as office:
            office.limiter.lane("openai").limited(1000)
            assert await office.ask() == first and now() == 0
            assert office.desk.pulse == Pulse(served=1) and len(speaker.asked) == 1

    run(main())


@pytest.mark.parametrize("trouble", PASSING)
def test_what_may_pass_is_tried_again(tmp_path: Path, trouble: Any) -> None:
    async def main() -> None:
        speaker = Script(Fault(trouble, "once", billed=True), Fault(trouble, "twice"))
        async with Office(speaker, tmp_path) as office:
            assert (await office.ask()).text == "J"
            assert len(speaker.asked) == 3 and office.desk.pulse.faults == 2
            assert office.journal.totals().calls == 1 and office.journal.totals().retries == 2
            assert office.ledger.spent.calls == 3
            assert office.ledger.spent.at_most > office.ledger.spent.cost  # type: ignore[operator]  # both are known
        assert [line["words"] for line in entries(tmp_path, "retries.jsonl")] == ["once", "twice"]

    run(main())


def test_a_final_fault_stops_with_where_and_what_to_do(tmp_path: Path) -> None:
    async def main() -> None:
        speaker = Script(Fault("authentication", "Incorrect API key provided: sk-proj-abcdef123456."))
        async with Office(speaker, tmp_path) as office:
            with pytest.raises(Stopped) as caught:
                await office.ask(3)
            assert str(caught.value) == (
                "generation 1, episode 1, round 3, seat 1, step choose: openai/m: authentication: Incorrect API key "
                "provided: [secret]. Set the provider's key in the environment or in .env: OPENAI_API_KEY. The same "
                "command goes on where it stopped."
            )
            assert caught.value.exit_code == 3

    run(main())


@pytest.mark.parametrize(
    ("trouble", "remedy"),
    [
        ("payment", "Add credit"),
        ("not found", "dilemmas check --model openai/m"),
        ("context window", "shorter memory"),
        ("bad request", "the setting that the provider names"),
    ],
)
def test_what_does_not_pass_is_not_tried_again(trouble: Any, remedy: str) -> None:
    async def main() -> None:
        speaker = Script(Fault(trouble))
        async with Office(speaker) as office:
            with pytest.raises(Stopped, match=f"openai/m: {trouble}.*{remedy}"):
                await office.ask()
            assert len(speaker.asked) == 1

    run(main())


@pytest.mark.parametrize("trouble", PASSING)
def test_patience_ends(trouble: Any) -> None:
    async def main() -> None:
        speaker = Script(*(Fault(trouble, "no") for _ in range(9)))
        async with Office(speaker) as office:
            with pytest.raises(Stopped, match=f"openai/m: {trouble}, 3 tries: no") as caught:
                await office.ask()
            assert len(speaker.asked) == 3
        assert ("rates: {openai: {requests: 60}}" in caught.value.remedy) == (trouble == "rate limit")

    run(main())


@pytest.mark.parametrize(
    ("trouble", "others"),
    [
        ("authentication", ["openai/m", "openai/other"]),
        ("payment", ["openai/m", "openai/other"]),
        ("not found", ["openai/m"]),
    ],
)
def test_who_failed_for_good_is_not_asked_again(trouble: Any, others: Sequence[str]) -> None:
    async def main() -> None:
        speaker = Script(Fault(trouble), seconds=1)
        async with Office(speaker, concurrency=1) as office:
            calls = [asyncio.create_task(office.ask(number, others[-1])) for number in range(2, 6)]
            await settle()
            first = await asyncio.gather(*calls, return_exceptions=True)
            assert all(isinstance(error, Stopped) for error in first) and len(speaker.asked) == 1
            with pytest.raises(Stopped):
                await office.ask(9, others[0])
            assert len(speaker.asked) == 1 and office.ledger.spent.calls == 1
            assert (await office.ask(10, "anthropic/m")).text == "J"  # the others go on
            if trouble == "not found":
                assert (await office.ask(11, "openai/other")).text == "J"

    run(main())


def test_a_call_in_backoff_learns_that_its_provider_failed() -> None:
    async def main() -> None:
        speaker = Script(Fault("rate limit", after=50), Fault("payment"))
        async with Office(speaker) as office:
            waiting = asyncio.create_task(office.ask(1))
            await settle()
            office.limiter.lane("openai")._opens = 0
            with pytest.raises(Stopped):
                await office.ask(2)
            with pytest.raises(Stopped, match=r"round 1, .*payment"):
                await waiting
            assert len(speaker.asked) == 2

    run(main())


def test_who_is_refused_while_waiting_for_room_in_the_ledger_is_not_sent() -> None:
    async def main() -> None:
        speaker = Script(Fault("payment"), seconds=1)
        async with Office(speaker, caps=Caps(tokens=60)) as office:
            calls = [asyncio.create_task(office.ask(number)) for number in (1, 2)]
            results = await asyncio.gather(*calls, return_exceptions=True)
            assert [type(result) for result in results] == [Stopped, Stopped]
            assert "payment" in str(results[1]) and len(speaker.asked) == 1 and office.ledger.spent.calls == 1

    run(main())


def test_retry_after_holds_the_lane_and_the_call() -> None:
    async def main() -> None:
        speaker = Script(Fault("rate limit", after=20))
        async with Office(speaker) as office:
            calls = [asyncio.create_task(office.ask(number)) for number in (1, 2)]
            await settle()
            calls.append(asyncio.create_task(office.ask(3)))
            await asyncio.gather(*calls)
            assert speaker.when[:2] == [0, 0] and speaker.when[2] == pytest.approx(20) and 20 <= speaker.when[3] <= 21

    run(main())


@pytest.mark.parametrize("provider", ["openai", "local"])
def test_servers_of_ones_own_do_not_answer_for_each_other(provider: str) -> None:
    async def main() -> None:
        speaker = Script(Fault("rate limit", after=50), Reply("J"), Reply("J"), Fault("authentication"))
        addresses = {f"{provider}/a": "http://a/v1", f"{provider}/b": "http://b/v1"}
        async with Office(speaker, addresses=addresses.get) as office:
            held = asyncio.create_task(office.ask(1, f"{provider}/a"))
            await settle()
            await office.ask(2, f"{provider}/b")
            assert now() < 50
            await held
            assert now() >= 50
            with pytest.raises(Stopped):
                await office.ask(3, f"{provider}/a")
            assert (await office.ask(4, f"{provider}/b")).text == "J"

    run(main())


def test_nobody_waits_longer_than_patience() -> None:
    async def main() -> None:
        speaker = Script(Fault("rate limit", after=7200))
        async with Office(speaker) as office:
            with pytest.raises(Stopped, match=r"rate limit, asked to wait 7200 s"):
                await office.ask(1)
            assert (await office.ask(2)).text == "J" and now() < 1

    run(main())


def test_a_cap_stops_and_no_more_is_sent() -> None:
    async def main() -> None:
        speaker = Script(seconds=1)
        async with Office(speaker, caps=Caps(calls=5), concurrency=2) as office:
            results = await asyncio.gather(*(office.ask(number) for number in range(20)), return_exceptions=True)
            assert sum(isinstance(result, Reply) for result in results) == 5 == len(speaker.asked)
            assert sum(isinstance(result, Stopped) for result in results) == 15

    run(main())


def test_a_cap_that_cannot_be_kept_is_refused_before_anything_is_sent() -> None:
    async def main() -> None:
        speaker = Script()
        async with Office(speaker, caps=Caps(cost=1), prices=lambda model: None) as office:
            with pytest.raises(SpecError, match="price is unknown"):
                await office.ask()
            assert not speaker.asked

    run(main())


@pytest.mark.parametrize("moment", [0, 1, 2, 5, 19])
def test_a_reply_that_was_paid_for_is_journalled_though_nobody_waits(tmp_path: Path, moment: int) -> None:
    async def main() -> None:
        speaker = Script(seconds=2)
        async with Office(speaker, tmp_path) as office:
            asking = asyncio.create_task(office.ask())
            for _ in range(moment):
                await asyncio.sleep(0)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            assert await office.desk.drain(10) == 0
            assert office.journal.totals().calls == len(speaker.asked) == office.ledger.spent.calls
            assert office.ledger.spent.at_most == pytest.approx(2e-5 * len(speaker.asked))
        assert len(speaker.asked) == (moment > 0)

    run(main())


def test_a_retry_is_not_made_for_nobody() -> None:
    async def main() -> None:
        speaker = Script(Fault("server error"), seconds=2)
        async with Office(speaker) as office:
            asking = asyncio.create_task(office.ask())
            await settle()
            asking.cancel()
            await asyncio.sleep(300)
            assert len(speaker.asked) == 1 and office.journal.totals().retries == 1

    run(main())


def test_what_a_speaker_loads_is_no_part_of_a_call() -> None:
    async def main() -> None:
        speaker = Script()
        async with Office(speaker) as office:
            speaker.loaded.clear()
            task = asyncio.create_task(office.ask())
            await asyncio.sleep(0.01)
            assert office.ledger.spent.calls == office.limiter.lane("openai").flight == office.desk.pulse.in_flight == 0
            speaker.loaded.set()
            await task

    asyncio.run(main())


def test_draining_is_of_one_run_or_all_and_has_an_end() -> None:
    async def main() -> None:
        speaker = Script(seconds=5)
        async with Office(speaker) as office:
            other = Journal(None)
            mine, theirs = office.call(1), Call(office.call(1).request, office.call(1).key, other)
            asking = [asyncio.create_task(office.desk.ask(call)) for call in (mine, theirs)]
            await settle()
            assert await office.desk.drain(1) == 2 and now() == 1
            assert await office.desk.drain(1, Journal(None)) == 0 and now() == 1
            assert await office.desk.drain(9, other) == 0 and now() == 5
            await asyncio.gather(*asking)

    run(main())


def test_closing_cuts_off_what_does_not_end() -> None:
    async def main() -> None:
        speaker = Script(seconds=60)
        office = Office(speaker)
        asking = asyncio.create_task(office.ask())
        await settle()
        async with office:
            pass
        assert now() == 0 and speaker.closed == 1
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert office.ledger.spent.at_most > 0  # type: ignore[operator]  # it may have been paid

    run(main())


def test_speakers_are_made_once_a_model_and_closed_once() -> None:
    async def main() -> None:
        made: list[str] = []
        shared, own = Script(), Script()

        def speakers(model: str) -> Script:
            made.append(model)
            return own if model == "own/x" else shared

        async with Office(shared, speakers=speakers) as office:
            for number, model in enumerate(["a/x", "a/y", "own/x", "a/x", "own/x"]):
                await office.ask(number, model)
        assert made == ["a/x", "a/y", "own/x"] and (shared.closed, own.closed) == (1, 1)

    run(main())


def test_a_speaker_that_does_not_keep_time_is_cut_off() -> None:
    async def main() -> None:
        speaker = Script(seconds=1000)
        async with Office(speaker, patience=Patience(tries=1)) as office:
            with pytest.raises(Stopped, match="timeout: no reply within 30 s"):
                await office.ask(timeout=30)
            assert now() == 35 and office.ledger.spent.tokens > 0  # billed

    run(main())


def test_a_mistake_in_a_speaker_is_no_answer_and_no_fault() -> None:
    async def main() -> None:
        speaker = Script(KeyError("choices"))
        async with Office(speaker) as office:
            with pytest.raises(KeyError):
                await office.ask()
            assert office.journal.totals().calls == 0 and office.ledger.spent.tokens > 0

    run(main())


def test_a_reply_that_cannot_be_written_is_not_used(tmp_path: Path) -> None:
    async def main() -> None:
        async with Office(Script(), tmp_path) as office:

            def full(*_: object) -> None:
                raise FileError("cannot be written: No space left on device")

            office.journal.add = full  # type: ignore[method-assign]  # a full disk
            with pytest.raises(FileError):
                await office.ask()
            assert office.desk.pulse.calls == 0

    run(main())


def test_what_changed_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    async def main() -> None:
        speaker = Script()
        async with Office(speaker, tmp_path) as office:
            await office.ask()
        async with Office(speaker, tmp_path) as office:
            with pytest.raises(ResultsError, match="the model was openai/m, is openai/other"):
                await office.ask(1, "openai/other")
        assert len(speaker.asked) == 1

    run(main())


@pytest.mark.parametrize(
    ("price", "told", "cost"),
    [
        (None, None, None),
        (None, 0.5, 0.5),
        (PRICE, None, 2e-5),
        (PRICE, 0.5, 0.5),
        (Price(1e-6, 1e-5, given=True), 0.5, 2e-5),
        (None, float("nan"), None),
        (None, -1.0, None),
        (PRICE, 0.0, 0.0),
    ],
)
def test_what_a_call_cost(price: Price | None, told: float | None, cost: float | None) -> None:
    async def main() -> None:
        speaker = Script(Reply("J", usage=Usage(10, 1), cost=told))
        async with Office(speaker, prices=lambda model: price) as office:
            reply = await office.ask()
            assert reply.cost == cost == office.ledger.spent.cost == office.journal.totals().cost
            assert office.desk.pulse.cost == cost

    run(main())


def test_a_refusal_of_content_is_an_answer() -> None:
    async def main() -> None:
        async with Office(Script(Reply("", finish="content_filter"))) as office:
            assert (await office.ask()).finish == "content_filter"

    run(main())


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 25), max_size=6), st.integers(1, 5))
def test_after_any_kills_what_was_journalled_is_not_sent_again(
    tmp_path_factory: pytest.TempPathFactory, kills: list[int], concurrency: int
) -> None:
    folder, needed = tmp_path_factory.mktemp("kills"), 12
    sent: list[tuple[int, int]] = []  # requests of each command, and those in flight when it was killed

    async def command(dies: int | None) -> list[str]:
        speaker = Script(seconds=1)
        office = Office(speaker, folder, concurrency=concurrency, prices=lambda model: PRICE)
        asking = [asyncio.create_task(office.ask(number)) for number in range(1, needed + 1)]
        if dies is not None:
            await asyncio.sleep(dies / 5)
            flight = office.desk.pulse.in_flight
            office.journal.close()
            office.journal.add = lambda *_: None  # type: ignore[method-assign]  # nothing is written any more
            office.ledger.close()
            office.ledger._lines = None
            for task in [*asking, *office.desk._tasks]:
                task.cancel()
            await asyncio.gather(*asking, *office.desk._tasks, return_exceptions=True)
            sent.append((len(speaker.asked), flight))
            return []
        replies = await asyncio.gather(*asking)
        sent.append((len(speaker.asked), 0))
        await office.desk.close()
        office.journal.close()
        office.ledger.close()
        return [reply.text for reply in replies]

    for dies in kills:
        run(command(dies))
    assert run(command(None)) == ["J"] * needed
    assert len(list(entries(folder))) == needed
    assert needed <= sum(calls for calls, _ in sent) <= needed + sum(flight for _, flight in sent)


def test_keys_are_never_written_or_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = "planted-value-of-a-key-4711"
    monkeypatch.setenv("SOME_PROVIDER_API_KEY", planted)
    told: list[str] = []

    async def main() -> None:
        words = f"refused {planted}, Bearer {planted}, http://user:{planted}@host/v1?api_key={planted}"
        reply = Reply(
            f"I know {planted}!", f"m-{planted}", thought=planted, fingerprint=planted, sent={"api_key": "x" * 9}
        )
        speaker = Script(Fault("server error", "y" * 480 + words), reply, Fault("bad request", words))
        async with Office(speaker, tmp_path) as office:
            answer = await office.ask(1)
            assert answer.text == "I know [secret]!"
            with pytest.raises(Stopped) as caught:
                await office.ask(2)
            told.append(str(caught.value))
        async with Office(speaker, tmp_path) as office:
            assert await office.ask(1) == answer

    run(main())
    told += [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.is_file()]
    assert len(told) == 4 and "[secret]" in told[0]
    for text in told:
        assert "planted" not in text and "x" * 9 not in text


def test_scrubbing() -> None:
    assert scrub("http://user:pass@host:80/v1?key=abc&q=1") == "http://[secret]@host:80/v1?key=[secret]&q=1"
    assert scrub("key sk-ant-api03-Ab_12345 and sk-proj-****abcd") == "key [secret] and [secret]"
    assert scrub("Authorization: Bearer abc.DEF-12345") == "Authorization: Bearer [secret]"
    assert scrub("a\x1b[31mred\x07\n b") == "a [31mred \n b"
    for plain in ("task-specific-embeddings", "the model gpt-4o-mini-2024 is not there", "http://127.0.0.1:8000/v1"):
        assert scrub(plain) == plain
    assert cover({"a": {"api_key": "x", "max_tokens": 5}, "token": 3}) == {
        "a": {"api_key": "[secret]", "max_tokens": 5},
        "token": 3,
    }
    assert [secret(name) for name in ("OPENAI_API_KEY", "max_tokens", "HF_TOKEN", "KEYBOARD")] == [
        True,
        False,
        True,
        False,
    ]
    assert hide("abc", ["x"]) == "abc"


def test_short_values_of_the_environment_are_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHORT_KEY", "J")
    monkeypatch.setenv("LONGER_KEY", "abcdefgh")
    assert scrub("J abcdefgh") == "J [secret]" and len(os.environ["SHORT_KEY"]) == 1


def test_which_call_it_is_in_words() -> None:
    assert (
        Key(2, "inherit", 0, 0, 0, 0, "a3", "teach", 2).words
        == "inherit, generation 2, agent a3, step teach, attempt 2"
    )
