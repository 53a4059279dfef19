"""Who teaches whom: ribbons from those who were read to those who read them, where strategies are passed on in words.

The colour is the model of the one who is read, the shade what it gave: so one sees whether generosity is handed on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dilemmas.report import plots_lineage as lineage
from dilemmas.report.canvas import Drawing, Plot, whole_ticks
from dilemmas.report.data import Data, Floats, Ints
from dilemmas.report.plots_lineage import links, whose
from dilemmas.report.style import REST, Style, colour, distinct

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 40  # agents of a generation that can be told apart
WIDE, HIGH = 0.05, 0.8  # half the width of an agent's bar in generations, its height in places
PALE = 0.12  # what is left of a colour where nothing was given
STEPS = 24  # points of a ribbon's edge
SCRIPTS = "#4D4D4D"  # who has no model


@dataclass(frozen=True)
class Society:
    """Agents by row: generation, place in it (0: the best paid), model as a number (-1: none), share given, id."""

    generation: Ints
    place: Ints
    model: Ints
    names: tuple[str, ...]
    given: Floats
    agent: tuple[str | None, ...]
    former: Ints
    later: Ints

    @classmethod
    def of(cls, data: Data) -> Society:
        """The agents of the one run shown."""
        part = data.part("agents")
        generation, agent = part.numbers("generation").astype(np.intp), part.text("agent")
        model = part.text("model") if "model" in part else None
        rank = part.numbers("rank") if "rank" in part else np.arange(len(part), dtype=float)
        place = np.zeros(len(part), np.intp)
        for step in np.unique(generation):
            rows = np.flatnonzero(generation == step)
            place[rows[np.lexsort((rows, rank[rows]))]] = np.arange(len(rows))
        former, later = links(generation, agent, part.text("parents"))
        codes, names = (
            (np.full(len(part), -1), ()) if model is None else (np.asarray(model.codes, np.intp), model.names)
        )
        ids = tuple(agent.decoded())
        return cls(generation, place, codes, names, part.numbers("cooperation"), ids, former, later)

    @property
    def taught(self) -> Any:
        """Which bonds are of teaching; the others join an agent to itself."""
        ids = np.array(self.agent, object)
        return ids[self.former] != ids[self.later]


def _teaching(axes: Axes, data: Data, style: Style) -> Drawing:
    society = Society.of(data)
    taught = society.taught
    _survivors(axes, society, society.former[~taught], society.later[~taught])
    former, later = society.former[taught], society.later[taught]
    order = np.lexsort((society.place[later], society.place[former], society.generation[former]))
    former, later = former[order], later[order]
    _ribbons(axes, society, former, later)
    _bars(axes, society)
    _key(axes, society, style)
    _frame(axes, society)
    models = [society.names[code] if code >= 0 else "" for code in society.model[former]]
    columns = {
        **{key: [value] * len(former) for key, value in lineage.society(data).items()},
        "generation": society.generation[former].tolist(),
        "teacher": [society.agent[row] for row in former],
        "model": models,
        "share_given": society.given[former],
        "pupil": [society.agent[row] for row in later],
    }
    said = f"Who reads whom, {whose(data)} alone. Bars: agents, the "
    more = "best paid at the top. Ribbons: from those who were read to those who read them; grey lines: who stays. "
    return Drawing(columns, f"{said}{more}Colour: model; shade: mean cooperation (share given), pale for none.")


def shade(model: int, given: float) -> tuple[float, float, float]:
    """The colour of a model, dark grey for none, the paler the less was given; grey where that is not known."""
    from matplotlib.colors import to_rgb

    if np.isnan(given):
        return to_rgb(REST)
    part = PALE + (1 - PALE) * float(np.clip(given, 0, 1))
    red, green, blue = (1 - part * (1 - each) for each in to_rgb(_ink(model)))
    return red, green, blue


def _ink(model: int) -> str:
    return colour(model) if model >= 0 else SCRIPTS


def _ribbons(axes: Axes, society: Society, former: Ints, later: Ints) -> None:
    """A ribbon a bond; those of one end share its bar from the top down."""
    from matplotlib.collections import PolyCollection

    bend = (1 - np.cos(np.linspace(0, np.pi, STEPS))) / 2
    left, right = _slices(society, former), _slices(society, later, by=former)
    shapes, inks = [], []
    for bond, (a, b) in enumerate(zip(former, later, strict=True)):
        x = np.linspace(society.generation[a] + WIDE, society.generation[b] - WIDE, STEPS)
        top, bottom = (left[bond, side] + bend * (right[bond, side] - left[bond, side]) for side in (0, 1))
        shapes.append(np.column_stack([np.append(x, x[::-1]), np.append(top, bottom[::-1])]))
        inks.append(shade(int(society.model[a]), float(society.given[a])))
    axes.add_collection(PolyCollection(shapes, facecolors=inks, edgecolors="white", linewidths=0.15, zorder=2))


def _slices(society: Society, end: Ints, by: Ints | None = None) -> Floats:
    """Where each ribbon meets the bar of its end, ``(bonds, 2)``: top and bottom, in order of the other end."""
    found = np.zeros((len(end), 2))
    for row in np.unique(end):
        mine = np.flatnonzero(end == row)
        mine = mine if by is None else mine[np.argsort(society.place[by[mine]], kind="stable")]
        edges = society.place[row] - HIGH / 2 + np.linspace(0, HIGH, len(mine) + 1)
        found[mine, 0], found[mine, 1] = edges[:-1], edges[1:]
    return found


def _survivors(axes: Axes, society: Society, former: Ints, later: Ints) -> None:
    from matplotlib.collections import LineCollection

    paths = [
        [(society.generation[a], society.place[a]), (society.generation[b], society.place[b])]
        for a, b in zip(former, later, strict=True)
    ]
    axes.add_collection(LineCollection(paths, colors=REST, linewidths=1.0, zorder=1))


def _bars(axes: Axes, society: Society) -> None:
    rows = range(len(society.place))
    inks = [shade(int(society.model[row]), float(society.given[row])) for row in rows]
    axes.barh(
        society.place, 2 * WIDE, HIGH, left=society.generation - WIDE, color=inks, edgecolor="#555555", lw=0.4, zorder=3
    )


def _key(axes: Axes, society: Society, style: Style) -> None:
    """A mark for each model, and three shades of the first of them."""
    from matplotlib.colors import to_hex

    models = np.unique(society.model)
    named = distinct([society.names[code] if code >= 0 else "no model" for code in models], style.letters)
    looks: dict[str, Any] = {"linestyle": "none", "marker": "s", "markersize": 6, "markeredgewidth": 0.4}
    for code, name in zip(models, named, strict=True):
        axes.plot([], [], color=_ink(int(code)), markeredgecolor="#555555", label=name, **looks)
    for given in (0.0, 0.5, 1.0):
        ink = to_hex(shade(int(models[models >= 0][0] if models.max() >= 0 else -1), given))
        axes.plot([], [], color=ink, markeredgecolor="#555555", label=f"gives {given:.0%}", **looks)


def _frame(axes: Axes, society: Society) -> None:
    axes.set_xlabel("generation")
    axes.set_ylabel("agents, best paid at the top")
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlim(society.generation.min() - 0.15, society.generation.max() + 0.15)
    axes.set_ylim(society.place.max() + 0.7, -0.7)
    whole_ticks(axes)


def _first(data: Data) -> list[tuple[str, Data]]:
    """The first run that has agents with texts."""
    present = np.unique(data.part("agents").run)
    return [("", data.only([data.runs[present[0]]]))]


def _told(data: Data) -> bool:
    """Whether anybody read anybody, among few enough to be told apart."""
    part = data.part("agents")
    crowd = np.bincount(part.run * 100_003 + part.numbers("generation").astype(np.intp)).max()
    return bool(crowd <= MOST and len(np.unique(part.numbers("generation"))) > 1)


def _height(data: Data, width: float) -> float:
    return float(np.clip(0.8 + 0.2 * (Society.of(data).place.max() + 1), 1.8, 5.0))


TEACHING = Plot(
    "teaching",
    "who teaches whom",
    ("agents", "text", "parents", "cooperation"),
    _teaching,
    _first,
    _height,
    _told,
    when=f"several generations of at most {MOST} agents",
    alone=True,
)
