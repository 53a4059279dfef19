"""Tournaments: every strategy against every other, or every split of two kinds over the seats of a larger game.

The unit of the statistics is the repetition: a strategy's payoff in a repetition is its total over matches divided by
their rounds, so that games of random length weigh rounds and not matches.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dilemmas.engine import batch
from dilemmas.engine.chance import Chance
from dilemmas.engine.record import Played
from dilemmas.errors import Misfit, UsageError
from dilemmas.report import metrics
from dilemmas.results import Coded, Table
from dilemmas.rules.game import Game, Ints
from dilemmas.rules.matrix import Matrix
from dilemmas.runs import tabulate
from dilemmas.runs.tabulate import Columns, Roster
from dilemmas.strategies.machine import Machine
from dilemmas.strategies.strategy import Cast, Strategy

if TYPE_CHECKING:
    from dilemmas.engine.exact import Expected

Square = NDArray[np.float64]


@dataclass(frozen=True)
class Plan:
    """Which strategies meet in one repetition: ``who`` ``(matches, seats)``, and the two ``kinds`` of each match."""

    who: Ints
    kinds: Ints
    split: Ints

    @property
    def matches(self) -> int:
        """Matches a repetition."""
        return len(self.who)


def plan(game: Game, strategies: int, self_play: bool) -> Plan:
    """All unordered pairs (both seatings where the game is asymmetric), or all splits k : N - k of each pair.

    ``kinds`` is ``(matches, 2)``; ``split`` says how many seats the first kind takes.
    """
    if game.seats != 2:
        return _splits(game.seats, strategies)
    pairs = [(i, j) for i in range(strategies) for j in range(i, strategies) if self_play or i != j]
    if isinstance(game, Matrix) and not game.symmetric:
        pairs = [seating for i, j in pairs for seating in ([(i, j), (j, i)] if i != j else [(i, j)])]
    who = np.array(pairs, np.int64).reshape(-1, 2)
    return Plan(who, who, np.ones(len(who), np.int64))


def _splits(seats: int, strategies: int) -> Plan:
    who, kinds, split = [], [], []
    for i, j in itertools.combinations(range(strategies), 2):
        for k in range(seats + 1):
            who.append([i] * k + [j] * (seats - k))
            kinds.append((i, j))
            split.append(k)
    return Plan(np.array(who), np.array(kinds), np.array(split))


@dataclass(frozen=True)
class Totals:
    """Sums by repetition and ordered pair, ``(repetitions, strategies, strategies)`` each.

    ``after`` counts C and D by what came before, ``(strategies, 4, 2)``, or is None.

    """

    payoff: NDArray[np.float64]
    rounds: NDArray[np.float64]
    cooperations: NDArray[np.float64]
    decisions: NDArray[np.float64]
    wins: NDArray[np.float64]
    matches: NDArray[np.float64]
    after: NDArray[np.float64] | None


def play(
    run: str,
    game: Game,
    strategies: Sequence[Strategy],
    *,
    seed: int,
    repetitions: int,
    self_play: bool = False,
    like: str | None = None,
    keep: bool = False,
    driver: Callable[..., Played] = batch.play,
) -> dict[str, Table]:
    """Play a tournament and make its tables; raises Misfit, IllegalAnswer, UsageError."""
    if len(strategies) < 2 and not self_play:
        raise UsageError(
            "a tournament needs two strategies or more", remedy="Add one, or --self to let it meet itself."
        )
    made = plan(game, len(strategies), self_play or like == "axelrod")
    who = np.tile(made.who, (repetitions, 1))
    repetition = np.repeat(np.arange(repetitions) + 1, made.matches)
    luck = Chance.of(seed, 1, len(who), repetition)
    dilemma = isinstance(game, Matrix) and game.codes == 4 and None not in game.cooperating
    played = driver(game, Cast(tuple(strategies), who), luck, keep=keep, after=dilemma)
    names = [strategy.name for strategy in strategies]
    ids = [f"g1-{i}" for i in range(1, len(names) + 1)]
    roster = Roster(1, ids, names, [""] * len(names), who, repetition, np.zeros(len(who), np.int64))
    tables = standings(run, game, names, made, played, repetitions, self_play, like)
    tables["episodes"] = tabulate.episodes(run, game, roster, played)
    for name, table in (
        ("moves", tabulate.moves(run, game, roster, played)),
        ("rounds", tabulate.rounds(run, roster, played)),
    ):
        if table is not None:
            tables[name] = table
    return tables


def standings(
    run: str,
    game: Game,
    names: Sequence[str],
    made: Plan,
    played: Played,
    repetitions: int,
    self_play: bool,
    like: str | None,
) -> dict[str, Table]:
    """The pairs and ranking tables of a tournament that was played."""
    if game.seats != 2:
        return _many(run, game, names, made, played, repetitions)
    totals = _totals(game, made, played, len(names), repetitions)
    return {
        "pairs": _pairs(run, names, totals),
        "ranking": _ranking(run, names, totals, like, self_counts=self_play and like is None),
    }


def _totals(game: Game, made: Plan, played: Played, count: int, repetitions: int) -> Totals:
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


def _mean(total: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(weight > 0, total / weight, np.nan)


def ratio(total: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """One value a repetition whose mean is sum(total) / sum(weight); ``(repetitions, ...)``.

    The values are the mean plus the linearised residuals of the ratio (Cochran 1977, 6.3), so that an interval over
    them is the ratio's. With equal weights they are simply total / weight.
    """
    mean = _mean(total.sum(0), weight.sum(0))
    typical = weight.mean(0)
    return mean + _mean(total - mean * weight, np.broadcast_to(typical, weight.shape))


def _pairs(run: str, names: Sequence[str], totals: Totals) -> Table:
    own, other = np.nonzero(totals.matches.sum(0))
    values = ratio(totals.payoff, totals.rounds)[:, own, other]
    mean, sd, low, high = metrics.interval(values, axis=0)
    columns: Columns = {
        "run": tabulate.constant(run, len(own)),
        "strategy": Coded(own, tuple(names)),
        "partner": Coded(other, tuple(names)),
        "payoff": mean,
        "sd": sd,
        "ci_low": low,
        "ci_high": high,
        "cooperation": _mean(totals.cooperations.sum(0), totals.decisions.sum(0))[own, other],
        "wins": _mean(totals.wins.sum(0), totals.matches.sum(0))[own, other],
        "matches": np.rint(totals.matches.sum(0)[own, other]).astype(np.int64),
        "method": tabulate.constant("sampled", len(own)),
    }
    return Table.of("pairs", columns)


def _ranking(run: str, names: Sequence[str], totals: Totals, like: str | None, self_counts: bool) -> Table:
    """Ranked by the mean over others (and oneself where asked for), or as Axelrod-Python does, by the median."""
    counted = np.ones(totals.payoff.shape[1:], bool)
    if not self_counts:
        np.fill_diagonal(counted, False)
    # Every opponent weighs the same, as each was met equally often.
    values = ratio((totals.payoff * counted).sum(2), (totals.rounds * counted).sum(2))
    mean, sd, low, high = metrics.interval(values, axis=0)
    places = metrics.places(np.median(values, axis=0) if like == "axelrod" else mean)
    cooperation = _mean(
        (np.nan_to_num(totals.cooperations) * counted).sum((0, 2)), (totals.decisions * counted).sum((0, 2))
    )
    unknown = np.isnan(totals.cooperations).all(axis=(0, 2))
    columns: Columns = {
        "strategy": Coded(np.arange(len(names)), tuple(names)),
        "rank": places,
        "payoff": mean,
        "sd": sd,
        "ci_low": low,
        "ci_high": high,
        "cooperation": np.where(unknown, np.nan, cooperation),
        "wins": _wins(totals),
        **_ratings(totals),
    }
    return _ranked(run, columns)


def _ranked(run: str, columns: Columns) -> Table:
    """Rows by rank, ties in the order in which the strategies were given."""
    order = np.argsort(columns["rank"], kind="stable")
    return Table.of(
        "ranking",
        {"run": tabulate.constant(run, len(order)), **{name: values[order] for name, values in columns.items()}},
    )


def _wins(totals: Totals) -> NDArray[np.float64]:
    beaten = totals.wins.copy()
    beaten[:, np.arange(beaten.shape[1]), np.arange(beaten.shape[1])] = 0
    mean: NDArray[np.float64] = beaten.sum(2).mean(0)
    return mean


def _ratings(totals: Totals) -> Columns:
    """Axelrod's ratings; only of games with an action that cooperates."""
    if np.isnan(totals.cooperations).any():
        return {}
    rated: Columns = {**metrics.ratings(totals.cooperations, totals.rounds)}
    if totals.after is not None:
        rated |= {"vengeful": metrics.vengeful(totals.after), "forgiving": metrics.forgiving(totals.after)}
    return rated


