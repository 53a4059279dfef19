"""Words of the page of prompts: what each name means that a template may use, and each choice of presentation.

A test compares the names with those of the code, so that none is missing and none is too many.
"""

from __future__ import annotations

from collections.abc import Mapping

OWN: Mapping[str, str] = {
    "game": "the game's sections, filled in: `game.rules`, `game.past` ...; see [sections](#sections)",
    "persona": "the sentences of `persona`, empty where there are none",
    "strategy": "the seat's strategy in words, where it has one, between marks",
    "said": "`said.STEP`: what an earlier step of this decision said: a prediction as it was read, a free text between "
    "marks; empty where the step was not asked. A text that is kept stays from round to round",
    "reasons": "`reasons.STEP`: what was said beside a prediction, between marks",
    "summary": "the latest summary, between marks, with `memory: summary`",
    "notes": "the notes that matter now, between marks, with `memory: stream`",
    "recall": "the template `recall.md`, filled in: strategy, summary and notes with a sentence before each",
    "parameters": "`parameters.NAME`: what the strategy's file declares of its own",
    "form": "how the reply must end so that it can be read; it fits what is asked at this step",
}

SECTIONS: Mapping[str, str] = {
    "rules": "the game: setting, rules, payoffs, length, the others, the goal",
    "past": "what happened so far, as much as the memory holds; empty in round 1",
    "now": "the round, and where things stand",
    "question": "what is to be decided",
    "predict": "what is to be predicted of the others; empty where there is nothing",
    "universal": "what would follow if everybody did the same, in numbers",
}

PRESENTATION: Mapping[str, str] = {
    "frame": "the story; by default the game's own, else `neutral`",
    "labels": "what actions of a matrix game are called: neutral letters, the game's own names, or a list of yours. "
    "Actions that are numbers stay as they are",
    "permute": "when it is drawn which label means which action; `fixed` follows the list. By default once an episode, "
    "and once a run where words go from one episode to another",
    "order": "when the order of the options in the question is drawn; `fixed` is the game's order",
    "lines": "when the order is drawn of the lines that tell payoffs",
    "unit": "the unit of payoffs, in the plural; by default the frame's, else the game's",
    "payoffs_as": "whether payoffs are told in sentences or in a table",
    "opponent": "what is said of the others: nothing, that they are people, AI systems, or copies of the player",
    "goal": "what is said of the goal: nothing, as much as one can get, as much as all can get together, or as much as "
    "one can get since those who have most stay for the next generation, which needs generations and a selection",
    "as_published": "tells the second seat of a matrix game its payoffs with the pairs off the diagonal exchanged, as "
    "the scripts of Akata et al. (2025) did; the payoffs that count stay as they are",
}

BLOCK: Mapping[str, str] = {
    "steps": "calls of a decision in their order; the last, and it alone, chooses",
    "memory": "what a seat is told of the past: `none`, `full`, `{last: 3}`, `summary`, `stream`, or keys",
    "temperature": "sent to the provider only where it is said, like all settings down to `stop`",
    "max_tokens": "the longest reply, reasoning included; a cap on money reckons with it",
    "persona": "who the model is to be; stands where the template says `persona`",
    "after_talk": "whether the steps that follow talk are asked",
    "prompts": "the folder of the templates; by default `./prompts/` and the strategy's name",
    "options": "for each parameter of the file the values that it may have",
}

STEP: Mapping[str, str] = {
    "name": "its template is the file of this name, with `.md`",
    "kind": "what the reply is: an answer (`choose`), a prediction (`predict`), text for later steps (`think`), text "
    "that is kept and written anew every time (`write`), a note with its importance (`note`). By default what the "
    "name says, else `think`; `summary` is a `write`",
    "every": "rounds from one time to the next",
    "from": "the first round; by default 2 for `write` and `note`, else 1",
    "reasons": "whether a reply by a JSON schema has room for reasons",
    "after": "`talk`: asked once the seat has heard talk, before it decides",
}

MEMORY: Mapping[str, str] = {
    "kind": "`stream` draws from notes by recency, importance and relevance (Park et al. 2023), this by shared words",
    "window": "latest rounds that are told in full, or `all`; by default 3 beside a summary or notes",
    "notes": "how many notes are drawn for a decision",
}

