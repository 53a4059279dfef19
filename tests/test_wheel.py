"""What is installed is what is here: the wheel has the shelves and no rubbish, and works away from the checkout."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from dilemmas.specs.catalogue import SHELVES

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built with what is installed here; nothing is fetched."""
    if missing := [name for name in ("hatchling", "build") if importlib.util.find_spec(name) is None]:
        pytest.skip(f"cannot build a wheel without {' and '.join(missing)}")
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel unpacked, as an installer would lay it out."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def dilemmas(installed: Path, cwd: Path, *words: str) -> str:
    """What the installed command prints, run where there is no checkout."""
    code = "import dilemmas, sys; print(dilemmas.__file__, file=sys.stderr); from dilemmas.cli.app import main; main()"
    # -P keeps the working folder, PYTHONPATH puts the unpacked wheel before the editable checkout.
    environment = {**os.environ, "PYTHONPATH": str(installed), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-P", "-c", code, *words]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=cwd, env=environment)
    assert done.returncode == 0, done.stderr
    assert str(installed) in done.stderr
    return done.stdout


def test_the_shelves_travel(wheel: Path) -> None:
    held = set(names(wheel))
    for shelf in SHELVES:
        files = {path.name for path in (ROOT / shelf).glob("*.yaml")}
        assert files
        assert {f"dilemmas/library/{shelf}/{file}" for file in files} <= held


def test_every_module_travels_and_nothing_else(wheel: Path) -> None:
    held = names(wheel)
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "dilemmas").rglob("*.py")}
    assert modules <= set(held)
    strange = [name for name in held if "__pycache__" in name or name.partition("/")[0] in ("tests", "docs", "results")]
    assert not strange
    suffixes = {Path(name).suffix for name in held if name.startswith("dilemmas/")} - {""}
    assert suffixes <= {".py", ".yaml", ".csv", ".typed", ".md", ".jinja", ".html"}


def test_the_licence_and_the_command_travel(wheel: Path) -> None:
    held = names(wheel)
    assert any(name.endswith("licenses/LICENSE") for name in held)
    (entry,) = [name for name in held if name.endswith("entry_points.txt")]
    with zipfile.ZipFile(wheel) as archive:
        assert "dilemmas = dilemmas.cli.app:main" in archive.read(entry).decode()


def test_types_travel(wheel: Path) -> None:
    assert "dilemmas/py.typed" in names(wheel)


def test_it_lists_the_shelves_away_from_the_checkout(installed: Path, tmp_path: Path) -> None:
    listed = dilemmas(installed, tmp_path, "list", "games")
    assert "prisoners-dilemma" in listed
    assert "fishery" in listed


def test_it_plays_away_from_the_checkout(installed: Path, tmp_path: Path) -> None:
    words = ("tournament", "prisoners-dilemma", "tit-for-tat", "gradual", "random", "--rounds", "20", "--out", "out")
    assert "tit-for-tat" in dilemmas(installed, tmp_path, *words)
    assert (tmp_path / "out" / "ranking.csv").is_file()
    assert (tmp_path / "out" / "plots" / "payoffs.png").is_file()


def test_an_experiment_of_the_shelf_runs_and_replays_away_from_the_checkout(installed: Path, tmp_path: Path) -> None:
    dilemmas(installed, tmp_path, "run", "commons-greedy", "--no-plots")
    assert "no difference" in dilemmas(installed, tmp_path, "replay", "results/commons-greedy")


def test_what_is_written_by_new_and_copy_comes_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    dilemmas(installed, tmp_path, "copy", "fishery", "my-lake")
    assert (tmp_path / "my-lake.yaml").read_text(encoding="utf-8").startswith("game: my-lake")
    dilemmas(installed, tmp_path, "new", "strategy", "mine")
    assert "good" in dilemmas(installed, tmp_path, "check", "mine.yaml")
