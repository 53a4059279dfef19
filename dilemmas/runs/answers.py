"""How models answered: columns of the moves table, and the table of models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dilemmas.engine.record import Note, Place, Played
from dilemmas.results import Table
from dilemmas.rules.donor_turn import DONATE
from dilemmas.rules.game import Array, Game, Ints
from dilemmas.runs import promises
from dilemmas.runs.tabulate_roster import Columns, Roster

HALF = 0.5  # units by which a predicted amount may be wrong: whole numbers are right only where they are equal


def columns(game: Game, played: Played, named: Columns) -> Columns:
    """Columns of the moves table that only models fill; ``named`` has the actions' names as columns."""
    raw = played.moves
    if not played.notes or raw is None:
        return {}
    at = located(raw, list(played.notes))
    notes = list(played.notes.values())
    blank: Columns = {name: _texts(len(raw["seat"])) for name in ("option_order", "prediction", "answered_as")}
    made: Columns = {**blank, **{name: np.full(len(raw["seat"]), np.nan) for name in ("attempts", "imputed")}}
    made["simulated"] = np.zeros(len(raw["seat"]), np.bool_)
    made["label"] = named["label"].decoded().copy() if "label" in named else _texts(len(raw["seat"]))
    for row, note in zip(at, notes, strict=True):
        _put(made, int(row), note, raw)
    return {**made, "prediction_right": _right(game, played, at)}


def _put(made: Columns, row: int, note: Note, raw: Mapping[str, Array]) -> None:
    made["option_order"][row] = note.shown
    made["prediction"][row] = note.prediction
    made["answered_as"][row] = note.words
    made["attempts"][row] = note.attempts
    made["imputed"][row] = note.imputed
    made["simulated"][row] = note.simulated
    if note.labels and "action" in raw:
        made["label"][row] = note.labels[int(raw["action"][row])]


def _texts(rows: int) -> NDArray[np.object_]:
    return np.full(rows, None, object)


def located(raw: Mapping[str, Array], places: Sequence[Place]) -> Ints:
    """Rows of decisions; the columns are sorted by their keys."""
    keys = np.stack([raw[name].astype(np.int64) for name in Place._fields])
    wanted = np.array(places, np.int64).T
    spans = np.maximum(keys.max(axis=1), wanted.max(axis=1)) + 1
    found: Ints = np.searchsorted(_code(keys, spans), _code(wanted, spans))
    return found


def _code(keys: Ints, spans: Ints) -> Ints:
    code: Ints = keys[0]
    for part, span in zip(keys[1:], spans[1:], strict=True):
        code = code * span + part
    return code


def _right(game: Game, played: Played, at: Ints) -> NDArray[np.float64]:
    """Whether predictions came true, 1, 0 or NaN; ``at`` are the rows of the notes. Excluded episodes have none."""
    raw = played.moves
    assert raw is not None
    right, notes = np.full(len(raw["seat"]), np.nan), played.notes.items()
    counted = [
        (int(row), note.prediction)
        for row, (place, note) in zip(at, notes, strict=True)
        if place.episode not in played.excluded
    ]
    foretold = [(row, said) for row, said in counted if said is not None]
    if not foretold:
        return right
    rows = np.array([row for row, _ in foretold])
    if game.kind == "matrix":
        right[rows] = _actions(game, raw, rows, [said for _, said in foretold])
    elif game.kind in _TRUTHS:
        truth = _TRUTHS[game.kind](raw, rows)
        said = np.array([float(said) for _, said in foretold])
        # Rounded, so that sums of fractions do not decide on which side of the half they fall.
        right[rows] = np.where(np.isnan(truth), np.nan, np.abs(said - truth).round(9) < HALF)
    return right


def _actions(game: Game, raw: Mapping[str, Array], rows: Ints, said: Sequence[str]) -> Sequence[bool]:
    """Whether the other seat, whose decision stands next to each, did as was said of it."""
    other = np.where(raw["seat"][rows] == 1, rows + 1, rows - 1)
    names = [game.options("move", seat) for seat in range(2)]
    done = [names[int(raw["seat"][row]) - 1][int(raw["action"][row])] for row in other]
    return [one == two for one, two in zip(done, said, strict=True)]


def _others(column: str, raw: Mapping[str, Array], rows: Ints) -> tuple[Array, Array]:
    """Sum of a column over the others who were asked the same question, and how many they were."""
    keys = np.stack([raw[name].astype(np.int64) for name in Place._fields[:3]])
    _, group = np.unique(_code(keys, keys.max(axis=1) + 1), return_inverse=True)
    total = np.bincount(group, raw[column])
    count = np.bincount(group) - 1
    return total[group[rows]] - raw[column][rows], count[group[rows]]


def _taken(raw: Mapping[str, Array], rows: Ints) -> Array:
    """What the others of a commons took in the round."""
    return _others("payoff", raw, rows)[0]


def _mean(raw: Mapping[str, Array], rows: Ints) -> Array:
    """What the others of a group contributed on average."""
    total, count = _others("amount", raw, rows)
    mean: Array = np.divide(total, count, out=np.full(len(rows), np.nan), where=count > 0)
    return mean


