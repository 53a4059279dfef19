"""Folders of results: what is in the way of one, and what is said where none is."""

from __future__ import annotations

from pathlib import Path

from dilemmas.errors import ResultsError, nearest


def obstacle(path: Path) -> Path | None:
    """The file that stands where a path wants a folder, itself or above it; None where a folder is or can be made."""
    there = next((part for part in (path, *path.parents) if part.exists()), None)
    return there if there is not None and not there.is_dir() else None


def absent(folder: Path, found: str = "holds no results of this program", expected: str = "") -> ResultsError:
    """The error for a folder without results: that it is a file, or not there, or else what was ``found`` in it."""
    file, home = obstacle(folder), folder.parent
    if file is not None:
        return ResultsError("is a file, not a folder", where=file.as_posix(), expected="a folder with results")
    near = [path.name for path in home.iterdir() if path.is_dir()] if home.is_dir() else []
    found = found if folder.is_dir() else "there is no such folder"
    return ResultsError(found, where=folder.as_posix(), expected=expected, remedy=nearest(folder.name, near))
