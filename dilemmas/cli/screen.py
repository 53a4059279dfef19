"""What a person in a seat is shown: the same view that a strategy gets, in lines of plain text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dilemmas.errors import many
from dilemmas.report import foreign
from dilemmas.rules.game import Ask, Game
from dilemmas.strategies.scene_talk import Heard

Lines = list[str]
UNSAID: tuple[Any, ...] = (None, "", {}, [], ())  # parameters that say nothing


def situation(game: Game, ask: Ask, row: int) -> Lines:
    """Where the seat stands, for any game: a screen of its family, or every field it may know."""
    told = ask.view.told(row)
    if ask.floor is not None:
        return [f"Round {int(ask.round[0])} · seat {row + 1} has the word"]
    show = SCREENS.get(game.kind, _fields)
    return [f"Round {told.round}{_length(told)} · seat {row + 1}", *show(game, ask, told)]


def heard(said: Sequence[Heard], row: int) -> Lines:
    """What was said in the talk that was last, a line each."""
    last = [one for one in said if (one.round, one.when) == (said[-1].round, said[-1].when)]
    return [
        f"  {'you' if one.seat == row else f'seat {one.seat + 1}'}: {foreign.line(one.text or '(nothing)')}"
        f"{'' if one.amount is None else f' (pledges {number(one.amount)})'}"
        for one in last
    ]


def rules(game: Game) -> Lines:
    """The numbers of the game, one a line."""
    known: dict[str, Any] = getattr(game, "model_dump", dict)()
    plain = {key: value for key, value in known.items() if value not in UNSAID and key != "payoffs"}
    return [f"  {key.replace('_', ' ')}: {_value(value)}" for key, value in plain.items()]


def number(value: Any) -> str:
    """A number as people write it: no zeros behind the point, at most two decimals."""
    return "?" if value is None else f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _counted(value: float, noun: str) -> str:
    return many(value, noun, text=number(value))


def _value(value: Any) -> str:
    """A value in words: yes and no, lists, and what is known by name as ``name value``."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(
            f"{str(key).replace('_', ' ')} {_value(part)}" for key, part in value.items() if part not in UNSAID
        )
    return ", ".join(map(_value, value)) if isinstance(value, (list, tuple)) else number(value)


def _length(told: Any) -> str:
    rounds = getattr(told, "rounds", None) if "rounds" in dir(told) else None
    chance = getattr(told, "continuation", None) if "continuation" in dir(told) else None
    return f" of {rounds}" if rounds else f", another follows with chance {number(chance)}" if chance else ""


def _fields(game: Game, ask: Ask, told: Any) -> Lines:
    return [f"  {name}: {getattr(told, name)}" for name in dir(told) if name != "round"]


def _matrix(game: Game, ask: Ask, told: Any) -> Lines:
    columns = list(next(iter(told.payoffs.values())))
    width = max(map(len, [*told.payoffs, *columns, "you"])) + 2
    table = ["  " + "you".ljust(width) + "".join(name.rjust(width) for name in columns) + "   <- the other"]
    table += [
        "  " + mine.ljust(width) + "".join(number(pay).rjust(width) for pay in line.values())
        for mine, line in told.payoffs.items()
    ]
    if not told.mine:
        return table
    past = f"Last round: you {told.last}, the other {told.seen}. So far you have {_counted(told.earned, 'point')}."
    return [*table, past, *_history(told.mine, told.theirs)]


def _history(mine: Sequence[str], theirs: Sequence[str]) -> Lines:
    shown = list(zip(mine, theirs, strict=True))[-12:]
    width = max(len(name) for pair in shown for name in pair) + 1
    dots = "… " if len(mine) > len(shown) else "  "
    return [
        f"  you   {dots}" + "".join(a.ljust(width) for a, _ in shown),
        f"  other {dots}" + "".join(b.ljust(width) for _, b in shown),
    ]


def _donor(game: Game, ask: Ask, told: Any) -> Lines:
    if told.deed is not None:
        return _deed(told)
    lines = [
        f"You have {_counted(told.balance, 'unit')}.",
        f"Your partner is seat {told.partner}, who has {number(told.their_balance)}.",
        f"Each unit that you give is worth {number(told.multiplier)} to your partner.",
    ]
    for step in told.chain:
        share = "?" if step["share"] is None else f"{100 * step['share']:.0f} %"
        did = f"{_DID.get(step['kind'], step['kind'])} {share} of its units"
        lines.append(f"  round {step['round']}: seat {step['actor']} {did}, to seat {step['target']}")
    for name, what in (("score", "image score"), ("standing", "standing (1 good, 0 bad)")):
        if getattr(told, name) is not None:
            lines.append(f"Your partner's {what}: {number(getattr(told, name))}")
    for one in told.gossip:
        said = ": ".join(foreign.line(part) for part in (one["tone"], one["text"]) if part)
        lines.append(f"  round {one['round']}, seat {one['teller']} told of your partner: {said}")
    return lines


def _deed(told: Any) -> Lines:
    """What a teller of gossip was told of."""
    share = "?" if told.deed_share is None else f"{100 * told.deed_share:.0f} %"
    did = f"{_DID.get(told.deed, told.deed)} {share} of its units ({number(told.deed_units)}), to seat {told.deed_to}"
    return [f"Seat {told.deed_by} {did}.", f"You have {_counted(told.balance, 'unit')}. What do you tell of it?"]


_DID = {"donate": "gave", "punish": "spent on punishment", "refuse": "refused"}


def _commons(game: Game, ask: Ask, told: Any) -> Lines:
    grows = f"What is left grows {number(told.growth)}-fold; below {number(told.collapse_below)} it is over."
    there = f"There {'is' if told.stock == 1 else 'are'} {_counted(told.stock, 'unit')}"
    lines = [f"{there}, of {number(told.capacity)} at most. {grows}"]
    if told.mine:
        caught = ", ".join(
            f"seat {seat}: {number(catch)}" for seat, catch in enumerate(told.taken, 1) if catch is not None
        )
        lines += [
            f"{'This' if told.voting else 'Last'} round: {caught}.",
            f"You have caught {number(told.earned)} in all.",
        ]
        lines += [f"You have paid {number(told.paid)} in fines."] if told.paid else []
    if told.voting:
        lines.append(f"Now a vote: who is named by more than half of the others pays {number(game.sanction.fine)}.")  # type: ignore[attr-defined]  # a commons with votes
    return lines


def _public_goods(game: Game, ask: Ask, told: Any) -> Lines:
    lines = [
        f"You have {_counted(told.endowment, 'unit')} to keep or to put in the pot.",
        f"A unit in the pot brings every one of the {told.seats} seats {number(told.mpcr)}.",
    ]
    if told.mine:
        lines.append(f"Last round you put in {number(told.gave)}, the others {_value(told.others)}.")
        lines.append(f"You have {number(told.earned)} in all.")
    if told.stage != "contribute":
        lines += [
            f"You may {told.stage} seat {told.target}, which put in {number(told.target_gave)}.",
            f"A point costs you {number(told.fee)} and changes its account by {number(told.effect)}; "
            f"at most {_counted(told.most, 'point')}.",
        ]
    return lines


SCREENS: dict[str, Callable[[Game, Ask, Any], Lines]] = {
    "matrix": _matrix,
    "donor": _donor,
    "commons": _commons,
    "public-goods": _public_goods,
}
