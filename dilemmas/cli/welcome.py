"""The first screen: every command with a sentence; drawn here because Typer's own way takes twice as long to load."""

from __future__ import annotations

from collections.abc import Mapping

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text


def welcome(usage: str, about: str, panels: Mapping[str, Mapping[str, str]], end: str) -> None:
    """Print a panel for each group of names, a line a name."""
    console = Console(highlight=False, markup=False)
    wide = max(len(name) for rows in panels.values() for name in rows)
    console.print(Padding(f"{usage}\n\n{' '.join(about.split())}", (1, 1)))
    for title, rows in panels.items():
        table = Table(box=None, show_header=False, pad_edge=False)
        table.add_column(style="bold cyan", min_width=wide, no_wrap=True)
        table.add_column(ratio=1)
        for name, summary in rows.items():
            table.add_row(Text(name), Text(summary))
        console.print(Panel(table, title=title, title_align="left", border_style="dim", box=box.ROUNDED))
    console.print(f"\n {end}\n")
