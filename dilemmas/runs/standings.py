"""The pairs and ranking tables of a tournament of pairs.

The unit of the statistics is the repetition: a strategy's payoff in a repetition is its total over matches divided by
their rounds, so that games of random length weigh rounds and not matches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dilemmas.engine.exact import Expected
from dilemmas.engine.record import Played
from dilemmas.report import metrics
from dilemmas.results import Coded, Table
from dilemmas.rules.game import Game, Ints
from dilemmas.rules.matrix import Matrix
from dilemmas.runs import tabulate
from dilemmas.runs.meetings import Plan
from dilemmas.runs.tabulate_roster import Columns


@dataclass(frozen=True)
class Totals:
    """Sums by repetition and ordered pair, ``(repetitions, strategies, strategies)`` each.

    ``after`` counts C and D by what came before, ``(strategies, 4, 2)``, or is None. ``wins`` are NaN where no match
    was played.
    """

    payoff: NDArray[np.float64]
    rounds: NDArray[np.float64]
    cooperations: NDArray[np.float64]
    decisions: NDArray[np.float64]
    wins: NDArray[np.float64]
    matches: NDArray[np.float64]
    after: NDArray[np.float64] | None


def totals(game: Game, made: Plan, played: Played, count: int, repetitions: int) -> Totals:
    """The sums of a tournament that was played."""
    score, shape = played.score, (repetitions, count, count)
    kinds = np.tile(made.kinds, (repetitions, 1))
    repetition = np.repeat(np.arange(repetitions), made.matches)
    payoff, rounds = score.payoff, np.broadcast_to(score.rounds[:, None], score.payoff.shape).astype(np.float64)
    sums = {"payoff": payoff, "rounds": rounds, "cooperations": score.cooperations, "decisions": score.decisions}
    sums |= {"wins": (payoff > payoff[:, ::-1]).astype(np.float64), "matches": np.ones_like(payoff)}
    gathered = {name: np.zeros(shape) for name in sums}
    for seat in (0, 1):
        # A match of a strategy with itself is one entry: the mean of its two seats.
        weight = np.where(kinds[:, 0] == kinds[:, 1], 0.5, 1.0)
        place = np.ravel_multi_index((repetition, kinds[:, seat], kinds[:, 1 - seat]), shape)
        for name, values in sums.items():
            gathered[name] += np.bincount(place, values[:, seat] * weight, gathered[name].size).reshape(shape)
    turned = [bool(role) for role in game.cooperating] if isinstance(game, Matrix) else [False, False]
    return Totals(after=_after(kinds, played, count, turned), **gathered)


def expected(made: Plan, found: Expected, count: int) -> Totals:
    """Expected payoffs a round as one repetition of one-round matches; none is played, so that none is won (NaN)."""
    sums = {"payoff": found.payoff, "cooperations": found.cooperation, "wins": np.full_like(found.payoff, np.nan)}
    sums |= dict.fromkeys(("rounds", "decisions", "matches"), np.ones_like(found.payoff))
    gathered = {name: np.zeros((1, count, count)) for name in sums}
    for seat in (0, 1):
        weight = np.where(made.kinds[:, 0] == made.kinds[:, 1], 0.5, 1.0)
        for name, values in sums.items():
            np.add.at(gathered[name][0], (made.kinds[:, seat], made.kinds[:, 1 - seat]), values[:, seat] * weight)
    return Totals(after=None, **gathered)


def _after(kinds: Ints, played: Played, count: int, turned: Sequence[bool]) -> NDArray[np.float64] | None:
    """What each strategy did after CC, CD, DC, DD, over all its matches but those with itself; C is cooperation."""
    if played.after is None:
        return None
    counts = np.zeros((count, 4, 2))
    others = kinds[:, 0] != kinds[:, 1]
    for seat in (0, 1):
        mine = played.after[others, seat].reshape(-1, 2, 2, 2)
        # Where the second action is the cooperative one of a seat, its axes are turned round.
        mine = mine[:, ::-1, :, ::-1] if turned[seat] else mine
        mine = mine[:, :, ::-1] if turned[1 - seat] else mine
        np.add.at(counts, kinds[others, seat], mine.reshape(-1, 4, 2))
    return counts


def over(total: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """A total over its weight; NaN where there is none."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(weight > 0, total / weight, np.nan)


