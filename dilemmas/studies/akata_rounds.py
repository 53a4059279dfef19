"""A round of the public data of Akata et al. (2025), and what it must have paid by the rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from dilemmas.errors import FileError
from dilemmas.rules.matrix import Matrix
from dilemmas.runs.script import Row
from dilemmas.specs import games
from dilemmas.studies import akata_players

FIRST, SECOND = ("J", "Q", "R", "1"), ("F", "X", "H", "2")
ACTIONS = {"pd": ("C", "D"), "bos": ("ballet", "boxing"), "ordinal": ("1", "2")}
SWEEP = {"1": (10, 7), "2": (9, 8), "3": (8, 8), "4": (8, 9), "5": (7, 10)}
"""What both get for meeting at the first place, by the number of the payoff change; at the second it is mirrored."""


@dataclass(frozen=True)
class Round:
    """A row: who played, what, for how much; ``totals`` and ``options`` where the file has them, its line from 1."""

    match: str
    round: int
    players: tuple[str, str]
    moves: tuple[str, str]
    points: tuple[float, float]
    totals: tuple[float, float] | None = None
    options: tuple[str, ...] = ()
    order: str = ""
    line: int = 0

    @property
    def place(self) -> str:
        """Where it is, in words."""
        return f"line {self.line}, match {self.match} of {' and '.join(self.players)}, round {self.round}"


def game(family: str, number: str) -> dict[str, Any]:
    """The game of a family, as an experiment names it; ``number`` is that of an ordinal game or of a payoff change."""
    if family == "pd":
        return {"name": "prisoners-dilemma-akata"}
    if family == "ordinal":
        return {"name": "ordinal", "game": int(number), "as_published": True}
    if not number:
        return {"name": "battle-of-the-sexes"}
    first = list(SWEEP[number])
    paid = {"ballet/ballet": first, "boxing/boxing": first[::-1], "ballet/boxing": [0, 0], "boxing/ballet": [0, 0]}
    return {"name": "battle-of-the-sexes", "payoffs": paid}


def rules(family: str, number: str) -> Matrix:
    """The rules of that game."""
    named = game(family, number)
    return cast(Matrix, games.load(named.pop("name"), named).rules)


def checked(rounds: Iterable[Round], family: str, number: str, where: str) -> None:
    """Raise FileError at the first round whose points, or running totals, are not those of the rules."""
    payoffs, sums = rules(family, number).table, [0.0, 0.0]
    for one in rounds:
        due = payoffs[_which(one.moves[0], one, where), _which(one.moves[1], one, where)].tolist()
        if list(one.points) != due:
            found = f"{' against '.join(one.moves)} is said to pay {one.points[0]:g} and {one.points[1]:g}"
            raise FileError(found, where=f"{where}: {one.place}", expected=f"{due[0]:g} and {due[1]:g}, by the rules")
        sums = [total + paid for total, paid in zip(sums if one.round > 1 else (0.0, 0.0), due, strict=True)]
        if one.totals is not None and list(one.totals) != sums:
            found = f"points come to {sums[0]:g} and {sums[1]:g} so far, and the file's total says"
            told = f"{one.totals[0]:g} and {one.totals[1]:g}"
            raise FileError(f"{found} {told}", where=f"{where}: {one.place}")


def rows(one: Round, family: str, where: str) -> list[Row]:
    """The two decisions of a round, as a record has them."""
    made: list[Row] = []
    for seat, (player, label, points) in enumerate(zip(one.players, one.moves, one.points, strict=True), 1):
        strategy, model = akata_players.known(player, family)
        known = {"match": one.match, "round": str(one.round), "seat": str(seat), "agent": player}
        move = ACTIONS[family][_which(label, one, where)]
        shown = {"label": label, "option_order": one.order if model else ""}
        made.append({**known, "strategy": strategy, "model": model, "move": move, "payoff": f"{points:g}", **shown})
    return made


def _which(label: str, one: Round, where: str) -> int:
    """Which of the two options a label means."""
    if one.options and label in one.options:
        return one.options.index(label)
    if label in (*FIRST, *SECOND) and not one.options:
        return int(label in SECOND)
    expected = " or ".join(one.options or (*FIRST, *SECOND))
    raise FileError(f"the move {label!r}", where=f"{where}: {one.place}", expected=expected)


def shown(row: Mapping[str, str], options: Sequence[str]) -> str:
    """The order in which the options stood, as a JSON list of labels; empty where the file does not say."""
    if row.get("option1"):
        return f'["{row["option1"]}", "{row["option2"]}"]'
    if options and row.get("option_order") in ("[0, 1]", "[1, 0]"):
        first, second = options if row["option_order"] == "[0, 1]" else options[::-1]
        return f'["{first}", "{second}"]'
    return ""
