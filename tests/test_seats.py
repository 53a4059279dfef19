"""Seats as people type them."""

from __future__ import annotations

from typing import Any

import pytest

from dilemmas.errors import UsageError
from dilemmas.specs.seats import Seat, parse


@pytest.mark.parametrize(
    ("text", "strategy", "parameters", "model", "count"),
    [
        ("tit-for-tat", "tit-for-tat", {}, "", 1),
        ("tit-for-tat=5", "tit-for-tat", {}, "", 5),
        ("constant-donor:fraction=0.5=12", "constant-donor", {"fraction": 0.5}, "", 12),
        ("fixed:amount=10=5", "fixed", {"amount": 10}, "", 5),
        ("fixed:amount=10", "fixed", {"amount": 10}, "", 1),
        ("scot@ollama/llama3.2:3b=6", "scot", {}, "ollama/llama3.2:3b", 6),
        ("cot:window=3@openai/gpt-4o-mini", "cot", {"window": 3}, "openai/gpt-4o-mini", 1),
        ("mine.py", "mine.py", {}, "", 1),
        ("mine.py=4", "mine.py", {}, "", 4),
        ("mine.py:decide", "mine.py:decide", {}, "", 1),
        ("mine.py:decide=4", "mine.py:decide", {}, "", 4),
        ("mine.py:decide:k=3", "mine.py:decide", {"k": 3}, "", 1),
        ("mine.py:decide:k=3=2", "mine.py:decide", {"k": 3}, "", 2),
        ("mine.py:k=0.3", "mine.py", {"k": 0.3}, "", 1),
        ("folder/mine.yaml:k=1e-3=2", "folder/mine.yaml", {"k": 0.001}, "", 2),
        ("random:p=1/3", "random", {"p": 1 / 3}, "", 1),
        ("scripted-moves:moves=[C, D]:then=cycle=3", "scripted-moves", {"moves": ["C", "D"], "then": "cycle"}, "", 3),
        ("axelrod/Gradual=2", "axelrod/Gradual", {}, "", 2),
    ],
)
def test_a_seat_is_read(text: str, strategy: str, parameters: dict[str, Any], model: str, count: int) -> None:
    assert parse(text) == Seat(strategy, parameters, model, count)


@pytest.mark.parametrize("text", ["", "=3", "tit-for-tat:fast", "tit-for-tat:=3", "tit-for-tat=0", "scot@", ":k=3"])
def test_what_has_no_meaning_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse(text)
