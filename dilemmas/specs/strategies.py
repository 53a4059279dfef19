"""Strategy files: YAML checked with pydantic and turned into strategies.

A file has ``strategy`` (its name), ``about``, ``for`` (a family, or ``any``), ``aka``, ``source``, optional
``parameters`` with defaults, and exactly one of ``memory-one``, ``machine`` (with ``start``), ``rule``, ``make``,
``python`` or ``prompted``. In tables, a value may be a number, a fraction, the name of a parameter, or ``1 - name``.
``says`` is the line of a script in games with talk, ``gossip`` what a script tells of donors where there is gossip;
that is also a parameter of every script for the donor game.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from dilemmas.errors import SpecError, UnknownName, nearest
from dilemmas.rules.params import Mixed, number
from dilemmas.specs import prompted
from dilemmas.strategies.machine import Machine, State, memory_one
from dilemmas.strategies.rule import Rule
from dilemmas.strategies.strategy import Says, Strategy
from dilemmas.strategies.tellers import RULES

Family = Literal["matrix", "donor", "commons", "public-goods", "any"]
FORMS = ("memory-one", "machine", "rule", "make", "python", "prompted")
PAIRS = ("CC", "CD", "DC", "DD")


class StateFile(BaseModel):
    """A state of a machine: ``play`` an action, a chance of C, or chances by action; ``then`` a state or a mapping."""

    model_config = ConfigDict(extra="forbid")
    play: Annotated[str | int | float | dict[str, Any], Mixed]
    then: str | dict[str, str]


class SaysFile(BaseModel):
    """A line for games with talk, and what is pledged with it."""

    model_config = ConfigDict(extra="forbid")
    text: str
    pledge: Annotated[str | float | None, Mixed] = None


class StrategyFile(BaseModel):
    """A strategy as a file says it."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    strategy: str
    about: str = ""
    family: Family = Field(default="any", alias="for")
    aka: list[str] = Field(default_factory=list)
    source: str = ""
    parameters: dict[str, Any] = Field(default_factory=dict)
    memory_one: dict[str, Any] | None = Field(default=None, alias="memory-one")
    start: str | None = None
    machine: dict[str, StateFile] | None = None
    rule: str | None = None
    make: str | None = None
    python: str | None = None
    prompted: dict[str, Any] | None = None
    says: str | SaysFile | None = None
    gossip: Literal["honest", "silent", "kind", "harsh", "liar"] | None = None

    @model_validator(mode="after")
    def _one_form(self) -> StrategyFile:
        given = [form for form in FORMS if getattr(self, form.replace("-", "_")) is not None]
        if len(given) != 1:
            raise ValueError(
                f"a strategy needs exactly one of {', '.join(FORMS)}; this has {', '.join(given) or 'none'}"
            )
        if self.says is not None and self.prompted is not None:
            raise ValueError("says: a model has words of its own; this is for scripts")
        if self.gossip is not None and not self.tells:
            raise ValueError("gossip: what a script tells of donors; this is no script for the donor game")
        if self.memory_one is not None:
            _complete(self.memory_one)
        if self.machine is not None:
            _closed(self.machine, self.start)
        return self

    @property
    def tells(self) -> bool:
        """Whether it is a script that can sit in a donor game, where it may be asked for gossip."""
        return self.family in ("donor", "any") and (self.rule is not None or self.python is not None)


def _complete(table: Mapping[str, Any]) -> None:
    wanted = {"first", *PAIRS}
    if set(table) != wanted:
        wrong = sorted(set(table) ^ wanted)
        raise ValueError(
            f"memory-one needs first, CC, CD, DC and DD; "
            f"{wrong[0]!r} is {'not one of them' if wrong[0] in table else 'missing'}"
        )


def _closed(states: Mapping[str, StateFile], start: str | None) -> None:
    if start is not None and start not in states:
        raise ValueError(f"start: {start!r} is no state; states are {', '.join(states)}")
    for name, state in states.items():
        for target in [state.then] if isinstance(state.then, str) else state.then.values():
            if target not in states:
                raise ValueError(f"machine.{name}.then: {target!r} is no state; states are {', '.join(states)}")


