"""What an experiment would cost: all of it played with a stand-in that gets the real prompts and costs nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dilemmas.models import speakers
from dilemmas.models.rehearsal import Rehearsal
from dilemmas.models.speaker import Key, Message, Reply, Request
from dilemmas.models.spending import Price
from dilemmas.runs.lab import carry_out
from dilemmas.runs.office import price
from dilemmas.runs.preview import CALM, calmed
from dilemmas.runs.watch import Watch
from dilemmas.runs.work import Order
from dilemmas.specs import experiment as spec

SAMPLE = 40  # prompts whose tokens are counted; the rest follow by their bytes
EVERY = 97  # calls from one sampled prompt to the next, once there are enough: no round length divides it
GUESS = 4.0  # bytes to a token, where no tokenizer is known


@dataclass(frozen=True)
class Estimate:
    """What one model would be asked: calls, tokens, and USD from ``low`` to ``high`` (None: its price is unknown).

    ``low`` reckons with replies as short as the stand-in's, ``high`` with all the ``max_tokens`` of every call;
    reasoning that a provider counts apart is in neither. ``counted`` says that a tokenizer counted the sample.
    """

    model: str
    calls: int
    prompt_tokens: int
    reply_low: int
    reply_high: int | None
    low: float | None
    high: float | None
    counted: bool


@dataclass(frozen=True)
class Forecast:
    """The whole of an experiment: its runs, estimates by model, and the longest chain of calls that must follow one
    another, which no concurrency shortens.
    """

    runs: int
    estimates: tuple[Estimate, ...]
    chain: int
    refused: int = 0

    @property
    def calls(self) -> int:
        """Calls of all models."""
        return sum(one.calls for one in self.estimates)


@dataclass
class _Asked:
    calls: int = 0
    bytes: int = 0
    reply_bytes: int = 0
    most: int | None = 0
    sample: list[tuple[Message, ...]] = field(default_factory=list)

    def add(self, request: Request, reply: Reply) -> None:
        if len(self.sample) < SAMPLE and (self.calls < SAMPLE // 2 or self.calls % EVERY == 0):
            self.sample.append(request.messages)
        self.calls += 1
        self.bytes += size(request.messages)
        self.reply_bytes += len(reply.text.encode())
        limit = request.sampling.get("max_tokens", request.sampling.get("max_completion_tokens"))
        self.most = None if self.most is None or limit is None else self.most + int(limit)


@dataclass
class Tally(Watch):
    """Counts calls by model, and how they hang on one another."""

    asked: dict[str, _Asked] = field(default_factory=dict)
    places: dict[str, dict[tuple[int, str, int], dict[tuple[int, int, int, str], int]]] = field(default_factory=dict)

    def heard(self, run: str, key: Key, request: Request, reply: Reply) -> None:
        """Count a call."""
        self.asked.setdefault(request.model, _Asked()).add(request, reply)
        episode = self.places.setdefault(run, {}).setdefault((key.generation, key.stage, key.episode), defaultdict(int))
        episode[key.round, key.ask, key.seat, key.agent] += 1

    @property
    def chain(self) -> int:
        """Calls that must follow one another: seats of an ask, episodes and runs go side by side."""
        return max((sum(_generations(run).values()) for run in self.places.values()), default=0)


def _generations(run: Mapping[tuple[int, str, int], Mapping[tuple[int, int, int, str], int]]) -> dict[Any, int]:
    longest: dict[tuple[int, str], int] = {}
    for (generation, stage, _), episode in run.items():
        asks: dict[tuple[int, int, bool], int] = {}
        for (round_, ask, seat, _), calls in episode.items():
            place = round_, ask, seat == 0  # what nobody in a seat is asked comes between their questions
            asks[place] = max(asks.get(place, 0), calls)
        here = generation, stage
        longest[here] = max(longest.get(here, 0), sum(asks.values()))
    return longest


def size(messages: tuple[Message, ...]) -> int:
    """Bytes of the contents of messages."""
    return sum(len(message["content"].encode()) for message in messages)


class _Sparing(Rehearsal):
    """The stand-in, with amounts so small that no stock is ruined before its time: what lasts is what costs."""

    async def say(self, request: Request, timeout: float) -> Reply:
        """Its answer to a smaller draw where an amount alone is wanted."""
        return await super().say(calmed(request, CALM[-1]), timeout)


def rehearse(order: Order) -> Forecast:
    """Play an experiment with the stand-in for every model, in memory, and say what the models would be asked.

    The stand-in takes little of a stock, so that an episode has all its rounds: models who ruin it earlier cost less.
    """
    tally = Tally()
    free = spec.changed(order.data, {"limits": {}, "concurrency": None, "rates": {}}, order.path)
    done = carry_out(replace(order, data=free, out=None, watch=tally, speaking=lambda model: _Sparing(), spoken=True))
    experiment = order.experiment
    found = [_estimate(model, asked, price(model, experiment)) for model, asked in sorted(tally.asked.items())]
    return Forecast(done.played, tuple(found), tally.chain)


def _estimate(model: str, asked: _Asked, cost: Price | None) -> Estimate:
    each, counted = _per_byte(model, asked)
    prompt, low = round(asked.bytes * each), round(asked.reply_bytes * each)
    return Estimate(
        model,
        asked.calls,
        prompt,
        low,
        asked.most,
        None if cost is None else prompt * cost.input + low * cost.output,
        None if cost is None or asked.most is None else prompt * cost.input + asked.most * cost.output,
        counted,
    )


def _per_byte(model: str, asked: _Asked) -> tuple[float, bool]:
    """Tokens to a byte of a prompt, and whether a tokenizer says so."""
    if speakers.provider(model) in (speakers.REHEARSAL, speakers.LOCAL):
        return 1 / GUESS, False
    from dilemmas.models import remote

    tokens = sum(remote.count(model, messages) for messages in asked.sample)
    return tokens / sum(map(size, asked.sample)), True
