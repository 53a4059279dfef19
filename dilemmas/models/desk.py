"""Where every call is made: served from the journal, or sent within limits and caps, tried again, and written down.

One desk serves a whole command. A call that fails is never an answer: it is tried again, and at last the run is
stopped cleanly, so that the same command goes on with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from time import perf_counter

from dilemmas.errors import Stopped
from dilemmas.models.journal import Journal
from dilemmas.models.keeping import Keeper
from dilemmas.models.ledger import Ledger, Reservation
from dilemmas.models.limiter import Lane, Limiter, Slot
from dilemmas.models.pulse import Pulse
from dilemmas.models.refusals import Refusals, stopped
from dilemmas.models.retry import Patience
from dilemmas.models.speaker import Fault, Key, Reply, Request, Speaker
from dilemmas.models.speakers import provider
from dilemmas.models.spending import Price, answered, prompted

_BYTES = 4  # of a prompt, to a token, as a provider will count; a cap reckons with one
GRACE = 5.0  # seconds that a speaker has to notice that its time is over, before it is cut off


@dataclass(frozen=True, slots=True)
class Call:
    """A request, which call of its run it is, and that run's journal; smaller priorities go first.

    ``timeout`` is in seconds, of one try.
    """

    request: Request
    key: Key
    journal: Journal
    priority: int = 0
    timeout: float = 120.0


class Desk:
    """Makes calls for one event loop; speakers are made once a model, and closed with it.

    ``speakers`` gives the speaker of a model, ``prices`` its price or None where that is unknown,
    ``addresses`` the base URL where it is not the provider's own: each server has a lane of its own.
    """

    def __init__(
        self,
        speakers: Callable[[str], Speaker],
        ledger: Ledger,
        limiter: Limiter,
        patience: Patience | None = None,
        prices: Callable[[str], Price | None] = lambda model: None,
        addresses: Callable[[str], str | None] = lambda model: None,
    ) -> None:
        self.pulse = Pulse()
        self._ledger, self._limiter, self._patience = ledger, limiter, patience or Patience()
        self._makes, self._prices = speakers, cache(prices)
        self._addresses = addresses
        self._known: dict[str, Speaker] = {}
        self._refusals = Refusals(addresses)
        self._keeper = Keeper()
        self._tasks: dict[asyncio.Task[Reply | Exception], Journal] = {}

    async def ask(self, call: Call) -> Reply:
        """The reply to a call: of the journal where it is there, else of the model, and journalled.

        Stopped where the provider fails for good or too often, or a cap is reached; ResultsError where the journal
        holds another request. Cancelling does not call back what was sent: its reply is journalled all the same.
        """
        reply = call.journal.find(call.key, call.request)
        if reply is not None:
            self.pulse.served += 1
            return reply
        tried = 0
        while True:
            tried += 1
            outcome = await self._try(call)
            if isinstance(outcome, Reply):
                return outcome
            if not isinstance(outcome, Fault):
                raise outcome
            delay = self._patience.delay(tried, outcome.after) if outcome.passing else None
            if delay is None:
                raise stopped(call.request.model, outcome, call.key.words, tried)
            await asyncio.sleep(delay)

    async def drain(self, seconds: float, journal: Journal | None = None) -> int:
        """Wait for calls that were sent, of one journal or of all; how many have not ended within ``seconds``.

        To be called before a journal is closed whose run was stopped.
        """
        tasks = [task for task, theirs in self._tasks.items() if journal is None or theirs is journal]
        if not tasks:
            return 0
        return len((await asyncio.wait(tasks, timeout=seconds))[1])

    async def close(self) -> None:
        """Cut off what is still under way, and close the speakers; in the loop in which calls were made."""
        for task in self._tasks:
            task.cancel()
        try:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        finally:
            # Several models may share a speaker.
            speakers = {id(speaker): speaker for speaker in self._known.values()}
            self._known.clear()
            await asyncio.gather(*(speaker.close() for speaker in speakers.values()))

    async def _try(self, call: Call) -> Reply | Exception:
        """One try: a slot, room in the ledger, and then, whatever happens to who asked, the call to its end."""
        self._check(call)
        speaker = await self._speaker(call.request.model)
        slot = await self._slot(call)
        try:
            price = self._prices(call.request.model)  # may ask the library that the speaker has loaded
            room = await self._ledger.reserve(call.request, price, call.priority)
        except BaseException:
            slot.leave()
            raise
        # Nothing is awaited from here to the shield, so that room that was given is always ended.
        task = asyncio.get_running_loop().create_task(self._send(call, slot, speaker, room))
        self._tasks[task] = call.journal
        task.add_done_callback(self._tasks.pop)
        return await asyncio.shield(task)

    async def _slot(self, call: Call) -> Slot:
        tokens = prompted(call.request) // _BYTES + (answered(call.request) or 0)
        slot = self._lane(call.request.model).slot(tokens, call.priority)
        await slot.__aenter__()
        return slot

    async def _send(self, call: Call, slot: Slot, speaker: Speaker, room: Reservation) -> Reply | Exception:
        """Send a request and write down what came of it; errors are given back, for nobody may be there to catch."""
        self.pulse.in_flight += 1
        began = perf_counter()
        try:
            self._check(call)  # others may have been refused while this one waited
            reply = await _said(call, speaker)
        except Fault as fault:
            return self._failed(call, room, fault, perf_counter() - began)
        except Stopped as error:
            self._ledger.release(room, billed=False, sent=False)
            return error
        except BaseException as error:  # it was cut off, or the speaker has a mistake; it may have been paid for
            self._ledger.release(room, billed=True)
            if isinstance(error, Exception):
                return error
            raise
        else:
            return self._came(call, room, reply)
        finally:
            self.pulse.in_flight -= 1
            slot.leave()

    def _came(self, call: Call, room: Reservation, reply: Reply) -> Reply | Exception:
        reply = self._keeper.keep(reply, room.price)
        try:
            self._ledger.settle(room, reply.usage, reply.cost)
            call.journal.add(call.key, call.request, reply)
        except Exception as error:  # the disk is full, or a call was asked twice
            return error
        self._lane(call.request.model).well()
        self.pulse.came(reply)
        return reply

    def _failed(self, call: Call, room: Reservation, fault: Fault, seconds: float) -> Exception:
        model = call.request.model
        self.pulse.faults, self.pulse.trouble = self.pulse.faults + 1, f"{model}: {fault.trouble}"
        self._refusals.note(model, fault)
        if fault.trouble == "rate limit":
            # Nobody is made to wait for longer than anybody has patience.
            after = fault.after if (fault.after or 0.0) <= self._patience.longest else None
            self._lane(model).limited(after)
        try:
            self._ledger.release(room, billed=fault.billed)
            call.journal.retried(call.key, call.request, fault, seconds)
        except Exception as error:  # the disk is full
            return error
        return fault

    def _lane(self, model: str) -> Lane:
        return self._limiter.lane(provider(model), self._addresses(model))

    def _check(self, call: Call) -> None:
        self._refusals.check(call.request.model, call.key)

    async def _speaker(self, model: str) -> Speaker:
        """Who speaks for a model, ready: what has to be loaded is no part of a call, and takes nobody's place."""
        if model not in self._known:
            self._known[model] = self._makes(model)
        await self._known[model].ready()
        return self._known[model]


async def _said(call: Call, speaker: Speaker) -> Reply:
    try:
        async with asyncio.timeout(call.timeout + GRACE):
            return await speaker.say(call.request, call.timeout)
    except TimeoutError:
        raise Fault("timeout", f"no reply within {call.timeout:g} s", billed=True) from None
