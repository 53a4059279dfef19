"""Commands that meet in a results folder, or are told to stop: real processes, real HTTP."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import brains
import pytest
from provider import Provider

from dilemmas.models.desk import Call
from dilemmas.models.journal import Journal
from dilemmas.models.ledger import Ledger
from dilemmas.models.speaker import Key, Reply, Request
from dilemmas.runs.office import Office
from dilemmas.specs import experiment


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


@pytest.mark.slow
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


EXPERIMENT = experiment.check(
    {
        "experiment": "met",
        "game": {"name": "prisoners-dilemma"},
        "population": [{"strategy": "plain", "model": "local/tiny"}, {"strategy": "random"}],
    }
)


class Deaf:
    """A speaker that never answers, nor minds being cut off at once; it knows whether it was closed."""

    def __init__(self) -> None:
        self.asked, self.cut, self.closed = asyncio.Event(), asyncio.Event(), False

    async def ready(self) -> None:
        pass

    async def say(self, request: Request, timeout: float) -> Reply:
        try:
            self.asked.set()
            await asyncio.Event().wait()
        finally:
            self.cut.set()
            await asyncio.sleep(0)
        raise AssertionError

    async def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("moment", ["while calls in flight come home", "while they are cut off"])
def test_who_stops_a_command_twice_has_its_folder_free(tmp_path: Path, moment: str) -> None:
    async def main() -> None:
        deaf = Deaf()
        task = asyncio.create_task(work(deaf))
        await asyncio.wait_for(deaf.asked.wait(), 5)
        task.cancel()
        for _ in range(5):  # until the office waits for the call
            await asyncio.sleep(0)
        task.cancel()
        if moment == "while they are cut off":
            await asyncio.wait_for(deaf.cut.wait(), 5)
            task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert deaf.closed
        Ledger(tmp_path / "ledger.jsonl").close()

    async def work(deaf: Deaf) -> None:
        async with Office(EXPERIMENT, tmp_path, ["local/tiny"], speaking=lambda model: deaf) as office:
            key = Key(1, "play", 1, 1, 1, 1, "g1-1", "choose", 1)
            await office.desk.ask(Call(Request("local/tiny", ()), key, Journal(None)))

    asyncio.run(main())
