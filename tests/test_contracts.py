"""The contract kits: every shelf game and strategy keeps them, and each rule is seen to fail where it is broken."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
import pytest
import toys
from shelf_files import said
from toys import Ring, asks, columns, fields, refuses, scores, settles, spoil

import dilemmas as dl
from dilemmas.errors import BrokenContract, Misfit
from dilemmas.rules.game import Answers, Array, Ask, Field, Floats, Game, Ints, View
from dilemmas.specs import catalogue, games, seats
from dilemmas.specs.seats import Seat
from dilemmas.strategies.machine import Machine, State
from dilemmas.strategies.strategy import Strategy
from dilemmas.testing import GAME_RULES, STRATEGY_RULES, Prober, game_contract, strategy_contract

# -- the shelves keep their contracts ---------------------------------------------------------------------------------

VARIED: list[tuple[str, dict[str, Any]]] = [
    ("prisoners-dilemma", {"noise": 0.2}),
    ("prisoners-dilemma", {"perception_noise": 0.3, "continuation": 0.8}),
    (
        "prisoners-dilemma",
        {"rounds": 7, "continuation": 0.9, "horizon": "hidden", "noise": 0.1, "perception_noise": 0.1},
    ),
    ("rock-paper-scissors", {"noise": 0.3, "perception_noise": 0.3, "continuation": 0.7}),
    ("travellers-dilemma", {"noise": 0.3, "perception_noise": 0.3, "rounds": 3}),
    ("ordinal", {"game": 20, "as_published": True}),
    ("donor", {"games": 2, "zero_trace": "null"}),
    ("donor", {"trace": 0, "seats": 2, "rounds": 3}),
    ("donor", {"schedule": "random", "seats": 7}),
    ("donor", {"schedule": "strict", "zero_trace": "null", "mechanism": "punish"}),
    ("donor", {"schedule": "no-repeat", "rounds": 6, "mechanism": "refuse"}),
    (
        "donor",
        {"information": ["image", "standing"], "assessment_error": 0.2, "execution_error": 0.2, "image": "integer"},
    ),
    (
        "donor",
        {"information": ["standing", "trace"], "norm": "stern-judging", "mechanism": "punish", "observation": 0.6},
    ),
    ("donor", {"pairings": [[[1, 2], [3, 4]], [[2, 3]]]}),
    ("fishery", {"joins": {5: 4}}),
    ("fishery", {"joins": {1: 2, 2: 3}, "rounds": 3, "as_published": True}),
    ("fishery", {"integer": False, "allocation": "proportional", "growth": 1.5}),
    ("fishery", {"allocation": "proportional", "continuation": 0.8}),
    ("fishery", {"seats": 1, "start": 50, "collapse_below": 0}),
    ("public-goods", {"punishment": {}, "rounds": 3}),
    ("public-goods", {"punishment": {}, "reward": {}, "continuation": 0.7, "seats": 3}),
    ("public-goods", {"integer": True, "threshold": 30, "refund": False}),
    ("public-goods", {"seats": 2, "threshold": 20}),
]


@pytest.mark.parametrize("name", catalogue.names("games"))
def test_every_shelf_game_keeps_its_contract(name: str) -> None:
    seen = game_contract(dl.game(name), seed=1)
    assert seen.asks
    assert seen.decisions


@pytest.mark.parametrize(("name", "parameters"), VARIED, ids=str)
def test_so_does_every_variation(name: str, parameters: dict[str, Any]) -> None:
    assert game_contract(games.load(name, parameters), seed=2).decisions


def test_what_was_looked_at_is_told() -> None:
    seen = game_contract(games.load("public-goods", {"punishment": {}, "rounds": 2, "seats": 3}))
    assert seen.kinds == ("contribute", "sanction")
    assert seen.asks == 2 * 3


FAMILIES: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "matrix": [
        ("prisoners-dilemma", {"noise": 0.1, "continuation": 0.85}),
        ("rock-paper-scissors", {"rounds": 6, "perception_noise": 0.2}),
        ("battle-of-the-sexes", {"rounds": 4}),
        ("ordinal", {"game": 59, "rounds": 4}),
    ],
    "donor": [
        ("donor", {"seats": 6, "rounds": 6, "mechanism": "punish"}),
        ("donor", {"seats": 4, "rounds": 4, "information": [], "gossip": {"by": "onlooker"}}),
        (
            "donor",
            {
                "seats": 4,
                "rounds": 6,
                "information": ["trace", "image", "standing"],
                "execution_error": 0.2,
                "games": 2,
            },
        ),
    ],
    "commons": [
        ("fishery", {}),
        ("fishery", {"rounds": 4, "sanction": {"fine": 3}}),
        ("pasture", {"integer": False, "allocation": "proportional", "joins": {3: 3}}),
    ],
    "public-goods": [
        ("public-goods", {"rounds": 4}),
        ("public-goods", {"rounds": 3, "integer": True, "punishment": {}, "reward": {}, "seats": 3}),
    ],
}
SCRIPTS = {"matrix": [1, 2, 1], "donor": [0, 0], "commons": [0, 3, 12], "public-goods": [0, 20, 7]}


def family(name: str) -> str:
    file = catalogue.shelf("strategies") / f"{name}.yaml"
    data = said(file)
    return "" if "prompted" in data else str(data["for"])


def claims(name: str) -> list[str]:
    """Families that a strategy is for; none where it needs a model."""
    claimed = family(name)
    return list(FAMILIES) if claimed == "any" else [claimed] if claimed else []


def made(name: str, kind: str) -> Strategy:
    parameters = {"moves": SCRIPTS[kind], "then": "cycle"} if name == "scripted-moves" else {}
    return seats.strategy(Seat(name, parameters), family=kind)


def keeps(name: str, kind: str, company: Sequence[Strategy] = (), most: int | None = None) -> None:
    """The strategy keeps its contract in the games of a family, and can sit in one of them at least."""
    taken = []
    for game, parameters in FAMILIES[kind][:most]:
        fit = strategy_contract(made(name, kind), games.load(game, parameters), seed=4, company=company, episodes=5)
        taken.append(fit.seats)
        assert all(reason for reason in fit.misfits.values())
    assert any(taken) or most, f"{name} sits nowhere"


SHELF = [(name, kind) for name in catalogue.names("strategies") for kind in claims(name)]
HANDFUL = [SHELF[i] for i in np.random.default_rng(11).permutation(len(SHELF))[:8]]


@pytest.mark.parametrize(("name", "kind"), [*HANDFUL, ("scripted-moves", "donor"), ("noisy-matcher", "commons")])
def test_a_handful_of_shelf_strategies_keep_their_contract(name: str, kind: str) -> None:
    keeps(name, kind, most=1)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "kind"), SHELF)
def test_every_shelf_strategy_keeps_its_contract(name: str, kind: str) -> None:
    others = [other for other, its in SHELF if its == kind and other != "scripted-moves"]
    company = [made(others[i], kind) for i in np.random.default_rng(len(name)).integers(0, len(others), 2)]
    keeps(name, kind, company)


def test_seats_that_a_strategy_cannot_take_are_told_not_broken() -> None:
    file = {"row": [[1, 0], [0, 1]], "column": [[1, 0], [0, 1]]}
    game = games.build("matrix", {"actions": [["C", "D"], ["x", "y"]], "payoffs": file}, None, "odd")
    fit = strategy_contract(Machine("kind", "only", {"only": State({"C": 1.0}, {"*": "only"})}), game)
    assert fit.seats == (1,)
    assert "actions of seat 2 are x, y" in fit.misfits[2]
    nowhere = strategy_contract(dl.strategy("tit-for-tat"), dl.game("donor"))
    assert nowhere.seats == ()
    assert set(nowhere.misfits) == set(range(1, 13))


# -- every rule for games fails where it is broken --------------------------------------------------------------------


def test_the_toy_itself_keeps_the_contract() -> None:
    for seed in range(5):
        assert game_contract(Ring(), seed).kinds == ("ring",)


def endless(self: Ring, state: toys.Play) -> Array:
    state.lengths = state.lengths + 1
    return Ring.who(self, state)


def again(self: Ring, state: toys.Play, answers: Answers, luck: Any) -> None:
    """Steps back once, so that a round is asked twice."""
    if state.round == 1 and not hasattr(state, "back"):
        state.back = True  # type: ignore[attr-defined]  # a part that only this toy has
        state.round = 0


def longer(self: Ring, state: toys.Play) -> Array:
    """All seats of all episodes as long as any goes on: some are asked after their end."""
    return np.broadcast_to((state.lengths > state.round).any(), (state.episodes, self.seats)).copy()


def spying(view: View) -> Array:
    """The number of a row among those that were asked together."""
    return np.arange(len(view))


def own_dice(game: Ring, state: toys.Play, answers: Answers, luck: Any) -> Answers:
    return Answers(answers.choice, np.asarray(answers.amount) * np.random.default_rng().random())


def trip(game: Ring, state: toys.Play, answers: Answers, luck: Any) -> None:
    state.history[state.round + 5]


def scribble(game: Ring, state: toys.Play, answers: Answers, luck: Any) -> None:
    assert answers.amount is not None
    answers.amount *= 0.5


def keep(game: Ring, state: toys.Play, answers: Answers, luck: Any) -> None:
    """Uses what it was handed the round before."""
    if hasattr(state, "held"):
        state.account = state.account + np.where(state.held > 0, 0.25, 0)
    state.held = answers.amount  # type: ignore[attr-defined]  # a part that only this toy has


def meddle(game: Ring, state: toys.Play, answers: Answers, luck: Any) -> None:
    """Lets those who were not asked pay as well."""
    state.account = state.account + np.where(np.isnan(np.asarray(answers.amount)), 1.0, 0.0)


def average(game: Ring, state: toys.Play, answers: Answers, luck: Any) -> None:
    """Episodes share what one of them has."""
    state.account = state.account + (len(state.account) > 1)


def shared(game: Ring, state: toys.Play, answers: Answers, luck: Any) -> None:
    """Keeps the number of rounds on the game, which start makes zero."""
    game.played = 0 if state.round == 0 else game.played + 1  # type: ignore[attr-defined]  # a part of this toy
    going = state.lengths > state.round
    state.account = state.account + going[:, None] * game.played  # type: ignore[attr-defined]  # a part of this toy


def shuffled(self: Ring, kind: str, seat: int, turn: Any = count()) -> tuple[str, str]:  # noqa: B008  # one for all calls
    return ("keep", "give") if next(turn) % 2 else ("give", "keep")


def unpicklable() -> Ring:
    game = Ring()
    game.helper = lambda: None  # type: ignore[attr-defined]  # what cannot be pickled
    return game


GAMES: list[tuple[str, Callable[[], Any], str]] = [
    ("parts", lambda: spoil(kind=""), "kind"),
    ("parts", lambda: spoil(per_round=1), "per_round"),
    ("parts", lambda: spoil(seats=0), "seats"),
    ("parts", lambda: fields(units=3), "fields"),  # type: ignore[arg-type]  # not a Field
    ("parts", lambda: fields(seat=Field("the seat", lambda v: v.seat)), "seat"),
    ("runs", lambda: settles(trip), "test_contracts.py, line"),
    ("start", lambda: spoil(start=lambda self, luck: replaced(Ring.start(self, luck), episodes=1)), "1 of 10"),
    ("ends", lambda: spoil(who=endless), "no end"),
    ("ask", lambda: asks(who=lambda ask: ask.who.astype(int)), "not a mask"),
    ("ask", lambda: asks(who=lambda ask: ask.who & False), "empty"),
    ("ask", lambda: asks(everyone=True), "everyone"),
    ("ask", lambda: asks(round=lambda ask: ask.round - 1), "round"),
    ("ask", lambda: asks(ordinal=lambda ask: ask.ordinal[:2]), "ordinal"),
    ("ask", lambda: asks(clock=0), "clock 0"),
    ("order", lambda: settles(again), "after ask 1 of round"),
    ("order", lambda: spoil(who=longer), "score counts"),
    ("options", lambda: spoil(options=lambda self, kind, seat: ("give", "give")), "options"),
    ("options", lambda: spoil(options=shuffled), "not the second"),
    ("fields", lambda: fields(row=Field("which row", spying)), "row"),
    ("fields", lambda: fields(mean=Field("mean of all", lambda v: np.full(1, 2.0))), "mean"),
    ("fields", lambda: fields(lost=Field("missing", lambda v: v.state.nothing)), "AttributeError"),
    ("told", lambda: fields(units=Field("units", lambda v: np.zeros(len(v)), lambda v, value: value)), "float64"),
    (
        "told",
        lambda: fields(units=Field("units", lambda v: np.zeros((len(v), 2)), lambda v, row: {"a": list(row)})),
        "a",
    ),
    ("legal", lambda: refuses(lambda ask, bad, choice, amount: ask.who), "proposals"),
    ("legal", lambda: spoil(allowed=lambda self, ask, row: " "), "allowed"),
    ("refuses", lambda: refuses(lambda ask, bad, choice, amount: bad & ~np.isnan(amount)), "nan"),
    ("refuses", lambda: refuses(lambda ask, bad, choice, amount: bad & ~(amount == -1)), "-1"),
    ("refuses", lambda: refuses(lambda ask, bad, choice, amount: bad & ~(amount == np.inf)), "inf"),
    ("refuses", lambda: refuses(lambda ask, bad, choice, amount: bad & ~(choice == 2)), "choice 2"),
    ("refuses", lambda: refuses(lambda ask, bad, choice, amount: bad & ~(choice == -1)), "choice -1"),
    ("refuses", lambda: refuses(lambda ask, bad, choice, amount: bad | (~ask.who & (choice < 0))), "not asked"),
    ("refuses", lambda: refuses(lambda ask, bad, choice, amount: bad.astype(int)), "illegal returns"),
    ("answers", lambda: settles(scribble), "amount"),
    ("answers", lambda: settles(keep), "holds on"),
    ("luck", lambda: settles(own_dice), "second time"),
    ("unasked", lambda: settles(meddle), "not asked"),
    ("columns", lambda: columns(tribute=lambda spent: spent), "tribute"),
    ("columns", lambda: columns(received=lambda spent: spent[0]), "shape"),
    ("columns", lambda: columns(action=lambda spent: np.full(spent.shape, 2)), "holds 2"),
    ("columns", lambda: columns(action=lambda spent: spent), "float64"),
    ("columns", lambda: scores(extra=lambda score: {"joy": score.payoff}), "joy"),
    ("score", lambda: scores(payoff=lambda score: score.payoff[:, :2]), "shape"),
    ("score", lambda: scores(payoff=lambda score: score.payoff * np.inf), "payoff"),
    ("score", lambda: scores(cooperations=lambda score: score.decisions + 1), "decisions"),
    ("score", lambda: scores(rounds=lambda score: score.rounds * 0), "rounds"),
    ("books", lambda: scores(payoff=lambda score: score.payoff * 1.01), "payoff"),
    ("books", lambda: columns(received=lambda spent: spent), "payoff"),
    ("batch", lambda: settles(average), "one by one"),
    ("apart", lambda: settles(shared), "beside"),
    ("pickles", unpicklable, "lambda"),
]


def replaced(thing: Any, **parts: Any) -> Any:
    for name, value in parts.items():
        setattr(thing, name, value)
    return thing


@pytest.mark.parametrize(("rule", "make", "says"), GAMES, ids=[f"{rule}-{says}" for rule, _, says in GAMES])
def test_a_game_that_breaks_a_rule_is_found_out(rule: str, make: Callable[[], Any], says: str) -> None:
    with pytest.raises(BrokenContract) as caught:
        game_contract(make(), limit=60)
    assert caught.value.rule == rule, caught.value
    assert says in str(caught.value)
    assert GAME_RULES[rule] in str(caught.value)


def test_every_rule_for_games_was_broken() -> None:
    assert {rule for rule, _, _ in GAMES} == set(GAME_RULES)


def test_where_is_told() -> None:
    with pytest.raises(
        BrokenContract, match=r"^episode \d+, round 1, seat \d: refuses: an amount of nan passes; expected"
    ):
        game_contract(refuses(lambda ask, bad, choice, amount: bad & ~np.isnan(amount)))


# -- every rule for strategies fails where it is broken ---------------------------------------------------------------


@dataclass(frozen=True)
class Fair:
    """Gives the mean of what was given last, with a little chance; a strategy for the ring that breaks nothing."""

    name: str = "fair"
    uniforms: int = 1
    trusted: bool = False

    @property
    def kin(self) -> Hashable:
        return type(self).__name__

    def player(self, members: Sequence[Any], which: Ints, seats: Ints, game: Game) -> Any:
        return self

    def decide(self, view: View, ask: Ask, rows: Ints | slice, coin: Floats) -> Answers:
        mean = np.nan_to_num(view.given).sum(axis=1) / 3
        return Answers(np.ones(len(view), np.int64), np.minimum(10, mean + coin[:, 0]))


class Greedy(Fair):
    def decide(self, view: View, ask: Ask, rows: Ints | slice, coin: Floats) -> Answers:
        return Answers(np.ones(len(view), np.int64), np.full(len(view), 10.5))


class Silent(Fair):
    trusted = True

    def decide(self, view: View, ask: Ask, rows: Ints | slice, coin: Floats) -> Answers:
        return Answers()


class Bare(Fair):
    def decide(self, view: View, ask: Ask, rows: Ints | slice, coin: Floats) -> Answers:
        return Answers(np.ones((len(view), 1), np.int64), np.zeros(len(view)))


class Thief(Fair):
    def decide(self, view: View, ask: Ask, rows: Ints | slice, coin: Floats) -> Answers:
        view.state.account[:] += 1
        return super().decide(view, ask, rows, coin)


class Gambler(Fair):
    def decide(self, view: View, ask: Ask, rows: Ints | slice, coin: Floats) -> Answers:
        return Answers(np.ones(len(view), np.int64), np.random.default_rng().random(len(view)))


class Rower(Fair):
    """Gives by its place among the asked rows."""

    def decide(self, view: View, ask: Ask, rows: Ints | slice, coin: Floats) -> Answers:
        return Answers(np.ones(len(view), np.int64), np.minimum(np.arange(len(view)) * 1.0, 10))


class Peeper(Fair):
    """Gives by how many episodes there are."""

    def decide(self, view: View, ask: Ask, rows: Ints | slice, coin: Floats) -> Answers:
        return Answers(np.ones(len(view), np.int64), np.full(len(view), float(view.state.episodes > 8)))


class Learner(Fair):
    """Keeps a memory in the strategy, which forgets at the first round."""

    seen: list[int] = []  # noqa: RUF012  # shared by all: the fault

    def decide(self, view: View, ask: Ask, rows: Ints | slice, coin: Floats) -> Answers:
        if ask.clock == 1:
            self.seen.clear()
        self.seen.append(1)
        return Answers(np.ones(len(view), np.int64), np.full(len(view), min(10.0, len(self.seen))))


class Waiter(Fair):
    """Plays otherwise within a running event loop, where it takes itself to be live."""

    def decide(self, view: View, ask: Ask, rows: Ints | slice, coin: Floats) -> Answers:
        import asyncio

        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return super().decide(view, ask, rows, coin)
        return Answers(np.zeros(len(view), np.int64), np.zeros(len(view)))


class Crasher(Fair):
    def decide(self, view: View, ask: Ask, rows: Ints | slice, coin: Floats) -> Answers:
        raise ZeroDivisionError("by zero")


class Local(Fair):
    def __reduce__(self) -> Any:
        raise TypeError("stays here")


class Forgetful(Fair):
    def __reduce__(self) -> Any:
        return Greedy0, ()


class Greedy0(Fair):
    def decide(self, view: View, ask: Ask, rows: Ints | slice, coin: Floats) -> Answers:
        return Answers(np.zeros(len(view), np.int64), np.zeros(len(view)))


class Unhashable(Fair):
    @property
    def kin(self) -> Hashable:
        return []  # type: ignore[return-value]  # the fault


STRATEGIES: list[tuple[str, Fair, str]] = [
    ("parts", Fair(""), "name"),
    ("parts", Unhashable(), "unhashable"),
    ("runs", Crasher("crasher"), "crasher raised ZeroDivisionError: by zero"),
    ("legal", Greedy(), "answered 1 10.5, and may keep or give"),
    ("answers", Silent(), "nothing"),
    ("answers", Bare(), "(5, 1)"),
    ("view", Thief(), "account"),
    ("luck", Gambler(), "second time"),
    ("batch", Rower(), "one by one"),
    ("live", Waiter(), "live"),
    ("company", Peeper(), "other episodes"),
    ("apart", Learner(), "beside"),
    ("pickles", Local(), "stays here"),
    ("pickles", Forgetful(), "unpickled"),
]


@pytest.mark.parametrize(("rule", "strategy", "says"), STRATEGIES, ids=[type(one).__name__ for _, one, _ in STRATEGIES])
def test_a_strategy_that_breaks_a_rule_is_found_out(rule: str, strategy: Fair, says: str) -> None:
    with pytest.raises(BrokenContract) as caught:
        strategy_contract(strategy, Ring(), episodes=5)
    assert caught.value.rule == rule, caught.value
    assert says in str(caught.value)
    assert STRATEGY_RULES[rule] in str(caught.value)


def test_every_rule_for_strategies_was_broken() -> None:
    assert {rule for rule, _, _ in STRATEGIES} == set(STRATEGY_RULES)


def test_the_fair_one_keeps_the_contract() -> None:
    assert strategy_contract(Fair(), Ring(), company=[Prober("other", 2)]).seats == (1, 2, 3)
    with pytest.raises(BrokenContract, match=re.escape("episode 1, round 1, seat 1")):
        strategy_contract(Greedy(), Ring())


def test_a_strategy_that_says_it_does_not_fit_is_believed() -> None:
    class Picky(Fair):
        def player(self, members: Sequence[Any], which: Ints, seats: Ints, game: Game) -> Any:
            raise Misfit("not here")

    fit = strategy_contract(Picky(), Ring())
    assert fit.seats == ()
    assert fit.misfits == {1: "not here", 2: "not here", 3: "not here"}
