"""Words of a family under those of a game, and the keys that say how a game is put to models."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import loaded

from dilemmas.errors import SpecError
from dilemmas.specs import catalogue, games, words
from dilemmas.strategies.scene_common import percent, single
from dilemmas.strategies.words import SECTIONS

GAME = "game: mine\nkind: matrix\nactions: [C, D]\npayoffs: {CC: [3, 3], CD: [0, 5], DC: [5, 0], DD: [1, 1]}\n"


def written(folder: Path, more: str) -> games.Dilemma:
    (folder / "mine.yaml").write_text(GAME + more, encoding="utf-8")
    return games.load(str(folder / "mine.yaml"))


@pytest.mark.parametrize("kind", ["matrix", "donor"])
def test_a_family_has_all_sections_and_at_least_four_stories(kind: str) -> None:
    family = words.family(kind)
    assert set(SECTIONS) <= set(family.text)
    assert "neutral" in family.frames and len(family.frames) >= 5
    for name, frame in family.frames.items():
        assert frame.setting and frame.about, name
        assert set(frame.nouns) <= set(family.frames["neutral"].nouns), name


def test_words_of_families_are_no_games() -> None:
    assert not {"matrix", "common"} & set(catalogue.names("games"))


def test_a_game_lays_its_words_over_its_familys(tmp_path: Path) -> None:
    mine = written(
        tmp_path, "words: {unit: stars, text: {now: Now.}, frames: {own: {setting: Here., nouns: {other: foe}}}}\n"
    )
    family = words.family("matrix")
    assert mine.words.unit == "stars" and mine.words.text["now"] == "Now."
    assert mine.words.text["rules"] == family.text["rules"]
    assert mine.words.frames["own"].nouns == {"other": "foe"} and "neutral" in mine.words.frames


def test_a_users_kind_has_what_is_common_to_all() -> None:
    assert "horizon_known" in words.family("auction").text and not words.family("auction").frames


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("words: {text: {rule: x}}", r"mine\.yaml:5: words\.text\.rule: .*Did you mean 'rules'"),
        ("words: {frames: {own: {noun: {}}}}", r"mine\.yaml:5: words\.frames\.own\.noun"),
        ("words: {frames: {own: {nouns: {optoin: x}}}}", r"words\.frames\.own\.nouns\.optoin.*Did you mean 'option'"),
        ("words: {tilte: x}", r"words\.tilte.*Did you mean 'title'"),
        ("words: plain", "words"),
        ("payoffs_as: pictures", r"mine\.yaml:5: payoffs_as: 'pictures' does not fit"),
        ("fram: cooking", r"fram.*Did you mean 'frame'"),
        ("nois: 0.1", r"nois.*Did you mean 'noise'"),
        ("presentation: {fram: cooking}", r"fram.*Did you mean 'frame'"),
        ("presentation: 3", "presentation"),
    ],
)
def test_wrong_keys_are_told_with_their_place_and_the_nearest_name(more: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=message):
        written(tmp_path, more + "\n")


def test_presentation_is_read_from_a_file_and_from_what_is_given(tmp_path: Path) -> None:
    assert written(tmp_path, "frame: shops\norder: round\n").presentation.frame == "shops"
    given = loaded("donor", frame="grain", multiplier=3, words__unit="beans", presentation__goal="none")
    assert (given.presentation.frame, given.presentation.goal) == ("grain", "none")
    assert given.words.unit == "beans" and given.rules.multiplier == 3  # type: ignore[attr-defined]  # a donor game
    assert not {"frame", "presentation", "words"} & set(given.parameters)
    assert given.given["frame"] == "grain"


@pytest.mark.parametrize("name", ["ordinal", "fishery"])
def test_a_key_that_both_know_is_for_both(name: str) -> None:
    made = loaded(name, as_published=True)
    assert made.parameters["as_published"] and made.presentation.as_published


@pytest.mark.parametrize(
    ("unit", "one"),
    [
        *(
            ("points", "point"),
            ("tons of fish", "ton of fish"),
            ("prize tokens", "prize token"),
            ("percent", "percent"),
        ),
        *(("berries", "berry"), ("glass", "glass"), ("hours of work", "hour of work")),
        *(("glasses of milk", "glass of milk"), ("boxes", "box"), ("cookies", "cookie"), ("prizes", "prize")),
    ],
)
def test_one_of_a_unit(unit: str, one: str) -> None:
    assert single(unit) == one


@given(st.integers(0, 1000))
def test_percent_is_short_and_right(mille: int) -> None:
    assert float(percent(mille / 1000)) == mille / 10
    assert len(percent(mille / 1000)) <= 4
