"""YAML as people mean it: the values of YAML 1.2, made by safe constructors only.

``true`` and ``false`` alone are truth; ``yes``, ``no``, ``on`` and ``off``, dates and times of day stay texts, and a
number that starts with 0 is decimal (YAML 1.2.2, core schema).
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

import yaml

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same safe constructors over a parser ten times faster
_INTEGER = re.compile(r"[-+]?(?:0x[0-9a-fA-F]+|[0-9][0-9_]*)\Z")
_FLOAT = re.compile(
    r"(?:[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z"
)
_KINDS = (
    ("bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"), "tTfF"),
    ("int", _INTEGER, "-+0123456789"),
    ("float", _FLOAT, "-+.0123456789"),
    ("null", re.compile(r"(?:~|null|Null|NULL|)\Z"), ["~", "n", "N", ""]),
    ("merge", re.compile(r"<<\Z"), "<"),
)


class Loader(_Base):  # type: ignore[misc]  # which of the two it is, is known only here
    """The safe loader, with keys that stand twice refused."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}  # none of those of YAML 1.1


class _Dumper(yaml.SafeDumper):
    """Quotes texts that YAML 1.1 or 1.2 would take for something else, so that every reader finds them again."""


for _kind, _pattern, _first in _KINDS:
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", _pattern, list(_first))
    _Dumper.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", _pattern, list(_first))


def _mapping(loader: Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key, _ in node.value:
        name = loader.construct_object(key, deep=True)
        if isinstance(name, (dict, list)):
            raise yaml.constructor.ConstructorError(None, None, "a key must be a plain word", key.start_mark)
        if name in seen:
            raise yaml.constructor.ConstructorError(None, None, f"the key {name!r} stands here twice", key.start_mark)
        seen.add(name)
    made: dict[Any, Any] = loader.construct_mapping(node, deep=True)
    return made


def _whole(loader: Loader, node: yaml.ScalarNode) -> int:
    digits = str(loader.construct_scalar(node)).replace("_", "")
    return int(digits, 16 if "x" in digits else 10)


Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
Loader.add_constructor("tag:yaml.org,2002:int", _whole)


def value(text: str) -> Any:
    """What a text means that holds no more than a person types; raises yaml.YAMLError, ValueError."""
    return yaml.load(text, Loader=Loader)  # safe constructors


def dumped(data: Any, width: int = 80) -> str:
    """Data as the text of a file, in the order of its keys."""
    return str(yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=width))


def plain(text: str) -> str:
    """A text as it is written behind a key: in quotes where without them it would be something else."""
    return dumped([text], width=len(text) * 12 + 80).removeprefix("- ").rstrip("\n")
