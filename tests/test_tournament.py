"""Tournaments: outside scores, the rules of ranking, splits of many seats, and what the ratings count."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from shared import truth

import dilemmas as dl
from dilemmas.errors import Misfit, UsageError
from dilemmas.runs.standings import ratio

SMALL = ["tit-for-tat", "always-defect", "grim", "random"]


def test_every_pair_scores_as_axelrod_python_says() -> None:
    known = truth("classic/axelrod.json")
    result = dl.tournament("prisoners-dilemma", known["strategies"], rounds=known["turns"], self_play=True)
    order = list(dict.fromkeys(result.pairs["strategy"]))
    payoffs = result.payoffs.loc[order, order].to_numpy(float) * known["turns"]
    cooperation = result.cooperation.loc[order, order].to_numpy(float) * known["turns"]
    np.testing.assert_allclose(payoffs, known["score"], rtol=0, atol=1e-9)
    np.testing.assert_allclose(cooperation, known["cooperations"], rtol=0, atol=1e-9)


def test_ranking_counts_the_others_and_with_self_play_oneself() -> None:
    names = ["always-cooperate", "always-defect", "tit-for-tat"]
    others = dl.tournament("prisoners-dilemma", names, rounds=10).ranking.set_index("strategy")["payoff"]
    assert others["always-defect"] == pytest.approx((5 + 1.4) / 2)
    own = dl.tournament("prisoners-dilemma", names, rounds=10, self_play=True).ranking.set_index("strategy")["payoff"]
    assert own["always-defect"] == pytest.approx((5 + 1.4 + 1) / 3)


def test_ranked_like_axelrod_self_play_is_played_and_not_counted() -> None:
    result = dl.tournament("prisoners-dilemma", SMALL, rounds=20, repetitions=5, like="axelrod", log="moves")
    pairs = result.pairs[result.pairs["strategy"] == result.pairs["partner"]]
    assert len(pairs) == len(SMALL)
    moves = result.episodes[result.episodes["strategy"] != result.episodes["partner_strategy"]]
    each = moves.groupby(["strategy", "repetition"])["payoff"].sum() / (20 * (len(SMALL) - 1))
    median = each.groupby("strategy").median().sort_values(ascending=False)
    assert list(result.ranking["strategy"]) == list(median.index)


def test_exact_and_played_agree_for_machines_without_chance() -> None:
    names = ["tit-for-tat", "always-defect", "grim", "win-stay-lose-shift", "fortress-3"]
    played = dl.tournament("prisoners-dilemma", names).ranking.set_index("strategy")
    exact = dl.tournament("prisoners-dilemma", names, exact=True).ranking.set_index("strategy")
    pd.testing.assert_series_equal(played["payoff"].sort_index(), exact["payoff"].sort_index(), atol=1e-9)
    assert set(dl.tournament("prisoners-dilemma", names, exact=True).pairs["method"]) == {"exact-200"}


def test_expected_payoffs_count_no_matches() -> None:
    names = ["tit-for-tat", "always-defect"]
    made = dl.tournament("prisoners-dilemma", names, exact=True, noise=0.1)
    assert made.ranking[["wins", "good_partner"]].isna().all(axis=None)
    assert made.pairs[["wins", "matches"]].isna().all(axis=None)
    played = dl.tournament("prisoners-dilemma", names, noise=0.1)
    assert played.ranking[["wins", "good_partner"]].notna().all(axis=None)
    assert played.pairs[["wins", "matches"]].notna().all(axis=None)


def test_what_is_no_machine_is_not_exact() -> None:
    with pytest.raises(Misfit, match="gradual"):
        dl.tournament("prisoners-dilemma", ["gradual", "tit-for-tat"], exact=True)


def test_vengeful_and_forgiving_are_counted_from_the_moves() -> None:
    result = dl.tournament("prisoners-dilemma", [*SMALL, "generous-tit-for-tat"], rounds=60, repetitions=4, noise=0.1)
    moves = result.moves.sort_values(["episode", "seat", "round"])
    for row in result.ranking.itertuples():
        hit, avenged, exploited, forgiven = 0, 0, 0, 0
        mine = moves[moves["strategy"] == row.strategy]
        for (episode, _seat), own in mine.groupby(["episode", "seat"]):
            other = moves[(moves["episode"] == episode) & (moves["agent"] != own["agent"].iloc[0])]
            steps = list(zip(own["action"], other["action"], strict=True))
            for (last, theirs), (now, _) in pairwise(steps):
                hit += theirs == "D"
                avenged += theirs == "D" and now == "D"
                exploited += (last, theirs) == ("C", "D")
                forgiven += (last, theirs) == ("C", "D") and now == "C"
        assert row.vengeful == pytest.approx(avenged / hit)
        assert row.forgiving == pytest.approx(forgiven / exploited)


def test_ratings_do_not_depend_on_what_is_kept() -> None:
    kept = dl.tournament("prisoners-dilemma", SMALL, rounds=30, repetitions=3, log="moves")
    short = dl.tournament("prisoners-dilemma", SMALL, rounds=30, repetitions=3, log="summary")
    assert "moves" not in short.tables
    pd.testing.assert_frame_equal(kept.ranking, short.ranking)


def test_asymmetric_games_are_played_in_both_seatings() -> None:
    result = dl.tournament("battle-of-the-sexes", ["always-first", "always-second"], rounds=4)
    assert len(result.episodes) == 4
    assert set(result.pairs["payoff"]) == {0.0}


@pytest.mark.parametrize("how", [{}, {"exact": True}, {"self_play": True}])
def test_cooperation_is_null_where_no_action_cooperates(how: dict[str, bool]) -> None:
    result = dl.tournament("battle-of-the-sexes", ["always-first", "random"], rounds=5, **how)
    assert result.ranking["cooperation"].isna().all() and result.pairs["cooperation"].isna().all()
    assert "eigenjesus" not in result.ranking


def test_many_seats_meet_in_every_split() -> None:
    result = dl.tournament("fishery", ["sustainable", "greedy"], allocation="proportional")
    pairs = result.pairs.set_index(["strategy", "others"])["payoff"]
    assert [float(pairs["sustainable", n]) for n in range(5)] == [120, 26, 16, 12, 10]
    assert [float(pairs["greedy", n]) for n in range(4, -1, -1)] == [80, 40, 32, 25, 20]


def test_repetitions_are_the_unit_of_intervals() -> None:
    result = dl.tournament("prisoners-dilemma", SMALL, rounds=10, repetitions=8, noise=0.2)
    per = result.episodes.groupby(["strategy", "repetition"])["payoff"].mean() / 10
    for row in result.ranking.itertuples():
        assert row.sd == pytest.approx(float(per[row.strategy].astype(float).std(ddof=1)))
        assert row.ci_low < row.payoff < row.ci_high
    assert dl.tournament("prisoners-dilemma", SMALL, rounds=10).ranking["sd"].isna().all()


def test_payoff_a_round_is_a_ratio_of_sums() -> None:
    total, rounds = np.array([[6.0], [30.0], [4.0]]), np.array([[2.0], [20.0], [2.0]])
    values = ratio(total, rounds)
    assert values.mean() == pytest.approx(40 / 24)
    np.testing.assert_allclose(ratio(total, np.full((3, 1), 4.0)), total / 4)


def test_one_strategy_alone_has_nobody_to_meet() -> None:
    with pytest.raises(UsageError, match="two strategies"):
        dl.tournament("prisoners-dilemma", ["tit-for-tat"])
