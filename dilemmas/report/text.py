"""Results in plain text for terminals: rankings, squares, generations, bars and sparklines; and small Markdown tables.

Everything is made with Unicode and fits ``width`` columns; :func:`safe` turns it into what a terminal can show. Names
may hold square brackets: print with markup off.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dilemmas.report import metrics
from dilemmas.report.data import Data, Floats, arrange, coded, renumbered
from dilemmas.report.plots_generations import series
from dilemmas.report.plots_ranking import summary
from dilemmas.report.plots_tournament import order, square
from dilemmas.results import Table

EIGHTHS = " ▏▎▍▌▋▊▉"
LEVELS = "▁▂▃▄▅▆▇█"
_PLAIN = str.maketrans(
    {
        **dict(zip("▏▎▍▌▋▊▉█", "   #####", strict=True)),
        **dict(zip(LEVELS, "_.-:=+*#", strict=True)),
        **{"…": "~", "–": "-", "—": "-", "±": "+", "→": ">", "×": "x", "·": "."},
    }
)


def safe(text: str, encoding: str | None) -> str:
    """Text that a terminal of this encoding can show: as it is, or with plain letters for bars and signs."""
    name = encoding or "ascii"
    try:
        text.encode(name)
    except (UnicodeEncodeError, LookupError):
        return text.translate(_PLAIN).encode("ascii", "replace").decode()
    return text


def cells(text: str) -> int:
    """How many columns a text takes in a terminal: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def short(name: str, width: int) -> str:
    """A name in at most ``width`` columns, its middle left out; what cannot be printed is a question mark."""
    plain = "".join(char if char.isprintable() else "?" for char in name)
    if cells(plain) <= width:
        return plain
    tail = max(width - 1, 0) * 2 // 5
    return _first(plain, width - 1 - tail) + "…" + _first(plain[::-1], tail)[::-1]


def _first(text: str, width: int) -> str:
    """As many of the first letters as take ``width`` columns."""
    taken = 0
    while taken < len(text) and cells(text[: taken + 1]) <= width:
        taken += 1
    return text[:taken]


def pad(text: str, width: int) -> str:
    """Text filled up with blanks on the right."""
    return text + " " * (width - cells(text))


def bar(value: float, maximum: float, width: int) -> str:
    """A bar of at most ``width`` columns, to an eighth of a column; nothing for null and for what is not positive."""
    if not (value > 0 and maximum > 0):
        return ""
    eighths = min(round(8 * width * value / maximum), 8 * width)
    return "█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()


def sparkline(values: Sequence[float] | Floats, low: float | None = None, high: float | None = None) -> str:
    """A line of little columns, one a value, between ``low`` and ``high`` (those of the values); null is a blank."""
    numbers = np.asarray(values, np.float64)
    if np.isnan(numbers).all():
        return " " * len(numbers)
    below = float(np.nanmin(numbers)) if low is None else low
    above = float(np.nanmax(numbers)) if high is None else high
    share = np.clip((numbers - below) / (above - below), 0, 1) if above > below else np.full(len(numbers), 0.5)
    return "".join(" " if level != level else LEVELS[min(int(level * 8), 7)] for level in share)


def ranking(table: Table, rule: str = "", limit: int | None = None, width: int = 80) -> str:
    """A ranking as lines: place, name, payoff with half its interval, a bar, cooperation; then the rule.

    Several runs are averaged. At most ``limit`` strategies are listed, and the rest counted.
    """
    data = arrange({"ranking": table})
    names = order(data)
    numbers = summary(data, names)[0]
    payoff = np.asarray(numbers["payoff"], np.float64)
    half = (np.asarray(numbers["high"], np.float64) - payoff) if "high" in numbers else np.full(len(names), np.nan)
    place = metrics.places(payoff) if "rank" not in numbers else np.asarray(numbers["rank"], np.float64)
    shown = np.argsort(place, kind="stable")[: limit or len(names)]
    lines = _ranked(
        [names[i] for i in shown], place[shown], payoff[shown], half[shown], _cooperation(data, names)[shown], width
    )
    if len(shown) < len(names):
        lines.append(f"  … and {len(names) - len(shown)} more")
    return "\n".join([*lines, *([f"  {rule}"] if rule else [])])


def _cooperation(data: Data, names: list[str]) -> Floats:
    """Mean cooperation by strategy, over runs."""
    part = data.part("ranking")
    if "cooperation" not in part.table:
        return np.full(len(names), np.nan)
    grid = np.full((len(names), max(len(data.runs), 1)), np.nan)
    grid[renumbered(part.text("strategy"), names), part.run] = part.numbers("cooperation")
    return metrics.interval(grid).mean


def _ranked(names: list[str], place: Any, payoff: Floats, half: Floats, cooperation: Floats, width: int) -> list[str]:
    values = [_payoff(*pair) for pair in zip(payoff, half, strict=True)]
    digits, wide = len(str(int(place.max(initial=1)))), max(map(cells, values), default=0)
    tail = 17 if not np.isnan(cooperation).all() else 0
    room = width - digits - wide - tail - 3
    name_room = min(max(map(cells, names), default=0), max(room - 14, 8), 30)
    bars = max(min(room - name_room - 1, 24), 0)
    top, lines = float(np.nanmax(payoff, initial=0)), []
    for i, name in enumerate(names):
        words = f"{int(place[i]):>{digits}} {pad(short(name, name_room), name_room)} {values[i]:>{wide}}"
        words += " " + pad(bar(float(payoff[i]), top, bars), bars)
        if tail and cooperation[i] == cooperation[i]:
            words += f" {'cooperates' if i == 0 else '':<10} {100 * cooperation[i]:>3.0f} %"
        lines.append(words.rstrip())
    return lines


