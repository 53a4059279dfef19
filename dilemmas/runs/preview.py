"""The messages that a seat would get, without asking any model: the seats' own voices, with a stand-in behind them."""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from dilemmas.engine import live
from dilemmas.engine.chance import Chance
from dilemmas.errors import Misfit, UsageError
from dilemmas.models.desk import Call, Desk
from dilemmas.models.journal import Journal
from dilemmas.models.rehearsal import Rehearsal
from dilemmas.models.speaker import Key, Message, Reply, Request
from dilemmas.models.speakers import REHEARSAL
from dilemmas.rules.game import Game
from dilemmas.runs.line import Line
from dilemmas.runs.sitting import Sitting
from dilemmas.runs.speaking import Manner, sit
from dilemmas.specs.experiment import Reading
from dilemmas.specs.games import Dilemma
from dilemmas.strategies.prompted import Prompted
from dilemmas.strategies.strategy import Cast

ROUND = 3
SEED = 0
"""What the stand-in says, and so the rounds before, is drawn from this seed: the same command shows the same text."""

EPISODES = 40  # lengths by chance: as many are looked at for one in which the seat is asked in the round wanted

CALM = (1.0, 0.5, 0.2, 0.05)
"""Parts of what is allowed that the stand-in takes: a stock that all of them empty at once has no third round."""


class Prompting(NamedTuple):
    """A call: the step, its messages, the round, and what the stand-in answered, which later steps may hold."""

    step: str
    messages: tuple[Message, ...]
    round: int
    reply: str


def preview(strategy: Prompted, dilemma: Dilemma, seat: int = 1, round_: int = ROUND) -> list[Prompting]:
    """The calls of the first decision that a seat (from 1) makes in a round or after it; of its last, if it is earlier.

    Every seat is played by the strategy with the stand-in's legal answers, through the same voice as in a run. Raises
    UsageError for a seat that the game does not have, SpecError for words that are wrong, Misfit where none is asked.
    """
    rules = dilemma.rules
    if not 1 <= seat <= rules.seats:
        raise UsageError(f"{dilemma.name} has no seat {seat}", expected=f"1 to {rules.seats}")
    found: list[Prompting] = []
    lengths = range(1, EPISODES + 1 if getattr(rules, "continuation", None) is not None else 2)
    for repetition, calm in itertools.product(lengths, CALM):
        notebook = _Notebook(seat, round_, calm)
        line = Line(notebook, Journal(None), SEED, Reading(), 1.0, lambda model: False)
        manner = Manner(dilemma.words, dilemma.presentation, crossing=False)
        with contextlib.suppress(_Enough):
            live.wait(sit(_table(rules, replace(strategy, model=REHEARSAL), repetition), line, manner))
        found = max(found, notebook.found(), key=_reached)
        if _reached(found) >= round_:
            break
    if not found:
        raise Misfit(f"seat {seat} of {dilemma.name} is never asked, so {strategy.name} is told nothing there")
    return found


def _reached(calls: list[Prompting]) -> int:
    return calls[0].round if calls else 0


def _table(rules: Game, strategy: Prompted, repetition: int) -> Sitting:
    """One episode in which everybody plays the strategy."""
    who = np.zeros((1, rules.seats), np.int64)
    luck = Chance.of(SEED, 1, 1, np.array([repetition - 1]))
    agents = [f"g1-{seat + 1}" for seat in range(rules.seats)]
    places = np.arange(rules.seats)[None, :]
    return Sitting(rules, Cast((strategy,), who), luck, 1, agents, places, keep=False)


class _Enough(Exception):
    """What was looked for has been seen."""


class _Notebook(Desk):
    """A desk that writes down what a seat is told, has the stand-in answer, and sends nothing."""

    def __init__(self, seat: int, round_: int, calm: float) -> None:
        self._seat, self._round, self._calm = seat, round_, calm
        self._seen: dict[tuple[int, int], list[Prompting]] = {}
        self._stand_in = Rehearsal()

    async def ask(self, call: Call) -> Reply:
        """The stand-in's answer; ends the episode once the decision is over."""
        here = call.key.round, call.key.ask
        if any(done[0] >= self._round and done < here for done in self._seen):
            raise _Enough
        reply = await self._stand_in.say(calmed(call.request, self._calm), call.timeout)
        if call.key.seat == self._seat:
            self._seen.setdefault(here, []).append(_noted(call.key, call.request.messages, reply))
        return reply

    def found(self) -> list[Prompting]:
        """The calls of the decision that was looked for; none where the seat was never asked."""
        late = [place for place in self._seen if place[0] >= self._round]
        return self._seen[min(late) if late else max(self._seen)] if self._seen else []


def calmed(request: Request, calm: float) -> Request:
    """A request whose number, where it is for one, is drawn from the lower part of what is allowed."""
    wanted = request.wanted()
    if wanted["options"]:
        return request
    return replace(request, wanted=lambda: {**wanted, "draw": wanted["draw"] * calm})


def _noted(key: Key, messages: tuple[Message, ...], reply: Reply) -> Prompting:
    return Prompting(key.step, messages, key.round, reply.text)
