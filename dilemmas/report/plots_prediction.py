"""How well players foresaw each other, round by round: the prediction tests of Akata et al. (2025), as a player."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dilemmas.report import metrics
from dilemmas.report.canvas import Drawing, Plot, quiet, record, whole_ticks
from dilemmas.report.data import Data, Floats, Part
from dilemmas.report.style import Style, distinct, look

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 8  # partners with a line of their own


def _predictions(axes: Axes, data: Data, style: Style) -> Drawing:
    partners, shares, units = _shares(data)
    columns: dict[str, list[Any]] = {}
    steps = np.arange(shares.shape[1]) + 1
    for i, name in enumerate(distinct(partners, style.letters)):
        axes.plot(steps, shares[i], label=f"against {name}", clip_on=False, **look(i))
        since = metrics.settled(shares[i][~np.isnan(shares[i])] == 1)
        record(columns, partner=partners[i], round=steps, right=shares[i], n=units[i], right_from=since)
    axes.set_xlabel("round")
    axes.set_ylabel("predictions that came true (share)")
    axes.set_ylim(-0.03, 1.03)
    axes.set_xlim(1, max(len(steps), 2))
    whole_ticks(axes)
    quiet(axes)
    said = "Share of predictions of the partner's move that came true, by round and partner, over all who predicted. "
    return Drawing(columns, f"{said}right_from, among the numbers: the round from which all came true.")


def _shares(data: Data) -> tuple[list[str], Floats, Floats]:
    """Partners, the most frequent first, then by share right and how many predictions, ``(partners, rounds)`` each."""
    part = data.part("moves")
    right, round_ = part.numbers("prediction_right"), part.numbers("round").astype(np.intp) - 1
    names = _partners(data, part)
    known = ~np.isnan(right) & (names != "")
    partners, which = np.unique(names[known], return_inverse=True)
    shape = (len(partners), int(round_[known].max(initial=0)) + 1)
    flat = which * shape[1] + round_[known]
    count = np.bincount(flat, minlength=shape[0] * shape[1]).reshape(shape)
    came = np.bincount(flat, right[known], shape[0] * shape[1]).reshape(shape)
    share = np.divide(came, count, out=np.full(shape, np.nan), where=count > 0)
    order = np.argsort(-count.sum(axis=1), kind="stable")[:MOST]
    return [str(partners[i]) for i in order], share[order], count[order].astype(np.float64)


def _partners(data: Data, part: Part) -> Any:
    """The strategy of the partner of each decision, from the seats of its episode."""
    seats = data.part("episodes")
    strategy = seats.text("partner_strategy").decoded()
    keys = zip(seats.run, *(seats.numbers(key) for key in ("generation", "episode", "seat")), strict=True)
    known = dict(zip(keys, strategy, strict=True))
    asked = zip(part.run, *(part.numbers(key) for key in ("generation", "episode", "seat")), strict=True)
    return np.array([known.get(key) or "" for key in asked])


PREDICTIONS = Plot(
    "predictions",
    "predictions that came true, by round",
    ("moves", "prediction_right", "round"),
    _predictions,
    lambda data: [panel for panel in data.groups() if panel[1].has("moves", "prediction_right")],
    applies=lambda data: data.has("episodes", "partner_strategy"),
    across=2,
    share="xy",
)
