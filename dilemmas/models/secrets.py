"""Keys stay out of files and messages: what looks like a secret is replaced before words are written or shown.

The words of providers are scrubbed (:func:`scrub`): some of them send back the key that they refused. The words of
models are the data of an experiment and are kept, but for the value of a secret itself (:func:`hide`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

SHOWN = "[secret]"
SHORTEST = 8  # characters; shorter values are words that may stand anywhere

_NAMES = re.compile(r"(key|token|secret|password|passwd|authorization)$", re.IGNORECASE)
_ADDRESS = re.compile(r"(?<=://)[^\s/@?#]+@")
_QUERY = re.compile(r"(?<=[?&])([\w.-]*(?:key|token|secret|password|signature))=[^\s&#\"']+", re.IGNORECASE)
_BEARER = re.compile(r"\b(bearer|basic)(\s+)[\w.~+/=:-]{8,}", re.IGNORECASE)
# How the keys of large providers begin. Some show a refused key with its middle starred out; that goes as well.
_KEYS = re.compile(r"\b(?:sk|pk|rk|gsk|xai|hf|ghp|r8|nvapi|pplx|AIza)[-_]?[\w*.-]*[\w*]{8,}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]+")


def secret(name: str) -> bool:
    """Whether a variable or a setting of this name holds a secret: it ends in key, token, secret or password."""
    return _NAMES.search(name) is not None


def values() -> tuple[str, ...]:
    """What the environment's secrets are, the longest first; those of fewer than eight characters are left out."""
    found = {value.strip() for name, value in os.environ.items() if secret(name)}
    return tuple(sorted((value for value in found if len(value) >= SHORTEST), key=len, reverse=True))


def hide(text: str, known: Iterable[str]) -> str:
    """A text without the given values; it is the same object where none of them is in it."""
    for value in known:
        if value in text:
            text = text.replace(value, SHOWN)
    return text


def scrub(text: str) -> str:
    """Words of a provider, or an address, as they may be written and shown: without keys and control characters."""
    text = _ADDRESS.sub(f"{SHOWN}@", hide(text, values()))
    text = _QUERY.sub(rf"\1={SHOWN}", text)
    text = _BEARER.sub(rf"\1\2{SHOWN}", text)
    return _CONTROL.sub(" ", _KEYS.sub(_covered, text))


def _covered(match: re.Match[str]) -> str:
    # A key has digits or stars in it; a long name with hyphens ("pk-something-else") need not be one.
    return SHOWN if re.search(r"[\d*]", match[0]) else match[0]


def cover(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as they may be written: those whose names are those of secrets are covered, at any depth."""
    return {
        name: SHOWN
        if secret(name) and isinstance(value, str)
        else cover(value)
        if isinstance(value, Mapping)
        else value
        for name, value in settings.items()
    }
