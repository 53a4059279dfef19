"""The Python side: ``dl.game``, ``dl.strategy``, ``dl.play``, ``dl.tournament``, ``dl.evolve``, ``dl.run``.

Each builds the same plain experiment data that a file or the command line would, and has it carried out in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from dilemmas.errors import UsageError
from dilemmas.runs.lab import Order, carry_out
from dilemmas.runs.resolve import Source
from dilemmas.runs.result import Result, load
from dilemmas.specs import asking, bounds, catalogue, experiment, games, reading, seats
from dilemmas.specs.games import Dilemma
from dilemmas.specs.seats import Seat
from dilemmas.strategies.strategy import Strategy

GameLike: TypeAlias = str | Dilemma
StrategyLike: TypeAlias = str | Strategy
_TAG = "_seat"

__all__ = ["evolve", "game", "load", "play", "run", "strategy", "tournament"]


def game(name: str, /, **parameters: Any) -> Dilemma:
    """A game from the shelf, a YAML file, or ``mine.py:Class``, with parameters replaced; raises DilemmasError."""
    return games.load(name, parameters)


def strategy(name: str, /, **parameters: Any) -> Strategy:
    """A strategy from the shelf, a YAML file, ``mine.py:function`` or ``axelrod/Name``, with parameters replaced."""
    seat = seats.parse(name)
    seat = Seat(seat.strategy, {**seat.parameters, **parameters})
    made = seats.strategy(seat)
    # Strategies are frozen; the words they came from let a manifest name them and a replay find them again.
    object.__setattr__(made, _TAG, seat)
    return made


def play(
    game: GameLike, players: Sequence[StrategyLike], /, *, seed: int = 0, repetitions: int = 1, **settings: Any
) -> Result:
    """One episode (or ``repetitions`` of them) with one player a seat, in order; every decision is kept."""
    return _carried(
        "play",
        game,
        [(player, 1) for player in players],
        seed,
        {"repetitions": repetitions, "log": "moves", **settings},
    )


def tournament(
    game: GameLike,
    strategies: Iterable[StrategyLike],
    /,
    *,
    rounds: int | None = None,
    repetitions: int = 1,
    seed: int = 0,
    exact: bool = False,
    self_play: bool = False,
    like: str | None = None,
    **settings: Any,
) -> Result:
    """Every strategy against every other; games of many seats in every split of two kinds.

    ``rounds`` defaults to 200 where the game does not say; ``exact`` computes expected payoffs of machines instead of
    playing; ``self_play`` counts a strategy's match with itself; ``like="axelrod"`` ranks as Axelrod-Python does.
    """
    how = {"self": self_play, "exact": exact, "like": like}
    length = {} if rounds is None else {"rounds": rounds}
    return _carried(
        "tournament",
        game,
        [(one, 1) for one in strategies],
        seed,
        {"tournament": how, "repetitions": repetitions, **length, **settings},
    )


def evolve(
    game: GameLike,
    population: Mapping[Any, int] | Iterable[tuple[StrategyLike, int]],
    /,
    *,
    generations: int = 1,
    seed: int = 0,
    selection: Any = "truncation",
    inheritance: Any = "copied",
    **settings: Any,
) -> Result:
    """Generations of a population: play, select, inherit; ``population`` maps strategies to counts."""
    pairs = list(population.items() if isinstance(population, Mapping) else population)
    return _carried(
        "evolve",
        game,
        pairs,
        seed,
        {"generations": generations, "selection": selection, "inheritance": inheritance, **settings},
    )


def run(
    name: str | Path | Mapping[str, Any],
    /,
    *,
    out: str | Path | None = None,
    jobs: int = 1,
    only: Mapping[str, str] | None = None,
    **settings: Any,
) -> Result:
    """An experiment from the shelf, a YAML file or plain data, in memory or into the folder ``out``.

    Keyword settings replace keys of the file; into a folder, what is finished there is not played again.
    """
    if isinstance(name, Mapping):
        data, path = dict(name), None
    else:
        path = catalogue.find("experiments", str(name))
        data = reading.load(path)
    data = experiment.changed(data, settings, path)
    source = Source(path.parent if path is not None else None)
    folder, vouched = Path(out) if out else None, asking.named(settings)
    return carry_out(Order(data, source, path, out=folder, jobs=jobs, only=only or {}, vouched=vouched)).result


def _carried(
    command: str, game: GameLike, players: Sequence[tuple[StrategyLike, int]], seed: int, settings: Mapping[str, Any]
) -> Result:
    objects: dict[str, Any] = {}
    named = _game(game, objects)
    entries = [_entry(player, objects) for player, _ in players]
    for entry, (_, count) in zip(entries, players, strict=True):
        entry["count"] = count * entry.get("count", 1)
    data = {
        "experiment": bounds.titled(named["name"], command),
        "command": command,
        "game": named,
        "population": entries,
        "seeds": [seed],
    }
    how = dict(settings)
    jobs = int(how.pop("jobs", 1))
    return carry_out(Order(experiment.changed(data, how), Source(objects=objects), jobs=jobs)).result


def _game(game: GameLike, objects: dict[str, Any]) -> dict[str, Any]:
    if isinstance(game, str):
        return {"name": game}
    if not isinstance(game, Dilemma):
        raise UsageError(f"{game!r} is no game", expected="a name, or what dl.game() gives")
    if game.reference:
        return {"name": game.reference, **game.given}
    objects[game.name] = game
    return {"name": game.name}


def _entry(player: StrategyLike, objects: dict[str, Any]) -> dict[str, Any]:
    seat = seats.parse(player) if isinstance(player, str) else getattr(player, _TAG, None)
    if isinstance(seat, Seat):
        named = {"strategy": seat.strategy, "parameters": dict(seat.parameters), "model": seat.model or None}
        return {**named, "count": seat.count}
    if not hasattr(player, "player"):
        raise UsageError(f"{player!r} is no strategy", expected="a name, or what dl.strategy() gives")
    objects[player.name] = player  # type: ignore[union-attr]  # a Strategy, by the check above
    return {"strategy": player.name}  # type: ignore[union-attr]
