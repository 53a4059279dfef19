"""How well strategies did in repeated games, by family of the game: a figure for each of three measures, named apart.

Bars are new runs (or imported ones), lines behind them what was published of the same measure.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from dilemmas.report import metrics, published
from dilemmas.report.canvas import Drawing, Plot, quiet, record
from dilemmas.report.data import Data, Floats, Ints
from dilemmas.report.style import HATCHES, INK, LINES, MARKERS, Style, colour, distinct

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FAMILIES = ("Win-win", "Biased", "Second Best", "Unfair", "Cyclic", "PD Family", "Tragic")
ALL = "All but Tragic"  # as the paper counts
MANY = 8  # strategies with a bar of their own
LABELS = {
    "score": "score (share of best conceivable)",
    "best_reply": "share of best replies",
    "fair": "share of fair maximum",
}
SAID = {
    "score": "payoff over what the best outcome in every round would have paid the seat (Akata et al. 2025)",
    "best_reply": "payoff over that of the best reply to each of the partner's moves, taken as they were",
    "fair": "payoff of whoever got less over the most a round that both can be sure of together, by turns if need be",
}


def level(measure: str, family: str) -> str:
    """The name of a published level: ``score_win_win``, ``score_all``."""
    return f"{measure}_{'all' if family == ALL else family.lower().replace(' ', '_').replace('-', '_')}"


def _painted(measure: str, axes: Axes, data: Data, style: Style) -> Drawing:
    names, values = _values(data, measure)
    families, columns = _present(data), dict[str, list[Any]]()
    spread = metrics.interval(values)  # (families, strategies)
    lows, highs = metrics.possible(spread, share=True)
    thick = 0.8 / max(len(names), 2)
    for i, name in enumerate(distinct(names, style.letters)):
        place = np.arange(len(families)) + (i - (len(names) - 1) / 2) * thick
        mean, low, high = spread.mean[:, i], lows[:, i], highs[:, i]
        axes.barh(place, mean, thick * 0.92, color=colour(i), hatch=HATCHES[i], edgecolor="white", label=name, lw=0.4)
        axes.hlines(place, low, high, colors=INK, linewidth=1.0, zorder=3)
        count = (~np.isnan(values[:, i])).sum(axis=-1)
        numbers = {measure: mean, "low": low, "high": high, "n": count}
        record(columns, strategy=names[i], family=list(families), **numbers)
    _behind(axes, data, measure, families, columns)
    axes.set_yticks(np.arange(len(families)), families)
    axes.set_ylim(len(families) - 0.45, -0.55)
    axes.set_xlim(0, 1.02)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(LABELS[measure])
    quiet(axes, "x")
    return Drawing(columns, _caption(data, measure, families, values))


def _caption(data: Data, measure: str, families: list[str], values: Floats) -> str:
    units = values.shape[-1]
    said = f"{LABELS[measure].capitalize()}: {SAID[measure]}. Bars: means over games, both seats and all partners. "
    lines = (
        f"Lines: 95 % Student-t intervals over {units} repetitions (seeds count), cut at 0 and 1. "
        if units > 1
        else "No interval: one repetition. "
    )
    left = len(_names(data)) - values.shape[1]
    more = f"{left} further strategies are in the table alone. " if left > 0 else ""
    sources = [published.said(data, level(measure, family), "values, dashed and marked") for family in families]
    return f"{said}{lines}{more}{next(filter(None, sources), '').strip()}".strip()


def _behind(axes: Axes, data: Data, measure: str, families: list[str], columns: dict[str, list[Any]]) -> None:
    """What was published, as a line of its own across all bars of a family."""
    found = {family: published.levels(data, level(measure, family)) for family in families}
    labels = list(dict.fromkeys(label for levels in found.values() for label in levels))
    for i, label in enumerate(labels):
        at = [(place, found[family][label].mean) for place, family in enumerate(families) if label in found[family]]
        place, mean = (np.array(part, np.float64) for part in zip(*at, strict=True))
        looks: dict[str, Any] = {"color": published.GREYS[0], "linestyle": LINES[i % len(LINES)]}
        axes.vlines(mean, place - 0.44, place + 0.44, linewidth=0.8, zorder=0.6, **looks)
        looks |= {"marker": MARKERS[i % len(MARKERS)], "markersize": 4, "markeredgecolor": "white", "linestyle": "none"}
        named = f"{label}, {published.NAMED}"
        axes.plot(mean, place - 0.44, label=named, markeredgewidth=0.4, zorder=4, clip_on=False, **looks)
        rows = [families[int(row)] for row in place]
        record(columns, strategy=f"{published.NAMED}: {label}", family=rows, **{measure: mean})
    longest = max((len(values) for values in columns.values()), default=0)
    for values in columns.values():
        values.extend([None] * (longest - len(values)))


def _present(data: Data) -> list[str]:
    """The families that were played, in the order of the paper, and all of them together where they are several."""
    known = set(data.part("scores").text("family").names)
    found = [family for family in FAMILIES if family in known]
    return [*found, ALL] if len(found) > 1 else found


def _bars(data: Data) -> tuple[Ints, list[str]]:
    """Which bar each row of the table belongs to (-1: none), and their names; models alone where any has a seat."""
    part = data.part("scores")
    strategy = part.text("strategy")
    model = part.text("model") if data.has("scores", "model") else None
    spoken = np.full(len(part), -1) if model is None else model.codes
    groups = [data.label(run) if data.by is not None else "" for run in data.runs]
    names = []
    for run, code, voice in zip(part.run, strategy.codes, spoken, strict=True):
        name = strategy.names[code]
        whole = f"{name}@{model.names[voice]}" if model and voice >= 0 and "@" not in name else name
        names.append(": ".join(filter(None, (groups[run], whole))))
    shown = spoken >= 0 if model is not None else np.ones(len(names), bool)
    listed = list(dict.fromkeys(name for name, here in zip(names, shown, strict=True) if here))
    index = {name: i for i, name in enumerate(listed)}
    return np.array([index[name] if here else -1 for name, here in zip(names, shown, strict=True)], np.intp), listed


def _names(data: Data) -> list[str]:
    return _bars(data)[1]


def _values(data: Data, measure: str) -> tuple[list[str], Floats]:
    """Means over games and seats, ``(families, strategies, units)``; a unit is a repetition of a seed.

    Strategies stand in the order of their scores in all three figures, so that a colour means the same in each.
    """
    bar, names = _bars(data)
    order = np.argsort(-np.nan_to_num(metrics.interval(_grid(data, "score", bar, len(names))[-1]).mean), kind="stable")
    best = order[:MANY]
    return [names[i] for i in best], _grid(data, measure, bar, len(names))[:, best]


def _grid(data: Data, measure: str, bar: Ints, bars: int) -> Floats:
    part = data.part("scores")
    family, value = part.text("family"), part.numbers(measure)
    named = np.array([*family.names, ""])[family.codes]
    seeds = np.array([-1 if run.seed is None else run.seed for run in data.runs])[part.run]
    units, unit = np.unique(np.stack([seeds, part.numbers("repetition")]), axis=1, return_inverse=True)
    size, grid = bars * units.shape[1], []
    for each in _present(data):
        rows = (bar >= 0) & ~np.isnan(value)
        rows &= (named == each) if each != ALL else (named != "Tragic") & (named != "")
        at = bar[rows] * units.shape[1] + unit.reshape(-1)[rows]
        sums, count = np.bincount(at, value[rows], size), np.bincount(at, minlength=size)
        grid.append(np.divide(sums, count, out=np.full(size, np.nan), where=count > 0))
    return np.array(grid).reshape(len(grid), bars, -1)


def _height(data: Data, width: float) -> float:
    bars = min(len(_names(data)), MANY)
    return 0.6 + len(_present(data)) * max(0.26, 0.11 * bars + 0.06)


def _several(measure: str, data: Data) -> bool:
    """Whether families can be compared, with each other or with what was published."""
    found = _present(data)
    return len(found) > 1 or any(published.levels(data, level(measure, family)) for family in found)


SCORES = tuple(
    Plot(
        measure,
        f"by family of the game: {LABELS[measure]}",
        ("scores", "family", measure),
        partial(_painted, measure),
        published.panels,
        _height,
        partial(_several, measure),
        2,
        "x",
        "several families of games, or published values",
    )
    for measure in LABELS
)
"""A figure for each measure."""
