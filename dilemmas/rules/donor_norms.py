"""Public reputations: image scores, and standing under first-, second- and third-order social norms.

A norm is an array ``[donor's standing, recipient's standing, gave]`` of new standings, 1 for good and gave, 0 for bad
and kept. Image scoring: Nowak & Sigmund (1998). Standing: Sugden (1986). Stern judging: Kandori (1992), Pacheco,
Santos & Chalub (2006). Shunning: Takahashi & Mashima (2006). The leading eight: Ohtsuki & Iwasa (2004, 2006).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dilemmas.errors import nearest
from dilemmas.rules.game import Bools, Floats, Ints

LOW, HIGH = -5, 5  # of an integer image score (Nowak & Sigmund 1998)
_SLACK = 1e-9  # part of a threshold: giving 0.8 of a balance may come back as 0.7999999999999999

# New standing of the donor after: giving to good, keeping from good, giving to bad, keeping from bad.
SECOND_ORDER = {"image-scoring": "GBGB", "simple-standing": "GBGG", "stern-judging": "GBBG", "shunning": "GBBB"}

# What is free among the leading eight: a good donor's gift to bad, a bad donor's gift to bad, a bad donor's keeping
# from bad; then what a bad donor does to a bad recipient (C gives). All the rest they share.
LEADING_EIGHT = {
    "l1": ("GGB", "C"),
    "l2": ("BGB", "C"),
    "l3": ("GGG", "D"),
    "l4": ("GBG", "D"),
    "l5": ("BGG", "D"),
    "l6": ("BBG", "D"),
    "l7": ("GBB", "D"),
    "l8": ("BBB", "D"),
}
ALIASES = {"image": "image-scoring", "standing": "l1", "staying": "l7", "judging": "l8", "kandori": "stern-judging"}
NAMES = (*SECOND_ORDER, *LEADING_EIGHT, "standing", "staying", "judging")


def norm(value: str | Mapping[str, str]) -> NDArray[np.int8]:
    """The table ``(2, 2, 2)`` of a norm, by name or written out; raises ValueError.

    Written out, keys are the donor's standing, the recipient's and the action (``GBC``: good donor, bad recipient,
    gave), 8 of them; second-order norms may leave out the donor (``BC``, 4 keys), first-order ones both (``C``, 2).
    """
    if not isinstance(value, str):
        return _written(value)
    name = ALIASES.get(value.lower(), value.lower())
    if name in SECOND_ORDER:
        return _written(dict(zip(("GC", "GD", "BC", "BD"), SECOND_ORDER[name], strict=True)))
    if name in LEADING_EIGHT:
        free, _ = LEADING_EIGHT[name]
        fixed = {"GGC": "G", "BGC": "G", "GGD": "B", "BGD": "B", "GBD": "G"}
        return _written({**fixed, **dict(zip(("GBC", "BBC", "BBD"), free, strict=True))})
    raise ValueError(f"no norm is called {value!r}; norms are {', '.join(NAMES)}. {nearest(value, NAMES)}".strip())


def _written(table: Mapping[str, Any]) -> NDArray[np.int8]:
    keys = {str(key).upper(): str(entry).upper() for key, entry in table.items()}
    order = {2: 1, 4: 2, 8: 3}.get(len(keys), 0)
    wanted = {donor + recipient + act for donor in "BG" for recipient in "BG" for act in "DC"}
    if {key[-order:] for key in wanted} != set(keys) or not order:
        raise ValueError(f"a norm has 2 (C, D), 4 (GC .. BD) or 8 (GGC .. BBD) keys; found {', '.join(keys) or 'none'}")
    if strange := set(keys.values()) - {"G", "B"}:
        raise ValueError(f"a norm says G or B; found {sorted(strange)[0]!r}")
    cells = [[[keys[(d + r + a)[-order:]] == "G" for a in "DC"] for r in "BG"] for d in "BG"]
    return np.array(cells, np.int8)


def reaches(value: Floats, threshold: Floats | float) -> Bools:
    """Whether shares or scores are at least a threshold, rounding apart."""
    return value >= threshold - np.abs(threshold) * _SLACK


def assess(table: NDArray[np.int8], donor: Ints, recipient: Ints, gave: Bools) -> NDArray[np.int8]:
    """New standings of donors; all arrays of one shape."""
    return table.reshape(-1).take(donor * np.int8(4) + recipient * np.int8(2) + gave)


def scored(image: NDArray[np.int8], gave: Bools, integer: bool) -> NDArray[np.int8]:
    """New image scores: 1 or 0 by the last turn, or one up or down within -5 .. 5."""
    if not integer:
        return gave.astype(np.int8)
    return np.clip(image + np.where(gave, np.int8(1), np.int8(-1)), LOW, HIGH).astype(np.int8)
