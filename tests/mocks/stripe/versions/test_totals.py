"""Lists told how many there are, when they were asked to."""

from __future__ import annotations

import pytest

from mocks.stripe.versions import totals
from tests.mocks.stripe.client import Stripe

OLD = {"Stripe-Version": "2024-06-20"}


async def test_of_a_page_all_are_counted(stripe: Stripe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(totals, "_MOST", 2)
    for _ in range(5):
        await stripe.post("customers", email="a@example.com")
    await stripe.post("customers", email="b@example.com")
    found = await stripe.get("customers", email="a@example.com", limit=1, include=["total_count"], headers=OLD)
    assert (len(found["data"]), found["has_more"], found["total_count"]) == (1, True, 5)
    assert "total_count" not in await stripe.get("customers", limit=1, headers=OLD)


async def test_today_it_is_unknown(stripe: Stripe) -> None:
    refused = await stripe.get("customers", include=["total_count"], expect=400)
    assert refused["error"]["code"] == "parameter_unknown"
    other = await stripe.get("customers", include=["else"], expect=400, headers=OLD)
    assert other["error"]["code"] == "parameter_unknown"
