"""What a seat at a commons may know: the stock, the law, its own past and everybody's catches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dilemmas.rules.game import Array, Field, View
from dilemmas.rules.repeated import FIELDS as LENGTH
from dilemmas.rules.repeated import listed, plain


def _game(view: View) -> Any:
    return view.game


def _here(view: View) -> Array:
    """Which seats harvest in this round, ``(seats,)``."""
    return np.asarray(_game(view).present(view.state.round + 1))


def _constant(name: str) -> Any:
    return lambda view: np.full(len(view), getattr(view.game, name))


def _share(view: View) -> Array:
    return view.by_episode(_game(view).share(view.state.stock, view.state.round + 1))


def _catches(view: View) -> Array:
    """All catches so far, ``(rows, rounds, seats)``; NaN where a seat was not there."""
    state, seats = view.state, view.game.seats
    if not state.collected:
        return np.zeros((len(view), 0, seats))
    rounds = [np.where(asked, caught, np.nan) for asked, caught in zip(state.asked, state.collected, strict=True)]
    return _seen(view, view.by_episode(np.stack(rounds, axis=1)))


def _seen(view: View, catches: Array) -> Array:
    """Catches ``(rows, ..., seats)`` as a seat knows them: NaN for the others' where these are not told."""
    if _game(view).open:
        return catches
    own = np.arange(view.game.seats) == view.seat.reshape(-1, *[1] * (catches.ndim - 1))
    return np.where(own, catches, np.nan)


def _taken(view: View) -> Array:
    """Catches of the last round by seat, ``(rows, seats)``; NaN where a seat was not there."""
    state = view.state
    if not state.collected:
        return np.full((len(view), view.game.seats), np.nan)
    return _seen(view, view.by_episode(np.where(state.asked[-1], state.collected[-1], np.nan)))


def _others(view: View) -> Array:
    taken = _taken(view).copy()
    taken[np.arange(len(view)), view.seat] = np.nan
    return taken


def _mine(view: View) -> Array:
    """Own catches so far, ``(rows, rounds)``; NaN where the seat was not there."""
    rows = np.arange(len(view))
    return np.asarray(_catches(view)[rows, :, view.seat])


def _stocks(view: View) -> Array:
    before = view.state.before
    return view.by_episode(np.stack(before, axis=1) if before else np.zeros((view.state.episodes, 0)))


def _left(view: View) -> Array:
    """What was left; NaN where the others' catches are not told, for theirs would follow from it."""
    after = view.state.after
    left = view.by_episode(np.stack(after, axis=1) if after else np.zeros((view.state.episodes, 0)))
    return left if _game(view).open or _game(view).seats == 1 else np.full(left.shape, np.nan)


def _total(view: View) -> Array:
    caught = view.state.collected if _game(view).open else []
    return view.by_episode(caught[-1].sum(axis=1) if caught else np.full(view.state.episodes, np.nan))


def _earned(view: View) -> Array:
    return view.by_seat(sum(view.state.collected, np.zeros((view.state.episodes, view.game.seats))))


def _fines(view: View) -> Array:
    """Fines so far by round and seat, ``(rows, rounds, seats)``."""
    fined, seats = view.state.fined, view.game.seats
    return view.by_episode(np.stack(fined, axis=1) if fined else np.zeros((view.state.episodes, 0, seats)))


def _known(view: View, row: Any) -> list[Any]:
    """A list without the seats that were not there."""
    return [plain(view, value) for value in row if not np.isnan(value)]


def _rows(view: View, rounds: Any) -> list[list[Any]]:
    return [listed(view, row) for row in rounds]


FIELDS: Mapping[str, Field] = {
    **LENGTH,
    "stock": Field("units there are now, before the harvest", lambda v: v.by_episode(v.state.stock), plain),
    "share": Field("what each seat can take now so that the stock comes back, in units", _share, plain),
    "threshold": Field(
        "what all seats together can take now so that the stock comes back, in units",
        lambda v: v.by_episode(_game(v).threshold(v.state.stock)),
        plain,
    ),
    "capacity": Field("largest stock, in units", _constant("capacity"), plain),
    "growth": Field("factor by which what is left grows, up to the capacity", _constant("growth"), plain),
    "collapse_below": Field("less than this left ends the episode", _constant("collapse_below"), plain),
    "seats": Field("how many seats harvest in this round", lambda v: np.full(len(v), _here(v).sum())),
    "mine": Field("own catches so far, oldest first; nan (for a person: left out) while not there", _mine, _known),
    "taken": Field(
        "catches of the last round by seat; nan (for a person: None) where not there or not seen", _taken, listed
    ),
    "others": Field(
        "catches of the others in the last round; nan (for a person: left out) for the rest", _others, _known
    ),
    "total": Field(
        "units caught by all in the last round; nan (for a person: None) before there is one, or where not seen",
        _total,
        plain,
    ),
    "catches": Field("catches of all seats in all rounds so far, oldest first", _catches, _rows),
    "stocks": Field("the stock at the start of the rounds so far, oldest first", _stocks, listed),
    "left": Field(
        "what was left after the harvests so far, oldest first; nan (for a person: None) where others are not seen",
        _left,
        listed,
    ),
    "earned": Field("sum of own catches so far, in units", _earned, plain),
    "voting": Field(
        "whether the question is whom to fine for this round's harvest (answer a seat's number, or nobody)",
        lambda v: np.full(len(v), v.state.voting),
        lambda v, value: bool(value),
    ),
    "fines": Field("units that each seat paid in fines in the rounds so far, oldest first", _fines, _rows),
    "paid": Field(
        "units paid in fines so far by the seat itself", lambda v: v.by_seat(v.state.paid(_game(v).seats)), plain
    ),
    "integer": Field("whether harvests are whole units", _constant("integer"), lambda v, value: bool(value)),
}
