"""Generations of the donor game: schedule, play, score, selection and inheritance together."""

from typing import Any

import numpy as np
import pytest
from shared import truth

import dilemmas as dl
from dilemmas.culture.inheritance import Estate, Mutated, inherit
from dilemmas.culture.lot import Lot
from dilemmas.culture.matchmaking import schedule
from dilemmas.culture.payoffs import scores
from dilemmas.culture.population import Population, cast, founders
from dilemmas.culture.selection import Selection, selection
from dilemmas.engine.batch import play
from dilemmas.rules.donor import Donor
from dilemmas.strategies.donor_rules import constant_donor as constant_donor  # declares the law
from dilemmas.strategies.rule import Rule

LAW = "constant-donor"


def donors(*fractions: float) -> Population:
    made = [Rule.of(f"{LAW}:fraction={fraction:g}", LAW, {"fraction": fraction}) for fraction in fractions]
    return founders([(rule.name, rule, 1, "") for rule in made])


def earned(game: Any, population: Population, rule: Selection, generation: int = 1, seed: int = 0) -> Any:
    agents = len(population)
    made = schedule("everyone", agents, agents, Lot(seed, generation), symmetric=False, legs=2)
    score = play(game, cast(population, made.who), made.chance(seed, generation), keep=False).score
    return scores(score.payoff, made.who, made.leg, agents, rule.score)


@pytest.mark.parametrize("number", [0, 1])
def test_the_selection_cases_from_play_to_survivors(number: int) -> None:
    cases = truth("donor/cases.json")["selection_cases"]
    case, game = cases[number], Donor.paired(cases[0]["pairings_game1"], games=2)
    population = donors(*(entry["fraction"] for entry in case["strategies"]))
    mean, last = selection("truncation"), selection("truncation:score=last-game")
    for rule, keys in (
        (mean, ("survivors", "survivors_mean")),
        (last, ("survivors_if_only_game2_counts", "survivors_game2_only")),
    ):
        found = rule.select(earned(game, population, rule), Lot(0, 1))
        expected = next(case[key] for key in keys if key in case)
        assert np.flatnonzero(found.survives).tolist() == expected


@pytest.mark.parametrize(("fraction", "mean"), [(0.0, 10.0), (0.5, 341.171875), (1.0, 15360.0)])
def test_a_population_of_one_kind_earns_what_theory_says(fraction: float, mean: float) -> None:
    population = donors(*[fraction] * 12)
    assert earned(Donor(seats=12, rounds=12, games=2), population, selection("truncation")).mean() == pytest.approx(
        mean
    )


def test_without_conditions_giving_dies_out_and_mutation_keeps_it_in_range() -> None:
    """An unconditional giver always earns less than its own population's free riders."""
    population, rule, game = (
        donors(*np.linspace(0, 1, 12)),
        selection("truncation"),
        Donor(seats=12, rounds=12, games=2),
    )
    shares = []
    for generation in range(1, 9):
        lot = Lot(2, generation)
        payoff = earned(game, population, rule, generation, 2)
        left = Estate(population, payoff, rule.select(payoff, lot), generation + 1)
        population = inherit(Mutated(rate=0.5, to="numbers", sd=0.02), left, lot)
        shares.append([agent.strategy.parameters["fraction"] for agent in population])  # type: ignore[attr-defined]
    assert np.mean(shares[-1]) < 0.1 < np.mean(shares[0])
    assert np.min(shares) >= 0 and len({agent.id for agent in population}) == 12


@pytest.mark.parametrize(
    "given", [{"schedule": "random", "seats": 7}, {"games": 2}, {"pairings": [[[3, 1], [4, 2]], [[1, 3]]]}]
)
def test_the_share_of_punishments_is_that_of_the_moves(given: dict[str, Any]) -> None:
    seats = given.get("seats", 4)
    team = {"punisher": seats - 2, "never-donate": 2}
    settings: dict[str, Any] = {"generations": 3, "mechanism": "punish", "seats": seats, "rounds": 6, **given}
    kept = dl.evolve("donor", team, log="moves", **settings)
    share = (kept.moves.action == "punish").groupby(kept.moves.generation).mean()
    assert kept.generations.punished.tolist() == pytest.approx(share.tolist())
    assert share.sum() > 0 and kept.episodes.punished.sum() == (kept.moves.action == "punish").sum()
    assert dl.evolve("donor", team, **settings).generations.punished.tolist() == kept.generations.punished.tolist()


def test_where_nobody_may_punish_there_is_no_such_share() -> None:
    assert "punished" not in dl.evolve("donor", {"mirror": 4}, seats=4, rounds=4).tables["generations"]
