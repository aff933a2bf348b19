"""What a write holds while it is under way: the objects that it is about, and its idempotency key.

https://docs.stripe.com/rate-limits#object-lock-timeouts (2026-11): "The Stripe API locks objects on some operations so
that concurrent workloads don't interfere"; a request for a lock that is held elsewhere waits, and is refused "after it
couldn't be acquired in time". Which operations and what time is not told: here it is every write, and what its path
names, or the parameters below.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from contracts.contract import Match
from contracts.exchange import Request
from mocks.holding import Hold
from mocks.stripe.faulted import fault
from mocks.stripe.idempotency import in_use

#: Seconds; ``options.lock_timeout`` says otherwise.
PATIENCE = 2.0
#: Parameters that name an object to which the call does something.
_ABOUT = re.compile(rb"(?:^|&)(?:charge|customer|invoice|payment_intent|setup_intent|subscription)=([0-9A-Za-z_]+)")


def holds(match: Match, request: Request, options: Mapping[str, Any]) -> Sequence[Hold]:
    """The key first: a duplicate is told at once that the first one is still going on."""
    if request.method not in ("POST", "DELETE"):
        return ()
    account = request.headers.get("stripe-account") or ""
    found = []
    key, newer = request.headers.get("idempotency-key"), request.path.startswith("/v2/")
    if key and (request.method == "POST" or newer):
        place = f"{request.method} {request.path}" if newer else ""
        found.append(Hold(f"key {account} {place} {key}", 0.0, partial(in_use, key)))
    told = options.get("lock_timeout")
    patience = float(told) if isinstance(told, (int, float)) else PATIENCE
    objects = [*match.path.values(), *(each.decode() for each in _ABOUT.findall(request.body))]
    refusal = partial(fault, 429, "lock_timeout")
    return [*found, *(Hold(f"object {account} {each}", patience, refusal) for each in dict.fromkeys(objects))]
