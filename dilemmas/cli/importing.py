"""``dilemmas import``: published data into a results folder, every payoff checked by the rules."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from dilemmas.cli.carry import draw, typed
from dilemmas.cli.console import Console
from dilemmas.errors import UsageError, many, nearest, pasted
from dilemmas.runs.orders import ROOT
from dilemmas.studies.importing import Found, bring

EXAMPLES = (
    "dilemmas import akata repeatedgames/pd",
    "dilemmas import govsim GovSim/simulation/results/fishing_v6.4 --out results/published-lakes",
)
ABOUT = {
    "akata": "Public data of Akata et al. (2025), played again by the rules.",
    "govsim": "Public logs of GovSim (Piatti et al. 2024, and reproductions), played again by the rules.",
}


def command(
    source: Annotated[str, Argument(metavar="akata|govsim", help="Whose data: Akata et al. 2025, or GovSim logs.")],
    path: Annotated[Path, Argument(metavar="PATH", help="A file, or a folder of them.")],
    out: Annotated[
        Path | None, Option(metavar="DIR", help="Results folder (default results/SOURCE-published).")
    ] = None,
    fresh: Annotated[bool, Option("--fresh", help="Start anew; an old folder is kept under another name.")] = False,
    no_plots: Annotated[bool, Option("--no-plots", help="Draw nothing.")] = False,
    quiet: Annotated[bool, Option("--quiet", help="Print nothing but errors.")] = False,
    json: Annotated[bool, Option("--json", help="One JSON object on stdout, all else on stderr.")] = False,
) -> None:
    """Import, and draw."""
    if source not in ABOUT:
        raise UsageError(f"no data are called {source!r}", expected=" or ".join(ABOUT), remedy=nearest(source, ABOUT))
    console = Console(quiet, json)
    found = _found(source, path)
    for line in found.skipped:
        console.note(f"left out: {line}")
    for line in found.notes:
        console.note(f"incomplete: {line}")
    folder = out or ROOT / f"{source}-published"
    done = bring(found, folder.name, ABOUT[source], folder, fresh=fresh, command=typed())
    broken = sum(not log.finished for log in found.logs)
    rows = sum(len(log.rows) for log in found.logs)
    size = f"{many(len(found.logs), 'log')} with {many(rows, 'decision')}"
    console.say(f"{size} in {folder.as_posix()}: payoffs as published")
    if broken:
        breaks, they = ("breaks", "it") if broken == 1 else ("break", "they")
        console.say(f"{broken} of them {breaks} off: status 'broken off', nothing said of how {they} ended")
    drawn = draw(done, not no_plots, console)
    console.say(f"With new runs: dilemmas plot {pasted(folder.as_posix())} results/NEW --by model")
    answer: dict[str, object] = {
        "folder": folder.as_posix(),
        "logs": len(found.logs),
        "broken_off": broken,
        "decisions": rows,
    }
    answer |= {"skipped": list(found.skipped), "notes": list(found.notes)}
    console.answer({**answer, "plots": [path.as_posix() for path in drawn]})


def _found(source: str, path: Path) -> Found:
    if source == "akata":
        from dilemmas.studies import akata

        return akata.find(path)
    from dilemmas.studies import govsim

    return govsim.find(path)
