from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dilemmas.culture.replicator import flow, replicator
from dilemmas.errors import UsageError

HAWK_DOVE = [[-1.0, 2.0], [0.0, 1.0]]  # value 2, cost 4: half are hawks
DILEMMA = [[3.0, 0.0], [5.0, 1.0]]
ROCK = np.array([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]])
GAMES = arrays(np.float64, (3, 3), elements=st.floats(0, 5))
STARTS = arrays(np.float64, 3, elements=st.floats(0.01, 1))


@given(game=GAMES, start=STARTS, mutation=st.floats(0, 1), method=st.sampled_from(["ode", "discrete"]))
@settings(max_examples=80, deadline=None)
def test_shares_stay_shares(game: Any, start: Any, mutation: float, method: Any) -> None:
    path = replicator(game, start, steps=60, step=0.05, method=method, mutation=mutation)
    assert path.shape == (61, 3)
    assert (path >= 0).all() and np.abs(path.sum(axis=1) - 1).max() < 1e-12
    assert path[0] == pytest.approx(start / start.sum(), abs=1e-15)


@given(game=GAMES, start=STARTS, added=arrays(np.float64, 3, elements=st.floats(-20, 20)))
@settings(max_examples=60, deadline=None)
def test_payoffs_that_all_get_alike_change_nothing(game: Any, start: Any, added: Any) -> None:
    """A constant added to a column moves every strategy alike, so the orbit is the same."""
    plain, moved = (replicator(each, start, steps=100) for each in (game, game + added))
    assert np.abs(plain - moved).max() < 1e-6


@given(game=GAMES, start=STARTS, absent=st.integers(0, 2))
@settings(max_examples=40, deadline=None)
def test_what_is_absent_stays_absent_without_mutation(game: Any, start: Any, absent: int) -> None:
    start[absent] = 0
    for method in ("ode", "discrete"):
        assert (replicator(game, start, steps=50, method=method)[:, absent] == 0).all()  # type: ignore[arg-type]


def test_a_constant_advantage_grows_logistically() -> None:
    path = replicator([[1.5, 1.5], [1.0, 1.0]], [0.01, 0.99], steps=1000, step=0.02)
    time = 0.02 * np.arange(1001)
    assert path[:, 0] == pytest.approx(1 / (1 + 99 * np.exp(-0.5 * time)), abs=1e-9)


def test_the_error_falls_with_the_fourth_power_of_the_step() -> None:
    exact = 1 / (1 + 99 * np.exp(-1.5 * 4))
    ends = [replicator([[1.5, 1.5], [0, 0]], [1, 99], steps=steps, step=4 / steps)[-1, 0] for steps in (10, 20, 40)]
    errors = [abs(end - exact) for end in ends]
    assert 12 < errors[0] / errors[1] < 20 and 12 < errors[1] / errors[2] < 20


def test_discrete_shares_grow_by_relative_fitness() -> None:
    path = replicator([[3, 3], [2, 2]], [0.1, 0.9], steps=30, method="discrete")
    odds = (1.5 ** np.arange(31)) / 9
    assert path[:, 0] == pytest.approx(odds / (1 + odds), abs=1e-12)


@pytest.mark.parametrize("start", [0.05, 0.5, 0.97])
def test_hawks_and_doves_come_to_value_over_cost(start: float) -> None:
    for path in (
        replicator(HAWK_DOVE, [start, 1 - start], steps=3000),
        replicator(HAWK_DOVE, [start, 1 - start], steps=300, method="discrete", background=2),
    ):
        assert path[-1] == pytest.approx([0.5, 0.5], abs=1e-6)


def test_an_evolutionarily_stable_strategy_takes_over() -> None:
    assert replicator(DILEMMA, [0.99, 0.01], steps=3000)[-1] == pytest.approx([0, 1], abs=1e-6)
    stag = [[4.0, 0.0], [3.0, 2.0]]  # the basins part at two thirds
    ends = replicator(stag, [[0.66, 0.34], [2 / 3, 1 / 3], [0.67, 0.33]], steps=6000)[-1, :, 0]
    assert ends == pytest.approx([0, 2 / 3, 1], abs=1e-3)


def test_rock_paper_scissors_goes_round_for_ever() -> None:
    path = replicator(ROCK, [0.6, 0.3, 0.1], steps=5000)
    product = path.prod(axis=1)  # constant in a zero-sum cycle (Hofbauer & Sigmund 1998)
    assert np.ptp(product) < 1e-8 * product[0]
    assert np.ptp(path[:, 0]) > 0.4
    discrete = replicator(ROCK, [0.6, 0.3, 0.1], steps=100, method="discrete", background=4).prod(axis=1)
    assert (np.diff(discrete) < 0).all()  # by generations the cycle widens


