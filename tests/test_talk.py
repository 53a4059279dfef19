"""Talk in every game: who has the word, who hears it, that silence costs nothing, and whether pledges are kept."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dilemmas as dl
from dilemmas.engine import batch, live
from dilemmas.engine.chance import Chance
from dilemmas.engine.record import Played
from dilemmas.errors import DilemmasError, IllegalAnswer, SpecError
from dilemmas.rules.game import Answers, Ask, Game, Outcome
from dilemmas.rules.talk import END, PASS
from dilemmas.rules.talk import limit as middle
from dilemmas.specs import games, seats
from dilemmas.specs.seats import Seat
from dilemmas.strategies.strategy import Cast, Strategy
from dilemmas.testing import game_contract
from dilemmas.testing.compare import difference

FAMILIES: dict[str, tuple[str, dict[str, Any]]] = {
    "prisoners-dilemma": ("always-cooperate", {"continuation": 0.7}),
    "donor": ("constant-donor", {"seats": 4, "rounds": 4}),
    "fishery": ("sustainable", {"rounds": 6}),
    "public-goods": ("contributor", {"rounds": 3, "punishment": {}, "seats": 3}),
}
WAYS: list[dict[str, Any]] = [
    {"when": "before"},
    {"when": "after", "order": "random"},
    {"when": ["before", "after"], "order": "named", "turns": 7},
    {"private": True, "pledges": True, "order": "random", "turns": 5},
    {"when": "after", "private": True, "order": "named", "closing": True},
]


def saying(folder: Path, name: str, rule: str = "", says: Any = "I say so.", **keys: Any) -> Strategy:
    """A shelf strategy's rule with a line."""
    import yaml

    _, path = seats.read_file(name)
    data = yaml.safe_load(path.read_text("utf-8")) | {"strategy": f"{name}-aloud", "says": says, **keys}
    (folder / f"{name}-aloud.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")
    return seats.strategy(Seat(str(folder / f"{name}-aloud.yaml"), {}))


def made(game: str, talk: Any = None, **parameters: Any) -> Game:
    return games.load(game, {**FAMILIES[game][1], **parameters, "talk": talk}).rules


