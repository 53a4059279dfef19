"""Numbers that describe results: intervals, places, and the ratings of strategies in a tournament.

Pure numpy over arrays; NaN is null on the way in and on the way out. The ratings are those of Axelrod-Python
(Knight et al. 2016, ``ResultSet``), under the names that the ``ranking`` table gives them.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dilemmas.report.student import quantile

Floats = NDArray[np.float64]


class Interval(NamedTuple):
    """A mean over independent repetitions and its 95 % interval; all but ``mean`` are NaN below two repetitions."""

    mean: Floats
    sd: Floats
    low: Floats
    high: Floats


def interval(values: ArrayLike, axis: int = -1, level: float = 0.95) -> Interval:
    """Mean, standard deviation (n - 1) and Student-t interval along ``axis``; null values are left out.

    The unit along ``axis`` must be independent (a repetition, a seed), never a round: Student (1908).
    """
    data = np.moveaxis(np.asarray(values, np.float64), axis, -1)
    known = ~np.isnan(data)
    count = known.sum(axis=-1)
    mean = _ratio(np.where(known, data, 0.0).sum(axis=-1), count)
    square = np.where(known, data - mean[..., None], 0.0) ** 2
    sd = np.sqrt(_ratio(square.sum(axis=-1), np.where(count > 1, count - 1, 0)))
    half = _quantiles(count - 1, level) * _ratio(sd, np.sqrt(count))
    return Interval(mean, sd, mean - half, mean + half)


def possible(spread: Interval, share: bool) -> tuple[Floats, Floats]:
    """Both ends of an interval as they are shown: those of a share cut at 0 and 1, for no share lies beyond."""
    return (np.clip(spread.low, 0, 1), np.clip(spread.high, 0, 1)) if share else (spread.low, spread.high)


def _ratio(top: ArrayLike, bottom: ArrayLike) -> Floats:
    """``top / bottom``, NaN where there is nothing to divide by."""
    above, below = np.broadcast_arrays(np.asarray(top, np.float64), np.asarray(bottom, np.float64))
    result: Floats = np.divide(above, below, out=np.full(above.shape, np.nan), where=below != 0)
    return result


def _quantiles(freedom: NDArray[np.intp], level: float) -> Floats:
    distinct, where = np.unique(freedom, return_inverse=True)
    return np.array([quantile(int(each), level) if each > 0 else np.nan for each in distinct])[where].reshape(
        freedom.shape
    )


def wilson(right: ArrayLike, asked: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """Both ends of the interval of a share of successes in independent trials, in [0, 1]; NaN where none was made.

    Wilson (1927): those shares from which the one observed is no further than chance explains at this level.
    """
    successes, trials = np.broadcast_arrays(np.asarray(right, np.float64), np.asarray(asked, np.float64))
    z = NormalDist().inv_cdf(0.5 + level / 2)
    wide = trials + z**2
    half = z * np.sqrt(np.maximum(successes * _ratio(trials - successes, trials), 0) + z**2 / 4)
    ends = [
        np.clip(_ratio(successes + z**2 / 2 + sign * half, np.where(trials > 0, wide, 0)), 0, 1) for sign in (-1, 1)
    ]
    return ends[0], ends[1]


def places(payoffs: ArrayLike, tolerance: float = 1e-9) -> NDArray[np.int64]:
    """Places along the last axis, 1 for the largest; equals share the better place (1, 2, 2, 4).

    Neighbours in order that differ by no more than ``tolerance`` (absolute, and relative to the larger) count as
    equal: the order in which numbers were added must not decide a place. Null comes last.
    """
    data = np.asarray(payoffs, np.float64)
    order = np.argsort(-data, axis=-1, kind="stable")
    ranked = np.take_along_axis(data, order, axis=-1)
    new = np.ones(data.shape, np.bool_)
    later, former = ranked[..., 1:], ranked[..., :-1]
    same = (former - later <= tolerance * np.maximum(1.0, np.abs(former))) | (np.isnan(former) & np.isnan(later))
    new[..., 1:] = ~same
    place = np.maximum.accumulate(np.where(new, np.arange(1, data.shape[-1] + 1), 0), axis=-1)
    result = np.empty(data.shape, np.int64)
    np.put_along_axis(result, order, place, axis=-1)
    return result


def normalised(cooperations: ArrayLike, turns: ArrayLike) -> Floats:
    """Share of rounds in which i cooperated with j, ``(n, n)``; 0 where the two never met (``normalised_cooperation``).

    ``cooperations[i, j]`` sums over repetitions, as does ``turns`` (a number, or ``(n, n)``). A strategy's play
    against itself is the mean of its two copies.
    """
    return np.nan_to_num(_ratio(cooperations, turns))


def vengeance(shares: ArrayLike) -> Floats:
    """``vengeful_cooperation``: ``2 (share - 1/2)``, so that defection counts as much below 0 as cooperation above."""
    return 2 * (np.asarray(shares, np.float64) - 0.5)


def cooperating(cooperations: ArrayLike, turns: ArrayLike) -> Floats:
    """``cooperating_rating``: cooperations of each strategy over the rounds it played against others, ``(n,)``."""
    counts = np.asarray(cooperations, np.float64)
    others = ~np.eye(len(counts), dtype=np.bool_)
    rounds = (np.broadcast_to(turns, counts.shape) * others).sum(axis=1)
    result: Floats = (counts * others).sum(axis=1) / np.maximum(1, rounds)
    return result


def partners(cooperations: ArrayLike) -> NDArray[np.int64]:
    """``good_partner_matrix``: in how many matches i cooperated at least as often as j, ``(n, n)``, 0 on the diagonal.

    ``cooperations`` is ``(repetitions, n, n)``, or ``(n, n)`` for one repetition or exact means.
    """
    counts = _repeated(cooperations)
    good = counts >= counts.swapaxes(1, 2) - 1e-9
    good &= ~np.eye(counts.shape[1], dtype=np.bool_)
    result: NDArray[np.int64] = good.sum(axis=0)
    return result


def good_partner(cooperations: ArrayLike) -> Floats:
    """``good_partner_rating``: share of its matches with others in which a strategy was a good partner, ``(n,)``."""
    counts = _repeated(cooperations)
    met = counts.shape[0] * (counts.shape[1] - 1)
    result: Floats = partners(counts).sum(axis=1) / max(1, met)
    return result


def _repeated(cooperations: ArrayLike) -> Floats:
    counts = np.asarray(cooperations, np.float64)
    return counts[None] if counts.ndim == 2 else counts


def eigenjesus(shares: ArrayLike) -> Floats:
    """Eigenjesus (Aaronson 2014) of :func:`normalised` shares: cooperation counts by how cooperative the partner is."""
    return eigenvector(shares)


def eigenmoses(shares: ArrayLike) -> Floats:
    """Eigenmoses (Aaronson 2014): as eigenjesus, but cooperation with defectors counts against a strategy."""
    return eigenvector(vengeance(shares))


def eigenvector(matrix: ArrayLike, error: float = 1e-3, limit: int = 1000) -> Floats:
    """The vector of length 1 that power iteration from ones reaches, NaN where it vanishes.

    Stops as Axelrod-Python does, at a step below ``error`` or after ``limit`` steps, with the sign found there, so
    that ratings agree digit for digit even where the iteration has not settled.
    """
    rows = np.asarray(matrix, np.float64)
    last = vector = np.ones(len(rows))
    for step in range(limit + 2):
        product = rows @ last
        vector = _ratio(product, np.sqrt((product**2).sum()))
        if step > limit or not np.sqrt(((vector - last) ** 2).sum()) >= error:
            break
        last = vector
    return vector


def states(joint: ArrayLike) -> Floats:
    """Shares of CC, CD, DC, DD over all rounds with others, ``(n, 4)``, from counts ``(n, n, 4)`` seen from i."""
    counts = np.asarray(joint, np.float64)
    others = counts * ~np.eye(len(counts), dtype=np.bool_)[..., None]
    total = others.sum(axis=1)
    return _ratio(total, total.sum(axis=1, keepdims=True))


def cooperations(joint: ArrayLike) -> Floats:
    """Cooperations ``(..., n, n)`` from counts of CC, CD, DC, DD ``(..., n, n, 4)`` seen from i."""
    counts = np.asarray(joint, np.float64)
    mine: Floats = counts[..., 0] + counts[..., 1]
    return mine


def answers(after: ArrayLike) -> Floats:
    """Chance to cooperate right after CC, CD, DC, DD, ``(..., 4)``; null where the state was never left.

    ``after[..., state, action]`` counts own C and own D in the round that follows a state (own action first). It is
    pooled over partners and repetitions before it comes here.
    """
    counts = np.asarray(after, np.float64)
    return _ratio(counts[..., 0], counts.sum(axis=-1))


def vengeful(after: ArrayLike) -> Floats:
    """Chance to defect right after the partner's defection, whatever one did; ``after`` as in :func:`answers`."""
    counts = np.asarray(after, np.float64)
    stung = counts[..., 1, :] + counts[..., 3, :]
    return _ratio(stung[..., 1], stung.sum(axis=-1))


