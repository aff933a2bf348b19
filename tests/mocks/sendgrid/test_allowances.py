"""A subuser's credits are used up by its mails, and come again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.clocks import HeldClock
from tests.harness import Harness, value
from tests.mocks.sendgrid.test_subusers import behalf, subuser

CREDITS = "/v3/subusers/ada/credits"
DAY = 86_400


@pytest.fixture
async def key(sendgrid: Harness) -> str:
    """A key of the subuser ``ada``."""
    await subuser(sendgrid)
    made = await sendgrid.call("POST", "/v3/api_keys", json={"name": "k"}, headers=behalf("ada"))
    found: str = value(made)["api_key"]
    return found


Send = Callable[[], Any]


@pytest.fixture
def send(sendgrid: Harness, key: str, message: Callable[..., dict[str, Any]]) -> Send:
    """Sends a mail of the subuser's; answers the status."""

    async def sent() -> int:
        return (await sendgrid.call("POST", "/v3/mail/send", json=message(), key=key)).status

    return sent


async def test_the_last_credit_sends_the_last_mail(
    sendgrid: Harness, key: str, send: Send, message: Callable[..., dict[str, Any]]
) -> None:
    assert await send() == 202
    given = {"type": "nonrecurring", "total": 2}
    assert value(await sendgrid.call("PUT", CREDITS, json=given))["remain"] == 2
    assert [await send() for _ in range(3)] == [202, 202, 401]
    refused = await sendgrid.call("POST", "/v3/mail/send", json=message(), key=key)
    assert value(refused) == {"errors": [{"message": "Maximum credits exceeded", "field": None, "help": None}]}
    left = value(await sendgrid.call("GET", CREDITS))
    assert (left["remain"], left["used"], left["total"]) == (0, 2, None)
    more = await sendgrid.call("PATCH", f"{CREDITS}/remaining", json={"allocation_update": 1})
    assert value(more)["remain"] == 1
    assert [await send() for _ in range(2)] == [202, 401]
    assert (await sendgrid.call("PUT", CREDITS, json={"type": "unlimited"})).status == 200
    assert await send() == 202
    # The parent's own are not touched.
    assert (await sendgrid.call("POST", "/v3/mail/send", json=message())).status == 202


@pytest.mark.parametrize(("frequency", "days"), [("daily", 1), ("weekly", 7), ("monthly", 31)])
async def test_credits_come_again(sendgrid: Harness, send: Send, frequency: str, days: int) -> None:
    assert isinstance(sendgrid.clock, HeldClock)
    sent = {"type": "recurring", "reset_frequency": frequency, "total": 1}
    await sendgrid.call("PUT", CREDITS, json=sent)
    assert [await send() for _ in range(2)] == [202, 401]
    sendgrid.clock.advance(days * DAY)
    assert [await send() for _ in range(2)] == [202, 401]
    found = value(await sendgrid.call("GET", CREDITS))
    assert found == {**sent, "remain": 0, "used": 1}


async def test_fewer_than_none_there_are_not(sendgrid: Harness, send: Send) -> None:
    await sendgrid.call("PUT", CREDITS, json={"type": "nonrecurring", "total": 3})
    assert await send() == 202
    less = await sendgrid.call("PATCH", f"{CREDITS}/remaining", json={"allocation_update": -50})
    assert value(less)["remain"] == 0
    more = await sendgrid.call("PATCH", f"{CREDITS}/remaining", json={"allocation_update": 1})
    assert value(more)["remain"] == 1
