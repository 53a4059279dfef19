"""Learners for matrix games of any number of actions; ties go to the action that is listed first.

They see their own payoff table and what was played, as perceived. All but Q-learning keep one number an action.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dilemmas.rules.game import Answers, Bools, Floats, Game, Ints, View
from dilemmas.rules.matrix import Matrix
from dilemmas.strategies.rule import Memory, Parameter, Rule, law
from dilemmas.strategies.strategy import misfit

CELLS = 20_000  # of a Q table, for one row
_TIE = 1e-9


class Sight:
    """The view of a learner: ``(rows, actions)`` arrays, where seats with fewer actions are padded and masked."""

    def __init__(self, view: View) -> None:
        game: Any = view.game
        self.view, self.own = view, game.own
        self.seat, self.width = view.seat, _width(game)
        self.rows, self.last, self.seen = np.arange(len(view)), np.maximum(view.last, 0), np.maximum(view.seen, 0)
        self.before: Bools = view.seen >= 0  # whether there was a round before this one
        self.count = np.array([len(own) for own in self.own])[self.seat]
        self.mask = np.arange(self.width) < self.count[:, None]

    def padded(self, tables: list[NDArray[np.float64]], fill: int) -> Floats:
        """One table or vector a seat, zeros where a seat has fewer actions than the other."""
        whole = np.zeros((2, *[self.width] * fill))
        for seat, table in enumerate(tables):
            whole[seat][tuple(slice(size) for size in table.shape)] = table
        return whole

    def could(self) -> Floats:
        """What every own action would have paid against the other's last one."""
        return self.padded(list(self.own), 2)[self.seat, :, self.seen]

    def gains(self) -> Floats:
        """What every action would have paid more than the one played; zero before play."""
        could = self.could()
        return np.where(self.before[:, None] & self.mask, could - could[self.rows, self.last][:, None], 0)

    def uniform(self) -> Floats:
        """Mean payoff of every own action against all of the other's alike."""
        return self.padded([own.mean(axis=1) for own in self.own], 1)[self.seat]

    def best(self, value: Floats) -> Ints:
        """The action of the largest value; of those that are level, the first."""
        masked = np.where(self.mask, value, -np.inf)
        scale = np.maximum(1, np.where(self.mask, np.abs(value), 0).max(axis=1, keepdims=True))
        first: Ints = np.argmax(masked >= masked.max(axis=1, keepdims=True) - _TIE * scale, axis=1)
        return first

    def draw(self, chance: Floats, coin: Floats) -> Ints:
        """An action by chances that need not sum to one; all alike where they are all zero."""
        wanted = np.where(self.mask, chance, 0)
        wanted = np.where(wanted.sum(axis=1, keepdims=True) > 0, wanted, self.mask)
        edges = np.cumsum(wanted, axis=1)
        reached = (coin[:, :1] * edges[:, -1:] >= edges).sum(axis=1)
        # A product may round up to the last edge: stay among actions with a chance.
        last: Ints = self.width - 1 - np.argmax(wanted[:, ::-1] > 0, axis=1)
        drawn: Ints = np.minimum(reached, last)
        return drawn

    def scaled(self) -> Floats:
        """:meth:`could` with the seat's lowest payoff at 0 and its highest at 1."""
        low, high = (np.array([end(own) for own in self.own])[self.seat, None] for end in (np.min, np.max))
        scaled: Floats = (self.could() - low) / np.where(high > low, high - low, 1)
        return scaled


def _width(game: Any) -> int:
    return max(map(len, game.names))


def _zeros(rows: int, p: Any, game: Game) -> Memory:
    return {"sum": np.zeros((rows, _width(game)))}


def _none(rows: int, p: Any, game: Game) -> Memory:
    return {}


def _fits(rule: Rule, game: Game) -> None:
    if not isinstance(game, Matrix):
        raise misfit(rule.name, game, "it learns from a payoff table")


Learn = Callable[[Sight, Any, Memory, Floats], tuple[Ints, Memory]]


def learner(
    name: str, source: str, *, memory: Any = _zeros, uniforms: int = 0, fits: Any = _fits, **parameters: Parameter
) -> Callable[[Learn], Learn]:
    """Declare the decorated function, from a :class:`Sight` to choices and memory, as a law."""

    def declare(decide: Learn) -> Learn:
        def play(view: View, p: Any, memory: Memory, coin: Floats) -> tuple[Answers, Memory]:
            choice, kept = decide(Sight(view), p, memory, coin)
            return Answers(choice=choice), kept

        declared = law(
            name,
            "matrix",
            source=source,
            asks=("move",),
            memory=memory,
            uniforms=uniforms,
            fits=fits,
            others=None,
            **parameters,
        )
        declared(play)
        return decide

    return declare


# -- best replies -----------------------------------------------------------------------------------------------------


@learner("best-response", "Cournot 1838", memory=_none)
def best_response(sight: Sight, p: Any, memory: Memory, coin: Floats) -> tuple[Ints, Memory]:
    """Reply best to the other's last action; first, to all actions alike."""
    return sight.best(np.where(sight.before[:, None], sight.could(), sight.uniform())), {}


def _alike(rule: Rule, game: Game) -> None:
    _fits(rule, game)
    if isinstance(game, Matrix) and game.names[0] != game.names[1]:
        raise misfit(rule.name, game, "it does as the other did, and the seats have different actions")


