"""Bounces that are forgotten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.harness import Harness, value
from tests.mocks.sendgrid.sending import SEND

Message = Callable[..., dict[str, Any]]
SETTING = "/v3/mail_settings/bounce_purge"


async def bounced(sendgrid: Harness, message: Message, word: str = "bounce") -> None:
    await sendgrid.call("POST", SEND, json=message(personalizations=[{"to": [{"email": f"{word}@example.com"}]}]))


async def listed(sendgrid: Harness, name: str = "bounces") -> int:
    return len(value(await sendgrid.call("GET", f"/v3/suppression/{name}")))


async def pass_(sendgrid: Harness, days: int) -> None:
    sendgrid.clock.advance(days=days)
    await sendgrid.wake()


@pytest.mark.parametrize(("word", "name", "days"), [("bounce", "bounces", 2), ("block", "blocks", 3)])
async def test_an_address_is_forgotten_after_the_accounts_days(
    sendgrid: Harness, message: Message, word: str, name: str, days: int
) -> None:
    await sendgrid.call("PATCH", SETTING, json={"enabled": True, "hard_bounces": 2, "soft_bounces": 3})
    await bounced(sendgrid, message, word)
    await pass_(sendgrid, days - 1)
    assert await listed(sendgrid, name) == 1
    await pass_(sendgrid, 1)
    assert await listed(sendgrid, name) == 0


async def test_a_change_holds_for_addresses_that_are_there(sendgrid: Harness, message: Message) -> None:
    await bounced(sendgrid, message)
    await pass_(sendgrid, 10)
    assert await listed(sendgrid) == 1
    await sendgrid.call("PATCH", SETTING, json={"enabled": True, "hard_bounces": 5})
    await sendgrid.wake()
    assert await listed(sendgrid) == 0


async def test_an_account_that_changed_its_mind_keeps_them(sendgrid: Harness, message: Message) -> None:
    await sendgrid.call("PATCH", SETTING, json={"enabled": True, "hard_bounces": 2})
    await bounced(sendgrid, message)
    await sendgrid.call("PATCH", SETTING, json={"enabled": False})
    await pass_(sendgrid, 3)
    assert await listed(sendgrid) == 1
