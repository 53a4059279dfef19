"""How models are reached and set, as a file may say it: addresses without passwords, settings that there are.

What is wrong here is refused before anything is written, and without quoting it: copies of a file lie in every
results folder, and a key in one would be given away with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from dilemmas.errors import nearest

HOME = "keys belong in the environment or in .env, as OPENAI_API_KEY, LOCAL_API_KEY and so on"


def address(value: Any) -> Any:
    """The address of a server, or one by provider or model; ValueError for what is none and for one with a secret."""
    from dilemmas.models.secrets import scrub  # here and below: most experiments ask no models

    if isinstance(value, Mapping):
        return {name: address(url) for name, url in value.items()}
    if not isinstance(value, str):
        return value
    if scrub(value) != value:
        raise ValueError(f"the address holds a user name, a password or a key; {HOME}")
    try:
        known = urlsplit(value)
        good = known.scheme in ("http", "https") and bool(known.hostname) and (known.port or 1) > 0
    except ValueError:
        good = False
    if not good:
        raise ValueError(f"{value!r} is no address of a server; expected http://HOST:PORT/v1")
    return value


def named(settings: Mapping[str, Any]) -> frozenset[str]:
    """The addresses that a command or a call names itself, among the settings that it gives."""
    return frozenset(_texts(value for key, value in settings.items() if key.partition(".")[0] == "base_url"))


def _texts(values: Any) -> Iterator[str]:
    for value in values:
        if isinstance(value, Mapping):
            yield from _texts(value.values())
        elif isinstance(value, str):
            yield value


def sampling(value: Any) -> Any:
    """Sampling settings; ValueError for one that there is not, for a secret, and for a length that is none."""
    from dilemmas.models.chat import SETTINGS

    for name in value if isinstance(value, Mapping) else ():
        if name not in SETTINGS:
            known = nearest(str(name), sorted(SETTINGS)) or f"Known are {', '.join(sorted(SETTINGS))}."
            why = f"; {HOME}" if _secret(name) else ""
            raise ValueError(f"{name!r} is no sampling setting{why}. {known}")
        if name.startswith("max_") and not _length(value[name]):
            raise ValueError(f"{name} is {value[name]!r}; expected a whole number from 1 on")
        _within(name, value[name])
    return value


def _length(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _within(name: str, value: Any) -> None:
    """Refuse secrets at any depth, and what ``extra_body`` may not hold."""
    from dilemmas.models.chat import FIXED

    for key, part in value.items() if isinstance(value, Mapping) else ():
        if _secret(key) and isinstance(part, str):
            raise ValueError(f"{name}.{key}: {HOME}")
        if name == "extra_body" and key in FIXED:
            raise ValueError(f"{name}.{key} is no setting of its own there; give {key} itself where there is one")
        _within(f"{name}.{key}", part)


def _secret(name: Any) -> bool:
    from dilemmas.models.secrets import secret

    return secret(str(name)) or str(name) in ("headers", "extra_headers")
