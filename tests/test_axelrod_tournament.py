"""Tournaments beside Axelrod-Python itself, where it is installed: scores, cooperation, order, and chance."""

from __future__ import annotations

import importlib.util
import warnings
from typing import Any

import numpy as np
import pytest

import dilemmas as dl

PLAYERS = [
    "Cooperator",
    "Defector",
    "TitForTat",
    "TitFor2Tats",
    "TwoTitsForTat",
    "Grudger",
    "WinStayLoseShift",
    "Alternator",
    "SuspiciousTitForTat",
    "Prober",
    "Gradual",
    "OmegaTFT",
    "Adaptive",
    "HardTitForTat",
    "HardTitFor2Tats",
    "Bully",
    "GoByMajority",
    "Appeaser",
    "Forgiver",
    "Fortress3",
    "Fortress4",
    "Handshake",
    "CyclerCCD",
    "ContriteTitForTat",
    "SneakyTitForTat",
    "AntiTitForTat",
    "Resurrection",
    "Predator",
]
FIELD = PLAYERS[:20]
TURNS = 200


@pytest.fixture(scope="module")
def library() -> Any:
    if importlib.util.find_spec("axelrod") is None:
        pytest.skip("Axelrod-Python is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its dependencies' own
        import axelrod
    return axelrod


def _played(library: Any, names: list[str], **settings: Any) -> Any:
    players = [getattr(library, name)() for name in names]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return library.Tournament(players, turns=TURNS, seed=1, **settings).play(progress_bar=False)


def _ours(names: list[str], **settings: Any) -> tuple[Any, list[str]]:
    result = dl.tournament("prisoners-dilemma", names, rounds=TURNS, self_play=True, **settings)
    return result, [dl.strategy(name).name for name in names]


def test_scores_and_cooperation_are_equal_in_every_pair(library: Any) -> None:
    theirs = _played(library, PLAYERS, repetitions=1)
    result, order = _ours(PLAYERS)
    np.testing.assert_allclose(result.payoffs.loc[order, order].to_numpy(float), theirs.payoff_matrix, atol=1e-12)
    cooperation = result.cooperation.loc[order, order].to_numpy(float)
    np.testing.assert_allclose(cooperation, np.array(theirs.normalised_cooperation), atol=1e-12)


def test_twenty_strategies_rank_alike(library: Any) -> None:
    theirs = _played(library, FIELD, repetitions=1)
    names = [dl.strategy(name).name for name in FIELD]
    ranking = dl.tournament("prisoners-dilemma", FIELD, rounds=TURNS, like="axelrod").ranking
    scores = np.array(theirs.normalised_scores)[:, 0]
    assert list(ranking["strategy"]) == [names[i] for i in np.argsort(-scores, kind="stable")]
    assert list(ranking["strategy"]) == [names[i] for i in theirs.ranking]


def test_noisy_and_stochastic_pairs_agree_within_four_errors(library: Any) -> None:
    names = ["TitForTat", "GTFT", "WinStayLoseShift", "Random", "SoftJoss", "Grudger", "ZDExtort2", "Gradual"]
    theirs = _played(library, names, repetitions=40, noise=0.05)
    result, order = _ours(names, repetitions=400, noise=0.05)
    mean, theirs_mean = result.payoffs.loc[order, order].to_numpy(float), np.array(theirs.payoff_matrix)
    spread = np.array(theirs.payoff_stddevs) * np.sqrt(1 / 40 + 1 / 400)
    off = ~np.eye(len(names), dtype=bool)
    assert (np.abs(mean - theirs_mean)[off] <= 4 * spread[off]).all()
