"""Habits that try the other out and then settle on what it seems to be."""

from __future__ import annotations

from typing import Any

import numpy as np

from dilemmas.rules.game import Floats
from dilemmas.strategies.counters import C, D, Defects, Past, habit
from dilemmas.strategies.rule import Parameter


@habit(
    "adaptive",
    source="Li, Hingston & Kendall 2011",
    memory={"with_c": 0.0, "with_d": 0.0},
    cooperate=Parameter(6, 0, 1e6, "cooperations to begin with"),
    defect=Parameter(5, 0, 1e6, "defections after them"),
)
def adaptive(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Try both moves, then play the one that has earned more in all."""
    paid = past.paid()
    m.with_c, m.with_d = m.with_c + np.where(past.mine == C, paid, 0), m.with_d + np.where(past.mine == D, paid, 0)
    trial = past.round <= p.cooperate + p.defect
    return np.where(trial, past.round > p.cooperate, m.with_c <= m.with_d)


_OPENING = np.array([move == "D" for move in "CCDCDDDCCDCDCCDCDDCD"])


@habit("prober-4", source="Delahaye & Mathieu 1998 (PRISON)", memory={"just": 0, "unjust": 0, "war": False})
def prober4(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Twenty set moves; defection for good if the other's answers to both moves were about alike, else peace."""
    trial = past.played < len(_OPENING)
    m.just = m.just + (trial & past.hit & (past.mine == D))
    m.unjust = m.unjust + (trial & past.hit & (past.mine == C))
    m.war = np.where(past.played == len(_OPENING), np.abs(m.just - m.unjust) <= 2, m.war)
    after = m.war | (past.hit & (past.played >= len(_OPENING) + 5))
    return np.where(trial, _OPENING[np.minimum(past.played, len(_OPENING) - 1)], after)


_FRIEND, _FOE, _STFT, _PAVLOV, _CHANCE = 1, 2, 3, 4, 5


def _six(past: Past, m: Any) -> None:
    """The other's last six moves as binary digits, the latest lowest."""
    m.six = np.where(past.played > 0, (m.six << 1 | past.hit) & 63, 0)


@habit("adaptive-pavlov-2006", source="Li 2007", memory={"six": 0, "kind": 0})
def apavlov2006(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Tit-for-tat for six rounds, then by what the other's last six moves look like, judged anew every six."""
    _six(past, m)
    late, turn = past.played >= 6, past.played % 6
    looks = np.select(
        [m.six == 0, m.six == 0b111111, m.six == 0b101010, m.six == 0b110110], [_FRIEND, _FOE, _STFT, _PAVLOV], 0
    )
    looks = np.where((looks == 0) & (m.kind == 0), _CHANCE, looks)
    m.kind = np.where(late & (turn == 0) & (looks > 0), looks, m.kind)
    stft, pavlov = past.hit & (turn > 1), turn == 0
    return np.where(late, np.choose(m.kind, [past.hit, past.hit, True, stft, pavlov, True]), past.hit)


@habit("adaptive-pavlov-2011", source="Li, Hingston & Kendall 2011", memory={"six": 0, "kind": 0})
def apavlov2011(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Tit-for-tat for six rounds, then by how often the other defected in the last six, judged anew every six."""
    _six(past, m)
    late = past.played >= 6
    count = _ONES[m.six]
    looks = np.select([m.six == 0, count >= 4, count == 3], [_FRIEND, _FOE, _STFT], 0)
    looks = np.where((looks == 0) & (m.kind == 0), _CHANCE, looks)
    m.kind = np.where(late & (past.played % 6 == 0) & (looks > 0), looks, m.kind)
    twice = (m.six & 3) == 3
    return np.where(late, np.choose(m.kind, [past.hit, past.hit, True, twice, True, True]), past.hit)


_ONES = np.array([bin(code).count("1") for code in range(64)])


@habit(
    "revised-downing",
    source="Axelrod 1980b (Downing)",
    memory={"before": -1, "nice": 0, "own": 0, "after_c": 0, "after_d": 0},
)
def downing(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Do what would pay best, cooperating, alternating or defecting, if the other's answers go on as they were.

    The weights are those of the payoffs 5, 3, 1 and 0, as in the entry.
    """
    m.nice, m.own = m.nice + (m.before == C), m.own + (m.before == D)
    m.after_c, m.after_d = m.after_c + ((m.before == C) & past.helped), m.after_d + ((m.before == D) & past.helped)
    m.before = past.mine
    good = np.where(m.nice > 0, m.after_c / np.maximum(m.nice, 1), 1.0)
    bad = m.after_d / np.maximum(m.own, 1)
    peace, turns = 6.0 * good - 8.0 * bad - 2, 4.0 * good - 5.0 * bad - 1
    change = ((peace >= 0) & (peace < turns)) | ((peace < 0) & (turns >= 0))
    best = np.where(change, past.mine == C, peace < 0)
    return (past.played > 0) & best


@habit("gladstein", source="Axelrod 1980b (Gladstein)", memory={"war": False, "nice": 0})
def gladstein(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Defect first; apologise to one who answers and play tit-for-tat, and defect on the rest half of the time."""
    m.nice = m.nice + (past.mine == C)
    greedy = ~m.war & ~past.hit & (2 * m.nice > past.played)
    copying = m.war & past.hit
    m.war = m.war | past.hit
    return (past.played == 0) | greedy | copying


@habit(
    "remorseful-prober",
    source="Li, Hingston & Kendall 2011, after Dawkins 1989",
    memory={"probing": False},
    uniforms=1,
    p=Parameter(0.1, meaning="chance of a probe"),
)
def remorseful(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Tit-for-tat that sometimes defects unprovoked, and takes the answer to that without another."""
    sorry = past.hit & m.probing
    probe = past.helped & (coin[:, 0] >= 1 - p.p)
    m.probing = np.where(past.helped, probe, m.probing & ~sorry)
    return probe | (past.hit & ~sorry)
