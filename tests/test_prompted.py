"""Files of prompted strategies: what they mean, what is wrong with them, where their templates stand."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from prompted_play import ask, saying, scene, strategy

from dilemmas.errors import DilemmasError, FileError, SpecError, UnknownName, UsageError
from dilemmas.specs import catalogue, prompted, seats, starters
from dilemmas.specs.prompted import SAMPLING, files
from dilemmas.strategies.prompted import Memory, Prompted, Step
from dilemmas.strategies.prompting import check

SHELF = ("plain", "cot", "scot", "theory-of-mind", "universalizer", "reflective")
PROMPTS = catalogue.shelf("strategies") / "prompts"


def file(folder: Path, block: Any, templates: dict[str, str] | None = None, name: str = "mine", **keys: Any) -> Path:
    """A strategy file with templates in its default folder."""
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump({"strategy": name, **keys, "prompted": block}, sort_keys=False), "utf-8")
    inside = folder / "prompts" / name
    inside.mkdir(parents=True, exist_ok=True)
    for part, text in (templates if templates is not None else {"system": "S", "choose": "C"}).items():
        (inside / f"{part}.md").write_text(text, "utf-8")
    return path


def load(path: Path | str, **given: Any) -> Prompted:
    made = seats.strategy(seats.Seat(str(path), given))
    assert isinstance(made, Prompted)
    return made


def test_the_least_file_chooses_with_full_memory_and_a_bound_on_tokens(tmp_path: Path) -> None:
    made = load(file(tmp_path, {}))
    assert made.steps == (Step("choose", "choose"),)
    assert made.memory == Memory("full") and made.memory.window is None
    assert made.sampling == {"max_tokens": 4000}
    assert (made.templates["system"], made.templates["choose"], made.persona, made.model) == ("S", "C", "", "")


def test_a_whole_file(tmp_path: Path) -> None:
    sampling = {
        **{
            "temperature": 0.7,
            "top_p": 0.9,
            "max_tokens": 50,
            "seed": 3,
            "frequency_penalty": -1,
            "presence_penalty": 1,
        },
        **{"reasoning_effort": "low", "top_k": 4, "stop": ["\n\n"]},
    }
    assert set(sampling) == set(SAMPLING)
    block = {
        "steps": [{"name": "mull", "every": 3, "from": 2}, {"name": "guess", "kind": "predict"}, "choose"],
        "memory": {"kind": "stream", "notes": 4, "window": 2},
        "persona": " A baker. ",
        **sampling,
    }
    templates = dict.fromkeys(("system", "mull", "guess", "choose"), "T")
    made = load(file(tmp_path, block, templates, source="Me 2026"))
    steps = (Step("mull", "think", 3, 2), Step("guess", "predict"), Step("choose", "choose"))
    assert made.steps == (Step("note", "note", 1, 2), *steps)
    assert made.memory == Memory("stream", 2, 4)
    assert made.sampling == sampling
    assert (made.persona, made.source) == ("A baker.", "Me 2026")


@pytest.mark.parametrize(
    ("said", "memory", "window"),
    [
        ("none", Memory("none"), 0),
        ("full", Memory("full"), None),
        ("last-3", Memory("last", 3), 3),
        ({"last": 3}, Memory("last", 3), 3),
        ({"kind": "last", "window": 2}, Memory("last", 2), 2),
        ("summary", Memory("summary", 3), 3),
        ({"kind": "summary", "window": "all"}, Memory("summary"), None),
        ("stream", Memory("stream", 3), 3),
        ({"kind": "stream", "notes": 5, "window": 0}, Memory("stream", 0, 5), 0),
    ],
)
def test_memories(tmp_path: Path, said: Any, memory: Memory, window: int | None) -> None:
    for made in (load(file(tmp_path, {"memory": said})), load(file(tmp_path, {}), memory=said)):
        assert made.memory == memory
        assert made.memory.window == window


WRONG = [
    ({"temprature": 1}, "temprature", "temperature"),
    ({"temperature": "hot"}, "temperature", "number"),
    ({"temperature": 3}, "temperature", "2"),
    ({"max_tokens": 0}, "max_tokens", "1"),
    ({"steps": ["predict"]}, "steps", "chooses"),
    ({"steps": []}, "steps", "chooses"),
    ({"steps": ["choose", "predict"]}, "steps", "last"),
    ({"steps": ["choose", {"name": "again", "kind": "choose"}]}, "steps", "one step"),
    ({"steps": ["think", "think", "choose"]}, "steps", "twice"),
    ({"steps": ["system", "choose"]}, "steps", "system"),
    ({"steps": ["../secret", "choose"]}, "steps.0.name", "../secret"),
    ({"steps": [{"name": "think", "evry": 2}, "choose"]}, "steps.0.evry", "evry"),
    ({"steps": [{"name": "think", "kind": "muse"}, "choose"]}, "steps.0.kind", "predict"),
    ({"steps": [{"name": "choose", "every": 2}]}, "steps", "every time"),
    ({"memory": "sumary"}, "memory", "summary"),
    ({"memory": {"last": 0, "x": 1}}, "memory", "x"),
    ({"memory": {"kind": "last"}}, "memory", "number"),
    ({"memory": {"kind": "full", "window": 3}}, "memory", "window"),
    ({"memory": {"kind": "summary", "notes": 3}}, "memory", "notes"),
    ({"persona": 7}, "persona", "7"),
]


@pytest.mark.parametrize(("block", "key", "says"), WRONG)
def test_a_wrong_key_or_value_is_told_with_its_file_and_key(tmp_path: Path, block: Any, key: str, says: str) -> None:
    path = file(tmp_path, block)
    with pytest.raises(SpecError) as caught:
        load(path)
    words = str(caught.value)
    assert str(path) in words and key in words and says in words


@pytest.mark.parametrize(
    ("given", "kind", "says"),
    [
        ({"temprature": 1}, UnknownName, "Did you mean 'temperature'?"),
        ({"temperature": 3}, SpecError, "temperature: 3 does not fit"),
        ({"ordr": 2}, UnknownName, "Did you mean 'order'?"),
        ({"order": 3}, SpecError, "order: 3 does not fit; expected 1, 2"),
        ({"order": True}, SpecError, "expected 1, 2"),
        ({"options": {"order": [3]}}, UnknownName, "options"),
        ({"persona": 7}, SpecError, "persona"),
        ({"steps": ["patterns"]}, SpecError, "chooses"),
    ],
)
def test_parameters_of_a_seat_are_checked(given: Any, kind: type[DilemmasError], says: str) -> None:
    with pytest.raises(kind) as caught:
        load("theory-of-mind", **given)
    assert says in str(caught.value) and "theory-of-mind" in str(caught.value)


def test_own_parameters_keep_their_kind_and_reach_the_templates(tmp_path: Path) -> None:
    path = file(tmp_path, {}, {"system": "{{ parameters.mood }}", "choose": "C"}, parameters={"mood": "calm", "n": 1})
    for given, mood in (({}, "calm"), ({"mood": "cross"}, "cross")):
        made = load(path, **given)
        assert made.parameters == {"mood": mood, "n": 1}
        assert ask(saying(["ANSWER: J"]), made, scene())[1][0].messages[0]["content"] == mood
    with pytest.raises(SpecError, match="such as 1"):
        load(path, n="many")


def test_numbers_may_be_whole_or_not_and_names_mean_one_thing(tmp_path: Path) -> None:
    assert load(file(tmp_path, {}, parameters={"n": 0.5}), n=2).parameters == {"n": 2}
    with pytest.raises(SpecError, match=r"such as 0\.5"):
        load(file(tmp_path, {}, parameters={"n": 0.5}), n=True)
    with pytest.raises(SpecError, match=r"parameters\.temperature: 'temperature' is a key of prompted"):
        load(file(tmp_path, {}, parameters={"temperature": 1}))
    with pytest.raises(SpecError, match=r"options\.n: the default 3 is not among them"):
        load(file(tmp_path, {"options": {"n": [1, 2]}}, parameters={"n": 3}))
    with pytest.raises(SpecError, match=r"options\.m: no parameter is called 'm'. Did you mean"):
        load(file(tmp_path, {"options": {"m": [1, 2]}}, parameters={"mm": 3}))


def test_seats_give_every_key() -> None:
    made = strategy("cot:temperature=0.2:persona=You are a baker:memory=last-2:seed=4:stop=END@some/model")
    assert made.sampling == {"max_tokens": 4000, "temperature": 0.2, "seed": 4, "stop": "END"}
    assert (made.persona, made.memory) == ("You are a baker", Memory("last", 2))
    assert made.name.startswith("cot:temperature=0.2:persona=You are a baker")
    assert strategy("theory-of-mind:order=2").parameters == {"order": 2}
    assert [step.name for step in load("cot", steps=["choose"], memory="summary").steps] == ["summary", "choose"]


# -- templates --------------------------------------------------------------------------------------------------------


def test_a_missing_template_says_what_is_there(tmp_path: Path) -> None:
    path = file(tmp_path, {"steps": ["predict", "choose"]}, {"system": "S", "choose": "C", "predcit": "P"})
    with pytest.raises(FileError) as caught:
        load(path)
    words = str(caught.value)
    assert "predict.md is missing" in words and "choose.md, predcit.md, system.md" in words
    assert "Did you mean 'predcit.md'?" in words and str(path) in words
    with pytest.raises(FileError, match=r"system\.md is missing"):
        load(file(tmp_path, {}, {"choose": "C"}, "other"))
    path = file(tmp_path, {"prompts": "./prompts/mien"})
    with pytest.raises(FileError, match=r"Did you mean 'mine'\?"):
        load(path)


def test_templates_stand_relative_to_the_file_or_beside_a_copy_of_it(tmp_path: Path) -> None:
    near, far = tmp_path / "near", tmp_path / "far"
    near.mkdir()
    path = file(near, {"prompts": "../far/voice"}, {})
    (far / "voice").mkdir(parents=True)
    for part in ("system", "choose"):
        (far / "voice" / f"{part}.md").write_text(f"far {part}", "utf-8")
    assert load(path).templates["choose"] == "far choose"
    copies = near / "prompts" / "voice"
    shutil.copytree(far / "voice", copies)
    (copies / "choose.md").write_text("near choose", "utf-8")
    assert load(path).templates["choose"] == "far choose"  # first where the file says
    shutil.rmtree(far)
    assert load(path).templates["choose"] == "near choose"


def test_what_the_memory_needs_is_shared_and_may_be_ones_own(tmp_path: Path) -> None:
    path = file(tmp_path, {"memory": "summary"})
    assert load(path).places["summary"] == str(PROMPTS / "memory" / "summary.md")
    shared = tmp_path / "prompts" / "memory"
    shared.mkdir()
    (shared / "summary.md").write_text("shared", "utf-8")
    assert load(path).templates["summary"] == "shared"
    (tmp_path / "prompts" / "mine" / "summary.md").write_text("own", "utf-8")
    assert load(path).templates["summary"] == "own"


@pytest.mark.parametrize("name", [*SHELF, "cot"])
def test_the_files_that_are_used_can_be_copied_and_mean_the_same(name: str, tmp_path: Path) -> None:
    told, path = seats.read_file(name)
    given: dict[str, Any] = {"memory": "summary"} if name == "cot" else {}
    used = files(told, path, given)
    assert all(one.is_file() for one in used) and len(used) == len(set(used))
    shutil.copy(path, tmp_path / path.name)
    for one in used:
        copy = tmp_path / "prompts" / one.parent.name / one.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(one, copy)
    made, again = load(name, **given), load(tmp_path / path.name, **given)
    assert made == again
    assert {Path(place) for place in made.places.values()} == set(used)
    assert all(Path(place).is_relative_to(tmp_path) for place in again.places.values())


def test_scripted_strategies_use_no_templates() -> None:
    assert files(*seats.read_file("tit-for-tat")) == []


# -- the shelf and the starter ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHELF)
def test_the_shelf_is_for_any_game_and_says_where_it_comes_from(name: str) -> None:
    told, path = seats.read_file(name)
    assert (told.family, path.stem, strategy(name).name) == ("any", name, name)
    assert told.about and any(sign.isdigit() for sign in told.source)
    assert strategy(name).persona == "" and strategy(name).sampling == {"max_tokens": 4000}


def test_every_template_of_the_shelf_is_used_and_no_sentence_stands_twice_in_a_file() -> None:
    used = {
        one for name in SHELF for memory in ("full", "summary", "stream") for one in files(*seats.read_file(name), {})
    }
    used |= {one for memory in ("summary", "stream") for one in files(*seats.read_file("cot"), {"memory": memory})}
    assert used == set(PROMPTS.rglob("*.md"))
    for one in used:
        lines = [line for line in one.read_text("utf-8").splitlines() if len(line) > 40 and "{% set" not in line]
        assert len(lines) == len(set(lines)), one


def test_prompts_hint_at_no_answer_and_name_no_game() -> None:
    for one in PROMPTS.rglob("*.md"):
        words = one.read_text("utf-8").casefold()
        for bad in ("cooperat", "defect", "prisoner", "fair", "generous", "selfish", "sustainab", "trust", "betray"):
            assert bad not in words, f"{one}: {bad}"


def test_a_starter_for_a_prompted_strategy_loads_and_plays(tmp_path: Path) -> None:
    path = starters.new("strategy", "my-voice.md", tmp_path)
    assert path == tmp_path / "my-voice.yaml"
    made = load(path)
    check(made, scene(round_=3))
    prompt = ask(saying(["ANSWER: J"]), made, scene(round_=3))[1][0]
    assert "question?" in prompt.messages[-1]["content"] and "{#" not in str(prompt.messages)
    with pytest.raises(FileError, match="already"):
        starters.new("strategy", "my-voice.md", tmp_path)
    with pytest.raises(UsageError, match="YAML"):
        starters.new("game", "my-game.md", tmp_path)
    with pytest.raises(UsageError, match="cannot be a name"):
        starters.new("strategy", "a/b.md", tmp_path)


def test_a_starter_leaves_templates_that_are_there(tmp_path: Path) -> None:
    file(tmp_path, {}, name="old").unlink()
    with pytest.raises(FileError, match="already"):
        starters.new("strategy", "old.md", tmp_path)
    assert not (tmp_path / "old.yaml").exists()


def test_a_copy_of_a_shelf_strategy_gets_its_templates(tmp_path: Path) -> None:
    _, path = seats.read_file("scot")
    starters.put(tmp_path / "mine.yaml", starters.copied(path.read_text("utf-8"), "scot", "mine"))
    made = starters.templates(path, tmp_path)
    assert len(made) == 9 and starters.templates(path, tmp_path) == []
    copy, original = load(tmp_path / "mine.yaml"), load("scot")
    assert (copy.name, copy.templates, copy.steps) == ("mine", original.templates, original.steps)
    assert prompted.files(*seats.read_file(str(tmp_path / "mine.yaml"))) == made
