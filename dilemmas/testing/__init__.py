"""Contract kits: what every game and every strategy must keep to, as checks for your own and for the shipped ones.

``game_contract(game)`` and ``strategy_contract(strategy, game)`` raise
:class:`~dilemmas.errors.BrokenContract` for the first rule that is broken, with its name, where and what was seen; the
rules are written out in :data:`GAME_RULES` and :data:`STRATEGY_RULES`. ``dilemmas check FILE`` runs them.
"""

from dilemmas.testing.compare import difference
from dilemmas.testing.games import Examined, game_contract
from dilemmas.testing.prober import Prober
from dilemmas.testing.rules import GAME_RULES, STRATEGY_RULES
from dilemmas.testing.strategies import Fit, strategy_contract

__all__ = [
    "GAME_RULES",
    "STRATEGY_RULES",
    "Examined",
    "Fit",
    "Prober",
    "difference",
    "game_contract",
    "strategy_contract",
]
