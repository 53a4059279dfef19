"""The messages of a prompted strategy: its templates, filled in with what the scene and the seat's mind hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from dilemmas.errors import SpecError, nearest
from dilemmas.strategies import prompts, replies
from dilemmas.strategies.minds import Mind, quoted
from dilemmas.strategies.prompted import SPEAK, TELL, Message, Prompted, Step
from dilemmas.strategies.scene import Scene
from dilemmas.strategies.wanted import Wanted

IMPORTANCE = Wanted(low=1, high=10, integer=True, marker="IMPORTANCE")
TEXT = Wanted(text=True)
NAMES = ("game", "persona", "strategy", "said", "reasons", "summary", "notes", "recall", "parameters", "form")
"""What a strategy's template may use besides the scene's own data. Texts that a model wrote stand between marks."""


@dataclass
class Sayings:
    """What a seat said at earlier steps of one decision: answers as they are shown, and the replies they came from."""

    said: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)


def steps(strategy: Prompted, scene: Scene) -> tuple[Step, ...]:
    """What is asked in a scene: to talk and to gossip one step, the same in every strategy; else the strategy's own."""
    if scene.kind == TELL.name:
        return (TELL,)
    return (SPEAK,) if scene.wanted.speech else strategy.steps


def wanted(step: Step, scene: Scene) -> Wanted | None:
    """What would be a reply to a step; None where a scene has nothing to predict."""
    kinds = {"choose": scene.wanted, "predict": scene.predicted, "note": IMPORTANCE}
    found = kinds.get(step.kind, TEXT)
    return found if found is None or step.reasons else _short(found)


@lru_cache(256)
def _short(answer: Wanted) -> Wanted:
    return replace(answer, reasons=False)


def messages(strategy: Prompted, scene: Scene, mind: Mind, sayings: Sayings, step: Step) -> tuple[Message, ...]:
    """System and user message of a step's first attempt; raises SpecError that names a template that is wrong."""
    data = known(strategy, scene, mind, sayings, wanted(step, scene) or TEXT)
    system = prompts.again(strategy.templates.get("system", ""), data, _place(strategy, "system"))
    user = {"role": "user", "content": _filled(strategy, step.name, data)}
    return ({"role": "system", "content": system}, user) if system else (user,)


def known(strategy: Prompted, scene: Scene, mind: Mind, sayings: Sayings, answer: Wanted) -> Mapping[str, Any]:
    """Everything that a strategy's template may use, as plain data."""
    kept = {name: quoted(text) for name, text in mind.texts.items()}
    data = {
        **scene.data,
        "game": scene.texts,
        "persona": strategy.persona,
        "strategy": quoted(strategy.text),
        "said": {**dict.fromkeys((step.name for step in strategy.steps), ""), **kept, **sayings.said},
        "reasons": {**dict.fromkeys((step.name for step in strategy.steps), ""), **sayings.reasons},
        "summary": kept.get("summary", "") if strategy.memory.kind == "summary" else "",
        "notes": _notes(strategy, scene, mind),
        "parameters": strategy.parameters,
        "form": replies.form(answer),
    }
    recall = prompts.again(strategy.templates.get("recall", ""), data, _place(strategy, "recall"))
    return {**data, "recall": recall}


def _notes(strategy: Prompted, scene: Scene, mind: Mind) -> str:
    """The notes that matter now, oldest first, a line each, between marks."""
    if strategy.memory.kind != "stream":
        return ""
    query = f"{scene.texts.get('now', '')} {scene.texts.get('question', '')}"
    found = mind.retrieve(query, strategy.memory.notes, scene.data["round"])
    noun = str(scene.data.get("nouns", {}).get("round", "round")).capitalize()
    return quoted("\n".join(f"{noun} {note.round}: {note.text}" for note in sorted(found, key=mind.notes.index)))


def _filled(strategy: Prompted, name: str, data: Mapping[str, Any]) -> str:
    return prompts.render(strategy.templates.get(name, ""), data, _place(strategy, name))


def _place(strategy: Prompted, name: str) -> str:
    return strategy.places.get(name, f"{strategy.name}: {name}.md")


def check(strategy: Prompted, scene: Scene) -> None:
    """Fill in every template over a sample scene, with nothing remembered and with something of everything.

    Raises SpecError for a template that is wrong or uses a name that is not there, also where it would come late, or
    stands in a text of the game that this strategy does not use.
    """
    dict(scene.texts)  # reading is filling in
    empty, full = (Mind(), Sayings()), _full(strategy, scene)
    due = steps(strategy, scene)
    for name in _asked(strategy, due):
        _named(strategy, name, known(strategy, scene, *empty, TEXT), scene.kind)
    for step in due:
        for mind, sayings in (empty, full):
            messages(strategy, scene, mind, sayings, step)


def _asked(strategy: Prompted, steps: Sequence[Step]) -> list[str]:
    """The templates that these steps use."""
    return [name for name in strategy.templates if name in ("system", "recall", *(step.name for step in steps))]


def _named(strategy: Prompted, name: str, data: Mapping[str, Any], kind: str) -> None:
    there = set(data) - ({"recall"} if name == "recall" else set())
    strange = sorted(prompts.names(strategy.templates[name]) - there)
    if strange:
        line = prompts.line(strategy.templates[name], strange[0])
        raise SpecError(
            f"line {line}: the template uses {strange[0]}, which is not there at an ask of the kind {kind}",
            where=_place(strategy, name),
            expected=", ".join(sorted(there)),
            remedy=nearest(strange[0], there),
        )


def _full(strategy: Prompted, scene: Scene) -> tuple[Mind, Sayings]:
    mind, sayings = Mind(), Sayings()
    for step in strategy.steps:
        sayings.said[step.name] = sayings.reasons[step.name] = mind.texts[step.name] = "text"
    mind.texts["summary"] = "text"
    mind.note(scene.data["round"], "text", 5)
    return mind, sayings
