"""What calls took, as the usage table has it."""

from __future__ import annotations

from typing import Any

from dilemmas.models.journal import Totals


def usage(totals: Totals) -> dict[str, Any]:
    """What the calls of a run took, as the usage table has it."""
    return {
        "calls": totals.calls,
        "retries": totals.retries,
        "prompt_tokens": totals.prompt,
        "completion_tokens": totals.completion,
        "reasoning_tokens": totals.reasoning,
        "cost": totals.cost,
    }
