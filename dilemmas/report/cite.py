"""Whom to cite for results, as BibTeX, and what was done, as a paragraph of methods; from the manifest alone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from dilemmas.errors import many

Manifest = Mapping[str, Any]

_SPECIAL = {char: "\\" + char for char in "&%$#_{}"} | {
    "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}",
    "\\": "\\textbackslash{}",
}
_PARTICLE = re.compile(r"(?:(?:von|van|den|der|de|du|di|la|le)\b ?)+(?=[A-Z])")
_YEAR = re.compile(r"\(?\b((?:1[5-9]|20)\d\d)([a-z]?)\b\)?")


def bibtex(manifest: Manifest) -> str:
    """BibTeX entries of the tool, then of the sources of games and strategies, each work once.

    What a source's text does not say (a journal, a title) is left out, not guessed; the text is kept in ``note``.
    """
    works: dict[str, list[tuple[str, str]]] = {}
    for kind, names in (manifest.get("sources") or {}).items():
        for name, source in (names or {}).items():
            for part in _parts(str(source or "")):
                works.setdefault(_work(part), []).append((part, f"{_one(kind)} {name}"))
    taken: set[str] = set()
    return "\n\n".join([_tool(manifest), *(_entry(uses, taken) for uses in works.values())])


def _work(source: str) -> str:
    """What makes two texts the same work: authors and year, with its letter."""
    authors, year = _authors(source), _YEAR.search(source)
    return f"{authors} {year.group()}" if authors and year else source


def _one(kind: str) -> str:
    return {"games": "game", "strategies": "strategy"}.get(kind, kind)


def _parts(source: str) -> list[str]:
    """The works that a source's text names: parts at semicolons, where each has a year of its own."""
    parts = [part.strip() for part in source.split(";") if part.strip()]
    return parts if all(_YEAR.search(part) for part in parts) else [source.strip()] * bool(source.strip())


def _tool(manifest: Manifest) -> str:
    version = (manifest.get("versions") or {}).get("dilemmas", "")
    fields = {"title": "dilemmas: a laboratory for social dilemmas", "author": "{The dilemmas authors}"}
    return _written("software", "dilemmas", {**fields, "version": str(version)})


def _entry(uses: Sequence[tuple[str, str]], taken: set[str]) -> str:
    """The entry of one work, from the texts that name it and what they are about."""
    sources, about = list(dict.fromkeys(source for source, _ in uses)), [use for _, use in uses]
    first = sources[0]
    year, authors = _YEAR.search(first), _authors(first)
    doi = re.search(r"\b10\.\d{4,9}/[^\s,;]+", first)
    fields = {
        "author": " and ".join(_escaped(name) for name in authors),
        "year": year.group(1) if year else "",
        "doi": doi.group().rstrip(".)") if doi else "",
        "note": _escaped(f"{'; '.join(sources)} ({', '.join(about[:6])}{', and others' if len(about) > 6 else ''})"),
    }
    lettered = year.group(1) + year.group(2) if year else ""
    return _written("misc", _key(authors[0] if authors else first, lettered, taken), fields)


def _authors(source: str) -> list[str]:
    """Names before the year, as BibTeX wants them; ``et al.`` is ``others``. None where no name stands there."""
    year = _YEAR.search(source)
    before = source[: year.start()].strip(" ,(") if year else ""
    before = re.sub(r"^.*\b(?:of|by|after|in)\s+(?=[A-Z])", "", before)
    if not before or len(before) > 120 or not (before[0].isupper() or _PARTICLE.match(before)):
        return []
    plain = re.sub(r"\bet al\.?", "& others", before)
    return [name for part in re.split(r"\s*(?:,|&|\band\b)\s*", plain) if (name := part.strip())]


def _key(text: str, year: str, taken: set[str]) -> str:
    flat = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z]+", _PARTICLE.sub("", flat).lower())
    base = (words[0] if words else "source") + year
    key, letter = base, ord("a")
    while key in taken:
        key, letter = f"{base}{chr(letter)}", letter + 1
    taken.add(key)
    return key


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(char, char) for char in text)


