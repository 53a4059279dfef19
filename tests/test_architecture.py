"""Imports point one way: cli > studies > runs > report, quiz > specs > culture > engine > strategies > rules."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "dilemmas"
LEVEL = {
    "errors": 0,
    "models": 1,
    "results": 1,
    "rules": 2,
    "strategies": 3,
    "culture": 4,
    "engine": 4,
    "specs": 5,
    "report": 6,
    "quiz": 6,
    "runs": 7,
    "studies": 8,
    "testing": 8,
    "cli": 9,
    "__main__": 10,
}
BESIDE = {("culture", "engine")}  # of one level, and only in this direction
FILES = sorted(PACKAGE.rglob("*.py"))


@cache
def statements(path: Path, top: bool = False) -> list[ast.Import | ast.ImportFrom]:
    """The imports of a file, wherever in it; or those that run when it is imported: none under TYPE_CHECKING."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = [node for node in tree.body if not isinstance(node, ast.If)] if top else ast.walk(tree)
    return [node for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom))]


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """Every module of the package that a file imports, wherever in the file."""
    for node in statements(path):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names if alias.name.startswith("dilemmas"))
        elif node.module and node.module.startswith("dilemmas"):
            if node.module == "dilemmas":
                yield from ((f"dilemmas.{alias.name}", node.lineno) for alias in node.names)
            else:
                yield node.module, node.lineno
        elif node.level:
            yield "relative", node.lineno


def home(path: Path) -> str:
    part = path.relative_to(PACKAGE).parts[0]
    return part.removesuffix(".py")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path: Path) -> None:
    mine = home(path)
    if mine == "__init__":
        return
    for module, line in imported(path):
        assert module != "relative", f"{path}:{line}: write the whole name"
        theirs = module.split(".")[1] if "." in module else "__init__"
        if theirs == mine:
            continue
        if mine == "models":
            assert theirs == "errors", f"{path}:{line}: models imports errors only"
            continue
        down = LEVEL[theirs] < LEVEL[mine] or (mine, theirs) in BESIDE
        assert down, f"{path}:{line}: {mine} imports {theirs}, which is not below it"


def test_only_models_remote_imports_litellm() -> None:
    wrong = [
        path
        for path in FILES
        if "litellm" in _foreign(path) and path.relative_to(PACKAGE).as_posix() != "models/remote.py"
    ]
    assert not wrong


@pytest.mark.parametrize("heavy", ["pandas", "matplotlib", "nashpy", "networkx", "axelrod", "scipy"])
def test_heavy_libraries_are_imported_only_when_used(heavy: str) -> None:
    top = [path for path in FILES if heavy in _foreign(path, top=True)]
    assert not top, f"{heavy} at the top of {top}"


def test_rules_know_no_files_and_no_clocks() -> None:
    for path in sorted((PACKAGE / "rules").glob("*.py")):
        assert not _foreign(path) & {"os", "pathlib", "time", "datetime", "random", "io", "sys"}, path


def _foreign(path: Path, top: bool = False) -> set[str]:
    nodes = statements(path, top)
    names = {alias.name.split(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module.split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
