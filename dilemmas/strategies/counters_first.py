"""Entries of Axelrod's first tournament that count, from the descriptions in Axelrod (1980a).

The originals were never printed. Where a description leaves something open, these follow the reading of
Axelrod-Python (Knight et al. 2016), and say so; machines and memory-one tables of the same tournament stand on the
shelf beside them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dilemmas.rules.game import Floats, Ints
from dilemmas.strategies.counters import C, D, Defects, Past, habit, ring, symmetric, window
from dilemmas.strategies.rule import Parameter

CHI2 = 3.841458820694124  # upper 5 % point of the chi-squared distribution with one degree of freedom
_CRITICAL = Parameter(CHI2, 0, 1e6, "chi-squared up to which a player looks random")


def _random(past: Past, defections: Ints, critical: Floats) -> Defects:
    """Whether the other's moves look like tosses of a coin: chi-squared of cooperations against defections."""
    excess = past.played - 2 * defections
    return excess * excess <= critical * past.played


@habit(
    "davis",
    source="Axelrod 1980a (Davis)",
    memory={"defections": 0},
    peace=Parameter(10, 0, 1e6, "rounds of cooperation first"),
)
def davis(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Cooperate at first, then defect for good if the other has ever defected."""
    m.defections = m.defections + past.hit
    return (past.played >= p.peace) & (m.defections > 0)


@habit(
    "downing",
    source="Axelrod 1980a (Downing), after Downing 1975",
    memory={"before": -1, "nice": 0, "own": 0, "after_c": 0, "after_d": 0},
)
def downing(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Defect twice, then do for good what pays best if the other's answers to either move go on as they were.

    The other's first move counts as an answer to a cooperation before play; equal prospects: change the move.
    """
    m.nice, m.own = m.nice + (past.mine == C), m.own + (past.mine == D)
    m.after_c = m.after_c + (past.helped & ((m.before == C) | (past.round == 2)))
    m.after_d = m.after_d + (past.helped & (m.before == D))
    m.before = past.mine
    alpha, beta = m.after_c / (m.nice + 1), m.after_d / np.maximum(m.own, 2)
    reward, sucker, temptation, punishment = past.stakes()
    nice = alpha * reward + (1 - alpha) * sucker
    mean = beta * temptation + (1 - beta) * punishment
    return np.where((past.round <= 2) | (nice < mean), True, np.where(nice > mean, False, past.mine == C))


@habit(
    "feld",
    source="Axelrod 1980a (Feld)",
    uniforms=1,
    start=Parameter(1.0, meaning="chance of answering cooperation at first"),
    end=Parameter(0.5, meaning="and at last"),
    rounds=Parameter(200, 1, 1e9, "over which it falls, in a straight line"),
)
def feld(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Tit-for-tat that answers cooperation less and less often."""
    chance = np.maximum(p.start + (p.end - p.start) / p.rounds * past.played, p.end)
    return past.hit | ((past.played > 0) & (coin[:, 0] >= chance))


@habit("tullock", source="Axelrod 1980a (Tullock)", memory=ring(10), uniforms=1)
def tullock(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Cooperate for eleven rounds, then a tenth less often than the other did in the last ten."""
    window(m, np.array(10), past, past.helped)
    return (past.played > 10) & (coin[:, 0] >= np.maximum(m.total / 10 - 0.1, 0))


@habit("nydegger", source="Axelrod 1980a (Nydegger)", memory={"sum": 0, "first": -1})
def nydegger(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Tit-for-tat for three rounds, then by a list over the last three outcomes, the latest weighted most."""
    m.sum = np.where(past.played > 0, 16 * (2 * past.hit + (past.mine == D)) + (m.sum >> 2), 0)
    m.first = np.where(past.round == 2, past.theirs, m.first)
    # Alone in cooperating first and alone in defecting second: tit-for-tat makes the second half follow.
    third = past.hit | ((past.round == 3) & (m.first == D))
    return np.where(past.round <= 3, third, _NYDEGGER[m.sum])


_NYDEGGER = np.isin(np.arange(64), [1, 6, 7, 17, 22, 23, 26, 29, 30, 31, 33, 38, 39, 45, 49, 54, 55, 58, 61])


@habit(
    "stein-and-rapoport",
    source="Axelrod 1980a (Stein & Rapoport)",
    memory={"defections": 0, "random": False},
    critical=_CRITICAL,
)
def stein(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Tit-for-tat after four cooperations; defects on a player who looks random, which is judged every fifteen rounds.

    Defects in the last two rounds where the length is told.
    """
    m.defections = m.defections + past.hit
    m.random = np.where(past.round % 15 == 0, _random(past, m.defections, p.critical), m.random)
    return past.ending(2) | ((past.round > 4) & (past.hit | m.random))


_GRAASKAMP = {"defections": 0, "before": -1, "copies": True, "same": True, "random": False, "due": -1}


@habit("graaskamp", source="Axelrod 1980a (Graaskamp)", memory=_GRAASKAMP, uniforms=1, critical=_CRITICAL)
def graaskamp(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Tit-for-tat with a defection in round 51; from round 57 on, defects for good on a player who looks random,
    goes on with a copier or a twin, and else defects every five to fourteen rounds.

    The interval is Axelrod-Python's; the description says five to fifteen.
    """
    m.defections = m.defections + past.hit
    m.copies = m.copies & ((past.round <= 2) | (past.theirs == m.before))
    m.same, m.before = m.same & (past.theirs == past.mine), past.mine
    late = past.played >= 56
    m.random = m.random | (late & _random(past, m.defections, p.critical))
    friend = m.copies | m.same
    probing = late & ~m.random & ~friend
    wait = past.played + 5 + np.minimum((coin[:, 0] * 10).astype(np.int64), 9)
    now = probing & (m.due == past.played)
    m.due = np.where(probing & ((m.due < 0) | now), wait, m.due)
    return np.where(late, m.random | now | (friend & past.hit), past.hit | (past.played == 50))


_TIDEMAN = {"defections": 0, "length": 0, "left": 0, "lead": 0.0, "since": 0, "fresh": False}


def _ahead(past: Past) -> Floats:
    """Own payoff of the last round less the other's, in a game whose seats are alike."""
    _, sucker, temptation, _ = past.stakes()
    gap = temptation - sucker
    return np.where(past.mine == past.theirs, 0.0, np.where(past.mine == D, gap, -gap))


def _pardon(past: Past, m: Any) -> Defects:
    """Whether the other deserves a fresh start."""
    rounds = past.view.rounds
    spaced = (m.since == 0) | (past.round - m.since >= 20)
    time = (rounds == 0) | (rounds - past.round >= 10)
    odd = np.abs(m.defections - past.played / 2) >= 1.5 * np.sqrt(past.played)
    return past.helped & ~m.fresh & spaced & time & (m.lead >= 10) & odd


@habit("tideman-and-chieruzzi", source="Axelrod 1980a (Tideman & Chieruzzi)", memory=_TIDEMAN, fits=symmetric)
def tideman(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """The k-th answer to defection is k defections long, until the other is given a fresh start.

    That is two cooperations and all forgotten, when the other is ten points behind, has just cooperated, had none in
    twenty rounds, ten rounds are left, and its defections are three standard deviations from chance. Defects in the
    last two rounds where the length is told.
    """
    m.defections, m.lead = m.defections + past.hit, m.lead + _ahead(past)
    pardon, second = _pardon(past, m), m.fresh
    m.since = np.where(pardon, past.round, m.since)
    calm = pardon | second
    busy = ~calm & (m.left > 0)
    begin = ~calm & ~busy & past.hit
    m.length = np.where(pardon, 0, m.length + begin)
    m.left = np.where(pardon, 0, np.where(begin, m.length - 1, m.left - busy))
    m.defections, m.fresh = np.where(pardon, 0, m.defections), pardon
    return past.ending(2) | busy | begin
