"""Where outside truth data stands beside the checkout; tests that need it skip with a reason where it is missing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

TRUTH = Path(__file__).resolve().parents[2] / "shared" / "truth"


def path(name: str) -> Path:
    found = TRUTH / name
    if not found.exists():
        pytest.skip(f"truth data {name} is not beside this checkout")
    return found


def truth(name: str) -> Any:
    return json.loads(path(name).read_text(encoding="utf-8"))
