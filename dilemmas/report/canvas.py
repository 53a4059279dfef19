"""What plots have in common: what a drawing hands back, labels of axes, numbers set in cells, labels at line ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dilemmas.report.data import Data
from dilemmas.report.style import FAINT, INK, Style, distinct, drawable
from dilemmas.results import TABLES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Columns: TypeAlias = Mapping[str, Sequence[Any] | NDArray[Any]]


@dataclass(frozen=True)
class Drawing:
    """What was drawn: the numbers, a column each, and what a reader must know to read them."""

    columns: Columns
    caption: str


def whole(data: Data) -> list[tuple[str, Data]]:
    """One panel with everything."""
    return [("", data)]


def always(data: Data) -> bool:
    """Whether a plot applies: yes, wherever its tables are."""
    return True


@dataclass(frozen=True)
class Plot:
    """A kind of figure.

    ``needs`` lists the table and then the columns without which it cannot be drawn; ``paint`` draws one panel,
    ``split`` says which panels there are, ``height`` how high a panel is (inches, given its width), ``across`` how
    many stand side by side in a wide figure, ``share`` which limits (x, y) all panels have alike. ``along`` says that
    an axis along x is drawn as such; the others show a panel a cell then. ``alone`` plots have no picture of several
    panels in one; ``when`` says in words what ``applies`` and ``split`` ask for.
    """

    name: str
    about: str
    needs: tuple[str, ...]
    paint: Callable[[Axes, Data, Style], Drawing]
    split: Callable[[Data], list[tuple[str, Data]]] = whole
    height: Callable[[Data, float], float] = field(default=lambda data, width: min(max(width * 0.62, 1.35), 3.2))
    applies: Callable[[Data], bool] = always
    across: int = 3
    share: str = ""
    when: str = ""
    along: bool = False
    alone: bool = False

    def view(self, data: Data) -> Data:
        """What is shown of the data: treatments that lie along an x which this plot has not are kept apart."""
        return data if self.along or data.x is None else replace(data, x=None, by=None)

    def panels(self, data: Data) -> list[tuple[str, Data]]:
        """All panels that there would be, with their titles; those of which nothing is known are none."""
        return [panel for panel in self.split(self.view(data)) if panel[1].has(*self.needs)]

    def fits(self, data: Data) -> bool:
        """Whether the tables at hand hold what this plot shows."""
        return data.has(*self.needs) and self.applies(self.view(data)) and bool(self.panels(data))


def record(columns: dict[str, list[Any]], **cells: Any) -> None:
    """Add rows to the numbers drawn: arrays as they are, single values once a row."""
    size = max(len(cell) for cell in cells.values() if isinstance(cell, (list, tuple, np.ndarray)))
    for name, cell in cells.items():
        listed = cell if isinstance(cell, (list, tuple, np.ndarray)) else [cell] * size
        columns.setdefault(name, []).extend(listed)


def axis(table: str, column: str, words: str = "") -> str:
    """The label of an axis: words (or the column's name) and the unit of the schema."""
    unit = TABLES[table][column].unit
    text = words or column.replace("_", " ")
    return f"{text} ({unit})" if unit else text


def paid(data: Data, table: str, words: str) -> str:
    """The label of an axis of payoffs: in units where all who are shown collect units, else in points."""
    if not data.has("episodes", "gain"):
        return axis(table, "payoff", words)
    part = data.part("episodes")
    collect = set(part.run[~np.isnan(part.numbers("gain"))].tolist())
    return (
        axis("episodes", "gain", words)
        if collect.issuperset(data.part(table).run.tolist())
        else axis(table, "payoff", words)
    )


def intervals(what: str, unit: str, low: Sequence[Any] | NDArray[Any], more: str = "") -> str:
    """The sentence of a caption on intervals, where any was drawn: ``what`` shows them, over each ``unit``."""
    if np.isnan(np.asarray(low, np.float64)).all():
        return f"No interval: one {unit} each."
    return f"{what}: 95 % Student-t interval over {unit}s{more}."


@cache
def _glyphs(size: float) -> Mapping[str, tuple[NDArray[np.float64], NDArray[np.uint8], float]]:
    """Outlines of the letters of numbers, in inches, and how far each moves on."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath, text_to_path

    font = FontProperties(family="DejaVu Sans", size=size)
    made = {}
    for letter in "0123456789.-e+":
        path = TextPath((0, 0), letter, prop=font)
        advance = text_to_path.get_text_width_height_descent(letter, font, False)[0]
        made[letter] = (path.vertices / 72, path.codes, advance / 72)
    return made


def stamp(
    axes: Axes, x: Sequence[float], y: Sequence[float], texts: Sequence[str], size: float, colours: Sequence[str]
) -> None:
    """Numbers set at points of the axes, middle on the point; outlines, many times faster than so many texts."""
    from matplotlib.collections import PathCollection
    from matplotlib.path import Path

    glyphs = _glyphs(size)
    middle = glyphs["0"][0][:, 1].max() / 2
    where: dict[tuple[str, float, str], list[int]] = {}  # letter, shift from the point, colour: which points
    for i, (text, ink) in enumerate(zip(texts, colours, strict=True)):
        start = -sum(glyphs[letter][2] for letter in text) / 2
        for letter in text:
            where.setdefault((letter, round(start, 6), ink), []).append(i)
            start += glyphs[letter][2]
    points = np.column_stack([x, y])
    for (letter, shift, ink), rows in where.items():
        outline = Path(glyphs[letter][0] + [shift, -middle], glyphs[letter][1])
        put: dict[str, Any] = {
            "offsets": points[rows],
            "offset_transform": axes.transData,
            "transform": axes.figure.dpi_scale_trans,
        }
        axes.add_collection(PathCollection([outline], facecolors=ink, linewidths=0, **put), autolim=False)


def ends(
    axes: Axes, x: float, heights: Sequence[float], labels: Sequence[str], colours: Sequence[str], font: float
) -> None:
    """Names beside the right end of lines, moved apart where they would touch."""
    below, above = axes.get_ylim()
    axes.set_ylim(below, above)
    points = axes.transData.transform([(x, height) for height in heights])
    shares = axes.transAxes.inverted().transform(points)[:, 1]
    room = max(axes.get_position().height * axes.figure.get_figheight() * 72, 1.0)  # type: ignore[union-attr]  # a figure, not a part of one
    for place, share, label, ink in zip(apart(shares, 1.3 * font / room), shares, labels, colours, strict=True):
        axes.annotate(
            label,
            (1.0, share),
            xytext=(1.03, place),
            xycoords="axes fraction",
            textcoords="axes fraction",
            va="center",
            fontsize=font * 0.9,
            color=INK,
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": ink, "linewidth": 0.8, "shrinkA": 1, "shrinkB": 0},
        )


def apart(places: Sequence[float] | NDArray[np.float64], gap: float) -> NDArray[np.float64]:
    """Places moved as little as keeps them in order and ``gap`` apart: pooled neighbours, as in isotonic regression."""
    order = np.argsort(places, kind="stable")
    slots = np.arange(len(order)) * gap
    pools: list[list[float]] = []
    for value in np.asarray(places, np.float64)[order] - slots:
        pools.append([float(value)])
        while len(pools) > 1 and np.mean(pools[-2]) >= np.mean(pools[-1]):
            pools[-2:] = [pools[-2] + pools[-1]]
    result = np.empty(len(order))
    result[order] = np.concatenate([np.full(len(pool), np.mean(pool)) for pool in pools] or [np.empty(0)]) + slots
    return result


def quiet(axes: Axes, grid: str = "y") -> None:
    """A faint grid behind what is drawn."""
    axes.grid(axis=grid, color=FAINT, linewidth=0.4, alpha=0.35)  # type: ignore[arg-type]  # one of x, y, both
    axes.set_axisbelow(True)


def along(axes: Axes, data: Data) -> None:
    """Ticks and label of the sweep axis that lies along x."""
    values, places = data.points()
    if any(str(value) != f"{place:g}" for value, place in zip(values, places, strict=True)) or len(values) < 8:
        axes.set_xticks(places, distinct(values, 12))
    axes.set_xlabel(drawable((data.x or "").rpartition(".")[2]))


def plain_log(axes: Axes) -> None:
    """A logarithmic y axis with plain numbers at 1, 2 and 5 of each power of ten, as far as they fit."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.set_yscale("log")
    low, high = axes.get_ylim()
    few = np.log10(high / low) < 2
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if few else (1.0,)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def whole_ticks(axes: Axes, way: str = "x") -> None:
    """Ticks at whole numbers only: there is no half generation."""
    from matplotlib.ticker import MaxNLocator

    (axes.xaxis if way == "x" else axes.yaxis).set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
