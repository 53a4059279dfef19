"""Settings of results folders beside those of a command: what differs, and what was not there to be said."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from dilemmas.culture import rules
from dilemmas.rules.params import Parameters
from dilemmas.runs.resolve import Cast

_ABSENT = object()


def chosen(cast: Cast) -> dict[str, Any]:
    """Settings that are not at their defaults: those that a folder from before a key was there cannot agree with."""
    said = cast.experiment.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    said |= {key: rules.written(key, said[key], whole=False) for key in rules.KEYS if said.get(key)}
    game = cast.rules.model_dump(mode="json", exclude_defaults=True) if isinstance(cast.rules, Parameters) else {}
    shown = cast.game.presentation.model_dump(mode="json", exclude_defaults=True)
    return {**said, "game": game, "presentation": shown}


def compare(old: Mapping[str, Any], new: Mapping[str, Any], said: Mapping[str, Any] | None = None) -> str:
    """The first few settings that differ, as ``key: old -> new``; empty where none do.

    ``said`` holds those of ``new`` that are not at their defaults: a key that ``old`` lacks differs only if it is
    there. None means that all are.
    """
    before, after = dict(_leaves(old)), dict(_leaves(new))
    counted = after if said is None else dict(_leaves(said))
    keys = [key for key in {**before, **after} if before.get(key, _ABSENT) != after.get(key, _ABSENT)]
    keys = [key for key in keys if key in before or key in counted]
    shown = [f"{key}: {_short(before.get(key, _ABSENT))} -> {_short(after.get(key, _ABSENT))}" for key in keys[:3]]
    return ", ".join(shown) + (f" and {len(keys) - 3} more" if len(keys) > 3 else "")


def _leaves(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _leaves(part, f"{prefix}.{key}" if prefix else str(key))
    elif isinstance(value, list) and any(isinstance(part, Mapping) for part in value):
        for i, part in enumerate(value):
            yield from _leaves(part, f"{prefix}.{i}")
    else:
        yield prefix, value


def _short(value: Any) -> str:
    text = "nothing" if value is _ABSENT else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 24 else text[:21] + "..."
