"""What tests of several modules ask for."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which the test is; for a whole module: ``pytestmark = pytest.mark.usefixtures("here")``."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
