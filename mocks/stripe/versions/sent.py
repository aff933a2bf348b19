"""Requests of older versions in today's words: parameters that were renamed, moved or removed.

https://docs.stripe.com/upgrades (2026-11). The chain is walked forwards here: each change does to the parameters what
its day asked of integrations. What no change knows is left for the contract to refuse.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote_plus

from contracts import form
from contracts.contract import Operation
from contracts.exchange import Headers, Request
from mocks.stripe.versions import known
from mocks.stripe.versions.chain import SENT
from mocks.stripe.versions.parameters import Pair


def adapt(operation: Operation, request: Request, options: Mapping[str, Any]) -> Request:
    """The request with the version that holds for it, and its parameters in today's words."""
    asked = request.headers.get("stripe-version")
    version = known.default(options) if asked is None else known.checked(asked)
    if asked is None and "api_version" in options:
        request = replace(request, headers=Headers([*request.headers, ("stripe-version", version)]))
    changes = [change for day, kinds in SENT if version < day and (change := kinds.get(operation.id)) is not None]
    if not changes:
        return request
    posted = operation.method == "POST"
    try:
        text = form.text_of(request.body) if posted else request.query
        pairs: list[Pair] = [(form.path_of(key), value) for key, value in form.pairs(text)]
    except form.FormError:
        return request  # the contract says what is wrong with it
    for change in changes:
        pairs = change(pairs)
    text = "&".join(f"{_key(path)}={quote_plus(value)}" for path, value in pairs)
    return replace(request, body=text.encode()) if posted else replace(request, query=text)


def _key(path: tuple[str, ...]) -> str:
    return quote_plus(path[0]) + "".join(f"[{quote_plus(step)}]" for step in path[1:])
