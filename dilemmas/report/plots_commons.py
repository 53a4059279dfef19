"""Plots of a common stock: how much is left round by round, and what each kind of player takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dilemmas.report import metrics
from dilemmas.report.canvas import Drawing, Plot, axis, quiet, whole_ticks
from dilemmas.report.data import Data, Floats, Ints, renumbered
from dilemmas.report.style import Style, distinct, look
from dilemmas.results import Coded

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MIXES = 8  # kinds of groups with a line of their own
LINES = 300  # episodes with a thin line of their own


def mixes(data: Data) -> tuple[Ints, list[str]]:
    """Which kind of group each row of ``rounds`` belongs to, and the kinds in words: ``3 greedy + 2 sustainable``."""
    rounds, runs = data.part("rounds"), len(data.runs)
    keys = _keys(rounds)
    if not data.has("episodes", "strategy"):
        return np.zeros(len(rounds), np.intp), [""]
    seats = data.part("episodes")
    place, names = _crews(_keys(seats), seats.text("strategy"))
    groups = [data.label(run) for run in data.runs]
    labels, codes = _labels(groups, names)
    found = np.array(
        [codes[int(key[0]), place[key]] if key in place else -1 for key in map(tuple, keys.tolist())], np.intp
    )
    return found, labels if runs else [""]


def _keys(part: Any) -> Ints:
    """Run, generation and episode of each row, ``(rows, 3)``."""
    columns = [part.numbers(key) if key in part.table else np.zeros(len(part)) for key in ("generation", "episode")]
    return np.column_stack([part.run, *columns]).astype(np.intp)


def _crews(keys: Ints, strategy: Coded) -> tuple[dict[tuple[int, ...], int], list[str]]:
    """The crew of each episode, by number, and the crews in words."""
    distinct_keys, where = np.unique(keys, axis=0, return_inverse=True)
    size = len(strategy.names) + 1
    count = np.bincount(where.reshape(-1) * size + strategy.codes % size, minlength=len(distinct_keys) * size).reshape(
        -1, size
    )
    crews, which = np.unique(count[:, :-1], axis=0, return_inverse=True)
    words = [
        " + ".join(
            f"{n} {name}" for n, name in sorted(zip(crew, strategy.names, strict=True), key=lambda each: -each[0]) if n
        )
        for crew in crews
    ]
    return dict(zip(map(tuple, distinct_keys.tolist()), which.reshape(-1).tolist(), strict=True)), words


def _labels(groups: list[str], crews: list[str]) -> tuple[list[str], Ints]:
    """Words for each group of runs and crew, and their numbers ``(run, crew)``."""
    texts = [[", ".join(filter(None, (group, crew))) for crew in crews] for group in groups]
    labels = list(dict.fromkeys(text for row in texts for text in row))
    return labels, np.array([[labels.index(text) for text in row] for row in texts], np.intp).reshape(
        len(groups), len(crews)
    )


def _stock(axes: Axes, data: Data, style: Style) -> Drawing:
    part = data.part("rounds")
    mix, labels = mixes(data)
    number, stock = part.numbers("round"), part.numbers("stock_before")
    present = [int(each) for each in np.unique(mix)]
    columns: dict[str, list[Any]] = {key: [] for key in ("group", "round", "stock", "low", "high", "episodes")}
    names = distinct([labels[each] if each >= 0 else "" for each in present[:MIXES]], 2 * style.letters)
    for i, each in enumerate(present):
        grid, steps = _paths(_keys(part)[mix == each], number[mix == each], stock[mix == each])
        spread = metrics.interval(grid, axis=0)
        if i < MIXES:
            _line(axes, steps, grid, spread, i, names[i], len(present))
        for key, values in zip(
            columns,
            (
                [labels[each]] * len(steps),
                steps.astype(int),
                spread.mean,
                spread.low,
                spread.high,
                [len(grid)] * len(steps),
            ),
            strict=True,
        ):
            columns[key] += list(values)
    axes.set_xlabel("round")
    axes.set_ylabel(axis("rounds", "stock_before", "stock before the round"))
    axes.set_ylim(bottom=0)
    whole_ticks(axes)
    quiet(axes)
    cut = f"; {MIXES} of {len(present)} kinds of groups" if len(present) > MIXES else ""
    return Drawing(
        columns,
        f"Stock at the start of each round, 0 after a collapse{cut}. Thin lines: episodes; thick: their mean; bands: 95 % Student-t interval over episodes.",
    )


def _paths(keys: Ints, number: Floats, stock: Floats) -> tuple[Floats, Floats]:
    """Stock by episode and round ``(episodes, rounds)``: nothing where play is over."""
    steps, column = np.unique(number, return_inverse=True)
    episodes, row = np.unique(keys, axis=0, return_inverse=True)
    grid = np.zeros((len(episodes), len(steps)))
    grid[row.reshape(-1), column] = stock
    return grid, steps


def _line(axes: Axes, steps: Floats, grid: Floats, spread: metrics.Interval, index: int, label: str, many: int) -> None:
    from matplotlib.collections import LineCollection

    looks = look(index)
    if len(grid) > 1 and (grid != grid[0]).any():
        paths = [np.column_stack([steps, line]) for line in grid[: LINES // max(1, min(many, MIXES))]]
        axes.add_collection(LineCollection(paths, colors=looks["color"], linewidths=0.5, alpha=0.3))
        axes.fill_between(steps, np.maximum(spread.low, 0), spread.high, color=looks["color"], alpha=0.18, linewidth=0)
    axes.plot(steps, spread.mean, label=label or None, **{**looks, "markevery": max(1, len(steps) // 12)})


def _gains(axes: Axes, data: Data, style: Style) -> Drawing:
    """What seats took, a row a strategy: a faint dot a seat, a mark with its interval over episodes."""
    part = data.part("episodes")
    strategy, gain = part.text("strategy"), part.numbers("gain")
    names = [strategy.names[code] for code in np.unique(strategy.codes) if code >= 0]
    row = renumbered(strategy, names)
    means = [_episodes(_keys(part)[row == i], gain[row == i]) for i in range(len(names))]
    order = np.argsort([-float(np.nanmean(each)) if len(each) else np.inf for each in means], kind="stable")
    spread = [metrics.interval(means[i]) for i in order]
    for place, i in enumerate(order):
        _row(axes, place, gain[row == i], spread[place])
    axes.set_yticks(np.arange(len(names)), distinct([names[i] for i in order], style.letters))
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlabel(axis("episodes", "gain", "collected by a seat in an episode"))
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    quiet(axes, "x")
    columns = {
        "strategy": [names[i] for i in order],
        "gain": [float(each.mean) for each in spread],
        "low": [float(each.low) for each in spread],
        "high": [float(each.high) for each in spread],
        "seats": [int((row == i).sum()) for i in order],
        "episodes": [len(means[i]) for i in order],
    }
    return Drawing(
        columns,
        "Units collected. Faint: seats; marks: means over episodes with 95 % Student-t intervals (episodes as the unit).",
    )


def _episodes(keys: Ints, gain: Floats) -> Floats:
    """The mean of each episode: seats of one lake are no independent repetitions."""
    _, where = np.unique(keys, axis=0, return_inverse=True)
    where = where.reshape(-1)
    return np.bincount(where, gain) / np.bincount(where) if len(where) else np.empty(0)


def _row(axes: Axes, place: int, gains: Floats, spread: metrics.Interval) -> None:
    # A fixed scatter, golden-ratio steps: the same figure every time, and no two neighbours alike.
    jitter = (np.arange(len(gains)) * 0.618034 % 1 - 0.5) * 0.5
    axes.plot(
        gains,
        place + jitter,
        linestyle="none",
        marker="o",
        markersize=2.5,
        markeredgewidth=0,
        color="#9DB9CC",
        alpha=0.6,
        rasterized=len(gains) > 2000,
    )
    axes.hlines(place, spread.low, spread.high, colors="#222222", linewidth=1.0)
    axes.plot(
        [float(spread.mean)],
        [place],
        marker="D",
        markersize=4.5,
        color=look(0)["color"],
        markeredgecolor="white",
        markeredgewidth=0.5,
    )


def _panels(data: Data) -> list[tuple[str, Data]]:
    return [panel for panel in data.groups() if len(panel[1].part("episodes"))][:12]


def _height(data: Data, width: float) -> float:
    return 0.7 + 0.28 * len(np.unique(data.part("episodes").text("strategy").codes))


STOCK = Plot("stock", "the common stock, round by round", ("rounds", "stock_before", "round"), _stock)
GAINS = Plot(
    "gains", "what each kind of player collects", ("episodes", "gain", "strategy"), _gains, _panels, _height, across=2
)
