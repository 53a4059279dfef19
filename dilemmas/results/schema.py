"""THE schema of results: every table, column, type, unit and meaning, declared once.

Tables are tidy and long, one fact a row, keys first. A *result* repeats under the same seed; a *measure* (seconds,
calls, money) cannot, and lives in ``usage`` and ``calls.jsonl`` alone.
"""

from __future__ import annotations

from dilemmas.results.schema_play import AGENT, GENERATION, MODEL, PAYOFF_UNIT, PLAY, RUN, STRATEGY
from dilemmas.results.spec import Column, Spec, key, measure

SCHEMA = 1


_INTERVAL = (
    Column("sd", "float", "standard deviation over repetitions", PAYOFF_UNIT),
    Column("ci_low", "float", "lower end of the 95 % interval of the mean over repetitions", PAYOFF_UNIT),
    Column("ci_high", "float", "upper end of the 95 % interval of the mean over repetitions", PAYOFF_UNIT),
)

TABLES: dict[str, Spec] = {
    spec.name: spec
    for spec in (
        Spec(
            "runs",
            "a planned run",
            (
                RUN,
                Column("seed", "int", "seed of the run"),
                Column(
                    "status", "text", "done, failed, stopped or planned; broken off: a record that ends before its game"
                ),
                Column("generations", "int", "generations played"),
                Column("episodes", "int", "episodes played"),
                Column("payoff", "float", "mean payoff of agents over generations", PAYOFF_UNIT),
                Column("cooperation", "float", "mean cooperation of agents over generations", "share"),
                Column(
                    "invalid_share", "float", "share of a model's answers that could not be used at first ask", "share"
                ),
                Column("simulated", "bool", "whether a stand-in answered for a model anywhere"),
            ),
        ),
        Spec(
            "usage",
            "a run, or a quiz that a model took",
            (
                RUN,
                measure("seconds", "float", "wall time of the run", "s"),
                measure("calls", "int", "model calls"),
                measure("retries", "int", "provider retries"),
                measure("prompt_tokens", "int", "tokens sent"),
                measure("completion_tokens", "int", "tokens received, reasoning included"),
                measure("reasoning_tokens", "int", "tokens received that were reasoning, where the provider says so"),
                measure("cost", "float", "money spent; null where a price is unknown", "USD"),
                measure("host", "text", "machine type and versions"),
            ),
        ),
        Spec(
            "models",
            "a model in a run",
            (
                RUN,
                key("model", "text", "name of the model, as the experiment has it"),
                Column("decisions", "int", "decisions that it was asked for"),
                Column("invalid_share", "float", "share of them whose first answer could not be used", "share"),
                Column("refused_share", "float", "share of them whose first answer was a refusal", "share"),
                Column("imputed_share", "float", "share of them for which an answer was put in", "share"),
                Column("steps", "int", "steps before its choices that it was asked for: predictions, notes, thoughts"),
                Column(
                    "steps_invalid_share", "float", "share of those steps whose first answer could not be used", "share"
                ),
                Column("predictions_asked", "int", "predictions that it was asked for"),
                Column("predictions", "int", "predictions that could be compared with what happened"),
                Column("prediction_share", "float", "share of those that came true", "share"),
                Column("cooperation", "float", "mean cooperation of its seats", "share"),
                Column("messages", "int", "utterances of its seats, where the game has talk or gossip"),
                Column("pledges", "int", "pledges of its seats that could be judged"),
                Column("kept_share", "float", "share of those that were kept", "share"),
                Column("limited", "int", "commons: decisions of its seats under a limit of the group"),
                Column("limit_share", "float", "share of those that asked for no more than the limit", "share"),
                Column("form", "text", "how it was to answer: text with a marker, or json by a schema"),
                Column("simulated", "bool", "whether a stand-in answered for it"),
            ),
        ),
        Spec(
            "quiz",
            "a question asked",
            (
                key("run", "text", "name of the quiz: the model, and digits of what was asked"),
                key("model", "text", "name of the model, as the experiment has it"),
                key("number", "int", "number of the question, from 1"),
                Column("class", "text", "comprehension, dynamics, theory-of-mind, planning or onlooker"),
                Column("kind", "text", "what was asked for; of an onlooker, whose moves"),
                Column("round", "int", "round that was to be played next in what was shown"),
                Column("question", "text", "the question, without the rules and the history before it"),
                Column("expected", "text", "the right answer; low to high where several are"),
                Column("answered", "text", "the words that were read as the answer; null for none"),
                Column("right", "bool", "whether it was right; an answer that could not be used is not"),
                Column("invalid", "bool", "whether no answer could be used"),
                Column("attempts", "int", "times it was asked until the answer could be used"),
                Column("simulated", "bool", "whether a stand-in answered for the model"),
            ),
        ),
        Spec(
            "generations",
            "a generation",
            (
                RUN,
                GENERATION,
                Column("agents", "int", "agents in the population"),
                Column("episodes", "int", "episodes played"),
                Column("payoff", "float", "mean payoff of the agents", PAYOFF_UNIT),
                Column("payoff_sd", "float", "standard deviation of payoff over agents", PAYOFF_UNIT),
                Column("cooperation", "float", "mean cooperation of the agents", "share"),
                Column("punished", "float", "donor: share of turns in which the donor punished, where it may", "share"),
                Column("diversity", "float", "effective number of strategies (inverse Simpson index)"),
                Column("words", "float", "mean words of the agents' strategies, where they have words"),
                Column("vocabulary", "int", "different words in all of them"),
                Column("similarity", "float", "mean similarity to the texts that their writers learned from", "share"),
                Column("told_share", "float", "gossip: share of the gifts that were told of", "share"),
                Column(
                    "truthful_share",
                    "float",
                    "gossip: share of the tones that could be checked that were true",
                    "share",
                ),
            ),
        ),
        Spec(
            "agents",
            "an agent in a generation; rows stand in the order of places, on a network of its nodes",
            (
                RUN,
                GENERATION,
                AGENT,
                Column("name", "text", "population entry that the agent comes from"),
                STRATEGY,
                MODEL,
                Column("text", "text", "the strategy in words, where it has words"),
                Column("parents", "text", "JSON list of the agents that it learned from"),
                Column("born", "int", "generation in which it appeared"),
                Column("episodes", "int", "episodes played"),
                Column(
                    "payoff", "float", "mean payoff: a round (matrix, public goods) or an episode (others)", PAYOFF_UNIT
                ),
                Column("cooperation", "float", "mean cooperation of its decisions", "share"),
                Column(
                    "rank",
                    "int",
                    "place by payoff in the generation, from 1; ties share the better place; null without a payoff",
                ),
                Column("selected", "bool", "whether it is still there in the next generation, or has a child there"),
                Column("messages", "int", "utterances, where the game has talk or gossip"),
                Column("pledges", "int", "pledges that could be judged"),
                Column("kept_share", "float", "share of those that were kept", "share"),
                Column("limited", "int", "commons: decisions under a limit of the group"),
                Column("limit_share", "float", "share of those that asked for no more than the limit", "share"),
                Column("told_share", "float", "gossip: share of the gifts it could tell of that it told of", "share"),
                Column(
                    "truthful_share",
                    "float",
                    "gossip: share of its tones that could be checked that were true",
                    "share",
                ),
                Column(
                    "similarity",
                    "float",
                    "mean similarity of its text to its parents' (words in matching runs)",
                    "share",
                ),
                Column("words", "int", "words of its text"),
            ),
        ),
        Spec(
            "shares",
            "a strategy in a generation of an infinite population",
            (
                RUN,
                GENERATION,
                key("strategy", "text", "name of the strategy"),
                Column("share", "float", "share of the population", "share"),
                Column("payoff", "float", "expected payoff a round in that population", PAYOFF_UNIT),
            ),
        ),
        PLAY[0],  # episodes
        Spec(
            "pairs",
            "an ordered pair of strategies in a tournament",
            (
                RUN,
                key("strategy", "text", "the strategy the row is about"),
                key("partner", "text", "the strategy it met"),
                key("others", "int", "games of many seats: seats of the partner's kind; null for two seats"),
                Column(
                    "payoff",
                    "float",
                    "mean payoff a round (of an episode where the game has no stage payoffs)",
                    PAYOFF_UNIT,
                ),
                *_INTERVAL,
                Column("cooperation", "float", "mean cooperation", "share"),
                Column(
                    "wins",
                    "float",
                    "share of matches with more payoff than the partner (a tie is no win); null where none is played "
                    "(expected payoffs)",
                    "share",
                ),
                Column("matches", "int", "matches played"),
                Column("method", "text", "sampled, exact-<rounds>, exact-limit or exact-geometric"),
            ),
        ),
        Spec(
            "ranking",
            "a strategy in a tournament",
            (
                RUN,
                key("strategy", "text", "name of the strategy"),
                Column("rank", "int", "place, from 1; ties share the better place"),
                Column("payoff", "float", "mean payoff a round by the rule of the tournament", PAYOFF_UNIT),
                *_INTERVAL,
                Column("cooperation", "float", "mean cooperation", "share"),
                Column(
                    "wins",
                    "float",
                    "mean number of partners (many seats: splits) beaten in a repetition; null of expected payoffs",
                ),
                Column("cooperating", "float", "cooperation against every other strategy, self-play left out", "share"),
                Column(
                    "good_partner",
                    "float",
                    "share of matches with others in which it cooperated at least as often as its partner; null of "
                    "expected payoffs",
                    "share",
                ),
                Column(
                    "vengeful",
                    "float",
                    "chance to defect right after the partner's defection (own move C or D)",
                    "share",
                ),
                Column(
                    "forgiving", "float", "chance to cooperate right after being exploited (own C, partner D)", "share"
                ),
                Column(
                    "eigenjesus",
                    "float",
                    "cooperation with cooperators (Axelrod-Python's eigenjesus rating, where self-play is played)",
                ),
                Column(
                    "eigenmoses",
                    "float",
                    "the same of 2 (cooperation - 1/2), so that cooperation with defectors counts against it",
                ),
            ),
        ),
        Spec(
            "scores",
            "a strategy in one seat of a repeated game of two, in one repetition: sums over its episodes",
            (
                RUN,
                key("strategy", "text", "name of the strategy"),
                key("seat", "int", "place in the game, from 1"),
                key("repetition", "int", "repetition, from 1"),
                MODEL,
                Column("family", "text", "family of an ordinal game (Akata et al. 2025); null where payoffs tie"),
                Column("episodes", "int", "episodes that are summed over, those with itself included"),
                Column("score", "float", "payoff over the seat's largest payoff in every round", "share"),
                Column(
                    "best_reply", "float", "payoff over that of the best reply to every move of the partner", "share"
                ),
                Column(
                    "fair",
                    "float",
                    "payoff of whoever got less over the most that both can be sure of together",
                    "share",
                ),
            ),
        ),
        *PLAY[1:],
    )
}
