"""The ranking of a tournament: payoff by strategy with its spread over repetitions, or along a sweep axis."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from dilemmas.report import metrics
from dilemmas.report.canvas import Columns, Drawing, Plot, along, ends, intervals, paid, quiet, record
from dilemmas.report.data import Data, Floats, Ints, renumbered
from dilemmas.report.plots_tournament import order
from dilemmas.report.style import INK, Style, distinct, look

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SEATED = ("strategy", "partner_strategy", "repetition", "payoff", "rounds")
LINES = 8  # strategies drawn as lines of their own along an axis


def _ranking(axes: Axes, data: Data, style: Style) -> Drawing:
    if data.x is not None:
        return _along(axes, data, style)
    names = order(data)
    units = repetitions(data, names)
    table, said = summary(data, names)
    if units is not None and units.shape[1] > 1:
        _boxes(axes, units, np.asarray(table["payoff"], np.float64))
        table |= _quartiles(units)
        what = f"{units.shape[1]} {'repetitions' if len(data.runs) == 1 else 'repetitions of runs'}"
        said = f"Boxes: median and quartiles over {what}, whiskers to the extremes, points: means."
    else:
        _points(axes, table, style)
    axes.set_yticks(np.arange(len(names)), distinct(names, style.letters), fontsize=min(style.font * 0.9, 8))
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(paid(data, "ranking", "mean payoff"))
    quiet(axes, "both")
    return Drawing({"strategy": names, **table}, f"Mean payoff of {len(names)} strategies, best first. {said}")


def summary(data: Data, names: list[str]) -> tuple[dict[str, Any], str]:
    """Place, mean and interval of each strategy: over runs where there are several, else as the table says."""
    part = data.part("ranking")
    where, payoff = renumbered(part.text("strategy"), names), part.numbers("payoff")
    if len(data.runs) > 1:
        grid = np.full((len(names), len(data.runs)), np.nan)
        grid[where, part.run] = payoff
        spread = metrics.interval(grid)
        table = {"rank": metrics.places(spread.mean), "payoff": spread.mean, "low": spread.low, "high": spread.high}
        unit = "seed" if len({run.seed for run in data.runs}) == len(data.runs) else "run"
        return table, intervals("Lines", unit, spread.low)
    place = np.empty(len(names), np.intp)
    place[where] = np.arange(len(payoff))
    table = {key: part.numbers(column)[place] for key, column in _COLUMNS.items() if column in part.table}
    low, high = (np.asarray(table.get(key, np.nan), np.float64) for key in ("low", "high"))
    if np.isnan(high - low).all():
        return table, "No interval: exact, or played once."
    said = "Lines: 95 % Student-t interval of the mean over repetitions."
    return table, said if np.nanmax(high - low) > 0 else "All repetitions came out the same."


_COLUMNS = {"rank": "rank", "payoff": "payoff", "low": "ci_low", "high": "ci_high"}


def _points(axes: Axes, table: Columns, style: Style) -> None:
    mean = np.asarray(table["payoff"], np.float64)
    rows = np.arange(len(mean))
    if "low" in table and "high" in table:
        axes.hlines(rows, table["low"], table["high"], colors=INK, linewidth=1.0)
    axes.plot(mean, rows, linestyle="none", marker="o", color=look(0)["color"], markersize=min(4.0, style.font / 2))


def _boxes(axes: Axes, units: Floats, mean: Floats) -> None:
    """Box plots, all at once."""
    box, rows = _quartiles(units), np.arange(len(units))
    axes.hlines(rows, box["minimum"], box["maximum"], colors=INK, linewidth=0.8)
    span = box["upper_quartile"] - box["lower_quartile"]
    axes.barh(
        rows, span, left=box["lower_quartile"], height=0.62, color="#BBD7EA", edgecolor=INK, linewidth=0.7, zorder=2
    )
    axes.vlines(box["median"], rows - 0.31, rows + 0.31, colors=INK, linewidth=1.6, zorder=3)
    mark = {"markersize": 2.6, "markerfacecolor": "white", "markeredgecolor": INK, "markeredgewidth": 0.7, "zorder": 4}
    axes.plot(mean, rows, "D", **mark)  # type: ignore[arg-type]  # properties of a line, by name


def _quartiles(units: Floats) -> dict[str, Floats]:
    names = ("minimum", "lower_quartile", "median", "upper_quartile", "maximum")
    return dict(zip(names, np.nanquantile(units, (0, 0.25, 0.5, 0.75, 1), axis=1), strict=True))


def repetitions(data: Data, names: list[str]) -> Floats | None:
    """Payoff of each strategy in each repetition of each run, ``(n, units)``, by the rule of the ranking.

    The rule is found by trying: against the others or with self-play, a round or an episode, must give the payoffs of
    the ranking. None where no episodes are at hand or none of these is the rule.
    """
    if not data.has("episodes", *SEATED):
        return None
    part = data.part("episodes")
    mine, other = (renumbered(part.text(key), names) for key in SEATED[:2])
    if (mine < 0).any() or (other < 0).any():
        return None
    repetition = part.numbers("repetition").astype(np.intp)
    _, unit = np.unique(part.run * (repetition.max() + 1) + repetition, return_inverse=True)
    for rounds, own in itertools.product((part.numbers("rounds"), np.ones(len(part))), (0.0, 0.5)):
        weight = np.where(mine == other, own, 1.0)  # two seats of a match with itself are one entry
        payoff, time = part.numbers("payoff") * weight, rounds * weight
        if _agree(data, names, mine, part.run, payoff, time):
            return _sums(mine, unit, payoff) / _sums(mine, unit, time)
    return None


def _sums(row: Ints, column: Ints, values: Floats) -> Floats:
    rows, columns = int(row.max()) + 1, int(column.max()) + 1
    sums = np.bincount(row * columns + column, values, rows * columns).astype(np.float64)
    return sums.reshape(rows, columns)


def _agree(data: Data, names: list[str], mine: Ints, run: Ints, payoff: Floats, time: Floats) -> bool:
    """Whether payoffs over time, run by run, are those of the ranking."""
    top, bottom = _sums(mine, run, payoff), _sums(mine, run, time)
    if len(top) < len(names) or not (bottom > 0).all():
        return False
    wanted = np.asarray(summary(data, names)[0]["payoff"], np.float64)
    return bool(np.allclose((top / bottom).mean(axis=1), wanted, rtol=1e-9, atol=1e-9))


def _along(axes: Axes, data: Data, style: Style) -> Drawing:
    """Payoff of the best strategies along a sweep axis."""
    names, (values, places) = order(data), data.points()
    spread = metrics.interval(_cells(data, names, values))
    shown = distinct(names[:LINES], style.letters // 2)
    for i, _ in enumerate(shown):
        axes.fill_between(places, spread.low[i], spread.high[i], color=look(i)["color"], alpha=0.13, linewidth=0)
        axes.plot(places, spread.mean[i], clip_on=False, **look(i))
    columns: dict[str, list[Any]] = {}
    for i, name in enumerate(names):
        numbers = {"payoff": spread.mean[i], "low": spread.low[i], "high": spread.high[i]}
        record(columns, strategy=name, **{data.x or "x": values}, **numbers)
    along(axes, data)
    axes.set_xlim(places.min(), max(places.max(), places.min() + 1e-9))
    axes.set_ylabel(paid(data, "ranking", "mean payoff"))
    quiet(axes)
    inks = [look(i)["color"] for i in range(len(shown))]
    ends(axes, places[-1], spread.mean[: len(shown), -1].tolist(), shown, inks, style.font)
    which = f"the best {LINES} of {len(names)} strategies" if len(names) > LINES else f"{len(names)} strategies"
    said = f"Mean payoff of {which} along {data.x}."
    return Drawing(columns, f"{said} {intervals('Bands', 'seed', columns['low'])}")


def _cells(data: Data, names: list[str], values: list[str]) -> Floats:
    """Payoffs ``(strategy, value of the axis, run)``."""
    part = data.part("ranking")
    where = np.array([values.index(data.value(run, data.x or "")) for run in data.runs])
    grid = np.full((len(names), len(values), len(data.runs)), np.nan)
    grid[renumbered(part.text("strategy"), names), where[part.run], part.run] = part.numbers("payoff")
    return grid


def _panels(data: Data) -> list[tuple[str, Data]]:
    return [("", data)] if data.x is not None else [panel for panel in data.groups() if len(panel[1].part("ranking"))]


def _height(data: Data, width: float) -> float:
    return width * 0.62 if data.x is not None else 0.55 + 0.155 * len(order(data))


RANKING = Plot(
    "ranking",
    "payoff of each strategy with its spread",
    ("ranking", "payoff"),
    _ranking,
    _panels,
    _height,
    across=2,
    share="x",
    along=True,
)
