"""How well a strategy did in a repeated game of two, by three measures often mixed up: the table ``scores``."""

from __future__ import annotations

from typing import cast

import numpy as np

from dilemmas.engine.record import Played
from dilemmas.report import metrics
from dilemmas.report.metrics import Floats
from dilemmas.results import Table
from dilemmas.rules.game import Game, Ints
from dilemmas.rules.matrix import Matrix
from dilemmas.rules.ordinal import family_of
from dilemmas.runs.tabulate import constant
from dilemmas.runs.tabulate_roster import Columns, Roster


def table(run: str, game: Game, roster: Roster, played: Played) -> Table | None:
    """A row for each strategy, seat and repetition; None where shares of a payoff mean nothing.

    They do in matrix games without negative payoffs whose joint actions were counted (few actions). Each measure is a
    ratio of sums over the episodes of a row: those with all partners, itself included where it met itself.
    """
    if not isinstance(game, Matrix) or played.score.joint is None or game.table.min() < 0 or game.table.max() <= 0:
        return None
    sums, bounds = np.asarray(played.score.payoff, np.float64), _bounds(game, played)
    rows, where = _rows(roster)
    least = np.repeat(sums.min(axis=1, keepdims=True), 2, axis=1)
    measures = {name: _share(where, least if name == "fair" else sums, most) for name, most in bounds.items()}
    names = list(dict.fromkeys(roster.strategies))
    models = dict(zip(roster.strategies, roster.models, strict=True))
    strategies = [names[code] for code in rows[:, 0]]
    family = family_of(game)
    columns: Columns = {
        "run": constant(run, len(rows)),
        "strategy": strategies,
        "seat": rows[:, 1] + 1,
        "repetition": rows[:, 2],
        **({"model": [models[name] or None for name in strategies]} if any(roster.models) else {}),
        "family": [family] * len(rows),
        "episodes": np.bincount(where.reshape(-1), minlength=len(rows)),
        **measures,
    }
    return Table.of("scores", columns)


def _bounds(game: Matrix, played: Played) -> dict[str, Floats]:
    """What each seat's total is a share of, ``(episodes, 2)`` a measure."""
    rounds = np.repeat(played.score.rounds[:, None], 2, axis=1).astype(np.float64)
    replies = np.empty_like(rounds)
    for seat, own in enumerate(game.own):
        joint = cast(Ints, played.score.joint)[:, seat].reshape(-1, *own.shape)
        replies[:, seat] = metrics.attainable(own, joint.sum(axis=1))
    both = np.stack([game.own[0], game.own[1].T])
    return {
        "score": rounds * np.array([own.max() for own in game.own]),
        "best_reply": replies,
        "fair": rounds * metrics.egalitarian(both),
    }


def _rows(roster: Roster) -> tuple[Ints, Ints]:
    """The rows (strategy, seat, repetition), and which of them each seat of each episode belongs to."""
    names = {name: code for code, name in enumerate(dict.fromkeys(roster.strategies))}
    codes = np.array([names[name] for name in roster.strategies])[roster.who]
    seats = np.broadcast_to([0, 1], codes.shape)
    repetition = np.broadcast_to(roster.repetition[:, None], codes.shape)
    keys = np.stack([codes, seats, repetition], axis=-1).reshape(-1, 3)
    rows, where = np.unique(keys, axis=0, return_inverse=True)
    return rows, where.reshape(codes.shape)


def _share(where: Ints, total: Floats, most: Floats) -> Floats:
    """Sums of totals over sums of what they are a share of, by row; NaN where that is nothing."""
    got, could = (np.bincount(where.reshape(-1), part.reshape(-1)) for part in (total, most))
    result: Floats = np.divide(got, could, out=np.full(len(got), np.nan), where=could > 0)
    return result
