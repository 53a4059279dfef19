"""Chat completions as providers send them: what is a reply, and what kind of trouble everything else is.

Both ways to a model read with this module, so that a fault means the same whichever way was taken.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from dilemmas.models.speaker import Fault, Reply, Request, Trouble, Usage

_SAMPLING = """
temperature top_p top_k min_p top_a typical_p max_tokens max_completion_tokens seed stop presence_penalty
frequency_penalty repetition_penalty logit_bias logprobs top_logprobs response_format reasoning_effort thinking
verbosity service_tier num_ctx keep_alive chat_template_kwargs extra_body
"""
SETTINGS = frozenset(_SAMPLING.split())
"""Sampling settings that a file may give; fields of the body that have no name here go under ``extra_body``."""
_OTHERS = "model messages stream stream_options n best_of tools functions max_new_tokens num_predict"
FIXED = SETTINGS | set(_OTHERS.split())
"""What ``extra_body`` may not hold: who is asked what and how often, and settings that have a name of their own."""

_STATUS: Mapping[int, Trouble] = {
    401: "authentication",
    402: "payment",
    403: "authentication",
    404: "not found",
    408: "timeout",
    409: "server error",
    413: "context window",
    425: "server error",
    429: "rate limit",
    504: "timeout",
    524: "timeout",
}
# What servers call their errors, where the number of the status says less.
_CODES: Mapping[str, Trouble] = {
    "insufficient_quota": "payment",
    "insufficient_balance": "payment",
    "billing_hard_limit_reached": "payment",
    "invalid_api_key": "authentication",
    "model_not_found": "not found",
    "context_length_exceeded": "context window",
    "rate_limit_exceeded": "rate limit",
}
_FULL = ("context length", "context window", "maximum context", "prompt is too long", "too many input tokens")
_FILTERED = frozenset(("content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation"))


def settings(request: Request) -> dict[str, Any]:
    """The sampling settings of a request; raises Fault for what is none.

    An experiment may be a stranger's: none of its settings may say where a call goes, or with which key.
    """
    inside = request.sampling.get("extra_body") or {}
    wrong = [name for name in request.sampling if name not in SETTINGS]
    wrong += (
        [f"extra_body.{name}" for name in inside if name in FIXED] if isinstance(inside, Mapping) else ["extra_body"]
    )
    if wrong:
        raise Fault("bad request", f"{', '.join(wrong)}: no sampling setting; known are {', '.join(sorted(SETTINGS))}")
    return dict(request.sampling)


def reply(made: Any, latency: float, sent: Mapping[str, Any]) -> Reply:
    """What a chat completion says, of plain data or of objects with the same names.

    Raises Fault where it is none, or holds no choice or no message, or ended in an error.
    """
    choice = _first(_get(made, "choices"))
    message, finish = _get(choice, "message"), _get(choice, "finish_reason")
    if message is None or isinstance(message, (str, bytes, int, float, list)):
        raise malformed("no message in it")
    if finish == "error":
        raise Fault("server error", "the reply ended in an error", billed=True)
    return Reply(
        text=_text(message),
        model=plain(_get(made, "model")),
        finish=plain(finish) or "stop",
        usage=usage(_get(made, "usage")),
        latency=latency,
        fingerprint=plain(_get(made, "system_fingerprint")),
        thought=plain(_get(message, "reasoning_content")) or plain(_get(message, "reasoning")),
        sent=sent,
    )


def usage(made: Any) -> Usage:
    """Tokens as they were counted by the provider."""
    return Usage(
        prompt=_count(_get(made, "prompt_tokens")),
        completion=_count(_get(made, "completion_tokens")),
        reasoning=_count(_get(_get(made, "completion_tokens_details"), "reasoning_tokens")),
        cached=_count(_get(_get(made, "prompt_tokens_details"), "cached_tokens")),
    )


def refused(status: int, headers: Mapping[str, str], body: str) -> Fault:
    """The fault of a response that is no success: its trouble, the provider's words, how long it asks to wait."""
    if status < 300:
        return malformed(f"status {status}, and no reply: {body[:200]}")
    if status < 400:  # another place is nobody that was named
        elsewhere = headers.get("location") or "elsewhere"
        return Fault("not found", f"status {status}: it sends on to {elsewhere}, and that is not followed")
    error = _error(body)
    return fault(status, _code(error), told(error, body), after(headers))


