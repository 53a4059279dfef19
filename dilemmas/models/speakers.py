"""Which speaker speaks for a model, and which lane of the limiter its calls take."""

from __future__ import annotations

from dilemmas.errors import UsageError
from dilemmas.models.speaker import Speaker

REHEARSAL = "rehearsal"
LOCAL = "local"
USUAL = frozenset(("anthropic", "azure", "gemini", "groq", "hosted_vllm", "mistral", "ollama", "openai", "openrouter"))


def speaker(model: str, base_url: str | None = None) -> Speaker:
    """A speaker for a model: ``rehearsal`` the stand-in, ``local/NAME`` the server at ``base_url``, all else litellm.

    Raises UsageError where a local model has no name or no base URL, and for a name that no provider is known by.
    Nothing heavy is loaded before the first call, but to judge a provider that is not among the usual ones.
    """
    if model == REHEARSAL:
        from dilemmas.models.rehearsal import Rehearsal

        return Rehearsal()
    if provider(model) == LOCAL:
        return _direct(model, base_url)
    from dilemmas.models import remote

    if provider(model) not in USUAL:
        remote.known(model, base_url)
    return remote.Remote(base_url)


def provider(model: str) -> str:
    """Who serves a model, as its name says: what stands before the first slash; ``default`` where nothing does."""
    if model == REHEARSAL:
        return REHEARSAL
    before, slash, _ = model.partition("/")
    return before if slash and before else "default"


def _direct(model: str, base_url: str | None) -> Speaker:
    from dilemmas.models.direct import Direct

    if not model.partition("/")[2]:
        raise UsageError(f"{model!r} names no model", expected="local/NAME, as the server calls it")
    if not base_url:
        raise UsageError(
            f"{model} needs the address of its server",
            remedy="Give it: --base-url http://localhost:8000/v1, or base_url in the file.",
        )
    return Direct(base_url)
