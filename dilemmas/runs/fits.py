"""Whether strategies make sense in the game they are to play, found out before anything is played, written or paid."""

from __future__ import annotations

import numpy as np

from dilemmas.engine.chance import Chance
from dilemmas.errors import DilemmasError, SpecError
from dilemmas.rules import gossip, talk
from dilemmas.rules.commons_fines import KIND as VOTE
from dilemmas.rules.game import Answers, Ask, Game
from dilemmas.runs.places import Human, Scripted
from dilemmas.runs.resolve import Cast
from dilemmas.strategies.answering import understand
from dilemmas.strategies.prompted import Prompted
from dilemmas.strategies.strategy import Strategy

DRAWN = ("stop", "random", "exclude")


def check(cast: Cast) -> None:
    """Raise Misfit where a member of the population has no answer to the game in a seat that it may take.

    Templates of prompted strategies are filled in for a first round; raises SpecError for one that is wrong.
    """
    for member in cast.members:
        if isinstance(member.strategy, Prompted):
            spoken(member.strategy, cast)
        elif not isinstance(member.strategy, (Human, Scripted)):
            seated(member.strategy, cast.rules)
    if cast.models:
        _otherwise(cast)
        _staying(cast)


def seated(strategy: Strategy, game: Game) -> None:
    """Make the strategy's player for one row a seat, which is where it looks at the game; raises Misfit."""
    seats = np.arange(min(game.seats, 2))
    strategy.player([strategy], np.zeros(len(seats), np.intp), seats, game)


def spoken(strategy: Prompted, cast: Cast) -> None:
    """Fill in every template of a prompted strategy for the first question to each of the first seats."""
    from dilemmas.runs.speaking import manner  # here: scripts need no templates
    from dilemmas.strategies import minutes, telling
    from dilemmas.strategies.prompting import check as fill_in
    from dilemmas.strategies.scene_talk import scene

    how, luck = manner(cast), Chance.of(0, 1, 1)
    told = telling.tell(how.words, how.presentation, cast.rules, luck, luck, crossing=how.crossing)
    ask = cast.rules.ask(cast.rules.start(luck))
    if ask is None:
        return
    for one in [ask, *talk.samples(cast.rules, ask), *_votes(cast.rules, luck)]:
        for seat in np.flatnonzero(one.who[0])[:2].tolist():
            fill_in(strategy, scene(cast.rules, one, seat, told, strategy.memory.window, []))
    if getattr(cast.rules, gossip.KIND, None) is not None:
        one = _gossip(cast.rules, luck)
        fill_in(strategy, scene(cast.rules, one, int(np.flatnonzero(one.who[0])[0]), told, None, []))
    talking = getattr(cast.rules, "talk", None)
    for kind in talking.minutes if talking is not None else ():
        minutes.messages(cast.rules, told, kind, [], range(cast.rules.seats))


def _votes(game: Game, luck: Chance) -> list[Ask]:
    """The vote of the first round, where there is one."""
    ask = _following(game, luck) if getattr(game, "sanction", None) is not None else None
    return [ask] if ask is not None and ask.kind == VOTE else []


def _gossip(game: Game, luck: Chance) -> Ask:
    """The first ask to tell of a gift."""
    ask = _following(game, luck)
    assert ask is not None
    return ask


def _following(game: Game, luck: Chance) -> Ask | None:
    """The second ask of a game in which everybody first gave or took nothing."""
    state = game.start(luck)
    ask = game.ask(state)
    assert ask is not None
    state, _ = game.settle(state, Answers(amount=np.zeros(ask.who.shape)), luck)
    return game.ask(state)


def _staying(cast: Cast) -> None:
    """Nobody is told that those who have most stay where nobody is selected."""
    if cast.game.presentation.goal == "stay" and cast.experiment.selection is None:
        found = "players are told that those who have most stay, and nobody is selected"
        raise SpecError(found, where="game.goal", expected="a selection, or goal none, own or joint")


def _otherwise(cast: Cast) -> None:
    """What is put in for an answer that cannot be used must be an answer."""
    rule, where = cast.experiment.answers.otherwise, "answers.otherwise"
    if rule == "exclude" and cast.experiment.tournament is not None:
        raise SpecError("a tournament cannot leave matches out", where=where, expected="stop, random or an action")
    if rule == "exclude" and cast.experiment.selection is not None and cast.experiment.generations > 1:
        raise SpecError(
            "selection needs the payoff of every agent, and one whose episodes are all left out would have none",
            where=where,
            expected="stop, random or an action; exclude only without selection",
        )
    if rule in DRAWN:
        return
    ask = cast.rules.ask(cast.rules.start(Chance.of(0, 1, 1)))
    try:
        understand(cast.rules, ask.kind if ask is not None else "move", 0, rule)
    except DilemmasError as error:
        expected = f"{', '.join(DRAWN)}, or an answer to the game: {error.expected}"
        raise SpecError(f"{rule!r} is no rule", where=where, expected=expected, remedy=error.remedy) from None
