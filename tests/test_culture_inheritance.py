from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dilemmas.culture import mutation
from dilemmas.culture.inheritance import Estate, Mutated, Told, inherit, inheritance, inheriting
from dilemmas.culture.lot import Lot
from dilemmas.culture.matchmaking import schedule
from dilemmas.culture.payoffs import scores
from dilemmas.culture.population import Population, cast, composition, founders
from dilemmas.culture.selection import Selected, selection
from dilemmas.engine.batch import play
from dilemmas.errors import DilemmasError, Misfit, SpecError, UnknownName, UsageError
from dilemmas.rules.game import Answers
from dilemmas.rules.matrix import Matrix
from dilemmas.strategies.machine import Machine, State, memory_one
from dilemmas.strategies.rule import Law, Parameter, Rule

NICE = memory_one("nice", 1, {"CC": 1, "CD": 1, "DC": 1, "DD": 1})
MEAN = memory_one("mean", 0, {"CC": 0, "CD": 0, "DC": 0, "DD": 0})
TIT = memory_one("tit-for-tat", 1, {"CC": 1, "CD": 0, "DC": 1, "DD": 0})
LOT = Lot(0, 1)


PARAMETERS = {"share": Parameter(0.5), "bonus": Parameter(3.0, high=50.0), "words": Parameter("", free=True)}
GIVER = Law(
    "giver", "donor", lambda view, p, memory, coin: (Answers(), memory), PARAMETERS, ("gift",), "", lambda *_: {}
)


def giver(name: str = "giver", **numbers: Any) -> Rule:
    return Rule(name, GIVER, {"share": 0.5, "bonus": 3.0, "words": "", **numbers})


def estate(
    population: Population,
    payoff: list[float],
    rule: str = "truncation",
    pool: Any = (),
    generation: int = 2,
    lot: Lot = LOT,
) -> Estate:
    return Estate(population, np.array(payoff), selection(rule).select(np.array(payoff), lot), generation, pool)


def test_survivors_stay_as_they_are_and_newcomers_copy_their_parent() -> None:
    first = founders([("a", NICE, 2, "m1"), ("b", MEAN, 2, "m2")])
    left = estate(first, [1, 4, 3, 2])
    second = inherit(inheritance("copied"), left, LOT)
    assert second[1] is first[1] and second[2] is first[2]
    assert [agent.id for agent in second] == ["g2-1", "g1-2", "g1-3", "g2-2"]
    for place in (0, 3):
        parent = first[left.selected.parent[place]]
        child = second[place]
        assert child.strategy is parent.strategy and child.parents == (parent.id,)
        assert (child.group, child.model, child.born) == (parent.group, parent.model, 2)


def test_ids_are_never_used_twice_over_generations() -> None:
    population, seen, alive = founders([("a", NICE, 5, ""), ("b", MEAN, 4, "")]), set(), set()
    for generation in range(1, 12):
        ids = {agent.id for agent in population}
        assert len(ids) == 9 and not (ids - alive) & seen
        seen, alive = seen | ids, ids
        lot = Lot(3, generation)
        payoff = lot.uniform("made-up", 1, 9)[0].tolist()
        population = inherit(
            inheritance("copied"), estate(population, payoff, "moran:births=3", generation=generation + 1, lot=lot), lot
        )
        assert all(parent in seen for agent in population for parent in agent.parents)


def test_a_mutant_takes_another_strategy_of_the_pool() -> None:
    population = founders([("a", NICE, 4000, "")])
    everyone = Selected(np.zeros(4000, bool), np.arange(4000))
    left = Estate(population, np.zeros(4000), everyone, 2, (NICE, MEAN, TIT))
    counts = composition(inherit(Mutated(rate=0.3), left, LOT))
    assert abs(counts["nice"] - 2800) < 4 * np.sqrt(4000 * 0.21)
    assert abs(counts["mean"] - 600) < 4 * np.sqrt(4000 * 0.15 * 0.85)
    assert abs(counts["tit-for-tat"] - 600) < 4 * np.sqrt(4000 * 0.15 * 0.85)


