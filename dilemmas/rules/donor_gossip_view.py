"""What a donor may know of gossip about its recipient, and a teller of what it may tell of; see ``donor_view``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dilemmas.rules import donor_turn
from dilemmas.rules.donor_gossip import empty
from dilemmas.rules.donor_trace import KINDS
from dilemmas.rules.donor_turn import DONATE
from dilemmas.rules.donor_view import hidden, partners
from dilemmas.rules.game import Array, Bools, Field, Floats, Ints, View
from dilemmas.rules.gossip import Gossip


def _audible(gossip: Gossip, entries: Array, listener: Ints, seats: int) -> Bools:
    """Which messages a seat knows: those it heard, and its own."""
    own: Bools = entries["teller"] == listener
    if gossip.heard_by == "everyone":
        return np.ones(entries.shape, bool)
    far = np.abs(entries["teller"] - listener)
    near: Bools = np.minimum(far, seats - far) <= gossip.reach
    heard: Bools = entries["hearer"] == listener if gossip.heard_by == "next" else near
    return own | heard


def _picked(view: View) -> tuple[Ints, Bools]:
    """Slots of the newest messages about the recipients that these seats know, ``(rows, keep)``, and whether any."""
    gossip, log = view.game.gossip, view.state.log  # type: ignore[attr-defined]  # of a donor game
    entries = log.entries[partners(view)]
    known = (entries["round"] > 0) & _audible(gossip, entries, view.seat[:, None], view.game.seats)
    blind = hidden(view)
    if blind is not None:
        known &= ~blind[:, None]
    order = np.argsort(~known, axis=1, kind="stable")[:, : gossip.keep]
    return order, np.take_along_axis(known, order, axis=1)


def messages(view: View) -> Array:
    """Messages about the recipients, newest first, ``(rows, keep)``, padded with round 0 and -1."""
    if view.state.log is None:
        return empty(len(view), 0)
    order, known = _picked(view)
    found = np.take_along_axis(view.state.log.entries[partners(view)], order, axis=1)
    found[~known] = empty(1, 1)[0, 0]
    return found


def _tell(view: View, value: Array) -> list[dict[str, Any]]:
    """One seat's messages in words and numbers; seats count from 1."""
    if view.state.log is None:
        return []
    order, known = _picked(view)
    names, words = view.game.gossip.tones, view.state.log.words  # type: ignore[attr-defined]  # of a donor game
    told = []
    for entry, slot, there in zip(value, order[0], known[0], strict=True):
        if there:
            tone = tuple(names)[entry["tone"]] if entry["tone"] >= 0 else None
            text = None if words is None else words[partners(view)[0], slot]
            worth = None if tone is None else names[tone]
            told.append({"round": int(entry["round"]), "teller": int(entry["teller"]) + 1, "tone": tone})
            told[-1] |= {"value": worth, "text": text}
    return told


def _mean(view: View) -> Floats:
    """Mean value of the tones among those messages; NaN where there is none."""
    found = messages(view)["tone"]
    if not found.shape[1]:
        return np.full(len(view), np.nan)
    worth = view.game.gossip.worth(found)  # type: ignore[attr-defined]  # of a donor game
    known = ~np.isnan(worth)
    total, count = np.where(known, worth, 0.0).sum(axis=1), known.sum(axis=1)
    mean: Floats = np.divide(total, count, out=np.full(len(view), np.nan), where=count > 0)
    return mean


def _deed(value: Callable[[View, Any, Ints], Array], blank: float) -> Callable[[View], Array]:
    """Something of the turn that each row is to tell of, ``blank`` for who tells of none."""

    def get(view: View) -> Array:
        deeds = view.state.deeds
        if deeds is None:
            return np.full(len(view), blank)
        at = deeds.index if view.where is None else deeds.index[view.where]
        found = value(view, deeds.turn, np.maximum(at, 0))
        return np.where(at < 0, blank, found)

    return get


def _kinds(view: View, turn: Any, at: Ints) -> Array:
    return np.full(len(at), DONATE) if turn.kind is None else np.asarray(turn.kind[at])


def _seat(view: View, value: Any) -> int | None:
    return None if value < 0 else int(value) + 1


def _maybe(view: View, value: Any) -> float | None:
    return None if np.isnan(value) else float(value)


def _gave(view: View) -> Array:
    if view.state.deeds is None:
        return np.zeros(len(view), bool)
    found: Array = _deed(lambda v, turn, at: donor_turn.gave(v.game, turn)[at], False)(view)  # type: ignore[arg-type]  # a donor game
    return found.astype(bool)


FIELDS: Mapping[str, Field] = {
    "gossip": Field(
        "messages about the recipient that the seat heard or told, newest first; arrays (rows, keep) with fields tone, "
        "round, teller and hearer, padded with round 0 and -1; a list of mappings for one seat",
        messages,
        _tell,
    ),
    "tone": Field("mean value of the tones in them, from -1 to 1; NaN (None) where there is none", _mean, _maybe),
    "deed_by": Field(
        "when asked to tell: the donor to tell of, from 0 in arrays, from 1 for one seat; -1 (None) at other times",
        _deed(lambda view, turn, at: turn.donors[at] % view.game.seats, -1),
        _seat,
    ),
    "deed_to": Field(
        "its recipient, likewise", _deed(lambda view, turn, at: turn.recipients[at] % view.game.seats, -1), _seat
    ),
    "deed": Field(
        "what it did: donate, punish or refuse, 0 to 2 in arrays; -1 (None) at other times",
        _deed(_kinds, -1),
        lambda view, value: None if value < 0 else KINDS[int(value)],
    ),
    "deed_gave": Field(
        "whether that counts as giving: the game's threshold or more, and not punishing or refusing; for one seat None "
        "where it is not known what was done",
        _gave,
        lambda view, value: None if view.deed_share[0] != view.deed_share[0] else bool(value),
    ),
    "deed_share": Field(
        "the share of its balance as a trace records it, or NaN (None)",
        _deed(lambda view, turn, at: turn.recorded[at], np.nan),
        _maybe,
    ),
    "deed_units": Field(
        "the units that it spent, or NaN (None)", _deed(lambda v, turn, at: turn.spent[at], np.nan), _maybe
    ),
    "deed_effect": Field(
        "by how much that changed its recipient's balance, or NaN (None)",
        _deed(lambda v, turn, at: turn.received[at], np.nan),
        _maybe,
    ),
}
