"""Commented files to start from; each loads and plays as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from dilemmas.errors import FileError, UsageError
from dilemmas.specs import notation

GAME = """\
# A game of your own. Play it with:  dilemmas tournament ./{name}.yaml tit-for-tat always-defect
game: {title}
kind: matrix                    # or donor, commons, public-goods: see  dilemmas show donor
about: One sentence on what the dilemma is.

actions: [C, D]                 # names of the actions; two lists where the seats differ
payoffs:                        # own and other's action: [seat 1, seat 2], in points
  CC: [3, 3]
  CD: [0, 5]
  DC: [5, 0]
  DD: [1, 1]
roles: {{C: cooperate, D: defect}}  # lets strategies that speak of C and D play, whatever the actions are called

rounds: 50                      # a fixed length; or instead  continuation: 0.98  for one that nobody knows
# noise: 0.01                   # chance that an action goes wrong
# perception_noise: 0.01        # chance that a seat misreads what the other did

words:                          # what people and models are told
  title: My dilemma
  story: You and the other player choose at the same time.
  unit: points
"""

STRATEGY = """\
# A strategy of your own. Try it with:  dilemmas tournament prisoners-dilemma ./{name}.yaml tit-for-tat always-defect
strategy: {title}
about: Forgives the first defection, remembers the second.
for: matrix                     # or donor, commons, public-goods
source: Who thought of it, and when

start: calm
machine:                        # state: what it plays, and the next state by what the other did
  calm:   {{play: C, then: {{C: calm, D: warned}}}}
  warned: {{play: C, then: {{C: calm, D: angry}}}}
  angry:  {{play: D, then: {{C: angry, D: angry}}}}

# Other ways to say a strategy; a file has exactly one of them:
#
# memory-one: {{first: 1, CC: 1, CD: 1/3, DC: 1, DD: 0}}     chance of C after own and other's last action
#
# rule: constant-donor          a rule of the laboratory with your own numbers; see  dilemmas show constant-donor
# parameters: {{fraction: 0.3}}
#
# prompted: {{steps: [choose]}}   a language model asked in your words:  dilemmas new strategy NAME.md  writes the files
"""

PROMPTED = """\
# A model asked in your own words. Try it with:  dilemmas play prisoners-dilemma ./{name}.yaml@MODEL tit-for-tat
strategy: {title}
about: Weighs what could happen, and decides.
for: any                        # or matrix, donor, commons, public-goods
source: Who thought of it, and when

prompted:
  steps: [choose]               # a call each; or [predict, choose]; or {{name: think}} with a file think.md before them
  memory: full                  # or none, summary, stream, {{last: 3}}
  # temperature: 0.7            # sent only if given; also top_p, seed, reasoning_effort, top_k, stop ...
  max_tokens: 4000              # of a reply; models that reason need thousands
  # persona: You are a farmer who thinks in decades.
  prompts: ./prompts/{name}     # the folder with system.md and a file for every step
