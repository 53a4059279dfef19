"""Generations that learn in words: models write strategies, hear those of others, and tell their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from dilemmas.culture.lessons import Lesson
from dilemmas.engine.chance import Chance
from dilemmas.engine.together import together
from dilemmas.errors import Stopped
from dilemmas.models.speaker import Key, Reply
from dilemmas.rules.game import Game
from dilemmas.runs.attempts import allowed, short
from dilemmas.runs.line import Line, answered
from dilemmas.runs.sitting import School
from dilemmas.runs.speaking import Manner
from dilemmas.runs.trials import trials
from dilemmas.strategies import lessons as words
from dilemmas.strategies import telling
from dilemmas.strategies.deliberate import Unanswered
from dilemmas.strategies.described import described
from dilemmas.strategies.minds import quoted
from dilemmas.strategies.prompted import Prompt, Prompted
from dilemmas.strategies.scene import teller
from dilemmas.strategies.scene_common import names
from dilemmas.strategies.strategy import Strategy


@dataclass(frozen=True)
class _Class:
    """What the lessons of one generation share."""

    school: School
    line: Line
    manner: Manner
    luck: Chance

    @property
    def game(self) -> Game:
        """The rules that everybody is told."""
        return self.school.game

    @cached_property
    def told(self) -> telling.Telling:
        """How the game is told to all of them."""
        manner = self.manner
        return telling.tell(manner.words, manner.presentation, self.game, self.luck, self.luck, crossing=True)


async def learn(school: School, line: Line, manner: Manner) -> list[Strategy]:
    """The strategies that come of the lessons of a generation, all of which are given at once."""
    class_ = _Class(school, line, manner, Chance.of(line.seed, 0, 1))
    heard = await _tales(class_)
    return await together([_lesson(class_, lesson, heard) for lesson in school.lessons])


async def _tales(class_: _Class) -> Mapping[str, str]:
    """What teachers tell, by their ids: their strategies in words, or what they write now for newcomers to hear."""
    teachers: dict[str, tuple[Lesson, int]] = {}
    for lesson in class_.school.lessons:
        for place, teacher in enumerate(lesson.teachers):
            teachers.setdefault(teacher.id, (lesson, place))
    told = await together([_tale(class_, *teachers[id_]) for id_ in teachers])
    return dict(zip(teachers, told, strict=True))


async def _tale(class_: _Class, lesson: Lesson, place: int) -> str:
    teacher = lesson.teachers[place]
    strategy = teacher.strategy
    if lesson.passed == "scores":
        return ""
    if not isinstance(strategy, Prompted):
        labels, unit = class_.told.labels, class_.told.unit
        return described(strategy, class_.game, labels, unit, trials(strategy, class_.game, labels))
    if lesson.passed != "strategy":
        data = _data(class_, lesson.places[place]) | {"passed": lesson.passed, "score": _score(lesson, place)}
        return await _written(class_, strategy, "tell", data, lesson.generation, teacher.id)
    return strategy.text or "It has written nothing down."


def _score(lesson: Lesson, place: int) -> float | None:
    return lesson.payoffs[place] if lesson.payoffs is not None else None


async def _lesson(class_: _Class, lesson: Lesson, heard: Mapping[str, str]) -> Strategy:
    strategy = lesson.strategy
    assert isinstance(strategy, Prompted)
    data = _data(class_, lesson.place) | {"passed": lesson.passed, "mutation": lesson.mutation}
    if lesson.teachers:
        data["teachers"] = [_teacher(class_, lesson, place, heard) for place in range(len(lesson.teachers))]
    part = "learn" if lesson.teachers else "found"
    blank = replace(strategy, text="", model=lesson.model)
    text = await _written(class_, blank, part, data, lesson.generation, lesson.id)
    return replace(blank, text=text)


def _teacher(class_: _Class, lesson: Lesson, place: int, heard: Mapping[str, str]) -> dict[str, Any]:
    """A teacher as a newcomer is told of it."""
    text = heard[lesson.teachers[place].id]
    if lesson.forgotten and (lot := lesson.forgotten[place]) is not None:
        text = words.forgotten(text, lot)
    scripted = not isinstance(lesson.teachers[place].strategy, Prompted)
    called = _called(class_, lesson.places[place])
    return {"name": called, "text": quoted(text), "score": _score(lesson, place), "scripted": scripted}


def _called(class_: _Class, place: int) -> str:
    """What a member is called: as in play where everybody keeps a seat, else by number."""
    return names(class_.told, class_.school.size)[place]


def _data(class_: _Class, place: int) -> dict[str, Any]:
    """What templates of lessons may use: the scene of a first round, and what lessons add."""
    game = class_.game
    ask = game.ask(game.start(class_.luck))
    assert ask is not None
    scene = teller(game).scene(ask, place % game.seats, class_.told, 0, [])
    more = {"stakes": class_.school.selected, "per_round": game.per_round, "teachers": [], "score": None}
    blank = {"passed": "strategy", "mutation": "", "recall": "", "said": {}, "reasons": {}, "summary": "", "notes": ""}
    return {**scene.data, "game": scene.texts, **more, **blank, "form": ""}


async def _written(
    class_: _Class, strategy: Prompted, part: str, data: Mapping[str, Any], generation: int, agent: str
) -> str:
    """Ask until there is a paragraph; raises Stopped where the experiment stops for want of one."""
    line, give_up = class_.line, class_.line.reading.otherwise != "stop"
    first = Key(generation, "inherit", 0, 0, 0, 0, agent, part, 1)
    steps = words.write(strategy, part, data, lambda step: allowed(line.reading, line.journal, first), give_up)
    try:
        text, _ = await answered(steps, lambda prompt: _asked(line, strategy, prompt, first))
    except Unanswered as error:
        raise Stopped(
            f"{strategy.model} wrote no {words.MARKER[part].lower()} in {error.tries} ({error.kind}); the "
            f"last: {short(error.words)}",
            where=f"generation {generation}, agent {agent}, step {part}",
            remedy="The same command asks it again.",
        ) from None
    return text


async def _asked(line: Line, strategy: Prompted, prompt: Prompt, first: Key) -> Reply:
    key = first._replace(attempt=prompt.attempt)
    born, _, number = first.agent.partition("-")
    draw = (7 * int(born.lstrip("g")) + int(number)) * 0.618 % 1  # so that stand-ins do not all say the same
    return await line.ask(strategy.model, strategy.sampling, prompt, key, lambda: draw)
