"""What all runs of a command share when they ask models: one desk with its ledger and limiter, prices, speakers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AsyncExitStack
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from dilemmas.engine.turns import Turns
from dilemmas.errors import SpecError
from dilemmas.models import limiter, speakers
from dilemmas.models.desk import Desk
from dilemmas.models.journal import Journal
from dilemmas.models.ledger import LEDGER, Caps, Ledger, Price
from dilemmas.models.limiter import Limiter
from dilemmas.models.retry import Patience
from dilemmas.models.speaker import Speaker
from dilemmas.runs.exam import Exam
from dilemmas.runs.line import Line
from dilemmas.runs.run import How
from dilemmas.runs.watch import Watch
from dilemmas.runs.work import Job
from dilemmas.specs.experiment import Experiment

MILLION = 1e6
GRACE = 10.0  # seconds that calls in flight get when the work is stopped, for they are paid for


class Office:
    """Opens what calls need, in the loop that makes them, and closes it; ``async with Office(...) as office``.

    ``folder`` is the results folder, to which caps are bound; None keeps nothing. ``speaking`` gives the speaker of a
    model, for stand-ins; ``how`` brings the voices of people. Raises SpecError for a model without a price where the
    cost is capped.
    """

    def __init__(
        self,
        experiment: Experiment,
        folder: Path | None,
        models: Collection[str],
        *,
        speaking: Callable[[str], Speaker] | None = None,
        watch: Watch | None = None,
        how: How | None = None,
    ) -> None:
        self._experiment, self._folder, self.how = experiment, folder, how or How()
        self._prices = cache(lambda model: price(model, experiment))
        self.watch = watch or Watch()
        self.stand_ins = speaking is not None
        self.quizzes: dict[str, Exam] = {}
        if experiment.limits.cost is not None:
            _priced(models, self._prices, experiment)
        self._speaking = speaking or (lambda model: speakers.speaker(model, base_url(model, experiment)))
        for model in models if speaking is None else ():
            self._speaking(model)  # what is wrong with a name or an address is told before anything is written
        self._schema = cache(lambda model: schema(model, experiment))
        self._turns = Turns()

    async def __aenter__(self) -> Self:
        """Lock the folder's ledger and read what was spent; raises ResultsError where another command has it."""
        limits = self._experiment.limits
        self._ledger = Ledger(
            self._folder / LEDGER if self._folder is not None else None,
            Caps(limits.cost, limits.calls, limits.tokens),
        )
        rates = {name: limiter.Rate(rate.requests, rate.tokens) for name, rate in self._experiment.rates.items()}
        lanes = Limiter(self._experiment.concurrency, rates)
        patience = Patience(tries=self._experiment.tries)
        self.desk = Desk(self._speaking, self._ledger, lanes, patience, self._prices, self._address)
        self.watch.pulse, self.watch.cap = self.desk.pulse, limits.cost
        if limits.cost is not None:
            self.desk.pulse.cost = self._ledger.spent.at_most  # what is shown beside a cap is what counts for it
        self.watch.begin()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let calls in flight come home, close connections, and give the folder free, though it be cut short."""
        async with AsyncExitStack() as last:  # the other way round
            last.callback(self._ledger.close)
            last.push_async_callback(self.desk.close)
            last.callback(self.watch.end)  # with the calls that came home
            await self.desk.drain(GRACE)

    def _address(self, model: str) -> str | None:
        return base_url(model, self._experiment)

    def left(self) -> Mapping[str, float]:
        """What is left of every cap."""
        return self._ledger.left

    def line(self, job: Job, journal: Journal, experiment: Experiment, priority: int) -> Line:
        """What the calls of one run have in common."""
        return self.named(job.name, job.run.seed, journal, experiment, priority)

    def named(self, name: str, seed: int, journal: Journal, experiment: Experiment, priority: int = 0) -> Line:
        """What calls have in common that are no run's, such as those of a quiz."""
        how = (experiment.answers, experiment.timeout, self._schema, priority, name, self.watch, self._turns)
        return Line(self.desk, journal, seed, *how)


def base_url(model: str, experiment: Experiment) -> str | None:
    """Where a model is served: said of the model, of its provider, or of all."""
    if not isinstance(experiment.base_url, Mapping):
        return experiment.base_url
    return experiment.base_url.get(model, experiment.base_url.get(model.partition("/")[0]))


def price(model: str, experiment: Experiment) -> Price | None:
    """USD a token: as the file says, else as litellm's map has it; None where nobody knows.

    The map has the prices of providers: what a server of one's own costs it does not know, whatever the model's name.
    """
    if model in experiment.prices:
        said = experiment.prices[model]
        return Price(said.input / MILLION, said.output / MILLION, given=True)
    if model == speakers.REHEARSAL:
        return Price(0.0, 0.0)
    url = base_url(model, experiment)
    own = speakers.provider(model) == speakers.LOCAL or (url is not None and _remote().private(url))
    return None if own else _remote().price(model)


def schema(model: str, experiment: Experiment) -> bool:
    """Whether a model is asked to answer by a JSON schema."""
    form = experiment.answers.form
    remote = form == "json" and speakers.provider(model) not in (speakers.REHEARSAL, speakers.LOCAL)
    return form == "schema" or (remote and _remote().supports_schema(model))


def _remote() -> Any:
    """The module that asks litellm, which takes seconds to load: only when it is needed."""
    from dilemmas.models import remote

    return remote


def _priced(models: Collection[str], known: Callable[[str], Any], experiment: Experiment) -> None:
    missing = [model for model in models if known(model) is None]
    if missing:
        lines = "; ".join(f"{model}: {{input: USD, output: USD}}" for model in missing)
        raise SpecError(
            f"the cost is capped at {experiment.limits.cost:g} USD, and nobody knows what {', '.join(missing)} costs",
            where="prices",
            remedy=f"Add to the file, in USD a million tokens: prices: {{{lines}}}; or cap calls or tokens.",
        )
