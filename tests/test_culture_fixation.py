"""Fixation of a single mutant against closed forms and exact chains, within four standard errors, seeded."""

from collections.abc import Callable
from math import comb
from typing import Any

import numpy as np
import pytest

from dilemmas.culture.lot import Lot
from dilemmas.culture.networks import Graph, network
from dilemmas.culture.selection import selection

Payoff = Callable[[Any], Any]  # from (populations, agents) of 1 for a mutant to payoffs of the same shape
RUNS = 4000


def fixed(
    rule: str, payoff: Payoff, agents: int, graph: Graph | None = None, runs: int = RUNS, start: int = 1
) -> float:
    """The share of populations that the mutants take over."""
    made, generation, won = selection(rule), 0, 0
    types = np.tile(np.arange(agents) < start, (runs, 1)).astype(int)
    while len(types):
        generation += 1
        found = made.select(payoff(types), Lot(11, generation), graph)
        types = np.take_along_axis(types, found.parent, axis=1)
        held = types.sum(axis=1)
        won += int((held == agents).sum())
        types = types[(held > 0) & (held < agents)]
    return won / runs


def agrees(found: float, expected: float, runs: int = RUNS) -> bool:
    return abs(found - expected) <= 4 * np.sqrt(expected * (1 - expected) / runs)


def constant(mutant: float, resident: float) -> Payoff:
    return lambda types: np.where(types == 1, mutant, resident)


def moran(r: float, agents: int) -> float:
    """Moran (1958); Nowak (2006), chapter 6."""
    return 1 / agents if r == 1 else (1 - 1 / r) / (1 - r**-agents)


ALL = [
    "moran",
    "moran:births=8",
    "moran:beta=1",
    "fermi",
    "fermi:updates=1",
    "fermi:updates=8",
    "proportional",
    "rank",
    "truncation:ties=drawn",
    "random",
]


@pytest.mark.parametrize("rule", ALL)
def test_a_neutral_mutant_takes_over_as_often_as_anybody(rule: str) -> None:
    assert agrees(fixed(rule, constant(2, 2), 8), 1 / 8)


@pytest.mark.parametrize(("r", "agents"), [(1.5, 8), (0.8, 5), (1.1, 10)])
@pytest.mark.parametrize("births", [1, 6])
def test_moran_with_constant_fitness(r: float, agents: int, births: int) -> None:
    assert agrees(fixed(f"moran:births={births}", constant(r, 1), agents), moran(r, agents))


def test_moran_with_payoffs_made_fitness() -> None:
    assert agrees(fixed("moran:intensity=0.2", constant(3, 1), 7), moran(1.4, 7))  # 0.8 + 0.2 * 3
    assert agrees(fixed("moran:beta=0.5", constant(-1, -2), 7), moran(np.exp(0.5), 7))


@pytest.mark.parametrize("kind", ["ring", "grid:rows=3:columns=3", "random-regular:degree=4"])
def test_on_regular_networks_moran_is_as_in_mixed_populations(kind: str) -> None:
    """The isothermal theorem (Lieberman, Hauert & Nowak 2005)."""
    if kind.startswith("random"):
        pytest.importorskip("networkx", reason="the extra 'networks' is not installed")
    graph = network(kind).build(9, Lot(0, 0))
    assert agrees(fixed("moran", constant(1.6, 1), 9, graph), moran(1.6, 9))


def test_a_star_amplifies_selection() -> None:
    """As in Lieberman, Hauert & Nowak (2005); the exact value by first-step equations."""
    star = network({"kind": "edges", "edges": [[1, leaf] for leaf in range(2, 7)]}).build(6, Lot(0, 0))
    found = fixed("moran", constant(2, 1), 6, star)
    assert agrees(found, _star(2.0, 5)) and not agrees(found, moran(2, 6))


