"""What requests cost, or may cost at most; and how the lines of a ledger add up to what a folder has spent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dilemmas.errors import SpecError
from dilemmas.models.lines import Lines
from dilemmas.models.money import count
from dilemmas.models.speaker import Request, Usage

_MESSAGE = 8  # tokens that a message may cost beside its text: its role and its borders
_LIMITS = ("max_tokens", "max_completion_tokens")  # settings that say how long an answer may be


@dataclass(frozen=True)
class Price:
    """USD a token, of the prompt and of what is written; ``given`` where a file says so, against any price list."""

    input: float
    output: float
    given: bool = False

    def of(self, usage: Usage) -> float | None:
        """What a call cost, in USD; None where its tokens are unknown."""
        if usage.prompt is None or usage.completion is None:
            return None
        # Without the last digits of binary fractions, which mean nothing.
        return round(usage.prompt * self.input + usage.completion * self.output, 12)


def prompted(request: Request) -> int:
    """Tokens that the prompt can have at most: none is shorter than a byte of UTF-8."""
    texts = sum(len(message.get("content", "").encode("utf-8", "surrogatepass")) for message in request.messages)
    return texts + _MESSAGE * (len(request.messages) + 1)


def answered(request: Request) -> int | None:
    """Tokens that the answer can have at most; None where the request does not say. SpecError for no whole number."""
    sampling = request.sampling
    given = [sampling[name] for name in _LIMITS if sampling.get(name) is not None]
    for most in given:
        if not isinstance(most, int) or most < 1:
            raise SpecError(
                f"max_tokens is {most!r}", where=f"settings of {request.model}", expected="a whole number from 1 on"
            )
    if not given:
        return None
    several = sampling.get("n")
    return int(max(given)) * (several if isinstance(several, int) else 1)


@dataclass(frozen=True, slots=True)
class Worst:
    """The most that a request can cost, in parts of a USD and in tokens; None where there is no bound."""

    cost: int | None = None
    tokens: int | None = None


def worst(request: Request, price: Price | None) -> Worst:
    """The most that a request can cost: its bytes as tokens, and the longest answer that it allows."""
    most = answered(request)
    if most is None:
        return Worst()
    asked = prompted(request)
    cost = None if price is None else count(asked * price.input + most * price.output)
    return Worst(cost, asked + most)


@dataclass
class Counts:
    """Sums over requests; ``unbounded`` and ``untold`` count those whose cost and tokens have no bound."""

    calls: int = 0
    cost: int = 0
    tokens: int = 0
    unbounded: int = 0
    untold: int = 0

    def add(self, part: Worst, sign: int = 1, calls: int = 1) -> None:
        """Count ``calls`` requests more, or with ``sign`` -1 fewer."""
        self.calls += sign * calls
        self.cost += sign * (part.cost or 0)
        self.tokens += sign * (part.tokens or 0)
        self.unbounded += sign * (part.cost is None)
        self.untold += sign * (part.tokens is None)


@dataclass
class Account:
    """Requests by what became of them.

    ``done`` ended with a known price, or for nothing; ``maybe`` is counted at its worst, for its end was not seen or
    its cost not told; ``held`` is under way. ``unpriced`` counts calls that ended at a price nobody knows.
    """

    done: Counts = field(default_factory=Counts)
    maybe: Counts = field(default_factory=Counts)
    held: Counts = field(default_factory=Counts)
    unpriced: int = 0

    def total(self, name: str) -> int:
        """One of the sums, over all requests."""
        done, maybe, held = getattr(self.done, name), getattr(self.maybe, name), getattr(self.held, name)
        return int(done + maybe + held)

    def hold(self, most: Worst) -> None:
        """A request is about to be sent."""
        self.held.add(most)

    def settle(self, most: Worst, cost: int | None, tokens: int | None) -> None:
        """A request ended with a reply; None for what is not known of it."""
        self.held.add(most, -1)
        self.unpriced += cost is None
        self.done.add(Worst(cost or 0, tokens or 0))
        unknown = Worst(most.cost if cost is None else 0, most.tokens if tokens is None else 0)
        self.maybe.add(unknown, calls=0)

    def release(self, most: Worst, *, billed: bool, sent: bool = True) -> None:
        """A request ended without a reply, or was not sent at all."""
        self.held.add(most, -1)
        if sent:
            (self.maybe if billed else self.done).add(most if billed else Worst(0, 0))

    def lose(self, most: Worst) -> None:
        """A request of an earlier command of which no end was written."""
        self.release(most, billed=True)


def replayed(lines: Lines | None) -> tuple[Account, int]:
    """What the lines of a ledger add up to, and the last number that was given to a reservation."""
    account, last = Account(), 0
    held: dict[int, Worst] = {}
    for line in lines or ():
        try:
            last = max(last, _read(line.entry, account, held))
        except (KeyError, TypeError, ValueError):
            assert lines is not None  # the line is one of them
            raise lines.broken(line.number, "it is no entry of a ledger") from None
    for most in held.values():
        account.lose(most)
    return account, last


def _read(entry: Mapping[str, Any], account: Account, held: dict[int, Worst]) -> int:
    if "reserve" in entry:
        number = int(entry["reserve"])
        held[number] = Worst(_parts(entry["cost"]), entry["tokens"])
        account.hold(held[number])
        return number
    if "settle" in entry:
        account.settle(held.pop(entry["settle"]), _parts(entry["cost"]), entry["tokens"])
    else:
        account.release(held.pop(entry["release"]), billed=entry["billed"], sent=entry["sent"])
    return 0


def _parts(usd: float | None) -> int | None:
    return None if usd is None else count(usd)


def finite(usd: float | None) -> float | None:
    """A cost that can be one; None for what is not a number, infinite or below zero."""
    return usd if usd is not None and 0 <= usd < math.inf else None
