"""Play on record: the moves of a file played again through the rules, and every payoff and stock compared with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dilemmas.culture import population
from dilemmas.culture.matchmaking import Schedule
from dilemmas.engine.chance import Chance
from dilemmas.engine.record import Played
from dilemmas.errors import FileError, many
from dilemmas.results import Table
from dilemmas.rules.game import Answers, Ask, Floats, Game, Ints, View
from dilemmas.runs import generations, promises, recorded_talk, scores, script, standings, tabulate
from dilemmas.runs.meetings import Plan
from dilemmas.runs.places import Scripted
from dilemmas.runs.resolve import Cast, Source, record
from dilemmas.runs.script import Script
from dilemmas.runs.sitting import Sitting, Sittings
from dilemmas.runs.tabulate_roster import Roster
from dilemmas.strategies.strategy import Cast as Seated

ENDINGS = ("survived", "survival_time", "efficiency", "equality", "over_usage")
"""What a record that breaks off cannot say of an episode."""

CHECKED = 1e-9  # payoffs and stocks may differ by this much, relative to what is on record


@dataclass(frozen=True)
class Reel:
    """One episode of a record, as a strategy for all its seats."""

    script: Script
    episode: int
    where: str
    name: str = "recorded"
    kin: tuple[str] = ("recorded",)

    def player(self, members: Sequence[Any], which: Ints, seats: Ints, game: Game) -> Tape:
        """Plays the episodes of all members."""
        return Tape(self.script, np.array([member.episode for member in members])[which], seats, self.where)


@dataclass
class Tape:
    """Plays rows of a batch: ``episode`` of the record and seat of each."""

    script: Script
    episode: Ints
    seats: Ints
    where: str
    uniforms: int = 0
    trusted: bool = False

    def decide(self, view: View, ask: Ask, rows: Ints | slice, coin: Floats) -> Answers:
        """What the record says; raises FileError where it says nothing."""
        episode, seat = self.episode[rows], self.seats[rows]
        round_ = np.broadcast_to(ask.clock - 1, len(episode))
        inside = round_ < self.script.asked.shape[1]
        known = inside & self.script.asked[episode, np.minimum(round_, self.script.asked.shape[1] - 1), seat]
        if not known.all():
            row = int(np.flatnonzero(~known)[0])
            match = self.script.matches[episode[row]]
            found = f"the record has no move for seat {seat[row] + 1} in round {ask.clock}, and the game goes on"
            raise FileError(found, where=f"{self.where}: match {match}")
        place = episode, round_, seat
        return Answers(self.script.choice[place], self.script.amount[place])


def play(run: str, cast: Cast, seed: int, source: Source) -> Sittings[dict[str, Table]]:
    """The episodes of a record and their tables; raises FileError where the rules come to something else."""
    assert cast.experiment.recorded is not None
    known = cast.experiment.recorded
    path, game = record(known.file, source), cast.rules
    where = known.source or path.name
    moves = script.read(path, game, where)
    episodes = len(moves.matches)
    reels = tuple(Reel(moves, episode, where) for episode in range(episodes))
    who = np.repeat(np.arange(episodes)[:, None], game.seats, axis=1)
    ids = [population.name(1, number) for number in range(1, len(moves.agents) + 1)]
    luck = Chance.of(seed, 1, episodes, np.arange(episodes) + 1)
    played = yield Sitting(game, Seated(reels, who), luck, 1, ids, moves.who)
    compare(moves, played, where)
    if known.said is not None:
        played = recorded_talk.spoken(record(known.said, source), moves, played, where)
    tables = _tables(run, cast, moves, played, ids)
    return tables if known.finished else {name: _open(table) for name, table in tables.items()}


def compare(moves: Script, played: Played, where: str) -> None:
    """Raise FileError at the first payoff or stock that is not the record's, or where one of the two ends first."""
    raw = played.moves or {}
    if len(raw.get("seat", ())) != len(moves.at[0]):
        _shorter(moves, played, where)
    _same(moves, raw["payoff"], moves.numbers("payoff"), f"{where}: ", "is paid")
    for name in ("stock_before", "stock_after"):
        if played.rounds is None or np.isnan(logged := moves.numbers(name)).all():
            continue
        of_round = np.zeros(moves.asked.shape[:2])
        of_round[played.rounds["episode"] - 1, played.rounds["round"] - 1] = played.rounds[name]
        said = "is there before the harvest" if name == "stock_before" else "is left after it"
        _same(moves, of_round[moves.at[0], moves.at[1]], logged, f"{where}: ", said)


