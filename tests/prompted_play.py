"""Scenes made by hand, one a family, and a model that says what it is told to say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from dilemmas.specs import seats
from dilemmas.strategies.deliberate import deliberate
from dilemmas.strategies.minds import Mind
from dilemmas.strategies.prompted import Decision, Prompt, Prompted
from dilemmas.strategies.scene import Scene
from dilemmas.strategies.wanted import Wanted

NOUNS = {"other": "other player", "others": "other players", "round": "round", "rounds": "rounds"}
LETTERS = Wanted(options=("J", "F"), amounts=(False, False))
WANTED = {
    "move": (LETTERS, Wanted(options=("Q", "X"), amounts=(False, False))),
    "gift": (Wanted(low=0, high=10, whole=10, unit="units"), Wanted(low=0, high=100, unit="percent")),
    "harvest": (Wanted(low=0, high=100, integer=True, whole=100, unit="tons"), Wanted(low=0, high=400, unit="tons")),
    "contribute": (Wanted(low=0, high=20, whole=20, unit="points"), Wanted(low=0, high=20, unit="points")),
    "sanction": (Wanted(low=0, high=5, unit="points"), None),
}
ANSWERS = {"move": "F", "gift": "4", "harvest": "7", "contribute": "20", "sanction": "0"}
FORESEEN = {"move": "X", "gift": "50", "harvest": "12", "contribute": "2.5", "sanction": ""}


def scene(kind: str = "move", round_: int = 1, **data: Any) -> Scene:
    """What a seat is told in a round: sections with their own name in them."""
    answer, predicted = WANTED[kind]
    past = f"past of {round_ - 1} rounds" if round_ > 1 else ""
    texts = {
        **{"rules": "rules", "past": past, "now": f"round {round_} now", "question": "question?"},
        **{"predict": "prediction?", "universal": "if all did so"},
    }
    plain = {"round": round_, "nouns": NOUNS, "several": kind != "move", "their_actions": ["C", "D"], **data}
    return Scene(kind, plain, answer, texts, predicted, ("F", "J"), answer.options)


def strategy(seat: str, **changes: Any) -> Prompted:
    """A strategy of the shelf, as a seat names it."""
    made = seats.strategy(seat)
    assert isinstance(made, Prompted)
    return replace(made, **changes)


def ask(
    model: Callable[[Prompt], str | tuple[str, str]],
    voice: Prompted,
    told: Scene,
    mind: Mind | None = None,
    attempts: int = 3,
    give_up: bool = False,
) -> tuple[Decision, list[Prompt]]:
    """One decision, with the prompts that it took."""
    walk = deliberate(voice, told, mind or Mind.of(voice), lambda step: attempts, give_up)
    asked: list[Prompt] = []
    reply: tuple[str, str] | None = None
    while True:
        try:
            asked.append(walk.send(reply) if reply else next(walk))
        except StopIteration as end:
            return end.value, asked
        said = model(asked[-1])
        reply = (said, "stop") if isinstance(said, str) else said


def saying(replies: Iterable[str | tuple[str, str]]) -> Callable[[Prompt], str | tuple[str, str]]:
    """A model that gives these replies in turn."""
    turn = iter(replies)
    return lambda prompt: next(turn)


def sensible(kind: str) -> Callable[[Prompt], str]:
    """A model that answers every step of a family as it is asked to, with some words before."""

    def say(prompt: Prompt) -> str:
        if prompt.wanted.text:
            return f"thoughts at {prompt.step}"
        if prompt.wanted.marker == "IMPORTANCE":
            return f"something at {prompt.step}\n\nIMPORTANCE: 7"
        return f"Well.\nANSWER: {(FORESEEN if prompt.step == 'predict' else ANSWERS)[kind]}"

    return say
