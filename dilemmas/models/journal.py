"""The journal of a run: every reply is written down before it is used, and served from there when it is asked again.

It is the transcript, the memory and the way back: a run that was stopped starts again from its seed, is given the
journalled replies, and goes on live where they end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dilemmas.errors import ResultsError, SpecError
from dilemmas.models.changes import changed
from dilemmas.models.lines import Lines, dumps
from dilemmas.models.money import amount, count
from dilemmas.models.secrets import cover
from dilemmas.models.speaker import Fault, Key, Reply, Request, Usage

CALLS, RETRIES = "calls.jsonl", "retries.jsonl"
_WIDE = 32  # bits of a place that say how long a line is; the rest is where it starts


@dataclass(frozen=True)
class Totals:
    """What a journal holds: ``calls`` that gave a reply, ``retries`` (tries that gave none), tokens and USD.

    Tokens and ``cost`` are None where those of any call are unknown; ``reasoning`` counts what was told of it, and
    ``simulated`` the calls that a stand-in answered.
    """

    calls: int = 0
    retries: int = 0
    prompt: int | None = 0
    completion: int | None = 0
    reasoning: int = 0
    cost: float | None = 0.0
    simulated: int = 0


class Journal:
    """The calls of one run, in ``calls.jsonl`` of its folder, and tries that failed, in ``retries.jsonl``.

    Without a folder nothing is kept and nothing found. Of earlier commands' calls only the places are in memory, of
    this command's a number each. Raises ResultsError for a damaged file, and for one that has a call twice.
    """

    def __init__(self, folder: Path | None) -> None:
        self._calls = Lines(folder / CALLS) if folder else None
        self._retries = Lines(folder / RETRIES) if folder else None
        self._places: dict[bytes, int] = {}
        self._made: set[int] = set()
        self._sums = _Sums()
        if self._calls is not None:
            self._index(self._calls)
        self._sums.retries = sum(1 for _ in self._retries or ())

    def find(self, key: Key, request: Request) -> Reply | None:
        """The reply that an earlier command was given to this call; None where it was not made yet.

        Raises ResultsError that says what changed where another request was journalled under the key.
        """
        if hash(key) in self._made:
            raise RuntimeError(f"a call is asked twice in one command: {key}")
        place = self._places.get(_short(key)) if self._places else None
        if place is None or self._calls is None:
            return None
        entry = self._calls.at(place >> _WIDE, place & (1 << _WIDE) - 1)
        if entry is None or entry.get("key") != _fields(key):
            raise ResultsError("the journal was changed while it was read", where=str(self._calls.path))
        if entry["digest"] != digest(request):
            raise changed(entry, request, f"{self._calls.path}: {key.words}")
        return reply(entry)

    def attempts(self, key: Key) -> int:
        """How many attempts at this call, whatever ``key.attempt`` is, earlier commands have journalled."""
        number = 0
        while _short(key._replace(attempt=number + 1)) in self._places:
            number += 1
        return number

    def add(self, key: Key, request: Request, reply: Reply) -> None:
        """Write a reply down, in one write of one line; RuntimeError for a key that is there already.

        FileError where the disk does not take it: then the reply may not be used.
        """
        short = hash(key)
        if short in self._made or (self._places and _short(key) in self._places):
            raise RuntimeError(f"a call is journalled twice: {key}")
        if self._calls is not None:
            self._calls.append(_entry(key, request, reply))
        self._made.add(short)
        self._sums.add(reply.usage, reply.cost, reply.simulated)

    def retried(self, key: Key, request: Request, fault: Fault, seconds: float) -> None:
        """Note a try that gave no reply and took ``seconds``; it is counted, and never served."""
        self._sums.retries += 1
        if self._retries is not None:
            told = {"model": request.model, "trouble": fault.trouble, "words": fault.words, "after": fault.after}
            told |= {"billed": fault.billed, "seconds": round(seconds, 6), "time": _now()}
            self._retries.append({"key": _fields(key), **told})

    def totals(self) -> Totals:
        """What the files hold, of this command and of earlier ones; does not depend on the order of calls."""
        return self._sums.totals()

    def close(self) -> None:
        """Give back the files; a reply that still comes is written all the same."""
        for lines in (self._calls, self._retries):
            if lines is not None:
                lines.close()

    def _index(self, calls: Lines) -> None:
        for line in calls:
            key = _key(line.entry)
            if key is None:
                raise calls.broken(line.number, "it is not a call")
            short = _short(key)
            if short in self._places:
                raise calls.broken(line.number, f"the call is in the journal twice ({key.words})")
            self._places[short] = line.offset << _WIDE | line.length
            self._sums.add(Usage(**line.entry["usage"]), line.entry["cost"], line.entry["simulated"])


def entries(folder: Path, name: str = CALLS) -> Iterator[Mapping[str, Any]]:
    """All lines of a run's ``calls.jsonl`` or ``retries.jsonl``, for readers: nothing is mended or locked."""
    return (line.entry for line in Lines(folder / name, mend=False))


