"""A game of a user's own: one Python class in a file that was named, ``mine.py:Class``."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from dilemmas.errors import FileError, SpecError, nearest
from dilemmas.rules.params import Parameters
from dilemmas.specs import reading
from dilemmas.specs.games import Dilemma
from dilemmas.specs.seats import refused
from dilemmas.strategies import loading

_NEEDED = ("kind", "per_round", "fields", "seats", "options", "start", "ask", "illegal", "allowed", "settle", "score")


def game(reference: str, given: Mapping[str, Any], beside: Path | None, *, allowed: bool) -> Dilemma:
    """The game that a class in a Python file defines, made with ``given`` as keyword arguments.

    The class follows ``dilemmas.rules.game.Game``; ``dilemmas check mine.py:Class`` runs the contract kit on it.
    Raises FileError where the file or class is not there, SpecError where it lacks something or refuses a parameter.
    """
    if not allowed:
        raise refused(reference)
    file, _, name = reference.partition(".py")
    path = (beside or Path()) / f"{file}.py"
    made = _class(loading.module(path), name.lstrip(":"), path)
    rules = _made(made, given, path)
    lacking = [part for part in _NEEDED if not hasattr(rules, part)]
    if lacking:
        raise SpecError(
            f"{made.__name__} has no {lacking[0]!r}", where=str(path), expected=f"a game with {', '.join(_NEEDED)}"
        )
    about = (inspect.getdoc(made) or "").partition("\n")[0]
    return Dilemma(
        made.__name__, rules, rules.kind, dict(given), about, "", path=path, reference=reference, given=given
    )


def _class(module: ModuleType, name: str, path: Path) -> type[Any]:
    own = {
        key: value
        for key, value in vars(module).items()
        if inspect.isclass(value) and value.__module__ == module.__name__
    }
    games = {key: value for key, value in own.items() if hasattr(value, "settle")}
    if name and name not in games:
        raise FileError(
            f"has no game class {name!r}",
            where=str(path),
            expected=", ".join(games) or "a class with ask and settle",
            remedy=nearest(name, games),
        )
    if not name and len(games) != 1:
        raise FileError(
            f"holds {len(games)} game classes",
            where=str(path),
            expected="one",
            remedy=f"Name it: {path.name}:{next(iter(games), 'Class')}",
        )
    return games[name] if name else next(iter(games.values()))


def _made(made: type[Any], given: Mapping[str, Any], path: Path) -> Any:
    keys = reading.keys_of(made) if issubclass(made, Parameters) else []
    try:
        return reading.guarded(lambda: made(**given), path, f"the game {made.__name__}", keys)
    except TypeError as error:
        raise SpecError(f"{made.__name__} cannot be made: {error}", where=str(path)) from None
