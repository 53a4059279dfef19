"""Laws of a batch of matrix games: cutting it changes nothing, noise has its rate, payoffs add up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from automata import PD, driven, game, generators, machine
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dilemmas.engine.batch import play
from dilemmas.engine.chance import Chance
from dilemmas.engine.record import Played
from dilemmas.rules.matrix import Matrix
from dilemmas.strategies.machine import Machine, State
from dilemmas.strategies.strategy import Cast

KEYS = st.fixed_dictionaries(
    {
        "rounds": st.sampled_from([None, 1, 6]),
        "continuation": st.sampled_from([None, 0.0, 0.7]),
        "noise": st.sampled_from([0.0, 0.25, 1.0]),
        "perception_noise": st.sampled_from([0.0, 0.25, 1.0]),
    }
)
SHAPES = st.sampled_from([(2, 2), (2, 3), (3, 3), (1, 2)])


def batch(rng: np.random.Generator, rules: Matrix, episodes: int) -> tuple[Cast, Chance]:
    """Two random machines a seat, and repetitions shared by neighbours."""
    cast = tuple(machine(rng, rules, seat, 3) for seat in (0, 0, 1, 1))
    who = np.stack([rng.integers(0, 2, episodes), rng.integers(2, 4, episodes)], axis=1)
    return Cast(cast, who), Chance.of(int(rng.integers(99)), 1, episodes, np.arange(episodes) // 3)


def same(one: Played, two: Played) -> None:
    for part in ("payoff", "cooperations", "decisions", "rounds"):
        np.testing.assert_array_equal(getattr(one.score, part), getattr(two.score, part))
    assert one.moves is not None
    assert two.moves is not None
    assert one.moves.keys() == two.moves.keys()
    for name, column in one.moves.items():
        np.testing.assert_array_equal(column, two.moves[name], err_msg=name)


@settings(max_examples=30, deadline=None)
@given(generators, KEYS, SHAPES)
def test_cut_into_single_episodes_or_chunks_nothing_changes(
    rng: np.random.Generator, keys: dict[str, Any], shape: tuple[int, int]
) -> None:
    rules = game(rng, *shape, **keys)
    cast, luck = batch(rng, rules, 11)
    whole = play(rules, cast, luck)
    same(whole, play(rules, cast, luck, chunk=1))
    same(whole, play(rules, cast, luck, chunk=4))
    assert whole.moves is not None
    for row in (0, 7, 10):
        alone = play(rules, cast.rows(row, row + 1), luck.rows(row, row + 1))
        assert alone.moves is not None
        mine = whole.moves["episode"] == row + 1
        for name, column in alone.moves.items():
            np.testing.assert_array_equal(column, whole.moves[name][mine], err_msg=name)
        np.testing.assert_array_equal(alone.score.payoff[0], whole.score.payoff[row])


@settings(max_examples=30, deadline=None)
@given(generators, KEYS, SHAPES)
def test_scores_are_the_sums_of_moves(rng: np.random.Generator, keys: dict[str, Any], shape: tuple[int, int]) -> None:
    rules = game(rng, *shape, **keys)
    cast, luck = batch(rng, rules, 9)
    whole = play(rules, cast, luck)
    lengths, moves = rules.lengths(luck), whole.moves
    assert moves is not None
    for row in range(9):
        for seat in (0, 1):
            mine = (moves["episode"] == row + 1) & (moves["seat"] == seat + 1)
            assert mine.sum() == lengths[row] == whole.score.rounds[row]
            assert moves["payoff"][mine].sum() == whole.score.payoff[row, seat]
            role = rules.role("cooperate", seat)
            assert role is not None
            assert (moves["action"][mine] == role).sum() == whole.score.cooperations[row, seat]
    first, second = (moves["seat"] == seat for seat in (1, 2))
    cells = rules.table[moves["action"][first], moves["action"][second]]
    np.testing.assert_array_equal(np.stack([moves["payoff"][first], moves["payoff"][second]], 1), cells)
    if not rules.noise:
        np.testing.assert_array_equal(moves["action"], moves["intended"])
    if not rules.perception_noise:
        np.testing.assert_array_equal(moves["perceived"][first], moves["action"][second])


@settings(max_examples=20, deadline=None)
@given(generators, KEYS)
def test_keeping_the_moves_or_not_gives_the_same_scores(rng: np.random.Generator, keys: dict[str, Any]) -> None:
    rules = game(rng, **keys)
    cast, luck = batch(rng, rules, 13)
    kept, dropped = play(rules, cast, luck), play(rules, cast, luck, keep=False)
    np.testing.assert_array_equal(kept.score.payoff, dropped.score.payoff)
    assert dropped.moves is None


@settings(max_examples=20, deadline=None)
@given(generators, st.sampled_from([None, 4]))
def test_a_repetition_shares_its_length_whoever_plays(rng: np.random.Generator, rounds: int | None) -> None:
    rules = game(rng, continuation=0.8, rounds=rounds)
    luck = Chance.of(5, 2, 60, np.arange(60) % 20)
    lengths = rules.lengths(luck)
    assert np.array_equal(lengths[:20], lengths[20:40])
    assert np.array_equal(lengths, game(rng, 3, 3, continuation=0.8, rounds=rounds, noise=0.5).lengths(luck))
    assert lengths.min() >= 1
    assert rounds is None or lengths.max() <= rounds
    assert len(set(lengths.tolist())) > 1


def test_one_seats_strategy_does_not_move_the_others_luck() -> None:
    rng = np.random.default_rng(3)
    rules = game(rng, 3, 3, rounds=20, noise=0.3, perception_noise=0.2)
    steady = Machine("steady", "s", {"s": State({"a": 0.5, "b": 0.3, "c": 0.2}, {"*": "s"})})
    others = [machine(rng, rules, 1, k) for k in (1, 4)]
    both = [play(rules, Cast((steady, other), np.tile([0, 1], (50, 1))), Chance.of(1, 1, 50)).moves for other in others]
    assert both[0] is not None
    assert both[1] is not None
    first = both[0]["seat"] == 1
    assert np.array_equal(both[0]["action"][first], both[1]["action"][first])
    assert not np.array_equal(both[0]["action"], both[1]["action"])


@pytest.mark.parametrize("shape", [(2, 2), (3, 3), (2, 3), (4, 4)])
@pytest.mark.parametrize("kind", ["noise", "perception_noise"])
def test_noise_has_its_rate_and_no_favourite(shape: tuple[int, int], kind: str) -> None:
    episodes, rate = 40_000, 0.15
    names = ("a", "b", "c", "d")[: shape[0]], ("w", "x", "y", "z")[: shape[1]]
    payoffs = {"row": np.zeros(shape), "column": np.zeros(shape)}
    rules = Matrix(actions=names, payoffs=payoffs, rounds=2, **{kind: rate})
    meant = np.tile([shape[0] - 1, 0], (episodes, 1))
    outcomes, _ = driven(rules, [meant, meant], 4)
    for outcome in outcomes:
        other = "action" if kind == "noise" else "perceived"
        truth = meant if kind == "noise" else meant[:, ::-1]
        for seat in (0, 1):
            count = shape[seat] if kind == "noise" else shape[1 - seat]
            shares = np.bincount(outcome[other][:, seat], minlength=count) / episodes
            wanted = np.full(count, rate / (count - 1))
            wanted[truth[0, seat]] = 1 - rate
            assert (np.abs(shares - wanted) <= 4 * np.sqrt(wanted * (1 - wanted) / episodes)).all()
        hit = outcome[other] != truth
        assert abs(np.corrcoef(hit.T)[0, 1]) <= 4 / np.sqrt(episodes)
    kept = "perceived" if kind == "noise" else "action"
    clean = outcomes[0]["action"][:, ::-1] if kind == "noise" else meant
    assert np.array_equal(outcomes[0][kept], clean)


def test_the_same_luck_in_every_treatment_of_a_seed() -> None:
    """The rounds that noise hits are the same in games with other payoffs."""
    meant = [np.zeros((200, 2), int)] * 5
    one, _ = driven(Matrix(**PD, rounds=5, noise=0.2), meant, 8)
    two, _ = driven(Matrix(actions=("a", "b"), payoffs=[[1, 2], [3, 9]], rounds=5, noise=0.2), meant, 8)
    assert all(np.array_equal(a["action"], b["action"]) for a, b in zip(one, two, strict=True))


# -- what a game may not be ----------------------------------------------------------------------------------------

WRONG = [
    ({"payoffs": {"CC": [3, 3], "CD": [0, 5], "DC": [5, 0]}}, "no payoffs for 'DD'"),
    ({"payoffs": {"CC": [3, 3], "CD": [0, 5], "DC": [5, 0], "DD": [1]}}, r"'DD' are \[1\], not \[seat 1, seat 2\]"),
    ({"payoffs": {**PD["payoffs"], "CE": [0, 0]}}, "'CE', which is no pair"),
    ({"payoffs": [[3, 0], [5, 1, 2]]}, "row 2"),
    ({"payoffs": [[3, 0]]}, "2 rows by 2 columns"),
    ({"payoffs": [[3, 0], [5, "x"]]}, "'x'"),
    ({"payoffs": [[3, 0], [5, float("nan")]]}, "finite"),
    ({"actions": ("C", "C")}, "named twice"),
    ({"roles": {"X": "cooperate"}}, "'X', which is no action"),
    ({"continuation": 1}, "never end"),
    ({"continuation": 1.2}, "less than or equal to 1"),
    ({"noise": -0.1}, "greater than or equal to 0"),
    ({"rounds": 0}, "greater than or equal to 1"),
    ({"round": 3}, "Extra inputs"),
]


@pytest.mark.parametrize(("change", "complaint"), WRONG)
def test_a_wrong_game_says_what_is_wrong(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        Matrix(**{**PD, **change})


def test_every_way_to_write_a_table_is_the_same_game() -> None:
    table = Matrix(**PD).table
    one = [[3, 0], [5, 1]]
    spaced = {f"{a}, {b}": PD["payoffs"][a + b] for a in "CD" for b in "CD"}
    texts = {cell: [str(x) for x in pair] for cell, pair in PD["payoffs"].items()}
    for payoffs in (one, np.array(one), {"row": one, "column": np.array(one).T}, spaced, texts):
        np.testing.assert_array_equal(Matrix(actions=("C", "D"), payoffs=payoffs).table, table)
    assert Matrix(**PD).symmetric
    assert Matrix(**PD).roles == {"C": "cooperate", "D": "defect"}
