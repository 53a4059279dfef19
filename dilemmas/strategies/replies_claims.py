"""Where in a reply its answer is said to stand: on lines with the marker, in a box, between tags, in JSON; and the
sentences that state a decision where nothing of that kind is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from dilemmas.strategies.replies_json import objects
from dilemmas.strategies.replies_spans import SEVERAL, UNREADABLE, Found, Meaning, meaning, several
from dilemmas.strategies.replies_text import LONGEST_LINE, plain
from dilemmas.strategies.wanted import Wanted


class Reply(NamedTuple):
    """A reply without reasoning: its lines as they came, and made plain."""

    raw: list[str]
    lines: list[str]


class Claim(NamedTuple):
    """A place that claims to be the answer: its first and last line (from 0), what it means, the words it stands in.

    ``sure`` is False where the words before the marker may turn it into something else; ``closed`` says that the place
    itself shows its end.
    """

    first: int
    last: int
    meaning: Meaning
    words: str
    sure: bool = True
    closed: bool = False


_MOST = 50  # claims of a reply that are looked at, from its end

_LEADS = (
    "so|thus|therefore|hence|my|the|final|our|here|here's|is|this|and|ok|okay|in|conclusion|decision|choice|overall"
    r"|then|now|step|\d+|to|sum|summary|up|as|result|a|finally|ultimately|reply"
)
_BENIGN = re.compile(rf"[\W_]*(?:(?:{_LEADS})\b[\W_]*){{0,6}}", re.IGNORECASE)
_TURNED = re.compile(
    r"\b(?:not|never|no|if|unless|whether|either|or|other|others|opponent\w*|partner\w*|player\w*|their|they|them|his|her"
    r"|he|she|it|predict\w*|expect\w*|guess\w*|previous\w*|last|earlier|before|round|example\w*|e\.g|format\w*|form"
    r"|like|such|write|writes|writing|say|says|end|ends|respond\w*|line|would|could|might|may|should|must|avoid\w*|when"
    r"|suppose\w*|imagine\w*|what|which|instead|with|user|human|assistant|system|wrong|false|bad|possible|cannot)\b"
    r"|n['’]t\b|\?|[\"']\s*$|<",
    re.IGNORECASE,
)
_STOP = re.compile(r"(?:[.!?;)\]}|>→]|->|--|- )[\s\"']{0,4}(?=\S|$)")
_OFFERING = re.compile(
    r"\bmy (?:answer|decision|choice|response|reply|output)\b|\bhere(?: is|['’]s)|\brequested\b", re.I
)
_OFFERED = re.compile(r"\b(?:format|form|respond|response|line|with|like|such)\b", re.IGNORECASE)
_FENCE = re.compile(r"[ \t]{0,20}```[ \t]{0,5}\w{0,20}\s{0,20}$")
_TABLE_RULE = re.compile(r"[\s|:=*_#>~`.-]*")


class _Marks(NamedTuple):
    marker: re.Pattern[str]
    box: re.Pattern[str]


@lru_cache(64)
def _marks(marker: str) -> _Marks:
    word = re.escape(marker)
    dash = r"[ \t]{0,3}(?:-{1,2}>|=>|→|(?:-{1,2})(?=[ \t]|[^\W\d]))"
    return _Marks(
        re.compile(
            rf"(?<![\w<\\/])(?P<word>{word})(?![\w-])(?P<gap>[\"'*_`)\]}}\\]{{0,4}}"
            rf"(?:[ \t]{{0,3}}(?:is[ \t]{{0,2}})?[:=|∶]{{1,2}}|{dash}|(?P<bare>[ \t]{{1,3}}is\b|(?=[ \t]|$))))",
            re.IGNORECASE | re.MULTILINE,
        ),
        re.compile(
            rf"\\boxed[ \t]{{0,3}}\{{(?P<box>[^{{}}\n]{{0,300}}(?:\{{[^{{}}\n]{{0,300}}\}}[^{{}}\n]{{0,50}})?)\}}"
            rf"|<{word}>(?P<tag>[^<>]{{1,{LONGEST_LINE}}})</{word}>",
            re.IGNORECASE,
        ),
    )


def reply(text: str) -> Reply:
    """The lines of a reply; the text has one kind of line break."""
    raw, lines = text.split("\n"), plain(text).split("\n")
    return Reply(raw, lines)


def claims(reply: Reply, wanted: Wanted) -> list[Claim]:
    """All places that claim to be the answer, in their order; of very many the last."""
    found = [*_structured(reply, wanted)]
    taken = {line for claim in found for line in range(claim.first, claim.last + 1)}
    found += [claim for claim in _marked(reply, wanted) if claim.first not in taken]
    return sorted(found, key=lambda claim: (claim.last, claim.first))


def _structured(reply: Reply, wanted: Wanted) -> Iterator[Claim]:
    text = "\n".join(reply.raw)
    for start, end, meant in objects(text, wanted):
        yield _claim(text, start, end, meant)
    text = "\n".join(reply.lines)
    for match in list(_marks(wanted.marker).box.finditer(text))[-_MOST:]:
        inner = re.sub(
            rf"^\W*{re.escape(wanted.marker)}\s*[:=]", "", match["box"] or match["tag"] or "", flags=re.IGNORECASE
        )
        yield _claim(text, match.start(), match.end(), meaning(inner, wanted))


def _claim(text: str, start: int, end: int, meant: Meaning) -> Claim:
    first = text.count("\n", 0, start)
    sure = _introduced(text[max(0, start - LONGEST_LINE) : start])
    return Claim(first, first + text.count("\n", start, end), meant, text[start:end], sure, closed=True)


def _introduced(before: str) -> bool:
    """Whether the words before a box or an object, on its line or on one that ends in a colon, leave it an answer."""
    before = _FENCE.sub("", before)
    line = before.rpartition("\n")[2]
    if not line.strip() and before.rstrip().endswith(":"):
        line = before.rstrip().rpartition("\n")[2]
    clause = _clause(line)
    return not _TURNED.search(_OFFERED.sub(" ", clause) if _OFFERING.search(clause) else clause)


def _marked(reply: Reply, wanted: Wanted) -> Iterator[Claim]:
    pattern, spots = _marks(wanted.marker).marker, []
    for number in range(len(reply.lines) - 1, -1, -1):
        if found := list(pattern.finditer(reply.lines[number])):
            spots.append((number, found))
            if sum(len(each) for _, each in spots) >= _MOST:
                break
    for number, found in reversed(spots):
        for place, match in list(enumerate(found))[-_MOST:]:
            until = found[place + 1].start() if place + 1 < len(found) else len(reply.lines[number])
            if claim := _mark(reply, number, match, until, wanted):
                yield claim


def _mark(reply: Reply, number: int, match: re.Match[str], until: int, wanted: Wanted) -> Claim | None:
    """What a marker claims; None where the word is a word among others."""
    line = reply.lines[number]
    span, sure = line[match.end() : until], _sure(line[: match.start()], match["word"] == wanted.marker)
    last = number
    if not re.search(r"\w|[$€]", span):
        if match["bare"] and not _alone(line, match):
            return None
        last, span = _next(reply, number)
    meant = meaning(span, wanted) if span.strip() else UNREADABLE
    if (match["bare"] is not None or not sure) and not isinstance(meant, Found) and last == number:
        return None
    return Claim(number, last, meant, _words(reply, number, last), sure)


def _sure(before: str, exact: bool) -> bool:
    """Whether the words before a marker leave what follows it an answer."""
    before = _clause(before)
    return bool(_BENIGN.fullmatch(before)) or (exact and not _TURNED.search(before))


def _clause(before: str) -> str:
    """The last sentence of some words, which may have been begun."""
    before = clause = before[-LONGEST_LINE:]
    for stop in _STOP.finditer(clause):
        if not re.search(r"[\"']\s*$", stop[0]):
            before = clause[stop.end() :]
    return before


def _alone(line: str, match: re.Match[str]) -> bool:
    """Whether a line is a heading that holds the marker alone."""
    return not re.search(r"\w", line[match.end("word") :]) and bool(_BENIGN.fullmatch(line[: match.start()]))


def _next(reply: Reply, number: int) -> tuple[int, str]:
    """The line after a heading, with its number."""
    for later in range(number + 1, min(number + 5, len(reply.lines))):
        if not _TABLE_RULE.fullmatch(reply.lines[later]):
            return later, reply.lines[later].strip(" \t|")
    return number, ""


def _words(reply: Reply, first: int, last: int) -> str:
    return " ".join(line.strip() for line in reply.raw[first : last + 1])


# -- without a marker -------------------------------------------------------------------------------------------------

_SHORT = 200
_ITEM = re.compile(r"\W{0,10}\d{1,3}[.)]\s{1,5}\w")  # the head of a list: its number is no answer
_ENDS = re.compile(r"(?<=[.!?])[\"')\]*_]{0,3}\s+|\n+")
_SUPPOSED = re.compile(
    r"\b(?:if|unless|when|whenever|whether|suppos\w+|imagin\w+|assum\w+|in case|were|had|say|says|said|tell\w*|told"
    r"|predict\w*|expect\w*|think\w*|hope\w*|want\w*|claim\w*|ask\w*|would|could|might|may|should|not|never|nor|or"
    r"|example|once|until)\b|n['’]t\b|\?|[\"']\s*$|\b(?:that|which|where|what|why|how)\s*$",
    re.IGNORECASE,
)
_DECIDES = re.compile(
    r"(?:(?P<before>[^\n]{0,300}?[\s,:])??)"
    r"(?P<say>(?:i(?:'ll|'d| will| would| have decided to| decide to|'m going to| am going to)?\s+(?:now\s+)?"
    r"(?:choose|pick|select|go with|opt for|settle on|decide on|play)\b"
    r"|(?:my|the) (?:final )?(?:answer|choice|decision|move|pick|selection) (?:is|will be)\b"
    r"|(?:my )?(?:final )(?:answer|choice|decision)\s?:|(?:i['’]m|i am) going with\b|let's go with\b).{1,300})",
    re.IGNORECASE | re.DOTALL,
)


def stated(reply: Reply, wanted: Wanted) -> Claim | None:
    """The answer of a reply without a marker: the whole of it, where it is short, or the decision it ends with."""
    text = "\n".join(reply.lines).strip()
    short, last = len(text) <= _SHORT, len(reply.lines) - 1
    if short and not _ITEM.match(text) and isinstance(meant := meaning(_unquoted(text), wanted), Found):
        return Claim(0, last, meant, "\n".join(reply.raw))
    decisions = decided(text, wanted)
    if len({meant for _, meant in decisions}) > 1 or (short and several(text, wanted)):
        return Claim(0, last, SEVERAL, "")
    if not decisions or not text.endswith(decisions[-1][0]):
        return None
    return Claim(0, last, decisions[-1][1], decisions[-1][0])


def _unquoted(text: str) -> str:
    return text.strip(" \n\"'`")


def decided(text: str, wanted: Wanted) -> list[tuple[str, Found]]:
    """The sentences near the end of a text that state a decision, with what they decide."""
    made = []
    for sentence in _ENDS.split(text[-4 * LONGEST_LINE :])[-100:]:
        match = _DECIDES.fullmatch(sentence.strip()) if len(sentence) <= 600 else None
        if match is None or _SUPPOSED.search(match["before"] or ""):
            continue
        meant = meaning(match["say"], wanted)
        if isinstance(meant, Found):
            made.append((sentence, meant))
    return made


def bare(text: str, wanted: Wanted) -> list[Found]:
    """Answers that stand on lines of their own."""
    lines = [line.strip(" \t-") for line in text.split("\n") if 0 < len(line) <= 40][-_MOST:]
    return [meant for meant in (meaning(line, wanted) for line in lines) if isinstance(meant, Found)]
