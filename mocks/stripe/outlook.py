"""What a payment under way waits for, and when it ends by itself: the bank's answer, or a voucher's last day.

One expectation a payment intent: a new attempt replaces that of the one before. Payments take the environment's time,
whatever a test clock says, as balances do.
"""

from __future__ import annotations

from typing import Literal

from mocks.stripe import clocks
from mocks.stripe.calls import Object, StripeCall

KIND = "payment_intent_outlook"

Ending = Literal["succeeded", "failed"]


async def expect(
    call: StripeCall, intent: Object, seconds: int, ends: Ending, code: str | None = None, *, disputed: bool = False
) -> None:
    """``intent`` ends in so many seconds; ``code`` is what it fails of."""
    at = int(call.now.timestamp()) + seconds
    await call.state.put(KIND, intent["id"], {"at": at, "code": code, "disputed": disputed, "ends": ends})
    await clocks.appoint(call, at, {"object": "payment_intent", "id": intent["id"]})


async def due(call: StripeCall, key: str) -> Object | None:
    """What has come of a payment intent by now; told once."""
    found = await call.state.get(KIND, key)
    if found is None or found["at"] > call.timestamp:
        return None
    await call.state.delete(KIND, key)
    return found


async def forget(call: StripeCall, key: str) -> None:
    """Nothing is waited for any more."""
    await call.state.delete(KIND, key)
