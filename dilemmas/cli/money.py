"""What an experiment would cost, or what a pilot measured, in lines for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from dilemmas.cli.console import Console, columns
from dilemmas.cli.live import short, usd
from dilemmas.errors import many
from dilemmas.runs.pilot import Pilot
from dilemmas.runs.rehearse import Estimate, Forecast

A_REPLY = 2.0  # seconds, to give an idea of what a chain of calls takes


def forecast(console: Console, name: str, found: Forecast) -> dict[str, Any]:
    """Print what a rehearsal found; the same as plain data."""
    if not found.estimates:
        console.say(f"{name} · nothing to rehearse, so nothing was played")
        console.say("Scripted seats only: no model would be asked, and nothing would be paid.")
        return {"experiment": name, "runs": found.runs, "calls": 0, "chain": 0, "models": []}
    console.say(f"{name} · rehearsal: {many(found.runs, 'run')}, {many(found.calls, 'call')}; no model was asked")
    head = ("model", "calls", "prompt tokens", "reply tokens", "cost in USD")
    for line in columns([head, *map(_row, found.estimates)], console.width):
        console.say(line)
    for line in _notes(found):
        console.say(line)
    models = [asdict(one) for one in found.estimates]
    return {"experiment": name, "runs": found.runs, "calls": found.calls, "chain": found.chain, "models": models}


def _row(one: Estimate) -> Sequence[str]:
    high = "?" if one.reply_high is None else short(one.reply_high)
    return one.model, f"{one.calls:,}", short(one.prompt_tokens), f"{short(one.reply_low)} to {high}", _cost(one)


def _cost(one: Estimate) -> str:
    if one.low is None:
        return "unknown: add its price to the file"
    return f"{usd(one.low)} to {'?' if one.high is None else usd(one.high)}"


def _notes(found: Forecast) -> list[str]:
    priced = [one for one in found.estimates if one.low is not None]
    lines = [
        f"Longest chain: {many(found.chain, 'call')} one after the other, about {_time(found.chain * A_REPLY)} at "
        f"{A_REPLY:g} s a reply, however many go side by side."
    ]
    if len(priced) > 1:
        high = [one.high for one in priced]
        top = "?" if None in high else usd(sum(one.high or 0.0 for one in priced))
        lines.append(f"Together: {usd(sum(one.low or 0.0 for one in priced))} to {top} USD.")
    unpriced = [one.model for one in found.estimates if one.low is None]
    if unpriced:
        lines.append(
            "Prices are in USD a million tokens: prices: {"
            + ", ".join(f"{m}: {{input: 1, output: 2}}" for m in unpriced)
            + "}"
        )
    lines.append(
        "The range runs from replies as short as the stand-in's to every reply at its max_tokens. Reasoning and "
        "answers that are asked again are unmeasured; --pilot 3 measures them for at most 3 USD."
    )
    guessed = [one.model for one in found.estimates if not one.counted]
    if guessed:
        lines.append(f"Tokens of {', '.join(guessed)} are reckoned at four bytes each.")
    return lines


def _time(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def pilot(console: Console, name: str, found: Pilot) -> dict[str, Any]:
    """Print what a pilot measured; the same as plain data."""
    console.say(
        f"{name} · pilot: {usd(found.spent)} USD spent" + (", which its cap ended early" if found.short else "")
    )
    head = ("model", "calls", "tokens a call", "USD a call", "forecast for all calls in USD")
    rows = [
        (
            one.model,
            f"{one.calls:,}",
            f"{one.prompt_tokens:.0f} + {one.completion_tokens:.0f} ({one.reasoning_tokens:.0f} reasoning)",
            "unknown" if one.cost is None else usd(one.cost),
            "unknown" if one.total is None else usd(one.total),
        )
        for one in found.measured
    ]
    for line in columns([head, *rows], console.width):
        console.say(line)
    console.say(
        f"The whole has {many(found.forecast.calls, 'call')}. "
        "Prompts of later rounds and generations may be longer than those of a first generation."
    )
    models = [asdict(one) for one in found.measured]
    return {"experiment": name, "spent": found.spent, "short": found.short, "models": models}
