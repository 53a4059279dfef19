"""Random numbers are addressed: golden values, and that nothing but its address moves a number."""

from __future__ import annotations

import hashlib

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.random import Philox
from numpy.typing import NDArray

from dilemmas.engine.chance import BLOCK, Chance, key
from dilemmas.rules.length import geometric
from dilemmas.rules.matrix import Matrix
from dilemmas.rules.shuffle import FEW, order

SEED, GENERATION = 7, 3


# -- golden values: a change here changes every result that anybody has kept ---------------------------------------


def test_golden_keys() -> None:
    assert key(SEED, "noise", GENERATION).tolist() == [1511059706897378110, 5707644898747549664]


def test_golden_words() -> None:
    assert Chance.of(SEED, GENERATION, 6).words("noise", 2, 5, 1).tolist() == [
        [2695452090, 87083539],
        [2060120123, 2299419287],
        [2381967297, 1683439436],
        [647615862, 1386375594],
        [3640617333, 1371764994],
        [3292421284, 71223765],
    ]


def test_golden_draws() -> None:
    drawn = Chance.of(SEED, GENERATION, 6).draw("coin-0", 1, 2)[:, 0]
    golden = ["0x1.d0b2800000000p-1", "0x1.34d1320000000p-1", "0x1.b1f6fe0000000p-1"]
    golden += ["0x1.a8ccd40000000p-2", "0x1.655b6c0000000p-2", "0x1.108f1c0000000p-2"]
    assert drawn.dtype == np.float32
    assert [float(number).hex() for number in drawn] == golden


def test_golden_lengths() -> None:
    game = Matrix(actions=("C", "D"), payoffs=[[3, 0], [5, 1]], continuation=0.9)
    assert game.lengths(Chance.of(SEED, GENERATION, 12)).tolist() == [18, 7, 4, 5, 6, 8, 22, 31, 9, 12, 9, 6]


def test_golden_orders() -> None:
    shuffled = order(Chance.of(SEED, GENERATION, 3).words("pairing", 6))
    assert shuffled.tolist() == [[4, 5, 2, 0, 3, 1], [2, 0, 5, 1, 3, 4], [3, 5, 1, 4, 2, 0]]


# -- what an address means -----------------------------------------------------------------------------------------

ADDRESSES = st.tuples(st.integers(0, 99), st.integers(1, 50), st.integers(0, 300), st.integers(0, 9))


def plain(seed: int, purpose: str, generation: int, episode: int, each: int, round_: int, ask: int) -> list[int]:
    """One row's words, from the definition: a new Philox at the row's own place in the stream."""
    digest = hashlib.sha256(f"dilemmas/{seed}/{purpose}/{generation}".encode()).digest()
    stream = np.frombuffer(digest[:16], "<u8").astype(np.uint64)
    wide = (each + 1) // 2
    steps, skip = divmod(episode * wide, 4)
    raw = Philox(counter=np.array([steps, round_, ask, 0], np.uint64), key=stream).random_raw(skip + wide)[skip:]
    return [int(half) for word in raw for half in (int(word) & 0xFFFFFFFF, int(word) >> 32)][:each]


