"""What is on the shelves loads, says what it is and where it comes from, and has the names that people know."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from shared import truth
from shelf_files import said

import dilemmas as dl
from dilemmas.rules.game import Game
from dilemmas.rules.params import Parameters
from dilemmas.runs.lab import Source
from dilemmas.runs.resolve import resolve
from dilemmas.specs import catalogue, experiment, games, reading, seats, sweep
from dilemmas.specs.catalogue import ONE, SHELVES, Shelf
from dilemmas.specs.strategies import StrategyFile
from dilemmas.strategies.machine import Machine
from dilemmas.strategies.rule import Rule
from dilemmas.strategies.strategy import Strategy
from dilemmas.strategies.words import Presentation

GAMES = (
    *("prisoners-dilemma", "prisoners-dilemma-akata", "battle-of-the-sexes", "stag-hunt", "chicken", "snowdrift"),
    *("deadlock", "harmony", "matching-pennies", "pure-coordination", "rock-paper-scissors", "travellers-dilemma"),
    *("ordinal", "donor", "fishery", "pasture", "pollution", "public-goods"),
)
MATRIX = (
    *("always-cooperate", "always-defect", "tit-for-tat", "tit-for-two-tats", "two-tits-for-tat", "grim"),
    *("win-stay-lose-shift", "generous-tit-for-tat", "random", "alternator", "suspicious-tit-for-tat"),
    *("firm-but-fair", "zd-extort-2", "zd-gtft-2", "soft-joss"),
)
# What outside checks set on them, by the words of the donor cases and of the published papers.
PARAMETERS = {
    "constant-donor": ("fraction",),
    "never-donate": (),
    "always-donate": (),
    "mirror": ("first",),
    "chain-average": ("first", "add", "low", "high"),
    "image-scorer": ("first", "threshold", "high", "low"),
    "punisher": ("threshold", "spend", "high", "first"),
    **dict.fromkeys(("simple-standing", "stern-judging", "shunning", "standing", "staying", "judging"), ()),
    **dict.fromkeys(("l1", "l2", "l3", "l4", "l5", "l6", "l7", "l8"), ()),
    **dict.fromkeys(("sustainable", "greedy", "matcher", "grim-share"), ()),
    "fixed": ("amount",),
    "restrained": ("share",),
    **dict.fromkeys(("contributor", "free-rider", "conditional", "hump"), ()),
    **dict.fromkeys(("punishing-contributor", "antisocial-punisher"), ()),
}
FAMILY = {
    **dict.fromkeys(list(PARAMETERS)[:21], "donor"),
    **dict.fromkeys(("sustainable", "greedy", "fixed", "restrained", "matcher", "grim-share"), "commons"),
    **dict.fromkeys(list(PARAMETERS)[-6:], "public-goods"),
}
SETTINGS = {
    "donor": (
        *("multiplier", "rounds", "endowment", "schedule", "games", "shuffle", "trace", "information", "mechanism"),
    ),
    "fishery": ("capacity", "growth", "collapse_below", "rounds", "seats", "allocation", "integer"),
    "prisoners-dilemma": ("rounds", "noise", "perception_noise", "continuation"),
}


def files(shelf: Shelf) -> list[str]:
    return catalogue.names(shelf)


def head(shelf: Shelf, name: str) -> dict[str, object]:
    return said(catalogue.shelf(shelf) / f"{name}.yaml")


@cache
def strategy(name: str) -> Strategy:
    return seats.strategy(str(catalogue.shelf("strategies") / f"{name}.yaml"))


@pytest.mark.parametrize("shelf", SHELVES)
def test_every_file_says_its_name_what_it_is_and_where_it_comes_from(shelf: Shelf) -> None:
    assert files(shelf)
    for name in files(shelf):
        data = head(shelf, name)
        assert data[ONE[shelf]] == name
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name), name
        assert str(data["about"]).strip()
        if shelf != "experiments":  # an experiment's sources are those of its game and strategies
            assert re.search(r"\d{4}|Axelrod-Python", str(data["source"])), f"{name}: no year in its source"


@pytest.mark.parametrize("name", files("games"))
def test_every_game_loads_with_a_story_and_notes_about_its_own_parameters(name: str) -> None:
    dilemma = games.load(name)
    assert dilemma.name == name
    assert dilemma.words.title
    assert dilemma.words.story
    assert isinstance(dilemma.rules, Parameters)
    assert dilemma.rules.seats >= 2


def test_every_strategy_loads() -> None:
    for name in files("strategies"):
        assert strategy(name).name == name
        assert "python" not in head("strategies", name), f"{name}: a shelf file runs no Python of its own"


def test_no_two_names_of_a_family_mean_two_strategies() -> None:
    for shelf in SHELVES[:2]:
        taken: Counter[tuple[str, str]] = Counter()
        for name in files(shelf):
            data = head(shelf, name)
            aka = data.get("aka") or []
            assert isinstance(aka, list)
            family = str(data.get("for", "")) if shelf == "strategies" else ""
            taken.update({(family, _plain(known)) for known in (name, *map(str, aka))})
        twice = [key for key, count in taken.items() if count > 1]
        assert not twice


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def test_every_name_of_a_strategy_finds_it() -> None:
    for name in files("strategies"):
        data = head("strategies", name)
        family = str(data.get("for", "any"))
        aka = data.get("aka") or []
        assert isinstance(aka, list)
        for known in (name, *map(str, aka)):
            assert catalogue.find("strategies", known, family=family).stem == name, known


@pytest.mark.parametrize("name", files("experiments"))
def test_every_experiment_resolves_in_every_cell(name: str) -> None:
    path = catalogue.find("experiments", name)
    cells = sweep.cells(reading.load(path), path)
    assert sweep.runs(cells)
    for cell in cells:
        cast = resolve(cell.experiment, Source(path.parent))
        assert cast.size >= 2


def test_an_experiment_file_is_what_it_means_to_be() -> None:
    assert {experiment.load(name)[0].design for name in files("experiments")} == {"tournament", "generations"}


def test_the_promised_games_are_there() -> None:
    assert set(GAMES) <= set(files("games"))
    for name, settings in SETTINGS.items():
        rules = games.load(name).rules
        known = {*type(rules).model_fields, *(part.alias for part in type(rules).model_fields.values())}  # type: ignore[attr-defined]  # every shelf game is a Parameters
        assert set(settings) <= known, name


def test_no_key_of_an_experiment_is_a_key_of_a_game() -> None:
    # --set and Python take both without a prefix: the game's would never be reached.
    made = [games.load(name).rules for name in files("games")]
    keys = {key for rules in made for key in type(rules).model_fields} | set(Presentation.model_fields)  # type: ignore[attr-defined]  # every shelf game is a Parameters
    assert not keys & set(experiment.KEYS)


def test_the_promised_strategies_are_there_with_the_parameters_that_were_promised() -> None:
    for name in MATRIX:
        assert catalogue.find("strategies", name, family="matrix").stem == name
    for name, settings in PARAMETERS.items():
        made = seats.strategy(name, family=FAMILY[name])
        assert isinstance(made, Rule)
        assert made.law.family == FAMILY[name]
        assert set(settings) <= set(made.law.parameters), name
    assert len(FAMILY) == len(PARAMETERS)


def test_sixty_strategies_and_more_are_for_matrix_games() -> None:
    assert sum(head("strategies", name).get("for") == "matrix" for name in files("strategies")) >= 60


def test_the_thirty_of_the_table_are_found_by_class_and_by_name() -> None:
    table = truth("classic/axelrod.json")
    names = zip(table["strategies"], table["axelrod_display_names"], strict=True)
    found = [(catalogue.find("strategies", cls, family="matrix").stem, cls, shown) for cls, shown in names]
    assert len({stem for stem, _, _ in found}) == len(found) == 30
    for stem, cls, shown in found:
        kebab = re.sub(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Z])", "-", cls).lower()
        for known in (stem, kebab, shown.partition(":")[0]):
            assert catalogue.find("strategies", known, family="matrix").stem == stem, known


def test_moves_can_be_written_down_in_any_game() -> None:
    pd = dl.play("prisoners-dilemma", ["scripted-moves:moves=[C, D, C]", "scripted-moves:moves=[1, 1, 2]"], rounds=3)
    assert pd.moves["action"].tolist() == ["C", "C", "D", "C", "C", "D"]
    catch = dl.play("fishery", ["scripted-moves:moves=[7, 6]"] * 5, rounds=2)
    assert catch.moves["amount"].tolist() == [7.0] * 5 + [6.0] * 5


def test_all_ordinal_games_are_one_parameter_away() -> None:
    numbered = [games.load("ordinal", {"game": number}).rules for number in (1, 59, 144)]
    assert all(not np.array_equal(a.table, b.table) for a, b in pairwise(numbered))  # type: ignore[attr-defined]  # matrix games


def test_machines_and_rules_are_what_the_shelf_mostly_holds() -> None:
    kinds = [type(strategy(name)) for name in files("strategies")]
    data = sum(issubclass(kind, (Machine, Rule)) for kind in kinds)
    assert data > len(kinds) / 2


def test_a_shelf_holds_nothing_but_its_files() -> None:
    for shelf in SHELVES:
        seen = [path for path in catalogue.shelf(shelf).iterdir() if not path.name.startswith((".", "__"))]
        assert {path.suffix for path in seen if path.is_file()} == {".yaml"}
        folders = {path.name for path in seen if path.is_dir()}
        assert folders <= ({"akata", "govsim", "vallinder-hughes"} if shelf == "experiments" else {"words", "prompts"})


def test_forms_of_strategies_are_all_on_the_shelf_that_need_no_python_and_no_model() -> None:
    used = {form for name in files("strategies") for form in head("strategies", name) if form in _forms()}
    assert {"memory-one", "machine", "rule", "make"} <= used


def _forms() -> set[str]:
    return {field.alias or name for name, field in StrategyFile.model_fields.items()}


def test_a_game_knows_the_seats_it_has() -> None:
    rules: Game = games.load("fishery").rules
    assert rules.seats == 5