def test_no_rate_no_mutants_and_a_rate_of_one_leaves_no_copies() -> None:
    population = founders([("a", NICE, 30, ""), ("b", TIT, 30, "")])
    left = Estate(population, np.zeros(60), Selected(np.zeros(60, bool), np.arange(60)), 2, (NICE, TIT))
    assert composition(inherit(Mutated(rate=0), left, LOT)) == {"nice": 30, "tit-for-tat": 30}
    flipped = inherit(Mutated(rate=1), left, LOT)
    assert [agent.strategy.name for agent in flipped] == ["tit-for-tat"] * 30 + ["nice"] * 30


def test_survivors_do_not_mutate() -> None:
    population = founders([("a", giver(), 10, "")])
    found = inherit(inheritance("mutated:rate=1:to=numbers"), estate(population, list(range(10))), LOT)
    assert [agent.strategy.name == "giver" for agent in found] == [False] * 5 + [True] * 5


@given(share=st.floats(0, 1), bonus=st.floats(0, 50), sd=st.floats(0.01, 100), seed=st.integers(0, 999))
@settings(max_examples=60, deadline=None)
def test_perturbed_numbers_stay_in_range_and_stand_in_the_name(
    share: float, bonus: float, sd: float, seed: int
) -> None:
    draws = Lot(seed, 1).normal("test", 1, 5)[0]
    found = mutation.perturbed(giver("giver:share=0.25", share=share, bonus=bonus), lambda k: float(draws[k]), sd)
    assert isinstance(found, Rule)
    assert 0 <= found.parameters["share"] <= 1 and 0 <= found.parameters["bonus"] <= 50
    base, *parts = found.name.split(":")
    shown = dict(part.split("=") for part in parts)
    assert base == "giver" and {key: float(value) for key, value in shown.items()} == {
        key: found.parameters[key] for key in ("share", "bonus")
    }


def test_noise_is_normal_with_the_sd_that_was_asked_for() -> None:
    population = founders([("a", giver(), 3000, "")])
    left = Estate(population, np.zeros(3000), Selected(np.zeros(3000, bool), np.arange(3000)), 2)
    found = inherit(Mutated(rate=1, to="numbers", sd=0.05), left, LOT)
    shares = np.array([agent.strategy.parameters["share"] for agent in found])  # type: ignore[attr-defined]
    bonuses = np.array([agent.strategy.parameters["bonus"] for agent in found])  # type: ignore[attr-defined]
    for values, mean in ((shares, 0.5), (bonuses, 3.0)):
        assert abs(values.mean() - mean) < 4 * 0.05 / np.sqrt(3000)
        assert abs(values.std() - 0.05) < 4 * 0.05 / np.sqrt(6000)
    assert abs(np.corrcoef(shares, bonuses)[0, 1]) < 4 / np.sqrt(3000)


def test_only_the_named_numbers_change_and_their_noise_is_their_own() -> None:
    draws = [0.5, -0.25, 1.0]
    both = mutation.perturbed(giver(), draws.__getitem__, 0.2)
    one = mutation.perturbed(giver(), draws.__getitem__, 0.2, ("bonus",))
    assert both.name == "giver:share=0.6:bonus=2.95" and one.name == "giver:bonus=2.95"


@given(seed=st.integers(0, 999), sd=st.floats(0.01, 3))
@settings(max_examples=60, deadline=None)
def test_perturbed_tables_are_chances(seed: int, sd: float) -> None:
    draws = Lot(seed, 1).normal("test", 1, 40)[0]
    three = Machine("three", "a", {"a": State({"r": 0.2, "p": 0.8}, {"*": "b"}), "b": State({"s": 1.0}, {"*": "a"})})
    for machine in (TIT, three):
        found = mutation.perturbed(machine, lambda k: float(draws[k]), sd)
        assert isinstance(found, Machine) and found.states.keys() == machine.states.keys()
        for name, state in found.states.items():
            assert sum(state.play.values()) == pytest.approx(1, abs=1e-12)
            assert all(0 <= chance <= 1 for chance in state.play.values())
            assert state.then == machine.states[name].then


