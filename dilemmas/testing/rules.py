"""The rules of the two contracts, each in a sentence, and the error that names one."""

from __future__ import annotations

from collections.abc import Mapping

from dilemmas.errors import BrokenContract
from dilemmas.strategies.loading import place

GAME_RULES: Mapping[str, str] = {
    "parts": "kind is text, per_round true or false, seats a number from 1, and fields map names to Field",
    "runs": "nothing is raised in play with answers that illegal lets pass",
    "start": "start makes a state whose episodes attribute is the number of episodes of its luck",
    "ends": "an episode ends after a bounded number of asks, whatever is answered",
    "ask": "who is a mask (episodes, seats) with somebody in it; round, ordinal, clock and step count from 1",
    "order": "asks of an episode go on in (round, ordinal), and none comes after the last round that score counts",
    "options": "options are different names, the same whenever they are asked for",
    "fields": "every field can be read for the asked rows, one entry a row, the same for a row alone as in company",
    "told": "told gives plain Python values: None, true and false, numbers, text, and lists and mappings of them",
    "legal": "every asked seat has an answer that illegal lets pass, and allowed says in words which",
    "refuses": "illegal flags asked seats alone: amounts that are NaN, negative or infinite, choices beyond options",
    "answers": "settle leaves the answers as it got them, and does not hold on to them",
    "unasked": "answers of seats that were not asked change nothing",
    "columns": "columns of moves and rounds are those of the results schema, (episodes, seats) and (episodes,)",
    "score": "score is (episodes, seats), payoffs finite, cooperation from 0 to 1 a decision, rounds from 1",
    "books": "the payoff of a seat is what its moves and receipts say, plus an endowment that no answer changes",
    "luck": "the same answers and the same luck give the same results; all chance comes from luck",
    "batch": "a batch is the same episodes played one by one, to the last digit, however it is cut",
    "apart": "a game keeps nothing of its play: two batches at once do not disturb each other",
    "pickles": "a game can be pickled and plays the same afterwards, so that other processes can play it",
}

STRATEGY_RULES: Mapping[str, str] = {
    "parts": "name is text and kin is hashable",
    "runs": "nothing but the errors of dilemmas.errors is raised",
    "legal": "every answer is allowed by the rules of the game",
    "answers": "answers are one-dimensional, one entry an asked row, choices whole numbers",
    "view": "the view is read and not changed",
    "luck": "the same luck gives the same answers, however often the strategy was used before",
    "batch": "a batch is the same episodes played one by one, to the last digit, however it is cut",
    "live": "the live driver gives the same results as the batch",
    "company": "answers do not depend on who plays in other episodes",
    "apart": "a strategy keeps nothing of its play: two batches at once do not disturb each other",
    "pickles": "a strategy can be pickled and plays the same afterwards, so that other processes can play it",
}


def broken(
    rule: str, seen: str, where: str = "", remedy: str = "", rules: Mapping[str, str] = GAME_RULES
) -> BrokenContract:
    """The error for a rule that does not hold."""
    return BrokenContract(f"{rule}: {seen}", where=where, expected=rules[rule], remedy=remedy)


def raised(error: BaseException, whose: str, rules: Mapping[str, str]) -> BrokenContract:
    """The error for something foreign that an author's code raised: what, in which file and line."""
    return broken("runs", f"{whose} raised {type(error).__name__}: {error}", place(error), rules=rules)
