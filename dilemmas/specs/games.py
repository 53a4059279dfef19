"""Game files: numbers for the rules, and the words that players read."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from dilemmas.errors import SpecError, nearest
from dilemmas.rules.game import Game
from dilemmas.rules.params import Parameters
from dilemmas.specs import catalogue, reading, words
from dilemmas.strategies.words import Presentation, Words


class Head(BaseModel):
    """The part of a game file that is not parameters of its rules."""

    model_config = ConfigDict(extra="ignore")
    game: str
    kind: str
    about: str = ""
    source: str = ""
    aka: list[str] = []
    notes: dict[str, str] = {}
    words: dict[str, Any] = {}


@dataclass(frozen=True)
class Dilemma:
    """A game under its name: the rules with their numbers, the words, and how it is put to models.

    ``words`` are its own over those of its family.
    """

    name: str
    rules: Game
    kind: str
    parameters: Mapping[str, Any]
    about: str = ""
    source: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)
    words: Words = field(default_factory=Words)
    path: Path | None = None
    reference: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    presentation: Presentation = field(default_factory=Presentation)

    def equilibria(self) -> Any:
        """Verified Nash equilibria of a matrix game's stage game; see ``dilemmas.rules.equilibria``."""
        from dilemmas.rules.equilibria import equilibria
        from dilemmas.rules.matrix import Matrix

        if not isinstance(self.rules, Matrix):
            raise SpecError(f"{self.name} is a {self.kind} game", expected="a matrix game, which has a payoff table")
        return equilibria(self.rules)


Maker = Callable[..., Game]


def _kinds() -> dict[str, Callable[[], Maker]]:
    def matrix() -> Maker:
        from dilemmas.rules.matrix import Matrix

        return Matrix

    def donor() -> Maker:
        from dilemmas.rules.donor import Donor

        return Donor

    def commons() -> Maker:
        from dilemmas.rules.commons import Commons

        return Commons

    def public_goods() -> Maker:
        from dilemmas.rules.public_goods import PublicGoods

        return PublicGoods

    def ordinal() -> Maker:
        from dilemmas.rules.ordinal import ordinal as build

        return build

    def travellers() -> Maker:
        from dilemmas.rules.travellers import travellers as build

        return build

    return {
        "matrix": matrix,
        "donor": donor,
        "commons": commons,
        "public-goods": public_goods,
        "ordinal": ordinal,
        "travellers": travellers,
    }


KINDS = _kinds()  # imported only when a game of the kind is loaded
_HEAD = frozenset(Head.model_fields) - {"words"}
_SHOWN = frozenset(Presentation.model_fields)


def load(
    name: str, given: Mapping[str, Any] | None = None, beside: Path | None = None, *, python: bool = True
) -> Dilemma:
    """The game that a name or a path means, with parameters of its file replaced by ``given``.

    A dotted key (``payoffs.CD``) reaches into a mapping. A key may be a parameter of the rules, ``words``, or say how
    the game is put to models (``frame``). ``python`` allows a class from a named Python file (``mine.py:Class``).
    Raises UnknownName, FileError, SpecError.
    """
    given = dict(given or {})
    if ".py" in name and (".py:" in name or name.endswith(".py")):
        from dilemmas.specs.custom import game

        return game(name, given, beside, allowed=python)
    path = catalogue.find("games", name, beside)
    data = reading.load(path)
    head = reading.check(Head, data, path, "a game")
    if head.kind not in KINDS:
        raise SpecError(
            f"{head.kind!r} is no kind of game",
            where=reading.located(path, ["kind"]),
            expected=", ".join(KINDS),
            remedy=nearest(head.kind, KINDS),
        )

    def made(given: Mapping[str, Any]) -> Dilemma:
        return _made(head, data, given, path, name, beside)

    try:
        return made(given)
    except SpecError as error:
        raise error.retold(error.found, where=_whose(error, given, made)) from None


