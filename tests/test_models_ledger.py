"""The ledger: no cap is overrun, whatever is in flight and however often the process is killed."""

from __future__ import annotations

import asyncio
import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from clock import settle
from hypothesis import given, settings
from hypothesis import strategies as st

from dilemmas.errors import ResultsError, SpecError, Stopped, UsageError
from dilemmas.models.ledger import Caps, Ledger, Price, Reservation
from dilemmas.models.money import dollars
from dilemmas.models.speaker import Request, Usage

PRICE = Price(1e-6, 1e-5)
NOTHING = Usage()


def request(letters: int = 84, most: int | None = 10, **sampling: Any) -> Request:
    """A prompt of ``letters`` and 16 tokens more at most: one message and its borders."""
    limit = {} if most is None else {"max_tokens": most}
    return Request("some/model", ({"role": "user", "content": "x" * letters},), limit | sampling)


COST = 2e-4  # of request(), at most: 100 tokens asked and 10 answered
USED = Usage(100, 10)


def opened(folder: Path | None = None, **caps: Any) -> Ledger:
    return Ledger(folder / "ledger.jsonl" if folder else None, Caps(**caps))


def test_it_is_written_down_before_it_is_given_and_after_it_ended(tmp_path: Path) -> None:
    async def main() -> None:
        ledger = opened(tmp_path)
        first = await ledger.reserve(request(), PRICE)
        lines = (tmp_path / "ledger.jsonl").read_text(encoding="utf-8").splitlines()
        assert [json.loads(line) for line in lines] == [
            {"reserve": 1, "model": "some/model", "cost": COST, "tokens": 110}
        ]
        ledger.settle(first, Usage(50, 5), None)
        second = await ledger.reserve(request(), PRICE)
        ledger.release(second, billed=False)
        ledger.close()

    asyncio.run(main())
    lines = [json.loads(line) for line in (tmp_path / "ledger.jsonl").read_text(encoding="utf-8").splitlines()]
    assert lines[1] == {"settle": 1, "cost": 1e-4, "tokens": 55}
    assert lines[2]["reserve"] == 2 and lines[3] == {"release": 2, "billed": False, "sent": True}


@pytest.mark.parametrize("count", [1, 3, 7, 10])
@pytest.mark.parametrize("cost", [COST, 0.1, 1e-7, 0.3, 2 / 3 * 1e-5])
def test_a_cap_of_exactly_n_calls_admits_n(count: int, cost: float) -> None:
    async def main() -> None:
        ledger = opened(cost=count * cost)
        price = Price(cost / 100, 0.0)
        for _ in range(count):
            ledger.settle(await ledger.reserve(request(), price), USED, None)
        with pytest.raises(Stopped):
            await ledger.reserve(request(), price)

    asyncio.run(main())


@pytest.mark.parametrize(
    ("caps", "flag"), [({"cost": 2.5 * COST}, "cost"), ({"calls": 2}, "calls"), ({"tokens": 250}, "tokens")]
)
def test_each_cap_stops_with_what_to_type(caps: dict[str, Any], flag: str) -> None:
    async def main() -> None:
        ledger = opened(**caps)
        for _ in range(2):
            ledger.settle(await ledger.reserve(request(), PRICE), USED, None)
        with pytest.raises(Stopped, match=f"--max-{flag} N") as caught:
            await ledger.reserve(request(), PRICE)
        told = {"cost": ("0.000500 USD", "0.000400 USD", "0.000200 USD"), "calls": ("2 calls", "2 spent", "1")}
        for words in told.get(flag, ("250 tokens", "220", "110")):
            assert words in str(caught.value)
        assert caught.value.exit_code == 3
        with pytest.raises(Stopped):  # nothing more is sent, however small
            await ledger.reserve(request(1, 1), PRICE)

    asyncio.run(main())


def test_retries_count_as_calls_and_billed_ones_at_their_worst() -> None:
    async def main() -> None:
        ledger = opened(calls=3)
        ledger.release(await ledger.reserve(request(), PRICE), billed=False)
        ledger.release(await ledger.reserve(request(), PRICE), billed=True)
        spent = ledger.spent
        assert (spent.cost, spent.at_most, spent.calls, spent.tokens) == (0.0, COST, 2, 110)
        ledger.settle(await ledger.reserve(request(), PRICE), USED, COST)
        with pytest.raises(Stopped, match="3 calls is reached"):
            await ledger.reserve(request(), PRICE)

    asyncio.run(main())


