"""How talk is told to models, in every family: what the rules of it are, what was said, who is asked to speak.

What others said stands between marks that it cannot end by itself, with the speaker's name before it; it is told with
the decision that follows it whatever a strategy remembers, and later with the rounds that are told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dilemmas.rules.game import Ask, Game, Outcome
from dilemmas.rules.talk import KIND, Minute, Talk, limit
from dilemmas.strategies import minutes, replies_talk, scene_common
from dilemmas.strategies.minds import quoted
from dilemmas.strategies.moves import MAIN
from dilemmas.strategies.prompts import shown
from dilemmas.strategies.scene import Event, Scene, teller
from dilemmas.strategies.telling import Telling
from dilemmas.strategies.wanted import Wanted


@dataclass(frozen=True, slots=True)
class Heard:
    """What a seat said itself or heard from another: ``to`` are the seats that heard it, ``when`` before or after the
    decisions of the round; ``text`` None is silence, ``option`` and ``amount`` a pledge, or None.
    """

    round: int
    when: str
    seat: int
    text: str | None
    to: tuple[int, ...]
    option: int | None = None
    amount: float | None = None


def hear(outcome: Outcome, seat: int) -> list[Heard]:
    """What a seat (from 0) hears of an outcome of talk in a single episode, its own words included."""
    if outcome.messages is None or outcome.ask.floor is None:
        return []
    columns, found = outcome.messages(), []
    for speaker in np.flatnonzero(outcome.ask.who[0]).tolist():
        to = columns["to"][0, speaker]
        if seat == speaker or seat in to:
            option, amount = int(columns["option"][0, speaker]), float(columns["pledge"][0, speaker])
            pledge = (None if option < 0 else option, None if np.isnan(amount) else amount)
            here = (int(outcome.ask.round[0]), outcome.ask.floor.when, speaker, columns["text"][0, speaker], to)
            found.append(Heard(*here, *pledge))
    return found


def scene(
    game: Game,
    ask: Ask,
    row: int,
    telling: Telling,
    window: int | None,
    past: Sequence[Event],
    heard: Sequence[Heard] = (),
    made: Sequence[Minute] = (),
) -> Scene:
    """The scene of any ask in a single episode, with talk told where the game has it; see ``scene.Teller``.

    ``made`` is what a model without a seat found in talk that is over.
    """
    talk: Talk | None = getattr(game, "talk", None)
    if talk is None:
        return teller(game).scene(ask, row, telling, window, past)
    if ask.floor is not None and ask.kind == KIND:
        return _speech(game, talk, ask, row, telling, window, past, heard, made)
    base = teller(game).scene(ask, row, telling, window, past)
    table = _Table(game, talk, telling, row % game.seats)
    last = [one for one in heard if (one.round, one.when) in _latest(int(ask.round[0]))]
    data = {**base.data, "talk": {**table.rules(), "fresh": bool(last)}}
    texts = _told(table, base, data, heard, last, made)
    said = table.block("talk_heard_last", last, data)
    texts["now"] = _joined(texts["now"], said, table.limit(last, data), minutes.limit(telling, data, made))
    return replace(base, data=data, texts=texts)


def _latest(round_: int) -> set[tuple[int, str]]:
    """Which talk a decision of a round follows."""
    return {(round_, "before"), (round_ - 1, "after")}


def _speech(
    game: Game,
    talk: Talk,
    ask: Ask,
    row: int,
    telling: Telling,
    window: int | None,
    past: Sequence[Event],
    heard: Sequence[Heard],
    found: Sequence[Minute],
) -> Scene:
    assert ask.floor is not None
    floor, round_ = ask.floor, int(ask.round[0])
    # When a round is over, a seat knows at least that round, as it does after any other decision.
    wide = window if window is None or floor.when == "before" else max(window, 1)
    made = teller(game).scene(_deciding(game, ask), row, telling, wide, past)
    table = _Table(game, talk, telling, row % game.seats)
    here = table.company(floor.company[row])
    data = {**made.data, "talk": {**table.rules(), **here, **_place(ask, row), **table.takes(made, floor.when)}}
    now = [one for one in heard if (one.round, one.when) == (round_, floor.when)]
    texts = _told(table, made, data, heard, now, found, _latest(round_))
    opening = table.opening(made, ask, row, data)
    said = table.block("talk_heard_now", now, data) or table.sentence("talk_silence", data)
    report, limited = table.sentence("talk_report", data), minutes.limit(telling, data, found)
    texts["now"] = _joined(opening, report, limited, said)
    texts["question"] = table.sentence("talk_question", data)
    texts["predict"] = texts["universal"] = ""
    wanted = table.wanted(made.wanted, floor.company[row], pledging=bool(floor.pledging.reshape(-1)[row]))
    return Scene(KIND, {**data, "round": round_}, wanted, texts, None, made.order, made.labels)


def _deciding(game: Game, ask: Ask) -> Ask:
    """The ask as if it were for the family's decision, so that its teller knows what to tell."""
    return replace(ask, kind=MAIN.get(game.kind, "move"), step=1, floor=None)


