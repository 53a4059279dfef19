"""What a game is: rules over arrays that ask, are answered, and settle.

Every array has a leading axis of episodes, then one of seats; a *row* below is one seat of one episode, and rows
are numbered ``episode * seats + seat``. A game holds parameters only. What changes during play lives in the state
that :meth:`Game.start` makes, and every random number comes from the ``luck`` that is handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Bools: TypeAlias = NDArray[np.bool_]
Ints: TypeAlias = NDArray[np.integer[Any]]
Floats: TypeAlias = NDArray[np.floating[Any]]
Array: TypeAlias = NDArray[Any]
State: TypeAlias = Any  # each game's own class; nobody else looks inside


class Luck(Protocol):
    """Random numbers for the episodes of a batch, addressed by purpose, round and ask, never by order of use.

    ``episode`` numbers the rows from 0 within the generation; ``repetition`` says which rows share a match
    length, ``group`` which share a pairing (the two games of a donor generation), ``leg`` which of them a row is.
    """

    episode: Ints
    repetition: Ints
    group: Ints
    leg: Ints

    def words(
        self, purpose: str, each: int, round_: int = 0, ask: int = 0, key: Ints | None = None
    ) -> NDArray[np.uint32]:
        """Random 32-bit words, ``(episodes, each)``; rows with the same ``key`` (default: episode) get the same."""
        ...

    def draw(
        self, purpose: str, each: int, round_: int = 0, ask: int = 0, key: Ints | None = None
    ) -> NDArray[np.float32]:
        """Uniform numbers in [0, 1) made from :meth:`words`, 24 bits each."""
        ...


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a seat may know.

    ``get`` takes the :class:`View` and returns one row a seat; ``tell`` turns one such row into what a person,
    a model or a one-seat function is shown (a number, a name, a list).
    """

    meaning: str
    get: Callable[[View], Array]
    tell: Callable[[View, Any], Any] = lambda view, value: value.item() if hasattr(value, "item") else value


