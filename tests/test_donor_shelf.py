"""The donor game and its strategies as the shelves have them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from donor_play import cast_of

from dilemmas.engine.batch import play
from dilemmas.engine.chance import Chance
from dilemmas.errors import SpecError
from dilemmas.rules.donor import Donor
from dilemmas.specs import games
from dilemmas.specs.reading import load
from dilemmas.specs.strategies import StrategyFile, build
from dilemmas.strategies.strategy import Strategy

SHELF = Path(__file__).resolve().parents[1] / "strategies"
FILES = {path.stem: StrategyFile(**load(path)) for path in sorted(SHELF.glob("*.yaml"))}
DONORS = {name: file for name, file in FILES.items() if file.family == "donor"}
THIRD = [*(f"l{i}" for i in range(1, 9)), "standing", "staying", "judging"]
TOLD = {"gossip-listener": {"by": "recipient"}}
PUBLIC = {"discriminator": "image", **dict.fromkeys(THIRD, "standing")}


def strategy(name: str, **numbers: Any) -> Strategy:
    return build(DONORS[name], numbers, name, None)


def test_the_shelf_has_the_names_that_scripts_hang_on() -> None:
    known = {"constant-donor", "never-donate", "always-donate", "mirror", "chain-average", "image-scorer", "punisher"}
    norms = {"simple-standing", "stern-judging", "shunning", "standing", "staying", "judging"}
    assert known | norms | {f"l{i}" for i in range(1, 9)} <= set(DONORS)


@pytest.mark.parametrize("name", DONORS)
def test_every_donor_strategy_plays_and_is_cited(name: str) -> None:
    file = DONORS[name]
    assert file.strategy == name and file.about.endswith(".") and any(c.isdigit() for c in file.source)
    norm = name if name in THIRD else "simple-standing"
    game = Donor(information=[PUBLIC.get(name, "trace")], mechanism="punish", norm=norm, gossip=TOLD.get(name))
    made = strategy(name)
    assert made.name == name
    score = play(game, cast_of([made] * 12, 4), Chance.of(0, 1, 4)).score
    assert score.payoff.mean() >= 10


def test_parameters_have_the_names_of_the_contract() -> None:
    wanted = {
        "constant-donor": {"fraction"},
        "mirror": {"first"},
        "chain-average": {"first", "add", "low", "high"},
        "image-scorer": {"first", "threshold", "high", "low"},
        "simple-standing": {"first", "threshold", "high", "low"},
        "stern-judging": {"first", "threshold", "high", "low"},
        "shunning": {"first", "threshold", "high", "low"},
        "punisher": {"threshold", "spend", "high", "first"},
    }
    assert {name: set(DONORS[name].parameters) for name in wanted} == wanted


@pytest.mark.parametrize(("name", "share"), [("never-donate", 0.0), ("always-donate", 1.0), ("constant-donor", 0.5)])
def test_unconditional_donors(name: str, share: float) -> None:
    moves = play(Donor(zero_trace="null"), cast_of([strategy(name)] * 12), Chance.of(0, 1, 1)).moves
    assert moves is not None
    known = moves["share"][moves["share"] == moves["share"]]
    assert known == pytest.approx(share)


def test_the_game_file_says_which_switch_gives_which() -> None:
    game = games.load("donor")
    assert isinstance(game.rules, Donor) and game.rules == Donor()
    assert {"schedule", "maximum", "games", "selection", "zero_trace", "scores_in_advice"} <= set(game.notes)
    assert "30,720" in game.notes["maximum"] and "15,360" in game.notes["maximum"]
    assert set(game.words.labels) == {"donate", "punish", "refuse"}


def test_written_pairings_bring_their_own_size() -> None:
    rules = games.load("donor", {"pairings": [[[1, 2], [4, 3]], [[2, 1]]]}).rules
    assert isinstance(rules, Donor) and (rules.seats, rules.rounds) == (4, 2)


def test_a_wrong_switch_is_one_line_with_its_key() -> None:
    with pytest.raises(SpecError, match=r"^game\.schedule: .*rounds <= 6 or at least 24 seats$"):
        games.load("donor", {"schedule": "no-repeat"})
