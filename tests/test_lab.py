"""Experiments in a folder: what is finished stays, the same command goes on, another experiment is refused."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from cli import dilemmas as invoke

import dilemmas as dl
from dilemmas.errors import DilemmasError, ResultsError, RunFailed, SpecError, Stopped, UsageError
from dilemmas.runs.lab import Done, Order, carry_out
from dilemmas.runs.resolve import Source
from dilemmas.runs.run import How
from dilemmas.runs.settings import compare
from dilemmas.specs import sweep

BASE: dict[str, Any] = {
    "experiment": "small",
    "game": {"name": "prisoners-dilemma", "rounds": 5},
    "population": ["tit-for-tat=2", "random=2"],
    "generations": 2,
    "selection": "truncation",
    "seeds": [3, 4],
    "sweep": {"noise": [0, 0.1]},
}


def done(data: dict[str, Any], out: Path, **settings: Any) -> Done:
    return carry_out(Order(data, out=out, **settings))


def texts(folder: Path) -> dict[str, bytes]:
    """Tables by name; usage measures time and repeats nothing."""
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.csv")) if path.stem != "usage"}


def test_runs_are_issued_seed_by_seed() -> None:
    runs = sweep.runs(sweep.cells(BASE))
    assert [(run.seed, run.cell.values["noise"]) for run in runs] == [(3, 0), (3, 0.1), (4, 0), (4, 0.1)]


def test_the_same_order_goes_on_and_plays_nothing_twice(tmp_path: Path) -> None:
    half = {**BASE, "seeds": [3]}
    first = done(half, tmp_path / "a")
    assert (first.played, first.before) == (2, 0)
    second = done(BASE, tmp_path / "a")
    assert (second.played, second.before) == (2, 2)
    done(BASE, tmp_path / "b")
    assert texts(tmp_path / "a") == texts(tmp_path / "b")
    assert done(BASE, tmp_path / "a").played == 0


def test_values_and_axes_can_be_added(tmp_path: Path) -> None:
    out = tmp_path / "r"
    plain = {key: value for key, value in BASE.items() if key != "sweep"}
    done({**plain, "seeds": [3]}, out)
    more = done({**plain, "seeds": [3], "sweep": {"game.noise": [0.0, 0.2]}}, out)
    assert (more.played, more.before) == (1, 1), "noise 0 was the setting before there was an axis"
    wider = done({**plain, "seeds": [3], "sweep": {"game.noise": [0.0, 0.1, 0.2]}}, out)
    assert (wider.played, wider.before) == (1, 2)
    assert list(wider.result.runs["game.noise"]) == [0.0, 0.1, 0.2]


def test_another_experiment_is_refused_and_nothing_is_lost(tmp_path: Path) -> None:
    out = tmp_path / "r"
    done(BASE, out)
    before = texts(out)
    other = {**BASE, "game": {"name": "prisoners-dilemma", "rounds": 6}}
    with pytest.raises(ResultsError, match=r"game\.rounds: 5 -> 6.*--out.*--fresh"):
        done(other, out)
    assert texts(out) == before
    assert done(other, out, fresh=True).played == 4
    assert texts(tmp_path / "r.old-1") == before


def test_what_moves_no_result_may_change(tmp_path: Path) -> None:
    done(BASE, tmp_path / "r")
    assert done({**BASE, "about": "other words", "jobs": 2, "limits": {"cost": 3}}, tmp_path / "r").played == 0


def test_a_changed_strategy_file_is_another_experiment(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(
        "strategy: mine\nfor: matrix\nmemory-one: {first: 1, CC: 1, CD: 0, DC: 1, DD: 0}\n", encoding="utf-8"
    )
    data = {**BASE, "population": [f"{mine.name}=4"], "sweep": {}}
    source = Source(beside=tmp_path)
    done(data, tmp_path / "r", source=source)
    mine.write_text(mine.read_text(encoding="utf-8").replace("CD: 0", "CD: 1"), encoding="utf-8")
    with pytest.raises(ResultsError, match=r"strategies/mine\.yaml"):
        done(data, tmp_path / "r", source=source)


def test_a_folder_of_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("precious", encoding="utf-8")
    with pytest.raises(ResultsError, match="no results of this program"):
        done(BASE, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize(
    "change",
    [
        {"seeds": []},
        {"population": []},
        {"generations": 0},
        {"sweep": {"noise": 3}},
        {"game": {"name": "nothing-like-it"}},
    ],
)
def test_wrong_settings_write_nothing(tmp_path: Path, change: dict[str, Any]) -> None:
    with pytest.raises(DilemmasError):
        done({**BASE, **change}, tmp_path / "r")
    assert not (tmp_path / "r").exists()


def test_a_run_that_fails_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(
        "def decide(view, memory, coin):\n    return 'C' if view.round < 3 else 'Q', memory\n", encoding="utf-8"
    )
    data = {**BASE, "sweep": {"who": {"good": {}, "bad": {"population": ["bad.py=4"]}}}, "seeds": [0]}
    with pytest.raises(RunFailed, match=r"1 of 2 runs failed.*'Q'") as caught:
        done(data, tmp_path / "r", source=Source(beside=tmp_path))
    assert caught.value.exit_code == 1
    runs = dl.load(tmp_path / "r").runs
    assert list(runs["status"]) == ["done", "failed"]


@pytest.mark.parametrize("how", [How(chunk=4), How(driver="live")])
def test_results_do_not_depend_on_how_they_are_played(tmp_path: Path, how: How) -> None:
    done(BASE, tmp_path / "a")
    done(BASE, tmp_path / "b", how=how)
    assert texts(tmp_path / "a") == texts(tmp_path / "b")


@pytest.mark.slow
def test_results_do_not_depend_on_the_number_of_processes(tmp_path: Path) -> None:
    done(BASE, tmp_path / "a")
    done(BASE, tmp_path / "b", jobs=2)
    assert texts(tmp_path / "a") == texts(tmp_path / "b")


def test_in_memory_and_from_files_the_tables_are_equal(tmp_path: Path) -> None:
    memory = carry_out(Order(BASE)).result
    files = done(BASE, tmp_path / "r").result
    for name in memory.tables:
        if name != "usage":
            assert getattr(memory, name).equals(getattr(files, name)), name


def test_only_one_cell(tmp_path: Path) -> None:
    assert done(BASE, tmp_path / "r", only={"noise": "0.1"}).played == 2
    assert sorted(dl.load(tmp_path / "r").runs["status"]) == ["done", "done", "planned", "planned"]
    with pytest.raises(UsageError, match="no such axis"):
        done(BASE, tmp_path / "r", only={"nois": "0.1"})


def test_a_misspelt_key_names_the_nearest() -> None:
    with pytest.raises(SpecError, match="generations"):
        carry_out(Order({**BASE, "generatons": 3}))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is not there")
def test_killed_at_any_moment_the_same_command_finishes(tmp_path: Path) -> None:
    data = {**BASE, "seeds": list(range(40)), "generations": 4}
    script = tmp_path / "go.py"
    script.write_text(
        "from pathlib import Path\nfrom dilemmas.runs.lab import Order, carry_out\n"
        f"carry_out(Order({data!r}, out=Path({str(tmp_path / 'k')!r})))\n",
        encoding="utf-8",
    )
    for patience in (0.6, 0.8, 1.0, 1.3):
        process = subprocess.Popen([sys.executable, str(script)])
        time.sleep(patience)
        process.send_signal(signal.SIGKILL)
        process.wait()
        for stamp in (tmp_path / "k" / "runs").glob("*/manifest.json"):
            json.loads(stamp.read_text(encoding="utf-8"))
    subprocess.run([sys.executable, str(script)], check=True, env=dict(os.environ))
    done(data, tmp_path / "whole")
    assert texts(tmp_path / "k") == texts(tmp_path / "whole")


@pytest.mark.parametrize("moment", range(1, 8))
def test_killed_while_the_folder_is_made_the_same_command_finishes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    """A kill leaves everything behind as it is: nothing is tidied up."""
    writes = iter(range(1, 1000))
    plain = Path.open

    def dies(self: Path, mode: str = "r", *rest: Any, **more: Any) -> Any:
        file = plain(self, mode, *rest, **more)
        if "w" in mode and next(writes) == moment:
            file.close()
            raise KeyboardInterrupt
        return file

    with monkeypatch.context() as patched, pytest.raises((KeyboardInterrupt, Stopped)):
        patched.setattr(Path, "open", dies)
        patched.setattr(Path, "unlink", lambda self, missing_ok=False: None)
        done(BASE, tmp_path / "k")
    done(BASE, tmp_path / "k")
    done(BASE, tmp_path / "whole")
    assert texts(tmp_path / "k") == texts(tmp_path / "whole")


def test_a_full_disk_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    told = invoke("run", "moran-pd", "--out", str(tmp_path / "r"), "--no-plots")
    assert (told.code, told.err) == (2, "error: No space left on device\n")


def _older(out: Path, *keys: str) -> None:
    """Make a folder one that was written before these keys were there."""
    stamp = out / "experiment.json"
    known = json.loads(stamp.read_text("utf-8"))
    for key in keys:
        place = known["settings"]
        *above, last = key.split(".")
        for part in above:
            place = place[int(part) if isinstance(place, list) else part]
        del place[last]
    # What a run is known by is a hash of settings, which were fewer.
    known["runs"] = {f"{digest[::-1]}": name for digest, name in known["runs"].items()}
    stamp.write_text(json.dumps(known), "utf-8")


NEWER = "matchmaking", "answers.again", "game.perception_noise", "selection.keep", "inheritance", "population.0.model"


def test_a_folder_from_before_a_key_was_there_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "r"
    done(BASE, out)
    before = texts(out)
    _older(out, *NEWER)
    assert done(BASE, out).played == 0
    assert texts(out) == before


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("matchmaking", "pairs"),
        ("answers", {"again": 1}),
        ("game", {**BASE["game"], "perception_noise": 0.1}),
        ("selection", "truncation:keep=0.25"),
    ],
)
def test_a_key_that_was_not_there_yet_is_compared_at_its_default(tmp_path: Path, key: str, value: Any) -> None:
    out = tmp_path / "r"
    done(BASE, out)
    _older(out, *NEWER)
    with pytest.raises(ResultsError, match=f"other settings: {key}.*: nothing -> "):
        done({**BASE, key: value}, out)


def test_settings_that_were_empty_are_not_told_apart_from_none() -> None:
    assert compare({"a": {}, "b": 1}, {"a": {"c": 2}, "b": 1}) == "a.c: nothing -> 2"


def test_the_form_of_tables_may_change(tmp_path: Path) -> None:
    out = tmp_path / "r"
    done(BASE, out)
    before = dl.load(out).agents
    assert done({**BASE, "format": "parquet"}, out).played == 0
    assert not list(out.glob("*.csv"))
    assert dl.load(out).agents.equals(before)
    assert done({**BASE, "format": "parquet", "seeds": [3, 4, 5]}, out).played == 2
    assert len(dl.load(out).runs) == 6


def test_a_misspelt_flag_finds_the_experiments_keys_too() -> None:
    with pytest.raises(SpecError, match="Did you mean 'generations'"):
        dl.evolve("prisoners-dilemma", {"tit-for-tat": 2}, generatoins=3)
