"""Strategies in words as tables have them: how long, how like their parents', how many words a generation uses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

import numpy as np

from dilemmas.culture.population import Agent, Population
from dilemmas.strategies.prompted import Prompted

MOST_PAIRS = 1_000_000
"""Pairs of equal words up to which runs are looked for; two texts of 3,000 words of English have some 100,000."""

_WORD = re.compile(r"\w+(?:[.,]\d+|['’]\w+)*")


def words(text: str) -> list[str]:
    """The words of a text in small letters; a decimal number is one."""
    return _WORD.findall(text.casefold())


def similarity(one: str, other: str) -> float:
    """How alike two texts are: twice the words in matching runs, over all words (Ratcliff & Metzener 1988); 0 to 1.

    Where the same words stand in both thousands of times over, as where a model repeated itself to its last token, the
    order of words is left out: it would take hours.
    """
    first, second = words(one), words(other)
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    counts = Counter(second)
    pairs = sum(times * counts[word] for word, times in Counter(first).items())
    return matcher.ratio() if pairs <= MOST_PAIRS else matcher.quick_ratio()


@dataclass
class Texts:
    """What everybody that ever lived in a run wrote, by id."""

    known: dict[str, str] = field(default_factory=dict)
    _likeness: dict[str, float | None] = field(default_factory=dict)

    def agents(self, people: Population) -> dict[str, list[Any]]:
        """Columns of the agents table; empty where nobody has written anything."""
        texts = [agent.strategy.text if isinstance(agent.strategy, Prompted) else "" for agent in people]
        if not any(texts):
            return {}
        self.known |= {agent.id: text for agent, text in zip(people, texts, strict=True) if text}
        return {
            "text": [text or None for text in texts],
            "words": [len(words(text)) if text else None for text in texts],
            "similarity": [self._alike(agent, text) for agent, text in zip(people, texts, strict=True)],
        }

    def _alike(self, agent: Agent, text: str) -> float | None:
        """Mean similarity to the texts of the parents; None without a text, or parents that wrote one."""
        if agent.id not in self._likeness:  # who stays keeps its text, and its parents'
            taught = [self.known[parent] for parent in agent.parents if parent in self.known]
            alike = [similarity(text, other) for other in taught] if text else []
            self._likeness[agent.id] = float(np.mean(alike)) if alike else None
        return self._likeness[agent.id]


def generation(columns: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    """Columns of the generations table from those of its agents: mean length, mean likeness, vocabulary."""
    if not columns:
        return {}
    lengths = [value for value in columns["words"] if value is not None]
    likeness = [value for value in columns["similarity"] if value is not None]
    vocabulary = {word for text in columns["text"] if text for word in words(text)}
    return {
        "words": [float(np.mean(lengths))],
        "vocabulary": [len(vocabulary)],
        "similarity": [float(np.mean(likeness)) if likeness else None],
    }
