"""Running a user's Python file and finding a function in it; nothing is written beside it.

What the code prints goes to stderr, as stdout is for what a command has to say (``--json``: one object alone).
"""

from __future__ import annotations

import inspect
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

from dilemmas.errors import FileError, RunFailed, UnknownName, UsageError, nearest

RAISED = (Exception, SystemExit)  # what a user's code may end with; exit() in it is a mistake of it as any other


@contextmanager
def aside() -> Iterator[None]:
    """While a user's code runs: what it prints goes to stderr."""
    with redirect_stdout(sys.stderr):
        yield


def module(path: Path) -> ModuleType:
    """The file as a module, run once for every version of it; raises FileError."""
    try:
        text = path.read_bytes()
    except OSError as error:
        found = f"cannot be read: {error.strerror}" if path.exists() else "there is no such file"
        raise FileError(found, where=str(path), remedy=_near(path)) from None
    return _run(path, text)


def _near(path: Path) -> str:
    folder = path.parent
    return nearest(path.name, [other.name for other in folder.glob("*.py")]) if folder.is_dir() else ""


@lru_cache(maxsize=256)
def _run(path: Path, text: bytes) -> ModuleType:
    # Compiled here and not by the import system, which would leave a cache beside the file and may find a stale one.
    made = ModuleType(f"dilemmas_user_{sha256(str(path).encode() + text).hexdigest()[:12]}")
    made.__file__ = str(path)
    sys.modules[made.__name__] = made  # dataclasses and pickling look a class's module up
    try:
        with aside():
            exec(compile(text, str(path), "exec"), made.__dict__)
    except SyntaxError as error:
        raise FileError(f"is not Python: {error.msg}", where=f"{path}, line {error.lineno}") from None
    except RAISED as error:
        raise FileError(f"raised {type(error).__name__}: {error}", where=f"{path}, line {line(error, path)}") from error
    return made


def line(error: BaseException, path: Path) -> int | str:
    """The last line of the file that an error passed through."""
    steps = [step.lineno for step in traceback.extract_tb(error.__traceback__) if step.filename == str(path)]
    return next((number for number in reversed(steps) if number is not None), "?")


def place(error: BaseException) -> str:
    """File and line of what raised an error, by whose code was last; ``exit`` itself is nobody's."""
    steps = [step for step in traceback.extract_tb(error.__traceback__) if "_sitebuiltins" not in step.filename]
    return f"{Path(steps[-1].filename).name}, line {steps[-1].lineno}"


def left(error: SystemExit) -> RunFailed:
    """The error for a user's code that called ``exit`` where nobody else can say whose it is."""
    return RunFailed(f"the code called exit({error.code!r})", where=place(error))


def function(path: Path, called: str, given: Mapping[str, Any]) -> Callable[..., Any]:
    """The function of that name, fit to be called with a view, a memory, a coin and the parameters."""
    inside = module(path)
    found = getattr(inside, called, None)
    if not callable(found):
        raise _lacking(path, called, inside)
    _check(path, called, inspect.signature(found), given)
    named: Callable[..., Any] = found
    return named


def _lacking(path: Path, called: str, inside: ModuleType) -> FileError:
    names = [name for name, value in vars(inside).items() if inspect.isfunction(value) and not name.startswith("_")]
    other = f"Name one that is there, such as {path.name}:{names[0]}." if names else ""
    expected = f"a function {called}(view, memory, coin)"
    remedy = nearest(called, names) or other
    return FileError(f"has no function {called!r}", where=str(path), expected=expected, remedy=remedy)


def _check(path: Path, called: str, signature: inspect.Signature, given: Mapping[str, Any]) -> None:
    """Three arguments are the seat's; all further ones are parameters, and those without a default must be given."""
    where, known = f"{path}, {called}", list(signature.parameters.values())
    further = [one for one in known[3:] if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)]
    names = [one.name for one in further] + [
        key for key in given if known[-1:] and known[-1].kind is known[-1].VAR_KEYWORD
    ]
    if strange := next((key for key in given if key not in names), None):
        expected, remedy = ", ".join(names) or "none", nearest(strange, names)
        raise UnknownName(f"no parameter is called {strange!r}", where=where, expected=expected, remedy=remedy)
    if lacking := next((one.name for one in further if one.default is one.empty and one.name not in given), None):
        remedy = f"Give it one: {path.name}:{called}:{lacking}=..."
        raise UsageError(f"parameter {lacking!r} has no value", where=where, remedy=remedy)
    try:
        signature.bind(None, None, None, **given)
    except TypeError:
        raise FileError(f"takes {signature}", where=where, expected="(view, memory, coin), then parameters") from None
