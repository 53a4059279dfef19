"""The page of prompts: what templates may use, with an example from each family, and how a game may be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from docs import told
from docs.markdown import code, page, parameters, table, written

EXAMPLES: Mapping[str, str] = {
    "matrix": "prisoners-dilemma",
    "donor": "donor",
    "commons": "fishery",
    "public-goods": "public-goods",
}
RICH: Mapping[str, Mapping[str, Any]] = {
    "matrix": {"noise": 0.05, "perception_noise": 0.1},
    "donor": {
        "mechanism": "punish",
        "information": ["trace", "image", "standing"],
        "observation": 0.9,
        "execution_error": 0.05,
    }
    | {"assessment_error": 0.02, "gossip": {"form": "tone"}},
    "commons": {"joins": {5: 3}},
    "public-goods": {"punishment": {}},
}
"""Parameters with which names have a value that have none in the plain game."""
ROUND = 3  # the round that is told
LONGEST = 110  # characters of an example
PLACES = (
    "Keys at the top of a game's file, as `--set KEY=VALUE`, or under `game` of an experiment. What is said of the "
    "length is a parameter of the game, `horizon`: [games](games.md)."
)


def prompts() -> str:
    """What strategies say, what games say, and the names that templates may use."""
    from dilemmas.strategies.words import Presentation

    return page(
        "Prompts: what models are told",
        _block(),
        "## Names of a strategy's template\n\n" + _named(told.OWN) + "\n\n" + _functions(),
        "## Sections\n\n" + _sections(),
        f"## Presentation\n\n{PLACES}\n\n{parameters(Presentation, shown=told.PRESENTATION)}",
        "## Data of every family\n\n" + _named(told.DATA["all"]),
        *(_family(family) for family in EXAMPLES),
    )


def _block() -> str:
    """The block of a strategy file, a step, a memory."""
    from dilemmas.specs.prompted import MemoryFile, PromptedFile, StepFile

    parts = [
        ("## The block `prompted`", PromptedFile, told.BLOCK),
        ("### A step", StepFile, told.STEP),
        ("### A memory", MemoryFile, told.MEMORY),
    ]
    return "\n\n".join(f"{title}\n\n{parameters(made, shown=shown)}" for title, made, shown in parts)


def _named(meanings: Mapping[str, str]) -> str:
    return table(["name", "meaning"], [[code(name), meaning] for name, meaning in meanings.items()])


def _functions() -> str:
    return (
        "Beside Jinja's own filters there are `x | shown` (a number as players read it), `names | listed` and "
        '`names | listed("or")` (`1, 2 or 3`), and `counted(2, "unit", "units")` (`2 units`). '
        "Numbers are written as `shown` writes them."
    )


def _sections() -> str:
    """Texts that a game may replace under ``words.text``: the sections, and the sentences that all families share."""
    from dilemmas.specs.words import COMMON, family

    shared = [name for name in family(COMMON).text if name not in told.SECTIONS]
    return (
        _named(told.SECTIONS)
        + "\n\nThese, and the sentences "
        + ", ".join(map(code, shared))
        + ", are templates over the data below. A game's file may replace any of them under `words.text`."
    )


def _family(family: str) -> str:
    plain, rich = scenes(family), scenes(family, RICH[family])
    scene = plain[0]
    meanings = {**told.DATA[family], "history": told.DATA["all"]["history"]}
    rows = [[code(name), meaning, _example(name, [*plain, *rich])] for name, meaning in meanings.items()]
    parts = [
        f"## {family}",
        f"For example `{EXAMPLES[family]}`, round {ROUND}.",
        table(["name", "meaning", "example"], rows),
        f"### Frames of {family} games",
        _frames(family),
        f"### What is said in `{EXAMPLES[family]}`",
        *(_said(name, text) for name, text in scene.texts.items() if text),
    ]
    return "\n\n".join(parts)


def _said(name: str, text: str) -> str:
    return f"`{name}`:\n\n```text\n{text}\n```"


def _frames(family: str) -> str:
    """The stories, and the nouns that one of your own may have."""
    from dilemmas.specs.words import family as words

    frames = words(family).frames
    rows = [[code(name), frame.about, frame.unit or "the game's"] for name, frame in frames.items()]
    nouns = ", ".join(f"`{name}: {noun!r}`" if not noun else f"`{name}: {noun}`" for name, noun in _nouns(frames))
    return f"{table(['frame', 'about', 'unit'], rows)}\n\nNouns, as the neutral frame has them: {nouns}."


def _nouns(frames: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    return list(frames["neutral"].nouns.items())


def _shown(value: Any) -> str:
    """An example on one line: of a long list its first entries, of a long text its beginning."""
    if value is None or value in ("", [], {}):
        return ""
    text = written(value)
    if isinstance(value, list) and len(text) > LONGEST:
        text = f"[{written(value[0])}, ...]"
    return f"`{text}`"


def _example(name: str, found: Sequence[Any]) -> str:
    """What a name holds in the first scene where it holds anything."""
    return next((shown for scene in found if (shown := _shown(scene.data[name]))), "")


def scenes(family: str, given: Mapping[str, Any] | None = None) -> list[Any]:
    """What the seats of a family's example are told in the round, in the order of asking; everybody gives a little."""
    from dilemmas.engine import live
    from dilemmas.engine.chance import Chance
    from dilemmas.specs import games, seats
    from dilemmas.strategies.strategy import Cast
    from dilemmas.strategies.telling import tell

    dilemma = games.load(EXAMPLES[family], given or {})
    rules, luck = dilemma.rules, Chance.of(0, 1, 1)
    telling = tell(dilemma.words, dilemma.presentation, rules, luck, Chance.of(0, 0, 1))
    cast = Cast((seats.strategy("plain"),), np.zeros((1, rules.seats), np.int64))
    found: list[Any] = []
    live.wait(live.play(rules, cast, luck, lambda _: {s: _Listener(s, telling, found) for s in range(rules.seats)}))
    return [scene for scene in found if scene.data["round"] == ROUND]


class _Listener:
    """A seat that notes what it is told, and answers with a tenth of what it may."""

    def __init__(self, seat: int, telling: Any, found: list[Any]) -> None:
        self._seat, self._telling, self._found = seat, telling, found
        self._past: list[Any] = []

    async def answer(self, game: Any, ask: Any, row: int) -> Any:
        """The first option, and a tenth of the most."""
        from dilemmas.rules.game import Answers
        from dilemmas.strategies.scene import teller

        scene = teller(game).scene(ask, row, self._telling, None, self._past)
        self._found.append(scene)
        choice = np.array([0]) if scene.wanted.options else None
        high = scene.wanted.high
        return Answers(choice, None if high is None else np.array([float(high // 10)]))

    def told(self, game: Any, outcome: Any) -> None:
        """Keep what the view does not keep."""
        from dilemmas.strategies.scene import teller

        event = None if outcome.messages else teller(game).remember(outcome, self._seat, self._telling)
        self._past += [] if event is None else [event]
