"""Write the reference from the code: ``python -m docs.generate``, or with ``--check`` say what is out of date."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from docs import pages, prompts, shelves, views

HERE = Path(__file__).resolve().parent / "reference"

PAGES: Mapping[str, Callable[[], str]] = {
    "commands.md": pages.commands,
    "python.md": pages.python,
    "games.md": shelves.games,
    "strategies.md": shelves.strategies,
    "views.md": views.views,
    "prompts.md": prompts.prompts,
    "culture.md": pages.culture,
    "experiments.md": pages.experiments,
    "tables.md": pages.tables,
    "plots.md": pages.plots,
    "errors.md": pages.errors,
}


def stale() -> list[str]:
    """Pages that are not what the code says now."""
    return [name for name, make in PAGES.items() if _read(HERE / name) != make()]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def main(check: bool) -> int:
    """Write the pages, or only say which are out of date; the exit code."""
    if check:
        old = stale()
        print("out of date: " + ", ".join(old) if old else "up to date")
        return int(bool(old))
    HERE.mkdir(exist_ok=True)
    for name, make in PAGES.items():
        (HERE / name).write_text(make(), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
