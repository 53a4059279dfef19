"""The pages of games and strategies: what is on the shelves, with every parameter."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from docs.markdown import code, page, paragraphs, parameters, table, written

FAMILIES = ("matrix", "donor", "commons", "public-goods")


def games() -> str:
    """Families with their parameters, and the games on the shelf."""
    from dilemmas.rules.ordinal import ordinal
    from dilemmas.rules.travellers import travellers
    from dilemmas.specs import games as shelf
    from dilemmas.specs.catalogue import names

    loaded = {name: shelf.load(name) for name in names("games")}
    rows = [[f"[{name}](#{name})", game.kind, game.about, game.source] for name, game in loaded.items()]
    return page(
        "Games",
        table(["game", "kind", "about", "source"], rows),
        *(_titled(f"## Family: {family}", rules, parameters(rules)) for family, rules in _families().items()),
        *(
            _titled(f"### Made by `kind: {extra.__name__}`", extra, _signature(extra))
            for extra in (ordinal, travellers)
        ),
        "## On the shelf",
        *(_game(name, game) for name, game in loaded.items()),
    )


def _titled(title: str, thing: Any, more: str) -> str:
    return f"{title}\n\n{paragraphs(thing)}\n\n{more}"


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
    lines = [f"### {name}", f"{game.about} Source: {game.source}."]
    own = [f"`{key}: {written(value)}`" for key, value in game.parameters.items() if key not in ("actions", "payoffs")]
    if own:
        lines.append(f"Set in its file: {', '.join(own)}.")
    if game.notes:
        lines.append("\n".join(f"- *{key}*: {' '.join(note.split())}" for key, note in game.notes.items()))
    return "\n\n".join(lines)


def strategies() -> str:
    """The shelf by family, and the parameters of rules."""
    from dilemmas.specs.catalogue import names, shelf
    from dilemmas.specs.seats import read_file

    files = [read_file(str(shelf("strategies") / f"{name}.yaml"))[0] for name in names("strategies")]
    head = ["strategy", "what it does", "form", "parameters", "also known as", "source"]
    parts = []
    for family in (*FAMILIES, "any"):
        title = "For any game" if family == "any" else f"For {family} games"
        rows = [_strategy(file) for file in files if file.family == family]
        parts.append(f"## {title}\n\n{table(head, rows)}")
    return page("Strategies", *parts, _laws())


def _strategy(file: Any) -> Sequence[str]:
    from dilemmas.specs.strategies import FORMS

    form = next(form for form in FORMS if getattr(file, form.replace("-", "_")) is not None)
    own = [f"`{key}={written(value)}`" for key, value in file.parameters.items()]
    return [code(file.strategy), file.about, form, ", ".join(own), ", ".join(file.aka), file.source]


def _laws() -> str:
    from dilemmas.strategies import laws as declared  # importing it declares every law
    from dilemmas.strategies.rule import LAWS

    listed = sorted(LAWS.values(), key=lambda law: (law.family, law.name)) if declared else []
    rows = [_parameter(law, name) for law in listed for name in law.parameters]
    return "## Parameters of rules\n\n" + table(["rule", "parameter", "default", "range", "meaning"], rows)


def _parameter(law: Any, name: str) -> Sequence[str]:
    spec = law.parameters[name]
    span = "" if spec.free else f"{spec.low:g} to {spec.high:g}"
    return [code(law.name), code(name), code(spec.default), span, spec.meaning]