def test_a_call_waits_for_room_that_is_given_back() -> None:
    async def main() -> None:
        ledger = opened(cost=2 * COST)
        first, second = [await ledger.reserve(request(), PRICE) for _ in range(2)]
        third = asyncio.create_task(ledger.reserve(request(), PRICE))
        await settle()
        ledger.settle(first, Usage(50, 5), None)
        small = asyncio.create_task(ledger.reserve(request(1, 1), PRICE))  # it would fit
        await settle()
        assert not third.done() and not small.done()  # first come, first served
        ledger.release(second, billed=False)
        ledger.settle(await third, Usage(1, 1), None)
        ledger.settle(await small, Usage(1, 1), None)
        assert ledger.spent.calls == 4

    asyncio.run(main())


def test_when_nothing_can_give_room_all_who_wait_are_told() -> None:
    async def main() -> None:
        ledger = opened(cost=1.5 * COST)
        first = await ledger.reserve(request(), PRICE)
        waiting = [asyncio.create_task(ledger.reserve(request(), PRICE)) for _ in range(3)]
        await settle()
        assert not any(task.done() for task in waiting)
        ledger.settle(first, USED, None)
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(result, Stopped) for result in results)
        assert len({id(result) for result in results}) == 3  # each its own, with its own traceback
        assert ledger.spent.calls == 1

    asyncio.run(main())


def test_scarce_room_goes_to_earlier_runs() -> None:
    async def main() -> None:
        ledger = opened(cost=1.5 * COST)
        first = await ledger.reserve(request(), PRICE)
        late, early = [asyncio.create_task(ledger.reserve(request(), PRICE, priority)) for priority in (2, 1)]
        await settle()
        ledger.release(first, billed=False)
        await settle()
        assert early.done() and not late.done()
        ledger.settle(early.result(), USED, None)
        with pytest.raises(Stopped):
            await late

    asyncio.run(main())


def test_a_cap_on_calls_does_not_wait_for_those_in_flight() -> None:
    async def main() -> None:
        ledger = opened(calls=1)
        await ledger.reserve(request(), PRICE)
        with pytest.raises(Stopped):
            await asyncio.wait_for(ledger.reserve(request(), PRICE), 5)

    asyncio.run(main())


def test_a_waiter_that_is_cancelled_leaves_no_hole() -> None:
    async def main() -> None:
        ledger = opened(cost=1.5 * COST)
        first = await ledger.reserve(request(), PRICE)
        waiting = [asyncio.create_task(ledger.reserve(request(), PRICE)) for _ in range(3)]
        await settle()
        waiting[0].cancel()
        await settle()
        ledger.release(first, billed=False)  # the room is given to the second ...
        waiting[1].cancel()  # ... who is cancelled before it hears of it
        await settle()
        assert waiting[2].done() and waiting[2].result().number == 3
        assert ledger.spent.calls == 2  # the second was never sent
        ledger.settle(waiting[2].result(), USED, None)

    asyncio.run(main())


def test_a_big_one_that_gives_up_lets_in_who_waited_behind() -> None:
    async def main() -> None:
        ledger = opened(cost=1.5 * COST)
        await ledger.reserve(request(), PRICE)
        big = asyncio.create_task(ledger.reserve(request(), PRICE))
        small = asyncio.create_task(ledger.reserve(request(1, 1), PRICE))
        await settle()
        big.cancel()
        assert (await asyncio.wait_for(small, 5)).worst.tokens == 18

    asyncio.run(main())


def test_the_worst_case_is_bytes_and_the_longest_answer() -> None:
    async def main() -> None:
        ledger = opened()
        for made, tokens in [
            (request(), 110),
            (Request("m", ({"role": "user", "content": "ä€\ud800"},), {"max_completion_tokens": 7}), 8 + 16 + 7),
            (request(84, 10, max_completion_tokens=30), 130),
            (request(84, 10, n=3), 130),
        ]:
            assert (await ledger.reserve(made, None)).worst.tokens == tokens
        assert (await ledger.reserve(request(84, None), PRICE)).worst.tokens is None

    asyncio.run(main())


@pytest.mark.parametrize(
    ("caps", "made", "price", "told"),
    [
        ({"cost": 1}, request(), None, "price is unknown"),
        ({"cost": 1}, request(most=None), PRICE, "max_tokens: 1000"),
        ({"tokens": 1000}, request(most=None), PRICE, "max_tokens: 1000"),
        ({}, request(most=0), PRICE, "max_tokens is 0"),
        ({"calls": 1}, request(max_completion_tokens="many"), PRICE, "max_tokens is 'many'"),
    ],
)
def test_a_cap_that_cannot_be_kept_is_refused(
    caps: dict[str, Any], made: Request, price: Price | None, told: str
) -> None:
    with pytest.raises(SpecError, match="some/model") as caught:
        asyncio.run(opened(**caps).reserve(made, price))
    assert told in str(caught.value)


