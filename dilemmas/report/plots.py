"""Figures from tables alone: which plots apply, their files, the numbers drawn, and captions.

Made without a display and without pyplot; the same tables give the same bytes on one machine and set of packages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dilemmas.errors import DilemmasError, ResultsError, UnknownName, nearest
from dilemmas.report import beside
from dilemmas.report import style as styles
from dilemmas.report.beside import captioned
from dilemmas.report.canvas import Drawing, Plot
from dilemmas.report.data import FOLDER, Data, arrange
from dilemmas.report.folders import merge
from dilemmas.report.plots_commons import GAINS, STOCK
from dilemmas.report.plots_composition import COMPOSITION, SHARES
from dilemmas.report.plots_generations import COOPERATION, PAYOFF
from dilemmas.report.plots_levels import RATES, SURVIVAL
from dilemmas.report.plots_lineage import LINEAGE
from dilemmas.report.plots_prediction import PREDICTIONS
from dilemmas.report.plots_ranking import RANKING
from dilemmas.report.plots_scores import SCORES
from dilemmas.report.plots_teaching import TEACHING
from dilemmas.report.plots_tournament import PAYOFFS, SCHELLING
from dilemmas.report.style import Style
from dilemmas.results import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from dilemmas.specs.published import Published

_ALL = (
    *(RANKING, PAYOFFS, SCHELLING, COMPOSITION, SHARES, PAYOFF, COOPERATION, LINEAGE, STOCK, GAINS, SURVIVAL, RATES),
    *(TEACHING, *SCORES, PREDICTIONS),
)
PLOTS: dict[str, Plot] = {plot.name: plot for plot in _ALL}

PANELS = 12  # panels of a figure at most

__all__ = ["PLOTS", "applicable", "captioned", "draw", "merge", "on"]


def applicable(tables: Mapping[str, Table]) -> list[str]:
    """Names of the plots that these tables can show, in the order in which they are drawn."""
    return [plot.name for plot in _suited(arrange(tables))[0]]


def draw(
    tables: Mapping[str, Table],
    folder: Path,
    only: Sequence[str] | None = None,
    by: str | None = None,
    x: str | None = None,
    width: float = 6.4,
    font: float = 8.0,
    formats: Sequence[str] = ("png", "svg"),
    log: bool | None = None,
    published: tuple[Published, ...] = (),
) -> list[Path]:
    """Write ``NAME.png``, ``NAME.svg``, ``NAME.csv`` (the numbers drawn) and ``captions.md``; their paths.

    ``only`` holds names of plots, and ``AXIS=VALUE`` to show those runs alone. ``by`` is the axis that groups runs,
    ``x`` one to lie along x. ``width`` is in inches (3.4 fills a column), ``font`` in points, ``log`` a logarithmic
    payoff axis (None: chosen by range), ``published`` numbers of others to draw behind. Where no plot applies by
    itself, the first axis of numbers lies along x. Raises UnknownName for a plot or axis that is none, UsageError for a
    format, ResultsError where nothing can be drawn.
    """
    kinds, style = styles.checked(formats), Style(width, font, log)
    wanted = [item for item in only or () if "=" not in item]
    data = arrange(tables, [item for item in only or () if "=" in item], by or _folders(tables), x, published)
    chosen, data = _chosen(data, wanted)
    folder.mkdir(parents=True, exist_ok=True)
    paths, captions = [], beside.taken(folder)
    for plot in chosen:
        with _told(plot), _settings(style):
            made, drawing = compose(plot, data, style)
            paths += styles.save(made, folder / plot.name, kinds)
        paths.append(beside.numbers(drawing, folder / f"{plot.name}.csv"))
        captions[plot.name] = drawing.caption
    return [*paths, beside.captions(captions, PLOTS, folder)]


def _folders(tables: Mapping[str, Table]) -> str | None:
    return FOLDER if "runs" in tables and FOLDER in tables["runs"] else None


def on(name: str, tables: Mapping[str, Table], ax: Axes | None = None, **options: Any) -> Axes | Figure:
    """Draw one plot: on the axes given (all in one panel), or as a new figure; ``options`` as for :func:`draw`.

    Returns the axes or the figure; raises UnknownName, or ResultsError where the tables do not hold what it shows.
    """
    by, x, published = options.pop("by", None) or _folders(tables), options.pop("x", None), options.pop("published", ())
    chosen, data = _chosen(arrange(tables, options.pop("only", ()), by, x, published), [name])
    plot, style = chosen[0], Style(**options)
    with _settings(style):
        if ax is None:
            return compose(plot, data, style)[0]
        panels = plot.panels(data)
        plot.paint(ax, panels[0][1] if plot.alone or len(panels) == 1 else plot.view(data), style)
        if ax.get_legend_handles_labels()[0]:
            ax.legend(loc="lower left", bbox_to_anchor=(0, 1.01), ncols=3)
    return ax


@contextmanager
def _told(plot: Plot) -> Iterator[None]:
    """A fault of ours, or of matplotlib's, as an error that names the plot: tables are whole, and the others may be."""
    try:
        yield
    except (DilemmasError, OSError):
        raise
    except Exception as error:
        said = f"the plot {plot.name!r} could not be drawn: {type(error).__name__}: {error}"
        raise ResultsError(said, remedy="The tables are whole. Draw others by name: --only NAME.") from error


