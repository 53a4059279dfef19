"""Published numbers in figures: always grey, always behind, always with their source in the caption."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dilemmas.report.canvas import record
from dilemmas.report.data import Data, Run, named, same
from dilemmas.report.style import LINES, Style, distinct

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from dilemmas.specs.published import Curve, Level, Published

GREYS = ("#6E6E6E", "#8E8E8E", "#7D7D7D", "#9C9C9C")
BEHIND = 0.5  # below everything that is new, above the grid
NAMED = "published"


def of(*manifests: Mapping[str, Any]) -> tuple[Published, ...]:
    """What the experiments of these manifests have as published."""
    from dilemmas.specs.published import Published  # here: figures need tables alone

    found: dict[str, Published] = {}
    for manifest in manifests:
        given = (manifest.get("config") or {}).get("published") or []
        for one in given if isinstance(given, list) else [given]:
            if isinstance(one, Mapping) and "source" in one:
                made = Published.model_validate(dict(one))
                found.setdefault(made.model_dump_json(), made)
    return tuple(found.values())


def here(data: Data) -> list[Published]:
    """Those that belong to any of the runs shown."""
    return [one for one in data.published if any(_belongs(data, run, one) for run in data.runs)]


def _belongs(data: Data, run: Run, one: Published) -> bool:
    """Whether a run has the values; one without such an axis is of another experiment, and has none."""
    return all(axis in run.values and same(run.values[axis], str(value)) for axis, value in one.where.items())


def _labelled(one: Published, label: str, data: Data) -> str:
    """A label, with the values of axes along which the runs shown differ."""
    told = [named(axis, str(value)) for axis, value in one.where.items() if len({*_values(data, axis)}) > 1]
    return ", ".join([label, *told])


def _values(data: Data, axis: str) -> list[str]:
    return [run.values.get(axis, "") for run in data.runs]


def curves(data: Data, column: str) -> dict[str, Curve]:
    """The published curves of a column, by label."""
    return {
        _labelled(one, label, data): curve for one in here(data) for label, curve in one.curves.get(column, {}).items()
    }


def levels(data: Data, column: str) -> dict[str, Level]:
    """The published levels of a column, by label."""
    return {
        _labelled(one, label, data): level for one in here(data) for label, level in one.levels.get(column, {}).items()
    }


def panels(data: Data) -> list[tuple[str, Data]]:
    """A panel a group where published numbers belong to values of what sets groups apart, else one for all."""
    axes = {axis for one in here(data) for axis in one.where}
    apart = bool(axes) and data.by in (None, *axes)
    return data.groups() if apart and len(data.groups()) > 1 else [("", data)]


def said(data: Data, column: str, what: str) -> str:
    """The sentence of a caption that names the sources of what is drawn of a column; empty where nothing is."""
    sources = [one.source.strip(" .") for one in here(data) if column in one.curves or column in one.levels]
    return f" Grey: published {what}: {'; '.join(dict.fromkeys(sources))}." if sources else ""


def draw_curves(
    axes: Axes, data: Data, column: str, columns: dict[str, list[Any]]
) -> list[tuple[dict[str, Any], str, float, float]]:
    """Draw the curves of a column and record their numbers; look, label and right end of each."""
    from matplotlib.collections import LineCollection

    ends = []
    for i, (label, curve) in enumerate(curves(data, column).items()):
        steps, mean = np.array(curve.at or range(1, len(curve.mean) + 1)), np.array(curve.mean)
        error = np.array(curve.sem) if curve.sem else np.full(len(mean), np.nan)
        looks: dict[str, Any] = {"color": GREYS[i % len(GREYS)], "linestyle": LINES[i % len(LINES)]}
        paths = [np.column_stack([steps, run]) for run in curve.runs]
        thin = LineCollection(paths, colors=looks["color"], linewidths=0.4, alpha=0.5, zorder=BEHIND)
        axes.add_collection(thin)
        low, high = mean - error, mean + error
        axes.fill_between(steps, low, high, color=looks["color"], alpha=0.18, linewidth=0, zorder=BEHIND)
        axes.plot(steps, mean, linewidth=1.0, zorder=BEHIND, **looks)
        numbers = {column: mean, "low": low, "high": high, "n": max(len(curve.runs), 1)}
        record(columns, group=f"{NAMED}: {label}", generation=steps, **numbers)
        ends.append((looks, f"{label}, {NAMED}", float(steps[-1]), float(mean[-1])))
    return ends


def draw_levels(axes: Axes, data: Data, column: str, start: int, columns: dict[str, list[Any]], key: str) -> list[str]:
    """Draw the levels of a column as rows from ``start`` on and record them under ``key``; the labels of the rows."""
    found = levels(data, column)
    for place, (label, level) in enumerate(found.items(), start):
        mean = level.mean
        half = np.nan if level.pm is None else level.pm
        if level.pm is not None:
            axes.hlines(place, max(mean - half, 0.0), mean + half, colors=GREYS[0], linewidth=1.0)
        axes.plot([mean], [place], "D", color=GREYS[1], markersize=4, markeredgecolor="white", markeredgewidth=0.5)
        record(columns, **{key: [f"{NAMED}: {label}"]}, **{column: mean, "low": mean - half, "high": mean + half})
    if found and start:
        axes.axhline(start - 0.5, color=GREYS[3], linewidth=0.5, linestyle=(0, (1, 2)), zorder=BEHIND)
    longest = max((len(values) for values in columns.values()), default=0)
    for values in columns.values():
        values.extend([None] * (longest - len(values)))
    return list(found)


def rows(axes: Axes, new: Sequence[str], old: Sequence[str], style: Style) -> None:
    """Name the rows, from the top: new ones, then published ones in grey."""
    labels = distinct([*new, *old], style.letters)
    axes.set_yticks(np.arange(len(labels)), labels, fontsize=style.font * 0.9)
    for tick in axes.get_yticklabels()[len(new) :]:
        tick.set_color(GREYS[0])
    axes.set_ylim(len(labels) - 0.4, -0.6)
