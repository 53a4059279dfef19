"""Where language models, scripted strategies and people meet in social dilemmas.

``import dilemmas as dl`` loads next to nothing; each name below brings what it needs when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dilemmas.runs.api import evolve, game, load, play, run, strategy, tournament

__all__ = ["evolve", "game", "load", "play", "run", "strategy", "tournament"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module("dilemmas.runs.api"), name)
    raise AttributeError(f"module 'dilemmas' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
