"""Payoffs of agents: scores over the games of a generation, ranks, and draws in proportion to fitness."""

from __future__ import annotations

import numpy as np

from dilemmas.rules.game import Floats, Ints


def scores(payoff: Floats, who: Ints, leg: Ints, agents: int, score: str = "mean-of-games") -> Floats:
    """Each agent's mean payoff over its episodes, ``(agents,)``; NaN for one that played none that counts.

    Episodes whose payoff is NaN were left out of account. ``payoff`` and ``who`` are ``(episodes, seats)``, ``leg`` is
    ``(episodes,)``. ``last-game`` counts only the last leg, as the released code of Vallinder & Hughes (2024) does;
    their paper says the mean of the games.
    """
    if score == "last-game" and len(leg):
        payoff, who = payoff[leg == leg.max()], who[leg == leg.max()]
    earned, earner = payoff.reshape(-1), who.reshape(-1)
    if np.isnan(earned).any():
        earned, earner = earned[~np.isnan(earned)], earner[~np.isnan(earned)]
    # Summed from small to large, so that agents who earned the same in another order are tied to the last digit.
    order = np.argsort(earned, kind="stable")
    total = np.bincount(earner[order], earned[order], agents)
    count = np.bincount(earner, minlength=agents)
    return np.asarray(np.divide(total, count, out=np.full(agents, np.nan), where=count > 0))


def level(payoff: Floats, tolerance: float = 1e-9) -> Floats:
    """Payoffs of which those that rounding alone sets apart are equal, along the last axis.

    Neighbours in order that differ by no more than ``tolerance`` (absolute, and relative to the larger) all get the
    largest, as places in tables have it: no tie is decided by the order in which numbers were added.
    """
    order = np.argsort(-payoff, axis=-1, kind="stable")
    ordered = np.take_along_axis(payoff, order, axis=-1)
    later, former = ordered[..., 1:], ordered[..., :-1]
    first = np.broadcast_to(np.arange(payoff.shape[-1]), payoff.shape).copy()
    first[..., 1:][former - later <= tolerance * np.maximum(1.0, np.abs(former))] = 0
    even = np.empty(payoff.shape)
    np.put_along_axis(even, order, np.take_along_axis(ordered, np.maximum.accumulate(first, axis=-1), axis=-1), axis=-1)
    return even


def rank(payoff: Floats) -> Ints:
    """Ranks from 1, the highest payoff first, ties in list order; along the last axis."""
    order = np.argsort(-payoff, axis=-1, kind="stable")
    places = np.broadcast_to(np.arange(1, payoff.shape[-1] + 1), payoff.shape)
    ranks = np.empty(payoff.shape, np.intp)
    np.put_along_axis(ranks, order, places, axis=-1)
    return ranks


def midranks(values: Floats) -> Floats:
    """Ranks from 0, the lowest value first, equal values with the mean of theirs; rows apart."""
    order = np.argsort(values, axis=1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=1)
    starts = np.ones(values.shape, bool)
    starts[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    run = np.cumsum(starts.reshape(-1)) - 1
    places = np.broadcast_to(np.arange(values.shape[1]), values.shape).reshape(-1)
    mean = np.bincount(run, places) / np.bincount(run)
    ranks = np.empty(values.shape)
    np.put_along_axis(ranks, order, mean[run].reshape(values.shape), axis=1)
    return ranks


def pick(weights: Floats, coin: Floats) -> Ints:
    """Columns drawn in proportion to ``weights``, ``(rows, columns)``, one for each uniform of ``(rows, draws)``."""
    rows, columns = weights.shape
    edges = np.cumsum(weights, axis=1)
    edges /= edges[:, -1:]
    # One search over all rows: each is moved to an interval of its own, which rounding must not let a coin leave.
    row = np.arange(rows)[:, None]
    moved = np.minimum(coin + row, np.nextafter(row + 1.0, 0))
    found = np.searchsorted((edges + row).reshape(-1), moved.reshape(-1), side="right").reshape(coin.shape)
    return np.asarray(found - row * columns)
