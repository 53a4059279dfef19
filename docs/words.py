"""Words of the reference that stand nowhere in the code: what each page is about, and what keys of experiments mean."""

from __future__ import annotations

from collections.abc import Mapping

LEADS: Mapping[str, str] = {
    "Commands": """
        `dilemmas --help` lists them, `dilemmas COMMAND --help` shows one. Exit codes: 0 done, 1 a run failed, 2
        bad usage or files, 3 stopped and can go on. An error is one line on stderr.""",
    "Games": """
        Parameters are set in a game's file, with `--set KEY=VALUE`, or as keyword arguments of `dl.game`.""",
    "Strategies": """
        `dilemmas show NAME` prints the table or the numbers of one. Every name in the fifth column finds the
        strategy as well.""",
    "Views: what a seat may know": """
        A strategy of your own is asked `decide(view, memory, coin)`. Fields of `view` are attributes:
        `view.round`. One seat gets the plain values of the last column; a function with `batched = True` gets
        arrays with one entry a seat, and the last column does not apply. How to write one: [own
        strategy](../how-to/own-strategy.md).""",
    "Prompts: what models are told": """
        A model's messages are templates in Jinja, filled in with plain data: the game's file has the words of the
        game, the strategy's folder the way of asking. Marks are `<<<` and `>>>`, around all that a model wrote. How
        to write your own, and what the choices guard against: [prompts](../how-to/prompts.md).""",
    "Tables": """
        Keys come first and name a row; results repeat under the same seed, measures do not. Any column may be
        null, and a table or column that does not apply is absent. `runs` has a further column for every axis of
        a sweep. How to read the files: [read results](../how-to/read-results.md).""",
    "Culture: selection, inheritance, networks": """
        In a file `{rule: moran, births: 10}`, on the command line `moran:births=10`; a network says `kind` in
        place of `rule`.""",
    "Experiments": """
        An experiment is a YAML file: a game, who plays it, how it goes on, and what is swept. Unknown keys are
        errors.""",
    "Plots": """
        Drawn into `plots/` beside the tables: a picture, and `NAME.csv` with the numbers drawn; `captions.md`
        says what each shows, with n, seeds and intervals. How to change them: [figures](../how-to/figures.md).""",
    "Python": """
        `import dilemmas as dl`. Any setting of an experiment can be given as a keyword: `rounds=50`,
        `noise=0.1`, `network='ring'`.""",
    "Errors": """
        All of them are `dilemmas.errors.DilemmasError`: `str()` is one line that says what was found, where,
        what was expected, and what to do.""",
}

KEYS: Mapping[str, str] = {
    "experiment": "name; results go to `results/<name>`",
    "about": "what it is for",
    "command": "the command that the settings come from; a file says `run`",
    "game": "a game's name or file, or its `name` with parameters",
    "population": "strategies and their counts, a list of seats as typed, or entries",
    "tournament": "makes it a tournament: `self` counts self-play, `exact` computes expected payoffs, "
    "`like: axelrod` ranks as that package",
    "replicator": "makes it replicator dynamics of an infinite population, from the counts as shares",
    "recorded": "moves on record: `file` (CSV), `source`, and whether it is `finished`; written by `dilemmas import`",
    "generations": "generations to play; one fewer inheritances",
    "matchmaking": "who meets: every pair (or all in one episode), random pairs or groups, neighbours on the network",
    "network": "who is whose neighbour; see [culture](culture.md#networks)",
    "selection": "who stays and who is followed; see [culture](culture.md#selection)",
    "inheritance": "what newcomers get; see [culture](culture.md#inheritance)",
    "memory": "players start every `episode` anew; `life` is not there yet",
    "repetitions": "times that everybody meets, in a generation or a tournament",
    "seeds": "how many seeds, from 0 on, or a list of them; a run each",
    "model": "model of prompted entries that name none, or `default`; else that of the variable `DILEMMAS_MODEL`",
    "sampling": "settings that providers are sent (`temperature`, `top_p`, `max_tokens`, ...); those of a seat come "
    "first, those of a strategy's file last",
    "answers": "how answers are had: `form` text, json (by a schema where that is known to work) or schema; `again` "
    "how often one that cannot be used is asked for once more; `otherwise` what then: stop, random, exclude, an action",
    "require_quiz": "a score from 0 to 1, or `score`, `questions`, `classes`, `seed` and `strategy`: models that reach "
    "less in the [quiz](../how-to/quiz.md) of the game do not play",
    "base_url": "where models are served: one address, or addresses by model or provider",
    "concurrency": "calls at a time for each provider; by default as many as it lets through",
    "timeout": "seconds that one try of a call may take",
    "tries": "how often a call is tried that a provider fails",
    "limits": "caps on `cost` (USD), `calls` and `tokens`, bound to the results folder",
    "prices": "USD a million tokens, `{MODEL: {input: 1, output: 2}}`, for models that have none on record, or instead",
    "rates": "requests and tokens a minute by provider, `{openai: {requests: 500, tokens: 200000}}`",
    "log": "whether every decision is kept; `null` keeps them up to a million",
    "format": "kind of file for tables",
    "plots": "whether to draw, or names of plots",
    "jobs": "processes to spread runs over",
    "sweep": "axes: a key and its values, or a name and labelled sets of keys",
    "columns": "columns that the runs table shows beside the axes, such as the model of a run on record",
    "published": "a file of published numbers, drawn in grey behind new runs: curves, bars, points",
}

ENTRY: Mapping[str, str] = {
    "name": "what tables call the entry",
    "strategy": "a strategy's name or file",
    "parameters": "its parameters",
    "model": "language model that plays it",
    "count": "agents",
}
