"""Files from strangers: what is wrong is said with its place, and nothing hangs, grows or runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from dilemmas.errors import DilemmasError, FileError, SpecError
from dilemmas.specs import games, reading

GAME = "game: g\nkind: matrix\nactions: [C, D]\npayoffs: {CC: [3, 3], CD: [0, 5], DC: [5, 0], DD: [1, 1]}\n"


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "f.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"\xff\xfe\x00game", "not UTF-8"),
        ("", "nothing"),
        ("- 1\n- 2\n", "list"),
        ("a: [1, 2\n", r"f\.yaml:2: is not valid YAML"),
        ("a: 1\na: 2\n", "'a' stands here twice"),
        ("a: !!python/object/apply:os.system [echo hi]\n", "not valid YAML"),
        ("[" * 100_000, "nested too deeply"),
        ("a:\n" + "".join(" " * n + f"k{n}:\n" for n in range(1, 300)), "nested too deeply"),
        ("? [1, 2]\n: 3\n", "plain word"),
    ],
)
def test_what_is_no_mapping_is_said_to_be_none(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(FileError, match=said):
        reading.load(write(tmp_path, text))


def test_a_bomb_of_aliases_does_not_go_off(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    with pytest.raises(FileError, match="expands to more than"):
        reading.load(write(tmp_path, "\n".join(lines)))


def test_a_file_that_holds_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="expands"):
        reading.load(write(tmp_path, "a: &a [*a]\n"))


def test_a_changed_file_is_read_anew_however_soon(tmp_path: Path) -> None:
    path = write(tmp_path, "a: 1\n")
    for value in range(2, 9):
        assert reading.load(path) == {"a": value - 1}
        write(tmp_path, f"a: {value}\n")


def test_what_is_read_belongs_to_the_reader(tmp_path: Path) -> None:
    path = write(tmp_path, "a: [1]\n")
    reading.load(path)["a"].append(2)
    assert reading.load(path) == {"a": [1]}


def test_a_missing_file_names_its_neighbour(tmp_path: Path) -> None:
    write(tmp_path, "a: 1\n")
    with pytest.raises(FileError, match=r"Did you mean 'f\.yaml'"):
        reading.load(tmp_path / "g.yaml")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("payoffs:", "payofs:"), r"f\.yaml:4: payofs: 'payofs' is no key of .*Did you mean 'payoffs'"),
        (("DD: [1, 1]", "DD: [1]"), r"'DD' are \[1\]"),
        ((", DD: [1, 1]", ""), "no payoffs for 'DD'"),
        (("DD: [1, 1]", "DD: [1, 1], XX: [0, 0]"), "'XX'"),
        (("[5, 0]", "[5, many]"), "'many'"),
        (("[C, D]", "[C, C]"), "named twice"),
        (("kind: matrix", "kind: matrx"), "Did you mean 'matrix'"),
        (("actions: [C, D]\n", ""), "'actions' is missing"),
        (("game: g\n", "game: g\nrounds: -3\n"), r"f\.yaml:2: rounds: -3 does not fit"),
        (("game: g\n", "game: g\nnoise: 1.5\n"), r"noise: 1\.5 does not fit"),
    ],
)
def test_a_wrong_key_or_value_is_told_with_its_place(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    assert change[0] in GAME
    with pytest.raises(SpecError, match=said):
        games.load(str(write(tmp_path, GAME.replace(*change))))


def test_dotted_parameters_reach_into_mappings(tmp_path: Path) -> None:
    path = str(write(tmp_path, GAME))
    changed = games.load(path, {"payoffs.CD": [-1, 5]}).rules
    assert changed.table[0, 1].tolist() == [-1, 5]  # type: ignore[attr-defined]
    with pytest.raises(DilemmasError, match="which has no 'x' inside"):
        games.load(path, {"actions.x": 1})
