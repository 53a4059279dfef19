"""What must hold for every matrix strategy on the shelf, whoever wrote it."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from shelf_matrix import NEEDY, PD, actions, dilemma, files, letters, matches, strategy

from dilemmas.engine.batch import play
from dilemmas.engine.chance import Chance
from dilemmas.errors import Misfit
from dilemmas.rules.matrix import Matrix
from dilemmas.strategies.machine import Machine
from dilemmas.strategies.rule import Rule
from dilemmas.strategies.strategy import Cast

NAMES = sorted(files())
BY_POSITION = {"alternator", "always-first", "always-second", "uniform", "copycat", "scripted-moves"}
LEARNERS = {"best-response", "fictitious-play", "hedge", "q-learning", "regret-matching", "conditional-regret-matching"}
ROLES = [name for name in NAMES if name not in BY_POSITION | LEARNERS | {"random"}]


def test_there_are_many():
    assert len(NAMES) >= 75


@pytest.mark.parametrize("name", NAMES)
def test_a_file_says_who_it_is(name):
    file = files()[name]
    assert file.strategy == name
    assert file.source
    assert file.about.endswith(".") and "\n" not in file.about


def test_no_two_strategies_share_a_name():
    spoken = Counter(key for name, file in files().items() for key in {plain(word) for word in (name, *file.aka)})
    assert [word for word, count in spoken.items() if count > 1] == []


def plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


@pytest.mark.parametrize("name", NAMES)
def test_every_name_finds_it(name):
    for alias in files()[name].aka:
        assert strategy(alias, **NEEDY.get(name, {})).name.split(":")[0] == name


COMPANY = ("random", "tit-for-tat", "grim", "cycler-ccd", "always-defect", "gradual")
NOISY = {"rounds": 15, "noise": 0.1, "perception_noise": 0.1}


@pytest.mark.parametrize("keys", [{"rounds": 15}, NOISY, {"continuation": 0.9}], ids=["plain", "noisy", "open-ended"])
def test_all_play_in_any_company_and_episodes_stand_alone(keys):
    """Cut into single episodes, a batch plays the same; so no row may leak into another."""
    entries, others = [strategy(name) for name in NAMES], [strategy(name) for name in COMPANY]
    count, pairs = len(entries), [(i, len(entries) + i % len(others)) for i in range(len(entries))]
    cast = Cast((*entries, *others), np.array([*pairs, *((i, i) for i in range(count))]))
    game, luck = dilemma(**keys), Chance.of(0, 1, 2 * count)
    whole = play(game, cast, luck, keep=False).score.payoff
    assert np.isfinite(whole).all()
    for at in range(count):
        one = play(game, cast.rows(at, at + 1), luck.rows(at, at + 1), keep=False).score.payoff
        assert one[0].tolist() == whole[at].tolist(), entries[at].name


REVERSED = Matrix(
    actions=(("keep", "share"), ("give", "take")),
    roles={"keep": "defect", "share": "cooperate", "give": "cooperate", "take": "defect"},
    payoffs={"share,give": [3, 3], "share,take": [0, 5], "keep,give": [5, 0], "keep,take": [1, 1]},
    rounds=60,
)


def steady(name):
    """Whether a strategy's moves do not depend on which end of a coin is cooperation."""
    made = strategy(name)
    if isinstance(made, Rule):
        return True
    return isinstance(made, Machine) and np.isin(made.fit(dilemma(), 0).play, (0, 1)).all()


def test_roles_count_and_not_the_order_of_actions():
    """A game in which cooperation is the second action of one seat and the first of the other."""
    entries = [strategy(name) for name in ROLES if steady(name)]
    others = [strategy(name) for name in ("win-stay-lose-shift", "cycler-ccd", "tit-for-two-tats", "prober")]
    pairs = [(one, other) for one in entries for other in others] + [
        (other, one) for one in entries for other in others
    ]
    usual, turned = matches(dilemma(rounds=60), pairs), matches(REVERSED, pairs)
    same = usual.score.payoff == turned.score.payoff
    assert [pairs[i][0].name for i in np.flatnonzero(~same.all(axis=1))] == []
    assert (actions(usual, 60)[:, :, 0] == 1 - actions(turned, 60)[:, :, 0]).all()


PENNIES = Matrix(actions=("heads", "tails"), payoffs=[[1, -1], [-1, 1]], rounds=5)
RPS = Matrix(actions=("rock", "paper", "scissors"), payoffs=[[0, -1, 1], [1, 0, -1], [-1, 1, 0]], rounds=5)


