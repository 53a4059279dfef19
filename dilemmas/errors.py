"""The one tree of errors that the package raises on purpose.

::

    DilemmasError          exit code 2: the user can mend it
    ├── UsageError         a command or call that cannot mean anything
    ├── FileError          a file that is missing, unreadable or not what it says it is
    │   └── SpecError      a file that reads, with a key or value that is wrong
    │       └── UnknownKey  a key that means nothing there
    ├── UnknownName        no game, strategy, experiment, key by that name
    ├── Misfit             a strategy that makes no sense in the game it was given
    ├── IllegalAnswer      a strategy answered with what the rules do not allow
    ├── BrokenContract     a game or a strategy breaks a rule that the engines rely on
    ├── MissingExtra       an optional library is not installed
    ├── ResultsError       a results folder that belongs to something else, or is damaged
    ├── RunFailed          exit code 1: a run failed
    └── Stopped            exit code 3: stopped cleanly, the same command goes on
        └── CapReached     a cap leaves no room; the same command with a higher one goes on

Every error says what was found, where, what was expected and what to do; the CLI prints it as one line.
"""

from __future__ import annotations

import difflib
import os
import re
import shlex
from collections.abc import Iterable, Sequence
from typing import Any, Self


class DilemmasError(Exception):
    """An error that a user can understand and mend; ``str()`` is one line.

    ``found`` says what is wrong with its value, ``where`` the file, line and key, ``expected`` what would have
    been right, ``remedy`` what to type or change.
    """

    exit_code = 2

    def __init__(self, found: str, *, where: str = "", expected: str = "", remedy: str = "") -> None:
        self.found, self.where, self.expected, self.remedy = found, where, expected, remedy
        super().__init__(self._line())

    def _line(self) -> str:
        line = f"{self.where}: {self.found}" if self.where else self.found
        line += f"; expected {self.expected}" if self.expected else ""
        line += f". {self.remedy}" if self.remedy else ""
        return " ".join(line.split())

    def within(self, file: object) -> Self:
        """The same error, told as one of a file that names what is wrong; itself where it names the file already."""
        if file is None or str(file) in str(self):
            return self
        where = f"{file}: {self.where}" if self.where else str(file)
        return self.retold(self.found, where=where)

    def retold(self, found: str, **parts: Any) -> Self:
        """An error of the same kind that says something else, with the parts that are not given as they were."""
        return type(self)(found, **self.parts | parts)

    @property
    def parts(self) -> dict[str, Any]:
        """All but what was found, by the names under which it was given."""
        return {"where": self.where, "expected": self.expected, "remedy": self.remedy}

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments do not survive the default pickling, and workers send errors home.
        return _rebuild, (type(self), self.found, self.parts)


def _rebuild(kind: type[DilemmasError], found: str, parts: dict[str, Any]) -> DilemmasError:
    return kind(found, **parts)


class UsageError(DilemmasError):
    """A command or a call that cannot mean anything."""


class FileError(DilemmasError):
    """A file that is missing, unreadable, or not what its name says."""


class SpecError(FileError):
    """A file that reads well but holds a wrong key or value; ``key`` is the path to it from the outermost key on, as
    far as that is known.
    """

    def __init__(
        self, found: str, *, where: str = "", expected: str = "", remedy: str = "", key: Sequence[str] = ()
    ) -> None:
        self.key = tuple(key)
        super().__init__(found, where=where, expected=expected, remedy=remedy)

    @property
    def parts(self) -> dict[str, Any]:
        """All but what was found, by the names under which it was given."""
        return super().parts | {"key": self.key}


class UnknownKey(SpecError):
    """A key that means nothing where it stands."""


class UnknownName(DilemmasError):
    """No game, strategy, experiment, action or key has this name."""


class Misfit(DilemmasError):
    """A strategy that makes no sense in the game it was asked to play."""


class IllegalAnswer(DilemmasError):
    """A strategy answered with something that the rules do not allow."""


class BrokenContract(DilemmasError):
    """A game or a strategy breaks a rule of its contract; ``found`` starts with the rule's name and a colon."""

    @property
    def rule(self) -> str:
        """Name of the broken rule, as in ``dilemmas.testing.GAME_RULES`` and ``STRATEGY_RULES``."""
        return self.found.partition(":")[0]


class MissingExtra(DilemmasError):
    """An optional library is needed and not installed."""


class ResultsError(DilemmasError):
    """A results folder that belongs to another experiment, or that is damaged."""


class RunFailed(DilemmasError):
    """A run failed for a reason that lies in the run, not in the command."""

    exit_code = 1


class Stopped(DilemmasError):
    """The work was stopped cleanly and the same command goes on with it."""

    exit_code = 3


class CapReached(Stopped):
    """A cap leaves no room for the next call; ``cap`` says which: cost, calls or tokens."""

    def __init__(self, found: str, *, where: str = "", expected: str = "", remedy: str = "", cap: str = "") -> None:
        self.cap = cap
        super().__init__(found, where=where, expected=expected, remedy=remedy)

    @property
    def parts(self) -> dict[str, Any]:
        """All but what was found, by the names under which it was given."""
        return super().parts | {"cap": self.cap}


def nearest(name: str, names: Iterable[str]) -> str:
    """The remedy for a misspelt name: the closest of the other ``names``, or nothing when none is close."""
    lowered: dict[str, str] = {}
    for known in names:
        if known == name:
            continue  # it is there, and is not what was wanted: a file where a folder is
        lowered.setdefault(known.lower(), known)  # what stands first is the plain name, aliases come after it
    close = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.65)
    return f"Did you mean {lowered[close[0]]!r}?" if close else ""


def many(count: float, noun: str, plural: str = "", text: str = "") -> str:
    """A count with its noun, in the plural where it is not one: ``1 call``, ``1,440 calls``; shown as ``text`` says."""
    return f"{text or f'{count:,}'} {noun if count == 1 else plural or f'{noun}s'}"


def pasted(*words: object) -> str:
    """Words as a line to paste: those that a shell would take apart in double quotes, which every system knows."""
    return " ".join(word if _PLAIN.fullmatch(word) else _quoted(word) for word in map(str, words))


_PLAIN = re.compile(r"[\w@%+=:,./-]+" if os.sep == "/" else r"[\w@+=:,./\\~-]+")


def _quoted(word: str) -> str:
    """In double quotes; in single ones where a POSIX shell would find something to replace between double ones."""
    return shlex.quote(word) if os.sep == "/" and any(char in word for char in '"$`\\!') else f'"{word}"'


def missing(feature: str, extra: str) -> MissingExtra:
    """The error for an optional library: what needs it, and the line that installs it."""
    return MissingExtra(
        f"{feature} needs an optional library", remedy=f"Install it with: pip install 'dilemmas[{extra}]'"
    )
