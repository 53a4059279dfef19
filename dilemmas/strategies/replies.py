"""From what a model said to an answer, or to a sentence that says why there is none.

What is read, first that applies: JSON, marker lines, boxes and tags, of which the last counts; a reply that is one
short statement; a decision in the last sentence. What can be read in two ways, or only with good will, is asked again.
"""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

from dilemmas.strategies import replies_talk
from dilemmas.strategies.prompts import shown
from dilemmas.strategies.replies_asking import form, illegal, schema
from dilemmas.strategies.replies_claims import Claim, Reply, bare, claims, decided, reply, stated
from dilemmas.strategies.replies_spans import SEVERAL, UNREADABLE, Found, Meaning, Trouble, said
from dilemmas.strategies.replies_text import answered, escaped, plain, readable, unbroken
from dilemmas.strategies.wanted import Said, Unusable, Wanted

__all__ = ["form", "read", "schema"]

CUT = ("length", "max_tokens", "max_output_tokens")
FILTERED = ("content_filter", "refusal", "safety", "prohibited_content", "recitation", "blocklist")
"""What providers say where a reply was cut short, and where it was withheld."""

DUST = Fraction(1, 10**9)
"""How far a number may be from a bound or from a whole number, in parts of the largest bound, by rounding alone."""

_EMPTY = Trouble("empty", "Your reply was empty.")
_ONLY_THOUGHT = Trouble("empty", "Your reply held reasoning and no answer.")
_CUT_OFF = Trouble("truncated", "Your reply was cut off before its answer was complete: be shorter.")
_ENDLESS = Trouble("truncated", "Your reply began with reasoning that never ended, so it held no answer.")
_WITHHELD = Trouble("refused", "Your reply was withheld by a filter of its provider.")
_REFUSED = Trouble("refused", "Your reply declined to answer.")

_REFUSAL = re.compile(
    r"\bi(?:['’]m| am) (?:very |so |really )?(?:sorry|afraid|unable|not able|not comfortable|not going to|declining)\b"
    r"|\bi (?:can['’]?t|cannot|can not|must decline|decline|refuse|apologi[sz]e|do not wish)\b"
    r"|\bi (?:won['’]?t|will not) (?:help|assist|participate|take part|play|answer|do|engage|continue|comply|provide)\b"
    r"|\bas an? (?:ai|artificial|language model|assistant)\b|\bi['’]d (?:rather|prefer) not\b|\bmy apologies\b",
    re.IGNORECASE,
)


_ALONE = re.compile(
    r"^[^\w\n]{0,20}(?:(?:user|human|assistant|system|opponent|(?:the )?other player|player \w{1,20})\s?:"
    r"|(?:round|turn) \d+[^\w\n:]{0,20}(?:$|:))",
    re.IGNORECASE | re.MULTILINE,
)


_TAKEN_BACK = re.compile(
    r"^[^\w\n]{0,10}(?:(?:oh|no|but|hm+)\b[^\w\n]{0,3})?(?:wait|actually|correction|scratch that|on second thoughts?"
    r"|hm{2,}|oops|let me (?:reconsider|correct|change))\b",
    re.IGNORECASE | re.MULTILINE,
)
_DECLINES = re.compile(
    r"\bi (?:must )?(?:refuse|decline) to (?:answer|play|participate|take part|choose|decide|help|assist|continue"
    r"|engage|comply|respond|do)\b",
    re.IGNORECASE,
)
"""Words by which an answer is taken back, and such as decline to answer where refusing is also a move."""


def read(text: str, finish: str, wanted: Wanted) -> Said | Unusable:
    """What a reply says as an answer, or why it is none and what is needed.

    ``finish`` is why the provider says that the reply ended: a reply that was cut off (``length``) counts where its
    answer was complete before the cut, one that was withheld (``content_filter``) never. Any text is read in a time
    that grows with its length alone, and nothing in it is carried out.
    """
    ended = finish.strip().casefold()
    if ended in FILTERED:
        return _unusable(_WITHHELD, wanted)
    kept, unclosed = answered(unbroken(text))
    if unclosed:
        return _unusable(_ENDLESS, wanted)
    if not plain(kept).strip():
        trouble = _CUT_OFF if ended in CUT else _ONLY_THOUGHT if plain(text).strip() else _EMPTY
        return _unusable(trouble, wanted)
    if wanted.speech:
        return _spoken(_free(kept, ended in CUT, wanted), wanted)
    return _free(kept, ended in CUT, wanted) if wanted.text else _answer(reply(kept), ended in CUT, wanted)


def _free(text: str, cut: bool, wanted: Wanted) -> Said | Unusable:
    """Any text will do, but for one that was cut off: what it would have said is not known."""
    if cut:
        return _unusable(_CUT_OFF, wanted)
    whole = readable(text)
    return Said(text=whole, words=escaped(whole))


