"""Replicator dynamics of an infinite population, with and without mutation, by small arrays and fixed steps."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dilemmas.errors import UsageError

Numbers = NDArray[np.float64]
WHERE = "replicator"
SLACK = 1e-9  # how far a step may leave the simplex and be taken for rounding


def replicator(
    payoffs: ArrayLike,
    start: ArrayLike,
    *,
    steps: int = 1000,
    step: float = 0.01,
    method: Literal["ode", "discrete"] = "ode",
    mutation: float | ArrayLike = 0.0,
    background: float = 0.0,
) -> Numbers:
    """Shares of strategies over time, ``(steps + 1, ..., strategies)``; the first row is ``start``.

    ``payoffs[i, j]`` is what i earns against j; with f = payoffs x and the mean phi = x f, the ``ode`` is
    dx_i/dt = x_i (f_i - phi) (Taylor & Jonker 1978), solved by the classical Runge-Kutta rule with a time ``step``;
    the ``discrete`` map is x_i' = x_i f_i / phi (Hofbauer & Sigmund 1998), one generation a step. With ``mutation``
    the offspring x_j f_j of each j is spread as sum_j x_j f_j q_ji in both, the replicator-mutator equation (Nowak
    2006, ch. 12): a number is the chance of an offspring to be one of the others, a matrix is q, rows summing to 1.
    ``background`` is added to every payoff; where payoffs are fitness (discrete, or with mutation) they must then be
    0 or more. ``start`` holds shares, or several rows of them, each rescaled to 1. Raises UsageError.
    """
    game, shares = _game(payoffs), _shares(start)
    strategies = len(game)
    if shares.shape[-1] != strategies:
        raise UsageError(f"{shares.shape[-1]} shares for {strategies} strategies", where=WHERE, expected="one each")
    kernel = _kernel(mutation, strategies)
    fitness = game + background
    if (method == "discrete" or kernel is not None) and (fitness < 0).any():
        low, remedy = float(fitness.min()), f"Add a background of {background - float(fitness.min()):g} or more."
        raise UsageError(f"the lowest payoff is {low:g}", where=WHERE, expected="0 or more", remedy=remedy)
    return _path(fitness, shares, kernel, steps, step, method)


def _path(fitness: Numbers, shares: Numbers, kernel: Numbers | None, steps: int, step: float, method: str) -> Numbers:
    if method not in ("ode", "discrete"):
        raise UsageError(f"no method is called {method!r}", where=WHERE, expected="ode or discrete")
    if steps < 0 or not step > 0:
        raise UsageError(f"{steps} steps of {step:g}", where=WHERE, expected="0 or more steps of a time above 0")
    path = np.empty((steps + 1, *shares.shape))
    path[0] = shares
    for now, x in enumerate(path[:-1]):
        later = _generation(x, fitness, kernel) if method == "discrete" else _advance(x, fitness, kernel, step)
        path[now + 1] = _settled(later, step)
    return path


def flow(shares: Numbers, payoffs: Numbers, kernel: Numbers | None = None) -> Numbers:
    """The time derivative of ``(..., strategies)`` shares; ``kernel[j, i]`` is the chance that j's offspring is i."""
    offspring, mean = _offspring(shares, payoffs, kernel)
    return offspring - shares * mean


def _offspring(shares: Numbers, payoffs: Numbers, kernel: Numbers | None) -> tuple[Numbers, Numbers]:
    # Sums by broadcasting: their last digits do not depend on how many starts go together, as a product's may.
    earned = shares * (payoffs * shares[..., None, :]).sum(axis=-1)
    mean = earned.sum(axis=-1, keepdims=True)
    return (earned if kernel is None else (earned[..., :, None] * kernel).sum(axis=-2)), mean


def _advance(shares: Numbers, payoffs: Numbers, kernel: Numbers | None, step: float) -> Numbers:
    first = flow(shares, payoffs, kernel)
    second = flow(shares + step / 2 * first, payoffs, kernel)
    third = flow(shares + step / 2 * second, payoffs, kernel)
    fourth = flow(shares + step * third, payoffs, kernel)
    return shares + step / 6 * (first + 2 * second + 2 * third + fourth)


def _generation(shares: Numbers, fitness: Numbers, kernel: Numbers | None) -> Numbers:
    offspring, mean = _offspring(shares, fitness, kernel)
    # Where nobody has any fitness, nobody is fitter, and shares stay.
    return np.where(mean > 0, np.divide(offspring, mean, out=shares.copy(), where=mean > 0), shares)


def _settled(shares: Numbers, step: float) -> Numbers:
    """Rounding swept out; raises UsageError where the step was too long to stay among shares."""
    if not np.isfinite(shares).all() or (shares < -SLACK).any() or (abs(shares.sum(axis=-1) - 1) > SLACK).any():
        found, remedy = f"a step of {step:g} is too long for these payoffs", f"Try a step of {step / 10:g}."
        raise UsageError(found, where=WHERE, remedy=remedy)
    kept = np.maximum(shares, 0.0)
    return np.asarray(kept / kept.sum(axis=-1, keepdims=True))


def _game(payoffs: ArrayLike) -> Numbers:
    game = _numbers(payoffs, "payoffs")
    if game.ndim != 2 or game.shape[0] != game.shape[1] or not game.size:
        raise UsageError(f"payoffs of shape {game.shape}", where=WHERE, expected="a square matrix")
    return game


def _shares(start: ArrayLike) -> Numbers:
    shares = _numbers(start, "shares")
    if shares.ndim < 1 or (shares < 0).any() or not (shares.sum(axis=-1) > 0).all():
        raise UsageError(f"shares {shares.tolist()}", where=WHERE, expected="numbers of 0 or more that are not all 0")
    return np.asarray(shares / shares.sum(axis=-1, keepdims=True))


def _kernel(mutation: Any, strategies: int) -> Numbers | None:
    rates = _numbers(mutation, "mutation")
    if rates.ndim == 0:
        rate = float(rates)
        if not 0 <= rate <= 1 or (rate > 0 and strategies == 1):
            found = f"a mutation rate of {rate:g} among {strategies} strategies"
            raise UsageError(found, where=WHERE, expected="a chance from 0 to 1, and 2 strategies or more")
        if rate == 0:
            return None
        return np.where(np.eye(strategies, dtype=bool), 1 - rate, rate / (strategies - 1))
    if rates.shape != (strategies, strategies) or (rates < 0).any() or (abs(rates.sum(axis=1) - 1) > SLACK).any():
        expected = f"{strategies} x {strategies} chances, rows summing to 1"
        raise UsageError(f"a mutation matrix {rates.tolist()}", where=WHERE, expected=expected)
    return rates


def _numbers(values: Any, what: str) -> Numbers:
    try:
        read = np.asarray(values, np.float64)
    except (TypeError, ValueError):
        raise UsageError(f"{what} {values!r}", where=WHERE, expected="an array of numbers") from None
    if not np.isfinite(read).all():
        raise UsageError(f"{what} hold {read[~np.isfinite(read)][0]}", where=WHERE, expected="finite numbers")
    return read
