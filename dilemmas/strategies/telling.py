"""What is drawn before a game is told to a model: which label means what, and in which order things are said."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from dilemmas.errors import SpecError, nearest
from dilemmas.rules.game import Game, Luck
from dilemmas.rules.matrix import Matrix
from dilemmas.rules.shuffle import order as shuffled
from dilemmas.strategies.words import Frame, Presentation, Words

LETTERS = ("J", "F", "Q", "X", "R", "H", "Y", "W", "T", "N", "P", "M")
"""Letters without a meaning in these games (not C, D, A, B or 1, 2); the first three pairs are those of Akata et al."""
T = TypeVar("T")


@dataclass(frozen=True)
class Telling:
    """How one episode is told: the words, the frame, and everything that was drawn; the same for all of its seats.

    ``labels`` holds, for each seat of a matrix game, the label of every action in canonical order, and is empty for
    other games. ``luck`` is the episode's own, of one row, and ``once`` that of the whole run, of one row as well.
    """

    words: Words
    presentation: Presentation
    frame: Frame
    luck: Luck
    once: Luck
    labels: tuple[tuple[str, ...], ...] = ()
    _kept: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def unit(self) -> str:
        """The unit of payoffs as it is shown."""
        return self.presentation.unit or self.frame.unit or self.words.unit

    def order(self, count: int, round_: int) -> tuple[int, ...]:
        """In which order ``count`` options are shown in a round, as canonical indices; the same to all seats."""
        return self._drawn("option order", self.presentation.order, count, round_)

    def lines(self, count: int) -> tuple[int, ...]:
        """In which order ``count`` lines of payoffs are told."""
        return self._drawn("line order", self.presentation.lines, count, 0)

    def kept(self, what: Hashable, make: Callable[[], T]) -> T:
        """What is told alike at every ask of the episode: made when it is first wanted, and not to be changed."""
        if what not in self._kept:
            self._kept[what] = make()
        found: T = self._kept[what]
        return found

    def _drawn(self, purpose: str, how: str, count: int, round_: int) -> tuple[int, ...]:
        if how == "fixed":
            return tuple(range(count))
        luck, place = self.once if how == "run" else self.luck, round_ if how == "round" else 0

        def draw() -> tuple[int, ...]:
            return tuple(shuffled(luck.words(purpose, count, place))[0].tolist())

        return self.kept((purpose, count, place), draw)


def tell(
    words: Words, presentation: Presentation, game: Game, luck: Luck, once: Luck, *, crossing: bool = False
) -> Telling:
    """How the episode of a ``luck`` of one row is told; raises SpecError for a frame or labels that do not fit.

    ``once`` is luck for what is drawn once a run; ``crossing`` says that words go from one episode to another, so that
    labels may be drawn so only.
    """
    how = _permuted(presentation, crossing)
    labels = _labels(presentation, game, how, once if how == "run" else luck) if isinstance(game, Matrix) else ()
    return Telling(words, presentation, framed(words, presentation, game), luck, once, labels)


def framed(words: Words, presentation: Presentation, game: Game) -> Frame:
    """The frame that was asked for: by name, else the game's own (``own``), else the neutral one."""
    wanted = presentation.frame or ("own" if "own" in words.frames else "neutral")
    if wanted not in words.frames:
        raise SpecError(
            f"a {game.kind} game has no frame {wanted!r}",
            where="frame",
            expected=", ".join(words.frames) or "none: its family has no words for models",
            remedy=nearest(wanted, words.frames),
        )
    return words.frames[wanted]


def _permuted(presentation: Presentation, crossing: bool) -> str:
    if presentation.permute == "episode" and crossing:
        raise SpecError(
            "labels are drawn for every episode, but words go from one episode to another",
            where="permute",
            expected="run or fixed",
        )
    return presentation.permute or ("run" if crossing else "episode")


def numbered(game: Matrix) -> bool:
    """Whether actions are numbers that mean themselves, as in a game of claims; two called 1 and 2 are but counted."""
    return all(name.isdigit() for seat in game.names for name in seat) and max(map(len, game.names)) > 2


def _labels(presentation: Presentation, game: Matrix, how: str, luck: Luck) -> tuple[tuple[str, ...], ...]:
    names, given = game.names, presentation.labels
    if given == "names" or (given == "letters" and numbered(game)):
        return names
    count = max(map(len, names))
    pool = LETTERS[:count] if given == "letters" else tuple(given)
    if len(set(pool)) < max(count, len(pool)):
        raise SpecError(
            f"{len(set(pool))} labels for {count} actions", where="labels", expected=f"{count} different labels or more"
        )
    places = range(len(pool)) if how == "fixed" else shuffled(luck.words("labels", len(pool)))[0].tolist()
    return tuple(tuple(pool[places[i]] for i in range(len(seat))) for seat in names)