@contextmanager
def _settings(style: Style) -> Iterator[None]:
    import matplotlib

    settings: Any = style.settings()  # known to matplotlib as literal keys alone
    with matplotlib.rc_context(settings):
        yield


def _chosen(data: Data, names: Sequence[str]) -> tuple[list[Plot], Data]:
    """The plots asked for, or all that apply, and the data with the axis along x that they need."""
    strange = next((name for name in names if name not in PLOTS), None)
    if strange is not None:
        raise UnknownName(f"no plot {strange!r}", expected=", ".join(PLOTS), remedy=nearest(strange, PLOTS))
    fitting, seen = _suited(data, names)
    missing = next((name for name in names if PLOTS[name] not in fitting), None)
    if fitting and missing is None:
        return ([PLOTS[name] for name in names] or fitting), seen
    ways = ", ".join(axis.rpartition(".")[2] for axis in data.axes)
    more = f" Put an axis along x: --x AXIS ({ways})." if ways and data.x is None else ""
    if missing is None:
        needed = "a tournament, several generations, a common stock, or an axis along x"
        raise ResultsError("nothing in these results makes a plot", expected=needed, remedy=more.strip())
    known = ", ".join(plot.name for plot in _suited(data)[0]) or "none"
    raise ResultsError(
        f"these results cannot be drawn as {missing!r}",
        expected=_wanted(data, PLOTS[missing]),
        remedy=f"They fit: {known}.{more if PLOTS[missing].along else ''}",
    )


def _wanted(data: Data, plot: Plot) -> str:
    """What a plot lacks: the table with its columns, or what else it asks of them."""
    table, *columns = plot.needs
    return plot.when if data.has(*plot.needs) and plot.when else f"a table {table} with {', '.join(columns)}"


def _suited(data: Data, names: Sequence[str] = ()) -> tuple[list[Plot], Data]:
    """All plots that apply; where there is none (of those named), along the first axis of numbers."""
    fitting = [plot for plot in PLOTS.values() if plot.fits(data)]
    axis = data.numeric() if data.x is None else None
    if axis is None or (all(PLOTS[name] in fitting for name in names) if names else fitting):
        return fitting, data
    along = replace(data, x=axis)
    found = [plot for plot in PLOTS.values() if plot.fits(along)]
    return (found, along) if found and all(PLOTS[name] in found for name in names) else (fitting, data)


