"""The stand-in answers what is wanted, legally, in words that are read as anybody's; and for nothing."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dilemmas.models.rehearsal import Rehearsal, drawn
from dilemmas.models.speaker import Reply, Request
from dilemmas.strategies.replies import form, read, schema
from dilemmas.strategies.wanted import Said, Wanted

BOUNDED = settings(max_examples=150, deadline=None)
draws = st.floats(0, 1, exclude_max=True)
labels = st.lists(st.sampled_from(["J", "F", "Q", "X", "give", "hold back", "Recipe 1"]), min_size=1, unique=True)


@st.composite
def wanted(draw: st.DrawFn) -> Wanted:
    options = tuple(draw(labels)) if draw(st.booleans()) else ()
    amounts = tuple(draw(st.booleans()) for _ in options)
    integer = draw(st.booleans())
    low = draw(st.integers(0, 20))
    high = low + draw(st.integers(0 if integer else 1, 100))
    if options and not any(amounts):
        return Wanted(options, amounts)
    # Half units are a range whose ends are no whole numbers.
    shift = 0.0 if integer else draw(st.sampled_from([0.0, 0.5]))
    return Wanted(options, amounts, low + shift, high + shift, integer, unit=draw(st.sampled_from(["", "points"])))


def said(what: dict[str, Any], messages: tuple[str, ...] = ("What do you do?",), **sampling: Any) -> Reply:
    request = Request(
        "rehearsal", tuple({"role": "user", "content": text} for text in messages), sampling, lambda: what
    )
    return asyncio.run(Rehearsal().say(request, 5))


def answer(what: Wanted, draw: float, **sampling: Any) -> Said:
    reply = said({**what.plain(), "draw": draw}, **sampling)
    found = read(reply.text, reply.finish, what)
    assert isinstance(found, Said), (reply.text, found)
    return found


def meant(what: Wanted, draw: float) -> tuple[int | None, float | None]:
    option, amount = drawn(what.plain(), draw)
    return None if option is None else what.options.index(option), amount


@BOUNDED
@given(wanted(), draws)
def test_its_words_are_read_as_what_was_drawn(what: Wanted, draw: float) -> None:
    found = answer(what, draw)
    choice, amount = meant(what, draw)
    assert found.choice == choice
    assert found.amount == pytest.approx(amount)


@BOUNDED
@given(wanted(), draws)
def test_its_json_is_read_as_what_was_drawn_and_has_the_form_that_was_asked_for(what: Wanted, draw: float) -> None:
    found = answer(what, draw, response_format={"type": "json_object"})
    assert (found.choice, found.amount) == meant(what, draw)
    text = said({**what.plain(), "draw": draw}, response_format={"type": "json_object"}).text
    assert set(json.loads(text)) == set(schema(what)["required"])


@BOUNDED
@given(wanted(), draws)
def test_what_is_drawn_is_legal(what: Wanted, draw: float) -> None:
    choice, amount = meant(what, draw)
    assert (choice is None) == (not what.options)
    takes = what.amounts[choice] if choice is not None else True
    assert (amount is not None) == takes
    if amount is not None:
        assert what.low <= amount <= what.high
        assert not what.integer or (isinstance(amount, int) and amount == round(amount))


def test_every_option_and_both_ends_come_up_in_equal_parts() -> None:
    places = [number / 600 for number in range(600)]
    options = [answer(Wanted(("J", "F", "Q"), (False,) * 3), draw).choice for draw in places]
    assert [options.count(place) for place in range(3)] == [200] * 3
    numbers = [answer(Wanted(low=0, high=5, integer=True), draw).amount for draw in places]
    assert [numbers.count(value) for value in range(6)] == [100] * 6


def test_amounts_are_spread_whatever_the_option() -> None:
    what = Wanted(("keep", "give"), (False, True), 0, 9, True)
    found = {answer(what, number / 1000).amount for number in range(1000)}
    assert found == {None, *range(10)}


def test_a_range_without_room_for_two_digits_is_kept() -> None:
    what = Wanted(low=0.001, high=0.004)
    for draw in (0.0, 0.3, 0.999):
        assert 0.001 <= drawn(what.plain(), draw)[1] <= 0.004


@pytest.mark.parametrize("what", [Wanted(text=True).plain(), {}])
def test_free_text_is_a_sentence_or_two(what: dict[str, Any]) -> None:
    text = said({**what, "draw": 0.4}).text
    assert text.endswith(".") and "ANSWER" not in text
    assert read(text, "stop", Wanted(text=True)).text == text


def test_words_vary_and_the_same_draw_says_the_same() -> None:
    what = Wanted(("J", "F"), (False, False)).plain()
    texts = [said({**what, "draw": number / 997}).text for number in range(200)]
    assert len(set(texts)) > 50
    assert texts == [said({**what, "draw": number / 997}).text for number in range(200)]


def test_it_uses_the_marker_that_was_asked_for() -> None:
    what = Wanted(("J", "F"), (False, False), marker="PREDICTION")
    assert "PREDICTION:" in form(what)
    assert "PREDICTION:" in said({**what.plain(), "draw": 0.1}).text.replace("*", "")


def test_it_costs_nothing_sends_nothing_and_says_that_it_is_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*args: Any) -> None:
        raise AssertionError("the network was asked for")

    monkeypatch.setattr(socket.socket, "connect", connect)
    reply = said(Wanted(low=0, high=1).plain(), ("12345678", "äöü"), temperature=0.3)
    assert (reply.cost, reply.simulated, reply.model, reply.finish) == (0.0, True, "rehearsal", "stop")
    assert reply.usage.prompt == 2 + 2  # bytes in fours, upwards
    assert reply.usage.completion == -(-len(reply.text.encode()) // 4)
    assert reply.sent == {"temperature": 0.3}
    asyncio.run(Rehearsal().close())
