"""Files of the shelves as plain data, each read once a process; for tests that look at hundreds of them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

# A safe loader as well; the parser in C reads the shelves ten times as fast.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def said(path: Path) -> dict[str, Any]:
    """What a file says; not to be changed."""
    found = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    assert isinstance(found, dict), path
    return found