def ratio(total: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """One value a repetition whose mean is sum(total) / sum(weight); ``(repetitions, ...)``.

    The values are the mean plus the linearised residuals of the ratio (Cochran 1977, 6.3), so that an interval over
    them is the ratio's. With equal weights they are simply total / weight.
    """
    mean = over(total.sum(0), weight.sum(0))
    typical = weight.mean(0)
    return mean + over(total - mean * weight, np.broadcast_to(typical, weight.shape))


def spread(values: NDArray[np.float64]) -> Columns:
    """Mean over repetitions with its deviation and interval, from ``(repetitions, rows)``."""
    mean, sd, low, high = metrics.interval(values, axis=0)
    return {"payoff": mean, "sd": sd, "ci_low": low, "ci_high": high}


def pairs(run: str, names: Sequence[str], totals: Totals, method: str = "sampled") -> Table:
    """The pairs table: what each strategy came to against each partner that it met."""
    own, other = np.nonzero(totals.matches.sum(0))
    values = ratio(totals.payoff, totals.rounds)[:, own, other]
    matches = np.rint(totals.matches.sum(0)[own, other]).astype(np.int64)
    columns: Columns = {
        "run": tabulate.constant(run, len(own)),
        "strategy": Coded(own, tuple(names)),
        "partner": Coded(other, tuple(names)),
        **spread(values),
        "cooperation": over(totals.cooperations.sum(0), totals.decisions.sum(0))[own, other],
        "wins": over(totals.wins.sum(0), totals.matches.sum(0))[own, other],
        "matches": matches if method == "sampled" else np.full(len(own), np.nan),
        "method": tabulate.constant(method, len(own)),
    }
    return Table.of("pairs", columns)


def ranking(run: str, names: Sequence[str], totals: Totals, like: str | None, self_counts: bool) -> Table:
    """Ranked by the mean over others (and oneself where asked for), or as Axelrod-Python does, by the median."""
    counted = np.ones(totals.payoff.shape[1:], bool)
    if not self_counts:
        np.fill_diagonal(counted, False)
    # Every opponent weighs the same, as each was met equally often.
    values = ratio((totals.payoff * counted).sum(2), (totals.rounds * counted).sum(2))
    paid = spread(values)
    places = metrics.places(np.median(values, axis=0) if like == "axelrod" else paid["payoff"])
    known = counted & ~np.isnan(totals.cooperations)
    cooperation = over(
        np.where(known, totals.cooperations, 0.0).sum((0, 2)), np.where(known, totals.decisions, 0.0).sum((0, 2))
    )
    columns: Columns = {
        "strategy": Coded(np.arange(len(names)), tuple(names)),
        "rank": places,
        **paid,
        "cooperation": cooperation,
        "wins": _wins(totals),
        **_ratings(totals),
    }
    return ranked(run, columns)


def ranked(run: str, columns: Columns) -> Table:
    """Rows by rank, ties in the order in which the strategies were given."""
    order = np.argsort(columns["rank"], kind="stable")
    return Table.of(
        "ranking",
        {"run": tabulate.constant(run, len(order)), **{name: values[order] for name, values in columns.items()}},
    )


def _wins(totals: Totals) -> NDArray[np.float64]:
    others = ~np.eye(totals.wins.shape[1], dtype=np.bool_)
    mean: NDArray[np.float64] = totals.wins.sum(2, where=others).mean(0)
    return mean


def _ratings(totals: Totals) -> Columns:
    """Axelrod's ratings; only of games with an action that cooperates."""
    if np.isnan(totals.cooperations).any():
        return {}
    rated: Columns = {**metrics.ratings(totals.cooperations, totals.rounds)}
    if np.isnan(totals.wins).any():
        rated["good_partner"] = np.full(totals.wins.shape[1], np.nan)
    if totals.after is not None:
        rated |= {"vengeful": metrics.vengeful(totals.after), "forgiving": metrics.forgiving(totals.after)}
    return rated
