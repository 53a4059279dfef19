"""``dilemmas quiz``: whether a model understands a game, in questions that the rules can answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from typer import Argument, Option

from dilemmas.cli.carry import Screen, onward, typed
from dilemmas.cli.console import Console, columns
from dilemmas.cli.flags import Kept, Settings
from dilemmas.errors import many, pasted
from dilemmas.report import quiz as report
from dilemmas.specs import experiment as spec

EXAMPLES = (
    "dilemmas quiz prisoners-dilemma --model rehearsal --questions 20",
    "dilemmas quiz fishery --model openai/gpt-4o-mini --only dynamics --questions 70 --max-cost 1",
    "dilemmas quiz battle-of-the-sexes --model openai/gpt-4o-mini --only onlooker --questions 10",
)


def command(
    game: Annotated[str, Argument(metavar="GAME", help="A game's name, or a file.")],
    settings: Settings,
    kept: Kept,
    questions: Annotated[int, Option(min=1, metavar="N", help="How many questions.")] = 30,
    only: Annotated[
        list[str] | None,
        Option(
            metavar="CLASS",
            help="Only this class: comprehension, dynamics, theory-of-mind, planning, onlooker (repeatable).",
        ),
    ] = None,
    strategy: Annotated[str, Option(metavar="NAME", help="The prompted strategy that asks.")] = "cot",
) -> None:
    """Ask a model questions on a game, and say how many it got right."""
    from dilemmas.studies import quiz  # here: what asks models takes a while to load

    data = spec.changed(
        quiz.planned(game, None, questions, only or [], strategy), settings.overrides() | kept.overrides()
    )
    console = Console(kept.quiet, kept.json)
    console.answer(_told(console, game, _taken(data, kept, console)))


def _taken(data: Mapping[str, Any], kept: Kept, console: Console) -> Any:
    """Take the quiz; where it was stopped, what to type to go on."""
    from dilemmas.errors import Stopped
    from dilemmas.runs import orders
    from dilemmas.runs.work import Order
    from dilemmas.studies import quiz

    out = kept.out or orders.folder(data)
    order = Order(data, out=out, fresh=kept.fresh, command=typed(), watch=Screen(console))
    try:
        return quiz.take(order)
    except Stopped as stop:
        console.note(onward(stop))
        raise


def _told(console: Console, game: str, taken: Any) -> dict[str, Any]:
    """Print what came of it; the same as plain data."""
    scores, rounds = report.scores(taken.marks), report.rounds(taken.marks)
    console.say(f"{game} · quiz of {many(len(taken.marks), 'question')}")
    for line in [*columns(report.cells(scores), console.width), *report.series(rounds)]:
        console.say(line)
    folder = taken.folder.as_posix()
    console.say(f"\nMarks: {folder}/quiz.csv ({taken.seconds:.1f} s)\nNext:  dilemmas read {pasted(folder)}")
    simulated = any(taken.marks.list("simulated"))
    if simulated:
        console.note("warning: a stand-in answered: these are no results")
    usage = list(taken.usage.rows())
    return {
        "game": game,
        "folder": folder,
        "scores": scores,
        "rounds": rounds,
        "questions": list(taken.marks.rows()),
        "usage": usage,
        "simulated": simulated,
    }
