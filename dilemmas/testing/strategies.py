"""The contract kit of strategies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from dilemmas.engine import batch, live
from dilemmas.engine.batch import Turn
from dilemmas.engine.record import Played
from dilemmas.errors import DilemmasError, IllegalAnswer, Misfit
from dilemmas.rules.game import Answers, Array, Ask, Game
from dilemmas.specs.games import Dilemma
from dilemmas.strategies.loading import RAISED, aside
from dilemmas.strategies.strategy import Cast, Strategy
from dilemmas.testing import games, views
from dilemmas.testing.compare import first
from dilemmas.testing.games import cast_of
from dilemmas.testing.inspector import sampled
from dilemmas.testing.prober import Prober, located
from dilemmas.testing.rules import STRATEGY_RULES, raised
from dilemmas.testing.rules import broken as told
from dilemmas.testing.walk import Watch, finish, luck_of, together, walk

EPISODES = 8
broken = partial(told, rules=STRATEGY_RULES)
same = partial(games.same, rules=STRATEGY_RULES)


@dataclass(frozen=True)
class Fit:
    """Which seats a strategy can take (from 1), and why it cannot take the others."""

    seats: tuple[int, ...]
    misfits: Mapping[int, str] = field(default_factory=dict)


def strategy_contract(
    strategy: Strategy, game: Any, seed: int = 0, *, company: Sequence[Strategy] = (), episodes: int = EPISODES
) -> Fit:
    """Check that a strategy keeps every rule of ``STRATEGY_RULES`` in every seat of a game that it can take.

    The other seats are taken by chance, and all of them by itself; ``company`` are strategies that play in other
    episodes at the same time. Seats that raise Misfit are told in the result and break no rule. Raises BrokenContract.
    """
    rules: Game = game.rules if isinstance(game, Dilemma) else game
    _parts(strategy)
    found: dict[int, str] = {}
    for number in sorted({_like(rules, number) for number in range(rules.seats)}):
        try:
            _guarded(strategy, partial(_seat, strategy, rules, number, seed, company, episodes))
        except Misfit as error:
            found[number] = str(error)
    misfits = {number + 1: found[at] for number in range(rules.seats) if (at := _like(rules, number)) in found}
    if not misfits:
        _guarded(strategy, partial(_alone, strategy, rules, seed, episodes))
    return Fit(tuple(number for number in range(1, rules.seats + 1) if number not in misfits), misfits)


def _like(game: Game, number: int) -> int:
    """The seat that stands for others: of many seats the first, a middle one and the last are tried."""
    if game.seats <= 3:
        return number
    return 0 if number == 0 else game.seats - 1 if number == game.seats - 1 else game.seats // 2


def _parts(strategy: Any) -> None:
    if not isinstance(strategy.name, str) or not strategy.name:
        raise broken("parts", f"name is {strategy.name!r}")
    try:
        hash(strategy.kin)
    except TypeError as error:
        raise broken("parts", f"kin {strategy.kin!r}: {error}") from error


def _guarded(strategy: Strategy, check: Callable[[], None]) -> None:
    """Errors of the package are told as they are; what is foreign breaks a rule."""
    try:
        with aside():
            check()
    except IllegalAnswer as error:
        raise broken("legal", str(error)) from error
    except DilemmasError:
        raise
    except RAISED as error:  # a strategy runs its author's code, which may raise anything
        raise raised(error, strategy.name, STRATEGY_RULES) from error


def _seat(strategy: Strategy, game: Game, number: int, seed: int, company: Sequence[Strategy], episodes: int) -> None:
    """All rules in one seat, the others taken by probers."""
    others = cast_of(game, episodes)
    who = others.who + 1
    who[:, number] = 0
    cast, luck = Cast((strategy, *others.strategies), who), luck_of(seed, episodes)
    played = finish(walk(game, cast, luck, Listener(game, strategy)))
    _again(strategy, game, cast, seed, played)
    for mate in (others.strategies[0], *company):
        _beside(mate, game, cast, number, seed, played)


def _again(strategy: Strategy, game: Game, cast: Cast, seed: int, played: Played) -> None:
    episodes = len(cast.who)
    luck = luck_of(seed, episodes)
    beside = walk(game, cast, luck_of(seed + 1, episodes))
    same("luck", "the second time", played, lambda: batch.play(game, cast, luck))
    same("batch", "one by one", played, lambda: batch.play(game, cast, luck, chunk=1))
    same("batch", "in threes", played, lambda: batch.play(game, cast, luck, chunk=3))
    same("live", "played live", played, lambda: live.wait(live.play(game, cast, luck)))
    same("apart", "beside another batch", played, lambda: together(walk(game, cast, luck), beside)[0])
    other = Cast((games.copied(strategy, STRATEGY_RULES), *cast.strategies[1:]), cast.who)
    same("pickles", "unpickled", played, lambda: batch.play(game, other, luck))


def _beside(mate: Strategy, game: Game, cast: Cast, number: int, seed: int, played: Played) -> None:
    """The same episodes at the head of a batch in which a mate has the seat in as many more."""
    episodes, more = len(cast.who), cast.who.copy()
    more[:, number] = len(cast.strategies)
    both = Cast((*cast.strategies, mate), np.concatenate([cast.who, more]))
    try:
        again = batch.play(game, both, luck_of(seed, 2 * episodes))
    except (Misfit, IllegalAnswer):
        return  # the mate cannot play this; that is for its own contract to say
    same("company", f"with {mate.name} in other episodes", played, lambda: first(again, episodes))


def _alone(strategy: Strategy, game: Game, seed: int, episodes: int) -> None:
    """All seats taken by the strategy itself."""
    cast = Cast((strategy,), np.zeros((episodes, game.seats), np.int64))
    played = finish(walk(game, cast, luck_of(seed, episodes), Listener(game, strategy)))
    _again(strategy, game, cast, seed, played)
    _beside(Prober(), game, cast, 0, seed, played)


class Listener(Watch):
    """Checks the answers of one strategy, and that it leaves its view as it was."""

    def __init__(self, game: Game, strategy: Strategy) -> None:
        self._game, self._strategy = game, strategy
        self._mine, self._asks = False, 0
        self._before: dict[str, Array] = {}

    def turn(self, turn: Turn, ask: Ask) -> None:
        """Remember what all asked seats see."""
        self._mine, self._asks = turn.group.label == self._strategy.name, self._asks + 1
        if self._mine and sampled(self._asks):
            self._before = views.snapshot(self._game, ask.view.at(np.flatnonzero(ask.who)))

    def said(self, turn: Turn, ask: Ask, part: Answers) -> None:
        """Compare what they see now, and look at the answers."""
        if not self._mine:
            return
        where = np.flatnonzero(ask.who) if turn.where is None else turn.where
        place = located(ask, self._game, int(where[0]))
        self._shape(part, len(where), place)
        if sampled(self._asks):
            self._unchanged(ask, place)

    def _unchanged(self, ask: Ask, place: str) -> None:
        after = views.snapshot(self._game, ask.view.at(np.flatnonzero(ask.who)))
        changed = [name for name, values in self._before.items() if not views.alike(values, after[name])]
        if changed:
            raise broken("view", f"{self._strategy.name} changed {changed[0]}", place)

    def _shape(self, part: Answers, rows: int, place: str) -> None:
        if part.choice is None and part.amount is None:
            raise broken("answers", f"{self._strategy.name} answered nothing", place)
        for name, kinds in (("choice", "iu"), ("amount", "fiu")):
            values = getattr(part, name)
            if values is None:
                continue
            if not isinstance(values, np.ndarray) or values.shape != (rows,) or values.dtype.kind not in kinds:
                found = f"{values.dtype} {values.shape}" if isinstance(values, np.ndarray) else repr(values)
                raise broken("answers", f"{self._strategy.name} answered a {name} of {found} for {rows} rows", place)

    def answered(self, ask: Ask, answers: Answers) -> None:
        """The game has the last word on what is legal."""
        try:
            bad = self._game.illegal(ask, answers)
        except TypeError as error:
            raise broken("legal", f"{self._strategy.name}: {error}", f"{ask.kind} ask of clock {ask.clock}") from error
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            said = [str(part.flat[row]) for part in (answers.choice, answers.amount) if part is not None]
            seen = f"{self._strategy.name} answered {' '.join(said)}, and may {self._game.allowed(ask, row)}"
            raise broken("legal", seen, located(ask, self._game, row))
