"""Money, calls and tokens of a results folder: reserved before a call is sent, settled when it has ended.

``ledger.jsonl`` has a line before a request goes out (``reserve``) and one after it (``settle``, or ``release`` for a
try that failed). So neither many calls at once nor a process that was killed can overrun a cap: what was reserved and
never settled counts as if it had cost the most it could.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dilemmas.errors import CapReached, ResultsError, SpecError, UsageError
from dilemmas.models.lines import LEDGER, Lines
from dilemmas.models.money import amount, count, dollars
from dilemmas.models.speaker import Request, Usage
from dilemmas.models.spending import Price, Worst, finite, replayed, worst

__all__ = ["LEDGER", "Caps", "Ledger", "Price", "Reservation", "Spent"]


@dataclass(frozen=True)
class Caps:
    """What a results folder may spend in all, by every command that works on it: USD, requests sent, tokens."""

    cost: float | None = None
    calls: int | None = None
    tokens: int | None = None

    def __post_init__(self) -> None:
        for name in ("cost", "calls", "tokens"):
            cap = getattr(self, name)
            if cap is not None and not 0 <= cap < math.inf:
                raise UsageError(f"a cap on {name} of {cap}", expected="a number from 0 on", where=f"limits.{name}")


@dataclass(frozen=True)
class Reservation:
    """Room for one request; ``number`` is its own within the folder, ``worst`` the most that it can cost."""

    number: int
    worst: Worst
    price: Price | None = None


@dataclass(frozen=True)
class Spent:
    """What a folder has spent: ``cost`` in USD of the calls that ended (None: one is of unknown price), ``at_most``
    with everything that may still be charged (None: no bound is known), requests sent, and tokens, at most.
    """

    cost: float | None
    at_most: float | None
    calls: int
    tokens: int


@dataclass(frozen=True)
class _Asked:
    model: str
    worst: Worst
    price: Price | None
    room: asyncio.Future[Reservation]


class Ledger:
    """The ledger of a results folder, or of one command where there is no path; one process at a time has it open.

    Raises UsageError where another command has it open, and ResultsError where the file is damaged.
    """

    def __init__(self, path: Path | None, caps: Caps | None = None) -> None:
        self.caps = caps or Caps()
        self._lines = Lines(path, alone=True) if path else None
        try:
            self._account, self._last = replayed(self._lines)
        except BaseException:
            self.close()
            raise
        self._open: dict[int, Reservation] = {}
        self._waiting: list[tuple[int, int, _Asked]] = []  # a heap: smaller priorities first, then first come
        self._order = itertools.count()
        self._ended = ""  # the cap that was reached

    @property
    def spent(self) -> Spent:
        """What was spent by now, by earlier commands too."""
        account = self._account
        cost = None if account.unpriced else amount(account.done.cost)
        most = None if account.total("unbounded") else amount(account.total("cost"))
        return Spent(cost, most, account.total("calls"), account.total("tokens"))

    @property
    def left(self) -> Mapping[str, float]:
        """What is left of every cap, with everything at its worst whose end is not known."""
        caps, account = self.caps, self._account
        left = {"calls": caps.calls, "tokens": caps.tokens, "cost": caps.cost}
        spent = {name: amount(account.total(name)) if name == "cost" else account.total(name) for name in left}
        return {name: cap - spent[name] for name, cap in left.items() if cap is not None}

    async def reserve(self, request: Request, price: Price | None = None, priority: int = 0) -> Reservation:
        """Room for one request, written down before it is given; waits while calls in flight may give room back.

        Of those who wait, smaller priorities come first, then who came first.

        Raises CapReached where a cap leaves no room, and from then on to everybody; SpecError where it cannot be kept:
        the price must be known under a cap on cost, and the longest answer under one on cost or tokens.
        """
        most = self._worst(request, price)
        if not self._ended and not self._waiting and not self._lacking(most):
            return self._take(request.model, most, price)
        asked = _Asked(request.model, most, price, asyncio.get_running_loop().create_future())
        heapq.heappush(self._waiting, (priority, next(self._order), asked))
        self._admit()
        try:
            return await asked.room
        except asyncio.CancelledError:
            if asked.room.done() and not asked.room.cancelled() and not asked.room.exception():
                self.release(asked.room.result(), billed=False, sent=False)
            self._admit()  # who waited behind may fit
            raise

    def settle(self, reservation: Reservation, usage: Usage, cost: float | None) -> None:
        """A call ended with a reply; a cost that is None is reckoned from the price, or else stays unknown."""
        price = reservation.price
        cost = finite(cost) if cost is not None or price is None else price.of(usage)
        tokens = None if usage.prompt is None or usage.completion is None else usage.prompt + usage.completion
        self._end(reservation, {"cost": cost, "tokens": tokens})

    def release(self, reservation: Reservation, *, billed: bool, sent: bool = True) -> None:
        """A try failed; one that may have been ``billed`` keeps its worst case, any other that was ``sent`` counts as a
        call alone.
        """
        self._end(reservation, {"billed": billed, "sent": sent})

    def close(self) -> None:
        """Give the file back; what is under way counts at its worst when it is opened again."""
        if self._lines is not None:
            self._lines.close()

    def _take(self, model: str, most: Worst, price: Price | None) -> Reservation:
        self._last += 1
        cost = None if most.cost is None else amount(most.cost)
        self._write({"reserve": self._last, "model": model, "cost": cost, "tokens": most.tokens})
        self._account.hold(most)
        made = self._open[self._last] = Reservation(self._last, most, price)
        return made

    def _end(self, reservation: Reservation, how: Mapping[str, Any]) -> None:
        """The one way out of a reservation; what is written is what the next command will add up."""
        if self._open.pop(reservation.number, None) is None:
            raise RuntimeError(f"reservation {reservation.number} was ended twice")
        if "billed" in how:
            self._account.release(reservation.worst, **how)
            self._write({"release": reservation.number, **how})
        else:
            cost = how["cost"]
            self._account.settle(reservation.worst, None if cost is None else count(cost), how["tokens"])
            self._write({"settle": reservation.number, **how})
        self._admit()

    def _write(self, entry: Mapping[str, Any]) -> None:
        if self._lines is not None:
            self._lines.append(entry)

    def _admit(self) -> None:
        """Give room to those who wait, in their order; or tell all of them that there is none."""
        while self._waiting:
            asked = self._waiting[0][-1]
            lacking = self._ended or self._lacking(asked.worst)
            if lacking and not asked.room.done() and self._open and lacking != "calls" and not self._ended:
                return  # what is in flight may cost less than it could
            heapq.heappop(self._waiting)
            if asked.room.done():  # whoever asked was cancelled
                continue
            if not lacking:
                asked.room.set_result(self._take(asked.model, asked.worst, asked.price))
                continue
            self._ended = lacking
            asked.room.set_exception(self._stopped(lacking, asked.worst))

    def _lacking(self, most: Worst) -> str:
        """The cap that leaves no room for a request; the empty string where all do."""
        account, caps = self._account, self.caps
        calls = account.total("calls")
        if caps.calls is not None and calls + 1 > caps.calls:
            return "calls"
        # A part a call of slack: sums are rounded a call, and a cap of exactly n calls must admit n.
        if caps.cost is not None and account.total("cost") + (most.cost or 0) > count(caps.cost) + calls:
            return "cost"
        if caps.tokens is not None and account.total("tokens") + (most.tokens or 0) > caps.tokens:
            return "tokens"
        return ""

    def _worst(self, request: Request, price: Price | None) -> Worst:
        most, caps, where = worst(request, price), self.caps, f"settings of {request.model}"
        if (caps.cost is not None or caps.tokens is not None) and most.tokens is None:
            raise SpecError(
                "a cap cannot be kept where an answer may be of any length",
                where=where,
                expected="max_tokens, the most tokens that an answer may have, such as max_tokens: 1000",
            )
        if caps.cost is not None and most.cost is None:
            raise SpecError(
                "a cap on cost cannot be kept where the price is unknown",
                where=where,
                expected="the model's price",
                remedy="Give its price in the file; or cap --max-calls or --max-tokens.",
            )
        self._known()
        return most

    def _known(self) -> None:
        """Make sure that earlier spending has a bound, where it is capped."""
        for cap, unknown in (("cost", "unbounded"), ("tokens", "untold")):
            if getattr(self.caps, cap) is not None and (calls := self._account.total(unknown)):
                raise ResultsError(
                    f"a cap on {cap} cannot be kept: nobody knows the {cap} of {calls} earlier calls of this folder",
                    where=str(self._lines.path) if self._lines else "",
                    remedy="Cap --max-calls; or give another --out.",
                )

    def _stopped(self, lacking: str, most: Worst) -> CapReached:
        cap, so_far, following = self._told(lacking, most)
        unseen = self._account.maybe.calls
        note = f", counting {unseen} whose end was not seen at their worst" if unseen and lacking != "calls" else ""
        return CapReached(
            f"the cap of {cap} is reached: {so_far} spent{note}, and the next call may take {following}",
            remedy=f"With a higher cap (--max-{lacking} N, or limits.{lacking} in a file) the same command goes on.",
            cap=lacking,
        )

    def _told(self, lacking: str, most: Worst) -> tuple[str, str, str]:
        """The cap, what is spent of it, and what the next call may take, as they are shown."""
        if lacking == "cost":
            spent = amount(self._account.total("cost"))
            return dollars(self.caps.cost or 0), dollars(spent), dollars(amount(most.cost or 0))
        following = 1 if lacking == "calls" else most.tokens or 0
        return f"{getattr(self.caps, lacking):,} {lacking}", f"{self._account.total(lacking):,}", f"{following:,}"
