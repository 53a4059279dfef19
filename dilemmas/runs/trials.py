"""What a scripted strategy does when it is tried out: for strategies that no table tells in short."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dilemmas.engine import batch
from dilemmas.engine.chance import Chance
from dilemmas.errors import Misfit
from dilemmas.rules.game import Game, Ints
from dilemmas.rules.matrix import Matrix
from dilemmas.strategies.rule import Rule
from dilemmas.strategies.strategy import Cast, Strategy

MOVES = 8  # that are told of a trial
MOST = 3  # others, each of whom always chooses the same; one more takes turns


def trials(strategy: Strategy, game: Game, labels: Sequence[Sequence[str]]) -> list[tuple[str, list[str]]]:
    """Its first moves in the first seat, as labels, without noise, by who the other is; none where there are no labels.

    The luck is always the same, so that a strategy that draws lots is told alike in every run.
    """
    if not isinstance(game, Matrix) or not labels:
        return []
    quiet = game.model_copy(update={"noise": 0.0, "perception_noise": 0.0})
    others = _others(game.names[1], labels[1])
    cast = Cast((strategy, *others.values()), np.array([[0, place + 1] for place in range(len(others))]))
    try:
        moves = batch.play(quiet, cast, Chance.of(0, 0, len(others))).moves
    except Misfit:  # it makes sense in the second seat alone
        return []
    assert moves is not None
    mine = moves["action"][moves["seat"] == 1], moves["episode"][moves["seat"] == 1]
    return [(who, _labelled(mine[0][mine[1] == row][:MOVES], labels[0])) for row, who in enumerate(others, 1)]


def _others(names: Sequence[str], labels: Sequence[str]) -> dict[str, Rule]:
    """Who it meets, by what is said of them."""
    found: dict[str, Sequence[str]] = {
        f"always chooses {labels[i]}": names[i : i + 1] for i in range(len(names[:MOST]))
    }
    found[f"takes turns between {labels[0]} and {labels[1]}"] = names[:2]
    return {
        who: Rule.of(who, "scripted-moves", {"moves": list(moves), "then": "cycle"}) for who, moves in found.items()
    }


def _labelled(actions: Ints, labels: Sequence[str]) -> list[str]:
    return [labels[action] for action in actions.tolist()]
