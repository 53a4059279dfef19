"""``dilemmas check``: files validated, contract kits run on what they hold, and a model asked one question."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer import Argument, Option

from dilemmas.cli.console import Console, put
from dilemmas.errors import DilemmasError, FileError, Misfit, UsageError, many
from dilemmas.runs import fits
from dilemmas.runs.resolve import Source, resolve
from dilemmas.specs import catalogue, experiment, folders, games, reading, seats, shelf, sweep
from dilemmas.specs.seats import Seat
from dilemmas.strategies.prompted import Prompted

EXAMPLES = (
    "dilemmas check mine.yaml",
    "dilemmas check homework/",
    "dilemmas check mine.py --game fishery",
    "dilemmas check --model openai/gpt-4o-mini",
    "dilemmas check --model local/llama --base-url http://localhost:8000/v1",
)
USUAL = {
    "matrix": "prisoners-dilemma",
    "donor": "donor",
    "commons": "fishery",
    "public-goods": "public-goods",
    "any": "prisoners-dilemma",
}
"""The game that a strategy of a family is tried in, unless another is named."""


def command(
    files: Annotated[
        list[str] | None, Argument(metavar="[FILE...]", help="Files, folders of files, or names of the shelves.")
    ] = None,
    game: Annotated[str | None, Option(metavar="GAME", help="The game that strategies are tried in.")] = None,
    model: Annotated[
        str | None, Option(metavar="M", help="Ask this model one question: is it there, what can it do, its price.")
    ] = None,
    base_url: Annotated[str | None, Option("--base-url", metavar="URL", help="Where the model is served.")] = None,
    quiet: Annotated[bool, Option("--quiet", help="Print nothing but errors.")] = False,
    json: Annotated[bool, Option("--json", help="One JSON object on stdout, all else on stderr.")] = False,
) -> None:
    """Check every file, and the model; exit code 2 if any is wrong."""
    console = Console(quiet, json)
    if not files and model is None:
        raise UsageError("there is nothing to check", expected="files, or --model M")
    found, wrong = _checked(files or [], game, console)
    # Files that are wrong are told of before any money is spent.
    asked = {"model": _asked(model, base_url, console)} if model is not None and not wrong else {}
    console.answer({"good": not wrong, "found": found, "wrong": wrong, **asked})
    if wrong:
        raise typer.Exit(DilemmasError.exit_code)


def _asked(model: str, base_url: str | None, console: Console) -> dict[str, Any]:
    from dilemmas.cli.ask import ask  # here: checking files needs none of it

    return ask(model, base_url, console)


def _checked(files: list[str], game: str | None, console: Console) -> tuple[dict[str, list[str]], dict[str, str]]:
    """What is found in every file, and what is wrong with those that are."""
    found: dict[str, list[str]] = {}
    wrong: dict[str, str] = {}
    for file in [one for word in files for one in _files(word)]:
        try:
            found[file] = list(_findings(file, game))
            for line in found[file]:
                console.say(f"good  {file}: {line}")
        except DilemmasError as error:
            wrong[file] = str(error) if file in str(error) else f"{file}: {error}"
            put(f"error: {wrong[file]}", sys.stderr)
    return found, wrong


def _files(word: str) -> list[str]:
    if not Path(word).is_dir():
        return [word]
    listed = [path.as_posix() for path in sorted(Path(word).iterdir()) if path.suffix in folders.SUFFIXES]
    if not listed:
        raise FileError("holds nothing to check", where=word, expected="files that end in .yaml or .py")
    return listed


def _findings(file: str, game: str | None) -> Iterator[str]:
    """A sentence on everything that a file holds; raises what is wrong with it."""
    if ".py" in file:
        yield from _python(file, game)
        return
    for kind, path in shelf.whereis(file, Path()):
        reference = file if catalogue.is_path(file) else path.as_posix()
        if kind == "games":
            yield _game(reference)
        elif kind == "strategies":
            yield _strategy(reference, game, seats.read_file(reference)[0].family)
        else:
            yield _experiment(path)


def _python(file: str, game: str | None) -> Iterator[str]:
    """Games (classes with ``settle``) and strategies (``decide``, or a function that is named) of a Python file."""
    from dilemmas.strategies.loading import module

    name, _, member = file.partition(".py")
    held: dict[str, Any] = vars(module(Path(f"{name}.py")))
    classes = [key for key, value in held.items() if isinstance(value, type) and hasattr(value, "settle")]
    wanted = [member.lstrip(":")] if member else [*classes, *(["decide"] if "decide" in held or not classes else [])]
    for one in wanted:
        yield _game(f"{name}.py:{one}") if one in classes else _strategy(f"{name}.py:{one}", game, "any")


def _game(reference: str) -> str:
    from dilemmas.testing import game_contract

    loaded = games.load(reference, {}, Path())
    seen = game_contract(loaded)
    what = f"{loaded.name}, a {loaded.kind} game for {many(loaded.rules.seats, 'seat')}"
    return f"{what}, keeps its contract ({seen.decisions} decisions)"


def _asking(strategy: Prompted, reference: str, names: Sequence[str]) -> str:
    """A prompted strategy has no contract; its templates must fit every game, and lead to a decision in round 3."""
    from dilemmas.runs.preview import preview  # here: scripts need none of it

    for name in names:
        dilemma = games.load(name, {}, Path())
        said = {"experiment": "check", "game": name, "population": {reference: dilemma.rules.seats}}
        fits.check(resolve(experiment.check({**said, "model": "rehearsal"}), Source(Path())))
        preview(strategy, dilemma)
    return f"{strategy.name} can be asked in {', '.join(names)}"


def _strategy(reference: str, name: str | None, family: str) -> str:
    """What a strategy does in the game of that name, or in the usual one of its family."""
    from dilemmas.testing import strategy_contract
    from dilemmas.testing.patience import patience

    game = games.load(name or USUAL[family], {}, Path())
    strategy = seats.strategy(Seat(reference), Path(), family=game.kind)
    if isinstance(strategy, Prompted):
        usual = list(dict.fromkeys(USUAL.values())) if family == "any" else [USUAL[family]]
        return _asking(strategy, reference, [name] if name else usual)
    with patience():
        fit = strategy_contract(strategy, game)
    if not fit.seats:
        raise Misfit(
            next(iter(fit.misfits.values())), where=reference, remedy="Name a game that it is for with --game."
        )
    where = "" if not fit.misfits else f" in seat {', '.join(map(str, fit.seats))}"
    return f"{strategy.name} keeps its contract as a player of {game.name}{where}"


def _experiment(path: Path) -> str:
    cells = sweep.cells(reading.load(path), path)
    for cell in cells:
        fits.check(resolve(cell.experiment, Source(path.parent)))
    counts = {"cell": len(cells), "run": len(sweep.runs(cells))}
    listed = [many(count, what) for what, count in counts.items()]
    return f"{cells[0].experiment.experiment}, {' and '.join(listed)}"
