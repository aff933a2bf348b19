"""What a page's handlers have of a call: Stripe's own call, whose events are stored when it is done.

A page has no API key, no idempotency key and no version: events of what a customer does name no request.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from contracts.exchange import Response
from mocks.base import Call, Page, ServiceError
from mocks.stripe import events
from mocks.stripe.calls import API_VERSION, StripeCall

ACCOUNT = re.compile(r"acct_\w+")

Show = Callable[[StripeCall, ServiceError | None], Awaitable[Response]]
Act = Callable[[StripeCall], Awaitable[Response]]


def staged(show: Show, act: Act | None) -> Page:
    """The page of these two; without ``act`` one that is only read."""

    async def shown(call: Call, refused: ServiceError | None) -> Response:
        opened = _opened(call)
        response = await show(opened, refused)
        await events.store(opened)
        return response

    if act is None:
        return Page(shown)

    async def acted(call: Call) -> Response:
        opened = _opened(call)
        try:
            response = await act(opened)
        except ServiceError as error:
            if error.keep:
                await events.store(opened)
            raise
        await events.store(opened)
        return response

    return Page(shown, acted)


def _opened(call: Call) -> StripeCall:
    # What a page is about may be a connected account's: its address says so. Who knows the id of what is behind it is
    # let in there, as here.
    merchant = call.params.query.get("merchant", "")
    opened = StripeCall(call, "", API_VERSION, {}, merchant if ACCOUNT.fullmatch(merchant) else None)
    # What a form says is no parameter of the API: handlers that carry out a part of it are told by ``as_if``.
    opened.body = {}
    return opened


def fields(call: StripeCall) -> Mapping[str, Any]:
    """What the form says."""
    return call.params.body if isinstance(call.params.body, Mapping) else {}


def said(call: StripeCall, name: str) -> str | None:
    """One field of the form, without the space around it; None when it is empty."""
    return str(fields(call).get(name, "")).strip() or None


def segment(call: StripeCall, place: int) -> str:
    """A part of the page's path: 0 is what follows the first slash."""
    parts = call.request.path.strip("/").split("/")
    return parts[place] if place < len(parts) else ""
