"""What happens by time alone to those who have no test clock: renewals, retries, and what they tell.

https://docs.stripe.com/billing/subscriptions/webhooks (2026-11): an application hears of a renewal without a call of
its own. Connected accounts have agendas of their own.
"""

from __future__ import annotations

from datetime import UTC, datetime

from mocks.base import Call, State
from mocks.stripe import clocks, events, renewals
from mocks.stripe.calls import Includes, StripeCall
from mocks.stripe.scope import Scoped
from mocks.stripe.versions import known
from mocks.waking import Waking

#: Appointments that are kept in one transaction: calls to the environment have their turn in between.
MOST = 50


async def _accounts(state: State) -> list[str | None]:
    """The platform, and every connected account."""
    found: list[str | None] = [None]
    after = None
    while some := await state.page("account", order="oldest", after=after, limit=100):
        found += [each["id"] for each in some]
        after = some[-1]["id"]
    return found


async def due(state: State) -> datetime | None:
    """When the next appointment of anybody without a test clock is."""
    times = [
        await clocks.next_at(Scoped(state, account) if account else state, clocks.WALL)
        for account in await _accounts(state)
    ]
    return min((datetime.fromtimestamp(at, UTC) for at in times if at is not None), default=None)


def waking(includes: Includes) -> Waking:
    """The ``waking`` of the service, which knows the fields that only expansion shows."""

    async def act(call: Call) -> None:
        opened = StripeCall(call, "", known.default(call.options), includes)
        for account in await _accounts(call.state):
            there = opened.inside(account)
            await clocks.run(there, clocks.WALL, int(call.now.timestamp()), renewals.LOOKS, MOST)
        await events.store(opened)

    return Waking(due, act)
