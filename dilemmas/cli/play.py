"""``dilemmas play``: one episode, told round by round; people may sit at it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Option

from dilemmas.cli.carry import Screen, saved, typed
from dilemmas.cli.console import Console
from dilemmas.cli.flags import Output, Settings
from dilemmas.cli.human import Keyboard, Quit, Undo
from dilemmas.cli.told import SUFFIX
from dilemmas.engine.live import Voices
from dilemmas.errors import Stopped, UsageError
from dilemmas.report import models, story
from dilemmas.runs import orders
from dilemmas.runs.lab import Done, Order, carry_out
from dilemmas.runs.resolve import Cast, Source, resolve
from dilemmas.runs.run import How, people
from dilemmas.specs import experiment
from dilemmas.specs.seats import HUMAN, parse

EXAMPLES = (
    "dilemmas play prisoners-dilemma human tit-for-tat",
    "dilemmas play fishery human=5 --table",
    "dilemmas play donor image-scorer=5 never-donate --rounds 6",
    "dilemmas play prisoners-dilemma plain@rehearsal tit-for-tat --rounds 3",
)


def command(
    game: Annotated[str, Argument(metavar="GAME", help="A game from the shelf, or a file.")],
    seats: Annotated[
        list[str],
        Argument(metavar="SEAT...", help="Who plays, in order: STRATEGY[:KEY=VALUE]...[@MODEL][=COUNT], or human."),
    ],
    settings: Settings,
    output: Output,
    table: Annotated[
        bool, Option("--table", help="Several people answer in one line, for a game on a projector.")
    ] = False,
) -> None:
    """One episode told round by round; seats may be people."""
    console = Console(output.quiet, output.json)
    data = experiment.changed(
        orders.play(game, [parse(seat).entry for seat in seats]), settings.overrides() | output.overrides()
    )
    if output.save is not None:
        console.answer(saved(data, output.save, console))
        return
    source, watch = Source(python=True), Screen(console)
    order = Order(data, source, out=output.out, fresh=output.fresh, command=typed(), watch=watch)
    _refuse_loss(order)
    try:
        done = _played(order, console, table)
    except Stopped as stop:
        if order.out is None and "same command" in stop.remedy:
            console.note("Nothing of this episode was kept; with --out DIR the same command goes on where it stops.")
        raise
    for line in story.told(done.result.tables, console.width):
        console.say(line)
    for line in models.lines(done.result.tables):
        console.say(line)
    for line in models.warnings(done.result.tables):
        console.note(line)
    if done.folder is not None:
        console.say(f"\nTables: {done.folder.as_posix()}/*.{SUFFIX[output.format_ or 'csv']}")
    console.answer(_summary(done))


def _refuse_loss(order: Order) -> None:
    """A cap that is reached ends an episode early: without a folder, what was paid so far would be lost."""
    checked = experiment.check(order.data)
    caps = [f"--max-{name}" for name, cap in checked.limits.model_dump().items() if cap is not None]
    if order.out is None and caps and resolve(checked, order.source).models:
        raise UsageError(
            f"{caps[0]} may end the episode early, and what was paid for it would be lost, for play keeps nothing",
            remedy="Add --out DIR: calls are kept there, and the same command with a higher cap goes on.",
        )


def _played(order: Order, console: Console, table: bool) -> Done:
    """Carry the order out; where people play, again and again with one answer fewer as they undo."""
    if not any(entry["strategy"] == HUMAN for entry in order.data["population"]):
        return carry_out(order)
    checked = experiment.check(order.data)
    if checked.generations > 1 or checked.repetitions > 1 or len(checked.seeds) > 1:
        raise UsageError("people play one episode", remedy="Leave generations, repetitions and more seeds out.")
    known: list[str] = []
    starts: list[int] = []
    while True:
        keyboard = Keyboard(_ask, console.note, _clear, [], table, False, known, starts=starts)
        try:
            return carry_out(_with(order, keyboard))
        except Undo:
            if not keyboard.starts:
                console.note("There is nothing to take back.")
            known, starts = keyboard.typed[: keyboard.starts[-1] if keyboard.starts else 0], keyboard.starts[:-1]
        except (Quit, EOFError, KeyboardInterrupt):
            raise Stopped("the episode was left before its end", remedy="Nothing was written.") from None


def _with(order: Order, keyboard: Keyboard) -> Order:
    from dataclasses import replace

    def voices(cast: Cast) -> Voices:
        keyboard.people, keyboard.final = people(cast), bool(cast.models)
        return lambda luck: keyboard.voices()

    return replace(order, watch=None, how=How(driver="live", voices=voices, typed=lambda: list(keyboard.typed)))


def _ask(prompt: str) -> str:
    print(prompt, end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line


def _clear() -> None:
    """So many empty lines that the next person does not see the last one's screen."""
    if sys.stderr.isatty():
        print("\033[2J\033[H", end="", file=sys.stderr)


def _summary(done: Done) -> Mapping[str, Any]:
    episodes = [
        {key: row[key] for key in ("episode", "seat", "strategy", "payoff", "cooperation")}
        for row in done.result.tables["episodes"].rows()
    ]
    return {"folder": None if done.folder is None else Path(done.folder).as_posix(), "episodes": episodes}
