"""What a subscription is to, and until when."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mocks.stripe.subscription_items import later
from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe


@pytest.mark.parametrize(
    ("start", "interval", "count", "end"),
    [
        ("2026-01-15", "month", 1, "2026-02-15"),
        ("2026-01-31", "month", 1, "2026-02-28"),
        ("2028-01-31", "month", 1, "2028-02-29"),
        ("2026-11-30", "month", 3, "2027-02-28"),
        ("2028-02-29", "year", 1, "2029-02-28"),
        ("2026-12-31", "day", 2, "2027-01-02"),
        ("2026-12-31", "week", 2, "2027-01-14"),
    ],
)
def test_periods(start: str, interval: str, count: int, end: str) -> None:
    def at(day: str) -> int:
        return int(datetime.fromisoformat(f"{day}T10:00:00").replace(tzinfo=UTC).timestamp())

    assert later(at(start), {"interval": interval, "interval_count": count}) == at(end)


async def test_a_price_of_its_own(stripe: Stripe) -> None:
    product = await stripe.post("products", name="Tea")
    sent = {"currency": "usd", "product": product["id"], "unit_amount": 300, "recurring": {"interval": "week"}}
    customer = await payer(stripe)
    made = await stripe.post("subscriptions", customer=customer["id"], items=[{"price_data": sent}])
    assert made["items"]["data"][0]["price"]["unit_amount"] == 300
    missing = {**sent, "product": "prod_none"}
    refused = await stripe.error("POST", "subscriptions", 400, customer=customer["id"], items=[{"price_data": missing}])
    assert refused["param"] == "items[0][price_data][product]"


async def test_a_plan_names_a_price_too(stripe: Stripe) -> None:
    monthly, customer = await price(stripe), await payer(stripe)
    made = await stripe.post("subscriptions", customer=customer["id"], items=[{"plan": monthly["id"], "quantity": 4}])
    assert (made["plan"]["amount"], made["quantity"]) == (2000, 4)
    refused = await stripe.error("POST", "subscriptions", 400, customer=customer["id"], items=[{"plan": "gold"}])
    assert (refused["param"], refused["message"]) == ("plan", "No such plan: 'gold'")
    refused = await stripe.error("POST", "subscriptions", 400, customer=customer["id"], items=[{"quantity": 1}])
    assert refused["param"] == "items[0][price]"


async def test_a_plan_that_was_made_as_one(stripe: Stripe) -> None:
    plan = await stripe.post("plans", amount=900, currency="usd", interval="month", product={"name": "Tea"}, id="gold")
    customer = await payer(stripe)
    made = await stripe.post("subscriptions", customer=customer["id"], items=[{"plan": plan["id"]}])
    assert (made["plan"]["id"], made["plan"]["amount"], made["status"]) == ("gold", 900, "active")


async def test_inactive_prices_and_mixed_currencies_are_refused(stripe: Stripe) -> None:
    monthly, customer = await price(stripe), await payer(stripe)
    euros = await price(stripe, currency="eur")
    items = [{"price": monthly["id"]}, {"price": euros["id"]}]
    refused = await stripe.error("POST", "subscriptions", 400, customer=customer["id"], items=items)
    assert "same `currency`" in refused["message"]
    await stripe.post(f"prices/{monthly['id']}", active=False)
    refused = await stripe.error("POST", "subscriptions", 400, customer=customer["id"], items=items[:1])
    assert "inactive" in refused["message"]


async def test_an_item_can_be_found(stripe: Stripe) -> None:
    made = await subscribed(stripe, await payer(stripe), await price(stripe))
    item = made["items"]["data"][0]
    assert (await stripe.get(f"subscription_items/{item['id']}"))["subscription"] == made["id"]


async def test_fractions_of_cents_and_packages(stripe: Stripe) -> None:
    customer = await payer(stripe)
    product = (await price(stripe))["product"]
    asked = {"currency": "usd", "product": product, "recurring": {"interval": "month"}}
    fine = await stripe.post("prices", unit_amount_decimal="0.5", **asked)
    packed = await stripe.post("prices", unit_amount=700, transform_quantity={"divide_by": 10, "round": "up"}, **asked)
    for each, quantity, total in ((fine, 201, 101), (packed, 11, 1400)):
        items = [{"price": each["id"], "quantity": quantity}]
        made = await stripe.post("subscriptions", customer=customer["id"], items=items, expand=["latest_invoice"])
        assert made["latest_invoice"]["total"] == total
