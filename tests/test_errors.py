"""The tree of errors: told in one line, sent home by workers as they were, changed without loss."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator

import pytest

from dilemmas import errors
from dilemmas.errors import CapReached, DilemmasError, SpecError, nearest
from dilemmas.specs import games

PARTS = {"where": "game.yaml:3: rounds", "expected": "a number", "remedy": "Write one."}


def kinds(root: type[DilemmasError] = DilemmasError) -> Iterator[type[DilemmasError]]:
    yield root
    for kind in root.__subclasses__():
        yield from kinds(kind)


def full(kind: type[DilemmasError]) -> DilemmasError:
    more = {SpecError: {"key": ("rounds",)}, CapReached: {"cap": "calls"}}
    own = next((parts for root, parts in more.items() if issubclass(kind, root)), {})
    return kind("'x' is wrong", **PARTS, **own)


@pytest.mark.parametrize("kind", [kind for kind in kinds() if kind.__module__ == errors.__name__])
def test_errors_survive_the_way_home_and_are_retold_whole(kind: type[DilemmasError]) -> None:
    error = full(kind)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind and str(again) == str(error) and again.parts == error.parts
    other = error.retold("'y' is wrong", where="elsewhere")
    assert type(other) is kind and other.parts == error.parts | {"where": "elsewhere"}
    assert str(other) == "elsewhere: 'y' is wrong; expected a number. Write one."


def test_the_tree_is_told_whole() -> None:
    told = re.findall(r"^[ │├└─]*(\w+) {2,}\S", errors.__doc__ or "", re.MULTILINE)
    assert sorted(told) == sorted(kind.__name__ for kind in kinds() if kind.__module__ == errors.__name__)


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"rounds": -1}, "game.rounds"),
        ({"payoffs.CD": "x"}, "game.payoffs.CD"),
        ({"roundz": 3}, "game.roundz"),
        ({"presentation": 3, "rounds": 4}, "game.presentation"),
        ({"rounds": 3, "actions": ["a", "b"]}, "game.rounds, game.actions"),
    ],
)
def test_a_mistake_in_what_was_given_is_not_the_files(given: dict[str, object], where: str) -> None:
    with pytest.raises(SpecError) as caught:
        games.load("prisoners-dilemma", given)
    assert caught.value.where == where


def test_the_nearest_name_is_told_or_none() -> None:
    assert nearest("roundz", ["rounds", "seats"]) == "Did you mean 'rounds'?"
    assert nearest("zzz", ["rounds", "seats"]) == ""
