"""How many calls a provider is sent at once, and how many a minute; each provider, and each server, has its own lane.

Unless a number is given, a lane finds out how many calls in flight its provider bears: it starts with 64 and grows by
one a success, which doubles it a round trip, until the first refusal (429). From then on a refusal halves it, and
``limit`` successes add one (additive increase, multiplicative decrease: Chiu and Jain 1989).
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType

from dilemmas.errors import UsageError, many

START, MOST = 64, 512
BURST = 6.0  # a bucket holds a sixth of a minute's worth, so that a start does not send a minute's worth at once
_NEAR = 1e-9  # of a bucket: a timer may be early by less than the clock can tell


@dataclass(frozen=True)
class Rate:
    """What a provider allows a minute; None is no limit. Tokens are those of prompts and of the longest answers."""

    requests: float | None = None
    tokens: float | None = None

    def __post_init__(self) -> None:
        for name in ("requests", "tokens"):
            rate = getattr(self, name)
            if rate is not None and not rate > 0:
                raise UsageError(f"a rate of {rate} {name} a minute", expected="a number above 0")


class Limiter:
    """Lanes by provider; a number of calls at once that is given is kept to, else it is found out.

    ``rates`` are by provider. It serves one event loop.
    """

    def __init__(self, concurrency: int | None = None, rates: Mapping[str, Rate] | None = None) -> None:
        if concurrency is not None and concurrency < 1:
            raise UsageError(f"{many(concurrency, 'call')} at once", expected="at least 1", where="concurrency")
        self._concurrency, self._rates = concurrency, rates or {}
        self._lanes: dict[tuple[str, str | None], Lane] = {}

    def lane(self, provider: str, address: str | None = None) -> Lane:
        """The lane of a provider, or of one of its servers; the rates of a provider are those of each server."""
        if (provider, address) not in self._lanes:
            self._lanes[provider, address] = Lane(self._concurrency, self._rates.get(provider, Rate()))
        return self._lanes[provider, address]


class Slot:
    """Room for one call, taken by entering it."""

    def __init__(self, lane: Lane, tokens: int, priority: int) -> None:
        self._lane, self._tokens, self._priority = lane, tokens, priority

    async def __aenter__(self) -> None:
        await self._lane.enter(self._tokens, self._priority)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lane.leave()

    def leave(self) -> None:
        """Give it back; for those who entered without ``async with``."""
        self._lane.leave()


class Lane:
    """One provider's queue; ``limit`` is how many calls may be in flight, ``flight`` how many are."""

    def __init__(self, fixed: int | None, rate: Rate) -> None:
        self.limit = float(fixed or START)
        self.flight = 0
        self._fixed, self._growing = fixed is not None, True
        self._deaf = 0  # calls still to end of those in flight at the last halving: their refusals say nothing new
        self._opens = 0.0  # when a provider that asked to wait may be called again, by the loop's clock
        self._buckets = (_Bucket(rate.requests), _Bucket(rate.tokens))
        self._queue: list[tuple[int, int, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._timer: asyncio.TimerHandle | None = None

    async def enter(self, tokens: int, priority: int) -> None:
        """Wait until a call may be sent."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._queue, (priority, next(self._order), tokens, future))
        self._serve()
        if future.done():
            return
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():  # the room came in the same moment
                self._back(tokens)
            self._serve()
            raise

    def slot(self, tokens: int = 0, priority: int = 0) -> Slot:
        """Room for a call of about ``tokens`` tokens, for ``async with``; smaller priorities first, then first come."""
        return Slot(self, tokens, priority)

    def leave(self) -> None:
        """A call has ended."""
        self.flight -= 1
        self._deaf = max(self._deaf - 1, 0)
        self._serve()

    def well(self) -> None:
        """A call succeeded. Grow: by one until the first refusal, later by one a ``limit`` successes."""
        if not self._fixed:
            self.limit = min(self.limit + (1 if self._growing else 1 / self.limit), MOST)
            self._serve()

    def limited(self, after: float | None = None) -> None:
        """A call was refused for its rate. Halve what was in flight, once a round of calls.

        Nothing is sent for ``after`` seconds, where the provider said so.
        """
        if after is not None:
            self._opens = max(self._opens, asyncio.get_running_loop().time() + after)
        if not self._fixed and not self._deaf:
            # Of a limit that was never reached nothing is known: what was refused is what was in flight.
            self.limit = float(max(min(int(self.limit), self.flight) // 2, 1))
            self._growing, self._deaf = False, self.flight

    def _serve(self) -> None:
        """Let in whoever may be sent now; where only time is missing, come back then."""
        loop = asyncio.get_running_loop()
        while self._queue and self.flight < int(self.limit):
            _, _, tokens, future = self._queue[0]
            if future.done():  # whoever waited was cancelled
                heapq.heappop(self._queue)
                continue
            wait = self._wait(loop.time(), tokens)
            if wait > 0:
                self._later(loop, wait)
                return
            heapq.heappop(self._queue)
            self._let(tokens, future)

    def _wait(self, now: float, tokens: int) -> float:
        requests, words = self._buckets
        return max(self._opens - now, requests.wait(now, 1), words.wait(now, tokens))

    def _let(self, tokens: int, future: asyncio.Future[None]) -> None:
        self.flight += 1
        for bucket, size in zip(self._buckets, (1, tokens), strict=True):
            bucket.take(size)
        future.set_result(None)

    def _back(self, tokens: int) -> None:
        self.flight -= 1
        for bucket, size in zip(self._buckets, (1, tokens), strict=True):
            bucket.take(-size)

    def _later(self, loop: asyncio.AbstractEventLoop, wait: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_later(wait, self._serve)


class _Bucket:
    """A token bucket: it fills at an even rate up to its size, and what is sent is taken out of it."""

    def __init__(self, minute: float | None) -> None:
        self._rate = (minute or 0) / 60
        self._size = max((minute or 0) / BURST, 1)
        self._level, self._at = self._size, 0.0

    def wait(self, now: float, size: float) -> float:
        """Seconds until ``size`` may be taken; more than the bucket holds may be taken of a full one."""
        if not self._rate:
            return 0.0
        self._level = min(self._level + (now - self._at) * self._rate, self._size)
        self._at = now
        lacking = min(size, self._size) - self._level
        return lacking / self._rate if lacking > _NEAR * self._size else 0.0

    def take(self, size: float) -> None:
        """Take out what is sent; below zero the next have to wait longer."""
        self._level -= size
