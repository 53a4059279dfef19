"""Plots of one number a group, a row each, with what was published as rows of their own beneath.

How long a common stock lasts, and how often strategies of repeated games cooperate, or choose as their partner does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dilemmas.report import metrics, published
from dilemmas.report.canvas import Drawing, Plot, axis, intervals, quiet, record, whole_ticks
from dilemmas.report.data import NOBODY, Data, Floats, Ints, Part, renumbered
from dilemmas.report.plots_commons import keys, latest
from dilemmas.report.style import INK, Style, look

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MANY = 40  # rows that a figure can hold


def _rows(
    axes: Axes, data: Data, style: Style, values: dict[str, Floats], column: str, key: str
) -> dict[str, list[Any]]:
    """A mark and an interval for each name, the published ones beneath; the numbers drawn."""
    columns: dict[str, list[Any]] = {}
    most = max((float(np.nanmax(units)) for units in values.values() if not np.isnan(units).all()), default=np.inf)
    for place, (name, units) in enumerate(values.items()):
        spread = metrics.interval(units)
        # Few episodes make wide intervals: drawn as far as anything went, and whole among the numbers.
        axes.hlines(place, np.maximum(spread.low, 0), np.minimum(spread.high, most), colors=INK, linewidth=1.0)
        axes.plot([float(spread.mean)], [place], "o", color=look(0)["color"], markersize=4.5)
        low, high = metrics.possible(spread, share=column in LABELS)
        numbers = {"low": float(low), "high": float(high), "n": int((~np.isnan(units)).sum())}
        record(columns, **{key: [name]}, **{column: float(spread.mean)}, **numbers)
    published.rows(axes, list(values), published.draw_levels(axes, data, column, len(values), columns, key), style)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    quiet(axes, "x")
    return columns


def _survival(axes: Axes, data: Data, style: Style) -> Drawing:
    columns = _rows(axes, data, style, _lasting(data), "survival_time", "group")
    axes.set_xlim(left=0)
    axes.set_xlabel(axis("episodes", "survival_time", "survival time"))
    whole_ticks(axes)
    grey = published.said(data, "survival_time", "means with their plus-minus, cut at 0 alone")
    said = "Rounds until the stock collapsed, that round included, or all of them. Points: means over episodes. "
    lines = intervals("Lines", "episode", _new(columns), ", drawn no further than 0 and the longest")
    return Drawing(columns, f"{said}{lines}{grey}")


def _new(columns: dict[str, list[Any]]) -> list[Any]:
    """Lower ends of the intervals of what is new; published rows have no n."""
    return [low for low, n in zip(columns["low"], columns["n"], strict=True) if n is not None]


def _lasting(data: Data) -> dict[str, Floats]:
    """Survival times of episodes by group, or by model where the runs are of one group."""
    found: dict[str, Floats] = {}
    for label, group in data.groups():
        part = latest(group.part("episodes"))
        _, first = np.unique(keys(part), axis=0, return_index=True)
        times = part.numbers("survival_time")[first]
        if not np.isnan(times).all():
            found[label or _by(group)] = times
    return found


def _by(data: Data) -> str:
    """Who played, in a word: the model where there is one, else the strategies."""
    models = dict.fromkeys(data.value(run, "model") for run in data.runs)
    strategies = list(data.part("episodes").text("strategy").names)
    return ", ".join(strategies if list(models) == [NOBODY] else models)


def _height(data: Data, width: float) -> float:
    return 0.7 + 0.2 * (len(data.groups()) + len(published.levels(data, "survival_time")))


def _few(data: Data) -> bool:
    return len(data.groups()) <= MANY


def _rates(axes: Axes, data: Data, style: Style) -> Drawing:
    column = _rate(data)
    columns = _rows(axes, data, style, _strategies(data, column), column, "strategy")
    axes.set_xlim(-0.03, 1.03)
    axes.set_xlabel(LABELS[column])
    grey = published.said(data, column, "shares")
    said = f"{LABELS[column].capitalize()}, by strategy, over all its decisions. Points: means over runs. "
    lines = intervals("Lines", "run", _new(columns), ", cut at 0 and 1, drawn no further than the largest")
    return Drawing(columns, f"{said}{lines}{grey}")


LABELS = {"cooperation": "cooperation (share)", "coordination": "same choice (share of rounds)"}


def _rate(data: Data) -> str:
    """Cooperation where the game has it, else coordination."""
    known = data.has("episodes", "cooperation") and not np.isnan(_paired(data).numbers("cooperation")).all()
    return "cooperation" if known else "coordination"


def _paired(data: Data) -> Part:
    """Seats in episodes of two."""
    part = data.part("episodes")
    two = part.text("partner_strategy").codes >= 0
    return Part(part.table, part.rows[two], part.run[two])


def _strategies(data: Data, column: str) -> dict[str, Floats]:
    """The share of each strategy in each run, best first."""
    if column == "cooperation":
        part = _paired(data)
        share, weight = part.numbers("cooperation"), part.numbers("rounds")
        return _by_strategy(data, part, np.nan_to_num(share) * weight, weight * ~np.isnan(share))
    part = data.part("moves")
    chosen = part.text("action").codes >= 0
    part = Part(part.table, part.rows[chosen], part.run[chosen])
    return _by_strategy(data, part, _matched(part), np.ones(len(part)))


def _by_strategy(data: Data, part: Part, amount: Floats, weight: Floats) -> dict[str, Floats]:
    names = list(part.text("strategy").names)
    where = renumbered(part.text("strategy"), names) * len(data.runs) + part.run
    size = len(names) * len(data.runs)
    total, count = np.bincount(where, amount, size), np.bincount(where, weight, size)
    share = np.divide(total, count, out=np.full(size, np.nan), where=count > 0).reshape(len(names), -1)
    known = [i for i in range(len(names)) if not np.isnan(share[i]).all()]
    names = _voiced(part, names)
    return {names[i]: share[i] for i in sorted(known, key=lambda i: -float(np.nanmean(share[i])))}


def _voiced(part: Part, names: list[str]) -> list[str]:
    """Names with the model that spoke for them, where it was one and the name does not say it."""
    if "model" not in part:
        return names
    model, strategy = part.text("model"), part.text("strategy")
    spoken: dict[str, set[str]] = {}
    for code, voice in {*zip(strategy.codes.tolist(), model.codes.tolist(), strict=True)}:
        if code >= 0 and voice >= 0:
            spoken.setdefault(strategy.names[code], set()).add(model.names[voice])
    alone = {name: next(iter(voices)) for name, voices in spoken.items() if len(voices) == 1 and "@" not in name}
    return [f"{name}@{alone[name]}" if name in alone else name for name in names]


def _matched(part: Part) -> Floats:
    """Whether the partner chose the same, a decision a value; two seats follow each other in every round."""
    action = part.text("action").codes
    place: Ints = np.lexsort((part.numbers("seat"), part.numbers("round"), part.numbers("episode"), part.run))
    pairs = action[place].reshape(-1, 2)
    same = np.empty(len(part))
    same[place] = np.repeat((pairs[:, 0] == pairs[:, 1]).astype(np.float64), 2)
    return same


def _repeated(data: Data) -> bool:
    """Whether these are repeated games of two that published rates, or models, make worth showing."""
    if not data.has("episodes", "rounds", "partner_strategy"):
        return False
    column = _rate(data)
    known = column == "cooperation" or data.has("moves", "action")
    return known and bool(published.levels(data, column) or data.has("episodes", "model"))


def _tall(data: Data, width: float) -> float:
    column = _rate(data)
    return 0.7 + 0.2 * (len(_strategies(data, column)) + len(published.levels(data, column)))


SURVIVAL = Plot(
    "survival",
    "how long a stock lasts",
    ("episodes", "survival_time"),
    _survival,
    published.panels,
    _height,
    _few,
    2,
    "x",
    f"at most {MANY} groups",
)
RATES = Plot(
    "rates",
    "how often strategies cooperate, or choose the same",
    ("episodes", "strategy", "partner_strategy"),
    _rates,
    published.panels,
    _tall,
    _repeated,
    2,
    "x",
    "repeated games of two in which models took part, or with published rates",
)
