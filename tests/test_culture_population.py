import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dilemmas.culture.lot import Lot
from dilemmas.culture.population import cast, composition, diversity, founders, shannon
from dilemmas.errors import UsageError
from dilemmas.strategies.machine import memory_one

GRIM = memory_one("grim-ish", 1, {"CC": 1, "CD": 0, "DC": 0, "DD": 0})
NICE = memory_one("nice", 1, {"CC": 1, "CD": 1, "DC": 1, "DD": 1})


def test_founders_keep_the_order_of_their_entries_and_are_numbered_from_one() -> None:
    agents = founders([("readers", GRIM, 2, "some/model"), ("", NICE, 1, "")])
    assert [agent.id for agent in agents] == ["g1-1", "g1-2", "g1-3"]
    assert [agent.group for agent in agents] == ["readers", "readers", ""]
    assert [agent.model for agent in agents] == ["some/model", "some/model", ""]
    assert {(agent.born, agent.parents) for agent in agents} == {(1, ())}
    assert composition(agents) == {"grim-ish": 2, "nice": 1}


@pytest.mark.parametrize("entries", [[("a", NICE, 0, "")], [("a", NICE, -3, "")], []])
def test_a_population_without_agents_is_refused(entries: list[tuple[str, object, int, str]]) -> None:
    with pytest.raises(UsageError, match=r"population: .*expected"):
        founders(entries)  # type: ignore[arg-type]


def test_agents_of_one_strategy_share_a_place_in_the_cast() -> None:
    agents = founders([("a", NICE, 2, ""), ("b", GRIM, 1, ""), ("c", NICE, 1, "")])
    made = cast(agents, np.array([[0, 2], [3, 1]]))
    assert made.strategies == (NICE, GRIM)
    assert made.who.tolist() == [[0, 1], [0, 0]]


def test_diversity_of_known_shares() -> None:
    assert diversity([5, 5]) == pytest.approx(2)
    assert diversity([7, 0]) == 1
    assert diversity([3, 1]) == pytest.approx(1.6)  # 1 / (9/16 + 1/16)
    assert shannon([1, 1, 1, 1]) == pytest.approx(np.log(4))
    assert shannon([9]) == 0


@given(st.lists(st.integers(0, 50), min_size=1, max_size=8).filter(any))
@settings(max_examples=60, deadline=None)
def test_effective_numbers_lie_between_one_and_the_number_held(counts: list[int]) -> None:
    held = sum(count > 0 for count in counts)
    # Hill numbers fall with their order: 0 counts strategies, 1 is exp(Shannon), 2 is inverse Simpson.
    assert 1 - 1e-12 <= diversity(counts) <= np.exp(shannon(counts)) + 1e-9 <= held + 2e-9


@pytest.mark.parametrize("counts", [[], [0, 0], [-1, 2]])
def test_diversity_of_nobody_is_an_error(counts: list[int]) -> None:
    with pytest.raises(UsageError, match="diversity"):
        diversity(counts)


def test_lots_are_addressed_not_consumed() -> None:
    lot = Lot(3, 7)
    first = lot.uniform("a", 2, 5)
    lot.uniform("b", 1, 9)
    assert np.array_equal(lot.uniform("a", 2, 5), first)
    others = [
        Lot(4, 7).uniform("a", 2, 5),
        Lot(3, 8).uniform("a", 2, 5),
        lot.uniform("b", 2, 5),
        lot.uniform("a", 2, 5, 1),
    ]
    assert not any(np.array_equal(other, first) for other in others)
    assert np.array_equal(lot.uniform("a", 1, 3)[0], lot.uniform("a", 1, 40)[0, :3])  # more places move nobody's luck


def test_lots_have_the_shapes_of_their_distributions() -> None:
    lot = Lot(0, 1)
    uniform, normal = lot.uniform("u", 1, 40_000)[0], lot.normal("n", 1, 40_000)[0]
    assert uniform.min() >= 0 and uniform.max() < 1
    assert abs(uniform.mean() - 0.5) < 4 / np.sqrt(12 * 40_000)
    assert abs(normal.mean()) < 4 / 200 and abs(normal.var() - 1) < 4 * np.sqrt(2 / 40_000)
    drawn = np.bincount(lot.below(7, "b", 1, 70_000)[0], minlength=7)
    assert len(drawn) == 7 and (abs(drawn - 10_000) < 4 * np.sqrt(70_000 * 6 / 49)).all()
    assert np.array_equal(np.sort(lot.order("o", 3, 11), axis=1), np.tile(np.arange(11), (3, 1)))


def test_lots_do_not_move_between_versions() -> None:
    assert Lot(0, 1).words("golden", 1, 3).tolist() == [[3033462818, 3978296203, 3900715552]]
