"""Every table that real runs write is what the schema says it is; every column it declares is written by some run."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dilemmas as dl
from dilemmas.results import TABLES, Coded, Table, read
from dilemmas.results.schema import Column
from dilemmas.runs.result import Result

# Columns that wait for strategies told in words, and for talk.
FOR_MODELS: dict[str, set[str]] = {}
SWEEP = {
    "experiment": "two-axes",
    "game": {"name": "prisoners-dilemma", "rounds": 4},
    "population": ["tit-for-tat=2", "always-defect=2", "random=2"],
    "generations": 3,
    "selection": {"rule": "truncation", "keep": 0.5},
    "inheritance": {"rule": "mutated", "rate": 0.3},
    "seeds": [0, 3],
    "log": "moves",
    "sweep": {"game.noise": [0, 0.2], "who": {"ring": {"network": "ring"}, "pairs": {"matchmaking": "pairs"}}},
}


def _play(game: str, *seats: str, **settings: Any) -> Result:
    return dl.play(game, list(seats), **settings)


def _matches(game: str, *strategies: str, **settings: Any) -> Result:
    return dl.tournament(game, list(strategies), log="moves", **settings)


RUNS = {
    "sampled": lambda: _matches(
        "prisoners-dilemma", "tit-for-tat", "random", "grim", rounds=6, repetitions=3, noise=0.1, perception_noise=0.1
    ),
    "exact": lambda: dl.tournament("prisoners-dilemma", ["tit-for-tat", "grim"], exact=True, self_play=True),
    "endless": lambda: _matches("stag-hunt", "win-stay-lose-shift", "random", continuation=0.8, repetitions=2),
    "duel": lambda: _matches("chicken", "plain@rehearsal", "grim", rounds=2),
    "unequal": lambda: _matches("battle-of-the-sexes", "always-first", "always-second", rounds=3),
    "sweep": lambda: dl.run(SWEEP),
    "quiz": lambda: dl.run(
        {
            "experiment": "asked",
            "game": "fishery",
            "population": ["plain@rehearsal=5"],
            "require_quiz": {"score": 0, "questions": 4},
        }
    ),
    "replicator": lambda: dl.evolve(
        "chicken", {"always-cooperate": 3, "tit-for-tat": 1}, generations=3, replicator={}, rounds=5
    ),
    "donor": lambda: dl.evolve(
        "donor",
        {"image-scorer": 4, "never-donate": 2, "punisher": 2},
        generations=3,
        games=2,
        mechanism="punish",
        information=["trace", "image"],
        execution_error=0.2,
        log="moves",
    ),
    "rumours": lambda: dl.evolve(
        "donor",
        {"gossip-listener": 3, "never-donate:gossip=liar": 1},
        gossip={"by": "onlooker"},
        generations=2,
        rounds=4,
        log="moves",
    ),
    "commons": lambda: _matches("fishery", "sustainable", "greedy", "matcher", repetitions=2),
    "newcomer": lambda: _play("pasture", *["restrained"] * 4, "greedy", joins={5: 4}),
    "public-goods": lambda: _play(
        "public-goods",
        *["conditional", "contributor", "free-rider", "punishing-contributor"],
        punishment={},
        reward={},
        threshold=20,
    ),
    "pots": lambda: _matches("public-goods", "conditional", "free-rider", rounds=3),
    "spoken": lambda: dl.evolve(
        "prisoners-dilemma", {"scot@rehearsal": 2, "tit-for-tat": 2}, generations=2, rounds=3, log="moves"
    ),
    "told": lambda: dl.run(
        {
            "experiment": "told",
            "game": {"name": "donor", "rounds": 2},
            "population": ["plain@rehearsal=3", "mirror"],
            "generations": 2,
            "selection": "truncation",
            "inheritance": "told",
        }
    ),
    "meeting": lambda: _play(
        "fishery",
        *["plain@rehearsal"] * 3,
        seats=3,
        rounds=3,
        capacity=1000,
        collapse_below=0,
        talk={"pledges": True, "limit": "median"},
    ),
    "promises": lambda: _play("stag-hunt", *["plain@rehearsal"] * 2, rounds=3, talk={"pledges": True}),
    "fined": lambda: _play("fishery", "greedy", *["sustainable:vote=over-users"] * 2, seats=3, rounds=3, sanction=5),
    "boats": lambda: _play("fishery", *["scot@rehearsal"] * 2, "greedy", seats=3, rounds=3),
}


@lru_cache
def run(name: str) -> Result:
    return RUNS[name]()


def tables() -> list[tuple[str, str]]:
    return [(name, table) for name in RUNS for table in ("runs", "usage", *_expected(name))]


def _expected(name: str) -> tuple[str, ...]:
    """Tables that a run of that kind must write, beside the list of runs."""
    if name == "exact":
        return "pairs", "ranking"
    if name == "replicator":
        return "generations", "shares", "pairs"
    common = ("episodes", "moves")
    stocks = (
        ("rounds",)
        if name in ("commons", "newcomer", "public-goods", "pots", "boats", "meeting", "quiz", "fined")
        else ()
    )
    grown = (
        "sweep",
        "donor",
        "newcomer",
        "public-goods",
        "spoken",
        "told",
        "boats",
        "meeting",
        "promises",
        "quiz",
        "fined",
        "rumours",
    )
    design = ("generations", "agents") if name in grown else ("pairs", "ranking")
    models = ("models",) if name in ("spoken", "told", "boats", "meeting", "promises", "quiz", "duel") else ()
    talk = ("messages",) if name in ("meeting", "promises", "rumours") else ()
    quiz = ("quiz",) if name == "quiz" else ()
    scores = ("scores",) if name in ("sampled", "endless", "unequal", "duel") else ()
    return (*models, *quiz, *design, *common, *stocks, *talk, *scores)


def keys(table: Table) -> list[Column]:
    return [column for column in table.spec.columns if column.role == "key"]


@pytest.mark.parametrize("name", RUNS)
def test_a_run_writes_the_tables_that_apply_and_no_others(name: str) -> None:
    assert set(run(name).tables) == {"runs", "usage", *_expected(name)}


@pytest.mark.parametrize(("name", "table"), tables())
def test_columns_are_declared_and_in_order(name: str, table: str) -> None:
    found = run(name).tables[table]
    declared = [column.name for column in found.spec.columns]
    axes = list(SWEEP["sweep"]) if (name, table) == ("sweep", "runs") else []  # type: ignore[call-overload]  # a mapping
    assert [column for column in found.columns if column not in declared] == axes
    assert [column for column in found.columns if column in declared] == [
        column for column in declared if column in found
    ]
    widths = {len(values) for values in found.columns.values()}
    assert len(widths) == 1
    assert widths != {0}


@pytest.mark.parametrize(("name", "table"), tables())
def test_keys_come_first_and_are_known_and_unique(name: str, table: str) -> None:
    found = run(name).tables[table]
    present = [column.name for column in keys(found) if column.name in found]
    assert list(found.columns)[: len(present)] == present
    # Only games of many seats have a number of others.
    assert {column.name for column in keys(found)} - set(present) <= {"others"}
    rows = list(zip(*(found.list(key) for key in present), strict=True))
    assert not any(None in row for row in rows)
    assert len(set(rows)) == len(rows)


@pytest.mark.parametrize(("name", "table"), tables())
def test_values_have_the_declared_types(name: str, table: str) -> None:
    found = run(name).tables[table]
    plain = {"text": str, "int": int, "float": float, "bool": bool}
    kinds = {"text": "string", "int": "Int64", "float": "Float64", "bool": "boolean"}
    data = getattr(run(name), table)
    for column in found.spec.columns:
        if column.name in found:
            values = {type(value) for value in found.list(column.name) if value is not None}
            assert values <= {plain[column.type]}, column.name
            assert data[column.name].dtype.name == kinds[column.type], column.name


def numbered(agent: str) -> tuple[int, int]:
    """When an agent was born, and its number."""
    born, _, number = agent.removeprefix("g").partition("-")
    return int(born), int(number)


@pytest.mark.parametrize(("name", "table"), tables())
def test_rows_are_sorted_by_key(name: str, table: str) -> None:
    found = run(name).tables[table]
    order = {run_: number for number, run_ in enumerate(run(name).tables["runs"].list("run"))}
    # A quiz is no run: what it took stands after the runs that it came before.
    sequence: list[list[Any]] = [[order.get(value, len(order)) for value in found.list("run")]]
    for column in keys(found)[1:]:
        if column.name not in found or column.type == "text":
            break  # texts come in the order of the population, of the ranking
        sequence.append(found.list(column.name))
    rows = list(zip(*sequence, strict=True))
    assert rows == sorted(rows)


def test_strategies_of_pairs_come_as_given_and_those_of_a_ranking_by_rank() -> None:
    pairs, ranking = run("sampled").tables["pairs"], run("sampled").tables["ranking"]
    given = ["tit-for-tat", "random", "grim"]
    assert list(dict.fromkeys(pairs.list("strategy"))) == given
    assert ranking.list("rank") == sorted(ranking.list("rank"))


def test_numbers_count_from_one_and_ids_say_when_an_agent_was_born() -> None:
    for name in RUNS:
        for found in run(name).tables.values():
            keys = ("generation", "episode", "round", "ask", "seat", "repetition")
            for key in keys if "messages" not in run(name).tables else keys[:3]:  # talk has the first asks of a round
                if key in found:
                    first = 0 if (name, key) == ("replicator", "generation") else 1  # its start is a row as well
                    assert min(found.list(key)) == first, (name, found.spec.name, key)
    agents = run("sweep").tables["agents"]
    born = [numbered(agent)[0] for agent in agents.list("agent")]
    assert born == agents.list("born")
    assert max(born) == 3


def test_only_usage_has_measures() -> None:
    for name, spec in TABLES.items():
        measures = [column.name for column in spec.columns if column.role == "measure"]
        assert bool(measures) == (name == "usage"), name
    for name in RUNS:
        assert not {"seconds", "calls", "cost", "host"} & {
            column for table, found in run(name).tables.items() if table != "usage" for column in found.columns
        }


def _filled(values: Any) -> bool:
    if isinstance(values, Coded):
        return bool((values.codes >= 0).any())
    if values.dtype.kind == "f":
        return bool((~np.isnan(values)).any())
    return any(value is not None for value in values.tolist())


def test_every_declared_column_is_filled_by_some_run_or_waits_for_models() -> None:
    written: dict[str, set[str]] = {name: set() for name in TABLES}
    for name in RUNS:
        for table, found in run(name).tables.items():
            written[table] |= {column for column, values in found.columns.items() if _filled(values)}
    empty = {name: {column.name for column in spec.columns} - written[name] for name, spec in TABLES.items()}
    assert {name: columns for name, columns in empty.items() if columns} == FOR_MODELS


@pytest.mark.parametrize("name", RUNS)
def test_tables_are_the_same_from_files(name: str, tmp_path: Path) -> None:
    run(name).save(tmp_path)
    for table, found in run(name).tables.items():
        back = read(tmp_path / f"{table}.csv")
        assert list(back.columns) == list(found.columns)
        assert list(back.rows()) == list(found.rows())


def test_meanings_are_sentences_without_end_and_units_are_known() -> None:
    for spec in TABLES.values():
        for column in spec.columns:
            assert column.meaning
            assert not column.meaning.endswith(".")
            assert column.unit in ("", "points", "share", "units", "rounds", "s", "USD")
