"""Gossip after the gifts of a donor round: who is asked to tell, what is kept of it, and who may know it later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dilemmas.rules import donor_turn, shuffle
from dilemmas.rules.donor_switches import Switches
from dilemmas.rules.donor_turn import Play, Turn
from dilemmas.rules.game import Answers, Array, Ask, Bools, Ints, Luck, Outcome, View
from dilemmas.rules.gossip import KIND, NOTHING, Gossip, options, truth

ENTRY = np.dtype([("tone", "<i4"), ("round", "<i4"), ("teller", "<i4"), ("hearer", "<i4")])
Ahead = Callable[[int], tuple[Ints, Ints]]
"""Donors and recipients, as rows, of a round from 0."""


def empty(rows: int, slots: int) -> Array:
    """Messages that are none, ``(rows, slots)``: round 0, the rest -1."""
    made = np.full((rows, slots), -1, ENTRY)
    made["round"] = 0
    return made


@dataclass(slots=True)
class Log:
    """What was told of every seat, newest first: ``entries`` ``(rows, slots)``, ``words`` of the same shape.

    A tone is a number (-1: none), ``hearer`` the only other seat that heard it (-1: it goes by the game's rule).
    ``words`` is None until somebody uses some.
    """

    entries: Array
    words: NDArray[np.object_] | None = None

    def add(self, rows: Ints, new: Array, words: NDArray[np.object_], grow: bool) -> None:
        """Put messages about some rows in front; ``grow`` keeps all of them, else the oldest fall out."""
        if grow and (self.entries["round"][rows, -1] > 0).any():
            self._widen()
        self.entries[rows, 1:] = self.entries[rows, :-1]
        self.entries[rows, 0] = new
        if self.words is None and any(text is not None for text in words):
            self.words = np.full(self.entries.shape, None, object)
        if self.words is not None:
            self.words[rows, 1:] = self.words[rows, :-1]
            self.words[rows, 0] = words

    def _widen(self) -> None:
        more = empty(*self.entries.shape)
        self.entries = np.concatenate([self.entries, more], axis=1)
        if self.words is not None:
            self.words = np.concatenate([self.words, np.full(more.shape, None, object)], axis=1)


@dataclass(frozen=True, slots=True)
class Deeds:
    """What is to be told of: the round's turns, who tells of each (rows), and which turn each row tells of (or -1)."""

    turn: Turn
    tellers: Ints
    index: Ints


def start(gossip: Gossip | None, rows: int) -> Log | None:
    """Nothing was told yet."""
    return None if gossip is None else Log(empty(rows, gossip.keep))


def done(game: Switches, state: Play, turn: Turn, luck: Luck) -> None:
    """Gifts were given: find who tells of them. The pairs stay as they are until it is told."""
    assert game.gossip is not None
    by = {"recipient": turn.recipients, "donor": turn.donors}.get(game.gossip.by)
    tellers = onlookers(game, state, turn, luck) if by is None else by
    index = np.full(len(state.balance), -1, np.intp)
    index[tellers] = np.arange(len(tellers))
    state.own = state.balance[state.donors]
    state.deeds = Deeds(turn, tellers, index)


def onlookers(game: Switches, state: Play, turn: Turn, luck: Luck) -> Ints:
    """For every pair a row that is not of it: each seat outside is as likely as another, and none looks on twice.

    Pairs stand in a circle in a drawn order, and one of the next pair looks on. Seats that sit out stand in twos as
    well; where one is left over, it stands among them, and is passed over as often as it takes to be no likelier.
    """
    shape = state.episodes, game.seats
    twos = _twos(turn, shape)
    groups = twos.shape[1]
    alone = _alone(turn, shape)
    size = groups + alone.shape[1]
    place = shuffle.order(luck.words("onlooker order", size, state.round + 1))
    coin = luck.draw("onlooker", size, state.round + 1)
    rank = np.argsort(place, axis=1)
    pairs = np.arange(len(turn.donors) // max(state.episodes, 1))
    following = _at(place, (_at(rank, pairs) + 1) % size)
    picked = np.take_along_axis(coin, following, axis=1)
    if alone.shape[1]:
        passed = (following == groups) & (picked >= groups / (2 * groups - 1))
        beyond = _at(place, (_at(rank, pairs) + 2) % size)
        following = np.where(passed, beyond, following)
        picked = np.where(passed, np.take_along_axis(coin, beyond, axis=1), picked)
        single = np.stack([alone, alone], axis=2)
        twos = np.concatenate([twos, single], axis=1)
    chosen = np.take_along_axis(twos, following[:, :, None], axis=1)
    seat = np.where(picked < 0.5, chosen[:, :, 0], chosen[:, :, 1])
    return seat.reshape(-1)


def _at(array: Array, where: Ints) -> Array:
    where = np.broadcast_to(where, (len(array), where.shape[-1]))
    return np.take_along_axis(array, where, axis=1)


def _out(turn: Turn, shape: tuple[int, int]) -> Array:
    """Rows that are in no pair, ``(episodes, out)``."""
    free = np.ones(shape[0] * shape[1], bool)
    free[turn.donors] = free[turn.recipients] = False
    return np.flatnonzero(free).reshape(shape[0], -1)


def _twos(turn: Turn, shape: tuple[int, int]) -> Array:
    """All pairs, first those of the turn in its order, then seats that sit out two by two, ``(episodes, n, 2)``."""
    out = _out(turn, shape)
    paired = np.stack([turn.donors, turn.recipients], axis=1).reshape(shape[0], -1, 2)
    return np.concatenate([paired, out[:, : out.shape[1] // 2 * 2].reshape(shape[0], -1, 2)], axis=1)


def _alone(turn: Turn, shape: tuple[int, int]) -> Array:
    out = _out(turn, shape)
    return out[:, out.shape[1] // 2 * 2 :]


def ask(game: Switches, state: Play) -> Ask:
    """A message from every teller of the round."""
    who = np.zeros(len(state.balance), bool)
    who[state.deeds.tellers] = True
    return Ask(
        kind=KIND,
        who=who.reshape(state.episodes, game.seats),
        round=np.broadcast_to(state.round + 1, state.episodes),
        ordinal=np.broadcast_to(2, state.episodes),
        view=View(game, state),  # type: ignore[arg-type]  # a whole donor game
        everyone=False,
        clock=state.round + 1,
        step=2,
    )


def illegal(game: Switches, ask: Ask, answers: Answers) -> Bools:
    """A tone that there is not, or words that are no text or not wanted."""
    assert game.gossip is not None
    bad = np.zeros(ask.who.shape, bool)
    if answers.choice is not None:
        bad |= (answers.choice < 0) | (answers.choice >= len(options(game.gossip)))
    elif not game.gossip.worded:
        bad[:] = True
    if answers.text is not None:
        words = np.array([text is not None for text in answers.text.reshape(-1)]).reshape(bad.shape)
        plain = np.array([isinstance(text, str) for text in answers.text.reshape(-1)]).reshape(bad.shape)
        bad |= words & ~(plain & game.gossip.worded)
    return bad & ask.who


def allowed(game: Switches) -> str:
    """In words, what a teller may answer."""
    assert game.gossip is not None
    tones = " or ".join(options(game.gossip))
    if game.gossip.form == "words":
        return f"what you say, or {NOTHING}"
    return tones + (", then a colon and words if you like" if game.gossip.worded else "")


# -- what was told ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """The messages of a round, one a turn: tones as numbers (-1: none), words (or None), the only hearer (-1: none).

    ``said`` is false where a teller said nothing.
    """

    tone: Ints
    words: NDArray[np.object_]
    hearer: Ints
    said: Bools


def settle(game: Switches, state: Play, answers: Answers, ahead: Ahead) -> Outcome:
    """Keep what was told, and hand it on as messages."""
    assert game.gossip is not None and state.deeds is not None and state.ask is not None and state.log is not None
    deeds, seats = state.deeds, game.seats
    told = _read(game, state, deeds, answers, ahead)
    rows, new = deeds.turn.donors[told.said], empty(int(told.said.sum()), 1)[:, 0]
    new["tone"], new["hearer"], new["round"] = told.tone[told.said], told.hearer[told.said], state.round + 1
    new["teller"] = deeds.tellers[told.said] % seats
    state.log.add(rows, new, told.words[told.said], game.gossip.heard_by != "everyone")
    asked, state.deeds = state.ask, None
    return Outcome(asked, dict, messages=lambda: _columns(game, asked, deeds, told))


def _read(game: Switches, state: Play, deeds: Deeds, answers: Answers, ahead: Ahead) -> Told:
    gossip, count = game.gossip, len(deeds.tellers)
    assert gossip is not None
    tones = len(gossip.names)
    choice = np.full(count, tones) if answers.choice is None else answers.choice.reshape(-1)[deeds.tellers]
    quiet = choice >= tones
    words = np.full(count, None, object)
    if answers.text is not None and gossip.worded:
        words[:] = [text or None for text in answers.text.reshape(-1)[deeds.tellers]]
        if gossip.form == "both":
            words[quiet] = None
    tone = np.where(quiet, -1, choice).astype(np.intp)
    said = ~quiet if tones else np.array([text is not None for text in words], bool)
    hearer: Ints = np.full(count, -1, np.intp)
    if gossip.heard_by == "next":
        hearer = _next(game, state, deeds, ahead)
    return Told(tone, words, hearer, said)


def _next(game: Switches, state: Play, deeds: Deeds, ahead: Ahead) -> Ints:
    """The seat that is next to give to each donor of the round, the teller left aside; -1 where none comes."""
    found = np.full(len(state.balance), -1, np.intp)
    teller = np.full(len(state.balance), -1, np.intp)
    open_ = np.zeros(len(state.balance), bool)
    teller[deeds.turn.donors], open_[deeds.turn.donors] = deeds.tellers, True
    for round_ in range(state.round + 1, game.rounds):
        donors, recipients = ahead(round_)
        new = open_[recipients] & (teller[recipients] != donors)
        found[recipients[new]], open_[recipients[new]] = donors[new] % game.seats, False
        if not open_.any():
            break
    return found[deeds.turn.donors]


def _columns(game: Switches, ask: Ask, deeds: Deeds, told: Told) -> Mapping[str, Array]:
    """Columns of the messages table; ``truthful`` compares a tone with what was done, 1, 0 or NaN."""
    assert game.gossip is not None
    gave, known = donor_turn.gave(game, deeds.turn), ~np.isnan(deeds.turn.recorded)
    right = truth(game.gossip.worth(told.tone), gave, known)
    heard = np.full(len(deeds.tellers), None, object)
    heard[:] = [
        _hearers(game.gossip, int(row % game.seats), game.seats, told, i) for i, row in enumerate(deeds.tellers)
    ]

    def spread(values: Array, blank: Any) -> Array:
        whole = np.full(ask.who.size, blank, values.dtype)
        whole[deeds.tellers] = values
        return whole.reshape(ask.who.shape)

    return {
        "text": spread(told.words, None),
        "to": spread(heard, None),
        "about": spread(deeds.turn.donors % game.seats, -1),
        "tone": spread(told.tone, -1),
        "truthful": spread(right, np.nan),
        "pledge": np.full(ask.who.shape, np.nan),
        "option": np.full(ask.who.shape, -1),
    }


def _hearers(gossip: Gossip, teller: int, seats: int, told: Told, place: int) -> tuple[int, ...]:
    """Seats that hear a message, in their order, the teller left aside; nobody where nothing is said."""
    if not told.said[place]:
        return ()
    if gossip.heard_by == "next":
        return (int(told.hearer[place]),) if told.hearer[place] >= 0 else ()
    if gossip.heard_by == "everyone":
        return tuple(seat for seat in range(seats) if seat != teller)
    steps = range(-min(gossip.reach, seats), min(gossip.reach, seats) + 1)
    return tuple(sorted({(teller + step) % seats for step in steps} - {teller}))
