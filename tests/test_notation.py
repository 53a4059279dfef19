"""YAML as people mean it: words stay words, and what is written is found again by every reader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from cli import dilemmas
from hypothesis import given, settings
from hypothesis import strategies as st

from dilemmas.errors import DilemmasError
from dilemmas.specs import experiment, games, notation, reading, seats

WORDS = ["yes", "no", "on", "off", "y", "n", "Yes", "NO", "2001-01-01", "1:30", "12:30:45", "0o17", "0b11", "="]
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8) | st.sampled_from(
    [*WORDS, "08", "012", "1_0", "0x1f", "1e3", "1.0e+5", ".inf", "true", "null", "~", "", "<<", "1."]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("word", WORDS)
def test_words_stay_words(word: str) -> None:
    assert notation.value(f"{{{word}: [{word}]}}" if ":" not in word else f"{word}:\n- {word}") == {word: [word]}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("012", 12),
        ("-08", -8),
        ("0x1F", 31),
        ("1_000", 1000),
        ("1e-3", 0.001),
        ("5E2", 500.0),
        ("TRUE", True),
        ("~", None),
    ],
)
def test_values_are_those_of_yaml_1_2(text: str, value: Any) -> None:
    assert notation.value(text) == value and type(notation.value(text)) is type(value)


def test_constructors_are_safe() -> None:
    for text in ("!!python/object/apply:os.system [echo hi]", "!!python/name:os.system", "!!python/tuple [1]"):
        with pytest.raises(yaml.YAMLError):
            notation.value(text)


@settings(max_examples=200, deadline=None)
@given(values)
def test_what_is_written_is_read_back_by_either_version(data: Any) -> None:
    text = notation.dumped({"k": data})
    assert notation.value(text) == yaml.safe_load(text) == {"k": data}


@settings(max_examples=200, deadline=None)
@given(texts)
def test_a_text_behind_a_key_is_that_text(text: str) -> None:
    assert notation.value(f"k: {notation.plain(text)}\n") == {"k": text}


@pytest.mark.parametrize("name", ["yes", "on", "null", "012", "true", "1e3"])
def test_new_and_copied_files_are_read_back_under_any_name(here: Path, name: str) -> None:
    for words in (["new", "game", name], ["new", "experiment", name], ["new", "strategy", name]):
        done = dilemmas(*words)
        assert done.code == 0, done.err
        assert reading.load(Path(f"{name}.yaml"))[words[1]] == name
        Path(f"{name}.yaml").unlink()
    assert dilemmas("copy", "tit-for-tat", name).code == 0
    assert seats.strategy(f"./{name}.yaml").name == name


def test_truth_in_words_is_truth_where_truth_is_asked_for(here: Path) -> None:
    Path("g.yaml").write_text("game: g\nkind: commons\nallocation: proportional\nsight: no\ninteger: off\n")
    rules: Any = games.load("./g.yaml").rules
    assert (rules.sight, rules.integer) == (False, False)
    plain = {"experiment": "e", "game": "prisoners-dilemma", "population": ["no", "random"], "plots": "no"}
    made = experiment.check(plain | {"tournament": {"self": "on"}})
    assert made.plots is False and made.tournament is not None and made.tournament.self_play is True
    assert made.population[0].strategy == "no"


@pytest.mark.parametrize("line", ["rounds: yes", "rounds: on", "noise: on", "talk: {turns: yes}"])
def test_a_word_is_no_number(here: Path, line: str) -> None:
    Path("g.yaml").write_text(f"game: g\nkind: matrix\nactions: [C, D]\npayoffs: [[3, 0], [5, 1]]\n{line}\n")
    with pytest.raises(DilemmasError, match=r"g\.yaml:5: .*expected a (whole )?number$"):
        games.load("./g.yaml")


def test_states_and_actions_may_be_called_yes_and_no(here: Path) -> None:
    Path("s.yaml").write_text(
        "strategy: no\nfor: matrix\nstart: y\nmachine:\n"
        "  y: {play: yes, then: {yes: y, no: n}}\n  n: {play: no, then: n}\n"
    )
    made: Any = seats.strategy("./s.yaml")
    assert made.name == "no" and set(made.states) == {"y", "n"}
