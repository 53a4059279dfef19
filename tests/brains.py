"""Brains for the loopback provider that play known policies from the prompt alone: nothing else is known to them."""

from __future__ import annotations

import re
from collections.abc import Callable

from provider import Brain, Messages, last

LINE = re.compile(
    r"If you choose \w+ (\S+) and the [\w ]+ chooses \w+ (\S+), "
    r"you (get|lose) ([\d.]+) \w+ and the [\w ]+ (gets|loses) ([\d.]+)"
)
PAST = re.compile(r"^- \w+ (\d+): your \w+ was (\S+), the [\w ]+'s was (\S+?)\.", re.MULTILINE)


def payoffs(text: str) -> dict[tuple[str, str], tuple[float, float]]:
    """Own and the other's points by own and the other's label, as a prompt tells them."""
    sign = {"get": 1, "gets": 1, "lose": -1, "loses": -1}
    return {
        (mine, theirs): (sign[one] * float(own), sign[two] * float(other))
        for mine, theirs, one, own, two, other in LINE.findall(text)
    }


def history(text: str) -> list[tuple[str, str]]:
    """Own and the other's labels of past rounds."""
    return [(mine, theirs) for _, mine, theirs in PAST.findall(text)]


def whole(messages: Messages) -> str:
    """Everything that was said."""
    return "\n".join(message["content"] for message in messages)


def dilemma(messages: Messages) -> tuple[str, str]:
    """The labels of cooperating and defecting, told by what a prompt says that they pay: what is best together, and the
    other."""
    table = payoffs(whole(messages))
    kind = max({mine for mine, _ in table}, key=lambda label: table[label, label][0])
    return kind, next(label for label in sorted({mine for mine, _ in table}) if label != kind)


def grim(messages: Messages) -> str:
    """Cooperates until the other has defected once."""
    cooperate, defect = dilemma(messages)
    betrayed = any(theirs == defect for _, theirs in history(last(messages)))
    return f"I remember what was done to me.\n\nANSWER: **{defect if betrayed else cooperate}**"


def mirror(messages: Messages) -> str:
    """Does what the other did, and cooperates first."""
    cooperate, _ = dilemma(messages)
    past = history(last(messages))
    return f"As you did to me, so I do to you. ANSWER: Option {past[-1][1] if past else cooperate}."


def favourite(messages: Messages) -> str:
    """Chooses, every round, the option that is best for it if both choose it."""
    table = payoffs(whole(messages))
    label = max((one for one, other in table if one == other), key=lambda one: table[one, one][0])
    return f"```\nANSWER: {label}\n```"


def turns(messages: Messages) -> str:
    """Takes turns, beginning with what the other likes."""
    table = payoffs(whole(messages))
    mine = max((one for one, other in table if one == other), key=lambda one: table[one, one][0])
    yours = next(one for one, other in table if one == other and one != mine)
    return f"ANSWER: {yours if len(history(last(messages))) % 2 == 0 else mine}"


def share(text: str) -> Brain:
    """Gives always the same share, in its own words."""
    return lambda messages: f"I stay with what I always do.\n\nANSWER: {text} of my units"


def takes(amount: Callable[[float], float]) -> Brain:
    """Takes from a commons an amount that follows from what there is."""

    def brain(messages: Messages) -> str:
        stock = float(re.findall(r"from 0 to ([\d.]+)", last(messages))[-1])
        return f"There is {stock:g}.\n\nANSWER: {amount(stock):g}"

    return brain


def predictor(messages: Messages) -> str:
    """Foresees that the other repeats itself, and answers with the best reply to it."""
    table, past = payoffs(whole(messages)), history(last(messages))
    labels = sorted({mine for mine, _ in table})
    foreseen = re.findall(r"Your prediction: (\S+)", last(messages))
    if foreseen:
        return f"ANSWER: {max(labels, key=lambda mine: table[mine, foreseen[-1]][0])}"
    return f"They are creatures of habit. ANSWER: {past[-1][1] if past else labels[0]}"
