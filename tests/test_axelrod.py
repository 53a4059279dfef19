"""Players of Axelrod-Python in our seats, and ours beside them: the same moves where chance has no part."""

from __future__ import annotations

import builtins

import numpy as np
import pytest
from shelf_matrix import actions, dilemma, files, matches, strategy

from dilemmas.errors import Misfit, MissingExtra, RunFailed, SpecError, UnknownName
from dilemmas.rules.matrix import Matrix
from dilemmas.strategies import axelrod_adapter
from dilemmas.strategies.axelrod_adapter import axelrod
from dilemmas.strategies.strategy import Strategy

# The library warns of its own defaults and of its dependencies; that is not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore")

OPPONENTS = ("random", "win-stay-lose-shift", "cycler-ccd", "grim")


@pytest.fixture(scope="module")
def library():
    return pytest.importorskip("axelrod", reason="Axelrod-Python is not installed here")


def test_a_missing_library_says_how_to_install_it(monkeypatch):
    real = builtins.__import__

    def absent(name, *rest, **keys):
        if name == "axelrod":
            raise ImportError(name)
        return real(name, *rest, **keys)

    axelrod_adapter.library.cache_clear()
    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(MissingExtra, match=r"pip install 'dilemmas\[axelrod\]'"):
        axelrod("Gradual")


def against(entry: Strategy, rounds: int = 40, repetitions: int = 2, **keys) -> np.ndarray:
    others = [strategy(name) for name in OPPONENTS]
    played = matches(dilemma(rounds=rounds, **keys), [(entry, other) for other in others], repetitions=repetitions)
    return actions(played, rounds)


def ours(library) -> list[tuple[str, str]]:
    """Strategies of the shelf and the deterministic class of the library that each has as a name."""
    classes = {player.__name__.lower(): player.__name__ for player in library.all_strategies}
    spoken = [(name, alias.lower()) for name, file in files().items() for alias in file.aka]
    pairs = [(name, classes[alias]) for name, alias in spoken if alias in classes]
    return [(name, found) for name, found in pairs if not library.Classifiers["stochastic"](axelrod(found).made())]


MISREAD = {"noise": 0.05, "perception_noise": 0.1}


@pytest.mark.parametrize("keys", [{}, {"noise": 0.1}, MISREAD], ids=["plain", "noisy", "misread"])
def test_every_deterministic_strategy_plays_like_its_class(library, keys):
    pairs = ours(library)
    assert len(pairs) > 100
    for name, found in pairs:
        assert (against(strategy(name), **keys) == against(axelrod(found), **keys)).all(), (name, found)


@pytest.mark.parametrize("name", ["Random", "FirstByJoss", "NiceAverageCopier", "MetaHunter", "Gradual"])
def test_the_same_seed_gives_the_same_moves(library, name):
    assert (against(axelrod(name)) == against(axelrod(name))).all()


def test_every_row_has_its_own_luck(library):
    done = against(axelrod("Random"), repetitions=20)[:, :, 0]
    assert len({tuple(row) for row in done}) == len(done)
    assert abs(done.mean() - 0.5) <= 4 * np.sqrt(0.25 / done.size)


def test_names_parameters_and_titles(library):
    assert axelrod("axelrod/TitForTat").name == "axelrod/TitForTat"
    assert axelrod("Tit For Tat").called == axelrod("titfortat").called == "TitForTat"
    assert axelrod("Random", {"p": 0.0}).name == "axelrod/Random:p=0.0"
    assert against(axelrod("Random", {"p": 0.0}))[:, :, 0].all()


@pytest.mark.parametrize(
    ("name", "parameters", "error", "message"),
    [
        ("TitFurTat", {}, UnknownName, "Did you mean 'TitForTat'"),
        ("Random", {"chance": 1}, UnknownName, "no parameter 'chance'"),
        ("Cycler", {"cycle": "XYZ"}, SpecError, "cannot be made"),
    ],
)
def test_what_cannot_be_made(library, name, parameters, error, message):
    with pytest.raises(error, match=message):
        axelrod(name, parameters)


def test_players_that_cheat_are_refused(library):
    for player in library.cheating_strategies:
        with pytest.raises(SpecError, match="looks into the other player"):
            axelrod(player.__name__)


def test_roles_are_translated(library):
    roles = {"take": "defect", "give": "cooperate"}
    game = Matrix(actions=("take", "give"), roles=roles, payoffs=[[1, 5], [0, 3]], rounds=12)
    pairs = [(one, strategy("cycler-ccd")) for one in (axelrod("Gradual"), strategy("gradual"))]
    guest, known = actions(matches(game, pairs), 12)
    assert (guest == known).all()
    pennies = Matrix(actions=("heads", "tails"), payoffs=[[1, -1], [-1, 1]], rounds=5)
    with pytest.raises(Misfit, match="cooperating and defecting"):
        matches(pennies, [(axelrod("Gradual"), strategy("uniform"))])


@pytest.mark.slow
def test_many_of_its_players_take_a_seat(library):
    """All that run in a short time play ten rounds with errors and an open end."""
    for player in library.short_run_time_strategies:
        if player not in library.cheating_strategies:
            pair = (axelrod(player.__name__), strategy("random"))
            score = matches(dilemma(continuation=0.9, noise=0.1), [pair]).score
            assert np.isfinite(score.payoff).all(), player


def test_a_player_that_fails_is_named(library):
    with pytest.raises(RunFailed, match=r"^round 1: axelrod/Player raised NotImplementedError"):
        matches(dilemma(rounds=2), [(axelrod("Player"), strategy("random"))])
