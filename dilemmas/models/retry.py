"""How long to wait before a call is tried again: longer each time, and never all at once."""

from __future__ import annotations

import random
from dataclasses import dataclass

from dilemmas.errors import UsageError


@dataclass(frozen=True)
class Patience:
    """``tries`` in all; waits grow from ``base`` seconds to ``most``, each drawn anew between nothing and that.

    (Exponential backoff with full jitter: Brooker 2015.) A provider that asks for more than ``longest`` seconds is
    not waited for. The draws are from ``random``, for they move no result.
    """

    tries: int = 8
    base: float = 1.0
    most: float = 60.0
    longest: float = 600.0

    def __post_init__(self) -> None:
        if self.tries < 1 or not (self.base >= 0 and self.most >= 0 and self.longest >= 0):
            raise UsageError(f"no patience is like {self}", expected="tries from 1 on, seconds from 0 on")

    def delay(self, tried: int, after: float | None = None) -> float | None:
        """Seconds to wait after the try of that number (from 1), never fewer than ``after``; None to give up."""
        if tried >= self.tries or (after is not None and after > self.longest):
            return None
        # 2.0 ** 1024 is no float.
        bound = min(self.most, self.base * 2.0 ** min(tried - 1, 1000))
        if after is None:
            return random.uniform(0, bound)
        # On top of what was asked for: all who were refused were told the same moment.
        return max(after, 0.0) + random.uniform(0, min(bound, self.base))
