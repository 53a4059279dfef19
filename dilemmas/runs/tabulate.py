"""From arrays to tables: every column made at once, never a loop over decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dilemmas.engine.record import Played
from dilemmas.results import TABLES, Coded, Table
from dilemmas.rules.game import Array, Game, Ints
from dilemmas.runs import answers
from dilemmas.runs.tabulate_roster import Columns, Roster

PLAIN = ("amount", "intended_amount", "payoff", "received", "share")  # numbers that a game's moves may hold


def constant(text: str, rows: int) -> Coded:
    """A text column that says the same everywhere."""
    return Coded(np.zeros(rows, np.int64), (text,))


def episodes(run: str, game: Game, roster: Roster, played: Played) -> Table:
    """The episodes table: a seat in an episode a row."""
    count, seats = roster.who.shape
    who = roster.who.reshape(-1)
    score = played.score
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(score.decisions > 0, score.cooperations / score.decisions, np.nan)
    columns: Columns = {
        "run": constant(run, count * seats),
        "generation": np.full(count * seats, roster.generation),
        "episode": np.repeat(np.arange(count) + 1, seats),
        "seat": np.tile(np.arange(seats) + 1, count),
        "agent": roster.column(roster.ids, who),
        "strategy": roster.column(roster.strategies, who),
        "repetition": np.repeat(roster.repetition, seats),
        "rounds": np.repeat(score.rounds, seats),
        "payoff": score.payoff.reshape(-1),
        "cooperations": score.cooperations.reshape(-1),
        "cooperation": mean.reshape(-1),
        **{name: np.asarray(column).reshape(-1) for name, column in score.extra.items()},
    }
    if seats == 2:
        other = roster.who[:, ::-1].reshape(-1)
        columns |= {
            "partner": roster.column(roster.ids, other),
            "partner_strategy": roster.column(roster.strategies, other),
        }
    if roster.leg.any():
        columns["game"] = np.repeat(roster.leg + 1, seats)
    return Table.of("episodes", columns | _models(roster, who))


def moves(run: str, game: Game, roster: Roster, played: Played) -> Table | None:
    """The moves table: a decision a row; None where no decisions were kept."""
    raw = played.moves
    if not raw:
        return None
    rows, episode, seat = len(raw["episode"]), raw["episode"] - 1, raw["seat"] - 1
    who = roster.who[episode, seat]
    partner = _partner(game, roster, raw, episode, seat)
    columns: Columns = {
        "run": constant(run, rows),
        "generation": np.full(rows, roster.generation),
        **{key: raw[key] for key in ("episode", "round", "ask", "seat")},
        "agent": roster.column(roster.ids, who),
        "strategy": roster.column(roster.strategies, who),
        "kind": Coded(raw["kind"], played.kinds),
        **{name: raw[name] for name in PLAIN if name in raw},
    }
    if partner is not None:
        columns["partner"] = roster.column(roster.ids, partner)
    named = _named(game, played, raw, seat)
    return Table.of("moves", columns | _models(roster, who) | named | answers.columns(game, played, named))


def _models(roster: Roster, who: Ints) -> Columns:
    """The model column, in tables where any seat has a model."""
    return {"model": roster.column(roster.models, who)} if any(roster.models) else {}


def _partner(game: Game, roster: Roster, raw: Mapping[str, Array], episode: Ints, seat: Ints) -> NDArray[Any] | None:
    """Index of the agent that each decision is about, -1 for nobody."""
    if "partner" in raw:
        return np.where(raw["partner"] >= 0, roster.who[episode, raw["partner"]], -1)
    return roster.who[episode, 1 - seat] if game.seats == 2 else None


def _named(game: Game, played: Played, raw: Mapping[str, Array], seat: Ints) -> Columns:
    """Codes of actions as names, by kind of ask and seat."""
    columns: Columns = {}
    for name in ("action", "intended", "perceived"):
        if name in raw:
            columns[name] = _names(game, played.kinds, raw["kind"], seat, raw[name], other=name == "perceived")
    if "action" in columns:
        columns["label"] = columns["action"]
    return columns


def _names(game: Game, kinds: Sequence[str], kind: Ints, seat: Ints, code: Ints, other: bool) -> Coded:
    seats = range(game.seats)
    lists = {
        (k, s): tuple(game.options(k, 1 - s if other and game.seats == 2 else s)) for k in kinds for s in _sample(seats)
    }
    names = tuple(dict.fromkeys(name for options in lists.values() for name in options))
    if not names:
        return Coded(np.full(len(code), -1), ())
    index = {name: i for i, name in enumerate(names)}
    width = max(map(len, lists.values()))
    table = np.full((len(kinds), len(_sample(seats)), width + 1), -1)
    for (k, s), options in lists.items():
        table[kinds.index(k), s, : len(options)] = [index[name] for name in options]
    return Coded(table[kind, np.minimum(seat, table.shape[1] - 1), code], names)


def _sample(seats: range) -> range:
    """Seats whose options may differ: in games of more than two seats all have the first one's."""
    return seats if len(seats) <= 2 else range(1)


def rounds(run: str, roster: Roster, played: Played) -> Table | None:
    """The rounds table of a stock or pot; None where the game has none."""
    if not played.rounds:
        return None
    count = len(played.rounds["episode"])
    known = {column.name for column in TABLES["rounds"].columns}
    columns = {name: values for name, values in played.rounds.items() if name in known}
    return Table.of("rounds", {"run": constant(run, count), "generation": np.full(count, roster.generation), **columns})
