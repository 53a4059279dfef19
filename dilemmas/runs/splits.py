"""The pairs and ranking tables of a tournament in a game of many seats, where two kinds share them in every way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dilemmas.engine.record import Played
from dilemmas.report import metrics
from dilemmas.results import Coded, Table
from dilemmas.rules.game import Game
from dilemmas.runs import tabulate
from dilemmas.runs.meetings import Plan
from dilemmas.runs.standings import over, ranked, ratio, spread
from dilemmas.runs.tabulate_roster import Columns

Square = NDArray[np.float64]


def standings(
    run: str, game: Game, names: Sequence[str], made: Plan, played: Played, repetitions: int
) -> dict[str, Table]:
    """Pairs and ranking of a game of many seats: own kind's mean payoff by how many seats the partner's kind takes."""
    seats, matches = game.seats, made.matches
    shape = (repetitions, matches, seats)
    first = np.broadcast_to(np.arange(seats)[None, None] < made.split[None, :, None], shape)
    weight = (
        played.score.rounds.reshape(repetitions, matches).astype(np.float64)
        if game.per_round
        else np.ones((repetitions, matches))
    )
    payoff, cooperations, decisions = (
        np.asarray(part).reshape(shape)
        for part in (played.score.payoff, played.score.cooperations, played.score.decisions)
    )
    sides = []
    for mine in (first, ~first):
        number = mine.sum(2)
        values = ratio(over((payoff * mine).sum(2), number), weight)
        known = mine & ~np.isnan(cooperations)
        cooperation = over(np.where(known, cooperations, 0.0).sum((0, 2)), np.where(known, decisions, 0.0).sum((0, 2)))
        sides.append((values, cooperation))
    return _tables(run, names, made, sides, seats, repetitions)


def _tables(
    run: str, names: Sequence[str], made: Plan, sides: list[tuple[Square, Square]], seats: int, repetitions: int
) -> dict[str, Table]:
    rows: list[Columns] = []
    for side in (0, 1):
        others = seats - made.split if side == 0 else made.split
        here = np.flatnonzero(others < seats)
        values, cooperation = sides[side]
        rival = sides[1 - side][0]
        with np.errstate(invalid="ignore"):
            wins = (values > rival).mean(0)
        paid = {key: column[here] for key, column in spread(values).items()}
        rows.append(
            {
                "own": made.kinds[here, side],
                "other": made.kinds[here, 1 - side],
                "others": others[here],
                "values": values[:, here],
                **paid,
                "cooperation": cooperation[here],
                "wins": np.where(others[here] > 0, wins[here], np.nan),
                "matches": np.full(len(here), repetitions),
            }
        )
    both = {key: np.concatenate([row[key] for row in rows], axis=-1) for key in rows[0]}
    return {"pairs": _pairs(run, names, both), "ranking": _ranking(run, names, both)}


def _pairs(run: str, names: Sequence[str], both: Columns) -> Table:
    order = np.lexsort((both["others"], both["other"], both["own"]))
    kept = {key: both[key][order] for key in both if key not in ("own", "other", "values")}
    columns: Columns = {
        "run": tabulate.constant(run, len(order)),
        "strategy": Coded(both["own"][order], tuple(names)),
        "partner": Coded(both["other"][order], tuple(names)),
        **kept,
        "method": tabulate.constant("sampled", len(order)),
    }
    return Table.of("pairs", columns)


def _ranking(run: str, names: Sequence[str], both: Columns) -> Table:
    mixed = both["others"] > 0
    values = np.stack([both["values"][:, mixed & (both["own"] == i)].mean(1) for i in range(len(names))], axis=1)
    paid = spread(values)
    cooperation = [
        np.nanmean(row) if np.isfinite(row).any() else np.nan
        for row in (both["cooperation"][mixed & (both["own"] == i)] for i in range(len(names)))
    ]
    columns: Columns = {
        "strategy": Coded(np.arange(len(names)), tuple(names)),
        "rank": metrics.places(paid["payoff"]),
        **paid,
        "cooperation": np.array(cooperation),
        "wins": np.array([np.nansum(both["wins"][mixed & (both["own"] == i)]) for i in range(len(names))]),
    }
    return ranked(run, columns)
