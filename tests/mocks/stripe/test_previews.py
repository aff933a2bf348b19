"""Previews of invoices: https://docs.stripe.com/api/invoices/create_preview."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.test_renewals import DAY, START, advanced, clocked

#: What a preview and the invoice that follows have in common.
SUMS = (
    "amount_due", "collection_method", "created", "currency", "default_tax_rates", "ending_balance", "period_end",
    "period_start", "starting_balance", "subtotal", "subtotal_excluding_tax", "total", "total_excluding_tax",
    "total_taxes",
)  # fmt: skip
LINE = ("amount", "currency", "description", "discountable", "period", "pricing", "quantity", "subtotal", "taxes")


def sums(invoice: Any) -> dict[str, Any]:
    lines = sorted(([line[name] for name in LINE] for line in invoice["lines"]["data"]), key=str)
    off = sorted(part["amount"] for part in invoice["total_discount_amounts"])
    return {**{name: invoice[name] for name in SUMS}, "lines": lines, "off": off}


async def previewed(stripe: Stripe, **asked: Any) -> Any:
    """A preview that left nothing behind."""
    before, types = stripe.records(), await stripe.event_types()
    found = await stripe.post("invoices/create_preview", **asked)
    assert (stripe.records(), await stripe.event_types()) == (before, types)
    assert found["id"].startswith("upcoming_in_")
    assert all(line["id"].startswith("il_tmp_") for line in found["lines"]["data"])
    assert (found["status"], found["billing_reason"], found["number"]) == ("draft", "upcoming", None)
    return found


async def latest(stripe: Stripe, subscription: Any) -> Any:
    return (await stripe.get("invoices", subscription=subscription["id"], limit=1))["data"][0]


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"trial_period_days": 10},
        {"discounts": "percent"},
        {"default_tax_rates": "rate"},
        {"discounts": "amount", "default_tax_rates": "rate", "billing_cycle_anchor": START + 20 * DAY},
        {"collection_method": "send_invoice", "days_until_due": 30},
    ],
    ids=["plain", "trial", "discount", "tax", "all", "sent"],
)
async def test_the_renewal_is_as_it_was_foretold(stripe: Stripe, more: dict[str, Any]) -> None:
    clock = await clocked(stripe)
    customer = await payer(stripe, test_clock=clock["id"], balance=-123)
    asked = dict(more)
    if "discounts" in asked:
        off = {"percent_off": 33} if asked["discounts"] == "percent" else {"amount_off": 777, "currency": "usd"}
        asked["discounts"] = [{"coupon": (await stripe.post("coupons", duration="forever", **off))["id"]}]
    if "default_tax_rates" in asked:
        rate = await stripe.post("tax_rates", display_name="VAT", percentage=19.6, inclusive=False)
        asked["default_tax_rates"] = [rate["id"]]
    made = await subscribed(stripe, customer, await price(stripe, 1999), await price(stripe, 501), **asked)
    await stripe.post("invoiceitems", customer=customer["id"], amount=250, currency="usd", description="Cake")
    end = made["items"]["data"][0]["current_period_end"]
    await advanced(stripe, clock, made["created"] + 5 * DAY)
    item = made["items"]["data"][0]
    if made["status"] == "active":
        await stripe.post(f"subscriptions/{made['id']}", items=[{"id": item["id"], "quantity": 3}])
    foretold = await previewed(stripe, subscription=made["id"])
    assert sums(await previewed(stripe, customer=customer["id"])) == sums(foretold)
    await advanced(stripe, clock, end + 3601)
    assert sums(await latest(stripe, made)) == sums(foretold)


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": 4},
        {"quantity": 4, "proration_behavior": "always_invoice"},
        {"price": "year"},
        {"price": "dear", "proration_behavior": "none"},
        {"billing_cycle_anchor": {"type": "now"}},
    ],
    ids=["quantity", "at once", "interval", "none", "anchor"],
)
async def test_a_change_costs_what_was_foretold(stripe: Stripe, change: dict[str, Any]) -> None:
    clock = await clocked(stripe)
    customer = await payer(stripe, test_clock=clock["id"])
    made = await subscribed(stripe, customer, await price(stripe, 1999))
    item: dict[str, Any] = {"id": made["items"]["data"][0]["id"]}
    asked = {name: value for name, value in change.items() if name not in ("quantity", "price")}
    if change.get("price") == "year":
        item["price"] = (await price(stripe, 19999, "year"))["id"]
    elif change.get("price"):
        item["price"] = (await price(stripe, 4999))["id"]
    if "quantity" in change:
        item["quantity"] = change["quantity"]
    if len(item) > 1:
        asked["items"] = [item]
    await advanced(stripe, clock, START + 11 * DAY + 4711)
    foretold = await previewed(stripe, subscription=made["id"], subscription_details=asked)
    changed = await stripe.post(f"subscriptions/{made['id']}", **asked)
    if changed["latest_invoice"] == made["latest_invoice"]:
        await advanced(stripe, clock, changed["items"]["data"][0]["current_period_end"] + 3601)
    assert sums(await latest(stripe, made)) == sums(foretold)


async def test_a_subscription_that_is_not_begun(stripe: Stripe) -> None:
    clock = await clocked(stripe)
    customer, monthly = await payer(stripe, test_clock=clock["id"]), await price(stripe, 3100)
    details = {"items": [{"price": monthly["id"], "quantity": 2}]}
    foretold = await previewed(stripe, customer=customer["id"], subscription_details=details)
    made = await stripe.post("subscriptions", customer=customer["id"], **details)
    assert sums(await latest(stripe, made))["lines"] == sums(foretold)["lines"]
    nobody = {"address": {"country": "DE"}, "tax_exempt": "exempt"}
    found = await previewed(stripe, customer_details=nobody, subscription_details=details)
    assert (found["total"], found["customer_tax_exempt"]) == (6200, "exempt")


async def test_what_a_preview_adds(stripe: Stripe) -> None:
    customer = await payer(stripe)
    made = await subscribed(stripe, customer, await price(stripe, 1000))
    half = await stripe.post("coupons", duration="once", percent_off=50)
    added = [{"amount": 300, "currency": "usd", "description": "Cake"}]
    found = await previewed(stripe, subscription=made["id"], invoice_items=added, discounts=[{"coupon": half["id"]}])
    assert (found["subtotal"], found["total"]) == (1300, 650)
    found = await previewed(stripe, subscription=made["id"], invoice_items=added, preview_mode="recurring")
    assert found["total"] == 1000


async def test_an_end_at_once(stripe: Stripe) -> None:
    clock = await clocked(stripe)
    made = await subscribed(stripe, await payer(stripe, test_clock=clock["id"]), await price(stripe, 3100))
    await advanced(stripe, clock, START + 10 * DAY)
    found = await previewed(stripe, subscription=made["id"], subscription_details={"cancel_now": True})
    assert found["total"] == -2100
    await stripe.delete(f"subscriptions/{made['id']}", prorate=True, invoice_now=True)
    done = await latest(stripe, made)
    assert (done["total"], done["status"], done["ending_balance"]) == (-2100, "paid", -2100)
    assert (await stripe.get(f"customers/{made['customer']}"))["balance"] == -2100


async def test_when_there_is_nothing_to_come(stripe: Stripe) -> None:
    customer = await payer(stripe)
    path = "invoices/create_preview"
    nothing = await stripe.error("POST", path, 404, customer=customer["id"])
    assert nothing["code"] == "invoice_upcoming_none"
    await stripe.post("invoiceitems", customer=customer["id"], amount=300, currency="usd")
    assert (await previewed(stripe, customer=customer["id"]))["total"] == 300
    ending = await subscribed(stripe, await payer(stripe), await price(stripe), cancel_at_period_end=True)
    assert (await stripe.error("POST", path, 404, subscription=ending["id"]))["code"] == "invoice_upcoming_none"
    assert "customer" in (await stripe.error("POST", path, 400))["message"]
    assert (await stripe.error("POST", path, 400, subscription="sub_none"))["param"] == "subscription"
    other = await stripe.error("POST", path, 400, subscription=ending["id"], customer=customer["id"])
    assert other["param"] == "subscription"


async def test_an_upcoming_invoice_of_older_versions(stripe: Stripe) -> None:
    made = await subscribed(stripe, await payer(stripe), await price(stripe, 1000))
    old = {"Stripe-Version": "2024-04-10"}
    found = await stripe.get("invoices/upcoming", headers=old, subscription=made["id"])
    assert (found["total"], found["subscription"], "id" in found) == (1000, made["id"], False)
    more = {"subscription": made["id"], "subscription_items": [{"id": made["items"]["data"][0]["id"], "quantity": 3}]}
    more["subscription_proration_behavior"] = "none"
    lines = await stripe.get("invoices/upcoming/lines", headers=old, **more)
    assert (lines["object"], [line["amount"] for line in lines["data"]]) == ("list", [3000])
