"""Who is ready at the same moment goes on one after the other, and nobody is forgotten."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from dilemmas.engine.turns import Turns


async def _steps(turns: Turns | None, log: list[str], name: int, steps: int) -> None:
    if turns is not None:
        await turns.next()
    for step in range(steps):
        log.append(f"{name} {step}")
        await asyncio.sleep(0)


def _walked(many: int, steps: int, *, turns: bool) -> list[str]:
    """What so many that start at once do, in the order in which they do it."""
    log: list[str] = []

    async def walk() -> None:
        shared = Turns() if turns else None
        await asyncio.gather(*(_steps(shared, log, name, steps) for name in range(many)))

    asyncio.run(walk())
    return log


def test_the_first_is_done_before_the_last_begins() -> None:
    log = _walked(20, 4, turns=True)
    assert log.index("0 3") < log.index("5 0")
    assert log.index("14 3") < log.index("19 0")
    log = _walked(20, 4, turns=False)
    assert log.index("19 0") < log.index("0 1")  # or there would be nothing to see above


@given(st.integers(1, 12), st.integers(1, 4))
def test_everybody_has_a_turn_in_the_order_of_coming(many: int, steps: int) -> None:
    log = _walked(many, steps, turns=True)
    assert [entry for entry in log if entry.endswith(" 0")] == [f"{name} 0" for name in range(many)]
    assert len(log) == many * steps


@given(st.lists(st.booleans(), min_size=1, max_size=12))
def test_who_is_called_off_holds_up_nobody(stays: list[bool]) -> None:
    log: list[str] = []

    async def walk() -> None:
        turns = Turns()
        tasks = [asyncio.create_task(_steps(turns, log, name, 1)) for name in range(len(stays))]
        await asyncio.sleep(0)
        for task, stay in zip(tasks, stays, strict=True):
            if not stay:
                task.cancel()
        await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 10)
        await turns.next()  # and the next comes to a free place

    asyncio.run(walk())
    # The first was let in at once.
    assert log == [f"{name} 0" for name, stay in enumerate(stays) if stay or name == 0]