"""

TEMPLATES: Mapping[str, str] = {
    "system": """\
{# What the model is told before anything else: who it is, and the rules in the game's own words. #}
{{ persona }}

{{ game.rules }}
""",
    "choose": """\
{# recall: what it wrote down itself; past, now and question come from the game; form says how to answer. #}
{{ recall }}

{{ game.past }}

{{ game.now }}

{{ game.question }}

Weigh in a few sentences what could happen. {{ form }}
""",
}

SCRIPT = '''\
"""A strategy of your own. Try it with:  dilemmas tournament prisoners-dilemma ./{name}.py tit-for-tat"""


def decide(view, memory, coin):
    """One decision of one seat.

    view shows what the seat may know: view.round, view.mine and view.theirs (lists of actions so far), view.earned ...
    memory is whatever was returned last time, None at first; coin() is a random number between 0 and 1.
    """
    if view.theirs[-3:].count("D") >= 2:
        return "D", memory
    return "C", memory
'''

EXPERIMENT = """\
# An experiment of your own. Look at it with:  dilemmas show ./{name}.yaml     Run it with:  dilemmas run ./{name}.yaml
experiment: {title}
about: Who takes over when the better paid are copied?

game: {{name: prisoners-dilemma, rounds: 20, noise: 0.01}}   # a game of the shelf or a file, with parameters

population:                     # strategy: how many agents
  tit-for-tat: 6
  win-stay-lose-shift: 6
  always-defect: 6

generations: 30
matchmaking: everyone           # or pairs, groups; or a network:  network: {{kind: ring, degree: 4}}
selection: {{rule: truncation, keep: 0.5}}   # the better half stays; others: proportional, rank, moran, fermi
inheritance: {{rule: mutated, rate: 0.02}}   # newcomers copy, and sometimes mutate; or  copied

seeds: 5                        # seeds 0 to 4; or a list
sweep:                          # every combination of these is a cell
  game.noise: [0, 0.01, 0.05]

# For a tournament instead, leave out generations, selection and inheritance, and say:
# tournament: {{self: false, exact: false}}
# repetitions: 10
"""

TEXTS: Mapping[str, str] = {"game": GAME, "strategy": STRATEGY, "experiment": EXPERIMENT}


def new(kind: str, name: str, folder: Path) -> Path:
    """Write a starter file ``NAME.yaml`` (or ``NAME.py`` for a strategy in Python) into a folder; its path.

    A strategy ``NAME.md`` is a language model's: a ``NAME.yaml`` with templates in ``prompts/NAME``. Raises UsageError
    for a name that cannot be one, FileError where the file is there already.
    """
    ending = next((ending for ending in (".py", ".md", ".yaml") if name.endswith(ending)), "")
    stem, suffix = name.removesuffix(ending), ending or ".yaml"
    if not re.fullmatch(r"[A-Za-z0-9][\w-]*", stem):
        raise UsageError(f"{name!r} cannot be a name", expected="letters, digits, - and _")
    if suffix != ".yaml" and kind != "strategy":
        raise UsageError(f"a starter {kind} is a YAML file", remedy=f"Try: dilemmas new {kind} {stem}")
    if suffix == ".md":
        return _prompted(stem, folder)
    text = SCRIPT if suffix == ".py" else TEXTS[kind]
    return put(folder / f"{stem}{suffix}", text.format(name=stem, title=notation.plain(stem)))


def _prompted(stem: str, folder: Path) -> Path:
    """The file of a language model's strategy and its templates, all or, where one is there already, none."""
    inside = folder / "prompts" / stem
    there = [path for part in TEMPLATES if (path := inside / f"{part}.md").exists()]
    if there:
        raise FileError("is there already", where=str(there[0]), remedy="Choose another name, or move it away.")
    made = put(folder / f"{stem}.yaml", PROMPTED.format(name=stem, title=notation.plain(stem)))
    inside.mkdir(parents=True, exist_ok=True)
    for part, text in TEMPLATES.items():
        put(inside / f"{part}.md", text)
    return made


def templates(path: Path, folder: Path) -> list[Path]:
    """Copy the templates that a strategy file uses to ``prompts`` in another folder; those that were not there yet."""
    from dilemmas.specs import prompted, seats

    found = prompted.files(seats.read_file(str(path))[0], path)
    copies = [(source, folder / "prompts" / source.parent.name / source.name) for source in found]
    made = [(source, copy) for source, copy in copies if not copy.exists()]
    for source, copy in made:
        copy.parent.mkdir(parents=True, exist_ok=True)
        put(copy, source.read_text(encoding="utf-8"))
    return [copy for _, copy in made]


def put(path: Path, text: str) -> Path:
    """Write a file that is not there yet; raises FileError."""
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise FileError("is there already", where=str(path), remedy="Choose another name, or move it away.") from None
    except FileNotFoundError:
        folder, remedy = path.parent.as_posix(), "Make it first, or choose a name without it."
        raise FileError("there is no such folder", where=folder, remedy=remedy) from None
    return path


def copied(text: str, old: str, name: str) -> str:
    """The text of a shelf file under a new name."""
    head = re.compile(rf"^(game|strategy|experiment): *{re.escape(old)} *$", re.MULTILINE)
    return head.sub(lambda match: f"{match[1]}: {notation.plain(name)}", text, count=1)
