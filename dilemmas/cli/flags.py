"""The flags that commands share, each declared once, and the plain experiment settings that they mean.

A command's function takes a :class:`Settings` or an :class:`Output`; :func:`expanded` turns it into the function with
one parameter a flag that Typer reads.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from typer import Option

from dilemmas.errors import UsageError

PLAYED = "What is played"
KEPT = "What is kept and shown"
MONEY = "What models may cost"


@dataclass(frozen=True)
class Settings:
    """Flags that change what is played, and so the results; and what its models may use up."""

    set_: Annotated[
        list[str] | None,
        Option("--set", metavar="KEY=VALUE", help="Any setting of the game or the experiment.", rich_help_panel=PLAYED),
    ] = None
    rounds: Annotated[
        int | None,
        Option(
            min=1,
            help="Rounds of an episode (default: the game's, else 10; 200 in a tournament).",
            rich_help_panel=PLAYED,
        ),
    ] = None
    continuation: Annotated[
        str | None, Option("--continue", metavar="P", help="Chance that another round follows.", rich_help_panel=PLAYED)
    ] = None
    noise: Annotated[
        str | None, Option(metavar="P", help="Chance that an action goes wrong.", rich_help_panel=PLAYED)
    ] = None
    seed: Annotated[int | None, Option(min=0, help="First seed (default 0).", rich_help_panel=PLAYED)] = None
    seeds: Annotated[
        int | None, Option(min=1, metavar="N", help="How many seeds, from --seed on.", rich_help_panel=PLAYED)
    ] = None
    repetitions: Annotated[int | None, Option(min=1, help="Times that everybody meets.", rich_help_panel=PLAYED)] = None
    model: Annotated[
        str | None, Option(metavar="M", help="The model of seats that ask for the default one.", rich_help_panel=PLAYED)
    ] = None
    base_url: Annotated[
        str | None, Option("--base-url", metavar="URL", help="Where the model is served.", rich_help_panel=PLAYED)
    ] = None

    max_cost: Annotated[
        float | None, Option(metavar="USD", min=0, help="Stop before more is spent.", rich_help_panel=MONEY)
    ] = None
    max_calls: Annotated[
        int | None, Option(metavar="N", min=0, help="Stop before more calls.", rich_help_panel=MONEY)
    ] = None
    max_tokens: Annotated[
        int | None, Option(metavar="N", min=0, help="Stop before more tokens.", rich_help_panel=MONEY)
    ] = None

    def overrides(self) -> dict[str, Any]:
        """The keys of an experiment that these flags set; what --set says comes last and wins."""
        from dilemmas.specs import reading
        from dilemmas.specs.bounds import counted
        from dilemmas.specs.seats import value_of

        plain = {key: getattr(self, key) for key in ("rounds", "repetitions", "model", "base_url")}
        chances = {key: getattr(self, key) for key in ("continuation", "noise")}
        found = {key: value for key, value in plain.items() if value is not None}
        found |= {key: value_of(text) for key, text in chances.items() if text is not None}
        caps = {key: getattr(self, f"max_{key}") for key in ("cost", "calls", "tokens")}
        found |= {f"limits.{key}": cap for key, cap in caps.items() if cap is not None}
        if self.seed is not None or self.seeds is not None:
            many = self.seeds if self.seeds is not None else 1
            found["seeds"] = reading.guarded(lambda: counted(self.seed or 0, many), None, "--seeds", [])
        given = [(key, value_of(text)) for key, text in pairs(self.set_ or [], "--set")]
        # A game has a name; a number is the parameter that the ordinal games call so.
        return found | {"game.game" if key == "game" and isinstance(value, int) else key: value for key, value in given}


@dataclass(frozen=True)
class Kept:
    """Flags that say where results go, in which form, and what is printed."""

    out: Annotated[
        Path | None, Option(metavar="DIR", help="Folder for the results (default results/...).", rich_help_panel=KEPT)
    ] = None
    fresh: Annotated[
        bool, Option("--fresh", help="Start anew; an old folder is kept under another name.", rich_help_panel=KEPT)
    ] = False
    format_: Annotated[
        str | None,
        Option("--format", metavar="csv|parquet|excel", help="Kind of file for tables.", rich_help_panel=KEPT),
    ] = None
    quiet: Annotated[bool, Option("--quiet", help="Print nothing but errors.", rich_help_panel=KEPT)] = False
    json: Annotated[
        bool, Option("--json", help="One JSON object on stdout, all else on stderr.", rich_help_panel=KEPT)
    ] = False

    def overrides(self) -> dict[str, Any]:
        """The keys of an experiment that these flags set."""
        return {"format": self.format_} if self.format_ is not None else {}


@dataclass(frozen=True)
class Output(Kept):
    """What is kept and shown of a command that plays; it moves no number."""

    log: Annotated[
        str | None, Option(metavar="summary|moves", help="Whether every decision is kept.", rich_help_panel=KEPT)
    ] = None
    jobs: Annotated[
        int | None, Option(min=1, metavar="N", help="Processes to spread runs over.", rich_help_panel=KEPT)
    ] = None
    no_plots: Annotated[bool, Option("--no-plots", help="Draw nothing.", rich_help_panel=KEPT)] = False
    save: Annotated[
        Path | None,
        Option(
            metavar="FILE", help="Write the experiment file that these flags mean; run nothing.", rich_help_panel=KEPT
        ),
    ] = None
    python: Annotated[
        bool, Option("--python", help="Let Python files in a folder of strategies run.", rich_help_panel=KEPT)
    ] = False

    def overrides(self) -> dict[str, Any]:
        """The keys of an experiment that these flags set."""
        found = {"log": self.log, "jobs": self.jobs, "plots": False if self.no_plots else None}
        return super().overrides() | {key: value for key, value in found.items() if value is not None}


def pairs(words: list[str], flag: str) -> list[tuple[str, str]]:
    """``KEY=VALUE`` words, taken apart; raises UsageError."""
    taken = [word.partition("=") for word in words]
    wrong = next(("".join(parts) for parts in taken if not parts[0] or not parts[1]), None)
    if wrong is not None:
        raise UsageError(f"{flag} {wrong!r} says nothing", expected=f"{flag} KEY=VALUE")
    return [(key.strip(), value) for key, _, value in taken]


def expanded(command: Callable[..., None]) -> Callable[..., None]:
    """The command with every parameter that is a dataclass of flags replaced by the flags themselves."""
    hints = get_type_hints(command, include_extras=True)
    kinds = {name: kind for name, kind in hints.items() if name != "return" and is_dataclass(kind)}
    plain = [part for part in inspect.signature(command).parameters.values() if part.name not in kinds]
    listed = [part.replace(annotation=hints[part.name]) for part in plain]
    for kind in kinds.values():
        listed += _parameters(kind)

    @functools.wraps(command)
    def called(**given: Any) -> None:
        command(**_gathered(given, kinds))

    shape = [part.replace(kind=inspect.Parameter.KEYWORD_ONLY) for part in listed]
    called.__signature__ = inspect.Signature(shape)  # type: ignore[attr-defined]  # what inspect looks for
    called.__annotations__ = {part.name: part.annotation for part in shape}
    return called


def _parameters(kind: Any) -> list[inspect.Parameter]:
    hints = get_type_hints(kind, include_extras=True)
    return [
        inspect.Parameter(part.name, inspect.Parameter.KEYWORD_ONLY, default=part.default, annotation=hints[part.name])
        for part in fields(kind)
    ]


def _gathered(given: Mapping[str, Any], kinds: Mapping[str, Any]) -> dict[str, Any]:
    """What Typer read, with the flags put back into their dataclasses."""
    made = {name: kind(**{part.name: given[part.name] for part in fields(kind)}) for name, kind in kinds.items()}
    taken = {part.name for kind in kinds.values() for part in fields(kind)}
    return {name: value for name, value in given.items() if name not in taken} | made
