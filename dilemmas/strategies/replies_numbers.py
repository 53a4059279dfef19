"""Amounts as people and models write them: digits of several habits, words, percentages, fractions, parts of a whole.

Exact throughout: a third of nine is three. What may mean two things is vague, and never guessed.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from dilemmas.strategies.prompts import shown
from dilemmas.strategies.wanted import Wanted


class Amount(NamedTuple):
    """What a text begins with: the value (None: a quantity that may mean several things), and the text after it."""

    value: Fraction | None
    rest: str


_DIGITS = re.compile(
    r"(?P<minus>[-+]?)\s?(?P<coin>[$€£¥]?)\s?(?:"
    r"(?P<grouped>[1-9]\d{0,2}(?:(?P<mark>[,'_\u00a0])\d{3})(?:(?P=mark)\d{3}){0,5}(?:\.\d{1,20})?)"
    r"|(?P<dotted>[1-9]\d{0,2}(?:\.\d{3}){1,5},\d{1,20}|[1-9]\d{0,2}(?:\.\d{3}){2,5})"
    r"|(?P<comma>\d{1,20},\d{1,20})"
    r"|(?P<point>\d{1,30}(?:\.\d{1,40})?|\.\d{1,40})(?P<power>[eE][-+]?\d{1,3})?"
    r")(?![.,]?\d)(?!\w)(?!['’]\w)"
)
_OVER = re.compile(r"\s?/\s?(\d{1,20})(?![.,]?\d)(?!\w)")
_MIXED = re.compile(r"(\d{1,20})[ \u00a0]+(\d{1,20})\s?/\s?(\d{1,20})(?![.,]?\d)(?!\w)")
_PERCENT = re.compile(r"\s?%(?!\w)|\s{0,3}-?(?:percent|per cent|pct)\b\.?", re.IGNORECASE)

_UNITS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}
_NUMBER = "|".join(
    [rf"(?:{'|'.join(_TENS)})[ -](?:{'|'.join(_UNITS[1:10])})", r"(?:one |a )?hundred", *_TENS, *sorted(_UNITS)[::-1]]
)
_WORD = re.compile(rf"(?:{_NUMBER})\b(?!-\w)(?!['’]\w)", re.IGNORECASE)
_PART = re.compile(
    rf"(?:(?P<count>an?|one|two|three|four)[ -](?P<part>{'|'.join(_PARTS)})s?|half)\b(?!-\w)", re.IGNORECASE
)
_ALL = re.compile(
    r"(?:all|everything|(?:the )?(?:whole|entire) (?:amount|stock|endowment|balance|lot))\b", re.IGNORECASE
)
_NOTHING = re.compile(r"(?:nothing|none|nil|zero)\b(?: at all\b)?", re.IGNORECASE)

_GENERIC = "units?|points?|ton(?:ne)?s?|coins?|tokens?|dollars?|euros?|credits?|hectares?|usd|mu|gold"
_OWNED = "balance|endowment|stock|resources?|holdings?|wealth|money|total|amount|budget|supply|funds?|pot"
_DET = r"(?:(?:the|my|your|our|its|this|current|currently|available|remaining|total|entire|whole|full|own)\s+){0,4}"


class _Words(NamedTuple):
    """The patterns that depend on the unit."""

    unit: re.Pattern[str]
    of_number: re.Pattern[str]
    of_whole: re.Pattern[str]
    of_one: re.Pattern[str]
    none: re.Pattern[str]
    percent: bool


@lru_cache(256)
def _words(unit: str) -> _Words:
    own = [word for word in re.findall(r"\w+", unit.lower()) if word != "of"]
    forms = {form for word in own for form in (word, word.removesuffix("s"), f"{word}s")}
    nouns = "|".join([*sorted(map(re.escape, forms), key=len, reverse=True), _GENERIC])
    several = rf"(?:{nouns})(?:\s+(?:of\s+)?(?:{nouns})){{0,3}}(?:\s+(?:available|left|in total))?"
    flag = re.IGNORECASE
    return _Words(
        re.compile(rf"(?:\s{{0,3}}[$€£¥]|\s{{0,3}}-?(?:{several}))(?!\w)(?!-\w)", flag),
        re.compile(rf"\s{{0,3}}(?:(?:out\s+)?of|/)\s+{_DET}(?=[\d$.])", flag),
        re.compile(
            rf"\s{{1,3}}(?:(?:out\s+)?of\s+)?(?:(?:(?:the|my|your|our|its|this)\s+){_DET}(?:{several}|{_OWNED})"
            r"|(?<=of\s)(?:it|them|what (?:i|is) (?:currently )?(?:have|left|available)|everything)"
            rf")(?:\s+of\s+(?:{nouns}))?(?:\s+(?:i\s+have|available|left))?(?!\w)",
            flag,
        ),
        re.compile(rf"\s{{1,3}}(?:of\s+)?(?:an?|one)\s+(?:{nouns})(?!\w)", flag),
        re.compile(rf"no(?=\s{{1,3}}{several}[\s.!*\"')]{{0,9}}$)", flag),
        "percent" in own or "%" in unit,
    )


def amount(text: str, wanted: Wanted) -> Amount | None:
    """The quantity that ``text`` begins with, in the unit that is wanted, or None where it begins with none."""
    text = text.lstrip()
    if all_ := _ALL.match(text):
        return _everything(text[all_.end() :], wanted)
    if part := _PART.match(text):
        return _share(_part(part), text[part.end() :], wanted, sure=True)
    if nothing := _NOTHING.match(text) or _words(wanted.unit).none.match(text):
        return _counted(Fraction(0), text[nothing.end() :], wanted)
    if word := _WORD.match(text):
        return _number(Fraction(_value(word[0].lower())), text[word.end() :], wanted)
    return _written(text, wanted)


def _written(text: str, wanted: Wanted) -> Amount | None:
    if mixed := _MIXED.match(text):
        whole, upper, lower = map(int, mixed.groups())
        return _counted(whole + Fraction(upper, lower), text[mixed.end() :], wanted) if lower else None
    found = _DIGITS.match(text)
    if found is None:
        return None
    value, rest = _digits(found, wanted), text[found.end() :]
    if over := _OVER.match(rest):
        return _ratio(value, int(over[1]), rest[over.end() :], wanted)
    return Amount(None, rest) if value is None else _number(value, rest, wanted)


def _digits(found: re.Match[str], wanted: Wanted) -> Fraction | None:
    """The value of digits; None where a point may stand between thousands or before decimals, both being legal."""
    sign = -1 if found["minus"] == "-" else 1
    if found["grouped"]:
        return sign * Fraction(found["grouped"].replace(found["mark"], ""))
    if found["dotted"]:
        return sign * Fraction(found["dotted"].replace(".", "").replace(",", "."))
    if found["comma"]:
        return sign * Fraction(found["comma"].replace(",", "."))
    point = found["point"]
    if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", point) and int(point.replace(".", "")) <= (wanted.high or 0):
        return None
    value = Fraction(f"0{point}" if point.startswith(".") else point)
    return sign * value * Fraction(10) ** int((found["power"] or "e0")[1:])


def _value(word: str) -> int:
    if "hundred" in word:
        return 100
    first, _, last = word.replace("-", " ").partition(" ")
    tens = 20 + 10 * _TENS.index(first) if first in _TENS else _UNITS.index(first)
    return tens + (_UNITS.index(last) if last else 0)


def _part(found: re.Match[str]) -> Fraction:
    count, part = (found["count"] or "one").lower(), (found["part"] or "half").lower()
    return Fraction(1 if count in ("a", "an") else _UNITS.index(count), _PARTS[part])


def _number(value: Fraction, rest: str, wanted: Wanted) -> Amount:
    """A number, with what it is a number of: a percentage, units, so many out of all."""
    percent = _PERCENT.match(rest)
    if percent and not _words(wanted.unit).percent:
        return _share(value / 100, rest[percent.end() :], wanted, sure=True)
    return _counted(value, _percents(rest[percent.end() :], wanted) if percent else rest, wanted)


def _percents(rest: str, wanted: Wanted) -> str:
    """What follows a percentage that is itself the unit, without the rest of the unit's name."""
    of = re.match(r"\s+of(?=\s)", rest, re.IGNORECASE)
    return rest[of.end() :] if of and _words(wanted.unit).unit.match(rest, of.end()) else rest


