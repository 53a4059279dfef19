"""What a donor may know of its recipient and of itself; see ``Field`` for how arrays become plain values.

Arrays count seats from 0; one seat's plain values count them from 1, as tables do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dilemmas.rules import donor_trace
from dilemmas.rules.game import Array, Field, Floats, Ints, View


def _rows(view: View) -> Ints:
    return np.arange(len(view)) if view.where is None else view.where


def _all(view: View) -> bool:
    """Whether these are all the donors in order, whose numbers are at hand; gathering them again costs more."""
    donors = view.state.donors
    return view.where is not None and len(view.where) == len(donors) and np.array_equal(view.where, donors)


def partners(view: View) -> Ints:
    """Rows of the recipients; a seat that does not give this round gets its own row, so that nothing leaks."""
    if _all(view):
        return view.state.recipients  # type: ignore[no-any-return]  # of a donor game's own state
    rows = _rows(view)
    mate: Ints = view.state.mate[rows]
    return np.where(mate < 0, rows, mate)


def hidden(view: View) -> Array | None:
    """Which of these seats learn nothing of their recipient's past this round; None where all do."""
    return None if view.state.known is None else ~view.state.known.reshape(-1)[_rows(view)]


def _known(view: View) -> Array:
    blind = hidden(view)
    return np.ones(len(view), bool) if blind is None else ~blind


def _theirs(view: View, array: Array | None) -> Floats:
    """A public number of the recipients, NaN where the game keeps none or the seat did not learn it."""
    if array is None:
        return np.full(len(view), np.nan)
    found = array[partners(view)].astype(np.float64)
    blind = hidden(view)
    return found if blind is None else np.where(blind, np.nan, found)


def _own(view: View, array: Array | None) -> Floats:
    return np.full(len(view), np.nan) if array is None else array[_rows(view)].astype(np.float64)


def _chain(view: View) -> Array:
    chain: Array = view.state.chain
    if chain is None:
        return donor_trace.empty(len(view), 0)
    found, blind = chain[partners(view)], hidden(view)
    if blind is not None:
        found[blind] = donor_trace.empty(1, chain.shape[1])
    return found


def _maybe(view: View, value: Any) -> float | None:
    return None if np.isnan(value) else float(value)


def _setting(name: str) -> Callable[[View], Array]:
    return lambda view: np.full(len(view), getattr(view.game, name))


def _rounds(view: View) -> Array:
    game: Any = view.game
    return np.full(len(view), game.rounds if game.horizon == "known" else 0)


def _actions(view: View) -> Array:
    return np.tile(np.arange(len(view.game.options("gift", 0))), (len(view), 1))


FIELDS: Mapping[str, Field] = {
    "round": Field("number of this round, from 1", lambda v: np.full(len(v), v.state.round + 1)),
    "rounds": Field(
        "number of rounds, 0 (for a person: None) where players are not told",
        _rounds,
        lambda v, value: int(value) or None,
    ),
    "balance": Field("own units now", lambda v: v.state.own if _all(v) else v.state.balance[_rows(v)]),
    "partner": Field(
        "seat of the recipient, from 0 in arrays, from 1 for one seat",
        lambda v: partners(v) % v.game.seats,
        lambda v, value: int(value) + 1,
    ),
    "their_balance": Field("the recipient's units now", lambda v: v.state.balance[partners(v)]),
    "chain": Field(
        "the recipient's trace, newest first: what it gave to whom, what that one had given before; "
        "arrays (rows, depth) with fields share, round, actor, target, kind, padded with NaN, 0 and -1; "
        "a list of mappings for one seat",
        _chain,
        lambda v, value: donor_trace.tell(value),
    ),
    "shares": Field(
        "shares in that trace, newest first, (rows, depth), padded with NaN",
        lambda v: _chain(v)["share"],
        lambda v, value: [entry["share"] for entry in donor_trace.tell(_chain(v)[0])],
    ),
    "length": Field("how many entries that trace has", lambda v: (_chain(v)["round"] > 0).sum(axis=-1)),
    "score": Field(
        "the recipient's public image score; NaN (None) where it is not shown or not known",
        lambda v: _theirs(v, v.state.image),
        _maybe,
    ),
    "my_score": Field("own public image score, or NaN (None)", lambda v: _own(v, v.state.image), _maybe),
    "standing": Field(
        "the recipient's public standing, 1 good, 0 bad; NaN (None) where it is not shown or not known",
        lambda v: _theirs(v, v.state.standing),
        _maybe,
    ),
    "my_standing": Field(
        "own public standing, 1 good, 0 bad, or NaN (None)", lambda v: _own(v, v.state.standing), _maybe
    ),
    "known": Field(
        "whether the seat learns of its recipient's past this round",
        _known,
        lambda v, value: bool(value),
    ),
    "multiplier": Field("what a unit given is worth to the recipient", _setting("multiplier")),
    "punish_multiplier": Field("what a unit spent on punishing takes away", _setting("punish_multiplier")),
    "endowment": Field("units of every seat before the first round", _setting("endowment")),
    "trace": Field("how many entries a trace can have", _setting("depth")),
    "actions": Field("names of the choices", _actions, lambda v, value: list(v.game.options("gift", 0))),
}
