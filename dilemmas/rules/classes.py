"""What kind of game a payoff table is, in the field's words."""

from __future__ import annotations

import numpy as np

from dilemmas.rules.matrix import Matrix
from dilemmas.rules.ordinal import describe, identify, nash


def title(game: Matrix) -> str:
    """The class of a stage game: its ordinal name for two actions without ties, otherwise what its structure says."""
    if game.table.shape[:2] == (2, 2) and (number := identify(game.table[:, :, 0], game.table[:, :, 1])) is not None:
        return _named(number)
    special = _structure(game)
    size = " x ".join(str(len(names)) for names in game.names)
    return f"{special or ('symmetric' if game.symmetric else 'asymmetric')} game, {size}"


def _named(number: int) -> str:
    known = describe(number)
    name = known.patterns[0] if known.symmetric else known.title
    return f"{name} (ordinal game {number}, {known.code}, {known.family})"


def _structure(game: Matrix) -> str:
    one, two = game.table[:, :, 0], game.table[:, :, 1]
    total = one + two
    if np.ptp(total) <= 1e-9 * max(1.0, float(np.ptp(game.table))):
        return "zero-sum" if not total.any() else "constant-sum"
    cells = np.argwhere(nash(one, two))
    distinct = len(cells) == len(one) == len(two) and len({*cells[:, 0]}) == len({*cells[:, 1]}) == len(one)
    if np.array_equal(one, two):
        return "pure coordination" if distinct else "common-interest"
    apart = distinct and len(cells) == 2 and (one[*cells[0]] - one[*cells[1]]) * (two[*cells[0]] - two[*cells[1]]) < 0
    return "battle-of-the-sexes" if apart else ""
