"""Any model of any provider, through litellm; the only module that imports it, when the first call is made.

litellm does the talking and nothing else: no retries, no other model in place of the one that was asked, no settings
left out, no cache, no callbacks, nothing printed. Its errors become faults here.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import re
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from dilemmas.errors import UsageError, nearest
from dilemmas.models import chat, quiet
from dilemmas.models.speaker import Fault, Message, Reply, Request
from dilemmas.models.spending import Price

_lock = threading.Lock()


class Remote:
    """A speaker for every model that litellm knows how to reach; ``base_url`` where it is not the provider's own."""

    def __init__(self, base_url: str | None = None) -> None:
        self._base = base_url
        self._used = False

    async def ready(self) -> None:
        """Load litellm, in a thread, once a process."""
        if not _ready():
            await asyncio.to_thread(_litellm)

    async def say(self, request: Request, timeout: float) -> Reply:
        """One try within ``timeout`` seconds; raises Fault."""
        chosen = chat.settings(request)
        await self.ready()
        lite = _litellm()
        self._used = True
        quiet.hush()
        body: dict[str, Any] = {}
        began = perf_counter()
        try:
            # litellm's own timeout is one of silence; this one is of the whole call.
            async with asyncio.timeout(timeout):
                made = await lite.acompletion(**self._call(request, chosen, timeout, body))
        except Exception as error:
            return _failed(error, bool(body), perf_counter() - began, _sent(body, chosen))
        reply = chat.reply(made, perf_counter() - began, _sent(body, chosen))
        own = self._base is not None and private(self._base)  # the price map has the prices of providers
        return reply if own else _with_cost(reply, made, request.model)

    async def close(self) -> None:
        """Give back connections, in the loop they were made in."""
        lite = _ready()
        if lite is None or not self._used:
            return
        from litellm.llms.custom_httpx.async_client_cleanup import close_litellm_async_clients

        await close_litellm_async_clients()  # type: ignore[no-untyped-call]  # litellm says nothing of its type
        # Clients that are closed must not be found again by a later call.
        lite.in_memory_llm_clients_cache.flush_cache()

    def _call(self, request: Request, chosen: dict[str, Any], timeout: float, body: dict[str, Any]) -> dict[str, Any]:
        made = dict(chosen, model=request.model, messages=[dict(message) for message in request.messages])
        made |= {
            "timeout": timeout,
            "max_retries": 0,
            "num_retries": 0,
            "drop_params": False,
            "logger_fn": _noting(body),
        }
        if self._base:
            made["api_base"] = self._base
        if self._keyless(request.model):
            made["api_key"] = "none"  # a server on one's own machine asks for none, the client library insists on one
        return made

    def _keyless(self, model: str) -> bool:
        return bool(
            self._base and model.startswith("openai/") and not os.environ.get("OPENAI_API_KEY") and private(self._base)
        )


def known(model: str, base_url: str | None = None) -> None:
    """Raises UsageError for a name by which litellm finds no provider, with the nearest that it knows."""
    lite = _litellm()
    try:
        lite.get_llm_provider(model, api_base=base_url)
    except lite.BadRequestError:
        before, slash, _ = model.partition("/")
        providers = [str(getattr(one, "value", one)) for one in lite.provider_list]
        raise UsageError(
            f"no provider is known for the model {model!r}",
            expected="PROVIDER/NAME, such as openai/gpt-4o-mini; local/NAME with a base URL; or rehearsal",
            remedy=nearest(before, [*providers, "local"]) if slash else nearest(model, ["rehearsal", *lite.model_list]),
        ) from None


