"""Published data read as they stand, and played again through the rules.

GovSim logs (``log_env.json``; Piatti et al. 2024 and reproductions): a list of rows, of which those with the action
``harvesting`` say who wanted and collected what in which round (from 0), and the stock before and after.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from dilemmas.engine.chance import Chance
from dilemmas.engine.record import Played, Record
from dilemmas.errors import FileError, many
from dilemmas.rules.commons import Commons
from dilemmas.rules.commons_metrics import Trace
from dilemmas.rules.episode import episode
from dilemmas.rules.game import Answers, Array, Bools, Floats, Outcome

_HARVEST = {
    "agent_id",
    "round",
    "resource_in_pool_before_harvesting",
    "resource_in_pool_after_harvesting",
    "resource_collected",
}


@dataclass(frozen=True)
class Log:
    """One published episode: amounts ``(rounds, seats)``, stocks ``(rounds,)``; seats in order of first appearance.

    ``asked`` says who harvested; ``utterances`` counts what players said, the moderator's lines left out, and ``said``
    has round (from 0), seat (from 0) and words of each, ``limits`` the limit that the talk of a round came to. A
    harvest that does not say what was wanted is taken to have got it.
    """

    path: Path
    agents: tuple[str, ...]
    wanted: Floats
    collected: Floats
    asked: Bools
    stock_before: Floats
    stock_after: Floats
    utterances: int
    said: tuple[tuple[int, int, str], ...] = ()
    limits: Mapping[int, float] = field(default_factory=dict)

    @property
    def rounds(self) -> int:
        """Rounds that were logged."""
        return len(self.stock_before)

    def given(self) -> dict[int, tuple[float, ...]]:
        """The collected amounts of rounds in which more was wanted than there was, for ``allocation: given``."""
        scarce = np.flatnonzero(self.wanted.sum(axis=1) > self.stock_before)
        return {int(row) + 1: tuple(self.collected[row].tolist()) for row in scarce}

    def joins(self) -> dict[int, int]:
        """Seats that came after round 1, with the round of their first harvest; both from 1."""
        first = self.asked.argmax(axis=0)
        return {seat + 1: int(round_) + 1 for seat, round_ in enumerate(first) if round_}

    def game(self, **parameters: Any) -> Commons:
        """The game that the log is an episode of; twelve rounds, capacity 100 unless told otherwise."""
        law = {"seats": len(self.agents), "start": self.stock_before[0], "joins": self.joins(), **parameters}
        return Commons(**law, allocation="given", given=self.given())

    def trace(self, game: Commons) -> Trace:
        """The log as the metrics of the commons take it, without playing it."""
        return Trace.of(
            self.collected[None],
            self.stock_before[None],
            asked=self.asked[None],
            stock_after=self.stock_after[None],
            scheduled=game.rounds or self.rounds,
            capacity=game.capacity,
            growth=game.growth,
            collapse_below=game.collapse_below,
            integer=game.integer,
        )

    def strange(self, game: Commons) -> str:
        """Where the log breaks the law of the game, in words; empty where it never does."""
        left = self.stock_before - self.collected.sum(axis=1)
        grown = np.minimum(game.capacity, game.growth * self.stock_after)
        plenty = self.wanted.sum(axis=1) <= self.stock_before
        for row in range(self.rounds):
            if plenty[row] and not np.allclose(self.wanted[row], self.collected[row]):
                return f"round {row + 1}: there was enough for all, and not everyone got what it wanted"
            if not np.isclose(left[row], self.stock_after[row]):
                found = f"round {row + 1}: {left[row]:g} should be left and the log says {self.stock_after[row]:g}"
                few, all_ = int(self.asked[row].sum()), int(self.asked[max(row - 1, 0)].sum())
                return f"{found}; {few} of {all_} harvest in it" if few < all_ else found
            if row and not np.isclose(grown[row - 1], self.stock_before[row]):
                return (
                    f"round {row + 1}: {grown[row - 1]:g} should be there and the log says {self.stock_before[row]:g}"
                )
        return ""


def govsim(path: str | Path) -> Log:
    """Read a GovSim ``log_env.json``; raises FileError where it is none."""
    path = Path(path)
    rows = _rows(path)
    harvests = [row for row in rows if row.get("action") == "harvesting"]
    if not harvests:
        raise FileError("no harvest in this file", where=str(path), expected="a GovSim log_env.json")
    for row in harvests:
        if lacking := sorted(_HARVEST - row.keys()):
            raise FileError(f"a harvest row has no {lacking[0]!r}", where=str(path), expected="a GovSim log_env.json")
    agents = tuple(dict.fromkeys(str(row["agent_id"]) for row in harvests))
    spoken = [row for row in rows if row.get("action") == "utterance" and row.get("agent_id") != "framework"]
    log = replace(_log(path, agents, harvests, len(spoken)), said=_said(path, agents, spoken))
    limits = [row for row in rows if row.get("action") == "conversation_resource_limit"]
    known = [row for row in limits if row.get("resource_limit") is not None]
    return replace(log, limits={_number(path, row, "round"): _limit(path, row) for row in known})


def _said(path: Path, agents: tuple[str, ...], rows: Sequence[Mapping[str, Any]]) -> tuple[tuple[int, int, str], ...]:
    """Utterances with words, of seats that harvest at some time."""
    seats = {agent: seat for seat, agent in enumerate(agents)}
    heard = [row for row in rows if row.get("utterance") and str(row.get("agent_id")) in seats]
    return tuple((_number(path, row, "round"), seats[str(row["agent_id"])], str(row["utterance"])) for row in heard)


def _limit(path: Path, row: Mapping[str, Any]) -> float:
    return float(_number(path, row, "resource_limit", whole=False))


def _rows(path: Path) -> list[Mapping[str, Any]]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise FileError(f"cannot be read: {error}", where=str(path), expected="a GovSim log_env.json") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise FileError("this is no list of log rows", where=str(path), expected="a GovSim log_env.json")
    return rows


def _log(path: Path, agents: tuple[str, ...], harvests: Sequence[Mapping[str, Any]], said: int) -> Log:
    shape = (max(_number(path, row, "round") for row in harvests) + 1, len(agents))
    wanted, collected, asked = np.zeros(shape), np.zeros(shape), np.zeros(shape, bool)
    before, after = np.full(shape[0], np.nan), np.full(shape[0], np.nan)
    for row in harvests:
        at = _number(path, row, "round"), agents.index(str(row["agent_id"]))
        if asked[at]:
            raise FileError(f"round {at[0] + 1}: {row['agent_id']} harvests twice", where=str(path))
        collected[at], asked[at] = _number(path, row, "resource_collected", whole=False), True
        silent = row.get("wanted_resource") is None
        wanted[at] = collected[at] if silent else _number(path, row, "wanted_resource", whole=False)
        for stock, when in ((before, "before"), (after, "after")):
            said_here = _number(path, row, f"resource_in_pool_{when}_harvesting", whole=False)
            if not np.isnan(stock[at[0]]) and stock[at[0]] != said_here:
                found = f"round {at[0] + 1}: rows do not agree on the stock {when} it"
                raise FileError(f"{found}, {stock[at[0]]:g} or {said_here:g}", where=str(path))
            stock[at[0]] = said_here
    if np.isnan(before).any():
        raise FileError(f"round {int(np.isnan(before).argmax())} has no harvest", where=str(path))
    return Log(path, agents, wanted, collected, asked, before, after, said)


def _number(path: Path, row: Mapping[str, Any], key: str, *, whole: bool = True) -> Any:
    """A number of a row, 0 or more; raises FileError for anything else."""
    try:
        number = float(row[key])
    except (TypeError, ValueError):
        number = math.nan
    if not (0 <= number < math.inf) or (whole and number != int(number)):
        raise FileError(f"a row has {row[key]!r}", where=f"{path}: {key}", expected="a number from 0")
    return int(number) if whole else number


def replay(log: Log, **parameters: Any) -> tuple[Played | None, dict[str, Array]]:
    """Play a log through the rules: what is kept of a finished episode (None where the log breaks off), and its rounds.

    Wants come from the log, what was collected follows from the rules (the log's own amounts where more was wanted
    than there was). Raises FileError where the log is not an episode of this game.
    """
    game = log.game(**parameters)
    if strange := log.strange(game):
        raise FileError(strange, where=str(log.path), expected="the law of this game")
    record = Record(game, 0, keep=True)
    loop, reply, row = episode(game, Chance.of(0, 1, 1)), None, 0
    rounds: list[Mapping[str, Array]] = []
    while True:
        try:
            event = loop.send(reply)
        except StopIteration as end:
            if row < log.rounds:
                found = f"{many(log.rounds, 'round')}, and the game was over after {row}"
                raise FileError(found, where=str(log.path)) from None
            return record.played(end.value, {}), _columns(rounds)
        reply = None
        if isinstance(event, Outcome):
            record.add(event)
            rounds.append(event.rounds() if event.rounds is not None else {})
        elif row == log.rounds:
            return None, _columns(rounds)
        else:
            reply, row = Answers(amount=log.wanted[row][None]), row + 1


def _columns(rounds: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
    return {name: np.concatenate([part[name] for part in rounds]) for name in rounds[0]} if rounds else {}
