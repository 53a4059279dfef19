"""Plots over generations: shares of strategies, payoff and cooperation; and their ends along a sweep axis."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from dilemmas.report import metrics, published
from dilemmas.report.canvas import Drawing, Plot, along, axis, ends, plain_log, quiet, record, whole_ticks
from dilemmas.report.data import MODEL, NOBODY, Data, Floats, Part, coded, renumbered
from dilemmas.report.style import COLOURS, HATCHES, REST, Style, colour, distinct, look
from dilemmas.results import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

AREAS = 7  # strategies with an area of their own
PANELS = 6  # seeds with a panel of their own
OTHER = "other"


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
            numbers = {column: spread.mean, "low": spread.low, "high": spread.high, "n": (~np.isnan(lines)).sum(axis=0)}
            record(columns, group=name, generation=steps.astype(int), **numbers)
    _dress(axes, columns, column, style, wide=bool(behind))
    axes.set_xlabel("generation")
    axes.set_xlim(min(columns["generation"]), max(columns["generation"]))
    whole_ticks(axes)
    _say(axes, [*last, *behind], style)
    said = f"Mean {column} of the agents by generation. Thin lines: runs; thick: their mean; "
    grey = published.said(data, column, "means with their standard errors, thin: societies")
    below = column == "payoff" and np.nanmin(np.array(columns["low"], np.float64), initial=1.0) <= 0
    cut = " Those that reach below 0 end at the lowest run." if below and axes.get_yscale() == "log" else ""
    return Drawing(columns, f"{said}bands: 95 % Student-t interval over seeds.{cut}{grey}")


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
        low = (
            np.where(spread.low > 0, spread.low, np.nanmin(lines)) if positive and np.nanmin(lines) > 0 else spread.low
        )
        axes.fill_between(steps, low, spread.high, color=looks["color"], alpha=0.13 if many else 0.2, linewidth=0)
    looks = looks if many else {"color": looks["color"], "linestyle": "-", "marker": "o"}
    marker = looks["marker"] if len(steps) < 40 or many else None
    axes.plot(steps, spread.mean, clip_on=False, markevery=max(1, len(steps) // 8), **{**looks, "marker": marker})
    return spread


def _dress(axes: Axes, columns: dict[str, list[Any]], column: str, style: Style, wide: bool) -> None:
    """Scale and label of the y axis: shares from 0 to 1, payoffs logarithmic where they span orders, or may (wide)."""
    axes.set_ylabel(axis("generations", column, f"mean {column}"))
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
    if len(named) <= AREAS and not style.narrow and len(named) > 0:
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
        axes.vlines(places, spread.low, spread.high, colors=look(i)["color"], linewidth=0.9)
        axes.plot(places, spread.mean, label=label or None, **look(i))
        numbers = {column: spread.mean, "low": spread.low, "high": spread.high, "n": count}
        record(columns, group=label, **{data.x or "x": values}, **numbers)
    _dress(axes, columns, column, style, wide=False)
    along(axes, data)
    said = f"Mean {column} in the last generation along {data.x}."
    return Drawing(columns, f"{said} Lines: 95 % Student-t interval over seeds.")


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


def kinds(data: Data) -> list[str]:
    """Strategies of all runs, the most frequent first, so that a colour means the same in every panel."""
    table = data.tables[_holders(data)]
    column = coded(table["strategy"])
    known = column.codes >= 0
    count = np.bincount(column.codes[known], _weights(table)[known], minlength=len(column.names))
    return [column.names[i] for i in np.argsort(-count, kind="stable") if count[i]]


def _holders(data: Data) -> str:
    """The table that says who holds which strategy: agents, or the shares of an infinite population."""
    return "agents" if "agents" in data.tables else "shares"


def _weights(rows: Table | Part) -> Floats:
    """What a row of that table counts for: an agent for one, a share for what it is."""
    return rows.numbers("share") if "share" in rows else np.ones(len(rows))


def held(data: Data, names: list[str]) -> tuple[Floats, Floats]:
    """Generations ``(g,)`` and the share of each strategy, ``(runs, g, names + 1)``; what is not named comes last."""
    part = data.part(_holders(data))
    steps, where = np.unique(part.numbers("generation"), return_inverse=True)
    strategy = renumbered(part.text("strategy"), names)
    strategy = np.where(strategy < 0, len(names), strategy)
    size = len(names) + 1
    flat = (part.run * len(steps) + where) * size + strategy
    count = np.bincount(flat, _weights(part), minlength=len(data.runs) * len(steps) * size)
    count = count.reshape(len(data.runs), len(steps), size)
    total = count.sum(axis=2, keepdims=True)
    return steps, np.divide(count, total, out=np.full(count.shape, np.nan), where=total > 0)


def _composition(axes: Axes, data: Data, style: Style) -> Drawing:
    everyone = kinds(data)
    names = everyone[: AREAS if len(everyone) > AREAS + 1 else len(everyone)]
    steps, parts = held(data, names)
    present = ~np.isnan(parts).all(axis=(1, 2))
    mean = metrics.interval(parts[present], axis=0).mean
    labels = [*names, OTHER] if len(everyone) > len(names) else names
    base = np.zeros(len(steps))
    for i, name in enumerate(labels):
        _area(axes, steps, base, base + mean[:, i], i, name)
        base = base + mean[:, i]
    axes.set_xlim(steps[0], steps[-1])
    axes.set_ylim(0, 1)
    axes.set_xlabel("generation")
    axes.set_ylabel("share of agents" if _holders(data) == "agents" else "share of the population")
    whole_ticks(axes)
    axes.spines[:].set_visible(False)
    rows = [(int(step), name, mean[g, i]) for g, step in enumerate(steps) for i, name in enumerate(labels)]
    many = f"mean of {int(present.sum())} runs" if present.sum() > 1 else "one panel a run"
    rest = (
        f"; the {AREAS} most frequent of {len(everyone)} strategies, the others together"
        if len(labels) > len(names)
        else ""
    )
    return Drawing(
        dict(zip(("generation", "strategy", "share"), zip(*rows, strict=True), strict=True)),
        f"Shares of strategies by generation ({many}{rest}).",
    )


def _area(axes: Axes, steps: Floats, low: Floats, high: Floats, index: int, name: str) -> None:
    plain: dict[str, Any] = (
        {"facecolor": REST, "hatch": ""}
        if name == OTHER
        else {"facecolor": colour(index), "hatch": HATCHES[index % len(HATCHES)]}
    )
    edge = "white" if plain["facecolor"] in ("#000000", COLOURS[0]) else "black"
    axes.fill_between(steps, low, high, label=name, edgecolor=edge, linewidth=0.0, **plain)
    axes.plot(steps, high, color="white", linewidth=0.5)


def _lives(data: Data) -> list[tuple[str, Data]]:
    """A panel a run where there are few runs, else a panel a group."""
    if len(data.runs) > PANELS:
        return data.groups()[:12]
    if len(data.runs) == 1:
        return [("", data)]
    labels = [
        ", ".join(filter(None, (data.label(run), f"seed {run.seed}" if run.seed is not None else run.name)))
        for run in data.runs
    ]
    return [(label, data.only([run])) for label, run in zip(labels, data.runs, strict=True)]


def _generations(data: Data) -> bool:
    """Whether anything can have changed; agents who all hold one strategy from beginning to end are no picture."""
    return len(kinds(data)) > 1 and len(np.unique(data.part(_holders(data)).numbers("generation"))) > 1


COMPOSITION = Plot(
    "composition",
    "shares of strategies over generations",
    ("agents", "strategy", "generation"),
    _composition,
    _lives,
    applies=_generations,
)
SHARES = Plot(
    "shares",
    "shares of strategies in an infinite population",
    ("shares", "strategy", "share", "generation"),
    _composition,
    _lives,
    applies=_generations,
)
PAYOFF = Plot(
    "payoff",
    "payoff over generations",
    ("generations", "payoff"),
    partial(_course, column="payoff"),
    _courses,
    applies=_several,
)
COOPERATION = Plot(
    "cooperation",
    "cooperation over generations",
    ("generations", "cooperation"),
    partial(_course, column="cooperation"),
    _courses,
    applies=_several,
)
