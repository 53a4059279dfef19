"""The quiz that a model has to pass before it plays, as an experiment's file asks for it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from dilemmas.rules.params import Count, Probability, Whole


class Quiz(BaseModel):
    """Questions on the game to every model that has a seat, and the share of right answers from which it may play.

    ``classes`` are those that are asked in turn (none: all usual ones that the game has), ``seed`` draws the questions,
    ``strategy`` is the prompted strategy whose prompts they are put in. An answer that cannot be used is a wrong one.
    """

    model_config = ConfigDict(extra="forbid")
    score: Probability = 0.8
    questions: Count = 30
    classes: list[Literal["comprehension", "dynamics", "theory-of-mind", "planning", "onlooker"]] = []
    seed: Whole = Field(default=0, ge=0)
    strategy: str = "cot"


def written(value: Any) -> Any:
    """A number alone is the share; ``none`` and false ask for no quiz."""
    if value in (None, False, "none"):
        return None
    return {"score": value} if isinstance(value, (int, float)) and not isinstance(value, bool) else value
