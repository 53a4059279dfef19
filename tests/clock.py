"""A loop whose time passes only when everybody waits, and then at once: waits of minutes take no time in tests."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Selector(selectors.DefaultSelector):  # type: ignore[misc,valid-type]  # its class depends on the platform
    loop: Clock

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise RuntimeError("everybody waits for ever")
        self.loop.now += max(timeout, 0)
        return super().select(0)


class Clock(asyncio.SelectorEventLoop):
    """Starts at 1000 seconds."""

    def __init__(self) -> None:
        self.now = 1000.0
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.now


def run(main: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=Clock) as runner:
        return runner.run(main)


def now() -> float:
    return asyncio.get_running_loop().time() - 1000.0


async def settle() -> None:
    """Let everybody run who can, without time."""
    for _ in range(20):
        await asyncio.sleep(0)
