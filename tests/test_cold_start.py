"""Starting up loads next to nothing, and each command only what it needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "pandas",
    "matplotlib",
    "litellm",
    "numpy",
    "pydantic",
    "yaml",
    "networkx",
    "nashpy",
    "dilemmas.rules",
    "dilemmas.specs",
)
MODELS = {"litellm", "openai", "httpx", "aiohttp", "jinja2", "dotenv"} | {
    f"dilemmas.{name}" for name in ("runs.perform", "runs.office", "strategies.prompting", "strategies.replies")
}
"""What only runs with models need."""


def loaded(*words: str) -> set[str]:
    """Modules that are loaded once a command has run."""
    code = (
        "import sys\n"
        "from dilemmas.cli.app import app\n"
        f"try:\n    app({list(words)!r}, prog_name='dilemmas')\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        "print('\\n'.join(['MODULES', *sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8")
    return set(done.stdout.partition("MODULES")[2].split())


@pytest.mark.parametrize("words", [["--help"], ["--version"]])
def test_the_first_screen_loads_nothing_heavy(words: list[str]) -> None:
    assert not loaded(*words) & set(HEAVY)


def test_importing_the_package_loads_nothing() -> None:
    code = "import dilemmas, sys; print(sorted(name for name in sys.modules if name.startswith('dilemmas')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['dilemmas']"


def test_a_tournament_without_plots_needs_neither_pandas_nor_matplotlib(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    modules = loaded("tournament", "prisoners-dilemma", "tit-for-tat", "grim", "--no-plots", "--rounds", "5")
    assert not modules & {"pandas", "matplotlib", "scipy", "networkx"}
    assert not modules & MODELS
    assert {name for name in modules if name.startswith("dilemmas.models.")} <= {"dilemmas.models.pulse"}
    assert (tmp_path / "results").is_dir()


def test_plots_are_drawn_without_pyplot_and_pandas(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    modules = loaded("tournament", "prisoners-dilemma", "tit-for-tat", "grim", "--rounds", "5")
    assert "matplotlib" in modules
    assert not modules & {"pandas", "matplotlib.pyplot", "litellm"}


def test_the_package_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "dilemmas", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8")
    assert done.stdout.startswith("dilemmas ")
