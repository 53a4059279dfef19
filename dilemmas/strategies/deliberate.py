"""How a prompted strategy comes to a decision: which calls it takes, what is made of the replies; nothing is sent here.

:func:`deliberate` yields prompts and is sent replies, so that who asks the model, and how, is the driver's business;
a test, ``dilemmas show`` and a resumed run walk the same way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace

from dilemmas.errors import SpecError, many
from dilemmas.strategies import replies
from dilemmas.strategies.minds import Mind, clean, quoted, shortened
from dilemmas.strategies.prompted import Decision, Message, Prompt, Prompted, Step
from dilemmas.strategies.prompting import IMPORTANCE, TEXT, Sayings
from dilemmas.strategies.prompting import messages as written
from dilemmas.strategies.prompting import steps as steps_of
from dilemmas.strategies.prompting import wanted as wanted_at
from dilemmas.strategies.prompts import shown
from dilemmas.strategies.scene import Scene
from dilemmas.strategies.wanted import Said, Unusable, Wanted

REPEATED = 2_000  # characters of an unusable reply that are shown to the model again


class Unanswered(Exception):
    """No reply to a step could be used, no attempt is left, and the experiment says to stop.

    ``why`` is what the model was told of its last reply, ``kind`` as in ``Unusable``, ``words`` that reply shortened.
    """

    def __init__(self, step: str, attempts: int, why: str, kind: str, words: str) -> None:
        self.step, self.attempts, self.why, self.kind, self.words = step, attempts, why, kind, words
        super().__init__(f"no usable reply to the step {step} in {self.tries} ({kind}): {why}")

    @property
    def tries(self) -> str:
        """The attempts in words."""
        return many(self.attempts, "attempt")


@dataclass(frozen=True, slots=True)
class _Heard:
    """What came of a step: what was understood (None: nothing), the reply, and the attempts that it took."""

    said: Said | None
    reply: str
    attempts: int
    kind: str = ""


Replies = Generator[Prompt, tuple[str, str], _Heard]


def deliberate(
    strategy: Prompted, scene: Scene, mind: Mind, allowed: Callable[[str], int], give_up: bool
) -> Generator[Prompt, tuple[str, str], Decision]:
    """One decision: yields a Prompt a call, is sent ``(text, finish)``, and returns the Decision.

    ``allowed(step)`` is the number of the last attempt that may be made at a step, from 1. When it is used up,
    ``give_up`` decides: Unanswered is raised, or the decision is marked as imputed, a prediction is none and a free
    text empty. ``mind`` is added to as the steps say. Raises SpecError for a template that cannot be filled in.
    """
    sayings, prediction, fresh = Sayings(), None, bool(scene.data.get("talk", {}).get("fresh"))
    taken: list[tuple[str, bool]] = []
    for step in steps_of(strategy, scene):
        answer = wanted_at(step, scene)
        if answer is None or not step.due(scene.data["round"], mind.ran.get(step.name), fresh):
            continue
        asked = written(strategy, scene, mind, sayings, step)
        heard = yield from answered(step, asked, answer, allowed, give_up)
        if step.kind == "choose":
            return replace(_decision(heard, prediction), steps=tuple(taken))
        taken.append((step.kind, not heard.kind))
        if step.kind == "predict":
            prediction = _canonical(heard.said, scene)
        _keep(step, heard, scene, mind, sayings)
    raise SpecError(f"{strategy.name} has no step that chooses", where=strategy.name, expected="a step of kind choose")


def messages(strategy: Prompted, scene: Scene, mind: Mind) -> tuple[Message, ...]:
    """The messages of a decision's first prompt."""
    return next(deliberate(strategy, scene, mind, lambda step: 1, False)).messages


def answered(
    step: Step, messages: tuple[Message, ...], wanted: Wanted, allowed: Callable[[str], int], give_up: bool
) -> Replies:
    """Ask until a reply can be used or no attempt is left; every attempt shows the model all earlier ones.

    What is sent and returned is as in :func:`deliberate`; raises Unanswered.
    """
    attempt, first = 0, ""
    while True:
        attempt += 1
        text, finish = yield Prompt(step.name, attempt, messages, wanted)
        said = _read(step, text, finish, wanted)
        if isinstance(said, Said):
            return _Heard(said, text, attempt, first)
        first = first or said.kind
        if attempt >= allowed(step.name):
            if not give_up:
                raise Unanswered(step.name, attempt, said.why, said.kind, shortened(clean(text).strip(), REPEATED))
            return _Heard(None, text, attempt, first)
        messages = (*messages, *_again(text, said))