def cast(game: Game, *members: Strategy, episodes: int = 9) -> Cast:
    """Members in seats by turns, so that some episodes have silent seats only."""
    rows = [[(seat + row // 2) % len(members) for seat in range(game.seats)] for row in range(episodes)]
    return Cast(members, np.array(rows))


def luck(episodes: int = 9, seed: int = 1) -> Chance:
    return Chance.of(seed, 1, episodes)


def places(played: Played, *names: str) -> list[tuple[Any, ...]]:
    assert played.messages is not None
    return list(zip(*(played.messages[name].tolist() for name in names or ("round", "ask", "seat")), strict=True))


class Puppet:
    """A voice that says and decides what it is told to."""

    def __init__(self, say: Any, choice: int | None = None, amount: float | None = None) -> None:
        self.say, self.choice, self.amount = say, choice, amount
        self.outcomes: list[Outcome] = []

    async def answer(self, game: Game, ask: Ask, row: int) -> Answers:
        if ask.floor is None:
            choice = None if self.choice is None else np.array([self.choice])
            return Answers(choice, None if self.amount is None else np.array([self.amount]))
        said = self.say(ask, row) if callable(self.say) else self.say
        said = {"text": said} if isinstance(said, str) else said
        parts = {name: np.array([value], object if name == "text" else None) for name, value in said.items()}
        return Answers(**parts)

    def told(self, game: Game, outcome: Outcome) -> None:
        self.outcomes.append(outcome)


def spoken(game: Game, *voices: Puppet | None, seed: int = 1) -> Played:
    """One episode with puppets in their seats, and silent scripts in the others."""
    script = dl.strategy(next(name for kind, (name, _) in FAMILIES.items() if games.load(kind).kind == game.kind))
    sitting = {seat: voice for seat, voice in enumerate(voices) if voice is not None}
    who = Cast((script,), np.zeros((1, game.seats), np.int64))
    return asyncio.run(live.play(game, who, luck(1, seed), lambda _: sitting))


# -- where nobody speaks ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("talk", WAYS)
def test_silence_changes_and_asks_nothing(name: str, talk: dict[str, Any]) -> None:
    quiet, mute = made(name), made(name, talk)
    script = dl.strategy(FAMILIES[name][0])
    asked: list[str] = []
    plain = batch.play(quiet, cast(quiet, script), luck())
    keep = type(mute).ask
    try:
        type(mute).ask = lambda self, state: asked.append("game") or keep(self, state)  # type: ignore[method-assign]  # a count
        silent = batch.play(mute, cast(mute, script), luck())
    finally:
        type(mute).ask = keep  # type: ignore[method-assign]  # as it was
    assert difference(plain, silent) == "" and silent.messages is None
    steps = len({(r, a) for r, a in zip(silent.moves["round"], silent.moves["ask"], strict=True)})  # type: ignore[index]  # kept
    assert len(asked) <= steps + 1


@pytest.mark.parametrize("name", FAMILIES)
def test_a_game_without_talk_is_known_as_before(name: str) -> None:
    assert not {"talk", "sight"} & games.parameters_of(games.load(name).rules).keys()
    assert games.parameters_of(made(name, {"turns": 2}))["talk"]["turns"] == 2
    assert games.parameters_of(games.load("fishery", {"sight": False}).rules)["sight"] is False


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("talk", WAYS[2:4])
def test_games_with_talk_keep_their_contract(name: str, talk: dict[str, Any]) -> None:
    assert game_contract(made(name, talk)).decisions


# -- scripts with a line ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("talk", WAYS)
def test_batches_single_episodes_and_the_live_driver_say_the_same(
    name: str, talk: dict[str, Any], tmp_path: Path
) -> None:
    game, shelf = made(name, talk), FAMILIES[name][0]
    who = cast(game, saying(tmp_path, shelf), dl.strategy(shelf))
    whole = batch.play(game, who, luck())
    assert whole.messages is not None
    for size in (1, 4):
        assert difference(whole, batch.play(game, who, luck(), chunk=size)) == ""
    assert difference(whole, asyncio.run(live.play(game, who, luck()))) == ""


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("talk", WAYS)
def test_what_is_said_moves_nothing_and_every_ask_has_its_own_number(
    name: str, talk: dict[str, Any], tmp_path: Path
) -> None:
    shelf = FAMILIES[name][0]
    aloud = [saying(tmp_path, shelf), dl.strategy(shelf)]
    game, quiet = made(name, talk), made(name)
    played = batch.play(game, cast(game, *aloud), luck())
    silent = batch.play(quiet, cast(quiet, *aloud), luck())
    assert np.array_equal(played.score.payoff, silent.score.payoff)
    assert played.moves is not None and silent.moves is not None and played.messages is not None
    for column in ("amount", "action", "payoff"):
        if column in silent.moves:
            assert np.array_equal(played.moves[column], silent.moves[column], equal_nan=True)
    rows = [
        tuple(row)
        for part in (played.moves, played.messages)
        for row in np.stack([part[key] for key in ("episode", "round", "ask", "seat")], 1).tolist()
    ]
    assert len(set(rows)) == len(rows)
    messages = np.stack([played.messages[key] for key in ("episode", "round", "ask", "seat")], 1).tolist()
    assert messages == sorted(messages)


def test_a_line_and_a_pledge_of_a_script(tmp_path: Path) -> None:
    loud = saying(tmp_path, "greedy", says={"text": "Only ten.", "pledge": 10})
    game = dl.game("fishery", talk={"pledges": True, "turns": 1}, rounds=1)
    result = dl.play(game, [loud, *["sustainable"] * 4])
    assert result.messages.text.tolist() == ["Only ten."]
    assert result.messages.pledge.tolist() == [10] and not result.messages.kept[0]  # it takes 20
    assert result.tables["agents"].list("kept_share") == [0.0, None, None, None, None]
    assert result.tables["agents"].list("pledges") == [1, 0, 0, 0, 0]


def test_a_line_of_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="words of its own"):
        saying(tmp_path, "plain")


def test_a_pledge_that_is_no_answer_is_an_error(tmp_path: Path) -> None:
    loud = saying(tmp_path, "always-cooperate", says={"text": "", "pledge": "dance"})
    with pytest.raises(IllegalAnswer, match="dance"):
        dl.play(dl.game("prisoners-dilemma", talk={"pledges": True}), [loud, "always-defect"])


# -- who has the word ------------------------------------------------------------------------------------------------


def test_a_fixed_order_goes_round_and_stops_at_its_turns() -> None:
    game = made("fishery", {"turns": 7}, rounds=1)
    played = spoken(game, *[Puppet("I.", amount=0.0) for _ in range(5)])
    assert places(played) == [(1, k + 1, s) for k, s in enumerate([1, 2, 3, 4, 5, 1, 2])]
    assert played.moves is not None and played.moves["ask"].tolist() == [8] * 5


def test_silent_seats_are_passed_over() -> None:
    game = made("fishery", {"turns": 5}, rounds=1)
    voices = [Puppet("I.", amount=0.0) if seat in (1, 3) else None for seat in range(5)]
    assert places(spoken(game, *voices)) == [(1, 1, 2), (1, 2, 4)]


def test_a_drawn_order_is_fair_and_drawn_anew() -> None:
    game = made("public-goods", {"order": "random", "turns": 6}, punishment=None, rounds=40)
    played = spoken(game, *[Puppet("I.", amount=0.0) for _ in range(3)])
    assert played.messages is not None
    order = played.messages["seat"].reshape(40, 2, 3)
    assert (np.sort(order, axis=2) == [1, 2, 3]).all()
    assert len({tuple(lap) for lap in order.reshape(80, 3).tolist()}) == 6


@pytest.mark.parametrize(
    ("names", "speakers"),
    [
        ([2, 4, 2, 0, 1, 3, 0, 4, 1], [1, 3, 5, 3, 1, 2, 4, 1, 5]),  # nine turns, though nobody ended it
        ([1, END], [1, 2]),
        ([END], [1]),
        ([PASS, PASS, 0, END], [1, 2, 3, 1]),
    ],
)
def test_the_speaker_names_the_next_or_ends_the_talk(names: list[int], speakers: list[int]) -> None:
    game = made("fishery", {"order": "named", "turns": 9}, rounds=1)
    left = iter(names)
    voices = [Puppet(lambda ask, row: {"text": "I.", "to": next(left)}, amount=0.0) for _ in range(5)]
    assert [seat for _, _, seat in places(spoken(game, *voices))] == speakers


def test_a_named_seat_that_cannot_speak_hands_the_word_on() -> None:
    game = made("fishery", {"order": "named", "turns": 4}, rounds=1)
    say = Puppet(lambda ask, row: {"text": "I.", "to": 1}, amount=0.0)
    assert [seat for _, _, seat in places(spoken(game, say, None, None, say, None))] == [1, 4, 1, 4]
    assert [seat for _, _, seat in places(spoken(game, None, None, None, say, None))] == [4]


@pytest.mark.parametrize(("to", "text"), [(0, "I."), (7, "I."), (1, 5)])
def test_names_that_nobody_has_are_refused(to: int, text: Any) -> None:
    with pytest.raises(IllegalAnswer):
        spoken(made("prisoners-dilemma", True), Puppet({"text": text, "to": to}, choice=0), None)


@pytest.mark.parametrize(("closing", "rounds"), [(False, [1, 2]), (True, [1, 2, 3])])
def test_talk_after_the_last_round_is_asked_for(closing: bool, rounds: list[int]) -> None:
    game = made("fishery", {"when": "after", "turns": 1, "closing": closing}, rounds=3)
    voices = [Puppet("I.", amount=0.0) for _ in range(5)]
    assert [place[0] for place in places(spoken(game, *voices))] == rounds


def test_a_lake_that_died_is_talked_of_as_published() -> None:
    for closing, rounds in ((False, []), (True, [1])):
        game = made("fishery", {"when": "after", "turns": 1, "closing": closing}, rounds=3)
        played = spoken(game, *[Puppet("I.", amount=20.0) for _ in range(5)])
        assert [place[0] for place in (places(played) if played.messages else [])] == rounds


def test_newcomers_speak_and_hear_when_they_are_there() -> None:
    game = made("fishery", {}, rounds=2, joins={5: 2})
    played = spoken(game, *[Puppet("I.", amount=0.0) for _ in range(5)])
    assert [seat for _, _, seat in places(played)] == [1, 2, 3, 4, 1, 2, 3, 4, 5]
    assert played.messages is not None
    assert {seat for to in played.messages["to"][:4] for seat in to} == {0, 1, 2, 3}


def test_pairs_of_the_donor_game_talk_apart_at_the_same_time() -> None:
    voices = [Puppet("I.", amount=0.0) for _ in range(4)]
    game = made("donor", {"private": True, "when": ["before", "after"]}, rounds=2, shuffle=False)
    played = spoken(game, *voices)
    assert played.messages is not None and played.moves is not None
    giver = dict(zip(played.moves["seat"].tolist(), played.moves["partner"].tolist(), strict=True))
    for round_, ask, seat, to in places(played, "round", "ask", "seat", "to"):
        assert len(to) == 1
        assert ask in (1, 2, 4, 5) and round_ in (1, 2)
        assert giver.get(seat) == to[0] or giver.get(to[0] + 1) == seat - 1
    first = [place for place in places(played) if place[:2] == (1, 1)]
    assert len(first) == 2  # both donors begin, side by side


def test_what_is_whispered_is_heard_by_one() -> None:
    game = made("public-goods", {"private": True, "turns": 1}, rounds=1)
    from dilemmas.strategies.scene_talk import hear

    voices = [Puppet({"text": "Psst.", "to": 2}, amount=0.0), Puppet("", amount=0.0), Puppet("", amount=0.0)]
    spoken(game, *voices)
    outcomes = [outcome for outcome in voices[1].outcomes if outcome.messages is not None]
    assert [len(hear(outcomes[0], seat)) for seat in range(3)] == [1, 0, 1]


# -- pledges ---------------------------------------------------------------------------------------------------------


def kept(name: str, pledge: dict[str, Any], decided: dict[str, Any], talk: Any = None, **parameters: Any) -> list[Any]:
    """Whether the pledges of a puppet in the first seat are kept, by every one that it made."""
    from dilemmas.runs.promises import kept as judge

    game = made(name, {"pledges": True, "turns": 1, **(talk or {})}, **parameters)
    others = [Puppet("", amount=0.0, choice=0) for _ in range(game.seats - 1)]
    played = spoken(game, Puppet({"text": "I will.", **pledge}, **decided), *others)
    return [None if value != value else value == 1 for value in judge(game, played).tolist()]


@pytest.mark.parametrize(
    ("name", "pledge", "decided", "right"),
    [
        ("fishery", {"amount": 10.0}, {"amount": 10.0}, True),
        ("fishery", {"amount": 10.0}, {"amount": 3.0}, True),
        ("fishery", {"amount": 10.0}, {"amount": 11.0}, False),
        ("public-goods", {"amount": 10.0}, {"amount": 10.0}, True),
        ("public-goods", {"amount": 10.0}, {"amount": 9.0}, False),
        ("public-goods", {"amount": 9.0}, {"amount": 10.0}, True),
        ("prisoners-dilemma", {"choice": 0}, {"choice": 0}, True),
        ("prisoners-dilemma", {"choice": 0}, {"choice": 1}, False),
        ("prisoners-dilemma", {"choice": 1}, {"choice": 1}, True),
    ],
)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_pledge_is_kept_or_broken(name: str, pledge: Any, decided: Any, right: bool, when: str) -> None:
    length = {"continuation": None} if name == "prisoners-dilemma" else {}
    found = kept(name, pledge, decided, {"when": when}, rounds=2, **length)
    assert found == [right] * (2 if when == "before" else 1)


def test_slips_break_no_pledge() -> None:
    parameters: dict[str, Any] = {"rounds": 30, "continuation": None, "noise": 0.5}
    assert kept("prisoners-dilemma", {"choice": 0}, {"choice": 0}, **parameters) == [True] * 30


def test_no_pledge_is_neither_and_a_replaced_one_too() -> None:
    assert kept("fishery", {}, {"amount": 50.0}, rounds=1) == [None]
    amounts = iter([5.0, 8.0])
    game = made("fishery", {"pledges": True, "turns": 6}, rounds=1)
    say = Puppet(lambda ask, row: {"text": "", "amount": next(amounts)}, amount=7.0)
    from dilemmas.runs.promises import kept as judge

    played = spoken(game, say, *[Puppet("", amount=0.0)] * 4)
    found = judge(game, played)[[0, -1]]
    assert np.isnan(found[0]) and found[1] == 1


@given(st.lists(st.floats(0, 100), max_size=9))
@settings(max_examples=50, deadline=None)
def test_the_limit_is_the_median(pledges: list[float]) -> None:
    assert middle([*pledges, float("nan")]) == (float(np.median(pledges)) if pledges else None)


@given(
    st.integers(2, 5),
    st.sampled_from(["fixed", "random", "named"]),
    st.integers(1, 9),
    st.booleans(),
    st.lists(st.integers(-2, 4), min_size=30, max_size=30),
)
@settings(max_examples=40, deadline=None)
def test_no_talk_is_longer_than_it_may_be(seats_: int, order: str, turns: int, private: bool, names: list[int]) -> None:
    talk = {"order": order, "turns": turns, "private": private}
    game = games.load("fishery", {"seats": seats_, "rounds": 2, "talk": talk}).rules
    left = iter(names)

    def say(ask: Ask, row: int) -> dict[str, Any]:
        to = next(left)
        return {"text": "I.", "to": to if to in (END, PASS) or (to < seats_ and to != row) else PASS}

    played = spoken(game, *[Puppet(say, amount=0.0) for _ in range(seats_)])
    rounds = [place[0] for place in places(played)]
    assert all(1 <= rounds.count(round_) <= turns for round_ in (1, 2))


# -- what cannot be ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "talk", "says"),
    [
        ("public-goods", {"report": "moderator"}, "catches"),
        ("donor", {"pledges": True, "limit": "median"}, "catches"),
        ("fishery", {"limit": "median"}, "pledges"),
        ("fishery", {"order": "loud"}, "fixed"),
        ("fishery", {"turns": 0}, "turns"),
        ("fishery", {"when": "during"}, "before"),
        ("fishery", {"loud": True}, "loud"),
    ],
)
def test_talk_that_makes_no_sense_is_told(name: str, talk: dict[str, Any], says: str) -> None:
    with pytest.raises(DilemmasError, match=says):
        made(name, talk)


def test_short_forms() -> None:
    assert made("fishery", "after").talk.when == ("after",)  # type: ignore[attr-defined]  # a Commons
    assert made("fishery", True).talk.when == ("before",)  # type: ignore[attr-defined]  # a Commons
    assert made("fishery", False).talk is None  # type: ignore[attr-defined]  # a Commons
    assert games.load("fishery", {"talk.order": "named"}).rules.talk.order == "named"  # type: ignore[attr-defined]  # a Commons


def test_catches_that_are_not_seen_stay_hidden() -> None:
    for settings_, seen in (
        ({"sight": False}, False),
        ({"sight": False, "talk": {"report": "each"}}, True),
        ({}, True),
    ):
        game = games.load("fishery", {"seats": 3, **settings_}).rules
        state = game.start(luck(2))
        ask = game.ask(state)
        assert ask is not None
        state, _ = game.settle(state, Answers(amount=np.array([[3.0, 4.0, 5.0]] * 2)), luck(2))
        ask = game.ask(state)
        assert ask is not None
        told = ask.view.told(1)
        assert told.taken == ([3, 4, 5] if seen else [None, 4, None])
        assert told.catches == [told.taken] and told.others == ([3, 5] if seen else [])
        assert told.total == (12 if seen else None) and told.mine == [4]
        assert told.left == ([88] if seen else [None])  # less than the stock by what all took together
