"""The short way to a server on one's own machine, where it differs; what both ways share is in test_remote.py."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web
from provider import Provider

from dilemmas.errors import UsageError
from dilemmas.models import chat
from dilemmas.models.direct import Direct
from dilemmas.models.rehearsal import Rehearsal
from dilemmas.models.remote import Remote
from dilemmas.models.speaker import Fault, Reply, Request
from dilemmas.models.speakers import provider, speaker

ASKED = Request("local/org/tiny:8b", ({"role": "user", "content": "Say something."},))


@pytest.fixture(autouse=True)
def silence(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    yield
    assert capfd.readouterr() == ("", "")


async def said(url: str, request: Request = ASKED) -> Reply:
    direct = Direct(url)
    try:
        return await direct.say(request, 5)
    finally:
        await direct.close()


def test_the_name_goes_out_as_the_server_calls_the_model() -> None:
    with Provider() as server:
        asyncio.run(said(server.url + "/"))
        assert server.bodies[0]["model"] == "org/tiny:8b"


def test_no_key_but_its_own_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-0123456789")
    monkeypatch.delenv("LOCAL_API_KEY", raising=False)
    with Provider() as server:
        asyncio.run(said(server.url))
        monkeypatch.setenv("LOCAL_API_KEY", "mine-0123456789")
        asyncio.run(said(server.url))
        first, second = server.headers
    assert "Authorization" not in first and "planted" not in str(first)
    assert second["Authorization"] == "Bearer mine-0123456789"


def test_a_redirect_is_not_followed() -> None:
    async def talk(elsewhere: str) -> Fault:
        async def moved(request: web.Request) -> web.Response:
            raise web.HTTPTemporaryRedirect(elsewhere)

        app = web.Application()
        app.router.add_post("/v1/chat/completions", moved)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            with pytest.raises(Fault) as caught:
                await said(f"http://127.0.0.1:{runner.addresses[0][1]}/v1")
        finally:
            await runner.cleanup()
        return caught.value

    with Provider() as server:
        fault = asyncio.run(talk(f"{server.url}/chat/completions"))
        assert server.requests == 0
    assert fault.trouble == "not found" and server.url in fault.words


def test_a_success_without_a_reply_is_tried_again() -> None:
    fault = chat.refused(204, {}, "")
    assert fault.trouble == "malformed reply" and fault.passing and fault.billed


@pytest.mark.parametrize("message", ["J", 5, ["J"], None])
def test_what_is_no_message_is_no_empty_answer(message: Any) -> None:
    with pytest.raises(Fault, match="no message"):
        chat.reply({"choices": [{"message": message}]}, 0.1, {})


def test_one_session_serves_all_calls_and_closing_twice_is_fine() -> None:
    async def talk(server: Provider) -> Any:
        direct = Direct(server.url)
        await asyncio.gather(*(direct.say(ASKED, 5) for _ in range(300)))
        session = direct._session
        assert session is not None
        await direct.close()
        await direct.close()
        return session.closed

    with Provider(latency=0.05) as server:
        assert asyncio.run(talk(server))
        assert server.requests == 300
        assert server.most > 100  # the default of a hundred connections holds nothing back


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://x/v1", ""])
def test_only_an_address_is_an_address(url: str) -> None:
    with pytest.raises(UsageError, match="http://HOST:PORT/v1"):
        Direct(url)


def test_an_address_without_a_host_is_a_fault() -> None:
    with pytest.raises(Fault) as caught:
        asyncio.run(said("http:///v1"))
    assert (caught.value.trouble, caught.value.billed) == ("bad request", False)


@pytest.mark.parametrize(
    ("made", "text"),
    [
        ({"content": "J"}, "J"),
        ({"content": [{"type": "text", "text": "J"}, {"type": "image"}, {"type": "text", "text": "!"}]}, "J!"),
        ({"content": None, "refusal": "I will not."}, "I will not."),
        ({"content": 7}, ""),
        ({}, ""),
    ],
)
def test_content_in_every_shape(made: dict[str, Any], text: str) -> None:
    assert chat.reply({"choices": [{"message": made}]}, 0.0, {}).text == text


@pytest.mark.parametrize("odd", [-1, "8", 1.5, True, None, [], {}])
def test_odd_counts_of_tokens_are_unknown(odd: Any) -> None:
    made = {"prompt_tokens": odd, "completion_tokens": 3, "prompt_tokens_details": odd}
    assert chat.usage(made) == chat.usage({"completion_tokens": 3})


@pytest.mark.parametrize("made", [{}, [], None, "text", 7, {"choices": None}, {"choices": {}}, {"choices": [None]}])
def test_what_is_no_completion_is_malformed(made: Any) -> None:
    with pytest.raises(Fault) as caught:
        chat.reply(made, 0.0, {})
    assert (caught.value.trouble, caught.value.billed) == ("malformed reply", True)


def test_a_reply_that_ended_in_an_error_is_none() -> None:
    with pytest.raises(Fault, match="server error"):
        chat.reply({"choices": [{"message": {"content": "half of"}, "finish_reason": "error"}]}, 0.0, {})


def test_which_speaker_speaks_for_a_model() -> None:
    assert isinstance(speaker("rehearsal", None), Rehearsal)
    assert isinstance(speaker("local/tiny", "http://localhost/v1"), Direct)
    assert isinstance(speaker("openai/gpt-4o", None), Remote)
    assert isinstance(speaker("gpt-4o", "http://localhost/v1"), Remote)
    with pytest.raises(UsageError, match="--base-url"):
        speaker("local/tiny", None)
    with pytest.raises(UsageError, match="names no model"):
        speaker("local/", "http://localhost/v1")


@pytest.mark.parametrize(
    ("model", "lane"),
    [
        ("openai/gpt-4o", "openai"),
        ("ollama/llama3.2:3b", "ollama"),
        ("together_ai/meta/llama", "together_ai"),
        ("gpt-4o-mini", "default"),
        ("/x", "default"),
        ("rehearsal", "rehearsal"),
        ("local/tiny", "local"),
    ],
)
def test_lanes(model: str, lane: str) -> None:
    assert provider(model) == lane