def forgiving(after: ArrayLike) -> Floats:
    """Chance to cooperate right after being exploited (own C, partner's D); ``after`` as in :func:`answers`."""
    return answers(after)[..., 1]


def ratings(cooperations: ArrayLike, turns: ArrayLike) -> dict[str, Floats]:
    """All ratings of the ``ranking`` table that need cooperations alone, ``(n,)`` each.

    ``cooperations`` is ``(repetitions, n, n)`` or ``(n, n)``; ``turns`` is a number of rounds or broadcasts to it.
    """
    counts = _repeated(cooperations)
    total, rounds = counts.sum(axis=0), np.broadcast_to(np.asarray(turns, np.float64), counts.shape).sum(axis=0)
    shares = normalised(total, rounds)
    result: dict[str, Any] = {
        "cooperating": cooperating(total, rounds),
        "good_partner": good_partner(counts),
        "eigenjesus": eigenjesus(shares),
        "eigenmoses": eigenmoses(shares),
    }
    return result


# -- repeated games of two: how well it went, by three measures that differ -------------------------------------------


def conceivable(total: ArrayLike, rounds: ArrayLike, best: ArrayLike) -> Floats:
    """The score of Akata et al. (2025): a player's total over (rounds x its largest payoff in the game).

    The share of the best conceivable, which no reply to the opponent's moves may reach. NaN where nothing can be had.
    """
    return _ratio(total, np.asarray(rounds, np.float64) * np.asarray(best, np.float64))


