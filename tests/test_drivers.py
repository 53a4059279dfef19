"""One play, two drivers: batch and live agree to the last digit, and a batch is its episodes one by one."""

from __future__ import annotations

import _thread
import asyncio
import itertools
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dilemmas.engine import batch, live
from dilemmas.engine.chance import Chance
from dilemmas.engine.record import Played, join
from dilemmas.errors import IllegalAnswer
from dilemmas.rules.game import Answers, Ask, Game, Outcome
from dilemmas.specs import games, seats
from dilemmas.specs.seats import Seat
from dilemmas.strategies.scripted import scripted
from dilemmas.strategies.strategy import Cast, Strategy
from dilemmas.testing import difference

PYTHON = '''
import numpy as np

def moody(view, memory, coin):
    """Counts its own rounds; a coin decides every third."""
    count = (memory or 0) + 1
    return ("C" if count % 3 or coin() < 0.5 else "D"), count

def giver(view, memory, coin):
    """Gives what it was given before, more or less, and punishes by chance where it can."""
    if len(view.actions) > 1 and coin() < 0.2:
        return (view.actions[1], 0 if view.actions[1] == "refuse" else view.balance / 3), memory
    return view.balance * coin() if len(view.actions) == 1 else view.balance / 4, memory

def fisher(view, memory, coin):
    wish = view.share * (0.5 + coin())
    return (int(wish) if view.integer else wish), (memory or 0) + 1

def member(view, memory, coin):
    if view.stage != "contribute":
        return (1 if coin() < 0.3 else 0), memory
    wish = view.endowment * coin()
    return (int(wish) if view.integer else wish), memory

def tally(view, memory, coin):
    """Batched: defects where the other did so more often than not."""
    seen = np.zeros(len(view), int) if memory is None else memory["seen"]
    seen = seen + np.where(view.seen == 1, 1, np.where(view.seen == 0, -1, 0))
    return np.where(seen + coin[:, 0] > 0.5, 1, 0), {"seen": seen}

tally.batched = True
'''

TEAMS: Mapping[str, Sequence[str]] = {
    "matrix": [
        *("tit-for-tat", "generous-tit-for-tat", "win-stay-lose-shift", "gradual", "grofman", "q-learning", "random"),
        *("mine.py:moody", "mine.py:tally"),
    ],
    "donor": [
        *("constant-donor", "mirror", "chain-average", "image-scorer", "standing", "stern-judging", "judging"),
        "mine.py:giver",
    ],
    "commons": ["sustainable", "noisy-greedy", "grim-share", "matcher", "noisy-matcher", "mine.py:fisher"],
    "public-goods": [
        "conditional",
        "free-rider",
        "hump",
        "punishing-contributor",
        "antisocial-punisher",
        "mine.py:member",
    ],
}
GAMES: Mapping[str, Sequence[tuple[str, dict[str, Any]]]] = {
    "matrix": [
        ("prisoners-dilemma", {"noise": 0.1, "perception_noise": 0.1, "continuation": 0.85}),
        ("prisoners-dilemma", {"rounds": 12, "continuation": 0.9}),
        ("stag-hunt", {"rounds": 9, "noise": 0.2}),
    ],
    "donor": [
        ("donor", {"seats": 6, "rounds": 6, "information": ["trace", "image", "standing"], "games": 2}),
        (
            "donor",
            {
                "seats": 5,
                "rounds": 7,
                "schedule": "random",
                "mechanism": "punish",
                "information": ["trace", "image", "standing"],
                "execution_error": 0.2,
                "assessment_error": 0.1,
                "observation": 0.7,
                "zero_trace": "null",
            },
        ),
    ],
    "commons": [
        ("fishery", {"joins": {5: 3}, "rounds": 8}),
        ("pasture", {"integer": False, "allocation": "proportional", "continuation": 0.9, "seats": 4}),
        ("pollution", {"allocation": "proportional", "growth": 1.5}),
    ],
    "public-goods": [
        ("public-goods", {"rounds": 4, "punishment": {}, "threshold": 30}),
        ("public-goods", {"continuation": 0.7, "integer": True, "punishment": {}, "reward": {}, "seats": 3}),
    ],
}
SETTINGS = [(kind, number) for kind in GAMES for number in range(len(GAMES[kind]))]


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("own")
    (made / "mine.py").write_text(PYTHON, encoding="utf-8")
    team.cache_clear()
    FOLDER[:] = [made]
    return made


