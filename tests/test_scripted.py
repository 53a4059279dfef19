"""A user's own Python: one seat at a time, in batches, with parameters and luck, and when it is wrong."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import pytest
from shelf_matrix import actions, dilemma, letters, matches, strategy

from dilemmas.errors import FileError, IllegalAnswer, RunFailed, UnknownName, UsageError
from dilemmas.rules.matrix import Matrix
from dilemmas.strategies.scripted import scripted, split


@pytest.fixture
def write(tmp_path):
    def file(text: str, name: str = "mine.py") -> Any:
        (tmp_path / name).write_text(textwrap.dedent(text), encoding="utf-8")
        return tmp_path

    return file


TFT = """
def decide(view, memory, coin):
    return (view.theirs[-1] if view.theirs else "C"), memory
"""


def test_a_function_of_one_seat_plays_like_the_same_table(write):
    mine, known = scripted("mine.py", write(TFT)), strategy("tit-for-tat")
    others = [strategy(name) for name in ("random", "grim", "cycler-ccd", "alternator")]
    game = dilemma(rounds=30, noise=0.1, perception_noise=0.1)
    played = [matches(game, [(one, other) for other in others], repetitions=3) for one in (mine, known)]
    assert actions(played[0], 30).tolist() == actions(played[1], 30).tolist()


def test_the_view_holds_plain_values(write):
    folder = write("""
    def decide(view, memory, coin):
        return "C", [view.round, view.mine, view.theirs, view.rounds, view.payoffs["D"]["C"], view.last, view.earned]
    def spy(view, memory, coin):
        return "D" if memory == [1, [], [], 2, 5.0, None, 0.0] else "C", memory
    def both(view, memory, coin):
        if view.round == 2:
            return spy(view, memory, coin)
        return decide(view, memory, coin)
    """)
    played = matches(dilemma(rounds=2), [(scripted("mine.py:both", folder), strategy("always-cooperate"))])
    assert letters(actions(played, 2)[0, :, 0]) == "CD"


def test_memory_is_a_seats_own_and_starts_empty(write):
    folder = write("""
    def decide(view, memory, coin):
        memory = (memory or 0) + 1
        return ("D" if memory % 3 == 0 else "C"), memory
    """)
    played = matches(dilemma(rounds=7), [(scripted("mine.py", folder), scripted("mine.py", folder))], repetitions=3)
    assert {letters(row) for row in actions(played, 7).transpose(0, 2, 1).reshape(-1, 7)} == {"CCDCCDC"}


@pytest.mark.parametrize("answer", ['"C"', '"cooperate"', "1", "1.0", "__import__('numpy').int64(1)"])
def test_actions_may_be_said_in_several_ways(write, answer):
    folder = write(f"def decide(view, memory, coin):\n    return {answer}, None\n")
    played = matches(dilemma(rounds=2), [(scripted("mine.py", folder), strategy("always-defect"))])
    assert letters(actions(played, 2)[0, :, 0]) == "CC"


def test_names_that_are_numbers_come_before_positions(write):
    game = Matrix(actions=("2", "1"), payoffs=[[1, 2], [3, 4]], rounds=1)
    folder = write("def decide(view, memory, coin):\n    return 1, None\n")
    played = matches(game, [(scripted("mine.py", folder), strategy("always-first"))])
    assert actions(played, 1)[0, 0].tolist() == [1, 0]


# -- luck -------------------------------------------------------------------------------------------------------------


def test_the_coin_is_uniform_and_the_same_again(write):
    folder = write("""
    uniforms = 2
    def decide(view, memory, coin):
        first, second = coin(), coin()
        return ("C" if first < 0.3 and second < 0.5 else "D"), memory
    """)
    pair = [(scripted("mine.py", folder), strategy("always-defect"))]
    played = [matches(dilemma(rounds=50), pair, repetitions=100) for _ in range(2)]
    assert actions(played[0], 50).tolist() == actions(played[1], 50).tolist()
    share = played[0].score.cooperations[:, 0].sum() / 5000
    assert abs(share - 0.15) <= 4 * np.sqrt(0.15 * 0.85 / 5000)


def test_a_coin_tossed_too_often_says_what_to_write(write):
    folder = write("def decide(view, memory, coin):\n    return ('C' if coin() < coin() else 'D'), None\n")
    with pytest.raises(RunFailed, match=r"more than 1 time.*uniforms = 2"):
        matches(dilemma(rounds=2), [(scripted("mine.py", folder), strategy("random"))])


def test_uniforms_may_be_set_on_the_function(write):
    folder = write("""
    def decide(view, memory, coin):
        return ("C" if coin() < coin() else "D"), memory
    decide.uniforms = 2
    """)
    matches(dilemma(rounds=2), [(scripted("mine.py", folder), strategy("random"))])


def test_uniforms_must_be_a_number(write):
    folder = write("uniforms = 'many'\ndef decide(view, memory, coin):\n    return 'C', None\n")
    with pytest.raises(FileError, match=r"uniforms is 'many'"):
        matches(dilemma(rounds=1), [(scripted("mine.py", folder), strategy("random"))])


# -- batches ----------------------------------------------------------------------------------------------------------

BATCHED = """
import numpy as np
batched = True
def decide(view, memory, coin):
    hurt = memory["hurt"] if memory else np.zeros(len(view), int)
    hurt = hurt + (view.seen == 1)
    return (hurt >= 2).astype(int), {"hurt": hurt}
