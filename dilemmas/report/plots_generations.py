"""Plots over generations: payoff and cooperation; and their ends along a sweep axis."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from dilemmas.report import metrics, published
from dilemmas.report.canvas import (
    Drawing,
    Plot,
    along,
    axis,
    ends,
    intervals,
    paid,
    plain_log,
    quiet,
    record,
    whole_ticks,
)
from dilemmas.report.data import MODEL, NOBODY, Data, Floats
from dilemmas.report.style import Style, distinct, look

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMED = 7  # groups that can be named at the ends of their lines


def series(data: Data, column: str) -> tuple[Floats, Floats]:
    """Generations ``(g,)`` and a column of ``generations``, ``(runs, g)``; NaN where a run has not come so far."""
    part = data.part("generations")
    generation = part.numbers("generation")
    steps, where = np.unique(generation, return_inverse=True)
    grid = np.full((len(data.runs), len(steps)), np.nan)
    grid[part.run, where] = part.numbers(column)
    return steps, grid[~np.isnan(grid).all(axis=1)]


def _course(axes: Axes, data: Data, style: Style, column: str) -> Drawing:
    """A thin line a run, their mean, and the band of its interval, group by group."""
    if data.x is not None:
        return _along(axes, data, style, column)
    groups, last = data.groups(), []
    columns: dict[str, list[Any]] = {}
    behind = published.draw_curves(axes, data, column, columns)
    for i, (label, group) in enumerate(groups):
        steps, lines = series(group, column)
        if len(lines):
            spread = _course_of_group(axes, steps, lines, i, many=len(groups) > 1, positive=column == "payoff")
            name = label or (_by(group) if behind else "")
            last.append((look(i), name, float(steps[-1]), float(spread.mean[-1])))
            low, high = metrics.possible(spread, share=column == "cooperation")
            numbers = {column: spread.mean, "low": low, "high": high, "n": (~np.isnan(lines)).sum(axis=0)}
            record(columns, group=name, generation=steps.astype(int), **numbers)
    _dress(axes, data, columns, column, style, wide=bool(behind))
    axes.set_xlabel("generation")
    axes.set_xlim(min(columns["generation"]), max(columns["generation"]))
    whole_ticks(axes)
    _say(axes, [*last, *behind], style)
    said = f"Mean {column} of the agents by generation{_scaled(axes)}. Thin lines: runs; thick: their mean. "
    grey = published.said(data, column, "means with their standard errors, thin: societies")
    below = column == "payoff" and np.nanmin(np.array(columns["low"], np.float64), initial=1.0) <= 0
    cut = " Those that reach below 0 end at the lowest run." if below and axes.get_yscale() == "log" else ""
    return Drawing(columns, f"{said}{_bands('Bands', column, columns, cut)}{grey}")


def _scaled(axes: Axes) -> str:
    return ", on a logarithmic axis" if axes.get_yscale() == "log" else ""


def _bands(what: str, column: str, columns: dict[str, list[Any]], more: str = "") -> str:
    """What intervals are of, where there are any; those of a share end where a share does."""
    new = [low for low, n in zip(columns["low"], columns["n"], strict=True) if n > 1]
    ends = ", cut at 0 and 1" if column == "cooperation" else ""
    return intervals(what, "seed", new or [np.nan], ends) + (more if new else "")


def _by(data: Data) -> str:
    """Who played, in a word: the model where there is one."""
    models = dict.fromkeys(data.value(run, MODEL) for run in data.runs)
    return "here" if list(models) == [NOBODY] else ", ".join(models)


def _course_of_group(
    axes: Axes, steps: Floats, lines: Floats, index: int, many: bool, positive: bool
) -> metrics.Interval:
    from matplotlib.collections import LineCollection

    looks, spread = look(index), metrics.interval(lines, axis=0)
    if len(lines) > 1:
        paths = [np.column_stack([steps, line])[~np.isnan(line)] for line in lines]
        axes.add_collection(LineCollection(paths, colors=looks["color"], linewidths=0.5, alpha=0.25 if many else 0.45))
        # Few runs make wide intervals; those that reach below 0 would be walls on a logarithmic axis.
        low, high = metrics.possible(spread, share=not positive)
        if positive and np.nanmin(lines) > 0:
            low = np.where(low > 0, low, np.nanmin(lines))
        axes.fill_between(steps, low, high, color=looks["color"], alpha=0.13 if many else 0.2, linewidth=0)
    looks = looks if many else {"color": looks["color"], "linestyle": "-", "marker": "o"}
    marker = looks["marker"] if len(steps) < 40 or many else None
    axes.plot(steps, spread.mean, clip_on=False, markevery=max(1, len(steps) // 8), **{**looks, "marker": marker})
    return spread


def _dress(axes: Axes, data: Data, columns: dict[str, list[Any]], column: str, style: Style, wide: bool) -> None:
    """Scale and label of the y axis: shares from 0 to 1, payoffs logarithmic where they span orders, or may (wide)."""
    words = f"mean {column}"
    axes.set_ylabel(paid(data, "generations", words) if column == "payoff" else axis("generations", column, words))
    quiet(axes)
    if column == "cooperation":
        axes.set_ylim(-0.03, 1.03)
        return
    values = np.array(columns[column], np.float64)
    positive = bool(len(values) and np.nanmin(values) > 0)
    if style.log is False or not positive:
        return
    if style.log or wide or np.nanmax(values) > 30 * np.nanmin(values):
        axes.set_ylim(bottom=0.5 * float(np.nanmin(values)))  # a band may reach below 0, where there is no logarithm
        plain_log(axes)


def _say(axes: Axes, last: list[tuple[dict[str, Any], str, float, float]], style: Style) -> None:
    """Names of groups: at the ends of their lines while there is room, else in a legend."""
    named = [item for item in last if item[1]]
    if len(named) <= NAMED and not style.narrow and len(named) > 0:
        labels = distinct([label for _, label, _, _ in named], style.letters)
        right, heights = max(x for _, _, x, _ in named), [y for *_, y in named]
        ends(axes, right, heights, labels, [looks["color"] for looks, *_ in named], style.font)
        return
    for looks, label, _, _ in named:
        axes.plot([], [], label=label, **looks)


def _along(axes: Axes, data: Data, style: Style, column: str) -> Drawing:
    """The last generation's value along a sweep axis, a line a group."""
    columns: dict[str, list[Any]] = {}
    values, places = data.points()
    for i, (label, group) in enumerate(data.groups()):
        spread, count = _finals(group, values, column)
        low, high = metrics.possible(spread, share=column == "cooperation")
        axes.vlines(places, low, high, colors=look(i)["color"], linewidth=0.9)
        axes.plot(places, spread.mean, label=label or None, **look(i))
        numbers = {column: spread.mean, "low": low, "high": high, "n": count}
        record(columns, group=label, **{data.x or "x": values}, **numbers)
    _dress(axes, data, columns, column, style, wide=False)
    along(axes, data)
    said = f"Mean {column} in the last generation along {data.x}{_scaled(axes)}."
    return Drawing(columns, f"{said} {_bands('Lines', column, columns)}")