FOLDER: list[Path] = []


@lru_cache
def team(kind: str) -> tuple[Strategy, ...]:
    """Tables, rules with counters and learners, and a user's Python, of one family."""
    return tuple(
        scripted(name, FOLDER[0]) if ".py" in name else seats.strategy(Seat(name), family=kind) for name in TEAMS[kind]
    )


@lru_cache
def rules(kind: str, number: int) -> Game:
    name, parameters = GAMES[kind][number]
    return games.load(name, parameters).rules


@st.composite
def plays(draw: st.DrawFn, kind: str, number: int, most: int = 7) -> tuple[Game, Cast, Chance]:
    """A few episodes of a game with strategies of all sorts in the seats, legs and repetitions mixed."""
    game, episodes = rules(kind, number), draw(st.integers(1, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**20)))
    who = rng.integers(0, len(team(kind)), (episodes, game.seats))
    count, legs = np.arange(episodes), int(draw(st.booleans())) + 1
    luck = Chance(
        draw(st.integers(0, 999)), draw(st.integers(1, 9)), count, count // 3 + 1, count // legs, count % legs
    )
    return game, Cast(team(kind), who), luck


@pytest.mark.parametrize(("kind", "number"), SETTINGS)
def test_live_is_batch(kind: str, number: int) -> None:
    @settings(max_examples=6, deadline=None)
    @given(plays(kind, number))
    def agree(play: tuple[Game, Cast, Chance]) -> None:
        whole, alive = batch.play(*play), live.wait(live.play(*play))
        assert not difference(whole, alive)
        assert whole.moves is not None
        assert len(whole.moves["episode"])
        assert not difference(whole, live.wait(live.play(*play, at_once=1)))

    agree()


@pytest.mark.parametrize(("kind", "number"), SETTINGS)
def test_a_batch_is_its_episodes_one_by_one(kind: str, number: int) -> None:
    @settings(max_examples=6, deadline=None)
    @given(plays(kind, number), st.lists(st.integers(1, 6), max_size=3), st.integers(1, 6))
    def agree(play: tuple[Game, Cast, Chance], cuts: list[int], chunk: int) -> None:
        game, cast, luck = play
        whole, episodes = batch.play(*play), len(luck.episode)
        assert not difference(whole, batch.play(*play, chunk=1))
        assert not difference(whole, batch.play(*play, chunk=chunk))
        edges = sorted({0, episodes, *(cut for cut in cuts if cut < episodes)})
        parts = [batch.play(game, cast.rows(a, b), luck.rows(a, b)) for a, b in itertools.pairwise(edges)]
        assert not difference(whole, join(parts))

    agree()


@pytest.mark.parametrize(("kind", "number"), SETTINGS)
def test_one_seat_more_or_less_shifts_nobodys_luck(kind: str, number: int) -> None:
    """Another strategy in another episode changes nothing in this one."""

    @settings(max_examples=4, deadline=None)
    @given(plays(kind, number), st.data())
    def agree(play: tuple[Game, Cast, Chance], data: st.DataObject) -> None:
        game, cast, luck = play
        kept = data.draw(st.integers(0, len(luck.episode) - 1))
        who = cast.who.copy()
        others = np.arange(len(who)) != kept
        who[others] = data.draw(st.integers(0, len(cast.strategies) - 1))
        before, after = (
            one_of(batch.play(game, Cast(cast.strategies, seats_), luck), kept) for seats_ in (cast.who, who)
        )
        assert before.keys() == after.keys()
        for name, column in before.items():
            np.testing.assert_array_equal(column, after[name], err_msg=name)

    agree()


def one_of(played: Played, episode: int) -> dict[str, Any]:
    assert played.moves is not None
    here = played.moves["episode"] == episode + 1
    columns = {name: column[here] for name, column in played.moves.items() if name != "kind"}
    kinds = np.array(played.kinds)[played.moves["kind"][here]]
    return columns | {"kind": kinds, "final": played.score.payoff[episode]}


