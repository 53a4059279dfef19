"""A sheet of questions on a game: so many of each class in turn, each with luck of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dilemmas.engine.chance import Chance
from dilemmas.errors import Misfit, UsageError
from dilemmas.quiz import others
from dilemmas.quiz.deal import Deal, Maker
from dilemmas.quiz.dice import Dice
from dilemmas.quiz.question import USUAL, Draft, Part, Question
from dilemmas.rules.game import Game
from dilemmas.strategies import telling
from dilemmas.strategies.words import Presentation, Words

TRIES = 40  # draws for one question of a kind, before the next kind has its turn


@dataclass(frozen=True)
class Paper:
    """What a sheet is made from: the rules, how they are put to models, and the texts of questions."""

    rules: Game
    words: Words
    presentation: Presentation
    texts: Mapping[str, str]
    crossing: bool = False


def kinds(rules: Game) -> Mapping[Part, Mapping[str, Maker]]:
    """The makers of questions on a game, by class and kind; raises Misfit for a family that has none."""
    from dilemmas.quiz import commons, donor, matrix, public_goods

    known = {
        "matrix": matrix.KINDS,
        "donor": donor.KINDS,
        "commons": commons.KINDS,
        "public-goods": public_goods.KINDS,
    }
    if rules.kind not in known:
        raise Misfit(f"there is no quiz on a game of the kind {rules.kind}", expected=", ".join(known))
    return known[rules.kind]


def questions(paper: Paper, count: int, seed: int, parts: Sequence[Part] = ()) -> list[Question]:
    """So many questions, of the ``parts`` in turn (none: all the usual ones that the game has).

    The same seed gives the same questions, whatever their number. Raises UsageError for a class that the game does not
    have, SpecError where words are wrong.
    """
    makers = _chosen(paper, seed, parts)
    return [_question(paper, makers, place, seed) for place in range(count)]


def check(paper: Paper, seed: int, parts: Sequence[Part] = ()) -> None:
    """Raise what :func:`questions` would, without making more than a question of each kind."""
    _chosen(paper, seed, parts)


def _chosen(paper: Paper, seed: int, parts: Sequence[Part]) -> list[tuple[Part, Mapping[str, Maker]]]:
    """The classes of a sheet: those that can be asked about this very game."""
    known = kinds(paper.rules)
    able = {part: found for part, makers in known.items() if (found := _able(paper, part, makers, seed))}
    missing = next((part for part in parts if part not in able), None)
    if missing is not None:
        raise UsageError(
            f"there are no questions of the class {missing} on this {paper.rules.kind} game",
            expected=" or ".join(able),
        )
    return [(part, able[part]) for part in (parts or USUAL) if part in able]


def _able(paper: Paper, part: Part, makers: Mapping[str, Maker], seed: int) -> Mapping[str, Maker]:
    """The kinds of a class of which the game allows any question."""
    return {kind: make for kind, make in makers.items() if drawn(paper, part, make, 0, seed) is not None}


def _question(paper: Paper, makers: Sequence[tuple[Part, Mapping[str, Maker]]], place: int, seed: int) -> Question:
    part, able = makers[place % len(makers)]
    turn = place // len(makers)
    listed = [*able.items()]
    for kind, make in (*listed[turn % len(able) :], *listed):
        draft = drawn(paper, part, make, turn, seed)
        if draft is not None:
            return Question(
                place + 1, part, draft.kind or kind, draft.text, draft.scene, draft.right, draft.round, draft.seat
            )
    raise Misfit(f"no question of the class {part} could be made", where=f"question {place + 1}")


def drawn(paper: Paper, part: Part, make: Maker, turn: int, seed: int) -> Draft | None:
    """A question of one kind, drawn until there is one that has one answer."""
    row = others.series(paper.rules, turn)[0] if part == "onlooker" else turn
    luck = Chance.of(seed, 1, row + 1).rows(row, row + 1)
    told = telling.tell(
        paper.words, paper.presentation, paper.rules, luck, Chance.of(seed, 0, 1), crossing=paper.crossing
    )
    for attempt in range(TRIES):
        dice = Dice(luck, f"quiz {part} {attempt}")
        draft = make(Deal(paper.rules, told, luck, dice, paper.texts, turn))
        if draft is not None:
            return draft
    return None