@learner(
    "copycat",
    "Duersch, Oechssler & Schipper 2014",
    memory=_none,
    fits=_alike,
    first=Parameter(1, 1, 1e6, "position of its first action"),
)
def copycat(sight: Sight, p: Any, memory: Memory, coin: Floats) -> tuple[Ints, Memory]:
    """Do what the other did last: tit-for-tat for any actions that both seats have."""
    first = np.minimum(p.first.astype(np.int64), sight.count) - 1
    return np.where(sight.before, sight.seen, first), {}


@learner(
    "fictitious-play",
    "Brown 1951",
    prior=Parameter(1, 0, 1e6, "rounds of all actions alike, believed before the first"),
)
def fictitious(sight: Sight, p: Any, memory: Memory, coin: Floats) -> tuple[Ints, Memory]:
    """Reply best to the other's past as if it were a mixed strategy.

    The sums of what every action would have paid rank actions as expected payoffs do.
    """
    total = memory["sum"] + np.where(sight.before[:, None], sight.could(), 0)
    return sight.best(total + p.prior[:, None] * sight.uniform()), {"sum": total}


# -- regret -----------------------------------------------------------------------------------------------------------


@learner("regret-matching", "Hart & Mas-Colell 2000 (unconditional regrets, section 4)", uniforms=1)
def regret(sight: Sight, p: Any, memory: Memory, coin: Floats) -> tuple[Ints, Memory]:
    """Play in proportion to positive regret, how much better an action would have done in all; else any alike."""
    total = memory["sum"] + sight.gains()
    return sight.draw(np.maximum(total, 0), coin), {"sum": total}


def _pairs(rows: int, p: Any, game: Game) -> Memory:
    width = _width(game)
    return {"sum": np.zeros((rows, width, width)), "time": np.zeros(rows)}


def _steady(sight: Sight, p: Any) -> Floats:
    """The normaliser mu: as given, or twice the payoff range times the number of other actions."""
    default = np.array([max(2 * (own.max() - own.min()) * (len(own) - 1), 1e-12) for own in sight.own])
    return np.where(p.mu > 0, p.mu, default[sight.seat])


@learner(
    "conditional-regret-matching",
    "Hart & Mas-Colell 2000, equation (2.2)",
    memory=_pairs,
    uniforms=1,
    mu=Parameter(0, 0, 1e9, "normaliser; 0 for twice the payoff range times the number of other actions"),
)
def conditional(sight: Sight, p: Any, memory: Memory, coin: Floats) -> tuple[Ints, Memory]:
    """Leave the last action for another with a chance in proportion to the mean regret of not having done so always."""
    place, total = (sight.rows, sight.last), memory["sum"]
    total[place] += sight.gains()
    time = memory["time"] + sight.before
    chance = np.maximum(total[place], 0) / (np.maximum(time, 1) * _steady(sight, p))[:, None]
    chance[place] = 0
    chance /= np.maximum(1, chance.sum(axis=1, keepdims=True))  # a small mu must not make chances of more than one
    chance[place] = np.where(sight.before, np.maximum(1 - chance.sum(axis=1), 0), 0)
    return sight.draw(chance, coin), {"sum": total, "time": time}


@learner(
    "hedge",
    "Freund & Schapire 1997",
    uniforms=1,
    rate=Parameter(0.2, 0, 100, "learning rate, for payoffs scaled to [0, 1]"),
)
def hedge(sight: Sight, p: Any, memory: Memory, coin: Floats) -> tuple[Ints, Memory]:
    """Multiplicative weights: chances grow exponentially with what an action would have paid in all."""
    total = memory["sum"] + np.where(sight.before[:, None] & sight.mask, sight.scaled(), 0)
    most = np.where(sight.mask, total, 0).max(axis=1, keepdims=True)  # scaled payoffs are not negative
    return sight.draw(np.exp(p.rate[:, None] * (total - most)), coin), {"sum": total}


# -- reinforcement ----------------------------------------------------------------------------------------------------


def _q(rows: int, p: Any, game: Any) -> Memory:
    values = np.broadcast_to(p.initial[:, None, None], (rows, game.codes + 1, _width(game))).copy()
    return {"q": values, "state": np.zeros(rows, np.int64)}


def _small(rule: Rule, game: Game) -> None:
    _fits(rule, game)
    if isinstance(game, Matrix) and (game.codes + 1) * _width(game) > CELLS:
        cells = (game.codes + 1) * _width(game)
        raise misfit(rule.name, game, f"its table would need {cells} entries, and {CELLS} is the most")


@learner(
    "q-learning",
    "Watkins 1989; in the repeated dilemma Sandholm & Crites 1996",
    memory=_q,
    uniforms=2,
    fits=_small,
    rate=Parameter(0.1, meaning="learning rate alpha"),
    discount=Parameter(0.95, meaning="of later payoffs, gamma"),
    epsilon=Parameter(0.1, meaning="chance of trying any action"),
    initial=Parameter(0, -1e9, 1e9, "value of everything before it is known"),
)
def q_learning(sight: Sight, p: Any, memory: Memory, coin: Floats) -> tuple[Ints, Memory]:
    """Value actions by the last joint action, one step at a time, and mostly play the best."""
    q, code = memory["q"], sight.view.code
    place, here = (sight.rows, memory["state"], sight.last), q[sight.rows, code]
    paid = sight.could()[sight.rows, sight.last]
    ahead = np.where(sight.mask, here, -np.inf).max(axis=1)
    q[place] += np.where(sight.before, p.rate * (paid + p.discount * ahead - q[place]), 0)
    tried = np.minimum((coin[:, 1] * sight.count).astype(np.int64), sight.count - 1)
    choice = np.where(coin[:, 0] < p.epsilon, tried, sight.best(q[sight.rows, code]))
    return choice, {"q": q, "state": code.astype(np.int64)}
