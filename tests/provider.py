"""A provider on loopback that speaks the OpenAI way: real HTTP, replies made of the prompt alone, and every bad habit.

::

    with Provider(brain) as server:
        Remote(server.url)

``brain(messages) -> text`` sees what a model would see. ``schedule`` says which request (from 1) meets which of the
``MISHAPS``: a list (its end: all is well), or a function of the number.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from aiohttp import web

Messages = list[dict[str, str]]
Brain = Callable[[Messages], str]
Schedule = Sequence[str | None] | Callable[[int], str | None]


@dataclass
class Provider:
    """The server, in a thread with a loop of its own; leaves nothing behind at the end of its ``with``.

    ``latency`` is in seconds; ``keep`` bodies and headers are kept, ``requests`` counts all. Attributes may be changed
    while it runs.
    """

    brain: Brain = lambda messages: "ANSWER: 1"
    schedule: Schedule = ()
    latency: float = 0.0
    retry_after: str = "0.01"
    slow: float = 50
    thought: str = ""
    keep: int = 1000
    requests: int = 0
    in_flight: int = 0
    most: int = 0
    bodies: deque[dict[str, Any]] = field(default_factory=deque)
    headers: deque[Mapping[str, str]] = field(default_factory=deque)
    url: str = ""

    def __enter__(self) -> Provider:
        self.bodies, self.headers = deque(self.bodies, self.keep), deque(self.headers, self.keep)
        self._ready, self._loop = threading.Event(), asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._over = asyncio.Event()
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_get("/v1/models", self._models)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        self._ready.set()
        await self._over.wait()
        await runner.cleanup()

    async def _models(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"object": "list", "data": [{"id": "tiny", "object": "model", "owned_by": "tests"}]})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.requests += 1
        mishap = self._mishap(self.requests)
        self.bodies.append(body)
        self.headers.append(dict(request.headers))
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        try:
            if self.latency:
                await asyncio.sleep(self.latency * (self.slow if mishap == "slow" else 1))
            if mishap in (None, "slow"):
                return web.json_response(self.completion(body))
            return await MISHAPS[mishap](self, request, body)
        finally:
            self.in_flight -= 1

    def _mishap(self, number: int) -> str | None:
        if callable(self.schedule):
            return self.schedule(number)
        return self.schedule[number - 1] if number <= len(self.schedule) else None

    def completion(self, body: Mapping[str, Any], **choice: Any) -> dict[str, Any]:
        """A whole chat completion; ``choice`` replaces its ``content`` or ``finish_reason``."""
        text = choice.pop("content", ...)
        text = self.brain(body["messages"]) if text is ... else text
        message = {"role": "assistant", "content": text}
        if self.thought:
            message["reasoning_content"] = self.thought
        prompt, said = sum(len(one["content"]) for one in body["messages"]) // 4 + 1, len(text or "") // 4 + 1
        return {
            "id": f"chatcmpl-{self.requests}",
            "object": "chat.completion",
            "created": 1_700_000_000,
            "model": f"{body['model']}-0701",
            "system_fingerprint": "fp_loopback",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop", **choice}],
            "usage": {
                "prompt_tokens": prompt,
                "completion_tokens": said,
                "total_tokens": prompt + said,
                "prompt_tokens_details": {"cached_tokens": 1},
                "completion_tokens_details": {"reasoning_tokens": 2 if self.thought else 0},
            },
        }


def every(count: int, mishap: str) -> Callable[[int], str | None]:
    """A schedule: one request in ``count`` meets a mishap."""
    return lambda number: mishap if number % count == 0 else None


def last(messages: Messages) -> str:
    """What the player was asked last."""
    return messages[-1]["content"]


def marker_options(text: str, marker: str = "ANSWER") -> list[str]:
    """The options that a prompt says may follow the marker, in the order in which it names them."""
    said = re.findall(rf"{marker}: followed by one of these: ([^;\n]+?)(?:;|\.?$)", text, re.MULTILINE)
    return [option.removesuffix(" and a number") for option in said[-1].split(", ")] if said else []


def marker_range(text: str) -> tuple[float, float]:
    """The least and the greatest number that a prompt says may be given."""
    low, high = re.findall(r"from (-?[\d.]*\d) to (-?[\d.]*\d)", text)[-1]
    return float(low), float(high)


def _failure(status: int, words: str, kind: str = "", **headers: str) -> web.Response:
    body = {"error": {"message": words, "type": kind or "error", "param": None, "code": kind or None}}
    return web.json_response(
        body, status=status, headers={name.replace("_", "-"): is_ for name, is_ in headers.items()}
    )


Mishap = Callable[[Provider, web.Request, dict[str, Any]], Awaitable[web.StreamResponse]]


def _fails(status: int, words: str, kind: str = "") -> Mishap:
    async def mishap(server: Provider, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return _failure(status, words.format(key=key), kind)

    return mishap


def _instead(**choice: Any) -> Mishap:
    async def mishap(server: Provider, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        return web.json_response(server.completion(body, **choice))

    return mishap


def _body(change: Callable[[dict[str, Any]], Any]) -> Mishap:
    async def mishap(server: Provider, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        made = server.completion(body)
        return web.json_response(change(made) or made)

    return mishap


async def _limited(server: Provider, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    return _failure(429, "too many requests", "rate_limit_exceeded", Retry_After=server.retry_after)


async def _hang(server: Provider, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    await server._over.wait()
    return web.Response(status=500)


async def _dropped(server: Provider, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def _halfway(server: Provider, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    text = json.dumps(server.completion(body)).encode()
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(text))})
    await response.prepare(request)
    await response.write(text[: len(text) // 2])
    return await _dropped(server, request, body)


async def _truncated(server: Provider, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    text = json.dumps(server.completion(body))
    return web.Response(text=text[: len(text) // 2], content_type="application/json")


async def _trickle(server: Provider, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    """White space without an end, as some gateways send to keep a connection open."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    while not server._over.is_set():
        await response.write(b" ")
        await asyncio.sleep(0.02)
    return response


