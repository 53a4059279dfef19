"""Any player of Axelrod-Python (Knight et al. 2016) in a seat: ``axelrod/Gradual``.

The library is an optional extra, imported when such a strategy is first named. Its players are fed what this seat
saw, never the other player; those that look into or change the other are refused.
"""

from __future__ import annotations

import inspect
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import ModuleType
from typing import Any

import numpy as np

from dilemmas.errors import RunFailed, SpecError, UnknownName, missing, nearest
from dilemmas.rules.game import Answers, Ask, Floats, Game, Ints, View
from dilemmas.rules.matrix import Matrix
from dilemmas.strategies.counters import Past, act, dilemma, look

SOURCE = "Axelrod-Python (Knight et al. 2016)"
CHEATS = ("inspects_source", "manipulates_source", "manipulates_state")


@lru_cache
def library() -> ModuleType:
    """The library, imported once; raises MissingExtra with what to install."""
    try:
        import axelrod
    except ImportError:
        raise missing("a player of Axelrod-Python", "axelrod") from None
    found: ModuleType = axelrod
    return found


@lru_cache
def players() -> dict[str, Any]:
    """Classes by name: the library's list, and the general ones (``Cycler``) that need parameters."""
    found = {name: thing for name, thing in vars(library()).items() if inspect.isclass(thing)}
    general = {name: thing for name, thing in found.items() if issubclass(thing, library().Player)}
    return general | {player.__name__: player for player in library().all_strategies}


@dataclass(frozen=True)
class Guest:
    """A strategy played by a class of the library, made with ``parameters``."""

    name: str
    called: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    source: str = SOURCE

    @property
    def kin(self) -> Hashable:
        """All guests are played by one player."""
        return "axelrod"

    def player(self, members: Sequence[Guest], which: Ints, seats: Ints, game: Game) -> Guests:
        """One player of the library a row; raises Misfit where the game is not a two-action dilemma."""
        for member in members:
            member.check(game)
        return Guests([members[index] for index in which], game)

    def check(self, game: Game) -> None:
        """Raise Misfit where this player makes no sense in the game."""
        dilemma(self, game)

    def made(self) -> Any:
        """A fresh player; raises SpecError where the library refuses the parameters."""
        try:
            return players()[self.called](**self.parameters)
        except Exception as error:
            raise SpecError(f"{self.name} cannot be made: {type(error).__name__}: {error}") from error


def axelrod(name: str, parameters: Mapping[str, Any] | None = None) -> Guest:
    """The strategy ``axelrod/NAME``, or NAME alone, a class of the library in any spelling; parameters are its own.

    Raises MissingExtra, UnknownName for the name or a parameter, SpecError where the library refuses.
    """
    found, given = _found(name.removeprefix("axelrod/")), dict(parameters or {})
    known = list(inspect.signature(players()[found].__init__).parameters)[1:]
    if strange := next((key for key in given if key not in known), None):
        expected, remedy = ", ".join(known) or "none", nearest(strange, known)
        raise UnknownName(f"axelrod/{found} has no parameter {strange!r}", expected=expected, remedy=remedy)
    said = "".join(f":{key}={value}" for key, value in given.items())
    guest = Guest(f"axelrod/{found}{said}", found, given)
    _honest(guest)
    return guest


def _honest(guest: Guest) -> None:
    """Raise SpecError for a player that is not content with what a seat may see."""
    made = guest.made()
    if any(library().Classifiers[cheat](made) for cheat in CHEATS):
        found = f"{guest.name} looks into the other player or changes it"
        raise SpecError(found, expected="a player that goes by what it sees")


def _found(name: str) -> str:
    plain = {_plain(known): known for known in players()}
    plain |= {_plain(player.name): known for known, player in players().items() if _plain(player.name) not in plain}
    if _plain(name) not in plain:
        raise UnknownName(f"Axelrod-Python has no player {name!r}", remedy=nearest(name, players()))
    return plain[_plain(name)]


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


class Guests:
    """One player of the library and one stand-in for its partner a row; implements ``Player``.

    ``uniforms`` are two, which seed the players of a row in its first round.
    """

    trusted = True
    uniforms = 2

    def __init__(self, members: Sequence[Guest], game: Game) -> None:
        self._members, self._players = members, [member.made() for member in members]
        self._others = [library().MockPlayer() for _ in members]
        self._moves = (library().Action.C, library().Action.D)
        self._game = game

    def decide(self, view: View, ask: Ask, rows: Ints | slice, coin: Floats) -> Answers:
        """Tell every player what happened in the last round and ask it for a move."""
        past = look(view)
        mine = range(len(self._players))[rows] if isinstance(rows, slice) else rows.tolist()
        if ask.clock == 1:
            self._begin(past, mine, coin)
        defect = [self._one(row, int(past.mine[place]), int(past.theirs[place])) for place, row in enumerate(mine)]
        return Answers(choice=act(view, np.array(defect, bool)))

    def _begin(self, past: Past, mine: Sequence[int], coin: Floats) -> None:
        """Tell every player the game, and give it its own luck."""
        stakes = np.stack(past.stakes(), axis=1)
        rounds, game = past.view.rounds, self._game
        noise = game.noise if isinstance(game, Matrix) else 0
        for place, row in enumerate(mine):
            reward, sucker, temptation, punishment = map(float, stakes[place])
            shown = library().Game(r=reward, s=sucker, t=temptation, p=punishment)
            length = int(rounds[place]) or float("inf")
            self._players[row].set_match_attributes(length=length, game=shown, noise=noise)
            self._players[row].set_seed(int(coin[place, 0] * 2**16) << 16 | int(coin[place, 1] * 2**16))

    def _one(self, row: int, mine: int, theirs: int) -> bool:
        player, other = self._players[row], self._others[row]
        if mine >= 0:
            done, seen = self._moves[mine], self._moves[theirs]
            player.update_history(done, seen)
            other.update_history(seen, done)
        try:
            return bool(player.strategy(other) == self._moves[1])
        except Exception as error:
            found = f"{self._members[row].name} raised {type(error).__name__}: {error}"
            raise RunFailed(found, where=f"round {len(player.history) + 1}") from error
