"""The games on the shelf are what they are called."""

from __future__ import annotations

import numpy as np
import pytest

from dilemmas.errors import SpecError
from dilemmas.rules.equilibria import analyse, pure
from dilemmas.rules.matrix import Matrix
from dilemmas.rules.travellers import travellers
from dilemmas.specs import catalogue
from dilemmas.specs.games import Dilemma, load

CLASSES = {
    "battle-of-the-sexes": "battle-of-the-sexes game, 2 x 2",
    "chicken": "Chicken (ordinal game 12, ChCh, Unfair)",
    "deadlock": "Deadlock (ordinal game 56, DlDl, Second Best)",
    "harmony": "Harmony (ordinal game 122, HaHa, Win-win)",
    "matching-pennies": "zero-sum game, 2 x 2",
    "ordinal": "Prisoner's Dilemma (ordinal game 67, PdPd, PD Family)",
    "prisoners-dilemma": "Prisoner's Dilemma (ordinal game 67, PdPd, PD Family)",
    "prisoners-dilemma-akata": "Prisoner's Dilemma (ordinal game 67, PdPd, PD Family)",
    "pure-coordination": "pure coordination game, 2 x 2",
    "rock-paper-scissors": "zero-sum game, 3 x 3",
    "snowdrift": "Chicken (ordinal game 12, ChCh, Unfair)",
    "stag-hunt": "Stag Hunt (ordinal game 78, ShSh, Win-win)",
    "travellers-dilemma": "symmetric game, 99 x 99",
}


def rules(dilemma: Dilemma) -> Matrix:
    assert isinstance(dilemma.rules, Matrix)
    return dilemma.rules


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_a_game_is_of_the_class_it_is_named_for(name: str) -> None:
    dilemma = load(name)
    assert analyse(rules(dilemma), mixed=False).title == CLASSES[name]
    assert dilemma.about.endswith(".") or dilemma.about.endswith("name")
    assert any(year.isdigit() for year in dilemma.source.replace(",", " ").replace(":", " ").split())
    assert dilemma.words.title
    assert dilemma.words.story
    assert "rounds" not in dilemma.parameters  # how long is the command's to say
    assert set(dilemma.words.labels) <= {*rules(dilemma).names[0], *rules(dilemma).names[1]}


def test_every_matrix_game_of_the_shelf_is_known_here() -> None:
    shelf = {name for name in catalogue.names("games") if isinstance(load(name).rules, Matrix)}
    assert shelf == set(CLASSES)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("hawk-dove", "chicken"),
        ("Hawk Dove", "chicken"),
        ("PD", "prisoners-dilemma"),
        ("bach-or-stravinsky", "battle-of-the-sexes"),
        ("prisoners-dilemma-10-8-5-0", "prisoners-dilemma-akata"),
        ("traveler's dilemma", "travellers-dilemma"),
    ],
)
def test_other_names(said: str, meant: str) -> None:
    assert load(said).name == meant


def test_roles_of_the_dilemmas() -> None:
    roles = {"stag-hunt": ("stag", "hare"), "chicken": ("swerve", "straight"), "snowdrift": ("shovel", "stay")}
    for name, actions in roles.items():
        made = rules(load(name))
        assert (made.role("cooperate"), made.role("defect")) == (0, 1)
        assert made.names[0] == actions
    assert rules(load("deadlock")).roles == rules(load("harmony")).roles == {"C": "cooperate", "D": "defect"}
    assert not rules(load("matching-pennies")).roles


def test_an_ordinal_game_by_its_key() -> None:
    assert rules(load("ordinal", {"game": 59, "rounds": 3})).table.tolist() == [[[2, 2], [1, 4]], [[4, 3], [3, 1]]]
    assert rules(load("ordinal", {"game": "59", "as_published": True})).table[1, 1].tolist() == [3, 3]
    with pytest.raises(SpecError, match="gme"):
        load("ordinal", {"gme": 59})


@pytest.mark.parametrize(("low", "high", "bonus"), [(2, 100, 2), (180, 300, 5), (0, 3, 0.5)])
def test_claims_of_travellers(low: int, high: int, bonus: float) -> None:
    made = travellers(low, high, bonus)
    for one, two in [(low, low), (low, high), (high, low), (high, high), (low + 1, low)]:
        lower = min(one, two)
        paid = [lower + bonus * np.sign(two - one), lower + bonus * np.sign(one - two)]
        assert made.table[one - low, two - low].tolist() == paid
    assert made.symmetric
    assert made.names[0][0] == str(low)
    if bonus > 1:
        assert [(e.first[0], e.second[0]) for e in pure(made)] == [(1.0, 1.0)]  # both claim least (Basu 1994)


@pytest.mark.parametrize("keys", [{"low": 5, "high": 5}, {"low": -1}, {"high": 5000}, {"low": 2.5}, {"low": True}])
def test_claims_that_cannot_be(keys: dict[str, float]) -> None:
    with pytest.raises(SpecError, match="expected"):
        travellers(**keys)  # type: ignore[arg-type]  # what is tested
