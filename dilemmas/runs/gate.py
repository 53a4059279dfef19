"""Who may play: before a run, every model that has a seat in it takes the quiz of its game, once a results folder."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from dilemmas.errors import RunFailed, SpecError, UsageError
from dilemmas.models.journal import Journal
from dilemmas.quiz import sheet as sheets
from dilemmas.quiz.question import Question
from dilemmas.quiz.sheet import Paper, questions
from dilemmas.report import metrics
from dilemmas.runs import quizzes
from dilemmas.runs.exam import Exam, examine
from dilemmas.runs.office import Office
from dilemmas.runs.quizzes import STAGE
from dilemmas.runs.resolve import Cast, Source, resolve
from dilemmas.runs.speaking import manner
from dilemmas.runs.spent import usage
from dilemmas.specs import seats, sweep, words
from dilemmas.specs.experiment import Experiment
from dilemmas.specs.quiz import Quiz
from dilemmas.strategies.prompted import Prompted


def sheet(cast_: Cast, settings: Quiz, source: Source) -> list[Question]:
    """The questions of a game as this experiment puts it."""
    return questions(_paper(cast_, source), settings.questions, settings.seed, tuple(settings.classes))


def _paper(cast_: Cast, source: Source) -> Paper:
    how = manner(cast_)
    return Paper(cast_.rules, how.words, how.presentation, words.family(STAGE, source.beside).text, how.crossing)


def check(cast_: Cast, source: Source) -> None:
    """Raise SpecError for a quiz that could not be put to the models of a cast, before anything is written or asked."""
    settings = cast_.experiment.require_quiz
    if settings is None or not cast_.models:
        return
    candidate("", settings, cast_.experiment, source)
    try:
        sheets.check(_paper(cast_, source), settings.seed, tuple(settings.classes))
    except UsageError as error:
        raise SpecError(error.found, where="require_quiz.classes", expected=error.expected) from None


def candidate(model: str, settings: Quiz, experiment: Experiment, source: Source) -> Prompted:
    """The strategy whose prompts the questions are put in, with the model and the experiment's sampling."""
    found = seats.strategy(settings.strategy, source.beside)
    if not isinstance(found, Prompted):
        raise SpecError(
            f"{settings.strategy} is not played by a model", where="require_quiz.strategy", expected="cot, plain, ..."
        )
    return replace(found, model=model, sampling={**found.sampling, **experiment.sampling})


def title(model: str, cast_: Cast, settings: Quiz) -> str:
    """The name of a quiz: its model, and digits of everything that its questions and their prompts follow from."""
    asked = settings.model_dump(mode="json", exclude={"score"})
    known = {key: cast_.settings.get(key) for key in ("game", "presentation", "words", "sampling", "answers")}
    told = manner(cast_).crossing
    slug = re.sub(r"[^\w.-]+", "-", model).strip("-.")
    return f"{STAGE}-{slug}-{sweep.digest({**known, 'quiz': asked, 'model': model, 'crossing': told}, 6)}"


@dataclass
class Gate:
    """Has every model examined that wants to play, each once for each game; ``folder`` is the results folder."""

    office: Office
    source: Source
    folder: Path | None
    _taken: dict[str, asyncio.Task[Exam]] = field(default_factory=dict)

    async def admit(self, experiment: Experiment) -> None:
        """Raise RunFailed where a model that has a seat is below the bar; its answers are kept, and had once.

        A stand-in that rehearses an experiment in others' place is let in: it knows nothing of any game.
        """
        settings = experiment.require_quiz
        if settings is None:
            return
        cast_ = resolve(experiment, self.source)
        exams = await asyncio.gather(*(self.exam(model, cast_, settings) for model in cast_.models))
        for exam in exams:
            if exam.score < settings.score and not (self.office.stand_ins and exam.simulated):
                raise refused(exam, settings)

    async def exam(self, model: str, cast_: Cast, settings: Quiz) -> Exam:
        """The quiz of a model; whoever asks for the same one waits for the same."""
        name = title(model, cast_, settings)
        if name not in self._taken:
            self._taken[name] = asyncio.create_task(self._take(name, model, cast_, settings))
        return await asyncio.shield(self._taken[name])

    async def _take(self, name: str, model: str, cast_: Cast, settings: Quiz) -> Exam:
        home = self.folder / STAGE / name if self.folder is not None else None
        asked = sheet(cast_, settings, self.source)
        strategy = candidate(model, settings, cast_.experiment, self.source)
        journal = Journal(home)
        try:
            line = self.office.named(name, settings.seed, journal, cast_.experiment)
            marks = await examine(line, strategy, asked)
        finally:
            journal.close()
        exam = Exam(name, model, marks, usage(journal.totals()))
        self.office.quizzes[name] = exam
        if home is not None:
            quizzes.save(home, exam.table(), exam.usage, cast_.experiment.format)
        return exam

    async def close(self) -> None:
        """End what is still asked."""
        for task in self._taken.values():
            task.cancel()
        await asyncio.gather(*self._taken.values(), return_exceptions=True)


def refused(exam: Exam, settings: Quiz) -> RunFailed:
    """The error for a model that does not know the game well enough."""
    count = len(exam.marks)
    low, high = (100 * float(end) for end in metrics.wilson(exam.right, count))
    return RunFailed(
        f"{exam.model} did not pass the quiz: {exam.right} of {count} right ({100 * exam.score:.0f} %, 95 % interval "
        f"{low:.0f} to {high:.0f} %)",
        expected=f"at least {100 * settings.score:.4g} % (require_quiz)",
        remedy=f"What it was asked and answered: quiz.csv, and calls.jsonl in {STAGE}/{exam.name}.",
    )
