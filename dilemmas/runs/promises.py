"""What was said, as a table, and whether pledges were kept.

A pledge is about the seat's next decision of the game's own kind. It was kept in a commons by asking for no more, in a
public-goods game by contributing no less, in a matrix game by that option, in a donor game by that act with no less.
What counts is what was decided, before any noise. A pledge that its speaker replaced by another before deciding is
neither kept nor broken, nor is one whose decision the experiment had to put in, or whose episode it left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dilemmas.engine.record import Place, Played
from dilemmas.results import Coded, Table
from dilemmas.rules.game import Array, Game, Ints
from dilemmas.rules.talk import Talk
from dilemmas.runs import hearsay, limits
from dilemmas.runs.tabulate_roster import Columns, Roster
from dilemmas.strategies.moves import MAIN

HAIR = 1e-9  # parts by which an amount may miss its pledge: what rounding leaves


def table(run: str, game: Game, roster: Roster, played: Played) -> Table | None:
    """The messages table: an utterance a row; None where nothing was said or kept."""
    said = played.messages
    if not said:
        return None
    rows, who = len(said["episode"]), roster.who[said["episode"] - 1, said["seat"] - 1]
    columns: Columns = {
        "run": _constant(run, rows),
        "generation": np.full(rows, roster.generation),
        **{key: said[key] for key in ("episode", "round", "ask", "seat")},
        "agent": roster.column(roster.ids, who),
        "strategy": roster.column(roster.strategies, who),
        "text": said["text"],
        "to": _heard(roster, said),
        **hearsay.columns(game, roster, played),
        **_promised(game, played),
    }
    if any(roster.models):
        columns |= {"model": roster.column(roster.models, who), **_noted(played)}
    return Table.of("messages", limits.minuted(columns, played))


def _constant(text: str, rows: int) -> Coded:
    return Coded(np.zeros(rows, np.int64), (text,))


def _heard(roster: Roster, said: Mapping[str, Array]) -> NDArray[np.object_]:
    """Agents that heard each utterance, as JSON lists."""
    made = np.empty(len(said["episode"]), object)
    for row, (episode, seats) in enumerate(zip(said["episode"], said["to"], strict=True)):
        made[row] = json.dumps([roster.ids[roster.who[episode - 1, seat]] for seat in seats])
    return made


def _promised(game: Game, played: Played) -> Columns:
    """Columns of pledges; none where nothing was ever pledged."""
    said = played.messages
    assert said is not None
    made = pledged(said)
    if not made.any():
        return {}
    columns: Columns = {"pledge": said["pledge"], "kept": kept(game, played)}
    options = game.options(MAIN.get(game.kind, "move"), 0)
    if len(options) > 1:
        columns["pledged"] = np.array([None] * len(made), object)
        for row in np.flatnonzero(said["option"] >= 0).tolist():
            names = game.options(MAIN.get(game.kind, "move"), int(said["seat"][row]) - 1)
            columns["pledged"][row] = names[int(said["option"][row])]
    return columns


def _noted(played: Played) -> Columns:
    """How the utterances of models came about."""
    said = played.messages
    assert said is not None
    keys = zip(*(said[name].tolist() for name in Place._fields), strict=True)
    notes = [played.said.get(Place(*key)) for key in keys]
    return {
        "attempts": [None if note is None else note.attempts for note in notes],
        "imputed": [None if note is None else note.imputed for note in notes],
        "simulated": [note is not None and note.simulated for note in notes],
    }


def pledged(said: Mapping[str, Array]) -> NDArray[np.bool_]:
    """Which utterances hold a pledge."""
    found: NDArray[np.bool_] = (said["option"] >= 0) | ~np.isnan(said["pledge"])
    return found


def kept(game: Game, played: Played) -> NDArray[np.float64]:
    """Whether each pledge was kept: 1, 0, or NaN where there is none or that cannot be said."""
    said, raw = played.messages, played.moves
    assert said is not None
    found = np.full(len(said["episode"]), np.nan)
    decided, made = _standing(game, played)
    if raw is None or not len(made):
        return found
    true = _met(game, raw, decided, said, made).astype(np.float64)
    true[np.isin(decided, _void(played))] = np.nan
    found[made] = true
    return found


def _standing(game: Game, played: Played) -> tuple[Ints, Ints]:
    """Decisions that a pledge was made of, and the pledges that stood when they were taken: rows of both tables."""
    said, raw, main = played.messages, played.moves, MAIN.get(game.kind, "move")
    if not said or not raw or main not in played.kinds:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    moves, promises = np.flatnonzero(raw["kind"] == played.kinds.index(main)), np.flatnonzero(pledged(said))
    at = _following(raw, moves, said, promises)
    last = {int(move): row for row, move in enumerate(at) if move >= 0}  # later ones replace earlier ones
    rows = np.array(sorted(last.values()), np.int64)
    return at[rows], promises[rows]


def limited(game: Game, played: Played) -> Played:
    """With the limit of the group in every round, where the game has one (NaN: there was none)."""
    if not limits.limiting(game) or not played.rounds or not played.messages or played.moves is None:
        return played
    return limits.put(played, _limits(game, played))


def _limits(game: Game, played: Played) -> limits.Limits:
    talk: Talk | None = getattr(game, "talk", None)
    if talk is None or talk.limit == "none" or not played.moves or not played.messages:
        return {}
    return limits.agreed(played) if talk.limit == "framework" else limits.middles(played, *_standing(game, played))


def obeyed(game: Game, roster: Roster, played: Played) -> tuple[Ints, Ints]:
    """By agent: decisions under a limit of the group, and those of them that kept to it."""
    found = _limits(game, played)
    return limits.obeyed(game, roster, played, found, _void(played) if found else ())


def _following(raw: Mapping[str, Array], moves: Ints, said: Mapping[str, Array], rows: Ints) -> NDArray[np.int64]:
    """The row of the speaker's next decision, in the same episode, for each utterance; -1 where there is none."""
    keys = [np.concatenate([raw[name][moves], said[name][rows]]) for name in ("episode", "seat", "round", "ask")]
    code = np.zeros(len(moves) + len(rows), np.int64)
    for part in keys:
        code = code * (int(part.max(initial=0)) + 1) + part
    order = np.argsort(code[: len(moves)], kind="stable")
    place = np.searchsorted(code[: len(moves)][order], code[len(moves) :])
    found = np.full(len(rows), -1, np.int64)
    inside = place < len(moves)
    found[inside] = moves[order[place[inside]]]
    same = np.array([raw[name][found] == said[name][rows] for name in ("episode", "seat")]).all(axis=0)
    return np.where(inside & same, found, -1)


