"""What one generation tells the next: what founders, newcomers and teachers are asked. Nothing is sent here."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping
from typing import Any

from dilemmas.strategies import prompts
from dilemmas.strategies.deliberate import answered, paragraph
from dilemmas.strategies.minds import clean, quoted
from dilemmas.strategies.prompted import Message, Prompt, Prompted, Step
from dilemmas.strategies.wanted import Wanted

MARKER = {"found": "STRATEGY", "learn": "STRATEGY", "tell": "STORY"}


def write(
    strategy: Prompted, part: str, data: Mapping[str, Any], allowed: Callable[[str], int], give_up: bool
) -> Generator[Prompt, tuple[str, str], str]:
    """The paragraph that comes of a lesson: ``part`` is found, learn or tell; ``data`` is plain.

    Yields prompts and is sent ``(text, finish)`` as in ``deliberate``; empty where nothing could be used and
    ``give_up``, else raises Unanswered.
    """
    wanted = Wanted(text=True, marker=MARKER[part])
    heard = yield from answered(Step(part, "teach"), _messages(strategy, part, data), wanted, allowed, give_up)
    return paragraph(clean(heard.said.text), wanted.marker) if heard.said is not None else ""


def _messages(strategy: Prompted, part: str, data: Mapping[str, Any]) -> tuple[Message, ...]:
    whole = {**data, "persona": strategy.persona, "strategy": quoted(strategy.text), "parameters": strategy.parameters}
    system, user = (
        prompts.render(strategy.templates[name], whole, strategy.places.get(name, f"{strategy.name}: {name}.md"))
        for name in ("system", part)
    )
    asked = {"role": "user", "content": user}
    return ({"role": "system", "content": system}, asked) if system else (asked,)


def forgotten(text: str, lot: float) -> str:
    """A text without one of its sentences, which a uniform number picks; a single sentence stays."""
    sentences = re.split(r"(?<=[.!?])\s+", text.strip())
    if len(sentences) < 2:
        return text
    lost = int(lot * len(sentences))
    return " ".join(sentence for place, sentence in enumerate(sentences) if place != lost)
