"""Gossip among scripts: who tells, who hears, what is kept and shown, what is true; and that nothing else changes."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from donor_play import cast_of, events, rule
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

import dilemmas as dl
from dilemmas.engine import batch, live
from dilemmas.engine.chance import Chance
from dilemmas.engine.record import Played
from dilemmas.errors import IllegalAnswer, Misfit, SpecError
from dilemmas.rules.donor import Donor
from dilemmas.rules.game import Answers, Ask, Game
from dilemmas.rules.gossip import TONES, Gossip, truth
from dilemmas.specs import games, seats
from dilemmas.strategies.rule import Rule
from dilemmas.strategies.tellers import RULES
from dilemmas.testing import game_contract
from dilemmas.testing.compare import difference

BLOCKS = st.fixed_dictionaries(
    {
        "by": st.sampled_from(["recipient", "donor", "onlooker"]),
        "form": st.sampled_from(["tone", "both"]),
        "heard_by": st.sampled_from(["everyone", "next", "neighbours"]),
        "reach": st.integers(1, 3),
        "keep": st.integers(1, 4),
        "tones": st.sampled_from([dict(TONES), ["good", "so-so", "bad"], {"fine": 0.5, "foul": -1}]),
    }
)
SHAPES = st.sampled_from(
    [
        {"seats": 6, "schedule": "released"},
        {"seats": 5, "schedule": "random"},
        {"seats": 3, "schedule": "random"},
        {"seats": 8, "pairings": [[[1, 2]], [[3, 1], [2, 5]], [[1, 4], [2, 3], [5, 6], [7, 8]]]},
    ]
)
MORE = st.fixed_dictionaries(
    {
        "trace": st.sampled_from([0, 2]),
        "observation": st.sampled_from([1.0, 0.6]),
        "mechanism": st.sampled_from(["none", "punish", "refuse"]),
        "execution_error": st.sampled_from([0.0, 0.3]),
        "zero_trace": st.sampled_from(["one", "null"]),
    }
)


def told(strategy: str) -> Rule:
    """A strategy with a teller's rule, such as ``never-donate:gossip=liar``."""
    made = seats.strategy(strategy)
    assert isinstance(made, Rule)
    return made


TEAM = [
    told("gossip-listener:first=0.6"),
    told("constant-donor:fraction=0.4:gossip=liar"),
    told("gossip-listener:high=1:gossip=harsh"),
    told("always-donate:gossip=kind"),
    told("never-donate:gossip=silent"),
]


def played(game: Donor, team: Any = None, episodes: int = 5, seed: int = 3, **how: Any) -> Played:
    team = team or [TEAM[seat % len(TEAM)] for seat in range(game.seats)]
    return batch.play(game, cast_of(team, episodes), Chance.of(seed, 1, episodes), **how)


def rows(done: Played) -> list[dict[str, Any]]:
    """Messages with the deed that each is about."""
    assert done.messages is not None and done.moves is not None
    moves = {
        key: place
        for place, key in enumerate(zip(*(done.moves[k].tolist() for k in ("episode", "round", "seat")), strict=True))
    }
    found = []
    for place in range(len(done.messages["episode"])):
        row = {name: column[place] for name, column in done.messages.items()}
        row["seat"] -= 1
        deed = moves[row["episode"], row["round"], row["about"] + 1]
        row |= {f"deed_{name}": column[deed] for name, column in done.moves.items()}
        found.append(row)
    return found


# -- the block -------------------------------------------------------------------------------------------------------


def test_a_game_without_gossip_is_known_and_played_as_before() -> None:
    assert "gossip" not in games.parameters_of(games.load("donor").rules)
    assert games.parameters_of(games.load("donor", {"gossip": True}).rules)["gossip"]["by"] == "recipient"
    plain, told_of = Donor(), Donor(gossip={})
    team = [rule("mirror"), rule("image-scorer"), rule("constant-donor")] * 4
    one_, two = played(plain, team), played(told_of, team)
    assert one_.messages is None and two.messages is not None
    assert difference(one_, Played(two.score, two.moves, two.rounds, two.kinds, two.seconds, two.after)) == ""


