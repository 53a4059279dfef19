"""Scripts in words: what is said of them is true, for the whole shelf; read back, it plays as they do."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shelf_files import said

import dilemmas as dl
from dilemmas.rules.game import Game
from dilemmas.runs.trials import trials
from dilemmas.specs import catalogue, seats
from dilemmas.strategies.described import LARGE, automaton, described, merged
from dilemmas.strategies.machine import Machine, Table, memory_one
from dilemmas.strategies.strategy import Strategy

LABELS = (("J", "F"), ("J", "F"))
GAMES = {"matrix": "prisoners-dilemma", "donor": "donor", "commons": "fishery", "public-goods": "public-goods"}
CASE = re.compile(r"Case (\d+): it chooses (.+?)\. Next comes (.+?)\.(?= Case|$)")


@cache
def rules(family: str, **changes: object) -> Game:
    return dl.game(GAMES[family], **changes).rules


def shelf() -> list[tuple[str, str]]:
    """Names and families of all scripts on the shelf that need no further word."""
    found = []
    for path in sorted(catalogue.shelf("strategies").glob("*.yaml")):
        data = said(path)
        if "prompted" not in data and path.stem != "scripted-moves":
            found.append((path.stem, data.get("for", "matrix") if data.get("for") in GAMES else "matrix"))
    return found


def told(strategy: Strategy, game: Game) -> str:
    labels = LABELS if game.kind == "matrix" else ()
    return described(strategy, game, labels, "units", trials(strategy, game, labels))


@pytest.mark.parametrize(("name", "family"), shelf())
def test_every_script_of_the_shelf_is_described(name: str, family: str) -> None:
    text = told(seats.strategy(name), rules(family))
    assert text.startswith("It follows a fixed rule") and text.endswith(".") and len(text) < 3000
    assert "called" not in text  # a name tells nothing of what it does
    if family == "matrix":
        assert not re.search(r"\b[CD]\b|cooperat|defect", text)


# -- automata ---------------------------------------------------------------------------------------------------------


def read_back(text: str) -> Table:
    """The automaton that a reader of the text makes of it, for two actions called J and F."""
    if "Case" not in text:
        play = np.array([chances(re.findall(r"in every round it chooses (.+?)\.$", text)[0])])
        return Table(play, np.zeros((1, 5), np.intp))
    cases = CASE.findall(text)
    assert [int(number) for number, _, _ in cases] == list(range(1, len(cases) + 1))
    play = np.array([chances(chosen) for _, chosen, _ in cases])
    return Table(play, np.array([[*goes(then), place] for place, (_, _, then) in enumerate(cases)], np.intp))


def chances(words: str) -> list[float]:
    said = {label: float(many) / 100 for label, many in re.findall(r"([JF]) with a chance of ([\d.]+) %", words)}
    return [said.get(label, 0.0) if said else float(words == label) for label in "JF"]


def goes(words: str) -> list[int]:
    if re.fullmatch(r"case \d+", words):
        return [int(words[5:]) - 1] * 4
    both = {
        mine + theirs: int(n) - 1
        for n, mine, theirs in re.findall(r"case (\d+) if it chose (.) and the other (.)", words)
    }
    alone = {theirs: int(n) - 1 for n, theirs in re.findall(r"case (\d+) if the other chose (.)", words)}
    return [both[mine + theirs] if both else alone[theirs] for mine in "JF" for theirs in "JF"]


def same(one: Table, other: Table, codes: list[int]) -> None:
    """They play alike on every way through the codes that were seen."""
    here, there = 0, 0
    for code in codes:
        assert one.play[here] == pytest.approx(other.play[there], abs=1e-5)
        here, there = one.then[here, code], other.then[there, code]


MACHINES = [name for name, family in shelf() if family == "matrix" and isinstance(seats.strategy(name), Machine)]


@pytest.mark.parametrize("name", MACHINES)
def test_an_automaton_read_back_plays_as_it_does(name: str) -> None:
    strategy = seats.strategy(name)
    assert isinstance(strategy, Machine)
    table = strategy.fit(rules("matrix"), 0)
    if len(set(merged(table))) > LARGE:
        assert "In trials" in told(strategy, rules("matrix"))
        return
    again, luck = read_back(told(strategy, rules("matrix"))), np.random.default_rng(7)
    assert len(again.play) == len(set(merged(table)))
    for _ in range(20):
        same(table, again, luck.integers(0, 4, 40).tolist())


def test_an_automaton_in_words() -> None:
    game = rules("matrix")
    assert told(seats.strategy("tit-for-tat"), game) == (
        "It follows a fixed rule and begins with case 1. "
        "Case 1: it chooses J. Next comes case 1 if the other chose J or case 2 if the other chose F. "
        "Case 2: it chooses F. Next comes case 1 if the other chose J or case 2 if the other chose F."
    )
    assert told(seats.strategy("always-defect"), game) == "It follows a fixed rule: in every round it chooses F."
    shift = told(seats.strategy("win-stay-lose-shift"), game)
    assert "Next comes case 1 if it chose J and the other J, case 2 if it chose J and the other F" in shift


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 4).map(lambda k: k / 4), min_size=5, max_size=5), st.lists(st.integers(0, 3), max_size=12)
)
def test_any_memory_one_strategy_read_back_plays_as_it_does(numbers: list[float], codes: list[int]) -> None:
    table = memory_one("m", numbers[0], dict(zip(("CC", "CD", "DC", "DD"), numbers[1:], strict=True)))
    fitted = table.fit(rules("matrix"), 0)
    same(fitted, read_back(automaton(fitted, LABELS)), codes)


def test_where_the_seats_differ_both_are_told() -> None:
    game = dl.game("ordinal", game=1).rules  # actions mean different things to the two
    strategy = seats.strategy("always-first")
    text = described(strategy, game, (("J", "F"), ("Q", "X")))
    assert "As the first of the two players: " in text and "chooses J." in text
    assert "As the second of the two players: " in text and "chooses Q." in text


def test_trials_are_what_it_does() -> None:
    strategy, game = seats.strategy("go-by-majority"), rules("matrix", noise=0.3)
    made = dict(trials(strategy, game, LABELS))
    assert made["always chooses J"] == ["J"] * 8
    assert made["always chooses F"] == ["J", *["F"] * 7]
    assert made["takes turns between J and F"] == ["J", "J", "J", "J", "J", "J", "J", "J"]
    assert trials(strategy, rules("donor"), ()) == []


# -- rules with numbers -----------------------------------------------------------------------------------------------


def part(words: str) -> float:
    """A share as it is told."""
    return 0.0 if words == "nothing" else 1.0 if words.startswith("all") else float(words.split(" %")[0]) / 100


SHARE = r"(nothing|all of what it has|[\d.]+ % of what it has)"


def giver(text: str) -> Callable[[float | None], float]:
    """What a reader of the text gives to one whose last share it knows, or does not know."""
    unknown = [part(one) for one in re.findall(rf"(?:Where nothing|Where it is told).*?it gives {SHARE}", text)]

    def first(seen: float | None, known: Callable[[float], float]) -> float:
        return unknown[0] if seen is None else known(seen)

    if found := re.search(rf"It gives {SHARE}, whoever", text):
        return lambda seen: part(found[1])
    if "the same share" in text:
        return lambda seen: first(seen, lambda share: share)
    if found := re.search(r"(adds|takes away) ([\d.]+) percentage.*less than ([\d.]+) % or more than ([\d.]+) %", text):
        add = (1 if found[1] == "adds" else -1) * float(found[2])
        low, high = float(found[3]), float(found[4])
        return lambda seen: first(seen, lambda share: min(max(100 * share + add, low), high) / 100)
    found = re.search(rf"It gives {SHARE} to a recipient .*?, and {SHARE} to", text)
    assert found
    reaches = float(re.findall(r"([\d.]+) % or more of what (?:it|one)", text)[0]) / 100
    return lambda seen: first(seen, lambda share: part(found[1] if share >= reaches - 1e-9 else found[2]))


@pytest.mark.parametrize(
    "player",
    [
        "constant-donor:fraction=0.3",
        "always-donate",
        "never-donate",
        "mirror:first=0.45",
        "chain-average:first=0.4:add=-0.2:low=0.05:high=0.6",
        "chain-average",
        "image-scorer:threshold=0.25:high=0.6:low=0.1:first=0.35",
        "simple-standing:threshold=0.4",
        "stern-judging:high=0.9",
        "shunning:low=0.2",
    ],
)
def test_a_reader_of_a_giver_gives_as_it_does(player: str) -> None:
    game = dl.game("donor", rounds=8, trace=1)
    gives = giver(told(seats.strategy(player), game.rules))
    others = [f"constant-donor:fraction={share}" for share in (0, 0.2, 0.45, 0.7, 1)]
    moves = dl.play(game, [player, *others, "mirror:first=0.3", "image-scorer"], seed=3).moves
    last: dict[str, float] = {}
    seen = 0
    for _, turn in moves.groupby("round", sort=True):
        for row in turn[(turn.agent == "g1-1") & turn.share.notna()].itertuples():  # it had something to give
            assert row.share == pytest.approx(gives(last.get(str(row.partner))), abs=1e-9)
            seen += 1
        last |= dict(zip(turn.agent, turn.share.fillna(1.0), strict=True))  # who has nothing is listed with all
    assert seen >= 3


TOLD = [
    ("donor", {"information": ["image"]}, "image-scorer:threshold=2", "image score is 2 or more"),
    ("donor", {"information": ["image"]}, "discriminator:k=2:units=1", "It gives 1 unit, or all it has where that is"),
    ("donor", {"information": ["image"]}, "discriminator:k=-5", "to everybody."),
    ("donor", {"information": ["image"]}, "discriminator:k=6", "It gives nothing to anybody."),
    (
        "donor",
        {"information": ["standing"], "norm": "l3"},
        "l1:high=0.5",
        "its own is bad, 50 % of what it has and 50 %",
    ),
    (
        "donor",
        {"information": ["standing"], "norm": "l3"},
        "shunning",
        "good standing, and nothing to one in bad. Where",
    ),
    ("donor", {"mechanism": "punish"}, "punisher", "On taking units from any other it spends 50 % of what it has."),
    ("commons", {}, "fixed:amount=7", "In every round it wants 7 units."),
    ("commons", {}, "greedy", "an equal part of 100 units, however much is left"),
    ("commons", {}, "restrained:share=0.25", "In every round it wants 25 % of its sustainable share"),
    ("commons", {}, "noisy-matcher", "With a chance of 10 % it takes a random amount instead"),
    (
        "public-goods",
        {},
        "conditional:slope=0.5:first=0.2",
        "it contributes 20 % of its endowment. After that, it contrib",
    ),
    ("public-goods", {}, "conditional:slope=0.5", "50 % of what the others contributed on average in the round before"),
    ("public-goods", {}, "hump:peak=0.4", "if that was 40 % of the endowment or less; the more they gave beyond 40 %"),
    ("public-goods", {"punishment": {}}, "punishing-contributor", "5 points of punishment each to everybody who contr"),
    (
        "public-goods",
        {"punishment": {"most": 3}},
        "antisocial-punisher",
        "it gives 3 points of punishment each to every",
    ),
    (
        "public-goods",
        {"reward": {}},
        "rewarding-contributor",
        "5 points of reward each to everybody who contributed as",
    ),
    (
        "public-goods",
        {},
        "scripted-moves:moves=[3,5]:then=cycle",
        "from a list, in this order: 3 and 5. Then it begins",
    ),
]


@pytest.mark.parametrize(("family", "changes", "player", "words"), TOLD)
def test_numbers_and_rules_of_the_game_stand_in_the_sentence(
    family: str, changes: dict[str, object], player: str, words: str
) -> None:
    assert words in told(seats.strategy(player), dl.game(GAMES[family], **changes).rules)


def test_points_are_told_only_where_the_game_has_them() -> None:
    text = told(seats.strategy("punishing-contributor"), rules("public-goods"))
    assert text == "It follows a fixed rule. In every round it contributes all of its endowment."
