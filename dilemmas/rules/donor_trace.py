"""The trace of the donor game: a chain of who gave what share to whom before.

What a donor did is put in front of the chain of its recipient as that stood before the round; so the chain that a
seat carries says what it did in its last turn, what its recipient had done in its last turn before that, and so on
(Vallinder & Hughes 2024). Only ``depth`` entries are kept.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dilemmas.rules.game import Array, Floats, Ints

KINDS = ("donate", "punish", "refuse")
ENTRY = np.dtype([("share", "<f8"), ("round", "<i4"), ("actor", "<i4"), ("target", "<i4"), ("kind", "<i4")])


def empty(rows: int, depth: int) -> Array:
    """Chains without an entry, ``(rows, depth)``: share NaN, round 0, actor, target and kind -1."""
    chain = np.empty((rows, depth), ENTRY)
    chain["share"], chain["round"] = np.nan, 0
    for name in ("actor", "target", "kind"):
        chain[name] = -1
    return chain


def extend(
    chain: Array, donors: Ints, recipients: Ints, seats: int, *, round_: int, kind: Ints | int, share: Floats
) -> None:
    """Put a round's moves into the chains of the donors, in place; nobody is in two pairs of a round."""
    chain[donors, 1:] = chain[recipients, :-1]
    new = np.empty(len(donors), ENTRY)
    new["share"], new["round"], new["kind"] = share, round_, kind
    new["actor"], new["target"] = donors % seats, recipients % seats
    chain[donors, 0] = new


def tell(chain: Array) -> list[dict[str, Any]]:
    """One chain in words and numbers, newest first; seats count from 1, a share that is not known is None."""
    return [
        {
            "round": int(entry["round"]),
            "actor": int(entry["actor"]) + 1,
            "target": int(entry["target"]) + 1,
            "share": None if np.isnan(entry["share"]) else float(entry["share"]),
            "kind": KINDS[entry["kind"]],
        }
        for entry in chain
        if entry["round"]
    ]
