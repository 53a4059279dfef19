"""Commands that meet in a results folder, or are told to stop: real processes, real HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import brains
from provider import Provider


def settings(server: Provider, **changes: Any) -> dict[str, Any]:
    return {
        "experiment": "met",
        "game": {"name": "prisoners-dilemma", "rounds": 5},
        "population": ["plain@local/tiny", "tit-for-tat"],
        "base_url": server.url,
        **changes,
    }


def command(*flags: str) -> list[str]:
    words = ["run", "met.yaml", "--out", "out", "--no-plots", *flags]
    return [sys.executable, "-c", "from dilemmas.cli.app import main; main()", *words]


@contextmanager
def running(folder: Path, server: Provider, **changes: Any) -> Iterator[subprocess.Popen[str]]:
    """A command that has asked its first question and waits for the reply."""
    (folder / "met.yaml").write_text(json.dumps(settings(server, **changes)), encoding="utf-8")
    made = subprocess.Popen(command(), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        while made.poll() is None and not server.in_flight:
            time.sleep(0.01)
        yield made
    finally:
        made.kill()
        made.communicate()


def test_a_folder_is_not_moved_from_under_a_command(tmp_path: Path) -> None:
    with Provider(brains.grim, latency=60) as server, running(tmp_path, server) as first:
        second = subprocess.run(command("--fresh"), cwd=tmp_path, capture_output=True, text=True, timeout=30)
        assert first.poll() is None
        assert second.returncode == 2
        assert "another command is at work in this results folder" in second.stderr
        assert [path.name for path in tmp_path.glob("out*")] == ["out"]
        first.kill()
        first.wait()
        server.latency = 0
        third = subprocess.run(command("--fresh"), cwd=tmp_path, capture_output=True, text=True)
        assert third.returncode == 0, third.stderr
        assert sorted(path.name for path in tmp_path.glob("out*")) == ["out", "out.old-1"]