def _spoken(free: Said | Unusable, wanted: Wanted) -> Said | Unusable:
    """Words that others hear, with whom they name and what they pledge."""
    if isinstance(free, Unusable):
        return free
    free = replies_talk.unpacked(free, wanted)
    heard, promise = replies_talk.read(free, wanted, form(wanted)), replies_talk.pledged(free, wanted)
    if isinstance(heard, Unusable):
        return heard
    if promise is None or wanted.pledge is None:
        return replies_talk.silent(heard, wanted)
    meant = _answer(reply(f"{replies_talk.PLEDGE}: {promise}"), False, wanted.pledge)
    if isinstance(meant, Unusable):
        return Unusable(f"What you pledge cannot be read. {form(wanted)}", meant.kind)
    return replace(heard, choice=meant.choice, amount=meant.amount)


def _answer(reply: Reply, cut: bool, wanted: Wanted) -> Said | Unusable:
    found, words = _claimed(reply, cut, wanted)
    if isinstance(found, Trouble):
        return _unusable(_why(found, reply, cut), wanted)
    return _legal(found, escaped(words), wanted)


def _why(trouble: Trouble, reply: Reply, cut: bool) -> Trouble:
    """What was really the matter with a reply that holds no clear answer."""
    if cut:
        return _CUT_OFF
    return _REFUSED if _REFUSAL.search("\n".join(reply.lines)[:4000]) else trouble


def _claimed(reply: Reply, cut: bool, wanted: Wanted) -> tuple[Meaning, str]:
    """What the reply says as its answer, and the words it was read from."""
    everything = claims(reply, wanted)
    sure = [claim for claim in everything if claim.sure]
    if not sure:
        return _unclaimed(reply, everything, cut, wanted)
    last = sure[-1]
    if isinstance(last.meaning, Trouble):
        return last.meaning, ""
    if cut and not last.closed and last.last == len(reply.lines) - 1:
        return UNREADABLE, ""
    return SEVERAL if _disputed(last, everything, reply, wanted) else last.meaning, last.words


def _unclaimed(reply: Reply, doubtful: list[Claim], cut: bool, wanted: Wanted) -> tuple[Meaning, str]:
    """The answer of a reply that marks none; one that was cut off, or marks one in doubt, has none."""
    declined = _DECLINES.search("\n".join(reply.lines)[:4000])
    found = None if cut or doubtful or declined else stated(reply, wanted)
    if found is None:
        return UNREADABLE if len({claim.meaning for claim in doubtful}) < 2 else SEVERAL, ""
    return found.meaning, found.words


def _disputed(last: Claim, everything: list[Claim], reply: Reply, wanted: Wanted) -> bool:
    """Whether other words of a reply say something else than its last claim, and may be meant.

    Earlier lines count for nothing where the last one ends the reply, as somebody does who changes their mind; but they
    do where the model went on alone, with the next round or for somebody else.
    """
    after = "\n".join(reply.lines[last.last + 1 :])
    if _TAKEN_BACK.search(after):
        return True
    for claim in everything:
        if isinstance(claim.meaning, Found) and claim.meaning != last.meaning:
            between = "\n".join(reply.lines[claim.last + 1 : last.first])
            if re.search(r"\w", after) or claim.last >= last.first or _ALONE.search(between):
                return True
    later = [meant for _, meant in decided(after, wanted)] + bare(after, wanted)
    return any(meant != last.meaning for meant in later)


# -- what is allowed --------------------------------------------------------------------------------------------------


def _legal(found: Found, words: str, wanted: Wanted) -> Said | Unusable:
    if found.amount is None:
        return Said(choice=found.choice, words=words)
    value = _within(found.amount, wanted)
    if value is None:
        what = illegal(found.amount, said(found.amount), wanted)
        return _unusable(Trouble("illegal", what), wanted)
    return Said(choice=found.choice, amount=value, words=words)


def _within(value: Fraction, wanted: Wanted) -> float | None:
    """A number as it is allowed, or None; rounding is forgiven, as is a bound as it was shown, and nothing else."""
    low, high = (None if bound is None else Fraction(bound) for bound in (wanted.low, wanted.high))
    dust = DUST * max((abs(bound) for bound in (low, high) if bound is not None), default=Fraction(0))
    for bound in (low, high):
        if bound is not None and (abs(value - bound) <= dust or value == Fraction(shown(float(bound)))):
            value = bound
    if wanted.integer and abs(value - round(value)) <= dust:
        value = Fraction(round(value))
    if (low is not None and value < low) or (high is not None and value > high):
        return None
    return None if wanted.integer and value.denominator != 1 else float(value)


def _unusable(trouble: Trouble, wanted: Wanted) -> Unusable:
    return Unusable(f"{trouble.what} {form(wanted)}".strip(), trouble.kind)
