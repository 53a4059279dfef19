"""The parameters of the donor game, checked."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, model_validator
from pydantic import Field as Key

from dilemmas.rules import donor_norms, donor_pairs
from dilemmas.rules import gossip as gossips
from dilemmas.rules import talk as talks
from dilemmas.rules.params import Amount, Count, Parameters, Probability, Several, Whole

OPTIONS = {"none": ("donate",), "punish": ("donate", "punish"), "refuse": ("donate", "refuse")}


def _listed(value: Any) -> Any:
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",")]
    return [name for name in value if name not in ("none", "")] if isinstance(value, (list, tuple)) else value or ()


def _zero(value: Any) -> Any:
    return "null" if value is None else {"1": "one", "1.0": "one"}.get(str(value), value)


def _mechanism(value: Any) -> Any:
    return "none" if value is None else value


Units = Annotated[Amount, Key(ge=0)]
Depth = Annotated[Whole, Key(ge=0)]
Information = Annotated[tuple[Literal["trace", "image", "standing"], ...], BeforeValidator(_listed)]
Zero = Annotated[Literal["one", "null"], BeforeValidator(_zero)]
Mechanism = Annotated[Literal["none", "punish", "refuse"], BeforeValidator(_mechanism)]
Schedule = Literal["strict", "released", "no-repeat", "random"]


class Switches(Parameters):
    """What can be set in a donor game; ``description`` of each says what it does.

    Raises ValueError for schedules, pairings and norms that are impossible.
    """

    seats: Several = Key(default=12, description="number of agents")
    rounds: Count = Key(default=12, description="rounds of an episode")
    horizon: Literal["known", "hidden"] = Key(
        default="hidden", description="whether players are told how many rounds there are"
    )
    multiplier: Units = Key(default=2.0, description="units a recipient gets for a unit given")
    endowment: Units = Key(default=10.0, description="units of every seat before the first round")
    schedule: Schedule = Key(default="released", description="who is paired with whom")
    pairings: donor_pairs.Rounds | None = Key(
        default=None,
        description="written instead of a schedule: a list of [donor, recipient] (seats from 1) for every round",
    )
    games: Literal[1, 2] = Key(
        default=1,
        description="games a generation; the second has all roles reversed, and fresh balances and traces",
    )
    shuffle: bool | None = Key(
        default=None, description="whether seats are dealt their places anew (yes, unless pairings are written)"
    )
    information: Information = Key(default=("trace",), description="what a donor sees of its recipient's past")
    trace: Depth = Key(default=3, description="entries of a trace")
    zero_trace: Zero = Key(default="one", description="what the trace records of a donor without units")
    mechanism: Mechanism = Key(default="none", description="what a donor may do instead of giving")
    punish_multiplier: Units = Key(
        default=2.0, description="units a recipient loses (down to 0) for a unit spent on punishing it"
    )
    threshold: Probability = Key(
        default=0.5, description="share of the balance from which a gift counts as giving, in public reputations"
    )
    image: Literal["binary", "integer"] = Key(
        default="binary", description="public image: 1 or 0 by the last turn, or -5 to 5, one up or down a turn"
    )
    norm: str | dict[str, str] = Key(
        default="simple-standing", description="how public standing is judged: a norm's name or its table"
    )
    observation: Probability = Key(
        default=1.0, description="chance that a donor learns anything of its recipient's past in a round"
    )
    assessment_error: Probability = Key(
        default=0.0, description="chance that a public assessment comes out the other way round"
    )
    execution_error: Probability = Key(default=0.0, description="chance that a gift fails and nothing is given")
    talk: talks.Spoken = Key(default=None, description="what may be said around the gifts of a round (nothing)")
    gossip: gossips.Told = Key(default=None, description="what is told of donors after their gifts (nothing)")

    @model_validator(mode="before")
    @classmethod
    def _fitted(cls, data: Any) -> Any:
        """Pairings that are written say how many seats and rounds there are, unless that is written as well."""
        if not isinstance(data, dict) or not data.get("pairings"):
            return data
        try:
            seats = max(2, *(int(seat) for pairs in data["pairings"] for pair in pairs for seat in pair))
        except (TypeError, ValueError):
            return data  # left for the field's own check
        return {"seats": seats, "rounds": len(data["pairings"]), **data}

    @model_validator(mode="after")
    def _whole(self) -> Switches:
        if self.pairings is None:
            donor_pairs.check(self.schedule, self.seats, self.rounds)
        else:
            donor_pairs.check_given(self.pairings, self.seats)
        _ = self.table
        talks.check(self.talk, "donor")
        gossips.check(self.gossip, self.seats)
        return self

    # -- numbers made once ------------------------------------------------------------------------------------

    @cached_property
    def choices(self) -> tuple[str, ...]:
        """What a donor may do: donate, and punish or refuse where there is the mechanism."""
        return OPTIONS[self.mechanism]

    @property
    def table(self) -> NDArray[np.int8]:
        """The norm of public standing, ``[donor's standing, recipient's, gave]``.

        Made anew each time: an array kept in the model would break comparing two games.
        """
        return donor_norms.norm(self.norm)

    @cached_property
    def depth(self) -> int:
        """Entries of a trace that donors see."""
        return self.trace if "trace" in self.information else 0

    @cached_property
    def drawn(self) -> bool:
        """Whether pairs are drawn anew each round."""
        return self.pairings is None and self.schedule == "random"

    @cached_property
    def sided(self) -> bool:
        """Whether two sides meet by rotation."""
        return self.pairings is None and self.schedule != "random"

    @cached_property
    def dealt(self) -> bool:
        """Whether seats are dealt their places once an episode."""
        mixed = self.pairings is None if self.shuffle is None else self.shuffle
        return mixed and not self.drawn

    @cached_property
    def blank(self) -> float:
        """What the trace records of a donor without units."""
        return 1.0 if self.zero_trace == "one" else np.nan
