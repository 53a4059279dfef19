"""How the next generation comes by its strategies: copied, mutated, or told by those who stay.

:func:`inheriting` is the only definition, a generator as the rules' round loop is: where newcomers must be told, it
yields what is to be asked, all of them together, and is sent the strategies. :func:`inherit` drives it where nobody
needs to be asked; a driver with models answers the same asks.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from pydantic import Field

from dilemmas.culture import mutation
from dilemmas.culture.choice import choose
from dilemmas.culture.lessons import Estate, Lesson, Told, newcomers
from dilemmas.culture.lot import Lot
from dilemmas.culture.population import Agent, Population, name
from dilemmas.errors import UsageError
from dilemmas.rules.game import Floats
from dilemmas.rules.params import Amount, Parameters, Probability
from dilemmas.strategies.strategy import Strategy

WHERE = "inheritance"
__all__ = ["Copied", "Estate", "Lesson", "Mutated", "Told", "inherit", "inheritance", "inheriting"]


class Copied(Parameters):
    """A newcomer does exactly as its parent does."""

    rule: Literal["copied"] = "copied"


class Mutated(Parameters):
    """A newcomer copies its parent, and mutates with the chance ``rate``.

    ``to: strategies`` takes another strategy of the pool, each as likely; ``pool`` names them, the founders' if it is
    empty. ``to: numbers`` adds normal noise of ``sd`` to the parameters of a rule (in their own units; ``only`` those
    named) or to the chances in a machine's table, cut to their range; what has neither is copied as it is.
    """

    rule: Literal["mutated"] = "mutated"
    rate: Probability = 0.05
    to: Literal["strategies", "numbers"] = "strategies"
    pool: tuple[str, ...] = ()
    sd: Amount = Field(default=0.1, gt=0)
    only: tuple[str, ...] = ()

    def check(self, strategies: Sequence[Strategy], pool: Sequence[Strategy] = ()) -> None:
        """Raise, before anything is played, where these strategies have nothing to mutate to; see ``mutation``."""
        if self.to == "numbers":
            mutation.check(strategies, self.only)
        else:
            for strategy in strategies:
                mutation.another(strategy, pool, 0.0)


Inheritance: TypeAlias = Copied | Mutated | Told
INHERITANCES: Mapping[str, type[Parameters]] = {"copied": Copied, "mutated": Mutated, "told": Told}


Inheriting: TypeAlias = Generator[tuple[Lesson, ...], Sequence[Strategy], Population]


def inherit(rule: Inheritance, estate: Estate, lot: Lot) -> Population:
    """The next generation, where nobody has to be asked; survivors keep id and place.

    Newcomers are ``g<generation>-<i>``, numbered from 1 by place. Raises UsageError for ``told``.
    """
    steps = inheriting(rule, estate, lot)
    try:
        lessons = next(steps)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # what the generator returns
    steps.close()
    raise unwritten(len(lessons))


def unwritten(lessons: int) -> UsageError:
    """The error for strategies that nobody can write."""
    return UsageError(
        f"{lessons} newcomers would write their own strategies, and nothing here can",
        where=f"{WHERE}.rule: told",
        expected="a model",
        remedy="Give the population a model, or use copied or mutated.",
    )


def inheriting(rule: Inheritance, estate: Estate, lot: Lot) -> Inheriting:
    """The next generation step by step: yields the lessons to be told, if any, and is sent a strategy for each."""
    if isinstance(rule, Told):
        born = yield from newcomers(rule, estate, lot)
    else:
        born = _children(rule, estate, lot)
    members = list(estate.population)
    for place, agent in zip(estate.places, born, strict=True):
        members[place] = agent
    return tuple(members)


def _children(rule: Copied | Mutated, estate: Estate, lot: Lot) -> list[Agent]:
    changes = _Changes(rule, estate, lot) if isinstance(rule, Mutated) else None
    born = []
    for i, place in enumerate(estate.places, 1):
        parent = estate.parent(place)
        strategy = parent.strategy if changes is None else changes.of(int(place), parent.strategy)
        child = Agent(name(estate.generation, i), strategy, estate.generation, (parent.id,), parent.group, parent.model)
        born.append(child)
    return born


class _Changes:
    """The mutations of one generation: every place has its own lots, drawn for all places at once."""

    def __init__(self, rule: Mutated, estate: Estate, lot: Lot) -> None:
        self._rule, self._pool, self._lot = rule, estate.pool, lot
        self._places = len(estate.population)
        self._coins = lot.uniform("mutation", self._places, 2)
        self._normals: dict[int, Floats] = {}

    def of(self, place: int, strategy: Strategy) -> Strategy:
        """What the newcomer in a place makes of its parent's strategy."""
        mutates, which = self._coins[place]
        if mutates >= self._rule.rate:
            return strategy
        if self._rule.to == "strategies":
            return mutation.another(strategy, self._pool, which)
        return mutation.perturbed(strategy, lambda k: self._normal(k, place), self._rule.sd, self._rule.only)

    def _normal(self, k: int, place: int) -> float:
        if k not in self._normals:
            self._normals[k] = self._lot.normal("perturbation", 1, self._places, k)[0]
        return float(self._normals[k][place])


def inheritance(given: Any, where: str = WHERE) -> Inheritance:
    """The rule that a file or a flag describes: ``{rule: mutated, rate: 0.05}`` or ``mutated:rate=0.05``."""
    return choose(INHERITANCES, given, "rule", "inheritance rule", where)  # type: ignore[return-value]  # one of the three
