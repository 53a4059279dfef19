"""The three sections of the demonstration, in lines of text, from its tables."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dilemmas.report import cells, text
from dilemmas.report.data import arrange
from dilemmas.results import Table
from dilemmas.rules.donor_theory import expected_mean

PLOTS = {
    "payoffs": (("pairs", "ranking"), ("dilemma",)),
    "cooperation": (("generations",), ("conditional", "unconditional")),
    "schelling": (("pairs",), ("lake",)),
}
"""The plot of each section: tables that it needs, and the parts of the experiment that it shows."""

Tables = Mapping[str, Table]


def shown(tables: Tables, plot: str) -> dict[str, Table]:
    """What a plot of the tour shows."""
    return cells.select(tables, PLOTS[plot][0], "part", PLOTS[plot][1])


def dilemma(tables: Tables, width: int) -> list[str]:
    """Who wins a repeated prisoner's dilemma."""
    table = cells.select(tables, ["ranking"], "part", ["dilemma"])["ranking"]
    rule = "payoff: points a round, expected, against the others"
    return text.ranking(table, rule, width=width).splitlines()


def giving(tables: Tables, width: int) -> list[str]:
    """Giving over generations, with and without a look at the past, and two means that theory knows."""
    rows = []
    for part, label in (("conditional", "look at the past"), ("unconditional", "give to anybody")):
        data = arrange(cells.select(tables, ["generations"], "part", [part]))
        rows.append(cells.course(label, data, "cooperation", width))
    lines = [f"{label:<16} {line} {words}" for label, line, words in rows]
    played = {part: _balance(tables, part) for part in ("nobody", "half")}
    theory = {part: expected_mean(2.0, share) for part, share in (("nobody", 0.0), ("half", 0.5))}
    agree = all(abs(played[part] - theory[part]) < 1e-9 * theory[part] for part in played)
    heads = (("nobody", "checked: nobody gives "), ("half", "         all give half"))
    checks = [f"{head} → {played[part]:>7.3f} (theory {theory[part]:>7.3f})" for part, head in heads]
    return [*lines, *checks, *([] if agree else ["THESE DIFFER FROM THEORY"])]


def _balance(tables: Tables, part: str) -> float:
    return float(cells.select(tables, ["generations"], "part", [part])["generations"].numbers("payoff").mean())


def lake(tables: Tables, width: int) -> list[str]:
    """What greedy boats do: months alive, what they take and what the others take, by their number."""
    found = cells.select(tables, ["episodes"], "part", ["lake"])["episodes"]
    episode, gain = found.numbers("episode"), found.numbers("gain")
    greedy = np.array([name == "greedy" for name in found.list("strategy")])
    months = found.numbers("survival_time")
    count = np.array([greedy[episode == number].sum() for number in episode])
    boats = range(int(count.max()) + 1)
    rows = {
        "greedy boats": [str(number) for number in boats],
        "months alive": [_mean(months[count == number]) for number in boats],
        "greedy takes": [_mean(gain[(count == number) & greedy]) for number in boats],
        "others take": [_mean(gain[(count == number) & ~greedy]) for number in boats],
    }
    return [f"{name:<14}" + "".join(f"{value:>6}" for value in values) for name, values in rows.items()]


def _mean(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> str:
    return f"{values.mean():.3g}" if len(values) else "–"
