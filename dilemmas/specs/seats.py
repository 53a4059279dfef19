"""Seats as typed on a command line: ``STRATEGY[:KEY=VALUE]...[@MODEL][=COUNT]``; and the strategy that each means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from dilemmas.errors import SpecError, UsageError, many
from dilemmas.rules.params import number
from dilemmas.specs import catalogue, notation, reading
from dilemmas.specs.strategies import StrategyFile, build, titled
from dilemmas.strategies.strategy import Strategy

HUMAN = "human"
_COUNT = re.compile(r"=(\d+)$")
_FILE = re.compile(r"^(.*?\.ya?ml)(?=:|@|=|$)")
# After a script comes its function, also where a count follows: mine.py:decide=3. A parameter is never alone there.
_SCRIPT = re.compile(r"^(.*?\.py)(?::(?![A-Za-z_]\w*=(?!\d+$))([A-Za-z_]\w*))?(?=:|@|=|$)")


@dataclass(frozen=True)
class Seat:
    """A reference to a strategy with parameters, a model for it, and how many seats it takes."""

    strategy: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    model: str = ""
    count: int = 1

    @property
    def title(self) -> str:
        """What tables call it: without folders, so that a moved file keeps its name."""
        if self.strategy.startswith("axelrod/"):
            return titled(self.strategy, self.parameters)
        base = Path(self.strategy).name
        return titled(base.removesuffix(".yaml").removesuffix(".yml"), self.parameters)

    @property
    def entry(self) -> dict[str, Any]:
        """The same as an entry of an experiment's population."""
        return {
            "strategy": self.strategy,
            "parameters": dict(self.parameters),
            "model": self.model or None,
            "count": self.count,
        }


def parse(text: str) -> Seat:
    """Read a seat; raises UsageError for what has no meaning."""
    front, at, model = text.partition("@")
    count = 1
    target = model if at else front
    if (match := _COUNT.search(target)) and (at or _counts(front)):
        count, target = int(match.group(1)), target[: match.start()]
    front, model = (front, target) if at else (target, "")
    name, parts = _split(front)
    if not name or (at and not model):
        raise UsageError(f"{text!r} is no seat", expected="STRATEGY[:KEY=VALUE]...[@MODEL][=COUNT]")
    if count < 1:
        raise UsageError(f"{text!r} asks for {many(count, 'seat')}", expected="a count of 1 or more")
    return Seat(name, dict(_pair(part, text) for part in parts), model, count)


def _counts(front: str) -> bool:
    """Whether a final ``=INTEGER`` is a count: after a bare name or a complete KEY=VALUE, not inside one."""
    name, parts = _split(front)
    return "=" in name if not parts else parts[-1].count("=") > 1


def _split(front: str) -> tuple[str, list[str]]:
    if match := _SCRIPT.match(front) or _FILE.match(front):
        name = match.group(0)
        rest = front[match.end() :]
        return (name + rest, []) if rest.startswith("=") else (name, [part for part in rest.split(":") if part])
    name, *parts = front.split(":")
    return name, parts


def _pair(part: str, text: str) -> tuple[str, Any]:
    key, equals, value = part.partition("=")
    if not equals or not key:
        raise UsageError(f"{part!r} in {text!r} is no parameter", expected="KEY=VALUE")
    return key, value_of(value)


def value_of(text: str) -> Any:
    """A value as typed: a number (also 1/3, 1e-3), true, false, null, a list, a mapping, or text."""
    try:
        read = notation.value(text)
    except (yaml.YAMLError, ValueError):
        return text
    if isinstance(read, str):
        as_number = number(read)
        return read if isinstance(as_number, str) or read.endswith("%") else as_number
    return read


def strategy(
    seat: Seat | str, beside: Path | None = None, *, family: str | None = None, python: bool = True
) -> Strategy:
    """The strategy that a seat names, in a family of games if known; raises UnknownName, FileError, SpecError."""
    seat = parse(seat) if isinstance(seat, str) else seat
    if seat.strategy.startswith("axelrod/"):
        from dilemmas.strategies.axelrod_adapter import axelrod

        return axelrod(seat.strategy.removeprefix("axelrod/"), seat.parameters)
    if ".py" in seat.strategy:
        return _python(seat, beside, python)
    path = catalogue.find("strategies", seat.strategy, beside, family)
    file = reading.check(StrategyFile, reading.load(path), path, "a strategy")
    if file.python is not None and not python:
        raise refused(str(path))
    return build(file, seat.parameters, str(path), path.parent)


def _python(seat: Seat, beside: Path | None, allowed: bool) -> Strategy:
    from dilemmas.strategies.scripted import scripted

    if not allowed:
        raise refused(seat.strategy)
    return scripted(seat.strategy, beside, name=seat.title, parameters=seat.parameters)


def refused(what: str) -> SpecError:
    """The error for Python in a folder of strangers' files."""
    return SpecError("holds Python, which runs with your rights", where=what, remedy="Add --python if you trust it.")


def read_file(name: str, beside: Path | None = None, family: str | None = None) -> tuple[StrategyFile, Path]:
    """The checked file behind a strategy's name, for showing it."""
    path = catalogue.find("strategies", name, beside, family)
    return reading.check(StrategyFile, reading.load(path), path, "a strategy"), path
