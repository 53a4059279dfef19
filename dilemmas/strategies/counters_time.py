"""Habits that go by the clock: moods that drift, fixed sequences, last rounds."""

from __future__ import annotations

from typing import Any

import numpy as np

from dilemmas.rules.game import Floats
from dilemmas.strategies.counters import Defects, Past, habit
from dilemmas.strategies.rule import Parameter


@habit(
    "worse-and-worse",
    source="Delahaye & Mathieu 1998 (PRISON)",
    uniforms=1,
    rounds=Parameter(1000, 1, 1e9, "after which it always defects"),
)
def worse(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Defect with a chance that grows with the round."""
    return coin[:, 0] >= 1 - past.round / p.rounds


@habit(
    "worse-and-worse-2",
    source="Delahaye & Mathieu 1998 (PRISON)",
    uniforms=1,
    peace=Parameter(20, 1, 1e9, "rounds of tit-for-tat"),
)
def worse2(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Tit-for-tat at first, then cooperate with a chance that falls as ``peace`` / round."""
    return np.where(past.round <= p.peace, past.hit, coin[:, 0] >= p.peace / past.round)


@habit(
    "better-and-better",
    source="Delahaye & Mathieu 1998 (PRISON)",
    uniforms=1,
    rounds=Parameter(1000, 1, 1e9, "after which it always cooperates"),
)
def better(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Cooperate with a chance that grows with the round."""
    return coin[:, 0] >= past.round / p.rounds


@habit("knowledgeable-worse-and-worse", source="Knight et al. 2016 (Pohl)", uniforms=1)
def knowing(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Defect with a chance that grows to one in the last round; always cooperate where the length is not told."""
    rounds = past.view.rounds
    return (rounds > 0) & (coin[:, 0] >= 1 - past.round / np.maximum(rounds, 1))


@habit("self-steem", source="Andre et al. 2013", uniforms=1)
def steem(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """A mood that swings in ten rounds: defect at its height, cooperate at its depth, toss a coin in between."""
    step = past.played % 10
    # sin(2 pi step / 10) is over 0.95 at 2 and 3 (0.951), under -0.95 at 7 and 8, and 0 at 0 and 5.
    random, copying = (step == 0) | (step == 5), (step % 5 == 1) | (step % 5 == 4)
    high = (step == 2) | (step == 3)
    return high | (random & (coin[:, 0] >= 0.5)) | (copying & past.hit)


@habit("backstabber", source="Knight et al. 2016 (Campbell)", memory={"defections": 0})
def backstabber(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Forgive three defections, and defect in the last two rounds where the length is told."""
    m.defections = m.defections + past.hit
    return past.ending(2) | (m.defections > 3)


@habit(
    "double-crosser", source="Knight et al. 2016 (Campbell)", memory={"defections": 0, "early": False, "before": False}
)
def crosser(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """A backstabber who, in rounds 8 to 180 and with one who did not begin it, only answers two defections in a row."""
    m.defections = m.defections + past.hit
    m.early = m.early | (past.hit & (past.played <= 7))
    twice, m.before = past.hit & m.before, past.hit
    lenient = (past.round >= 8) & (past.round <= 180) & ~m.early
    return past.ending(2) | np.where(lenient, twice, m.defections > 3)


@habit("alexei", source="LessWrong 2011")
def alexei(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Tit-for-tat that defects in the last round where the length is told."""
    return past.ending(1) | past.hit


@habit("eugine-nier", source="LessWrong 2011", memory={"defections": 0})
def eugine(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Tit-for-tat until the fifth defection, then defection; also defection in a last round that is told."""
    m.defections = m.defections + past.hit
    return past.ending(1) | past.hit | (m.defections >= 5)


@habit("michaelos", source="LessWrong 2011", memory={"lost": False}, uniforms=1)
def michaelos(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Tit-for-tat that, after exploiting a cooperator, makes peace or war for good, each as likely."""
    m.lost = m.lost | ((past.mine == 1) & past.helped & (coin[:, 0] >= 0.5))
    return past.ending(1) | past.hit | m.lost


@habit("anti-cycler", source="Knight et al. 2016 (Harper)", memory={"length": 1, "count": 0})
def anticycler(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """A sequence without cycles: CDD CD CCD CCCD CCCCD and so on."""
    opening = past.round <= 3
    defect = ~opening & (m.count >= m.length)
    m.length = m.length + defect
    m.count = np.where(opening | defect, 0, m.count + 1)
    return np.where(opening, past.round > 1, defect)


@habit(
    "thue-morse",
    source="Thue 1906, Morse 1921; as a player Knight et al. 2016 (Palmer)",
    inverted=Parameter(0, 0, 1, "1 to swap the two moves"),
)
def thue(past: Past, p: Any, m: Any, coin: Floats) -> Defects:
    """Cooperate where the number of ones in the binary digits of the rounds behind is odd."""
    bits = past.played.astype(np.int64)
    for shift in (32, 16, 8, 4, 2, 1):
        bits = bits ^ (bits >> shift)
    return ((bits & 1) == 0) ^ (p.inverted > 0)
