"""Whom a provider's key is sent to: a file may name a server, but whoever has the key must name it as well."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from dilemmas.errors import UsageError
from dilemmas.models.refusals import variables
from dilemmas.models.remote import private
from dilemmas.models.speakers import REHEARSAL
from dilemmas.runs.office import base_url
from dilemmas.runs.work import Order


def check(order: Order, models: Sequence[str]) -> None:
    """Refuse to send a key to an address that only a file names, unless it is on a network of one's own.

    A file may be a stranger's, and its address a stranger's too. Raises UsageError with what to type.
    """
    if order.path is None or order.speaking is not None:
        return
    for model in models:
        url = base_url(model, order.experiment) if model != REHEARSAL else None
        if url is None or url in order.vouched or private(url):
            continue
        key = next((name for name in variables(model) if os.environ.get(name)), None)
        if key is not None:
            raise UsageError(
                f"calls of {model} would take the key in {key} to {urlsplit(url).hostname}, and only the file says so",
                where=f"{order.path}: base_url",
                remedy=f"If that server is to have the key, name it yourself: {_flag(model, url, order)}",
            )


def _flag(model: str, url: str, order: Order) -> str:
    several = isinstance(order.experiment.base_url, Mapping)
    return f"--set base_url.{model.partition('/')[0]}={url}" if several else f"--base-url {url}"
