"""Who goes on next, where many are ready at the same moment."""

from __future__ import annotations

import asyncio
from collections import deque


class Turns:
    """Lets those who come go on one by one, in order, each in a turn of the event loop of its own.

    The loop takes every step of all that are ready before the next step of any. Sixty replies that come at once would
    so all be read before the first of them is followed by another request, and would come at once again.
    """

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._taken = False

    async def next(self) -> None:
        """Wait for a turn; it is there at once where nobody else has just had one."""
        loop = asyncio.get_running_loop()
        if self._taken:
            self._waiting.append(loop.create_future())
            await self._waiting[-1]
        else:
            self._taken = True
            loop.call_soon(self._give)

    def _give(self) -> None:
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():  # else whoever waited was called off
                future.set_result(None)
                asyncio.get_running_loop().call_soon(self._give)
                return
        self._taken = False
