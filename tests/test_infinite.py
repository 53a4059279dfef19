"""Replicator dynamics as an experiment: from counts to shares, to the fixed points that theory names."""

from __future__ import annotations

import numpy as np
import pytest

import dilemmas as dl
from dilemmas.errors import UsageError


def test_defection_takes_over_a_one_shot_dilemma() -> None:
    result = dl.evolve(
        "prisoners-dilemma",
        {"always-cooperate": 9, "always-defect": 1},
        generations=400,
        replicator={"step": 0.1},
        rounds=1,
    )
    last = result.shares[result.shares["generation"] == 400].set_index("strategy")["share"]
    assert last["always-defect"] > 0.999
    assert list(result.shares.groupby("generation")["share"].sum().round(12).unique()) == [1.0]


def test_hawks_and_doves_settle_where_both_earn_the_same() -> None:
    birds = {"always-cooperate": 1, "always-defect": 1}
    result = dl.evolve("chicken", birds, generations=3000, replicator={}, rounds=1)
    last = result.shares[result.shares["generation"] == 3000]
    assert np.ptp(last["payoff"].to_numpy(float)) < 1e-6
    assert 0.01 < float(last["share"].min()) < 0.99


def test_mutation_keeps_everybody() -> None:
    who = {"always-cooperate": 1, "always-defect": 1, "tit-for-tat": 1}
    result = dl.evolve("prisoners-dilemma", who, generations=2000, replicator={"mutation": 0.05}, rounds=20)
    assert float(result.shares["share"].min()) > 0.005


def test_the_start_is_generation_zero_and_the_shares_of_the_counts() -> None:
    result = dl.evolve("prisoners-dilemma", {"tit-for-tat": 1, "gradual": 3}, generations=2, replicator={}, rounds=10)
    start = result.shares[result.shares["generation"] == 0].set_index("strategy")["share"]
    assert dict(start) == {"tit-for-tat": 0.25, "gradual": 0.75}
    assert set(result.pairs["method"]) == {"sampled"}, "gradual is no machine"


def test_many_seats_are_refused() -> None:
    with pytest.raises(UsageError, match="two"):
        dl.evolve("fishery", {"greedy": 1, "sustainable": 1}, generations=2, replicator={})
