"""Templates: Jinja in a sandbox, strict about names, over plain data only.

A template comes from a game's or a strategy's file, which may be a stranger's. It sees numbers, texts, lists and
mappings, never an object of the program; the sandbox refuses attributes that lead to Python, and a name that is not
there is an error that says which names are.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from traceback import extract_tb
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, UndefinedError, meta, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from dilemmas.errors import SpecError, nearest

LONGEST = 200_000  # characters of one rendered text
_WIDE = ("batch", "center", "format", "indent", "slice", "tojson", "wordwrap", "xmlattr")
"""Filters that make as much of a little as they are told to."""
KEPT, SHORT = 2048, 10_000  # texts that are kept to be used again, and characters of the data of one


class _Sandbox(ImmutableSandboxedEnvironment):
    """No arithmetic that makes huge values: a template has no use for it."""

    intercepted_binops = frozenset(("**", "*", "%"))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        numbers = isinstance(left, (int, float)) and isinstance(right, (int, float))
        if not numbers or operator == "**" or abs(left) > 1e12 or abs(right) > 1e12:
            raise SecurityError(f"{operator} is for two plain numbers of ordinary size")
        return super().call_binop(context, operator, left, right)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Texts, numbers and lists have no methods here: what templates need of them are filters."""
        plain = isinstance(obj, (str, int, float, list, tuple))
        return not plain and super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> None:
        """Nor the one method that Jinja hands out before it asks whether it is safe: a width is written in a moment."""


def shown(value: Any) -> str:
    """A number as players read it: whole without a point, else with up to three digits after it, below 0.1 six."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    text = f"{value:.{3 if abs(value) >= 0.1 else 6}f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def listed(values: Any, last: str = "and") -> str:
    """Values in a sentence: ``1, 2 and 3``."""
    words = [shown(value) for value in values]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else "nothing"


def counted(number: Any, noun: str, plural: str = "") -> str:
    """A number with its noun, in the plural where it is not one: ``1 unit``, ``2.5 units``."""
    several = plural or f"{noun}s"
    return f"{shown(number)} {noun if number == 1 else several}"


def replaced(text: Any, old: Any, new: Any) -> str:
    """Jinja's filter of that name, for texts of ordinary length."""
    there, before, after = str(text), str(old), str(new)
    _ordinary(len(there) + (len(there) + 1) * len(after))
    return there.replace(before, after)


def joined(values: Any, between: str = "", part: str | None = None) -> str:
    """Jinja's filter of that name, for texts of ordinary length."""
    words = [str(value if part is None else value[part]) for value in values]
    _ordinary(sum(map(len, words)) + len(words) * len(between))
    return between.join(words)


def _ordinary(size: int) -> None:
    if size > 50 * LONGEST:
        raise SecurityError(f"a text of up to {size:,} characters")


@lru_cache(1)
def _environment() -> _Sandbox:
    made = _Sandbox(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=False)
    made.finalize = lambda value: shown(value) if isinstance(value, (int, float)) else value
    made.filters |= {"shown": shown, "listed": listed}
    made.filters |= {"replace": replaced, "join": joined}
    for name in ("random", *_WIDE):  # a text follows from its data, or a run could not be resumed
        del made.filters[name]
    made.globals = {"counted": counted}
    return made


@lru_cache(1024)
def _compiled(template: str) -> Template:
    return _environment().from_string(template)


def render(template: str, data: Mapping[str, Any], where: str) -> str:
    """A template with plain data filled in; ``where`` names it in the SpecError that is raised where it is wrong."""
    try:
        text = _compiled(template).render(data)
    except TemplateSyntaxError as error:
        raise SpecError(f"line {error.lineno}: {error.message}", where=where, expected="a Jinja template") from None
    except UndefinedError as error:
        raise _unknown(error, template, data, where) from None
    except SecurityError as error:
        raise SpecError(f"the template asks for what it may not have: {error}", where=where) from None
    except (TemplateError, TypeError, ValueError, ArithmeticError, MemoryError, RecursionError) as error:
        raise SpecError(f"the template cannot be filled in: {error}", where=where) from None
    if len(text) > LONGEST:
        raise SpecError(f"the template makes {len(text):,} characters", where=where, expected=f"at most {LONGEST:,}")
    return _tidy(text)


_MADE: OrderedDict[tuple[Any, ...], str] = OrderedDict()


def again(template: str, data: Mapping[str, Any], where: str) -> str:
    """As :func:`render`, for texts that most asks have in common: the same template and data are filled in once.

    Of the data only what the template uses counts; it must be plain, so that its ``repr`` tells it apart.
    """
    names, parts = _used(template)
    used = [data.get(name, _NONE) for name in names]
    used += [_part(data.get(name, _NONE), part) for name, part in parts]
    # A text stands for itself: it is compared by the hash that it keeps.
    key = (template, *(part if type(part) is str else (repr(part),) for part in used))
    if sum(len(part[0]) if type(part) is tuple else len(part) for part in key[1:]) > SHORT:
        return render(template, data, where)
    text = _MADE.pop(key, None)
    if text is None:
        text = render(template, data, where)
    _MADE[key] = text
    if len(_MADE) > KEPT:
        _MADE.popitem(last=False)
    return text


