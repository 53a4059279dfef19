"""The short way to a server on one's own machine that speaks the OpenAI way: aiohttp, without litellm in between.

litellm spends some three milliseconds of processor time on a call; a server beside it can be faster than that.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any

from dilemmas.errors import UsageError
from dilemmas.models import chat
from dilemmas.models.speaker import Fault, Reply, Request

if TYPE_CHECKING:
    import aiohttp

PREFIX = "local/"
KEY = "LOCAL_API_KEY"


class Direct:
    """A speaker for ``local/NAME`` at ``base_url``, for example ``http://localhost:8000/v1``.

    ``LOCAL_API_KEY`` of the environment is sent as a bearer token, and no other key. The cost of a call is unknown
    here. Raises UsageError for what is no address.
    """

    def __init__(self, base_url: str) -> None:
        if not base_url.startswith(("http://", "https://")):
            raise UsageError(f"{base_url!r} is no address of a server", expected="http://HOST:PORT/v1")
        self._url = base_url.rstrip("/") + "/chat/completions"
        self._session: aiohttp.ClientSession | None = None

    async def ready(self) -> None:
        """Load aiohttp."""
        import aiohttp  # noqa: F401 - it is loaded here, and used where a call is made

    async def say(self, request: Request, timeout: float) -> Reply:
        """One try within ``timeout`` seconds; raises Fault."""
        sent = chat.settings(request)
        body = {**_spread(sent), "model": request.model.removeprefix(PREFIX), "messages": list(request.messages)}
        data, began = json.dumps(body).encode(), perf_counter()
        status, headers, text = await self._post(data, timeout)
        latency = perf_counter() - began
        if chat.filtered(status, text):
            return chat.withheld(latency, sent)
        if status != 200:
            raise chat.refused(status, headers, text)
        return _read(text, latency, sent)

    async def close(self) -> None:
        """Give back the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _post(self, data: bytes, timeout: float) -> tuple[int, Mapping[str, str], str]:
        import aiohttp

        session = self._session or self._opened()
        limit = aiohttp.ClientTimeout(total=timeout)
        try:
            # A redirect would take the messages, and the key, to somebody who was not named.
            async with session.post(self._url, data=data, timeout=limit, allow_redirects=False) as response:
                return response.status, response.headers, (await response.read()).decode("utf-8", "replace")
        except TimeoutError as error:
            sent = not isinstance(error, aiohttp.ConnectionTimeoutError)
            raise Fault("timeout", f"no reply within {timeout:g} s", billed=sent) from None
        except (aiohttp.ClientError, OSError) as error:
            raise _lost(error) from None

    def _opened(self) -> aiohttp.ClientSession:
        import aiohttp

        headers = {"Content-Type": "application/json"}
        if key := os.environ.get(KEY, "").strip():
            if not key.isprintable() or not key.isascii():
                raise Fault("authentication", f"{KEY} holds characters that no key has")
            headers["Authorization"] = f"Bearer {key}"
        # How many calls are under way is the limiter's to say.
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), headers=headers)
        return self._session


def _spread(sent: Mapping[str, Any]) -> dict[str, Any]:
    """The settings as fields of the body; those that have no name of their own come from ``extra_body``."""
    return {**(sent.get("extra_body") or {}), **{name: value for name, value in sent.items() if name != "extra_body"}}


def _lost(error: Exception) -> Fault:
    import aiohttp

    if isinstance(error, aiohttp.InvalidURL):
        return Fault("bad request", f"no address of a server: {error}")
    sent = not isinstance(error, aiohttp.ClientConnectorError)
    return Fault("connection", str(error) or type(error).__name__, billed=sent)


def _read(text: str, latency: float, sent: Mapping[str, Any]) -> Reply:
    try:
        made = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise chat.malformed(f"no JSON ({error}): {text[:200]}") from None
    if fault := chat.embedded(made):
        raise fault
    return chat.reply(made, latency, sent)
