"""One real question to a model, asked and read as in a run: is it there, what can it do, what does it cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dilemmas.cli.console import Console, columns
from dilemmas.cli.live import usd
from dilemmas.errors import RunFailed, Stopped, UsageError, many
from dilemmas.models.speaker import PASSING, Key, Reply, Request
from dilemmas.models.speakers import LOCAL, REHEARSAL, provider
from dilemmas.report import foreign
from dilemmas.results import Table
from dilemmas.runs.lab import carry_out
from dilemmas.runs.office import MILLION
from dilemmas.runs.watch import Watch
from dilemmas.runs.work import Order

GAME, STRATEGY, OTHER = "prisoners-dilemma", "plain", "tit-for-tat"
AGAIN, TRIES = 1, 2  # a model is asked a second time as in a run, and so is a provider that failed


@dataclass
class Listener(Watch):
    """Keeps what was sent and what came back."""

    asked: list[Request] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)

    def heard(self, run: str, key: Key, request: Request, reply: Reply) -> None:
        """A call was answered."""
        self.asked.append(request)
        self.replies.append(reply)


def ask(model: str, base_url: str | None, console: Console) -> dict[str, Any]:
    """Ask a model one round of a game, and print what came of it; the same as plain data.

    Raises UsageError where it cannot be asked so (key, name, settings), Stopped where its provider failed in a way that
    may pass, RunFailed where its answers could not be read.
    """
    listener = Listener()
    move = _move(model, base_url, listener)
    data = _data(model, base_url, listener, move)
    for line in columns(list(_lines(data)), console.width):
        console.say(line)
    if move["imputed"]:
        raise RunFailed(
            f"{model} was asked {many(len(listener.replies), 'time')} and gave no answer that could be read",
            remedy="What it said stands above; a larger max_tokens, or a larger model, may help.",
        )
    return data


def _move(model: str, base_url: str | None, listener: Listener) -> Mapping[str, Any]:
    """The row of the table of moves that the model's answer became."""
    data = {
        "experiment": "check",
        "command": "play",
        "game": {"name": GAME, "rounds": 1},
        "population": [{"strategy": STRATEGY, "model": model}, {"strategy": OTHER}],
        "answers": {"again": AGAIN, "otherwise": "random"},
        "tries": TRIES,
        "log": "moves",
        "plots": False,
    }
    order = Order(data | ({"base_url": base_url} if base_url else {}), watch=listener)
    try:
        moves: Table = carry_out(order).result.tables["moves"]
    except Stopped as error:
        raise _mended(error, model, listener) from None
    return next(row for row in moves.rows() if row["seat"] == 1)


def _mended(error: Stopped, model: str, listener: Listener) -> Stopped | UsageError:
    """What the user can do about it, where waiting would not help; there is no run that could go on."""
    trouble = listener.pulse.trouble.removeprefix(f"{model}: ")
    remedy = error.remedy.replace("The same command goes on where it stopped.", "Then check again.")
    if trouble == "not found":
        remedy = "Check the model's name, and the address that --base-url gives."
    return (Stopped if trouble in PASSING else UsageError)(error.found, remedy=remedy)


def _data(model: str, base_url: str | None, listener: Listener, move: Mapping[str, Any]) -> dict[str, Any]:
    last = listener.replies[-1]
    return {
        "model": model,
        "answered": last.model,
        "fingerprint": last.fingerprint,
        "said": last.text,
        "read_as": None if move["imputed"] else {"label": move["label"], "action": move["action"]},
        "attempts": len(listener.replies),
        "latency": last.latency,
        "usage": {key: getattr(last.usage, key) for key in ("prompt", "completion", "reasoning", "cached")},
        "cost": last.cost,
        "price": _price(model, base_url),
        "sent": dict(last.sent),
        "simulated": last.simulated,
        "capabilities": _capabilities(model),
    }


def _silent(model: str) -> bool:
    """Whether no price map knows anything of a model."""
    return provider(model) in (REHEARSAL, LOCAL)


def _price(model: str, base_url: str | None) -> dict[str, float] | None:
    """USD a million tokens, sent and received; None where that is unknown."""
    if model == REHEARSAL:
        return {"input": 0.0, "output": 0.0}
    if _silent(model):
        return None
    from dilemmas.models import remote

    known = None if base_url and remote.private(base_url) else remote.price(model)
    return None if known is None else {"input": known.input * MILLION, "output": known.output * MILLION}


def _capabilities(model: str) -> dict[str, Any]:
    if _silent(model):
        return {"known": False}
    from dilemmas.models import remote

    return dict(remote.capabilities(model))


def _lines(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is printed: a word and what there is to say of it."""
    usage, read = data["usage"], data["read_as"]
    yield data["model"], f"answered one round of {GAME} as {STRATEGY}"
    if data["answered"] and data["answered"] != data["model"]:
        yield "  answered as", foreign.line(" ".join([data["answered"], data["fingerprint"]]))
    yield "  said", foreign.line(data["said"]) or "nothing"
    again = f", when asked {data['attempts']} times" if data["attempts"] > 1 else ""
    yield "  read as", f"{read['label']} ({read['action']}){again}" if read else "nothing"
    yield "  latency", f"{data['latency']:.2f} s"
    yield "  tokens", _tokens(usage)
    yield "  cost", "unknown" if data["cost"] is None else f"{usd(data['cost'])} USD"
    yield "  price", _priced(data["model"], data["price"])
    yield from _able(data["capabilities"])
    if data["simulated"]:
        yield "  note", "a stand-in that plays at random: good for tests and rehearsals, and no result"


def _tokens(usage: Mapping[str, int | None]) -> str:
    if usage["prompt"] is None or usage["completion"] is None:
        return "the provider does not say"
    thought = f", {usage['reasoning']:,} of them reasoning" if usage["reasoning"] else ""
    return f"{usage['prompt']:,} sent, {usage['completion']:,} received{thought}"


def _priced(model: str, price: Mapping[str, float] | None) -> str:
    if price is None:
        lines = f"prices: {{{model}: {{input: USD, output: USD}}}}"
        return f"unknown: add to the experiment, in USD a million tokens: {lines}"
    return f"{price['input']:g} USD a million tokens sent, {price['output']:g} received"


def _able(known: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What the price map says that a model can do."""
    said = {True: "yes", False: "no", None: "not known"}
    yield "  JSON schema", said[known.get("schema")]
    context, longest = known.get("context"), known.get("output")
    replies = f", replies of up to {longest:,}" if longest else ""
    yield "  context", f"{context:,} tokens{replies}" if context else "not known"
    if known.get("reasoning"):
        yield "  reasoning", "yes: set reasoning_effort, and leave room in max_tokens"
    if known.get("settings"):
        yield "  settings", ", ".join(known["settings"])
