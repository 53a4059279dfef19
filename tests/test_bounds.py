"""What an experiment may be called: a folder below ``results``, on every system."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli import dilemmas

import dilemmas as dl
from dilemmas.errors import SpecError
from dilemmas.specs import bounds, catalogue, experiment, reading

PLAIN = {"game": "prisoners-dilemma", "population": ["tit-for-tat", "random"], "tournament": {}}


@pytest.mark.parametrize(
    "name",
    [
        *["../../evil", "/evil", "a/../b", "..", ".", "", "a/", "a//b", "a:b*c?", "a\\b", "C:/x", "CON", "a/nul.txt"],
        *["Lpt1", "com¹", "a.", "a b", "a ", "~", "a\nb", "a\x00"],
    ],
)
def test_names_that_lead_elsewhere_are_refused(name: str, here: Path) -> None:
    with pytest.raises(SpecError, match=r"experiment: .*cannot be the name of an experiment"):
        experiment.check(PLAIN | {"experiment": name})


@pytest.mark.parametrize("name", ["demo", "akata/games-144", "2nd_try.v1", "größe", "実験", "हिन्दी", "console", "a..b"])
def test_names_of_folders_are_allowed(name: str) -> None:
    assert experiment.check(PLAIN | {"experiment": name}).experiment == name


def test_shipped_experiments_have_such_names() -> None:
    for path in catalogue.paths("experiments"):
        name = reading.load(path)["experiment"]
        assert bounds.folder(name) == name


@pytest.mark.parametrize("game", ["./my game (2).yaml", "CON.yaml", "mine.py:Trust", "...", "größe"])
def test_what_a_command_plays_is_named_so(game: str) -> None:
    assert bounds.folder(bounds.titled(game, "play"))


def test_a_game_may_be_called_anything(here: Path) -> None:
    Path("my game.yaml").write_text("game: my game\nkind: matrix\nactions: [C, D]\npayoffs: [[3, 0], [5, 1]]\n")
    assert len(dl.play("./my game.yaml", ["tit-for-tat", "random"]).moves) == 20


def test_nothing_is_written_outside_of_results(here: Path) -> None:
    (here / "in").mkdir()
    Path("in/x.yaml").write_text(
        "experiment: ../../evil\ngame: prisoners-dilemma\npopulation: [tit-for-tat, random]\ntournament: {}\n"
    )
    ran = dilemmas("run", "in/x.yaml")
    assert ran.code == 2 and ran.err.startswith("error: in/x.yaml:1: experiment: '../../evil' cannot be")
    assert sorted(path.name for path in here.rglob("*")) == ["in", "x.yaml"]