def _void(played: Played) -> list[int]:
    """Rows of decisions that tell nothing of who took them: put in by the experiment, or in episodes it left out."""
    assert played.moves is not None
    from dilemmas.runs.answers import located  # here: that module counts what this one finds

    places = [place for place, note in played.notes.items() if note.imputed]
    imputed = located(played.moves, places).tolist() if places else []
    return [*imputed, *np.flatnonzero(played.left_out(played.moves["episode"])).tolist()]


def _met(game: Game, raw: Mapping[str, Array], at: Ints, said: Mapping[str, Array], made: Ints) -> NDArray[np.bool_]:
    """Whether decisions are what was pledged of them."""
    option, pledge = said["option"][made], said["pledge"][made]
    if game.kind == "matrix":
        same: NDArray[np.bool_] = raw["intended"][at] == option
        return same
    amount = raw["intended_amount" if "intended_amount" in raw else "amount"][at]
    slack = HAIR * np.maximum(1.0, np.abs(pledge))
    enough: NDArray[np.bool_] = (amount <= pledge + slack) if game.kind == "commons" else (amount >= pledge - slack)
    if "intended" in raw:  # an act, of which not every one has an amount
        enough = (raw["intended"][at] == np.maximum(option, 0)) & (enough | np.isnan(pledge))
    return enough


@dataclass(frozen=True)
class Promises:
    """How many utterances there were, how many pledges that could be judged, and how many of these were kept."""

    messages: Ints
    pledges: Ints
    kept: Ints

    @classmethod
    def of(cls, game: Game, roster: Roster, played: Played) -> Promises | None:
        """Counts by agent, ``(agents,)`` each; None where nothing was said."""
        said = played.messages
        if not said:
            return None
        who, size = roster.who[said["episode"] - 1, said["seat"] - 1], len(roster.ids)
        judged = kept(game, played)
        spoken = hearsay.spoken(played)
        counts = (np.bincount(who[rows], minlength=size) for rows in (spoken, ~np.isnan(judged), judged == 1))
        return cls(*counts)

    def models(self, names: Sequence[str]) -> Mapping[str, tuple[int, int, int]]:
        """The same counts summed over the agents of each model."""
        found: dict[str, tuple[int, int, int]] = {}
        for index, name in enumerate(names):
            here = tuple(int(part[index]) for part in (self.messages, self.pledges, self.kept))
            found[name] = tuple(a + b for a, b in zip(found.get(name, (0, 0, 0)), here, strict=True))  # type: ignore[assignment]  # three
        return found


def columns(game: Game, roster: Roster, played: Played) -> Columns:
    """Columns of the agents table; none where nothing was said."""
    found = Promises.of(game, roster, played)
    if found is None:
        return {}
    share = np.divide(found.kept, found.pledges, out=np.full(len(found.kept), np.nan), where=found.pledges > 0)
    pledges = {"pledges": found.pledges, "kept_share": share} if getattr(game, "talk", None) is not None else {}
    if limits.limiting(game):
        pledges |= limits.columns(*obeyed(game, roster, played))
    return {"messages": found.messages, **pledges, **hearsay.agents(game, roster, played)}
