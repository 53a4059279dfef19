"""What keeps litellm quiet, and from doing more than it is asked for."""

from __future__ import annotations

import logging
import warnings
from typing import Any


def quieten(lite: Any) -> None:
    """Keep litellm from printing, from leaving settings out, and from fetching tokenizers."""
    lite.suppress_debug_info = True
    lite.set_verbose = False
    lite.drop_params = False
    lite.disable_hf_tokenizer_download = True
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    hush()


# What Python warns of while litellm works: it builds its types when they are first needed, and makes in a thread what
# it awaits afterwards, or never where a call is cut off in between, at its timeout or as a command ends.
_HUSHED = (
    (Warning, r"litellm\b", ""),
    (UserWarning, r"pydantic\b", r"Items? .* on TypedDict class|Pydantic serializer warnings"),
    (RuntimeWarning, r"\w", r"coroutine '\w+\.\w*completion\w*' was never awaited"),
)


def hush() -> None:
    """Keep litellm's own warnings away, wherever the filters were changed since; nobody else's are touched."""
    for category, module, message in _HUSHED:
        known = (entry for entry in warnings.filters if entry[0] == "ignore" and entry[2] is category)
        if not any(getattr(entry[3], "pattern", entry[3]) == module for entry in known):
            warnings.filterwarnings("ignore", category=category, module=module, message=message)
