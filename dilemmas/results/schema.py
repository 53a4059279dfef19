"""THE schema of results: every table, column, type, unit and meaning, declared once.

Tables are tidy and long, one fact a row, keys first. A *result* repeats under the same seed; a *measure* (seconds,
calls, money) cannot, and lives in ``usage`` and ``calls.jsonl`` alone.
"""

from __future__ import annotations

from dilemmas.results.spec import Column, Spec, key, measure

SCHEMA = 1

RUN = key("run", "text", "name of the run: number, cell, seed")
GENERATION = key("generation", "int", "generation, from 1")
EPISODE = key("episode", "int", "episode within the generation, from 1, in schedule order")
ROUND = key("round", "int", "round within the episode, from 1")
ASK = key("ask", "int", "question within the round, from 1")
SEAT = key("seat", "int", "place in the game, from 1")
AGENT = key("agent", "text", "id of the agent: g<generation born>-<index>")
STRATEGY = Column("strategy", "text", "name of the strategy")
MODEL = Column("model", "text", "language model in the seat, or null")
PAYOFF_UNIT = "points"


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
                Column("status", "text", "done, failed, stopped or planned"),
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
            "a run",
            (
                RUN,
                measure("seconds", "float", "wall time of the run", "s"),
                measure("calls", "int", "model calls"),
                measure("retries", "int", "provider retries"),
                measure("prompt_tokens", "int", "tokens sent"),
                measure("completion_tokens", "int", "tokens received"),
                measure("cost", "float", "money spent; null where a price is unknown", "USD"),
                measure("host", "text", "machine type and versions"),
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
                Column("diversity", "float", "effective number of strategies (inverse Simpson index)"),
            ),
        ),
        Spec(
            "agents",
            "an agent in a generation",
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
                Column("rank", "int", "place by payoff in the generation, from 1; ties share the better place"),
                Column("selected", "bool", "whether it is still there in the next generation, or has a child there"),
                Column("similarity", "float", "similarity of its text to its parents'", "share"),
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
        Spec(
            "episodes",
            "a seat in an episode",
            (
                RUN,
                GENERATION,
                EPISODE,
                SEAT,
                Column("agent", "text", "agent in the seat"),
                STRATEGY,
                MODEL,
                Column("partner", "text", "agent in the other seat, in games of two seats"),
                Column("partner_strategy", "text", "its strategy"),
                Column("repetition", "int", "repetition, from 1"),
                Column("game", "int", "which of the games of a generation, from 1"),
                Column("rounds", "int", "rounds played"),
                Column("payoff", "float", "what the game awards the seat for the episode", PAYOFF_UNIT),
                Column("cooperations", "float", "sum of the cooperation of its decisions"),
                Column("cooperation", "float", "mean cooperation of its decisions", "share"),
                Column("survived", "bool", "commons: all rounds played and the stock not collapsed"),
                Column("survival_time", "int", "commons: rounds played, the collapse round included", "rounds"),
                Column("gain", "float", "commons: units the seat collected", "units"),
                Column(
                    "efficiency",
                    "float",
                    "commons: 1 - shortfall from the sustainable maximum over scheduled rounds",
                    "share",
                ),
                Column("equality", "float", "commons: 1 - Gini coefficient of gains; null if nobody harvests", "share"),
                Column("over_usage", "float", "commons: share of harvests above the sustainable share", "share"),
            ),
        ),
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
                    "wins", "float", "share of matches with more payoff than the partner (a tie is no win)", "share"
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
                Column("wins", "float", "mean number of partners (many seats: splits) beaten in a repetition"),
                Column("cooperating", "float", "cooperation against every other strategy, self-play left out", "share"),
                Column(
                    "good_partner",
                    "float",
                    "share of matches with others in which it cooperated at least as often as its partner",
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
            "rounds",
            "a round of a stock or pot",
            (
                RUN,
                GENERATION,
                EPISODE,
                ROUND,
                Column("stock_before", "float", "stock when the round starts", "units"),
                Column("wanted", "float", "sum of what was asked for or put in", "units"),
                Column("collected", "float", "sum of what was paid out", "units"),
                Column("stock_after", "float", "stock after the harvest, before growth", "units"),
                Column("collapsed", "bool", "whether the stock fell below the collapse level"),
                Column("threshold", "float", "commons: most that could be taken while the stock comes back", "units"),
            ),
        ),
        Spec(
            "moves",
            "a decision",
            (
                RUN,
                GENERATION,
                EPISODE,
                ROUND,
                ASK,
                SEAT,
                key("agent", "text", "agent that decided"),
                STRATEGY,
                MODEL,
                Column("partner", "text", "agent the decision is about"),
                Column("kind", "text", "what was asked: move, gift, harvest, contribute, sanction"),
                Column("action", "text", "executed action, by its canonical name"),
                Column("label", "text", "what the seat was shown for it"),
                Column("option_order", "text", "JSON list: the order in which options were shown"),
                Column("amount", "float", "units given, wanted, contributed or spent", "units"),
                Column("intended", "text", "action before execution noise"),
                Column("intended_amount", "float", "amount before execution error, where the game has one", "units"),
                Column("perceived", "text", "the partner's action as the seat saw it"),
                Column("payoff", "float", "change of the mover's own account by this decision", PAYOFF_UNIT),
                Column(
                    "received",
                    "float",
                    "change of the partner's account by this decision; contributions: what the pot paid the seat",
                    PAYOFF_UNIT,
                ),
                Column(
                    "share",
                    "float",
                    "donor: share of the balance as the trace records it; null where it has none",
                    "share",
                ),
                Column("prediction", "text", "what the seat expected of the partner"),
                Column("prediction_right", "bool", "whether that came true"),
                Column("attempts", "int", "times it was asked until the answer could be used; null for scripts"),
                Column("imputed", "bool", "whether the answer was put in for one that could not be used"),
                Column("answered_as", "text", "the words that were read as this answer"),
                Column("simulated", "bool", "whether a stand-in answered for a model"),
            ),
        ),
        Spec(
            "messages",
            "an utterance",
            (
                RUN,
                GENERATION,
                EPISODE,
                ROUND,
                ASK,
                SEAT,
                AGENT,
                Column("kind", "text", "what it is: message, gossip, report, pledge"),
                Column("text", "text", "its words"),
                Column("to", "text", "JSON list of agents that heard it"),
                Column("about", "text", "agent that it is about"),
                Column("tone", "text", "its tone, where the game has tones"),
                Column("pledge", "float", "amount that was pledged", "units"),
                Column("kept", "bool", "whether the pledge was kept"),
            ),
        ),
    )
}