def _place(ask: Ask, row: int) -> dict[str, Any]:
    assert ask.floor is not None
    return {"phase": ask.floor.when, "turn": ask.floor.turn, "of": int(ask.round[0]), "turns": ask.floor.most[row]}


def _told(
    table: _Table,
    made: Scene,
    data: Mapping[str, Any],
    heard: Sequence[Heard],
    now: Sequence[Heard],
    found: Sequence[Minute] = (),
    always: Collection[tuple[int, str]] = (),
) -> dict[str, str]:
    """The family's texts with the rules of talk, and with earlier talk: of the rounds that are told, and ``always``.

    Talk that was summed up is told by its summary.
    """
    first = int(made.data.get("since", 1)) + int(made.data.get("left_out", 0))
    present = {(one.round, one.when) for one in now}

    def early(one: Heard | Minute) -> bool:
        talk = one.round, one.when
        return talk not in present and (one.round >= first or talk in always)

    # Who was not there did not hear it, and is not told of it either.
    there = {(one.round, one.when) for one in heard if early(one)}
    summed = [one for one in found if one.kind == "summary" and one.text and (one.round, one.when) in there]
    short = {(one.round, one.when) for one in summed}
    before = [one for one in heard if early(one) and (one.round, one.when) not in short]
    texts = dict(made.texts)
    texts["rules"] = _joined(texts["rules"], table.sentence("talk_rules", data))
    summaries = minutes.summaries(table.telling, data, summed)
    texts["past"] = _joined(texts["past"], summaries, table.block("talk_heard_past", before, data))
    return texts


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


