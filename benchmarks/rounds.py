"""Rounds a second of the batch engine on one core, beside a compiled loop. One round: both seats move once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks import kernel, measure
from benchmarks.measure import UnavailableError
from dilemmas.engine.batch import play
from dilemmas.engine.chance import Chance
from dilemmas.rules.matrix import Matrix
from dilemmas.strategies.machine import Machine, State, memory_one
from dilemmas.strategies.strategy import Cast

MATCHES, ROUNDS = 20_000, 200
PD: dict[str, Any] = {"actions": ["C", "D"], "payoffs": {"CC": [3, 3], "CD": [0, 5], "DC": [5, 0], "DD": [1, 1]}}
PAIRS = ("CC", "CD", "DC", "DD")


@dataclass(frozen=True)
class Field:
    """A batch to be played."""

    game: Matrix
    machines: tuple[Any, ...]
    matches: int = MATCHES

    def __post_init__(self) -> None:
        who = np.random.default_rng(0).integers(0, len(self.machines), (self.matches, 2))
        object.__setattr__(self, "cast", Cast(self.machines, who))
        object.__setattr__(self, "luck", Chance.of(0, 1, self.matches, np.arange(self.matches) // 210))

    def play(self) -> float:
        """How many rounds were played."""
        return float(play(self.game, self.cast, self.luck, keep=False).score.rounds.sum())  # type: ignore[attr-defined]

    def measured(self, repeats: int = 5) -> float:
        """Rounds a second."""
        return self.play() / measure.median(self.play, repeats)


def game(**numbers: Any) -> Matrix:
    """A prisoner's dilemma."""
    return Matrix(**PD, **({"rounds": ROUNDS} | numbers))


def sure(count: int = 20) -> tuple[Machine, ...]:
    """Memory-one machines that leave nothing to chance."""
    rng = np.random.default_rng(1)
    drawn = rng.integers(0, 2, (count, 5)).astype(float)
    return tuple(memory_one(f"m{i}", row[4], dict(zip(PAIRS, row, strict=False))) for i, row in enumerate(drawn))


def mixed(count: int = 20) -> tuple[Machine, ...]:
    """Memory-one machines with chances."""
    drawn = np.random.default_rng(2).random((count, 5))
    return tuple(memory_one(f"m{i}", row[4], dict(zip(PAIRS, row, strict=False))) for i, row in enumerate(drawn))


def large(states: int = 16, count: int = 20) -> tuple[Machine, ...]:
    """Deterministic automata of many states."""
    rng = np.random.default_rng(3)

    def state() -> State:
        return State({"CD"[rng.integers(2)]: 1.0}, {token: str(rng.integers(states)) for token in "CD"})

    return tuple(Machine(f"m{i}", "0", {str(s): state() for s in range(states)}) for i in range(count))


def scissors() -> Field:
    """Three actions."""
    rules = Matrix(actions=("R", "P", "S"), payoffs=[[0, -1, 1], [1, 0, -1], [-1, 1, 0]], rounds=ROUNDS)
    third = {"R": 1 / 3, "P": 1 / 3, "S": 1 / 3}
    return Field(rules, tuple(Machine(f"m{i}", "a", {"a": State(third, {"*": "a"})}) for i in range(20)))


def _tables(field: Field) -> tuple[Any, Any, Any]:
    """Stacked chances of C, next states and first states, as the kernel wants them."""
    tables = [machine.fit(field.game, 0) for machine in field.machines]
    starts = np.cumsum([0, *(len(table.play) for table in tables)])
    play_ = np.concatenate([table.play[:, 0] for table in tables]).astype(np.float32)
    then = np.concatenate([table.then[:, :4] + start for table, start in zip(tables, starts, strict=False)])
    who: Any = starts[field.cast.who]  # type: ignore[attr-defined]  # set after init
    return play_, then.astype(np.int64), who


def _compiled(run: Any, field: Field) -> float:
    play_, then, who = _tables(field)
    draws = not np.isin(play_, (0, 1)).all()
    taken = measure.median(lambda: run(play_, then, who, ROUNDS, np.float32(field.game.noise), draws))
    return len(who) * ROUNDS / taken


def section() -> None:
    """Kinds of machines and of noise, 20,000 matches of 200 rounds, scores kept and decisions not."""
    beside = {
        "deterministic memory-one": Field(game(), sure()),
        "automata of 16 states": Field(game(), large()),
        "stochastic memory-one": Field(game(), mixed()),
        "deterministic, noise 0.05": Field(game(noise=0.05), sure()),
        "stochastic, noise 0.05": Field(game(noise=0.05), mixed()),
    }
    alone = {
        "deterministic, perception noise 0.05": Field(game(perception_noise=0.05), sure()),
        "both noises, stochastic": Field(game(noise=0.05, perception_noise=0.05), mixed()),
        "continuation 0.995, deterministic": Field(game(rounds=None, continuation=0.995), sure()),
        "continuation 0.995, stochastic": Field(game(rounds=None, continuation=0.995), mixed()),
        "three actions, stochastic": scissors(),
        "deterministic, 2,100 matches": Field(game(), sure(), 2100),
        "stochastic and noise, 2,100 matches": Field(game(noise=0.05), mixed(), 2100),
    }
    try:
        run = kernel.compiled()
    except UnavailableError as error:
        print(error)
        run = None
    rows = []
    for label, field in {**beside, **alone}.items():
        mine, theirs = field.measured(), None
        if run is not None and label in beside:
            theirs = _compiled(run, field)
        share = "" if theirs is None else f"{mine / theirs:.2f}"
        rows.append([label, f"{mine / 1e6:.1f} M", "" if theirs is None else f"{theirs / 1e6:.1f} M", share])
    measure.table([f"{MATCHES:,} matches of {ROUNDS} rounds", "rounds/s", "numba kernel", "share"], rows)
