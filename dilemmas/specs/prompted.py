"""The block ``prompted`` of a strategy file: steps, memory, sampling, persona, and the folder of its templates.

Every key may also be given as a parameter of a seat (``cot:temperature=0.2``), and so may the file's own
``parameters``, which its templates find under ``parameters``; ``options`` says which values those may have.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from dilemmas.errors import FileError, SpecError, UnknownName, nearest
from dilemmas.rules.params import Count, Number, Whole
from dilemmas.specs import reading
from dilemmas.specs.catalogue import shelf
from dilemmas.strategies.prompted import LESSONS, SPEAK, TELL, Memory, Prompted, Step

if TYPE_CHECKING:
    from dilemmas.specs.strategies import StrategyFile

SAMPLING = (
    "temperature",
    "top_p",
    "max_tokens",
    "seed",
    "frequency_penalty",
    "presence_penalty",
    "reasoning_effort",
    "top_k",
    "stop",
)
SHARED = "memory"  # the folder, beside those of the strategies, with what all of them may use
RECALL = "recall"
WINDOW = 3  # rounds told in full beside a summary or notes: a seat may not be asked in every round
Kind = Literal["choose", "predict", "think", "write", "note"]
_NAMED: Mapping[str, Kind] = {"choose": "choose", "predict": "predict", "summary": "write", "note": "note"}
_LAST = re.compile(r"last[ -]?(\d+)")


def _mapped(value: Any) -> Any:
    """A bare name of a step as a mapping."""
    return {"name": value} if isinstance(value, str) else value


def _memory(value: Any) -> Any:
    """``none``, ``full``, ``summary``, ``stream``, ``last-3`` or ``{last: 3}`` as a mapping."""
    if isinstance(value, str) and (match := _LAST.fullmatch(value.strip())):
        value = {"last": int(match.group(1))}
    if isinstance(value, str):
        return {"kind": value}
    if isinstance(value, Mapping) and "last" in value and "kind" not in value:
        rest = {key: part for key, part in value.items() if key != "last"}
        return {"kind": "last", "window": value["last"], **rest}
    return value


class StepFile(BaseModel):
    """A step: its name is that of its template; ``kind`` follows from the name where it is choose, predict, note ..."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    name: str = Field(pattern=r"^[A-Za-z][\w-]*$")
    kind: Kind | None = None
    every: Count = 1
    start: Count | None = Field(default=None, alias="from")
    reasons: bool = True
    after: Literal["talk"] | None = None

    def step(self) -> Step:
        """The step; what is written of the past starts in round 2 unless said otherwise."""
        kind = self.kind or _NAMED.get(self.name, "think")
        start = self.start or (2 if kind in ("write", "note") and self.after is None else 1)
        return Step(self.name, kind, self.every, start, self.reasons, self.after or "")


