"""Tables such as a laboratory writes, made up: tournaments, generations and fisheries of any size."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from dilemmas.report import metrics
from dilemmas.results import Table, join

Tables = dict[str, Table]


def names(count: int) -> list[str]:
    known = ["tit-for-tat", "always-cooperate", "win-stay-lose-shift", "always-defect", "a/path/to/mine.py:decide"]
    return [known[i] if i < len(known) else f"strategy-with-number-{i}" for i in range(count)]


def _joined(parts: dict[str, list[Table]]) -> Tables:
    return {name: join(tables) for name, tables in parts.items() if tables}


def _rows(**columns: Any) -> dict[str, Any]:
    size = max(len(column) for column in columns.values() if not isinstance(column, (str, int)))
    return {name: [column] * size if isinstance(column, (str, int)) else column for name, column in columns.items()}


def tournament(
    count: int, seeds: int = 1, repetitions: int = 4, noises: Sequence[str] = (), called: Sequence[str] = ()
) -> Tables:
    """A tournament of fixed rounds against the others; exact where ``repetitions`` is 0."""
    parts: dict[str, list[Table]] = {"pairs": [], "ranking": [], "episodes": [], "runs": []}
    for cell, noise in enumerate(noises or [""]):
        for seed in range(seeds):
            run = f"{cell + 1}-abcdef-{seed}"
            for table in _one(run, list(called) or names(count), repetitions, seed + 10 * cell):
                parts[table.spec.name].append(table)
            row = {"run": [run], "seed": [seed], "status": ["done"], **({"game.noise": [noise]} if noise else {})}
            parts["runs"].append(Table.of("runs", row))
    return _joined(parts)


def _one(run: str, known: list[str], repetitions: int, seed: int) -> list[Table]:
    luck, count = np.random.default_rng(seed), len(known)
    payoff = luck.uniform(0, 4, (count, count)) + luck.normal(0, 0.2, (max(repetitions, 1), count, count))
    others = ~np.eye(count, dtype=bool)
    i, j = np.nonzero(others)
    mean, sd, low, high = metrics.interval(payoff[:, i, j], axis=0)
    mine, theirs = [known[k] for k in i], [known[k] for k in j]
    spread = {"payoff": mean, "sd": sd, "ci_low": low, "ci_high": high}
    method, matches = ("sampled", [repetitions] * len(i)) if repetitions else ("exact-200", [None] * len(i))
    pairs = _rows(
        run=run, strategy=mine, partner=theirs, **spread, cooperation=mean / 5, matches=matches, method=method
    )
    totals = (payoff * others).sum(axis=2) / (count - 1)
    mean, sd, low, high = metrics.interval(totals, axis=0)
    order = np.argsort(-mean, kind="stable")
    ranked = {
        "rank": metrics.places(mean),
        "payoff": mean,
        "sd": sd,
        "ci_low": low,
        "ci_high": high,
        "cooperation": mean / 5,
    }
    ranking = {
        "run": [run] * count,
        "strategy": [known[k] for k in order],
        **{key: value[order] for key, value in ranked.items()},
    }
    tables = [Table.of("pairs", pairs), Table.of("ranking", ranking)]
    if repetitions:
        r, a, b = np.nonzero(np.broadcast_to(others, payoff.shape))
        seats = {
            "strategy": [known[k] for k in a],
            "partner_strategy": [known[k] for k in b],
            "payoff": payoff[r, a, b] * 50,
        }
        keys = {"run": run, "generation": 1, "episode": np.arange(len(r)) // 2 + 1, "seat": np.arange(len(r)) % 2 + 1}
        tables.append(Table.of("episodes", _rows(**keys, **seats, repetition=r + 1, rounds=50)))
    return tables


def evolution(
    kinds: int, generations: int, seeds: int, agents: int = 8, multipliers: Sequence[str] = (), steep: bool = False
) -> Tables:
    """Generations in which the better half stays and each has a child."""
    parts: dict[str, list[Table]] = {"agents": [], "generations": [], "runs": []}
    for cell, multiplier in enumerate(multipliers or [""]):
        for seed in range(seeds):
            run = f"{cell + 1}-abcdef-{seed}"
            for table in _society(run, kinds, generations, agents, np.random.default_rng(seed + 10 * cell), steep):
                parts[table.spec.name].append(table)
            axis = {"game.multiplier": [multiplier]} if multiplier else {}
            parts["runs"].append(Table.of("runs", {"run": [run], "seed": [seed], "status": ["done"], **axis}))
    return _joined(parts)


def _society(
    run: str, kinds: int, generations: int, agents: int, luck: np.random.Generator, steep: bool
) -> list[Table]:
    known, people = names(kinds), [(f"g1-{i + 1}", i % kinds, [], 1) for i in range(agents)]
    rows: list[dict[str, Any]] = []
    courses: list[dict[str, Any]] = []
    for generation in range(1, generations + 1):
        payoff = (2.0**generation if steep else 2.0) * (1 + luck.uniform(0, 0.3, agents))
        share = np.array([kind / kinds for _, kind, _, _ in people])
        place = metrics.places(payoff)
        rows += [
            {
                "run": run,
                "generation": generation,
                "agent": agent,
                "strategy": known[kind],
                "parents": json.dumps(parents),
            }
            | {"born": born, "payoff": pay, "cooperation": give, "rank": rank}
            for (agent, kind, parents, born), pay, give, rank in zip(people, payoff, share, place, strict=True)
        ]
        courses.append({"run": run, "generation": generation, "payoff": payoff.mean(), "cooperation": share.mean()})
        kept = [people[i] for i in np.argsort(-payoff)[: agents // 2]]
        children = [(f"g{generation + 1}-{i + 1}", one[1], [one[0]], generation + 1) for i, one in enumerate(kept)]
        people = kept + children
    return [
        Table.of(name, {key: [row[key] for row in listed] for key in listed[0]})
        for name, listed in (("agents", rows), ("generations", courses))
    ]


def fishery(repetitions: int = 3, seats: int = 3) -> Tables:
    """Splits of greedy and sustainable boats; greedy ones empty the lake."""
    rounds: list[dict[str, Any]] = []
    episodes: list[dict[str, Any]] = []
    pairs: list[dict[str, Any]] = []
    number = 0
    for greedy in range(seats + 1):
        for repetition in range(repetitions):
            number += 1
            key = {"run": "1-abcdef-0", "generation": 1, "episode": number}
            last = 6 - greedy
            rounds += [
                key | {"round": r, "stock_before": 100.0 - 10 * greedy * r - repetition} for r in range(1, last + 1)
            ]
            for seat in range(seats):
                kind = "greedy" if seat < greedy else "sustainable"
                gain = 30.0 - 4 * greedy + repetition + (10 if seat < greedy else 0)
                episodes.append(
                    key | {"seat": seat + 1, "strategy": kind, "rounds": last, "payoff": gain, "gain": gain}
                )
        for kind, other, others in (("greedy", "sustainable", seats - greedy), ("sustainable", "greedy", greedy)):
            if others < seats:
                value = 31.0 - 4 * greedy + (10 if kind == "greedy" else 0)
                row = {"run": "1-abcdef-0", "strategy": kind, "partner": other, "others": others, "payoff": value}
                pairs.append(row | {"ci_low": value - 1, "ci_high": value + 1, "cooperation": float(kind != "greedy")})
    listed = {"rounds": rounds, "episodes": episodes, "pairs": pairs}
    return {name: Table.of(name, {key: [row[key] for row in rows] for key in rows[0]}) for name, rows in listed.items()}
