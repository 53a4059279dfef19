"""Make the pictures of the documentation with the program itself: ``python -m docs.pictures``.

Each is a plot of an experiment of the shelf, or of a call that the page with the picture shows.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import dilemmas as dl
from dilemmas.report import plots

HERE = Path(__file__).resolve().parent / "images"
SIX = ["tit-for-tat", "always-cooperate", "win-stay-lose-shift", "always-defect", "grim", "suspicious-tit-for-tat"]

PICTURES: Mapping[str, tuple[Callable[[], Any], str, Mapping[str, Any]]] = {
    "giving": (lambda: dl.run("donor-truncation"), "cooperation", {"by": "donors"}),
    "payoffs": (lambda: dl.tournament("prisoners-dilemma", SIX, exact=True), "payoffs", {}),
    "lake": (lambda: dl.tournament("fishery", ["sustainable", "greedy"]), "schelling", {}),
}


def draw(name: str, width: float = 5.0) -> Path:
    """Draw one of the pictures; its path."""
    made, plot, options = PICTURES[name]
    with tempfile.TemporaryDirectory() as folder:
        plots.draw(made().tables, Path(folder), only=[plot], width=width, formats=("png",), **options)
        return Path(shutil.copyfile(Path(folder) / f"{plot}.png", HERE / f"{name}.png"))


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    for each in PICTURES:
        print(draw(each))
