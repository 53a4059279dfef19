"""What a model is to the laboratory: something that is sent messages and says something back, or fails.

Nothing here knows a game. A :class:`Request` is what a provider would be sent, a :class:`Reply` what came back, a
:class:`Fault` that nothing came back that could be used; a fault is never an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

from dilemmas.models.secrets import scrub

Message: TypeAlias = Mapping[str, str]
"""``{"role": "system" | "user" | "assistant", "content": text}``."""


class Key(NamedTuple):
    """Which call this is within a run; two calls of a run never share one.

    ``stage`` is play, inherit or quiz; ``step`` the prompt's name; ``attempt`` counts from 1 and grows only where an
    answer could not be used. Generation, episode, round, ask and seat count from 1; 0 where there is none.
    """

    generation: int
    stage: str
    episode: int
    round: int
    ask: int
    seat: int
    agent: str
    step: str
    attempt: int

    @property
    def words(self) -> str:
        """Which call it is, as errors say it: ``generation 2, episode 3, round 4, seat 1, step choose``."""
        stage = "" if self.stage == "play" else self.stage
        parts = [f"{name} {value}" for name, value in zip(self._fields, self, strict=True) if value and name in _TOLD]
        return ", ".join(part for part in (stage, *parts, f"attempt {self.attempt}" * (self.attempt > 1)) if part)


_TOLD = ("generation", "episode", "round", "seat", "agent", "step")


@dataclass(frozen=True, slots=True)
class Request:
    """What a provider is sent: the model as the experiment names it, the messages, and the sampling settings.

    ``wanted`` gives in plain data what would be a legal answer. Stand-ins call it; it is never sent.
    """

    model: str
    messages: tuple[Message, ...]
    sampling: Mapping[str, Any] = field(default_factory=dict)
    wanted: Callable[[], Mapping[str, Any]] = dict


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of a call, None where the provider did not say; ``reasoning`` is part of ``completion``."""

    prompt: int | None = None
    completion: int | None = None
    reasoning: int | None = None
    cached: int | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model said: its text, and what is known of how it came about.

    ``model`` is the name the provider answered with, ``thought`` reasoning that came apart from the text, ``cost`` is
    in USD and None where the price is unknown, ``latency`` in seconds, ``sent`` the settings as they were sent.
    """

    text: str
    model: str = ""
    finish: str = "stop"
    usage: Usage = Usage()
    cost: float | None = None
    latency: float = 0.0
    fingerprint: str = ""
    thought: str = ""
    sent: Mapping[str, Any] = field(default_factory=dict)
    simulated: bool = False


Trouble: TypeAlias = Literal[
    "rate limit",
    "server error",
    "timeout",
    "connection",
    "malformed reply",
    "authentication",
    "payment",
    "not found",
    "context window",
    "bad request",
]
PASSING: Sequence[Trouble] = ("rate limit", "server error", "timeout", "connection", "malformed reply")
"""Trouble that may be over when the call is made again."""


class Fault(Exception):
    """A provider gave no reply that could be used.

    ``after`` is how many seconds the provider asked to wait; ``billed`` says that the call may have been paid for
    (it was sent, and its end was not seen). ``words`` hold no key.
    """

    def __init__(self, trouble: Trouble, words: str = "", *, after: float | None = None, billed: bool = False) -> None:
        # Scrubbed before it is cut, for half a key would not be recognised.
        self.words = " ".join(scrub(words).split())[:500]
        self.trouble, self.after, self.billed = trouble, after, billed
        super().__init__(f"{trouble}: {self.words}" if self.words else trouble)

    @property
    def passing(self) -> bool:
        """Whether trying again may help."""
        return self.trouble in PASSING


class Speaker(Protocol):
    """Somebody who can be asked: a provider, a server on one's own machine, a stand-in."""

    async def ready(self) -> None:
        """Do what takes long before a first call, so that it is no part of any call; cheap when it was done."""
        ...

    async def say(self, request: Request, timeout: float) -> Reply:
        """One try, without retries, within ``timeout`` seconds; raises Fault."""
        ...

    async def close(self) -> None:
        """Give back connections, in the loop they were made in."""
        ...
