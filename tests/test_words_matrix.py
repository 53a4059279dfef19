"""What models are told of a matrix game, read back from the text by rules of our own."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scenes import loaded, played, whole

from dilemmas.errors import SpecError
from dilemmas.rules.game import Answers, Ask
from dilemmas.rules.matrix import Matrix
from dilemmas.specs import games, words
from dilemmas.specs.games import Dilemma
from dilemmas.strategies.scene import Scene
from dilemmas.strategies.words import Presentation

FRAMES = sorted(words.family("matrix").frames)
SHIPPED = (
    *("battle-of-the-sexes", "chicken", "deadlock", "harmony", "matching-pennies", "ordinal", "prisoners-dilemma"),
    *("prisoners-dilemma-akata", "pure-coordination", "rock-paper-scissors", "snowdrift", "stag-hunt"),
    "travellers-dilemma",
)
LINE = re.compile(
    r"- If you choose (?:\w+) (?P<mine>\S+) and the (?P<who>.+?) chooses (?:\w+) (?P<theirs>\S+), "
    r"you (?P<verb>get|lose) (?P<points>[\d.]+) .+? and the (?P=who) (?P<other>gets|loses) (?P<more>[\d.]+) .+?\.$"
)
PAST = re.compile(
    r"- \w+ (?P<round>\d+): your \w+ was (?P<mine>\S+), the .+'s was (?P<theirs>\S+)\. "
    r"You (?P<verb>got|lost) (?P<points>[\d.]+) .+?, the .+? (?P<other>got|lost) (?P<more>[\d.]+) .+?\.$"
)
Read = dict[tuple[str, str], tuple[float, float]]


def sides(found: re.Match[str]) -> tuple[float, float]:
    signs = (-1 if found["verb"] in ("lose", "lost") else 1, -1 if found["other"] in ("loses", "lost") else 1)
    return signs[0] * float(found["points"]), signs[1] * float(found["more"])


def sentences(text: str) -> Read:
    lines = [line for line in text.splitlines() if line.startswith("- If you choose")]
    read = [LINE.match(line) for line in lines]
    assert all(read), lines
    return {(found["mine"], found["theirs"]): sides(found) for found in read if found}


def table(text: str) -> Read:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    assert rows[0][2:] == ["you get", f"{rows[0][1].removesuffix(' chooses')} gets"]
    return {(mine.split()[-1], theirs.split()[-1]): (float(own), float(more)) for mine, theirs, own, more in rows[2:]}


def grids(text: str) -> list[dict[tuple[str, str], float]]:
    found: list[dict[tuple[str, str], float]] = []
    columns: list[str] = []
    for line in text.splitlines():
        first, *rest = line.split(",")
        if first == "you":
            columns = rest
            found.append({})
        elif columns and len(rest) == len(columns):
            found[-1].update({(first, column): float(cell) for column, cell in zip(columns, rest, strict=True)})
    return found


def expected(game: Matrix, seat: int, scenes: dict[int, Scene]) -> Read:
    mine, theirs = scenes[seat].labels, scenes[1 - seat].labels
    own, other = game.own[seat], game.own[1 - seat]
    return {
        (mine[i], theirs[j]): (float(own[i, j]), float(other[j, i]))
        for i, j in product(range(len(mine)), range(len(theirs)))
    }


def rules(dilemma: Dilemma) -> Matrix:
    assert isinstance(dilemma.rules, Matrix)
    return dilemma.rules


def choosing(moves: Any) -> Any:
    return lambda ask: Answers(choice=np.array([moves[int(ask.round[0]) - 1]]))


def first(ask: Ask) -> Answers:
    return Answers(choice=np.zeros((1, 2), np.int64))


def made(own: NDArray[np.float64], other: NDArray[np.float64], **presented: Any) -> Dilemma:
    """A game of these payoffs, ``other`` from the first seat's side too."""
    names = tuple(tuple(f"{side}{i}" for i in range(count)) for side, count in zip("rc", own.shape, strict=True))
    shown = Presentation(**presented)
    game = Matrix(actions=names, payoffs={"row": own.tolist(), "column": other.tolist()}, rounds=3)
    return Dilemma("made", game, "matrix", {}, words=words.family("matrix"), presentation=shown)


