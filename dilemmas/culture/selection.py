"""Who stays and who is followed: the rules of selection over payoffs.

A rule sees the payoffs of one generation, ``(agents,)`` or ``(populations, agents)`` for many independent populations
at once, and says for every place who holds it next: the agent itself, or a newcomer with the agent that it takes its
strategy from. Lots are drawn for every place, used or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from dilemmas.culture.choice import choose
from dilemmas.culture.lot import Lot
from dilemmas.culture.networks import Graph
from dilemmas.culture.payoffs import level, midranks, pick
from dilemmas.errors import UsageError
from dilemmas.rules.game import Bools, Floats, Ints
from dilemmas.rules.params import Amount, Count, Number, Parameters

WHERE = "selection"


@dataclass(frozen=True)
class Selected:
    """What a generation leaves behind, by place; arrays are shaped as the payoffs were.

    ``survives`` says whether the agent stays, ``parent`` numbers (from 0) the agent whose strategy the place holds
    next, its own number where it stays. ``together`` says that newcomers who are told learn from all survivors.
    """

    survives: Bools
    parent: Ints
    together: bool = False

    def row(self) -> Selected:
        """The only population of a batch of one."""
        return Selected(self.survives[0], self.parent[0], self.together)


class Selection(Parameters):
    """A rule of selection; ``score`` says which of the games of a generation count."""

    together: ClassVar[bool] = False
    score: Literal["mean-of-games", "last-game"] = "mean-of-games"

    def select(self, payoff: Floats, lot: Lot, graph: Graph | None = None) -> Selected:
        """Apply the rule to payoffs; ``graph`` limits whom an agent follows or replaces where the rule is local.

        Raises UsageError where a payoff is not a finite number, or where the rule cannot use it.
        """
        payoff = np.asarray(payoff, np.float64)
        if len(wrong := np.flatnonzero(~np.isfinite(payoff.reshape(-1)))):
            place = wrong[0] % payoff.shape[-1]
            found = f"agent {place + 1} has a payoff of {payoff.reshape(-1)[wrong[0]]}"
            raise UsageError(found, where=WHERE, expected="a finite number")
        selected = self._select(level(np.atleast_2d(payoff)), lot, graph)
        return selected if payoff.ndim == 2 else selected.row()

    def _select(self, payoff: Floats, lot: Lot, graph: Graph | None) -> Selected:
        raise NotImplementedError


class Share(Selection):
    """What truncation and random survival have in common: a share stays, newcomers follow one of them."""

    together: ClassVar[bool] = True
    keep: Number = Field(default=0.5, gt=0, le=1)

    def _refill(self, order: Ints, lot: Lot) -> Selected:
        """The first of ``order`` stay; each other place follows one of them, drawn uniformly."""
        rows, agents = order.shape
        # A share such as 0.7 of 10 must not lose an agent to rounding.
        kept = order[:, : max(1, int(self.keep * agents + 1e-9))]
        survives = np.zeros(order.shape, bool)
        np.put_along_axis(survives, kept, True, axis=1)
        drawn = np.take_along_axis(kept, lot.below(kept.shape[1], "parents", rows, agents), axis=1)
        return Selected(survives, np.where(survives, np.arange(agents), drawn), True)


class Truncation(Share):
    """The ``keep`` best stay (rounded down, at least one), as in Vallinder & Hughes (2024).

    ``ties`` are ``listed`` (the earlier in the population stays, as there) or ``drawn`` by lot.
    """

    rule: Literal["truncation"] = "truncation"
    ties: Literal["listed", "drawn"] = "listed"

    def _select(self, payoff: Floats, lot: Lot, graph: Graph | None) -> Selected:
        listed: Ints = np.broadcast_to(np.arange(payoff.shape[1]), payoff.shape)
        first = listed if self.ties == "listed" else lot.order("ties", *payoff.shape)
        best = np.argsort(-np.take_along_axis(payoff, first, axis=1), axis=1, kind="stable")
        return self._refill(np.take_along_axis(first, best, axis=1), lot)


class Random(Share):
    """A random ``keep`` of the agents stays, whatever they earned: the control without selection."""

    rule: Literal["random"] = "random"

    def _select(self, payoff: Floats, lot: Lot, graph: Graph | None) -> Selected:
        return self._refill(lot.order("survivors", *payoff.shape), lot)


class Weighted(Selection):
    """What rules by fitness have in common: how a payoff becomes one.

    ``intensity`` w makes it 1 - w + w * payoff (Nowak et al. 2004; 1 is the payoff itself), ``beta`` makes it
    exp(beta * payoff) (Traulsen, Shoresh & Nowak 2008), which takes any payoff. Give one of them at most.
    """

    intensity: Amount | None = Field(default=None, ge=0)
    beta: Amount | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _one(self) -> Weighted:
        if self.intensity is not None and self.beta is not None:
            raise ValueError("give intensity or beta, not both")
        return self

    def fitness(self, payoff: Floats) -> Floats:
        """Fitness of 0 or more, up to a factor common to a population; all equal where every one would be 0."""
        if self.beta is not None:
            return np.asarray(np.exp(self.beta * (payoff - payoff.max(axis=-1, keepdims=True))))
        weight = 1.0 if self.intensity is None else self.intensity
        fitness = 1 - weight + weight * payoff
        if (fitness < 0).any():
            place = int(np.argmin(fitness))
            agent, earned, made = place % payoff.shape[-1] + 1, payoff.flat[place], fitness.flat[place]
            remedy = "Set beta, which takes any payoff, or a smaller intensity."
            found = f"agent {agent} earned {earned:g}, which makes a fitness of {made:g}"
            raise UsageError(found, where=WHERE, expected="0 or more", remedy=remedy)
        return np.where(fitness.sum(axis=-1, keepdims=True) > 0, fitness, 1.0)


class Proportional(Weighted):
    """Every place goes to a newcomer whose parent is drawn in proportion to fitness (Fisher 1930; Wright 1931)."""

    rule: Literal["proportional"] = "proportional"

    def _select(self, payoff: Floats, lot: Lot, graph: Graph | None) -> Selected:
        return _renewed(self.fitness(payoff), lot)


class Rank(Selection):
    """As proportional, by rank: the best expects ``pressure`` offspring, the worst 2 - ``pressure`` (Baker 1985).

    Expectations fall linearly from rank to rank; equal payoffs share the mean of their ranks.
    """

    rule: Literal["rank"] = "rank"
    pressure: Number = Field(default=1.5, ge=1, le=2)

    def _select(self, payoff: Floats, lot: Lot, graph: Graph | None) -> Selected:
        steps = max(payoff.shape[1] - 1, 1)
        return _renewed(self.pressure - 2 * (self.pressure - 1) * midranks(-payoff) / steps, lot)


def _renewed(weights: Floats, lot: Lot) -> Selected:
    drawn = pick(weights, lot.uniform("parents", *weights.shape))
    return Selected(np.zeros(weights.shape, bool), drawn)


class Moran(Weighted):
    """Birth by fitness, death at random (Moran 1958): ``births`` times one newcomer takes a uniformly drawn place.

    The one who dies may be the parent itself; on a network it is a neighbour of the parent (Lieberman, Hauert &
    Nowak 2005). Until the next generation plays, a newcomer counts with its parent's payoff.
    """

    rule: Literal["moran"] = "moran"
    births: Count = 1

    def _select(self, payoff: Floats, lot: Lot, graph: Graph | None) -> Selected:
        rows, agents = payoff.shape
        fitness, row = self.fitness(payoff).copy(), np.arange(rows)
        lines = _Lines(rows, agents)
        for event in range(1, self.births + 1):
            coin = lot.uniform("moran", rows, 2, event)
            parent = pick(fitness, coin[:, :1])[:, 0]
            dies = (coin[:, 1] * agents).astype(np.intp) if graph is None else graph.neighbour(parent, coin[:, 1])
            fitness[row, dies] = fitness[row, parent]
            lines.follow(dies, parent, True)
        return lines.selected()


class _Lines:
    """Whose strategy each place holds, while places change hands one by one."""

    def __init__(self, rows: int, agents: int) -> None:
        self._row = np.arange(rows)
        self._origin = np.tile(np.arange(agents), (rows, 1))
        self._fresh = np.zeros((rows, agents), bool)

    def follow(self, place: Ints, model: Ints, when: Bools | bool) -> None:
        """Give ``place`` what ``model`` holds, in the populations where ``when``."""
        self._origin[self._row, place] = np.where(when, self._origin[self._row, model], self._origin[self._row, place])
        self._fresh[self._row, place] |= when

    def selected(self) -> Selected:
        """What has come of it."""
        return Selected(~self._fresh, self._origin)


class Fermi(Selection):
    """Pairwise comparison: follow a role model with the chance 1 / (1 + exp(-beta * gain)).

    The rule of Traulsen, Nowak & Pacheco (2006), and on networks of Szabo & Toke (1998). The gain is the role
    model's payoff less one's own; the role model is another agent, on a network a neighbour. Everybody compares at
    once, or ``updates`` drawn agents do one after the other, each with the payoff of what it holds by then.
    """

    rule: Literal["fermi"] = "fermi"
    beta: Amount = Field(default=1.0, ge=0)
    updates: Count | None = None

    def _select(self, payoff: Floats, lot: Lot, graph: Graph | None) -> Selected:
        if payoff.shape[1] < 2:
            raise UsageError("one agent has nobody to compare with", where=WHERE, expected="2 or more")
        if self.updates is None:
            return self._together(payoff, lot, graph)
        return self._apart(payoff, self.updates, lot, graph)

    def _together(self, payoff: Floats, lot: Lot, graph: Graph | None) -> Selected:
        own = np.broadcast_to(np.arange(payoff.shape[1]), payoff.shape)
        model = _other(own, lot.uniform("role-models", *payoff.shape), payoff.shape[1], graph)
        gain = np.take_along_axis(payoff, model, axis=1) - payoff
        adopts = lot.uniform("adoption", *payoff.shape) < self.chance(gain)
        return Selected(~adopts, np.where(adopts, model, own))

    def _apart(self, payoff: Floats, updates: int, lot: Lot, graph: Graph | None) -> Selected:
        rows, agents = payoff.shape
        payoff, row, lines = payoff.copy(), np.arange(rows), _Lines(rows, agents)
        for event in range(1, updates + 1):
            coin = lot.uniform("fermi", rows, 3, event)
            focal = (coin[:, 0] * agents).astype(np.intp)
            model = _other(focal, coin[:, 1], agents, graph)
            adopts = coin[:, 2] < self.chance(payoff[row, model] - payoff[row, focal])
            payoff[row, focal] = np.where(adopts, payoff[row, model], payoff[row, focal])
            lines.follow(focal, model, adopts)
        return lines.selected()

    def chance(self, gain: Floats) -> Floats:
        """The chance to follow, for a gain in payoff; never overflows."""
        return np.asarray(0.5 * (1 + np.tanh(0.5 * self.beta * gain)))


def _other(own: Ints, coin: Floats, agents: int, graph: Graph | None) -> Ints:
    if graph is not None:
        return graph.neighbour(own, coin)
    drawn = (coin * (agents - 1)).astype(np.intp)
    return drawn + (drawn >= own)


SELECTIONS: Mapping[str, type[Selection]] = {
    "truncation": Truncation,
    "random": Random,
    "proportional": Proportional,
    "rank": Rank,
    "moran": Moran,
    "fermi": Fermi,
}


def selection(given: Any, where: str = WHERE) -> Selection:
    """The rule that a file or a flag describes: ``{rule: truncation, keep: 0.5}`` or ``moran:births=10``."""
    return choose(SELECTIONS, given, "rule", "selection rule", where)
