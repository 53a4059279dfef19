"""Picking one of several named rules, with its parameters, from what a person wrote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from dilemmas.errors import SpecError, UnknownName, nearest
from dilemmas.rules.params import Parameters, expected

Chosen = TypeVar("Chosen", bound=Parameters)


def choose(kinds: Mapping[str, type[Chosen]], given: Any, key: str, what: str, where: str = "") -> Chosen:
    """The rule that ``given`` names: ``name``, ``name:parameter=value...``, a mapping with the name under ``key``.

    ``what`` is what such a rule is called in a complaint, ``where`` the file and key it stands at. A rule that is
    made already is handed back. Raises UnknownName for the name, SpecError for a parameter.
    """
    if isinstance(given, Parameters):
        return given  # type: ignore[return-value]  # made by an earlier call, for the same kinds
    settings = _settings(given, key, what, where)
    name = settings.pop(key, None)
    if name not in kinds:
        found = f"{what} needs the key {key!r}" if name is None else f"no {what} is called {name!r}"
        raise UnknownName(found, where=where, expected=", ".join(kinds), remedy=nearest(str(name), kinds))
    try:
        return kinds[name].model_validate(settings)
    except ValidationError as error:
        raise _retold(error, kinds[name], f"{what} {name!r}", where) from None


def _settings(given: Any, key: str, what: str, where: str) -> dict[str, Any]:
    if isinstance(given, Mapping):
        return dict(given)
    if not isinstance(given, str):
        raise SpecError(f"{given!r} is no {what}", where=where, expected=f"a name, or keys and values with {key!r}")
    name, *parts = given.split(":")
    pairs = [part.partition("=") for part in parts]
    wrong = next((part for part, equals, _ in pairs if not equals), None)
    if wrong is not None:
        raise SpecError(f"{wrong!r} in {given!r} is no parameter", where=where, expected="KEY=VALUE")
    return {key: name, **{part: value for part, _, value in pairs}}


def _retold(error: ValidationError, kind: type[Parameters], what: str, where: str) -> SpecError:
    first = error.errors(include_url=False)[0]
    parameter = ".".join(str(part) for part in first["loc"])
    place = ": ".join(part for part in (where, parameter) if part)
    if first["type"] == "extra_forbidden":
        known = list(kind.model_fields)
        found, remedy = f"{what} has no parameter {parameter!r}", nearest(parameter, known)
        return SpecError(found, where=where, expected=", ".join(known), remedy=remedy)
    if first["type"] == "missing":
        return SpecError(f"{what} needs {parameter!r}", where=where)
    if first["type"] == "value_error":
        return SpecError(f"{what}: {first['msg'].removeprefix('Value error, ')}", where=place)
    return SpecError(f"{first['input']!r} does not fit {what}", where=place, expected=expected(first))