def test_names_of_perturbed_machines_give_the_table() -> None:
    found = mutation.perturbed(TIT, lambda k: -1.0, 0.1234)
    assert found.name == "tit-for-tat:start=0.8766:CC=0.8766:CD=0:DC=0.8766:DD=0"
    again: Any = mutation.perturbed(found, lambda k: 1.0, 0.1)
    assert again.name == "tit-for-tat:start=0.9766:CC=0.9766:CD=0.1:DC=0.9766:DD=0.1"
    assert again.states["CD"].play == {"C": 0.1, "D": 0.9}


def test_large_machines_get_a_digest_of_their_table() -> None:
    states = {f"s{i}": State({"C": 1.0}, {"*": f"s{(i + 1) % 9}"}) for i in range(9)}
    machine = Machine("nine", "s0", states)
    low, high = mutation.perturbed(machine, lambda k: -1.0, 0.1), mutation.perturbed(machine, lambda k: -2.0, 0.1)
    assert low.name.startswith("nine~") and len(low.name) == 11 and low.name != high.name
    assert mutation.perturbed(low, lambda k: -1.0, 0.1).name == high.name  # the same table by another way


def test_a_machine_of_one_action_shares_the_rest_among_the_others() -> None:
    rock = Machine("rock", "on", {"on": State({"rock": 1.0}, {"*": "on"})})
    found: Any = mutation.perturbed(rock, lambda k: -1.0, 0.3)
    assert found.states["on"].play == {"rock": 0.7, "*": pytest.approx(0.3)}


class Rigid:
    name, kin = "rigid", "rigid"


def test_what_has_no_numbers_is_copied_and_said_where_nothing_has() -> None:
    rigid: Any = Rigid()
    assert mutation.perturbed(rigid, lambda k: 1.0, 0.1) is rigid
    rule = Mutated(rate=1, to="numbers")
    rule.check([rigid, TIT])
    with pytest.raises(Misfit, match=r"none of rigid has numbers to mutate.*Use to: strategies"):
        rule.check([rigid])
    with pytest.raises(UnknownName, match=r"number 'shar'.*bonus, share.*Did you mean 'share'\?"):
        Mutated(to="numbers", only=("shar",)).check([giver(), TIT])
    with pytest.raises(UsageError, match="'nice' has nothing to mutate to"):
        Mutated().check([NICE], [NICE])


def test_told_newcomers_are_asked_together_and_hear_the_survivors_best_first() -> None:
    first = founders([("a", NICE, 4, "m1"), ("b", MEAN, 2, "m2")])
    steps = inheriting(Told(), estate(first, [1, 6, 2, 3, 9, 4]), LOT)
    lessons = next(steps)
    assert {lesson.kind for lesson in lessons} == {"strategy"}
    assert [(lesson.id, lesson.place) for lesson in lessons] == [("g2-1", 0), ("g2-2", 2), ("g2-3", 3)]
    assert [[agent.id for agent in lesson.teachers] for lesson in lessons] == [["g1-5", "g1-2", "g1-6"]] * 3
    assert {lesson.payoffs for lesson in lessons} == {(9, 6, 4)}
    assert [lesson.model for lesson in lessons] == ["m1"] * 3
    with pytest.raises(StopIteration) as end:
        steps.send([TIT, NICE, MEAN])
    second = end.value.value
    assert [second[place].strategy.name for place in (0, 2, 3)] == ["tit-for-tat", "nice", "mean"]
    assert second[0].parents == ("g1-5", "g1-2", "g1-6") and second[1] is first[1]


