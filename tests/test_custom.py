"""A user's own games and strategies, in files of a folder of their own: nothing in the package is touched."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import dilemmas as dl
from dilemmas.errors import BrokenContract, FileError, IllegalAnswer, Misfit, RunFailed, SpecError
from dilemmas.runs.lab import Order, carry_out
from dilemmas.runs.resolve import Source
from dilemmas.specs import games, seats
from dilemmas.strategies.loading import module
from dilemmas.testing import game_contract, strategy_contract

TRUST = '''
"""The investment game of Berg, Dickhaut & McCabe 1995, as somebody may write it who has read the protocol alone."""
from dataclasses import dataclass

import numpy as np

from dilemmas.rules.game import Ask, Field, Outcome, Score, View


@dataclass
class Play:
    episodes: int
    sent: np.ndarray
    returned: np.ndarray
    step: int = 0
    ask: Ask = None


class Trust:
    """One sends a part of ten units, which are tripled; the other sends a part of that back."""

    kind, per_round, seats = "trust", False, 2
    fields = {
        "step": Field("1 for the investor's turn, 2 for the trustee's", lambda v: np.full(len(v), v.state.step + 1)),
        "purse": Field(
            "units to send from",
            lambda v: v.by_episode(v.game.purse(v.state)),
        ),
    }

    def __init__(self, factor: float = 3):
        if factor <= 0:
            raise ValueError(f"factor is {factor}; it must be above 0")
        self.factor = factor

    def options(self, kind, seat):
        return ()

    def start(self, luck):
        episodes = len(luck.episode)
        return Play(episodes, np.zeros(episodes), np.zeros(episodes))

    def ask(self, state):
        if state.step == 2:
            return None
        who = np.zeros((state.episodes, 2), bool)
        who[:, state.step] = True
        once, ordinal = np.ones(state.episodes, int), np.full(state.episodes, state.step + 1)
        kind = ("send", "return")[state.step]
        state.ask = Ask(kind, who, once, ordinal, View(self, state), False, 1, state.step + 1)
        return state.ask

    def purse(self, state):
        return np.full(state.episodes, 10.0) if state.step == 0 else self.factor * state.sent

    def illegal(self, ask, answers):
        purse = self.purse(ask.view.state)[:, None]
        return ask.who & ~((answers.amount >= 0) & (answers.amount <= purse))

    def allowed(self, ask, row):
        return f"a number from 0 to {self.purse(ask.view.state)[row // 2]:g}"

    def settle(self, state, answers, luck):
        ask, given = state.ask, answers.amount[:, state.step].copy()
        factor = self.factor if state.step == 0 else 1.0
        if state.step == 0:
            state.sent = given
        else:
            state.returned = given
        state.step += 1

        def moves():
            amount = np.where(ask.who, given[:, None], np.nan)
            return {"amount": amount, "payoff": 0 - amount, "received": factor * amount}

        return state, Outcome(ask, moves)

    def score(self, state):
        got = self.factor * state.sent
        payoff = np.stack([10 - state.sent + state.returned, got - state.returned], axis=1)
        back = np.divide(state.returned, got, out=np.zeros_like(got), where=got > 0)
        shares = np.stack([state.sent / 10, back], axis=1)
        return Score(payoff, shares, np.ones_like(payoff), np.ones(state.episodes, int))
'''

VOLUNTEER = '''
"""The volunteer's dilemma (Diekmann 1985), with parameters that are checked as those of shipped games are."""
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from pydantic import Field as Key

from dilemmas.rules.game import Ask, Field, Outcome, Score, View
from dilemmas.rules.params import Count, Number, Parameters


@dataclass
class Play:
    episodes: int
    payoff: np.ndarray
    volunteered: np.ndarray
    helped: list = field(default_factory=list)
    ask: Ask = None


