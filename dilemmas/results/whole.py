"""Files that appear whole: written under another name, then renamed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A name to write to, which takes the place of ``path`` at the end; a reader never sees half a file.

    The name has the process in it, so that two commands at once do not write into each other. Where writing fails,
    nothing is left and an older file stays.
    """
    half = path.with_name(f"{path.name}.part-{os.getpid()}")
    try:
        yield half
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def put(path: Path, text: str) -> None:
    """Write text, UTF-8 with plain line ends; its folder is made if it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as half:
        half.write_text(text, encoding="utf-8", newline="\n")
