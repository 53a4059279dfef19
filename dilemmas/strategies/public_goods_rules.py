"""Laws of the public-goods game: what to contribute, and what points to give to whom.

Amounts are shares of the endowment in the parameters and units in the answers; games of whole units round to the
nearest. Who does not sanction answers 0 to every ask for points.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dilemmas.rules.game import Answers, Floats, View
from dilemmas.strategies.rule import Decide, Memory, Parameter, law

Share = Callable[[View, Any], Floats]
Points = Callable[[View, Any], Floats]
POINTS = Parameter(5.0, high=1e6, meaning="points for one target; cut to what the game allows")


def _amount(units: Floats, top: Floats | float, view: View) -> Answers:
    """Between nothing and the most, to the nearest unit (halves up) where amounts are whole."""
    if view.game.integer:  # type: ignore[attr-defined]  # a PublicGoods
        units, top = np.floor(units + 0.5), np.floor(top)
    return Answers(amount=np.clip(units, 0.0, top))


def _giving(share: Share) -> Decide:
    def decide(view: View, p: Any, memory: Memory, coin: Floats) -> tuple[Answers, Memory]:
        return _amount(share(view, p) * view.endowment, view.endowment, view), memory

    return decide


def _spending(punish: Points, reward: Points) -> Decide:
    def decide(view: View, p: Any, memory: Memory, coin: Floats) -> tuple[Answers, Memory]:
        points = np.where(view.stage == "punish", punish(view, p), reward(view, p))
        return _amount(points, view.most, view), memory

    return decide


def _none(view: View, p: Any) -> Floats:
    return np.zeros(len(view))


def contribution(
    name: str, source: str, *, punish: Points = _none, reward: Points = _none, **parameters: Any
) -> Callable[[Share], Share]:
    """Declare a law by the share of the endowment that it contributes, and by the points that it gives."""
    others = {"sanction": _spending(punish, reward)}

    def declare(share: Share) -> Share:
        law(name, "public-goods", source=source, asks=("contribute",), others=others, **parameters)(_giving(share))
        return share

    return declare


# -- points for a target ----------------------------------------------------------------------------------------------


def _shirked(view: View, p: Any) -> Floats:
    """Points for who contributed less than oneself."""
    return np.where(view.target_gave < view.gave, p.points, 0.0)


def _excelled(view: View, p: Any) -> Floats:
    """Points for who contributed as much as oneself, or more."""
    return np.where(view.target_gave >= view.gave, p.points, 0.0)


# -- what to contribute -----------------------------------------------------------------------------------------------


def _believed(view: View, first: Floats) -> Floats:
    """The others' last mean as a share of the endowment; ``first`` before there is one."""
    mean = view.mean / view.endowment
    return np.where(np.isnan(mean), first, mean)


@contribution(
    "contributor",
    "Isaac & Walker 1988, the group optimum",
    share=Parameter(1.0, meaning="part of the endowment contributed in every round"),
)
def contributor(view: View, p: Any) -> Floats:
    """The same part of the endowment in every round, all of it by default."""
    return np.array(p.share)


@contribution("free-rider", "Isaac & Walker 1988, the dominant strategy")
def free_rider(view: View, p: Any) -> Floats:
    """Nothing."""
    return np.zeros(len(view))


@contribution(
    "conditional",
    "Fischbacher, Gächter & Fehr 2001, conditional cooperators",
    first=Parameter(1.0, meaning="part of the endowment contributed in round 1"),
    slope=Parameter(1.0, high=1e6, meaning="units given for each unit the others gave on average; 1 matches them"),
)
def conditional(view: View, p: Any) -> Floats:
    """What the others gave on average in the last round, times ``slope``."""
    seen = ~np.isnan(view.mean)
    return np.where(seen, p.slope, 1.0) * _believed(view, p.first)


@contribution(
    "hump",
    "Fischbacher, Gächter & Fehr 2001, hump-shaped contributors",
    first=Parameter(0.5, meaning="what the others are taken to give before round 1, as part of the endowment"),
    peak=Parameter(0.5, low=0.01, meaning="others' mean at which it gives most, as part of the endowment"),
)
def hump(view: View, p: Any) -> Floats:
    """One for one with the others' mean up to ``peak``, then falling evenly to nothing where they give everything."""
    mean = _believed(view, p.first)
    falling = p.peak * (1 - mean) / np.maximum(1 - p.peak, 1e-12)
    return np.where(mean <= p.peak, mean, falling)


@contribution(
    "punishing-contributor",
    "Fehr & Gächter 2002; Boyd, Gintis, Bowles & Richerson 2003",
    punish=_shirked,
    share=Parameter(1.0, meaning="part of the endowment contributed in every round"),
    points=POINTS,
)
def punishing_contributor(view: View, p: Any) -> Floats:
    """Contributes, and punishes everybody who contributed less than itself."""
    return np.array(p.share)


@contribution(
    "antisocial-punisher",
    "Herrmann, Thöni & Gächter 2008",
    punish=_excelled,
    share=Parameter(0.0, meaning="part of the endowment contributed in every round"),
    points=POINTS,
)
def antisocial_punisher(view: View, p: Any) -> Floats:
    """Contributes nothing, and punishes everybody who contributed as much as itself or more."""
    return np.array(p.share)


@contribution(
    "rewarding-contributor",
    "Sefton, Shupp & Walker 2007",
    reward=_excelled,
    share=Parameter(1.0, meaning="part of the endowment contributed in every round"),
    points=POINTS,
)
def rewarding_contributor(view: View, p: Any) -> Floats:
    """Contributes, and rewards everybody who contributed as much as itself or more."""
    return np.array(p.share)
