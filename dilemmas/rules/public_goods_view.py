"""What a seat in a public-goods game may know: the rules, its own past, and what everybody contributed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dilemmas.rules.game import Array, Field, View
from dilemmas.rules.repeated import FIELDS as LENGTH
from dilemmas.rules.repeated import listed, plain


def _game(view: View) -> Any:
    return view.game


def _constant(get: Any) -> Any:
    return lambda view: np.full(len(view), get(view.game))


def _by_round(view: View, rounds: list[Array]) -> Array:
    """Amounts by round and seat, ``(rows, rounds, seats)``."""
    empty = np.zeros((view.state.episodes, 0, view.game.seats))
    return view.by_episode(np.stack(rounds, axis=1) if rounds else empty)


def _own(view: View, rounds: list[Array]) -> Array:
    return np.asarray(_by_round(view, rounds)[np.arange(len(view)), :, view.seat])


def _missed(view: View) -> Array:
    """Whether the contributions stayed below the threshold, ``(rows, rounds)``."""
    given = [amounts.sum(axis=1) < _game(view).threshold for amounts in view.state.contributed]
    return view.by_episode(np.stack(given, axis=1) if given else np.zeros((view.state.episodes, 0), bool))


def _last(view: View) -> Array:
    """Latest contributions by seat, ``(rows, seats)``; NaN before there are any."""
    given = view.state.contributed
    return view.by_episode(given[-1] if given else np.full((view.state.episodes, view.game.seats), np.nan))


def _mean(view: View) -> Array:
    """Mean of the others' latest contributions, ``(rows,)``; NaN before there are any."""
    return np.asarray(_others(view).sum(axis=1) / (view.game.seats - 1))


def _others(view: View) -> Array:
    """Latest contributions of the others in seat order, ``(rows, seats - 1)``; NaN before there are any."""
    seats = view.game.seats
    columns = np.arange(seats - 1) + (np.arange(seats - 1) >= view.seat[:, None])
    return np.take_along_axis(_last(view), columns, axis=1)


def _target(view: View) -> Array:
    return np.asarray(_game(view).target_of(_game(view).stages[view.state.step][1])[view.seat])


def _target_gave(view: View) -> Array:
    """The target's contribution of this round, ``(rows,)``; NaN where the ask is about nobody."""
    target = _target(view)
    return np.where(target < 0, np.nan, _last(view)[np.arange(len(view)), np.maximum(target, 0)])


def _gave(view: View) -> Array:
    return np.asarray(_last(view)[np.arange(len(view)), view.seat])


def _payoffs(view: View) -> Array:
    """Own payoffs of the rounds that are over, ``(rows, rounds)``; no points leak out of a stage in progress."""
    return _own(view, view.state.earned[: view.state.round])


def _points(view: View) -> Array:
    """Points of punishment got in the rounds that are over, ``(rows, rounds)``."""
    return _own(view, view.state.punished[: view.state.round])


def _rule(view: View, key: str) -> Array:
    """Fee, effect and most points of the stage that is asked about; NaN in the contribution stage."""
    rule = _game(view).stages[view.state.step][0]
    return np.full(len(view), np.nan if rule is None else getattr(rule, key))


def _stage(view: View) -> Array:
    rule = _game(view).stages[view.state.step][0]
    return np.full(len(view), "contribute" if rule is None else rule.stage)


def _rows(view: View, rounds: Any) -> list[list[Any]]:
    return [listed(view, row) for row in rounds]


FIELDS: Mapping[str, Field] = {
    **LENGTH,
    "endowment": Field("units a seat gets every round", _constant(lambda g: g.endowment), plain),
    "multiplier": Field("what the pot is multiplied by", _constant(lambda g: g.factor), plain),
    "mpcr": Field("what a contributed unit brings each seat", _constant(lambda g: g.factor / g.seats), plain),
    "threshold": Field("contributions below which there is no return", _constant(lambda g: g.threshold), plain),
    "seats": Field("seats of the group", _constant(lambda g: g.seats)),
    "integer": Field("whether amounts are whole", _constant(lambda g: g.integer), lambda v, value: bool(value)),
    "mine": Field("own contributions so far, oldest first", lambda v: _own(v, v.state.contributed), listed),
    "gave": Field("own latest contribution; nan (for a person: None) before there is one", _gave, plain),
    "others": Field(
        "latest contributions of the others, in seat order; nan (None) before there are any", _others, listed
    ),
    "mean": Field("mean of the others' latest contributions; nan (None) before there are any", _mean, plain),
    "contributions": Field(
        "contributions of all seats in all rounds so far, oldest first",
        lambda v: _by_round(v, v.state.contributed),
        _rows,
    ),
    "missed": Field(
        "whether the contributions of the rounds so far were below the threshold, oldest first",
        _missed,
        lambda v, row: [bool(missed) for missed in row],
    ),
    "payoffs": Field(
        "own payoffs of the rounds that are over, oldest first",
        _payoffs,
        listed,
    ),
    "earned": Field("sum of own payoffs of the rounds that are over", lambda v: _payoffs(v).sum(axis=1), plain),
    "punished": Field("points of punishment got in the rounds that are over, oldest first", _points, listed),
    "stage": Field("what is asked: contribute, punish or reward", _stage, lambda v, value: str(value)),
    "target": Field(
        "seat that the points are for, from 0 (for a person: from 1); -1 (None) in the contribution stage",
        _target,
        lambda v, value: None if value < 0 else int(value) + 1,
    ),
    "target_gave": Field(
        "the target's contribution in this round; nan (None) in the contribution stage", _target_gave, plain
    ),
    "fee": Field(
        "what a point costs its giver; nan (None) in the contribution stage", lambda v: _rule(v, "fee"), plain
    ),
    "effect": Field(
        "what a point changes for its target; nan (None) in the contribution stage", lambda v: _rule(v, "effect"), plain
    ),
    "most": Field(
        "most points for one target; nan (None) in the contribution stage", lambda v: _rule(v, "most"), plain
    ),
}