_NONE = object()  # where a name is not there, which is not the same as None


@lru_cache(1024)
def _used(template: str) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The names that a template looks up as a whole, and those of which it takes parts alone, as in ``game.rules``;
    none for a template that is wrong.
    """
    tree, free = _read(template)
    parts = [(node.node, node.attr) for node in tree.find_all(nodes.Getattr) if isinstance(node.node, nodes.Name)]
    inside = {id(node) for node, _ in parts}
    whole = {node.name for node in tree.find_all(nodes.Name) if id(node) not in inside}
    taken = {(node.name, part) for node, part in parts if node.name in free - whole}
    return tuple(sorted(whole & free)), tuple(sorted(taken))


def _part(value: Any, part: str) -> Any:
    """What a template gets as a part of a value, where that is an entry of a mapping; else the value."""
    entry = isinstance(value, Mapping) and part in value and not hasattr(value, part)
    return value[part] if entry else value


def names(template: str) -> frozenset[str]:
    """Names that a template uses anywhere, also in branches not taken; not those it asks first whether they exist.

    A template that is wrong has none: :func:`render` tells what is wrong with it.
    """
    tree, free = _read(template)
    asked = {test.node.name for test in tree.find_all(nodes.Test) if isinstance(test.node, nodes.Name)}
    return free - asked - set(_environment().globals)


def line(template: str, name: str) -> int:
    """The first line in which a template uses a name, from 1; 0 where it does not."""
    return min((node.lineno for node in _read(template)[0].find_all(nodes.Name) if node.name == name), default=0)


def _read(template: str) -> tuple[nodes.Template, frozenset[str]]:
    """A template's tree and the names that it looks up; both are empty where it is wrong."""
    try:
        tree = _environment().parse(template)
        return tree, frozenset(meta.find_undeclared_variables(tree))
    except TemplateSyntaxError:
        return nodes.Template([]), frozenset()


def _tidy(text: str) -> str:
    """Without blanks at line ends, and with at most one empty line in a row."""
    lines: list[str] = []
    for line in (line.rstrip() for line in text.strip().splitlines()):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines)


def _unknown(error: UndefinedError, template: str, data: Mapping[str, Any], where: str) -> SpecError:
    """The error for a name that is not there: as it was written, with its line and the names that are."""
    at, words = _line_of(error), str(error.message)
    name = words.rpartition(" has no attribute ")[2].partition(" is undefined")[0].strip("'")
    found = next((node for node in _lookups(template, name) if at in (0, node.lineno)), None)
    if found is None and not words.endswith("is undefined"):
        return SpecError(_at(at, f"the template cannot be filled in: {words}"), where=where)
    before = f"{_written(found.node)}." if found is not None else ""
    inside = _held(found.node, data) if found is not None else data
    there = sorted(map(str, inside)) if isinstance(inside, Mapping) else []
    said = _at(at, f"the template uses {before}{name}, which is not there")
    remedy = nearest(name, there).replace("mean '", f"mean '{before}")
    return SpecError(said, where=where, expected=", ".join(there), remedy=remedy)


def _at(number: int, words: str) -> str:
    return f"line {number}: {words}" if number else words


def _lookups(template: str, name: str) -> Iterator[nodes.Getattr | nodes.Getitem]:
    """Where a template looks a part of something up by its name: ``a.name`` and ``a["name"]``."""
    tree = _read(template)[0]
    yield from (node for node in tree.find_all(nodes.Getattr) if node.attr == name)
    yield from (node for node in tree.find_all(nodes.Getitem) if _key(node) == name)


def _key(node: nodes.Getitem) -> Any:
    return node.arg.value if isinstance(node.arg, nodes.Const) else None


def _written(node: nodes.Node) -> str:
    """A name with its parts as a template has them; what else there is becomes dots."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_written(node.node)}.{node.attr}"
    return f"{_written(node.node)}[{_key(node)!r}]" if isinstance(node, nodes.Getitem) else "..."


def _held(node: nodes.Node, data: Mapping[str, Any]) -> Any:
    """What a name with its parts stands for; None where that is not known before the template is filled in."""
    if isinstance(node, nodes.Name):
        return data.get(node.name)
    if not isinstance(node, (nodes.Getattr, nodes.Getitem)):
        return None
    inside, key = _held(node.node, data), node.attr if isinstance(node, nodes.Getattr) else _key(node)
    try:
        return None if inside is None else inside[key]
    except (KeyError, IndexError, TypeError):
        return None


def _line_of(error: Exception) -> int:
    """The line of a template in which it failed; 0 where that is not known."""
    lines = [frame.lineno for frame in extract_tb(error.__traceback__) if frame.filename == "<template>"]
    return lines[-1] or 0 if lines else 0
