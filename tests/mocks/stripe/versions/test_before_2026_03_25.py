"""Checkout's pages had other names, in both directions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mocks.stripe.client import Stripe

SESSION: dict[str, Any] = {"mode": "setup", "currency": "usd"}


@pytest.mark.parametrize(("then", "now"), [("hosted", "hosted_page"), ("embedded", "embedded_page")])
async def test_pages_go_by_their_names_of_then(stripe: Stripe, then: str, now: str) -> None:
    page = {"success_url": "https://a.example"} if then == "hosted" else {"return_url": "https://a.example"}
    old = {"Stripe-Version": "2026-02-25.clover"}
    made = await stripe.post("checkout/sessions", headers=old, ui_mode=then, **page, **SESSION)
    assert made["ui_mode"] == then
    assert (await stripe.get(f"checkout/sessions/{made['id']}"))["ui_mode"] == now
    await stripe.post("checkout/sessions", expect=400, ui_mode=then, **page, **SESSION)
