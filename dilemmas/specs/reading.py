"""Reading the YAML that people write: safely, every complaint told with file, line, key and nearest name."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from dilemmas.errors import FileError, SpecError, UnknownKey, nearest
from dilemmas.rules.params import expected
from dilemmas.specs import notation

MAX_BYTES = 5_000_000
MAX_DEPTH = 50
MAX_NODES = 200_000  # after aliases are expanded: a larger file is a bomb or a mistake

Model = TypeVar("Model", bound=BaseModel)
_KINDS = {type(None): "nothing", list: "a list", str: "a text"}


def text(path: Path) -> str:
    """The text of a file; raises FileError where it cannot be read."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise FileError(f"holds {path.stat().st_size:,} bytes", where=str(path), expected=f"at most {MAX_BYTES:,}")
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise FileError("there is no such file", where=str(path), remedy=_neighbour(path)) from None
    except IsADirectoryError:
        raise FileError("is a folder, not a file", where=str(path)) from None
    except UnicodeDecodeError as error:
        raise FileError(f"is not UTF-8 text ({error.reason} at byte {error.start})", where=str(path)) from None
    except OSError as error:
        raise FileError(f"cannot be read: {error.strerror or error}", where=str(path)) from None


def _neighbour(path: Path) -> str:
    folder = path.parent
    return nearest(path.name, [other.name for other in folder.iterdir()]) if folder.is_dir() else ""


def load(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file, read with safe constructors only."""
    return copy.deepcopy(_kept(path, text(path)))


@lru_cache(maxsize=512)
def _kept(path: Path, content: str) -> dict[str, Any]:
    """What a file's text means; a sweep of a thousand cells names the same files a thousand times."""
    try:
        data = _parsed(path, content)
    except yaml.YAMLError as error:
        raise FileError(f"is not valid YAML: {_problem(error)}", where=_place(path, error)) from None
    except (RecursionError, ValueError) as error:
        what = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise FileError(f"is not valid YAML: {what}", where=str(path)) from None
    if not isinstance(data, dict):
        raise FileError(f"holds {_KINDS.get(type(data), 'one value')}", where=str(path), expected="keys and values")
    return {str(key): value for key, value in data.items()}


def _parsed(path: Path, content: str) -> Any:
    _depth(path, content)
    loader = notation.Loader(content)
    try:
        node = loader.get_single_node()
        if node is not None and _size(node, {}) > MAX_NODES:
            remedy = "Its aliases multiply; write the values out."
            raise FileError(f"expands to more than {MAX_NODES:,} values", where=str(path), remedy=remedy)
        return None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()


def _depth(path: Path, content: str) -> None:
    """Refuse what is nested so deeply that a recursive reader would run out of stack."""
    depth = 0
    for event in yaml.parse(content, Loader=notation.Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise FileError(
                "is nested too deeply",
                where=f"{path}:{event.start_mark.line + 1}" if event.start_mark else str(path),
                expected=f"at most {MAX_DEPTH} levels",
            )


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """Number of values once aliases are expanded; a node that holds itself counts as too large."""
    if id(node) in known:
        return known[id(node)]
    known[id(node)] = MAX_NODES + 1  # while it is open: only a cycle sees this
    size = 1
    for child in _children(node):
        size += _size(child, known)
        if size > MAX_NODES:
            return MAX_NODES + 1
    known[id(node)] = size
    return size


def _children(node: yaml.Node) -> Iterable[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else []


def _problem(error: yaml.YAMLError) -> str:
    return getattr(error, "problem", None) or str(error).splitlines()[0]


def _place(path: Path, error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"{path}:{mark.line + 1}" if mark else str(path)


def check(model: type[Model], data: Mapping[str, Any], path: Path | None, what: str) -> Model:
    """The model made from data; raises SpecError that names file, line and key of the first thing that is wrong."""
    try:
        return model.model_validate(dict(data))
    except ValidationError as error:
        raise retold(error, path, what, keys_of(model)) from None


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys that a file for this model may hold."""
    return [field.alias or name for name, field in model.model_fields.items()]


def retold(
    error: ValidationError, path: Path | None, what: str, keys: Sequence[str], prefix: Sequence[str] = ()
) -> SpecError:
    """A pydantic error as one of ours: the first complaint, with its place and the nearest right name."""
    complaints = error.errors(include_url=False)
    unknown = [complaint for complaint in complaints if complaint["type"] == "extra_forbidden"]
    first = (unknown or complaints)[0]
    place = [
        *prefix,
        *(
            str(part)
            for part in first["loc"]
            if not str(part).startswith(("function-", "tuple[", "list[", "dict[", "is-instance"))
        ),
    ]
    where = located(path, place)
    more = f" ({len(complaints) - 1} more after this)" if len(complaints) > 1 else ""
    if first["type"] == "extra_forbidden":
        known = keys if len(place) == len(prefix) + 1 else []
        remedy = nearest(place[-1], known) or (f"Known keys: {', '.join(known)}." if known else "")
        return UnknownKey(f"{place[-1]!r} is no key of {what}{more}", where=where, remedy=remedy, key=place)
    if first["type"] == "missing":
        return SpecError(f"the key {place[-1]!r} is missing from {what}{more}", where=where, key=place)
    message = first["msg"].removeprefix("Value error, ")
    said = _shown(first["input"])
    if first["type"] == "value_error":
        return SpecError(f"{message}{more}", where=where, key=place)
    return SpecError(f"{said} does not fit{more}", where=where, expected=expected(first), key=place)


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def located(path: Path | None, place: Sequence[str]) -> str:
    """``file:line: key.key``, as much of it as there is."""
    dotted = ".".join(place)
    if path is None:
        return dotted
    line = _line(path, place)
    head = f"{path}:{line}" if line else str(path)
    return f"{head}: {dotted}" if dotted else head


def _line(path: Path, place: Sequence[str]) -> int | None:
    """The line of the deepest part of a key path that the file has."""
    try:
        node = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=notation.Loader)
    except (OSError, yaml.YAMLError):
        return None
    line: int | None = None
    for part in place:
        found = _child(node, part)
        if found is None:
            break
        line, node = found
    return line


def _child(node: yaml.Node | None, part: str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if str(getattr(key, "value", "")) == part:
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
        child = node.value[int(part)]
        return child.start_mark.line + 1, child
    return None


def guarded(make: Callable[[], Model | Any], path: Path | None, what: str, keys: Sequence[str]) -> Any:
    """Call ``make`` and retell what pydantic or a plain ValueError complains of."""
    try:
        return make()
    except ValidationError as error:
        raise retold(error, path, what, keys) from None
    except ValueError as error:
        raise SpecError(str(error), where=str(path) if path else what) from None