class MemoryFile(BaseModel):
    """What a seat is told of the past; ``window`` is the number of latest rounds told in full, or ``all``."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["none", "last", "full", "summary", "stream"]
    window: Annotated[Whole, Field(ge=0)] | Literal["all"] | None = None
    notes: Count = 10

    @model_validator(mode="after")
    def _fitting(self) -> MemoryFile:
        if self.kind == "last" and not isinstance(self.window, int):
            raise ValueError("a memory of the last rounds needs their number: {last: 3}")
        if self.kind in ("none", "full") and self.window is not None:
            raise ValueError(f"a memory of the kind {self.kind} has no window; last, summary and stream have one")
        if self.kind != "stream" and "notes" in self.model_fields_set:
            raise ValueError(f"a memory of the kind {self.kind} has no notes; stream has them")
        return self

    def memory(self) -> Memory:
        """The memory."""
        if self.kind in ("summary", "stream") and self.window is None:
            return Memory(self.kind, WINDOW, self.notes)
        return Memory(self.kind, self.window if isinstance(self.window, int) else None, self.notes)


class PromptedFile(BaseModel):
    """The block ``prompted`` as a file says it."""

    model_config = ConfigDict(extra="forbid")
    steps: list[Annotated[StepFile, BeforeValidator(_mapped)]] = [StepFile(name="choose")]
    memory: Annotated[MemoryFile, BeforeValidator(_memory)] = MemoryFile(kind="full")
    temperature: Annotated[Number, Field(ge=0, le=2)] | None = None
    top_p: Annotated[Number, Field(gt=0, le=1)] | None = None
    max_tokens: Count = 4000  # reasoning models need thousands, and a cap on money needs a bound
    seed: Whole | None = None
    frequency_penalty: Annotated[Number, Field(ge=-2, le=2)] | None = None
    presence_penalty: Annotated[Number, Field(ge=-2, le=2)] | None = None
    reasoning_effort: str | None = None
    top_k: Count | None = None
    stop: str | list[str] | None = None
    persona: str = ""
    after_talk: bool = True
    prompts: str | None = None
    options: dict[str, list[str | int | float | bool]] = {}

    @model_validator(mode="after")
    def _choosing(self) -> PromptedFile:
        steps = [step.step() for step in self.steps]
        names = [step.name for step in steps]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"steps: {twice!r} stands there twice")
        if reserved := {"system", RECALL, SPEAK.name, TELL.name} & set(names):
            raise ValueError(f"steps: {reserved.pop()!r} is no step, but a part of the prompt")
        if [step.kind for step in steps].count("choose") != 1 or steps[-1].kind != "choose":
            raise ValueError("steps: exactly one step chooses, and it is the last: [predict, choose]")
        if steps[-1].every > 1 or steps[-1].start > 1 or steps[-1].after:
            raise ValueError("steps: the step that chooses is asked every time")
        return self

    def sampling(self) -> dict[str, Any]:
        """What a provider is sent besides messages: only what was said, and the bound on tokens."""
        found = {key: getattr(self, key) for key in SAMPLING}
        return {key: value for key, value in found.items() if value is not None}

    def all_steps(self) -> tuple[Step, ...]:
        """The steps, with the one that writes what the memory holds put before them where they lack it.

        Without ``after_talk`` those that follow talk are left out.
        """
        steps = tuple(step.step() for step in self.steps if self.after_talk or step.after is None)
        lacking = {"summary": "summary", "stream": "note"}.get(self.memory.kind)
        if lacking is None or any(step.name == lacking or step.kind == lacking for step in steps):
            return steps
        return (StepFile(name=lacking).step(), *steps)


def build(file: StrategyFile, given: Mapping[str, Any], name: str, where: str, folder: Path | None) -> Prompted:
    """The strategy of a file with parameters of the seat filled in; it has no model yet.

    Raises SpecError for a wrong key or value, UnknownName for a parameter that is none, FileError for templates.
    """
    block, own = _checked(file, given, where)
    steps, places = block.all_steps(), _places(file, block, where, folder)
    return Prompted(
        name,
        steps,
        {part: reading.text(path) for part, path in places.items()},
        block.memory.memory(),
        block.sampling(),
        block.persona.strip(),
        source=file.source,
        parameters=own,
        places={part: str(path) for part, path in places.items()},
    )


def files(file: StrategyFile, path: Path, given: Mapping[str, Any] | None = None) -> list[Path]:
    """The template files that a strategy file at ``path`` uses, with a seat's parameters; none where it has none.

    Copied as ``prompts/<name of their folder>/<their name>`` beside the copied file, they are found again.
    """
    if file.prompted is None:
        return []
    block, _ = _checked(file, given or {}, str(path))
    return list(_places(file, block, str(path), path.parent).values())


def _checked(file: StrategyFile, given: Mapping[str, Any], where: str) -> tuple[PromptedFile, dict[str, Any]]:
    """The block with a seat's parameters over it, and the file's own parameters with theirs."""
    path, held = Path(where), dict(file.prompted or {})
    keys = [key for key in reading.keys_of(PromptedFile) if key != "options"]
    try:
        block = PromptedFile.model_validate(held)
    except ValidationError as error:
        raise reading.retold(error, path, "prompted", [*keys, "options"], ("prompted",)) from None
    _declared(file, block, keys, where)
    for key, value in given.items():
        _known(file, block, key, value, keys, where)
    try:
        over = {key: value for key, value in given.items() if key not in file.parameters}
        block = PromptedFile.model_validate(held | over)
    except ValidationError as error:
        told = reading.retold(error, None, "prompted", keys)
        raise told.within(f"parameter of {file.strategy}") from None
    own = file.parameters | {key: value for key, value in given.items() if key in file.parameters}
    return block, own


def _known(file: StrategyFile, block: PromptedFile, key: str, value: Any, keys: Sequence[str], where: str) -> None:
    """Raises UnknownName for a parameter that is none, SpecError for one of the file's own with a wrong value."""
    if key not in file.parameters and key not in keys:
        known = [*file.parameters, *keys]
        raise UnknownName(
            f"{file.strategy} has no parameter {key!r}",
            where=where,
            expected=", ".join(known),
            remedy=nearest(key, known),
        )
    if key in file.parameters and not _fits(value, file.parameters[key], block.options.get(key)):
        allowed = block.options.get(key)
        expected = ", ".join(map(str, allowed)) if allowed else f"such as {file.parameters[key]!r}"
        raise SpecError(f"{value!r} does not fit", where=f"parameter of {file.strategy}: {key}", expected=expected)


