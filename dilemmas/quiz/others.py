"""Questions on what another player will do next, in games of two with two options each.

The others are strategies of the shelf, played by the engine; a history is used only where one answer follows from it:
the rule is named, or all rules of a list that fit the history agree. As an onlooker (Akata et al. 2025 ask so) a model
is told no rule, and its answers are scored by round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, cast

import numpy as np

from dilemmas.engine import batch
from dilemmas.engine.chance import Chance
from dilemmas.quiz.deal import Deal, Moment, alone, longest
from dilemmas.quiz.dice import Dice
from dilemmas.quiz.question import Draft, Right
from dilemmas.rules.game import Answers, Ask
from dilemmas.rules.matrix import Matrix
from dilemmas.specs import seats
from dilemmas.strategies.strategy import Cast, Strategy
from dilemmas.strategies.wanted import Wanted

RULES = (
    *("tit-for-tat", "grim", "alternator", "always-cooperate", "always-defect"),
    *("win-stay-lose-shift", "suspicious-tit-for-tat", "tit-for-two-tats"),
)
"""Rules that questions name, all of them on the shelf; C is the option that cooperates, or else the first."""
LISTED = 3  # rules of a list
WATCHED = ("alternator", "tit-for-tat", "grim", "always-defect", "win-stay-lose-shift")
"""Whom an onlooker watches, one series of rounds after the other."""
SERIES = 10  # rounds of a series


@lru_cache
def _rule(name: str) -> Strategy:
    return seats.strategy(name, family="matrix")


def played(names: Sequence[str], mine: Sequence[int]) -> list[list[int]]:
    """What each rule does against a list of moves (0 cooperates, 1 defects), one round further than the list goes."""
    length = len(mine) + 1
    twin = Matrix(actions=("C", "D"), payoffs={"CC": [3, 3], "CD": [0, 5], "DC": [5, 0], "DD": [1, 1]}, rounds=length)
    script = seats.strategy(seats.Seat("scripted-moves", {"moves": ["CD"[move] for move in (*mine, 0)]}))
    cast_ = Cast((script, *map(_rule, names)), np.array([[0, place] for place in range(1, len(names) + 1)]))
    result = batch.play(twin, cast_, Chance.of(0, 1, len(names)))
    moves: Any = result.moves  # kept, and sorted by episode, round and seat
    return cast(list[list[int]], moves["action"].reshape(len(names), length, 2)[:, :, 1].tolist())


def fits(deal: Deal) -> bool:
    """Whether rules can be told of a game: two options a side, called the same on both."""
    game = deal.rules
    alike = len(deal.telling.labels) == 2 and deal.telling.labels[0] == deal.telling.labels[1]
    return isinstance(game, Matrix) and len(game.names[0]) == 2 and game.names[0] == game.names[1] and alike


def _first(deal: Deal) -> int:
    """Which action C stands for."""
    found = cast(Matrix, deal.rules).cooperating[0]
    return 0 if found is None else found


def _moment(deal: Deal, mine: Sequence[int], theirs: Sequence[int], seat: int) -> Moment | None:
    """The seat after a history in terms of C (0) and D (1)."""
    first = _first(deal)

    def plan(ask: Ask) -> Answers:
        place = int(ask.round[0]) - 1
        both = np.array([mine[place], theirs[place]]) ^ first
        return Answers(choice=(both if seat == 0 else both[::-1])[None, :])

    return deal.moment(len(mine), plan, seat=seat)


def _told(deal: Deal, name: str, moment: Moment) -> str:
    """A rule in words."""
    own, first = moment.telling.labels[0], _first(deal)
    return deal.say(f"rule_{name}", moment, first=own[first], second=own[1 - first])


def _other(moment: Moment, deal: Deal, move: int) -> tuple[Wanted, Right]:
    return cast(Wanted, moment.scene.predicted), Right((move ^ _first(deal),))


def _moves(dice: Dice, count: int) -> list[int]:
    return [dice.below(2) for _ in range(count)]


def named(deal: Deal) -> Draft | None:
    """What a rule, told in words, does next after a history that it made."""
    past = deal.rounds(1) if fits(deal) else None
    if past is None:
        return None
    name, mine, seat = deal.dice.pick(RULES), _moves(deal.dice, past), deal.dice.below(2)
    theirs = played([name], mine)[0]
    moment = _moment(deal, mine, theirs, seat)
    if moment is None:
        return None
    return deal.ask("matrix_named", moment, _other(moment, deal, theirs[-1]), rule=_told(deal, name, moment))


def listed(deal: Deal) -> Draft | None:
    """What follows from a history where several rules are possible: all that fit it agree, and not all rules do."""
    past = deal.rounds(2) if fits(deal) else None
    if past is None:
        return None
    names, mine, seat = deal.dice.sample(RULES, LISTED), _moves(deal.dice, past), deal.dice.below(2)
    made = played(names, mine)
    true = made[deal.dice.below(LISTED)]
    if not forced(made, true[:-1]) or len({moves[-1] for moves in made}) == 1:
        return None
    moment = _moment(deal, mine, true, seat)
    if moment is None:
        return None
    text = "\n".join(f"- {_told(deal, name, moment)}" for name in names)
    return deal.ask("matrix_listed", moment, _other(moment, deal, true[-1]), items=text)


def forced(made: Sequence[Sequence[int]], history: Sequence[int]) -> bool:
    """Whether all rules that would have made a history go on in the same way."""
    return len({moves[-1] for moves in made if list(moves[:-1]) == list(history)}) == 1


def series(rules: Any, number: int) -> tuple[int, int]:
    """Which series the onlooker's question of a number (from 0) belongs to, and how many rounds it shows."""
    return divmod(number, max(min(SERIES, longest(rules)), 1))


def watched(deal: Deal) -> Draft | None:
    """What another will do, seen over the shoulder of the one who plays with them; no rule is told.

    The deals of a series have the same luck, so that it is one history, shown a round further each time.
    """
    if not fits(deal) or longest(deal.rules) < 2:
        return None
    place, past = series(deal.rules, deal.number)
    name, seat = WATCHED[place % len(WATCHED)], deal.dice.below(2)
    mine = _moves(deal.dice, SERIES)[:past]
    theirs = played([name], mine)[0]
    moment = _moment(deal, mine, theirs, seat)
    return None if moment is None else replace(_watching(deal, moment, theirs[-1]), kind=name)


def _watching(deal: Deal, moment: Moment, move: int) -> Draft:
    texts = moment.scene.texts
    answer = _other(moment, deal, move)
    return alone(deal.ask("matrix_watched", moment, answer, rules=texts["rules"], told=texts["past"]))
