"""A brain that answers the quiz's questions of comprehension and dynamics from the text of a prompt alone.

It reads the rules and the history as a person would, and knows no game by name. Frames are the neutral one, and that
of a fishery.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import brains
from provider import Messages

NUMBER = r"(-?\d+(?:\.\d+)?)"


def answer(messages: Messages) -> str:
    """The answer to whatever is asked; ``lost`` where the question is none that it knows."""
    text = brains.whole(messages)
    for family in (_any, _matrix, _commons, _donor, _pot):
        found = family(text)
        if found is not None:
            return f"I have worked it out.\n\nANSWER: {found if isinstance(found, str) else f'{found:.6f}'}"
    return "I am lost."


def _find(pattern: str, text: str) -> list[str] | None:
    """What the groups of a pattern caught where it stands last; white space is all alike."""
    found = re.findall(pattern, " ".join(text.split()))
    return None if not found else [found[-1]] if isinstance(found[-1], str) else list(found[-1])


def _num(pattern: str, text: str) -> float | None:
    found = _find(pattern, text)
    return None if found is None else float(found[0])


def _items(text: str) -> list[tuple[str, str]]:
    """Numbered choices of the question."""
    return re.findall(r"^(\d): (.+)$", text, re.MULTILINE)


def _only(text: str, good: Callable[[str], bool]) -> str:
    return next(number for number, item in _items(text) if good(item))


def _any(text: str) -> str | float | None:
    if "is to be played now?" in text:
        return _num(r"This is \w+ (\d+)", text)
    return None


# -- games of two -----------------------------------------------------------------------------------------------------


def _matrix(text: str) -> str | float | None:
    if (table := brains.payoffs(text)) == {}:
        return None
    past, other = brains.history(text), "the other player get" in text.split("If you choose")[-1]
    if pair := _find(r"If you choose option (\w+) and the other player chooses option (\w+), how many points", text):
        return table[pair[0], pair[1]][other]
    if "largest number of points" in text:
        return max(own for own, _ in table.values())
    if "smallest number of points" in text:
        return min(own for own, _ in table.values())
    if "can you choose in this game" in text:
        return _only(text, lambda item: item in {mine for mine, _ in table})
    return _matrix_past(text, past, table)


def _matrix_past(
    text: str, past: list[tuple[str, str]], table: dict[tuple[str, str], tuple[float, float]]
) -> str | float | None:
    if round_ := _find(r"Which option was yours in round (\d+)\?", text):
        return past[int(round_[0]) - 1][0]
    if round_ := _find(r"Which option was the other player's in round (\d+)\?", text):
        return past[int(round_[0]) - 1][1]
    if label := _find(r"so far was your option (\w+)\?", text):
        return float(sum(mine == label[0] for mine, _ in past))
    if label := _find(r"so far was the other player's option (\w+)\?", text):
        return float(sum(theirs == label[0] for _, theirs in past))
    if "did you get in all rounds so far" in text:
        return sum(table[cell][0] for cell in past)
    if "did the other player get in all rounds so far" in text:
        return sum(table[cell][1] for cell in past)
    return None


# -- a lake -----------------------------------------------------------------------------------------------------------

MONTH = re.compile(
    r"^Month (\d+): the lake held ([\d.]+) tons? of fish\. (.+?)(?:, together [\d.]+)?\. [\d.]+ remained", re.M
)


def _catches(text: str) -> list[dict[str, float]]:
    catch = re.compile(r"(\w+(?: \d+)?) caught ([\d.]+)")
    return [{who: float(many) for who, many in catch.findall(story)} for _, _, story in MONTH.findall(text)]


def _commons(text: str) -> str | float | None:
    if "how large is the stock then" in text.lower() or "There is a stock of" in text:
        return _bare(text)
    if (stock := _num(rf"The lake holds {NUMBER} tons? of fish now", text)) is None:
        return None
    most, times = _num(rf"at most {NUMBER} ton", text) or 0.0, _num(rf"becomes {NUMBER} times", text) or 1.0
    if (total := _num(rf"{NUMBER} tons? of fish (?:is|are) caught this month by all together", text)) is not None:
        level = _num(rf"If less than {NUMBER} ton", text) or 0.0
        if "Is it then true" in text:
            return "yes" if stock - total < level else "no"
        return stock - total if "at the end of the month" in text else min(most, times * (stock - total))
    whole = "in whole numbers" in text
    if (seats := _num(r"each of you \((\d+) in all\)", text)) is not None:
        each = _num(rf"in all\) caught {NUMBER} ton", text)
        if each is not None:
            return min(most, times * (stock - seats * each))
        return _keeping(stock, seats, times, most, whole)
    if re.search(r"from 0 to [\d.]+, do you want to catch", text):
        return _keeping(stock, float(text.count(",") and _company(text)), times, most, whole)
    return _lake_past(text, stock // 1 if whole else stock)


def _company(text: str) -> int:
    """How many fish there: the others that are named, and oneself."""
    names = _find(r"The other fishers? (?:are|is) ([\w, ]+)\.", text) or [""]
    return 1 + len([name for name in re.split(r", | and ", names[0]) if name])


def _bare(text: str) -> float | None:
    stock, times = _num(rf"a stock of {NUMBER}\.", text) or 0.0, _num(rf"becomes {NUMBER} times", text) or 1.0
    most, people = _num(rf"never more than {NUMBER}\.", text) or 0.0, _num(r"(\d+) people", text) or 1.0
    if (each := _num(rf"each take {NUMBER} from it", text)) is not None:
        return min(most, times * (stock - people * each))
    return _keeping(stock, people, times, most, "in whole numbers" in text)


def _keeping(stock: float, seats: float, times: float, most: float, whole: bool) -> float:
    """The most that each can take so that the stock comes back; in whole numbers by trying all."""
    if not whole:
        return max(stock - stock / times, 0.0) / seats
    able = [each for each in range(int(stock) + 1) if min(most, times * max(stock - seats * each, 0)) >= stock - 1e-9]
    return float(max(able, default=0))


def _lake_past(text: str, stock: float) -> str | float | None:
    rounds = _catches(text)
    if "if nobody else wanted any" in text:
        return stock
    if "smallest number" in text:
        return 0.0
    if "could you choose now" in text:
        return _only(text, lambda item: 0 <= float(item) <= stock and float(item).is_integer())
    if found := _find(r"did (\w+(?: \d+)?) catch in month (\d+)\?", text):
        return rounds[int(found[1]) - 1][_you(found[0])]
    if found := _find(rf"did (\w+(?: \d+)?) catch more than {NUMBER} ton", text):
        return float(sum(row.get(_you(found[0]), 0) > float(found[1]) for row in rounds))
    if found := _find(r"did (\w+(?: \d+)?) catch in all months so far", text):
        return sum(row.get(_you(found[0]), 0.0) for row in rounds)
    return None


def _you(name: str) -> str:
    return "You" if name == "you" else name


# -- gifts ------------------------------------------------------------------------------------------------------------


def _donor(text: str) -> str | float | None:
    balances = _find(rf"You have {NUMBER} units?, and ([\w ]+) has {NUMBER} unit", text)
    if balances is None:
        return None
    mine, partner, theirs = float(balances[0]), balances[1], float(balances[2])
    times = _num(rf"the recipient gets {NUMBER} units? for every unit given", text) or 0.0
    gifts = re.findall(rf"Round (\d+): you gave {NUMBER} of your", text)
    if (amount := _num(rf"If you give {NUMBER} units? to {partner}", text)) is not None:
        if "are left to you?" in text:
            return mine - amount
        return amount * times + (theirs if "after that?" in " ".join(text.split()) else 0.0)
    if (spent := _num(rf"If you spend {NUMBER} units? on punishing", text)) is not None:
        return min(theirs, spent * (_num(rf"the recipient loses {NUMBER} units? for every unit spent", text) or 0.0))
    if "largest number of units" in text:
        return mine
    if "smallest number of units" in text:
        return 0.0
    if "could you choose now" in text:
        return _only(text, lambda item: 0 <= float(item) <= mine)
    if found := _find(r"did you give in round (\d+)\?", text):
        return next(float(many) for round_, many in gifts if round_ == found[0])
    if "were you the donor?" in text:
        return float(len(gifts))
    if "did you give in all rounds so far" in text:
        return sum(float(many) for _, many in gifts)
    if "Of what is on record, take the newest" in text:
        shares = re.findall(rf"^- Round \d+: {partner} gave {NUMBER} % of", text, re.MULTILINE)
        return float(shares[0])
    return None


# -- a pot ------------------------------------------------------------------------------------------------------------


def _pot(text: str) -> str | float | None:
    own = _num(rf"each of the \d+ members gets {NUMBER} points?", text)
    if own is None:
        return None
    seats, each = (
        _num(r"each of the (\d+) members", text) or 1.0,
        _num(rf"brings each member {NUMBER} point", text) or 0.0,
    )
    level = _num(rf"together put less than {NUMBER} point", text) or 0.0
    back = "everybody gets back" in text
    if found := _find(rf"If you put {NUMBER} points? into the common pot and the others put {NUMBER} together", text):
        gave, all_ = float(found[0]), float(found[0]) + float(found[1])
        return (own if back else own - gave) if all_ < level else own - gave + each * all_
    if (
        gave := _num(rf"If you put {NUMBER} points? into the common pot, how many points do you keep", text)
    ) is not None:
        return own - gave
    if (total := _num(rf"If all of you together put {NUMBER} points? into", text)) is not None:
        if "is it shared" in text:
            return "yes" if total >= level else "no"
        return each * total
    ends = [own - gave + each * (gave + rest) for gave in (0, own) for rest in (0, (seats - 1) * own)]
    if "largest number of points" in text:
        return max(ends)
    if "smallest number of points" in text:
        return min(ends)
    return _pot_past(text, own)


def _pot_past(text: str, own: float) -> str | float | None:
    if "could you choose now" in text:
        whole = "in whole numbers" in text
        return _only(text, lambda item: 0 <= float(item) <= own and (not whole or float(item).is_integer()))
    if found := _find(rf"If you hand out {NUMBER} (\w+) tokens? to [\w ]+, (how|by how) many", text):
        rule = rf"costs the one who hands it out {NUMBER} points? and \w+ the one who gets it {NUMBER}"
        prices = _find(f"Each {found[1]} token {rule}", text) or ["0", "0"]
        return float(found[0]) * float(prices[found[2] != "how"])
    rounds = _gifts(text)
    if found := _find(r"did all of you together put into the common pot in round (\d+)\?", text):
        return sum(rounds[int(found[0]) - 1].values())
    if found := _find(r"did ([\w ]+?) put into the common pot in round (\d+)\?", text):
        return rounds[int(found[1]) - 1][found[0]]
    if found := _find(rf"so far did ([\w ]+?) put more than {NUMBER} point", text):
        return float(sum(row[found[0]] > float(found[1]) for row in rounds))
    if found := _find(r"did ([\w ]+?) put into the common pot in all rounds so far", text):
        return sum(row[found[0]] for row in rounds)
    return None


def _gifts(text: str) -> list[dict[str, float]]:
    """What everybody put in, by round."""
    lines = re.findall(r"^-? ?Round \d+: (.+?), together", text, re.MULTILINE)
    found = []
    for line in lines:
        line = line[:1].lower() + line[1:] if line.startswith("You ") else line
        found.append({who: float(many) for who, many in re.findall(rf"(you|Member \d+) (?:put in )?{NUMBER}", line)})
    return found