def fault(status: int, code: str, words: str, wait: float | None = None, *, billed: bool = False) -> Fault:
    """The fault of a status and an error's code. A gateway that gave up waiting does not know the end of the call."""
    known = _CODES.get(code) or _STATUS.get(status) or ("server error" if status >= 500 else "bad request")
    if known == "bad request" and any(phrase in words.lower() for phrase in _FULL):
        known = "context window"
    return Fault(known, words, after=wait, billed=billed or known == "timeout")


def filtered(status: int, body: str) -> bool:
    """Whether a provider refused because of what the prompt or the reply says: that is data, not trouble."""
    error = _error(body) if status in (400, 403, 422) else None
    inner = _get(error, "innererror") or {}
    return bool({_code(error), _get(error, "type"), _get(inner, "code")} & _FILTERED)


def withheld(latency: float, sent: Mapping[str, Any]) -> Reply:
    """The reply of a content filter: no text, and why."""
    return Reply(text="", finish="content_filter", latency=latency, sent=sent)


def embedded(made: Any) -> Fault | None:
    """The error that stands in a body sent with status 200, as some routers do; None where there is none."""
    error = _get(made, "error")
    if not error or _get(made, "choices"):
        return None
    code = _get(error, "code")
    status = int(code) if str(code).isdigit() else 0
    words = told(error, "")
    return fault(status, str(code), words, billed=True) if 400 <= status < 600 else malformed(words)


def malformed(words: str) -> Fault:
    """The fault of a body that is no chat completion; the call was answered, so it may have been paid for."""
    return Fault("malformed reply", words, billed=True)


def after(headers: Mapping[str, str]) -> float | None:
    """Seconds that Retry-After asks to wait, given as a number or as a date (RFC 9110, section 10.2.3); at least 0."""
    given = headers.get("retry-after", "").strip()
    try:
        return max(0.0, float(given)) if float(given) < float("inf") else None
    except ValueError:
        until, now = _date(given), _date(headers.get("date", "")) or datetime.now(UTC)
    return max(0.0, (until - now).total_seconds()) if until else None


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def told(error: Any, body: str) -> str:
    """What an error says: its message, or else the body, of which Fault keeps the beginning."""
    message = error if isinstance(error, str) else _get(error, "message")
    return message if isinstance(message, str) and message else body[:2000]


def plain(value: Any) -> str:
    """A text that can be written to a file: without lone surrogates; the empty string for what is no text."""
    if not isinstance(value, str):
        return ""
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def _text(message: Any) -> str:
    content = _get(message, "content")
    if isinstance(content, (list, tuple)):
        content = "".join(plain(_get(part, "text")) for part in content)
    # Some put the words of a refusal beside an empty content.
    beside = _get(_get(message, "provider_specific_fields"), "refusal")
    return plain(content) or plain(_get(message, "refusal")) or plain(beside)


def _error(body: str) -> Any:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    found = found[0] if isinstance(found, list) and found else found
    return _get(found, "error") or found


def _code(error: Any) -> str:
    return str(_get(error, "code") or _get(error, "type") or "")


def _first(choices: Any) -> Any:
    if not isinstance(choices, (list, tuple)):
        raise malformed("no list of choices in it")
    if not choices:
        raise malformed("an empty list of choices")
    return choices[0]


def _get(thing: Any, name: str) -> Any:
    if isinstance(thing, (dict, Mapping)):  # a dictionary is known to be one at once
        return thing.get(name)
    return None if isinstance(thing, (str, bytes)) else getattr(thing, name, None)


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
