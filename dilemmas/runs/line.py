"""How the prompts of a run become replies: each is put to its model through the desk, and kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from dilemmas.engine.turns import Turns
from dilemmas.models.desk import Call, Desk
from dilemmas.models.journal import Journal
from dilemmas.models.speaker import Key, Reply, Request
from dilemmas.runs.watch import Watch
from dilemmas.specs.experiment import Reading
from dilemmas.strategies import replies
from dilemmas.strategies.prompted import Prompt

T = TypeVar("T")
Draw: TypeAlias = Callable[[], float]
"""A number in [0, 1) that is drawn only where somebody needs it."""


@dataclass(frozen=True)
class Line:
    """What the calls of one run have in common: the desk they go through, the journal they are kept in.

    ``schema`` says whether a model is asked by a JSON schema, ``priority`` orders the calls of runs (smaller first),
    ``turns`` is shared by all whose replies come through one event loop.
    """

    desk: Desk
    journal: Journal
    seed: int
    reading: Reading
    timeout: float
    schema: Callable[[str], bool]
    priority: int = 0
    run: str = ""
    watch: Watch = field(default_factory=Watch)
    turns: Turns = field(default_factory=Turns)

    async def ask(self, model: str, sampling: Mapping[str, Any], prompt: Prompt, key: Key, draw: Draw) -> Reply:
        """The reply to a prompt, asked for by a schema where its answer is wanted so; raises what the desk does.

        ``draw`` gives the number by which stand-ins answer; it is never sent.
        """
        settings = dict(sampling)
        if prompt.wanted.json:
            shape = {"name": "answer", "strict": True, "schema": replies.schema(prompt.wanted)}
            settings["response_format"] = {"type": "json_schema", "json_schema": shape}
        request = Request(model, prompt.messages, settings, lambda: {**prompt.wanted.plain(), "draw": draw()})
        reply = await self.desk.ask(Call(request, key, self.journal, self.priority, self.timeout))
        self.watch.heard(self.run, key, request, reply)
        await self.turns.next()
        return reply


async def answered(
    steps: Generator[Prompt, tuple[str, str], T], ask: Callable[[Prompt], Awaitable[Reply]]
) -> tuple[T, bool]:
    """What a generator of prompts comes to, each of them asked, and whether a stand-in gave any of the replies."""
    simulated = False
    try:
        prompt = next(steps)
        while True:
            reply = await ask(prompt)
            simulated |= reply.simulated
            prompt = steps.send((reply.text, reply.finish))
    except StopIteration as end:
        return end.value, simulated
