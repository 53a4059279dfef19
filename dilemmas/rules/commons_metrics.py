"""What became of a commons: the six measures of Piatti et al. (2024), over arrays, for play and for imported logs.

Where the paper's text, its code and its tables disagree, the plain names hold the consistent reading and ``legacy``
names the others:

* survival time is the rounds played, the round of a collapse included; ``legacy_survival_time`` is the text's
  formula, rounds whose end found the stock above the collapse level;
* survived means all rounds played and the stock at the collapse level or above at the end; a collapse in the last
  round is none, and a log that breaks off says nothing;
* over-usage compares what a seat collected with its own share, over harvests; ``legacy_over_usage_group`` is the text's
  formula, which compares with the threshold of the whole group, ``legacy_over_usage_rows`` counts utterances in the
  denominator, as the paper's tables with talk do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dilemmas.rules.game import Array, Bools, Floats, Ints

_SLACK = 1e-12  # relative: rounding of products and sums must not cost a whole unit


def threshold(stock: Floats, capacity: float, growth: float, *, integer: bool = True) -> Floats:
    """The most that can be taken together while the stock comes back: max x with min(K, g (h - x)) >= h.

    The same shape as ``stock``, in its units, whole where ``integer``; 0 where the stock cannot be held at all
    (Piatti et al. 2024, sustainability threshold, for any growth).
    """
    stock = np.asarray(stock, np.float64)
    room = np.maximum(stock - stock / growth, 0.0)
    room = np.where(stock > capacity * (1 + _SLACK), 0.0, room)
    return np.floor(room + _SLACK * stock) if integer else room


def share(threshold: Floats, seats: Ints | int, *, integer: bool = True) -> Floats:
    """One seat's part of the threshold, rounded down to whole units where ``integer``."""
    each = np.asarray(threshold, np.float64) / seats
    return np.floor(each) if integer else each


def exceeds(collected: Floats, limit: Floats) -> Bools:
    """Whether more than the limit was collected, rounding of real amounts set aside."""
    return np.asarray(collected > limit * (1 + 1e-9) + _SLACK)


@dataclass(frozen=True)
class Trace:
    """What happened in episodes, rounds along the second axis.

    ``collected`` and ``asked`` (who harvested) are ``(episodes, rounds, seats)``; ``stock_before``, ``stock_after``
    (before growth), ``threshold`` and ``share`` are ``(episodes, rounds)``; ``scheduled`` rounds, ``best`` (the
    threshold of the first round) and ``collapse_below`` are ``(episodes,)`` or numbers. Rounds that were not played
    are asked of nobody.
    """

    collected: Floats
    asked: Bools
    stock_before: Floats
    stock_after: Floats
    threshold: Floats
    share: Floats
    scheduled: Ints
    best: Floats
    collapse_below: float

    @classmethod
    def of(
        cls,
        collected: Floats,
        stock_before: Floats,
        *,
        asked: Bools | None = None,
        stock_after: Floats | None = None,
        scheduled: Ints | int = 12,
        capacity: float = 100.0,
        growth: float = 2.0,
        collapse_below: float = 5.0,
        integer: bool = True,
        sharers: Ints | int | None = None,
    ) -> Trace:
        """A trace from amounts alone: everybody asked, thresholds by the law, shares over the seats present."""
        collected = np.asarray(collected, np.float64)
        asked = np.ones(collected.shape, bool) if asked is None else asked
        limit = threshold(stock_before, capacity, growth, integer=integer)
        count = np.maximum(asked.sum(axis=2), 1) if sharers is None else sharers
        return cls(
            collected=np.where(asked, collected, 0.0),
            asked=asked,
            stock_before=np.asarray(stock_before, np.float64),
            stock_after=stock_before - collected.sum(axis=2) if stock_after is None else stock_after,
            threshold=limit,
            share=share(limit, count, integer=integer),
            scheduled=np.broadcast_to(scheduled, len(collected)),
            best=limit[:, 0] if limit.shape[1] else np.zeros(len(limit)),
            collapse_below=collapse_below,
        )

    @property
    def played(self) -> Bools:
        """Which rounds were played, ``(episodes, rounds)``."""
        return np.asarray(self.asked.any(axis=2))

    @property
    def rounds(self) -> NDArray[np.int64]:
        """How many rounds were played, ``(episodes,)``."""
        return np.asarray(self.played.sum(axis=1))

    def since(self, first: int) -> Trace:
        """The rounds from ``first`` (from 1) on, as the paper counts after a newcomer; ``best`` stays the start's."""
        cut = slice(first - 1, None)
        parts = {
            name: getattr(self, name)[:, cut]
            for name in ("collected", "asked", "stock_before", "stock_after", "threshold", "share")
        }
        return replace(self, **parts, scheduled=self.scheduled - (first - 1))


def collapsed(trace: Trace) -> Bools:
    """Whether a played round left less than the collapse level, ``(episodes,)``."""
    return np.asarray((trace.played & (trace.stock_after < trace.collapse_below)).any(axis=1))


