"""Names of the ordinal 2x2 games, and the misprints of the published table.

Data: names and families of the 144 games by Akata et al. (2025; MIT licence, Copyright (c) 2024 Elif Akata), after
Robinson & Goforth (2005) and Bruns (2015). Spelt as published.
"""

from __future__ import annotations

# The 12 patterns in the order of the grid's rows, with the abbreviations of Bruns (2015).
CODES = ("Ch", "Ba", "Hr", "Cm", "Dl", "Pd", "Sh", "As", "Co", "Pc", "Ha", "Nc")
PATTERNS = (
    "Chicken",
    "Battle (Leader)",
    "Hero",
    "Compromise",
    "Deadlock",
    "Prisoner's Dilemma",
    "Stag Hunt",
    "Assurance",
    "Coordination",
    "Peace",
    "Harmony",
    "Concord",
)

# Published names of the 78 games that remain when the players may be swapped, in order of first appearance.
_NAMES = """
Hegemony, Samaritan Dilemma, Quasi Altruist, Biased Cycle, Inferior Cycle, Endless, Called Bluff, Bully, Unfair Type,
Skewed Battle, Asym Battle, Chicken, Samson, Generous, Generous, Quasi Cycle, Tragic Cycle, Inspector, Patron,
Protector, Protector, Quasi Battle, Battle, Delilah, Generous, Generous, Pursuit Cycle, Fixed Sum, Missile Crisis,
Patron, Protector, Protector, Hero, Hostage, Benevolent, Subsym Benevolent, Second Best, Second Best, Big Bully,
Tragedy, Asym Delight, Pure Delight, Blackmail Type, Benevolent Type, Benevolent, Second Best, Second Best, Hamlet,
Total Conflict, Deadlock, Hegm. Type, Altruist Type, Altruist, Revelation, Alibi, Asym Pd, Prisoners’ Dilemma,
Low Conflict, Aligned, Pure Aligned, Asym Coordination, Asym Assurance, Stag Hunt, Mutual, Privilaged, Privilaged,
Pure Coordination, Assurance, Mutual, Privilaged, Privilaged, Coordination, Aligned, Asym Harmony, Mixed Harmony,
Pure Aligned, Harmony, No Conflict
"""
CLASSES = tuple(" ".join(name.split()) for name in _NAMES.split(","))

# Payoffs that the published table has wrong, each making a tie: game -> (seat, row, column, printed value).
MISPRINTS = {
    **dict.fromkeys(range(17, 25), (1, 1, 1, 3)),
    58: (2, 2, 2, 3),
    59: (2, 2, 2, 3),
    60: (2, 2, 2, 2),
    83: (2, 2, 2, 3),
    84: (2, 2, 2, 2),
    95: (2, 2, 2, 3),
    96: (2, 2, 2, 2),
}
