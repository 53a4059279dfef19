"""What a whole results folder was made of: the manifest of its joined tables with the sources of all its runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dilemmas.runs.result import load
from dilemmas.runs.store import Folder


def manifest(folder: Path) -> dict[str, Any]:
    """The folder's manifest; of several runs, with the games and strategies of all. Raises ResultsError."""
    whole = dict(load(folder).manifest)
    names = [name for name in whole.get("runs", ()) if Folder(folder).finished(name)]
    merged: dict[str, dict[str, str]] = {kind: dict(found) for kind, found in whole.get("sources", {}).items()}
    for name in names:
        sources: Mapping[str, Mapping[str, str]] = Folder(folder).manifest(name).get("sources", {})
        for kind, found in sources.items():
            merged[kind] = {**merged.get(kind, {}), **found}
    return {**whole, "sources": merged}
