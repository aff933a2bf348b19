"""What happens by time alone to those who have no test clock: renewals, retries, and what they tell.

https://docs.stripe.com/billing/subscriptions/webhooks (2026-11): an application hears of a renewal without a call of
its own. Connected accounts' appointments stand beside the platform's (``scope.SHARED``).
"""

from __future__ import annotations

from datetime import UTC, datetime

from mocks.base import Call, State
from mocks.stripe import clocks, events, renewals
from mocks.stripe.calls import Includes, StripeCall
from mocks.stripe.versions import known
from mocks.waking import Waking

#: Appointments that are kept in one transaction: calls to the environment have their turn in between.
MOST = 50


async def due(state: State) -> datetime | None:
    """When the next appointment of anybody without a test clock is."""
    at = await clocks.next_at(state, clocks.WALL)
    return None if at is None else datetime.fromtimestamp(at, UTC)


def waking(includes: Includes) -> Waking:
    """The ``waking`` of the service, which knows the fields that only expansion shows."""

    async def act(call: Call) -> None:
        opened = StripeCall(call, "", known.default(call.options), includes)
        await clocks.run(opened, clocks.WALL, int(call.now.timestamp()), renewals.LOOKS, MOST)
        await events.store(opened)

    return Waking(due, act)
