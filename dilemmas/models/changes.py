"""What changed between a call in the journal and the call that is made now, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dilemmas.errors import ResultsError
from dilemmas.models.secrets import cover
from dilemmas.models.speaker import Message, Request

AROUND = 40  # characters of a text that are shown from where it differs
UNSET = "not set"


def changed(entry: Mapping[str, Any], request: Request, where: str) -> ResultsError:
    """The error for a journalled call (a line of the journal) that was made of another request."""
    found = "; ".join(_changes(entry, request)) or "the line itself was edited"
    return ResultsError(
        f"this call was made with another request: {found}",
        where=where,
        expected="the settings that the folder was begun with",
        remedy="Put them back; or give another --out for a new folder, or --fresh, which moves the old one aside.",
    )


def _changes(entry: Mapping[str, Any], request: Request) -> Iterator[str]:
    if entry["model"] != request.model:
        yield f"the model was {entry['model']}, is {request.model}"
    yield from _settings(entry["sampling"], cover(request.sampling))
    yield from _messages(entry["messages"], request.messages)


def _settings(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted({*old, *new}):
        before, after = (repr(part[name]) if name in part else UNSET for part in (old, new))
        if name not in old or name not in new or old[name] != _plain(new[name]):
            yield f"{name} was {before}, is {after}"


def _plain(value: Any) -> Any:
    """A value as JSON gives it back."""
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, (list, tuple)) else value


def _messages(old: Sequence[Message], new: Sequence[Message]) -> Iterator[str]:
    """The first message that differs, and where; the rest follows from it more often than not."""
    for number, (before, after) in enumerate(zip(old, new, strict=False), 1):
        if dict(before) != dict(after):
            yield _message(number, before, after)
            return
    if len(old) != len(new):
        yield f"there were {len(old)} messages, now {len(new)}"


def _message(number: int, before: Message, after: Message) -> str:
    role, was = after.get("role", ""), before.get("role", "")
    if role != was:
        return f"message {number} was of the {was}, is of the {role}"
    old, new = before.get("content", ""), after.get("content", "")
    place = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    line = new.count("\n", 0, place) + 1
    return (
        f"message {number} ({role}) differs from line {line}, character {place + 1} on: "
        f"it was {_shown(old, place)}, is {_shown(new, place)}"
    )


def _shown(text: str, place: int) -> str:
    part = text[place : place + AROUND]
    # As Python writes it, so that control characters and blanks are seen and do nothing.
    return ascii(part) + "..." * (place + AROUND < len(text)) if part else "at its end"
