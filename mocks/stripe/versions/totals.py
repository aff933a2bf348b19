"""Until basil a list told how many there are in all, when it was asked to.

``include[]=total_count``: docs.stripe.com/changelog/basil/2025-03-31/deprecate-total-count-expansion. Today it is
refused as any parameter that there is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.contract import Operation
from contracts.exchange import Request
from mocks.base import Reply, Result
from mocks.stripe.calls import StripeCall, StripeHandler
from mocks.stripe.versions.parameters import Pair, read

BEFORE = "2025-03-31"

_INCLUDE = ("include", "")
_MOST = 100


def asked(operation: Operation, request: Request) -> bool:
    """Whether a call wants it: seen without taking the query apart."""
    return operation.action == "list" and "total_count" in request.query


def left_out(pairs: list[Pair]) -> list[Pair]:
    """The parameters without it."""
    return [(path, value) for path, value in pairs if not (path[0] == "include" and value == "total_count")]


async def counted(call: StripeCall, handler: StripeHandler) -> Result:
    """The list with ``total_count``, of which the contract of today knows nothing."""
    sent = call.request.original
    if sent is None or len(pairs := read(sent.query)) == len(left_out(pairs)):
        return await handler(call)
    found = await handler(call)
    total, after = 0, None
    while True:
        body = {name: value for name, value in call.body.items() if name not in ("ending_before", "starting_after")}
        one: Any = await handler(_paged(call, {**body, "limit": _MOST}, after))
        total += len(one["data"])
        if not one["has_more"]:
            return Reply(found, older={**found, "total_count": total})
        after = one["data"][-1]["id"]


def _paged(call: StripeCall, body: Mapping[str, Any], after: str | None) -> StripeCall:
    other = call.as_if(body if after is None else {**body, "starting_after": after})
    other.params = call.params
    return other