def _same(moves: Script, ours: Floats, theirs: Floats, where: str, said: str) -> None:
    wrong = np.flatnonzero(np.abs(ours - theirs) > CHECKED * np.maximum(1.0, np.abs(theirs)))
    if wrong.size:
        row = int(wrong[0])
        found = f"{ours[row]:g} {said} by the rules, and the record says {theirs[row]:g}"
        raise FileError(found, where=where + moves.place(row))


def _shorter(moves: Script, played: Played, where: str) -> None:
    """The rules ended an episode before the record does."""
    ended = played.score.rounds[moves.at[0]] <= moves.at[1]
    row = int(np.flatnonzero(ended)[0]) if ended.any() else 0
    found = (
        f"the game was over after {many(int(played.score.rounds[moves.at[0][row]]), 'round')}, and the record goes on"
    )
    raise FileError(found, where=f"{where}: {moves.place(row)}")


def _tables(run: str, cast: Cast, moves: Script, played: Played, ids: Sequence[str]) -> dict[str, Table]:
    episodes = len(moves.matches)
    names, strategies, models = (list(part) for part in zip(*moves.agents, strict=True))
    repetition, leg = _repetitions(moves.who), np.zeros(episodes, np.int64)
    roster = Roster(1, ids, strategies, models, moves.who, repetition, leg)
    if cast.rules.seats == 2:
        tables = _standings(run, cast.rules, moves.who, strategies, played)
    else:
        tables = _people(run, cast.rules, moves, played, names)
        said = promises.columns(cast.rules, roster, played)
        tables["agents"] = Table.of("agents", {**tables["agents"].columns, **said})
    tables["episodes"] = tabulate.episodes(run, cast.rules, roster, played)
    for name, table in (
        ("moves", tabulate.moves(run, cast.rules, roster, played)),
        ("rounds", tabulate.rounds(run, roster, played)),
        ("messages", promises.table(run, cast.rules, roster, played)),
        ("scores", scores.table(run, cast.rules, roster, played)),
    ):
        if table is not None:
            tables[name] = table
    tables["moves"] = _shown(tables["moves"], moves)
    return tables


def _repetitions(who: Ints) -> Ints:
    """Which time these players sit in these seats, from 1."""
    seen: dict[tuple[int, ...], int] = {}
    result = np.zeros(len(who), np.int64)
    for episode, seats in enumerate(map(tuple, who.tolist())):
        result[episode] = seen[seats] = seen.get(seats, 0) + 1
    return result


def _standings(run: str, game: Game, who: Ints, names: Sequence[str], played: Played) -> dict[str, Table]:
    """Pairs and ranking, as those of a tournament in which each met each as often as the record says."""
    made = Plan(who, who, np.ones(len(who), np.int64))
    totals = standings.totals(game, made, played, len(names), 1)
    ranking = standings.ranking(run, names, totals, None, self_counts=False)
    return {"pairs": standings.pairs(run, names, totals), "ranking": ranking}


def _people(run: str, game: Game, moves: Script, played: Played, names: Sequence[str]) -> dict[str, Table]:
    """The generation and its agents, as those of a population that played these episodes."""
    told = zip(names, moves.agents, strict=True)
    people = population.founders((name, Scripted(strategy), 1, model) for name, (_, strategy, model) in told)
    count = np.arange(len(moves.who))
    schedule = Schedule(moves.who, np.ones(len(count), np.int64), count, np.zeros_like(count))
    return generations.kept(run, game, people, schedule, played)


def _shown(table: Table, moves: Script) -> Table:
    """Decisions with the labels and the order of options that the seats saw, where the record has them."""
    columns: dict[str, Any] = dict(table.columns)
    for name in ("label", "option_order"):
        if any(moves.columns[name]):
            columns[name] = [text or None for text in moves.columns[name]]
    return Table.of("moves", columns)


def _open(table: Table) -> Table:
    """A table without measures of how an episode ended."""
    empty: Mapping[str, Any] = {name: np.full(len(table), np.nan) for name in ENDINGS if name in table}
    return Table.of(table.spec.name, {**table.columns, **empty})
