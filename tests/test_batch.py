"""The synchronous driver: results do not depend on the cut, on company, or on who is asked together."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import Philox

from dilemmas.engine import chance
from dilemmas.engine.batch import play
from dilemmas.engine.chance import Chance
from dilemmas.engine.record import Played
from dilemmas.errors import IllegalAnswer
from dilemmas.rules.episode import episode
from dilemmas.rules.game import Answers, Ask, Floats, Game, Ints, Score, View
from dilemmas.rules.matrix import Matrix
from dilemmas.strategies.machine import memory_one
from dilemmas.strategies.strategy import Cast

# Committed so that no version of numpy, and no tuning, moves the numbers of a seed.
GOLDEN = [
    [1675816087, 1141058771],
    [2737400001, 4096927509],
    [262269355, 1930309074],
    [3422372650, 2393695657],
    [956212360, 1261808280],
    [1817398619, 1207800345],
]
PD = {"CC": [3, 3], "CD": [0, 5], "DC": [5, 0], "DD": [1, 1]}
TFT = memory_one("tft", 1, {"CC": 1, "CD": 0, "DC": 1, "DD": 0})
MIXED = memory_one("mixed", 0.6, {"CC": 0.9, "CD": 0.2, "DC": 0.7, "DD": 0.3})


@dataclass(frozen=True)
class Mimic:
    """Tit-for-tat as a function of the view, ``uniforms`` coins unused, ``off`` added to what it answers."""

    name: str = "mimic"
    uniforms: int = 0
    off: int = 0
    trusted: bool = False

    @property
    def kin(self) -> Hashable:
        return self

    def player(self, members: Sequence[Any], which: Ints, seats: Ints, game: Game) -> Mimic:
        return self

    def decide(self, view: View, ask: Ask, rows: Ints | slice, coin: Floats) -> Answers:
        assert not self.uniforms or coin.shape == (len(view), self.uniforms)
        return Answers(choice=np.maximum(view.seen, 0) + self.off)


class Dice(Mimic):
    """Three coins, each of them needed: cooperates if their bits are even in number."""

    def decide(self, view: View, ask: Ask, rows: Ints | slice, coin: Floats) -> Answers:
        return Answers(choice=(coin < 0.5).sum(axis=1) % 2)


CASTS = (TFT, MIXED, Mimic(), Dice("dice", 3))


@st.composite
def batches(draw: st.DrawFn) -> tuple[Matrix, Cast, Chance]:
    game = Matrix(
        actions=["C", "D"],
        payoffs=PD,
        rounds=draw(st.integers(1, 15)),
        continuation=draw(st.sampled_from([None, 0.5, 0.9])),
        noise=draw(st.sampled_from([0, 0.2])),
        perception_noise=draw(st.sampled_from([0, 0.2])),
    )
    episodes = draw(st.integers(1, 40))
    strategies = tuple(CASTS[i] for i in draw(st.sets(st.integers(0, 3), min_size=1)))
    who = np.random.default_rng(draw(st.integers(0, 99))).integers(0, len(strategies), (episodes, 2))
    luck = Chance.of(draw(st.integers(0, 99)), 1, episodes, np.arange(episodes) // draw(st.integers(1, 9)))
    return game, Cast(strategies, who), luck


def equal(one: Played, other: Played) -> None:
    for name in ("payoff", "cooperations", "decisions", "rounds", "joint"):
        np.testing.assert_array_equal(getattr(one.score, name), getattr(other.score, name), err_msg=name)
    assert one.moves is not None and other.moves is not None
    assert one.moves.keys() == other.moves.keys()
    for name, column in one.moves.items():
        np.testing.assert_array_equal(column, other.moves[name], err_msg=name)
        assert column.dtype == other.moves[name].dtype


@settings(max_examples=40, deadline=None)
@given(batches(), st.integers(1, 9))
def test_no_cut_changes_a_result(batch: tuple[Matrix, Cast, Chance], chunk: int) -> None:
    game, cast, luck = batch
    whole = play(game, cast, luck)
    equal(whole, play(game, cast, luck, chunk=chunk))
    equal(whole, play(game, cast, luck, chunk=1))
    bare = play(game, cast, luck, keep=False)
    assert bare.moves is None
    np.testing.assert_array_equal(bare.score.payoff, whole.score.payoff)


@settings(max_examples=20, deadline=None)
@given(batches(), st.data())
def test_some_episodes_play_alone_as_in_the_whole(batch: tuple[Matrix, Cast, Chance], data: st.DataObject) -> None:
    game, cast, luck = batch
    start = data.draw(st.integers(0, len(luck.episode) - 1))
    stop = data.draw(st.integers(start + 1, len(luck.episode)))
    whole, part = play(game, cast, luck), play(game, cast.rows(start, stop), luck.rows(start, stop))
    np.testing.assert_array_equal(part.score.payoff, whole.score.payoff[start:stop])
    assert whole.moves is not None and part.moves is not None
    kept = (whole.moves["episode"] > start) & (whole.moves["episode"] <= stop)
    for name, column in part.moves.items():
        np.testing.assert_array_equal(column, whole.moves[name][kept], err_msg=name)


@settings(max_examples=20, deadline=None)
@given(batches())
def test_company_changes_nothing(batch: tuple[Matrix, Cast, Chance]) -> None:
    """Tit-for-tat as a machine, as a function, or as either by chance: the same decisions."""
    game, cast, luck = batch
    who = cast.who % 2
    as_machine = play(game, Cast((TFT, MIXED), who), luck)
    as_function = play(game, Cast((Mimic(), MIXED), who), luck)
    either = play(game, Cast((TFT, MIXED, Mimic()), np.where((who == 0) & (cast.who > 1), 2, who)), luck)
    for other in (as_function, either):
        np.testing.assert_array_equal(other.score.payoff, as_machine.score.payoff)
        assert other.moves is not None and as_machine.moves is not None
        np.testing.assert_array_equal(other.moves["intended"], as_machine.moves["intended"])


def test_many_ends_far_apart_and_long_runs() -> None:
    """Thousands of episodes in repetitions of 700, so that numbers are drawn run by run and gaps are jumped."""
    game = Matrix(actions=["C", "D"], payoffs=PD, continuation=0.8, noise=0.1, perception_noise=0.1)
    who = np.random.default_rng(1).integers(0, 4, (4900, 2))
    luck = Chance.of(8, 1, len(who), np.arange(len(who)) // 700)
    equal(play(game, Cast(CASTS, who), luck), play(game, Cast(CASTS, who), luck, chunk=700))


def test_the_first_illegal_answer_is_named() -> None:
    game = Matrix(actions=["C", "D"], payoffs=PD, rounds=5)
    cast = Cast((TFT, Mimic("wild", off=2)), np.array([[0, 0], [0, 1]]))
    with pytest.raises(IllegalAnswer, match=r"round 1, seat 2: wild answered 2; expected C or D"):
        play(game, cast, Chance.of(0, 1, 2))


def test_what_was_kept_stays_when_a_player_reuses_its_array() -> None:
    @dataclass(frozen=True)
    class Reuser(Mimic):
        def player(self, members: Sequence[Any], which: Ints, seats: Ints, game: Game) -> Any:
            held, uniforms, trusted = np.zeros(len(which), np.int8), 0, True

            class Player:
                def decide(self, view: View, ask: Ask, rows: Ints | slice, coin: Floats) -> Answers:
                    held[:] = ask.clock % 2
                    return Answers(choice=held)

            Player.uniforms, Player.trusted = uniforms, trusted  # type: ignore[attr-defined]
            return Player()

    game = Matrix(actions=["C", "D"], payoffs=PD, rounds=4)
    moves = play(game, Cast((Reuser(),), np.zeros((1, 2), int)), Chance.of(0, 1, 1)).moves
    assert moves is not None
    assert moves["action"].reshape(4, 2).tolist() == [[1, 1], [0, 0], [1, 1], [0, 0]]


@pytest.mark.parametrize("actions", [2, 3, 12])
def test_answers_of_seats_that_were_not_asked_mean_nothing(actions: int) -> None:
    table = np.arange(actions**2).reshape(actions, actions).tolist()
    roles = {"a0": "cooperate"}
    game = Matrix(actions=[f"a{i}" for i in range(actions)], payoffs=table, roles=roles, continuation=0.7, noise=0.3)
    luck = Chance.of(2, 1, 50)

    def score(rest: int) -> Score:
        loop = episode(game, luck)
        ask: Any = next(loop)
        while True:
            choice = np.where(ask.who, (ask.clock + np.arange(50)[:, None]) % actions, rest)
            loop.send(Answers(choice=choice))
            try:
                ask = next(loop)
            except StopIteration as end:
                return end.value

    one, other = score(0), score(actions - 1)
    assert len(set(one.rounds.tolist())) > 3
    np.testing.assert_array_equal(one.payoff, other.payoff)
    np.testing.assert_array_equal(one.cooperations, other.cooperations)
    assert (one.cooperations <= one.decisions).all()


def test_nothing_to_play_is_no_error() -> None:
    game = Matrix(actions=["C", "D"], payoffs=PD, continuation=0.5, noise=0.1)
    played = play(game, Cast((TFT,), np.zeros((0, 2), int)), Chance.of(0, 1, 0))
    assert played.score.payoff.shape == (0, 2)


# -- chance -------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 5000), st.integers(1, 3000), st.integers(1, 5), st.integers(0, 2**40), st.integers(0, 9))
def test_words_are_those_of_the_documented_address(first: int, rows: int, each: int, round_: int, ask: int) -> None:
    stream, wide = chance.key(1, "noise", 2), (each + 1) // 2
    counter = np.array([first // 4 * wide, round_, ask, 0], np.uint64)
    raw = Philox(counter=counter, key=stream).random_raw((rows + 8) * wide).astype("<u8").view("<u4")
    expected = raw.reshape(-1, 2 * wide)[first % 4 : first % 4 + rows, :each]
    np.testing.assert_array_equal(chance.words(stream, first, rows, each, round_, ask), expected)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6000), st.integers(1, 400)), max_size=5), st.integers(1, 3), st.booleans())
def test_scattered_rows_get_the_words_of_their_place(runs: list[tuple[int, int]], each: int, ordered: bool) -> None:
    stream = chance.key(1, "coin-0", 1)
    rows = np.concatenate([np.zeros(0, int), *(np.arange(low, low + size) for low, size in runs)])
    rows = np.unique(rows) if ordered else rows
    whole = chance.words(stream, 0, 7000, each, 3, 1)
    np.testing.assert_array_equal(chance.scattered(stream, rows, each, 3, 1), whole[rows])


def test_golden_numbers() -> None:
    luck = Chance.of(0, 1, 6)
    assert luck.words("coin-0", 2, 1, 1).tolist() == GOLDEN
    assert luck.draw("coin-0", 2, 1, 1)[0].tolist() == [(word >> 8) / 2**24 for word in GOLDEN[0]]
    assert luck.rows(3, 5).words("coin-0", 2, 1, 1).tolist() == GOLDEN[3:5]


def test_threads_do_not_disturb_each_other() -> None:
    luck, wrong = Chance.of(0, 1, 3000), []
    expected = [luck.words("noise", 2, clock) for clock in range(20)]

    def work() -> None:
        for _ in range(5):
            again = [luck.words("noise", 2, clock) for clock in range(20)]
            wrong.extend(c for c in range(20) if not np.array_equal(again[c], expected[c]))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
