"""Texts that are filled in once for the same data, and sections that are filled in when they are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import loaded, played

from dilemmas.errors import SpecError
from dilemmas.rules.game import Answers
from dilemmas.specs import seats
from dilemmas.strategies.prompted import Prompted
from dilemmas.strategies.prompting import check
from dilemmas.strategies.prompts import KEPT, again, names, render
from dilemmas.strategies.scene import Scene
from dilemmas.strategies.words import SECTIONS

TEMPLATE = """
{% macro line(one) %}{{ one | listed }}{{ other if b else "" }}{% endmacro %}
{% if a %}{% set c = 1 %}{% endif %}
a {{ a }} b {{ b }} c {{ c | default("none") }} {% for a in d %}{{ loop.index }}: {{ line(a) }};{% endfor %}
{{ a is string }} {{ m.x }} {{ m.items() | list }} {{ n.x }} {{ n.y | default("no") }} {{ o.x.x }} {{ o.x }}
"""
VALUE = st.sampled_from([0, 1, 2, 1.0, True, False, None, "1", "", 0.5, 1e-7, -0.0])
PARTS = st.fixed_dictionaries({"x": VALUE}, optional={"y": VALUE, "items": VALUE})
DATA = st.fixed_dictionaries(
    {"a": VALUE, "b": VALUE, "other": VALUE, "d": st.lists(st.lists(VALUE, max_size=2), max_size=2)}
    | {"m": PARTS, "n": PARTS, "o": st.fixed_dictionaries({"x": PARTS})},
    optional={"c": VALUE, "unused": VALUE},
)


@settings(max_examples=200, deadline=None)
@given(DATA)
def test_a_text_that_was_kept_is_the_one_that_its_data_make(data: dict[str, Any]) -> None:
    assert again(TEMPLATE, data, "here") == render(TEMPLATE, data, "here") == again(TEMPLATE, data, "there")


def test_the_same_data_are_filled_in_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr("dilemmas.strategies.prompts.render", lambda *all_: asked.append(all_) or "text")
    for number in (1, 1, 2, 1):
        again("once {{ number }}", {"number": number, "other": object()}, "here")
    assert len(asked) == 2
    for number in range(KEPT + 2):
        again("many {{ number }}", {"number": number}, "here")
    again("many {{ number }}", {"number": KEPT + 1}, "here")
    assert len(asked) == 2 + KEPT + 2
    again("many {{ number }}", {"number": 0}, "here")  # the oldest had to go
    assert len(asked) == 2 + KEPT + 3


@pytest.mark.parametrize("wrong", ["{{ absent }}", "{% if %}", "{{ a.__class__ }}", "{{ [1, 2] | random }}"])
def test_what_is_wrong_is_wrong_every_time(wrong: str) -> None:
    for where in ("here", "there"):
        with pytest.raises(SpecError, match=where):
            again(wrong, {"a": 1}, where)


def scene(text: Mapping[str, str]) -> Scene:
    dilemma = loaded("prisoners-dilemma", **{"words": {"text": dict(text)}})
    return played(dilemma, lambda ask: Answers(np.zeros((1, 2), int)))[0][0]


def test_a_section_that_nobody_reads_is_not_filled_in() -> None:
    made = scene({"predict": "{{ absent }}"})
    assert made.texts["question"].startswith("Which option do you choose")
    assert "absent" not in made.texts and list(made.texts) == list(SECTIONS)
    for read in (lambda: made.texts["predict"], lambda: repr(made.texts), lambda: dict(made.texts)):
        with pytest.raises(SpecError, match="absent"):
            read()


def test_a_section_that_is_wrong_is_found_before_anybody_plays_whoever_reads_it() -> None:
    strategy = seats.strategy(seats.parse("plain@rehearsal"))
    assert isinstance(strategy, Prompted) and "game.predict" not in "".join(strategy.templates.values())
    check(strategy, scene({}))
    with pytest.raises(SpecError, match=r"words\.text\.predict"):
        check(strategy, scene({"predict": "{{ absent }}"}))


@pytest.mark.parametrize("wrong", ["{% if %}", "{{ a | unheard }}"])
def test_a_template_that_is_wrong_has_no_names(wrong: str) -> None:
    assert names(wrong) == frozenset()


@pytest.mark.parametrize(
    "bomb",
    [
        "{{ '%10000000000d' | format(1) }}",
        "{{ 'a' | center(10000000000) }}",
        "{{ 'a'.center(10000000000) }}",
        "{{ '{:>10000000000}'.format(1) }}",
        "{{ data['format_map']({}) }}",
        "{{ 'a' | indent(10000000000) }}",
        "{{ [1] | batch(10000000000, 0) | list }}",
        "{% set a = data %}{{ a | replace('a', a) | replace('a', a) | replace('a', a) }}",
        "{% set a = data | list | join(data) %}{{ a | list | join(a) }}",
    ],
)
def test_a_template_makes_nothing_huge_of_little(bomb: str) -> None:
    with pytest.raises(SpecError, match=r"characters|may not have|cannot be filled in|No filter"):
        render(bomb, {"data": "a" * 2000}, "a stranger's file")
