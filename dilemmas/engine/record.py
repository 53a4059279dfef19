"""What is kept of a batch: scores of episodes, and the columns of decisions and rounds where they are wanted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple

import numpy as np

from dilemmas.rules.game import Array, Ask, Bools, Game, Ints, Outcome, Score
from dilemmas.rules.talk import Minute

KEYS = ("episode", "round", "ask", "seat")


class Place(NamedTuple):
    """Which decision of a generation: all counted from 1, as in the moves table."""

    episode: int
    round: int
    ask: int
    seat: int


@dataclass(frozen=True, slots=True)
class Note:
    """How an answer of a model came about.

    ``labels`` are those of the options in canonical order and ``order`` as they were shown; ``prediction`` is
    canonical; ``attempts`` counts calls until the answer could be used; ``imputed`` says that it was put in for one
    that could not, and ``refused`` what was the matter with the first; ``words`` are what was read as the answer.
    ``steps`` are what was asked before it: the kind of each, and whether the first reply could be used.
    """

    attempts: int
    imputed: bool = False
    words: str = ""
    labels: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    prediction: str | None = None
    refused: str = ""
    simulated: bool = False
    form: str = "text"
    steps: tuple[tuple[str, bool], ...] = ()

    @property
    def shown(self) -> str | None:
        """The order of the options as a JSON list; None where there were none."""
        return json.dumps(list(self.order), ensure_ascii=False) if self.order else None


@dataclass(frozen=True)
class Played:
    """Episodes that were played.

    ``score`` covers them all; ``moves`` and ``rounds`` hold flat columns sorted by their keys (counting from 1), or
    are None where they were not kept. Codes of names stay codes here; ``kind`` indexes ``kinds``. ``after`` counts
    choices by what came before them, ``(episodes, 2, 4, 2)``, where that was asked for of a game that can tell.
    ``notes`` tell of the decisions of models. ``messages`` holds flat columns of what was said, or None for nothing;
    ``said`` tells of what models said. ``minutes`` are what models without a seat made of talks: where it stands in the
    messages (seat 0), what it is, how it came about, and the model. ``excluded`` episodes, numbered from 1, count in no
    mean: their scores are NaN.
    """

    score: Score
    moves: Mapping[str, Array] | None
    rounds: Mapping[str, Array] | None
    kinds: tuple[str, ...]
    seconds: Mapping[str, float] = field(default_factory=dict)
    after: Ints | None = None
    notes: Mapping[Place, Note] = field(default_factory=dict)
    messages: Mapping[str, Array] | None = None
    said: Mapping[Place, Note] = field(default_factory=dict)
    minutes: tuple[tuple[Place, Minute, Note, str], ...] = ()
    excluded: frozenset[int] = frozenset()

    def left_out(self, episode: Array) -> Bools:
        """Which rows are of excluded episodes, given the episode of each."""
        return np.isin(episode, list(self.excluded))


class Record:
    """Collects the outcomes of one batch."""

    def __init__(self, game: Game, first: int, keep: bool, after: bool = False) -> None:
        self._game: Any = game  # whose further methods only those ask for who know them
        self._first, self._keep = first, keep
        self._after = after
        self._state: Any = None
        self._steps: list[tuple[Ask, Mapping[str, Array]]] = []
        self._rounds: list[tuple[Ask, Mapping[str, Array]]] = []
        self._said: list[tuple[Ask, Mapping[str, Array]]] = []
        self.kinds: list[str] = []

    def add(self, outcome: Outcome) -> None:
        """Keep an outcome, or drop it where only scores are wanted."""
        self._state = outcome.ask.view.state
        if not self._keep:
            return
        if outcome.messages is not None:
            self._said.append((_held(outcome.ask), _copied(outcome.messages())))
            return
        if outcome.ask.kind not in self.kinds:
            self.kinds.append(outcome.ask.kind)
        ask = _held(outcome.ask)
        self._steps.append((ask, _copied(outcome.moves())))
        if outcome.rounds is not None:
            self._rounds.append((ask, _copied(outcome.rounds())))

    def played(self, score: Score, seconds: Mapping[str, float]) -> Played:
        """Everything in flat columns."""
        after = self._game.after(self._state) if self._after and self._state is not None else None
        if not self._keep:
            return Played(score, None, None, (), seconds, after)
        rounds = self._by_round() if self._rounds else None
        messages = self._flat(self._said) if self._said else None
        return Played(score, self._moves(), rounds, tuple(self.kinds), seconds, after, messages=messages)

    def _moves(self) -> dict[str, Array]:
        kinds = [self.kinds.index(ask.kind) for ask, _ in self._steps]
        return self._flat(self._steps, kinds) if self._steps else {}

    def _flat(self, steps: Sequence[tuple[Ask, Mapping[str, Array]]], kinds: Sequence[int] = ()) -> dict[str, Array]:
        """Columns of steps with their keys, a row where a seat was asked."""
        who = np.stack([ask.who for ask, _ in steps], axis=1)  # (episodes, steps, seats)
        shape = who.shape
        columns = {
            "episode": np.broadcast_to(np.arange(shape[0])[:, None, None] + self._first + 1, shape),
            "round": np.broadcast_to(np.stack([ask.round for ask, _ in steps], 1)[:, :, None], shape),
            "ask": np.broadcast_to(np.stack([ask.ordinal for ask, _ in steps], 1)[:, :, None], shape),
            "seat": np.broadcast_to(np.arange(shape[2]) + 1, shape),
        }
        if kinds:
            columns["kind"] = np.broadcast_to(np.array(kinds)[None, :, None], shape)
        kept = [made for _, made in steps]
        names = list(dict.fromkeys(name for made in kept for name in made))
        columns |= {name: _stack([made.get(name) for made in kept], shape) for name in names}
        return _asked(columns, who)

    def _by_round(self) -> dict[str, Array]:
        asks = [ask for ask, _ in self._rounds]
        live = np.stack([ask.who.any(axis=1) for ask in asks], axis=1)  # (episodes, steps)
        columns = {
            "episode": np.broadcast_to(np.arange(live.shape[0])[:, None] + self._first + 1, live.shape),
            "round": np.stack([ask.round for ask in asks], 1),
        }
        kept = [rounds for _, rounds in self._rounds]
        columns |= {name: np.stack([rounds[name] for rounds in kept], 1) for name in kept[0]}
        return _asked(columns, live)


def _held(ask: Ask) -> Ask:
    """An ask that stays as it is when the game goes on; what is read-only already does."""
    parts = {name: getattr(ask, name) for name in ("who", "round", "ordinal")}
    moving = {name: part.copy() for name, part in parts.items() if part.flags.writeable}
    return replace(ask, **moving) if moving else ask


def _copied(columns: Mapping[str, Array]) -> Mapping[str, Array]:
    """Columns apart from the arrays that a state or a player may use again."""
    return {name: np.array(column) for name, column in columns.items()}


def _asked(columns: Mapping[str, Array], who: Array) -> dict[str, Array]:
    """The rows that were asked, flat; indexing with a mask costs five times a copy, so none is used where all were."""
    if who.all():
        return {name: column.reshape(-1) for name, column in columns.items()}
    at = np.flatnonzero(who)
    return {name: column.reshape(-1).take(at) for name, column in columns.items()}


def _stack(parts: Sequence[Array | None], shape: tuple[int, ...]) -> Array:
    """Steps side by side; a step without the column gets -1 for codes and NaN for numbers."""
    known = next(part for part in parts if part is not None)
    blank = np.full((shape[0], shape[2]), np.nan if known.dtype.kind == "f" else -1, known.dtype)
    return np.stack([blank if part is None else part for part in parts], axis=1)


def join(parts: Sequence[Played]) -> Played:
    """Chunks, in the order of their episodes, as one."""
    if len(parts) == 1:
        return parts[0]
    kinds = tuple(dict.fromkeys(kind for part in parts for kind in part.kinds))
    seconds: dict[str, float] = {}
    for part in parts:
        for label, value in part.seconds.items():
            seconds[label] = seconds.get(label, 0.0) + value
    moves = [_recode(part, kinds) for part in parts]
    scores, rounds = _scores([part.score for part in parts]), _columns([part.rounds for part in parts])
    after = [part.after for part in parts if part.after is not None]
    return Played(
        scores,
        _columns(moves),
        rounds,
        kinds,
        seconds,
        np.concatenate(after) if after else None,
        messages=_columns([part.messages for part in parts]),
    )


def _recode(part: Played, kinds: tuple[str, ...]) -> Mapping[str, Array] | None:
    if not part.moves:
        return part.moves
    index = np.array([kinds.index(kind) for kind in part.kinds])
    return {**part.moves, "kind": index[part.moves["kind"]]}


def _columns(parts: Sequence[Mapping[str, Array] | None]) -> Mapping[str, Array] | None:
    kept = [part for part in parts if part is not None]
    if not kept:
        return None
    return {name: np.concatenate([part[name] for part in kept]) for name in kept[0]}


def _scores(parts: Sequence[Score]) -> Score:
    def glue(name: str) -> object:
        values = [getattr(part, name) for part in parts]
        if values[0] is None:
            return None
        if isinstance(values[0], Mapping):
            return {key: np.concatenate([value[key] for value in values]) for key in values[0]}
        return np.concatenate(values)

    return Score(**{part.name: glue(part.name) for part in fields(Score)})  # type: ignore[arg-type]  # each field by its own type
