"""What is read from replies of models, and what never is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from dilemmas.strategies.replies import read
from dilemmas.strategies.wanted import Said, Unusable, Wanted

HERE = Path(__file__).parent / "replies"
WANTED = {
    "letters": Wanted(options=("J", "F"), noun="recipe"),
    "names": Wanted(options=("stag", "half a stag", "hare")),
    "words": Wanted(options=("A", "I")),
    "claims": Wanted(options=tuple(str(number) for number in range(2, 101))),
    "gift": Wanted(low=0.0, high=10.0, whole=10.0, unit="units"),
    "nine": Wanted(low=0, high=9, whole=9, integer=True, unit="tokens"),
    "harvest": Wanted(low=0, high=2000, whole=2000, integer=True, unit="tons of fish"),
    "rating": Wanted(low=1, high=10, integer=True, marker="IMPORTANCE"),
    "percent": Wanted(low=0, high=100, unit="percent"),
    "donor": Wanted(("donate", "punish", "refuse"), (True, True, False), 0.0, 10.0, whole=10.0, unit="units"),
}


def cases(name: str, key: str) -> list[Any]:
    found = []
    for group in yaml.safe_load((HERE / name).read_text(encoding="utf-8")):
        for expected, texts in group[key].items():
            for text in texts:
                given = (group["wanted"], group.get("finish", "stop"), text, expected)
                found.append(pytest.param(*given, id=f"{group['group'][:24]}-{len(found)}"))
    return found


def answer(wanted: Wanted, said: Said) -> Any:
    """An answer as the tables of cases write it."""
    if said.choice is None:
        return said.amount
    label = wanted.options[said.choice]
    return label if said.amount is None else f"{label} {said.amount:g}"


READ, UNREAD = cases("read.yaml", "read"), cases("unread.yaml", "unread")


@pytest.mark.parametrize(("kind", "finish", "text", "expected"), READ)
def test_what_people_really_get_back_is_read(kind: str, finish: str, text: str, expected: Any) -> None:
    said = read(text, finish, WANTED[kind])
    assert isinstance(said, Said), said
    assert answer(WANTED[kind], said) == expected


@pytest.mark.parametrize(("kind", "finish", "text", "expected"), UNREAD)
def test_what_is_no_clear_answer_is_never_read(kind: str, finish: str, text: str, expected: str) -> None:
    said = read(text, finish, WANTED[kind])
    assert isinstance(said, Unusable), said
    assert said.kind == expected
