"""``dilemmas replay``: finished runs played again from their own files, every table compared."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

from dilemmas.cli.console import Console, meter
from dilemmas.errors import many
from dilemmas.runs import replay
from dilemmas.runs.replay import Report

EXAMPLES = ("dilemmas replay results/demo",)


def command(
    results: Annotated[list[Path], Argument(metavar="RESULTS...", help="Results folders.")],
    quiet: Annotated[bool, Option("--quiet", help="Print nothing but differences.")] = False,
    json: Annotated[bool, Option("--json", help="One JSON object on stdout, all else on stderr.")] = False,
) -> None:
    """Replay and compare; exit code 1 if anything differs."""
    console = Console(quiet, json)
    reports: dict[str, Report] = {}
    for folder in [found for place in results for found in replay.folders(place)]:
        with meter(console) as progress:
            reports[folder.as_posix()] = replay.replay(folder, progress.runs)
        _tell(Console(json=json), console, folder, reports[folder.as_posix()])
    console.answer(
        {
            "same": not any(one.count for one in reports.values()),
            "folders": {name: vars(one) for name, one in reports.items()},
        }
    )
    if any(report.count for report in reports.values()):
        raise typer.Exit(1)


def _tell(loud: Console, console: Console, folder: Path, report: Report) -> None:
    runs = f"{many(report.runs, 'run')} played again"
    if not report.count:
        console.say(f"{folder.as_posix()}: {runs}, {many(report.rows, 'row')} compared, no difference")
        return
    loud.say(f"{folder.as_posix()}: {runs}, {many(report.count, 'difference')}")
    for line in report.differences:
        loud.say(f"  {line}")
    if report.count > len(report.differences):
        loud.say(f"  and {report.count - len(report.differences):,} more")