class Volunteer(Parameters):
    """All gain if anybody pays the cost."""

    kind: ClassVar[str] = "volunteer"
    per_round: ClassVar[bool] = True
    fields: ClassVar[dict] = {
        "round": Field("number of this round, from 1", lambda v: np.full(len(v), len(v.state.helped) + 1)),
        "helped": Field(
            "whether anybody helped, in the rounds so far",
            lambda v: v.by_episode(np.array(v.state.helped).reshape(-1, v.state.episodes).T),
            lambda v, row: [bool(value) for value in row],
        ),
    }
    seats: Count = Key(default=4)
    rounds: Count = Key(default=3)
    gain: Number = Key(default=2.0, gt=0)
    cost: Number = Key(default=1.0, gt=0)

    def options(self, kind, seat):
        return ("volunteer", "wait")

    def start(self, luck):
        shape = len(luck.episode), self.seats
        return Play(shape[0], np.zeros(shape), np.zeros(shape))

    def ask(self, state):
        now = len(state.helped) + 1
        if now > self.rounds:
            return None
        who = np.ones((state.episodes, self.seats), bool)
        rounds, first = np.full(state.episodes, now), np.ones(state.episodes, int)
        state.ask = Ask("move", who, rounds, first, View(self, state), True, now)
        return state.ask

    def illegal(self, ask, answers):
        return ask.who & ((answers.choice < 0) | (answers.choice > 1))

    def allowed(self, ask, row):
        return "volunteer or wait"

    def settle(self, state, answers, luck):
        ask, choice = state.ask, answers.choice.copy()
        ready = choice == 0
        helped = ready.any(axis=1)
        payoff = self.gain * helped[:, None] - self.cost * ready
        state.payoff = state.payoff + payoff
        state.volunteered = state.volunteered + ready
        state.helped.append(helped)
        return state, Outcome(ask, lambda: {"action": choice, "payoff": payoff})

    def score(self, state):
        rounds = np.full(state.episodes, self.rounds)
        return Score(state.payoff, state.volunteered, np.full_like(state.payoff, self.rounds), rounds)
'''

PLAYERS = '''
def half(view, memory, coin):
    """Sends half of what there is."""
    return view.purse / 2, memory

def part(view, memory, coin, share=0.25):
    return share * view.purse, memory

def relieved(view, memory, coin):
    """Volunteers after a round without help, else one time in four."""
    if view.helped and not view.helped[-1]:
        return "volunteer", memory
    return ("volunteer" if coin() < 0.25 else "wait"), memory

def always(view, memory, coin):
    return 1, memory

def twice(view, memory, coin):
    """Defects after two defections in a row; counts them in its memory."""
    count = (memory or 0) + 1 if view.seen == "D" else 0
    return ("D" if count >= 2 else "C"), count

def wrong(view, memory, coin):
    return "maybe", memory

def broken(view, memory, coin):
    return view.theirs[5], memory
'''

BATCHED = '''
import numpy as np

batched = True
uniforms = 1

def decide(view, memory, coin):
    """Volunteers with chance 1/2."""
    asked = np.zeros(len(view), int) if memory is None else memory["asked"]
    return np.where(coin[:, 0] < 0.5, 0, 1), {"asked": asked + 1}
