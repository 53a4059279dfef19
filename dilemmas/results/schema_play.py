"""Tables of play: episodes, rounds, decisions and utterances; and the keys that all tables share."""

from __future__ import annotations

from dilemmas.results.spec import Column, Spec, key

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

PLAY: tuple[Spec, ...] = (
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
            Column("punished", "int", "donor: turns in which the seat punished, where it may"),
            Column("survived", "bool", "commons: all rounds played and the stock not collapsed"),
            Column("survival_time", "int", "commons: rounds played, the collapse round included", "rounds"),
            Column("gain", "float", "commons: units the seat collected", "units"),
            Column("fined", "float", "commons: units the seat paid in fines, which its payoff lacks", "units"),
            Column(
                "efficiency",
                "float",
                "commons: 1 - shortfall from the sustainable maximum over scheduled rounds",
                "share",
            ),
            Column("equality", "float", "commons: 1 - Gini coefficient of gains; null if nobody harvests", "share"),
            Column("over_usage", "float", "commons: share of harvests above the sustainable share", "share"),
            Column(
                "gain_since_shock",
                "float",
                "commons with a newcomer: gain from the round on in which it came; null if that was not played",
                "units",
            ),
            Column("efficiency_since_shock", "float", "the same of efficiency, over the rounds from then on", "share"),
            Column("equality_since_shock", "float", "the same of equality", "share"),
            Column("over_usage_since_shock", "float", "the same of over-usage", "share"),
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
            Column("limit", "float", "commons: limit for each that the talk before came to", "units"),
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
            Column("kind", "text", "what was asked: move, gift, harvest, vote, contribute, sanction"),
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
            Column(
                "prediction_right",
                "bool",
                "whether that came true (amounts: to half a unit); null where it cannot be seen, or the episode was "
                "left out",
            ),
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
            STRATEGY,
            MODEL,
            Column(
                "kind", "text", "what it is: message, gossip; in seat 0, of a model that read a talk: limit, summary"
            ),
            Column("text", "text", "its words; null where a seat had the word and said nothing"),
            Column("to", "text", "JSON list of agents that heard it"),
            Column("about", "text", "agent that it is about"),
            Column("tone", "text", "its tone, where the game has tones"),
            Column(
                "truthful",
                "bool",
                "gossip: whether the tone fits what was done (above 0: at least the threshold given, below 0: less, or "
                "refused or punished); null without a tone, for a tone of 0, where it is not known what was done, and "
                "in an episode that was left out",
            ),
            Column("pledge", "float", "amount that was pledged for the speaker's next decision", "units"),
            Column("pledged", "text", "option that was pledged for it, by its canonical name"),
            Column(
                "kept",
                "bool",
                "whether the decision was as pledged: no more taken, no less given, that option; null where the pledge "
                "was replaced, no decision of the speaker's own followed, or the episode was left out",
            ),
            Column("attempts", "int", "times a model was asked until it could be read; null for scripts"),
            Column("imputed", "bool", "whether nothing that could be used was said, so that silence was put in"),
            Column("simulated", "bool", "whether a stand-in spoke for a model"),
        ),
    ),
)