def replying(own: ArrayLike, mine: ArrayLike, theirs: ArrayLike) -> float:
    """Share of the best reply: own total over what the best action of every round would have brought.

    ``own`` is the payoff for (own action, other's), ``mine`` and ``theirs`` are actions by round, as indices. The
    opponent's moves are taken as they were; that others would have followed from other moves is not in it.
    """
    table, other = np.asarray(own, np.float64), np.asarray(theirs, np.intp)
    got = table[np.asarray(mine, np.intp), other].sum()
    return float(_ratio(got, attainable(table, np.bincount(other, minlength=table.shape[1]))))


def attainable(own: ArrayLike, taken: ArrayLike) -> Floats:
    """What the best reply to every move of the other brings; ``taken[..., action]`` counts the other's moves."""
    counts = np.asarray(taken, np.float64)
    result: Floats = (counts * np.asarray(own, np.float64).max(axis=0)).sum(axis=-1)
    return result


def fair(tables: ArrayLike, mine: ArrayLike, theirs: ArrayLike) -> float:
    """Share of the fair maximum: the total of whoever got less, over the most that both can be sure of together.

    ``tables`` is ``(2, own actions, other's actions)``: both players' payoffs for (first's action, second's), and the
    moves are those of the first and the second. The fair maximum is the largest payoff a round that no player falls
    below, mixtures of joint actions over rounds allowed (the egalitarian point; Kalai & Smorodinsky 1975 speak of it).
    """
    both = np.asarray(tables, np.float64)
    totals = both[:, np.asarray(mine, np.intp), np.asarray(theirs, np.intp)].sum(axis=1)
    return float(_ratio(totals.min(), egalitarian(both) * len(np.asarray(mine))))


def egalitarian(tables: ArrayLike) -> float:
    """The largest payoff a round of whoever gets less, over mixtures of joint actions, ``tables`` as in :func:`fair`.

    A mixture of two joint actions suffices: the maximum lies on an edge of the convex hull, or in a corner.
    """
    both = np.asarray(tables, np.float64).reshape(2, -1)
    gap = both[0] - both[1]
    low = both.min(axis=0).max()
    first, second = np.nonzero((gap[:, None] > 0) & (gap[None, :] < 0))
    part = _ratio(-gap[second], gap[first] - gap[second])
    mixed = part * both[0][first] + (1 - part) * both[0][second]
    return float(max([low, *mixed.tolist()]))


def settled(right: ArrayLike) -> int | None:
    """The first round (from 1) from which on all predictions came true; None where the last one did not."""
    known = np.asarray(right, np.bool_)
    if not len(known) or not known[-1]:
        return None
    wrong = np.flatnonzero(~known)
    return int(wrong[-1]) + 2 if len(wrong) else 1
