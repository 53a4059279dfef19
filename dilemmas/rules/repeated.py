"""What games of many seats share: a length that is always said, and answers that are amounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import model_validator

from dilemmas.rules.game import Answers, Array, Bools, Field, Floats, View
from dilemmas.rules.length import Lasting


class Repeated(Lasting):
    """Parameters of a game of many seats, which always says how long it is."""

    @model_validator(mode="before")
    @classmethod
    def _default_length(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and data.get("rounds") is None and data.get("continuation") is None:
            return {**data, "rounds": cls.default_rounds}
        return data


def amounts(answers: Answers) -> Floats:
    """The amounts of answers to an ask that needs them."""
    if answers.amount is None:
        raise TypeError("this ask needs an amount")
    return answers.amount


def legal(amount: Floats, top: float, *, integer: bool) -> Bools:
    """Which amounts are finite, from 0 to ``top``, and whole where they must be."""
    good = np.isfinite(amount) & (amount >= 0) & (amount <= top)
    return good & (np.floor(amount) == amount) if integer else good


def plain(view: View, value: Any) -> Any:
    """An amount as a player is shown it: whole where it is whole, None where there is none."""
    if np.isnan(value):
        return None
    return int(value) if float(value).is_integer() else float(value)


def listed(view: View, row: Any) -> list[Any]:
    """A row of amounts as a player is shown it."""
    return [plain(view, value) for value in row]


def _rounds(view: View) -> Array:
    known = view.game.told == "known"  # type: ignore[attr-defined]  # fields of a Repeated game
    return view.by_episode(view.state.lengths if known else np.zeros_like(view.state.lengths))


def _chance(view: View) -> Array:
    game: Any = view.game
    chance = game.continuation if game.told == "chance" and game.continuation is not None else -1.0
    return np.full(len(view), chance)


FIELDS: Mapping[str, Field] = {
    "round": Field(
        "number of this round, from 1",
        lambda v: v.by_episode(np.full(v.state.episodes, v.state.round + 1)),
    ),
    "rounds": Field(
        "number of rounds, 0 (for a person: None) where players are not told", _rounds, lambda v, row: int(row) or None
    ),
    "continuation": Field(
        "chance of another round, -1 (for a person: None) where players are not told",
        _chance,
        lambda v, row: None if row < 0 else float(row),
    ),
}
