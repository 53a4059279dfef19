"""The page of views: what a seat may know in each family of games, with an example of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from docs.markdown import code, page, table

EXAMPLES: Mapping[str, tuple[str, Mapping[str, Any], str]] = {
    "matrix": ("prisoners-dilemma", {"rounds": 10}, "tit-for-tat"),
    "donor": ("donor", {"seats": 6, "rounds": 6, "mechanism": "punish"}, "constant-donor"),
    "commons": ("fishery", {}, "sustainable"),
    "public-goods": ("public-goods", {"punishment": {}}, "conditional"),
}
ROUND = 3  # the round whose views are shown


def views() -> str:
    """Every family's asks and fields."""
    return page("Views: what a seat may know", *(_family(name) for name in EXAMPLES))


def _family(family: str) -> str:
    name, given, _ = EXAMPLES[family]
    fields: list[list[str]] = []
    answers: dict[str, list[str]] = {}
    for ask in _asks(family):  # each is read before the next: a state may reuse its arrays
        fields = fields or _fields(ask)
        answers.setdefault(ask.kind, _answers(ask))
    title = f"## {family}\n\nFor example `{name}`, round {ROUND}"
    title += f", with {', '.join(f'`{key}: {value}`' for key, value in given.items())}." if given else "."
    asked = table(["asked", "choices", "allowed answers here"], list(answers.values()))
    return "\n\n".join([title, asked, table(["field", "meaning", "what one seat is told"], fields)])


def _fields(ask: Any) -> list[list[str]]:
    told = ask.view.told(_row(ask))
    return [
        [code(key), field.meaning, f"`{_shown(getattr(told, key))}`"] for key, field in ask.view.game.fields.items()
    ]


def _answers(ask: Any) -> list[str]:
    rules = ask.view.game
    options = ", ".join(map(code, rules.options(ask.kind, _row(ask)))) or "a number"
    return [code(ask.kind), options, rules.allowed(ask, _row(ask))]


def _asks(family: str) -> Iterator[Any]:
    """The asks of one round in the middle of an episode, each as it stands when it is made."""
    from dilemmas.engine.chance import Chance
    from dilemmas.specs import games, seats
    from dilemmas.strategies.strategy import Cast
    from dilemmas.testing.walk import walk

    name, given, strategy = EXAMPLES[family]
    rules = games.load(name, given).rules
    who = np.zeros((1, rules.seats), np.int64)
    for ask in walk(rules, Cast((seats.strategy(strategy, family=family),), who), Chance.of(0, 1, 1)):
        if int(ask.round[0]) == ROUND:
            yield ask


def _row(ask: Any) -> int:
    """The first seat that is asked."""
    return int(np.flatnonzero(ask.who[0])[0])


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else repr(value)