@pytest.mark.parametrize("caps", [{"cost": -1}, {"cost": float("nan")}, {"calls": -1}, {"tokens": float("inf")}])
def test_caps_are_numbers(caps: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=f"limits.{next(iter(caps))}"):
        Caps(**caps)


def test_what_is_unknown_stays_unknown(tmp_path: Path) -> None:
    async def main() -> None:
        ledger = opened(tmp_path)
        ledger.settle(await ledger.reserve(request(), None), USED, None)
        assert (ledger.spent.cost, ledger.spent.at_most, ledger.spent.tokens) == (None, None, 110)
        ledger.close()
        again = opened(tmp_path)
        assert (again.spent.cost, again.spent.at_most, again.spent.tokens) == (None, None, 110)
        again.close()
        with (
            closing(opened(tmp_path, cost=5)) as capped,
            pytest.raises(ResultsError, match="nobody knows the cost of 1"),
        ):
            await capped.reserve(request(), PRICE)
        with closing(opened(tmp_path, tokens=1000, calls=9)) as capped:
            await capped.reserve(request(), PRICE)

    asyncio.run(main())


def test_a_call_whose_tokens_are_not_told_counts_at_its_worst(tmp_path: Path) -> None:
    async def main() -> None:
        with closing(opened(tmp_path, cost=1)) as ledger:
            ledger.settle(await ledger.reserve(request(), PRICE), NOTHING, None)
        with closing(opened(tmp_path, cost=1)) as ledger:
            assert (ledger.spent.cost, ledger.spent.at_most, ledger.spent.tokens) == (None, COST, 110)

    asyncio.run(main())


def test_a_killed_command_counts_at_its_worst_in_the_next(tmp_path: Path) -> None:
    async def main() -> None:
        with closing(opened(tmp_path, cost=3 * COST)) as killed:
            killed.settle(await killed.reserve(request(), PRICE), Usage(10, 1), None)
            await killed.reserve(request(), PRICE)
            await killed.reserve(request(), PRICE)
        with closing(opened(tmp_path, cost=3 * COST)) as again:
            assert again.spent.cost == pytest.approx(2e-5) and again.spent.calls == 3
            assert again.spent.at_most == pytest.approx(2e-5 + 2 * COST)
            with pytest.raises(Stopped, match="counting 2 whose end"):
                await again.reserve(request(), PRICE)
        with closing(opened(tmp_path, cost=4 * COST)) as raised:
            assert (await raised.reserve(request(), PRICE)).number == 4

    asyncio.run(main())


def test_one_command_at_a_time(tmp_path: Path) -> None:
    with closing(opened(tmp_path)), pytest.raises(UsageError, match="another command is at work"):
        opened(tmp_path)


@pytest.mark.parametrize("line", ['{"settle": 9, "cost": 1, "tokens": 2}', '{"what": 1}', '{"reserve": 1}'])
def test_a_line_that_is_no_entry_is_an_error(tmp_path: Path, line: str) -> None:
    (tmp_path / "ledger.jsonl").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(ResultsError, match=r"ledger\.jsonl, line 1: .*no entry of a ledger"):
        opened(tmp_path)
    (tmp_path / "ledger.jsonl").unlink()
    opened(tmp_path).close()  # the error left no lock behind


def test_a_reservation_ends_once() -> None:
    async def main() -> None:
        ledger = opened()
        made = await ledger.reserve(request(), PRICE)
        ledger.settle(made, USED, None)
        with pytest.raises(RuntimeError):
            ledger.release(made, billed=False)

    asyncio.run(main())


def test_dollars_are_shown_as_people_read_them() -> None:
    assert [dollars(usd) for usd in (0, 0.5, 1234.5, 0.000123456, 1)] == [
        "0.00 USD",
        "0.500 USD",
        "1,234.50 USD",
        "0.000123 USD",
        "1.00 USD",
    ]