"""
ALONE = """
def decide(view, memory, coin):
    memory = (memory or 0) + (view.theirs[-1:] == ["D"])
    return ("D" if memory >= 2 else "C"), memory
"""


@pytest.mark.parametrize("keys", [{"rounds": 20}, {"continuation": 0.9}, {"rounds": 20, "noise": 0.2}])
def test_batched_and_one_by_one_agree(write, keys):
    folder = write(BATCHED)
    write(ALONE, "alone.py")
    others = [strategy(name) for name in ("random", "cycler-ccd", "alternator")]
    scores = [
        matches(dilemma(**keys), [(mine, other) for other in [*others, mine]], repetitions=5).score.payoff
        for mine in (scripted("mine.py", folder), scripted("alone.py", folder))
    ]
    assert scores[0].tolist() == scores[1].tolist()


def test_batches_keep_parameters_apart(write):
    folder = write("""
    import numpy as np
    batched = True
    def decide(view, memory, coin, after=1):
        return np.where(view.round > after, 1, 0), None
    """)
    entries = [scripted(f"mine.py:decide:after={after}", folder) for after in (1, 3, 3)]
    played = matches(dilemma(rounds=4), [(entries[0], entries[1]), (entries[2], entries[0])])
    done = actions(played, 4)
    assert [letters(done[i, :, seat]) for i in (0, 1) for seat in (0, 1)] == ["CDDD", "CCCD", "CCCD", "CDDD"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("return np.zeros(1, int), None", r"shape \(1,\)"),
        ("return np.zeros(len(view)), None", "type float64"),
        ("return np.zeros(len(view), int)", "a pair"),
        ("return np.zeros(len(view), int), 3", "a dict of arrays"),
        ("return np.zeros(len(view), int), {'a': np.zeros(1)}", "one entry a row"),
        ("return np.full(len(view), 7), None", "mine.py answered 7"),
    ],
)
def test_batches_that_answer_wrongly(write, body, message):
    folder = write(f"import numpy as np\nbatched = True\ndef decide(view, memory, coin):\n    {body}\n")
    with pytest.raises(IllegalAnswer, match=message):
        matches(dilemma(rounds=2), [(scripted("mine.py", folder), strategy("random"))], repetitions=3)


# -- what goes wrong --------------------------------------------------------------------------------------------------


def test_an_error_names_file_line_and_round(write):
    folder = write("""
    def decide(view, memory, coin):
        return help_(view), memory

    def help_(view):
        return "CD"[view.round // 3] if view.round < 4 else 1 / 0
    """)
    with pytest.raises(RunFailed) as caught:
        matches(dilemma(rounds=6), [(scripted("mine.py", folder), strategy("random"))])
    assert str(caught.value) == "mine.py, line 6, round 4: mine.py raised ZeroDivisionError: division by zero"
    assert caught.value.exit_code == 1


@pytest.mark.parametrize("leave", ["import sys; sys.exit(3)", "exit()", "raise SystemExit"])
def test_leaving_is_told_as_any_other_mistake(write, leave):
    folder = write(f"def decide(view, memory, coin):\n    if view.round == 2: {leave}\n    return 'C', memory\n")
    with pytest.raises(RunFailed, match=r"mine.py, line 2, round 2: mine.py raised SystemExit") as caught:
        matches(dilemma(rounds=3), [(scripted("mine.py", folder), strategy("random"))])
    assert caught.value.exit_code == 1


def test_what_the_code_prints_is_not_on_stdout(write, capsys):
    folder = write("print('loaded')\ndef decide(view, memory, coin):\n    print('asked')\n    return 'C', memory\n")
    matches(dilemma(rounds=2), [(scripted("mine.py", folder), strategy("random"))])
    assert capsys.readouterr() == ("", "loaded\nasked\nasked\n")


def test_a_field_that_is_not_there_is_named(write):
    folder = write("def decide(view, memory, coin):\n    return view.stock, None\n")
    with pytest.raises(RunFailed, match=r"line 2, round 1.*no field 'stock'"):
        matches(dilemma(rounds=1), [(scripted("mine.py", folder), strategy("random"))])


@pytest.mark.parametrize("answer", ["'X'", "None", "True", "2.5", "0", "3", "[]", "float('nan')"])
def test_an_answer_that_is_no_action_says_what_came_and_what_may(write, answer):
    folder = write(f"def decide(view, memory, coin):\n    return {answer}, None\n")
    with pytest.raises(IllegalAnswer, match=r"mine.py, round 1: mine.py answered .*; expected C or D"):
        matches(dilemma(rounds=1), [(scripted("mine.py", folder), strategy("random"))])


def test_a_bare_answer_is_not_taken_for_a_pair(write):
    folder = write("def decide(view, memory, coin):\n    return 'CC'\n")
    with pytest.raises(IllegalAnswer, match="a pair: the answer and the memory"):
        matches(dilemma(rounds=1), [(scripted("mine.py", folder), strategy("random"))])


@pytest.mark.parametrize(
    ("text", "reference", "message"),
    [
        ("x = 1", "mine.py", "has no function 'decide'"),
        ("def decdie(view, memory, coin): return 'C', None", "mine.py", "Did you mean 'decdie'"),
        ("def play(view, memory, coin): return 'C', None", "mine.py", "mine.py:play"),
        ("def decide(view): return 'C', None", "mine.py", r"takes \(view\)"),
        ("def decide(:", "mine.py", r"line 1: is not Python"),
        ("import math\nmath.sqrt(-1)", "mine.py", r"line 2: raised ValueError"),
        ("raise SystemExit", "mine.py", r"line 1: raised SystemExit"),
        ("x = 1", "mnie.py", r"no such file.*'mine.py'"),
    ],
)
def test_files_that_cannot_be_used(write, text, reference, message):
    with pytest.raises(FileError, match=message):
        scripted(reference, write(text))


def test_parameters(write):
    folder = write("""
    def decide(view, memory, coin, threshold=2, *, name="x"):
        return ("D" if view.round > threshold else "C"), memory
    def needy(view, memory, coin, threshold):
        return "C", memory
    """)
    made = scripted("mine.py", folder, parameters={"threshold": 1})
    played = matches(dilemma(rounds=3), [(made, scripted("mine.py:decide:threshold=2", folder))])
    assert [letters(actions(played, 3)[0, :, seat]) for seat in (0, 1)] == ["CDD", "CCD"]
    with pytest.raises(UnknownName, match=r"no parameter is called 'treshold'.*'threshold'"):
        scripted("mine.py", folder, parameters={"treshold": 1})
    with pytest.raises(UsageError, match=r"mine.py:needy:threshold="):
        scripted("mine.py:needy", folder)


@pytest.mark.parametrize(
    ("reference", "parts"),
    [
        ("mine.py", ("mine.py", "decide", {})),
        ("a/mine.py:bold", ("a/mine.py", "bold", {})),
        (r"C:\work\mine.py:bold:x=1/3", (r"C:\work\mine.py", "bold", {"x": 1 / 3})),
        ("mine.py:x=2:word=so", ("mine.py", "decide", {"x": 2, "word": "so"})),
    ],
)
def test_references(reference, parts):
    assert split(reference) == parts


def test_a_changed_file_is_read_again(write):
    folder = write("def decide(view, memory, coin):\n    return 'C', None\n")
    first = scripted("mine.py", folder).player([scripted("mine.py", folder)], np.zeros(1, int), np.zeros(1), dilemma())
    write("def decide(view, memory, coin):\n    return 'D', None\n")
    played = matches(dilemma(rounds=1), [(scripted("mine.py", folder), strategy("always-cooperate"))])
    assert letters(actions(played, 1)[0, :, 0]) == "D"
    assert first.uniforms == 1 and [path.name for path in folder.iterdir()] == ["mine.py"]  # nothing beside it