def totals(folder: Path) -> Totals:
    """What a run's journal holds, for readers."""
    sums = _Sums(retries=sum(1 for _ in entries(folder, RETRIES)))
    for entry in entries(folder):
        if _key(entry) is not None:
            sums.add(Usage(**entry["usage"]), entry["cost"], entry["simulated"])
    return sums.totals()


def digest(request: Request) -> str:
    """SHA-256 of what the provider is asked: canonical JSON of messages, model and sampling, and nothing else.

    SpecError where a sampling setting is no plain data.
    """
    asked = {"messages": [dict(message) for message in request.messages], "model": request.model}
    try:
        return hashlib.sha256(dumps(asked | {"sampling": dict(request.sampling)}, ordered=True)).hexdigest()
    except (TypeError, ValueError) as error:
        raise SpecError(
            f"sampling settings are sent as JSON, and this is none: {error}",
            where=f"settings of {request.model}",
            expected="numbers, texts, lists and mappings",
        ) from None


def reply(entry: Mapping[str, Any]) -> Reply:
    """The reply of a line of the journal, as it was when it was live."""
    return Reply(
        text=entry["reply"],
        model=entry["answered"],
        finish=entry["finish"],
        usage=Usage(**entry["usage"]),
        cost=entry["cost"],
        latency=entry["latency"],
        fingerprint=entry["fingerprint"],
        thought=entry["thought"],
        sent=entry["sent"],
        simulated=entry["simulated"],
    )


def _entry(key: Key, request: Request, reply: Reply) -> dict[str, Any]:
    usage = reply.usage
    return {
        "key": _fields(key),
        "digest": digest(request),
        "model": request.model,
        "answered": reply.model,
        "messages": [dict(message) for message in request.messages],
        "sampling": cover(request.sampling),
        "sent": cover(reply.sent),
        "reply": reply.text,
        "thought": reply.thought,
        "finish": reply.finish,
        "usage": {name: getattr(usage, name) for name in _USAGE},
        "cost": reply.cost,
        "latency": reply.latency,
        "fingerprint": reply.fingerprint,
        "time": _now(),
        "simulated": reply.simulated,
    }


_USAGE = tuple(part.name for part in fields(Usage))


def _fields(key: Key) -> dict[str, Any]:
    # Numbers may come from arrays, whose integers JSON does not know.
    return {name: part if isinstance(part, str) else int(part) for name, part in key._asdict().items()}


def _key(entry: Mapping[str, Any]) -> Key | None:
    """The key of a line; None where it is no call."""
    try:
        key, usage = Key(**entry["key"]), Usage(**entry["usage"])
    except (KeyError, TypeError):
        return None
    known = (usage.prompt, usage.completion, usage.reasoning, entry.get("cost"))
    numbers = all(part is None or isinstance(part, (int, float)) for part in known)
    return key if numbers and entry.keys() >= _CALL else None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


_CALL = frozenset(_entry(Key(0, "", 0, 0, 0, 0, "", "", 1), Request("", ()), Reply("")))


def _short(key: Key) -> bytes:
    # 16 bytes stand for a key, so that a long journal takes little memory; find compares the whole key.
    text = "\0".join(map(str, key))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


@dataclass
class _Sums:
    """Running sums of the lines; None once a part of it is unknown. Money is counted, so that order is no matter."""

    calls: int = 0
    retries: int = 0
    prompt: int | None = 0
    completion: int | None = 0
    reasoning: int = 0
    cost: int | None = 0
    simulated: int = 0

    def add(self, usage: Usage, cost: float | None, simulated: bool) -> None:
        self.calls += 1
        self.prompt = _plus(self.prompt, usage.prompt)
        self.completion = _plus(self.completion, usage.completion)
        self.reasoning += usage.reasoning or 0
        self.cost = _plus(self.cost, None if cost is None else count(cost))
        self.simulated += simulated

    def totals(self) -> Totals:
        cost = None if self.cost is None else amount(self.cost)
        return Totals(self.calls, self.retries, self.prompt, self.completion, self.reasoning, cost, self.simulated)


def _plus(total: int | None, part: int | None) -> int | None:
    return None if total is None or part is None else total + part
