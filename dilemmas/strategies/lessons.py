"""What one generation tells the next: what founders, newcomers and teachers are asked. Nothing is sent here."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any

from dilemmas.rules.game import Game
from dilemmas.strategies import prompts
from dilemmas.strategies.deliberate import answered, paragraph
from dilemmas.strategies.machine import Machine, Table
from dilemmas.strategies.minds import clean, quoted
from dilemmas.strategies.prompted import Message, Prompt, Prompted, Step
from dilemmas.strategies.rule import Rule
from dilemmas.strategies.wanted import Wanted

MARKER = {"found": "STRATEGY", "learn": "STRATEGY", "tell": "STORY"}
LARGE = 12  # states of an automaton that are told one by one


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


def words(strategy: Any, game: Game, labels: Sequence[Sequence[str]] = ()) -> str:
    """A strategy in words: its own where it has some, else its table or its numbers told.

    ``labels`` are what the actions of the first seat and of the other are called in the prompts.
    """
    if isinstance(strategy, Prompted):
        return strategy.text or "It has written nothing down."
    if isinstance(strategy, Machine) and len(strategy.states) <= LARGE and labels:
        return _machine(strategy.fit(game, 0), labels)
    if isinstance(strategy, Rule):
        numbers = ", ".join(f"{name} {prompts.shown(value)}" for name, value in strategy.parameters.items())
        return f"It follows a fixed rule, called {strategy.law.name}" + (f", with {numbers}." if numbers else ".")
    return f"It follows a fixed rule, called {strategy.name}."


def _machine(table: Table, labels: Sequence[Sequence[str]]) -> str:
    """An automaton, case by case; states that nobody could tell apart are one."""
    block = merged(table)
    order = list(dict.fromkeys(block))
    first = [block.index(each) for each in order]
    if len(order) == 1:
        return f"It follows a fixed rule: in every round it chooses {_chances(table.play[0], labels[0])}."
    lines = ["It follows a fixed rule and begins with case 1."]
    for case, state in enumerate(first, 1):
        then = [order.index(block[target]) + 1 for target in table.then[state, :-1].tolist()]
        lines.append(f"Case {case}: it chooses {_chances(table.play[state], labels[0])}. {_next(then, labels)}")
    return " ".join(lines)


def merged(table: Table) -> list[int]:
    """The number of each state's class, where states that play and go on alike are one (Moore 1956)."""
    block = _numbered([tuple(row) for row in table.play.tolist()])
    while True:
        finer = _numbered([(block[i], *(block[j] for j in row)) for i, row in enumerate(table.then[:, :-1].tolist())])
        if len(set(finer)) == len(set(block)):
            return block
        block = finer


def _numbered(keys: Sequence[Any]) -> list[int]:
    known: dict[Any, int] = {}
    return [known.setdefault(key, len(known)) for key in keys]


def _chances(play: Any, labels: Sequence[str]) -> str:
    parts = [(label, chance) for label, chance in zip(labels, play.tolist(), strict=True) if chance]
    if len(parts) == 1:
        return parts[0][0]
    return prompts.listed(
        [f"{label} with a chance of {prompts.shown(100 * chance)} %" for label, chance in parts], "or"
    )


def _next(then: Sequence[int], labels: Sequence[Sequence[str]]) -> str:
    """Which case follows, by what the other chose, or by what both did where that matters."""
    if len(set(then)) == 1:
        return f"Next comes case {then[0]}."
    own, others = labels
    rows = [list(then[i * len(others) : (i + 1) * len(others)]) for i in range(len(own))]
    if all(row == rows[0] for row in rows):
        told = [f"case {case} if the other chose {label}" for case, label in zip(rows[0], others, strict=True)]
    else:
        told = [
            f"case {case} if it chose {mine} and the other {theirs}"
            for mine, row in zip(own, rows, strict=True)
            for theirs, case in zip(others, row, strict=True)
        ]
    return f"Next comes {prompts.listed(told, 'or')}."


def forgotten(text: str, lot: float) -> str:
    """A text without one of its sentences, which a uniform number picks; a single sentence stays."""
    sentences = re.split(r"(?<=[.!?])\s+", text.strip())
    if len(sentences) < 2:
        return text
    lost = int(lot * len(sentences))
    return " ".join(sentence for place, sentence in enumerate(sentences) if place != lost)
