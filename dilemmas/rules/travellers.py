"""The traveller's dilemma (Basu 1994): both are paid the lower of two claims, and who claimed less gets a bonus."""

from __future__ import annotations

from typing import Any

import numpy as np

from dilemmas.errors import SpecError
from dilemmas.rules.matrix import Matrix
from dilemmas.rules.params import LARGEST, whole
from dilemmas.rules.payoffs import finite

_MOST = 1000  # claims: the payoff table has their square


def travellers(low: int = 2, high: int = 100, bonus: float = 2, **matrix: Any) -> Matrix:
    """Claims from ``low`` to ``high``, actions named by their number; ``bonus`` goes from the higher to the lower.

    Equal claims are paid as they are; otherwise both get the lower claim, plus the bonus for who made it and minus
    the bonus for the other (Basu 1994, with bonus 2 and claims 2 to 100). Further keywords are those of
    :class:`Matrix`. Raises SpecError.
    """
    first, last = (_claim(key, value) for key, value in (("low", low), ("high", high)))
    if not first < last <= first + _MOST:
        raise SpecError(f"claims from {first} to {last}", expected=f"low < high, at most {_MOST} apart")
    claims = np.arange(first, last + 1, dtype=np.float64)
    own = np.minimum.outer(claims, claims) + finite(bonus, "bonus") * np.sign(np.subtract.outer(-claims, -claims))
    return Matrix(actions=tuple(str(claim) for claim in range(first, last + 1)), payoffs=own.tolist(), **matrix)


def _claim(key: str, value: Any) -> int:
    read = whole(value)
    if isinstance(read, bool) or not isinstance(read, int) or not 0 <= read <= LARGEST:
        raise SpecError(f"{key} is {value!r}", expected="a whole number, 0 or more")
    return read
