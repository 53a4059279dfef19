"""Plots of a common stock: how much is left round by round, and what each kind of player takes.

Where a population went through generations, its last one is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from dilemmas.report import metrics, published
from dilemmas.report.canvas import Drawing, Plot, axis, intervals, quiet, record, whole_ticks
from dilemmas.report.data import Data, Floats, Ints, Part
from dilemmas.report.style import INK, Style, distinct, look

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MIXES = 12  # kinds of groups with a line of their own
BANDS = 3  # kinds up to which bands can be told apart
KINDS = 60  # kinds of seats with a row of their own
LINES = 300  # thin lines at most
Key: TypeAlias = tuple[int, int, int]  # run, generation, episode


@dataclass(frozen=True)
class Crews:
    """Who sat together: ``words`` of each kind of group, and which kind each episode had."""

    words: list[str]
    kind: dict[Key, int]


def keys(part: Part) -> Ints:
    """Run, generation and episode of each row, ``(rows, 3)``."""
    columns = [part.numbers(key) if key in part.table else np.zeros(len(part)) for key in ("generation", "episode")]
    return np.column_stack([part.run, *columns]).astype(np.intp)


def latest(part: Part) -> Part:
    """The rows of each run's last generation."""
    where = keys(part)
    last = np.zeros(int(where[:, 0].max(initial=0)) + 1, np.intp)
    np.maximum.at(last, where[:, 0], where[:, 1])
    kept = where[:, 1] == last[where[:, 0]]
    return Part(part.table, part.rows[kept], part.run[kept])


def crews(data: Data) -> Crews:
    """The kinds of groups of the episodes shown, in words: ``3 greedy + 2 sustainable``."""
    if not data.has("episodes", "strategy"):
        return Crews([], {})
    part = latest(data.part("episodes"))
    strategy, (episodes, where) = part.text("strategy"), _numbered(keys(part))
    size = len(strategy.names)
    count = np.bincount(where * size + strategy.codes, minlength=len(episodes) * size).reshape(-1, size)
    mixes, which = _numbered(count)
    words = [_words(mix, strategy.names) for mix in mixes.tolist()]
    labels = [data.label(run) for run in data.runs]
    texts = [", ".join(filter(None, (labels[key[0]], words[i]))) for key, i in zip(episodes, which, strict=True)]
    listed = list(dict.fromkeys(texts[i] for i in np.argsort(-which, kind="stable")))
    index = {text: i for i, text in enumerate(listed)}
    return Crews(listed, {tuple(key): index[text] for key, text in zip(episodes.tolist(), texts, strict=True)})


def _words(mix: list[int], names: tuple[str, ...]) -> str:
    return " + ".join(f"{count} {name}" for count, name in zip(mix, names, strict=True) if count)


def _numbered(rows: Ints) -> tuple[Ints, Ints]:
    """The distinct rows in order, and which of them each row is."""
    distinct_rows, where = np.unique(rows, axis=0, return_inverse=True)
    return distinct_rows, where.reshape(-1)


def _stock(axes: Axes, data: Data, style: Style) -> Drawing:
    part, crew = latest(data.part("rounds")), crews(data)
    where, stock = keys(part), part.numbers("stock_before")
    number = part.numbers("round").astype(np.intp)
    kind = np.array([crew.kind.get(tuple(key), -1) for key in where.tolist()], np.intp)
    present = np.unique(kind).tolist()
    words = [crew.words[each] if each >= 0 else "" for each in present]
    names = distinct(words[:MIXES], 2 * style.letters)
    columns: dict[str, list[Any]] = {}
    for i, each in enumerate(present):
        mine = kind == each
        grid = _paths(where[mine], number[mine], stock[mine], int(number.max()))
        spread, steps = metrics.interval(grid, axis=0), np.arange(grid.shape[1]) + 1
        if i < MIXES:
            _line(axes, steps, grid, spread, i, names[i], len(present))
        cells = {"stock": spread.mean, "low": spread.low, "high": spread.high, "episodes": len(grid)}
        record(columns, group=words[i], round=steps, **cells)
    axes.set_xlabel("round")
    axes.set_ylabel(axis("rounds", "stock_before", "stock"))
    axes.set_ylim(bottom=0)
    axes.set_xlim(1, max(number.max(), 2))
    whole_ticks(axes)
    quiet(axes)
    cut = f" {MIXES} of {len(present)} kinds of groups are drawn." if len(present) > MIXES else ""
    said = "Stock at the start of each round; 0 once play is over. Thin lines: episodes; thick: their mean. "
    bands = intervals("Bands", "episode", columns["low"], ", drawn no further than 0 and the largest")
    return Drawing(columns, f"{said}{bands if len(present) <= BANDS else 'Intervals are among the numbers.'}{cut}")


def _paths(where: Ints, number: Ints, stock: Floats, longest: int) -> Floats:
    """Stock by episode and round ``(episodes, rounds)``: 0 in the round after the last one, then nothing."""
    episodes, row = _numbered(where)
    grid = np.zeros((len(episodes), min(int(number.max()) + 1, longest)))
    grid[row, number - 1] = stock
    return grid


