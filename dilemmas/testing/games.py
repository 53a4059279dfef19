"""The contract kit of games."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dilemmas.engine import batch
from dilemmas.engine.record import Played
from dilemmas.errors import DilemmasError
from dilemmas.rules.game import Field, Game, View
from dilemmas.specs.games import Dilemma
from dilemmas.strategies.loading import RAISED, aside
from dilemmas.strategies.strategy import Cast
from dilemmas.testing.compare import difference
from dilemmas.testing.inspector import Inspector, books
from dilemmas.testing.prober import Prober
from dilemmas.testing.rules import GAME_RULES, broken, raised
from dilemmas.testing.walk import finish, luck_of, together, walk

EPISODES = 10  # two whole blocks of chance and a part of a third
LIMIT = 10_000


@dataclass(frozen=True)
class Examined:
    """What a game was seen to do while it kept its contract: kinds of ask, asks, and decisions."""

    kinds: tuple[str, ...]
    asks: int
    decisions: int


def game_contract(game: Any, seed: int = 0, *, episodes: int = EPISODES, limit: int = LIMIT) -> Examined:
    """Check that a game (rules, or a ``dl.game``) keeps every rule of ``GAME_RULES`` under random legal answers.

    ``episodes`` are played at once and one by one, with luck from ``seed``; a game that asks more than ``limit`` times
    is taken to be endless. Raises BrokenContract for the first rule that does not hold.
    """
    rules: Game = game.rules if isinstance(game, Dilemma) else game
    parts(rules)
    try:
        with aside():
            return _examined(rules, seed, episodes, limit)
    except DilemmasError:
        raise
    except RAISED as error:  # a game runs its author's code, which may raise anything
        raise raised(error, f"the {rules.kind} game", GAME_RULES) from error


def _examined(rules: Game, seed: int, episodes: int, limit: int) -> Examined:
    inspector = Inspector(rules, episodes, limit)
    luck, cast = luck_of(seed, episodes), cast_of(rules, episodes)
    played = finish(walk(rules, cast, luck, inspector))
    _again(rules, seed, cast, played, limit)
    other = finish(walk(rules, cast, luck_of(seed + 1, episodes), Inspector(rules, episodes, limit)))
    books(rules, [played, other])
    kinds = tuple(dict.fromkeys(inspector.kinds))
    return Examined(kinds, len(inspector.kinds), len((played.moves or {}).get("episode", ())))


def cast_of(game: Game, episodes: int) -> Cast:
    """Probers of large and of small amounts, each in half of the episodes and in company of the other in the rest."""
    row, seat = np.arange(episodes)[:, None], np.arange(game.seats)
    mixed = seat % 2 * (row % 3 == 2)
    return Cast((Prober(), Prober("timid", reach=0)), (row // 2 + mixed) % 2)


def _again(game: Game, seed: int, cast: Cast, played: Played, limit: int) -> None:
    """Play the same episodes in every other way that must not matter."""
    episodes = len(cast.who)
    luck = luck_of(seed, episodes)
    quiet = Inspector(game, episodes, limit, closely=False)
    same("luck", "the second time", played, lambda: finish(walk(game, cast, luck, quiet)))
    kept = Inspector(game, episodes, limit, closely=False, reuse=False)
    same("answers", "where it holds on to them", played, lambda: finish(walk(game, cast, luck, kept)))
    same("unasked", "without the answers of those not asked", played, lambda: batch.play(game, cast, luck))
    same("batch", "one by one", played, lambda: batch.play(game, cast, luck, chunk=1))
    same("batch", "in threes", played, lambda: batch.play(game, cast, luck, chunk=3))
    same("batch", "without looking at columns", played, lambda: batch.play(game, cast, luck, keep=False))
    beside = walk(game, cast, luck_of(seed + 1, episodes))
    same("apart", "beside another batch", played, lambda: together(walk(game, cast, luck), beside)[0])
    same("pickles", "unpickled", played, lambda: batch.play(copied(game), cast, luck))


def same(
    rule: str, how: str, played: Played, again: Callable[[], Played], rules: Mapping[str, str] = GAME_RULES
) -> None:
    """Raise BrokenContract unless playing ``again`` comes to the same."""
    if text := difference(played, again()):
        raise broken(rule, f"{how} it is another result: {text}", rules=rules)


def copied(thing: Any, rules: Mapping[str, str] = GAME_RULES) -> Any:
    """What is left after pickling; raises BrokenContract where that cannot be done."""
    try:
        return pickle.loads(pickle.dumps(thing))
    except Exception as error:  # pickling runs foreign code and fails in many ways
        raise broken("pickles", f"{type(error).__name__}: {error}", rules=rules) from error


def parts(game: Any) -> None:
    """Check the attributes that are there before any play."""
    wrong = {
        "kind": not isinstance(game.kind, str) or not game.kind,
        "per_round": not isinstance(game.per_round, bool),
        "seats": not isinstance(game.seats, int) or isinstance(game.seats, bool) or game.seats < 1,
        "fields": any(not isinstance(name, str) or not isinstance(field, Field) for name, field in game.fields.items()),
    }
    for name, bad in wrong.items():
        if bad:
            raise broken("parts", f"{name} is {getattr(game, name)!r}")
    taken = [name for name in game.fields if hasattr(View, name)]
    if taken:
        seen = f"field {taken[0]!r} has the name of a part of every view"
        raise broken("parts", seen, remedy="Give it another name.")