DATA: Mapping[str, Mapping[str, str]] = {
    "all": {
        "round": "number of the round, from 1",
        "rounds": "rounds in all, where players are told",
        "chance": "chance of another round in percent, where players are told",
        "most": "most rounds there can be, where the length is by chance",
        "several": "whether there are more than two players",
        "unit": "unit of payoffs, in the plural",
        "one": "the same in the singular",
        "nouns": "the frame's nouns: `nouns.round`, `nouns.other` ...",
        "setting": "the frame's opening, filled in",
        "horizon": "the sentence on the length, empty where it is hidden",
        "opponent": "the sentence on the others",
        "goal": "the sentence on the goal",
        "history": "past rounds that the memory holds, oldest first",
        "left_out": "how many earlier rounds are not told",
        "since": "the first round that the player knows of: 1, or that in which it joined",
        "earlier": "the sentence that says so",
    },
    "matrix": {
        "option": "the noun for an option; `number` where actions are numbers",
        "options": "own labels, in the order shown",
        "their_options": "the other's labels, in the order shown",
        "labels": "own labels, in the game's order of actions",
        "their_actions": "names of the other's actions, in the game's order",
        "alike": "whether both choose among the same labels",
        "two": "whether both have two options",
        "range": "lowest and highest number, where options are numbers without a gap",
        "noise": "chance that a choice goes wrong, in percent",
        "perception_noise": "chance that the other's choice is shown wrong, in percent",
        "table": "whether payoffs are to be told in a table",
        "lines": "a line for each pair of options; empty where the game is large",
        "grid": "the payoffs of a large game, by rows and columns",
        "claims": "the rule of a game of claims, where payoffs follow from one",
        "same": "what follows if both choose the same",
    },
    "donor": {
        "me": "the reader's name",
        "partner": "the recipient's name",
        "seats": "how many players there are",
        "out": "whether somebody may sit a round out",
        "written": "whether pairs are written down in the game's file",
        "turns": "whether donors of one round receive in the next: `always`, `mostly`, or nothing where that is not so",
        "balance": "units that the donor has",
        "their_balance": "units that the recipient has",
        "endowment": "units at the start",
        "multiplier": "units that arrive for one given",
        "punish_multiplier": "units that are lost for one spent on punishing",
        "mechanism": "what a donor may do besides giving: none, punish, refuse",
        "threshold": "share that counts as giving, in percent",
        "labels": "what a donor may do, in the game's order",
        "options": "the same, in the order shown",
        "depth": "steps of the trace; 0 where it is not told",
        "example": "names for an explanation of the trace",
        "zero_trace": "`one`: a donor without units is listed with 100 %",
        "image": "kind of image score, where it is told",
        "norm": "the norm of standing in lines; empty where standing is not told",
        "observation": "chance that the past is told at all, in percent, where it is not certain",
        "execution_error": "chance that a gift fails, in percent",
        "assessment_error": "chance that a judgement comes out wrong, in percent",
        "known": "whether anything of the past is learnt in this round",
        "chain": "the trace, newest first; shares in percent",
        "score": "the recipient's image score",
        "my_score": "one's own image score",
        "standing": "the recipient's standing, good or bad",
        "my_standing": "one's own standing",
        "gossip": "who tells of gifts, in which form and tones, who hears it and how much is kept; none without gossip",
        "heard": "messages about the recipient, newest first; words between marks",
        "deed": "what a teller of gossip is asked about: who gave what to whom; none at other times",
    },
    "commons": {
        "name": "the reader's name",
        "others": "names of the others who are there",
        "seats": "how many are there, the reader included",
        "new": "names of those who begin in this round",
        "begins": "whether the reader does",
        "stock": "what there is now",
        "capacity": "the most there can be",
        "growth": "what remains becomes so many times as much",
        "collapse_below": "less than this remaining ends it",
        "integer": "whether harvests are whole numbers",
        "allocation": "how too little is shared out",
        "sight": "whether everybody sees how much each of the others took",
        "hidden": "whether that is not even told by a report",
        "share": "equal part of what can be taken without the stock falling",
        "threshold": "the same for all together",
        "earned": "own harvests so far",
        "fine": "what a vote may cost a seat; 0 without votes",
        "paid": "own fines so far",
        "examples": "what becomes of what remains, worked out",
        "level": "unit of the stock, in the plural",
        "level_one": "the same in the singular",
        "apart": "whether that is not the unit of harvests",
        "top": "the most that can be answered",
    },
    "public-goods": {
        "name": "the reader's name",
        "others": "names of the others",
        "seats": "how many members there are",
        "endowment": "units for each member in every round",
        "multiplier": "the pot becomes so many times as much",
        "mpcr": "what one unit in the pot brings each member",
        "threshold": "the least that the pot must hold to pay; 0 for none",
        "refund": "whether contributions come back below it",
        "integer": "whether contributions are whole numbers",
        "example": "a pot, worked out",
        "stages": "stages of tokens, in their order; empty for none",
        "stage": "what is asked now",
        "target": "whom tokens are for, where they are asked for",
        "target_gave": "what that member gave",
        "given": "this round's contributions, where tokens are asked for",
        "handed": "tokens handed out in this stage so far",
        "earned": "earnings so far",
        "top": "the most that can be answered",
    },
}