def _written(kind: str, key: str, fields: Mapping[str, str]) -> str:
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{kind}{{{key},", *lines, "}"])


def methods(manifest: Manifest) -> str:
    """A paragraph: what was played, by whom, how often, with which software; unknown things are left out."""
    config = manifest.get("config") or {}
    if config.get("recorded"):
        return " ".join(filter(None, [_game(manifest, config), _recorded(config), _software(manifest)]))
    told = _conditions(config)
    which = "other condition" if any("seed" in part for part in told) else "condition"
    told = told or [_played(manifest, config)]
    return " ".join(filter(None, [*told, _sweep(config), _chance(manifest, config, which), _software(manifest)]))


def _played(manifest: Manifest, config: Manifest) -> str:
    return " ".join(filter(None, [_game(manifest, config), _players(config), _design(manifest, config)]))


_UNKNOWN: Manifest = {"game": {"kind": ""}}
_WHOLE = frozenset(("game", "population", "tournament", "generations", "repetitions", "selection", "inheritance"))


def _conditions(config: Manifest) -> list[str]:
    """What was played, condition by condition, where those of a named axis have games or players of their own."""
    axes = {axis: values for axis, values in (config.get("sweep") or {}).items() if isinstance(values, Mapping)}
    own = {axis: values for axis, values in axes.items() if any(_WHOLE & {*(part or {})} for part in values.values())}
    return [
        f"In condition {name}: {_played(_UNKNOWN, {**config, **(part or {})})}{_seeds_of(part or {})}"
        for values in own.values()
        for name, part in values.items()
    ]


def _seeds_of(part: Manifest) -> str:
    """The seeds of a condition that has others than all."""
    return f" {_chance({}, part)}" if "seeds" in part else ""


def _game(manifest: Manifest, config: Manifest) -> str:
    game = manifest.get("game") or {}
    asked = config.get("game") or {}
    asked = asked if isinstance(asked, Mapping) else {"name": asked}
    name = game.get("name") or asked.get("name")
    if not name:
        return ""
    values = game.get("parameters") or {key: value for key, value in asked.items() if key != "name"}
    known = [f"{key.replace('_', ' ')} {_value(value)}" for key, value in values.items() if _told(value)]
    kind = f" (a {game['kind']} game)" if game.get("kind") else ""
    return f"Agents played {name}{kind}{' with ' + _listed(known) if known else ''}."


def _told(value: Any) -> bool:
    """Whether a value can stand in a sentence: numbers, words and switches that are on."""
    return value is True or (isinstance(value, (int, float, str)) and not isinstance(value, bool) and value != "")


def _value(value: Any) -> str:
    return "on" if value is True else f"{value:g}" if isinstance(value, float) else str(value)


def _listed(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1]


def _players(config: Manifest) -> str:
    entries = _entries(config.get("population") or [])
    if not entries:
        return ""
    words = [_player(entry, counted=config.get("tournament") is None) for entry in entries]
    return f"The strategies were {_listed(words)}." if len(words) > 1 else f"The strategy was {words[0]}."


def _entries(population: Any) -> list[Manifest]:
    """Who plays, in whatever form a file says it: entries, names, or names with counts."""
    if isinstance(population, Mapping):
        return [{"strategy": name, "count": count} for name, count in population.items()]
    return [entry if isinstance(entry, Mapping) else {"strategy": entry} for entry in population]


def _player(entry: Manifest, counted: bool) -> str:
    given = [f"{key} {_value(value)}" for key, value in (entry.get("parameters") or {}).items()]
    notes = [*given, *([f"model {entry['model']}"] if entry.get("model") else [])]
    if counted:
        notes.insert(0, many(entry.get("count") or 1, "agent"))
    called = str(entry.get("strategy", "?"))
    called = called if called.startswith("axelrod/") else PurePosixPath(called).name.removesuffix(".yaml")
    return f"{called}{' (' + ', '.join(notes) + ')' if notes else ''}"


def _recorded(config: Manifest) -> str:
    """Where moves came from that were played again, and made nowhere anew."""
    logs = [cell["recorded"] for cell in (config.get("sweep") or {}).get("log", {}).values()] or [config["recorded"]]
    sources = list(dict.fromkeys(str(log.get("source") or log["file"]) for log in logs))
    more = f" and {len(sources) - 3} more" if len(sources) > 3 else ""
    players = [str(entry.get("name")) for entry in config.get("population") or () if len(logs) == 1]
    who = f" The players were {_listed(players)}." if players else ""
    return f"The moves are those on record in {', '.join(sources[:3])}{more}, played again by the rules.{who}"


def _design(manifest: Manifest, config: Manifest) -> str:
    repetitions = config.get("repetitions") or 1
    tournament = config.get("tournament")
    if tournament is not None or manifest.get("design") == "tournament":
        kind = (manifest.get("game") or {}).get("kind", "matrix")
        return _tournament(tournament if isinstance(tournament, Mapping) else {}, repetitions, _UNITS.get(kind, ""))
    generations = config.get("generations") or 1
    if generations == 1:
        return f"Each population played {many(repetitions, 'repetition')}." if repetitions > 1 else ""
    parts = [f"matchmaking: {config.get('matchmaking', 'everyone')}"]
    parts += [f"{key}: {_chosen(config[key])}" for key in ("selection", "inheritance") if config.get(key)]
    return f"Populations went through {many(generations, 'generation')} ({'; '.join(parts)})."


_UNITS = {"matrix": " a round", "public-goods": " a round", "donor": " of an episode", "commons": " of an episode"}


def _tournament(settings: Manifest, repetitions: int, unit: str) -> str:
    if settings.get("exact"):
        how = "expected payoffs were computed exactly from the Markov chain of each pair"
    else:
        how = f"every pair met in {many(repetitions, 'repetition')}"
    against = "all strategies, themselves included" if settings.get("self") else "the others"
    rule = f"mean payoff{unit} against {against}"
    if settings.get("like") == "axelrod":
        rule = "the median over repetitions of the mean payoff a round against the others, as Axelrod-Python does"
    return f"In a round-robin tournament {how}; strategies were ranked by {rule}."


def _chosen(value: Any) -> str:
    if not isinstance(value, Mapping):
        return str(value)
    rest = [f"{key} {_value(part)}" for key, part in value.items() if key != "rule" and _told(part)]
    return f"{value.get('rule', '')}{' with ' + _listed(rest) if rest else ''}".strip()


def _sweep(config: Manifest) -> str:
    axes = config.get("sweep") or {}
    words = [f"{axis} ({', '.join(map(str, values))})" for axis, values in axes.items()]
    return f"We varied {_listed(words)}." if words else ""


def _chance(manifest: Manifest, config: Manifest, which: str = "condition") -> str:
    alone = [manifest["seed"]] if manifest.get("seed") is not None else []
    listed = config.get("seeds") or manifest.get("seeds") or alone
    seeds = list(listed) if isinstance(listed, (list, tuple)) else list(range(int(listed)))
    if not seeds:
        return ""
    if len(seeds) == 1:
        return f"Random numbers came from seed {seeds[0]}."
    return (
        f"Every {which} was run with {len(seeds)} seeds ({_span(seeds)}), shared between conditions; "
        "intervals are 95 % Student-t intervals over seeds."
    )


def _span(seeds: Sequence[Any]) -> str:
    numbers = all(isinstance(seed, int) for seed in seeds)
    if numbers and list(seeds) == list(range(seeds[0], seeds[0] + len(seeds))):
        return f"{seeds[0]} to {seeds[-1]}"
    return ", ".join(map(str, seeds))


def _software(manifest: Manifest) -> str:
    versions = manifest.get("versions") or {}
    others = [
        f"{name.capitalize() if name == 'python' else name} {versions[name]}"
        for name in ("python", "numpy")
        if name in versions
    ]
    tool = f"dilemmas {versions['dilemmas']}" if versions.get("dilemmas") else "dilemmas"
    told = f"Everything was run with {tool}{' (' + ', '.join(others) + ')' if others else ''}"
    stand_in = " Language models were simulated by a stand-in." if manifest.get("simulated") else ""
    return f"{told}; settings, seeds and a SHA-256 of every file are in the manifest.{stand_in}"
