"""Objects like those that a recording shows, made through the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from mocks.stripe.remaking import remake
from tests.mocks.stripe.client import Stripe

CUSTOMER = {
    "object": "customer",
    "address": {"city": "Bath", "line1": None},
    "default_source": "card_1",
    "email": "a@example.com",
    "invoice_settings": {"default_payment_method": "pm_1"},
    "tax_exempt": "none",
}
RECURRING = {"interval": "month", "interval_count": 1, "trial_period_days": None}
AMOUNTS = {"amount": 500, "currency": "usd"}


async def made(stripe: Stripe, key: str, shown: Mapping[str, Any] | None, *beside: str) -> Any:
    """What is there afterwards."""

    async def send(method: str, path: str, params: Mapping[str, Any]) -> Any:
        response = await stripe.send(method, path.removeprefix("/v1/"), params)
        return orjson.loads(response.body) if response.status < 400 else None

    return await remake(key, shown, beside, send)


async def test_customers(stripe: Stripe) -> None:
    found = await made(stripe, "cus_1", CUSTOMER)
    held = await stripe.get(f"customers/{found['id']}")
    assert (held["email"], held["address"]["city"]) == ("a@example.com", "Bath")
    assert held["default_source"].startswith("card_")
    assert held["invoice_settings"]["default_payment_method"].startswith("pm_")
    bare = await made(stripe, "cus_2", None)
    assert bare["default_source"].startswith("card_")


async def test_what_is_sold(stripe: Stripe) -> None:
    product = await made(stripe, "prod_1", {"object": "product", "name": "Tea"})
    assert product["id"] == "prod_1"
    shown = {"object": "price", "currency": "usd", "unit_amount_decimal": "500", "product": "prod_1"}
    price = await made(stripe, "price_1", {**shown, "recurring": RECURRING, "active": False})
    assert (price["unit_amount"], price["recurring"]["interval"], price["active"]) == (500, "month", False)
    assert await made(stripe, "price_2", {"object": "price", "product": "prod_1"}) is None
    plan = await made(stripe, "tea", {"object": "plan", **AMOUNTS, "interval": "month", "name": "Tea"})
    assert plan["id"] == "tea"
    assert await made(stripe, "free", {"object": "plan", "currency": "usd", "interval": "month"}) is None
    coupon = await made(stripe, "TEN", {"object": "coupon", "percent_off": 10, "duration": "once"})
    assert coupon["percent_off"] == 10
    rate = {"object": "tax_rate", "display_name": "VAT", "percentage": 19.0, "inclusive": False}
    assert (await made(stripe, "txr_1", rate))["percentage"] == 19


async def test_payments(stripe: Stripe) -> None:
    customer = await stripe.customer()
    method = await made(stripe, "pm_1", None, customer["id"])
    assert method["customer"] == customer["id"]
    amex = await made(stripe, "pm_2", {"object": "payment_method", "card": {"brand": "amex"}})
    assert amex["card"]["brand"] == "amex"
    assert await made(stripe, "pm_3", {"object": "payment_method", "type": "sepa_debit"}) is None
    intent = {"object": "payment_intent", **AMOUNTS}
    for status, expected in (("succeeded", "succeeded"), ("canceled", "canceled"), ("x", "requires_payment_method")):
        assert (await made(stripe, "pi_1", {**intent, "status": status}))["status"] == expected
    held = await made(stripe, "pi_2", {**intent, "capture_method": "manual", "customer": customer})
    assert (held["status"], held["customer"]) == ("requires_capture", customer["id"])
    charge = await made(stripe, "ch_1", {"object": "charge", **AMOUNTS, "status": "succeeded"})
    assert charge["paid"] is True
    of_intent = await made(stripe, "ch_2", {"object": "charge", **AMOUNTS, "payment_intent": "pi_3"})
    assert of_intent["payment_intent"].startswith("pi_")
    assert await made(stripe, "ch_3", {"object": "charge", **AMOUNTS, "status": "failed"}) is None
    refund = await made(stripe, "re_1", {"object": "refund", "charge": charge["id"], "amount": 100})
    assert refund["amount"] == 100


@pytest.mark.parametrize("status", ["active", "trialing", "canceled"])
async def test_subscriptions(stripe: Stripe, status: str) -> None:
    customer = await stripe.customer()
    plan = await made(stripe, "tea", {"object": "plan", **AMOUNTS, "interval": "month"})
    items = {"data": [{"plan": plan, "quantity": 2}]}
    shown = {"object": "subscription", "customer": customer["id"], "items": items, "status": status}
    assert (await made(stripe, "sub_1", shown))["status"] == status
    sent = await made(stripe, "sub_2", {**shown, "collection_method": "send_invoice", "cancel_at_period_end": True})
    assert sent["collection_method"] == "send_invoice"
    assert await made(stripe, "sub_3", {**shown, "status": "unpaid"}) is None


@pytest.mark.parametrize("status", ["draft", "open", "paid"])
async def test_invoices(stripe: Stripe, status: str) -> None:
    customer = await stripe.customer()
    lines = {"data": [{**AMOUNTS, "description": "Tea"}]}
    shown = {"object": "invoice", "customer": customer["id"], "lines": lines, "status": status}
    found = await made(stripe, "in_1", shown)
    assert ((await stripe.get(f"invoices/{found['id']}"))["total"], found["status"]) == (500, status)
    assert await made(stripe, "in_2", {**shown, "subscription": "sub_1"}) is None


async def test_accounts_and_the_rest(stripe: Stripe) -> None:
    account = await made(stripe, "acct_1", {"object": "account", "country": "US", "email": "a@example.com"})
    assert (account["charges_enabled"], account["capabilities"]["transfers"]) == (True, "active")
    assert await made(stripe, "xyz_1", None) is None