class World:
    """What really happened, kept apart from the ledger: micro-dollars and tokens that providers may charge."""

    def __init__(self, folder: Path, caps: Caps) -> None:
        self.folder, self.caps = folder, caps
        self.ledger = Ledger(folder / "ledger.jsonl", caps)
        self.open: dict[int, tuple[Reservation, int, int]] = {}  # with what it costs and takes at most
        self.waiting: list[tuple[asyncio.Task[Reservation], int, int]] = []
        self.charged = [0, 0, 0]  # micro-dollars, tokens, calls

    async def ask(self, letters: int, most: int) -> None:
        asked = letters + 16
        task = asyncio.create_task(self.ledger.reserve(request(letters, most), PRICE))
        self.waiting.append((task, asked + 10 * most, asked + most))
        await self.look()

    async def look(self) -> None:
        await settle()
        for entry in list(self.waiting):
            task, cost, tokens = entry
            if task.done():
                self.waiting.remove(entry)
                if not task.cancelled() and not task.exception():
                    self.open[task.result().number] = (task.result(), cost, tokens)
        self.check()

    def end(self, which: int, how: str, share: float) -> None:
        if not self.open:
            return
        made, cost, tokens = self.open.pop(sorted(self.open)[which % len(self.open)])
        answered = int((tokens - made_prompt(cost, tokens)) * share)
        used = Usage(made_prompt(cost, tokens), answered)
        if how == "settle":
            self.charge(made_prompt(cost, tokens) + 10 * answered, made_prompt(cost, tokens) + answered)
            self.ledger.settle(made, used, None)
        elif how == "untold":
            self.charge(cost, tokens)
            self.ledger.settle(made, NOTHING, None)
        else:
            self.charge(*((cost, tokens) if how == "billed" else (0, 0)))
            self.ledger.release(made, billed=how == "billed")

    def charge(self, cost: int, tokens: int) -> None:
        self.charged = [a + b for a, b in zip(self.charged, (cost, tokens, 1), strict=True)]

    async def crash(self, cut: int) -> None:
        for task, _, _ in self.waiting:
            task.cancel()
        await self.look()
        self.ledger.close()
        for _, cost, tokens in self.open.values():
            self.charge(cost, tokens)
        self.open.clear()
        file = self.folder / "ledger.jsonl"
        raw = file.read_bytes()
        last = raw.splitlines(keepends=True)[-1:] or [b""]
        # A request is sent when its line is there, so only a line about its end may be torn.
        if not last[0].startswith(b'{"reserve') and b"false}" not in last[0]:
            file.write_bytes(raw[: len(raw) - min(cut, len(last[0]))])
        self.ledger = Ledger(file, self.caps)
        self.check()

    def check(self) -> None:
        held = [sum(entry[place] for entry in self.open.values()) for place in (1, 2)]
        cost, tokens, calls = self.charged
        assert cost + held[0] <= self.caps.cost * 1e6 + 1e-6  # type: ignore[operator]  # it is given
        assert tokens + held[1] <= self.caps.tokens  # type: ignore[operator]  # it is given
        assert calls + len(self.open) <= self.caps.calls  # type: ignore[operator]  # it is given
        assert self.ledger.spent.calls == calls + len(self.open)
        assert self.ledger.spent.at_most is not None
        assert self.ledger.spent.at_most * 1e6 >= cost + held[0] - 1e-6


def made_prompt(cost: int, tokens: int) -> int:
    return tokens - (cost - tokens) // 9


STEP = st.one_of(
    st.tuples(st.just("ask"), st.integers(0, 200), st.integers(1, 40)),
    st.tuples(st.sampled_from(["settle", "untold", "billed", "free"]), st.integers(0, 9), st.floats(0, 1)),
    st.tuples(st.just("cancel"), st.integers(0, 9), st.just(0)),
    st.tuples(st.just("crash"), st.integers(0, 60), st.just(0)),
)


@settings(max_examples=120, deadline=None)
@given(
    st.lists(STEP, max_size=40),
    st.integers(0, 3000),
    st.integers(0, 3000),
    st.integers(0, 25),
)
def test_no_cap_is_ever_overrun(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, Any]], cost: int, tokens: int, calls: int
) -> None:
    async def main() -> None:
        world = World(tmp_path_factory.mktemp("ledger"), Caps(cost / 1e6, calls, tokens))
        for what, number, share in steps:
            if what == "ask":
                await world.ask(number, share)
            elif what == "crash":
                await world.crash(number)
            elif what == "cancel" and world.waiting:
                world.waiting[number % len(world.waiting)][0].cancel()
            elif what not in ("cancel", "crash"):
                world.end(number, what, share)
            await world.look()
        assert not world.waiting or world.open  # whoever waits, waits for somebody
        await world.crash(0)
        world.ledger.close()

    asyncio.run(main())
