"""The named rules of culture as plain settings: checked, and written out whole with every default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dilemmas.culture.choice import choose
from dilemmas.culture.inheritance import INHERITANCES
from dilemmas.culture.networks import NETWORKS
from dilemmas.culture.selection import SELECTIONS
from dilemmas.rules.params import Parameters

_KINDS: Mapping[str, tuple[Mapping[str, type[Parameters]], str, str]] = {
    "selection": (SELECTIONS, "rule", "selection rule"),
    "inheritance": (INHERITANCES, "rule", "rule of inheritance"),
    "network": (NETWORKS, "kind", "network"),
}


KEYS = tuple(_KINDS)


def written(key: str, given: Any, *, whole: bool = True) -> dict[str, Any]:
    """The rule that a file or a flag describes under ``key``, as settings that name every parameter.

    ``whole=False`` leaves out parameters that are at their defaults.
    """
    kinds, head, what = _KINDS[key]
    made = choose(kinds, given, head, what, key)
    name = next(name for name, kind in kinds.items() if type(made) is kind)
    return {head: name, **made.model_dump(mode="json", by_alias=True, exclude_defaults=not whole)}
