"""Scripted strategies in words, for models that are to learn from one: sentences made of its table or its numbers.

They speak of what a model is shown, so labels stand for actions, and nothing is said that the numbers do not say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dilemmas.errors import Misfit
from dilemmas.rules.game import Game
from dilemmas.strategies import prompts
from dilemmas.strategies.described_rules import SENTENCES
from dilemmas.strategies.machine import Machine, Table
from dilemmas.strategies.moves import listed
from dilemmas.strategies.rule import Rule

LARGE = 16  # states of an automaton that are told one by one
FIXED = "It follows a fixed rule"
SEATS = ("first", "second")
Labels = Sequence[Sequence[str]]
Moves = Sequence[tuple[str, Sequence[str]]]


def described(strategy: Any, game: Game, labels: Labels = (), unit: str = "units", trials: Moves = ()) -> str:
    """A scripted strategy in words, never empty.

    ``labels`` are what the actions of the two seats of a matrix game are called in the prompts. ``trials`` are moves
    that it has made, as labels, each with a word on who it met: they are told where its table is too long, or where
    it has none.
    """
    if isinstance(strategy, Machine) and labels:
        told = _seats(strategy, game, labels)
        if told:
            return told
    if isinstance(strategy, Rule):
        if strategy.law.name == "scripted-moves" and not labels:
            return _list(strategy)
        if strategy.law.name in SENTENCES:
            whole = " Amounts are rounded to whole ones." if getattr(game, "integer", False) else ""
            return f"{FIXED}. {SENTENCES[strategy.law.name](strategy.parameters, game, unit)}{whole}"
    return _tried(trials) if trials else f"{FIXED}, called {strategy.name}{_numbers(strategy)}."


def _numbers(strategy: Any) -> str:
    """The numbers of a law that nobody has put into a sentence."""
    if not isinstance(strategy, Rule) or not strategy.parameters:
        return ""
    return f", with {prompts.listed([f'{name} {prompts.shown(value)}' for name, value in strategy.parameters.items()])}"


def _list(strategy: Rule) -> str:
    moves, then = listed(strategy.parameters["moves"]), strategy.parameters["then"]
    end = {"stop": "", "last": " After that it repeats the last of them."}.get(then, " Then it begins again.")
    shown = [" ".join(map(prompts.shown, move)) if isinstance(move, (list, tuple)) else move for move in moves]
    return f"{FIXED}: whatever the others do, it decides from a list, in this order: {prompts.listed(shown)}.{end}"


def _tried(trials: Moves) -> str:
    """What it did in trials: true of any rule, however long."""
    told = [f"against somebody who {who}, it chose {prompts.listed(moves)}" for who, moves in trials]
    return f"{FIXED}, too long to be told here. In trials from the first round on, {'; '.join(told)}."


# -- automata ---------------------------------------------------------------------------------------------------------


def _seats(strategy: Machine, game: Game, labels: Labels) -> str:
    """An automaton in both seats, where they differ; empty where it is too large."""
    texts: dict[str, str] = {}
    for place, seat in enumerate(SEATS):
        try:
            table = strategy.fit(game, place)
        except Misfit:  # it makes sense in one of the seats alone
            continue
        if len(set(merged(table))) > LARGE:
            return ""
        texts[seat] = automaton(table, (labels[place], labels[1 - place]))
    if len(set(texts.values())) == 1:
        return next(iter(texts.values()))
    return " ".join(f"As the {seat} of the two players: {text}" for seat, text in texts.items())


def automaton(table: Table, labels: Labels) -> str:
    """An automaton, case by case; states that nobody could tell apart are one. ``labels`` are own and the other's."""
    block = merged(table)
    order = list(dict.fromkeys(block))
    first = [block.index(each) for each in order]
    if len(order) == 1:
        return f"{FIXED}: in every round it chooses {_chances(table.play[0], labels[0])}."
    lines = [f"{FIXED} and begins with case 1."]
    for case, state in enumerate(first, 1):
        then = [order.index(block[target]) + 1 for target in table.then[state, :-1].tolist()]
        lines.append(f"Case {case}: it chooses {_chances(table.play[state], labels[0])}. {_next(then, labels)}")
    return " ".join(lines)


def merged(table: Table) -> list[int]:
    """The number of each state's class, where states that play and go on alike are one (Moore 1956)."""
    block = _numbered([tuple(row) for row in table.play.tolist()])
    while True:
        finer = _numbered([(block[i], *(block[j] for j in row)) for i, row in enumerate(table.then[:, :-1].tolist())])
        if len(set(finer)) == len(set(block)):
            return block
        block = finer


def _numbered(keys: Sequence[Any]) -> list[int]:
    known: dict[Any, int] = {}
    return [known.setdefault(key, len(known)) for key in keys]


def _chances(play: Any, labels: Sequence[str]) -> str:
    parts = [(label, chance) for label, chance in zip(labels, play.tolist(), strict=True) if chance]
    if len(parts) == 1:
        return parts[0][0]
    said = [f"{label} with a chance of {prompts.shown(100 * chance)} %" for label, chance in parts]
    return prompts.listed(said, "or")


def _next(then: Sequence[int], labels: Labels) -> str:
    """Which case follows, by what the other chose, or by what both did where that matters."""
    if len(set(then)) == 1:
        return f"Next comes case {then[0]}."
    own, others = labels
    rows = [list(then[i * len(others) : (i + 1) * len(others)]) for i in range(len(own))]
    if all(row == rows[0] for row in rows):
        told = [f"case {case} if the other chose {label}" for case, label in zip(rows[0], others, strict=True)]
    else:
        told = [
            f"case {case} if it chose {mine} and the other {theirs}"
            for mine, row in zip(own, rows, strict=True)
            for theirs, case in zip(others, row, strict=True)
        ]
    return f"Next comes {prompts.listed(told, 'or')}."
