"""The logs of GovSim (Piatti et al. 2024, and reproductions of it) as logs to import.

A log is a ``log_env.json``, or the same under any name. What it does not say (model, seed, scenario, scheduled rounds)
is taken from the ``.hydra/config.yaml`` beside it, or from an ``index.json`` of its folder.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from dilemmas.errors import FileError, many
from dilemmas.runs.script import Row
from dilemmas.studies import published
from dilemmas.studies.importing import Found, Log, told

GAMES = {"fishing": "fishery", "sheep": "pasture", "pollution": "pollution"}
AGENT = "govsim"  # the strategy: agents of the paper's own make, whose models differ
ROUNDS = 12
NEWCOMER = "outsider"  # in the name of a condition


@dataclass(frozen=True)
class About:
    """What is known of a log beside it: its scenario, condition, models (one, or one a seat), seed, rounds, agents.

    ``rounds`` and ``agents`` (that begin) are 0 where nothing says them.
    """

    scenario: str = "fishing"
    condition: str = ""
    models: tuple[str, ...] = ("",)
    seed: int = 0
    rounds: int = 0
    agents: int = 0


def find(path: Path) -> Found:
    """The logs in a file or in a folder; those of other laws are left out by name.

    Raises FileError for a file that is no log, or for one of another law that was asked for by name.
    """
    if not path.exists():
        raise FileError("there is no such file or folder", where=str(path))
    if path.is_file():
        if reason := _foreign(path, about(path)):
            raise FileError(reason, where=str(path), expected=f"a scenario of {', '.join(GAMES)}")
        return Found((log(path, path),))
    files = _files(path)
    if not files:
        raise FileError("holds no logs", where=str(path), expected="log_env.json files")
    skipped = {file: reason for file in files if (reason := _foreign(file, about(file)))}
    made = [log(file, path) for file in files if file not in skipped]
    if not made:
        raise FileError("holds logs of other laws only", where=str(path), expected=f"scenarios {', '.join(GAMES)}")
    return Found(tuple(made), tuple(f"{told(file, path)}: {reason}" for file, reason in skipped.items()))


def _files(folder: Path) -> list[Path]:
    """Files called log_env.json, or where there are none, all that an index or their own text shows to be logs."""
    named = sorted(folder.rglob("log_env.json"))
    if named:
        return named
    return [file for file in sorted(folder.glob("*.json")) if file.name != "index.json" and _is_log(file)]


def _is_log(file: Path) -> bool:
    with file.open(encoding="utf-8", errors="ignore") as stream:
        return '"action"' in stream.read(2000)


def _foreign(path: Path, known: About) -> str:
    """Why a log is not of these games; empty where it is."""
    # A run's folder stands in one that is called after the scenario.
    words = (known.scenario, known.condition, path.stem, *path.parts[-3:-1])
    if any("trash" in word.lower() for word in words) or known.scenario not in GAMES:
        return f"the scenario {known.scenario if known.scenario not in GAMES else 'trash'} has another law"
    return ""


def about(path: Path) -> About:
    """What is known of a log beside it; raises FileError where that cannot be read."""
    try:
        return _about(path)
    except (OSError, ValueError, TypeError, AttributeError, yaml.YAMLError) as error:
        expected = "a readable .hydra/config.yaml or index.json"
        raise FileError(f"what is beside it cannot be read: {error}", where=str(path), expected=expected) from None


def _about(path: Path) -> About:
    config = path.parent / ".hydra" / "config.yaml"
    if config.is_file():
        return _hydra(yaml.safe_load(config.read_text(encoding="utf-8")) or {})
    index = path.parent / "index.json"
    if index.is_file():
        entries = json.loads(index.read_text(encoding="utf-8"))
        found = next((entry for entry in entries if Path(str(entry.get("file"))).name == path.name), None)
        return _indexed(found) if found else About()
    return About()


def _hydra(config: Mapping[str, Any]) -> About:
    experiment = config.get("experiment") or {}
    env = experiment.get("env") or {}
    one = str((config.get("llm") or {}).get("path") or "")
    mixed = config.get("mix_llm") or ()
    return About(
        str(experiment.get("scenario") or "fishing"),
        str(env.get("name") or ""),
        _models(one, mixed, config),
        int(config.get("seed") or 0),
        int(env.get("max_num_rounds") or 0),
        int(env.get("num_agents") or 0),
    )


def _indexed(entry: Mapping[str, Any]) -> About:
    return About(
        str(entry.get("env_kind") or "fishing"),
        str(entry.get("env") or ""),
        _models(str(entry.get("llm") or ""), entry.get("mix") or (), entry),
        int(entry.get("seed") or 0),
        int(entry.get("max_rounds") or 0),
        int(entry.get("num_agents") or 0),
    )


def _models(one: str, mixed: Sequence[Mapping[str, Any]], config: Mapping[str, Any]) -> tuple[str, ...]:
    """One model for all, or one a seat; a name that stands for another is looked up where the file has it."""
    if not mixed:
        return (one,)
    return tuple(_looked_up(entry.get("llm"), config) for entry in mixed)


def _looked_up(value: Any, config: Mapping[str, Any]) -> str:
    if isinstance(value, Mapping):
        value = value.get("path", "")
    name = str(value or "")
    if not (name.startswith("${") and name.endswith("}")):
        return name
    known: Any = config
    for word in name[2:-1].split("."):
        known = known.get(word) if isinstance(known, Mapping) else None
    return _looked_up(known, {}) if known else name[2:-1]


def log(path: Path, root: Path) -> Log:
    """One log; raises FileError where it breaks the law of its game, which says where."""
    known, read, source = about(path), published.govsim(path), told(path, root)
    length = read.rounds
    scheduled = known.rounds or max(ROUNDS, length)
    if strange := _seated(read, known) or read.strange(read.game(rounds=scheduled)):
        raise FileError(strange, where=source, expected="the law of this game")
    collapsed = bool(read.stock_after[-1] < read.game(rounds=length).collapse_below)
    finished = collapsed or length >= scheduled
    law = {"seats": len(read.agents), "rounds": scheduled if finished else length, "allocation": "given"}
    law |= {"joins": read.joins(), "given": {round_: list(row) for round_, row in read.given().items()}}
    columns = {
        "scenario": GAMES[known.scenario],
        "model": " + ".join(dict.fromkeys(known.models)) or "unknown",
        "condition": known.condition or "unknown",
    }
    name = path.parent.name if path.name == "log_env.json" else path.stem
    if path.name == "log_env.json" and path != root:
        name = path.parent.relative_to(root).as_posix() if path.parent != root else path.parent.name
    start = {"start": float(read.stock_before[0])}
    game = {"name": GAMES[known.scenario], **law, **start}
    return Log(name, source, game, _rows(read, known), known.seed, finished, columns, _said(read))


def _seated(read: published.Log, known: About) -> str:
    """What is wrong with who harvests and for how long, in words; only a newcomer's log has anybody come late.

    All published designs but the newcomer's have twelve months, so that a log of more shows by itself what it is.
    """
    newcomer = NEWCOMER in known.condition or (not known.condition and read.rounds > ROUNDS)
    if read.joins() and not newcomer:
        seat = min(read.joins())
        found = f"round 1: {read.agents[seat - 1]} has no harvest, and has one in round {read.joins()[seat]}"
        return f"{found}; the condition is {known.condition or 'unknown'}, in which nobody comes late"
    if 0 < known.rounds < read.rounds:
        return f"{many(read.rounds, 'round')} are logged, and {known.rounds} were to be played"
    first = int(read.asked[0].sum())
    if known.agents in (0, first, len(read.agents) if newcomer else first):
        return ""
    return f"round 1: {many(first, 'agent')} harvest, and by what is beside the log there are {known.agents}"


def _said(read: published.Log) -> list[Row]:
    """What was said after the harvests, and the limits that it came to, in order of rounds."""
    rows: list[Row] = [
        {"match": "1", "round": str(round_ + 1), "seat": str(seat + 1), "text": words}
        for round_, seat, words in read.said
    ]
    limits = [
        {"match": "1", "round": str(round_ + 1), "seat": "", "amount": repr(most)}
        for round_, most in read.limits.items()
    ]
    return sorted([*rows, *limits], key=lambda row: int(row["round"]))


def _rows(read: published.Log, known: About) -> list[Row]:
    """The harvests, in order."""
    models = known.models * len(read.agents) if len(known.models) == 1 else known.models
    made: list[Row] = []
    for round_, seat in np.argwhere(read.asked).tolist():
        who = {"agent": read.agents[seat], "strategy": AGENT, "model": models[seat] if seat < len(models) else ""}
        stock = {
            "stock_before": repr(read.stock_before[round_].item()),
            "stock_after": repr(read.stock_after[round_].item()),
        }
        place = {"match": "1", "round": str(round_ + 1), "seat": str(seat + 1)}
        taken = {"move": repr(read.wanted[round_, seat].item()), "payoff": repr(read.collected[round_, seat].item())}
        made.append({**place, **who, **taken, **stock})
    return made