numbers = st.floats(-999, 999).map(lambda x: round(x, 3)) | st.integers(-3, 3).map(float)


@st.composite
def payoffs(draw: st.DrawFn) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rows, columns = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    cells = draw(st.lists(numbers, min_size=2 * rows * columns, max_size=2 * rows * columns))
    own, other = np.array(cells).reshape(2, rows, columns)
    return own, other


@settings(max_examples=60, deadline=None)
@given(
    both=payoffs(),
    seed=st.integers(0, 99),
    frame=st.sampled_from(FRAMES),
    shown=st.sampled_from(["words", "table"]),
    drawn=st.sampled_from(["fixed", "run", "episode"]),
)
def test_payoffs_read_back_are_those_of_the_rules_for_both_seats(
    both: Any, seed: int, frame: str, shown: str, drawn: str
) -> None:
    dilemma = made(*both, frame=frame, payoffs_as=shown, permute=drawn, order=drawn, lines=drawn)
    scenes = played(dilemma, first, seed=seed)[0]
    for seat in (0, 1):
        text = scenes[seat].texts["rules"]
        assert (sentences if shown == "words" else table)(text) == expected(rules(dilemma), seat, scenes)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 999), rows=st.integers(2, 12), columns=st.integers(7, 12))
def test_large_games_are_told_in_two_tables(seed: int, rows: int, columns: int) -> None:
    own, other = np.random.default_rng(seed).integers(-99, 99, (2, rows, columns)).astype(float)
    scenes = played(made(own, other), first, seed=seed)[0]
    for seat in (0, 1):
        mine, theirs = grids(scenes[seat].texts["rules"])
        assert {key: (mine[key], theirs[key]) for key in mine} == expected(rules(made(own, other)), seat, scenes)


def test_a_large_symmetric_game_is_told_in_one_table() -> None:
    own = np.arange(64.0).reshape(8, 8)
    dilemma = made(own, own.T)
    scenes = played(dilemma, first)[0]
    for seat in (0, 1):
        (mine,) = grids(scenes[seat].texts["rules"])
        read = expected(rules(dilemma), seat, scenes)
        assert mine == {key: points for key, (points, _) in read.items()}
        # The other's points are in the same table, with its own choice as the line.
        assert {key: mine[key[::-1]] for key in mine} == {key: points for key, (_, points) in read.items()}


def test_claims_are_told_as_a_rule_that_gives_the_payoffs() -> None:
    text = played(loaded("travellers-dilemma", high=40, bonus=5), first)[0][1].texts["rules"]
    assert "a number from 2 to 40" in text
    bonus = re.search(r"lower number gets (\d+) points more, and whoever .* higher number gets (\d+) points less", text)
    assert bonus is not None and bonus.groups() == ("5", "5")
    assert len(text) < 900


def test_claims_with_one_payoff_changed_are_told_as_a_table() -> None:
    table = rules(loaded("travellers-dilemma", high=9)).own[0].copy()
    table[1, 2] += 1
    game = Matrix(actions=tuple(map(str, range(2, 10))), payoffs=table.tolist())
    dilemma = Dilemma("claims", game, "matrix", {}, words=words.family("matrix"))
    scenes = played(dilemma, first)[0]
    (mine,) = grids(scenes[1].texts["rules"])
    assert mine == {(str(i + 2), str(j + 2)): table[i, j] for i, j in product(range(8), range(8))}


@pytest.mark.parametrize("game", [3, 30, 67, 144])
def test_as_published_exchanges_the_off_diagonal_of_the_second_seat_alone(game: int) -> None:
    right = played(loaded("ordinal", game=game), first)[0]
    wrong = played(loaded("ordinal", game=game, presentation__as_published=True), first)[0]
    truth, told = sentences(right[1].texts["rules"]), sentences(wrong[1].texts["rules"])
    # The labels are the same for both seats in these games, so a line's exchanged twin has them the other way round.
    assert told == {(mine, theirs): truth[theirs, mine] for mine, theirs in truth}
    assert told != truth
    assert wrong[0].texts == right[0].texts


