"""Text that models and strangers wrote, made fit for a terminal: nothing in it can move, colour, hide or reorder."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from dilemmas.report.text import cells

HIDDEN = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
"""Kinds of characters that are not seen but do something: controls, directions and joiners, halves, separators."""
JOINERS = "\u200c\u200d"  # Persian, Indic scripts and emoji are not legible without them
TAB = 4


def visible(text: str) -> str:
    r"""Text with every character that a terminal would obey rather than show written as an escape (``\x1b``).

    Line ends and what letters need to join stay; a tab becomes blanks.
    """
    plain = text.replace("\r\n", "\n").expandtabs(TAB)
    if plain.isascii() and plain.replace("\n", "").isprintable():
        return plain
    return "".join(map(_shown, plain))


def _shown(char: str) -> str:
    if char in "\n" + JOINERS or unicodedata.category(char) not in HIDDEN:
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def line(text: str) -> str:
    """The same on one line."""
    return " ".join(visible(text).split())


def wrapped(text: str, width: int) -> Iterator[str]:
    """Visible lines of at most ``width`` columns; lines that fit stay as they are, so that tables keep their shape."""
    for whole in visible(text).split("\n"):
        yield from [whole.rstrip()] if cells(whole) <= width else _broken(whole.rstrip(), width)


def _broken(whole: str, width: int) -> Iterator[str]:
    """A long line cut between words, further lines under the beginning of its words, be they those of a list."""
    words = whole.lstrip(" ")
    lead = whole[: len(whole) - len(words) + (2 if words.startswith(("- ", "* ")) else 0)]
    room = max(min(width // 2, width - 2), 0)  # a character may be two columns wide
    lead = lead[:room] if len(lead) > width // 2 else lead
    current, taken, start = lead, len(lead), len(lead)
    for word in whole[len(lead) :].split(" "):
        for part in _parts(word, width - start):
            size, gap = cells(part), taken > start
            if taken + gap + size > width:
                yield current.rstrip()
                current, taken, gap = " " * start, start, False
            current, taken = current + " " * gap + part, taken + gap + size
    yield current.rstrip()


def _parts(word: str, width: int) -> Iterator[str]:
    """A word in pieces that fit."""
    piece, taken = "", 0
    for char in word if cells(word) > width else ():
        size = cells(char)
        if taken + size > width:
            yield piece
            piece, taken = "", 0
        piece, taken = piece + char, taken + size
    yield piece if piece else word