async def _html(server: Provider, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    return web.Response(text="<html><body><h1>Bad gateway</h1></body></html>", content_type="text/html")


async def _html_error(server: Provider, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    return web.Response(status=502, text="<html><h1>502 Bad gateway</h1></html>", content_type="text/html")


MISHAPS: dict[str, Mishap] = {
    "429": _fails(429, "too many requests", "rate_limit_exceeded"),
    "429 wait": _limited,
    "quota": _fails(429, "You exceeded your current quota, check your plan", "insufficient_quota"),
    "500": _fails(500, "something broke"),
    "503": _fails(503, "overloaded"),
    "at capacity": _fails(503, "all servers are at capacity"),
    "html 502": _html_error,
    "401": _fails(401, "Incorrect API key provided: {key}.", "invalid_api_key"),
    "402": _fails(402, "Insufficient balance", "insufficient_balance"),
    "403": _fails(403, "Your key may not use this model"),
    "404": _fails(404, "The model does not exist", "model_not_found"),
    "400": _fails(400, "temperature must be at most 2", "invalid_value"),
    "422": _fails(422, "extra inputs are not permitted", "invalid_value"),
    "too long": _fails(400, "This model's maximum context length is 8192 tokens.", "context_length_exceeded"),
    "filtered": _fails(400, "The response was filtered due to our content management policy.", "content_filter"),
    "hang": _hang,
    "trickle": _trickle,
    "dropped": _dropped,
    "halfway": _halfway,
    "truncated": _truncated,
    "html": _html,
    "no choices": _body(lambda made: made.update(choices=[])),
    "no message": _body(lambda made: made["choices"][0].pop("message") and None),
    "wrong schema": _body(lambda made: {"result": "ANSWER: 1"}),
    "a list": _body(lambda made: [1, 2]),
    "error inside": _body(lambda made: {"error": {"message": "upstream broke", "code": 502}}),
    "no content": _instead(content=None),
    "refusal": _instead(content="I'm sorry, but I can't help with that."),
    "cut": _instead(content="Let me think about", finish_reason="length"),
}
"""What may go wrong, by name; ``slow`` (latency times ``Provider.slow``) is one more."""
