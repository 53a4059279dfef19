"""What the tests of matrix strategies share: the shelf, the usual dilemma, every pair of some strategies."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from shelf_files import said

from dilemmas.engine.batch import play
from dilemmas.engine.chance import Chance
from dilemmas.engine.record import Played
from dilemmas.rules.matrix import Matrix
from dilemmas.specs import catalogue, seats
from dilemmas.specs.strategies import StrategyFile
from dilemmas.strategies.strategy import Cast, Strategy

PD = {"CC": [3, 3], "CD": [0, 5], "DC": [5, 0], "DD": [1, 1]}
NEEDY = {"scripted-moves": {"moves": ["C", "D"], "then": "cycle"}}  # names that need parameters to mean anything


def dilemma(**keys: Any) -> Matrix:
    return Matrix(actions=("C", "D"), payoffs=PD, **keys)


def strategy(name: str, **given: Any) -> Strategy:
    said = "".join(f":{key}={value}" for key, value in (given or NEEDY.get(name, {})).items())
    return _made(name + said.replace("'", ""))


@cache
def _made(seat: str) -> Strategy:
    return seats.strategy(seat, family="matrix")


@cache
def files() -> dict[str, StrategyFile]:
    """Files of the shelf that are for matrix games or for any, and play without a model."""
    found = {}
    for name in catalogue.names("strategies"):
        file = StrategyFile(**said(catalogue.shelf("strategies") / f"{name}.yaml"))
        if file.family in ("matrix", "any") and file.prompted is None:
            found[name] = file
    return found


def matches(
    game: Any, pairs: Sequence[tuple[Strategy, Strategy]], *, repetitions: int = 1, seed: int = 0, **keys: Any
) -> Played:
    """Every pair so many times, in the order of the list."""
    cast = list(dict.fromkeys(id(one) for pair in pairs for one in pair))
    known = {id(one): one for pair in pairs for one in pair}
    who = np.array([[cast.index(id(one)) for one in pair] for pair in pairs]).repeat(repetitions, axis=0)
    return play(game, Cast(tuple(known[key] for key in cast), who), Chance.of(seed, 1, len(who)), **keys)


def actions(played: Played, rounds: int) -> np.ndarray:
    """Executed actions ``(episodes, rounds, seats)`` of matches of equal length."""
    assert played.moves is not None
    return np.asarray(played.moves["action"]).reshape(-1, rounds, 2)


def letters(row: np.ndarray) -> str:
    return "".join("CD"[action] for action in row)
