"""Parameters as people write them: the base of every game, and numbers such as ``1/3`` and ``1e-3``."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def number(value: Any) -> Any:
    """A number from text such as ``1/3``, ``2e-3`` or ``50%``; anything else is handed on for pydantic to judge."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    try:
        if text.endswith("%"):
            return float(text[:-1]) / 100
        return float(Fraction(text)) if "/" in text else float(text)
    except (ValueError, ZeroDivisionError):
        return value


def whole(value: Any) -> Any:
    """A whole number from text such as ``1e6``; true and false are not numbers."""
    value = number(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


Number = Annotated[float, BeforeValidator(number)]
Whole = Annotated[int, BeforeValidator(whole)]
Probability = Annotated[Number, Field(ge=0, le=1)]
Count = Annotated[Whole, Field(ge=1)]


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
