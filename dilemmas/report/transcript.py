"""What a seat was told, what it answered, how that was read and what it paid: lines for a pager.

Every line of a prompt or a reply stands behind a margin, and nothing in it reaches the terminal as anything but text:
a model that writes "read as: J" or an escape sequence changes its own words only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

from dilemmas.errors import many
from dilemmas.report import foreign
from dilemmas.report.calls import Call, Decision, Place, Wanted, decisions, journals
from dilemmas.results import Table, read
from dilemmas.strategies.replies import CUT, FILTERED

Kind = Literal["run", "seat", "step", "told", "thought", "said", "read", "odd", "blank"]
MARGIN = 11


class Line(NamedTuple):
    """A line of text and what it is, for colours."""

    text: str
    kind: Kind


@dataclass
class Count:
    """What went by, for a last line."""

    decisions: int = 0
    calls: int = 0
    asked_again: int = 0
    imputed: int = 0
    simulated: bool = False

    def words(self) -> str:
        """In a sentence."""
        parts = [many(self.decisions, "decision"), many(self.calls, "call")]
        parts += [f"{many(self.asked_again, 'decision')} asked for again"] if self.asked_again else []
        parts += [f"{self.imputed} imputed"] if self.imputed else []
        return ", ".join(parts) + (", a stand-in answered for models" if self.simulated else "")


def transcript(
    folder: Path, wanted: Wanted, width: int = 80, *, refused: bool = False, count: Count | None = None
) -> Iterator[Line]:
    """The calls of a results folder in the order of play, whole: prompts, replies, how each was read, what it paid.

    ``refused`` leaves only decisions that were asked for again, put in, or lack a prediction. Raises ResultsError
    where no model took part, UnknownName for a run that is not there.
    """
    count = Count() if count is None else count
    for name, path in journals(folder, wanted.run).items():
        moves, before, heard = Moves.of(path.parent), Heading(name), Heard()
        for decision in decisions(path, wanted):
            row = moves.row(decision.place)
            if refused and not odd(decision, row):
                continue
            _note(count, decision, row)
            yield from before.lines(decision.place, width)
            yield from _told(decision, row, heard, width)


def odd(decision: Decision, row: Mapping[str, Any]) -> bool:
    """Whether a decision was asked for again, put in by the experiment's rule, or left without its prediction."""
    lost = row.get("prediction", "") is None and any(call.step == "predict" for call in decision.calls)
    return lost or any(call.attempt > 1 for call in decision.calls) or bool(row.get("imputed"))


def _note(count: Count, decision: Decision, row: Mapping[str, Any]) -> None:
    count.decisions += 1
    count.calls += len(decision.calls)
    count.asked_again += any(call.attempt > 1 for call in decision.calls)
    count.imputed += bool(row.get("imputed"))
    count.simulated |= any(call.data.get("simulated") for call in decision.calls)


@dataclass
class Heading:
    """Where in a run we are; said where it changes."""

    run: str
    _last: tuple[Any, ...] | None = None

    def lines(self, place: Place, width: int) -> Iterator[Line]:
        """A title for a run, and for an episode or another stage of a generation."""
        if self._last is None:
            yield Line(ruled(f"run {self.run}", "=", width), "run")
        here = (place.generation, place.stage, place.episode)
        if here != self._last:
            self._last = here
            parts = [f"generation {place.generation}"] + ([] if place.stage == "play" else [place.stage])
            parts += [f"episode {place.episode}"] if place.episode else []
            yield Line("", "blank")
            yield Line(ruled(foreign.line(", ".join(parts)), "-", width), "run")


def ruled(title: str, sign: str, width: int) -> str:
    """A title in a rule as wide as the page."""
    head = f"{sign * 2} {title} "
    return head + sign * max(width - len(head), 0)


@dataclass
class Heard:
    """What agents of a run were shown last, so that it is printed where it changes and nowhere else."""

    system: dict[str, str] = field(default_factory=dict)
    answered: dict[str, str] = field(default_factory=dict)


