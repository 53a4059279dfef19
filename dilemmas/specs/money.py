"""What models cost, what providers let through, and caps on what may be spent, as experiment files say it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from dilemmas.rules.params import Amount, Whole


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Price(_Part):
    """What a model costs, in USD a million tokens."""

    input: Amount = Field(ge=0)
    output: Amount = Field(ge=0)


class Rate(_Part):
    """What a provider lets through in a minute."""

    requests: Amount | None = Field(default=None, gt=0)
    tokens: Amount | None = Field(default=None, gt=0)


class Limits(_Part):
    """Caps on what an experiment may spend; they bind to its results folder."""

    cost: Amount | None = Field(default=None, ge=0)
    calls: Whole | None = Field(default=None, ge=0)
    tokens: Whole | None = Field(default=None, ge=0)