def _finals(data: Data, values: list[str], column: str) -> tuple[metrics.Interval, Any]:
    """Mean and interval over runs of the last generation's value, by value of the axis; and how many runs."""
    part = data.part("generations")
    final = np.full(len(data.runs), np.nan)
    ordered = np.argsort(part.numbers("generation"), kind="stable")
    final[part.run[ordered]] = part.numbers(column)[ordered]  # the last one written stays
    grid = np.full((len(values), len(data.runs)), np.nan)
    for i, run in enumerate(data.runs):
        grid[values.index(data.value(run, data.x or "")), i] = final[i]
    return metrics.interval(grid), (~np.isnan(grid)).sum(axis=1)


def _several(data: Data) -> bool:
    return len(np.unique(data.part("generations").numbers("generation"))) > 1 or data.x is not None


def _courses(data: Data) -> list[tuple[str, Data]]:
    """A panel for all, but one a group where each has published curves of its own."""
    return [("", data)] if data.x is not None else published.panels(data)


PAYOFF = Plot(
    "payoff",
    "payoff over generations",
    ("generations", "payoff"),
    partial(_course, column="payoff"),
    _courses,
    applies=_several,
    when="several generations, or an axis along x",
    along=True,
)
COOPERATION = Plot(
    "cooperation",
    "cooperation over generations",
    ("generations", "cooperation"),
    partial(_course, column="cooperation"),
    _courses,
    applies=_several,
    when="several generations, or an axis along x",
    along=True,
)