def _fits(value: Any, default: Any, allowed: Sequence[Any] | None) -> bool:
    """Whether a value is of the kind of the default, and one of those that are allowed where that is said."""
    numbers = all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in (value, default))
    return (numbers or type(value) is type(default)) and (allowed is None or value in allowed)


def _declared(file: StrategyFile, block: PromptedFile, keys: Sequence[str], where: str) -> None:
    """Raises SpecError for parameters of a file that mean something else already, and for options of none."""
    for key in file.parameters:
        if key in keys:
            raise SpecError(
                f"{key!r} is a key of prompted", where=f"{where}: parameters.{key}", expected="another name"
            )
    for key, allowed in block.options.items():
        place = f"{where}: prompted.options.{key}"
        if key not in file.parameters:
            raise SpecError(f"no parameter is called {key!r}", where=place, remedy=nearest(key, file.parameters))
        if file.parameters[key] not in allowed:
            raise SpecError(f"the default {file.parameters[key]!r} is not among them", where=place)


def _places(file: StrategyFile, block: PromptedFile, where: str, folder: Path | None) -> dict[str, Path]:
    """The file of every template: in the strategy's own folder, else in the shared one beside it or on the shelf."""
    own = _folder(block.prompts or f"./prompts/{file.strategy}", where, folder or Path())
    shared = [own.parent / SHARED, shelf("strategies") / "prompts" / SHARED]
    written = {step.name for step in block.all_steps() if step.kind in ("write", "note")}
    found: dict[str, Path] = {}
    shared_parts = (RECALL, SPEAK.name, TELL.name, *LESSONS)
    for part in ("system", *shared_parts, *(step.name for step in block.all_steps())):
        folders = [own, *shared] if part in shared_parts or part in written else [own]
        path = next((inside / f"{part}.md" for inside in folders if (inside / f"{part}.md").is_file()), None)
        if path is None:
            raise _missing(own, part, where)
        found[part] = path
    return found


def _folder(prompts: str, where: str, folder: Path) -> Path:
    """Where a strategy's templates stand: as the file says, or beside it in ``prompts`` where both were copied."""
    places = [folder / prompts, folder / "prompts" / Path(prompts.replace("\\", "/")).name]
    for place in places:
        if place.is_dir():
            return place
    raise FileError(
        f"there is no folder {places[0]} with the strategy's prompts",
        where=f"{where}: prompted.prompts",
        expected="a folder with system.md and a file for every step",
        remedy=nearest(places[0].name, [path.name for path in _beside(places[0].parent) if path.is_dir()]),
    )


def _beside(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _missing(folder: Path, part: str, where: str) -> FileError:
    there = [path.name for path in _beside(folder) if path.suffix == ".md"]
    return FileError(
        f"the prompt {part}.md is missing; there is {', '.join(there) or 'no file ending in .md'}",
        where=str(folder),
        expected=f"system.md and a file for every step of {where}",
        remedy=nearest(f"{part}.md", there),
    )