@dataclass(frozen=True, slots=True)
class View:
    """What the asked seats may know, one row a seat; fields are computed when they are read.

    ``where`` holds the rows, or None for every row in order. Fields are attributes: ``view.stock``.
    """

    game: Game
    state: State
    where: Ints | None = None

    def __getattr__(self, name: str) -> Any:
        try:
            found = self.game.fields[name]
        except KeyError:
            raise AttributeError(
                f"a {self.game.kind} view has no field {name!r}; it has {', '.join(self.game.fields)}"
            ) from None
        return found.get(self)

    def at(self, where: Ints | None) -> View:
        """The same knowledge for other rows."""
        return View(self.game, self.state, where)

    def by_seat(self, array: Array) -> Array:
        """Rows of an ``(episodes, seats, ...)`` array."""
        flat = array.reshape(-1, *array.shape[2:])
        return flat if self.where is None else flat[self.where]

    def by_episode(self, array: Array) -> Array:
        """Rows of an ``(episodes, ...)`` array."""
        seats = self.game.seats
        return np.repeat(array, seats, axis=0) if self.where is None else array[self.where // seats]

    @property
    def seat(self) -> Ints:
        """Seat numbers from 0, one a row."""
        if self.where is None:
            return np.tile(np.arange(self.game.seats), self.state.episodes)
        return self.where % self.game.seats

    def __len__(self) -> int:
        return self.state.episodes * self.game.seats if self.where is None else len(self.where)

    def told(self, row: int) -> Told:
        """Everything that one seat may know, in plain Python values."""
        one = self.at(np.array([row if self.where is None else self.where[row]]))
        return Told(one)


class Told:
    """One seat's view in plain values: ``view.theirs`` is a list of names, ``view.stock`` a number."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._known: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._known:
            value = getattr(self._view, name)
            self._known[name] = self._view.game.fields[name].tell(self._view, value[0])
        return self._known[name]

    def __dir__(self) -> list[str]:
        return list(self._view.game.fields)


@dataclass(frozen=True, slots=True)
class Floor:
    """What is known of a conversation to those who are asked to speak; see ``dilemmas.rules.talk``.

    ``when`` is before or after, ``turn`` counts utterances from 1; ``company`` are the seats that talk with one another
    and ``most`` the utterances that they have in all, by asked row; ``pledging`` ``(episodes, seats)`` says who may
    pledge.
    """

    when: str
    turn: int
    company: Mapping[int, tuple[int, ...]]
    most: Mapping[int, int]
    pledging: Bools


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to seats: ``kind`` (move, gift, harvest, contribute, sanction, talk), who is asked, what they know.

    ``who`` is ``(episodes, seats)``; ``round`` and ``ordinal`` (which ask of the round, from 1) are ``(episodes,)``.
    ``clock`` addresses luck and is the same for all rows: the round in lockstep, counted from 1. An ask for words has
    a ``floor``.
    """

    kind: str
    who: Bools
    round: Ints
    ordinal: Ints
    view: View
    everyone: bool
    clock: int
    step: int = 1
    floor: Floor | None = None


@dataclass(slots=True)
class Answers:
    """What the seats answered: ``choice`` indexes the options of the ask, ``amount`` is in the game's units.

    Both are ``(episodes, seats)``; entries of seats that were not asked mean nothing. A kind of ask that has only
    one of them leaves the other None. Where words are asked for, ``text`` holds them (None: nothing is said), ``to``
    the seat that is named (``talk.END``, ``talk.PASS``), and choice (-1: none) or amount (NaN: none) a pledge.
    """

    choice: Ints | None = None
    amount: Floats | None = None
    text: NDArray[np.object_] | None = None
    to: Ints | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an ask led to; the columns are made only when somebody keeps them.

    ``moves()`` gives columns of the moves table, ``(episodes, seats)`` each, with rows where ``ask.who`` is true;
    ``rounds()`` columns of the rounds table, ``(episodes,)`` each, with rows where any seat was asked. ``messages()``
    is there for what was said: ``text``, ``to`` (seats that heard it), ``about`` (a seat, -1 for none), ``pledge`` and
    ``option``, ``(episodes, seats)`` each; such an outcome has no moves. Call them before the episode goes on: a state
    may reuse its arrays.
    """

    ask: Ask
    moves: Callable[[], Mapping[str, Array]]
    rounds: Callable[[], Mapping[str, Array]] | None = None
    messages: Callable[[], Mapping[str, Array]] | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """What an episode came to.

    ``payoff`` and ``cooperations`` (sum of per-decision cooperation in [0, 1], NaN where the game declares none)
    and ``decisions`` (how many decisions that sum is over) are ``(episodes, seats)``, ``rounds`` is ``(episodes,)``.
    ``joint`` counts of (own, other) executed actions ``(episodes, seats, own * others)`` exist for two-seat matrix
    games, ``extra`` holds further columns of the episodes table, ``(episodes, seats)`` each.
    """

    payoff: Floats
    cooperations: Floats
    decisions: Floats
    rounds: Ints
    joint: Ints | None = None
    extra: Mapping[str, Array] = field(default_factory=dict)


class Game(Protocol):
    """The rules of a game over a batch of episodes; see ``dilemmas.testing.game_contract`` for what must hold.

    ``per_round`` says whether an agent's payoff is a mean a round (matrix, public goods) or the episode's payoff.
    """

    kind: ClassVar[str]
    per_round: ClassVar[bool]
    fields: ClassVar[Mapping[str, Field]]

    @property
    def seats(self) -> int:
        """How many seats an episode has."""
        ...

    def options(self, kind: str, seat: int) -> Sequence[str]:
        """Names of the choices of an ask, in canonical order; empty where the answer is an amount alone."""
        ...

    def start(self, luck: Luck) -> State:
        """The state before play; its ``episodes`` attribute is the number of episodes."""
        ...

    def ask(self, state: State) -> Ask | None:
        """The next question, or None when every episode is over."""
        ...

    def illegal(self, ask: Ask, answers: Answers) -> Bools:
        """Which asked seats answered with something the rules do not allow, ``(episodes, seats)``."""
        ...

    def allowed(self, ask: Ask, row: int) -> str:
        """In words, what the seat of a row may answer."""
        ...

    def settle(self, state: State, answers: Answers, luck: Luck) -> tuple[State, Outcome | None]:
        """Apply the answers to the ask that was last returned; may reuse the arrays of the state it was handed."""
        ...

    def score(self, state: State) -> Score:
        """What every episode came to, once all are over."""
        ...