'''


SPY = """
seen = []

def decide(view, memory, coin):
    seen.append((view.round, view.helped))
    return "wait", memory
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder, and being in it."""
    files = {"trust.py": TRUST, "volunteer.py": VOLUNTEER, "players.py": PLAYERS, "batched.py": BATCHED}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


# -- games that are Python classes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["trust.py:Trust", "volunteer.py:Volunteer", "volunteer.py"])
def test_the_games_keep_the_contract(own: Path, name: str) -> None:
    assert game_contract(dl.game(name)).decisions


def test_trust_is_played_and_paid(own: Path) -> None:
    result = dl.play("trust.py:Trust", ["players.py:half", "players.py:part"], seed=1)
    assert result.episodes["payoff"].tolist() == [10 - 5 + 3.75, 15 - 3.75]
    assert result.moves["kind"].tolist() == ["send", "return"]
    assert result.moves["amount"].tolist() == [5, 3.75]
    assert result.moves["received"].tolist() == [15, 3.75]
    assert result.moves["partner"].tolist() == ["g1-2", "g1-1"]
    assert result.episodes["cooperation"].tolist() == [0.5, 0.25]


def test_parameters_reach_game_and_strategy(own: Path) -> None:
    result = dl.play(dl.game("trust.py:Trust", factor=4), ["players.py:half", "players.py:part:share=0.5"])
    assert result.episodes["payoff"].tolist() == [10 - 5 + 10, 20 - 10]
    with pytest.raises(SpecError, match=r"factor is -1; it must be above 0"):
        dl.game("trust.py:Trust", factor=-1)
    with pytest.raises(SpecError, match="factr"):
        dl.game("trust.py:Trust", factr=4)


def test_what_the_rules_forbid_is_refused(own: Path) -> None:
    with pytest.raises(
        IllegalAnswer, match=r"players\.py:part:share=1.5 answered 15\.0; expected a number from 0 to 10"
    ):
        dl.play("trust.py:Trust", ["players.py:part:share=1.5", "players.py:half"])


def test_a_game_of_many_seats_in_every_design(own: Path) -> None:
    game = "volunteer.py:Volunteer"
    everybody = dl.play(game, ["players.py:always"] * 4)
    assert everybody.episodes["payoff"].tolist() == [3 * (2 - 1)] * 4
    assert everybody.moves["action"].tolist() == ["volunteer"] * 12
    tournament = dl.tournament(game, ["players.py:relieved", "players.py:always", "batched.py"], repetitions=3, seed=2)
    assert sorted(tournament.ranking["strategy"]) == ["batched.py", "players.py:always", "players.py:relieved"]
    splits = tournament.pairs.query("strategy == 'players.py:always' and others == 3")
    assert splits["payoff"].tolist() == [1, 1], "one who volunteers is paid the same whatever the others do"
    evolved = dl.evolve(game, {"players.py:always": 4, "batched.py": 4}, generations=3, matchmaking="groups", seed=2)
    assert evolved.generations["agents"].tolist() == [8, 8, 8]
    assert evolved.agents["payoff"].between(-1, 2).all()


def test_the_population_fits_the_seats_of_a_game_that_counts_them(own: Path) -> None:
    result = dl.play("volunteer.py:Volunteer", ["players.py:always"] * 7)
    assert len(result.episodes) == 7
    assert (
        dl.play(dl.game("volunteer.py:Volunteer", rounds=5), ["batched.py"] * 4).episodes["rounds"].tolist() == [5] * 4
    )


def test_shipped_strategies_say_that_they_do_not_fit(own: Path) -> None:
    with pytest.raises(Misfit, match="trust"):
        dl.play("trust.py:Trust", ["tit-for-tat", "players.py:half"])
    with pytest.raises(Misfit, match="volunteer"):
        dl.play("volunteer.py:Volunteer", ["players.py:always"] * 3 + ["tit-for-tat"])


def test_a_class_that_is_not_there_or_no_game(own: Path) -> None:
    with pytest.raises(
        FileError, match=r"trust\.py: has no game class 'Trsut'; expected Trust\. Did you mean 'Trust'\?"
    ):
        dl.game("trust.py:Trsut")
    (own / "half.py").write_text("class Half:\n    kind = 'half'\n    def settle(self): ...\n", encoding="utf-8")
    with pytest.raises(SpecError, match=r"Half has no 'per_round'"):
        dl.game("half.py:Half")


def test_a_broken_game_is_found_by_its_kit(own: Path) -> None:
    careless = VOLUNTEER.replace("self.cost * ready", "self.cost * ready + 0.1 * state.episodes")
    (own / "careless.py").write_text(careless, encoding="utf-8")
    with pytest.raises(BrokenContract, match="batch: one by one it is another result") as caught:
        game_contract(dl.game("careless.py:Volunteer"))
    assert caught.value.rule == "batch"


def test_own_games_run_over_processes_and_into_folders(own: Path) -> None:
    data: dict[str, Any] = {
        "experiment": "own",
        "game": {"name": "volunteer.py:Volunteer", "rounds": 2},
        "population": [{"strategy": "players.py:relieved", "count": 4}, "batched.py=4"],
        "matchmaking": "groups",
        "generations": 2,
        "selection": "truncation",
        "seeds": [0, 1],
    }
    source = Source(beside=own)
    for jobs in (1, 2):
        carry_out(Order(data, source, out=own / f"out{jobs}", jobs=jobs))
    tables = {path.name for path in (own / "out1").glob("*.csv")} - {"usage.csv"}
    assert {"agents.csv", "episodes.csv", "moves.csv"} <= tables
    for name in tables:
        assert (own / "out1" / name).read_bytes() == (own / "out2" / name).read_bytes(), name


# -- games and strategies that are YAML -------------------------------------------------------------------------------

GAME = """
    game: my-dilemma
    kind: matrix
    actions: [C, D]
    payoffs: {CC: [3, 3], CD: [0, 5], DC: [5, 0], DD: [1, 1]}
    rounds: 50
"""
MACHINE = """
    strategy: two-strikes
    for: matrix
    start: calm
    machine:
      calm:   {play: C, then: {C: calm, D: warned}}
      warned: {play: C, then: {C: calm, D: angry}}
      angry:  {play: D, then: {C: angry, D: angry}}
"""
FORGIVER = """
    strategy: my-forgiver
    about: Forgives one time in three.
    for: matrix
    memory-one: {first: 1, CC: 1, CD: 1/3, DC: 1, DD: 1/3}
"""


def written(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(dedent(text), encoding="utf-8")
    return f"./{name}"


def test_yaml_games_and_machines_play(own: Path) -> None:
    game, machine = written(own, "my-dilemma.yaml", GAME), written(own, "two-strikes.yaml", MACHINE)
    forgiver = written(own, "my-forgiver.yaml", FORGIVER)
    game_contract(dl.game(game, rounds=6))
    strategy_contract(dl.strategy(machine), dl.game(game, rounds=6))
    result = dl.tournament(game, [machine, forgiver, "always-defect", "players.py:twice"])
    assert result.episodes["rounds"].unique().tolist() == [50]
    scores = result.payoffs.loc["two-strikes", "always-defect"], result.payoffs.loc["players.py:twice", "always-defect"]
    assert scores == ((2 * 0 + 48 * 1) / 50, (2 * 0 + 48 * 1) / 50)
    assert result.payoffs.loc["two-strikes", "my-forgiver"] == 3


@pytest.mark.parametrize("reference", ["players.py:twice", "players.py:half", "batched.py"])
def test_own_strategies_keep_the_contract(own: Path, reference: str) -> None:
    game = {"players.py:twice": "prisoners-dilemma", "players.py:half": "trust.py:Trust", "batched.py": "volunteer.py"}
    strategy = dl.strategy(reference)
    assert strategy_contract(strategy, dl.game(game[reference]), company=[dl.strategy("players.py:always")]).seats


def test_faults_in_own_strategies_are_told_with_their_place(own: Path) -> None:
    with pytest.raises(
        IllegalAnswer, match=r"players\.py, round 1: players\.py:wrong answered 'maybe'; expected C or D"
    ):
        dl.play("prisoners-dilemma", ["players.py:wrong", "tit-for-tat"])
    with pytest.raises(RunFailed, match=r"players\.py, line \d+, round 1: players\.py:broken raised IndexError"):
        dl.play("prisoners-dilemma", ["players.py:broken", "tit-for-tat"])
    with pytest.raises(BrokenContract, match=r"legal: .*maybe"):
        strategy_contract(dl.strategy("players.py:wrong"), dl.game("prisoners-dilemma"))


def test_python_of_strangers_is_refused(own: Path) -> None:
    for load in (
        lambda: games.load("trust.py:Trust", python=False),
        lambda: seats.strategy("players.py:half", own, python=False),
        lambda: seats.strategy(
            written(own, "in-python.yaml", "strategy: in-python\npython: players.py:half\n"), own, python=False
        ),
    ):
        with pytest.raises(SpecError, match=r"holds Python, which runs with your rights.*--python"):
            load()


def test_a_view_shows_plain_values_to_one_seat(own: Path) -> None:
    (own / "spy.py").write_text(SPY, encoding="utf-8")
    dl.play("volunteer.py", ["spy.py"] + ["players.py:always"] * 3)
    seen = module((own / "spy.py").resolve()).seen
    assert seen == [(1, []), (2, [True]), (3, [True, True])]
    assert all(type(part) in (int, list) for entry in seen for part in entry)
    assert all(type(part) is bool for _, helped in seen for part in helped)
