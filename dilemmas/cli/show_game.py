"""A game for people: its payoffs or its law with its numbers, what theory says of it, and notes on its sources."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dilemmas.cli.console import columns
from dilemmas.errors import MissingExtra, many
from dilemmas.rules import equilibria
from dilemmas.rules.commons import Commons
from dilemmas.rules.donor import Donor
from dilemmas.rules.donor_theory import expected_mean
from dilemmas.rules.matrix import Matrix
from dilemmas.rules.public_goods import PublicGoods
from dilemmas.specs import games

Shown = tuple[list[str], dict[str, Any]]
LARGE = 12  # actions up to which a payoff table is printed


def show(name: str, given: Mapping[str, Any], width: int) -> Shown:
    """The lines for a screen, and the same as plain data."""
    game = games.load(name, given, Path())
    lines = [f"{game.name} · {game.kind} game for {many(game.rules.seats, 'seat')}"]
    lines += wrapped(game.about, width)
    lines += wrapped(f"Source: {game.source}", width) if game.source else []
    law = LAWS.get(game.kind)
    body, data = law(game.rules, width) if law is not None else ([], {})
    lines += ["", *body]
    lines += ["", "Parameters", *parameters(game.rules, width)]
    if game.notes:
        rows = [(f"  {key}", text) for key, text in game.notes.items()]
        lines += ["", "Notes on the sources, and on what is done where they differ", *columns(rows, width)]
    plain = {"name": game.name, "kind": game.kind, "seats": game.rules.seats, "source": game.source}
    return lines, plain | {"parameters": games.parameters_of(game.rules)} | data


def wrapped(text: str, width: int, later: str = "", first: str = "") -> list[str]:
    """A paragraph cut into lines; ``first`` and ``later`` are put before the first and the other lines."""
    return textwrap.wrap(text, width, initial_indent=first, subsequent_indent=later) if text else []


def parameters(rules: Any, width: int) -> list[str]:
    """Name, value and meaning of every parameter, a line each."""
    fields = getattr(type(rules), "model_fields", {})
    rows = []
    for name, field in fields.items():
        value = getattr(rules, name)
        if name not in ("actions", "payoffs", "given", "pairings") or (value is not None and name == "actions"):
            rows.append((f"  {field.alias or name}", cut(plain(value)), field.description or ""))
    return columns(rows, width) if rows else ["  none"]


def cut(text: str, width: int = 32) -> str:
    """A text in at most so many columns."""
    return text if len(text) <= width else text[: width - 3] + "..."


def plain(value: Any) -> str:
    """A value as it would be typed."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {plain(part)}" for key, part in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(plain, value)) + "]"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "none"}[value]
    return f"{value:g}" if isinstance(value, float) else str(value)


def _matrix(game: Matrix, width: int) -> Shown:
    try:
        known = equilibria.analyse(game)
        hint = ""
    except MissingExtra as error:
        known, hint = equilibria.analyse(game, mixed=False), f"Mixed equilibria: {error.remedy}"
    lines = (
        _table(game)
        if max(map(len, game.names)) <= LARGE
        else [f"{' x '.join(str(len(side)) for side in game.names)} payoffs"]
    )
    said = f"Class: {known.title}", f"Pareto-efficient: {_cells(known.pareto)}", f"Dominant: {_dominant(game, known)}"
    lines += [
        "",
        *(line for sentence in said for line in wrapped(sentence, width, "  ")),
        "Nash equilibria of one round:",
    ]
    lines += [
        line for one in known.equilibria[:12] for line in wrapped(_equilibrium(game, one), width, "    ", "  ")
    ] or ["  none found"]
    if len(known.equilibria) > 12:
        lines.append(f"  and {len(known.equilibria) - 12} more")
    lines += wrapped(f"Note: {known.note}", width) if known.note else []
    lines += [hint] if hint else []
    listed = [{"first": one.first, "second": one.second, "payoffs": one.payoffs} for one in known.equilibria]
    return lines, {"class": known.title, "equilibria": listed, "pareto": known.pareto, "degenerate": known.degenerate}


def _table(game: Matrix) -> list[str]:
    """Payoffs, seat 1 in rows: own, other's."""
    first, second = game.names
    cells = [[f"{plain(float(a))}, {plain(float(b))}" for a, b in row] for row in game.table]
    wide = max(len(text) for text in [*second, *(cell for row in cells for cell in row)]) + 3
    left = max(map(len, first)) + 2
    head = "  " + " " * left + "".join(name.rjust(wide) for name in second)
    return [
        head,
        *(
            "  " + name.ljust(left) + "".join(cell.rjust(wide) for cell in row)
            for name, row in zip(first, cells, strict=True)
        ),
    ]


def _cells(cells: Sequence[tuple[str, str]]) -> str:
    shown = ", ".join(f"({a}, {b})" for a, b in cells[:12])
    return shown + (f" and {len(cells) - 12} more" if len(cells) > 12 else "")


