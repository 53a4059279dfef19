"""Laws of harvesting: how much to want from a common stock.

In games of whole units every want is rounded (down, unless a law says otherwise); in real games none is. ``noise`` is
the chance of a random harvest instead, even between nothing and an equal split of what there is. Where the game has
votes on fines, ``vote`` says whom a rule names.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import numpy as np

from dilemmas.errors import SpecError, nearest
from dilemmas.rules.commons_metrics import exceeds
from dilemmas.rules.game import Answers, Array, Floats, Game, View
from dilemmas.strategies.rule import Memory, Parameter, Rule, law
from dilemmas.strategies.strategy import misfit

Want = Callable[[View, Any, Memory], tuple[Floats, Memory]]
VOTES = ("nobody", "over-users")
VOTE = Parameter(
    "nobody",
    free=True,
    meaning="whom to fine where that is voted on: nobody, or over-users (who took most above the sustainable share)",
)
NOISE = Parameter(0.0, meaning="chance of a random harvest, even from nothing to an equal split of the stock")


def whole(amount: Floats, view: View) -> Floats:
    """Rounded down where the game counts in whole units."""
    return np.floor(amount) if view.game.integer else amount  # type: ignore[attr-defined]  # a Commons


def harvest(name: str, source: str, **options: Any) -> Callable[[Want], Want]:
    """Declare a law of the commons: ``want(view, p, memory)``, with ``noise`` added to its parameters."""

    def declare(want: Want) -> Want:
        @wraps(want)
        def decide(view: View, p: Any, memory: Memory, coin: Floats) -> tuple[Answers, Memory]:
            wanted, memory = want(view, p, memory)
            return Answers(amount=_stray(wanted, view, p.noise, coin)), memory

        fits, others = partial(_fits, options.pop("fits", None)), {"vote": _vote}
        numbers = {"noise": NOISE, "vote": VOTE, **options}
        law(name, "commons", source=source, asks=("harvest",), uniforms=2, fits=fits, others=others, **numbers)(decide)
        return want

    return declare


def _fits(more: Callable[[Rule, Game], None] | None, rule: Rule, game: Game) -> None:
    said = str(rule.parameters["vote"])
    if said not in VOTES:
        expected, remedy = " or ".join(VOTES), nearest(said, VOTES)
        raise SpecError(f"vote of {rule.name} is {said!r}", expected=expected, remedy=remedy)
    if more is not None:
        more(rule, game)


def _vote(view: View, p: Any, memory: Memory, coin: Floats) -> tuple[Answers, Memory]:
    """The other that took most above the share of this round, the lowest seat of several; else nobody."""
    game: Any = view.game
    share = game.share(view.stocks[:, -1], view.state.round + 1)
    above = np.where(exceeds(view.others, share[:, None]), view.others, -np.inf)
    guilty = np.isfinite(above).any(axis=1) & (np.asarray(p.vote, object) == "over-users") & game.sight
    return Answers(choice=np.where(guilty, above.argmax(axis=1) + 1, 0)), {}


def _stray(wanted: Floats, view: View, noise: Floats, coin: Floats) -> Floats:
    if not np.any(noise):
        return wanted
    top = whole(view.stock / view.seats, view)
    step = top + 1 if view.game.integer else top  # type: ignore[attr-defined]  # a Commons
    return np.where(coin[:, 0] < noise, np.minimum(whole(coin[:, 1] * step, view), top), wanted)


def split(view: View) -> Floats:
    """An equal part of a full stock: what emptying it together comes to."""
    return whole(view.capacity / view.seats, view)


@harvest("sustainable", source="Piatti et al. 2024, sustainability threshold")
def sustainable(view: View, p: Any, memory: Memory) -> tuple[Floats, Memory]:
    """The share of the seats present that lets the stock come back."""
    return view.share, memory


@harvest("greedy", source="Hardin 1968; Gordon 1954")
def greedy(view: View, p: Any, memory: Memory) -> tuple[Floats, Memory]:
    """An equal part of the capacity in every round, whatever is left (100 units, five seats: 20)."""
    return split(view), memory


def _fixed_fits(rule: Rule, game: Game) -> None:
    amount = rule.parameters["amount"]
    if game.integer and not float(amount).is_integer():  # type: ignore[attr-defined]  # checked to be a Commons
        why = f"amount is {amount:g} and harvests are whole units"
        raise misfit(rule.name, game, why, "Give a whole amount, or set integer: false.")


@harvest(
    "fixed",
    source="Clark 1990, constant quota",
    fits=_fixed_fits,
    amount=Parameter(10.0, high=1e12, meaning="units wanted in every round"),
)
def fixed(view: View, p: Any, memory: Memory) -> tuple[Floats, Memory]:
    """The same amount in every round."""
    return np.array(p.amount), memory


@harvest(
    "restrained",
    source="Piatti et al. 2024, a fraction of their sustainability threshold",
    share=Parameter(0.5, high=1e6, meaning="part of the sustainable share; above 1 is over-use"),
)
def restrained(view: View, p: Any, memory: Memory) -> tuple[Floats, Memory]:
    """A part of the sustainable share."""
    return whole(p.share * view.share, view), memory


@harvest("matcher", source="Rustagi, Engel & Kosfeld 2010, conditional cooperation in a commons")
def matcher(view: View, p: Any, memory: Memory) -> tuple[Floats, Memory]:
    """What the others took in the last round on average, to the nearest unit; the sustainable share at first."""
    others = view.others
    known = ~np.isnan(others)
    count = known.sum(axis=1)
    mean = np.where(known, others, 0.0).sum(axis=1) / np.maximum(count, 1)
    nearest = whole(mean + 0.5, view) if view.game.integer else mean  # type: ignore[attr-defined]  # a Commons
    return np.where(count > 0, nearest, view.share), memory


def _trust(rows: int, p: Any, game: Game) -> Memory:
    return {"grim": np.zeros(rows, bool), "share": np.full(rows, np.inf)}


@harvest("grim-share", source="Friedman 1971, trigger strategy; Piatti et al. 2024, threshold", memory=_trust)
def grim_share(view: View, p: Any, memory: Memory) -> tuple[Floats, Memory]:
    """The sustainable share until anybody, itself included, took more than it; then greedy for ever."""
    taken: Array = np.nan_to_num(view.taken, nan=0.0)
    grim = memory["grim"] | exceeds(taken, memory["share"][:, None]).any(axis=1)
    share = view.share
    return np.where(grim, split(view), share), {"grim": grim, "share": share}
