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
from dilemmas.rules.commons_metrics import Trace, exceeds
from dilemmas.rules.episode import episode
from dilemmas.rules.game import Answers, Array, Bools, Floats, Outcome

_HARVEST = {
    "agent_id",
    "round",
    "resource_in_pool_before_harvesting",
    "resource_in_pool_after_harvesting",
    "resource_collected",
    "wanted_resource",
}


@dataclass(frozen=True)
class Log:
    """One published episode: amounts ``(rounds, seats)``, stocks ``(rounds,)``; seats in order of first appearance.

    ``asked`` says who harvested; ``utterances`` counts what players said, the moderator's lines left out, and ``said``
    has round (from 0), seat (from 0) and words of each, ``limits`` the limit that the talk of a round came to.
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
        """The game that the log is an episode of; twelve rounds, capacity 100 unless told otherwise.

        Raises FileError where its first stock cannot be.
        """
        start = float(self.stock_before[0])
        law = {"seats": len(self.agents), "joins": self.joins(), **parameters}
        game = Commons(**law, allocation="given", given=self.given())
        if not 0 < start <= game.capacity:
            found, expected = f"round 1: the stock is {start:g}", f"more than 0, and no more than {game.capacity:g}"
            raise FileError(found, where=str(self.path), expected=expected)
        return game.model_copy(update={"start_stock": start})

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
        laws = (self._missing, self._allotted, self._left, lambda row: self._grown(row, game))
        found = (f"round {row + 1}: {words}" for row in range(self.rounds) for law in laws if (words := law(row)))
        return next(found, "")

    def _missing(self, row: int) -> str:
        """Who harvested before must again; who comes late is no matter of the law."""
        gone = self.asked[:row].any(axis=0) & ~self.asked[row]
        return f"{self.agents[int(gone.argmax())]} has no harvest, and had one before" if gone.any() else ""

    def _allotted(self, row: int) -> str:
        """Everybody gets what it wants where there is enough; else all there is goes, and nobody gets more."""
        wanted, collected, stock = self.wanted[row], self.collected[row], float(self.stock_before[row])
        if wanted.sum() <= stock:
            fair = np.allclose(wanted, collected)
            return "" if fair else "there was enough for all, and not everyone got what it wanted"
        if (more := exceeds(collected, wanted)).any():
            seat = int(more.argmax())
            return f"{self.agents[seat]} wanted {wanted[seat]:g} and got {collected[seat]:g}"
        if np.isclose(collected.sum(), stock):
            return ""
        return f"more was wanted than there was, and of {stock:g} only {collected.sum():g} went"

    def _left(self, row: int) -> str:
        left, said = float(self.stock_before[row] - self.collected[row].sum()), float(self.stock_after[row])
        return "" if np.isclose(left, said) else f"{left:g} should be left and the log says {said:g}"

    def _grown(self, row: int, game: Commons) -> str:
        said = float(self.stock_before[row])
        grown = float(game.grown(self.stock_after[row - 1])) if row else said
        return "" if np.isclose(grown, said) else f"{grown:g} should be there and the log says {said:g}"


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
    log = _log(path, agents, harvests, len(spoken))
    limits = [row for row in rows if row.get("action") == "conversation_resource_limit"]
    known = [row for row in limits if row.get("resource_limit") is not None]
    limited = {_round(path, log, row): _limit(path, row) for row in known}
    return replace(log, said=_said(path, log, spoken), limits=limited)


def _said(path: Path, log: Log, rows: Sequence[Mapping[str, Any]]) -> tuple[tuple[int, int, str], ...]:
    """Utterances with words; raises FileError for one of who was not there, or in a round that was not played."""
    seats, made = {agent: seat for seat, agent in enumerate(log.agents)}, []
    for row in rows:
        number, agent = _round(path, log, row), str(row.get("agent_id"))
        if agent not in seats or not log.asked[number, seats[agent]]:
            raise FileError(f"round {number + 1}: {agent} speaks and does not harvest", where=str(path))
        if row.get("utterance"):
            made.append((number, seats[agent], str(row["utterance"])))
    return tuple(made)


def _round(path: Path, log: Log, row: Mapping[str, Any]) -> int:
    """The round (from 0) of what was said in it."""
    number = int(_number(path, row, "round"))
    if number >= log.rounds:
        played = f"the last harvest is that of round {log.rounds}"
        raise FileError(f"there is talk in round {number + 1}, and {played}", where=str(path))
    return number


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
        wanted[at] = _number(path, row, "wanted_resource", whole=False)
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
    except (KeyError, TypeError, ValueError):
        number = math.nan
    if not (0 <= number < math.inf) or (whole and number != int(number)):
        raise FileError(f"a row has {row.get(key)!r}", where=f"{path}: {key}", expected="a number from 0")
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