def _dominant(game: Matrix, known: equilibria.Analysis) -> str:
    if known.dominant[0] is None and known.dominant[1] is None:
        return "no action"
    return ", ".join(f"{action or 'no action'} for seat {seat}" for seat, action in enumerate(known.dominant, 1))


def _equilibrium(game: Matrix, one: equilibria.Equilibrium) -> str:
    sides = [_mixture(names, chances) for names, chances in zip(game.names, (one.first, one.second), strict=True)]
    return f"({sides[0]}; {sides[1]}) pays {one.payoffs[0]:.4g}, {one.payoffs[1]:.4g}"


def _mixture(names: Sequence[str], chances: Sequence[float]) -> str:
    played = [(name, chance) for name, chance in zip(names, chances, strict=True) if chance > 0]
    return played[0][0] if len(played) == 1 else " + ".join(f"{chance:.4g} {name}" for name, chance in played)


def _donor(game: Donor, width: int) -> Shown:
    seen = f"{', '.join(game.information) or 'nothing'}{f' ({game.trace} entries)' if game.depth else ''}"
    text = (
        f"{game.seats} seats start with {game.endowment:g} units each. In each of {game.rounds} rounds they meet in "
        f"pairs: the donor gives any part of its balance, and its recipient gets {game.multiplier:g} units for a unit "
        f"given. A seat's payoff is its final balance. What a donor sees of its recipient's past: {seen}. "
        f"It may {' or '.join(game.choices)}."
    )
    means = {share: _mean(game, share) for share in (0.0, 0.5, 1.0)}
    lines = ["Law", *wrapped(text, width)]
    if all(mean is not None for mean in means.values()):
        rows = [(f"  {100 * share:.0f} %", f"{mean:,.3f} units") for share, mean in means.items()]
        lines += ["", "Mean final balance if every donor always gives the share", *columns(rows, width)]
    lines += ["", *wrapped(GIVING, width)]
    return lines, {"mean_if_all_give": {str(share): mean for share, mean in means.items()}}


GIVING = (
    "Giving nothing is dominant in one round; where the multiplier is above 1, everybody giving everything is best for "
    "all together."
)


def _mean(game: Donor, share: float) -> float | None:
    """Theory of plain giving; there is none for written pairings or failing gifts."""
    if game.pairings is not None or game.execution_error:
        return None
    return expected_mean(game.multiplier, share, game.rounds, game.endowment, game.schedule, game.seats)


def _commons(game: Commons, width: int) -> Shown:
    stock = np.array([game.capacity])
    most, share = float(game.threshold(stock)[0]), float(game.share(stock, 1)[0])
    text = (
        f"{game.seats} seats harvest from a stock of {game.capacity:g} at most. Every round each says how much it "
        f"wants; what is left grows {game.growth:g}-fold up to {game.capacity:g}. If less than {game.collapse_below:g} "
        f"is left the stock has collapsed. Where more is wanted than there is, the allocation is {game.allocation}."
    )
    if game.sanction is not None:
        text += f" Then all vote: who is named by more than half of the others pays {game.sanction.fine:g}."
    full = f"From a full stock {most:g} can be taken together and come back: {share:g} for each seat."
    return ["Law", *wrapped(text, width), "", *wrapped(full, width), *wrapped(TAKING, width)], {
        "threshold": most,
        "share": share,
    }


TAKING = (
    "In one round taking more pays a seat, whatever the others do, as long as there is something left; over the rounds "
    "a stock that collapses is worse for all."
)


def _public_goods(game: PublicGoods, width: int) -> Shown:
    text = (
        f"In each round {game.seats} seats have {game.endowment:g} units each and put any part into a pot. Every unit "
        f"in the pot brings each seat {game.factor / game.seats:g} (the pot grows {game.factor:g}-fold and is split "
        "evenly)."
    )
    for sanction in (game.punishment, game.reward):
        if sanction is not None:
            cost = f"a point costs {sanction.fee:g} and changes the target's account by {sanction.effect:+g}"
            text += f" Then each may {sanction.stage} each other: {cost}."
    if game.threshold:
        fate = "come back" if game.refund else "are lost"
        text += f" With less than {game.threshold:g} in the pot there is no return, and contributions {fate}."
    lines = ["Law", *wrapped(text, width), "", *wrapped(_tension(game), width)]
    return lines, {"mpcr": game.factor / game.seats}


def _tension(game: PublicGoods) -> str:
    """Whether it is a dilemma."""
    if game.threshold:
        return "With a provision point there are several equilibria: nobody gives, or just enough is given."
    if game.factor >= game.seats:
        return "A unit in the pot brings its giver at least as much as it costs: no dilemma."
    if game.factor <= 1:
        return "A unit in the pot brings all together no more than it costs: nobody should give."
    return "Giving nothing is dominant in one round, and everybody giving everything is best for all: a social dilemma."


LAWS: Mapping[str, Callable[[Any, int], Shown]] = {
    "matrix": _matrix,
    "donor": _donor,
    "commons": _commons,
    "public-goods": _public_goods,
}
