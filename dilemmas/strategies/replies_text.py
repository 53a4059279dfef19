"""The text of a reply made plain, so that its words can be read: without reasoning, escapes, invisible characters and
the dressing of Markdown, HTML and LaTeX.

All of it takes linear time, whatever the text; repetitions in patterns are possessive or bounded.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST_LINE = 2000
"""Characters of one answer that are read; a longer line is no answer."""

_BREAKS = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_ESCAPES = re.compile(r"\x1b\[[0-9;:?<>=]*+[ -/]*+[@-~]|\x1b\][^\x07\x1b\n]*+(?:\x07|\x1b\\)?|\x1b[ -/]*+[0-Z\\^-~]")
_NAMES = "think|thinking|thoughts?|reason|reasoning|reflection|analysis|scratchpad|inner_monologue|monologue"
_TAGS = re.compile(
    rf"[<\[◁]\s{{0,3}}(?P<shut>/?)\s{{0,3}}(?:[a-z]{{1,9}}:)?(?P<name>{_NAMES})\b[^<>\[\]◁▷\n]{{0,100}}[>\]▷]"
    r"|<\|(?P<edge>begin|end)_of_thought\|>",
    re.IGNORECASE,
)
_FINAL = "<|channel|>final<|message|>"
_TURN = re.compile(
    r"<\|(?:im_end|eot_id|eom_id|end|return|endoftext|end_of_text)\|>|</s>|<end_of_turn>|<｜end▁of▁sentence｜>"
)
_SPECIAL = re.compile(r"<\|[a-z_]{1,30}\|>")

_FENCES = re.compile(r"^[ \t]{0,20}(?:`{3,}+|~{3,}+)[ \t\w.+-]{0,30}$", re.MULTILINE)
_HTML = re.compile(
    r"</?(?:b|strong|i|em|u|br|p|code|pre|span|div|h[1-6]|mark|center|li|ul|ol|td|tr|th|table|font)\b[^<>\n]{0,100}>",
    re.IGNORECASE,
)
_FRACTION = re.compile(r"\\[dt]?frac ?\{ ?(\d{1,20}) ?\} ?\{ ?(\d{1,20}) ?\}")
_LATEX = re.compile(
    r"\\(?:text(?:bf|it|rm)?|math(?:bf|rm|it|sf)|emph|underline|fbox)[ \t]{0,3}\{([^{}\n]{0,200})\}|\\[()\[\],;!]"
)
_MATHS = re.compile(r"\$([^$\n]{1,100})\$(?!\w)")
# Not what is struck through (~~): that is not said.
_EMPHASIS = re.compile(r"(?<![\w)*_`])[*_`]++(?=\S)|(?<=[^\s*_`])[*_`]++(?![\w(])")

_SAME = {
    **dict.fromkeys("“”„‟″«»「」『』", '"'),
    **dict.fromkeys("‘’‚‛′‹›", "'"),
    **dict.fromkeys("‐‑‒–−", "-"),
    **dict.fromkeys("—―", " - "),
    **dict.fromkeys("\u00a0\u2007\u2009\u202f", "\u00a0"),  # what stands between thousands
    **dict.fromkeys("【〔", "["),
    **dict.fromkeys("】〕", "]"),
    "⁄": "/",
    "…": "...",
    "∗": "*",
    "×": "x",
    "。": ". ",
    "、": ", ",
    "\n": "\n",
    "\t": " ",
    "\ufe0e": "",
    "\ufe0f": "",
    "\u20e3": "",  # the frame of a keycap
}


class _Plain(dict[int, str]):
    """For ``str.translate``: what each character reads as, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        made = self[code] = _plain(chr(code))
        return made


def _plain(char: str) -> str:
    if char in _SAME:
        return _SAME[char]
    category, built = unicodedata.category(char), unicodedata.decomposition(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category in ("Cc", "Cs", "Zs"):
        return " "  # a blank, so that what stood on both sides is not joined
    if category == "Cf":
        return ""
    if built.startswith("<fraction>"):
        return " " + unicodedata.normalize("NFKC", char).replace("⁄", "/")
    # Not the other compatible forms: a superscript is not a digit of the number before it.
    return unicodedata.normalize("NFKC", char) if built.startswith(("<wide>", "<font>")) else char


_TABLE = _Plain()


def unbroken(text: str) -> str:
    """The text with one kind of line break."""
    return _BREAKS.sub("\n", text)


def plain(text: str) -> str:
    """The text without escapes, invisible characters and dressing; it keeps its lines."""
    text = _ESCAPES.sub("", text).translate(_TABLE)
    for pattern in (_FENCES, _HTML):
        text = pattern.sub(" ", text)
    text = _FRACTION.sub(r" \1/\2 ", text).replace("{,}", ",").replace("\\$", "$").replace("\\%", "%")
    text = _MATHS.sub(r"\1", _LATEX.sub(r"\1", text))
    return _EMPHASIS.sub("", text.replace("\\*", "*").replace("\\_", "_"))


def readable(text: str) -> str:
    """A text without escapes and control characters, its lines and its dressing kept."""
    return "\n".join("".join(map(_readable, line)) for line in _ESCAPES.sub("", text).split("\n")).strip()


def _readable(char: str) -> str:
    return char if char.isprintable() else " " if unicodedata.category(char) in ("Cc", "Zs") else ""


def normal(text: str) -> str:
    """A short text in one form of its accents, so that it can be compared."""
    return unicodedata.normalize("NFC", text[: LONGEST_LINE + 1])


def answered(text: str) -> tuple[str, bool]:
    """What was said after and between reasoning, and whether reasoning was begun and never ended.

    An end without a beginning ends reasoning that began in the prompt. What follows the end of a turn is not part of
    the reply.
    """
    if _FINAL in text:
        text = text.rpartition(_FINAL)[2]
    elif "<|channel|>" in text:
        return "", True
    kept, unclosed = _outside(text)
    return _SPECIAL.sub(" ", _TURN.split(kept, maxsplit=1)[0]), unclosed


def _outside(text: str) -> tuple[str, bool]:
    kept: list[str] = []
    start, inside = 0, ""
    for tag in _TAGS.finditer(text):
        name, shuts = (tag["name"] or "thought").lower(), bool(tag["shut"] or tag["edge"] == "end")
        if inside:
            if shuts and name == inside:
                start, inside = tag.end(), ""
        elif shuts:
            kept, start = [], tag.end()
        else:
            kept.append(text[start : tag.start()])
            inside = name
    return "\n".join(kept if inside else [*kept, text[start:]]), bool(inside)


def escaped(text: str, most: int = 200) -> str:
    """Words as they may be shown and stored: shortened to ``most`` characters, control characters escaped."""
    made: list[str] = []
    left = most
    for char in text.strip()[:most]:
        shown = char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        left -= len(shown)
        if left < 0:
            break
        made.append(shown)
    return "".join(made)