def _told(decision: Decision, row: Mapping[str, Any], heard: Heard, width: int) -> Iterator[Line]:
    yield Line("", "blank")
    yield Line(_who(decision, row), "seat")
    known: list[Mapping[str, Any]] = []  # messages of this decision that were printed
    plain = len({call.step for call in decision.calls}) == 1
    for call in decision.calls:
        if not (plain and call.attempt == 1):
            again = f", attempt {call.attempt}" if call.attempt > 1 else ""
            yield Line(f"  step {foreign.line(call.step)}{again}", "step")
        yield from _call(call, known, decision.place.agent, heard, width)
    if row:
        yield from block("read as:", _outcome(row, decision), width, "odd" if row.get("imputed") else "read")


def _who(decision: Decision, row: Mapping[str, Any]) -> str:
    """Round, ask, seat and agent; its strategy and the model that was asked."""
    place = decision.place
    parts = [f"round {place.round}"] if place.round else []
    parts += [f"question {place.ask}"] if place.ask > 1 else []
    parts += [f"seat {place.seat}"] if place.seat else []
    parts += [place.agent, row.get("strategy") or "", str(decision.calls[0].data.get("model") or "")]
    return foreign.line(" · ".join(part for part in parts if part))


def _call(call: Call, known: list[Mapping[str, Any]], agent: str, heard: Heard, width: int) -> Iterator[Line]:
    """The messages that are new, and the reply."""
    messages: Sequence[Mapping[str, Any]] = call.data.get("messages") or ()
    same = len(known) if known and list(messages[: len(known)]) == known else 0
    # After a prompt that is repeated stands the model's own reply, which was printed, or what was kept of it.
    same += bool(same) and same < len(messages) and messages[same].get("role") == "assistant"
    for message in messages[same:]:
        yield from _message(message, agent, heard, width)
    reply = str(call.data.get("reply") or "")
    known[:] = messages
    yield from _model(call, agent, heard, width)
    if call.data.get("thought"):
        yield from block("thought", str(call.data["thought"]), width, "thought")
    yield from block("said", reply, width, "said") if reply.strip() else [Line("  said nothing", "odd")]
    finish = str(call.data.get("finish") or "").casefold()
    if finish in CUT:
        yield Line("  the reply ended at the limit of tokens", "odd")
    elif finish in FILTERED:
        yield Line("  the provider's filter withheld the reply", "odd")


def _message(message: Mapping[str, Any], agent: str, heard: Heard, width: int) -> Iterator[Line]:
    role, content = str(message.get("role")), str(message.get("content") or "")
    if role == "system":
        if heard.system.get(agent) != content:
            heard.system[agent] = content
            yield from block("system", content, width, "told")
    else:
        yield from block({"user": "told", "assistant": "had said"}.get(role, role), content, width, "told")


def _model(call: Call, agent: str, heard: Heard, width: int) -> Iterator[Line]:
    """The name that the provider answered with, where it is another, and was another at the last call."""
    asked, answered = str(call.data.get("model") or ""), str(call.data.get("answered") or "")
    if answered and answered != heard.answered.get(agent):
        heard.answered[agent] = answered
        if answered not in (asked, asked.partition("/")[2]):
            yield from block("model", f"{answered} answered", width, "step")


def block(label: str, text: str, width: int, kind: Kind) -> Iterator[Line]:
    """Foreign text behind a margin, with what it is beside its first line."""
    head = f"  {foreign.line(label)}".ljust(MARGIN)
    for part in foreign.wrapped(text.strip("\n"), max(width - MARGIN, 20)):
        yield Line((head + part).rstrip(), kind)
        head = " " * MARGIN


def _outcome(row: Mapping[str, Any], decision: Decision) -> str:
    """How the answer was read and what it paid, or who heard what was said."""
    answered = [] if "text" in row else [_answer(row, decision.calls[-1]), *_paid(row), *_expected(row)]
    parts = answered or _uttered(row)
    attempts = row.get("attempts") or max(call.attempt for call in decision.calls)
    parts += [f"attempt {attempts}"] if attempts > 1 else []
    parts += ["imputed"] if row.get("imputed") else []
    parts += ["a stand-in answered"] if row.get("simulated") else []
    return " · ".join(parts)


def _minute(row: Mapping[str, Any]) -> str:
    """What a model without a seat made of a talk."""
    if row["kind"] == "summary":
        return "told later in place of the talk" if row["text"] else "no summary"
    limit = row.get("pledge")
    return f"a limit of {number(limit)} for each, told to all" if limit is not None else "no limit agreed"


