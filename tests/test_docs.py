"""The documentation does what it says: every block runs, every command and flag is there, every link leads somewhere.

A page is run in order, in an empty folder, with one namespace. A block's first line says what it is::

    ```python              runs; lines that start with >>> are compared with what they print
    ```console             "$ dilemmas ..." runs, must succeed, and must print what follows; "..." stands for anything
    ```console exit=2      the last command must end so
    ```console typed=C 1_2 people type these words, a line each (_ is a blank); each is shown after its prompt
    ```yaml mine.yaml      written to that file, and checked if it is a game, a strategy or an experiment
    ```python mine.py      written to that file and not run: the laboratory runs it

Other commands (make, pip, git) are not run here. Pages listed in SLOW are left out of the quick suite.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from dilemmas.cli import app
from dilemmas.results import TABLES
from dilemmas.specs import experiment, reading, seats, sweep
from dilemmas.specs import games as games_of
from dilemmas.specs.prompted import MemoryFile, PromptedFile, StepFile
from dilemmas.strategies.prompting import NAMES
from dilemmas.strategies.words import SECTIONS, Presentation

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # docs is no part of the package

from docs import generate, prompts, told, words  # noqa: E402  # after the path is set

PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md")] + sorted(
    path for path in (ROOT / "docs").rglob("*.md") if path.parent.name != "reference"
)
ALL = [*PAGES, *sorted((ROOT / "docs" / "reference").glob("*.md")), ROOT / "CHANGELOG.md"]
PLAYED = ("figures", "networks", "own-game", "own-strategy", "sweep", "tournament-class")
SLOW = {"README.md", "docs/tutorial.md", *(f"docs/how-to/{page}.md" for page in PLAYED)}
SLOW |= {f"docs/explanation/replications/{page}.md" for page in ("akata", "vallinder-hughes")}
LEFT = {"make", "pip", "git", "cd", "python", "python3"}  # commands about the installation, not of it
BLOCK = re.compile(r"^```(\w+)[ ]*([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@dataclass(frozen=True)
class Block:
    language: str
    said: str
    text: str
    where: str

    @property
    def file(self) -> str:
        """The file that it is to be written to, if it names one."""
        return self.said if "." in self.said and "=" not in self.said else ""

    def option(self, key: str) -> str:
        match = re.search(rf"\b{key}=(.*)$", self.said)
        return match.group(1) if match else ""


def blocks(path: Path) -> Iterator[Block]:
    text = path.read_text(encoding="utf-8")
    for match in BLOCK.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield Block(match.group(1), match.group(2).strip(), match.group(3), f"{name(path)}:{line}")


def pages() -> list[object]:
    return [
        pytest.param(path, id=name(path), marks=[pytest.mark.slow] if name(path) in SLOW else [])
        for path in PAGES
        if any(True for _ in blocks(path))
    ]


@pytest.mark.parametrize("path", pages())
def test_a_page_does_what_it_says(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.syspath_prepend(str(tmp_path))
    space: dict[str, object] = {"__name__": "page"}
    for block in blocks(path):
        if block.file:
            save(block)
        if block.language == "yaml":
            valid(block)
        elif block.language == "python" and not block.file:
            execute(block, space)
        elif block.language == "console":
            converse(block, monkeypatch)


def save(block: Block) -> None:
    path = Path(block.file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(block.text, encoding="utf-8")
    if block.language == "python":
        compile(block.text, block.where, "exec")


def valid(block: Block) -> None:
    """Anything that says it is a game, a strategy or an experiment must be one."""
    data = yaml.safe_load(block.text)
    kind = next(iter(data))
    if kind not in ("game", "strategy", "experiment"):
        return
    path = Path(block.file or "block.yaml")
    if not block.file:
        path.write_text(block.text, encoding="utf-8")
    if kind == "game":
        games_of.load(f"./{path.as_posix()}")
    elif kind == "strategy":
        seats.strategy(f"./{path.as_posix()}")
    else:
        for cell in sweep.cells(reading.load(path), path):
            experiment.check(cell.experiment.model_dump(by_alias=True))


def execute(block: Block, space: dict[str, object]) -> None:
    if ">>>" not in block.text:
        exec(compile(block.text, block.where, "exec"), space)  # the page is ours
        return
    test = doctest.DocTestParser().get_doctest(block.text, space, block.where, block.where, 0)
    runner, told = doctest.DocTestRunner(optionflags=FLAGS), io.StringIO()
    runner.run(test, out=told.write, clear_globs=False)
    space.update(test.globs)
    assert not runner.failures, told.getvalue()


def converse(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    for command, shown in commands(block):
        words = shlex.split(command)
        if words[0] in LEFT:
            continue
        assert words[0] == "dilemmas", f"{block.where}: {command}"
        last = command == commands(block)[-1][0]
        code, printed = typed(words, block.option("typed"), monkeypatch)
        assert code == int((block.option("exit") or 0) if last else 0), f"{block.where}: {command}\n{printed}"
        if shown:
            same = doctest.OutputChecker().check_output(shown, printed, FLAGS)
            assert same, f"{block.where}: {command} prints\n{printed}\nand the page says\n{shown}"


def commands(block: Block) -> list[tuple[str, str]]:
    """Commands of a block, a backslash joining lines, and what the page says that each prints."""
    parts = re.split(r"^\$ ", block.text.replace("\\\n", " "), flags=re.MULTILINE)[1:]
    return [(command, shown) for command, _, shown in (part.partition("\n") for part in parts)]


class Keyboard(io.StringIO):
    """What people type, shown where it is typed."""

    def __init__(self, words: str, screen: io.StringIO) -> None:
        super().__init__("".join(f"{word.replace('_', ' ')}\n" for word in words.split()))
        self._screen = screen

    def readline(self, size: int | None = -1) -> str:  # type: ignore[override]  # as the base class in effect
        line = super().readline()
        self._screen.write(line)
        return line


def typed(words: list[str], keys: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """The exit code of a command line, and all that it prints on either stream."""
    screen = io.StringIO()
    monkeypatch.setattr(sys, "argv", words)
    monkeypatch.setattr(sys, "stdin", Keyboard(keys, screen))
    with contextlib.redirect_stdout(screen), contextlib.redirect_stderr(screen):
        try:
            app.main()
        except SystemExit as end:
            return int(end.code or 0), screen.getvalue()
    return 0, screen.getvalue()


# -- the reference ---------------------------------------------------------------------------------------------


def test_the_reference_is_what_the_code_says() -> None:
    assert generate.stale() == [], "run: python -m docs.generate"


def test_every_page_of_the_reference_is_made() -> None:
    assert {path.name for path in (ROOT / "docs" / "reference").glob("*.md")} == set(generate.PAGES)


@pytest.mark.parametrize("command", app.COMMANDS)
def test_every_command_and_flag_is_documented_with_help_and_an_example(command: str) -> None:
    text = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    _, _, section = text.partition(f"## dilemmas {command}\n")
    section = section.partition("\n## ")[0]
    made = app.loaded(command)
    for part in made.params:
        for flag in part.opts if part.param_type_name == "option" and part.name != "help" else []:
            assert f"`{flag}`" in section, flag
        assert getattr(part, "help", None), f"{command}: {part.name} has no help"
    assert f"dilemmas {command}" in section
    assert made.help


def test_every_key_of_an_experiment_is_explained_and_no_other() -> None:
    assert set(words.KEYS) == set(experiment.Experiment.model_fields)
    assert set(words.ENTRY) == set(experiment.Entry.model_fields)


@pytest.mark.parametrize("family", prompts.EXAMPLES)
def test_every_name_that_a_template_may_use_is_explained_and_no_other(family: str) -> None:
    for scene in (*prompts.scenes(family), *prompts.scenes(family, prompts.RICH[family])):
        assert set(scene.data) == {*told.DATA["all"], *told.DATA[family]}
        assert set(scene.texts) == set(told.SECTIONS)


def test_every_choice_of_a_prompt_is_explained_and_no_other() -> None:
    assert set(told.OWN) == set(NAMES)
    assert tuple(told.SECTIONS) == SECTIONS
    assert set(told.PRESENTATION) == set(Presentation.model_fields)
    for model, shown in ((PromptedFile, told.BLOCK), (StepFile, told.STEP), (MemoryFile, told.MEMORY)):
        assert set(shown) <= {field.alias or name for name, field in model.model_fields.items()}


def test_every_table_and_column_is_in_the_reference() -> None:
    text = (ROOT / "docs" / "reference" / "tables.md").read_text(encoding="utf-8")
    for spec in TABLES.values():
        section = text.partition(f"## {spec.name}\n")[2].partition("\n## ")[0]
        assert all(f"| `{column.name}` |" in section for column in spec.columns), spec.name


# -- links and words -------------------------------------------------------------------------------------------


def anchors(path: Path) -> set[str]:
    """Anchors of a page's headings, as renderers of Markdown make them."""
    text = BLOCK.sub("", path.read_text(encoding="utf-8"))
    heads = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", [pytest.param(path, id=name(path)) for path in ALL])
def test_links_lead_somewhere(path: Path) -> None:
    text = BLOCK.sub("", path.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        place, _, anchor = target.partition("#")
        found = (path.parent / place) if place else path
        assert found.exists(), f"{name(path)} links to {target}"
        if anchor:
            assert anchor in anchors(found), f"{name(path)} links to {target}"


@pytest.mark.parametrize("path", [pytest.param(path, id=name(path)) for path in PAGES])
def test_commands_that_are_spoken_of_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for command in re.findall(r"`dilemmas ([a-z]+)", text) + re.findall(r"^\$ dilemmas ([a-z]+)", text, re.MULTILINE):
        assert command in app.COMMANDS, f"{name(path)} speaks of dilemmas {command}"


def test_every_page_is_listed_in_the_index() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    for path in (ROOT / "docs").rglob("*.md"):
        place = path.relative_to(ROOT / "docs").as_posix()
        assert place == "index.md" or f"({place})" in index, f"docs/index.md does not list {place}"
