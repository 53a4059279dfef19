"""A file where a folder is wanted, a folder that is not there, names with blanks: what is said, and what to type."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from cli import dilemmas
from hypothesis import given, settings
from hypothesis import strategies as st

from dilemmas.cli import app
from dilemmas.errors import nearest, pasted

PLAY = ("tournament", "prisoners-dilemma", "tit-for-tat", "random", "--rounds", "3", "--no-plots")
FILE = "afile: is a file"


@pytest.fixture(autouse=True)
def folder(here: Path) -> None:
    Path("afile").write_text("x")
    Path("adir").mkdir()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        *[
            ((verb, "afile"), f"{FILE}, not a folder; expected a folder with results")
            for verb in ("plot", "read", "cite")
        ],
        *[((verb, "afile/x"), f"{FILE}, not a folder") for verb in ("plot", "read", "cite", "replay")],
        (("plot", "adir"), "adir: holds no tables of results"),
        (("read", "adir"), "adir: holds no results of this program"),
        (("replay", "adir"), "adir: holds no results of this program; expected a folder with experiment.json"),
        *[((verb, "adri"), "adri: there is no such folder") for verb in ("plot", "read", "cite", "replay")],
        ((*PLAY, "--out", "afile"), f"{FILE}; expected a folder for results. Name another with --out."),
        ((*PLAY, "--out", "afile/sub/sub"), f"{FILE}; expected a folder for results. Name another with --out."),
        ((*PLAY, "--save", "afile/x.yaml"), f"{FILE}, where a folder is wanted. Name another place"),
        (("copy", "tit-for-tat", "afile/x"), f"{FILE}, where a folder is wanted. Name another place"),
        (("copy", "tit-for-tat", "a/b"), "a: there is no such folder. Make it first"),
    ],
)
def test_what_is_in_the_way_is_named(words: tuple[str, ...], said: str) -> None:
    ran = dilemmas(*words)
    assert ran.code == 2 and ran.err.startswith(f"error: {said}") and ran.err.count("\n") == 1
    wanted = "Did you mean 'adir'?" if "adri" in words else ""
    assert ("Did you mean" in ran.err) == bool(wanted) and wanted in ran.err
    assert sorted(path.name for path in Path().iterdir()) == ["adir", "afile"]


def test_a_copy_in_a_folder_is_called_by_its_last_name() -> None:
    assert dilemmas("copy", "tit-for-tat", "adir/mine").code == 0
    assert "\nstrategy: mine\n" in "\n" + Path("adir/mine.yaml").read_text("utf-8")


def test_lines_to_type_can_be_pasted() -> None:
    out = dilemmas(*PLAY, "--out", "adir/with space").out
    said = re.search(r"Next: +dilemmas (.*)", out)
    assert said and shlex.split(said[1])[1] == "adir/with space" and '"' in said[1]
    saved = dilemmas(*PLAY, "--save", "my file.yaml").out
    assert 'Run it: dilemmas run "my file.yaml"' in saved


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6), min_size=1))
def test_what_is_pasted_is_what_was_meant(words: list[str]) -> None:
    assert shlex.split(pasted(*words)) == words


def test_a_family_that_nothing_is_for_is_refused() -> None:
    ran = dilemmas("list", "strategies", "--for", "foo")
    assert ran.code == 2
    assert ran.err == "error: nothing is for 'foo'; expected any, commons, donor, matrix, public-goods\n"
    assert dilemmas("list", "games", "--for", "any").code == 0


@pytest.mark.parametrize(
    ("name", "other"), [("noise", "joins"), ("continuation", "population"), ("nothing", "staying"), ("adir", "adir")]
)
def test_what_is_far_or_the_same_is_not_suggested(name: str, other: str) -> None:
    assert nearest(name, [other]) == ""


def test_too_little_memory_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("dilemmas.cli.carry.lab.carry_out", full)
    ran = dilemmas(*PLAY)
    assert (ran.code, ran.err) == (2, f"error: {app.SHORT}\n")
