"""Who holds which strategy, generation by generation: shares of agents, or of an infinite population."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dilemmas.report import metrics
from dilemmas.report.canvas import Drawing, Plot, whole_ticks
from dilemmas.report.data import Data, Floats, Part, coded, renumbered
from dilemmas.report.style import COLOURS, HATCHES, REST, Style, colour
from dilemmas.results import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

AREAS = 7  # strategies with an area of their own
PANELS = 6  # seeds with a panel of their own
OTHER = "other"


def kinds(data: Data) -> list[str]:
    """Strategies of all runs, the most frequent first, so that a colour means the same in every panel."""
    table = data.tables[_holders(data)]
    column = coded(table["strategy"])
    known = column.codes >= 0
    count = np.bincount(column.codes[known], _weights(table)[known], minlength=len(column.names))
    return [column.names[i] for i in np.argsort(-count, kind="stable") if count[i]]


def _holders(data: Data) -> str:
    """The table that says who holds which strategy: agents, or the shares of an infinite population."""
    return "agents" if "agents" in data.tables else "shares"


def _weights(rows: Table | Part) -> Floats:
    """What a row of that table counts for: an agent for one, a share for what it is."""
    return rows.numbers("share") if "share" in rows else np.ones(len(rows))


def held(data: Data, names: list[str]) -> tuple[Floats, Floats]:
    """Generations ``(g,)`` and the share of each strategy, ``(runs, g, names + 1)``; what is not named comes last."""
    part = data.part(_holders(data))
    steps, where = np.unique(part.numbers("generation"), return_inverse=True)
    strategy = renumbered(part.text("strategy"), names)
    strategy = np.where(strategy < 0, len(names), strategy)
    size = len(names) + 1
    flat = (part.run * len(steps) + where) * size + strategy
    count = np.bincount(flat, _weights(part), minlength=len(data.runs) * len(steps) * size)
    count = count.reshape(len(data.runs), len(steps), size)
    total = count.sum(axis=2, keepdims=True)
    return steps, np.divide(count, total, out=np.full(count.shape, np.nan), where=total > 0)


def _composition(axes: Axes, data: Data, style: Style) -> Drawing:
    everyone = kinds(data)
    names = everyone[: AREAS if len(everyone) > AREAS + 1 else len(everyone)]
    steps, parts = held(data, names)
    present = ~np.isnan(parts).all(axis=(1, 2))
    mean = metrics.interval(parts[present], axis=0).mean
    labels = [*names, OTHER] if len(everyone) > len(names) else names
    base = np.zeros(len(steps))
    for i, name in enumerate(labels):
        _area(axes, steps, base, base + mean[:, i], i, name)
        base = base + mean[:, i]
    axes.set_xlim(steps[0], steps[-1])
    axes.set_ylim(0, 1)
    axes.set_xlabel("generation")
    axes.set_ylabel("share of agents" if _holders(data) == "agents" else "share of the population")
    whole_ticks(axes)
    axes.spines[:].set_visible(False)
    rows = [(int(step), name, mean[g, i]) for g, step in enumerate(steps) for i, name in enumerate(labels)]
    many = f"mean of {int(present.sum())} runs" if present.sum() > 1 else "one panel a run"
    rest = (
        f"; the {AREAS} most frequent of {len(everyone)} strategies, the others together"
        if len(labels) > len(names)
        else ""
    )
    return Drawing(
        dict(zip(("generation", "strategy", "share"), zip(*rows, strict=True), strict=True)),
        f"Shares of strategies by generation ({many}{rest}).",
    )


def _area(axes: Axes, steps: Floats, low: Floats, high: Floats, index: int, name: str) -> None:
    plain: dict[str, Any] = (
        {"facecolor": REST, "hatch": ""}
        if name == OTHER
        else {"facecolor": colour(index), "hatch": HATCHES[index % len(HATCHES)]}
    )
    edge = "white" if plain["facecolor"] in ("#000000", COLOURS[0]) else "black"
    axes.fill_between(steps, low, high, label=name, edgecolor=edge, linewidth=0.0, **plain)
    axes.plot(steps, high, color="white", linewidth=0.5)


def _lives(data: Data) -> list[tuple[str, Data]]:
    """The panels in which anything can have changed."""
    holders = _holders(data)
    return [panel for panel in _each(data) if len(np.unique(panel[1].part(holders).numbers("generation"))) > 1]


def _each(data: Data) -> list[tuple[str, Data]]:
    """A panel a run where there are few runs, else a panel a group."""
    if len(data.runs) > PANELS:
        return data.groups()
    if len(data.runs) == 1:
        return [("", data)]
    labels = [
        ", ".join(filter(None, (data.label(run), f"seed {run.seed}" if run.seed is not None else run.name)))
        for run in data.runs
    ]
    return [(label, data.only([run])) for label, run in zip(labels, data.runs, strict=True)]


def _generations(data: Data) -> bool:
    """Whether there is more than one strategy; agents who all hold the same from beginning to end are no picture."""
    return len(kinds(data)) > 1


COMPOSITION = Plot(
    "composition",
    "shares of strategies over generations",
    ("agents", "strategy", "generation"),
    _composition,
    _lives,
    applies=_generations,
    when="several strategies, over several generations",
)
SHARES = Plot(
    "shares",
    "shares of strategies in an infinite population",
    ("shares", "strategy", "share", "generation"),
    _composition,
    _lives,
    applies=_generations,
    when="several strategies, over several generations",
)
