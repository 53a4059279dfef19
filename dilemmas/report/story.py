"""An episode told round by round, in plain lines, from the moves and rounds tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from dilemmas.results import Table

Row = dict[str, Any]
Place = tuple[str, int, int]


def told(tables: Mapping[str, Table], width: int = 80) -> Iterator[str]:
    """The rounds of every episode, then what each seat came to; lines of at most ``width`` where names allow it.

    What tells episodes apart (seed, generation, number) stands above each of them.
    """
    episodes = list(tables["episodes"].rows())
    stocks = {(*_place(row), row["round"]): row for row in tables["rounds"].rows()} if "rounds" in tables else {}
    moves, rumours = (_by_place(tables[name].rows() if name in tables else ()) for name in ("moves", "messages"))
    seeds = {row["run"]: row["seed"] for row in tables["runs"].rows()}
    varying = [len(set(column)) > 1 for column in zip(*map(_place, episodes), strict=True)]
    for place, seats in groupby(episodes, key=_place):
        sitting = list(seats)
        heads = (f"Seed {seeds[place[0]]}", f"Generation {place[1]}", f"Episode {place[2]}")
        if any(varying):
            yield from [""] * (sitting[0] is not episodes[0])
            yield ", ".join(head for head, varies in zip(heads, varying, strict=True) if varies)
        heard = [row for row in rumours.get(place, ()) if row.get("tone")]
        yield from _rounds(moves.get(place, ()), sitting, stocks, heard, width)
        yield from _ends(sitting)


def _place(row: Row) -> Place:
    """Which episode a row is of."""
    return row["run"], row["generation"], row["episode"]


def _by_place(rows: Iterable[Row]) -> Mapping[Place, Sequence[Row]]:
    found: dict[Place, list[Row]] = {}
    for row in rows:
        found.setdefault(_place(row), []).append(row)
    return found


def _rounds(
    moves: Sequence[Row], seats: Sequence[Row], stocks: Mapping[Any, Row], rumours: Sequence[Row], width: int
) -> Iterator[str]:
    names = {row["seat"]: _name(row, seats) for row in seats}
    last = max((row["round"] for row in moves), default=0)
    for number, group in groupby(moves, key=lambda row: row["round"]):
        asked = list(group)
        head = f"{number:>{len(str(last))}}  "
        stock = stocks.get((*_place(asked[0]), number))
        parts = [_deed(row, names, seats) for row in asked]
        if stock is not None and stock["stock_before"]:
            parts.insert(0, f"{_number(stock['stock_before'])} there")
            parts.append(f"{_number(stock['stock_after'])} left" + (", collapsed" if stock["collapsed"] else ""))
        parts += [_rumour(row, names, seats) for row in rumours if row["round"] == number]
        yield from _wrapped(head, parts, width)


def _rumour(row: Row, names: Mapping[int, str], seats: Sequence[Row]) -> str:
    """Gossip in a tone: who told what of whom."""
    about = next((names[seat["seat"]] for seat in seats if seat["agent"] == row["about"]), "")
    return f"{names[row['seat']]} tells {row['tone']} of {about}"


def _wrapped(head: str, parts: Sequence[str], width: int) -> Iterator[str]:
    line, blank = head, " " * len(head)
    for part in parts:
        gap = "" if line in (head, blank) else "   "
        if len(line) + len(gap) + len(part) > width and gap:
            yield line
            line, gap = blank, ""
        line += gap + part
    yield line


def _deed(row: Row, names: Mapping[int, str], seats: Sequence[Row]) -> str:
    who = names[row["seat"]]
    if row["kind"] == "move":
        slip = f" (meant {row['intended']})" if row.get("intended") not in (None, row["action"]) else ""
        return f"{who} {row['action']}{slip}, {_number(row['payoff'])}"
    amount = _number(row.get("amount"))
    if row["kind"] == "vote" and not row.get("partner"):
        return f"{who} names nobody"
    to = next((names[seat["seat"]] for seat in seats if seat["agent"] == row.get("partner")), "")
    if row["kind"] == "harvest":
        got = _number(row["payoff"])
        return f"{who} {got}" + (f" of {amount}" if got != amount else "")
    if row["kind"] == "vote":
        return f"{who} names {to}" + (f" ({_signed(row['received'])})" if row.get("received") else "")
    verb = f"{row['action']} " if row.get("action") not in (None, "") else f"{row['kind']} "
    return f"{who} {verb}{amount}" + (f" to {to} ({_signed(row.get('received'))})" if to else "")


def _name(row: Row, seats: Sequence[Row]) -> str:
    same = sum(other["strategy"] == row["strategy"] for other in seats) > 1
    return f"{row['strategy']}[{row['seat']}]" if same else str(row["strategy"])


def _ends(seats: Sequence[Row]) -> Iterator[str]:
    yield ""
    width = max(len(_name(row, seats)) for row in seats)
    for row in seats:
        cooperation = "" if row["cooperation"] is None else f"   cooperates {100 * row['cooperation']:.0f} %"
        yield f"  seat {row['seat']:<3}{_name(row, seats):<{width}}   payoff {_number(row['payoff'])}{cooperation}"


def _number(value: Any) -> str:
    return "-" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def _signed(value: Any) -> str:
    return "-" if value is None else ("+" if value >= 0 else "") + _number(value)
