"""``dilemmas read``: what seats were told, what they answered, how that was read and what it paid."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Option

from dilemmas.cli.console import Console, put
from dilemmas.report.calls import Wanted
from dilemmas.report.records import records
from dilemmas.report.transcript import Count, Line, transcript
from dilemmas.report.worded import records as worded_records
from dilemmas.report.worded import strategies as worded

EXAMPLES = (
    "dilemmas read results/mine | less",
    "dilemmas read results/mine --round 3 --agent g1-2",
    "dilemmas read results/mine --refused",
    "dilemmas read results/mine --strategies --generation 10",
)
STYLES = {"run": "1;36", "seat": "1", "step": "2", "thought": "2;3", "read": "32", "odd": "1;33", "told": "2"}
"""ANSI codes by kind of line; what is not listed is printed as it is."""


def command(
    results: Annotated[Path, Argument(metavar="RESULTS", help="A results folder.")],
    run: Annotated[str | None, Option(metavar="RUN", help="This run: its name, or the number it begins with.")] = None,
    generation: Annotated[int | None, Option(metavar="N", help="This generation.")] = None,
    round_: Annotated[int | None, Option("--round", metavar="N", help="This round of episodes.")] = None,
    agent: Annotated[str | None, Option(metavar="AGENT", help="This agent, as tables name it (g1-2).")] = None,
    episode: Annotated[int | None, Option(metavar="N", help="This episode of generations.")] = None,
    seat: Annotated[int | None, Option(metavar="N", help="This seat.")] = None,
    refused: Annotated[bool, Option("--refused", help="Only decisions that were asked for again or imputed.")] = False,
    strategies: Annotated[
        bool, Option("--strategies", help="Agents' strategies in words, by generation, instead.")
    ] = False,
    width: Annotated[int | None, Option(metavar="N", min=40, help="Columns (default: the terminal's).")] = None,
    json: Annotated[bool, Option("--json", help="One JSON object on stdout, with all that was sent and said.")] = False,
) -> None:
    """Print model calls in the order of play, for a pager."""
    wanted = Wanted(run, generation, episode, round_, seat, agent)
    if json:
        Console(json=True).answer(_data(results, wanted, refused=refused, strategies=strategies))
        return
    columns = width or Console().width
    count = Count()
    lines = (
        worded(results, wanted, columns)
        if strategies
        else transcript(results, wanted, columns, refused=refused, count=count)
    )
    try:
        found = _print(lines)
    except BrokenPipeError:
        # The reader has seen enough: nothing more is to be written, at the end of the process neither.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    if not found or not strategies:
        put(f"\n{count.words()}" if found else "nothing here is as asked for", sys.stderr)


def _data(results: Path, wanted: Wanted, *, refused: bool, strategies: bool) -> dict[str, Any]:
    found = worded_records(results, wanted) if strategies else records(results, wanted, refused=refused)
    return {"folder": results.as_posix(), "strategies" if strategies else "decisions": list(found)}


def _print(lines: Iterator[Line]) -> bool:
    """Write lines, in colours on a terminal that wants them; whether there were any."""
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    found = False
    for line in lines:
        found = True
        code = STYLES.get(line.kind) if coloured else None
        put(f"\033[{code}m{line.text}\033[0m" if code and line.text else line.text, sys.stdout)
    sys.stdout.flush()
    return found