def test_a_difference_is_seen() -> None:
    """The comparison itself can fail: another seed, a zero with another sign, a NaN for a number."""
    game = rules("matrix", 0)
    cast = Cast(team("matrix"), np.array([[0, 6], [1, 2], [3, 7]]))
    one, other = (batch.play(game, cast, Chance.of(seed, 1, 3)) for seed in (1, 2))
    assert difference(one, other)
    assert one.moves is not None
    for value in (-0.0, np.nan, 1e-300):
        moves = {**one.moves, "payoff": one.moves["payoff"] * 0.0}
        changed = {**moves, "payoff": moves["payoff"].copy()}
        changed["payoff"][1] = value
        plain, altered = (Played(one.score, columns, None, one.kinds) for columns in (moves, changed))
        assert difference(plain, plain) == ""
        assert difference(plain, altered).startswith("moves.payoff in episode 1, round 1, ask 1, seat 2: ")


# -- seats that answer in their own time ------------------------------------------------------------------------------


class Slow:
    """Answers like tit-for-tat, after having let all others go first."""

    def __init__(self, log: list[str], name: str, answer: Callable[[Any], int]) -> None:
        self.log, self.name, self.answer_ = log, name, answer

    async def answer(self, game: Game, ask: Ask, row: int) -> Answers:
        self.log.append(f"{self.name} asked {ask.clock}")
        for _ in range(3):
            await asyncio.sleep(0)
        self.log.append(f"{self.name} answers {ask.clock}")
        return Answers(choice=np.array([self.answer_(ask.view.told(row))]))

    def told(self, game: Game, outcome: Outcome) -> None:
        self.log.append(f"{self.name} told {outcome.ask.clock}")


def mirror(view: Any) -> int:
    return 1 if view.seen == "D" else 0


def test_a_voice_in_a_seat_plays_as_its_script_would() -> None:
    game, log = rules("matrix", 1), list[str]()
    cast, luck = Cast(team("matrix"), np.array([[0, 3], [1, 0], [0, 0], [2, 5]])), Chance.of(4, 1, 4)
    whole = batch.play(game, cast, luck)

    def voices(own: Chance) -> dict[int, live.Voice]:
        number = int(own.episode[0])
        return {seat: Slow(log, f"{number}.{seat}", mirror) for seat in range(2) if cast.who[number, seat] == 0}

    assert not difference(whole, live.wait(live.play(game, cast, luck, voices)))
    assert log.index("2.1 asked 1") < log.index("2.0 answers 1"), "seats of an ask are awaited together"
    assert log.index("1.1 asked 1") < log.index("0.0 answers 1"), "so are episodes"


def test_an_illegal_voice_is_named() -> None:
    cast, luck = Cast(team("matrix"), np.array([[0, 3]])), Chance.of(4, 1, 1)
    wild = Slow([], "wild", lambda view: 7)
    with pytest.raises(IllegalAnswer, match=r"round 1, seat 1: tit-for-tat answered 7; expected C or D"):
        live.wait(live.play(rules("matrix", 1), cast, luck, lambda own: {0: wild}))


def test_a_running_loop_is_no_obstacle() -> None:
    """As in a notebook."""
    game, cast, luck = rules("donor", 0), Cast(team("donor"), np.zeros((2, 6), np.int64)), Chance.of(1, 1, 2)

    async def inside() -> Played:
        return live.wait(live.play(game, cast, luck))

    assert not difference(batch.play(game, cast, luck), asyncio.run(inside()))


def test_an_interrupt_in_a_notebook_ends_the_work() -> None:
    log: list[str] = []

    async def works() -> None:
        threading.Timer(0.05, _thread.interrupt_main).start()
        try:
            await asyncio.sleep(60)
        finally:
            log.append("called off")

    async def inside() -> None:
        with pytest.raises(KeyboardInterrupt):
            live.wait(works())

    heard = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background is deaf to it
    loop = asyncio.new_event_loop()  # asyncio.run has a way of its own with interrupts, which a notebook lacks
    try:
        loop.run_until_complete(inside())
    finally:
        signal.signal(signal.SIGINT, heard)
        loop.close()
    assert log == ["called off"]


def test_an_error_has_no_context_of_ours() -> None:
    async def fails() -> None:
        raise ValueError

    with pytest.raises(ValueError) as caught:
        live.wait(fails())
    assert caught.value.__context__ is None
