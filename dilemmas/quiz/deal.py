"""What a question is made from: a game with its words and luck, and moments of play to ask about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dilemmas.engine.chance import Chance
from dilemmas.quiz.dice import Dice
from dilemmas.quiz.question import Draft, Right, items
from dilemmas.rules.episode import episode
from dilemmas.rules.game import Answers, Ask, Game, Outcome, Told, View
from dilemmas.strategies.prompts import render
from dilemmas.strategies.scene import Event, Scene, teller
from dilemmas.strategies.telling import Telling
from dilemmas.strategies.wanted import Wanted

SHOWN = 8  # rounds of a history, at most
Plan = Callable[[Ask], Answers]
"""What the seats do in an ask."""


@dataclass(frozen=True)
class Moment:
    """A seat (from 0) when it is asked, as it is told of it: its scene, its view, and the telling of the episode."""

    ask: Ask
    seat: int
    scene: Scene
    telling: Telling

    @property
    def told(self) -> Told:
        """Everything that the seat may know, in plain values."""
        return self.ask.view.told(self.seat)

    @property
    def data(self) -> Mapping[str, Any]:
        """What the game's texts are filled in with."""
        return self.scene.data

    @property
    def round(self) -> int:
        """The round that is to be played, from 1."""
        return int(self.ask.round[0])


@dataclass(frozen=True)
class Deal:
    """A game, how it is told, luck of one row, draws, and the texts of questions."""

    rules: Game
    telling: Telling
    luck: Chance
    dice: Dice
    texts: Mapping[str, str]
    number: int = 0

    def rounds(self, first: int = 0) -> int | None:
        """How many rounds are to be shown, drawn at least ``first``; None where the game is too short."""
        most = min(SHOWN, longest(self.rules) - 1)
        return self.dice.between(first, most) if most >= first else None

    def moment(self, past: int, plan: Plan, *, seat: int | None = None, rules: Game | None = None) -> Moment | None:
        """A seat after ``past`` rounds in which all did as ``plan`` says; None where nobody is asked then.

        ``seat`` is from 0, drawn among those asked where it is None. ``rules`` replace the deal's.
        """
        game = rules or self.rules
        events: dict[int, list[Event]] = {each: [] for each in range(game.seats)}
        one, loop, reply = teller(game), episode(steady(game), self.luck), None
        while True:
            try:
                event = loop.send(reply)
            except StopIteration:
                return None
            reply = None
            if isinstance(event, Outcome):
                for each, past_ in events.items():
                    kept = one.remember(event, each, self.telling)
                    past_ += [kept] if kept is not None else []
            elif int(event.round[0]) > past:
                return self._moment(game, event, seat, events)
            else:
                reply = plan(event)

    def _moment(self, game: Game, ask: Ask, seat: int | None, events: Mapping[int, list[Event]]) -> Moment | None:
        asked = np.flatnonzero(ask.who[0]).tolist()
        if seat is not None and seat not in asked:
            return None
        chosen = self.dice.pick(asked) if seat is None else seat
        true = replace(ask, view=View(game, ask.view.state))
        scene = teller(game).scene(true, chosen, self.telling, None, events[chosen])
        return Moment(true, chosen, scene, self.telling)

    def say(self, name: str, moment: Moment, **more: Any) -> str:
        """A text of the quiz, filled in with what the seat is told and ``more``."""
        return render(self.texts[name], {**moment.data, **more}, f"words.text.{name}")

    def ask(self, name: str, moment: Moment, answer: tuple[Wanted, Right], **more: Any) -> Draft:
        """A question put to the seat in its scene, in place of the game's own."""
        wanted, right = answer
        text = self.say(name, moment, **more)
        texts = {**moment.scene.texts, "question": text, "predict": "", "universal": ""}
        scene = replace(moment.scene, texts=texts, wanted=wanted, predicted=None, order=wanted.listed)
        return Draft(text, right, scene, moment.round, moment.seat + 1)

    def choose(self, name: str, moment: Moment, texts: list[str], right: int, **more: Any) -> Draft:
        """A question with numbered choices."""
        listed, wanted, answer = items(texts, right)
        return self.ask(name, moment, (wanted, answer), items=listed, **more)


Maker = Callable[[Deal], Draft | None]
"""Makes a question of one kind; None where the draw gives none that has one answer."""


def alone(draft: Draft) -> Draft:
    """The question by itself, without the game around it."""
    texts = dict.fromkeys(draft.scene.texts, "") | {"question": draft.text}
    return replace(draft, scene=replace(draft.scene, texts=texts))


def longest(rules: Game) -> int:
    """Rounds of an episode, as many as it may have; where it has no end, as many as are ever shown and one more."""
    rounds = getattr(rules, "rounds", None)
    if rounds is not None:
        return int(rounds)
    open_ = getattr(rules, "continuation", None) is not None
    return SHOWN + 1 if open_ else int(getattr(rules, "default_rounds", 1))


def steady(rules: Game) -> Game:
    """The same rules without chance in them: one of the ways in which the game may go, of known length."""
    fields: Mapping[str, Any] = getattr(type(rules), "model_fields", {})
    changes: dict[str, Any] = {name: 0.0 for name in ("noise", "perception_noise") if name in fields}
    if getattr(rules, "continuation", None) is not None:
        changes |= {"continuation": None, "rounds": longest(rules), "horizon": rules.told}  # type: ignore[attr-defined]  # it lasts by chance
        if "told_continuation" in fields:
            changes["told_continuation"] = rules.chance  # type: ignore[attr-defined]  # a field of matrix games
    if not changes or not hasattr(rules, "model_copy"):
        return rules
    changes = {name: value for name, value in changes.items() if getattr(rules, name) != value}
    return rules.model_copy(update=changes) if changes else rules
