"""Models through the real litellm and through the direct path, over real HTTP, with a server that misbehaves."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from provider import Provider, every, last, marker_options

from dilemmas.models import chat, remote
from dilemmas.models.remote import Remote
from dilemmas.models.speaker import Fault, Reply, Request, Speaker, Usage
from dilemmas.models.speakers import speaker

ASKED = "Which? End your reply with one line that says ANSWER: followed by one of these: J, F."
KEY = "sk-planted-0123456789abcdef"
# litellm's two ways to a server (the OpenAI client, and its own), and the path without litellm.
MODELS = ["openai/tiny", "hosted_vllm/tiny", "local/tiny"]
BILLED = True

FAULTS = {
    "429": ("rate limit", False, "too many requests"),
    "429 wait": ("rate limit", False, "too many requests"),
    "quota": ("payment", False, "quota"),
    "500": ("server error", False, "something broke"),
    "503": ("server error", False, "overloaded"),
    "html 502": ("server error", False, "Bad gateway"),
    "401": ("authentication", False, "Incorrect API key"),
    "402": ("payment", False, "Insufficient balance"),
    "403": ("authentication", False, "may not use this model"),
    "404": ("not found", False, "does not exist"),
    "400": ("bad request", False, "at most 2"),
    "422": ("bad request", False, "not permitted"),
    "too long": ("context window", False, "8192"),
    "hang": ("timeout", BILLED, ""),
    "trickle": ("timeout", BILLED, ""),
    "dropped": ("connection", BILLED, ""),
    "halfway": ("connection", BILLED, ""),
    "truncated": ("malformed reply", BILLED, ""),
    "html": ("malformed reply", BILLED, ""),
    "no choices": ("malformed reply", BILLED, "choices"),
    "no message": ("malformed reply", BILLED, ""),
    "wrong schema": ("malformed reply", BILLED, ""),
    "a list": ("malformed reply", BILLED, ""),
    "error inside": ("server error", BILLED, "upstream broke"),
}


@pytest.fixture(scope="module")
def well() -> Iterator[Provider]:
    """One server for many tests; each says what goes wrong, and counts from nothing."""
    with Provider(lambda messages: "ANSWER: J") as server:
        yield server


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """The first call of a process takes a second more than a short timeout allows."""
    with Provider() as server:
        for model in MODELS:
            one(server, model)


@pytest.fixture(autouse=True)
def silence(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    yield
    assert capfd.readouterr() == ("", "")


def test_a_call_that_is_cut_off_before_it_is_sent_leaves_no_warning() -> None:
    with Provider() as server:
        fault, _ = failing(server, "openai/tiny", 1e-9)
        gc.collect()  # a warning here would be an error
        assert fault.trouble == "timeout" and server.requests == 1


def test_litellm_is_loaded_before_the_first_call(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    monkeypatch.setattr(remote, "_litellm", lru_cache(1)(lambda: loaded.append(threading.current_thread().name)))
    with_it = Remote()
    assert not loaded
    asyncio.run(with_it.ready())
    assert len(loaded) == 1 and loaded != [threading.main_thread().name]


def asked(text: str, to: str, /, **sampling: Any) -> Request:
    return Request(to, ({"role": "system", "content": "Be brief."}, {"role": "user", "content": text}), sampling)


def one(server: Provider, model: str, /, **sampling: Any) -> Reply:
    async def talk() -> Reply:
        with_it = speaker(model, server.url)
        try:
            return await with_it.say(asked(ASKED, model, **sampling), 60)
        finally:
            await with_it.close()

    return asyncio.run(talk())


def failing(server: Provider, model: str, timeout: float = 5, /, **sampling: Any) -> tuple[Fault, Reply]:
    """The fault of the first call and the reply of the next, of one speaker."""

    async def talk() -> tuple[Fault, Reply]:
        with_it = speaker(model, server.url)
        try:
            async with asyncio.timeout(timeout + 10):  # a speaker that forgets the time ends in an error of its own
                with pytest.raises(Fault) as caught:
                    await with_it.say(asked(ASKED, model, **sampling), timeout)
            return caught.value, await with_it.say(asked(ASKED, model), 5)
        finally:
            await with_it.close()

    return asyncio.run(talk())


def unsent(with_it: Speaker, request: Request) -> Fault:
    """The fault of a call that cannot be made."""

    async def talk() -> Fault:
        try:
            with pytest.raises(Fault) as caught:
                await with_it.say(request, 5)
        finally:
            await with_it.close()
        return caught.value

    return asyncio.run(talk())


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("mishap", FAULTS)
def test_what_goes_wrong_is_a_fault_of_its_kind_and_never_a_reply(well: Provider, mishap: str, model: str) -> None:
    trouble, billed, words = FAULTS[mishap]
    well.requests, well.schedule = 0, [mishap]
    fault, reply = failing(well, model, 0.3 if mishap in ("hang", "trickle") else 5)
    assert well.requests == 2  # the one that failed, without a retry of anybody's, and the one that did not
    assert (fault.trouble, fault.billed) == (trouble, billed)
    assert words in fault.words
    assert fault.after == (0.01 if mishap == "429 wait" else None)
    assert "Traceback" not in fault.words and "litellm" not in fault.words
    assert reply.text == "ANSWER: J"


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("mishap", "text", "finish"),
    [
        ("no content", "", "stop"),
        ("refusal", "I'm sorry, but I can't help with that.", "stop"),
        ("cut", "Let me think about", "length"),
        ("filtered", "", "content_filter"),
    ],
)
def test_what_a_model_does_not_want_to_say_is_data(mishap: str, text: str, finish: str, model: str) -> None:
    with Provider(schedule=[mishap]) as server:
        reply = one(server, model)
    assert (reply.text, reply.finish) == (text, finish)


@pytest.mark.parametrize("model", MODELS)
def test_a_reply_tells_everything_that_is_known_of_it(model: str) -> None:
    with Provider(lambda messages: marker_options(last(messages))[0], thought="I wonder.") as server:
        reply = one(server, model, temperature=0.5, seed=7)
        body, headers = server.bodies[-1], server.headers[-1]
    assert (reply.text, reply.model, reply.finish) == ("J", "tiny-0701", "stop")
    assert (reply.thought, reply.fingerprint) == ("I wonder.", "fp_loopback")
    assert (reply.usage.prompt, reply.usage.completion) == ((len(ASKED) + 9) // 4 + 1, 1)
    assert (reply.usage.reasoning, reply.usage.cached) == (2, 1)
    assert reply.latency > 0 and reply.cost is None and not reply.simulated
    assert (body["model"], body["temperature"], body["seed"]) == ("tiny", 0.5, 7)
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert reply.sent == {"temperature": 0.5, "seed": 7}
    assert not {"stream", "n", "user", "max_tokens"} & set(body)
    assert "Authorization" not in headers or "planted" not in headers["Authorization"]


@pytest.mark.parametrize("model", MODELS)
def test_a_key_that_a_provider_repeats_is_in_no_words(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "HOSTED_VLLM_API_KEY", "LOCAL_API_KEY"):
        monkeypatch.setenv(name, KEY)
    with Provider(schedule=["401"]) as server:
        fault, reply = failing(server, model)
        assert server.headers[0]["Authorization"] == f"Bearer {KEY}"  # so the server did repeat it
    assert KEY not in str(fault) and KEY not in repr(fault.args) and KEY not in repr(reply)
    assert "Incorrect API key" in fault.words


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "sampling",
    [
        {"api_base": "http://elsewhere.example/v1"},
        {"base_url": "http://elsewhere.example/v1"},
        {"api_key": "x"},
        {"mock_response": "ANSWER: J"},
        {"fallbacks": ["openai/other"]},
        {"num_retries": 3},
        {"drop_params": True},
        {"model": "openai/other"},
        {"extra_body": {"messages": []}},
        {"extra_body": {"model": "other"}},
        {"extra_body": {"max_tokens": 100_000}},
        {"extra_body": ["a list"]},
        {"n": 8},
    ],
)
def test_no_setting_of_a_file_changes_who_is_asked_what(sampling: dict[str, Any], model: str) -> None:
    with Provider() as server:
        fault, _ = failing(server, model, **sampling)
        assert server.requests == 1  # the one after it
    name = next(iter(sampling))
    assert fault.trouble == "bad request" and not fault.billed and name in fault.words


@pytest.mark.parametrize("model", MODELS)
def test_other_fields_of_the_body_go_under_extra_body(model: str) -> None:
    with Provider() as server:
        one(server, model, extra_body={"guided_choice": ["J", "F"]}, max_tokens=50)
        body = server.bodies[-1]
    assert (body["guided_choice"], body["max_tokens"]) == (["J", "F"], 50)
    assert "extra_body" not in body


@pytest.mark.parametrize("model", MODELS)
def test_many_calls_at_once_each_get_their_own_reply(model: str) -> None:
    async def talk(server: Provider) -> list[Reply]:
        with_it = speaker(model, server.url)
        calls = [with_it.say(asked(f"I am {number}.", model), 10) for number in range(100)]
        try:
            return await asyncio.gather(*calls)
        finally:
            await with_it.close()

    with Provider(lambda messages: last(messages)[5:-1], every(50, "slow"), latency=0.005) as server:
        replies = asyncio.run(talk(server))
    assert [reply.text for reply in replies] == [str(number) for number in range(100)]


@pytest.mark.parametrize("model", MODELS)
def test_nobody_listening_is_not_billed(model: str) -> None:
    with Provider() as server:
        gone = server.url
    fault = unsent(speaker(model, gone), asked(ASKED, model))
    assert (fault.trouble, fault.billed) == ("connection", False)
    try:
        raise RuntimeError("of somebody else")
    except RuntimeError:
        again = unsent(speaker(model, gone), asked(ASKED, model))
    assert "onnect" in fault.words and "onnect" in again.words


@pytest.mark.parametrize("model", MODELS)
def test_a_speaker_that_was_closed_speaks_again(model: str) -> None:
    async def talk(server: Provider) -> list[str]:
        with_it, said = speaker(model, server.url), []
        for _ in range(2):
            said.append((await with_it.say(asked(ASKED, model), 5)).text)
            await with_it.close()
        await with_it.close()
        return said

    with Provider() as server:
        assert asyncio.run(talk(server)) == ["ANSWER: 1"] * 2


@pytest.mark.parametrize("model", MODELS)
def test_text_that_no_file_can_hold_is_mended(model: str) -> None:
    with Provider(lambda messages: "\ud800 \x1b[31m\x00 ANSWER: J") as server:
        reply = one(server, model)
    assert reply.text.encode() and reply.text == "\ufffd \x1b[31m\x00 ANSWER: J"


@pytest.mark.parametrize("model", MODELS)
def test_a_date_to_wait_for_is_read_by_the_clock_of_who_sent_it(model: str) -> None:
    from datetime import UTC, datetime, timedelta

    with Provider(schedule=["429 wait"]) as server:
        server.retry_after = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
        fault, _ = failing(server, model)
    assert fault.after is not None and 80 < fault.after <= 91


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:30 GMT", "date": "Wed, 21 Oct 2015 07:28:00 GMT"}, 30.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert chat.after(headers) == seconds


def test_cost_is_that_of_the_price_map_and_unknown_where_it_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    with Provider(thought="I wonder.") as server:
        own = one(server, "openai/gpt-4o-mini")
        monkeypatch.setattr(remote, "private", lambda url: False)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        known, unknown = one(server, "openai/gpt-4o-mini"), one(server, "openai/tiny")
    assert own.cost is None, "what a server of one's own costs no price map knows"
    found = remote.price("openai/gpt-4o-mini")
    assert found is not None and known.cost is not None and unknown.cost is None
    whole = known.usage.prompt * found.input + known.usage.completion * found.output
    assert 0.9 * whole < known.cost <= whole  # a cached token is cheaper
    assert remote.price("openai/tiny") is None and remote.price("nonsense") is None


def test_the_loggers_of_litellm_are_quiet() -> None:
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        logging.getLogger(name).critical("the request failed")  # the fixture sees what is printed


def test_a_cost_that_the_price_map_does_not_explain_is_unknown() -> None:
    made = type("Made", (), {"_hidden_params": {"response_cost": 0.0}})()
    reply = Reply("J", usage=Usage(5, 5))
    assert remote._with_cost(reply, made, "openai/tiny").cost is None
    assert remote._with_cost(reply, made, "openai/gpt-4o").cost == 0.0


def test_what_is_known_of_a_model_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Any] = []  # that it was tried is what counts: litellm catches the error and goes on

    def connect(*given: Any, **named: Any) -> None:
        tried.append(given)
        raise OSError("there is no network")

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket, "getaddrinfo", connect)
    words = ({"role": "user", "content": "How many words are these?"},)
    for model in ("openai/gpt-4o", "ollama/llama3.2:3b", "together_ai/meta-llama/Llama-3-8b-chat-hf", "openai/tiny"):
        assert 5 <= remote.count(model, words) <= 20
        remote.price(model)
        remote.capabilities(model)
    known, unknown = remote.capabilities("openai/gpt-4o"), remote.capabilities("openai/tiny")
    assert known["known"] and known["schema"] and known["context"] == 128000 and "temperature" in known["settings"]
    assert not unknown["known"] and unknown["context"] is None
    assert not tried
    assert remote.supports_schema("gpt-4o") and not remote.supports_schema("openai/tiny")


def test_a_setting_that_the_provider_does_not_take_is_named() -> None:
    fault = unsent(Remote(), asked(ASKED, "anthropic/claude-sonnet-4-5", frequency_penalty=1))
    assert fault.trouble == "bad request" and not fault.billed
    assert "frequency_penalty" in fault.words and "Leave the setting out" in fault.words
    assert "drop_params" not in fault.words


@pytest.mark.parametrize(
    ("model", "trouble"),
    [
        ("openai/gpt-4o", "authentication"),
        ("anthropic/claude-sonnet-4-5", "authentication"),
        ("gemini/gemini-2.5-pro", "authentication"),
        ("nonsense", "bad request"),
        ("nonsense/x", "bad request"),
    ],
)
def test_what_cannot_be_sent_is_said_and_not_billed(model: str, trouble: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.endswith("_API_KEY")]:
        monkeypatch.delenv(name)
    fault = unsent(Remote(), asked(ASKED, model))
    assert (fault.trouble, fault.billed) == (trouble, False)
    assert fault.words


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("http://127.0.0.1:8000/v1", True),
        ("http://localhost:8000/v1", True),
        ("http://[::1]:8000/v1", True),
        ("http://192.168.1.7:11434", True),
        ("http://gpu-node:8000/v1", True),
        ("http://gpu.lan/v1", True),
        ("https://api.openai.com/v1", False),
        ("https://8.8.8.8/v1", False),
        ("https://localhost.example.com/v1", False),
    ],
)
def test_only_servers_of_ones_own_are_called_without_a_key(
    url: str, own: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert remote.private(url) is own
    assert Remote(url)._keyless("openai/tiny") is own
    assert not Remote(url)._keyless("anthropic/tiny")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert not Remote(url)._keyless("openai/tiny")


def test_a_cancelled_call_leaves_nothing_behind() -> None:
    async def talk(server: Provider) -> None:
        for model in MODELS:
            with_it = speaker(model, server.url)
            call = asyncio.create_task(with_it.say(asked(ASKED, model), 30))
            before = server.requests
            while server.requests == before:
                await asyncio.sleep(0.005)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            await with_it.close()

    with Provider(schedule=lambda number: "hang") as server:
        asyncio.run(talk(server))


def test_litellm_is_loaded_by_the_first_call_only() -> None:
    code = (
        "import sys; from dilemmas.models import chat, direct, rehearsal, remote, speakers;"
        "speakers.speaker('openai/x'); speakers.speaker('local/x', 'http://localhost/v1');"
        "print([name for name in ('litellm', 'aiohttp', 'httpx', 'openai') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"


SCRIPT = """
import asyncio, sys
from dilemmas.models.speaker import Fault, Request
from dilemmas.models.speakers import speaker

async def main():
    for model in ("openai/tiny", "hosted_vllm/tiny", "ollama/tiny", "local/tiny"):
        with_it = speaker(model, sys.argv[1])
        for _ in range(4):
            try:
                await with_it.say(Request(model, ({"role": "user", "content": "Hi."},)), 0.4)
            except Fault:
                pass
        await with_it.close()

asyncio.run(main())
"""


@pytest.mark.slow
def test_nothing_is_printed_to_the_very_end_of_a_process(tmp_path: Path) -> None:
    tmp_path.joinpath("talk.py").write_text(SCRIPT, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    with Provider(schedule=lambda number: (None, "hang", "500", "no message")[number % 4]) as server:
        done = subprocess.run(
            [sys.executable, "-X", "dev", "-W", "default", "talk.py", server.url],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
    # Development mode reports slow steps of the loop; everything else would be litellm's, or a client left open.
    noise = [line for line in done.stderr.splitlines() if not line.startswith("Executing <")]
    assert (done.returncode, done.stdout, noise) == (0, "", [])
