"""Write the reference from the code: ``python -m docs.generate``, or with ``--check`` say what is out of date."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from docs import views
from docs.markdown import cell, code, page, paragraphs, parameters, prose, table, written

HERE = Path(__file__).resolve().parent / "reference"
FAMILIES = ("matrix", "donor", "commons", "public-goods")

KEYS = {
    "experiment": "name; results go to `results/<name>`",
    "about": "what it is for",
    "command": "the command that the settings come from; a file says `run`",
    "game": "a game's name or file, or its `name` with parameters",
    "population": "strategies and their counts, a list of seats as typed, or entries",
    "tournament": "makes it a tournament: `self` counts self-play, `exact` computes expected payoffs, `like: axelrod` ranks as that package",
    "replicator": "makes it replicator dynamics of an infinite population, from the counts as shares",
    "generations": "generations to play; one fewer inheritances",
    "matchmaking": "who meets: every pair (or all in one episode), random pairs, random groups, neighbours on the `network`",
    "network": "who is whose neighbour; see [culture](culture.md#networks)",
    "selection": "who stays and who is followed; see [culture](culture.md#selection)",
    "inheritance": "what newcomers get; see [culture](culture.md#inheritance)",
    "memory": "players start every `episode` anew; `life` is not there yet",
    "repetitions": "times that everybody meets, in a generation or a tournament",
    "seeds": "how many seeds, from 0 on, or a list of them; a run each",
    "model": "model of the entries that say `model: default`",
    "base_url": "where that model is served",
    "concurrency": "calls at a time",
    "limits": "caps on cost, calls and tokens",
    "prices": "prices of models that have none on record",
    "log": "whether every decision is kept; `null` keeps them up to a million",
    "format": "kind of file for tables",
    "plots": "whether to draw, or names of plots",
    "jobs": "processes to spread runs over",
    "sweep": "axes: a key and its values, or a name and labelled sets of keys",
    "published": "where published numbers of the same experiment stand",
}
ENTRY = {
    "name": "what tables call the entry",
    "strategy": "a strategy's name or file",
    "parameters": "its parameters",
    "model": "language model that plays it",
    "count": "agents",
}


def commands() -> str:
    """Every command with its arguments, flags and examples."""
    from dilemmas.cli.app import COMMANDS, loaded

    parts = []
    for name, entry in COMMANDS.items():
        command = loaded(name)
        rows = [list(_option(part)) for part in command.params if part.name != "help"]
        examples = [line.strip() for line in (command.epilog or "").splitlines() if line.strip().startswith("dilemmas")]
        shown = "\n".join(line.replace("\\[", "[") for line in examples)
        parts.append(
            f"## dilemmas {name}\n\n{entry.summary}\n\n"
            + table(["argument or flag", "value", "default", "meaning"], rows)
            + f"\n\n```\n{shown}\n```"
        )
    lead = (
        "`dilemmas --help` lists them, `dilemmas COMMAND --help` shows one. Exit codes: 0 done, 1 a run failed, 2 bad usage "
        "or files, 3 stopped and can go on. An error is one line on stderr."
    )
    return page("Commands", lead, *parts)


def _option(part: Any) -> Iterator[str]:
    """A parameter of a command: its words, its value, its default, its meaning."""
    option = part.param_type_name == "option"
    yield ", ".join(map(code, part.opts)) if option else code(part.metavar or part.name.upper())
    yield "" if getattr(part, "is_flag", False) or not option else code(part.metavar or "N")
    yield "" if part.default in (None, False) or callable(part.default) else code(part.default)
    yield (getattr(part, "help", "") or "") + (" (required)" if part.required and not option else "")


def games() -> str:
    """Families with their parameters, and the games on the shelf."""
    from dilemmas.rules.ordinal import ordinal
    from dilemmas.rules.travellers import travellers
    from dilemmas.specs import games as shelf
    from dilemmas.specs.catalogue import names

    loaded = {name: shelf.load(name) for name in names("games")}
    parts = [
        table(
            ["game", "kind", "about", "source"],
            [[f"[{n}](#{n})", g.kind, g.about, g.source] for n, g in loaded.items()],
        )
    ]
    for family, rules in _families().items():
        parts.append(f"## Family: {family}\n\n{paragraphs(rules)}\n\n{parameters(rules)}")
    for extra in (ordinal, travellers):
        parts.append(f"### Made by `kind: {extra.__name__}`\n\n{paragraphs(extra)}\n\n{_signature(extra)}")
    parts += ["## On the shelf", *(_game(name, game) for name, game in loaded.items())]
    lead = "Parameters are set in a game's file, with `--set KEY=VALUE`, or as keyword arguments of `dl.game`."
    return page("Games", lead, *parts)


def _families() -> dict[str, Any]:
    from dilemmas.rules.commons import Commons
    from dilemmas.rules.donor import Donor
    from dilemmas.rules.matrix import Matrix
    from dilemmas.rules.public_goods import PublicGoods

    return dict(zip(FAMILIES, (Matrix, Donor, Commons, PublicGoods), strict=True))


def _signature(made: Callable[..., Any]) -> str:
    listed = [part for part in inspect.signature(made).parameters.values() if part.kind != part.VAR_KEYWORD]
    return table(["parameter", "default"], [[code(part.name), code(part.default)] for part in listed])


def _game(name: str, game: Any) -> str:
    own = {key: value for key, value in game.parameters.items() if key not in ("actions", "payoffs")}
    lines = [f"### {name}", f"{game.about} Source: {game.source}."]
    lines += (
        [f"Set in its file: {', '.join(f'`{key}: {written(value)}`' for key, value in own.items())}."] if own else []
    )
    lines += (
        ["\n".join(f"- *{key}*: {' '.join(note.split())}" for key, note in game.notes.items())] if game.notes else []
    )
    return "\n\n".join(lines)


def strategies() -> str:
    """The shelf by family, and the parameters of rules."""
    from dilemmas.specs.catalogue import names, shelf
    from dilemmas.specs.seats import read_file
    from dilemmas.specs.strategies import FORMS

    files = [read_file(str(shelf("strategies") / f"{name}.yaml"))[0] for name in names("strategies")]
    parts = []
    for family in (*FAMILIES, "any"):
        rows = []
        for file in files:
            if file.family == family:
                form = next(form for form in FORMS if getattr(file, form.replace("-", "_")) is not None)
                own = [f"`{key}={written(value)}`" for key, value in file.parameters.items()]
                rows.append([code(file.strategy), file.about, form, ", ".join(own), ", ".join(file.aka), file.source])
        title = "For any game" if family == "any" else f"For {family} games"
        parts.append(
            f"## {title}\n\n{table(['strategy', 'what it does', 'form', 'parameters', 'also known as', 'source'], rows)}"
        )
    lead = "`dilemmas show NAME` prints the table or the numbers of one. Every name in the fifth column finds the strategy as well."
    return page("Strategies", lead, *parts, _laws())


def _laws() -> str:
    from dilemmas.strategies import laws as declared  # importing it declares every law
    from dilemmas.strategies.rule import LAWS

    assert declared
    rows = [
        [
            code(law.name),
            code(name),
            code(spec.default),
            "" if spec.free else f"{spec.low:g} to {spec.high:g}",
            spec.meaning,
        ]
        for law in sorted(LAWS.values(), key=lambda law: (law.family, law.name))
        for name, spec in law.parameters.items()
    ]
    return "## Parameters of rules\n\n" + table(["rule", "parameter", "default", "range", "meaning"], rows)


def tables() -> str:
    """Every table of results with its columns."""
    from dilemmas.results import SCHEMA, TABLES

    parts = []
    for spec in TABLES.values():
        rows = [[code(c.name), c.type, c.role, c.unit, c.meaning] for c in spec.columns]
        parts.append(
            f"## {spec.name}\n\nA row is {spec.row}.\n\n{table(['column', 'type', 'role', 'unit', 'meaning'], rows)}"
        )
    lead = (
        f"Schema version {SCHEMA}. Keys come first and name a row; results repeat under the same seed, measures do not. Any "
        "column may be null, and a table or column that does not apply is absent. `runs` has a further column for every axis "
        "of a sweep. How to read the files: [read results](../how-to/read-results.md)."
    )
    return page("Tables", lead, *parts)


def culture() -> str:
    """Rules of selection, inheritance and networks."""
    from dilemmas.culture.inheritance import INHERITANCES
    from dilemmas.culture.networks import NETWORKS
    from dilemmas.culture.selection import SELECTIONS
    from dilemmas.specs.experiment import Replicator

    lead = "In a file `{rule: moran, births: 10}`, on the command line `moran:births=10`; a network says `kind` in place of `rule`."
    groups = {"Selection": SELECTIONS, "Inheritance": INHERITANCES, "Networks": NETWORKS}
    parts = []
    for title, rules in groups.items():
        parts.append(f"## {title}")
        parts += [
            f"### {name}\n\n{paragraphs(rule)}\n\n{parameters(rule, ('rule', 'kind'))}" for name, rule in rules.items()
        ]
    parts.append(f"## Replicator dynamics\n\n{paragraphs(Replicator)}\n\n{parameters(Replicator)}")
    return page("Culture: selection, inheritance, networks", lead, *parts)


def experiments() -> str:
    """Keys of an experiment file, and the experiments on the shelf."""
    from dilemmas.specs import experiment, shelf

    listed = [[code(item.name), item.about] for item in shelf.items("experiments")]
    lead = "An experiment is a YAML file: a game, who plays it, how it goes on, and what is swept. Unknown keys are errors."
    free = ", ".join(map(code, experiment.FREE))
    return page(
        "Experiments",
        lead,
        parameters(experiment.Experiment, shown=KEYS),
        f"Keys that may change without making it another experiment: {free}. So may new seeds, values and axes.",
        f"## Entries of a population\n\n{parameters(experiment.Entry, shown=ENTRY)}",
        "## On the shelf\n\n" + table(["experiment", "about"], listed),
    )


def plots() -> str:
    """Every plot, and the tables that it needs."""
    from dilemmas.report.plots import PLOTS

    rows = [[code(plot.name), _first(plot), ", ".join(map(code, plot.needs))] for plot in PLOTS.values()]
    lead = (
        "Drawn into `plots/` beside the tables: a picture, and `NAME.csv` with the numbers drawn; `captions.md` says what each "
        "shows, with n, seeds and intervals. How to change them: [figures](../how-to/figures.md)."
    )
    return page("Plots", lead, table(["plot", "shows", "needs (table, columns)"], rows))


def _first(plot: Any) -> str:
    return getattr(plot, "about", "") or (inspect.getdoc(plot.paint) or "").partition("\n\n")[0]


def python() -> str:
    """The functions of ``dl``, and what they hand back."""
    import dilemmas as dl
    from dilemmas.runs.result import Result

    parts = []
    for name in dl.__all__:
        made = getattr(dl, name)
        listed = ", ".join(_parameter(part) for part in inspect.signature(made).parameters.values())
        parts.append(f"## dl.{name}\n\n`dl.{name}({listed})`\n\n{paragraphs(made)}")
    members = [
        [code(key), prose(inspect.getdoc(value) or "")] for key, value in vars(Result).items() if _public(key, value)
    ]
    parts.append(f"## Result\n\n{paragraphs(Result)}\n\n{table(['member', 'meaning'], members)}")
    lead = "`import dilemmas as dl`. Any setting of an experiment can be given as a keyword: `rounds=50`, `noise=0.1`, `network='ring'`."
    return page("Python", lead, *parts)


def _parameter(part: inspect.Parameter) -> str:
    star = {part.VAR_POSITIONAL: "*", part.VAR_KEYWORD: "**"}.get(part.kind, "")
    return f"{star}{part.name}" + ("" if part.default is part.empty else f"={part.default!r}")


def _public(name: str, value: Any) -> bool:
    return not name.startswith("_") and bool(inspect.getdoc(value))


def errors() -> str:
    """The tree of errors."""
    from dilemmas import errors as tree

    kinds = [kind for kind in vars(tree).values() if inspect.isclass(kind) and issubclass(kind, tree.DilemmasError)]
    rows = [[code(kind.__name__), str(kind.exit_code), cell(paragraphs(kind))] for kind in kinds]
    lead = "All of them are `dilemmas.errors.DilemmasError`: `str()` is one line that says what was found, where, what was expected, and what to do."
    return page("Errors", lead, table(["error", "exit code", "when"], rows))


PAGES: Mapping[str, Callable[[], str]] = {
    "commands.md": commands,
    "games.md": games,
    "strategies.md": strategies,
    "views.md": views.views,
    "tables.md": tables,
    "culture.md": culture,
    "experiments.md": experiments,
    "plots.md": plots,
    "python.md": python,
    "errors.md": errors,
}


def stale() -> list[str]:
    """Pages that are not what the code says now."""
    return [name for name, make in PAGES.items() if not (HERE / name).is_file() or _read(HERE / name) != make()]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def main(check: bool) -> int:
    """Write the pages, or only say which are out of date; the exit code."""
    if check:
        old = stale()
        print("out of date: " + ", ".join(old) if old else "up to date")
        return bool(old)
    HERE.mkdir(exist_ok=True)
    for name, make in PAGES.items():
        (HERE / name).write_text(make(), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
