"""Habits that tally what the other has done so far: majorities, shares, averages."""

from __future__ import annotations

from typing import Any

import numpy as np

from dilemmas.rules.game import Floats
from dilemmas.strategies.counters import C, D, Defects, Past, habit, ring, window
from dilemmas.strategies.rule import Memory, Parameter


def _majority(rows: int, p: Any) -> Memory:
    width = max(1, int(p.window.max(initial=0)))
    return {
        "ring": np.zeros((rows, width), np.int8),
        "total": np.zeros(rows, np.int64),
        "defections": np.zeros(rows, np.int64),
    }


@habit(
    "go-by-majority",
    source="Axelrod 1980b, 1984 (Grisell)",
    memory=_majority,
    window=Parameter(0, 0, 1000, "how many rounds are remembered; 0 for all"),
    soft=Parameter(1, 0, 1, "what a draw means: 1 cooperate, 0 defect"),
)
def majority(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Defect where the other defected more often than it cooperated."""
    width = p.window.astype(np.int64)
    window(m, np.maximum(width, 1), past, past.hit)
    m.defections = m.defections + past.hit
    known = np.where(width > 0, np.minimum(past.played, width), past.played)
    twice = 2 * np.where(width > 0, m.total, m.defections)
    return (twice > known) | ((twice == known) & (p.soft == 0))


@habit(
    "forgiver",
    source="Knight et al. 2016 (Campbell)",
    memory={"defections": 0},
    one_in=Parameter(10, 1, 1e6, "forgives one defection in so many rounds"),
)
def forgiver(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Defect where the other has defected more than once in ``one_in`` rounds."""
    m.defections = m.defections + past.hit
    return m.defections * p.one_in > past.played


@habit(
    "forgiving-tit-for-tat",
    source="Knight et al. 2016 (Campbell)",
    memory={"defections": 0},
    one_in=Parameter(10, 1, 1e6, "forgives one defection in so many rounds"),
)
def forgiving(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Answer a defection with one where the other has defected more than once in ``one_in`` rounds."""
    m.defections = m.defections + past.hit
    return (m.defections * p.one_in > past.played) & past.hit


@habit(
    "level-punisher",
    source="Arnold 2015",
    memory={"defections": 0},
    patience=Parameter(10, 0, 1e6, "rounds of cooperation first"),
)
def level(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """After some rounds, defect while more than a fifth of the other's moves are defections."""
    m.defections = m.defections + past.hit
    return (past.played >= p.patience) & (5 * m.defections > past.played)


@habit("doubler", source="Delahaye & Mathieu 1998 (PRISON)", memory={"defections": 0})
def doubler(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Answer a defection with one unless the other has cooperated more than twice as often as it defected."""
    m.defections = m.defections + past.hit
    return past.hit & (past.played - m.defections <= 2 * m.defections)


@habit(
    "dynamic-two-tits-for-tat",
    source="Knight et al. 2016 (Garrett-Grossman)",
    memory={"defections": 0, "before": False},
    uniforms=1,
)
def dynamic(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """After a defection in the last two rounds, cooperate as often as the other has so far."""
    m.defections = m.defections + past.hit
    provoked, m.before = past.hit | m.before, past.hit
    return provoked & (coin[:, 0] >= _share(past, m))


def _share(past: Past, m: Any) -> Floats:
    """The share of cooperation among the other's moves; one half before there are any."""
    return np.where(past.played > 0, (past.played - m.defections) / np.maximum(past.played, 1), 0.5)


@habit(
    "average-copier",
    source="Knight et al. 2016 (Palmer)",
    memory={"defections": 0},
    uniforms=1,
    first=Parameter(0.5, meaning="chance of cooperating first"),
)
def copier(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Cooperate as often as the other has so far."""
    m.defections = m.defections + past.hit
    return coin[:, 0] >= np.where(past.played > 0, _share(past, m), p.first)


@habit("eatherley", source="Axelrod 1980b (Eatherley)", memory={"defections": 0}, uniforms=1)
def eatherley(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Answer a defection with one as often as the other has defected so far."""
    m.defections = m.defections + past.hit
    return past.hit & (coin[:, 0] >= _share(past, m))


@habit("champion", source="Axelrod 1980b (Champion)", memory={"defections": 0}, uniforms=1)
def champion(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Cooperate ten rounds, copy fifteen, then defect only on one who defected now, often, and unluckily."""
    m.defections = m.defections + past.hit
    share = 1 - _share(past, m)
    return past.hit & (past.played >= 10) & ((past.played < 25) | (share >= np.maximum(0.4, coin[:, 0])))


@habit("worse-and-worse-3", source="Delahaye & Mathieu 1998 (PRISON)", memory={"defections": 0}, uniforms=1)
def worse3(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Defect as often as the other has so far; cooperate first."""
    m.defections = m.defections + past.hit
    return (past.played > 0) & (coin[:, 0] >= _share(past, m))


@habit("short-mem", source="Andre et al. 2013", memory=ring(10))
def short(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """After ten rounds, do what was clearly (by three) more frequent in the last ten, else copy the last move."""
    window(m, np.array(10), past, past.hit)
    lead = 10 - 2 * m.total  # cooperations less defections
    return (past.played > 10) & ((lead <= -3) | ((lead < 3) & past.hit))


@habit(
    "adaptive-tit-for-tat",
    source="Tzafestas 2000",
    memory={"world": np.nan},
    rate=Parameter(0.5, meaning="how fast the image of the other changes"),
)
def image(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Cooperate while a running image of the other, from 0 to 1 and begun at ``rate``, is at least one half."""
    before = np.where(past.played > 0, m.world, p.rate)
    seen = np.where(past.hit, before - p.rate * before, before + p.rate * (1 - before))
    m.world = np.where(past.played > 0, seen, before)
    return (past.played > 0) & (m.world < 0.5)


@habit(
    "grumpy",
    source="Knight et al. 2016 (Young)",
    memory={"grumpiness": 0, "cross": False},
    grumpy=Parameter(10, -1e6, 1e6, "defections less cooperations beyond which it turns to defection"),
    nice=Parameter(-10, -1e6, 1e6, "below which it turns back"),
)
def grumpy(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Turn cross and nice again at two thresholds of the other's defections less its cooperations."""
    m.grumpiness = m.grumpiness + past.hit - past.helped
    m.cross = np.where(m.cross, m.grumpiness >= p.nice, m.grumpiness > p.grumpy)
    return m.cross


@habit("inverse", source="Knight et al. 2016 (Langner)", memory={"since": 0}, uniforms=1)
def inverse(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Defect with chance one over the number of rounds since the other last defected."""
    m.since = np.where(past.hit, 1, np.where(m.since > 0, m.since + 1, 0))
    return (m.since > 0) & (coin[:, 0] >= 1 - 1 / np.maximum(m.since, 1))


@habit(
    "forgetful-fool-me-once",
    source="Knight et al. 2016 (Harper)",
    memory={"count": 0},
    uniforms=1,
    forget=Parameter(0.05, meaning="chance of forgetting, each round"),
)
def forgetful(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Forgive one defection, not two, unless the count was forgotten meanwhile."""
    m.count = np.where((coin[:, 0] < p.forget) & (past.played > 0), 0, m.count + past.hit)
    return m.count > 1


@habit(
    "co-to-de-ratio",
    source="Knight et al. 2016 (Standen)",
    memory={"defections": 0, "own": 0},
    ratio=Parameter((1 + 5**0.5) / 2, 0, 1e6, "cooperations to defections aimed at"),
)
def ratio(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Steer the ratio of all cooperations to all defections towards a constant."""
    m.defections, m.own = m.defections + past.hit, m.own + (past.mine == D)
    bad = m.defections + m.own
    good = 2 * past.played - bad
    return (past.played > 0) & ((m.defections == 0) | (good / np.maximum(bad, 1) > p.ratio))


@habit("random-hunter", source="Knight et al. 2016 (Langner)", memory={"before": -1, "cc": 0, "dd": 0, "own": 0})
def hunter(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Defect on one whose answers to both moves look like the toss of a coin."""
    m.cc = m.cc + ((m.before == C) & past.helped)
    m.dd = m.dd + ((m.before == D) & past.hit)
    m.own, m.before = m.own + (past.mine == D), past.mine
    nice = past.played - m.own
    odd_c = np.abs(m.cc / np.maximum(nice, 1) - 0.5) >= 0.25
    odd_d = np.abs(m.dd / np.maximum(m.own, 1) - 0.5) >= 0.25
    judged = (nice > 5) | (m.own > 5)
    return (past.played > 10) & judged & ~((nice > 5) & odd_c) & ~((m.own > 5) & odd_d)