def _counted(value: Fraction, rest: str, wanted: Wanted) -> Amount:
    words = _words(wanted.unit)
    if unit := words.unit.match(rest):
        rest = rest[unit.end() :]
    if of := words.of_number.match(rest):
        return _out_of(value, rest[of.end() :], wanted)
    if of := words.of_whole.match(rest):
        return Amount(value, rest[of.end() :])
    return Amount(value, rest)


def _out_of(value: Fraction, rest: str, wanted: Wanted) -> Amount:
    """So many out of a number, which must be the number that there is."""
    base, rest = _base(rest, wanted)
    return Amount(value if _same(base, _whole(wanted)) else None, rest)


def _same(base: Fraction | None, whole: Fraction | None) -> bool:
    """Whether a number is what there is, as it is or as players are shown it."""
    return base is not None and whole is not None and base in (whole, Fraction(shown(float(whole))))


def _base(rest: str, wanted: Wanted) -> tuple[Fraction | None, str]:
    found = _DIGITS.match(rest)
    if found is None:
        return None, rest
    rest = rest[found.end() :]
    unit = _words(wanted.unit).unit.match(rest)
    return _digits(found, wanted), rest[unit.end() :] if unit else rest


def _whole(wanted: Wanted) -> Fraction | None:
    """What all there is amounts to."""
    whole = wanted.high if wanted.whole is None else wanted.whole
    return None if whole is None else Fraction(repr(float(whole)))


