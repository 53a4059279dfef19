"""A little money spent to learn what the whole would cost: a first generation for every model, then a forecast."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dilemmas.errors import CapReached, UsageError
from dilemmas.models.journal import entries
from dilemmas.models.ledger import LEDGER
from dilemmas.models.lines import Lines
from dilemmas.models.money import amount
from dilemmas.models.spending import replayed
from dilemmas.runs.lab import carry_out
from dilemmas.runs.rehearse import Forecast, rehearse
from dilemmas.runs.resolve import resolve
from dilemmas.runs.store import Folder
from dilemmas.runs.work import Order
from dilemmas.specs import sweep
from dilemmas.specs.sweep import Cell

FOLDER = "pilot"
MORE = "Give it more, for example --pilot 3: no more is spent than its first generation takes."


@dataclass(frozen=True)
class Measured:
    """What calls of one model took: how many were measured, mean tokens and USD a call (None: unknown).

    ``total`` is the forecast for all its calls, in USD.
    """

    model: str
    calls: int
    prompt_tokens: float
    completion_tokens: float
    reasoning_tokens: float
    cost: float | None
    total: float | None


@dataclass(frozen=True)
class Pilot:
    """What was spent, in USD and at most, what was measured, the forecast that it was laid over, and whether the cap
    ended it.
    """

    spent: float
    measured: tuple[Measured, ...]
    forecast: Forecast
    short: bool


def pilot(order: Order, usd: float) -> Pilot:
    """Play a first generation with every model, for at most ``usd`` in all, and forecast the whole.

    The calls are kept beside the results, in ``<folder>/../<name>-pilot``; ``order.fresh`` moves those of an earlier
    pilot aside. Raises UsageError without a folder, CapReached where so little has no room for a single call.
    """
    if order.out is None:
        raise UsageError("a pilot spends money, so its calls must be kept", remedy="Name a folder with --out.")
    forecast, short = rehearse(order), None
    home = order.out.with_name(f"{order.out.name}-{FOLDER}")
    cells = _covering(order)
    if order.fresh and home.is_dir():
        Folder(home).retire()
    for cell in cells:
        own = home / cell.digest
        room = max(usd - _spent(home) + _spent(own), 0.0)  # a cap counts what its own folder has spent
        try:
            carry_out(_first(order, cell, own, room))
        except CapReached as reached:
            short = reached
    measured = tuple(_measured(home, forecast))
    if short is not None and not measured:
        raise CapReached(f"a pilot of {usd:g} USD has no room for one call: {short.found}", remedy=MORE, cap="cost")
    return Pilot(_spent(home), measured, forecast, short is not None)


def _covering(order: Order) -> list[Cell]:
    """As few cells as have all models, the first that bring a new one."""
    found: list[Cell] = []
    seen: set[str] = set()
    cells = sweep.cells(order.data, order.path)
    for cell in sweep.only(cells, order.only) if order.only else cells:
        new = set(resolve(cell.experiment, order.source).asked) - seen
        if new:
            seen |= new
            found.append(cell)
    if not found:
        raise UsageError("no model has a seat here, so there is nothing to pilot")
    return found


def _first(order: Order, cell: Cell, out: Path, usd: float) -> Order:
    """The first generation of a cell, with its first seed, for at most so much."""
    data: dict[str, Any] = cell.experiment.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    limits = {**data.get("limits", {}), "cost": usd}
    data |= {"generations": 1, "repetitions": 1, "seeds": cell.experiment.seeds[:1], "limits": limits, "plots": False}
    data |= {"require_quiz": None}  # a pilot learns what play costs, whoever may play
    return replace(order, data={**data, "sweep": {}}, out=out, fresh=False, only={}, told=None)


def _spent(folder: Path) -> float:
    """USD that the ledgers below a folder hold, tries whose end was not seen at their worst."""
    ledgers = (replayed(Lines(path, mend=False))[0] for path in sorted(folder.rglob(LEDGER)))
    return amount(sum(ledger.total("cost") for ledger in ledgers))


def _calls(home: Path) -> Iterator[Mapping[str, Any]]:
    for folder in sorted(home.glob("*/runs/*")):
        yield from entries(folder)


def _measured(home: Path, forecast: Forecast) -> Iterator[Measured]:
    calls = list(_calls(home))
    planned = {one.model: one.calls for one in forecast.estimates}
    for model in sorted({call["model"] for call in calls}):
        own = [call for call in calls if call["model"] == model]
        costs = [call["cost"] for call in own]
        cost = None if None in costs else sum(costs) / len(own)
        prompt, completion, reasoning = (_mean(own, name) for name in ("prompt", "completion", "reasoning"))
        total = None if cost is None else cost * planned.get(model, 0)
        yield Measured(model, len(own), prompt, completion, reasoning, cost, total)


def _mean(calls: Sequence[Mapping[str, Any]], name: str) -> float:
    return sum(call["usage"].get(name) or 0 for call in calls) / len(calls)
