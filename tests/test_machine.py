"""Stacked machines against a plain automaton, one episode, one seat and one round at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dilemmas.engine.batch import play
from dilemmas.engine.chance import Chance
from dilemmas.errors import Misfit
from dilemmas.rules.matrix import Matrix
from dilemmas.rules.matrix_play import hits
from dilemmas.strategies.machine import Machine, State, memory_one
from dilemmas.strategies.strategy import Cast

PD = {"CC": [3, 3], "CD": [0, 5], "DC": [5, 0], "DD": [1, 1]}
TFT = memory_one("tft", 1, {"CC": 1, "CD": 0, "DC": 1, "DD": 0})
ALLD = memory_one("alld", 0, {"CC": 0, "CD": 0, "DC": 0, "DD": 0})
RANDOM = memory_one("random", 0.5, {"CC": 0.5, "CD": 0.5, "DC": 0.5, "DD": 0.5})


def machines(actions: int, others: int) -> st.SearchStrategy[Machine]:
    """Automata that speak of actions by position, so that they fit either seat."""
    return st.integers(1, 3).flatmap(lambda states: _machine(states, min(actions, others)))


def _machine(states: int, actions: int) -> st.SearchStrategy[Machine]:
    target = st.integers(0, states - 1).map(lambda state: f"s{state}")
    weights = st.lists(st.integers(0, 3), min_size=actions, max_size=actions).filter(any)
    chances = weights.map(lambda w: {str(i + 1): x / sum(w) for i, x in enumerate(w)})
    then = st.dictionaries(st.integers(1, actions).map(str), target).flatmap(
        lambda some: target.map(lambda rest: {**some, "*": rest})
    )
    state = st.builds(State, chances, then)
    return st.lists(state, min_size=states, max_size=states).map(
        lambda listed: Machine("m", "s0", {f"s{i}": one for i, one in enumerate(listed)})
    )


@st.composite
def batches(draw: st.DrawFn) -> tuple[Matrix, Cast, Chance]:
    shape = draw(st.sampled_from([(2, 2), (2, 2), (3, 3), (2, 3), (3, 1), (12, 12)]))
    names = [[f"x{i}" for i in range(shape[0])], [f"x{i}" for i in range(shape[1])]]
    payoffs = draw(st.integers(0, 99).map(lambda seed: np.random.default_rng(seed).integers(-9, 9, (2, *shape))))
    game = Matrix(
        actions=names if shape[0] != shape[1] else names[0],
        payoffs={"row": payoffs[0].tolist(), "column": payoffs[1].tolist()},
        roles={"x0": "cooperate"},
        rounds=draw(st.integers(1, 12)),
        continuation=draw(st.sampled_from([None, None, 0.5, 0.9])),
        noise=draw(st.sampled_from([0, 0, 0.2, 1])),
        perception_noise=draw(st.sampled_from([0, 0, 0.2, 1])),
    )
    strategies = tuple(draw(st.lists(machines(*shape), min_size=1, max_size=3)))
    episodes = draw(st.integers(1, 9))
    seats = draw(st.lists(st.integers(0, len(strategies) - 1), min_size=2 * episodes, max_size=2 * episodes))
    luck = Chance.of(draw(st.integers(0, 99)), 1, episodes, np.arange(episodes) // draw(st.integers(1, 4)))
    return game, Cast(strategies, np.array(seats).reshape(-1, 2)), luck


Told = list[tuple[list[int], list[int], list[int], list[float]]]


def naive(game: Matrix, cast: Cast, luck: Chance, row: int) -> Told:
    """Rounds of one episode as (intended, executed, perceived, payoffs), by a plain reading of the rules."""
    players = [Plain(cast.strategies[cast.who[row, seat]], game, seat) for seat in (0, 1)]
    told = []
    for clock in range(1, int(game.lengths(luck)[row]) + 1):
        coin = luck.draw("coin-0", 2, clock, 1)[row]
        intended = [player.move(float(coin[seat])) for seat, player in enumerate(players)]
        executed = _slipped(intended, game.noise, luck.draw("noise", 2, clock)[row], game)
        misread = luck.draw("perception", 2, clock)[row]
        perceived = _slipped(executed[::-1], game.perception_noise, misread, game, flip=True)
        payoffs = [float(x) for x in game.table[executed[0], executed[1]]]
        for seat, player in enumerate(players):
            player.see(executed[seat], perceived[seat])
        told.append((intended, executed, perceived, payoffs))
    return told


def _slipped(actions: list[int], chance: float, uniform: Any, game: Matrix, flip: bool = False) -> list[int]:
    moved = []
    for seat, action in enumerate(actions):
        count, u = len(game.names[1 - seat if flip else seat]), float(uniform[seat])
        step = 1 + int(u * ((count - 1) / chance)) if chance and count > 1 and u < chance else 0
        moved.append((action + min(step, count - 1)) % count)
    return moved


class Plain:
    """One automaton, followed by name."""

    def __init__(self, machine: Any, game: Matrix, seat: int) -> None:
        self.machine, self.game, self.seat, self.state = machine, game, seat, machine.start

    def move(self, uniform: float) -> int:
        reached, total = 0, 0.0
        for action in range(len(self.game.names[self.seat]) - 1):
            total += self.machine.states[self.state].play.get(str(action + 1), 0.0)
            reached += uniform >= np.float32(1.0 if abs(total - 1) < 1e-12 else total)
        return reached

    def see(self, mine: int, theirs: int) -> None:
        then = self.machine.states[self.state].then
        self.state = then.get(str(theirs + 1), then.get("*"))


@settings(max_examples=60, deadline=None)
@given(batches())
def test_a_stack_plays_as_each_automaton_alone(batch: tuple[Matrix, Cast, Chance]) -> None:
    game, cast, luck = batch
    played = play(game, cast, luck)
    moves = played.moves
    assert moves is not None
    for row in range(len(luck.episode)):
        told = naive(game, cast, luck, row)
        mine = {name: column[moves["episode"] == row + 1].reshape(-1, 2) for name, column in moves.items()}
        for k, name in enumerate(("intended", "action", "perceived", "payoff")):
            assert mine[name].tolist() == [list(one[k]) for one in told], name
        assert mine["round"][:, 0].tolist() == list(range(1, len(told) + 1))
        assert played.score.payoff[row] == pytest.approx(np.sum([one[3] for one in told], axis=0), abs=1e-9)
        ready = np.sum([[action == 0 for action in one[1]] for one in told], axis=0)
        assert played.score.cooperations[row].tolist() == ready.tolist()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 2**32 - 1), max_size=20), st.floats(0, 1))
def test_a_word_hits_exactly_where_its_uniform_is_below(words: list[int], chance: float) -> None:
    raw = np.array([0, 2**32 - 1, *words, *np.clip([int(chance * 2**32) + d for d in (-256, 0, 256)], 0, 2**32 - 1)])
    expected = [(int(word) >> 8) / 2**24 < chance for word in raw]
    assert hits(raw.astype(np.uint32), chance).tolist() == expected


def test_certain_actions_are_certain() -> None:
    states = {"a": State({"1": 0.1, "2": 0.2, "3": 0.7}, {"*": "b"}), "b": State({"2": 1}, {"*": "b"})}
    sure = Machine("sure", "a", states)
    game = Matrix(actions=["a", "b", "c"], payoffs=np.zeros((3, 3)).tolist(), rounds=3000)
    played = play(game, Cast((sure,), np.zeros((2, 2), int)), Chance.of(5, 1, 2))
    assert played.score.joint is not None
    assert (played.score.joint[:, :, 4] == 2999).all()


def test_no_machine_shifts_the_luck_of_another() -> None:
    """A coin is drawn for every seat, so a partner that needs none leaves the other's numbers alone."""
    game = Matrix(actions=["C", "D"], payoffs=PD, rounds=60)
    luck = Chance.of(3, 1, 2)
    played = play(game, Cast((RANDOM, ALLD, TFT), np.array([[0, 1], [0, 2]])), luck)
    assert played.moves is not None
    first = [played.moves["action"][(played.moves["episode"] == e) & (played.moves["seat"] == 1)] for e in (1, 2)]
    alone = play(game, Cast((RANDOM, ALLD), np.array([[0, 1], [0, 1]])), luck)
    assert alone.moves is not None
    again = [alone.moves["action"][(alone.moves["episode"] == e) & (alone.moves["seat"] == 1)] for e in (1, 2)]
    assert [a.tolist() for a in first] == [a.tolist() for a in again]
    assert 10 < int(first[0].sum()) < 50


