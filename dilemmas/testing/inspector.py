"""What the kit of games looks at, ask by ask, while a game is played."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dilemmas.engine.record import Played
from dilemmas.errors import many
from dilemmas.results import TABLES
from dilemmas.rules.game import Answers, Array, Ask, Game, Outcome, Score
from dilemmas.testing import legality, views
from dilemmas.testing.prober import counts
from dilemmas.testing.rules import broken
from dilemmas.testing.walk import Watch

SPARE = frozenset({"run", "generation", "episode", "round", "ask", "seat", "agent", "kind"})  # filled in by the engine
CODES = ("action", "intended", "perceived")


class Inspector(Watch):
    """Raises BrokenContract as soon as a game does what it must not.

    ``closely`` has it look at views and at what is legal too, which takes longer; ``reuse`` has it write over the
    answers once they have settled, as a player may.
    """

    def __init__(self, game: Game, episodes: int, limit: int, *, closely: bool = True, reuse: bool = True) -> None:
        self.game, self.shape, self.limit, self._always = game, (episodes, game.seats), limit, closely
        self._reuse = reuse
        self.kinds: list[str] = []
        self._last = np.zeros((episodes, 2), np.int64)  # round and ordinal of the latest ask of each episode
        self._given, self._held = Answers(), Answers()

    @property
    def closely(self) -> bool:
        """Whether to look closely now: reading a long past at every ask would take the square of its length."""
        return self._always and sampled(len(self.kinds))

    def asked(self, ask: Ask) -> None:
        """Check the ask, and what can be seen and answered."""
        self.kinds.append(ask.kind)
        if len(self.kinds) > self.limit:
            raise broken("ends", f"{self.limit} asks and no end")
        if len(self.kinds) == 1 and getattr(ask.view.state, "episodes", None) != self.shape[0]:
            raise broken("start", f"episodes is {getattr(ask.view.state, 'episodes', 'missing')!r} of {self.shape[0]}")
        _form(ask, self.shape)
        self._order(ask)
        if self.closely:
            legality.options(self.game, ask)
            views.check(self.game, ask)

    def _order(self, ask: Ask) -> None:
        here = ask.who.any(axis=1)
        now = np.stack([ask.round, ask.ordinal], axis=1)
        later = (now[:, 0] > self._last[:, 0]) | (now[:, 0] == self._last[:, 0]) & (now[:, 1] > self._last[:, 1])
        if (here & ~later).any():
            row = int(np.flatnonzero(here & ~later)[0])
            seen = (
                f"ask {now[row, 1]} of round {now[row, 0]} after ask {self._last[row, 1]} of round {self._last[row, 0]}"
            )
            raise broken("order", seen, f"episode {row + 1}")
        self._last[here] = now[here]

    def answered(self, ask: Ask, answers: Answers) -> None:
        """Check what is refused; then leave nonsense where nobody was asked, and remember the rest."""
        if self.closely:
            legality.check(self.game, ask, answers)
        if answers.choice is not None:
            answers.choice = np.where(ask.who, answers.choice, counts(self.game, ask.kind) - 1)
        if answers.amount is not None:
            answers.amount = np.where(ask.who, answers.amount, np.nan)
        self._given, self._held = answers, Answers(_copy(answers.choice), _copy(answers.amount))

    def settled(self, ask: Ask, outcome: Outcome | None) -> None:
        """Check that the answers are as they were, and the columns; then use the arrays for something else."""
        for name in ("choice", "amount"):
            given, held = getattr(self._given, name), getattr(self._held, name)
            if given is None:
                continue
            if not np.array_equal(given, held, equal_nan=name == "amount"):
                raise broken("answers", f"settle changed the {name}s", f"{ask.kind} ask of round {ask.clock}")
            if self._reuse:
                given[...] = np.nan if name == "amount" else 0
        if outcome is not None and self.closely:
            self._columns(ask, outcome)

    def _columns(self, ask: Ask, outcome: Outcome) -> None:
        moves, where = outcome.moves(), f"{ask.kind} ask of round {ask.clock}"
        _known("moves", moves, self.shape, where)
        if outcome.rounds is not None:
            _known("rounds", outcome.rounds(), self.shape[:1], where)
        tops = {name: _options(self.game, ask.kind, name) for name in CODES} | {"partner": self.game.seats}
        for name, top in tops.items():
            if name in moves:
                _codes(name, np.asarray(moves[name])[ask.who], np.broadcast_to(top, self.shape)[ask.who], where)

    def over(self, score: Score) -> None:
        """Check the score against its own limits and the rounds that were asked."""
        _score(score, self.shape)
        late = self._last[:, 0] > score.rounds
        if late.any():
            row = int(np.flatnonzero(late)[0])
            seen = f"asked in round {self._last[row, 0]}, and score counts {many(int(score.rounds[row]), 'round')}"
            raise broken("order", seen, f"episode {row + 1}")


def sampled(asks: int) -> bool:
    """The first asks, and ever fewer of the later ones."""
    return asks < 48 or asks % (asks // 24) == 0


def _copy(array: Array | None) -> Array | None:
    return None if array is None else array.copy()


def _form(ask: Any, shape: tuple[int, int]) -> None:
    where = f"{ask.kind!r} ask of clock {ask.clock}"
    if not isinstance(ask.who, np.ndarray) or ask.who.dtype != bool or ask.who.shape != shape:
        raise broken("ask", f"who is {_described(ask.who)}, not a mask {shape}", where)
    if not ask.who.any():
        raise broken("ask", "who is empty", where, "Return None when every episode is over.")
    if bool(ask.everyone) != bool(ask.who.all()):
        raise broken("ask", f"everyone is {ask.everyone}, and {ask.who.mean():.0%} are asked", where)
    for name in ("round", "ordinal"):
        numbers = getattr(ask, name)
        if numbers.shape != shape[:1] or numbers.dtype.kind != "i" or (numbers[ask.who.any(axis=1)] < 1).any():
            raise broken("ask", f"{name} is {_described(numbers)}, not {shape[:1]} numbers from 1", where)
    if not (isinstance(ask.kind, str) and ask.kind) or ask.clock < 1 or ask.step < 1:
        raise broken("ask", f"kind {ask.kind!r}, clock {ask.clock}, step {ask.step}", where)


def _described(value: object) -> str:
    return f"{value.dtype} {value.shape}" if isinstance(value, np.ndarray) else repr(value)


def _known(table: str, columns: Mapping[str, Array], shape: tuple[int, ...], where: str) -> None:
    allowed = {column.name for column in TABLES[table].columns} - SPARE
    for name, column in columns.items():
        if name not in allowed:
            raise broken("columns", f"{name!r} is no column of {table}", where, f"Known: {', '.join(sorted(allowed))}.")
        if np.shape(column) != shape:
            raise broken("columns", f"{table}.{name} has shape {np.shape(column)}, not {shape}", where)


def _options(game: Game, kind: str, column: str) -> Array:
    own = counts(game, kind)
    return own[::-1] if column == "perceived" and game.seats == 2 else own


def _codes(name: str, codes: Array, tops: Array, where: str) -> None:
    if codes.dtype.kind != "i":
        raise broken("columns", f"moves.{name} holds {codes.dtype}, not numbers of names", where)
    wrong = (codes < -1) | (codes >= tops)
    if wrong.any():
        raise broken("columns", f"moves.{name} holds {codes[wrong][0]}, and there are {tops[wrong][0]}", where)


def _score(score: Score, shape: tuple[int, int]) -> None:
    for name in ("payoff", "cooperations", "decisions"):
        if np.shape(getattr(score, name)) != shape:
            raise broken("score", f"{name} has shape {np.shape(getattr(score, name))}, not {shape}")
    if np.shape(score.rounds) != shape[:1] or score.rounds.dtype.kind != "i" or (score.rounds < 1).any():
        raise broken("score", f"rounds are {score.rounds}")
    if not np.isfinite(score.payoff).all():
        raise broken(
            "score", f"payoff {score.payoff[~np.isfinite(score.payoff)][0]}", _seat(~np.isfinite(score.payoff))
        )
    least, most = -1e-9, score.decisions * (1 + 1e-9) + 1e-9
    wrong = (score.cooperations < least) | (score.cooperations > most) | ~(score.decisions >= 0)
    if wrong.any():
        seen = f"cooperation of {score.cooperations[wrong][0]:g} in {score.decisions[wrong][0]:g} decisions"
        raise broken("score", seen, _seat(wrong))
    _known("episodes", score.extra, shape, "score.extra")


def _seat(mask: Array) -> str:
    episode, seat = np.argwhere(mask)[0]
    return f"episode {episode + 1}, seat {seat + 1}"


def books(game: Game, plays: Sequence[Played]) -> None:
    """What is left of payoffs without moves and receipts must be the same for a seat and a number of rounds."""
    known: dict[tuple[int, int], float] = {}
    for played in plays:
        if not played.moves or "payoff" not in played.moves:
            continue
        rest = played.score.payoff - _booked(game, played.moves, played.score.payoff.shape)
        scale = 1 + np.abs(played.score.payoff).max()
        for (episode, seat), value in np.ndenumerate(rest):
            first = known.setdefault((seat, int(played.score.rounds[episode])), float(value))
            if abs(value - first) > 1e-9 * scale:
                payoff = played.score.payoff[episode, seat]
                seen = f"payoff {payoff:g} is {value:g} more than its moves say, elsewhere {first:g}"
                raise broken("books", seen, f"episode {episode + 1}, seat {seat + 1}")


def _booked(game: Game, moves: Mapping[str, Array], shape: tuple[int, ...]) -> Array:
    """Own changes, and what decisions about the seat changed: about a partner, or the only other, or oneself."""
    base = (moves["episode"] - moves["episode"].min()) * game.seats
    own, size = moves["seat"] - 1, int(np.prod(shape))
    total = np.bincount(base + own, np.nan_to_num(moves["payoff"]), size)
    if "received" in moves:
        partner = moves.get("partner", 1 - own if game.seats == 2 else own)
        target = np.where(partner < 0, own, partner)
        total += np.bincount(base + target, np.nan_to_num(moves["received"]), size)
    return total.reshape(shape)
