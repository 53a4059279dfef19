"""``dilemmas plot``: results drawn again, from their tables alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from dilemmas.cli.console import Console
from dilemmas.errors import many
from dilemmas.runs.result import load

EXAMPLES = (
    "dilemmas plot results/donor-truncation --only cooperation --width 3.4 --format pdf",
    "dilemmas plot results/one results/other --only ranking",
)


def command(
    results: Annotated[list[Path], Argument(metavar="RESULTS...", help="Results folders; several share axes.")],
    only: Annotated[
        list[str] | None, Option(metavar="NAME or AXIS=VALUE", help="A plot by name, or the runs of a value.")
    ] = None,
    by: Annotated[str | None, Option(metavar="AXIS", help="Sweep axis that groups runs.")] = None,
    x: Annotated[str | None, Option(metavar="AXIS", help="Sweep axis that lies along x.")] = None,
    width: Annotated[float, Option(metavar="INCHES", min=1.5, max=40, help="Width; 3.4 fills a column.")] = 6.4,
    font: Annotated[float, Option(metavar="POINTS", min=4, max=40, help="Size of letters.")] = 8.0,
    format_: Annotated[str, Option("--format", metavar="png,svg,pdf", help="Kinds of file.")] = "png,svg",
    out: Annotated[Path | None, Option(metavar="DIR", help="Folder for the plots (default RESULTS/plots).")] = None,
    quiet: Annotated[bool, Option("--quiet", help="Print nothing but errors.")] = False,
    json: Annotated[bool, Option("--json", help="One JSON object on stdout, all else on stderr.")] = False,
) -> None:
    """Draw."""
    from dilemmas.report import plots, published

    loaded = {name: load(folder) for name, folder in _names(results).items()}
    tables = plots.merge({name: one.tables for name, one in loaded.items()})
    behind = published.of(*(one.manifest for one in loaded.values()))
    folder = out or _place(results)
    kinds = [kind.strip() for kind in format_.split(",") if kind.strip()]
    paths = plots.draw(tables, folder, only=only, by=by, x=x, width=width, font=font, formats=kinds, published=behind)
    console = Console(quiet, json)
    count = sum(path.suffix == ".csv" for path in paths)
    console.say(f"{many(count, 'plot')} in {folder.as_posix()}")
    for path in paths:
        console.say(f"  {path.name}")
    console.answer({"folder": folder.as_posix(), "files": [path.as_posix() for path in paths]})


def _names(results: list[Path]) -> dict[str, Path]:
    """Folders by their own name, or by the whole path where two share one."""
    short = [folder.resolve().name for folder in results]
    return {
        folder.as_posix() if short.count(name) > 1 else name: folder
        for folder, name in zip(results, short, strict=True)
    }


def _place(results: list[Path]) -> Path:
    if len(results) == 1:
        return results[0] / "plots"
    return results[0].parent / "+".join(folder.resolve().name for folder in results)[:80] / "plots"
