"""Random games and machines for tests, a naive chain that shares no code with the package, and given choices played."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import strategies as st

from dilemmas.engine.chance import Chance
from dilemmas.rules.episode import episode
from dilemmas.rules.game import Answers, Ask, Outcome, Score
from dilemmas.rules.matrix import Matrix
from dilemmas.strategies.machine import Machine, State

PD = {"actions": ("C", "D"), "payoffs": {"CC": [3, 3], "CD": [0, 5], "DC": [5, 0], "DD": [1, 1]}}
NAMES = ("a", "b", "c"), ("x", "y", "z")


def game(rng: np.random.Generator, first: int = 2, second: int = 2, **keys: object) -> Matrix:
    """A random game, seats with actions of their own."""
    sides = {"row": rng.integers(-5, 6, (first, second)), "column": rng.integers(-5, 6, (first, second))}
    roles = {"a": "cooperate", "b": "defect", "x": "cooperate", "y": "defect"}
    names = NAMES[0][:first], NAMES[1][:second]
    known = {name: role for name, role in roles.items() if name in names[0] + names[1]}
    return Matrix(actions=names, payoffs=sides, roles=known, **keys)


def machine(rng: np.random.Generator, rules: Matrix, seat: int, states: int, *, sure: bool = False) -> Machine:
    """A random machine for a seat, deterministic where ``sure``."""
    own, other = rules.names[seat], rules.names[1 - seat]
    made = {}
    for k in range(states):
        chances = np.eye(len(own))[rng.integers(len(own))] if sure else rng.dirichlet(np.full(len(own), 0.7))
        then = {f"{i} {j}": f"s{rng.integers(states)}" for i, j in product(own, other)}
        made[f"s{k}"] = State(dict(zip(own, chances.tolist(), strict=True)), then)
    return Machine(f"random-{states}", "s0", made)


def naive(rules: Matrix, one: Machine, two: Machine, rounds: int, discount: float = 1.0) -> np.ndarray:
    """Weighted share of joint actions, ``(first's actions, second's actions)``, by following dictionaries."""
    now, weight, mass = {(one.start, two.start): 1.0}, 1.0, 0.0
    share = np.zeros(rules.table.shape[:2])
    for _ in range(rounds):
        after: dict[tuple[str, str], float] = {}
        for (s, t), chance in now.items():
            for i, j in product(*rules.names):
                happens = chance * done(rules, one.states[s], i, 0) * done(rules, two.states[t], j, 1)
                share[rules.names[0].index(i), rules.names[1].index(j)] += weight * happens
                for seen_i, seen_j in product(*rules.names):
                    read = happens * misread(rules, i, seen_i, 0) * misread(rules, j, seen_j, 1)
                    key = one.states[s].then[f"{i} {seen_j}"], two.states[t].then[f"{j} {seen_i}"]
                    after[key] = after.get(key, 0.0) + read
        now, mass, weight = after, mass + weight, weight * discount
    return share / mass


def done(rules: Matrix, state: State, action: str, seat: int) -> float:
    """Chance that an action is executed in a state."""
    names, meant = rules.names[seat], state.play
    if len(names) == 1:
        return 1.0
    slips = sum(meant.get(name, 0.0) for name in names if name != action) * rules.noise / (len(names) - 1)
    return meant.get(action, 0.0) * (1 - rules.noise) + slips


def misread(rules: Matrix, action: str, seen: str, seat: int) -> float:
    """Chance that the other seat takes an action of ``seat`` for ``seen``."""
    count = len(rules.names[seat])
    if count == 1:
        return 1.0
    return 1 - rules.perception_noise if action == seen else rules.perception_noise / (count - 1)


def driven(rules: Matrix, rounds: list[np.ndarray], seed: int = 0) -> tuple[list[dict[str, np.ndarray]], Score]:
    """Columns of every round for given choices, ``(episodes, 2)`` each, and the score."""
    loop, columns, reply, asked = episode(rules, Chance.of(seed, 1, len(rounds[0]))), [], None, 0
    while True:
        try:
            event = loop.send(reply)
        except StopIteration as end:
            return columns, end.value
        reply = None
        if isinstance(event, Ask):
            reply, asked = Answers(choice=rounds[asked].astype(np.int8)), asked + 1
        elif isinstance(event, Outcome):
            columns.append({name: np.array(column) for name, column in event.moves().items()})


generators = st.integers(0, 2**32 - 1).map(np.random.default_rng)
