"""Kills: a process that dies at any moment, and the same command again, come to what one that lived comes to."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import brains
import pytest
from provider import Provider

KILLS = 20


def experiment(server: Provider) -> dict[str, Any]:
    """Eight episodes of a donor society with a script in it, and memory; 2 seeds, 2 cells: 4 runs, some 190 calls."""
    return {
        "experiment": "killed",
        "game": {"name": "donor", "rounds": 4, "games": 2},
        "population": ["cot@local/tiny=4", "scot@local/tiny=2", "image-scorer=2"],
        "generations": 2,
        "selection": {"rule": "truncation", "keep": 0.5},
        "inheritance": "copied",
        "seeds": 2,
        "sweep": {"game.multiplier": [2, 3]},
        "base_url": server.url,
    }


def command(file: Path, out: str) -> list[str]:
    words = ["run", str(file), "--out", out, "--no-plots", "--max-calls", "10000"]
    return [sys.executable, "-c", "from dilemmas.cli.app import main; main()", *words]


def tables(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.csv")) if path.name != "usage.csv"}


def keys(folder: Path) -> list[tuple[Any, ...]]:
    paths = sorted(folder.glob("runs/*/calls.jsonl"))
    lines = [(path.parent.name, line) for path in paths for line in path.read_text().splitlines()]
    return [(run, *json.loads(line)["key"].values()) for run, line in lines]


@pytest.mark.slow
def test_twenty_kills_change_nothing(tmp_path: Path) -> None:
    with Provider(brains.share("40 %"), latency=0.02) as server:
        file = tmp_path / "killed.yaml"
        file.write_text(json.dumps(experiment(server)), encoding="utf-8")
        subprocess.run(command(file, "whole"), cwd=tmp_path, check=True, capture_output=True)
        needed, server.requests = server.requests, 0
        lost, killed = 0, 0
        rng = random.Random(5)  # moments to kill at, not secrets
        for _ in range(400):
            playing = subprocess.Popen(
                command(file, "killed"), cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
            )
            before = server.requests
            if killed < KILLS:
                lost += _killed(playing, server, before + rng.randrange(0, max(2, needed // KILLS)))
                killed += 1
            else:
                assert playing.wait() == 0, playing.stderr and playing.stderr.read()
            if playing.stderr:
                playing.stderr.close()
            if playing.returncode == 0:
                break
        assert killed == KILLS
        assert tables(tmp_path / "killed") == tables(tmp_path / "whole")
        found = keys(tmp_path / "killed")
        assert len(found) == len(set(found)) == needed
        assert sorted(found) == sorted(keys(tmp_path / "whole"))
        assert needed <= server.requests <= needed + lost


def _killed(playing: subprocess.Popen[bytes], server: Provider, moment: int) -> int:
    """Kill the process once it has sent so many calls; how many were in flight then, at most."""
    most = 0
    while playing.poll() is None and server.requests <= moment:
        time.sleep(0.001)
    most = server.in_flight + 1  # one may be on its way to the server
    playing.kill()
    playing.wait()
    assert playing.returncode != 0, "the moments to kill at are chosen before the end"
    return max(most, server.in_flight)
