"""How public goods games are told to models."""

from __future__ import annotations

from collections.abc import Sequence

from dilemmas.rules.game import Ask, Outcome
from dilemmas.strategies.scene import Event, Scene
from dilemmas.strategies.telling import Telling


class _Teller:
    def scene(self, ask: Ask, row: int, telling: Telling, window: int | None, past: Sequence[Event]) -> Scene:
        """The scene of a seat."""
        raise NotImplementedError

    def remember(self, outcome: Outcome, seat: int, telling: Telling) -> Event | None:
        """Nothing that the view does not keep."""
        return None


TELLER = _Teller()
