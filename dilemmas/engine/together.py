"""Many questions at once, of which one may end the whole."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

T = TypeVar("T")


async def together(work: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """What all of it gives, in order; where one fails, the rest is called off and the first cause raised.

    Not ``gather``, which would let the rest go on asking, and paying, for a run that has ended.
    """
    if len(work) == 1:  # without the cost of a task
        return [await work[0]]
    try:
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(one) for one in work]
    except BaseExceptionGroup as group:
        # The first cause is the one to tell; the others were cancelled for it, or are its like.
        raise group.exceptions[0] from None
    return [task.result() for task in running]