def _ratio(value: Fraction | None, under: int, rest: str, wanted: Wanted) -> Amount:
    """A fraction in digits: of a unit where a unit follows, of the whole where that is said or is its lower number."""
    if not under or value is None:
        return Amount(None, rest)
    words = _words(wanted.unit)
    if unit := words.unit.match(rest):
        rest = rest[unit.end() :]
        if not _same(Fraction(under), _whole(wanted)):
            return Amount(value / under, rest)
        return Amount(value if wanted.integer else None, rest)
    if _same(Fraction(under), _whole(wanted)):
        return Amount(value, rest)
    return _share(value / under, rest, wanted, sure=False)


def _share(share: Fraction, rest: str, wanted: Wanted, *, sure: bool) -> Amount:
    """A part of the whole, or of a unit; a part of anything else is vague. ``sure``: needs no words to be a part."""
    words = _words(wanted.unit)
    if one := words.of_one.match(rest) or words.unit.match(rest):
        return Amount(share, rest[one.end() :])
    whole = None if wanted.whole is None else Fraction(repr(float(wanted.whole)))
    if of := words.of_number.match(rest):
        base, rest = _base(rest[of.end() :], wanted)
        if base is None or (whole is not None and not _same(base, whole)):
            return Amount(None, rest)
        return Amount(share * (base if whole is None else whole), rest)
    of = words.of_whole.match(rest)
    if whole is None or not (of or sure):
        return Amount(None, rest)
    return Amount(share * whole, rest[of.end() :] if of else rest)


def _everything(rest: str, wanted: Wanted) -> Amount:
    if wanted.whole is None:
        return Amount(None, rest)
    whole = Fraction(repr(float(wanted.whole)))
    words = _words(wanted.unit)
    if number := re.match(rf"\s+(?:of\s+)?{_DET}(?=\d)", rest, re.IGNORECASE):
        base, rest = _base(rest[number.end() :], wanted)
        return Amount(whole if _same(base, whole) else None, rest)
    of = words.of_whole.match(rest) or words.unit.match(rest)
    return Amount(whole, rest[of.end() :] if of else rest)
