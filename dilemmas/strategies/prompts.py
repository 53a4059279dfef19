"""Templates: Jinja in a sandbox, strict about names, over plain data only.

A template comes from a game's or a strategy's file, which may be a stranger's. It sees numbers, texts, lists and
mappings, never an object of the program; the sandbox refuses attributes that lead to Python, and a name that is not
there is an error that says which names are.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, UndefinedError, meta, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from dilemmas.errors import SpecError, nearest

LONGEST = 200_000  # characters of one rendered text
KEPT, SHORT = 2048, 10_000  # texts that are kept to be used again, and characters of the data of one


class _Sandbox(ImmutableSandboxedEnvironment):
    """No arithmetic that makes huge values: a template has no use for it."""

    intercepted_binops = frozenset(("**", "*", "%"))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        numbers = isinstance(left, (int, float)) and isinstance(right, (int, float))
        if not numbers or operator == "**" or abs(left) > 1e12 or abs(right) > 1e12:
            raise SecurityError(f"{operator} is for two plain numbers of ordinary size")
        return super().call_binop(context, operator, left, right)


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


@lru_cache(1)
def _environment() -> _Sandbox:
    made = _Sandbox(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=False)
    made.finalize = lambda value: shown(value) if isinstance(value, (int, float)) else value
    made.filters |= {"shown": shown, "listed": listed}
    del made.filters["random"]  # a text follows from its data, or a run could not be resumed
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
        raise _unknown(error, data, where) from None
    except SecurityError as error:
        raise SpecError(f"the template asks for what it may not have: {error}", where=where) from None
    except (TemplateError, TypeError, ValueError, ArithmeticError, MemoryError, RecursionError) as error:
        raise SpecError(f"the template cannot be filled in: {error}", where=where) from None
    if len(text) > LONGEST:
        raise SpecError(f"the template makes {len(text):,} characters", where=where, expected=f"at most {LONGEST:,}")
    return _tidy(text)


_MADE: OrderedDict[tuple[str, str], str] = OrderedDict()


def again(template: str, data: Mapping[str, Any], where: str) -> str:
    """As :func:`render`, for texts that most asks have in common: the same template and data are filled in once.

    Of the data only what the template uses counts; it must be plain, so that its ``repr`` tells it apart.
    """
    used = repr([(name, _part(data[name], part)) for name, part in _used(template) if name in data])
    if len(used) > SHORT:
        return render(template, data, where)
    text = _MADE.pop((template, used), None)
    if text is None:
        text = render(template, data, where)
    _MADE[template, used] = text
    if len(_MADE) > KEPT:
        _MADE.popitem(last=False)
    return text


@lru_cache(1024)
def _used(template: str) -> tuple[tuple[str, str], ...]:
    """Every name that a template looks up, with the part where it is parts alone, as in ``game.rules``; none for a
    template that is wrong.
    """
    tree, free = _read(template)
    parts = [(node.node, node.attr) for node in tree.find_all(nodes.Getattr) if isinstance(node.node, nodes.Name)]
    inside = {id(node) for node, _ in parts}
    whole = {node.name for node in tree.find_all(nodes.Name) if id(node) not in inside}
    found = {(node.name, part) for node, part in parts} | {(name, "") for name in whole}
    return tuple(sorted((name, part) for name, part in found if name in free))


def _part(value: Any, part: str) -> Any:
    """What a template gets as a part of a value, where that is an entry of a mapping; else the value."""
    entry = part and isinstance(value, Mapping) and part in value and not hasattr(value, part)
    return value[part] if entry else value


def names(template: str) -> frozenset[str]:
    """Names that a template uses anywhere, also in branches not taken; not those it asks first whether they exist.

    A template that is wrong has none: :func:`render` tells what is wrong with it.
    """
    tree, free = _read(template)
    asked = {test.node.name for test in tree.find_all(nodes.Test) if isinstance(test.node, nodes.Name)}
    return free - asked - set(_environment().globals)


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


def _unknown(error: UndefinedError, data: Mapping[str, Any], where: str) -> SpecError:
    words = str(error.message)
    name = words.split("'")[1] if "'" in words else ""
    there = ", ".join(sorted(data))
    return SpecError(
        f"the template uses {name or words}, which is not there ({words})",
        where=where,
        expected=there,
        remedy=nearest(name, data),
    )
