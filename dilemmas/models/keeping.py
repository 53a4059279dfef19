"""A reply as it is used and kept: so that the journal gives back the very same, and no secret is in it."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import Any

from dilemmas.models.secrets import cover, hide, values
from dilemmas.models.speaker import Reply
from dilemmas.models.spending import Price, finite


class Keeper:
    """Makes replies such that they can be kept; it knows the environment's secrets."""

    def __init__(self) -> None:
        self._size = -1
        self._secrets: tuple[str, ...] = ()

    def keep(self, reply: Reply, price: Price | None) -> Reply:
        """The reply with its cost, where that is known now, as JSON can hold it, and without secrets."""
        if self._size != len(os.environ):  # libraries read key files when they are first used
            self._size, self._secrets = len(os.environ), values()
        return Reply(
            text=self._text(reply.text),
            model=self._text(reply.model),
            finish=self._text(reply.finish),
            usage=reply.usage,
            cost=_cost(reply, price),
            latency=reply.latency if math.isfinite(reply.latency) else 0.0,
            fingerprint=self._text(reply.fingerprint),
            thought=self._text(reply.thought),
            sent=cover(_plain(reply.sent)) if reply.sent else {},
            simulated=reply.simulated,
        )

    def _text(self, text: str) -> str:
        if not text:
            return text
        return hide(text if text.isascii() else _paired(text), self._secrets)


def _cost(reply: Reply, price: Price | None) -> float | None:
    """What the call cost: by a price that was given, else as the provider's price list says, else unknown."""
    if price is not None and (price.given or reply.cost is None):
        return finite(price.of(reply.usage))
    return finite(reply.cost)


def _paired(text: str) -> str:
    """A text whose halves of surrogate pairs, where two stand together, are one character, as JSON reads them."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _plain(value: Any) -> Any:
    """Settings as JSON can hold them; what it cannot hold is told in words."""
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if value is None or isinstance(value, (bool, int)) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return _paired(str(value))