def build(file: StrategyFile, given: Mapping[str, Any], where: str, folder: Path | None) -> Strategy:
    """The strategy of a file with parameters filled in; ``folder`` is where relative paths start."""
    name = titled(file.strategy, given)
    try:
        tells, rest = _telling(file, given, where)
        made: Any = _build(file, rest, name, where, folder)
        made = made if tells is None else replace(made, gossip=tells)
        return made if file.says is None else replace(made, says=_line(file.says))  # type: ignore[no-any-return]  # a script
    except ValueError as error:
        raise SpecError(str(error), where=where) from error


def _telling(file: StrategyFile, given: Mapping[str, Any], where: str) -> tuple[str | None, Mapping[str, Any]]:
    """The rule by which a script tells of donors, None for the usual one; and its other parameters."""
    if "gossip" not in given or "gossip" in file.parameters or not file.tells:
        return file.gossip, given
    rule = given["gossip"]
    if rule not in RULES:
        raise SpecError(f"gossip is {rule!r}", where=where, expected=", ".join(RULES), remedy=nearest(str(rule), RULES))
    return str(rule), {key: value for key, value in given.items() if key != "gossip"}


def _build(file: StrategyFile, given: Mapping[str, Any], name: str, where: str, folder: Path | None) -> Strategy:
    if file.rule is not None:
        from dilemmas.strategies import laws  # noqa: F401  # importing it declares every law

        return Rule.of(name, file.rule, {**file.parameters, **given}, file.source)
    known = {**file.parameters, **given}
    strange = next((key for key in given if key not in file.parameters), None)
    if strange is not None and file.make is None and file.python is None and file.prompted is None:
        expected = ", ".join(file.parameters) or "no parameters"
        raise UnknownName(
            f"{file.strategy} has no parameter {strange!r}",
            where=where,
            expected=expected,
            remedy=nearest(strange, file.parameters),
        )
    if file.memory_one is not None:
        table = {pair: chance(file.memory_one[pair], known, pair) for pair in PAIRS}
        return memory_one(name, chance(file.memory_one["first"], known, "first"), table, file.source, known)
    if file.machine is not None:
        states = {key: _state(state, known, key) for key, state in file.machine.items()}
        return Machine(name, file.start or next(iter(states)), states, file.source, known)
    if file.make is not None:
        from dilemmas.strategies.makers import make  # here, so that plain tables need none of it

        return make(file.make, name, known, file.source)
    if file.python is not None:
        from dilemmas.strategies.scripted import scripted

        return scripted(file.python, folder, name=name, parameters=known, source=file.source)
    return prompted.build(file, given, name, where, folder)


def _line(says: str | SaysFile) -> Says:
    return Says(says) if isinstance(says, str) else Says(says.text, says.pledge)


def titled(name: str, given: Mapping[str, Any]) -> str:
    """The name that tables show: with the parameters that were given, as on the command line."""
    return name + "".join(f":{key}={_short(value)}" for key, value in given.items())


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def chance(value: Any, known: Mapping[str, Any], key: str) -> float:
    """A probability from a number, a fraction, a parameter's name, or ``1 - name``."""
    if isinstance(value, str):
        flat = value.replace(" ", "")
        if flat in known:
            value = known[flat]
        elif flat.startswith("1-") and flat[2:] in known:
            value = 1 - float(number(known[flat[2:]]))
    read = number(value)
    if isinstance(read, bool) or not isinstance(read, (int, float)) or not 0 <= read <= 1:
        raise ValueError(
            f"{key}: {value!r} is no probability (0 to 1, 1/3, or a parameter: {', '.join(known) or 'none here'})"
        )
    return float(read)


def _state(state: StateFile, known: Mapping[str, Any], key: str) -> State:
    then = {"*": state.then} if isinstance(state.then, str) else state.then
    return State(_play(state.play, known, key), then)


def _play(play: Any, known: Mapping[str, Any], key: str) -> dict[str, float]:
    if isinstance(play, dict):
        chances = {str(name): chance(value, known, f"machine.{key}.play.{name}") for name, value in play.items()}
        if abs(sum(chances.values()) - 1) > 1e-9:
            raise ValueError(f"machine.{key}.play: chances sum to {sum(chances.values()):g}, not 1")
        return chances
    if isinstance(play, str) and play.replace(" ", "") not in known and not _numeric(play):
        return {play: 1.0}
    if isinstance(play, int) and play > 1:
        return {str(play): 1.0}
    cooperate = chance(play, known, f"machine.{key}.play")
    return {"C": cooperate, "D": 1 - cooperate}


def _numeric(text: str) -> bool:
    return not isinstance(number(text), str) or text.replace(" ", "").startswith("1-")
