"""Infinite populations: replicator dynamics over the payoff matrix of an experiment's strategies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dilemmas.culture.population import diversity
from dilemmas.culture.replicator import replicator
from dilemmas.errors import UsageError, many
from dilemmas.results import Coded, Table
from dilemmas.rules.matrix import Matrix
from dilemmas.runs import tabulate, tournament
from dilemmas.runs.resolve import Cast
from dilemmas.runs.sitting import batched, drive
from dilemmas.strategies.machine import Machine

Square = NDArray[np.float64]


def play(run: str, cast: Cast, seed: int) -> dict[str, Table]:
    """Shares of strategies over generations, from the population's counts as shares; generation 0 is the start.

    Payoffs a round are expected ones where all strategies are machines, and else means over ``repetitions`` of play;
    self-play counts, for an infinite population meets its own kind. Raises UsageError for games of many seats.
    """
    if cast.rules.seats != 2:
        found = f"replicator dynamics over pairs, in a game of {many(cast.rules.seats, 'seat')}"
        raise UsageError(found, expected="a game of two", remedy="Evolve a finite population instead.")
    settings = cast.experiment.replicator
    assert settings is not None
    pairs = _pairs(run, cast, seed)
    names = list(dict.fromkeys(member.strategy.name for member in cast.members))
    start = [sum(m.entry.count for m in cast.members if m.strategy.name == name) for name in names]
    payoffs = square(pairs, names, "payoff")
    path = replicator(
        payoffs,
        start,
        steps=cast.experiment.generations,
        step=settings.step,
        method=settings.method,
        mutation=settings.mutation,
        background=settings.background,
    )
    shares = _shares(run, names, path, payoffs)
    return {
        "generations": _generations(run, path, payoffs, square(pairs, names, "cooperation")),
        "shares": shares,
        "pairs": pairs,
    }


def _pairs(run: str, cast: Cast, seed: int) -> Table:
    """What each strategy earns against each, itself included."""
    strategies = list({member.strategy.name: member.strategy for member in cast.members}.values())
    if isinstance(cast.rules, Matrix) and all(isinstance(strategy, Machine) for strategy in strategies):
        return tournament.exact(run, cast.rules, strategies, self_play=True)["pairs"]
    repetitions = cast.experiment.repetitions
    steps = tournament.play(run, cast.rules, strategies, seed=seed, repetitions=repetitions, self_play=True)
    return drive(steps, batched)["pairs"]


def square(pairs: Table, names: list[str], what: str) -> Square:
    """A column of the pairs table as ``(strategies, partners)``."""
    place = {name: i for i, name in enumerate(names)}
    matrix = np.full((len(names), len(names)), np.nan)
    own, other = (np.array([place[name] for name in pairs.list(key)]) for key in ("strategy", "partner"))
    matrix[own, other] = pairs.numbers(what)
    return matrix


def _shares(run: str, names: list[str], path: Square, payoffs: Square) -> Table:
    steps, count = path.shape
    earned = (payoffs[None] * path[:, None, :]).sum(axis=2)
    columns: Mapping[str, Any] = {
        "run": tabulate.constant(run, steps * count),
        "generation": np.repeat(np.arange(steps), count),
        "strategy": Coded(np.tile(np.arange(count), steps), tuple(names)),
        "share": path.reshape(-1),
        "payoff": earned.reshape(-1),
    }
    return Table.of("shares", columns)


def _generations(run: str, path: Square, payoffs: Square, cooperation: Square) -> Table:
    def mean(matrix: Square) -> Square:
        return np.asarray((path[:, :, None] * path[:, None, :] * matrix[None]).sum(axis=(1, 2)))

    columns: Mapping[str, Any] = {
        "run": tabulate.constant(run, len(path)),
        "generation": np.arange(len(path)),
        "payoff": mean(payoffs),
        "cooperation": mean(cooperation),
        "diversity": np.array([diversity(shares) for shares in path]),
    }
    return Table.of("generations", columns)