@pytest.mark.parametrize("gain", [0.5, -0.5])
def test_cycles_close_in_or_widen_by_what_winning_is_worth(gain: float) -> None:
    product = replicator(ROCK + gain * (ROCK > 0), [0.5, 0.3, 0.2], steps=2000).prod(axis=1)
    assert (np.sign(np.diff(product)) == np.sign(gain)).all()


def test_mutation_without_selection_spreads_evenly() -> None:
    even = replicator(np.ones((4, 4)), [1, 0, 0, 0], steps=1, method="discrete", mutation=0.75)[-1]
    assert even == pytest.approx([0.25] * 4, abs=1e-15)
    slow = replicator(np.ones((4, 4)), [1, 0, 0, 0], steps=500, mutation=0.03, step=0.5)
    time = 0.5 * np.arange(501)
    assert slow[:, 0] == pytest.approx(0.25 + 0.75 * np.exp(-0.04 * time), abs=1e-9)  # rate 0.03 * 4 / 3


def test_little_mutation_is_little_change_and_none_is_none() -> None:
    plain, none, little = (replicator(DILEMMA, [0.7, 0.3], steps=500, mutation=rate) for rate in (0, 0.0, 1e-7))
    assert np.array_equal(plain, none)
    assert 0 < np.abs(plain - little).max() < 1e-5


def test_a_quasispecies_is_the_leading_eigenvector() -> None:
    """Constant fitness: shares settle at the leading eigenvector of fitness times mutation (Eigen 1971)."""
    fitness, kernel = np.array([3.0, 1.0, 2.0]), np.array([[0.8, 0.15, 0.05], [0.1, 0.9, 0.0], [0.2, 0.2, 0.6]])
    values, vectors = np.linalg.eig((fitness[:, None] * kernel).T)
    leading = np.abs(vectors[:, np.argmax(values.real)].real)
    game = np.repeat(fitness[:, None], 3, axis=1)
    for method, steps in (("ode", 4000), ("discrete", 400)):
        path = replicator(game, [1, 1, 1], steps=steps, method=method, mutation=kernel)  # type: ignore[arg-type]
        assert path[-1] == pytest.approx(leading / leading.sum(), abs=1e-9)


def test_many_starts_go_as_each_alone() -> None:
    starts = np.array([[0.2, 0.3, 0.5], [0.6, 0.1, 0.3]])
    both = replicator(ROCK, starts, steps=100)
    assert both.shape == (101, 2, 3)
    assert np.array_equal(both[:, 1], replicator(ROCK, starts[1], steps=100))


def test_rest_points_do_not_flow() -> None:
    assert flow(np.array([0.5, 0.5]), np.array(HAWK_DOVE)) == pytest.approx([0, 0], abs=1e-15)
    assert flow(np.full(3, 1 / 3), ROCK) == pytest.approx([0, 0, 0], abs=1e-15)


def test_nashpy_goes_the_same_way() -> None:
    nashpy = pytest.importorskip("nashpy", reason="the extra 'equilibria' is not installed")
    for game in (np.array(HAWK_DOVE), np.array(DILEMMA), ROCK):
        start = np.arange(1.0, len(game) + 1) / np.arange(1, len(game) + 1).sum()
        times = np.linspace(0, 5, 501)
        theirs = nashpy.Game(game, game.T).replicator_dynamics(y0=start, timepoints=times)
        assert replicator(game, start, steps=500) == pytest.approx(theirs, abs=1e-5)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"payoffs": [[1, 2, 3], [1, 2, 3]]}, r"payoffs of shape \(2, 3\); expected a square matrix"),
        ({"payoffs": [["a", 1], [1, 1]]}, "expected an array of numbers"),
        ({"payoffs": [[float("nan"), 1], [1, 1]]}, "payoffs hold nan"),
        ({"start": [1, 1, 1]}, "3 shares for 2 strategies"),
        ({"start": [-1, 2]}, "expected numbers of 0 or more"),
        ({"start": [0, 0]}, "not all 0"),
        ({"mutation": 1.5}, "mutation rate of 1.5"),
        ({"mutation": [[1, 1], [0, 1]]}, "rows summing to 1"),
        (
            {"payoffs": HAWK_DOVE, "mutation": 0.1},
            "the lowest payoff is -1; expected 0 or more. Add a background of 1 or more",
        ),
        (
            {"payoffs": HAWK_DOVE, "method": "discrete", "background": 0.25},
            "lowest payoff is -0.75.*background of 1 or more",
        ),
        ({"method": "euler"}, "no method is called 'euler'"),
        ({"step": 0}, "steps of 0"),
        ({"payoffs": [[0, 1e6], [3e6, 0]], "step": 1.0}, "a step of 1 is too long .*Try a step of 0.1"),
    ],
)
def test_what_cannot_be_followed_says_why(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        replicator(**{"payoffs": DILEMMA, "start": [0.5, 0.5], "steps": 5, **changes})
