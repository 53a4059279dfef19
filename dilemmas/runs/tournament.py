"""Tournaments: every strategy against every other, played or expected."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dilemmas.engine.chance import Chance
from dilemmas.engine.record import Played
from dilemmas.errors import Misfit, UsageError
from dilemmas.results import Table
from dilemmas.rules.game import Game
from dilemmas.rules.matrix import Matrix
from dilemmas.runs import meetings, promises, scores, splits, standings, tabulate
from dilemmas.runs.answers import Tally
from dilemmas.runs.sitting import Sitting, Sittings
from dilemmas.runs.tabulate_roster import Roster
from dilemmas.strategies.machine import Machine
from dilemmas.strategies.strategy import Cast, Strategy


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
    models: Sequence[str] = (),
) -> Sittings[dict[str, Table]]:
    """A tournament, step by step, and its tables; ``models`` speak for the strategies. Raises Misfit, UsageError."""
    _sound(game, strategies, self_play, like)
    made = meetings.plan(game, len(strategies), self_play or like == "axelrod")
    who = np.tile(made.who, (repetitions, 1))
    repetition = np.repeat(np.arange(repetitions) + 1, made.matches)
    luck = Chance.of(seed, 1, len(who), repetition)
    dilemma = isinstance(game, Matrix) and game.codes == 4 and None not in game.cooperating
    names = [strategy.name for strategy in strategies]
    ids = [f"g1-{i}" for i in range(1, len(names) + 1)]
    played = yield Sitting(game, Cast(tuple(strategies), who), luck, 1, ids, who, keep, dilemma)
    roster = Roster(1, ids, names, models or [""] * len(names), who, repetition, np.zeros(len(who), np.int64))
    tally = Tally()
    tally.add(game, roster, played)
    tables = {"models": tally.table(run)} if tally.counts else {}
    tables |= _standings(run, game, names, made, played, repetitions, self_play, like)
    tables["episodes"] = tabulate.episodes(run, game, roster, played)
    for name, table in (
        ("moves", tabulate.moves(run, game, roster, played)),
        ("rounds", tabulate.rounds(run, roster, promises.limited(game, played))),
        ("messages", promises.table(run, game, roster, played)),
        ("scores", scores.table(run, game, roster, played)),
    ):
        if table is not None:
            tables[name] = table
    return tables


def _sound(game: Game, strategies: Sequence[Strategy], self_play: bool, like: str | None) -> None:
    if len(strategies) < 2 and not self_play:
        raise UsageError(
            "a tournament needs two strategies or more", remedy="Add one, or --self to let it meet itself."
        )
    if like is not None and game.seats != 2:
        raise UsageError(f"{like}'s rule is for games of two seats", remedy="Leave --like out.", where="like")


def _standings(
    run: str,
    game: Game,
    names: Sequence[str],
    made: meetings.Plan,
    played: Played,
    repetitions: int,
    self_play: bool,
    like: str | None,
) -> dict[str, Table]:
    """The pairs and ranking tables of a tournament that was played."""
    if game.seats != 2:
        return splits.standings(run, game, names, made, played, repetitions)
    totals = standings.totals(game, made, played, len(names), repetitions)
    ranking = standings.ranking(run, names, totals, like, self_counts=self_play and like is None)
    return {"pairs": standings.pairs(run, names, totals), "ranking": ranking}


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
    made = meetings.plan(game, len(machines), self_play)
    found = expected(game, machines, machines, made.kinds)
    totals = standings.expected(made, found, len(machines))
    names = [machine.name for machine in machines]
    ranking = standings.ranking(run, names, totals, None, self_counts=self_play)
    return {"pairs": standings.pairs(run, names, totals, found.method), "ranking": ranking}
