"""Golden values: what a seed gives is committed, and is the same however it is played.

``tests/golden/results.json`` holds, for each family and design, a SHA-256 of every table and a few numbers to see by
eye. A digest is over texts and whole numbers as they are and over other numbers to nine digits, which is what may be
expected of another machine; on one machine all ways of playing are compared byte by byte.

Renew the values only where results are meant to change, and say so in the CHANGELOG::

    python tests/test_golden.py --renew
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

import dilemmas as dl
from dilemmas.results import Table, read
from dilemmas.runs.lab import Order, carry_out
from dilemmas.runs.result import Result
from dilemmas.runs.run import How

FILE = Path(__file__).parent / "golden" / "results.json"
SEED = 3

CASES: dict[str, Callable[[], Result]] = {
    "matrix-play": lambda: dl.play(
        "prisoners-dilemma", ["tit-for-tat", "random"], rounds=12, noise=0.1, perception_noise=0.1, seed=SEED
    ),
    "matrix-tournament": lambda: dl.tournament(
        "prisoners-dilemma",
        ["tit-for-tat", "gradual", "random", "zd-extort-2", "q-learning", "generous-tit-for-tat"],
        continuation=0.95,
        noise=0.05,
        repetitions=3,
        log="moves",
        seed=SEED,
    ),
    "matrix-evolve": lambda: dl.evolve(
        "stag-hunt",
        {"random": 4, "regret-matching": 4, "always-first": 4},
        rounds=6,
        generations=4,
        matchmaking="pairs",
        selection={"rule": "fermi", "beta": 0.5},
        inheritance={"rule": "mutated", "rate": 0.3},
        seed=SEED,
    ),
    "donor-play": lambda: dl.play(
        "donor",
        ["punisher", "constant-donor:fraction=0.3", "mirror", "chain-average", "never-donate", "punisher"],
        mechanism="punish",
        execution_error=0.2,
        games=2,
        seed=SEED,
    ),
    "donor-tournament": lambda: dl.tournament(
        dl.game("donor", seats=4, rounds=6), ["constant-donor", "never-donate", "mirror"], repetitions=2, seed=SEED
    ),
    "donor-evolve": lambda: dl.evolve(
        "donor",
        {"image-scorer": 4, "never-donate": 2, "stern-judging": 2},
        information=["image", "standing", "trace"],
        assessment_error=0.1,
        games=2,
        generations=4,
        inheritance={"rule": "mutated", "rate": 0.2},
        seed=SEED,
    ),
    "commons-play": lambda: dl.play(
        "fishery", ["sustainable", "noisy-greedy", "grim-share", "matcher", "fixed:amount=10"], seed=SEED
    ),
    "commons-tournament": lambda: dl.tournament(
        dl.game("pasture", seats=3), ["sustainable", "greedy", "noisy-matcher"], repetitions=2, seed=SEED
    ),
    "commons-evolve": lambda: dl.evolve(
        dl.game("fishery", seats=5, rounds=6),
        {"noisy-sustainable": 5, "greedy": 2, "restrained:share=0.8": 3},
        matchmaking="groups",
        generations=3,
        selection="proportional",
        seed=SEED,
    ),
    "public-goods-play": lambda: dl.play(
        "public-goods",
        ["punishing-contributor", "free-rider", "conditional", "antisocial-punisher"],
        punishment={},
        rounds=4,
        seed=SEED,
    ),
    "public-goods-tournament": lambda: dl.tournament(
        dl.game("public-goods", seats=3, continuation=0.8),
        ["contributor", "free-rider", "hump"],
        repetitions=2,
        seed=SEED,
    ),
    "public-goods-evolve": lambda: dl.evolve(
        dl.game("public-goods", seats=4, rounds=3),
        {"contributor": 4, "free-rider": 4, "conditional": 4},
        matchmaking="groups",
        generations=4,
        selection={"rule": "rank"},
        inheritance={"rule": "mutated", "rate": 0.2},
        seed=SEED,
    ),
}


def saved(result: Result, folder: Path) -> dict[str, bytes]:
    """The bytes of every table; usage measures time and repeats nothing."""
    result.save(folder)
    return {path.stem: path.read_bytes() for path in sorted(folder.glob("*.csv")) if path.stem != "usage"}


def digest(table: Table) -> str:
    """SHA-256 of a table with numbers to nine digits."""
    columns = [[name, *map(_text, table.list(name))] for name in table.columns]
    lines = "\n".join(",".join(row) for row in zip(*columns, strict=True))
    return hashlib.sha256(lines.encode()).hexdigest()


def _text(value: Any) -> str:
    # What is left of sums that cancel out is nothing, with whatever digits and sign.
    return f"{round(value, 9) + 0.0:.9g}" if isinstance(value, float) else str(value)


def golden(result: Result, folder: Path) -> dict[str, Any]:
    """What is committed of a result: a digest of every table as it is read from its file, and numbers to see by eye."""
    names = saved(result, folder)
    return {
        "payoff": float(result.runs["payoff"][0]),
        "first": [float(value) for value in result.episodes["payoff"][:4]],
        "rows": {name: len(result.tables[name]) for name in names},
        "sha256": {name: digest(read(folder / f"{name}.csv")) for name in names},
    }


def as_told(result: Result, **how: Any) -> Result:
    """The same once more from what the manifest says."""
    return carry_out(Order(result.manifest["config"] | {"seeds": [SEED]}, how=How(**how))).result


@pytest.mark.parametrize("name", CASES)
def test_a_seed_gives_what_it_gave(name: str, tmp_path: Path) -> None:
    known, found = json.loads(FILE.read_text(encoding="utf-8"))[name], golden(CASES[name](), tmp_path)
    assert found["payoff"] == pytest.approx(known["payoff"], rel=1e-9)
    assert found["first"] == pytest.approx(known["first"], rel=1e-9)
    assert found["rows"] == known["rows"]
    changed = [table for table in known["sha256"] if found["sha256"][table] != known["sha256"][table]]
    assert not changed, "results changed; if they are meant to, see the top of this file"


def test_every_family_and_design_is_there() -> None:
    families, designs = {"matrix", "donor", "commons", "public-goods"}, {"play", "tournament", "evolve"}
    assert set(CASES) == {f"{family}-{design}" for family in families for design in designs}
    assert set(json.loads(FILE.read_text(encoding="utf-8"))) == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_drivers_and_chunks_give_the_same_bytes(name: str, tmp_path: Path) -> None:
    first = CASES[name]()
    known = saved(first, tmp_path / "first")
    assert {"runs", "episodes"} <= set(known)
    ways: list[dict[str, Any]] = [{"driver": "live"}, {"chunk": 1}, {"chunk": 5}]
    for number, how in enumerate(ways):
        assert saved(as_told(first, **how), tmp_path / str(number)) == known, how


@pytest.mark.parametrize("name", [name for name in CASES if name.endswith("play")])
def test_another_seed_gives_other_bytes(name: str, tmp_path: Path) -> None:
    """A digest that cannot change would prove nothing."""
    first = CASES[name]()
    other = carry_out(Order(first.manifest["config"] | {"seeds": [SEED + 1]})).result
    if name != "public-goods-play":  # where no strategy of these draws anything
        assert saved(other, tmp_path / "other")["moves"] != saved(first, tmp_path / "first")["moves"]
    assert digest(other.tables["runs"]) != digest(first.tables["runs"])


SWEEP: dict[str, Any] = {
    "experiment": "swept",
    "game": {"name": "donor", "seats": 6, "rounds": 6},
    "population": ["constant-donor=3", "chain-average=2", "mirror"],
    "generations": 3,
    "selection": "truncation",
    "inheritance": {"rule": "mutated", "rate": 0.3},
    "seeds": [SEED, SEED + 1],
    "log": "moves",
    "sweep": {"game.multiplier": [1.5, 3], "execution_error": [0, 0.2]},
}


def test_processes_give_the_same_bytes(tmp_path: Path) -> None:
    for jobs in (1, 2):
        carry_out(Order(SWEEP, out=tmp_path / str(jobs), jobs=jobs))
    names = {path.relative_to(tmp_path / "1") for path in (tmp_path / "1").rglob("*.csv") if path.stem != "usage"}
    assert len(names) > 8 * 4
    for name in names:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes(), name


def test_a_cell_alone_plays_as_it_does_in_the_sweep() -> None:
    whole = carry_out(Order(SWEEP)).result
    only = carry_out(Order(SWEEP, only={"game.multiplier": "3", "execution_error": "0.2"})).result
    assert sorted(only.runs["seed"]) == [SEED, SEED + 1]
    for name, table in only.tables.items():
        if name != "usage":
            rows = {tuple(row.values()) for row in table.rows()}
            assert len(rows) == len(table)
            assert rows <= {tuple(row.values()) for row in whole.tables[name].rows()}, name


def renew() -> None:
    """Write the golden values of this machine."""
    FILE.parent.mkdir(exist_ok=True)
    found = {}
    for name, case in CASES.items():
        with TemporaryDirectory() as folder:
            found[name] = golden(case(), Path(folder))
    FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(f"{len(found)} cases written to {FILE.name}; look at the difference before it is committed")


if __name__ == "__main__":
    if sys.argv[1:] != ["--renew"]:
        sys.exit(__doc__)
    renew()
