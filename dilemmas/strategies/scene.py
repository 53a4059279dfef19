"""What a seat is told when it is asked: numbers from its view, words from the game, nothing of the strategy.

Each family of games has a module that makes scenes (``scene_matrix`` and so on). It puts the view's numbers and the
drawn labels into plain data, and the family's texts turn that into sentences; a strategy's own templates then use
both: ``{{ game.rules }}`` and ``{{ round }}``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from dilemmas.errors import Misfit
from dilemmas.rules.game import Ask, Game, Outcome
from dilemmas.strategies.prompts import again
from dilemmas.strategies.telling import Telling
from dilemmas.strategies.wanted import Wanted
from dilemmas.strategies.words import SECTIONS

Event = Mapping[str, Any]
"""Something that a seat lived through, as plain data; what it holds is the family's own business."""


@dataclass(frozen=True)
class Scene:
    """One ask as one seat is told it.

    ``data`` is plain: what templates may use. ``texts`` are the family's sections filled in. ``wanted`` is what would
    be an answer, ``predicted`` what would be a prediction of the others (None where there is nothing to predict),
    ``order`` the labels as they were shown, ``labels`` those of the options in canonical order; ``choices`` says which
    option of the rules each of ``wanted`` is, where these are not all of them.
    """

    kind: str
    data: Mapping[str, Any]
    wanted: Wanted
    texts: Mapping[str, str]
    predicted: Wanted | None = None
    order: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    choices: tuple[int, ...] = ()

    def meant(self, choice: int | None) -> int | None:
        """The option of the rules that one of ``wanted`` stands for."""
        return self.choices[choice] if self.choices and choice is not None else choice


class Teller(Protocol):
    """How a family of games is told; each family has one, in a module of its own."""

    def scene(self, ask: Ask, row: int, telling: Telling, window: int | None, past: Sequence[Event]) -> Scene:
        """The scene of the seat in ``row`` of a one-episode ask.

        ``window`` is how many past rounds are told, None for all; ``past`` holds what :meth:`remember` noted.
        """
        ...

    def remember(self, outcome: Outcome, seat: int, telling: Telling) -> Event | None:
        """What a seat (from 0) keeps of an outcome that its view does not keep for it; None for nothing."""
        ...


def teller(game: Game) -> Teller:
    """The teller of a game's family; raises Misfit where there is none."""
    from dilemmas.strategies import scene_commons, scene_donor, scene_matrix, scene_public_goods

    known: Mapping[str, Teller] = {
        "matrix": scene_matrix.TELLER,
        "donor": scene_donor.TELLER,
        "commons": scene_commons.TELLER,
        "public-goods": scene_public_goods.TELLER,
    }
    if game.kind not in known:
        raise Misfit(f"no model can be told a game of the kind {game.kind}", expected=", ".join(known))
    return known[game.kind]


class Texts(Mapping[str, str]):
    """The sections of a game's words, each filled in when it is first read; most strategies use half of them.

    A section that the words lack is empty. Reading one raises SpecError where its template is wrong.
    """

    def __init__(self, telling: Telling, data: Mapping[str, Any]) -> None:
        self._text, self._data = telling.words.text, data
        self._made: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        if name not in SECTIONS:
            raise KeyError(name)
        if name not in self._made:
            self._made[name] = again(self._text.get(name, ""), self._data, f"words.text.{name}")
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(SECTIONS)

    def __len__(self) -> int:
        return len(SECTIONS)

    def __repr__(self) -> str:
        return repr(dict(self))