def _many(run: str, game: Game, names: Sequence[str], made: Plan, played: Played, repetitions: int) -> dict[str, Table]:
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
        values = ratio(_mean((payoff * mine).sum(2), number), weight)
        cooperation = _mean((np.nan_to_num(cooperations) * mine).sum((0, 2)), (decisions * mine).sum((0, 2)))
        sides.append((values, cooperation))
    return _split_tables(run, names, made, sides, seats, repetitions)


def _split_tables(
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
        mean, sd, low, high = metrics.interval(values, axis=0)
        rows.append(
            {
                "own": made.kinds[here, side],
                "other": made.kinds[here, 1 - side],
                "others": others[here],
                "values": values[:, here],
                "payoff": mean[here],
                "sd": sd[here],
                "ci_low": low[here],
                "ci_high": high[here],
                "cooperation": cooperation[here],
                "wins": np.where(others[here] > 0, wins[here], np.nan),
                "matches": np.full(len(here), repetitions),
            }
        )
    both = {key: np.concatenate([row[key] for row in rows], axis=-1) for key in rows[0]}
    return {"pairs": _split_pairs(run, names, both), "ranking": _split_ranking(run, names, both)}


def _split_pairs(run: str, names: Sequence[str], both: Columns) -> Table:
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


def _split_ranking(run: str, names: Sequence[str], both: Columns) -> Table:
    mixed = both["others"] > 0
    values = np.stack([both["values"][:, mixed & (both["own"] == i)].mean(1) for i in range(len(names))], axis=1)
    mean, sd, low, high = metrics.interval(values, axis=0)
    cooperation = [
        np.nanmean(row) if np.isfinite(row).any() else np.nan
        for row in (both["cooperation"][mixed & (both["own"] == i)] for i in range(len(names)))
    ]
    columns: Columns = {
        "strategy": Coded(np.arange(len(names)), tuple(names)),
        "rank": metrics.places(mean),
        "payoff": mean,
        "sd": sd,
        "ci_low": low,
        "ci_high": high,
        "cooperation": np.array(cooperation),
        "wins": np.array([np.nansum(both["wins"][mixed & (both["own"] == i)]) for i in range(len(names))]),
    }
    return _ranked(run, columns)


def exact(run: str, game: Game, strategies: Sequence[Strategy], self_play: bool) -> dict[str, Table]:
    """The tournament's tables from expected payoffs, without sampling; raises Misfit for what is not a machine."""
    from dilemmas.engine.exact import expected

    if not isinstance(game, Matrix):
        raise Misfit(
            f"expected payoffs are exact for matrix games, not for {game.kind} games", remedy="Leave --exact out."
        )
    machines = [machine for machine in strategies if isinstance(machine, Machine)]
    if len(machines) < len(strategies):
        odd = next(strategy for strategy in strategies if not isinstance(strategy, Machine))
        raise Misfit(
            f"{odd.name} is not a finite machine, so its payoffs have no finite chain",
            remedy="Leave it, or --exact, out.",
        )
    made = plan(game, len(machines), self_play)
    found = expected(game, machines, machines, made.kinds)
    totals = _expected_totals(made, found, len(machines))
    names = [machine.name for machine in machines]
    pairs = _pairs(run, names, totals)
    pairs = Table.of(
        "pairs",
        {
            **pairs.columns,
            "method": tabulate.constant(found.method, len(pairs)),
            "matches": np.full(len(pairs), np.nan),
        },
    )
    return {"pairs": pairs, "ranking": _ranking(run, names, totals, None, self_counts=self_play)}


def _expected_totals(made: Plan, found: Expected, count: int) -> Totals:
    """Expected payoffs a round as one repetition of one-round matches."""
    sums = {
        "payoff": found.payoff,
        "cooperations": found.cooperation,
        "wins": (found.payoff > found.payoff[:, ::-1]).astype(np.float64),
    }
    sums |= dict.fromkeys(("rounds", "decisions", "matches"), np.ones_like(found.payoff))
    gathered = {name: np.zeros((1, count, count)) for name in sums}
    for seat in (0, 1):
        weight = np.where(made.kinds[:, 0] == made.kinds[:, 1], 0.5, 1.0)
        for name, values in sums.items():
            np.add.at(gathered[name][0], (made.kinds[:, seat], made.kinds[:, 1 - seat]), values[:, seat] * weight)
    return Totals(after=None, **gathered)
