"""People at the keyboard: what is typed is checked, taken back, passed on, kept; and a replay says it again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from cli import Ran, dilemmas

import dilemmas as dl
from dilemmas.errors import UsageError
from dilemmas.runs.replay import replay

PD = ["prisoners-dilemma", "human", "tit-for-tat", "--rounds", "3"]


def play(*words: str, typed: str) -> Ran:
    return dilemmas("play", *words, typed=typed)


def actions(folder: Path, seat: int = 1) -> list[str]:
    moves = dl.load(folder).moves
    return list(moves[moves["seat"] == seat]["action"])


def test_answers_become_moves(tmp_path: Path) -> None:
    done = play(*PD, "--out", str(tmp_path / "r"), typed="C\nD\nD\n")
    assert done.code == 0, done.err
    assert actions(tmp_path / "r") == ["C", "D", "D"]
    assert actions(tmp_path / "r", seat=2) == ["C", "C", "D"]
    assert replay(tmp_path / "r").count == 0


def test_a_process_reads_what_is_piped_into_it(tmp_path: Path) -> None:
    code = "from dilemmas.cli.app import main; main()"
    words = [sys.executable, "-c", code, "play", *PD, "--out", str(tmp_path / "r")]
    done = subprocess.run(words, input="D\nC\nundo\nD\nC\n", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "C or D (an answer, or: rules, undo, quit): " in done.stderr
    assert actions(tmp_path / "r") == ["D", "D", "C"]


def test_what_is_not_allowed_is_asked_again(tmp_path: Path) -> None:
    done = play(*PD, "--out", str(tmp_path / "r"), typed="Q\n\ncooperate\n7\nC\nC\n")
    assert actions(tmp_path / "r") == ["C", "C", "C"]
    assert done.err.count("expected C or D") == 3


def test_undo_takes_the_last_answer_back(tmp_path: Path) -> None:
    play(*PD, "--out", str(tmp_path / "r"), typed="C\nD\nundo\nC\nundo\nundo\nD\nD\nD\n")
    assert actions(tmp_path / "r") == ["D", "D", "D"]


def test_rules_are_told_and_do_not_count_as_an_answer(tmp_path: Path) -> None:
    done = play(*PD, "--out", str(tmp_path / "r"), typed="rules\nC\nC\nC\n")
    assert "rounds: 3" in done.err
    assert actions(tmp_path / "r") == ["C", "C", "C"]


def test_rules_are_told_in_words(tmp_path: Path) -> None:
    told = play(*PD, typed="rules\nquit\n").err
    assert "roles: C cooperate, D defect" in told
    words = ["public-goods", "human", "contributor=3", "--set", "punishment={}", "--set", "talk={when: before}"]
    told = play(*words, typed="rules\nquit\n").err
    assert "punishment: " in told and "talk: " in told and "when before" in told
    assert not any(sign in told for sign in ("{", "'", "None", "True"))


@pytest.mark.parametrize("typed", ["C\nquit\n", "C\n"])
def test_leaving_early_writes_nothing(tmp_path: Path, typed: str) -> None:
    done = play(*PD, "--out", str(tmp_path / "r"), typed=typed)
    assert done.code == 3
    assert not (tmp_path / "r").exists()


def test_several_people_pass_the_keyboard_without_seeing_a_choice(tmp_path: Path) -> None:
    done = play(
        "prisoners-dilemma", "human", "human", "--rounds", "1", "--out", str(tmp_path / "r"), typed="\nD\n\nC\n"
    )
    assert done.code == 0, done.err
    shown = done.err.partition("Seat 2: take the keyboard")[2]
    assert "you D" not in shown
    assert "the other D" not in shown
    assert (actions(tmp_path / "r"), actions(tmp_path / "r", 2)) == (["D"], ["C"])


def test_a_table_of_people_answers_in_one_line(tmp_path: Path) -> None:
    words = ["fishery", "human=5", "--table", "--rounds", "2", "--out", str(tmp_path / "r")]
    done = play(*words, typed="10 10 10 10\n10 10 10 10 x\n10 10 10 10 12\n1 2 3 4 5\n")
    assert done.code == 0, done.err
    assert "4 answers for 5 seats" in done.err
    moves = dl.load(tmp_path / "r").moves
    assert list(moves[moves["round"] == 1]["amount"]) == [10, 10, 10, 10, 12]
    assert list(moves[moves["round"] == 2]["amount"]) == [1, 2, 3, 4, 5]


def test_a_person_sees_only_the_own_side(tmp_path: Path) -> None:
    done = play("battle-of-the-sexes", "always-first", "human", "--rounds", "1", typed="1\n")
    assert done.code == 0, done.err
    assert "seat 2" in done.err


def test_a_person_has_no_place_in_a_tournament() -> None:
    with pytest.raises(UsageError, match="dilemmas play"):
        dl.tournament("prisoners-dilemma", ["human", "tit-for-tat"])


def test_at_a_table_undo_takes_the_whole_line_back(tmp_path: Path) -> None:
    words = ["fishery", "human=5", "--table", "--rounds", "2", "--out", str(tmp_path / "r")]
    done = play(*words, typed="1 2 3 4 5\n9 9 9 9 9\n")
    assert done.code == 0, done.err
    again = play(*words, "--fresh", typed="5 5 5 5 5\nundo\n1 2 3 4 5\n9 9 9 9 9\n")
    assert again.code == 0, again.err
    amounts = dl.load(tmp_path / "r").moves["amount"].tolist()
    assert amounts == [1, 2, 3, 4, 5, 9, 9, 9, 9, 9]
    assert replay(tmp_path / "r").count == 0


def test_people_play_one_seed(tmp_path: Path) -> None:
    done = play(*PD, "--seeds", "2", "--out", str(tmp_path / "r"), typed="C\nC\nC\nC\nC\nC\n")
    assert done.code == 2
    assert "people play one episode" in done.err
    assert not (tmp_path / "r").exists()
