"""Strangers' Python in a process of its own: whoever takes over a second, or ends it, is withdrawn by name."""

from __future__ import annotations

import multiprocessing
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.connection import Connection
from time import monotonic
from typing import Any

from dilemmas.errors import DilemmasError, RunFailed
from dilemmas.runs import lab
from dilemmas.runs.lab import Done, Order
from dilemmas.runs.result import Result, load

LIMIT = 1.0  # seconds a decision
LOOK = 0.05  # seconds between looks at the process


@dataclass(frozen=True)
class Pulse:
    """What the process shows while it plays: whose decision is being waited for, and how many there were before it."""

    name: Any
    count: Any

    @contextmanager
    def watch(self, name: str) -> Iterator[None]:
        """Around every call of a user's function."""
        self.count.value += 1
        self.name.value = name.encode()[:255]
        try:
            yield
        finally:
            self.name.value = b""


class Withdrawn(Exception):
    """An entry took too long, or ended the process; its name, and what it did, are the arguments."""


def carry_out(
    order: Order, strangers: Mapping[str, str], limit: float = LIMIT, *, lenient: bool = False
) -> tuple[Done, list[str]]:
    """Carry an order out without the strangers who take too long over a decision, or end the process in it.

    ``strangers`` maps names of strategies to their references in the population; ``lenient`` also does without those
    whose code raises an error or answers what is not allowed. One repetition is tried first in memory, so that a folder
    is written for those alone who stay. Returns what was done and a sentence on each withdrawal.
    """
    told: list[str] = []
    play = partial(_without, strangers=strangers, limit=limit, lenient=lenient, told=told)
    gone, _ = play(replace(order, out=None, data={**order.data, "repetitions": 1, "log": "summary"}))
    left = [entry for entry in order.data["population"] if _reference(entry) not in gone]
    _, done = play(replace(order, data={**order.data, "population": left}))
    return done, told


def _without(
    order: Order, strangers: Mapping[str, str], limit: float, lenient: bool, told: list[str]
) -> tuple[set[str], Done]:
    """Play until nobody has to be withdrawn: the references of those who were, and what was done."""
    gone: set[str] = set()
    while True:
        left = [entry for entry in order.data["population"] if _reference(entry) not in gone]
        try:
            return gone, _played(replace(order, data={**order.data, "population": left}), strangers, limit)
        except Withdrawn as error:
            name, why = error.args[0], " ".join(error.args)
        except DilemmasError as error:
            # What a strategy did wrong begins with its name.
            name, why = next((known for known in strangers if error.found.startswith(f"{known} ")), ""), str(error)
            if not (lenient and name):
                raise
        gone.add(strangers[name])
        told.append(f"withdrawn: {why}")


def _reference(entry: Any) -> str:
    return str(entry["strategy"]) if isinstance(entry, Mapping) else str(entry)


def _played(order: Order, strangers: Mapping[str, str], limit: float) -> Done:
    """Carry the order out in a process of its own; raises Withdrawn, and what the order raises."""
    context = multiprocessing.get_context("spawn")
    pulse = Pulse(context.Array("c", 256, lock=False), context.Value("Q", 0, lock=False))
    here, there = context.Pipe(duplex=False)
    silent = replace(order, jobs=1, how=replace(order.how, tick=None), told=None)
    process = context.Process(target=_work, args=(silent, pulse, there), daemon=True)
    process.start()
    there.close()
    try:
        return _awaited(order, process, pulse, here, strangers, limit)
    finally:
        process.kill()
        process.join()


def _awaited(
    order: Order, process: Any, pulse: Pulse, answer: Connection, strangers: Mapping[str, str], limit: float
) -> Done:
    seen, since = -1, monotonic()
    while not answer.poll(LOOK):
        name, count = pulse.name.value.decode(errors="ignore"), pulse.count.value
        if name not in strangers or count != seen:
            seen, since = count, monotonic()
        elif monotonic() - since > limit:
            raise Withdrawn(name, f"took more than {limit:g} s over a decision")
        if not process.is_alive() and not answer.poll():
            raise _ended(pulse, strangers)
    try:
        done = answer.recv()
    except (EOFError, OSError):  # its end of the pipe was closed by its end
        raise _ended(pulse, strangers) from None
    if isinstance(done, DilemmasError):
        raise done
    if isinstance(done, str):
        raise RuntimeError(done)
    played: Done = done
    return replace(played, result=load(order.out)) if order.out is not None else played


def _ended(pulse: Pulse, strangers: Mapping[str, str]) -> Withdrawn | RunFailed:
    """The error for a process that is gone: who ended it, by whose decision was being waited for."""
    name = pulse.name.value.decode(errors="ignore")
    if name in strangers:
        return Withdrawn(name, "ended the process that it played in")
    return RunFailed("the process that plays strangers' files ended early", remedy="One of them may have stopped it.")


def _work(order: Order, pulse: Pulse, answer: Connection) -> None:
    """What the process does; tables stay in the folder."""
    from dilemmas.strategies import scripted

    plain = scripted.call

    def watched(strategy: Any, *rest: Any) -> Any:
        with pulse.watch(strategy.name):
            return plain(strategy, *rest)

    # This process plays for one order alone, so that the module may be changed here.
    scripted.call = watched  # type: ignore[assignment]  # the same arguments, handed on
    try:
        done = lab.carry_out(order)
        answer.send(replace(done, result=Result({}, done.result.manifest)))
    except DilemmasError as error:
        answer.send(error)
    except BaseException:
        # Whatever it was, the parent must not wait for it.
        answer.send(traceback.format_exc())
