"""``dilemmas cite``: whom to cite for results, and how to describe them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from dilemmas.cli.console import Console
from dilemmas.runs import sources

EXAMPLES = ("dilemmas cite results/demo",)


def command(
    results: Annotated[Path, Argument(metavar="RESULTS", help="A results folder.")],
    json: Annotated[bool, Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Print BibTeX and a methods paragraph."""
    from dilemmas.report.cite import bibtex, methods

    manifest = sources.manifest(results)
    entries, paragraph = bibtex(manifest), methods(manifest)
    console = Console(json=json)
    console.say(f"{entries}\n\n{paragraph}")
    console.answer({"bibtex": entries, "methods": paragraph})
