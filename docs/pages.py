"""The pages of commands, tables, rules of culture, experiments, plots, Python and errors."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from docs.markdown import code, page, paragraphs, parameters, prose, table
from docs.words import ENTRY, KEYS


def commands() -> str:
    """Every command with its arguments, flags and examples."""
    from dilemmas.cli.app import COMMANDS

    return page("Commands", *(_command(name, entry.summary) for name, entry in COMMANDS.items()))


def _command(name: str, summary: str) -> str:
    from dilemmas.cli.app import loaded

    made = loaded(name)
    rows = [list(_option(part)) for part in made.params if part.name != "help"]
    lines = [line.strip().replace("\\[", "[") for line in (made.epilog or "").splitlines()]
    examples = "\n".join(line for line in lines if line.startswith("dilemmas"))
    flags = table(["argument or flag", "value", "default", "meaning"], rows)
    return f"## dilemmas {name}\n\n{summary}\n\n{flags}\n\n```\n{examples}\n```"


def _option(part: Any) -> Iterator[str]:
    """A parameter of a command: its words, its value, its default, its meaning."""
    option = part.param_type_name == "option"
    yield ", ".join(map(code, part.opts)) if option else code(part.metavar or part.name.upper())
    yield "" if getattr(part, "is_flag", False) or not option else code(part.metavar or "N")
    yield "" if part.default in (None, False) or callable(part.default) else code(part.default)
    yield (getattr(part, "help", "") or "") + (" (required)" if part.required and not option else "")


def tables() -> str:
    """Every table of results with its columns."""
    from dilemmas.results import SCHEMA, TABLES

    head = ["column", "type", "role", "unit", "meaning"]
    parts = [f"Schema version {SCHEMA}."]
    for spec in TABLES.values():
        rows = [[code(c.name), c.type, c.role, c.unit, c.meaning] for c in spec.columns]
        parts.append(f"## {spec.name}\n\nA row is {spec.row}.\n\n{table(head, rows)}")
    return page("Tables", *parts)


def culture() -> str:
    """Rules of selection, inheritance and networks."""
    from dilemmas.culture.inheritance import INHERITANCES
    from dilemmas.culture.networks import NETWORKS
    from dilemmas.culture.selection import SELECTIONS
    from dilemmas.specs.experiment import Replicator

    parts = []
    for title, rules in {"Selection": SELECTIONS, "Inheritance": INHERITANCES, "Networks": NETWORKS}.items():
        parts.append(f"## {title}")
        parts += [_rule(f"### {name}", rule) for name, rule in rules.items()]
    parts.append(_rule("## Replicator dynamics", Replicator))
    return page("Culture: selection, inheritance, networks", *parts)


def _rule(title: str, rule: Any) -> str:
    return f"{title}\n\n{paragraphs(rule)}\n\n{parameters(rule, ('rule', 'kind'))}"


def experiments() -> str:
    """Keys of an experiment file, and the experiments on the shelf."""
    from dilemmas.specs import experiment, shelf

    listed = [[code(item.name), item.about] for item in shelf.items("experiments")]
    free = ", ".join(map(code, experiment.FREE))
    return page(
        "Experiments",
        parameters(experiment.Experiment, shown=KEYS),
        f"Keys that may change without making it another experiment: {free}. So may new seeds, values and axes. "
        "But `log: moves` is refused where a finished run kept no decisions: they cannot be had by going on.",
        f"## Entries of a population\n\n{parameters(experiment.Entry, shown=ENTRY)}",
        "## On the shelf\n\n" + table(["experiment", "about"], listed),
    )


def plots() -> str:
    """Every plot, and the tables that it needs."""
    from dilemmas.report.plots import PLOTS

    rows = [[code(plot.name), plot.about, ", ".join(map(code, plot.needs))] for plot in PLOTS.values()]
    return page("Plots", table(["plot", "shows", "needs (table, columns)"], rows))


def python() -> str:
    """The functions of ``dl``, and what they hand back."""
    import dilemmas as dl
    from dilemmas.runs.result import Result

    members = {name: inspect.getdoc(value) for name, value in vars(Result).items() if not name.startswith("_")}
    rows = [[code(name), prose(text)] for name, text in members.items() if text]
    result = f"## Result\n\n{paragraphs(Result)}\n\n{table(['member', 'meaning'], rows)}"
    return page("Python", *(_function(name, getattr(dl, name)) for name in dl.__all__), result)


def _function(name: str, made: Any) -> str:
    listed = ", ".join(_parameter(part) for part in inspect.signature(made).parameters.values())
    return f"## dl.{name}\n\n`dl.{name}({listed})`\n\n{paragraphs(made)}"


def _parameter(part: inspect.Parameter) -> str:
    star = {part.VAR_POSITIONAL: "*", part.VAR_KEYWORD: "**"}.get(part.kind, "")
    return f"{star}{part.name}" + ("" if part.default is part.empty else f"={part.default!r}")


def errors() -> str:
    """The tree of errors."""
    from dilemmas import errors as tree

    kinds = [kind for kind in vars(tree).values() if inspect.isclass(kind) and issubclass(kind, tree.DilemmasError)]
    rows = [[code(kind.__name__), str(kind.exit_code), paragraphs(kind)] for kind in kinds]
    return page("Errors", table(["error", "exit code", "when"], rows))
