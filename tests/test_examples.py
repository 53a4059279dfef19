"""Examples that ``--help`` gives work as typed, but for those that need somebody, a model or files of one's own."""

from __future__ import annotations

import importlib
import shlex
from pathlib import Path
from typing import Any

import pytest
from cli import dilemmas

import dilemmas.cli as cli

pytestmark = pytest.mark.usefixtures("here")
NEEDS = ("mine", "homework", "openai/", "local/", "human", "results/", "repeatedgames", "GovSim", " demo", " run ")
"""Words of those that are not run here; the last two are run by other tests."""


def examples() -> list[str]:
    names = sorted(path.stem for path in Path(cli.__file__).parent.glob("*.py"))
    found = [getattr(importlib.import_module(f"dilemmas.cli.{name}"), "EXAMPLES", ()) for name in names]
    lines = [
        line for one in found for line in (one if isinstance(one, tuple) else [x for y in one.values() for x in y])
    ]
    return [line for line in lines if not any(word in line for word in NEEDS)]


def timed(line: str) -> Any:
    return pytest.param(line, marks=pytest.mark.slow) if " evolve " in line else line


@pytest.mark.parametrize("line", [timed(line) for line in examples()])
def test_an_example_works_as_typed(line: str) -> None:
    program, *words = shlex.split(line)
    assert program == "dilemmas"
    ran = dilemmas(*words)
    assert ran.code == 0, ran.err
    assert ran.out.strip()
