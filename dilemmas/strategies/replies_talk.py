"""What is asked of one who speaks, and what is made of the words: the utterance, whom it names, what it pledges.

Lines that begin with a marker are taken out of what is heard; everything else is said aloud as it was written. A name
that cannot be read is asked again, as is a pledge that is none of what may be pledged; no pledge is no mistake.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dilemmas.strategies.wanted import Said, Unusable, Wanted

PLEDGE = "PLEDGE"
TONE = "TONE"
NOBODY = "nobody"
LONGEST = 2_000  # characters of an utterance that are heard
_NONE = {"", "none", "no", "no pledge", "not now", "n/a", "na", "nil", "null"}
_ENDS = {NOBODY, "no one", "none", "noone", "no-one", "end"}


def form(wanted: Wanted, told: str) -> str:
    """The sentences of a prompt that say which lines go with an utterance; ``told`` says what a pledge is."""
    if wanted.json:
        return f"Reply with one JSON object: {_keys(wanted)}."
    parts = []
    if wanted.names:
        which = ", ".join([*wanted.names, *([NOBODY] if wanted.ending else [])])
        parts.append(f"End with a line that says {wanted.naming}: followed by one of these: {which}.")
    if wanted.pledge is not None:
        also = "Above it, you may put" if wanted.names else "You may end with"
        parts.append(f"{also} a line that says {PLEDGE}: followed by {told}; without it you pledge nothing.")
    return " ".join(parts)


def _keys(wanted: Wanted) -> str:
    words = '"words" is what you say, a text'
    return f'{words}; "{wanted.naming.lower()}" is one of these: {", ".join(wanted.names)}' if wanted.names else words


def schema(wanted: Wanted) -> dict[str, Any]:
    """The JSON schema of a reply that holds ``words`` and, where one has to be named, a name."""
    parts: dict[str, Any] = {"words": {"type": "string"}}
    if wanted.names:
        parts[wanted.naming.lower()] = {"type": "string", "enum": list(wanted.names)}
    return {"type": "object", "properties": parts, "required": list(parts), "additionalProperties": False}


def unpacked(spoken: Said, wanted: Wanted) -> Said:
    """What was said in JSON as it would be without; a reply that is no such object is left as it is."""
    first, last = spoken.text.find("{"), spoken.text.rfind("}")
    try:
        held = json.loads(spoken.text[first : last + 1]) if wanted.json and 0 <= first < last else None
    except (ValueError, RecursionError):
        held = None
    if not isinstance(held, dict) or not isinstance(held.get("words"), str):
        return spoken
    name = held.get(wanted.naming.lower()) if wanted.names else None
    return replace(spoken, text=held["words"] + (f"\n{wanted.naming}: {name}" if name is not None else ""))


def silent(heard: Said, wanted: Wanted) -> Said:
    """The utterance, without its words where it says that nothing is said."""
    if not wanted.quiet:
        return heard
    alone = heard.text.strip(" \t\n.!()[]*_`\"'").casefold() == wanted.quiet.casefold()
    named = heard.named is not None and heard.named >= 0 and wanted.names[heard.named] == wanted.quiet
    return replace(heard, text="") if alone or named else heard


def read(spoken: Said, wanted: Wanted, told: str) -> Said | Unusable:
    """An utterance from a free text that was read; ``told`` is what :func:`form` says."""
    text, values = _parted(spoken.text, wanted)
    named = _named(values.get(wanted.naming), wanted)
    if isinstance(named, str):
        return Unusable(f"{named} {told}".strip(), "unreadable")
    words = text[:LONGEST] if len(text) <= LONGEST else text[: LONGEST - 6].rstrip() + " [...]"
    return replace(spoken, text=words, words=words, named=named)


def pledged(spoken: Said, wanted: Wanted) -> str | None:
    """The words of a pledge; None where nothing is pledged."""
    value = _parted(spoken.text, wanted)[1].get(PLEDGE) if wanted.pledge is not None else None
    return None if value is None or value.casefold() in _NONE else value


def _parted(text: str, wanted: Wanted) -> tuple[str, dict[str, str]]:
    """What is said, and the last value of every marker that is wanted."""
    markers = [*([wanted.naming] if wanted.names else []), *([PLEDGE] if wanted.pledge is not None else [])]
    if not markers:
        return text.strip(), {}
    either = "|".join(markers)
    sign = re.compile(rf"(?m)(?:^[\s>#*_`\"'-]*(?i:({either}))|(?<!\w)({either}))[ \t*_`]*[:：]")
    found = list(sign.finditer(text))
    values = {}
    kept = text[: found[0].start()] if found else text
    for place, match in enumerate(found):
        stop = found[place + 1].start() if place + 1 < len(found) else len(text)
        value, _, rest = text[match.end() : stop].partition("\n")
        values[(match[1] or match[2]).upper()] = value.strip(" \t*_`\"'.")
        kept += f"\n{rest}" if rest.strip() else ""
    return kept.strip(" \t\n`\"'") if found else kept.strip(), values


def _named(value: str | None, wanted: Wanted) -> int | str | None:
    """The index of the name, -1 for nobody, None where no name is wanted; a sentence that says what is wrong."""
    if not wanted.names:
        return None
    if value is None:
        return f"Your reply has no line that begins with {wanted.naming}:"
    if value.casefold() in _ENDS and wanted.ending:
        return -1
    found = _mentioned(value, wanted.names)
    if len(found) == 1:
        return found[0]
    return f"It cannot be read from your reply whom {wanted.naming}: names."


def _mentioned(value: str, names: Sequence[str]) -> list[int]:
    whole = [i for i, name in enumerate(names) if name.casefold() == value.casefold()]
    if whole:
        return whole
    return [i for i, name in enumerate(names) if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", value, re.IGNORECASE)]