def _given(raw: Mapping[str, Array], rows: Ints) -> Array:
    """What the recipients gave in their next turn as donor, in percent of what they had; NaN where none came."""
    shares = 100 * np.where(raw["action"] == DONATE, raw["share"], 0.0)
    ahead: dict[tuple[int, int], float] = {}
    truth = np.full(len(shares), np.nan)
    places = zip(raw["episode"].tolist(), raw["seat"].tolist(), raw["partner"].tolist(), strict=True)
    for row, (episode, seat, partner) in reversed(list(enumerate(places))):
        truth[row] = ahead.get((episode, partner + 1), np.nan)
        ahead[episode, seat] = shares[row]
    return truth[rows]


_TRUTHS = {"commons": _taken, "public-goods": _mean, "donor": _given}


@dataclass
class _Counts:
    decisions: int = 0
    invalid: int = 0
    refused: int = 0
    imputed: int = 0
    steps: int = 0
    unusable: int = 0
    foretold: int = 0
    predictions: int = 0
    right: int = 0
    cooperations: float = 0.0
    judged: float = 0.0
    simulated: bool = False
    form: str = ""
    messages: int = 0
    pledges: int = 0
    kept: int = 0
    limited: int = 0
    within: int = 0

    def add(self, note: Note, right: float) -> None:
        """Count one decision."""
        self.decisions += 1
        self.invalid += note.attempts > 1 or note.imputed
        self.refused += note.refused == "refused"
        self.imputed += note.imputed
        self.steps += len(note.steps)
        self.unusable += sum(not usable for _, usable in note.steps)
        self.foretold += sum(kind == "predict" for kind, _ in note.steps)
        self.predictions += right == right
        self.right += right == 1
        self.simulated |= note.simulated
        self.form = note.form


@dataclass
class Tally:
    """Counts by model over the sittings of a run; ``simulated`` says whether a stand-in answered anywhere."""

    counts: dict[str, _Counts] = field(default_factory=dict)

    def add(self, game: Game, roster: Roster, played: Played) -> None:
        """Count what the models of a sitting did."""
        if not any(roster.models):
            return
        self._heard(game, roster, played)
        self._obeyed(game, roster, played)
        right = _rights(game, played)
        for place, note in played.notes.items():
            model = roster.models[roster.who[place.episode - 1, place.seat - 1]]
            self.counts.setdefault(model, _Counts()).add(note, right.get(place, np.nan))
        for index, model in enumerate(roster.models):
            if model:
                here = (roster.who == index) & ~np.isnan(played.score.cooperations)
                self.counts.setdefault(model, _Counts())
                self.counts[model].cooperations += float(played.score.cooperations[here].sum())
                self.counts[model].judged += float(played.score.decisions[here].sum())

    def _heard(self, game: Game, roster: Roster, played: Played) -> None:
        """Count what models said and pledged."""
        found = promises.Promises.of(game, roster, played)
        for model, (messages, pledges, kept) in (found.models(roster.models) if found else {}).items():
            if model:
                counts = self.counts.setdefault(model, _Counts())
                counts.messages, counts.pledges, counts.kept = (
                    counts.messages + messages,
                    counts.pledges + pledges,
                    counts.kept + kept,
                )
                counts.simulated |= any(note.simulated for note in played.said.values())

    def _obeyed(self, game: Game, roster: Roster, played: Played) -> None:
        """Count what models decided under a limit of their group."""
        for model, limited, within in zip(roster.models, *promises.obeyed(game, roster, played), strict=True):
            if model:
                counts = self.counts.setdefault(model, _Counts())
                counts.limited, counts.within = counts.limited + int(limited), counts.within + int(within)

    def table(self, run: str) -> Table:
        """The models table."""
        talk = any(counts.messages for counts in self.counts.values())
        limiting = any(counts.limited for counts in self.counts.values())
        stepping = any(counts.steps for counts in self.counts.values())
        rows = [
            _row(model, counts)
            | (_steps(counts) if stepping else {})
            | (_words(counts, limiting=limiting) if talk else {})
            for model, counts in sorted(self.counts.items())
        ]
        names = list(rows[0])
        return Table.of("models", {"run": [run] * len(rows), **{name: [row[name] for row in rows] for name in names}})


def _rights(game: Game, played: Played) -> Mapping[Place, float]:
    if not played.moves:
        return {}
    at = located(played.moves, list(played.notes)) if played.notes else np.array([], np.int64)
    right = _right(game, played, at)
    return {place: float(right[row]) for place, row in zip(played.notes, at, strict=True)}


def _steps(counts: _Counts) -> dict[str, Any]:
    share = counts.unusable / counts.steps if counts.steps else None
    return {"steps": counts.steps, "steps_invalid_share": share, "predictions_asked": counts.foretold}


def _words(counts: _Counts, *, limiting: bool) -> dict[str, Any]:
    share = counts.kept / counts.pledges if counts.pledges else None
    found = {"messages": counts.messages, "pledges": counts.pledges, "kept_share": share}
    within = counts.within / counts.limited if counts.limited else None
    return found | ({"limited": counts.limited, "limit_share": within} if limiting else {})


def _row(model: str, counts: _Counts) -> dict[str, Any]:
    def share(part: float, whole: float) -> float | None:
        return part / whole if whole else None

    return {
        "model": model,
        "decisions": counts.decisions,
        "invalid_share": share(counts.invalid, counts.decisions),
        "refused_share": share(counts.refused, counts.decisions),
        "imputed_share": share(counts.imputed, counts.decisions),
        "predictions": counts.predictions,
        "prediction_share": share(counts.right, counts.predictions),
        "cooperation": share(counts.cooperations, counts.judged),
        "form": counts.form,
        "simulated": counts.simulated,
    }
