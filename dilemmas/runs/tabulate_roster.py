"""Who sat where in the episodes of a generation, as tables name them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dilemmas.results import Coded
from dilemmas.rules.game import Ints

Columns = dict[str, Any]


@dataclass(frozen=True)
class Roster:
    """Who sat where in a generation: ``who`` ``(episodes, seats)`` indexes the lists, one entry an agent.

    ``repetition`` counts from 1, ``leg`` from 0; both are ``(episodes,)``.
    """

    generation: int
    ids: Sequence[str]
    strategies: Sequence[str]
    models: Sequence[str]
    who: Ints
    repetition: Ints
    leg: Ints

    def column(self, names: Sequence[str], index: Ints) -> Coded:
        """A text column for agents; index -1 and the empty name are null."""
        distinct = tuple(dict.fromkeys(name for name in names if name))
        code = {name: i for i, name in enumerate(distinct)} | {"": -1}
        return Coded(np.array([*(code[name] for name in names), -1])[index], distinct)
