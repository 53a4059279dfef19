"""What tests of several modules ask for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from provider import Provider


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which the test is; for a whole module: ``pytestmark = pytest.mark.usefixtures("here")``."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Provider]:
    """A server of models on loopback; it answers by the ``BRAIN`` of the module, where that has one."""
    brain = getattr(request.module, "BRAIN", None)
    with Provider() if brain is None else Provider(brain) as made:
        yield made