@lru_cache(256)
def private(url: str) -> bool:
    """Whether an address is one of this machine or of a network of one's own."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".local", ".lan", ".internal", ".home.arpa", ".localhost"))


def price(model: str) -> Price | None:
    """What a model's tokens cost, by litellm's price map (USD a token); None where the map does not say."""
    entry = _entry(model)
    found = entry.get("input_cost_per_token"), entry.get("output_cost_per_token")
    return None if found[0] is None or found[1] is None else Price(float(found[0]), float(found[1]))


def capabilities(model: str) -> Mapping[str, Any]:
    """What litellm's map says of a model: ``known``, ``context`` and ``output`` in tokens, ``schema``, ``reasoning``.

    What the map does not say is None; ``settings`` are the sampling settings that the provider takes.
    """
    entry = _entry(model)
    return {
        "known": bool(entry),
        "context": entry.get("max_input_tokens"),
        "output": entry.get("max_output_tokens"),
        "schema": entry.get("supports_response_schema"),
        "reasoning": entry.get("supports_reasoning"),
        "settings": _settings(model),
    }


def supports_schema(model: str) -> bool:
    """Whether a model is known to answer by a JSON schema; False where it is not known."""
    return _entry(model).get("supports_response_schema") is True


def count(model: str, messages: Sequence[Message]) -> int:
    """Tokens of a prompt, by litellm's counter; close to the provider's count, not always equal, and always offline."""
    return int(_litellm().token_counter(model=model, messages=[dict(message) for message in messages]))


def _entry(model: str) -> Mapping[str, Any]:
    # Not get_model_info: for some providers it asks a server.
    known = _litellm().model_cost
    if model in known:
        return dict(known[model])
    before, slash, name = model.partition("/")
    entry = known.get(name, {}) if slash else {}
    return dict(entry) if str(entry.get("litellm_provider", "")).startswith(before) else {}


def _settings(model: str) -> list[str]:
    try:
        known = _litellm().get_supported_openai_params(model=model) or []
    except Exception:  # of many kinds, all of them: not known
        return []
    return sorted(chat.SETTINGS & set(known))


def _ready() -> Any:
    return _litellm() if _litellm.cache_info().currsize else None


@lru_cache(1)
def _litellm() -> Any:
    with _lock:
        # Otherwise it fetches its price map from the network, and reads a file called .env by itself.
        os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
        os.environ.setdefault("LITELLM_MODE", "PRODUCTION")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import litellm
        quiet.quieten(litellm)
    return litellm


def _noting(body: dict[str, Any]) -> Any:
    """What litellm tells of a call: of this only the body that it is about to send is kept, never its headers."""

    def note(told: Mapping[str, Any]) -> None:
        made = (told.get("additional_args") or {}).get("complete_input_dict")
        if isinstance(made, Mapping):
            body.update(made)
        elif made is not None:
            body.setdefault("messages", [])  # sent as a text: that it was sent is known

    return note


def _sent(body: Mapping[str, Any], chosen: Mapping[str, Any]) -> Mapping[str, Any]:
    made = {name: value for name, value in body.items() if name not in ("model", "messages")}
    if len(body) < 2:
        return chosen
    return {name: value for name, value in made.items() if name != "extra_body" or value}


def _with_cost(reply: Reply, made: Any, model: str) -> Reply:
    from dataclasses import replace

    hidden = getattr(made, "_hidden_params", None) or {}
    cost = hidden.get("response_cost")
    if not isinstance(cost, (int, float)) or reply.usage.prompt is None or price(model) is None:
        return reply
    return replace(reply, cost=float(cost))


def _failed(error: Exception, sent: bool, latency: float, settings: Mapping[str, Any]) -> Reply:
    """A reply, where the error is a refusal because of the content; raises the Fault that it is otherwise."""
    lite, chain = _litellm(), tuple(_chain(error))
    response = _response(chain)
    if isinstance(error, lite.ContentPolicyViolationError) or (response and chat.filtered(response[0], response[2])):
        return chat.withheld(latency, settings)
    if isinstance(error, lite.UnsupportedParamsError):
        raise Fault("bad request", f"{_words(error)} Leave the setting out.") from None
    if isinstance(error, lite.ContextWindowExceededError):
        raise Fault("context window", _words(error)) from None
    raise (chat.refused(*response) if response else _silent(error, chain, sent)) from None


def _silent(error: Exception, chain: Sequence[BaseException], sent: bool) -> Fault:
    """The fault of a call that no error of a provider explains: nothing came back, or nothing that could be read."""
    import httpx
    import openai

    sought = not any(isinstance(one, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)) for one in chain)
    if any(isinstance(one, (TimeoutError, httpx.TimeoutException, _litellm().Timeout)) for one in chain):
        return Fault("timeout", _words(error) or "no reply in time", billed=sent and sought)
    # Of exactly this type: litellm's own of that name, which derives from it, stands for any mistake.
    lost = [one for one in chain if isinstance(one, (httpx.TransportError, OSError))]
    if lost or any(type(one) is openai.APIConnectionError for one in chain):
        # The innermost says most; but what stands behind it may be an error that the caller was handling.
        cause = lost[-1] if lost else chain[-1]
        return Fault("connection", _words(cause) or type(cause).__name__, billed=sent and sought)
    status = getattr(error, "status_code", None) or 500
    if not sent:
        return _unsent(status, _words(error))
    # litellm calls what it could not read an internal error, and uses other numbers for an error told within a reply.
    return chat.malformed(_words(error)) if status in (200, 500) else chat.fault(status, "", _words(error), billed=True)


def _unsent(status: int, words: str) -> Fault:
    keyless = re.search(r"api[ _]?key|credential", words, re.IGNORECASE)
    return chat.fault(401 if keyless else status if status < 500 else 400, "", words)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(20):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__


def _response(chain: Sequence[BaseException]) -> tuple[int, Mapping[str, str], str] | None:
    """Status, headers and body of what a provider really sent; litellm's own errors have made-up ones."""
    import httpx

    for error in chain:
        if isinstance(error, httpx.HTTPStatusError):
            answer = error.response
            try:
                return answer.status_code, answer.headers, answer.text
            except (httpx.HTTPError, RuntimeError):
                return answer.status_code, answer.headers, ""
    return None


def _words(error: BaseException) -> str:
    """The words of an error, without the names that litellm puts before them and the traceback behind."""
    text = str(error).split("Traceback (most recent call last)")[0]
    text = re.sub(r"^(?:(?:litellm\.)?\w*(?:Error|Exception|Timeout)\w*(?::| -) )+", "", text)
    text = re.sub(r"To drop these, set.*|To drop unsupported.*|Handle with `litellm.*", "", text, flags=re.DOTALL)
    return text.strip()
