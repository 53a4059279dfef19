"""Laws of giving: which part of its balance a donor gives, from what it sees of its recipient.

What is seen is the trace (shares given along a chain, newest first), a public reputation or gossip, as the game
says; a law that reads neither is refused where nothing is shown. Where nothing is known of the
recipient (an empty trace, a reputation not learned, a share not recorded), laws give ``first``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from dilemmas.rules.donor_norms import HIGH, LOW, reaches
from dilemmas.rules.game import Answers, Array, Bools, Floats, Game, View
from dilemmas.strategies.rule import Memory, Parameter, Rule, law
from dilemmas.strategies.strategy import misfit

Share = Callable[[View, Any], Floats]

FIRST = Parameter(0.8, meaning="share given where nothing is known of the recipient")
GIVEN = Parameter(0.8, meaning="share given to a recipient in good standing")
KEPT = Parameter(0.0, meaning="share given to a recipient in bad standing")
WHOLE = "; of an integer score the whole part: 0.5 is 0"
GENEROUS = Parameter(0.5, meaning="share from which a past gift counts as giving")


def _shown(game: Game) -> tuple[str, ...]:
    shown: tuple[str, ...] = game.information  # type: ignore[attr-defined]  # laws of this family meet donor games
    return shown


def _needs(*ways: str) -> Callable[[Rule, Game], None]:
    """A check that the game shows at least one of these."""

    def fits(rule: Rule, game: Game) -> None:
        if not set(ways) & set(_shown(game)):
            why = f"it goes by the recipient's {' or '.join(ways)}, which this game does not show"
            raise misfit(rule.name, game, why, remedy=f"Set information: [{ways[-1]}] in the game.")

    return fits


def _punishes(rule: Rule, game: Game) -> None:
    if "punish" not in game.options("gift", 0):
        raise misfit(rule.name, game, "it has no punishment", remedy="Set mechanism: punish in the game.")
    _needs("image", "trace")(rule, game)


def gift(name: str, source: str, **options: Any) -> Callable[[Share], Share]:
    """Declare a law that gives a share of its balance."""

    def declare(share: Share) -> Share:
        @wraps(share)
        def decide(view: View, p: Any, memory: Memory, coin: Floats) -> tuple[Answers, Memory]:
            return Answers(amount=share(view, p) * view.balance), memory

        law(name, "donor", source=source, asks=("gift",), **options)(decide)
        return share

    return declare


# -- what is seen ---------------------------------------------------------------------------------------------


def _newest(view: View) -> Floats:
    """The share that the recipient gave in its last turn, NaN where that is not known."""
    shares: Floats = view.shares
    return shares[:, 0] if shares.shape[1] else np.full(len(view), np.nan)


def _regard(view: View) -> Floats:
    """The recipient's public image where the game has one, its newest share otherwise."""
    score: Floats = view.score if "image" in _shown(view.game) else _newest(view)
    return score


def bar(game: Game, threshold: Any) -> Any:
    """Thresholds on the scale of what the game shows: of integer scores their whole part.

    So 0.5, half-way on scales from 0 to 1, is the score 0 of newcomers, as in Nowak & Sigmund (1998).
    """
    integer = "image" in _shown(game) and game.image == "integer"  # type: ignore[attr-defined]  # a donor game
    return np.floor(threshold) if integer else threshold


def _chosen(good: Bools, unknown: Bools, p: Any) -> Floats:
    share: Floats = np.where(unknown, p.first, np.where(good, p.high, p.low))
    return share


# -- unconditional --------------------------------------------------------------------------------------------


@gift(
    "constant-donor",
    "Vallinder & Hughes 2024, unconditional giving",
    fraction=Parameter(0.5, meaning="share of the balance given"),
)
def constant_donor(view: View, p: Any) -> Floats:
    """The same share every time."""
    fraction: Floats = p.fraction
    return fraction


# -- by the trace's shares ------------------------------------------------------------------------------------


@gift("mirror", "Boyd & Richerson 1989, upstream tit-for-tat", first=FIRST, fits=_needs("trace"))
def mirror(view: View, p: Any) -> Floats:
    """The share that the recipient gave when it was last a donor."""
    newest = _newest(view)
    return np.where(np.isnan(newest), p.first, newest)


@gift(
    "chain-average",
    "Vallinder & Hughes 2024, Table 2, generation 1",
    fits=_needs("trace"),
    first=FIRST,
    add=Parameter(0.1, -1.0, 1.0, "added to the mean of the shares in the trace"),
    low=Parameter(0.1, meaning="least share given"),
    high=Parameter(1.0, meaning="largest share given"),
)
def chain_average(view: View, p: Any) -> Floats:
    """The mean share along the trace and a little more, within bounds; ``first`` is given as it is."""
    shares: Floats = view.shares
    known = ~np.isnan(shares)
    count = known.sum(axis=1)
    mean = np.where(known, shares, 0.0).sum(axis=1) / np.maximum(count, 1)
    share: Floats = np.where(count == 0, p.first, np.clip(mean + p.add, p.low, np.maximum(p.low, p.high)))
    return share


@gift(
    "image-scorer",
    "Nowak & Sigmund 1998",
    fits=_needs("image", "trace"),
    first=FIRST,
    threshold=Parameter(0.5, LOW, HIGH + 1, f"last share, or public image, from which a recipient is good{WHOLE}"),
    high=GIVEN,
    low=KEPT,
)
def image_scorer(view: View, p: Any) -> Floats:
    """Gives to those who gave, whomever they gave to."""
    regard = _regard(view)
    return _chosen(reaches(regard, bar(view.game, p.threshold)), np.isnan(regard), p)