def _payoff(value: float, half: float) -> str:
    """A payoff with three decimals, fewer where it is large, and half its interval where there is one."""
    if value != value:
        return "–"
    decimals = 3 if abs(value) < 100 else 1
    return f"{value:.{decimals}f}" + (f" ±{half:.{decimals}f}" if half == half and half > 0 else "")


def matrix(pairs: Table, column: str = "payoff", width: int = 80, ranked: Table | None = None) -> str:
    """The square of a tournament as lines, rows by rank, columns under their places; as many columns as fit."""
    data = arrange({"pairs": pairs} | ({"ranking": ranked} if ranked is not None else {}))
    names = order(data)
    values = square(data, column, names)
    name_room = min(max(map(cells, names)), max(width // 3, 8))
    texts = [["–" if value != value else f"{value:.2f}" for value in row] for row in values]
    wide = max(max(len(text) for row in texts for text in row), len(str(len(names)))) + 1
    digits = len(str(len(names)))
    fits = max((width - name_room - digits - 2) // wide, 1)
    head = " " * (name_room + digits + 2) + "".join(f"{i + 1:>{wide}}" for i in range(min(fits, len(names))))
    lines = [head]
    for i, name in enumerate(names):
        lines.append(
            f"{i + 1:>{digits}} {pad(short(name, name_room), name_room)} "
            + "".join(f"{text:>{wide}}" for text in texts[i][:fits])
        )
    return "\n".join(line.rstrip() for line in lines) + (
        f"\n  … {len(names) - fits} more columns" if fits < len(names) else ""
    )


def generations(tables: Mapping[str, Table] | Table, width: int = 80) -> str:
    """Payoff and cooperation over generations as sparklines, first → last with the 95 % interval over seeds.

    ``tables`` is the generations table, or a mapping that also holds ``runs``: a line each for the cells of a sweep.
    """
    known: dict[str, Table] = {"generations": tables} if isinstance(tables, Table) else {}
    if not isinstance(tables, Table):
        known = {key: tables[key] for key in ("generations", "runs") if key in tables}
    data = arrange(known)
    rows = [
        row
        for label, group in data.groups()
        for column in ("payoff", "cooperation")
        for row in _course(label, group, column)
    ]
    head, tail = max((cells(row[0]) for row in rows), default=0), max((cells(row[2]) for row in rows), default=0)
    head = max(min(head, width // 3, width - tail - 10), 6)
    room = max(width - head - tail - 2, 1)
    return "\n".join(
        f"{pad(short(label, head), head)} {sparkline(_thinned(values, room), *limits)} {words}"
        for label, values, words, limits in rows
    )


def _course(label: str, data: Data, column: str) -> list[tuple[str, Floats, str, tuple[float | None, float | None]]]:
    """Label, means, words and limits of one line; none where nothing is known."""
    if not data.has("generations", column):
        return []
    _, lines = series(data, column)
    spread = metrics.interval(lines, axis=0)
    share = column == "cooperation"
    low, high = metrics.possible(spread, share)
    first, last, lower, upper = (
        _said(float(value), share) for value in (spread.mean[0], spread.mean[-1], low[-1], high[-1])
    )
    words = f"{first} → {last}" + (f" (95 % CI {lower} – {upper})" if spread.low[-1] == spread.low[-1] else "")
    return [(f"{column} {label}".strip(), spread.mean, words, (0.0, 1.0) if share else (None, None))]


def _said(value: float, share: bool) -> str:
    """A payoff, or a share in per cent."""
    if share:
        return f"{100 * value:.0f} %"
    return f"{value:.2f}" if abs(value) < 100 else f"{value:,.0f}"


def _thinned(values: Floats, room: int) -> Floats:
    """At most ``room`` values: the means of equal stretches."""
    if len(values) <= room:
        return values
    return np.array([np.nanmean(part) if not np.isnan(part).all() else np.nan for part in np.array_split(values, room)])


def markdown(table: Table, columns: Sequence[str] | None = None, limit: int | None = None) -> str:
    """A table as Markdown: numbers to four digits, null as a dash, the signs of Markdown escaped."""
    names = [name for name in columns or table.columns if name in table]
    rows = min(len(table), limit or len(table))
    cut = Table(
        table.spec,
        {
            name: table[name][:rows] if not hasattr(table[name], "codes") else coded(table[name])[slice(rows)]
            for name in names
        },
    )
    body = ["| " + " | ".join(_cell(row[name]) for name in names) + " |" for row in cut.rows()]
    return "\n".join(["| " + " | ".join(names) + " |", "|" + " --- |" * len(names), *body])


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.4g}"
    return "".join("\\" + char if char in "|\\`*_<>[]" else char for char in " ".join(str(value).split()))
