"""Who descends from whom: generations as columns, a line from each parent to each child."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from dilemmas.report.canvas import Drawing, Plot, whole_ticks
from dilemmas.report.data import Data, Ints, named
from dilemmas.report.plots_composition import AREAS, OTHER, kinds
from dilemmas.report.style import INK, MARKERS, REST, Style, colour
from dilemmas.results import Coded

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DOTS = 6000  # agents drawn at most: more would be a wall of ink


def links(generation: Ints, agent: Coded, parents: Coded) -> tuple[Ints, Ints]:
    """Rows of the earlier and the later end of each bond: from an agent to itself a generation later, or to a child.

    The child stands in the generation after the parent's; parents are read from the JSON list of ids.
    """
    names = [agent.names[code] for code in agent.codes]
    row = {(step, name): i for i, (step, name) in enumerate(zip(generation.tolist(), names, strict=True))}
    lists = [_ids(text) for text in parents.names]
    pairs = []
    for i, (step, name) in enumerate(zip(generation.tolist(), names, strict=True)):
        before = row.get((step - 1, name))
        listed = lists[parents.codes[i]] if parents.codes[i] >= 0 else []
        found = [before] if before is not None else [row.get((step - 1, each)) for each in listed]
        pairs += [(each, i) for each in found if each is not None]
    ends = np.array(pairs, np.intp).reshape(-1, 2)
    return ends[:, 0], ends[:, 1]


def _ids(text: str) -> list[str]:
    try:
        read = json.loads(text)
    except ValueError:
        return []
    return [str(each) for each in read] if isinstance(read, list) else []


def ancestors(generation: Ints, former: Ints, later: Ints) -> Any:
    """Which rows are alive in the last generation, or have a descendant there."""
    alive = generation == generation.max() if len(generation) else np.zeros(0, np.bool_)
    for step in range(int(generation.max()) if len(generation) else 0, 0, -1):
        here = alive[later] & (generation[later] == step)
        alive[former[here]] = True
    return alive


def slots(generation: Ints, kind: Ints, former: Ints, later: Ints) -> Ints:
    """Places of agents in their columns, from 0: by strategy, then beside their parents, so that few lines cross."""
    place = np.zeros(len(generation))
    parent = np.full(len(generation), np.inf)
    for step in np.unique(generation):
        rows = np.flatnonzero(generation == step)
        bond = generation[later] == step
        np.minimum.at(parent, later[bond], place[former[bond]])
        order = np.lexsort((rows, parent[rows], kind[rows]))
        place[rows[order]] = np.arange(len(rows))
    return place.astype(np.intp)


def society(data: Data) -> dict[str, str]:
    """Whose picture it is, where there is one run: its name, the values of its cell in words, and its seed."""
    run = data.runs[0]
    cell = ", ".join(named(axis, value) for axis, value in run.values.items() if value)
    return {"run": run.name, "cell": cell, "seed": "" if run.seed is None else str(run.seed)}


def whose(data: Data) -> str:
    """The same in words: ``run 2-ce6de1-0 (multiplier = 2, seed 0)``."""
    found = society(data)
    known = ", ".join(filter(None, (found["cell"], f"seed {found['seed']}" if found["seed"] else "")))
    return " ".join(filter(None, ("run", found["run"]))) + (f" ({known})" if known else "")


def _lineage(axes: Axes, data: Data, style: Style) -> Drawing:
    part = data.part("agents")
    generation, agent = part.numbers("generation").astype(np.intp), part.text("agent")
    strategy, parents = part.text("strategy"), part.text("parents")
    shown = generation <= _last(generation)
    generation, agent, strategy, parents = generation[shown], agent[shown], strategy[shown], parents[shown]
    names = kinds(data)
    lookup = np.array([*(min(names.index(name), AREAS) if name in names else AREAS for name in strategy.names), AREAS])
    kind = lookup[strategy.codes]
    former, later = links(generation, agent, parents)
    place, alive = slots(generation, kind, former, later), ancestors(generation, former, later)
    _bonds(axes, generation, place, kind, former, later, alive)
    _dots(axes, generation, place, kind, alive, names, style.width)
    _frame(axes, generation, place)
    columns = {
        **{key: [value] * len(generation) for key, value in society(data).items()},
        "generation": generation.tolist(),
        "agent": list(agent.decoded()),
        "place": (place + 1).tolist(),
        "strategy": list(strategy.decoded()),
        "parents": list(parents.decoded()),
        "ancestor": alive.tolist(),
    }
    return Drawing(columns, _said(data, generation))


def _last(generation: Ints) -> int:
    """The last generation that can be drawn legibly."""
    steps, count = np.unique(generation, return_counts=True)
    return int(steps[max(1, int((np.cumsum(count) <= DOTS).sum()) - 1)]) if len(steps) > 1 else int(steps[0])


def _said(data: Data, generation: Ints) -> str:
    last, every = int(generation.max()), int(data.part("agents").numbers("generation").max())
    cut = "" if last == every else f" (generations 1 to {last} of {every})"
    said = f"Agents by generation, {whose(data)} alone{cut}: a line joins an agent to itself or to its child;"
    return f"{said} dark: ancestors of the last generation shown."


def _bonds(axes: Axes, generation: Ints, place: Ints, kind: Ints, former: Ints, later: Ints, alive: Any) -> None:
    from matplotlib.collections import LineCollection

    paths = np.stack(
        [np.column_stack([generation[former], place[former]]), np.column_stack([generation[later], place[later]])],
        axis=1,
    )
    kept = alive[later]
    axes.add_collection(LineCollection(list(paths[~kept]), colors=REST, linewidths=0.5, zorder=1))
    inks = [_ink(each) for each in kind[former[kept]]]
    axes.add_collection(LineCollection(list(paths[kept]), colors=inks, linewidths=1.2, zorder=2))


def _ink(kind: int) -> str:
    return "#777777" if kind >= AREAS else colour(kind)


def _dots(axes: Axes, generation: Ints, place: Ints, kind: Ints, alive: Any, names: list[str], width: float) -> None:
    """A mark an agent, as large as the distance of two generations allows; ancestors have a dark edge."""
    step = width * 60 / max(int(generation.max() - generation.min()), 1)
    size = float(np.clip((0.55 * step) ** 2, 0.4, 14.0))
    for each in np.unique(kind):
        mine = kind == each
        looks: dict[str, Any] = {"c": _ink(each), "marker": MARKERS[each % len(MARKERS)], "zorder": 3}
        edges = np.where(alive[mine], INK, "#AAAAAA").tolist()
        rim = 0.4 if size > 6 else 0.0
        axes.scatter(generation[mine], place[mine], s=size, edgecolors=edges, linewidths=rim, **looks)
        axes.scatter([], [], s=14.0, label=names[each] if each < AREAS else OTHER, linewidths=0.0, **looks)


def _frame(axes: Axes, generation: Ints, place: Ints) -> None:
    axes.set_xlabel("generation")
    axes.set_ylabel("agents")
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlim(generation.min() - 0.5, generation.max() + 0.5)
    axes.set_ylim(place.max() + 0.7, -0.7)
    whole_ticks(axes)


def _first(data: Data) -> list[tuple[str, Data]]:
    """The first run that has agents: a family tree of several societies would be none."""
    present = np.unique(data.part("agents").run)
    return [("", data.only([data.runs[present[0]]]))]


def _families(data: Data) -> bool:
    return len(np.unique(data.part("agents").numbers("generation"))) > 1


def _height(data: Data, width: float) -> float:
    part = data.part("agents")
    crowd = np.bincount(part.run * 100_003 + part.numbers("generation").astype(np.intp)).max()
    return float(np.clip(0.8 + 0.14 * crowd, 1.8, 4.5))


LINEAGE = Plot(
    "lineage",
    "who descends from whom",
    ("agents", "parents", "agent", "generation"),
    _lineage,
    _first,
    _height,
    _families,
    when="several generations",
    alone=True,
)
