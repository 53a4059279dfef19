"""Learners: what they learn, that they do it by the formulas, and in games of any shape."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from shelf_matrix import actions, matches, strategy

from dilemmas.errors import DilemmasError, Misfit
from dilemmas.rules.matrix import Matrix

LEARNERS = ["best-response", "fictitious-play", "hedge", "q-learning", "regret-matching", "conditional-regret-matching"]
RPS = [[0, -1, 1], [1, 0, -1], [-1, 1, 0]]
NAMES = ("rock", "paper", "scissors")


def game(payoffs, names=NAMES, **keys):
    return Matrix(actions=names, payoffs=payoffs, **keys)


def cycler(*moves):
    return strategy("scripted-moves", moves=list(moves), then="cycle")


def one(rules, entry, other, rounds, **keys):
    """Actions of one match, ``(rounds, 2)``."""
    return actions(matches(rules, [(entry, other)], **keys), rounds)[0]


def test_best_response_answers_the_last_action():
    moves = [1, 1, 2, 3, 3, 2, 1]
    done = one(game(RPS, rounds=7), strategy("best-response"), cycler(*moves), 7)
    beats = {0: 1, 1: 2, 2: 0}
    assert done[1:, 0].tolist() == [beats[move] for move in done[:-1, 1]]


def test_best_response_begins_against_all_actions_alike():
    done = one(game([[0, 0, 5], [2, 2, 2], [9, -3, -3]], rounds=1), strategy("best-response"), cycler(1), 1)
    assert done[0, 0] == 1


@pytest.mark.parametrize("name", ["best-response", "fictitious-play", "q-learning"])
def test_ties_go_to_the_first_action(name):
    given = {"epsilon": 0} if name == "q-learning" else {}
    done = one(game(np.full((3, 3), 0.1).tolist(), rounds=20), strategy(name, **given), cycler(1, 2, 3), 20)
    assert set(done[:, 0]) == {0}


square = arrays(np.int64, (3, 3), elements=st.integers(-5, 5))
lists = st.lists(st.integers(1, 3), min_size=12, max_size=12)


@settings(max_examples=40, deadline=None)
@given(payoffs=square, moves=lists)
def test_fictitious_play_answers_the_whole_past(payoffs, moves):
    """Brown 1951, worked out again from the history, with one round of all actions believed beforehand."""
    done = one(game(payoffs.tolist(), rounds=12), strategy("fictitious-play"), cycler(*moves), 12)
    for t in range(12):
        counts = np.bincount(done[:t, 1], minlength=3) + 1 / 3
        value = payoffs @ counts
        assert done[t, 0] == np.flatnonzero(value >= value.max() - 1e-9)[0]


@settings(max_examples=40, deadline=None)
@given(payoffs=square, moves=lists)
def test_q_learning_without_trials_follows_its_table(payoffs, moves):
    """Watkins 1989, worked out again from the history: greedy, by the last joint action."""
    rate, discount = 0.3, 0.8
    learner = strategy("q-learning", epsilon=0, rate=rate, discount=discount)
    done = one(game(payoffs.tolist(), rounds=12), learner, cycler(*moves), 12)
    table, state = np.zeros((10, 3)), 9
    for mine, theirs in done:
        best = table[state]
        assert mine == np.flatnonzero(best >= best.max() - 1e-9 * max(1, np.abs(best).max()))[0]
        after = 3 * mine + theirs
        table[state, mine] += rate * (payoffs[mine, theirs] + discount * table[after].max() - table[state, mine])
        state = after


def test_q_learning_tries_all_actions_alike():
    rules = game([[9, 9, 9], [0, 0, 0], [0, 0, 0]], rounds=50)
    played = matches(rules, [(strategy("q-learning", epsilon=0.3), cycler(1))], repetitions=200)
    counts = np.bincount(actions(played, 50)[:, :, 0].ravel(), minlength=3) / 10_000
    assert np.abs(counts - [0.8, 0.1, 0.1]).max() <= 4 * np.sqrt(0.16 / 10_000)


@settings(max_examples=40, deadline=None)
@given(payoffs=square, moves=lists)
def test_regret_matching_plays_only_what_it_regrets(payoffs, moves):
    """Hart & Mas-Colell 2000: an action without positive regret has no chance while another has one."""
    done = one(game(payoffs.tolist(), rounds=12), strategy("regret-matching"), cycler(*moves), 12)
    regret = np.zeros(3)
    for mine, theirs in done:
        assert regret[mine] > 0 or (regret <= 0).all()
        regret += payoffs[:, theirs] - payoffs[mine, theirs]


def test_regret_matching_plays_in_proportion():
    """After one round against rock: regrets are known, and the chances are in their proportion."""
    rules = game([[0, 0, 0], [1, 0, 0], [3, 0, 0]], rounds=2)
    played = matches(rules, [(strategy("regret-matching"), cycler(1))], repetitions=8000)
    done = actions(played, 2)[:, :, 0]
    after = np.bincount(done[done[:, 0] == 0, 1], minlength=3)
    error = 4 * np.sqrt(3 / 16 / after.sum())
    assert after[0] == 0 and abs(after[1] / after.sum() - 0.25) <= error
    assert set(done[done[:, 0] == 1, 1]) == {2}


def test_hedge_weighs_actions_exponentially():
    """Freund & Schapire 1997: after t rounds the odds are exp(rate * difference of scaled payoffs)."""
    rate, rounds = 0.5, 4
    rules = game([[4, 0, 0], [2, 0, 0], [0, 0, 0]], rounds=rounds)
    played = matches(rules, [(strategy("hedge", rate=rate), cycler(1))], repetitions=8000)
    done = actions(played, rounds)[:, :, 0]
    for t in range(rounds):
        weight = np.exp(rate * t * np.array([1, 0.5, 0]))
        share = np.bincount(done[:, t], minlength=3) / 8000
        assert np.abs(share - weight / weight.sum()).max() <= 4 * np.sqrt(0.25 / 8000)


def test_conditional_regret_matching_moves_by_the_regret_of_its_last_action():
    """Equation 2.2 after one round: leave rock for paper with chance (1 - 0) / mu."""
    rules = game([[0, 0, 0], [1, 0, 0], [0, 0, 0]], rounds=2)
    played = matches(rules, [(strategy("conditional-regret-matching", mu=4), cycler(1))], repetitions=12_000)
    done = actions(played, 2)[:, :, 0]
    for first, expected in ((0, [0.75, 0.25, 0]), (1, [0, 1, 0]), (2, [0, 0.25, 0.75])):
        after = np.bincount(done[done[:, 0] == first, 1], minlength=3)
        assert np.abs(after / after.sum() - expected).max() <= 4 * np.sqrt(0.1875 / after.sum())


@pytest.mark.parametrize("name", ["hedge", "regret-matching", "conditional-regret-matching", "fictitious-play"])
def test_learners_learn_to_beat_a_fixed_player(name):
    done = one(game(RPS, rounds=400), strategy(name), cycler(1), 400)
    assert (done[200:, 0] == 1).mean() > 0.9


@pytest.mark.parametrize("name", ["hedge", "regret-matching"])
def test_mean_regret_vanishes(name):
    """Against a shifting player no fixed action would have been much better (Hannan 1957)."""
    done = one(game(RPS, rounds=3000), strategy(name), cycler(*[1] * 7, *[3] * 5, 2), 3000)
    table = np.array(RPS)
    earned = table[done[:, 0], done[:, 1]].mean()
    fixed = max(table[action, done[:, 1]].mean() for action in range(3))
    assert fixed - earned < 0.1


def test_fictitious_play_finds_the_mixed_equilibrium_of_a_zero_sum_game():
    """Robinson 1951: the shares converge; here to 2/5 and 3/5."""
    rules = Matrix(actions=("a", "b"), payoffs={"row": [[2, -1], [-1, 1]], "column": [[-2, 1], [1, -1]]}, rounds=4000)
    done = one(rules, strategy("fictitious-play"), strategy("fictitious-play"), 4000)
    assert (done == 0).mean(axis=0) == pytest.approx([0.4, 0.4], abs=0.03)


def test_copycat_is_tit_for_tat_for_any_actions():
    done = one(game(RPS, rounds=9), strategy("copycat"), cycler(3, 1, 2), 9)
    assert done[0, 0] == 0 and done[1:, 0].tolist() == done[:-1, 1].tolist()


UNEVEN = Matrix(
    actions=(("up", "down"), ("left", "middle", "right")),
    payoffs={"row": [[3, 0, 1], [0, 2, -1]], "column": [[1, 0, 5], [2, 4, 0]]},
    rounds=60,
)


@pytest.mark.parametrize("name", LEARNERS)
@pytest.mark.parametrize("flip", [False, True])
def test_learners_play_seats_with_different_numbers_of_actions(name, flip):
    entry, other = strategy(name), strategy("uniform")
    played = matches(UNEVEN, [(other, entry) if flip else (entry, other)], repetitions=40)
    assert np.isfinite(played.score.payoff).all()
    assert actions(played, 60)[:, :, int(flip)].max() <= (2 if flip else 1)


def test_copycat_needs_the_same_actions_on_both_sides():
    with pytest.raises(Misfit, match="different actions"):
        matches(UNEVEN, [(strategy("copycat"), strategy("uniform"))])


def test_q_learning_refuses_a_table_that_would_not_fit():
    names = [str(n) for n in range(60)]
    with pytest.raises(Misfit, match="entries"):
        matches(game(np.zeros((60, 60)).tolist(), names, rounds=2), [(strategy("q-learning"), strategy("uniform"))])


def test_learners_play_a_game_of_many_actions():
    names = [str(n) for n in range(2, 101)]
    claims = np.arange(2, 101)
    low = np.minimum.outer(claims, claims)
    payoffs = low + 2 * np.sign(claims[None, :] - claims[:, None])
    rules = game(payoffs.tolist(), names, rounds=20)
    done = one(rules, strategy("best-response"), strategy("best-response"), 20)
    assert (np.diff(done[1:, 0]) <= 0).all() and done[-1].tolist() == [done[1, 0] - 18] * 2


@pytest.mark.parametrize("name", LEARNERS)
def test_parameters_out_of_range_are_refused(name):
    for key, value in {"rate": -1, "epsilon": 2, "prior": -1, "mu": -1}.items():
        with pytest.raises(DilemmasError, match=r"no parameter|expected a number"):
            strategy(name, **{key: value})
