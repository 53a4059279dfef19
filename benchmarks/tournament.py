"""A tournament of 20 strategies, 200 turns, 10 repetitions, beside Axelrod-Python: in one process, and as processes."""

from __future__ import annotations

import importlib.util
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks import measure
from benchmarks.measure import UnavailableError

TURNS, REPETITIONS, NOISE = 200, 10, 0.05
GAME = "prisoners-dilemma"
PLAYERS = {
    "tit-for-tat": "TitForTat",
    "always-cooperate": "Cooperator",
    "always-defect": "Defector",
    "grim": "Grudger",
    "win-stay-lose-shift": "WinStayLoseShift",
    "tit-for-two-tats": "TitFor2Tats",
    "two-tits-for-tat": "TwoTitsForTat",
    "suspicious-tit-for-tat": "SuspiciousTitForTat",
    "alternator": "Alternator",
    "anti-tit-for-tat": "AntiTitForTat",
    "hard-tit-for-tat": "HardTitForTat",
    "hard-tit-for-two-tats": "HardTitFor2Tats",
    "fortress-3": "Fortress3",
    "fortress-4": "Fortress4",
    "evolved-fsm-16": "EvolvedFSM16",
    "firm-but-fair": "FirmButFair",
    "generous-tit-for-tat": "GTFT",
    "zd-extort-2": "ZDExtort2",
    "soft-joss": "SoftJoss",
    "random": "Random",
}
COUNTERS = {"gradual": "Gradual", "adaptive": "Adaptive", "prober": "Prober", "omega-tit-for-tat": "OmegaTFT"}


def _other() -> list[str]:
    """The command of an interpreter that has Axelrod-Python."""
    named = os.environ.get("AXELROD_PYTHON")
    if named:
        return [named]
    if importlib.util.find_spec("axelrod"):
        return [sys.executable]
    raise UnavailableError("Axelrod-Python is not installed; set AXELROD_PYTHON to an interpreter that has it")


def _order(players: dict[str, str], noise: float, repeats: int = 1, write: str = "") -> dict[str, Any]:
    field = {"players": list(players.values()), "turns": TURNS, "repetitions": REPETITIONS, "noise": noise}
    return {**field, "repeats": repeats, "write": write}


def _axelrod(*orders: dict[str, Any]) -> dict[str, Any]:
    """All orders in one process, so that its import is paid once."""
    command = [*_other(), str(Path(__file__).with_name("axelrod_side.py")), json.dumps(orders)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise UnavailableError((done.stderr.strip().splitlines() or ["Axelrod-Python failed"])[-1])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _engine(players: dict[str, str], noise: float) -> float:
    """The batch engine alone: every pair and every self-match, as Axelrod-Python plays them."""
    import dilemmas as dl
    from dilemmas.engine.batch import play
    from dilemmas.engine.chance import Chance
    from dilemmas.strategies.strategy import Cast

    rules = dl.game(GAME, rounds=TURNS, noise=noise).rules
    strategies = tuple(dl.strategy(name) for name in players)
    pairs = np.array(list(itertools.combinations_with_replacement(range(len(strategies)), 2)))
    cast = Cast(strategies, np.tile(pairs, (REPETITIONS, 1)))
    luck = Chance.of(0, 1, len(cast.who), np.repeat(np.arange(REPETITIONS), len(pairs)))
    return measure.median(lambda: play(rules, cast, luck, keep=False), repeats=9)


def _python(players: dict[str, str], noise: float) -> float:
    """From Python, with the tables of results in memory."""
    import dilemmas as dl

    settings: dict[str, Any] = {"rounds": TURNS, "repetitions": REPETITIONS, "self_play": True, "log": "summary"}
    names = list(players)
    settings |= {"noise": noise} if noise else {}
    return measure.median(lambda: dl.tournament(GAME, names, seed=0, **settings))


def in_process() -> None:
    """Without start-up: the engine alone, and from Python with its tables."""
    fields = {"all tables": PLAYERS, "4 with counters": {**dict(list(PLAYERS.items())[:16]), **COUNTERS}}
    cases = [(label, players, noise) for label, players in fields.items() for noise in (0.0, NOISE)]
    others: list[float | None] = [None] * len(cases)
    try:
        found = _axelrod(*(_order(players, noise, 2) for _, players, noise in cases))
        others = [statistics.median(seconds) for seconds in found["seconds"]]
        beside = f"Axelrod-Python {found['version']} (its import, {found['import']:.1f} s, left out)"
    except UnavailableError as error:
        beside = str(error)
    print(f"20 strategies and their self-matches, {TURNS} turns, {REPETITIONS} repetitions. {beside}")
    rows = [_line(*case, other) for case, other in zip(cases, others, strict=True)]
    measure.table(["", "Axelrod", "engine", "faster", "dl.tournament", "faster"], rows)


def _line(label: str, players: dict[str, str], noise: float, other: float | None) -> list[str]:
    engine, python = _engine(players, noise), _python(players, noise)
    cells = [measure.seconds(value) for value in (other, engine, python)]
    return [
        f"{label}, noise {noise:g}",
        *cells[:2],
        measure.times(other, engine),
        cells[2],
        measure.times(other, python),
    ]


def whole() -> None:
    """As whole processes, start-up included, with files written."""
    with tempfile.TemporaryDirectory() as folder:
        rows = []
        try:
            began = _children()
            _axelrod(_order(PLAYERS, 0.0, write=str(Path(folder) / "summary.csv")))
            other: float | None = _children() - began
            rows.append(["Axelrod-Python, summary written", measure.seconds(other), ""])
        except UnavailableError as error:
            other = None
            rows.append([f"Axelrod-Python: {error}", "-", ""])
        for label, flags in {"without plots": ["--no-plots"], "with plots": []}.items():
            row = f"dilemmas tournament, {label}"
            try:
                taken = statistics.median(_command(Path(folder) / f"{label}-{k}", flags) for k in range(3))
                rows.append([row, measure.seconds(taken), measure.times(other, taken)])
            except UnavailableError as error:
                rows.append([f"{row}: not available: {error}", "-", ""])
        measure.table(["", "seconds", "faster"], rows)


def _children() -> float:
    """Processor seconds of the processes that were started and have ended; by the wall clock on Windows."""
    spent = os.times()
    return perf_counter() if os.name == "nt" else spent.children_user + spent.children_system


def _command(out: Path, flags: list[str]) -> float:
    code = "import sys; from dilemmas.cli.app import main; sys.exit(main())"
    numbers = ["--rounds", str(TURNS), "--repetitions", str(REPETITIONS), "--self", "--log", "summary", "--quiet"]
    command = [sys.executable, "-c", code, "tournament", GAME, *PLAYERS, *numbers, "--out", str(out), *flags]
    began = _children()
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    taken = _children() - began
    if done.returncode:
        raise UnavailableError("the command line failed: " + (done.stderr.strip().splitlines() or ["no message"])[-1])
    return taken