@law(
    "discriminator",
    "donor",
    source="Nowak & Sigmund 1998",
    asks=("gift",),
    fits=_needs("image"),
    k=Parameter(0.5, LOW, HIGH + 1, f"public image score from which a recipient is helped{WHOLE}"),
    units=Parameter(
        1.0, 0.0, 1e300, "units that help costs, at most the balance; more where less would not count as giving"
    ),
    unknown=Parameter(1.0, meaning="part of that given to a recipient of unknown score"),
)
def discriminator(view: View, p: Any, memory: Memory, coin: Floats) -> tuple[Answers, Memory]:
    """Helps at a fixed cost if the recipient's score is at least k: k = -5 always helps, k = 6 never does."""
    score = view.score
    helped = np.where(np.isnan(score), p.unknown, score >= bar(view.game, p.k))
    # The strategies k = -5 and 6 of the source do the same to everybody, known or not.
    helped = np.where(p.k <= LOW, 1.0, np.where(p.k > HIGH, 0.0, helped))
    least: Floats = view.game.threshold * view.balance  # type: ignore[attr-defined]  # a donor game
    cost = np.maximum(p.units, least)
    return Answers(amount=np.minimum(helped * cost, view.balance)), memory


# -- by what is told -------------------------------------------------------------------------------------------------


def _listens(rule: Rule, game: Game) -> None:
    gossip = game.gossip  # type: ignore[attr-defined]  # laws of this family meet donor games
    if gossip is None or not gossip.names:
        raise misfit(rule.name, game, "it goes by the tones of gossip", remedy="Set gossip: {form: tone} in the game.")


@gift(
    "gossip-listener",
    "Sommerfeld et al. 2007; tones as in Zhu et al. 2026",
    fits=_listens,
    first=FIRST,
    threshold=Parameter(0.0, -1.0, 1.0, "mean value of what was told from which a recipient is good"),
    high=GIVEN,
    low=KEPT,
)
def gossip_listener(view: View, p: Any) -> Floats:
    """Gives by the mean tone of what it has heard of its recipient; ``first`` where it has heard nothing."""
    tone = view.tone
    return _chosen(reaches(tone, p.threshold), np.isnan(tone), p)


# -- by standing, judged along the trace or in public ---------------------------------------------------------


def _judged(shares: Floats, threshold: Floats, table: Array) -> Bools:
    """Whether the newest actor of each trace is good under a second-order norm ``table[to good or bad, gave]``.

    The oldest entry's recipient, of whom nothing is seen, is taken to be good, and so is a donor whose share was not
    recorded.
    """
    good = np.ones(len(shares), bool)
    for step in reversed(range(shares.shape[1])):  # along the trace, from its oldest entry
        share = shares[:, step]
        verdict = table[good.astype(np.intp), reaches(share, threshold).astype(np.intp)]
        good = np.isnan(share) | verdict
    return good


def _second(name: str, source: str, about: str, table: list[list[bool]]) -> None:
    """Declare a law of a second-order norm: ``table[recipient bad, good][kept, gave]`` says who stays good."""
    verdicts = np.array(table)

    def share(view: View, p: Any) -> Floats:
        if "trace" not in _shown(view.game):
            standing = view.standing
            return _chosen(standing > 0.5, np.isnan(standing), p)
        shares: Floats = view.shares
        return _chosen(_judged(shares, p.threshold, verdicts), view.length == 0, p)

    share.__doc__ = about
    gift(name, source, fits=_needs("standing", "trace"), threshold=GENEROUS, high=GIVEN, low=KEPT, first=FIRST)(share)


_second("simple-standing", "Sugden 1986", "Keeping from the bad is no fault.", [[True, True], [False, True]])
_second("stern-judging", "Pacheco et al. 2006", "Giving to the bad is a fault.", [[True, False], [False, True]])
_second("shunning", "Takahashi & Mashima 2006", "Whoever meets the bad is bad.", [[False, False], [False, True]])


@gift(
    "reputation",
    "Ohtsuki & Iwasa 2004",
    fits=_needs("standing"),
    gg=Parameter(1.0, meaning="part of high given by a good donor to a good recipient"),
    gb=Parameter(0.0, meaning="by a good donor to a bad recipient"),
    bg=Parameter(1.0, meaning="by a bad donor to a good recipient"),
    bb=Parameter(0.0, meaning="by a bad donor to a bad recipient"),
    high=GIVEN,
    first=FIRST,
)
def reputation(view: View, p: Any) -> Floats:
    """Acts by both public standings; the game's ``norm`` makes them."""
    theirs, mine = view.standing, view.my_standing > 0.5
    to_good, to_bad = np.where(mine, p.gg, p.bg), np.where(mine, p.gb, p.bb)
    share: Floats = np.where(np.isnan(theirs), p.first, p.high * np.where(theirs > 0.5, to_good, to_bad))
    return share


# -- punishment -----------------------------------------------------------------------------------------------


@law(
    "punisher",
    "donor",
    source="Vallinder & Hughes 2024, costly punishment",
    asks=("gift",),
    fits=_punishes,
    threshold=Parameter(0.3, LOW, HIGH + 1, f"last share (or image) below which a recipient is punished{WHOLE}"),
    spend=Parameter(0.5, meaning="share of the balance spent on punishing"),
    high=Parameter(0.5, meaning="share given otherwise"),
    first=Parameter(0.5, meaning="share given where nothing is known of the recipient"),
)
def punisher(view: View, p: Any, memory: Memory, coin: Floats) -> tuple[Answers, Memory]:
    """Punishes whoever gave little in its last turn, gives to the others."""
    regard = _regard(view)
    unknown = np.isnan(regard)
    punish = ~unknown & ~reaches(regard, bar(view.game, p.threshold))
    share = np.where(unknown, p.first, np.where(punish, p.spend, p.high))
    return Answers(choice=punish.astype(np.int8), amount=share * view.balance), memory
