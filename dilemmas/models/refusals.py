"""Providers that have failed for good, and what a user is told when a run stops for it."""

from __future__ import annotations

from collections.abc import Callable

from dilemmas.errors import Stopped
from dilemmas.models.speaker import Fault, Key, Trouble
from dilemmas.models.speakers import provider

_LANES = ("authentication", "payment")  # trouble that all models of a provider share
_AGAIN = "The same command goes on where it stopped."
_REMEDY: dict[Trouble, str] = {
    "payment": f"Add credit with the provider, or raise its limit. {_AGAIN}",
    "not found": "Check the model's name and the base URL: `dilemmas check --model {model}` asks it one question.",
    "context window": "Give the strategy a shorter memory, or take a model with a larger context window.",
    "bad request": "Change or leave out the setting that the provider names.",
    "rate limit": "Say in the file what it allows a minute, as rates: {{lane}: {requests: 60}}, or wait. " + _AGAIN,
    "malformed reply": f"Check that the base URL is that of a chat completions API. {_AGAIN}",
    "connection": f"Check the network, and that the server is running. {_AGAIN}",
    "timeout": f"Give a longer timeout, or wait until the provider is well. {_AGAIN}",
    "server error": f"Wait until the provider is well. {_AGAIN}",
}
_VARIABLE = {
    "default": "OPENAI_API_KEY",
    "together_ai": "TOGETHERAI_API_KEY",
    "azure_ai": "AZURE_AI_API_KEY",
    "huggingface": "HF_TOKEN",
    "bedrock": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "vertex_ai": "GOOGLE_APPLICATION_CREDENTIALS",
}


class Refusals:
    """Who has failed for good: a provider that refuses a key or wants money, a model that is not there."""

    def __init__(self, addresses: Callable[[str], str | None] = lambda model: None) -> None:
        self._faults: dict[str | tuple[str, str | None], Fault] = {}
        self._addresses = addresses

    def note(self, model: str, fault: Fault) -> None:
        """Remember a fault that later calls would meet too."""
        if fault.trouble in _LANES:
            self._faults.setdefault(self._server(model), fault)
        elif fault.trouble == "not found":
            self._faults.setdefault(model, fault)

    def check(self, model: str, key: Key) -> None:
        """Raise Stopped where a call would be refused as earlier ones were."""
        if self._faults and (fault := self._faults.get(self._server(model)) or self._faults.get(model)):
            raise stopped(model, fault, key.words)

    def _server(self, model: str) -> tuple[str, str | None]:
        return provider(model), self._addresses(model)


def stopped(model: str, fault: Fault, where: str, tries: int = 1) -> Stopped:
    """The error for a call that came to nothing: which model, what trouble, which call, what to do."""
    trouble = f"{fault.trouble}, {tries} tries" if tries > 1 else fault.trouble
    if fault.after is not None and fault.passing:
        trouble += f", asked to wait {fault.after:g} s"
    words = f"{model}: {trouble}: {fault.words}" if fault.words else f"{model}: {trouble}"
    return Stopped(words.rstrip("."), where=where, remedy=_remedy(model, fault.trouble))


def variables(model: str) -> list[str]:
    """The variables of the environment in which the key of a model's provider is looked for, the usual one first."""
    lane = provider(model)
    return _VARIABLE.get(lane, f"{lane.upper().replace('-', '_')}_API_KEY").split(" and ")


def _remedy(model: str, trouble: Trouble) -> str:
    if trouble == "authentication":
        names = " and ".join(variables(model))
        return f"Set the provider's key in the environment or in .env: {names}. {_AGAIN}"
    return _REMEDY[trouble].replace("{model}", model).replace("{lane}", provider(model))