def _star(r: float, leaves: int) -> float:
    """Chance of fixation from a mutant in the centre: first-step equations over (centre, mutant leaves)."""
    size = 2 * (leaves + 1)
    chain, end = np.eye(size), np.zeros(size)
    for centre in (0, 1):
        for held in range(leaves + 1):
            here = centre * (leaves + 1) + held
            if (centre, held) == (0, 0):
                continue
            if (centre, held) == (1, leaves):
                end[here] = 1
                continue
            total = r * (held + centre) + leaves - held + 1 - centre
            born = r if centre else 1.0
            moves = [
                ((centre, held + centre), born / total * (leaves - held) / leaves if centre else 0.0),
                ((centre, held - 1 + centre), 0.0 if centre else born / total * held / leaves),
                ((1, held), 0.0 if centre else r * held / total),
                ((0, held), (leaves - held) / total if centre else 0.0),
            ]
            for (to, count), chance in moves:
                if chance:
                    chain[here, to * (leaves + 1) + count] -= chance
            chain[here, here] -= 1 - sum(chance for _, chance in moves)
    return float(np.linalg.solve(chain, end)[leaves + 1])


@pytest.mark.parametrize(("beta", "gain", "agents"), [(0.5, 1.0, 8), (1.0, -0.3, 5), (0.1, 2.0, 6)])
def test_fermi_with_a_constant_advantage(beta: float, gain: float, agents: int) -> None:
    """(1 - exp(-beta gain)) / (1 - exp(-beta gain N)), from the ratio of the two steps (Traulsen et al. 2006)."""
    expected = (1 - np.exp(-beta * gain)) / (1 - np.exp(-beta * gain * agents))
    for updates in (1, 7):  # who has followed counts with what it then holds, so several at a time are as many alone
        assert agrees(fixed(f"fermi:beta={beta}:updates={updates}", constant(gain, 0), agents), expected)
    ring = network("ring").build(agents, Lot(0, 0))
    assert agrees(fixed(f"fermi:beta={beta}:updates=1", constant(gain, 0), agents, ring), expected)


GAME = np.array([[3.0, 0.0], [5.0, 1.0]])


def met(types: Any) -> Any:
    """Mean payoff of a one-shot prisoner's dilemma against all others; a mutant (1) defects."""
    others = types.shape[1] - 1
    defect = types.sum(axis=1, keepdims=True) - types
    return (
        np.where(types == 1, GAME[1, 0] * (others - defect) + GAME[1, 1] * defect, GAME[0, 0] * (others - defect))
        / others
    )


def closed(ratio: Callable[[float, float], float], agents: int) -> float:
    """1 / (1 + sum over k of products of T-/T+), Karlin & Taylor (1975)."""
    product, total = 1.0, 1.0
    for held in range(1, agents):
        types = (np.arange(agents) < held).astype(int)[None]
        payoff = met(types)[0]
        product *= ratio(payoff[0], payoff[-1])
        total += product
    return 1 / total


def test_frequency_dependence_follows_the_closed_forms() -> None:
    fermi = closed(lambda mutant, resident: np.exp(-0.3 * (mutant - resident)), 6)
    assert agrees(fixed("fermi:beta=0.3:updates=1", met, 6), fermi)
    weak = closed(lambda mutant, resident: (0.9 + 0.1 * resident) / (0.9 + 0.1 * mutant), 6)
    assert agrees(fixed("moran:intensity=0.1", met, 6), weak)


def chain(chance: Callable[[int], float], agents: int) -> float:
    """Fixation from one mutant where each of the next generation is one with ``chance(held)``, independently."""
    inner = range(1, agents)
    p = np.array([chance(held) for held in inner])
    step = np.array([[comb(agents, k) * q**k * (1 - q) ** (agents - k) for k in range(agents + 1)] for q in p])
    return float(np.linalg.solve(np.eye(agents - 1) - step[:, 1:-1], step[:, -1])[0])


def test_wright_fisher_follows_its_chain() -> None:
    expected = chain(lambda held: 1.4 * held / (1.4 * held + 6 - held), 6)
    assert agrees(fixed("proportional", constant(1.4, 1), 6), expected)


def test_linear_ranking_follows_its_chain() -> None:
    def better(held: int) -> float:
        offspring = [1.5 - 1.0 * place / 5 for place in range(6)]
        return sum(offspring[:held]) / 6

    assert agrees(fixed("rank:pressure=1.5", constant(7, 1), 6), chain(better, 6))


def test_truncation_never_loses_the_best() -> None:
    assert fixed("truncation", constant(2, 1), 8, runs=50) == 1
    assert fixed("truncation", constant(1, 2), 8, runs=50) == 0
