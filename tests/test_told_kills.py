"""Kills while a society learns in words, at school, at play and between: the tables are those of a whole run."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import brains
import pytest
from provider import Messages, Provider
from test_models_kills import _killed, command, keys, tables

SCHOOL = ("STRATEGY:", "STORY:")


def brain(messages: Messages) -> str:
    """A strategy, a story or a gift that follows from what was read, and from nothing else."""
    seed = sum(map(ord, brains.whole(messages)))
    asked = messages[-1]["content"]
    marker = next((marker for marker in SCHOOL if marker in asked), "")
    return f"{marker} I give {seed % 90} percent to whoever gave {seed % 70}." if marker else f"ANSWER: {seed % 101} %"


def experiment(server: Provider) -> dict[str, Any]:
    """Three generations of models and scripts, of which teachers tell stories; two seeds: some 170 calls."""
    return {
        "experiment": "killed",
        "game": {"name": "donor", "rounds": 4, "games": 2},
        "population": ["plain@local/one=4", "plain@local/two=2", "mirror=2"],
        "generations": 3,
        "selection": {"rule": "truncation", "keep": 0.5},
        "inheritance": {"rule": "told", "passed": "story", "newcomer_model": "drawn", "blank": 0.2},
        "seeds": 2,
        "base_url": server.url,
    }


def stages(server: Provider) -> list[bool]:
    """Of every request, in order, whether it was made at school."""
    return [any(marker in body["messages"][-1]["content"] for marker in SCHOOL) for body in server.bodies]


def moments(school: list[bool]) -> list[int]:
    """When to kill: within founding and the first play, where school begins, within it, where it ends, and late."""
    play = school.index(False)
    again = school.index(True, play)
    ends = school.index(False, again)
    return [play // 2, play, (play + again) // 2, again - 1, (again + ends) // 2, ends, len(school) - 3]


@pytest.mark.slow
def test_a_told_run_that_is_killed_ends_as_one_that_was_not(tmp_path: Path) -> None:
    with Provider(brain, latency=0.01, keep=5000) as server:
        file = tmp_path / "killed.yaml"
        file.write_text(json.dumps(experiment(server)), encoding="utf-8")
        subprocess.run(command(file, "whole"), cwd=tmp_path, check=True, capture_output=True)
        needed, when = server.requests, moments(stages(server))
        server.requests, sent = 0, 0
        for moment in when:
            playing = subprocess.Popen(
                command(file, "killed"), cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            _killed(playing, server, max(moment, sent))
            sent = server.requests
        subprocess.run(command(file, "killed"), cwd=tmp_path, check=True, capture_output=True)
        assert tables(tmp_path / "killed") == tables(tmp_path / "whole")
        found = keys(tmp_path / "killed")
        assert len(found) == len(set(found)) == needed
        assert sorted(found) == sorted(keys(tmp_path / "whole"))
        # What had been answered and was not yet written down when a kill came is asked again, and no more.
        assert needed <= server.requests <= needed + len(when) * server.most
        assert {"inherit", "play"} == {key[2] for key in found}
