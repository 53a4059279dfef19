"""A quiz put to a model: the real prompts, the desk, the journal, the reading of answers; and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dilemmas.engine.chance import Chance
from dilemmas.engine.together import together
from dilemmas.models.speaker import Key, Reply
from dilemmas.quiz.question import Question
from dilemmas.results import Table
from dilemmas.runs.attempts import short
from dilemmas.runs.line import Line, answered
from dilemmas.runs.quizzes import STAGE
from dilemmas.strategies.deliberate import deliberate
from dilemmas.strategies.minds import Mind
from dilemmas.strategies.prompted import Decision, Prompt, Prompted
from dilemmas.strategies.wanted import Said


@dataclass(frozen=True)
class Mark:
    """What became of a question: what was read as the answer (None: nothing that could be used), and whether right."""

    question: Question
    answered: str | None
    right: bool
    attempts: int
    simulated: bool


@dataclass(frozen=True)
class Exam:
    """A model's quiz: its marks, in the order of the questions, and what its calls took (measures of usage)."""

    name: str
    model: str
    marks: Sequence[Mark]
    usage: Mapping[str, Any] = field(default_factory=dict)

    @property
    def right(self) -> int:
        """Questions that were answered rightly."""
        return sum(mark.right for mark in self.marks)

    @property
    def score(self) -> float:
        """Their share of all questions."""
        return self.right / len(self.marks)

    @property
    def simulated(self) -> bool:
        """Whether a stand-in answered anywhere."""
        return any(mark.simulated for mark in self.marks)

    def table(self) -> Table:
        """The quiz table's rows."""
        asked = [mark.question for mark in self.marks]
        columns: dict[str, Any] = {
            "run": [self.name] * len(asked),
            "model": [self.model] * len(asked),
            "number": [question.number for question in asked],
            "class": [question.part for question in asked],
            "kind": [question.kind for question in asked],
            "round": [question.round for question in asked],
            "question": [question.text for question in asked],
            "expected": [question.expected for question in asked],
            "answered": [mark.answered for mark in self.marks],
            "right": [mark.right for mark in self.marks],
            "invalid": [mark.answered is None for mark in self.marks],
            "attempts": [mark.attempts for mark in self.marks],
            "simulated": [mark.simulated for mark in self.marks],
        }
        return Table.of(STAGE, columns)


async def examine(line: Line, strategy: Prompted, questions: Sequence[Question]) -> tuple[Mark, ...]:
    """Put all questions to the model of a strategy, side by side; raises Stopped where a provider or a cap ends it."""
    candidate = _Candidate(line, strategy)
    return tuple(await together([candidate.answer(question) for question in questions]))


@dataclass(frozen=True)
class _Candidate:
    line: Line
    strategy: Prompted

    async def answer(self, question: Question) -> Mark:
        """Ask until there is an answer or no attempt is left, which counts as a wrong one."""
        scene = question.scene
        if self.line.schema(self.strategy.model):
            scene = replace(scene, wanted=replace(scene.wanted, json=True))
        again = 1 + self.line.reading.again
        steps = deliberate(self.strategy, scene, Mind.of(self.strategy), lambda step: again, True)
        return _marked(question, *await answered(steps, lambda prompt: self._call(prompt, question)))

    async def _call(self, prompt: Prompt, question: Question) -> Reply:
        luck = Chance.of(self.line.seed, 1, question.number)

        def draw() -> float:
            return float(luck.draw("rehearsal quiz", 1)[question.number - 1, 0])

        key = Key(
            0,
            STAGE,
            question.number,
            question.round,
            1,
            question.seat,
            "",
            f"{question.kind} {prompt.step}",
            prompt.attempt,
        )
        return await self.line.ask(self.strategy.model, self.strategy.sampling, prompt, key, draw)


def _marked(question: Question, decision: Decision, simulated: bool) -> Mark:
    if decision.imputed:
        return Mark(question, None, False, decision.attempts, simulated)
    right = question.fits(Said(choice=decision.choice, amount=decision.amount))
    return Mark(question, short(decision.words)[1:-1], right, decision.attempts, simulated)
