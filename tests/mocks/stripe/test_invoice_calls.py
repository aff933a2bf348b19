"""Invoices changed, sent, given up and read line by line."""

from __future__ import annotations

from typing import Any

from tests.mocks.stripe.client import Stripe


async def _draft(stripe: Stripe, **more: Any) -> Any:
    customer = await stripe.customer()
    made = await stripe.post("invoices", customer=customer["id"], **more)
    for amount in (1000, 500):
        await stripe.post("invoiceitems", customer=customer["id"], invoice=made["id"], amount=amount, currency="usd")
    return await stripe.get(f"invoices/{made['id']}")


async def test_a_draft_is_changed_and_a_final_one_hardly(stripe: Stripe) -> None:
    await stripe.post("coupons", id="HALF", percent_off=50)
    draft = await _draft(stripe, description="Tea")
    path = f"invoices/{draft['id']}"
    changed = await stripe.post(path, description="", footer="Thanks", metadata={"a": "b"}, auto_advance=True,
                                collection_method="send_invoice", days_until_due=10,
                                discounts=[{"coupon": "HALF"}])  # fmt: skip
    assert (changed["description"], changed["footer"], changed["metadata"]) == (None, "Thanks", {"a": "b"})
    assert (changed["total"], changed["due_date"]) == (750, draft["created"] + 864_000)
    assert changed["automatically_finalizes_at"] == draft["created"] + 3600
    both = await stripe.error("POST", path, 400, due_date=2_000_000_000, days_until_due=1)
    assert both["code"] == "parameters_exclusive"
    missing = await stripe.error("POST", path, 400, default_payment_method="pm_none")
    assert missing["param"] == "default_payment_method"
    await stripe.post(f"{path}/finalize")
    refused = await stripe.error("POST", path, 400, discounts="")
    assert refused["code"] == "invoice_not_editable"
    assert (await stripe.post(path, metadata={"a": "", "c": "d"}))["metadata"] == {"c": "d"}
    assert (await stripe.event_types())[-1] == "invoice.updated"


async def test_an_invoice_is_sent_or_given_up(stripe: Stripe) -> None:
    sent = await _draft(stripe, collection_method="send_invoice", days_until_due=30)
    assert (await stripe.post(f"invoices/{sent['id']}/send"))["status"] == "open"
    assert (await stripe.event_types())[-2:] == ["invoice.finalized", "invoice.sent"]
    given_up = await stripe.post(f"invoices/{sent['id']}/mark_uncollectible")
    assert (given_up["status"], given_up["status_transitions"]["marked_uncollectible_at"] is None) == (
        "uncollectible", False)  # fmt: skip
    await stripe.error("POST", f"invoices/{sent['id']}/send", 400)
    automatic = await _draft(stripe)
    await stripe.error("POST", f"invoices/{automatic['id']}/send", 400)
    await stripe.error("POST", f"invoices/{automatic['id']}/mark_uncollectible", 400)


async def test_lines_are_read_page_by_page(stripe: Stripe) -> None:
    draft = await _draft(stripe)
    path, (one, two) = f"invoices/{draft['id']}/lines", draft["lines"]["data"]
    first = await stripe.get(path, limit=1)
    assert (first["data"], first["has_more"], first["url"]) == ([one], True, f"/v1/{path}")
    rest = await stripe.get(path, starting_after=one["id"])
    assert (rest["data"], rest["has_more"]) == ([two], False)
    before = await stripe.get(path, ending_before=two["id"])
    assert (before["data"], before["has_more"]) == ([one], False)
    assert (await stripe.error("GET", path, 400, starting_after="il_none"))["param"] == "starting_after"