def _uttered(row: Mapping[str, Any]) -> list[str]:
    """Who heard an utterance, and what became of its pledge; of gossip, its tone, of whom, and if it was true."""
    if row.get("seat") == 0:
        return [_minute(row)]
    true = {True: ", which was true", False: ", which was false"}.get(row.get("truthful"), "")  # type: ignore[arg-type]  # None
    told = [f"{row.get('tone') or 'told'} of {row['about']}{true}"] if row.get("about") is not None else []
    if not (row["text"] or row.get("tone")):
        return ["nothing said"]
    parts = [*told, f"heard by {', '.join(json.loads(row.get('to') or '[]')) or 'nobody'}"]
    pledge = [row["pledged"]] if row.get("pledged") else []
    pledge += [number(row["pledge"])] if row.get("pledge") is not None else []
    kept = {True: ", kept", False: ", broken"}.get(row.get("kept"), "")  # type: ignore[arg-type]  # None
    return [*parts, f"pledged {' '.join(pledge)}{kept}"] if pledge else parts


def _answer(row: Mapping[str, Any], call: Call) -> str:
    """The label that was chosen with the canonical action, an amount, or both; and the words, where they are no end."""
    action, label = row.get("action"), row.get("label")
    done = f"{label} ({action})" if label and label != action else action
    meant = row.get("intended") if row.get("intended") not in (None, action) else None
    amount = row.get("amount") if row.get("intended_amount") is None else row["intended_amount"]
    name = meant or done
    said = " ".join(part for part in (name, None if amount is None else number(amount)) if part) or "nothing"
    words = row.get("answered_as") or ""
    if words and not row.get("imputed") and not str(call.data.get("reply") or "").strip().endswith(words):
        said += f', from "{_short(foreign.line(words))}"'
    return said + (f", which went wrong: {done}" if meant else "")


def _short(words: str, most: int = 60) -> str:
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def _paid(row: Mapping[str, Any]) -> list[str]:
    parts = [] if row.get("payoff") is None else [f"paid {number(row['payoff'])}"]
    if row.get("received") is not None and row.get("kind") != "move":
        partner = row.get("partner") or ""
        parts.append(f"the pot paid {number(row['received'])}" if not partner else _got(partner, row["received"]))
    return parts


def _got(partner: str, received: float) -> str:
    return f"{partner} {'lost' if received < 0 else 'got'} {number(abs(received))}"


def _expected(row: Mapping[str, Any]) -> list[str]:
    if row.get("prediction") is None:
        return []
    right = {True: ", right", False: ", wrong"}.get(row.get("prediction_right"), "")  # type: ignore[arg-type]  # None
    return [f"expected {row['prediction']}{right}"]


def number(value: float) -> str:
    """A number as it is read: at most three digits after the point, and none that are zeros."""
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


class Moves:
    """The tables of moves and messages of a run, by decision; empty for one not finished, or with a summary alone."""

    KEYS = ("generation", "episode", "round", "ask", "seat")

    def __init__(self, *tables: Table | None) -> None:
        self._rows: dict[tuple[int, ...], tuple[Mapping[str, list[Any]], int]] = {}
        for table in tables:
            columns = {name: table.list(name) for name in table.columns} if table is not None else {}
            keys = zip(*(columns[name] for name in self.KEYS), strict=True) if columns else ()
            self._rows |= {key: (columns, i) for i, key in enumerate(keys)}

    @classmethod
    def of(cls, folder: Path) -> Moves:
        """Those of a run's folder."""
        return cls(table_of(folder, "moves"), table_of(folder, "messages"))

    def row(self, place: Place) -> Mapping[str, Any]:
        """The row of a decision; nothing where it has none."""
        if place.stage != "play":
            return {}
        columns, found = self._rows.get((place.generation, *place[2:6]), ({}, 0))
        return {name: values[found] for name, values in columns.items()}


def table_of(folder: Path, name: str) -> Table | None:
    """A table of a folder in whichever form it was written; None where it is not there."""
    found = [path for suffix in ("parquet", "csv") if (path := folder / f"{name}.{suffix}").is_file()]
    return read(found[0]) if found else None