@pytest.mark.parametrize("name", ROLES)
@pytest.mark.parametrize("game", [PENNIES, RPS], ids=["pennies", "rps"])
def test_games_without_roles_are_refused_with_a_reason(name, game):
    with pytest.raises(Misfit, match=r"cooperat|defect|two actions"):
        matches(game, [(strategy(name), strategy(name))])


@pytest.mark.parametrize("name", sorted(BY_POSITION | LEARNERS | {"random"}))
@pytest.mark.parametrize("game", [PENNIES, RPS], ids=["pennies", "rps"])
def test_others_play_any_actions(name, game):
    given = {"moves": [1, 2], "then": "cycle"} if name == "scripted-moves" else {}
    played = matches(game, [(strategy(name, **given), strategy("uniform"))], repetitions=20)
    assert np.isfinite(played.score.payoff).all()


def test_alternator_begins_with_the_first_action():
    played = matches(dilemma(rounds=6), [(strategy("alternator"), strategy("always-defect"))])
    assert letters(actions(played, 6)[0, :, 0]) == "CDCDCD"
    played = matches(RPS, [(strategy("alternator"), strategy("uniform"))])
    assert actions(played, 5)[0, :, 0].tolist() == [0, 1, 0, 1, 0]


@pytest.mark.parametrize(("p", "share"), [(0, 0.0), (1, 1.0), (0.25, 0.25)])
def test_random_cooperates_with_its_chance(p, share):
    played = matches(dilemma(rounds=100), [(strategy("random", p=p), strategy("always-defect"))], repetitions=100)
    error = 4 * np.sqrt(share * (1 - share) / 10_000)
    assert abs(played.score.cooperations[:, 0].sum() / 10_000 - share) <= error


def test_uniform_plays_all_actions_alike():
    played = matches(RPS, [(strategy("uniform"), strategy("uniform"))], repetitions=2000)
    counts = np.bincount(actions(played, 5)[:, :, 0].ravel(), minlength=3)
    assert (np.abs(counts / counts.sum() - 1 / 3) <= 4 * np.sqrt(2 / 9 / counts.sum())).all()


def test_comparing_scores_needs_like_seats():
    unlike = Matrix(actions=("C", "D"), payoffs={**PD, "CC": [3, 4]}, rounds=5)
    with pytest.raises(Misfit, match="different payoffs"):
        matches(unlike, [(strategy("tideman-and-chieruzzi"), strategy("tit-for-tat"))])


@pytest.mark.parametrize("name", ["backstabber", "stein-and-rapoport", "alexei"])
def test_those_who_strike_last_need_to_be_told_the_end(name):
    """With a hidden horizon they never defect on a cooperator; told it, they do so at the very end alone."""
    pair = [(strategy(name), strategy("always-cooperate"))]
    hidden = matches(dilemma(rounds=30, horizon="hidden"), pair)
    assert "D" not in letters(actions(hidden, 30)[0, :, 0])
    known = letters(actions(matches(dilemma(rounds=30), pair), 30)[0, :, 0])
    assert known.lstrip("C").strip("D") == "" and known.endswith("D")


def test_contrition_mends_a_quarrel_begun_by_an_own_error():
    """Sugden 1986: with errors, contrite tit-for-tat does far better with itself than tit-for-tat."""
    game = dilemma(rounds=500, noise=0.02)
    pairs = [(strategy(name), strategy(name)) for name in ("contrite-tit-for-tat", "tit-for-tat")]
    payoff = matches(game, pairs, repetitions=20).score.payoff.reshape(2, -1).mean(axis=1) / 500
    assert payoff[0] > 2.85 and payoff[1] < 2.4


class Spied:
    """A strategy that lets its player be looked at afterwards."""

    def __init__(self, made: Rule) -> None:
        self.name, self.kin, self._made, self.made_player = made.name, object(), made, None

    def player(self, members, which, seats, game):
        self.made_player = self._made.player([self._made], which, seats, game)
        return self.made_player


def test_what_a_law_keeps_does_not_grow_with_the_past():
    for made in [strategy(name) for name in NAMES]:
        if isinstance(made, Rule) and made.name != "scripted-moves:moves=[C, D]:then=cycle":
            sizes = [kept(made, rounds) for rounds in (2, 12)]
            assert sizes[0] == sizes[1], made.name


def kept(made: Rule, rounds: int) -> dict[str, tuple[int, ...]]:
    spied = Spied(made)
    matches(dilemma(rounds=rounds), [(spied, spied)])
    return {key: array.shape for key, array in spied.made_player._memory.items()}
