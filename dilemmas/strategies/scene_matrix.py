"""How matrix games are told to models: the reader's own payoffs first, with the labels that were drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dilemmas.errors import SpecError
from dilemmas.rules.game import Ask, Outcome, Told
from dilemmas.rules.matrix import Matrix
from dilemmas.strategies.scene import Event, Scene, Texts
from dilemmas.strategies.scene_common import common, nouns, percent, recent
from dilemmas.strategies.telling import Telling, numbered
from dilemmas.strategies.wanted import Wanted

LARGE = 6  # actions a side up to which every pair of them gets a line

Payoffs = tuple[NDArray[np.float64], NDArray[np.float64]]
"""What the reader and what the other gets, ``(own actions, other's actions)`` each."""


class _Teller:
    def scene(self, ask: Ask, row: int, telling: Telling, window: int | None, past: Sequence[Event]) -> Scene:
        """The scene of a seat; raises SpecError where a text of the words is wrong."""
        game: Matrix = ask.view.game  # type: ignore[assignment]  # only asks of matrix games come here
        seat, told = row % 2, ask.view.told(row)
        mine, theirs = (_shown(game, each, telling, told.round) for each in (seat, 1 - seat))
        data = common(
            telling,
            told.round,
            rounds=told.rounds,
            continuation=told.continuation,
            most=None if told.continuation is None or game.told_continuation is not None else game.rounds,
            several=False,
            options=list(mine),
            their_options=list(theirs),
            **telling.kept(("matrix", seat), lambda: {**_choices(game, seat, telling), **_table(game, seat, telling)}),
        )
        data |= recent(telling, _history(game, seat, told, telling), window, data)
        wanted = Wanted(options=telling.labels[seat], order=mine, noun=data["option"])
        predicted = Wanted(options=telling.labels[1 - seat], order=theirs, noun=data["option"])
        return Scene(ask.kind, data, wanted, Texts(telling, data), predicted, mine, telling.labels[seat])

    def remember(self, outcome: Outcome, seat: int, telling: Telling) -> Event | None:
        """Nothing that the view does not keep."""
        return None


TELLER = _Teller()


def _shown(game: Matrix, seat: int, telling: Telling, round_: int) -> tuple[str, ...]:
    """The labels of a seat as they are shown in a round."""
    return tuple(telling.labels[seat][i] for i in _order(game, seat, telling, round_))


def _order(game: Matrix, seat: int, telling: Telling, round_: int) -> Sequence[int]:
    """Numbers are told in their own order."""
    count = len(game.names[seat])
    return range(count) if numbered(game) else telling.order(count, round_)


def _choices(game: Matrix, seat: int, telling: Telling) -> dict[str, Any]:
    """What is known of the options, and how far choices and what is seen of them can be trusted."""
    mine, theirs = telling.labels[seat], telling.labels[1 - seat]
    return {
        "option": "number" if numbered(game) else nouns(telling)["option"],
        "labels": list(mine),
        "their_actions": list(game.names[1 - seat]),
        "alike": sorted(mine) == sorted(theirs),
        "two": len(mine) == len(theirs) == 2,
        "range": _range(game) if numbered(game) and mine == game.names[seat] else None,
        "noise": percent(game.noise) if game.noise else None,
        "perception_noise": percent(game.perception_noise) if game.perception_noise else None,
        "table": telling.presentation.payoffs_as == "table",
    }


def _range(game: Matrix) -> list[int] | None:
    """The lowest and the highest number, where both seats choose among all of those between."""
    numbers = [int(name) for name in game.names[0]]
    whole = game.names[0] == game.names[1] and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    return [numbers[0], numbers[-1]] if whole else None


def payoffs(game: Matrix, seat: int, *, as_published: bool = False) -> Payoffs:
    """What a seat (from 0) is told that it and the other get.

    ``as_published``: the second seat reads the table by the first seat's side, so that all pairs off the diagonal
    are exchanged, as in the scripts of Akata et al. (2025). Raises SpecError where the table is not square.
    """
    own, other = game.own[seat], game.own[1 - seat].T
    if not as_published or seat == 0:
        return own, other
    if own.shape[0] != own.shape[1]:
        raise SpecError(
            f"the seats have {own.shape[1]} and {own.shape[0]} actions",
            where="as_published",
            expected="as many for both: what was published exchanges their choices",
        )
    return own.T, other.T


def _table(game: Matrix, seat: int, telling: Telling) -> dict[str, Any]:
    """What pairs of options lead to: in lines, in a grid where they are many, or as a rule."""
    own, other = payoffs(game, seat, as_published=telling.presentation.as_published)
    mine, theirs = telling.labels[seat], telling.labels[1 - seat]
    large = max(own.shape) > LARGE
    claims = _claims(game, own, other)
    return {
        "lines": [] if large else _lines(own, other, mine, theirs, telling.lines(own.size)),
        "claims": claims,
        "grid": _grid(game, (own, other), mine, theirs, telling) if large and not claims else None,
        "same": [
            {"option": mine[i], "points": float(own[i, i]), "their_points": float(other[i, i])}
            for i in _order(game, seat, telling, 1)
            if i < len(theirs) and mine[i] == theirs[i]
        ],
    }


def _lines(
    own: NDArray[np.float64],
    other: NDArray[np.float64],
    mine: Sequence[str],
    theirs: Sequence[str],
    order: Sequence[int],
) -> list[Mapping[str, Any]]:
    return [
        {
            "mine": mine[place // len(theirs)],
            "theirs": theirs[place % len(theirs)],
            "points": float(own.flat[place]),
            "their_points": float(other.flat[place]),
        }
        for place in order
    ]


def _grid(
    game: Matrix, told: Payoffs, mine: Sequence[str], theirs: Sequence[str], telling: Telling
) -> Mapping[str, Any]:
    """A line an own action, a column an action of the other; numbers in their own order."""
    own, other = told
    plain = numbered(game)
    lines, columns = (list(range(len(labels)) if plain else telling.lines(len(labels))) for labels in (mine, theirs))
    return {
        "columns": [theirs[j] for j in columns],
        "symmetric": list(mine) == list(theirs) and np.array_equal(own, other.T),
        "rows": [
            {"mine": mine[i], "points": own[i, columns].tolist(), "their_points": other[i, columns].tolist()}
            for i in lines
        ],
    }


def _claims(game: Matrix, own: NDArray[np.float64], other: NDArray[np.float64]) -> Mapping[str, Any] | None:
    """The rule of a game of claims (Basu 1994), where the payoffs are just those of that rule."""
    if not numbered(game) or _range(game) is None:
        return None
    numbers = np.array([float(name) for name in game.names[0]])
    bonus = float(own[0, 1] - numbers[0])
    expected = np.minimum.outer(numbers, numbers) + bonus * np.sign(np.subtract.outer(-numbers, -numbers))
    if bonus < 0 or not (np.array_equal(own, expected) and np.array_equal(other, expected.T)):
        return None
    return {"low": int(numbers[0]), "high": int(numbers[-1]), "bonus": bonus}


def _history(game: Matrix, seat: int, told: Told, telling: Telling) -> list[Mapping[str, Any]]:
    """Every round so far, as the seat perceived it."""
    own, other = payoffs(game, seat)
    first, second = ({name: i for i, name in enumerate(game.names[each])} for each in (seat, 1 - seat))
    seen = [(first[mine], second[theirs]) for mine, theirs in zip(told.mine, told.theirs, strict=True)]
    return [
        {
            "round": number,
            "mine": telling.labels[seat][i],
            "theirs": telling.labels[1 - seat][j],
            "points": float(own[i, j]),
            "their_points": float(other[i, j]),
        }
        for number, (i, j) in enumerate(seen, 1)
    ]
