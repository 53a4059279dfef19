"""What a folder and a shell say about models: a file ``.env`` with keys, and the model to ask by default."""

from __future__ import annotations

import os
from pathlib import Path

from dilemmas.errors import FileError

FILE = ".env"


def prepare() -> None:
    """Set the variables of the current folder's ``.env`` that are not set; cheap where there is none.

    A variable of the shell wins, also an empty one. Raises FileError where the file cannot be read.
    """
    path = Path(FILE)
    if not path.is_file():
        return
    from dotenv import load_dotenv

    try:
        load_dotenv(path, override=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        # The words of a decoding error quote bytes of the file, which may be those of a key.
        raise FileError(
            f"cannot be read ({type(error).__name__})", where=FILE, expected="lines KEY=value, UTF-8"
        ) from None


def default_model() -> str | None:
    """The model that DILEMMAS_MODEL names; None where it does not."""
    from dilemmas.runs.resolve import VARIABLE

    return os.environ.get(VARIABLE) or None
