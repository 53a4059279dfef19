"""Small pieces of Markdown: tables, docstrings as paragraphs, and the values that a schema allows in words."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from typing import Any

from docs.words import LEADS

HEAD = "<!-- Made by `python -m docs.generate` from the code; do not edit. -->\n"
NONE = "–"
TYPES = {"boolean": "`true`, `false`", "string": "text", "null": "`null`", "object": "keys and values"}


def page(title: str, *parts: str) -> str:
    """A page: its title, what it is about, and its parts."""
    return "\n\n".join([f"{HEAD}# {title}", prose(LEADS[title]), *(part.strip("\n") for part in parts)]) + "\n"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; empty cells get a dash, bars in cells are escaped."""
    lines = [head, ["---"] * len(head), *([cell(part) for part in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def cell(text: str) -> str:
    """Text as it can stand in a table."""
    return " ".join(text.split()).replace("|", "\\|") or NONE


def code(value: Any) -> str:
    """A value as code, as it would be written in a file."""
    return f"`{written(value)}`"


def written(value: Any) -> str:
    """A value as YAML says it on one line."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {written(part)}" for key, part in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(written, value)) + "]"
    return str(value) or '""'


def paragraphs(thing: Any) -> str:
    """A docstring as Markdown, with the marks of cross-references taken off."""
    return prose(inspect.getdoc(thing) or "")


def prose(text: str) -> str:
    """Text of a docstring: paragraphs on one line each, names as code."""
    plain = re.sub(r":(?:class|func|data|meth):`~?([^`]+)`", r"`\1`", text).replace("``", "`")
    return "\n\n".join(" ".join(part.split()) for part in plain.split("\n\n"))


def values(schema: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    """What a key may be, in words, from its JSON schema; ``known`` holds the schemas that others refer to."""
    if "$ref" in schema:
        return values(known[schema["$ref"].rpartition("/")[2]], known)
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(values(part, known) for part in schema["anyOf"]))
    if "const" in schema:
        return code(schema["const"])
    if "enum" in schema:
        return ", ".join(map(code, schema["enum"]))
    kind = schema.get("type", "anything")
    if kind in ("integer", "number"):
        return f"{'whole number' if kind == 'integer' else 'number'}{_range(schema)}"
    if kind == "array":
        return f"list of {values(schema['items'], known)}" if "items" in schema else "list"
    if "properties" in schema:
        return "keys " + ", ".join(map(code, schema["properties"]))
    return TYPES.get(kind, kind)


def _range(schema: Mapping[str, Any]) -> str:
    """Bounds, under the names of either version of the schema."""

    def bound(*keys: str) -> float | None:
        return next((schema[key] for key in keys if key in schema), None)

    low, above, high = bound("ge", "minimum"), bound("gt", "exclusiveMinimum"), bound("le", "maximum")
    if low is not None and high is not None:
        return f" from {low:g} to {high:g}"
    if above is not None:
        return f" above {above:g}" + (f", up to {high:g}" if high is not None else "")
    return f" ≥ {low:g}" if low is not None else ""


def _plain(field: Any) -> Any:
    default = field.get_default(call_default_factory=True)
    if isinstance(default, list):
        return [part.model_dump(exclude_defaults=True) if hasattr(part, "model_dump") else part for part in default]
    return default.model_dump() if hasattr(default, "model_dump") else default


def parameters(model: Any, skip: Sequence[str] = (), shown: Mapping[str, Any] | None = None) -> str:
    """The parameters of a model as a table: name, values, default, meaning (where they have one)."""
    schema = model.model_json_schema()
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    rows = []
    for name, part in schema["properties"].items():
        if name not in skip:
            default = "required" if fields[name].is_required() else code(_plain(fields[name]))
            meaning = part.get("description", "") if "$ref" not in part else ""
            rows.append([code(name), values(part, schema.get("$defs", {})), default, (shown or {}).get(name, meaning)])
    if not any(row[3] for row in rows):
        return table(["parameter", "values", "default"], [row[:3] for row in rows]) if rows else ""
    return table(["parameter", "values", "default", "meaning"], rows)
