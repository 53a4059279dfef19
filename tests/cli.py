"""Running the command line in tests."""

from __future__ import annotations

from dataclasses import dataclass

from typer.testing import CliRunner

from dilemmas.cli.app import app


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


def dilemmas(*words: str, typed: str = "") -> Ran:
    """What a command prints and its exit code; an exception that is no exit is raised, as a traceback would be.

    ``typed`` is what stands at standard input, from which people's answers come.
    """
    result = CliRunner().invoke(app, [str(word) for word in words], input=typed, prog_name="dilemmas")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ran(result.exit_code, result.stdout, result.stderr)
