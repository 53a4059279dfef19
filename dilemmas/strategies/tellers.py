"""What scripted seats tell of donors, where the donor game has gossip: a rule that picks a tone by what was done.

``honest`` takes the tone nearest to twice the share less one (all given is 1, nothing given, punishing and refusing
are -1) among those that are not false; ``liar`` the one nearest to the opposite among those that are. Both say nothing
where no tone is left, or where it is not known what was done. ``kind`` takes the best of all tones, ``harsh`` the
worst, ``silent`` none. What is false, the rules of the game say (``rules.gossip.truth``).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dilemmas.rules.donor_trace import KINDS
from dilemmas.rules.game import Floats, Ints, View
from dilemmas.rules.gossip import truth

RULES = ("honest", "silent", "kind", "harsh", "liar")
HONEST, SILENT, KIND, HARSH, LIAR = range(len(RULES))


def rules(names: Sequence[str | None]) -> Ints:
    """Numbers of rules by their names; None is honest."""
    return np.array([HONEST if name is None else RULES.index(name) for name in names], np.intp)


def tones(view: View, rule: Ints) -> Ints:
    """The tone of every teller as a number, the last one to say nothing; ``rule`` holds numbers of rules, one a row."""
    values: Floats = view.game.gossip.values  # type: ignore[attr-defined]  # only donor games have gossip
    nothing = len(values)
    if not nothing:
        return np.zeros(len(rule), np.intp)
    aim, right = _aim(view), _right(view, values)
    told = np.full(len(rule), nothing, np.intp)
    told[rule == KIND], told[rule == HARSH] = 0, nothing - 1
    for which, target, fit in ((HONEST, aim, right != 0), (LIAR, -aim, right == 0)):
        mine = rule == which
        told[mine] = _nearest(values, target[mine], fit[mine])
    return told


def _aim(view: View) -> Floats:
    """What was done as a value from -1 to 1, NaN where that is not known."""
    gave = np.where(view.deed == KINDS.index("donate"), view.deed_share, 0.0)
    aim: Floats = np.where(np.isnan(view.deed_share), np.nan, 2 * gave - 1)
    return aim


def _right(view: View, values: Floats) -> Floats:
    """Whether each tone would be true, ``(rows, tones)``: 1, 0 or NaN."""
    known, gave = ~np.isnan(view.deed_share), view.deed_gave
    return truth(values[None, :], gave[:, None], known[:, None])


def _nearest(values: Floats, target: Floats, fit: NDArray[np.bool_]) -> Ints:
    """The nearest fitting tone to each target, the better of two as near; to say nothing where there is none."""
    # Rounded, so that the last digit of a share does not decide between two tones that are as near.
    far = np.where(fit, np.abs(values[None, :] - target[:, None]).round(9), np.inf)
    nearest = far.argmin(axis=1)
    none = np.isnan(target) | ~fit.any(axis=1)
    return np.where(none, len(values), nearest)