def _made(
    head: Head, data: Mapping[str, Any], given: Mapping[str, Any], path: Path, name: str, beside: Path | None
) -> Dilemma:
    keys = merged({key: value for key, value in data.items() if key not in _HEAD}, given)
    said, shown, parameters = keys.pop("words", {}), _shown(head.kind, keys, path), _ruling(head.kind, keys)
    rules = build(head.kind, parameters, path, head.game)
    spoken = words.own(rules.kind, said, path, beside)
    about = (head.about, head.source, head.notes, spoken, path, name, given, shown)
    return Dilemma(head.game, rules, rules.kind, parameters, *about)


def _whose(error: SpecError, given: Mapping[str, Any], made: Callable[[Mapping[str, Any]], object]) -> str:
    """Where a mistake is: what was given is not in the game's file, which has lines of its own under that key, or none.

    Rules may complain of keys together, without a key; then it is in what was given if the file alone is right.
    """
    if error.key:
        ours = {key.partition(".")[0] for key in given}
        return ".".join(["game", *error.key]) if error.key[0] in ours else error.where
    try:
        made({})
    except SpecError:
        return error.where
    return ", ".join(f"game.{key}" for key in given)


def _shown(kind: str, keys: Mapping[str, Any], path: Path) -> Presentation:
    """How the game is put to models: the keys of Presentation, and those under ``presentation`` before them."""
    own = keys.get("presentation") or {}
    if not isinstance(own, Mapping):
        where = reading.located(path, ["presentation"])
        raise SpecError(f"presentation is {own!r}", where=where, expected="a mapping", key=["presentation"])
    given = {**{key: value for key, value in keys.items() if key in _SHOWN}, **own}
    return reading.check(Presentation, given, path, f"the presentation of a {kind} game")


def _ruling(kind: str, keys: Mapping[str, Any]) -> dict[str, Any]:
    """What is for the rules. A key that both know (as_published) is for both; ``presentation`` can set it apart."""
    known = _keys(KINDS[kind]())
    return {key: value for key, value in keys.items() if key in known or key not in {*_SHOWN, "presentation"}}


def _keys(maker: Any) -> list[str]:
    """The parameters of what makes a game: a class, or a function that hands what it does not know on to Matrix."""
    if isinstance(maker, type):
        return reading.keys_of(maker) if issubclass(maker, BaseModel) else []
    named = [key for key, each in inspect.signature(maker).parameters.items() if each.kind is not each.VAR_KEYWORD]
    return [*named, *_keys(KINDS["matrix"]())]


def build(kind: str, parameters: Mapping[str, Any], path: Path | None, name: str) -> Game:
    """The rules of a kind with their parameters, complaints retold."""
    maker = KINDS[kind]()
    keys = [*_keys(maker), *Presentation.model_fields, "words"]
    try:
        made = reading.guarded(lambda: maker(**parameters), path, f"the game {name}", keys)
    except TypeError as error:
        raise SpecError(str(error).partition("() ")[2] or str(error), where=str(path or name)) from None
    return made  # type: ignore[no-any-return]  # every maker makes a Game


def resized(game: Dilemma, seats: int) -> Game:
    """The rules of a game, a shipped one or a user's own class, for another number of seats; complaints retold."""
    maker: Any = type(game.rules)
    keys, parameters = reading.keys_of(maker), {**game.parameters, "seats": seats}
    made: Game = reading.guarded(lambda: maker(**parameters), game.path, f"the game {game.name}", keys)
    return made


def merged(base: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of ``base`` with ``given`` laid over it; dotted keys reach into mappings."""
    result = dict(base)
    for key, value in given.items():
        head, _, rest = key.partition(".")
        if not rest:
            result[head] = value
            continue
        inner = result.get(head)
        if inner is not None and not isinstance(inner, Mapping):
            raise SpecError(
                f"{head} is {inner!r}, which has no {rest!r} inside",
                where=key,
                expected=f"{head} itself, or a mapping there",
            )
        result[head] = merged(inner or {}, {rest: value})
    return result


def parameters_of(rules: Game) -> dict[str, Any]:
    """Every parameter of rules with its value, in plain types."""
    return rules.settings() if isinstance(rules, Parameters) else {}