def test_counts_outlast_a_byte() -> None:
    game = Matrix(actions=["C", "D"], payoffs=PD, rounds=1000)
    score = play(game, Cast((TFT, ALLD), np.array([[0, 1], [1, 1], [0, 0]])), Chance.of(0, 1, 3), keep=False).score
    assert score.payoff.tolist() == [[999, 1004], [1000, 1000], [3000, 3000]]
    assert score.joint is not None
    assert score.joint[0].tolist() == [[0, 1, 0, 999], [0, 0, 1, 999]]


def test_words_of_a_machine_must_mean_something() -> None:
    game = Matrix(actions=["left", "right"], payoffs=np.zeros((2, 2)).tolist())
    with pytest.raises(Misfit, match=r"tft cannot play .* speaks of 'C' \(cooperate\)"):
        TFT.fit(game, 0)
    with pytest.raises(Misfit, match="says nothing of 'right'"):
        Machine("half", "a", {"a": State({"left": 1}, {"left": "a"})}).fit(game, 0)


def test_a_machine_that_was_fitted_before_is_fitted_to_the_game_at_hand() -> None:
    small, large = (
        Matrix(actions=["C", "D"], payoffs=PD),
        Matrix(actions=["x", "y", "z"], payoffs={"row": [[1] * 3] * 3, "column": [[1] * 3] * 3}),
    )
    machine = Machine("m", "a", {"a": State({"1": 1}, {"*": "a"})})
    for game in (small, large, small):
        for seat in (0, 1):
            assert machine.fit(game, seat).play.shape == (1, len(game.names[seat]))
            assert machine.fit(game, seat) is machine.fit(game, seat)
