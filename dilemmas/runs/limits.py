"""Limits that a group sets itself in its talk: where they come from, whether they were kept to, how they are tabled.

A limit of pledges (``talk.limit: median``) holds for the round that was pledged for. One that a model found agreed
(``framework``) holds from the decision after that talk until another one is agreed. It is kept to by asking for no
more, as a pledge is; decisions that the experiment had to put in are not judged.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dilemmas.engine.record import Place, Played
from dilemmas.results import Coded
from dilemmas.rules.game import Array, Game, Ints
from dilemmas.rules.talk import Talk, limit
from dilemmas.runs.tabulate_roster import Columns, Roster
from dilemmas.strategies.moves import MAIN

HAIR = 1e-9  # parts by which an amount may miss a limit: what rounding leaves
Limits = Mapping[tuple[int, int], float]
"""By episode and round; those without a limit are left out."""


def limiting(game: Game) -> bool:
    """Whether a group may set itself a limit here."""
    talk: Talk | None = getattr(game, "talk", None)
    return talk is not None and talk.limit != "none"


def agreed(played: Played) -> Limits:
    """Limits that were found agreed, in every round that was decided under one."""
    known: dict[int, list[tuple[int, float]]] = {}
    for place, minute, _, _ in played.minutes:
        if minute.kind == "limit" and minute.amount is not None:
            known.setdefault(place.episode, []).append((minute.round + (minute.when == "after"), minute.amount))
    found = {}
    for here in _decided(played):
        standing = [amount for since, amount in known.get(here[0], []) if since <= here[1]]
        if standing:
            found[here] = standing[-1]
    return found


def _decided(played: Played) -> list[tuple[int, int]]:
    raw: Mapping[str, Array] = played.moves or {"episode": np.zeros(0), "round": np.zeros(0)}
    return list(dict.fromkeys(zip(raw["episode"].tolist(), raw["round"].tolist(), strict=True)))


def middles(played: Played, decided: Ints, made: Ints) -> Limits:
    """The middle of what was pledged for each round; ``made`` are the pledges that stood at ``decided``."""
    raw, said = played.moves, played.messages
    assert raw is not None and said is not None
    pledges: dict[tuple[int, int], list[float]] = {}
    for move, row in zip(decided, made, strict=True):
        here = int(raw["episode"][move]), int(raw["round"][move])
        pledges.setdefault(here, []).append(float(said["pledge"][row]))
    return {here: middle for here, row in pledges.items() if (middle := limit(row)) is not None}


def put(played: Played, found: Limits) -> Played:
    """With the limits as a column of the rounds (NaN: there was none)."""
    assert played.rounds is not None
    keys = zip(played.rounds["episode"].tolist(), played.rounds["round"].tolist(), strict=True)
    return replace(played, rounds={**played.rounds, "limit": np.array([found.get(key, np.nan) for key in keys])})


def obeyed(game: Game, roster: Roster, played: Played, found: Limits, imputed: Collection[int]) -> tuple[Ints, Ints]:
    """By agent: decisions under a limit, and those of them that asked for no more; ``imputed`` rows are left out."""
    size = len(roster.ids)
    rows, within = _within(game, played, found, imputed)
    if played.moves is None or not len(rows):
        return np.zeros(size, np.int64), np.zeros(size, np.int64)
    who = roster.who[played.moves["episode"][rows] - 1, played.moves["seat"][rows] - 1]
    return np.bincount(who, minlength=size), np.bincount(who[within], minlength=size)


def _within(game: Game, played: Played, found: Limits, imputed: Collection[int]) -> tuple[Ints, NDArray[np.bool_]]:
    raw, main = played.moves, MAIN.get(game.kind, "move")
    if not raw or not found or main not in played.kinds:
        return np.zeros(0, np.int64), np.zeros(0, np.bool_)
    own = np.flatnonzero(raw["kind"] == played.kinds.index(main))
    own = own[~np.isin(own, list(imputed))]
    keys = zip(raw["episode"][own].tolist(), raw["round"][own].tolist(), strict=True)
    most = np.array([found.get(key, np.nan) for key in keys])
    rows, most = own[~np.isnan(most)], most[~np.isnan(most)]
    return rows, raw["amount"][rows] <= most + HAIR * np.maximum(1.0, most)


def columns(limited: Ints, within: Ints) -> Columns:
    """Columns of the agents table."""
    share = np.divide(within, limited, out=np.full(len(limited), np.nan), where=limited > 0)
    return {"limited": limited, "limit_share": share}


def minuted(columns: Mapping[str, Any], played: Played) -> Mapping[str, Any]:
    """Columns of messages with a row for everything that a model without a seat made of talk, in order of the keys."""
    if not played.minutes:
        return columns
    whole = {name: list(part.decoded()) if isinstance(part, Coded) else list(part) for name, part in columns.items()}
    whole.setdefault("pledge", [None] * len(whole["text"]))
    for place, minute, note, model in played.minutes:
        row: dict[str, Any] = {**place._asdict(), "run": whole["run"][0], "generation": whole["generation"][0]}
        row |= {"agent": "", "kind": minute.kind, "text": minute.text or None, "pledge": minute.amount, "model": model}
        row |= {"attempts": note.attempts, "imputed": note.imputed, "simulated": note.simulated}
        for name, values in whole.items():
            values.append(row.get(name))
    keys = list(zip(*(whole[name] for name in Place._fields), strict=True))
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return {name: [values[row] for row in order] for name, values in whole.items()}
