"""What lies beside the pictures of a folder: the numbers drawn, and captions, which are written last."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dilemmas.report.canvas import Drawing
from dilemmas.results import put, whole
from dilemmas.results.text import escape

CAPTIONS = "captions.md"


def numbers(drawing: Drawing, path: Path) -> Path:
    """The numbers drawn, as CSV with shortest round-trip numbers; null is empty."""
    with whole(path) as half, half.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(drawing.columns)
        writer.writerows(
            zip(*([_field(value) for value in values] for values in drawing.columns.values()), strict=True)
        )
    return path


def _field(value: Any) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, str):
        return escape(value) if value else ""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, (int, np.integer)) else repr(float(value))


def captioned(folder: Path) -> set[str]:
    """Names of the plots of a folder, none where drawing did not come to its end: captions are written last."""
    return set(_read(folder / CAPTIONS))


def taken(folder: Path) -> dict[str, str]:
    """The captions of a folder, which is not whole from now on until they are written again."""
    known = _read(folder / CAPTIONS)
    (folder / CAPTIONS).unlink(missing_ok=True)
    return known


def _read(path: Path) -> dict[str, str]:
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return {name: caption.strip() for name, caption in re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", text, re.M | re.S)}


def captions(known: Mapping[str, str], order: Iterable[str], folder: Path) -> Path:
    """Write captions by plot, in an order; those of plots that were not drawn this time stay."""
    listed = [name for name in order if name in known]
    path = folder / CAPTIONS
    put(path, "\n\n".join(f"## {name}\n\n{known[name]}" for name in listed) + "\n")
    return path