@pytest.mark.parametrize(
    ("written", "known"),
    [
        (["a", "b", "c"], {"a": 1, "b": 0, "c": -1}),
        ("good, bad", {"good": 1, "bad": -1}),
        ({"bad": -0.5, "good": "1/2"}, {"good": 0.5, "bad": -0.5}),
    ],
)
def test_tones_are_a_list_or_have_values_and_stand_best_first(written: Any, known: dict[str, float]) -> None:
    made = Gossip(tones=written)
    assert list(made.tones.items()) == list(known.items())
    assert Gossip(**made.settings()) == made


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ({"tones": ["good"]}, "two tones"),
        ({"tones": {"a": 1, "b": 1}}, "different values"),
        ({"tones": ["good", "good"]}, "twice"),
        ({"tones": ["good", "nothing"]}, "say nothing"),
        ({"tones": ["good", "very bad"]}, "one word"),
        ({"tones": {"a": 2, "b": 0}}, "less than or equal to 1"),
        ({"by": "nobody"}, "recipient"),
        ({"keep": 0}, "greater than or equal to 1"),
    ],
)
def test_blocks_that_mean_nothing_are_refused(block: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Donor(gossip=block)


def test_an_onlooker_needs_somebody_outside_the_pair() -> None:
    with pytest.raises(ValidationError, match="onlooker needs 3 seats or more, not 2"):
        Donor(seats=2, gossip="onlooker")
    assert Donor(seats=2, gossip="donor").gossip == Gossip(by="donor")


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(BLOCKS, SHAPES, MORE, st.sampled_from(["tone", "words", "both"]))
def test_games_with_gossip_keep_their_contract(block: Any, shape: Any, more: Any, form: str) -> None:
    game_contract(Donor(rounds=4, **{**shape, **more}, gossip={**block, "form": form}))


@settings(max_examples=25, deadline=None)
@given(BLOCKS, SHAPES, MORE)
def test_batches_single_episodes_and_the_live_driver_are_one(block: Any, shape: Any, more: Any) -> None:
    game = Donor(**{"rounds": 5, **shape, **more}, gossip=block)
    whole = played(game)
    for size in (1, 3):
        assert difference(whole, played(game, chunk=size)) == ""
    team = [TEAM[seat % len(TEAM)] for seat in range(game.seats)]
    assert difference(whole, asyncio.run(live.play(game, cast_of(team, 5), Chance.of(3, 1, 5)))) == ""


# -- who tells, of whom, and who hears -------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(BLOCKS, SHAPES, st.integers(0, 99))
def test_every_gift_is_told_of_once_by_whom_the_game_says(block: Any, shape: Any, seed: int) -> None:
    game = Donor(**{"rounds": 5, **shape}, gossip=block)
    done = played(game, seed=seed)
    found = rows(done)
    assert done.moves is not None and len(found) == len(done.moves["seat"])
    assert len({(row["episode"], row["round"], row["seat"]) for row in found}) == len(found)
    for row in found:
        pair = row["about"], row["deed_partner"]
        if block["by"] == "onlooker":
            assert row["seat"] not in pair
        else:
            assert row["seat"] == pair[block["by"] == "recipient"]


@pytest.mark.parametrize("shape", [{"seats": 4}, {"seats": 5}, {"seats": 7, "pairings": [[[1, 2]]]}, {"seats": 3}])
def test_each_onlooker_is_as_likely_as_another(shape: dict[str, Any]) -> None:
    game = Donor(rounds=1, schedule="random", gossip="onlooker", **shape)
    done = played(game, [rule("constant-donor")] * game.seats, episodes=4000)
    assert done.messages is not None and done.moves is not None
    pair = {(e, s): p for e, s, p in zip(*(done.moves[k] for k in ("episode", "seat", "partner")), strict=True)}
    places = []
    for row in rows(done):
        others = [s for s in range(game.seats) if s not in (row["about"], pair[row["episode"], row["about"] + 1])]
        # Counted from the donor round the table, so that seats that are always free do not hide a preference.
        places.append(
            sorted((s - row["about"]) % game.seats for s in others).index((row["seat"] - row["about"]) % game.seats)
        )
    share = np.bincount(places, minlength=game.seats - 2) / len(places)
    assert share == pytest.approx(1 / (game.seats - 2), abs=0.035)


@settings(max_examples=25, deadline=None)
@given(BLOCKS, SHAPES, st.integers(0, 99))
def test_messages_reach_whom_the_game_says(block: Any, shape: Any, seed: int) -> None:
    game = Donor(**{"rounds": 6, **shape}, gossip=block)
    done = played(game, seed=seed)
    assert done.moves is not None
    gifts = list(zip(*(done.moves[k].tolist() for k in ("episode", "round", "seat", "partner")), strict=True))
    for row in rows(done):
        others = set(range(game.seats)) - {row["seat"]}
        later = [s - 1 for e, r, s, p in gifts if (e, p) == (row["episode"], row["about"]) and r > row["round"]]
        expected = {
            "everyone": others,
            "next": set([s for s in later if s != row["seat"]][:1]),
            "neighbours": {
                s
                for s in others
                if min((s - row["seat"]) % game.seats, (row["seat"] - s) % game.seats) <= block["reach"]
            },
        }
        assert set(row["to"]) == (set() if row["tone"] < 0 else expected[block["heard_by"]])


@settings(max_examples=20, deadline=None)
@given(BLOCKS, SHAPES, st.sampled_from([1.0, 0.5]), st.integers(0, 99))
def test_a_donor_is_shown_the_newest_that_it_heard_or_told(block: Any, shape: Any, chance: float, seed: int) -> None:
    game = Donor(**{"rounds": 7, **shape}, gossip=block, information="none", observation=chance)
    team = [TEAM[seat % len(TEAM)] for seat in range(game.seats)]
    said = rows(played(game, team, episodes=1, seed=seed))
    for round_, (moves, views) in enumerate(gifts_of(game, team, seed), 1):
        assert moves
        for seat, view in views.items():
            about = view["partner"] - 1
            known = [
                m
                for m in said
                if m["round"] < round_ and m["about"] == about and (seat in m["to"] or seat == m["seat"])
            ]
            known = [m for m in reversed(known) if m["tone"] >= 0][: block["keep"]] if view["known"] else []
            names = list(Gossip(**block).tones)
            assert [(m["round"], m["seat"] + 1, names[m["tone"]]) for m in known] == [
                (m["round"], m["teller"], m["tone"]) for m in view["gossip"]
            ]
            values = [Gossip(**block).tones[names[m["tone"]]] for m in known]
            assert view["tone"] == (pytest.approx(np.mean(values)) if values else None)


def gifts_of(game: Donor, team: Any, seed: int) -> Any:
    """What donors did and were told, by round; see ``donor_play.one``, which sees the gossip that follows as well."""
    for event in events(game, team, seed):
        if isinstance(event, Ask) and event.kind == "gift":
            asked = np.flatnonzero(event.who[0]).tolist()
            yield asked, {s: {n: getattr(event.view.told(s), n) for n in game.fields} for s in asked}


# -- truth and rules of telling --------------------------------------------------------------------------------------


def test_what_makes_a_tone_true() -> None:
    value = np.array([1, 0.2, 0, -0.1, -1, np.nan])
    yes, no = np.ones(6, bool), np.zeros(6, bool)
    assert np.array_equal(truth(value, yes, yes), [1, 1, np.nan, 0, 0, np.nan], equal_nan=True)
    assert np.array_equal(truth(value, no, yes), [0, 0, np.nan, 1, 1, np.nan], equal_nan=True)
    assert np.isnan(truth(value, yes, no)).all()


@settings(max_examples=25, deadline=None)
@given(BLOCKS, MORE, st.floats(0, 1), st.sampled_from([0.5, 0.2, 0.9]), st.sampled_from(RULES))
def test_tellers_keep_to_their_rule(block: Any, more: Any, share: float, half: float, way: str) -> None:
    game = Donor(seats=6, rounds=4, gossip=block, threshold=half, **more)
    assert game.gossip is not None
    names, values = list(game.gossip.tones), game.gossip.values
    team = [told(f"constant-donor:fraction={share:.6f}:gossip={way}")] * 6
    for row in rows(played(game, team, episodes=2)):
        gave = row["deed_share"] >= half * (1 - 1e-9)
        if way == "silent" or (np.isnan(row["deed_share"]) and way in ("honest", "liar")):
            assert row["tone"] == -1 and row["to"] == ()
        elif way in ("kind", "harsh"):
            assert row["tone"] == (0 if way == "kind" else len(names) - 1)
        elif row["tone"] >= 0:
            assert row["truthful"] != (0 if way == "honest" else 1)
            aim = (2 * row["deed_share"] - 1) * (1 if way == "honest" else -1)
            fit = truth(values, np.full(len(values), gave), np.ones(len(values), bool))
            left = values[fit != 0] if way == "honest" else values[fit == 0]
            assert abs(values[row["tone"]] - aim) == pytest.approx(np.abs(left - aim).min(), abs=1e-8)
        said = values[row["tone"]] if row["tone"] >= 0 else np.nan
        if np.isnan(row["deed_share"]) or np.isnan(said) or said == 0:
            assert np.isnan(row["truthful"])
        else:
            assert row["truthful"] == ((said > 0) == gave)


@pytest.mark.parametrize(
    ("share", "tone"),
    [(1, "praise"), (0.8, "praise"), (0.5, "neutral"), (0.36, "mockery"), (0.15, "complaint"), (0, "criticism")],
)
def test_an_honest_teller_takes_the_tone_that_is_nearest(share: float, tone: str) -> None:
    done = dl.play("donor", [f"constant-donor:fraction={share}"] * 4, seats=4, rounds=1, gossip=True)
    assert done.messages.tone.tolist() == [tone] * 2


@pytest.mark.parametrize(("share", "tone"), [(1, "criticism"), (0.5, "mockery"), (0.36, "praise"), (0, "praise")])
def test_a_liar_takes_the_false_tone_that_is_nearest_to_the_opposite(share: float, tone: str) -> None:
    done = dl.play("donor", [f"constant-donor:fraction={share}:gossip=liar"] * 4, seats=4, rounds=1, gossip=True)
    assert done.messages.tone.tolist() == [tone] * 2 and not done.messages.truthful.any()


@pytest.mark.parametrize("seed", range(4))
def test_what_others_said_since_does_not_drive_out_what_was_heard(seed: int) -> None:
    """A donor that heard an old message alone is shown it, however many newer ones it did not hear."""
    game = Donor(seats=6, schedule="random", rounds=14, gossip={"heard_by": "neighbours", "keep": 1})
    team = [rule("constant-donor")] * 6
    said, late = rows(played(game, team, episodes=1, seed=seed)), 0
    for round_, (_, views) in enumerate(gifts_of(game, team, seed), 1):
        for seat, view in views.items():
            all_of = [m for m in said if m["round"] < round_ and m["about"] == view["partner"] - 1]
            mine = [m["round"] for m in all_of if seat in m["to"] or seat == m["seat"]]
            assert [m["round"] for m in view["gossip"]] == mine[-1:]
            late += bool(mine) and mine[-1] < all_of[-1]["round"]
    assert late


@pytest.mark.parametrize(("mechanism", "answer"), [("punish", ("punish", 5)), ("refuse", ("refuse", 0))])
def test_who_punishes_or_refuses_gave_nothing(mechanism: str, answer: tuple[str, float]) -> None:
    script = f"def decide(view, memory, coin):\n    return {answer!r}, memory\n"
    Path("hard.py").write_text(script, encoding="utf-8")
    done = dl.play("donor", ["hard.py"] * 4, seats=4, rounds=1, mechanism=mechanism, gossip="onlooker")
    assert done.messages.tone.tolist() == ["criticism"] * 2 and done.messages.truthful.all()


pytestmark = pytest.mark.usefixtures("here")


def test_a_listener_gives_by_the_mean_tone() -> None:
    """Who gave is told well of and given to; who did not is not; a liar turns both round."""
    for way, expected in (("honest", [0.8, 0.0]), ("liar", [0.0, 0.8]), ("silent", [0.5, 0.5])):
        pairings = [[[1, 3], [2, 4]], [[5, 1], [6, 2]]]
        team = ["always-donate", "never-donate", *[f"mirror:gossip={way}"] * 2, *["gossip-listener:first=0.5"] * 2]
        done = dl.play("donor", team, pairings=pairings, gossip={"keep": 1})
        assert done.moves.share.tolist()[2:] == expected, way


def test_a_listener_needs_tones_and_unknown_rules_are_named() -> None:
    for block in (None, {"form": "words"}):
        with pytest.raises(Misfit, match="goes by the tones of gossip"):
            dl.play("donor", ["gossip-listener"] * 4, seats=4, gossip=block)
    with pytest.raises(SpecError, match=r"gossip is 'lier'.*honest.*liar"):
        dl.play("donor", ["mirror:gossip=lier"] * 4, seats=4, gossip=True)


def test_a_line_is_said_where_there_are_words(here: Path) -> None:
    (here / "loud.yaml").write_text(
        "strategy: loud\nfor: donor\nrule: always-donate\ngossip: kind\nsays: I say so.\n".replace(
            "rule: always-donate", "rule: constant-donor"
        ),
        encoding="utf-8",
    )
    for form, text, tone in (("words", "I say so.", None), ("both", "I say so.", "praise"), ("tone", None, "praise")):
        done = dl.play("donor", ["./loud.yaml", "mirror"], seats=2, rounds=2, gossip={"by": "donor", "form": form})
        table = done.tables["messages"]
        assert table.list("text") == [text, None] or table.list("text") == [None, text]
        if tone is not None:
            assert dict(zip(table.list("strategy"), table.list("tone"), strict=True))["loud"] == tone
        assert ("tone" in table.columns, "truthful" in table.columns) == (form != "words",) * 2


def test_who_has_no_tone_for_it_says_no_line_either(here: Path) -> None:
    (here / "loud.yaml").write_text("strategy: loud\nfor: donor\nrule: constant-donor\nsays: I say so.\n", "utf-8")
    team = ["always-donate", "./loud.yaml", "./loud.yaml"]
    settings: dict[str, Any] = {"pairings": [[[1, 2]], [[1, 3]]], "zero_trace": "null", "gossip": {"form": "both"}}
    done = dl.play("donor", team, **settings).tables["messages"]
    assert (done.list("text"), done.list("tone")) == (["I say so.", None], ["praise", None])
    assert done.list("to")[1] == "[]"


# -- tables, people, generations -------------------------------------------------------------------------------------


def test_tables_say_of_whom_and_how_much_was_true() -> None:
    team = {"image-scorer": 3, "never-donate:gossip=liar": 2, "always-donate:gossip=silent": 1}
    done = dl.evolve("donor", team, gossip="onlooker", games=2, generations=3, rounds=6, trace=1, log="moves")
    messages, moves = done.messages, done.moves
    assert len(messages) == len(moves) and set(messages.kind) == {"gossip"}
    assert list(messages.about) != list(messages.agent)
    merged = messages.merge(
        moves, left_on=["generation", "episode", "round", "about"], right_on=["generation", "episode", "round", "agent"]
    )
    assert len(merged) == len(messages)
    checked = merged[merged.truthful.notna()]
    good = checked.tone.map(TONES) > 0
    assert ((checked.share >= 0.5) == good).tolist() == checked.truthful.tolist()
    assert (set(messages.groupby("strategy").truthful.mean().dropna())) <= {0.0, 1.0}
    first = done.agents[done.agents.generation == 1].set_index("strategy")
    assert first.loc["always-donate:gossip=silent", ["told_share", "messages"]].tolist() == [0, 0]
    assert set(first.loc["never-donate:gossip=liar", "truthful_share"].dropna()) <= {0.0}
    here_ = messages[messages.generation == 1]
    assert done.generations.told_share[0] == pytest.approx(here_.tone.notna().mean())
    assert done.generations.truthful_share[0] == pytest.approx(here_.truthful.dropna().mean())
    assert all(json.loads(to) for to, tone in zip(messages.to, messages.tone, strict=True) if isinstance(tone, str))


def test_gossip_goes_with_talk_and_keys_stay_keys(here: Path) -> None:
    (here / "loud.yaml").write_text("strategy: loud\nfor: donor\nrule: constant-donor\nsays: Hear me.\n", "utf-8")
    done = dl.play("donor", ["./loud.yaml"] * 4, seats=4, rounds=3, talk=["before", "after"], gossip=True)
    keys = [*zip(done.messages["round"], done.messages.ask, done.messages.seat, strict=True)]
    assert keys == sorted(keys) and len(set(keys)) == len(keys)
    assert not set(keys) & {*zip(done.moves["round"], done.moves.ask, done.moves.seat, strict=True)}
    assert done.messages.groupby("kind").size().to_dict() == {"gossip": 6, "message": 20}
    assert done.messages[done.messages.kind == "message"].about.isna().all()


@pytest.mark.parametrize(
    ("form", "typed", "tone", "text"),
    [
        ("tone", "praise", 0, None),
        ("tone", "Nothing", 5, None),
        ("both", "praise: so it was", 0, "so it was"),
        ("both", "criticism", 4, None),
        ("words", "praise be to all", 0, "praise be to all"),
        ("words", "nothing", 0, None),
    ],
)
def test_people_gossip(form: str, typed: str, tone: int, text: str | None) -> None:
    from dilemmas.engine.voices import read

    game, ask = asked(form)
    found = read(game, ask, int(np.flatnonzero(ask.who[0])[0]), typed)
    assert found.choice is not None and found.text is not None
    assert (found.choice.tolist(), found.text.tolist()) == ([tone], [text])


@pytest.mark.parametrize(
    ("form", "typed"), [("tone", "praise: indeed"), ("tone", "lovely"), ("both", "lovely so"), ("words", "")]
)
def test_people_who_gossip_wrongly_are_told_how(form: str, typed: str) -> None:
    from dilemmas.engine.voices import read

    game, ask = asked(form)
    with pytest.raises(IllegalAnswer, match=r"nothing that can be told.*nothing"):
        read(game, ask, int(np.flatnonzero(ask.who[0])[0]), typed)


def asked(form: str) -> tuple[Game, Ask]:
    """The first ask for gossip of an episode."""
    game: Any = Donor(seats=4, gossip={"form": form})
    luck = Chance.of(0, 1, 1)
    state = game.start(luck)
    ask = game.ask(state)
    state, _ = game.settle(state, Answers(amount=np.ones(ask.who.shape)), luck)
    return game, game.ask(state)


def test_who_tells_of_its_own_gift_knows_what_it_has_left() -> None:
    game: Any = Donor(seats=2, gossip="donor")
    luck = Chance.of(0, 1, 1)
    state = game.start(luck)
    ask = game.ask(state)
    state, _ = game.settle(state, Answers(amount=np.ones(ask.who.shape)), luck)
    ask = game.ask(state)
    assert ask.view.told(int(np.flatnonzero(ask.who[0])[0])).balance == 9


class Mute:
    """A voice that gives a unit and tells nothing."""

    async def answer(self, game: Game, ask: Ask, row: int) -> Answers:
        return Answers(amount=np.array([1.0])) if ask.kind == "gift" else Answers()

    def told(self, game: Game, outcome: Any) -> None:
        pass


def test_nobody_tells_in_the_stead_of_a_voice() -> None:
    game, team = Donor(seats=4, rounds=2, gossip=True), [rule("constant-donor")] * 4
    done = asyncio.run(live.play(game, cast_of(team), Chance.of(0, 1, 1), lambda luck: {0: Mute(), 2: Mute()}))
    assert done.messages is not None
    spoke = done.messages["tone"] >= 0
    assert spoke.tolist() == [seat in (2, 4) for seat in done.messages["seat"]] and 0 < spoke.sum() < len(spoke)


def test_words_that_are_not_asked_for_are_illegal() -> None:
    game, ask = asked("tone")
    words = np.full(ask.who.shape, "hello", object)
    assert (game.illegal(ask, Answers(np.zeros(ask.who.shape, int), text=words)) == ask.who).all()
    assert (game.illegal(ask, Answers(np.full(ask.who.shape, 6))) == ask.who).all()
    assert not game.illegal(ask, Answers(np.full(ask.who.shape, 5))).any()


def test_an_episode_is_told_with_its_gossip() -> None:
    from dilemmas.report import story

    done = dl.play("donor", ["always-donate", "mirror:gossip=liar"], seats=2, rounds=1, gossip=True, shuffle=False)
    lines = list(story.told(done.tables))
    assert "mirror:gossip=liar tells criticism of always-donate" in " ".join(lines)
