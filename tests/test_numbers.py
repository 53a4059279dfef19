"""Numbers of files, flags and calls: truth is none, and nothing is too large to be counted."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from dilemmas.errors import DilemmasError
from dilemmas.rules.params import LARGEST, MOST, Amount, Count, Whole
from dilemmas.specs import experiment, games

PLAIN = {"experiment": "e", "game": "prisoners-dilemma", "population": ["tit-for-tat", "random"]}


def models(root: type[BaseModel] = BaseModel) -> Iterator[type[BaseModel]]:
    for kind in root.__subclasses__():
        if kind.__module__.startswith("dilemmas."):
            yield kind
        yield from models(kind)


def fields() -> Iterator[Any]:
    """Every field of every model that files, flags and calls fill."""
    for package in ("rules", "culture", "specs", "strategies"):
        for module in pkgutil.iter_modules(importlib.import_module(f"dilemmas.{package}").__path__):
            importlib.import_module(f"dilemmas.{package}.{module.name}")
    for model in sorted(set(models()), key=lambda model: (model.__module__, model.__name__)):
        hints = get_type_hints(model, include_extras=True)
        for name in model.model_fields:
            for mask in truths(hints[name]):
                yield pytest.param(hints[name], mask, id=f"{model.__name__}.{name}")


def truths(hint: Any) -> Iterator[Any]:
    """Values that have true wherever the hint wants a number and does not allow true."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        yield from truths(parts[0])
    elif origin in (Union, UnionType):
        if bool not in parts:
            for part in parts:
                yield from truths(part)
    elif hint in (int, float):
        yield True
    elif origin in (list, tuple):
        kept = [part for part in parts if part is not Ellipsis]
        every = [next(truths(part), 0) for part in kept]
        if any(value == [True] or value is True or isinstance(value, (list, dict)) for value in every):
            yield every
    elif origin in (dict, Mapping):
        for value in truths(parts[1]):
            yield {1 if parts[0] is not str else "x": value}


@pytest.mark.parametrize(("hint", "value"), list(fields()))
def test_true_is_no_number(hint: Any, value: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(hint).validate_python(value)


def test_the_walk_meets_numbers_of_every_shape() -> None:
    met = {str(part.id): part.values[1] for part in fields()}
    assert met["Experiment.generations"] is True and met["Experiment.seeds"] == [True]
    assert met["Limits.calls"] is True and met["StateFile.play"] is True and met["Gossip.tones"] == {"x": True}
    assert met["Curve.runs"] == [[True]] and met["Edges.edges"] == [[True, True]] and len(met) > 60
    assert NoneType not in met.values() and not any(get_origin(value) is Literal for value in met.values())


@pytest.mark.parametrize(
    "change",
    [
        {"generations": True},
        {"repetitions": True},
        {"game": {"name": "prisoners-dilemma", "noise": True}},
        {"game": {"name": "prisoners-dilemma", "rounds": True}},
        {"game": {"name": "travellers-dilemma", "bonus": True}},
        {"population": {"tit-for-tat": True}},
        {"selection": {"rule": "truncation", "keep": True}},
        {"limits": {"calls": True}},
        {"prices": {"m": {"input": True, "output": 1}}},
        {"timeout": True},
        {"answers": {"otherwise": True}},
        {"seeds": True},
        {"seeds": [True]},
    ],
)
def test_true_is_no_setting(change: dict[str, Any]) -> None:
    with pytest.raises(DilemmasError) as caught:
        made = experiment.check(PLAIN | change)
        games.load(made.game.pop("name"), made.game)
    assert "True" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("hint", "value"),
    [(Whole, 2**63), (Count, MOST + 1), (Amount, LARGEST * 1.1), (Amount, "1e308"), (Amount, "nan"), (Count, 10**25)],
)
def test_what_is_too_large_is_refused(hint: Any, value: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(hint).validate_python(value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seeds": [10**23]}, r"seeds\.0: .* expected a finite number of at most 9,223,372,036,854,775,807"),
        ({"seeds": 10**12}, r"expected a number from 1 to 1,000,000"),
        ({"seeds": -1}, r"-1 seeds; expected a number from 1 .* or a list"),
        ({"seeds": "few"}, r"seeds are 'few'; expected how many"),
        ({"repetitions": 10**11}, r"repetitions: 100000000000 .* at most 1,000,000,000"),
        ({"generations": "x"}, r"expected a whole number$"),
        ({"generations": 1.5}, r"expected a whole number$"),
        ({"population": 3}, r"expected a list$"),
        ({"prices": []}, r"expected a mapping$"),
        ({"about": 3}, r"expected a text$"),
        ({"tournament": {"exact": "maybe"}}, r"expected true or false$"),
        ({"inheritance": {"rule": "mutated", "rate": []}}, r"expected a number$"),
    ],
)
def test_what_would_be_right_is_said_in_plain_words(change: dict[str, Any], said: str) -> None:
    with pytest.raises(DilemmasError, match=said):
        experiment.check(PLAIN | change)
