"""The command ``dilemmas``: its list of commands, each loaded when it is used, and errors told in one line."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from dilemmas.cli import environment
from dilemmas.cli.flags import expanded
from dilemmas.errors import DilemmasError

SHORT = "this needs more memory than there is. Make rounds, repetitions, seats, agents or seeds fewer."
FULL = ("ENOSPC", "EDQUOT", "EFBIG")  # a write that fails for want of room does not say where
PLAY, LOOK, MAKE = "Play", "Look", "Make"


@dataclass(frozen=True)
class Entry:
    """Where a command lives, one sentence on what it does, and the panel that --help lists it in."""

    module: str
    panel: str
    summary: str
    function: str = "command"
    asks: bool = False  # whether it may ask a model, so that keys in .env matter


COMMANDS = {
    "demo": Entry("demo", PLAY, "The one-minute tour: a tournament, generations, a fishery."),
    "play": Entry("play", PLAY, "One episode told round by round; seats may be people.", asks=True),
    "tournament": Entry("tournament", PLAY, "Every strategy against every other.", asks=True),
    "evolve": Entry("evolve", PLAY, "Generations of a population: play, select, inherit.", asks=True),
    "run": Entry("run", PLAY, "An experiment and its sweep; asked again, it goes on.", asks=True),
    "import": Entry("importing", PLAY, "Published data, played again into results."),
    "quiz": Entry("quiz", PLAY, "Whether a model understands a game, asked and marked.", asks=True),
    "list": Entry("shelves", LOOK, "What is on the shelves: games, strategies, experiments."),
    "show": Entry("show", LOOK, "A game's payoffs, a strategy's table, an experiment's cells."),
    "read": Entry("read", LOOK, "What models were told, said, how it was read and paid."),
    "plot": Entry("plot", LOOK, "Draw results again, several folders together if you like."),
    "replay": Entry("replay", LOOK, "Play finished runs again and compare every table."),
    "cite": Entry("cite", LOOK, "BibTeX and a methods paragraph for results."),
    "new": Entry("starters", MAKE, "A commented file to start from.", "new"),
    "copy": Entry("starters", MAKE, "A copy of something on the shelves, to edit.", "copy"),
    "check": Entry("check", MAKE, "Validate files and run the contract kits on them.", asks=True),
}


class Commands(TyperGroup):
    """A group whose commands are imported when they are run; listing them needs their summaries alone."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = {name: _outline(name) for name in COMMANDS}

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command itself, its module imported now."""
        return loaded(cmd_name) if cmd_name in self.commands else None

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """List commands without loading them."""
        from dilemmas.cli.welcome import welcome

        panels: dict[str, dict[str, str]] = {}
        for name, entry in COMMANDS.items():
            panels.setdefault(entry.panel, {})[name] = entry.summary
        options = {
            "--version": "Print the version.",
            "--help": "Show this, or more on a command: dilemmas COMMAND --help",
        }
        welcome(self.get_usage(ctx), self.help or "", {**panels, "Options": options}, self.epilog or "")

    def invoke(self, ctx: Any) -> Any:
        """Run a command; what a user can mend is told in one line."""
        try:
            return super().invoke(ctx)
        except DilemmasError as error:
            raise typer.Exit(_told(str(error), error.exit_code)) from None
        except SystemExit as error:  # nothing here ends so; code of the user's own did
            from dilemmas.strategies.loading import left  # here: numpy comes with it

            failed = left(error)
            raise typer.Exit(_told(str(failed), failed.exit_code)) from None
        except KeyboardInterrupt:
            raise typer.Exit(_told("interrupted", 130)) from None
        except MemoryError:
            raise typer.Exit(_told(SHORT, DilemmasError.exit_code)) from None
        except OSError as error:
            if isinstance(error, BrokenPipeError) or (error.filename is None and _code(error) not in FULL):
                raise
            raise typer.Exit(_told(_trouble(error), DilemmasError.exit_code)) from None


def _trouble(error: OSError) -> str:
    """What the system complained of, with its place; a file where a folder is wanted is named, and what to do."""
    if error.filename is None:
        return str(error.strerror)
    if isinstance(error, (NotADirectoryError, FileExistsError, FileNotFoundError)):
        from dilemmas.results import obstacle

        file = obstacle(Path(error.filename).parent) or obstacle(Path(error.filename))
        if file is not None:
            return f"{file.as_posix()}: is a file, where a folder is wanted. Name another place, or move the file away."
    return f"{error.filename}: {error.strerror}"


def _code(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, "")


def _told(message: str, code: int) -> int:
    print(f"error: {message}", file=sys.stderr)
    return code


def _outline(name: str) -> TyperCommand:
    entry = COMMANDS[name]
    return TyperCommand(name=name, help=entry.summary, rich_help_panel=entry.panel)


def loaded(name: str) -> Any:
    """The command of a name, with its module imported."""
    entry = COMMANDS[name]
    module = import_module(f"dilemmas.cli.{entry.module}")
    alone = typer.Typer(add_completion=False, rich_markup_mode="rich")
    function = expanded(getattr(module, entry.function))
    function = _prepared(function) if entry.asks else function
    examples = module.EXAMPLES[name] if isinstance(module.EXAMPLES, dict) else module.EXAMPLES
    alone.command(name, help=entry.summary, epilog=_epilog(examples))(function)
    return typer.main.get_command(alone)


def _prepared(command: Callable[..., None]) -> Callable[..., None]:
    """The command, run once the keys and the model that the folder names are known."""

    @wraps(command)
    def called(**given: Any) -> None:
        environment.prepare()
        command(**given)

    return called


def _epilog(examples: Sequence[str]) -> str:
    """Examples as --help shows them; a blank line keeps each on a line of its own."""
    head = "Example:" if len(examples) == 1 else "Examples:"
    return "\n\n".join([head, *(f"  {example}".replace("[", "\\[") for example in examples)])


app = typer.Typer(
    cls=Commands,
    name="dilemmas",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    epilog="Start with:  dilemmas demo",
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"dilemmas {version('dilemmas')}")
        raise typer.Exit


@app.callback()
def dilemmas(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """A laboratory for social dilemmas: strategies and people meet, breed and teach; tables and plots come out."""


def main() -> None:
    """Run the command line; a console that lacks a character shows a replacement and goes on."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app(prog_name="dilemmas")