def finished(trace: Trace) -> Bools:
    """Whether an episode came to its end, by collapse or by schedule; a log that broke off did not."""
    return collapsed(trace) | (trace.rounds >= trace.scheduled)


def survived(trace: Trace) -> Floats:
    """1 where all scheduled rounds were played without collapse, 0 where it collapsed, NaN where it broke off."""
    return np.where(finished(trace), (~collapsed(trace)).astype(np.float64), np.nan)


def survival_time(trace: Trace) -> Floats:
    """Rounds played, the round of a collapse included (Piatti et al. 2024, as their code counts); NaN if broken off."""
    return np.where(finished(trace), trace.rounds.astype(np.float64), np.nan)


def legacy_survival_time(trace: Trace) -> Floats:
    """Leading rounds whose end found the stock strictly above the collapse level (the paper's text)."""
    alive = trace.played & (trace.stock_after > trace.collapse_below)
    return np.where(finished(trace), np.cumprod(alive, axis=1).sum(axis=1).astype(np.float64), np.nan)


def gain(trace: Trace) -> Floats:
    """Units collected, ``(episodes, seats)`` (the paper's R_i; its tables give the mean over seats)."""
    return np.asarray(trace.collected.sum(axis=1))


def efficiency(trace: Trace) -> Floats:
    """1 - max(0, T f(0) - sum R) / (T f(0)) over the scheduled rounds T; NaN where nothing can be sustained."""
    ideal = trace.scheduled * trace.best
    short = np.maximum(ideal - gain(trace).sum(axis=1), 0.0)
    return 1 - _ratio(short, ideal)


def equality(trace: Trace) -> Floats:
    """1 - sum_ij |R_i - R_j| / (2 I sum R) over the seats that ever harvested; NaN where nobody gained."""
    # Sorted, the r-th of m seats counts (2 r - m - 1) times in half the sum; seats that never came go first, with 0.
    total = np.sort(gain(trace), axis=1)
    count = trace.asked.any(axis=1).sum(axis=1)[:, None]
    rank = np.arange(1, total.shape[1] + 1) - (total.shape[1] - count)
    gaps = 2 * ((2 * rank - count - 1) * total).sum(axis=1)
    return 1 - _ratio(gaps, 2 * count[:, 0] * total.sum(axis=1))


def overused(trace: Trace) -> Bools:
    """Which harvests went above the seat's share, ``(episodes, rounds, seats)``."""
    return trace.asked & exceeds(trace.collected, trace.share[:, :, None])


def over_usage(trace: Trace) -> Floats:
    """Share of harvests above the seat's own share (the reading that the paper's numbers fit)."""
    return _ratio(overused(trace).sum(axis=(1, 2)), trace.asked.sum(axis=(1, 2)))


def legacy_over_usage_group(trace: Trace) -> Floats:
    """Share of harvests by one seat above the threshold of the whole group (the paper's text)."""
    over = trace.asked & exceeds(trace.collected, trace.threshold[:, :, None])
    return _ratio(over.sum(axis=(1, 2)), trace.asked.sum(axis=(1, 2)))


def legacy_over_usage_rows(trace: Trace, utterances: Ints | int) -> Floats:
    """Harvests above the share over harvests and utterances of the players (the paper's tables with talk)."""
    return _ratio(overused(trace).sum(axis=(1, 2)), trace.asked.sum(axis=(1, 2)) + utterances)


def metrics(trace: Trace) -> dict[str, Array]:
    """The six measures by the names of the episodes table; ``gain`` a seat, the others an episode."""
    return {
        "survived": survived(trace),
        "survival_time": survival_time(trace),
        "gain": gain(trace),
        "efficiency": efficiency(trace),
        "equality": equality(trace),
        "over_usage": over_usage(trace),
    }


def since(trace: Trace, round_: int) -> dict[str, Array]:
    """Four measures of the rounds from one on alone, as the paper has them for a newcomer; efficiency by the threshold
    of the first round of all, over the rounds that were scheduled from then on. NaN where none of them was played.
    """
    first = round_ - 1
    parts = ("collected", "asked", "stock_before", "stock_after", "threshold", "share")
    later = replace(trace, **{name: getattr(trace, name)[:, first:] for name in parts})
    later = replace(later, scheduled=np.maximum(np.asarray(trace.scheduled) - first, 0))
    known = {"gain": gain, "efficiency": efficiency, "equality": equality, "over_usage": over_usage}
    none = later.rounds == 0
    found = {name: measured(later) for name, measured in known.items()}
    return {
        f"{name}_since_shock": np.where(none[:, None] if each.ndim > 1 else none, np.nan, each)
        for name, each in found.items()
    }


def _ratio(part: Array, whole: Array) -> Floats:
    """A quotient that is NaN where there is nothing to divide by."""
    part, whole = np.asarray(part, np.float64), np.asarray(whole, np.float64)
    empty = np.full(whole.shape, np.nan)
    return np.asarray(np.divide(part, whole, out=empty, where=whole > 0))
