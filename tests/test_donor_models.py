"""Every switch of the donor game with models: what it changes in the prompt; who plays a law gets its numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from provider import Messages, Provider, last

import dilemmas as dl

MODEL = "plain@local/tiny"
COMPANY = ["never-donate", "always-donate", "constant-donor:fraction=0.25"]
RECORD = re.compile(r"^- Round \d+: Player \d+ (gave|spent|refused)(?: ([\d.]+) %)?", re.MULTILINE)
Said = Callable[[str], str]


def chain(text: str) -> list[float]:
    """Shares on record, newest first; a refusal is none given."""
    return [float(share or 0) / 100 for _, share in RECORD.findall(text.partition("on record")[2])]


def stern(text: str) -> str:
    """Judges along the record: to give to the bad, and to keep from the good, is bad."""
    good = True
    for share in reversed(chain(text)):
        good = (share >= 0.5) == good
    return "ANSWER: 50 %" if good else "ANSWER: 0"


def image(text: str, least: float = 0.5) -> str:
    score = float(re.findall(r"The image score of Player \d+ is (-?\d+)\.", text)[-1])
    return "ANSWER: 50 %" if score >= least else "ANSWER: 0"


def counted(text: str) -> str:
    """The same by a score that begins at 0 and goes up and down."""
    return image(text, 0)


def standing(text: str) -> str:
    return "ANSWER: 0" if re.search(r"Player \d+ is in bad standing\.", text) else "ANSWER: 50 %"


def punisher(text: str) -> str:
    shares = chain(text)
    return f"ANSWER: {'punish' if shares and shares[0] < 0.3 else 'give'} 50 %"


def refuser(text: str) -> str:
    shares = chain(text)
    return "ANSWER: refuse" if shares and shares[0] < 0.3 else "ANSWER: give 50 %"


REFUSER = """
def decide(view, memory, coin):
    return ("refuse" if view.shares and view.shares[0] < 0.3 else ("donate", view.balance / 2)), memory
"""
LAWS = {
    stern: "stern-judging:first=0.5:high=0.5:low=0",
    image: "image-scorer:first=0.5:high=0.5:low=0",
    counted: "image-scorer:first=0.5:high=0.5:low=0",
    standing: "l3:first=0.5:high=0.5",
    punisher: "punisher",
    refuser: "refuser.py",
}
CASES: list[tuple[Said, dict[str, Any], list[str], list[str]]] = [
    (stern, {"trace": 1}, ["in its latest turn as donor: the share of its units"], ["steps back", "image score"]),
    (stern, {"trace": 3}, ["and so on, 3 steps back"], ["standing"]),
    (stern, {"trace": 10}, ["and so on, 10 steps back"], []),
    (image, {"information": "image"}, ["It is 1 at the start"], ["on record", "latest turn", "standing"]),
    (counted, {"information": "image", "image": "integer"}, ["never above 5 or below -5"], ["on record"]),
    (image, {"information": ["trace", "image"], "trace": 1}, ["on record", "image score"], ["standing"]),
    (standing, {"information": "standing"}, ["standing. It is good at the start"], ["on record", "image score"]),
    (standing, {"information": ["trace", "standing"], "norm": "shunning"}, ["on record", "standing"], ["image score"]),
    (punisher, {"mechanism": "punish"}, ["may punish the recipient", "loses 2 units for every unit"], ["refuse"]),
    (refuser, {"mechanism": "refuse"}, ["may refuse. Then no units change hands, and the record"], ["punish"]),
]


@pytest.mark.parametrize(("brain", "settings", "there", "absent"), CASES)
def test_a_switch_changes_the_prompt_and_the_numbers_are_the_laws(
    server: Provider,
    brain: Said,
    settings: dict[str, Any],
    there: list[str],
    absent: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("refuser.py").write_text(REFUSER, encoding="utf-8")
    server.brain = lambda messages: brain(last(messages))
    settings = {"seats": 6, "rounds": 10, "seed": 4, **settings}
    found = dl.play("donor", [MODEL] * 3 + COMPANY, base_url=server.url, **settings)
    known = dl.play("donor", [LAWS[brain]] * 3 + COMPANY, **settings)
    assert found.moves.amount.tolist() == pytest.approx(known.moves.amount.tolist(), rel=1e-12)
    assert found.moves.action.tolist() == known.moves.action.tolist()
    assert found.episodes.payoff.tolist() == pytest.approx(known.episodes.payoff.tolist(), rel=1e-12)
    mine = found.moves[found.moves.strategy == "plain"]
    assert mine.attempts.eq(1).all() and mine[["action", "share"]].drop_duplicates().shape[0] > 1
    asked = [whole(body["messages"]) for body in server.bodies]
    assert all(part in asked[-1] for part in there), [part for part in there if part not in asked[-1]]
    assert not [part for part in absent for text in asked if part in text]


def whole(messages: Messages) -> str:
    return "\n\n".join(message["content"] for message in messages)


def test_the_depth_of_the_trace_changes_what_is_given(server: Provider) -> None:
    server.brain = lambda messages: stern(last(messages))
    given = []
    for depth in (1, 2, 10):
        team = [MODEL] * 3 + COMPANY
        found = dl.play("donor", team, base_url=server.url, seats=6, rounds=12, seed=4, trace=depth)
        given.append(found.moves.amount.tolist())
        lines = [len(chain(last(body["messages"]))) for body in server.bodies]
        assert max(lines) == min(depth, 11)  # what somebody did in eleven rounds is all there is
        server.bodies.clear()
    assert given[0] != given[1] != given[2]


@pytest.mark.parametrize("settings", [{"trace": 0}, {"information": "none"}])
def test_nothing_of_the_past_is_told(server: Provider, settings: dict[str, Any]) -> None:
    server.brain = lambda messages: stern(last(messages))
    found = dl.play("donor", [MODEL] * 4, base_url=server.url, seats=4, rounds=6, **settings)
    asked = [whole(body["messages"]) for body in server.bodies]
    for part in (
        "on record",
        "latest turn",
        "image score",
        "standing",
        "The same is told of you",
        "learns of the past",
    ):
        assert not any(part in text for text in asked)
    assert all(re.search(r"You have [\d.]+ units?, and Player \d+ has [\d.]+ units?\.", text) for text in asked)
    assert found.moves.share.eq(0.5).all()