def test_told_by_a_parent_where_the_rule_draws_one_each() -> None:
    first = founders([("a", NICE, 3, "m1"), ("b", MEAN, 3, "m2")])
    left = estate(first, [1, 2, 3, 4, 5, 6], "proportional")
    lessons = next(inheriting(Told(scores=False, newcomer_model="teacher"), left, LOT))
    parents = [first[parent] for parent in left.selected.parent]
    assert [lesson.teachers for lesson in lessons] == [(parent,) for parent in parents]
    assert [lesson.model for lesson in lessons] == [parent.model for parent in parents]
    assert {lesson.payoffs for lesson in lessons} == {None}


def test_drawn_models_are_the_populations() -> None:
    first = founders([("a", NICE, 30, "m1"), ("b", MEAN, 10, "m2")])
    models = [lesson.model for lesson in next(inheriting(Told(newcomer_model="drawn"), estate(first, [1.0] * 40), LOT))]
    assert set(models) == {"m1", "m2"} and len(models) == 20


def test_told_without_a_model_says_what_it_needs() -> None:
    with pytest.raises(
        UsageError, match=r"told: 2 newcomers would write .*expected a model. Give the population a model"
    ):
        inherit(Told(), estate(founders([("a", NICE, 4, "")]), [1, 2, 3, 4]), LOT)
    with pytest.raises(TypeError, match="2 lessons were answered by 1"):
        steps = inheriting(Told(), estate(founders([("a", NICE, 4, "")]), [1, 2, 3, 4]), LOT)
        next(steps)
        steps.send([NICE])


@pytest.mark.parametrize(
    ("given_", "kind", "said"),
    [
        ("mutatd", UnknownName, r"no inheritance rule is called 'mutatd'.*Did you mean 'mutated'\?"),
        ("mutated:rate=1.2", SpecError, "inheritance: rate: '1.2' does not fit"),
        ({"rule": "mutated", "to": "tables"}, SpecError, "'strategies' or 'numbers'"),
        ({"rule": "mutated", "sd": 0}, SpecError, "greater than 0"),
        ({"rule": "told", "score": True}, SpecError, r"Did you mean 'scores'\?"),
    ],
)
def test_a_wrong_rule_names_key_and_remedy(given_: Any, kind: type[DilemmasError], said: str) -> None:
    with pytest.raises(kind, match=said):
        inheritance(given_)


def generations(seed: int, count: int, select: str, rule: Any) -> list[Mapping[str, int]]:
    game = Matrix(actions=("C", "D"), payoffs={"CC": [3, 3], "CD": [0, 5], "DC": [5, 0], "DD": [1, 1]}, rounds=20)
    population = founders([("a", TIT, 6, ""), ("b", MEAN, 6, ""), ("c", NICE, 6, "")])
    found = []
    for generation in range(1, count + 1):
        lot = Lot(seed, generation)
        made = schedule("everyone", 18, 2, lot)
        score = play(game, cast(population, made.who), made.chance(seed, generation), keep=False).score
        payoff = scores(score.payoff / score.rounds[:, None], made.who, made.leg, 18)
        left = Estate(population, payoff, selection(select).select(payoff, lot), generation + 1, (TIT, MEAN, NICE))
        population = inherit(rule, left, lot)
        found.append(composition(population))
    return found


def test_a_whole_evolution_is_the_same_for_the_same_seed_and_reciprocity_wins() -> None:
    copied = inheritance("copied")
    first = generations(1, 12, "truncation", copied)
    assert first == generations(1, 12, "truncation", copied)
    assert "mean" not in first[-1] and "tit-for-tat" in first[-1]
    assert generations(1, 5, "fermi:beta=2", copied) != generations(2, 5, "fermi:beta=2", copied)


def test_mutation_of_numbers_goes_on_being_played() -> None:
    names = generations(4, 4, "moran:births=9", inheritance("mutated:rate=0.5:to=numbers"))[-1]
    assert sum(names.values()) == 18 and any(":CC=" in name for name in names)
