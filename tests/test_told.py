"""Culture told in words: founders write, newcomers hear and write, texts are kept and compared; real HTTP."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest
from cli import dilemmas as invoke
from provider import Messages, Provider

import dilemmas as dl
from dilemmas.engine.together import together
from dilemmas.errors import Stopped, UsageError
from dilemmas.runs.texts import similarity
from dilemmas.strategies.lessons import forgotten

GIVES = re.compile(r"gives? (\d+) percent")


def whole(messages: Messages) -> str:
    return "\n".join(message["content"] for message in messages)


def society(messages: Messages) -> str:
    """Writes down a share and lives by it; a newcomer gives one percent more than the most generous it hears of."""
    text = whole(messages)
    shares = [int(share) for share in GIVES.findall(text)]
    if "STORY:" in messages[-1]["content"]:
        return f"STORY: I am one who gives {shares[-1]} percent, and it went well."
    if "STRATEGY:" in messages[-1]["content"]:
        share = max(shares) + 1 if shares else 40
        words_ = f"From the first round on this player gives {share} percent."
        return f"Let me think. Others count on me.\n\n**STRATEGY:** {words_}"
    return f"I do as I said.\nANSWER: {shares[-1]} %"


BRAIN = society
pytestmark = pytest.mark.usefixtures("here")


def data(server: Provider, **changes: Any) -> dict[str, Any]:
    return {
        "experiment": "told",
        "game": {"name": "donor", "rounds": 4, "games": 2},
        "population": ["plain@local/tiny=6"],
        "generations": 3,
        "selection": {"rule": "truncation", "keep": 0.5},
        "inheritance": {"rule": "told"},
        "base_url": server.url,
        **changes,
    }


def lessons(server: Provider) -> list[str]:
    """What was asked between generations, without the rules."""
    asked = [body["messages"][-1]["content"] for body in server.bodies]
    return [text for text in asked if "STRATEGY:" in text or "STORY:" in text]


def test_founders_write_newcomers_hear_and_write_and_live_by_it(server: Provider) -> None:
    result = dl.run(data(server))
    agents = result.agents
    assert server.requests == 3 * 2 * 4 * 3 + 6 + 3 + 3
    first = agents[agents.generation == 1]
    assert set(first.text) == {"From the first round on this player gives 40 percent."}
    assert first.similarity.isna().all() and set(first.words) == {10}
    for generation in (2, 3):
        here = agents[agents.generation == generation]
        newcomers = here[here.born == generation]
        before = agents[(agents.generation == generation - 1) & agents.selected]
        share = max(int(GIVES.findall(text)[0]) for text in before.text) + 1
        assert len(newcomers) == 3
        assert set(newcomers.text) == {f"From the first round on this player gives {share} percent."}
        assert set(newcomers.cooperation.round(9)) == {share / 100}
        assert ((newcomers.similarity > 0.85) & (newcomers.similarity < 1)).all()
        assert all(sorted(json.loads(parents)) == sorted(before.agent) for parents in newcomers.parents)
    stay = agents[(agents.generation == 2) & (agents.born == 1)]
    assert set(stay.text) == {"From the first round on this player gives 40 percent."}
    generations = result.generations
    assert generations.vocabulary.tolist()[0] == 10 and generations.vocabulary.tolist()[1] == 11
    assert generations.words.tolist() == [10, 10, 10]


def test_a_society_of_one_share_has_what_theory_says(server: Provider) -> None:
    server.brain = lambda messages: (
        "STRATEGY: give half" if "STRATEGY:" in messages[-1]["content"] else "ANSWER: half of my units"
    )
    settings = data(server, population=["plain@local/tiny=12"], game={"name": "donor", "rounds": 12, "games": 2})
    result = dl.run({**settings, "generations": 2})
    assert result.generations.payoff.tolist() == pytest.approx([21835 / 64] * 2, rel=1e-12)
    assert server.requests == 2 * 144 + 12 + 6


def test_scores_are_told_or_not(server: Provider) -> None:
    dl.run(data(server, generations=2))
    told = [lesson for lesson in lessons(server) if "Others have played" in lesson]
    assert len(told) == 3 and all("who earned" in lesson for lesson in told)
    earned = [float(score) for score in re.findall(r"who earned ([\d.]+) units", told[0])]
    assert earned == sorted(earned, reverse=True) and len(earned) == 3
    server.bodies.clear()
    dl.run(data(server, generations=2, inheritance={"rule": "told", "scores": False}))
    told = [lesson for lesson in lessons(server) if "Others have played" in lesson]
    assert not any("who earned" in lesson.replace("the ones who earned most", "") for lesson in told)


@pytest.mark.parametrize(("teachers", "heard"), [("all", 3), ("best", 2), ("parent", 1), ("parents", 2)])
def test_who_teaches(server: Provider, teachers: str, heard: int) -> None:
    result = dl.run(data(server, generations=2, inheritance={"rule": "told", "teachers": teachers, "most": 2}))
    newcomers = result.agents[(result.agents.generation == 2) & (result.agents.born == 2)]
    assert {len(json.loads(parents)) for parents in newcomers.parents} == {heard}
    told = [lesson for lesson in lessons(server) if "Others have played" in lesson]
    assert {len(GIVES.findall(lesson)) for lesson in told} == {heard}


@pytest.mark.parametrize("passed", ["story", "summary"])
def test_teachers_tell_a_story_or_a_summary_first(server: Provider, passed: str) -> None:
    dl.run(data(server, generations=2, inheritance={"rule": "told", "passed": passed}))
    assert server.requests == 2 * 2 * 4 * 3 + 6 + 3 + 3
    learned = [lesson for lesson in lessons(server) if "Others have played" in lesson]
    assert all(lesson.count("and it went well") == 3 for lesson in learned)
    assert all(("their story" if passed == "story" else "in short what they went through") in one for one in learned)


@pytest.mark.parametrize(("mutation", "words_"), [("change", "one small change"), ("blend", "one strategy out of two")])
def test_mutations_that_are_asked_for(server: Provider, mutation: str, words_: str) -> None:
    rule = {"rule": "told", "mutation": mutation, "rate": 1}
    dl.run(data(server, generations=2, inheritance=rule))
    learned = [lesson for lesson in lessons(server) if "Others have played" in lesson]
    assert all(words_ in lesson for lesson in learned)
    server.bodies.clear()
    dl.run(data(server, generations=2, inheritance={**rule, "rate": 0}))
    assert not any(words_ in lesson for lesson in lessons(server))


def test_forgetting_loses_a_sentence(server: Provider) -> None:
    server.brain = lambda messages: (
        "STRATEGY: One is first. Two is second. Three is third."
        if "STRATEGY:" in messages[-1]["content"]
        else "ANSWER: 1 %"
    )
    dl.run(data(server, generations=2, inheritance={"rule": "told", "mutation": "forget", "rate": 1}))
    learned = [lesson for lesson in lessons(server) if "Others have played" in lesson]
    assert learned
    for lesson in learned:
        assert sum(lesson.count(part) for part in ("One is", "Two is", "Three is")) == 3 * 2


def test_forgotten_is_one_sentence_and_never_the_last() -> None:
    assert {forgotten("A b. C d! E f?", lot) for lot in (0.0, 0.4, 0.99)} == {"C d! E f?", "A b. E f?", "A b. C d!"}
    assert forgotten("Only this.", 0.5) == "Only this."


def test_blank_newcomers_hear_nobody(server: Provider) -> None:
    result = dl.run(data(server, inheritance={"rule": "told", "blank": 1}))
    assert not any("Others have played" in lesson for lesson in lessons(server))
    assert set(result.agents.parents) == {"[]"}
    assert set(result.agents.text) == {"From the first round on this player gives 40 percent."}


def test_models_compete_or_only_ideas(server: Provider) -> None:
    # One model gives nothing, the other half: who gives nothing earns more, and stays.
    def brain(messages: Messages) -> str:
        mean = server.bodies[-1]["model"] == "mean"
        if "STRATEGY:" in messages[-1]["content"]:
            return f"STRATEGY: the player gives {0 if mean else 50} percent"
        return f"ANSWER: {0 if mean else 50} %"

    server.brain = brain
    population = ["plain@local/mean=3", "plain@local/kind=3"]
    kept = dl.run(data(server, population=population, inheritance={"rule": "told", "newcomer_model": "kept"}))
    counts = kept.agents.groupby(["generation", "model"]).size().unstack()
    assert (counts == 3).all().all()
    taught = dl.run(data(server, population=population, inheritance={"rule": "told", "newcomer_model": "teacher"}))
    last = taught.agents[taught.agents.generation == 3]
    assert set(last.model) == {"local/mean"}
    drawn = dl.run(data(server, population=population, inheritance={"rule": "told", "newcomer_model": "drawn"}))
    assert set(drawn.agents.model) <= {"local/mean", "local/kind"}


def test_scripts_are_described_and_newcomers_in_their_places_follow(server: Provider) -> None:
    settings = data(server, population=["plain@local/tiny=3", "constant-donor:fraction=0.9=3"], generations=3)
    result = dl.run(settings)
    learned = [lesson for lesson in lessons(server) if "Others have played" in lesson]
    assert learned
    agents = result.agents
    assert agents[agents.model.isna()].text.isna().all()
    assert any(
        "It follows a fixed rule. It gives 90 % of what it has, whoever the recipient is." in lesson
        for lesson in learned
    ) or (set(agents[agents.selected.fillna(False)].strategy) == {"plain"})


def test_told_works_for_matrix_games_with_labels_drawn_once(server: Provider) -> None:
    def brain(messages: Messages) -> str:
        text = whole(messages)
        if "STRATEGY:" in messages[-1]["content"]:
            return "STRATEGY: always choose J"
        assert "always choose J" in text
        return "ANSWER: J"

    server.brain = brain
    settings = data(
        server, game={"name": "prisoners-dilemma", "rounds": 3}, population=["plain@local/tiny=3", "tit-for-tat"]
    )
    result = dl.run({**settings, "generations": 3})
    spoken = result.moves[result.moves.model.notna()]
    assert spoken.groupby("label").action.nunique().tolist() == [1]  # J means the same in all episodes and generations
    learned = [lesson for lesson in lessons(server) if "Others have played" in lesson]
    described = [lesson for lesson in learned if "fixed rule" in lesson]
    assert all("Case 1: it chooses" in lesson for lesson in described)
    assert not any(" C " in lesson or " D " in lesson for lesson in described)


def test_labels_drawn_for_every_episode_are_refused(server: Provider) -> None:
    settings = data(server, game={"name": "prisoners-dilemma", "permute": "episode"}, population=["plain@local/tiny=4"])
    with pytest.raises(Exception, match="words go from one episode to another"):
        dl.run(settings)
    assert server.requests == 0


def test_told_without_a_model_is_refused() -> None:
    with pytest.raises(UsageError, match="nothing here can"):
        dl.run(
            {
                "experiment": "none",
                "game": "donor",
                "population": ["mirror=4"],
                "generations": 2,
                "selection": "truncation",
                "inheritance": "told",
            }
        )


def test_a_lesson_without_a_strategy_is_asked_again_then_stops(server: Provider) -> None:
    def brain(messages: Messages) -> str:
        return "I will think about it." if "STRATEGY:" in whole(messages) else "ANSWER: 1"

    server.brain = brain
    with pytest.raises(Stopped, match=r"wrote no strategy in 3 attempts.*The same command"):
        dl.run(data(server, population=["plain@local/tiny=2"], game={"name": "donor", "rounds": 2}), out="out")
    server.brain = society
    result = dl.run(data(server, population=["plain@local/tiny=2"], game={"name": "donor", "rounds": 2}), out="out")
    assert result.agents.text.notna().all()


def test_a_told_run_is_replayed_and_its_strategies_are_read(server: Provider) -> None:
    dl.run(data(server), out="out")
    asked = server.requests
    assert invoke("replay", "out").code == 0
    told = invoke("read", "out", "--strategies")
    assert told.code == 0 and "gives 41 percent" in " ".join(told.out.split())
    assert server.requests == asked


def test_similarity_is_of_words_in_runs() -> None:
    assert similarity("Give half, always.", "give half ALWAYS") == 1
    assert similarity("a b c d", "e f g h") == 0
    assert similarity("a b c d", "a b x d") == 0.75
    assert similarity("give 2.5 units", "give 2,5 units") == pytest.approx(2 / 3)


def test_texts_that_repeat_themselves_without_end_are_compared_by_their_counts() -> None:
    loop = "word " * 20_000  # by runs, one comparison would take minutes
    assert similarity(loop, loop) == 1
    assert similarity(loop, "end " + loop + "end") == pytest.approx(40_000 / 40_002)
    assert similarity("a b " * 1000, "b a " * 1000) == 1  # the order is left out
    assert similarity("a b " * 100, "b a " * 100) < 1


def test_where_one_fails_the_others_ask_no_more() -> None:
    ended: list[str] = []

    async def waits(name: str, begun: asyncio.Event) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(name)

    async def fails(begun: asyncio.Event) -> None:
        await begun.wait()
        raise LookupError("the first cause")

    async def talk() -> None:
        begun = asyncio.Event()
        async with asyncio.timeout(10):
            with pytest.raises(LookupError, match="the first cause"):
                await together([fails(begun), waits("second", asyncio.Event()), waits("third", begun)])
        assert sorted(ended) == ["second", "third"]

    asyncio.run(talk())
