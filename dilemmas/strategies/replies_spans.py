"""What the words after a marker, or a short statement, say: one option, one amount, both, or nothing clear.

The words must begin with the answer, or with a few harmless ones ("I choose option"); what follows it must be an
explanation. Everything else is asked again, for a guess would be a move that nobody made.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from dilemmas.strategies.replies_labels import LEAD, NOUNS, OPEN, SHUT, Labels, labels
from dilemmas.strategies.replies_numbers import Amount, amount
from dilemmas.strategies.replies_text import LONGEST_LINE, normal
from dilemmas.strategies.wanted import Wanted


class Found(NamedTuple):
    """An answer, before it is held against what is allowed."""

    choice: int | None = None
    amount: Fraction | None = None


class Trouble(NamedTuple):
    """Why words are no answer: a kind of ``Unusable``, and a sentence to the player."""

    kind: str
    what: str


Meaning = Found | Trouble

UNREADABLE = Trouble("unreadable", "Your reply holds no answer that could be read.")
SEVERAL = Trouble("ambiguous", "Your answer can be read in more than one way.")
VAGUE = Trouble("ambiguous", "Your answer does not say one exact number.")
NUMBERLESS = Trouble("unreadable", "Your answer needs a number as well.")
STRAY = Trouble("ambiguous", "Your answer gives a number with an option that takes none.")

_BLANK = re.compile(r"[^\w?/%+=~<^&\\]*+")
_BETWEEN = re.compile(
    r"(?:[\s,:=(\[\"'*]|-+\s){0,6}(?:(?:with|by|of|for|(?:(?:an|the) )?amount(?: of)?|a|and)\b"
    r"[\s:=]{0,3}){0,2}[\s\"':]{0,4}",
    re.IGNORECASE,
)
_KEYED = re.compile(r"[\s,;]{0,4}[\"']?(?:amount|number)[\"']?\s{0,2}[:=]\s{0,2}[\"']?", re.IGNORECASE)
_SUM = re.compile(r"(?=[^=]{0,200}[\d)%]\s?[x*+/-]\s?[\d($])[\d\s.,x*+/()%$-]{1,200}=(?=\s{0,3}[\"'*$€£]{0,2}-?[\d.])")

_SENTENCE = re.compile(r"[.!;\n](?=\s|$)")
_CAUSE = re.compile(r"[\s,;(\-]{0,5}(?:because|since|as|given|due to|considering|so that|in order)\b", re.IGNORECASE)
_GOES_ON = re.compile(
    r"\s{0,3}[,.;:!\n(\[|]|\s+-+\s|\s+(?:because|since|as|given|due|considering|so|in order|to"
    r"|this|for this|in this|from the|(?:in|for)\s{1,3}[^\W\d]{1,20}\s{1,3}\d{1,4})\b",
    re.IGNORECASE,
)
_PAUSE = re.compile(r"\s{0,3}[,.;:!\n(]|\s+-+\s|\s+(?:because|since)\b", re.IGNORECASE)
_HEDGED = re.compile(
    r"\b(?:or|if|unless|when|whenever|until|depending|depends|otherwise|maybe|perhaps|possibly|probability|chance|odds"
    r"|sometimes|either|alternat\w+|mix|each|per|apiece|every|myself|keep for|at least|at most|more|less|plus|minus"
    r"|about|approximately|around|roughly|up to|except)\b|[?%/]",
    re.IGNORECASE,
)
_CORRECTED = re.compile(
    r"\b(?:actually|wait|correction|scratch that|sorry|on second thoughts?|hmm+|rather(?! than)|i mean|changed my mind"
    r"|change my mind|reconsider|instead(?! of)|oops)\b|\bno\s?[,.:;!-]|\bno wait\b",
    re.IGNORECASE,
)
_BROKEN = re.compile(r"\s{0,3}-+\s{0,3}$|\s{0,3}to keep\W{0,5}$", re.IGNORECASE)
_START = re.compile(rf"{OPEN}{LEAD}(?:(?:the|my)\s+)?(?:(?:{NOUNS})\b[\s:#=]{{0,3}}(?:of\s+)?)?{OPEN}", re.IGNORECASE)


def meaning(span: str, wanted: Wanted) -> Meaning:
    """What plain words say as an answer."""
    span = normal(span).strip()
    if len(span) > LONGEST_LINE or not span:
        return UNREADABLE
    if not wanted.options:
        return _quantity(span, wanted)
    known = labels(wanted.options, wanted.noun)
    if known.numeric and not wanted.number:
        return _numeral(span, known)
    return _chosen(span, wanted, known)


def _numeral(span: str, known: Labels) -> Meaning:
    """Labels that are numbers are read as numbers, and mean themselves."""
    found = _begun(span, Wanted(integer=True))
    if found is None or found.value is None:
        return _unclear(span)
    places = [place for label, place in known.exact.items() if int(label) == found.value]
    if not places:
        return Trouble("illegal", f"Your answer gives {said(found.value)}, which is not among the options.")
    settled = _settled(found, Wanted()) and _kept(places[0], found.rest, known)
    return Found(places[0]) if settled else SEVERAL


def said(value: Fraction) -> str:
    """A number as it was said, to twelve digits."""
    return f"{float(value):.12g}" if abs(value) < 10**300 else "a number that is far too large"


# -- amounts ----------------------------------------------------------------------------------------------------------


def _quantity(span: str, wanted: Wanted) -> Meaning:
    found = _begun(span, wanted)
    if found is None:
        return _unclear(span)
    if found.value is None or not _settled(found, wanted):
        return VAGUE
    return Found(amount=found.value)


def _begun(span: str, wanted: Wanted) -> Amount | None:
    """The quantity at the head of the words, after harmless ones and after a sum that it is the result of."""
    if found := amount(span, wanted):
        total = _SUM.match(span)
        return amount(_bare(span[total.end() :]), wanted) if total else found
    start = _START.match(span)
    return amount(span[start.end() :], wanted) if start else None


def _bare(text: str) -> str:
    return text.lstrip(" \"'*([{|")


def _settled(found: Amount, wanted: Wanted) -> bool:
    """Whether what follows a quantity leaves it as it is."""
    rest = re.sub(rf"^{SHUT}", "", found.rest)
    if _BROKEN.match(rest):
        return False
    if _BLANK.fullmatch(rest):
        return True
    if not _GOES_ON.match(rest):
        again = re.match(r"\s{0,3}=\s{0,3}", rest)
        return again is not None and _agrees(rest[again.end() :], found, wanted)
    if _CORRECTED.search(rest):
        return False
    body = re.sub(r"^[\s,.;:!(\[|-]{0,8}(?:i\.e\.|that is|which is|to)?[\s,]{0,3}", "", rest, flags=re.IGNORECASE)
    if amount(body, wanted):
        return _agrees(body, found, wanted)
    return _calm(rest)


def _agrees(text: str, found: Amount, wanted: Wanted) -> bool:
    """Whether a second quantity says the same, and nothing after it is in doubt."""
    again = amount(text, wanted)
    return again is not None and again.value == found.value and _calm(again.rest) and not _CORRECTED.search(again.rest)


def _calm(rest: str) -> bool:
    """Whether the first sentence of an explanation holds no condition, no alternative and no question."""
    first = _SENTENCE.split(rest.lstrip(" .!;\n"), maxsplit=1)[0]
    return (bool(_CAUSE.match(first)) and "?" not in first) or not _HEDGED.search(first)


def _unclear(span: str) -> Trouble:
    """Words without a clear number: vague where they hold one, else unreadable."""
    return VAGUE if re.search(r"\d", span) else UNREADABLE


# -- options ----------------------------------------------------------------------------------------------------------


def _chosen(span: str, wanted: Wanted, known: Labels) -> Meaning:
    head = known.head.match(span)
    place = _headed(span, head, known)
    if head and place is not None and not known.named(span[: head.start("label")]) <= {place}:
        return SEVERAL
    if head and place is not None:
        if wanted.number:
            return _with_amount(place, span[head.end() :], wanted, known)
        return Found(place) if _kept(place, span[head.end() :], known) else SEVERAL
    if wanted.number and (found := _begun(span, wanted)):
        return _amount_first(found, wanted, known)
    return SEVERAL if len(known.named(span)) > 1 else UNREADABLE


def several(text: str, wanted: Wanted) -> bool:
    """Whether a text names more than one option."""
    return bool(wanted.options) and len(labels(wanted.options, wanted.noun).named(normal(text))) > 1


def _headed(span: str, head: re.Match[str] | None, known: Labels) -> int | None:
    """The option at the head of the words."""
    if head is None:
        return None
    word, rest = head["label"], span[head.end() :]
    ended = not rest.strip(" .!\"'*_`|)]}>")
    place = known.place(word, alone=ended)
    if word.lower() in ("i", "a") and not ended and not (word == "A" and _PAUSE.match(rest)):
        return None  # an English word
    if word in ("i", "a") and head.start("label") > 3:
        return None
    return place


def _kept(place: int, rest: str, known: Labels) -> bool:
    """Whether what follows an option leaves it as it is."""
    if _BLANK.fullmatch(rest):
        return True
    rest, denied = known.denied.sub(" ", rest), known.denied.findall(rest)
    if any(place in known.named(words) for words in denied) or _CORRECTED.search(rest):
        return False
    if not _BLANK.fullmatch(rest) and not _GOES_ON.match(rest):
        return False
    sentences = _SENTENCE.split(rest.lstrip(" .!;\n"))
    if _CAUSE.match(sentences[0]) and "?" not in sentences[0]:
        sentences = sentences[1:]  # reasons may name the others
    elif _HEDGED.search(sentences[0]):
        return False
    return known.named("\n".join(sentences)) <= {place}


def _with_amount(place: int, rest: str, wanted: Wanted, known: Labels) -> Meaning:
    """An option, and the amount that follows it."""
    takes = wanted.amounts[place] if place < len(wanted.amounts) else False
    keyed = _KEYED.match(rest) or _BETWEEN.match(rest)
    found = amount(rest[keyed.end() if keyed else 0 :], wanted)
    if found is None:
        if not _kept(place, rest, known):
            return SEVERAL
        return NUMBERLESS if takes else Found(place)
    if found.value is None or not _settled(found, wanted) or not known.named(found.rest) <= {place}:
        return SEVERAL if found.value is not None else VAGUE
    if not takes:
        return Found(place) if found.value == 0 else STRAY
    return Found(place, found.value)


def _amount_first(found: Amount, wanted: Wanted, known: Labels) -> Meaning:
    """An amount, and perhaps the option that follows it; alone it goes with the first option that takes one."""
    after = re.match(rf"[\s,;:(\[-]{{0,4}}(?:to |for )?{OPEN}", found.rest)
    head = known.label.match(found.rest, after.end()) if after else None
    place = known.place(head[0]) if head else wanted.amounts.index(True)
    rest = found.rest[head.end() :] if head else found.rest
    if place is None or found.value is None:
        return VAGUE if found.value is None else SEVERAL
    if not _settled(Amount(found.value, rest), wanted) or not known.named(rest) <= {place}:
        return SEVERAL
    if not wanted.amounts[place]:
        return Found(place) if found.value == 0 else STRAY
    return Found(place, found.value)
