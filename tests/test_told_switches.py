"""Every switch of culture in words, one line of an experiment each: what it changes in prompts or in numbers."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import brains
import pytest
from cli import dilemmas as invoke
from provider import Messages, Provider, every, marker_options

import dilemmas as dl
from dilemmas.errors import SpecError
from dilemmas.rules.donor_theory import expected_mean

GIVES = re.compile(r"gives (\d+) percent")
HEARD = "Others have played before you"


def society(messages: Messages) -> str:
    """Founders give 40 percent; newcomers one percent more than the most generous that they hear of, or 30."""
    text = brains.whole(messages)
    shares = [int(share) for share in GIVES.findall(text)]
    if "STORY:" in messages[-1]["content"]:
        return f"STORY: Mine is one of somebody who gives {shares[-1]} percent."
    if "STRATEGY:" in messages[-1]["content"]:
        share = max(shares) + 1 if shares else 30 if HEARD in text else 40
        return f"STRATEGY: From the first round on this player gives {share} percent. It is calm. It never asks why."
    return f"ANSWER: {shares[-1]} %"


BRAIN = society
pytestmark = pytest.mark.usefixtures("here")


def run(server: Provider, **changes: Any) -> Any:
    """Two generations of six in a short donor game, unless said otherwise; what was asked is in ``server.bodies``."""
    server.bodies.clear()
    server.requests = 0
    settings = {
        "experiment": "switches",
        "game": {"name": "donor", "rounds": 3, "games": 2},
        "population": ["plain@local/tiny=6"],
        "generations": 2,
        "selection": "truncation",
        "inheritance": {"rule": "told"},
        "base_url": server.url,
        **changes,
    }
    return dl.run(settings)


def told(**more: Any) -> dict[str, Any]:
    return {"inheritance": {"rule": "told", **more}}


def lessons(server: Provider) -> list[str]:
    """What newcomers were asked."""
    asked = [body["messages"][-1]["content"] for body in server.bodies]
    return [text for text in asked if "STRATEGY:" in text and HEARD in text]


# -- in the prompts ---------------------------------------------------------------------------------------------------

SCRIPTS = {"population": ["plain@local/tiny=3", "always-donate", "constant-donor:fraction=0.1=2"]}
PROMPTS: dict[str, tuple[dict[str, Any], str, bool]] = {
    # switch: the change, what newcomers then read, and whether they do so by default
    "told strategies": ({}, r"this player gives 40 percent", True),
    "scores": ({}, r", who earned [\d.]+ units:", True),
    "scores off": (told(scores=False), r", who earned", True),
    "scores alone": (told(passed="scores"), r"Player \d earned [\d.]+ units\.", False),
    "scores alone, no strategies": (told(passed="scores"), r"this player gives", True),
    "a summary": (told(passed="summary"), r"in short what they went through", False),
    "a story": (told(passed="story"), r"Mine is one of somebody who gives 40 percent", False),
    "a change": (told(mutation="change", rate=1), r"with one small change of your own", False),
    "a change, by chance": (told(mutation="change", rate=0), r"You may take over, combine, change or leave", True),
    "a blend": (told(mutation="blend", rate=1), r"one strategy out of two of theirs", False),
    "one forgets": (told(mutation="forget", rate=1), r"percent\. It is calm\. It never asks why\.", True),
    "one teacher": (told(teachers="parent"), r"One of those who stay will", False),
    "scripts teach": (SCRIPTS, r"It follows a fixed rule\. It gives 10 % of what it has, whoever", False),
    "scripts are said to be programs": (SCRIPTS, r"\(a program, which writes nothing: these are not its own", False),
}
OFF = {"scores off", "scores alone, no strategies", "one forgets"}  # which take away what was there


@pytest.mark.parametrize("switch", PROMPTS)
def test_a_switch_changes_what_newcomers_read(server: Provider, switch: str) -> None:
    changes, words, default = PROMPTS[switch]
    run(server)
    assert any(re.search(words, lesson) for lesson in lessons(server)) == default
    run(server, **changes)
    assert lessons(server)
    assert all(bool(re.search(words, lesson)) != (switch in OFF) for lesson in lessons(server))


@pytest.mark.parametrize(
    ("changes", "heard"),
    [
        ({}, 3),
        (told(teachers="best", most=2), 2),
        (told(teachers="best", most=1), 1),
        (told(teachers="parent"), 1),
        (told(teachers="parents"), 2),
        ({"selection": {"rule": "truncation", "keep": 0.84}}, 5),
        ({"selection": {"rule": "moran", "births": 3}}, 1),
    ],
)
def test_who_teaches_is_heard_and_is_a_parent(server: Provider, changes: dict[str, Any], heard: int) -> None:
    agents = run(server, **changes).agents
    newcomers = agents[agents.born == 2]
    assert {len(json.loads(parents)) for parents in newcomers.parents} == {heard}
    assert {len(GIVES.findall(lesson)) for lesson in lessons(server)} == {heard}
    assert len(lessons(server)) == len(newcomers) > 0


def test_a_share_of_newcomers_starts_blank(server: Provider) -> None:
    agents = run(server, population=["plain@local/tiny=20"], **told(blank=0.5)).agents
    blank = agents[(agents.born == 2) & (agents.parents == "[]")]
    assert 0 < len(blank) < 10 and len(lessons(server)) == 10 - len(blank)
    assert set(blank.text.str.extract(GIVES.pattern)[0]) == {"40"} and blank.similarity.isna().all()
    assert run(server, **told(blank=1)).agents.parents.eq("[]").all()


REFUSED = {
    "nothing is left": {"passed": "scores", "scores": False},
    "needs words to change": {"passed": "scores", "mutation": "change"},
    "blend needs two teachers": {"teachers": "parent", "mutation": "blend"},
}


@pytest.mark.parametrize("words", REFUSED)
def test_switches_that_contradict_each_other_are_refused(server: Provider, words: str) -> None:
    with pytest.raises(SpecError, match=words):
        run(server, **told(**REFUSED[words]))
    assert server.requests == 0


def test_one_teacher_alone_is_not_to_be_blended(server: Provider) -> None:
    run(server, selection={"rule": "truncation", "keep": 0.2}, **told(mutation="blend", rate=1))
    assert lessons(server) and not any("out of two" in lesson for lesson in lessons(server))


# -- in the numbers ---------------------------------------------------------------------------------------------------


def half(messages: Messages) -> str:
    return "STRATEGY: give half" if "STRATEGY:" in messages[-1]["content"] else "ANSWER: half of my units"


@pytest.mark.parametrize(
    ("schedule", "agents"), [("released", 12), ("strict", 12), pytest.param("no-repeat", 24, marks=pytest.mark.slow)]
)
def test_schedules_give_what_theory_says(server: Provider, schedule: str, agents: int) -> None:
    server.brain = half
    game = {"name": "donor", "rounds": 12, "games": 2, "seats": agents, "schedule": schedule}
    result = run(server, game=game, population=[f"plain@local/tiny={agents}"], generations=1)
    named = "released" if schedule == "released" else "strict"
    assert result.generations.payoff.tolist() == pytest.approx([expected_mean(2, 0.5, schedule=named)], rel=1e-12)
    assert server.requests == 2 * 12 * agents // 2 + agents


def test_a_random_schedule_has_donors_give_twice_in_a_row(server: Provider) -> None:
    server.brain = half
    game = {"name": "donor", "rounds": 8, "schedule": "random"}
    moves = run(server, game=game, generations=1).moves
    rounds = moves.groupby(["episode", "agent"])["round"].apply(list)
    assert any(later - former == 1 for turns in rounds for former, later in pairwise(turns))


def test_selection_by_the_last_game_is_not_that_by_the_mean(server: Provider) -> None:
    server.brain = half
    game = {"name": "donor", "rounds": 3, "games": 2}
    mean = run(server, game=game).agents
    last = run(server, game=game, selection={"rule": "truncation", "score": "last-game"})
    episodes = last.episodes[(last.episodes.generation == 1) & (last.episodes.episode == 2)]
    best = set(episodes.sort_values("payoff", ascending=False).agent[:3])
    stay = set(last.agents[(last.agents.generation == 2) & (last.agents.born == 1)].agent)
    assert stay == best != set(mean[(mean.generation == 2) & (mean.born == 1)].agent)


NUMBERS: dict[str, tuple[dict[str, Any], int]] = {
    # switch: the change, and how many calls two generations take
    "as it is": ({}, 2 * 2 * 3 * 3 + 6 + 3),
    "one game": ({"game": {"name": "donor", "rounds": 3, "games": 1}}, 2 * 3 * 3 + 6 + 3),
    "a third stays": ({"selection": {"rule": "truncation", "keep": 0.34}}, 2 * 2 * 3 * 3 + 6 + 4),
    "whoever stays": ({"selection": {"rule": "random", "keep": 0.5}}, 2 * 2 * 3 * 3 + 6 + 3),
    "teachers tell first": (told(passed="story"), 2 * 2 * 3 * 3 + 6 + 3 + 3),
    "two teachers tell first": (told(passed="story", teachers="best", most=2), 2 * 2 * 3 * 3 + 6 + 2 + 3),
    "scores need no telling": (told(passed="scores"), 2 * 2 * 3 * 3 + 6 + 3),
}


@pytest.mark.parametrize("switch", NUMBERS)
def test_calls_are_as_many_as_the_switches_say(server: Provider, switch: str) -> None:
    changes, calls = NUMBERS[switch]
    run(server, **changes)
    assert server.requests == calls


@pytest.mark.parametrize(("model", "last"), [("kept", {"mean": 3, "kind": 3}), ("teacher", {"mean": 6})])
def test_models_compete_or_ideas_alone(server: Provider, model: str, last: dict[str, int]) -> None:
    def brain(messages: Messages) -> str:
        share = 0 if server.bodies[-1]["model"] == "mean" else 50
        return f"STRATEGY: {share}" if "STRATEGY:" in messages[-1]["content"] else f"ANSWER: {share} %"

    server.brain = brain
    agents = run(server, population=["plain@local/mean=3", "plain@local/kind=3"], **told(newcomer_model=model)).agents
    counts = agents[agents.generation == 2].model.str.removeprefix("local/").value_counts().to_dict()
    assert counts == last


def test_drawn_models_are_of_the_population_and_not_always_those_of_the_place(server: Provider) -> None:
    entries = ["plain@local/one=10", "plain@local/two=10"]
    agents = run(server, population=entries, **told(newcomer_model="drawn")).agents
    born = agents[agents.born == 2]
    assert set(born.model) == {"local/one", "local/two"}
    before = agents[agents.generation == 1].model.to_numpy()
    assert (agents[agents.generation == 2].model.to_numpy() != before).any()


# -- every family -----------------------------------------------------------------------------------------------------

FAMILIES: dict[str, dict[str, Any]] = {
    "donor": {"game": {"name": "donor", "rounds": 3}, "population": ["plain@local/tiny=3", "mirror=3"]},
    "matrix": {
        "game": {"name": "prisoners-dilemma", "rounds": 2},
        "population": ["plain@local/tiny=2", "tit-for-tat", "gradual"],
    },
    "asymmetric": {
        "game": {"name": "battle-of-the-sexes", "rounds": 2},
        "population": ["plain@local/tiny=3", "always-first"],
    },
    "commons": {
        "game": {"name": "fishery", "rounds": 2, "seats": 4},
        "population": ["plain@local/tiny=2", "sustainable", "greedy"],
    },
    "public goods": {
        "game": {"name": "public-goods", "rounds": 2, "seats": 4},
        "population": ["plain@local/tiny=2", "conditional", "contributor:share=0.3"],
    },
}


def anybody(messages: Messages) -> str:
    """The first option, or the lowest number, in any game."""
    asked = messages[-1]["content"]
    if "STRATEGY:" in asked:
        return "STRATEGY: always the same, as a rock."
    options = marker_options(asked)
    return f"ANSWER: {options[0] if options else 0}"


@pytest.mark.parametrize("family", FAMILIES)
def test_any_game_is_learnt_in_words(server: Provider, family: str) -> None:
    server.brain = anybody
    settings: dict[str, Any] = {"generations": 3, "selection": "random", **FAMILIES[family]}
    result = run(server, **settings)
    first = server.bodies[0]["messages"]
    assert "STRATEGY:" in first[-1]["content"] and HEARD not in first[-1]["content"] and len(first[0]["content"]) > 200
    learned = lessons(server)
    assert learned and all("fixed rule" in lesson or "as a rock" in lesson for lesson in learned)
    assert any("It follows a fixed rule" in lesson and "(a program, which" in lesson for lesson in learned)
    assert not any("called" in lesson.split(HEARD)[1].split("fixed rule")[-1].split(".")[0] for lesson in learned)
    agents, spoken = result.agents, result.agents[result.agents.model.notna()]
    assert spoken.text.notna().all() and spoken.words.eq(6).all() and agents[agents.model.isna()].text.isna().all()
    children = spoken[(spoken.born > 1) & (spoken.parents != "[]")]
    known = set(agents.agent)
    assert all(set(json.loads(parents)) <= known for parents in children.parents)
    assert spoken.similarity.dropna().eq(1).all()
    assert set(result.generations.columns) >= {"words", "vocabulary", "similarity"}
    assert result.generations.vocabulary.dropna().eq(6).all()


# -- mixed models, one of which fails for good ------------------------------------------------------------------------


def test_runs_of_a_provider_that_fails_for_good_stop_and_others_finish(server: Provider, tmp_path: Path) -> None:
    with Provider(society, schedule=every(9, "401")) as broken:
        settings = {
            "experiment": "mixed",
            "game": {"name": "donor", "rounds": 3},
            "population": [
                {"name": "mine", "strategy": "plain", "model": "local/tiny", "count": 3},
                {"name": "theirs", "strategy": "plain", "model": "local/tiny", "count": 3},
            ],
            "generations": 2,
            "selection": "truncation",
            "inheritance": "told",
            "seeds": 5,
            "base_url": {"local/tiny": server.url, "local/far": broken.url},
            "sweep": {"population.theirs.model": ["local/tiny", "local/far"]},
        }
        Path("mixed.yaml").write_text(json.dumps(settings), encoding="utf-8")
        stopped = invoke("run", "mixed.yaml", "--out", "out", "--no-plots")
        assert stopped.code == 3 and "local/far" in stopped.err
        runs = dl.load("out").runs
        assert set(runs[runs.status == "done"]["population.theirs.model"]) == {"local/tiny"}
        assert (runs.status == "done").sum() == 5
        asked, broken.schedule = server.requests, ()
        assert invoke("run", "mixed.yaml", "--out", "out", "--no-plots").code == 0
        assert (dl.load("out").runs.status == "done").all()
        assert server.requests - asked < asked  # nothing that was journalled is asked again
        assert invoke("run", "mixed.yaml", "--out", "whole", "--no-plots").code == 0
        for name in ("agents", "moves", "generations", "runs"):
            assert (tmp_path / "out" / f"{name}.csv").read_bytes() == (tmp_path / "whole" / f"{name}.csv").read_bytes()
