"""The limiter: lanes, growth and halving, waits that were asked for, rates a minute; in a time of the tests' own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from clock import now, run, settle
from hypothesis import given, settings
from hypothesis import strategies as st

from dilemmas.errors import UsageError
from dilemmas.models.limiter import Limiter, Rate
from dilemmas.models.retry import Patience


class Calls:
    """Calls that stay in flight until they are let go; notes when each began."""

    def __init__(self, limiter: Limiter, provider: str = "p") -> None:
        self.limiter, self.provider = limiter, provider
        self.began: list[tuple[object, float]] = []
        self.tasks: dict[object, asyncio.Task[None]] = {}
        self.gates: dict[object, asyncio.Event] = {}

    def start(self, name: object, *, tokens: int = 0, priority: int = 0, last: float | None = None) -> None:
        self.gates[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._call(name, tokens, priority, last))

    async def _call(self, name: object, tokens: int, priority: int, last: float | None) -> None:
        async with self.limiter.lane(self.provider).slot(tokens, priority):
            self.began.append((name, now()))
            await (self.gates[name].wait() if last is None else asyncio.sleep(last))

    @property
    def order(self) -> list[object]:
        return [name for name, _ in self.began]

    async def end(self, *names: object) -> None:
        for name in names:
            self.gates[name].set()
        await settle()


def test_a_fixed_number_is_kept_whatever_happens() -> None:
    async def main() -> None:
        limiter = Limiter(3)
        calls = Calls(limiter)
        for name in range(6):
            calls.start(name)
        await settle()
        for _ in range(9):
            limiter.lane("p").well()
        limiter.lane("p").limited()
        await settle()
        assert calls.order == [0, 1, 2]
        await calls.end(1)
        assert calls.order == [0, 1, 2, 3]
        await calls.end(*range(6))
        assert limiter.lane("p").flight == 0

    run(main())


def test_smaller_priorities_first_then_first_come() -> None:
    async def main() -> None:
        calls = Calls(Limiter(1))
        for name, priority in [("a", 5), ("b", 2), ("c", 2), ("d", 1), ("e", 5)]:
            calls.start(name, priority=priority)
            await settle()
        for name in "adbce":
            await calls.end(name)
        assert calls.order == list("adbce")

    run(main())


def test_each_server_of_a_provider_has_a_lane_with_its_rates() -> None:
    limiter = Limiter(None, {"p": Rate(6)})
    lanes = {limiter.lane("p", address) for address in (None, "http://a", "http://b", "http://a")}
    assert len(lanes) == 3
    for lane in lanes:
        assert lane._buckets[0]._rate == 0.1


def test_lanes_are_apart() -> None:
    async def main() -> None:
        limiter = Limiter(1)
        one, other = Calls(limiter, "one"), Calls(limiter, "other")
        one.start(1)
        other.start(2)
        await settle()
        assert one.order == [1] and other.order == [2]
        limiter.lane("one").limited(60)
        await one.end(1)
        await other.end(2)
        one.start(3)
        other.start(4)
        await settle()
        assert one.order == [1] and other.order == [2, 4]
        await other.end(4)
        one.gates[3].set()
        await one.tasks[3]
        assert one.began[-1] == (3, pytest.approx(60))

    run(main())


def test_it_grows_by_one_a_success_until_the_first_refusal_and_then_slowly() -> None:
    async def main() -> None:
        limiter = Limiter()
        lane = limiter.lane("p")
        assert lane.limit == 64
        for _ in range(64):
            limiter.lane("p").well()
        assert lane.limit == 128
        for _ in range(1000):
            limiter.lane("p").well()
        assert lane.limit == 512
        calls = Calls(limiter)
        for name in range(520):
            calls.start(name)
        await settle()
        assert len(calls.began) == 512
        limiter.lane("p").limited()
        assert lane.limit == 256
        for _ in range(256):
            limiter.lane("p").well()
        assert 256.9 < lane.limit < 257.1
        await calls.end(*range(520))
        await settle()

    run(main())


def test_it_halves_once_a_round_of_calls_in_flight() -> None:
    async def main() -> None:
        limiter = Limiter()
        lane, calls = limiter.lane("p"), Calls(limiter)
        for name in range(64):
            calls.start(name)
        await settle()
        for _ in range(10):
            limiter.lane("p").limited()
        assert lane.limit == 32
        await calls.end(*range(63))
        limiter.lane("p").limited()
        assert lane.limit == 32  # the last of them is refused with the others
        await calls.end(63)
        for name in range(100, 140):
            calls.start(name)
        await settle()
        assert lane.flight == 32
        limiter.lane("p").limited()
        assert lane.limit == 16
        await calls.end(*range(100, 140))

    run(main())


def test_of_a_limit_that_was_never_reached_what_was_in_flight_is_halved() -> None:
    async def main() -> None:
        limiter = Limiter()
        calls = Calls(limiter)
        for name in range(10):
            calls.start(name)
        await settle()
        limiter.lane("p").limited()
        assert limiter.lane("p").limit == 5
        await calls.end(*range(10))
        for _ in range(6):
            calls.start("x")
            await settle()
            limiter.lane("p").limited()
            await calls.end("x")
        assert limiter.lane("p").limit == 1

    run(main())


def test_a_provider_that_asks_to_wait_is_left_alone_until_then() -> None:
    async def main() -> None:
        limiter = Limiter(2)
        calls = Calls(limiter)
        calls.start(1)
        await settle()
        limiter.lane("p").limited(30)
        limiter.lane("p").limited(10)  # does not shorten it
        await calls.end(1)
        for name in (2, 3, 4):
            calls.start(name, last=1)
        await asyncio.gather(*(calls.tasks[name] for name in (2, 3, 4)))
        assert [(name, round(when, 6)) for name, when in calls.began[1:]] == [(2, 30), (3, 30), (4, 31)]

    run(main())


def test_requests_a_minute() -> None:
    async def main() -> None:
        calls = Calls(Limiter(100, {"p": Rate(requests=60)}))
        for name in range(40):
            calls.start(name, last=0)
        await asyncio.gather(*calls.tasks.values())
        # A sixth of a minute's worth at once, then one a second.
        assert [round(when, 3) for _, when in calls.began] == [0] * 10 + list(range(1, 31))

    run(main())


def test_tokens_a_minute() -> None:
    async def main() -> None:
        calls = Calls(Limiter(100, {"p": Rate(tokens=600)}))
        for name, tokens in enumerate([100, 50, 1000, 10]):
            calls.start(name, tokens=tokens, last=0)
        await asyncio.gather(*calls.tasks.values())
        # 100 of a full bucket; 50 after 5 s; the big one of a full bucket again; and 900 of debt before the last.
        assert [round(when, 3) for _, when in calls.began] == [0, 5, 15, 106]

    run(main())


def test_a_waiter_that_is_cancelled_leaves_no_hole() -> None:
    async def main() -> None:
        limiter = Limiter(1, {"p": Rate(requests=600)})
        calls = Calls(limiter)
        for name in range(4):
            calls.start(name)
        await settle()
        calls.tasks[1].cancel()
        await settle()
        calls.gates[0].set()
        while limiter.lane("p")._queue and limiter.lane("p")._queue[0][1] == 1:
            await asyncio.sleep(0)
        calls.tasks[2].cancel()  # it may have been given the room already
        await settle()
        assert calls.order == [0, 3] and limiter.lane("p").flight == 1
        await calls.end(3)
        assert limiter.lane("p").flight == 0

    run(main())


def test_room_that_came_in_the_moment_of_cancelling_is_given_on() -> None:
    async def main() -> None:
        limiter = Limiter(1, {"p": Rate(tokens=600)})
        lane = limiter.lane("p")
        await lane.enter(0, 0)
        waiting = asyncio.create_task(lane.enter(60, 0))
        after = asyncio.create_task(lane.enter(100, 0))
        await asyncio.sleep(0)
        lane.leave()
        assert lane.flight == 1  # waiting's, who does not know it yet
        waiting.cancel()
        await asyncio.wait([waiting, after], timeout=0.001)
        assert waiting.cancelled() and after.done() and lane.flight == 1  # all 100 tokens are there
        lane.leave()

    run(main())


def test_no_timer_is_left_for_nobody() -> None:
    async def main() -> None:
        limiter = Limiter(1)
        limiter.lane("p").limited(5)
        calls = Calls(limiter)
        calls.start(1)
        await settle()
        calls.tasks[1].cancel()
        await asyncio.sleep(10)
        calls.start(2)
        await settle()
        assert calls.began == [(2, 10.0)]
        await calls.end(2)

    run(main())


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["start", "end", "cancel", "well", "limited", "wait"]),
            st.integers(0, 20),
            st.integers(0, 3),
        ),
        max_size=60,
    ),
    st.none() | st.integers(1, 4),
    st.none() | st.just(Rate(requests=120, tokens=6000)),
)
def test_never_more_than_the_limit_and_nobody_is_forgotten(
    steps: list[tuple[str, int, int]], fixed: int | None, rate: Rate | None
) -> None:
    async def main() -> None:
        limiter = Limiter(fixed, {"p": rate} if rate else None)
        lane, calls = limiter.lane("p"), Calls(limiter)
        acts: dict[str, Callable[[int, int], object]] = {
            "start": lambda number, small: calls.start(len(calls.tasks), tokens=number, priority=small),
            "end": lambda number, small: calls.tasks and calls.gates[number % len(calls.tasks)].set(),
            "cancel": lambda number, small: calls.tasks and calls.tasks[number % len(calls.tasks)].cancel(),
            "well": lambda number, small: limiter.lane("p").well(),
            "limited": lambda number, small: limiter.lane("p").limited(small or None),
            "wait": lambda number, small: None,
        }
        for what, number, small in steps:
            flight = lane.flight
            acts[what](number, small)
            if what == "wait":
                await asyncio.sleep(small)
            await settle()  # also of who was let in the moment that the waiting was over
            assert lane.flight <= max(int(lane.limit), flight)
            assert lane.flight == sum(
                1 for name, task in calls.tasks.items() if name in calls.order and not task.done()
            )
        for gate in calls.gates.values():
            gate.set()
        await asyncio.gather(*calls.tasks.values(), return_exceptions=True)
        assert lane.flight == 0 and not [entry for entry in lane._queue if not entry[3].done()]

    run(main())


@pytest.mark.parametrize("wrong", [lambda: Limiter(0), lambda: Rate(requests=0), lambda: Rate(tokens=float("nan"))])
def test_numbers_that_mean_nothing(wrong: Callable[[], object]) -> None:
    with pytest.raises(UsageError):
        wrong()


def test_patience_grows_and_ends() -> None:
    patience = Patience(tries=5, base=1, most=4)
    drawn = [[patience.delay(tried) for _ in range(200)] for tried in range(1, 6)]
    for tried, most in enumerate([1, 2, 4, 4]):
        waits = [wait for wait in drawn[tried] if wait is not None]
        assert len(waits) == 200 and 0 <= min(waits) < most * 0.2 and most * 0.8 < max(waits) <= most
    assert set(drawn[4]) == {None}


def test_patience_honours_what_was_asked_for() -> None:
    patience = Patience(tries=2000, base=1, most=4, longest=600)
    waits = [patience.delay(9, 20) for _ in range(200)]
    assert all(wait is not None and 20 <= wait <= 21 for wait in waits) and len(set(waits)) > 100
    assert patience.delay(1, 601) is None and patience.delay(1, 600) is not None
    assert patience.delay(1999) is not None  # large powers
    for wrong in ({"tries": 0}, {"base": -1}, {"most": float("nan")}):
        with pytest.raises(UsageError):
            Patience(**wrong)  # type: ignore[arg-type]  # a mapping of several types