def test_as_published_leaves_scores_and_history_right_and_says_nothing_of_it() -> None:
    dilemma = loaded("battle-of-the-sexes", **{"payoffs.ballet/boxing": [1, 2]}, as_published=True, rounds=2)
    scenes = played(dilemma, choosing([[0, 1], [0, 0]]), 2)[1]
    past = PAST.search(scenes[1].texts["past"])
    assert past is not None and sides(past) == (2, 1)
    assert "publish" not in whole(scenes[1])


def test_as_published_needs_as_many_actions_for_both() -> None:
    with pytest.raises(SpecError, match="as_published"):
        played(made(np.ones((2, 3)), np.ones((2, 3)), as_published=True), first)


def test_one_key_for_the_rules_and_for_the_telling() -> None:
    both = loaded("ordinal", game=17, as_published=True)
    assert (
        both.presentation.as_published
        and rules(both).own[0].tolist() != rules(loaded("ordinal", game=17)).own[0].tolist()
    )
    assert not loaded("ordinal", game=17, as_published=True, presentation__as_published=False).presentation.as_published


@settings(max_examples=40, deadline=None)
@given(
    moves=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=7, max_size=7),
    window=st.none() | st.integers(0, 7),
    frame=st.sampled_from(FRAMES),
    seed=st.integers(0, 99),
)
def test_the_past_is_what_was_played_as_far_as_it_is_told(
    moves: Any, window: int | None, frame: str, seed: int
) -> None:
    dilemma = loaded("rock-paper-scissors", frame=frame, rounds=7)
    scenes = played(dilemma, choosing(moves), 7, window=window, seed=seed)[-1]
    own = rules(dilemma).own
    start = 0 if window is None else max(6 - window, 0)
    for seat in (0, 1):
        lines = [line for line in scenes[seat].texts["past"].splitlines() if line.startswith("- ")]
        read = [found for line in lines if (found := PAST.match(line))]
        assert [int(found["round"]) for found in read] == list(range(start + 1, 7)) and len(read) == len(lines)
        for found, pair in zip(read, moves[start:6], strict=True):
            i, j = pair[seat], pair[1 - seat]
            assert (found["mine"], found["theirs"]) == (scenes[seat].labels[i], scenes[1 - seat].labels[j])
            assert sides(found) == (own[seat][i, j], own[1 - seat][j, i])
        assert ("not shown" in scenes[seat].texts["past"]) == (start > 0 and window != 0)


def test_the_past_of_seats_with_different_names_is_told_in_their_own() -> None:
    own = np.arange(6.0).reshape(2, 3)
    scenes = played(made(own, -own, labels="names"), choosing([[1, 2], [0, 0]]), 2)[1]
    read = [PAST.search(scenes[seat].texts["past"]) for seat in (0, 1)]
    assert [(found["mine"], found["theirs"], sides(found)) for found in read if found] == [
        ("r1", "c2", (5, -5)),
        ("c2", "r1", (-5, 5)),
    ]


def test_a_misread_choice_is_told_as_it_was_seen() -> None:
    dilemma = loaded("prisoners-dilemma", perception_noise=1, rounds=2)
    scenes = played(dilemma, first, 2)[1]
    found = PAST.search(scenes[0].texts["past"])
    assert found is not None and found["theirs"] == scenes[1].labels[1] and sides(found) == (0, 5)
    assert "chance of 100 %" in scenes[0].texts["rules"]


@pytest.mark.parametrize("name", SHIPPED)
def test_every_frame_and_option_renders_for_every_shipped_game(name: str) -> None:
    ways = product(FRAMES, ["words", "table"], ["unnamed", "human", "ai", "copy"], ["none", "own", "joint", "stay"])
    lengths: list[dict[str, Any]] = [{}, {"horizon": "hidden"}, {"continuation": 0.9}, {"rounds": 1}]
    for number, (frame, shown, opponent, goal) in enumerate(ways):
        if (number + len(name)) % 5:
            continue  # one in five a game; all of them over the games
        more = {**lengths[number % 4], **({"noise": 0.1, "perception_noise": 0.125} if number % 2 else {})}
        given = dict(frame=frame, payoffs_as=shown, opponent=opponent, goal=goal, **more)
        for asked in played(loaded(name, **given), first, 2):
            for scene in asked.values():
                assert all(scene.texts[part] for part in ("rules", "now", "question", "predict"))
                assert_clean(scene)


