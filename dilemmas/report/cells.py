"""A sweep in short: a line a cell with means over its seeds, and who is left at the end of generations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from dilemmas.report import metrics, text
from dilemmas.report.data import Data, arrange
from dilemmas.report.plots_composition import held, kinds
from dilemmas.report.plots_generations import series
from dilemmas.results import Table

MOST = 30  # cells that are listed
COURSES = 6  # cells of which the course over generations is shown


def summary(tables: Mapping[str, Table], rule: str = "", width: int = 80, most: int = 20) -> str:
    """The result of an experiment as lines: a ranking, the course over generations, or a line a cell of a sweep.

    ``rule`` says what a ranking goes by; at most ``most`` strategies are listed.
    """
    count = len(arrange({"runs": tables["runs"]}).groups())
    if "ranking" in tables and count == 1:
        return text.ranking(tables["ranking"], rule, most, width)
    if (
        "generations" in tables
        and count <= COURSES
        and int(tables["generations"].numbers("generation").max(initial=1)) > 1
    ):
        known = {key: tables[key] for key in ("generations", "runs")}
        if count > 1:
            return courses(known, width)
        return "\n".join([text.generations(known, width), left(tables, width)])
    return "\n".join([cells(tables, width), *([f"  {rule}"] if rule else [])])


def courses(tables: Mapping[str, Table], width: int = 80) -> str:
    """Cooperation over generations (payoff in games without it), a line a cell: the course, and first → last."""
    data = arrange(tables)
    column = "cooperation" if data.has("generations", "cooperation") else "payoff"
    rows = [course(label, group, column, width) for label, group in data.groups() if group.has("generations", column)]
    return "\n".join([f"{column} over generations, mean over seeds", *_aligned(rows, width)])


def course(label: str, data: Data, column: str, width: int = 80) -> tuple[str, str, str]:
    """Label, sparkline, and first → last with the 95 % interval over seeds, of one cell."""
    spread = metrics.interval(series(data, column)[1], axis=0)
    share = column == "cooperation"
    low, high = metrics.possible(spread, share)
    stretches = np.array_split(spread.mean, min(len(spread.mean), max(width // 4, 8)))
    line = text.sparkline([float(part.mean()) for part in stretches], *((0.0, 1.0) if share else (None, None)))
    first, last, lower, upper = (
        _said(float(value), share) for value in (spread.mean[0], spread.mean[-1], low[-1], high[-1])
    )
    known = spread.low[-1] == spread.low[-1]
    return label, line, f"{first} → {last}" + (f" (95 % CI {lower} to {upper})" if known else "")


def _said(value: float, share: bool) -> str:
    """A share in percent; other numbers with two decimals."""
    return f"{100 * value:.0f} %" if share else f"{value:,.2f}"


def select(tables: Mapping[str, Table], names: Iterable[str], axis: str, values: Collection[str]) -> dict[str, Table]:
    """Some tables, and ``runs``, with the rows of those runs alone that have one of the values on a sweep axis."""
    wanted = dict.fromkeys([*names, "runs"])
    whole = arrange({name: tables[name] for name in wanted})
    data = whole.only([run for run in whole.runs if run.values.get(axis) in values])
    parts = {name: data.part(name) for name in wanted}
    return {
        name: Table(part.table.spec, {key: column[part.rows] for key, column in part.table.columns.items()})
        for name, part in parts.items()
    }


def cells(tables: Mapping[str, Table], width: int = 80) -> str:
    """A line a cell: its values, runs, payoff and cooperation with half their 95 % intervals over seeds, and more."""
    small = {name: tables[name] for name in ("runs", "ranking", "episodes") if name in tables and _wanted(name, tables)}
    data = arrange(small)
    groups = data.groups()
    rows = [("cell", "runs", "payoff", "cooperation", _told(small))]
    rows += [(label or "all", str(len(group.runs)), *_means(group), _most(group)) for label, group in groups[:MOST]]
    lines = _aligned([row if row[0] else row[1:] for row in rows], width)
    return "\n".join([*lines, *([f"… and {len(groups) - MOST} more cells"] if len(groups) > MOST else [])])


def _wanted(name: str, tables: Mapping[str, Table]) -> bool:
    """Episodes may be many; they are looked at only for what becomes of a stock."""
    return name != "episodes" or "rounds" in tables


def _told(tables: Mapping[str, Table]) -> str:
    if "ranking" in tables:
        return "first"
    return "rounds survived" if "episodes" in tables and "survival_time" in tables["episodes"] else ""


def _means(data: Data) -> tuple[str, str]:
    part = data.part("runs")
    return _mean(part.numbers("payoff"), 1.0), _mean(part.numbers("cooperation"), 100.0, " %")


def _mean(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]], scale: float, unit: str = "") -> str:
    spread = metrics.interval(values * scale)
    if np.isnan(spread.mean):
        return "–"
    decimals = 0 if unit else 3 if abs(float(spread.mean)) < 100 else 1
    half = float(spread.high - spread.mean)
    return f"{float(spread.mean):.{decimals}f}" + (f" ±{half:.{decimals}f}" if half > 0 else "") + unit


def _most(data: Data) -> str:
    """Who came first most often, or how long the stock lasted."""
    if data.has("ranking", "rank"):
        part = data.part("ranking")
        first = part.text("strategy")[part.numbers("rank") == 1]
        won = Counter(first.decoded().tolist())
        return ", ".join(name for name, times in won.items() if times == max(won.values()))
    if data.has("episodes", "survival_time"):
        return _mean(data.part("episodes").numbers("survival_time"), 1.0).removesuffix(".000")
    return ""


def left(tables: Mapping[str, Table], width: int = 80) -> str:
    """Shares of strategies in the last generation, the largest first, mean over runs."""
    data = arrange({name: tables[name] for name in ("agents", "shares", "runs") if name in tables})
    names = kinds(data)
    last = np.nanmean(held(data, names)[1][:, -1, : len(names)], axis=0)
    shares = sorted(zip(names, last.tolist(), strict=True), key=lambda pair: -pair[1])
    shares = [(name, share) for name, share in shares if share >= 0.0005]
    line, shown = "at the end:", 0
    for name, share in shares:
        word = f" {text.short(name, 40)} {100 * share:.0f} %,"
        if shown and text.cells(line + word) > width - 12:
            break
        line, shown = line + word, shown + 1
    return line.rstrip(",") + (f" and {len(shares) - shown} more" if shown < len(shares) else "")


def _aligned(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    sizes = [max(text.cells(row[i]) for row in rows) for i in range(len(rows[0]))]
    sizes[0] = min(sizes[0], max(width - sum(sizes[1:]) - 2 * len(sizes), 12))
    return [
        "  ".join(text.pad(text.short(cell, size), size) for cell, size in zip(row, sizes, strict=True)).rstrip()
        for row in rows
    ]
