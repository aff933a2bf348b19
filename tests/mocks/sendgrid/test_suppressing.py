"""Who is barred from mail, for which reason, and past which settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from mocks.sendgrid import suppressing
from tests.harness import Harness
from tests.mocks.sendgrid.audience import calling, suppressed


async def barred(
    sendgrid: Harness, *addresses: str, group_id: int | None = None, bypass: Sequence[str] = ()
) -> Mapping[str, str]:
    async with calling(sendgrid) as call:
        return await suppressing.barred(call, addresses, group_id=group_id, bypass=bypass)


async def test_nobody_is_barred_at_first(sendgrid: Harness) -> None:
    assert await barred(sendgrid, "ada@example.com") == {}


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("bounces", "Bounced Address"),
        ("spam_reports", "Spam Reporting Address"),
        ("invalid_emails", "Invalid"),
        ("unsubscribes", "Unsubscribed Address"),
    ],
)
async def test_each_list_bars_for_its_reason(sendgrid: Harness, kind: str, reason: str) -> None:
    await suppressed(sendgrid, kind, "Ada@Example.com")
    assert await barred(sendgrid, "ada@example.com", "bob@example.com") == {"ada@example.com": reason}
    assert await barred(sendgrid, "ADA@example.com") == {"ada@example.com": reason}


async def test_a_block_bars_nobody(sendgrid: Harness) -> None:
    await suppressed(sendgrid, "blocks", "ada@example.com")
    assert await barred(sendgrid, "ada@example.com") == {}


async def test_a_group_bars_from_its_own_mail(sendgrid: Harness) -> None:
    await suppressed(sendgrid, "group", "ada@example.com", group_id=7)
    assert await barred(sendgrid, "ada@example.com") == {}
    assert await barred(sendgrid, "ada@example.com", group_id=8) == {}
    assert await barred(sendgrid, "ada@example.com", group_id=7) == {"ada@example.com": "Unsubscribed Address"}


@pytest.mark.parametrize(
    ("setting", "passed"),
    [
        ("bypass_list_management", {"bounces", "spam_reports", "invalid_emails", "unsubscribes", "group"}),
        ("bypass_bounce_management", {"bounces"}),
        ("bypass_spam_management", {"spam_reports"}),
        ("bypass_unsubscribe_management", {"unsubscribes"}),
    ],
)
async def test_settings_look_past_lists(sendgrid: Harness, setting: str, passed: set[str]) -> None:
    for kind in suppressing.REASONS:
        await suppressed(sendgrid, kind, f"{kind}@example.com", group_id=7)
    addresses = [f"{kind}@example.com" for kind in suppressing.REASONS]
    found = await barred(sendgrid, *addresses, group_id=7, bypass=[setting])
    assert set(found) == {f"{kind}@example.com" for kind in suppressing.REASONS if kind not in passed}


async def test_the_strongest_reason_is_told(sendgrid: Harness) -> None:
    for kind in ("unsubscribes", "spam_reports", "bounces"):
        await suppressed(sendgrid, kind, "ada@example.com")
    assert await barred(sendgrid, "ada@example.com") == {"ada@example.com": "Bounced Address"}
    found = await barred(sendgrid, "ada@example.com", bypass=["bypass_bounce_management"])
    assert found == {"ada@example.com": "Spam Reporting Address"}


async def test_long_lists_are_looked_up_address_by_address(sendgrid: Harness) -> None:
    await suppressed(sendgrid, "bounces", *(f"u{place}@example.com" for place in range(70)))
    # One address is the beginning of another.
    assert await barred(sendgrid, "u69@example.com", "u6@example.co") == {"u69@example.com": "Bounced Address"}


async def test_details_are_kept_and_a_second_reason_changes_nothing(sendgrid: Harness) -> None:
    async with calling(sendgrid) as call:
        await suppressing.suppress(call, "bounces", "ada@example.com", reason="550 no such user", status="5.1.1")
        await suppressing.suppress(call, "bounces", "ada@example.com", reason="another", status="5.0.0")
        entry = await suppressing.entry(call.state, "bounces", "ada@example.com")
    assert entry is not None
    assert (entry["reason"], entry["status"]) == ("550 no such user", "5.1.1")


async def test_a_list_longer_than_a_page_is_read_whole(sendgrid: Harness) -> None:
    await suppressed(sendgrid, "blocks", *(f"u{place}@example.com" for place in range(501)))
    async with calling(sendgrid) as call:
        found = await suppressing.entries(call.state, "blocks")
        assert [len(found), await suppressing.size(call.state, "blocks")] == [501, 501]
        await suppressing.clear(call.state, "blocks")
        assert await suppressing.size(call.state, "blocks") == 0
