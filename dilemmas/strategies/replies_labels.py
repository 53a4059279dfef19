"""The labels of a question's options, and the words that may stand before one without changing what it means."""

from __future__ import annotations

import re
from functools import lru_cache

from dilemmas.strategies.replies_text import normal

OPEN, SHUT = r"[\s\"'(\[{<*_`|$]{0,8}", r"[\"')\]}>*_`|$]{0,8}"
_VERBS = (
    "choose|choosing|chose to|pick|picking|select|selecting|go with|going with|go for|going for|opt for|opting for"
    "|settle on|decide on|decide for|play|playing|submit|vote for|answer|say|take|give|donate|contribute|send"
    "|transfer|invest|put in|offer|harvest|catch|fish|extract|graze|claim|request|ask for|propose|allocate|rate"
)
_AUX = (
    r"(?:'ll|'d|'m| will| would| shall| am| have decided| decide| decided| want| would like| 'd like| choose| intend"
    r")?(?: now)?(?: going)?(?: to)?"
)
NOUNS = (
    "(?:final )?(?:option|choice|action|decision|selection|response|move)|button|card|letter|strategy|alternative"
    "|number|amount|value|claim|plan|label"
)
LEAD = (
    r"(?:(?:so|thus|therefore|hence|ok|okay|well|yes|then|finally|clearly|overall|ultimately|now)\b[\s,:]{0,3}){0,2}"
    r"(?:(?:in (?:conclusion|the end|this \w{1,12})|(?:for )?this \w{1,12}|for now)\b[\s,:]{1,3})?"
    rf"(?:(?:i|we)(?:{_AUX})\s+|let's\s+|let us\s+|let me\s+"
    r"|(?:my|the) (?:final )?(?:answer|choice|decision|move|action|pick|selection|amount|number|claim)"
    r"(?: for this \w{1,12})?(?: is| will be|:| =)(?: to)?\s+)?"
    rf"(?:(?:{_VERBS})\b\s*)?(?:exactly |only |just |simply |a total of |the amount of |an amount of )?"
)
_DENIED = r"\b(?:not|rather than|instead of|over|than|never|avoid|against|versus|vs\.?|n't)\s+(?:\w{1,12}\s+){0,2}?"
_NUMERAL = re.compile(r"-?\d{1,15}")


class Labels:
    """The labels of a question, ready to be found in words."""

    def __init__(self, options: tuple[str, ...], noun: str) -> None:
        shown = [normal(option).strip() for option in options]
        self.exact = {label: place for place, label in enumerate(shown)}
        folded = [label.casefold() for label in shown]
        self.folded = {label: place for place, label in enumerate(folded) if folded.count(label) == 1}
        self.numeric = bool(shown) and all(_NUMERAL.fullmatch(label) for label in shown)
        one = "|".join(map(_bounded, sorted(shown, key=len, reverse=True))) or r"(?!)"
        self.label = re.compile(one, re.IGNORECASE)
        nouns = f"{NOUNS}|{re.escape(normal(noun))}" if noun.strip() else NOUNS
        noun = rf"(?:(?:the|an?)\s+)?(?:(?:{nouns})\b[\s:#=]{{0,3}})?"
        self.head = re.compile(rf"{OPEN}{LEAD}{noun}{OPEN}(?P<label>{one}){SHUT}", re.IGNORECASE)
        self.denied = re.compile(rf"{_DENIED}{noun}{OPEN}(?:{one})", re.IGNORECASE)

    def place(self, words: str, *, alone: bool = True) -> int | None:
        """Which option words are; a single letter that is not alone must be written as it was shown."""
        if words in self.exact:
            return self.exact[words]
        return self.folded.get(words.casefold()) if alone or len(words) > 1 else None

    def named(self, text: str) -> set[int]:
        """The options that a text names. Small letters, and the English words I and A, are no mention."""
        found = set()
        for match in self.label.finditer(text):
            place = self.place(match[0], alone=False)
            if place is not None and not (match[0] in "IA" and re.match(r"['’]?\s?[a-z]", text[match.end() :])):
                found.add(place)
        return found


def _bounded(label: str) -> str:
    """A label that is not part of a longer word or number; an empty one is nowhere."""
    if not label:
        return r"(?!)"
    first = r"(?<![\w])(?<!\w['’.-])" if re.match(r"\w", label) else ""
    last = r"(?!\w)(?!['’-]\w)(?![.,]\d)" if re.search(r"\w$", label) else ""
    return f"{first}{re.escape(label)}{last}"


@lru_cache(512)
def labels(options: tuple[str, ...], noun: str) -> Labels:
    """The labels of a question, and the word for what they name."""
    return Labels(options, noun)