def compose(plot: Plot, data: Data, style: Style) -> tuple[Figure, Drawing]:
    """A figure of all panels of a plot, its legend beneath them, and what was drawn."""
    every = plot.panels(data)
    panels = every[:PANELS]
    most = plot.across if not style.narrow else max(1, plot.across - 1)
    across = min(len(panels), most)
    down = -(-len(panels) // across)
    inner = replace(style, width=style.width / across)
    height = max(plot.height(part, inner.width) for _, part in panels) + (0.2 if len(panels) > 1 else 0.0)
    made = styles.figure(style, height * down)
    grid = made.subplots(down, across, squeeze=False)
    drawings = []
    for axes, (label, part) in zip(grid.flat, panels, strict=False):
        drawings.append((label, plot.paint(axes, part, inner)))
        if label and len(panels) > 1:
            axes.set_title(styles.short(label, round(0.75 * inner.width * 72 / (0.55 * style.font))))
        _broken(axes, inner, height)
    _tidy(grid, len(panels), plot.share)
    _legend(made, style)
    cut = f" The first {len(panels)} of {len(every)} panels are drawn." if len(every) > len(panels) else ""
    return made, _together(drawings, f"{cut} {_whose(plot, panels)}")


def _broken(axes: Axes, style: Style, height: float) -> None:
    """Labels that are too long for their side have their unit on a line of its own."""
    for way, side in (("x", style.width), ("y", height)):
        label = getattr(axes, f"get_{way}label")()
        if len(label) * style.font * 0.5 > 0.63 * side * 72:
            getattr(axes, f"set_{way}label")(label.replace(" (", "\n("))


def _tidy(grid: Any, used: int, share: str) -> None:
    """Hide the cells that stay empty, say what an axis shows once a row, and give panels the limits they share."""
    shown = list(grid.flat)[:used]
    for axes in grid.flat[used:]:
        axes.set_visible(False)
    alike = {way: len({getattr(axes, f"get_{way}label")() for axes in shown}) == 1 for way in "xy"}
    if alike["y"]:
        for axes in grid[:, 1:].flat:
            axes.set_ylabel("")
    if "x" in share and alike["x"]:
        for above, below in zip(grid[:-1].flat, grid[1:].flat, strict=True):
            above.set_xlabel(above.get_xlabel() if below not in shown else "")
    for way in [way for way in share if alike[way]]:  # points and units have no scale in common
        ends = np.array([getattr(axes, f"get_{way}lim")() for axes in shown])
        for axes in shown:
            getattr(axes, f"set_{way}lim")(ends[:, 0].min(), ends[:, 1].max())


def _legend(made: Figure, style: Style) -> None:
    """One legend for all panels, beneath them, where it can cover nothing."""
    found: dict[str, Any] = {}
    for axes in made.axes:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    if not found:
        return
    labels = styles.distinct(list(found), 2 * style.letters)
    longest = max(map(len, labels)) * style.font * 0.5 + 3.5 * style.font + 12
    columns = max(1, min(len(labels), int(style.width * 72 // longest)))
    rows = -(-len(labels) // columns)
    made.set_figheight(made.get_figheight() + (rows * 1.3 + 0.5) * style.font / 72)
    made.legend(list(found.values()), labels, loc="outside lower center", ncols=columns)


def _whose(plot: Plot, panels: list[tuple[str, Data]]) -> str:
    """How many runs, of which seeds, the panels show."""
    runs = {}
    for _, part in panels:
        shown = np.unique(part.part(plot.needs[0]).run)
        runs.update({part.runs[i].name: part.runs[i] for i in shown})
    seeds = panels[0][1].only(runs.values()).seeds()
    return f"{seeds[0].upper()}{seeds[1:]}."


def _together(drawings: list[tuple[str, Drawing]], more: str) -> Drawing:
    """The numbers of all panels in one table, null where a panel lacks a column, and one caption."""
    columns: dict[str, list[Any]] = {}
    rows = 0
    for label, drawing in drawings:
        size = len(next(iter(drawing.columns.values()), ()))
        part = {**({"panel": [label] * size} if len(drawings) > 1 else {}), **drawing.columns}
        for key in dict.fromkeys([*columns, *part]):
            columns.setdefault(key, [None] * rows).extend(part.get(key, [None] * size))
        rows += size
    said = " ".join(dict.fromkeys(drawing.caption.strip() for _, drawing in drawings))
    return Drawing(columns, f"{said} {more.strip()}")