def assert_clean(scene: Scene) -> None:
    text = whole(scene)
    assert not re.search(
        r"prisoner|cooperat|defect|dilemma|None|\{|\}|  |\.\.| ,|\b1 \w+s\b (?!of)(?:and|\.)", text, re.I
    ), text
    assert all(line == line.strip() or line.startswith("  - ") for line in text.splitlines()), text
    assert set(scene.order) == set(scene.labels) and len(scene.order) == len(scene.labels)


@settings(max_examples=40, deadline=None)
@given(
    rounds=st.integers(13, 97),
    horizon=st.sampled_from(["known", "hidden", "chance"]),
    continuation=st.sampled_from([None, 0.5, 0.75]),
    frame=st.sampled_from(FRAMES),
)
def test_the_number_of_rounds_is_told_only_where_players_may_know_it(
    rounds: int, horizon: str, continuation: float | None, frame: str
) -> None:
    given = {"rounds": rounds, "horizon": horizon, "continuation": continuation, "frame": frame}
    scenes = played(loaded("prisoners-dilemma", **given), first, 3)
    for asked in scenes:
        text = whole(asked[0])
        if horizon == "hidden" or (horizon == "chance" and continuation is None):
            # Nor is it in the data, which a game's own texts may use.
            assert asked[0].data["rounds"] is asked[0].data["most"] is None
            assert str(rounds) not in text and "in all" not in text and "%" not in text
        elif horizon == "chance":
            assert f"chance of {100 * (continuation or 0):g} %" in text and f"never more than {rounds} " in text
        else:
            length = re.search(r"There (?:is|are) (\d+) ", text)
            assert length is not None and f" of {length[1]}." in text
            assert continuation is not None or int(length[1]) == rounds


def test_labels_and_orders_of_a_scene_are_those_of_the_question() -> None:
    dilemma = loaded("rock-paper-scissors", order="round", rounds=9)
    orders = set()
    for asked in played(dilemma, first, 9, seed=3):
        scene = asked[0]
        read = re.search(r"round \d+, (\w), (\w) or (\w)\?", scene.texts["question"])
        assert read is not None and read.groups() == scene.order == scene.wanted.order
        assert scene.wanted.options == scene.labels and scene.kind == "move"
        assert scene.predicted is not None and scene.predicted.options == asked[1].labels
        orders.add(scene.order)
    assert len(orders) > 1


def test_names_are_shown_where_they_are_asked_for() -> None:
    scenes = played(loaded("rock-paper-scissors", labels="names"), first)[0]
    assert scenes[0].labels == ("rock", "paper", "scissors") and "option rock" in scenes[0].texts["rules"]


@pytest.mark.parametrize("text", ["{{ ''.__class__ }}", "{{ lines.__init__ }}", "{{ setting.__class__.__mro__ }}"])
def test_a_game_that_reaches_for_python_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "mean.yaml"
    path.write_text(
        "game: mean\nkind: matrix\nactions: [C, D]\npayoffs: {CC: [3, 3], CD: [0, 5], DC: [5, 0], DD: [1, 1]}\n"
        f'words:\n  text: {{rules: "{text}"}}\n',
        encoding="utf-8",
    )
    with pytest.raises(SpecError, match=r"words\.text\.rules"):
        played(games.load(str(path)), first)[0][0].texts["rules"]


def test_one_round_is_told_as_one() -> None:
    text = played(loaded("stag-hunt", rounds=1), first)[0][0].texts["rules"]
    assert "There is 1 round in all." in text and "In every" not in text and "throughout" not in text
    cut = played(loaded("stag-hunt", rounds=1, continuation=0.5), first)[0][0].texts["rules"]
    assert "There is 1 round in all." in cut and "chance" not in cut
    # What is never shown cannot be shown wrong.
    blurred = played(loaded("stag-hunt", rounds=1, perception_noise=0.1), first)[0][0].texts["rules"]
    assert "not always right" not in blurred
