"""How operations without a handler answer: the generic engine, with Stripe's habits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.base import Call
from mocks.generic import Habits, Page, answering
from mocks.stripe.expand import KINDS
from mocks.stripe.lists import DEFAULT_LIMIT, MOST

#: Kind of a record -> the beginning of its ids. The first of several wins.
PREFIXES: dict[str, str] = {kind: prefix for prefix, kind in reversed(KINDS.items())}
PREFIXES |= {"charge": "ch_", "refund": "re_", "dispute": "du_"}


def _prefix(resource: str) -> str:
    """Stripe's own where it is known, else the resource's initials."""
    known = PREFIXES.get(resource)
    if known is not None:
        return known
    return "".join(word[0] for word in resource.replace(".", "_").split("_") if word) + "_"


def _envelope(call: Call, page: Page) -> Mapping[str, Any]:
    if call.operation.path.startswith("/v2/"):
        return {"next_page_url": None, "previous_page_url": None}
    return {"object": "list", "has_more": page.has_more, "url": call.request.path}


answer = answering(
    Habits(
        id_prefix=_prefix,
        id_length=24,
        page_limit=DEFAULT_LIMIT,
        most=MOST,
        unset=frozenset({""}),
        envelope=_envelope,
        # DELETE cancels a subscription, which can still be retrieved: https://docs.stripe.com/api/subscriptions/cancel
        ends={"subscriptions.cancel": {"status": "canceled"}},
    )
)