def _read(step: Step, text: str, finish: str, wanted: Wanted) -> Said | Unusable:
    said = replies.read(text, finish, wanted)
    if step.kind == "teach" and isinstance(said, Said) and not paragraph(said.text, wanted.marker):
        return Unusable(f"Your reply holds no paragraph that begins with {wanted.marker}: and goes on.", "unreadable")
    if step.kind == "note" and isinstance(said, Said) and not _reasons(text, wanted):
        return Unusable(f"Your reply held no note: write it before its importance. {replies.form(wanted)}", "empty")
    return said


def paragraph(text: str, marker: str) -> str:
    """What stands after the last line of a text that begins with a marker; empty where there is none."""
    found = list(re.finditer(rf"^[\s>#*_`-]*{marker}[\s*_`]*[:：][\s*_`]*", text, re.IGNORECASE | re.MULTILINE))
    return text[found[-1].end() :].strip().removesuffix("```").strip(" \n*_`") if found else ""


def _again(text: str, wrong: Unusable) -> tuple[Message, Message]:
    """The model's own reply and what was wrong with it."""
    own = shortened(clean(text).strip(), REPEATED) or "(no answer)"
    return {"role": "assistant", "content": own}, {"role": "user", "content": wrong.why}


def _decision(heard: _Heard, prediction: str | None) -> Decision:
    said, words = heard.said, shortened(clean(heard.reply).strip(), 200)
    if said is None:
        return Decision(None, None, heard.attempts, True, words, prediction, heard.kind)
    told = (heard.attempts, False, said.words, prediction, heard.kind, said.text, said.named)
    return Decision(said.choice, said.amount, *told)


def _canonical(said: Said | None, scene: Scene) -> str | None:
    """A prediction by the other's canonical name of an action, or as the shortest text of a number."""
    if said is None:
        return None
    if said.choice is not None:
        return str(scene.data["their_actions"][said.choice])
    return None if said.amount is None else repr(float(said.amount)).removesuffix(".0")


def _keep(step: Step, heard: _Heard, scene: Scene, mind: Mind, sayings: Sayings) -> None:
    """What later steps, and later rounds, will know of a reply."""
    round_, said = scene.data["round"], heard.said
    mind.ran[step.name] = round_
    if step.kind == "predict":
        sayings.said[step.name] = _label(said, scene)
        sayings.reasons[step.name] = quoted(_reasons(heard.reply, scene.predicted)) if said is not None else ""
    elif step.kind == "note" and said is not None and said.amount is not None:
        mind.note(round_, _reasons(heard.reply, IMPORTANCE), said.amount)
    elif step.kind in ("think", "write"):
        text = said.text if said is not None else ""
        sayings.said[step.name] = quoted(text)
        if step.kept and text:
            mind.texts[step.name] = text


def _label(said: Said | None, scene: Scene) -> str:
    """A prediction as it is shown: the label, or the number."""
    if said is None or scene.predicted is None:
        return ""
    return scene.predicted.options[said.choice] if said.choice is not None else shown(said.amount)


def _reasons(reply: str, wanted: Wanted | None) -> str:
    """What a reply says besides its answer: without the lines of the marker; of a reply in JSON, its reasoning."""
    said = replies.read(reply, "stop", TEXT)
    text = said.text if isinstance(said, Said) else ""
    try:
        held = json.loads(text) if text.lstrip().startswith("{") else None
    except (ValueError, RecursionError):
        held = None
    if isinstance(held, dict):
        return str(held.get("reasoning", "")).strip()
    marker = (wanted or TEXT).marker.casefold()
    return "\n".join(line for line in text.splitlines() if not _marked(line, marker)).strip()


def _marked(line: str, marker: str) -> bool:
    """Whether a line is that of the answer, in whatever dressing: the marker is its first word."""
    return "".join(sign if sign.isalnum() else " " for sign in line.casefold()).split()[:1] == [marker]
