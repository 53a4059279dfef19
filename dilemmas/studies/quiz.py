"""A quiz by itself: questions on a game to one model, in a results folder where the same command goes on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from dilemmas.engine import live
from dilemmas.errors import UsageError
from dilemmas.quiz.question import PARTS
from dilemmas.results import Table, join, put, write
from dilemmas.runs import quizzes
from dilemmas.runs.exam import Exam
from dilemmas.runs.gate import Gate, check
from dilemmas.runs.office import Office
from dilemmas.runs.resolve import Cast, digest, files, resolve
from dilemmas.runs.settings import chosen
from dilemmas.runs.store import SUFFIX, Folder, Identity
from dilemmas.runs.work import Order, summary, usage
from dilemmas.specs import bounds, games
from dilemmas.specs.quiz import Quiz

QUESTIONS = 30


@dataclass(frozen=True)
class Taken:
    """A quiz that was taken: the marks of all seeds, what the calls took, where it is kept (None: nowhere)."""

    marks: Table
    usage: Table
    folder: Path | None
    seconds: float


def planned(game: str, model: str | None, count: int, parts: Sequence[str], voice: str) -> dict[str, Any]:
    """The experiment that a quiz is: a table full of the model, and the questions that it has to answer.

    Raises UsageError for a class that there is not.
    """
    strange = next((part for part in parts if part not in PARTS), None)
    if strange is not None:
        raise UsageError(f"there is no class of questions called {strange!r}", expected=", ".join(PARTS))
    settings = {"score": 0.0, "questions": count, "classes": list(parts), "strategy": voice}
    return {
        "experiment": bounds.titled(game, "quiz"),
        "command": "play",
        "game": {"name": game},
        "population": [{"strategy": voice, "model": model or "default"}],
        "require_quiz": settings,
    }


def take(order: Order) -> Taken:
    """Put the questions of an order to its model; raises what settings get wrong before anything is written or asked.

    Raises Stopped where a provider or a cap ends it; the same order goes on, and asks nothing twice.
    """
    began = perf_counter()
    cast = _cast(order)
    settings = [_settings(cast).model_copy(update={"seed": seed}) for seed in cast.experiment.seeds]
    if not cast.models:
        raise UsageError(f"{settings[0].strategy} is no prompted strategy", expected="cot, plain, or a like one")
    check(cast, order.source)
    if order.out is not None:
        _claim(order, cast)
    exams = live.wait(_attend(order, cast, settings))
    marks, spent = join([exam.table() for exam in exams]), usage({exam.name: exam.usage for exam in exams})
    if order.out is not None:
        _close(order, cast.experiment.format, spent)
    return Taken(marks, spent, order.out, perf_counter() - began)


def _cast(order: Order) -> Cast:
    """The experiment made ready, with as many seats as the game has by itself."""
    data = dict(order.data)
    given = {key: value for key, value in data["game"].items() if key != "name"}
    seats = games.load(data["game"]["name"], given, order.source.beside).rules.seats
    data["population"] = [{**entry, "count": seats} for entry in data["population"]]
    from dilemmas.specs import experiment  # the module, whose name an order has as well

    return resolve(experiment.check(data, order.path), order.source)


def _settings(cast: Cast) -> Quiz:
    settings = cast.experiment.require_quiz
    if settings is None:
        raise UsageError("a quiz without questions", expected="require_quiz")
    return settings


def _claim(order: Order, cast: Cast) -> None:
    assert order.out is not None
    inputs = files(cast, order.source)
    settings = {key: value for key, value in cast.settings.items() if key != "population"}
    identity = Identity(settings, {place: digest(path) for place, path in sorted(inputs.items())}, chosen(cast))
    folder = Folder(order.out)
    folder.claim(identity, fresh=order.fresh)
    folder.stamp(identity, order.data, inputs)


async def _attend(order: Order, cast: Cast, settings: Sequence[Quiz]) -> list[Exam]:
    office = Office(cast.experiment, order.out, cast.models, speaking=order.speaking, watch=order.watch)
    async with office:
        office.watch.planned = len(settings)
        gate = Gate(office, order.source, order.out)
        exams = []
        try:
            for one in settings:
                exams += [await gate.exam(model, cast, one) for model in cast.models]
                office.watch.done += 1
        finally:
            await gate.close()
    return exams


def _close(order: Order, form: str, spent: Table) -> None:
    """Bring the joined tables up to date."""
    assert order.out is not None
    quizzes.gather(order.out, form)
    write(usage(quizzes.spent(order.out)), order.out / f"usage{SUFFIX[form]}")
    manifest: Mapping[str, Any] = summary(order, sorted(quizzes.spent(order.out)))
    put(order.out / "manifest.json", json.dumps(dict(manifest), indent=2, ensure_ascii=False) + "\n")
