"""Plots of tournaments: the square of payoffs, the ranking, and Schelling diagrams of games of many seats."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from dilemmas.report import metrics
from dilemmas.report.canvas import Drawing, Plot, intervals, paid, quiet, record, stamp, whole_ticks
from dilemmas.report.data import Data, Floats, Part, coded, renumbered
from dilemmas.report.style import REST, Style, distinct, look, short
from dilemmas.results import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def order(data: Data) -> list[str]:
    """Strategies by place in the tournament, over the runs shown; by mean payoff where there is no ranking."""
    part = data.part("ranking" if data.has("ranking", "payoff") else "pairs")
    column = part.text("strategy")
    names = [column.names[code] for code in np.unique(column.codes) if code >= 0]
    means = _means(renumbered(column, names), part.numbers("payoff"), len(names))
    return [names[i] for i in np.argsort(-means, kind="stable")]


def _means(where: Any, values: Floats, size: int) -> Floats:
    known = ~np.isnan(values) & (where >= 0)
    total = np.bincount(where[known], values[known], size)
    count = np.bincount(where[known], minlength=size)
    result: Floats = np.divide(total, count, out=np.full(size, np.nan), where=count > 0)
    return result


def square(data: Data, column: str, names: list[str]) -> Floats:
    """A column of ``pairs`` as a square, rows and columns in the order of ``names``; NaN where a pair did not meet."""
    part, size = data.part("pairs"), len(names)
    row, other = renumbered(part.text("strategy"), names), renumbered(part.text("partner"), names)
    flat = np.where((row >= 0) & (other >= 0), row * size + other, -1)
    return _means(flat, part.numbers(column), size * size).reshape(size, size)


def _payoffs(axes: Axes, data: Data, style: Style) -> Drawing:
    data = seated(data, many=False)
    names = order(data)
    matrix, size = square(data, "payoff", names), len(names)
    axes.set_facecolor(REST)
    low, high = _scale(data, matrix)
    image = axes.imshow(matrix, cmap="cividis", interpolation="nearest", vmin=low, vmax=high)
    points = _inside(names, style) / size
    _sides(axes, names, style, points)
    _values(axes, matrix, points, style, (low + high) / 2)
    bar = axes.figure.colorbar(image, ax=axes, fraction=0.046, pad=0.02)
    bar.set_label(paid(data, "pairs", "mean payoff"))
    bar.ax.spines["outline"].set_visible(False)
    axes.spines[:].set_visible(False)
    rows, columns = np.divmod(np.arange(size * size), size)
    numbers: dict[str, Any] = {
        "strategy": [names[i] for i in rows],
        "partner": [names[i] for i in columns],
        "payoff": matrix.reshape(-1),
    }
    said = f"Mean payoff of the row against the column, {size} strategies, sorted by rank; grey: did not meet."
    return Drawing(numbers, f"{said} {_how(data)}")


def _inside(names: list[str], style: Style) -> float:
    """Points of a side of a square of cells: what is left of the width when names and colour bar have their room."""
    beside = 0.52 * style.font * max(len(short(name, _letters(style))) for name in names)
    return float(max(0.95 * style.width * 72 - beside - 5.5 * style.font, 20.0))


def _letters(style: Style) -> int:
    """Names stand on two sides of a square, so they have less room than elsewhere."""
    return min(style.letters, 22)


def _scale(data: Data, matrix: Floats) -> tuple[float, float]:
    """Ends of the colour scale: the same in all panels, and some way apart."""
    table = data.tables["pairs"]
    every = table.numbers("payoff")[~_crowded(table)] if len(data.axes) else matrix
    low, high = float(np.nanmin(every)), float(np.nanmax(every))
    return (low, high) if low < high else (low - 0.5, high + 0.5)


def _sides(axes: Axes, names: list[str], style: Style, points: float) -> None:
    size, letter = len(names), min(style.font * 0.9, points * 0.95)
    if letter < 3.5:  # names would be dust: places in the ranking instead
        step = max(1, round(9 / points))
        ticks = np.arange(0, size, step)
        axes.set_xticks(ticks, [str(i + 1) for i in ticks])
        axes.set_yticks(ticks, [str(i + 1) for i in ticks])
        axes.set_xlabel("partner, by rank")
        axes.set_ylabel("strategy, by rank")
    else:
        labels = distinct(names, _letters(style))
        axes.set_xticks(np.arange(size), labels, rotation=90, fontsize=letter)
        axes.set_yticks(np.arange(size), labels, fontsize=letter)
        axes.set_xlabel("partner")
    axes.tick_params(length=0)


def _values(axes: Axes, matrix: Floats, points: float, style: Style, middle: float) -> None:
    """The payoffs in the cells, with as many decimals as fit, if any."""
    if len(matrix) > 20:
        return
    for decimals in (2, 1, 0):
        texts = [[f"{value:.{decimals}f}" for value in row] for row in matrix]
        longest = max(len(text) for row in texts for text in row)
        letter = min(style.font, points / (0.64 * longest + 0.5))
        if letter >= 4.0:
            break
    else:
        return
    cells = [(i, j) for i, j in np.ndindex(matrix.shape) if np.isfinite(matrix[i, j])]
    inks = ["black" if matrix[cell] > middle else "white" for cell in cells]
    stamp(axes, [j for _, j in cells], [i for i, _ in cells], [texts[i][j] for i, j in cells], letter, inks)


def _how(data: Data) -> str:
    part = data.part("pairs")
    methods = part.text("method") if "method" in part.table else None
    used = sorted({methods.names[code] for code in methods.codes if code >= 0}) if methods else []
    exact = all(method.startswith("exact") for method in used)
    matches = part.numbers("matches") if "matches" in part.table else np.array([np.nan])
    many = "" if exact or np.isnan(matches).all() else f", {_span(matches)} matches a pair"
    return f"Method: {', '.join(used)}{many}." if used else ""


def _span(values: Floats) -> str:
    low, high = int(np.nanmin(values)), int(np.nanmax(values))
    return str(low) if low == high else f"{low} to {high}"


def _crowded(rows: Table | Part) -> Any:
    """Which rows of ``pairs`` are of games of many seats: those that say how many others there were."""
    return ~np.isnan(rows.numbers("others")) if "others" in rows else np.zeros(len(rows), np.bool_)


def seated(data: Data, many: bool) -> Data:
    """The runs of games of many seats, or those of games of two."""
    part = data.part("pairs")
    kept = set(part.run[_crowded(part) == many].tolist())
    return data.only(run for i, run in enumerate(data.runs) if i in kept)


def _schelling(axes: Axes, data: Data, style: Style) -> Drawing:
    everyone, part = cast(data), data.part("pairs")
    here = part.text("strategy")
    present = {here.names[code] for code in here.codes}
    kinds = [name for name in everyone if name in present][:2]
    row, other = renumbered(here, kinds), renumbered(part.text("partner"), kinds)
    others = part.numbers("others")
    seats = int(np.nanmax(others[row != other])) + 1
    columns: dict[str, list[Any]] = {}
    for i, name in enumerate(kinds):
        mine = (row == i) & (other == 1 - i)
        second = others[mine] if i == 0 else seats - others[mine]
        numbers = _curve(data, np.flatnonzero(mine), second)
        looks = look(everyone.index(name))  # of all strategies, so that a colour means the same in every panel
        axes.plot(numbers["count"], numbers["payoff"], label=name, **looks)
        axes.vlines(numbers["count"], numbers["low"], numbers["high"], colors=looks["color"], linewidth=0.9)
        record(columns, strategy=name, partner=kinds[1 - i], second=kinds[1], **numbers)
    axes.set_xlabel(f"{short(kinds[1], style.letters)} among {seats} seats")
    axes.set_ylabel(paid(data, "pairs", "payoff of a seat"))
    axes.set_xlim(-0.3, seats + 0.3)
    whole_ticks(axes)
    quiet(axes)
    said = f"Mean payoff of a seat of either kind against the number of the second kind among {seats}."
    return Drawing(columns, f"{said} {intervals('Lines', 'repetition', columns['low'])} {_how(data)}")


def _curve(data: Data, rows: Any, count: Floats) -> dict[str, Any]:
    """One kind's payoff by ``count``: mean over runs and its interval, or the table's where there is one run."""
    part = data.part("pairs")
    payoff, low, high = (part.numbers(key)[rows] for key in ("payoff", "ci_low", "ci_high"))
    places, first = np.unique(count, return_index=True)
    if len(places) == len(payoff):
        return {"count": places.astype(int), "payoff": payoff[first], "low": low[first], "high": high[first]}
    spread = [metrics.interval(payoff[count == each]) for each in places]
    mean, _, low, high = (np.array([float(each[k]) for each in spread]) for k in range(4))
    return {"count": places.astype(int), "payoff": mean, "low": low, "high": high}


def cast(data: Data) -> list[str]:
    """Strategies of all games of many seats, the most cooperative first where that is known."""
    table = data.tables["pairs"]
    shown = _crowded(table)
    column = coded(table["strategy"])[shown]
    names = [column.names[code] for code in dict.fromkeys(column.codes.tolist()) if code >= 0]
    if "cooperation" not in table:
        return names
    means = _means(renumbered(column, names), table.numbers("cooperation")[shown], len(names))
    return [names[i] for i in np.argsort(-np.nan_to_num(means), kind="stable")]


def _pairs(data: Data) -> list[tuple[str, Data]]:
    """A panel for each two kinds, group by group."""
    many, panels = seated(data, many=True), []
    for label, group in many.groups():
        for one, two in itertools.combinations(cast(data), 2):
            sub = _with(group, one, two)
            if len(sub.part("pairs")):
                panels.append((", ".join(filter(None, (f"{one} and {two}", label))), sub))
    return panels


def _with(data: Data, one: str, two: str) -> Data:
    part, pair = data.part("pairs"), [one, two]
    row, other = renumbered(part.text("strategy"), pair), renumbered(part.text("partner"), pair)
    return data.within("pairs", part.rows[(row >= 0) & (other >= 0) & (row != other)])


def _grouped(data: Data) -> list[tuple[str, Data]]:
    return [panel for panel in seated(data, many=False).groups() if len(panel[1].part("pairs"))]


PAYOFFS = Plot(
    "payoffs",
    "payoff of each strategy against each other",
    ("pairs", "payoff"),
    _payoffs,
    _grouped,
    lambda data, width: width * 0.93 - 0.15,
    across=2,
    when="games of two seats",
)
SCHELLING = Plot(
    "schelling",
    "payoff of either kind against the number of the other",
    ("pairs", "others", "payoff"),
    _schelling,
    _pairs,
    across=2,
    share="y",
    when="games of many seats, and two strategies",
    alone=True,
)
