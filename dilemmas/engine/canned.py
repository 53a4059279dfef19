"""What scripted seats say: their strategy's line, or nothing, where there is talk; in gossip a tone, by a rule."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from dilemmas.rules import gossip, talk
from dilemmas.rules.game import Answers, Array, Ask, Bools, Game, Ints
from dilemmas.strategies import tellers
from dilemmas.strategies.answering import understand
from dilemmas.strategies.moves import MAIN
from dilemmas.strategies.strategy import Cast, Says


def asked(ask: Ask, cast: Cast) -> bool:
    """Whether this is an ask for words, to which the players of strategies are not asked.

    Where no strategy says how it tells of others, as in the probers of contracts, players answer gossip themselves.
    """
    return ask.kind == talk.KIND or (ask.kind == gossip.KIND and any(hasattr(one, "gossip") for one in cast.strategies))


def line(strategy: object) -> Says | None:
    """The line of a strategy, None where it has none."""
    return getattr(strategy, "says", None)


def speakers(cast: Cast) -> Bools | None:
    """Which seats have a line, ``(episodes, seats)``; None where nobody has."""
    able = np.array([line(strategy) is not None for strategy in cast.strategies])
    return able[cast.who] if able.any() else None


def answers(game: Game, ask: Ask, cast: Cast, without: Collection[int] = ()) -> Answers:
    """What the asked seats say, the rows in ``without`` left aside, which answer for themselves.

    To talk: their lines, if they have one; raises IllegalAnswer for a pledge that is no answer to the game.
    """
    if ask.kind == gossip.KIND:
        return _told(game, ask, cast, [row for row in np.flatnonzero(ask.who).tolist() if row not in without])
    found = talk.silence(ask)
    seats = ask.who.shape[1]
    for row in np.flatnonzero(ask.who).tolist():
        says = line(cast.strategies[cast.who.reshape(-1)[row]])
        if says is not None:
            talk.put(found, _part(game, ask, row, seats, says), row)
    return found


def _part(game: Game, ask: Ask, row: int, seats: int, says: Says) -> Answers:
    part = Answers(text=np.array([says.text], object))
    if says.pledge is None or ask.floor is None or not ask.floor.pledging.reshape(-1)[row]:
        return part
    choice, amount = understand(game, MAIN.get(game.kind, "move"), row % seats, says.pledge)
    part.choice = None if choice is None else np.array([choice])
    part.amount = None if amount is None else np.array([amount])
    return part


def _told(game: Game, ask: Ask, cast: Cast, rows: Sequence[int]) -> Answers:
    """What these rows tell of donors; a strategy's line goes with its tone where there are words."""
    found, where = gossip.silence(ask), np.array(rows, np.intp)
    assert found.choice is not None and found.text is not None
    which = cast.who.reshape(-1)[where]
    names = [getattr(one, "gossip", "silent") for one in cast.strategies]
    rule = tellers.rules(names)[which]
    found.choice.reshape(-1)[where] = tellers.tones(ask.view.at(where), rule)
    if game.gossip.worded and any(map(line, cast.strategies)):  # type: ignore[attr-defined]  # a donor game
        found.text.reshape(-1)[where] = _lines(cast, which, rule)
    return found


def _lines(cast: Cast, which: Ints, rule: Ints) -> Array:
    """The lines of strategies, None where there is none or its rule is to be silent."""
    lines = [None if (says := line(one)) is None else says.text for one in cast.strategies]
    made = np.array([lines[index] for index in which] or [None], object)[: len(which)]
    made[rule == tellers.SILENT] = None
    return made