def _line(axes: Axes, steps: Ints, grid: Floats, spread: metrics.Interval, index: int, label: str, many: int) -> None:
    from matplotlib.collections import LineCollection

    looks = look(index)
    if len(grid) > 1 and (grid != grid[0]).any():
        paths = [np.column_stack([steps, line]) for line in grid[: LINES // min(many, MIXES)]]
        axes.add_collection(LineCollection(paths, colors=looks["color"], linewidths=0.5, alpha=0.3))
    if len(grid) > 1 and many <= BANDS:
        low, high = np.maximum(spread.low, 0), np.minimum(spread.high, np.nanmax(grid))
        axes.fill_between(steps, low, high, color=looks["color"], alpha=0.15, linewidth=0)
    marks = max(1, len(steps) // 12)
    axes.plot(steps, spread.mean, label=label or None, clip_on=False, markevery=marks, **looks)


def _gains(axes: Axes, data: Data, style: Style) -> Drawing:
    """What seats took: a faint dot a seat, a mark for the mean of each kind with its interval over episodes."""
    columns: dict[str, list[Any]] = {}
    names: list[str] = []
    for group, name, seats, means in _takers(data):
        spread = metrics.interval(means)
        _row(axes, len(names), seats, spread, float(data.part("episodes").numbers("gain").max()))
        cells = {"gain": float(spread.mean), "low": float(spread.low), "high": float(spread.high)}
        names.append(": ".join(filter(None, (group, name))))
        record(columns, kind=[names[-1]], **cells, seats=len(seats), episodes=len(means))
    published.rows(axes, names, published.draw_levels(axes, data, "gain", len(names), columns, "kind"), style)
    axes.set_xlabel(axis("episodes", "gain", "collected by a seat in an episode"))
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    quiet(axes, "x")
    said = "Units collected, by strategy and how many seats it had. Faint: seats; marks: means over episodes. "
    lines = intervals("Lines", "episode", columns["low"][: len(names)], ", drawn no further than 0 and the largest")
    grey = published.said(data, "gain", "mean gains of a seat, with their plus-minus, cut at 0 alone")
    return Drawing(columns, f"{said}{lines}{grey}")


def _takers(data: Data) -> list[tuple[str, str, Floats, Floats]]:
    """Group (where there are several), kind, gains of its seats, and their mean in each episode."""
    found = []
    groups = [(label, group) for label, group in data.groups() if len(group.part("episodes"))]
    for label, group in groups:
        part = latest(group.part("episodes"))
        gain, kind, names = part.numbers("gain"), *_kinds(part)
        for i, name in enumerate(names):
            means = _by_episode(keys(part)[kind == i], gain[kind == i])
            found.append((label if len(groups) > 1 else "", name, gain[kind == i], means))
    return found


def _kinds(part: Part) -> tuple[Ints, list[str]]:
    """Which kind each row is, and their names: a strategy, and how many seats it had where that differs."""
    strategy, (episodes, where) = part.text("strategy"), _numbered(keys(part))
    size = len(strategy.names)
    flat = where * size + strategy.codes
    own = np.bincount(flat, minlength=len(episodes) * size)[flat]
    seats = np.bincount(where)[where]
    kinds, kind = _numbered(np.column_stack([strategy.codes, own, seats]))
    alone = len({(code, count) for code, count, _ in kinds.tolist()}) == len(np.unique(strategy.codes))
    names = [strategy.names[code] + ("" if alone else f", {count} of {all_}") for code, count, all_ in kinds.tolist()]
    return kind, names


def _by_episode(where: Ints, gain: Floats) -> Floats:
    """The mean of each episode: seats of one lake are no independent repetitions."""
    _, row = _numbered(where)
    result: Floats = np.bincount(row, gain) / np.bincount(row)
    return result


def _row(axes: Axes, place: int, gains: Floats, spread: metrics.Interval, most: float) -> None:
    # A fixed scatter in golden-ratio steps: the same figure every time, and no two neighbours alike.
    jitter = (np.arange(len(gains)) * 0.618034 % 1 - 0.5) * 0.5
    dots = {"color": "#9DB9CC", "alpha": 0.6, "markeredgewidth": 0, "markersize": 2.5, "rasterized": len(gains) > 2000}
    axes.plot(gains, place + jitter, "o", **dots)  # type: ignore[arg-type]  # properties of a line, by name
    axes.hlines(place, np.maximum(spread.low, 0), np.minimum(spread.high, most), colors=INK, linewidth=1.0)
    mark = {"color": look(0)["color"], "markersize": 4.5, "markeredgecolor": "white", "markeredgewidth": 0.5}
    axes.plot([float(spread.mean)], [place], "D", **mark)


def _panels(data: Data) -> list[tuple[str, Data]]:
    """A panel a group; where published gains stand beneath, all that they belong to in one, lest they come again."""
    if published.levels(data, "gain"):
        return published.panels(data)
    return [panel for panel in data.groups() if len(panel[1].part("episodes"))]


def _height(data: Data, width: float) -> float:
    return 0.7 + 0.2 * (len(_takers(data)) + len(published.levels(data, "gain")))


def _stocked(data: Data) -> bool:
    """Whether there is a stock at all: a pot starts every round empty."""
    return bool(np.nanmax(data.part("rounds").numbers("stock_before")) > 0)


def _few(data: Data) -> bool:
    return len(_kinds(latest(data.part("episodes")))[1]) <= KINDS


STOCK = Plot(
    "stock", "the common stock", ("rounds", "stock_before", "round"), _stock, applies=_stocked, when="a stock above 0"
)
GAINS = Plot(
    "gains",
    "what each kind collects",
    ("episodes", "gain", "strategy"),
    _gains,
    _panels,
    _height,
    _few,
    2,
    "x",
    f"at most {KINDS} kinds of seats",
)
