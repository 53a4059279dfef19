"""Parameters as people write them: the base of every game, and numbers such as ``1/3`` and ``1e-3``."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

LARGEST = 10**12
"""Largest amount, either way: sums of a billion such are still far from overflowing, and readable."""
MOST = 1_000_000_000
"""Most rounds, repetitions and whatever else is counted from 1 on."""
_WORDS = {"int": "a whole number", "float": "a number", "bool": "true or false"}
_SHAPES = {
    "string": "a text",
    "list": "a list",
    "tuple": "a list",
    "dict": "a mapping",
    "model": "a mapping",
    "mapping": "a mapping",
}


def number(value: Any) -> Any:
    """A number from text such as ``1/3``, ``2e-3`` or ``50%``; anything else is handed on for pydantic to judge."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    try:
        if text.endswith("%"):
            return float(text[:-1]) / 100
        return float(Fraction(text)) if "/" in text else float(text)
    except (ValueError, ZeroDivisionError, OverflowError):
        return value


def whole(value: Any) -> Any:
    """A whole number from text such as ``1e6``; anything else is handed on."""
    value = number(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _untrue(kind: str) -> BeforeValidator:
    """Refuses true and false, which Python takes for the numbers 1 and 0."""

    def checked(value: Any) -> Any:
        if isinstance(value, bool):
            raise PydanticCustomError("truth", kind)
        return value

    return BeforeValidator(checked)


def _up_to(largest: int) -> AfterValidator:
    """Refuses what is not finite, and what is larger either way; bounds of all numbers need not be told of each."""

    def checked(value: float) -> float:
        if not abs(value) <= largest:
            raise PydanticCustomError("size", f"a finite number of at most {largest:,}")
        return value

    return AfterValidator(checked)


def expected(complaint: Mapping[str, Any]) -> str:
    """What one of pydantic's complaints says would have been right, without Python's names for it."""
    kind, _, what = str(complaint["type"]).partition("_")
    plain = _WORDS.get(kind) or (_SHAPES.get(kind) if what == "type" else None)
    return plain or str(complaint["msg"]).removeprefix("Input should be ").removeprefix("a valid ").split(", unable")[0]


Number = Annotated[float, BeforeValidator(number), _untrue("a number")]
Whole = Annotated[int, BeforeValidator(whole), _untrue("a whole number"), _up_to(2**63 - 1)]
Mixed = _untrue("a text or a number")
"""For a field of several kinds, numbers among them and truth not."""
Amount = Annotated[Number, _up_to(LARGEST)]
Probability = Annotated[Number, Field(ge=0, le=1)]
Count = Annotated[Whole, Field(ge=1), _up_to(MOST)]
Several = Annotated[Whole, Field(ge=2), _up_to(MOST)]


class Parameters(BaseModel):
    """Checked, frozen parameters; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)
    unsaid: ClassVar[Mapping[str, Any]] = {"talk": None, "gossip": None, "sight": True, "sanction": None}

    def settings(self) -> dict[str, Any]:
        """Every parameter with its value in plain types, as a run is known by them.

        Those in ``unsaid`` are left out at the value that was the only one before they could be set, so that a run
        from that time is still the same run.
        """
        known = self.model_dump(mode="json")
        return {key: value for key, value in known.items() if key not in self.unsaid or value != self.unsaid[key]}

    def __eq__(self, other: object) -> bool:
        """Equal parameters of one kind; arrays that were made from them and kept do not count."""
        return isinstance(other, Parameters) and type(self) is type(other) and self.model_dump() == other.model_dump()

    def __hash__(self) -> int:
        return hash((type(self), self.model_dump_json()))
