"""Gossip as tables have it: of whom, in what tone, whether it was true; how much of it agents and models told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dilemmas.engine.record import Played
from dilemmas.results import Coded
from dilemmas.rules.game import Game, Ints
from dilemmas.rules.gossip import Gossip
from dilemmas.runs.tabulate_roster import Columns, Roster


def gossip_of(game: Game) -> Gossip | None:
    """The gossip of a game; None where it has none."""
    return getattr(game, "gossip", None)


def columns(game: Game, roster: Roster, played: Played) -> Columns:
    """Columns of the messages table; in games without gossip only its kind, which is always the same."""
    said, gossip = played.messages, gossip_of(game)
    assert said is not None
    about = said["about"].astype(np.intp)
    kind = Coded((about >= 0).astype(np.int64), ("message", "gossip"))
    if gossip is None:
        return {"kind": kind}
    whom = np.where(about >= 0, roster.who[said["episode"] - 1, np.maximum(about, 0)], -1)
    found: Columns = {"kind": kind, "about": roster.column(roster.ids, whom)}
    if gossip.names:
        found |= {"tone": Coded(said["tone"].astype(np.int64), gossip.names), "truthful": _truthful(played)}
    return found


def spoken(played: Played) -> NDArray[np.bool_]:
    """Which rows of the messages say something: words, or a tone."""
    said = played.messages
    assert said is not None
    words = np.array([text is not None for text in said["text"]], bool)
    return words | (said["tone"] >= 0) if "tone" in said else words


def _truthful(played: Played) -> NDArray[np.float64]:
    """Whether tones were true: 1, 0 or NaN, which they are in excluded episodes."""
    said = played.messages
    assert said is not None
    return np.where(played.left_out(said["episode"]), np.nan, said["truthful"])


@dataclass(frozen=True)
class Hearsay:
    """Counts by agent, ``(agents,)`` each: deeds that it could tell of, told of, told of so that it could be checked,
    and told of truly.
    """

    could: Ints
    told: Ints
    checked: Ints
    true: Ints

    @classmethod
    def of(cls, game: Game, roster: Roster, played: Played) -> Hearsay | None:
        """None where the game has no gossip, or nothing was kept."""
        said = played.messages
        if gossip_of(game) is None or not said:
            return None
        who, size = roster.who[said["episode"] - 1, said["seat"] - 1], len(roster.ids)
        mine, true = (said["about"] >= 0) & ~played.left_out(said["episode"]), _truthful(played)
        parts = (mine, mine & spoken(played), ~np.isnan(true), true == 1)
        return cls(*(np.bincount(who[rows], minlength=size) for rows in parts))

    def columns(self) -> Columns:
        """Shares by agent: of deeds that were told of, and of what could be checked that was true."""
        return {"told_share": _share(self.told, self.could), "truthful_share": _share(self.true, self.checked)}

    def total(self, which: Sequence[bool] | None = None) -> Columns:
        """The same of all agents together, or of some."""
        rows = slice(None) if which is None else np.array(which, bool)
        parts = (int(part[rows].sum()) for part in (self.could, self.told, self.checked, self.true))
        could, told, checked, true = parts
        return {
            "told_share": [told / could if could else None],
            "truthful_share": [true / checked if checked else None],
        }


def _share(part: Ints, whole: Ints) -> NDArray[np.float64]:
    share: NDArray[np.float64] = np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
    return share


def agents(game: Game, roster: Roster, played: Played) -> Columns:
    """Columns of the agents table; none where there is no gossip."""
    found = Hearsay.of(game, roster, played)
    return {} if found is None else found.columns()


def society(game: Game, roster: Roster, played: Played) -> Columns:
    """Columns of the generations table; none where there is no gossip."""
    found = Hearsay.of(game, roster, played)
    return {} if found is None else found.total()
