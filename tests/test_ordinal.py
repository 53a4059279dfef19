"""The 144 ordinal games are made by a law; the published table is the authority."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared import truth

from dilemmas.errors import UnknownName, UsageError
from dilemmas.rules.ordinal import describe, find, identify, ordinal, patterns, payoffs
from dilemmas.rules.ordinal_names import CLASSES, MISPRINTS, PATTERNS

GAMES = st.integers(1, 144)


def entry(number: int) -> dict[str, Any]:
    """A game as the published table's keys have it."""
    game, printed = describe(number), payoffs(number, as_published=True)
    equal = all(np.array_equal(a, b) for a, b in zip(printed, payoffs(number), strict=True))
    found = {
        "game": game.number,
        "row": game.row,
        "col": game.column,
        "p1": [list(row) for row in game.first],
        "p2": [list(row) for row in game.second],
        "bruns_code": game.code,
        "row_pattern": game.patterns[0],
        "col_pattern": game.patterns[1],
        "symmetric": game.symmetric,
        "pure_nash": list(game.nash),
        "n_pure_nash": len(game.nash),
        "dominant_row": game.dominant[0],
        "dominant_col": game.dominant[1],
        "nash_family_derived": game.family,
        "published_name": game.title,
        "published_family": game.family,
        "published_payoffs_equal": equal,
        "published_payoffs": None if equal else {f"p{i}": side.ravel().tolist() for i, side in enumerate(printed, 1)},
        "class78": game.twin,
    }
    if game.family in ("PD Family", "Tragic"):
        found["nash_pareto_dominated"] = game.family == "PD Family"
    return found


def test_every_entry_of_the_published_table() -> None:
    for game in truth("repeated/games_2x2.json")["games"]:
        assert entry(game["game"]) == game


def test_every_matrix_as_it_was_played() -> None:
    for name, cells in truth("repeated/games144_payoffs.json").items():
        table = ordinal(int(name.removeprefix("game_")), as_published=True).table
        assert {cell: table[int(cell[0]) - 1, int(cell[1]) - 1].tolist() for cell in cells} == cells


def test_the_grid_holds_every_way_to_rank_once() -> None:
    assert len({pattern.tobytes() for pattern in patterns()}) == 12
    games = {tuple(map(int, np.concatenate([side.ravel() for side in payoffs(n)]))) for n in range(1, 145)}
    assert len(games) == 144
    assert max(describe(n).twin for n in range(1, 145)) == len(CLASSES) == 78
    assert [n for n in range(1, 145) if describe(n).symmetric] == [12 * r - r + 1 for r in range(12, 0, -1)][::-1]


def test_only_the_misprinted_games_have_ties() -> None:
    tied = {n for n in range(1, 145) if any(np.unique(side).size < 4 for side in payoffs(n, as_published=True))}
    assert tied == set(MISPRINTS)
    assert len(tied) == 15
    assert all(np.unique(side).size == 4 for n in range(1, 145) for side in payoffs(n))


@settings(max_examples=60, deadline=None)
@given(GAMES, st.booleans(), st.booleans(), st.floats(0.1, 9), st.floats(-5, 5))
def test_a_game_is_known_whatever_its_labels_and_scale(
    number: int, rows: bool, columns: bool, scale: float, shift: float
) -> None:
    sides = [side[:: -1 if rows else 1, :: -1 if columns else 1] * scale + shift for side in payoffs(number)]
    assert identify(*sides) == number


@settings(max_examples=30, deadline=None)
@given(GAMES)
def test_twins_are_the_same_game_seen_from_the_other_side(number: int) -> None:
    first, second = payoffs(number)
    other = identify(second.T, first.T)
    assert other is not None
    assert describe(other).twin == describe(number).twin
    assert describe(other).family == describe(number).family
    assert describe(other).dominant == describe(number).dominant[::-1]


def test_games_are_found_by_number_code_and_name() -> None:
    assert find(59) == find("59") == 59
    assert find("PdPd") == find("prisoner's dilemma") == find("Prisoners’ Dilemma") == 67
    assert [find(pattern) for pattern in PATTERNS] == [12 * row + 12 - row for row in range(12)]
    assert find("No Conflict") == find("Concord") == 133
    assert find("Asym Pd") == 66  # 79 is the same game with the players swapped


@pytest.mark.parametrize("unknown", [0, 145, -3, True, "999", "prisoner dilema", ""])
def test_unknown_games(unknown: Any) -> None:
    with pytest.raises(UnknownName) as caught:
        ordinal(unknown)
    assert "expected" in str(caught.value)


def test_a_name_of_several_games_says_which() -> None:
    said = r"'Generous' is the name of 8 different games; expected one of 14 \(BaHa\), 15"
    with pytest.raises(UsageError, match=said):
        find("Generous")
    with pytest.raises(UnknownName, match='Did you mean "Prisoner\'s Dilemma"'):
        find("prisoner's dilema")


def test_roles_where_action_1_is_cooperation_for_both() -> None:
    with_roles = {n for n in range(1, 145) if ordinal(n).roles}
    codes = {n: describe(n).code for n in range(1, 145)}
    assert with_roles == {n for n, code in codes.items() if {code[:2], code[2:]} <= {"Ch", "Pd", "Sh", "As"}}
    assert ordinal("PdPd").role("cooperate") == 0
    assert ordinal(67, roles={}).roles == {}


def test_parameters_of_play_are_handed_on() -> None:
    game = ordinal(59, rounds=7, noise=0.1)
    assert (game.rounds, game.noise, game.names[0]) == (7, 0.1, ("1", "2"))
