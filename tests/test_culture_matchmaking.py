import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dilemmas.culture import matchmaking
from dilemmas.culture.lot import Lot
from dilemmas.culture.matchmaking import MATCHMAKING, Schedule, schedule
from dilemmas.culture.networks import Ring, network
from dilemmas.errors import UnknownName, UsageError

LOT = Lot(0, 1)


def rows(made: Schedule) -> list[tuple[int, ...]]:
    return [tuple(int(agent) for agent in row) for row in made.who]


def test_everyone_meets_everyone_else_once() -> None:
    assert rows(schedule("everyone", 4, 2, LOT)) == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]


def test_both_seatings_where_the_game_is_not_symmetric() -> None:
    assert rows(schedule("everyone", 3, 2, LOT, symmetric=False)) == [(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)]


def test_everyone_sits_in_one_episode_of_a_game_of_as_many_seats() -> None:
    made = schedule("everyone", 5, 5, LOT, repetitions=2, legs=2)
    assert rows(made) == [(0, 1, 2, 3, 4)] * 4
    assert made.repetition.tolist() == [1, 1, 2, 2]
    assert made.group.tolist() == [0, 0, 1, 1]
    assert made.leg.tolist() == [0, 1, 0, 1]


@given(agents=st.integers(2, 30), symmetric=st.booleans(), repetitions=st.integers(1, 3), legs=st.integers(1, 2))
@settings(max_examples=40, deadline=None)
def test_every_ordered_or_unordered_pair_is_as_frequent(
    agents: int, symmetric: bool, repetitions: int, legs: int
) -> None:
    made = schedule("everyone", agents, 2, LOT, symmetric=symmetric, repetitions=repetitions, legs=legs)
    pairs = agents * (agents - 1) // (2 if symmetric else 1)
    assert len(made) == pairs * repetitions * legs
    seen = set(rows(made))
    assert len(seen) == pairs and all(a != b for a, b in seen)
    assert np.array_equal(np.bincount(made.group), np.full(pairs * repetitions, legs))
    assert np.array_equal(np.sort(made.group), made.group)


@given(groups=st.integers(1, 12), seats=st.integers(2, 6), seed=st.integers(0, 99), legs=st.integers(1, 2))
@settings(max_examples=60, deadline=None)
def test_groups_are_a_partition(groups: int, seats: int, seed: int, legs: int) -> None:
    made = schedule("groups", groups * seats, seats, Lot(seed, 3), repetitions=2, legs=legs)
    first = made.who[made.repetition == 1][::legs]
    assert np.array_equal(np.sort(first.reshape(-1)), np.arange(groups * seats))
    assert np.array_equal(made.who[made.repetition == 2], made.who[made.repetition == 1])
    for leg in range(legs):
        assert np.array_equal(made.who[made.leg == leg], made.who[made.leg == 0])


def test_partitions_differ_between_generations_and_seeds_and_repeat_for_the_same() -> None:
    drawn = [schedule("pairs", 20, 2, Lot(seed, generation)).who.tolist() for seed in (0, 1) for generation in (1, 2)]
    assert len({str(who) for who in drawn}) == 4
    assert schedule("pairs", 20, 2, Lot(0, 1)).who.tolist() == drawn[0]


def test_each_partner_is_drawn_as_often() -> None:
    partners = [schedule("pairs", 6, 2, Lot(9, generation)).who for generation in range(1500)]
    met = [int(row.sum()) for who in partners for row in who if 0 in row]  # the partner of agent 0
    counts = np.bincount(met, minlength=6)[1:]
    assert counts.sum() == 1500 and (abs(counts - 300) < 4 * np.sqrt(1500 * 0.2 * 0.8)).all()


def test_more_repetitions_change_nothing_in_the_first() -> None:
    one, three = (schedule("groups", 9, 3, LOT, repetitions=count) for count in (1, 3))
    assert np.array_equal(three.who[:3], one.who) and np.array_equal(three.group[:3], one.group)


def test_the_luck_of_a_schedule_carries_its_keys() -> None:
    made = schedule("everyone", 3, 3, LOT, repetitions=2, legs=2)
    luck = made.chance(5, 2)
    assert luck.episode.tolist() == [0, 1, 2, 3]
    both = luck.words("seats", 3, key=luck.group)
    assert np.array_equal(both[0], both[1]) and not np.array_equal(both[0], both[2])


def test_on_a_network_only_neighbours_meet() -> None:
    ring = network("ring").build(5, LOT)
    assert rows(schedule("network", 5, 2, LOT, graph=ring)) == [(0, 1), (0, 4), (1, 2), (2, 3), (3, 4)]
    both = rows(schedule("network", 5, 2, LOT, graph=ring, symmetric=False))
    assert both[:4] == [(0, 1), (1, 0), (0, 4), (4, 0)] and len(both) == 10


def test_in_a_larger_game_every_node_plays_with_its_neighbours() -> None:
    ring = Ring(degree=2).build(5, LOT)
    assert rows(schedule("network", 5, 3, LOT, graph=ring)) == [(0, 1, 4), (1, 0, 2), (2, 1, 3), (3, 2, 4), (4, 0, 3)]


@pytest.mark.parametrize(
    ("rule", "agents", "seats", "said"),
    [
        (
            "groups",
            13,
            4,
            "13 agents do not divide into groups of 4: 1 would be left over; expected a population of 12 or 16",
        ),
        ("groups", 3, 4, "expected a population of 4"),
        ("pairs", 7, 2, "7 agents .* groups of 2: 1 would be left over"),
        ("pairs", 8, 4, "pairs in a game of 4 seats"),
        ("everyone", 7, 5, "5 seats with 7 agents; expected 5 agents"),
        ("everyone", 1, 2, "nobody to meet"),
        ("network", 5, 2, "no network"),
    ],
)
def test_sizes_that_do_not_fit_are_named(rule: str, agents: int, seats: int, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        schedule(rule, agents, seats, LOT)


def test_a_network_of_another_size_or_degree_is_refused() -> None:
    grid = network({"kind": "grid", "rows": 3, "periodic": False}).build(9, LOT)
    with pytest.raises(UsageError, match="network of 9 nodes"):
        schedule("network", 8, 2, LOT, graph=grid)
    with pytest.raises(UsageError, match="agent 1 and its 2 neighbours in a game of 5 seats; expected 4 neighbours"):
        schedule("network", 9, 5, LOT, graph=grid)


def test_a_misspelt_rule_is_told_the_nearest() -> None:
    assert MATCHMAKING == ("everyone", "pairs", "groups", "network")
    with pytest.raises(UnknownName, match=r"'everyon'.*Did you mean 'everyone'\?"):
        schedule("everyon", 4, 2, LOT)


def test_too_many_pairs_are_refused_before_they_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matchmaking, "MOST", 10)
    assert len(schedule("everyone", 5, 2, LOT)) == 10
    with pytest.raises(UsageError, match=r"everyone of 6 agents makes 15 pairs; expected at most 10\. Use pairs or"):
        schedule("everyone", 6, 2, LOT)
