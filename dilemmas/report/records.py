"""What seats were told and answered as plain data: a decision a record, for programs that read on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dilemmas.report.calls import Wanted, decisions, journals
from dilemmas.report.transcript import Moves, odd


def records(folder: Path, wanted: Wanted, *, refused: bool = False) -> Iterator[dict[str, Any]]:
    """The decisions of a results folder in the order of play, each with its ``calls`` and its ``row``.

    A call is a line of the journal; the row is that of the table of moves or messages, None where there is none (yet).
    ``refused`` leaves only decisions that were asked for again, put in, or lack a prediction. Raises ResultsError
    where no model took part, UnknownName for a run that is not there.
    """
    for name, path in journals(folder, wanted.run).items():
        moves = Moves.of(path.parent)
        for decision in decisions(path, wanted):
            row = moves.row(decision.place)
            if not refused or odd(decision, row):
                calls = [dict(call.data) for call in decision.calls]
                yield {"run": name, **decision.place._asdict(), "calls": calls, "row": dict(row) or None}
