"""What a seat remembers: notes by recency, importance and relevance, and texts between marks."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from dilemmas.strategies.minds import CLOSE, LONGEST, OPEN, QUOTED, Mind, clean, likeness, quoted, shortened, words

NOTES = st.lists(st.tuples(st.integers(1, 9), st.text("abc de", max_size=12), st.integers(1, 10)), max_size=12).map(
    sorted
)
ROUGH = settings(max_examples=60, deadline=None)


def filled(notes: list[tuple[int, str, int]]) -> Mind:
    mind = Mind()
    for round_, text, importance in notes:
        mind.note(round_, text, importance)
    return mind


def test_the_newest_matters_most_where_all_else_is_equal() -> None:
    mind = filled([(round_, "the same", 5) for round_ in range(1, 8)])
    assert [note.round for note in mind.retrieve("other words", 3, 8)] == [7, 6, 5]


def test_importance_and_relevance_bring_old_notes_back() -> None:
    mind = filled([(1, "Player 7 gave nothing", 5), *((n, "it was quiet", 5) for n in range(2, 7)), (7, "storm", 10)])
    assert [note.round for note in mind.retrieve("rain", 3, 8)] == [7, 6, 5]
    assert [note.round for note in mind.retrieve("quiet rain", 3, 8)] == [7, 6, 5]
    assert [note.round for note in mind.retrieve("what will player 7 do", 3, 8)] == [7, 1, 6]


def test_scores_are_the_sum_of_three_parts_brought_to_one() -> None:
    """By hand: recency 1, 0.99 ** 1 ... spread over [0, 1]; importance spread; relevance the cosine of word sets."""
    mind = filled([(1, "red apple", 10), (2, "green apple", 1), (3, "blue sky", 4)])
    recency = [0.0, (0.99 - 0.99**2) / (1 - 0.99**2), 1.0]
    importance = [1.0, 0.0, 1 / 3]
    relevance = [0.5, 1.0, 0.0]  # one word of two in common, both, none
    found = mind._scores("green apple", 3)
    expected = [sum(parts) for parts in zip(recency, importance, relevance, strict=True)]
    assert all(math.isclose(one, other, abs_tol=1e-8) for one, other in zip(found, expected, strict=True))


def test_ties_go_to_the_newer_note() -> None:
    mind = filled([(4, "first", 5), (4, "second", 5), (4, "third", 5)])
    assert [note.text for note in mind.retrieve("nothing", 2, 4)] == ["third", "second"]


@ROUGH
@given(NOTES, st.text("abc de", max_size=12), st.integers(0, 14))
def test_what_is_retrieved(notes: list[tuple[int, str, int]], query: str, k: int) -> None:
    mind = filled(notes)
    found = mind.retrieve(query, k, 10)
    assert found == mind.retrieve(query, k, 10)
    assert len(found) == min(k, len(notes))
    assert all(note in mind.notes for note in found)
    assert len({id(note) for note in found}) == len(found)
    assert mind.retrieve(query, len(notes), 10)[:k] == found  # asking for more does not reorder the first


@ROUGH
@given(NOTES, st.text("abc de", max_size=12), st.integers(0, 11))
def test_a_better_note_is_never_passed_over(notes: list[tuple[int, str, int]], query: str, k: int) -> None:
    """A note at least as new, as important and as relevant as one that was taken, and better in one, is taken too."""
    mind, sought = filled(notes), words(query)
    taken = mind.retrieve(query, k, 10)
    for left in (note for note in mind.notes if not any(note is one for one in taken)):
        for note in taken:
            mine = (left.round, left.importance, likeness(sought, words(left.text)))
            theirs = (note.round, note.importance, likeness(sought, words(note.text)))
            assert mine == theirs or any(a < b for a, b in zip(mine, theirs, strict=True))


@ROUGH
@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_symmetric_and_between_none_and_one(one: str, other: str) -> None:
    a, b = words(one), words(other)
    assert likeness(a, b) == likeness(b, a)
    assert 0 <= likeness(a, b) <= 1 + 1e-12
    assert likeness(a, a) in (0, 1)
    assert (likeness(a, b) > 0) == bool(a & b)


@ROUGH
@given(st.text(max_size=200) | st.text("<> \n\x1b\u202ea", max_size=60))
def test_a_quoted_text_cannot_end_its_quotation(text: str) -> None:
    said = quoted(text)
    if not said:
        assert not clean(text).strip()
        return
    lines = said.split("\n")
    assert (lines[0], lines[-1]) == (OPEN, CLOSE)
    inside = "\n".join(lines[1:-1])
    assert OPEN not in inside
    assert CLOSE not in inside


@ROUGH
@given(st.text(max_size=100))
def test_cleaning_leaves_what_can_be_sent_and_read(text: str) -> None:
    plain = clean(text + "\x1b[31m\x00\x07\x9b\u202e\ud800")
    assert plain.encode("utf-8")
    assert not set(plain) & set(map(chr, [*range(9), *range(11, 32), *range(127, 160), 0x202E]))
    assert clean(plain) == plain


def test_notes_are_one_line_and_not_endless() -> None:
    mind = filled([(1, "one\ntwo\x1b " + "x" * 5000 + " end", 3)])
    (note,) = mind.notes
    assert note.text.startswith("one two xxx")
    assert note.text.endswith("end")
    assert len(note.text) <= LONGEST
    assert "\n" not in note.text


@ROUGH
@given(st.text(max_size=80), st.integers(20, 60))
def test_shortening_keeps_both_ends(text: str, longest: int) -> None:
    cut = shortened(text, longest)
    assert len(cut) <= longest
    assert cut == text if len(text) <= longest else (cut[:6], cut[-6:]) == (text[:6], text[-6:])


def test_a_text_that_would_burst_a_prompt_is_quoted_without_its_middle() -> None:
    said = quoted("begin " + "x" * 1_000_000 + " end")
    assert len(said) <= QUOTED + len(OPEN + CLOSE) + 2
    assert said.startswith(f"{OPEN}\nbegin x") and said.endswith(f"x end\n{CLOSE}") and "x [...] x" in said
