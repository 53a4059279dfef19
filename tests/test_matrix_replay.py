"""Published matches replayed through the rules: not one payoff may differ."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from automata import driven
from shared import path, truth

from dilemmas.rules.matrix import Matrix
from dilemmas.rules.ordinal import ordinal
from dilemmas.specs.games import load

Match = list[dict[str, str]]


def matches(file: Path) -> dict[str, list[Match]]:
    """Rows of a file by experiment and match, rounds in order."""
    found: dict[tuple[str, str], Match] = defaultdict(list)
    with file.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            found[row["experiment"], row["match"]].append(row)
    by_game: dict[str, list[Match]] = defaultdict(list)
    for (experiment, _), rows in found.items():
        by_game[experiment].append(sorted(rows, key=lambda row: int(row["round"])))
    return by_game


def replayed(rules: Matrix, games: list[Match], names: tuple[str, str]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(Payoffs by our rules, published points), ``(matches, 2)`` a round, then the totals; matches are as long."""
    rounds = len(games[0])
    assert all(len(match) == rounds for match in games)
    moves = np.array([[[names.index(row[f"move_{seat}"]) for seat in "ab"] for row in match] for match in games])
    points = np.array([[[float(row[f"points_{seat}"]) for seat in "ab"] for row in match] for match in games])
    columns, score = driven(rules.model_copy(update={"rounds": rounds}), list(moves.swapaxes(0, 1)))
    yield from ((column["payoff"], points[:, k]) for k, column in enumerate(columns))
    yield score.payoff, points.sum(axis=1)


@pytest.mark.parametrize("experiment", ["pd_canonical", "pd_tft20"])
def test_prisoners_dilemmas(experiment: str) -> None:
    manifest = next(entry for entry in truth("repeated/manifest.json") if entry["experiment"] == experiment)
    rules = load("prisoners-dilemma-akata").rules
    assert isinstance(rules, Matrix)
    games = matches(path(f"repeated/{experiment}.csv"))[experiment]
    assert len(games) == manifest["matches"]
    *rounds, totals = replayed(rules, games, ("J", "F"))
    assert len(rounds) * len(games) == manifest["rows"]
    for ours, theirs in [*rounds, totals]:
        np.testing.assert_array_equal(ours, theirs)
    assert totals[0].sum(axis=0).tolist() == [manifest["sum_a"], manifest["sum_b"]]


def test_the_odd_ordinal_games_as_they_were_played() -> None:
    games = matches(path("repeated/games144_odd.csv"))
    assert len(games) == 72
    for experiment, played in games.items():
        number = int(experiment.removeprefix("game_"))
        for ours, theirs in replayed(ordinal(number, as_published=True), played, ("1", "2")):
            np.testing.assert_array_equal(ours, theirs, err_msg=experiment)