@settings(max_examples=60, deadline=None)
@given(ADDRESSES, st.integers(1, 5), st.integers(0, 40), st.integers(1, 2000))
def test_a_row_has_the_words_of_its_address(at: tuple[int, int, int, int], each: int, start: int, rows: int) -> None:
    seed, generation, round_, ask = at
    luck = Chance.of(seed, generation, start + rows).rows(start, start + rows)
    words = luck.words("anything", each, round_, ask)
    assert words.shape == (rows, each)
    for row in {0, rows // 2, rows - 1}:
        assert words[row].tolist() == plain(seed, "anything", generation, start + row, each, round_, ask)


@settings(max_examples=40, deadline=None)
@given(ADDRESSES, st.integers(1, 4), st.lists(st.integers(0, 3000), max_size=60))
def test_rows_with_a_key_share_its_words(at: tuple[int, int, int, int], each: int, keys: list[int]) -> None:
    seed, generation, round_, ask = at
    luck = Chance.of(seed, generation, 3)
    drawn = luck.words("length", each, round_, ask, key=np.array(keys, np.int64))
    assert drawn.tolist() == [plain(seed, "length", generation, k, each, round_, ask) for k in keys]


@settings(max_examples=40, deadline=None)
@given(ADDRESSES, st.integers(1, 4))
def test_streams_differ_by_seed_purpose_generation_round_and_ask(at: tuple[int, int, int, int], each: int) -> None:
    seed, generation, round_, ask = at
    drawn = Chance.of(seed, generation, 8).words("noise", each, round_, ask).tobytes()
    others = [
        Chance.of(seed + 1, generation, 8).words("noise", each, round_, ask),
        Chance.of(seed, generation + 1, 8).words("noise", each, round_, ask),
        Chance.of(seed, generation, 8).words("perception", each, round_, ask),
        Chance.of(seed, generation, 8).words("noise", each, round_ + 1, ask),
        Chance.of(seed, generation, 8).words("noise", each, round_, ask + 1),
    ]
    assert len({drawn, *(other.tobytes() for other in others)}) == 6


def test_draws_are_the_upper_24_bits_of_words() -> None:
    luck = Chance.of(0, 1, 5000)
    words, drawn = luck.words("x", 3), luck.draw("x", 3)
    assert np.array_equal(drawn.astype(np.float64), (words >> 8) / 2**24)
    assert drawn.min() >= 0
    assert drawn.max() < 1


def test_draws_are_uniform() -> None:
    drawn = Chance.of(1, 1, 100_000).draw("x", 2)
    counts = np.stack([np.bincount((column * 20).astype(int), minlength=20) for column in drawn.T])
    assert (np.abs(counts - 5000) < 4 * np.sqrt(100_000 * 0.05 * 0.95)).all()
    assert abs(np.corrcoef(drawn.T)[0, 1]) < 4 / np.sqrt(100_000)
    assert BLOCK == 4  # of addresses: rows of a block are one step of the generator


# -- made from words -----------------------------------------------------------------------------------------------


def test_lengths_are_geometric() -> None:
    words = Chance.of(2, 1, 200_000).words("length", 1)[:, 0]
    for continuation in (0.3, 0.9, 0.99):
        lengths = geometric(words, continuation)
        for longer in (1, 2, 5, 20):
            chance = continuation**longer
            error = np.sqrt(chance * (1 - chance) / len(words))
            assert abs((lengths > longer).mean() - chance) <= 4 * error
        error = np.sqrt(continuation) / (1 - continuation) / np.sqrt(len(words))
        assert abs(lengths.mean() - 1 / (1 - continuation)) <= 4 * error
    assert (geometric(words, 0.0) == 1).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 0.99))
def test_a_length_is_what_its_word_says(word: int, continuation: float) -> None:
    length = int(geometric(np.array([word], np.uint32), continuation)[0])
    uniform = word / 2**32
    survival = np.cumprod(np.full(length, continuation))
    assert length == 1 or uniform < survival[length - 2]
    assert uniform >= survival[length - 1] or survival[length - 1] * 2**32 < 1


@given(arrays(np.uint32, st.tuples(st.integers(1, 4), st.integers(1, 9))))
def test_one_pass_and_two_give_the_same_order(raw: NDArray[np.uint32]) -> None:
    many = np.repeat(raw, FEW, axis=0)  # more than are sorted in one pass
    assert (order(many)[::FEW] == order(raw)).all()


def test_orders_are_stable_and_every_one_is_as_likely() -> None:
    ties = np.array([[5, 5, 1 << 16, 3, 0xFFFFFFFF, 5, 0x10005]], np.uint32)
    assert order(ties).tolist() == [[3, 0, 1, 5, 2, 6, 4]]
    shuffled = order(Chance.of(3, 1, 24_000).words("pairing", 4))
    _, counts = np.unique(shuffled, axis=0, return_counts=True)
    assert len(counts) == 24
    assert (np.abs(counts - 1000) < 4 * np.sqrt(1000 * 23 / 24)).all()
