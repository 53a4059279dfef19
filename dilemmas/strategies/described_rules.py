"""What each law of giving, harvesting and contributing comes to in a sentence, with its numbers filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dilemmas.rules.donor_norms import HIGH, LOW
from dilemmas.rules.game import Game
from dilemmas.strategies.donor_rules import bar
from dilemmas.strategies.prompts import counted, shown
from dilemmas.strategies.scene_common import single

Numbers = Mapping[str, Any]
Sentence = Callable[[Numbers, Game, str], str]
"""The words for a law: its numbers, the game, and the unit of its amounts."""


def _percent(share: float) -> str:
    return f"{shown(100 * share)} %"


def _part(share: float, whole: str = "what it has") -> str:
    """A share of something, in words."""
    return "nothing" if share == 0 else f"all of {whole}" if share == 1 else f"{_percent(share)} of {whole}"


# -- giving -----------------------------------------------------------------------------------------------------------


def _sees(game: Game, what: str) -> bool:
    return what in getattr(game, "information", ())


def _unknown(p: Numbers) -> str:
    return f"Where nothing is known of the recipient, it gives {_part(p['first'])}."


def _constant(p: Numbers, game: Game, unit: str) -> str:
    return f"It gives {_part(p['fraction'])}, whoever the recipient is."


def _mirror(p: Numbers, game: Game, unit: str) -> str:
    return f"It gives the same share of what it has that its recipient gave when it last was a donor. {_unknown(p)}"


def _chain(p: Numbers, game: Game, unit: str) -> str:
    add, low, high = p["add"], _percent(p["low"]), _percent(max(p["low"], p["high"]))
    change = f" and {'adds' if add > 0 else 'takes away'} {shown(100 * abs(add))} percentage points" if add else ""
    bounds = f"but never less than {low} or more than {high} of what it has"
    return f"It takes the mean of the shares that it is told of{change}, and gives that, {bounds}. {_unknown(p)}"


def _worthy(p: Numbers, game: Game) -> str:
    """Which recipients reach the threshold."""
    if _sees(game, "image"):
        return f"whose image score is {shown(bar(game, p['threshold']))} or more"
    return f"that gave {_percent(p['threshold'])} or more of what it had when it last was a donor"


def _image(p: Numbers, game: Game, unit: str) -> str:
    return (
        f"It gives {_part(p['high'])} to a recipient {_worthy(p, game)}, and {_part(p['low'])} to others. {_unknown(p)}"
    )


def _listener(p: Numbers, game: Game, unit: str) -> str:
    tones = getattr(game, "gossip", None)
    worth = ", ".join(f"{name} {shown(value)}" for name, value in tones.tones.items()) if tones is not None else ""
    counts = f" Tones count as follows: {worth}." if worth else ""
    heard = f"of whom it has heard, on average, tones worth {shown(p['threshold'])} or more"
    does = f"It gives {_part(p['high'])} to a recipient {heard}, and {_part(p['low'])} to others."
    return f"{does}{counts} Where it has heard nothing, it gives {_part(p['first'])}."


def _discriminator(p: Numbers, game: Game, unit: str) -> str:
    cost = f"{counted(p['units'], single(unit), unit)}, or all it has where that is less,"
    least: float = getattr(game, "threshold", 0.0)
    help_ = f"{cost} or {_part(least)} where that is more," if least else cost
    if p["k"] <= LOW:
        return f"It gives {help_} to everybody."
    if p["k"] > HIGH:
        return "It gives nothing to anybody."
    good = f"a recipient whose image score is {shown(bar(game, p['k']))} or more"
    known = f"It gives {help_} to {good}, and nothing to others."
    return f"{known} Where the score is not known, it gives {_part(p['unknown'], 'that')}."


def _judging(to_bad: str) -> Sentence:
    def sentence(p: Numbers, game: Game, unit: str) -> str:
        does = f"It gives {_part(p['high'])} to a recipient in good standing, and {_part(p['low'])} to one in bad."
        if not _sees(game, "trace"):
            return f"{does} {_unknown(p)}"
        gift = f"{_percent(p['threshold'])} or more of what one has counts as giving"
        judges = (
            f"It judges for itself, along the chain that it is told of, from the oldest gift on: {gift}; who gives "
            f"to the good is good, who keeps from the good is bad; {to_bad}. Of whom it knows nothing it thinks well."
        )
        return f"{does} {judges} Where it is told of no gift at all, it gives {_part(p['first'])}."

    return sentence


def _reputation(p: Numbers, game: Game, unit: str) -> str:
    gives = {key: _part(p["high"] * p[key]) for key in ("gg", "gb", "bg", "bb")}
    mine = (
        f"While its own standing is good, it gives {gives['gg']} to a recipient in good standing and {gives['gb']} to"
    )
    return f"{mine} one in bad; while its own is bad, {gives['bg']} and {gives['bb']}. {_unknown(p)}"


def _punisher(p: Numbers, game: Game, unit: str) -> str:
    does = f"It gives {_part(p['high'])} to a recipient {_worthy(p, game)}. On taking {unit} from any other"
    return f"{does} it spends {_part(p['spend'])}. {_unknown(p)}"


# -- harvesting -------------------------------------------------------------------------------------------------------

SUSTAINABLE = "an equal part of the most that all together can take with the stock coming back to what it was"


def _harvest(sentence: Sentence) -> Sentence:
    """With the noise that any harvest may have, and whom it names for a fine where that is voted on."""

    def noisy(p: Numbers, game: Game, unit: str) -> str:
        noise = (
            f" With a chance of {_percent(p['noise'])} it takes a random amount instead, from nothing to an equal part"
        )
        return sentence(p, game, unit) + (f"{noise} of what there is." if p["noise"] else "") + _named(p, game)

    return noisy


def _named(p: Numbers, game: Game) -> str:
    if getattr(game, "sanction", None) is None:
        return ""
    if p["vote"] != "over-users":
        return " It names nobody for a fine."
    return " For a fine it names who took most, if that was more than the sustainable share of the round, else nobody."


def _greedily(game: Game, unit: str) -> str:
    return f"an equal part of {shown(getattr(game, 'capacity', 0))} {unit}, however much is left"


def _restrained(p: Numbers, game: Game, unit: str) -> str:
    return f"In every round it wants {_percent(p['share'])} of its sustainable share: {SUSTAINABLE}."


def _matcher(p: Numbers, game: Game, unit: str) -> str:
    return f"It wants what the others took on average in the last round; at first, {SUSTAINABLE}."


def _grim(p: Numbers, game: Game, unit: str) -> str:
    return f"It wants {SUSTAINABLE}, until anybody takes more than that; from then on it wants {_greedily(game, unit)}."


# -- contributing -----------------------------------------------------------------------------------------------------

ENDOWMENT = "its endowment"


def _contributor(p: Numbers, game: Game, unit: str) -> str:
    return f"In every round it contributes {_part(p['share'], ENDOWMENT)}."


def _conditional(p: Numbers, game: Game, unit: str) -> str:
    first = f"In the first round it contributes {_part(p['first'], ENDOWMENT)}. After that, "
    if p["slope"] == 1:
        return f"{first}it contributes as much as the others did on average in the round before."
    more = f"{_percent(p['slope'])} of what the others contributed on average in the round before"
    return f"{first}it contributes {more}, and never more than {ENDOWMENT}."


def _hump(p: Numbers, game: Game, unit: str) -> str:
    peak = _percent(p["peak"])
    rising = (
        f"It contributes as much as the others did on average in the round before, if that was {peak} of the endowment"
    )
    falling = f"{rising} or less; the more they gave beyond {peak}, the less it gives, down to nothing"
    belief = f"In the first round it does as if they had given {_part(p['first'], 'theirs')}."
    return f"{falling} where they gave everything. {belief}"


def _sanctions(stage: str, points: str, target: str) -> Sentence:
    """A contribution, and points for some of the others where the game has them."""

    def sentence(p: Numbers, game: Game, unit: str) -> str:
        rule = getattr(game, stage, None)
        if rule is None:
            return _contributor(p, game, unit)
        given = f"{shown(min(p['points'], rule.most))} points of {points} each to everybody who contributed {target}"
        return f"{_contributor(p, game, unit)} After that it gives {given}, as far as it may give so many."

    return sentence


SENTENCES: Mapping[str, Sentence] = {
    "constant-donor": _constant,
    "mirror": _mirror,
    "chain-average": _chain,
    "image-scorer": _image,
    "gossip-listener": _listener,
    "discriminator": _discriminator,
    "simple-standing": _judging("whatever somebody does to the bad, they stay good"),
    "stern-judging": _judging("who keeps from the bad is good, who gives to the bad is bad"),
    "shunning": _judging("whoever meets the bad is bad, giving or not"),
    "reputation": _reputation,
    "punisher": _punisher,
    "sustainable": _harvest(lambda p, game, unit: f"In every round it wants {SUSTAINABLE}."),
    "greedy": _harvest(lambda p, game, unit: f"In every round it wants {_greedily(game, unit)}."),
    "fixed": _harvest(lambda p, game, unit: f"In every round it wants {counted(p['amount'], single(unit), unit)}."),
    "restrained": _harvest(_restrained),
    "matcher": _harvest(_matcher),
    "grim-share": _harvest(_grim),
    "contributor": _contributor,
    "free-rider": lambda p, game, unit: "It contributes nothing in any round.",
    "conditional": _conditional,
    "hump": _hump,
    "punishing-contributor": _sanctions("punishment", "punishment", "less than itself"),
    "antisocial-punisher": _sanctions("punishment", "punishment", "as much as itself or more"),
    "rewarding-contributor": _sanctions("reward", "reward", "as much as itself or more"),
}
"""By the name of the law."""
