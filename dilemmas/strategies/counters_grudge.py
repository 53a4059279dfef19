"""Habits that hold grudges of changing length, and make peace again."""

from __future__ import annotations

from typing import Any

import numpy as np

from dilemmas.rules.game import Floats, Ints
from dilemmas.strategies.counters import C, D, Defects, Past, habit
from dilemmas.strategies.rule import Parameter


@habit(
    "gradual",
    source="CRISTAL-SMAC 2018, after Beaufils, Delahaye & Mathieu 1997",
    memory={"defections": 0, "punish": 0, "calm": 0},
)
def gradual(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Answer a defection with as many as the other has made in all, then cooperate twice whatever happens."""
    m.defections = m.defections + past.hit
    punishing = m.punish > 0
    calming = ~punishing & (m.calm > 0)
    begin = past.hit & ~punishing & ~calming
    m.punish = np.where(begin, m.defections - 1, m.punish - punishing)
    m.calm = np.where(begin, 2, m.calm - calming)
    return punishing | begin


@habit(
    "original-gradual",
    source="Beaufils, Delahaye & Mathieu 1997",
    memory={"limit": 0, "done": 0, "punishing": False, "calming": False},
)
def original(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """The n-th offence that is not made during a punishment costs n defections, then two cooperations."""
    busy = m.punishing & ~m.calming
    more = busy & (m.done < m.limit)
    ended = busy & ~more
    begin = past.hit & ~busy & ~m.calming
    m.calming = ended
    m.punishing = more | begin
    m.limit = m.limit + begin
    m.done = np.where(ended, 0, m.done + more + begin)
    return more | begin


@habit("shubik", source="Axelrod 1980a (Shubik), after Shubik 1970", memory={"length": 0, "left": 0})
def shubik(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Answer the k-th defection that meets a cooperation with k defections."""
    busy = m.left > 0
    begin = ~busy & past.hit & (past.mine == C)
    m.length = m.length + begin
    m.left = np.where(begin, m.length - 1, m.left - busy)
    return busy | begin


@habit(
    "omega-tit-for-tat",
    source="Slany & Kienreich 2007",
    memory={"before": -1, "randomness": 0, "deadlock": 0},
    deadlock=Parameter(3, 1, 1e6, "turns of an endless exchange of blows before it is broken"),
    randomness=Parameter(8, 1, 1e6, "signs of chance or malice before it gives up"),
)
def omega(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Tit-for-tat that breaks endless exchanges of blows and gives up on players who look random."""
    early, moved = past.played < 2, m.before != past.theirs
    locked = ~early & (m.deadlock >= p.deadlock)
    free = ~early & ~locked
    signs = moved.astype(np.int64) + (past.mine != past.theirs) - ((m.before == C) & past.helped)
    m.randomness = m.randomness + np.where(free, signs, 0)
    wild = free & (m.randomness >= p.randomness)
    broken = np.where(m.deadlock == p.deadlock, m.deadlock + 1, 0)
    counted = np.where(moved, m.deadlock + 1, 0)
    m.deadlock = np.where(locked, broken, np.where(free & ~wild, counted, m.deadlock))
    m.before = past.theirs
    return wild | (past.hit & ~locked)


def _grudge(past: Past, m: Any, length: Ints) -> Defects:
    """Defect for ``length`` rounds after a defection, counted from the round after the first answer."""
    over = m.held >= m.length
    m.held = np.where(over, 0, m.held)
    m.grudged = m.grudged & ~over
    begin = ~m.grudged & past.hit
    defect = m.grudged | begin
    m.held = m.held + m.grudged
    m.length = np.where(begin, length, m.length)
    m.grudged = defect
    return defect


_GRUDGE = {"defections": 0, "length": 1, "held": 1, "grudged": False}


@habit(
    "proportional-punisher", source="Knight et al. 2016 (Palmer)", memory=_GRUDGE
)  # "punisher" is a law of the donor game
def punisher(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Punish for up to twenty rounds, in proportion to the share of defection so far."""
    m.defections = m.defections + past.hit
    return _grudge(past, m, m.defections * 20 // np.maximum(past.played, 1))


@habit("inverse-punisher", source="Knight et al. 2016 (Palmer)", memory=_GRUDGE)
def backwards(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Punish for one to twenty rounds, in proportion to the share of cooperation so far."""
    m.defections = m.defections + past.hit
    played = np.maximum(past.played, 1)
    return _grudge(past, m, np.maximum((past.played - m.defections) * 20 // played, 1))


@habit(
    "general-soft-grudger",
    source="Knight et al. 2016 (Taylor Smith), after Li, Hingston & Kendall 2011",
    memory={"run": 0, "step": 0},
    trigger=Parameter(1, 1, 1e6, "defections in a row that set it off"),
    punish=Parameter(4, 1, 1e6, "defections in answer"),
    penance=Parameter(2, 0, 1e6, "cooperations after them, whatever happens"),
)
def soft(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Answer a run of defections with a fixed punishment and a fixed penance."""
    m.run = np.where(past.hit, m.run + 1, 0)
    busy = m.step > 0
    begin = ~busy & (m.run >= p.trigger)
    defect = begin | (busy & (m.step < p.punish))
    last = p.punish + p.penance - 1
    m.step = np.where(busy & (m.step >= last), 0, np.where(busy | (begin & (last > 0)), m.step + 1, 0))
    return defect


def _exploited(past: Past, m: Any, threshold: Floats) -> Defects:
    """Whether the other has taken advantage clearly more often than it was taken advantage of."""
    m.lost = m.lost + ((past.mine == C) & past.hit)
    m.won = m.won + ((past.mine == D) & past.helped)
    return m.lost > m.won * threshold


_THRESHOLD = Parameter(0.1, meaning="share of own gains that the other's may reach")


@habit("retaliate", source="Knight et al. 2016 (Campbell)", memory={"lost": 0, "won": 0}, threshold=_THRESHOLD)
def retaliate(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Defect while the other has gained from a defection more often than a share of one's own such gains."""
    return _exploited(past, m, p.threshold)


@habit(
    "limited-retaliate",
    source="Knight et al. 2016 (Campbell)",
    memory={"lost": 0, "won": 0, "done": 0},
    threshold=_THRESHOLD,
    limit=Parameter(20, 0, 1e6, "retaliations in a row"),
)
def limited(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Retaliate, but cooperate once after ``limit`` retaliations in a row."""
    defect = _exploited(past, m, p.threshold) & (m.done < p.limit)
    m.done = np.where(defect, m.done + 1, 0)
    return defect


@habit("mem-2", source="Li & Kendall 2014", memory={"before": -1, "mine": -1, "left": 3, "given_up": 0, "style": 0})
def mem2(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Every other round, choose tit-for-tat, tit-for-two-tats or defection by the last two rounds."""
    m.left = m.left - 1
    due = (m.left == 0) & (m.given_up < 2)
    peace = (m.mine == C) & (m.before == C) & (past.mine == C) & past.helped
    first, last = m.mine * 2 + m.before, past.mine * 2 + past.theirs
    blows = ((first == D) & (last == 2 * D)) | ((first == 2 * D) & (last == D))
    m.style = np.where(due, np.where(peace, 0, np.where(blows, 1, 2)), m.style)
    m.given_up = m.given_up + (due & (m.style == 2))
    m.left = np.where(due, 2, m.left)
    twice = past.hit & (m.before == D)
    m.before, m.mine = past.theirs, past.mine
    return np.choose(m.style, [past.hit, twice, np.ones_like(twice)])