@dataclass(frozen=True)
class _Table:
    """The people of one talk as one of them sees them."""

    game: Game
    talk: Talk
    telling: Telling
    seat: int

    def sentence(self, name: str, data: Mapping[str, Any]) -> str:
        """A text of the words, filled in."""
        return scene_common.sentence(self.telling, name, data)

    def rules(self) -> dict[str, Any]:
        """What does not change, as plain data."""
        talk, seats = self.talk, self.game.seats
        pair = talk.private and hasattr(self.game, "company") and seats > 2
        return {
            **{"before": "before" in talk.when, "after": "after" in talk.when, "order": talk.order},
            **{"turns": talk.turns or (2 if pair else seats), "private": talk.private, "pair": pair},
            **{"pledges": talk.pledges, "report": talk.report, "limit": talk.limit},
        }

    def name(self, seat: int) -> str:
        """What a seat is called; the two of a matrix game have no names."""
        if self.game.kind == "matrix":
            return f"The {scene_common.nouns(self.telling)['other']}"
        return scene_common.names(self.telling, self.game.seats)[seat]

    def company(self, seats: Sequence[int]) -> dict[str, Any]:
        """Who talks with the player."""
        called = [self.name(seat) for seat in seats if seat != self.seat]
        called = [name[:1].lower() + name[1:] if self.game.kind == "matrix" else name for name in called]
        return {"name": self.name(self.seat), "company": called, "named": bool(self.talk.naming(len(seats)))}

    def wanted(self, decision: Wanted, seats: Sequence[int], *, pledging: bool) -> Wanted:
        """What would be an utterance: free words, with a name and a pledge where they go with it."""
        naming = self.talk.naming(len(seats))
        names = tuple(self.company(seats)["company"]) if naming else ()
        pledge = replace(decision, marker=replies_talk.PLEDGE, json=False) if pledging else None
        return Wanted(text=True, speech=True, names=names, naming=naming, ending=naming == "NEXT", pledge=pledge)

    def opening(self, made: Scene, ask: Ask, row: int, data: Mapping[str, Any]) -> str:
        """Where things stand: as the family tells it to those who will decide, else the round alone."""
        assert ask.floor is not None
        phase = self.sentence("talk_phase", data)
        if ask.floor.when == "after":
            return phase
        deciding = self.game.kind != "donor" or ask.view.state.mate[row] >= 0
        own = made.texts["now"] if deciding else self._receiving(ask, row, data)
        return _joined(own or self.sentence("talk_now", data), phase)

    def _receiving(self, ask: Ask, row: int, data: Mapping[str, Any]) -> str:
        """A round of the donor game to one who gives nothing in it."""
        givers = np.flatnonzero(ask.view.state.mate == row)
        giver = self.name(int(givers[0]) % self.game.seats) if len(givers) else None
        known = {**data, "talk": {**data["talk"], "giver": giver}}
        return self.sentence("talk_receiving", known)

    def takes(self, made: Scene, when: str) -> dict[str, Any]:
        """What a report says of the round that was last: who took what."""
        history = made.data.get("history") or []
        due = self.talk.report != "none" and (when == "after" or "after" not in self.talk.when)
        last = history[-1] if due and history else None
        return {"takes": last["takes"] if last else [], "found": last is not None, "last": last["round"] if last else 0}

    def block(self, name: str, said: Sequence[Heard], data: Mapping[str, Any]) -> str:
        """Utterances under a heading; each between marks, with who said it. Empty where nothing was said."""
        if not said:
            return ""
        lines = [f"{self.sentence(name, data)}:"]
        for one in said:
            head = f"{self._round(one, data)}{self._speaker(one)}{self._whisper(one)}{self._pledge(one)}"
            lines.append(f"{head}:\n{quoted(one.text)}" if one.text else f"{head}: (nothing)")
        return "\n".join(lines)

    def _round(self, one: Heard, data: Mapping[str, Any]) -> str:
        return f"{str(data['nouns']['round']).capitalize()} {one.round}, "

    def _speaker(self, one: Heard) -> str:
        if one.seat == self.seat:
            return "you"
        name = self.name(one.seat)
        return name[:1].lower() + name[1:] if self.game.kind == "matrix" else name

    def _whisper(self, one: Heard) -> str:
        if not self.talk.private or self.game.seats == 2 or not one.to:
            return ""
        return f" to {' and '.join('you' if seat == self.seat else self.name(seat) for seat in one.to)} alone"

    def _pledge(self, one: Heard) -> str:
        parts = []
        if one.option is not None:
            labels = (
                self.telling.labels
                or [[self.telling.words.labels.get(name, name) for name in self.game.options("gift", 0)]]
                * self.game.seats
            )
            parts.append(labels[one.seat][one.option])
        if one.amount is not None:
            parts.append(f"{shown(one.amount)} {self.telling.unit}")
        return f", pledging {' '.join(parts)}" if parts else ""

    def limit(self, said: Sequence[Heard], data: Mapping[str, Any]) -> str:
        """The group's limit, where the game takes one from pledges."""
        if self.talk.limit != "median":
            return ""
        last = {one.seat: one.amount for one in said if one.amount is not None}
        middle = limit(list(last.values()))
        if middle is None:
            return ""
        return self.sentence("talk_limit", {**data, "talk": {**data["talk"], "middle": middle}})
