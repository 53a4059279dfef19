"""What a seat of a matrix game may know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from dilemmas.rules.game import Array, Field, Floats, Ints, View

if TYPE_CHECKING:
    from dilemmas.rules.matrix import Matrix, Play


def _game(view: View) -> Matrix:
    game: Matrix = view.game  # type: ignore[assignment]  # these fields are a matrix game's own
    return game


def _state(view: View) -> Play:
    state: Play = view.state
    return state


def _seat(view: View) -> int:
    return int(view.seat[0])


def _name(view: View, seat: int, action: int) -> str | None:
    return None if action < 0 else _game(view).names[seat][int(action)]


def _names(view: View, seat: int, actions: Array) -> list[str]:
    names = _game(view).names[seat]
    return [names[action] for action in actions.tolist()]


def _apart(view: View, code: Ints, others: Ints) -> tuple[Ints, Ints]:
    """Codes taken apart into own and perceived actions, -1 where nothing was seen."""
    none = code == _game(view).codes
    return np.where(none, -1, code // others), np.where(none, -1, code % others)


def _latest(view: View) -> tuple[Ints, Ints]:
    code = view.by_seat(_state(view).code)
    return _apart(view, code, _game(view).others.astype(code.dtype)[view.seat])


def _past(view: View) -> tuple[Ints, Ints]:
    """Own and perceived actions so far, ``(rows, rounds)`` each."""
    state = _state(view)
    if state.past is None or len(state.past) < len(state.history):
        state.past = np.stack(state.history) if state.history else np.zeros((0, state.episodes, 2), np.int8)
    rows = state.past.reshape(len(state.past), 2 * state.episodes)
    code = (rows if view.where is None else rows[:, view.where]).T
    return _apart(view, code, _game(view).others.astype(code.dtype)[view.seat][:, None])


def _earned(view: View) -> Floats:
    """Summed round by round, in the order of play, so that the sum is the same in any batch."""
    game = _game(view)
    both = np.concatenate([own.ravel() for own in game.own])
    offset, total = view.seat * game.codes, np.zeros(len(view))
    for code in _state(view).history:
        total += both.take(view.by_seat(code) + offset)
    return total


def _payoffs(view: View) -> Array:
    game = _game(view)
    if game.own[0].shape == game.own[1].shape:
        return np.stack(game.own)[view.seat]
    rows = np.empty(len(view), object)  # seats with different numbers of actions have tables of different shapes
    for i, seat in enumerate(view.seat):
        rows[i] = game.own[int(seat)]
    return rows


def _tell_payoffs(view: View, table: Array) -> dict[str, dict[str, float]]:
    seat = _seat(view)
    mine, theirs = _game(view).names[seat], _game(view).names[1 - seat]
    return {name: dict(zip(theirs, map(float, line), strict=True)) for name, line in zip(mine, table, strict=True)}


def _rounds(view: View) -> Ints:
    lengths = _state(view).lengths
    return view.by_episode(lengths if _game(view).told == "known" else np.zeros_like(lengths))


def _continuation(view: View) -> Floats:
    told = _game(view).chance
    return np.full(len(view), -1.0 if told is None else told)


def _none(view: View, value: Any) -> float | None:
    return None if value < 0 else float(value)


FIELDS: Mapping[str, Field] = {
    "round": Field("number of this round, from 1", lambda v: np.full(len(v), _state(v).round + 1)),
    "mine": Field(
        "own executed actions so far, oldest first",
        lambda v: _past(v)[0],
        lambda v, row: _names(v, _seat(v), row),
    ),
    "theirs": Field(
        "the other's actions so far as this seat perceived them, oldest first",
        lambda v: _past(v)[1],
        lambda v, row: _names(v, 1 - _seat(v), row),
    ),
    "last": Field(
        "own action of the last round, -1 (for a person: None) before there is one",
        lambda v: _latest(v)[0],
        lambda v, row: _name(v, _seat(v), row),
    ),
    "seen": Field(
        "the other's last action as perceived, -1 (for a person: None) before there is one",
        lambda v: _latest(v)[1],
        lambda v, row: _name(v, 1 - _seat(v), row),
    ),
    "code": Field(
        "last own action * number of the other's + perceived other; the number of codes before play",
        lambda v: v.by_seat(_state(v).code),
    ),
    "payoffs": Field("own payoff for (own action, other's action)", _payoffs, _tell_payoffs),
    "earned": Field("sum of own payoffs so far, by what this seat perceived", _earned),
    "rounds": Field(
        "number of rounds, 0 (for a person: None) where players are not told",
        _rounds,
        lambda v, row: int(row) or None,
    ),
    "continuation": Field(
        "chance of another round, -1 (for a person: None) where players are not told", _continuation, _none
    ),
    "actions": Field(
        "names of own actions; in arrays how many there are",
        lambda v: _game(v).others[1 - v.seat],
        lambda v, row: list(_game(v).names[_seat(v)]),
    ),
}
