"""What is read from replies of models, and what never is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from dilemmas.strategies.prompts import shown
from dilemmas.strategies.replies import form, read, schema
from dilemmas.strategies.replies_text import plain, unbroken
from dilemmas.strategies.telling import LETTERS
from dilemmas.strategies.wanted import Said, Unusable, Wanted

HERE = Path(__file__).parent / "replies"
WANTED = {
    "letters": Wanted(options=("J", "F"), noun="recipe"),
    "names": Wanted(options=("stag", "half a stag", "hare")),
    "words": Wanted(options=("A", "I")),
    "ones": Wanted(options=("1", "2")),
    "polls": Wanted(options=("yes", "no")),
    "claims": Wanted(options=tuple(str(number) for number in range(2, 101))),
    "gift": Wanted(low=0.0, high=10.0, whole=10.0, unit="units"),
    "nine": Wanted(low=0, high=9, whole=9, integer=True, unit="tokens"),
    "harvest": Wanted(low=0, high=2000, whole=2000, integer=True, unit="tons of fish"),
    "rating": Wanted(low=1, high=10, integer=True, marker="IMPORTANCE"),
    "percent": Wanted(low=0, high=100, unit="percent"),
    "water": Wanted(low=0, high=80, whole=80, integer=True, unit="percent of clean water"),
    "donor": Wanted(("donate", "punish", "refuse"), (True, True, False), 0.0, 10.0, whole=10.0, unit="units"),
}


def groups(name: str) -> list[Any]:
    found = yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
    return [pytest.param(group, id=group["group"]) for group in found]


def replies(group: dict[str, Any], key: str) -> Iterator[tuple[Wanted, str, str, Any]]:
    """What was asked for, why the reply ended, its text, what is expected of it."""
    for expected, texts in group[key].items():
        for text in texts:
            yield WANTED[group["wanted"]], group.get("finish", "stop"), text, expected


def answer(wanted: Wanted, said: Said) -> Any:
    """An answer as the tables of cases write it."""
    if said.choice is None:
        return said.amount
    label = wanted.options[said.choice]
    return label if said.amount is None else f"{label} {said.amount:g}"


@pytest.mark.parametrize("group", groups("read.yaml"))
def test_what_people_really_get_back_is_read(group: dict[str, Any]) -> None:
    for wanted, finish, text, expected in replies(group, "read"):
        said = read(text, finish, wanted)
        assert isinstance(said, Said), (text, said)
        assert answer(wanted, said) == expected, text


@pytest.mark.parametrize("group", groups("unread.yaml"))
def test_what_is_no_clear_answer_is_never_read(group: dict[str, Any]) -> None:
    for wanted, finish, text, expected in replies(group, "unread"):
        said = read(text, finish, wanted)
        assert isinstance(said, Unusable), (text, said)
        assert said.kind == expected, text


# -- whatever the words around it -------------------------------------------------------------------------------------

LINES = (
    "ANSWER: {}",
    "ANSWER:{}",
    "Answer: {}.",
    "**ANSWER:** {}",
    "**ANSWER: {}**",
    "### ANSWER: {}",
    "> ANSWER: **{}**",
    "| ANSWER | {} |",
    "ANSWER：「{}」",
    "`ANSWER: {}`",
    "ANSWER: \\boxed{{{}}}",
    "\\boxed{{\\text{{{}}}}}",
    "<answer>{}</answer>",
    "ANSWER\n\n{}",
    "```\nANSWER: {}\n```",
    '{{"reasoning": "ANSWER: ?", "answer": "{}"}}',
    '```json\n{{"answer": "{}"}}\n```',
    "<think>ANSWER: no</think>ANSWER: {}",
    "\x1b[1mANSWER\x1b[0m: \x1b[31m{}\x1b[0m",
    "ANSWER:\u200b \u2066{}\u2069",
    "ANSWER: I choose {}",
    "ANSWER: {}, because it is what I want",
    "ANSWER: {}\n\nI hope that this is of use.",
    "I choose {}.",
    "My answer is {}.",
    "{}",
    "({})",
    "**{}**\n",
)
NOISE = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.sampled_from(
            [
                "ANSWER: J",
                "ANSWER: F",
                "answer is 7",
                "I choose J.",
                "if",
                "5",
                "not",
                "{",
                '{"answer": "F"}',
                "**",
                "```",
                "\\boxed{5}",
                "\\text",
                "\\frac{1}{",
                "\x1b[",
                "\x1b]",
                "\x00",
                "�",
                "\u202e",
                "\r\n",
                "\n",
                " ",
                "|",
                "$",
                '{"answer": "J", "answer": "F"}',
                "player 2:",
                "because",
                "1,000",
                "half",
                "~~",
                "'",
                '"',
                ":",
                "I'm sorry",
            ]
        ),
        max_size=12,
    ).map(" ".join),
).map(lambda text: text.replace("<", "").replace("[", "").replace("◁", ""))
LABELS = st.one_of(
    st.permutations(LETTERS).flatmap(lambda letters: st.integers(2, 5).map(lambda count: tuple(letters[:count]))),
    st.sampled_from([("stag", "hare"), ("rock", "paper", "scissors"), ("red door", "red", "green door")]),
)
quick = settings(max_examples=80, deadline=None)


@given(LABELS, st.data(), st.sampled_from(LINES))
@quick
def test_every_option_is_read_in_every_dressing(options: tuple[str, ...], data: st.DataObject, line: str) -> None:
    wanted, choice = Wanted(options=options), data.draw(st.integers(0, len(options) - 1))
    said = read(line.format(options[choice]), "stop", wanted)
    assert isinstance(said, Said), said
    assert (said.choice, said.amount) == (choice, None)


@given(st.decimals(0, 100, places=3, allow_nan=False), st.sampled_from(LINES), st.sampled_from(["", " units"]))
@quick
def test_every_number_is_read_in_every_dressing(value: Decimal, line: str, unit: str) -> None:
    said = read(line.format(f"{value}{unit}"), "stop", Wanted(low=0, high=100, whole=100, unit="units"))
    assert isinstance(said, Said), said
    assert (said.choice, said.amount) == (None, float(value))


@given(
    st.integers(0, 10**7), st.sampled_from(["{}", "{:,}", "{:_}", "{:.2f}", "{:e}", "${:,}", "{:,} tons", "{:d} units"])
)
@quick
def test_whole_numbers_are_read_in_every_habit(value: int, habit: str) -> None:
    written = habit.format(value)
    if "e" in habit:
        value = int(float(written))
    said = read(f"ANSWER: {written}", "stop", Wanted(low=0, high=10**7, integer=True, unit="tons"))
    assert isinstance(said, Said), said
    assert said.amount == value


@given(st.sampled_from([0, 1]), st.integers(0, 10), st.sampled_from(LINES), st.sampled_from(["{} {}", "{}, {} units"]))
@quick
def test_options_with_amounts_are_read_in_every_dressing(choice: int, value: int, line: str, order: str) -> None:
    wanted = WANTED["donor"]
    said = read(line.format(order.format(wanted.options[choice], value)), "stop", wanted)
    assert isinstance(said, Said), said
    assert (said.choice, said.amount) == (choice, value)


@given(NOISE, st.sampled_from(["J", "F"]))
@quick
def test_noise_before_a_marked_answer_changes_nothing(noise: str, label: str) -> None:
    said = read(f"{noise}\nANSWER: {label}", "stop", WANTED["letters"])
    alone = any(word in noise for word in ("player 2:", "round"))  # somebody else's turn is a matter of its own
    assert isinstance(said, Said) or alone, said
    assert isinstance(said, Unusable) or WANTED["letters"].options[said.choice or 0] == label


@given(
    st.one_of(
        st.text(max_size=300), NOISE, st.binary(max_size=200).map(lambda held: held.decode("utf-8", "surrogateescape"))
    ),
    st.sampled_from(["stop", "length", "content_filter", "", "tool_calls"]),
    st.sampled_from([*WANTED.values(), Wanted(text=True)]),
)
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_without_an_error_and_always_the_same(text: str, finish: str, wanted: Wanted) -> None:
    said = read(text, finish, wanted)
    assert said == read(text, finish, wanted)
    if isinstance(said, Unusable):
        assert said.kind in ("empty", "truncated", "refused", "unreadable", "ambiguous", "illegal")
        assert said.why.endswith(".")
        return
    assert len(said.words) <= 200
    assert said.words.isprintable()
    assert said.amount is None or (wanted.low is not None and wanted.low <= said.amount <= (wanted.high or 0))
    assert said.choice is None or 0 <= said.choice < len(wanted.options)


SILENT = (
    "the",
    "other",
    "has",
    "been",
    "kind",
    "so",
    "we",
    "must",
    "think",
    "of",
    "trust",
    "I",
    "choose",
    "to",
    "answer",
)


@given(
    st.lists(
        st.sampled_from([*SILENT, "ANSWER:", "is", "my", ".", "\n", "**", '"', "{", "}", "\\boxed{", "(", ")"]),
        max_size=30,
    )
)
@quick
def test_what_holds_no_option_and_no_number_is_never_an_answer(words: list[str]) -> None:
    for wanted in (WANTED["letters"], WANTED["gift"], WANTED["donor"], WANTED["claims"]):
        assert isinstance(read(" ".join(words), "stop", wanted), Unusable)


@given(st.text(max_size=300))
@quick
def test_a_plain_text_has_the_lines_that_it_had(text: str) -> None:
    broken = unbroken(text)
    assert plain(broken).count("\n") == broken.count("\n")


@given(st.floats(0, 1e6), st.booleans())
@quick
def test_what_was_shown_as_the_bound_is_the_bound(high: float, integer: bool) -> None:
    said = read(f"ANSWER: {shown(high)}", "stop", Wanted(low=0, high=high, integer=integer))
    assert isinstance(said, Unusable) or said.amount == high or (integer and said.amount == round(high))
    assert (
        isinstance(said, Said) or (integer and high != round(high)) or "point" in said.why or said.kind == "ambiguous"
    )


# -- what cannot be a matter of a table -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "part",
    [
        "a",
        "1,",
        "(",
        "{",
        '{"a":',
        "ANSWER: ",
        "ANSWER: J\n",
        "<think>",
        "\\boxed{",
        "I choose J. ",
        "*a",
        "\u0301",
        "\x1b[",
        "1 ",
    ],
)
def test_a_long_text_of_one_piece_is_read_in_the_end(part: str) -> None:
    for before in ("", "ANSWER: "):
        for wanted in (WANTED["letters"], WANTED["donor"]):
            read(before + part * (60_000 // len(part)), "stop", wanted)


def test_an_answer_after_a_megabyte_is_read() -> None:
    said = read("I think that it is 7 or 8, or J. " * 30_000 + "\nANSWER: F", "stop", WANTED["letters"])
    assert isinstance(said, Said)
    assert said.choice == 1


def test_words_are_those_it_was_read_from_with_controls_escaped() -> None:
    said = read("because\n**ANSWER:** \x1b[31mJ\x1b[0m\u202e\n\nbye", "stop", WANTED["letters"])
    assert isinstance(said, Said)
    assert said.words == "**ANSWER:** \\x1b[31mJ\\x1b[0m\\u202e"


def test_a_number_that_is_not_allowed_is_told_with_what_is() -> None:
    said = read("ANSWER: 12 units", "stop", WANTED["gift"])
    assert said == Unusable(
        "Your answer gives 12, which is more than 10. End your reply with one line that says ANSWER: followed by"
        " a number from 0 to 10 (units).",
        "illegal",
    )
    part = read("ANSWER: 2.5", "stop", WANTED["nine"])
    assert isinstance(part, Unusable)
    assert part.why.startswith("Your answer gives 2.5, which is not a whole number. ")


def test_only_rounding_is_forgiven() -> None:
    wanted = Wanted(low=0, high=11 / 3)
    for text, amount in (("3.667", 11 / 3), ("3.6666666666667", 11 / 3), ("3.6", 3.6)):
        assert read(f"ANSWER: {text}", "stop", wanted) == Said(amount=amount, words=f"ANSWER: {text}")
    for text in ("3.668", "3.6667", "-0.001"):
        assert isinstance(read(f"ANSWER: {text}", "stop", wanted), Unusable)


def test_free_text_is_kept_without_reasoning_and_escapes() -> None:
    wanted = Wanted(text=True)
    said = read("<think>secret</think>\n**They** cooperate.\x1b[2J\0\n- so do I\ud800", "stop", wanted)
    assert isinstance(said, Said)
    assert said.text == "**They** cooperate. \n- so do I"
    for text, finish, kind in (
        ("", "stop", "empty"),
        ("They co", "length", "truncated"),
        ("x", "content_filter", "refused"),
    ):
        assert read(text, finish, wanted) == Unusable(read(text, finish, wanted).why, kind)  # type: ignore[union-attr]  # it is one


def test_the_form_lists_all_options_alike_in_the_order_shown() -> None:
    letters = Wanted(options=("J", "F", "Q"), order=("Q", "J", "F"))
    assert form(letters) == "End your reply with one line that says ANSWER: followed by one of these: Q, J, F."
    assert schema(letters)["properties"]["answer"] == {"type": "string", "enum": ["Q", "J", "F"]}
    unread = read("?", "stop", letters)
    assert isinstance(unread, Unusable)
    assert unread.why.endswith(form(letters))
    assert form(WANTED["donor"]) == (
        "End your reply with one line that says ANSWER: followed by one of these: donate and a number,"
        " punish and a number, refuse; the number is from 0 to 10 (units)."
    )
    assert form(WANTED["claims"]).endswith("ANSWER: followed by a whole number from 2 to 100.")
    assert form(WANTED["rating"]).endswith("IMPORTANCE: followed by a whole number from 1 to 10.")
    assert form(Wanted(text=True)) == ""


@pytest.mark.parametrize("kind", WANTED)
def test_the_form_itself_is_no_answer(kind: str) -> None:
    for text in (form(WANTED[kind]), f"I was told: {form(WANTED[kind])}", f'"{form(WANTED[kind])}"'):
        assert isinstance(read(text, "stop", WANTED[kind]), Unusable)


@pytest.mark.parametrize("kind", WANTED)
def test_what_the_schema_allows_is_read(kind: str) -> None:
    wanted, parts = WANTED[kind], schema(WANTED[kind])["properties"]
    for answer_ in parts["answer"].get("enum", [3]):
        held = {"reasoning": 'ANSWER: 4 {"answer": 5}', "answer": answer_} | (
            {"amount": 0} if "amount" in parts else {}
        )
        said = read(json.dumps(held), "stop", wanted)
        assert isinstance(said, Said)
        expected = wanted.options.index(answer_) if wanted.options else None
        assert said.choice == expected
        assert list(held) == schema(wanted)["required"]
