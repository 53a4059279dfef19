from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from shelf_files import said

from dilemmas.report import cite

SHELVES = Path(__file__).resolve().parents[1]


def entries(text: str) -> dict[str, dict[str, str]]:
    """BibTeX as a mapping, read by its braces."""
    found = {}
    for block in text.split("\n\n"):
        head, *fields, last = block.splitlines()
        assert last == "}"
        key = re.fullmatch(r"@(?:misc|software)\{([a-z][a-z0-9]*),", head)
        assert key, head
        assert key.group(1) not in found
        found[key.group(1)] = dict(re.fullmatch(r"  (\w+) = \{(.*)\},", field).groups() for field in fields)  # type: ignore[union-attr]
    return found


def cited(**strategies: str) -> dict[str, dict[str, str]]:
    return entries(cite.bibtex({"sources": {"strategies": strategies}}))


def test_every_source_on_the_shelves_gives_bibtex() -> None:
    sources: dict[str, dict[str, str]] = {}
    for shelf, key in (("games", "game"), ("strategies", "strategy")):
        files = [said(path) for path in (SHELVES / shelf).glob("*.yaml")]
        sources[shelf] = {file[key]: file.get("source", "") for file in files}
    found = entries(cite.bibtex({"sources": sources, "versions": {"dilemmas": "1.2"}}))
    assert found["dilemmas"]["version"] == "1.2"
    assert len(found) > 50
    for fields in found.values():
        assert not re.search(r"(?<!\\)[&%$#_]", fields.get("note", "")), fields


@pytest.mark.parametrize(
    ("source", "authors", "year"),
    [
        ("Nowak & Sigmund 1993", "Nowak and Sigmund", "1993"),
        ("Akata et al. 2025, Nature Human Behaviour 9", "Akata and others", "2025"),
        ("Boyd, Gintis, Bowles & Richerson (2003)", "Boyd and Gintis and Bowles and Richerson", "2003"),
        ("mistakes after Selten 1975", "Selten", "1975"),
        ("von Neumann & Morgenstern 1944", "von Neumann and Morgenstern", "1944"),
        ("Axelrod 1980a (Davis)", "Axelrod", "1980"),
    ],
)
def test_authors_and_year(source: str, authors: str, year: str) -> None:
    fields = next(fields for key, fields in cited(x=source).items() if key != "dilemmas")
    assert (fields["author"], fields["year"]) == (authors, year)


def test_a_work_is_cited_once_with_all_that_it_gave() -> None:
    found = cited(
        davis="Axelrod 1980a (Davis)",
        joss="Axelrod 1980a (Joss)",
        later="Axelrod 1980b",
        both="Flood 1958; Axelrod 1984",
    )
    assert list(found) == ["dilemmas", "axelrod1980a", "axelrod1980b", "flood1958", "axelrod1984"]
    assert "strategy davis, strategy joss" in found["axelrod1980a"]["note"]


def test_sources_without_a_name_or_a_year_are_kept_as_they_are() -> None:
    found = cited(one="folklore", two="", three="100 % of a_b #7, doi 10.1038/s41562-025-02172-y.")
    notes = {fields.get("note") for fields in found.values()}
    assert "folklore (strategy one)" in notes
    assert any(note and r"100 \% of a\_b \#7" in note for note in notes)
    assert "10.1038/s41562-025-02172-y" in {fields.get("doi") for fields in found.values()}
    assert len(found) == 3


MANIFEST: dict[str, Any] = {
    "game": {
        "name": "donor",
        "kind": "donor",
        "parameters": {"multiplier": 2.0, "rounds": 12, "order": [1], "none": None},
    },
    "design": "generations",
    "versions": {"dilemmas": "0.1.0", "python": "3.11.7", "numpy": "2.4"},
    "config": {
        "game": {"name": "donor"},
        "population": [
            {"strategy": "image-scorer", "count": 6, "parameters": {}},
            {"strategy": "constant-donor", "count": 1, "parameters": {"fraction": 0.5}},
        ],
        "generations": 10,
        "matchmaking": "everyone",
        "selection": {"rule": "truncation", "keep": 0.5},
        "inheritance": {"rule": "copied"},
        "seeds": [0, 1, 2],
        "sweep": {"game.multiplier": [1.5, 2]},
    },
}


@pytest.mark.parametrize(
    "part",
    [
        "Agents played donor (a donor game) with multiplier 2 and rounds 12.",
        "The strategies were image-scorer (6 agents) and constant-donor (1 agent, fraction 0.5).",
        "went through 10 generations (matchmaking: everyone; selection: truncation with keep 0.5; inheritance: copied)",
        "We varied game.multiplier (1.5, 2).",
        "3 seeds (0 to 2)",
        "dilemmas 0.1.0 (Python 3.11.7, numpy 2.4)",
    ],
)
def test_methods_say(part: str) -> None:
    assert part in cite.methods(MANIFEST)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "every pair met in 5 repetitions; strategies were ranked by mean payoff a round against the others."),
        ({"self": True}, "against all strategies, themselves included."),
        ({"exact": True}, "computed exactly"),
        ({"like": "axelrod"}, "as Axelrod-Python does"),
    ],
)
def test_methods_of_tournaments(settings: dict[str, Any], said: str) -> None:
    config = {"tournament": settings, "repetitions": 5, "seeds": [7], "population": [{"strategy": "grim"}]}
    paragraph = cite.methods({"config": config})
    assert said in paragraph
    assert "seed 7" in paragraph
    assert "The strategy was grim." in paragraph


def test_methods_of_conditions_with_games_of_their_own() -> None:
    lake = {"game": "fishery", "population": {"greedy": 2, "sustainable": 3}, "seeds": [4]}
    pair = {"tournament": {}, "population": ["grim", "random"], "game": {"name": "donor", "rounds": 4}}
    sweep = {"part": {"lake": lake, "pair": pair, "same": {}}}
    config = {
        "game": {"name": "prisoners-dilemma"},
        "population": [{"strategy": "grim"}],
        "seeds": [0, 1],
        "sweep": sweep,
    }
    paragraph = cite.methods({"config": config})
    lake_, pair_, same = (
        f"In condition {name}: Agents played {game}"
        for name, game in (
            (
                "lake",
                "fishery. The strategies were greedy (2 agents) and sustainable (3 agents). Random numbers came from "
                "seed 4.",
            ),
            ("pair", "donor with rounds 4. The strategies were grim and random. In a round-robin tournament"),
            ("same", "prisoners-dilemma. The strategy was grim (1 agent). We varied part (lake, pair, same)."),
        )
    )
    assert all(part in paragraph for part in (lake_, pair_, same))
    assert "ranked by mean payoff against the others" in paragraph
    assert "Every other condition was run with 2 seeds" in paragraph


@pytest.mark.parametrize("manifest", [{}, {"config": None}, {"config": {"seeds": 3}}, {"simulated": True, "seed": 0}])
def test_methods_of_little(manifest: dict[str, Any]) -> None:
    paragraph = cite.methods(manifest)
    assert "Everything was run with dilemmas" in paragraph
    assert ("stand-in" in paragraph) == bool(manifest.get("simulated"))
    assert "None" not in paragraph
