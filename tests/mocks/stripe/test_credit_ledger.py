"""How billing credits are used up: https://docs.stripe.com/billing/subscriptions/usage-based/billing-credits."""

from __future__ import annotations

from typing import Any

from tests.mocks.stripe.billing import price
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.metering import meter, metered, used
from tests.mocks.stripe.test_credit_grants import balance, granted, kinds
from tests.mocks.stripe.test_renewals import DAY, START, advanced
from tests.mocks.stripe.test_usage import begun


async def _billed(stripe: Stripe, clock: Any, made: Any) -> Any:
    """The first invoice of a period that is over."""
    await advanced(stripe, clock, made["items"]["data"][0]["current_period_end"] + 3600)
    return (await stripe.get("invoices", subscription=made["id"]))["data"][0]


async def test_they_pay_for_what_is_metered(stripe: Stripe) -> None:
    calls = await metered(stripe, await meter(stripe))
    clock, customer, made = await begun(stripe, calls, await price(stripe, 2000))
    grant = await granted(stripe, customer, 400)
    await used(stripe, customer, 120)
    invoice = await _billed(stripe, clock, made)
    assert (invoice["subtotal"], invoice["total"], invoice["amount_paid"], invoice["status"]) == (
        2600, 2200, 2200, "paid",
    )  # fmt: skip
    (part,) = invoice["total_pretax_credit_amounts"]
    by_amount = {line["amount"]: line for line in invoice["lines"]["data"]}
    assert by_amount[600]["pretax_credit_amounts"] == [part]
    assert (part["amount"], by_amount[2000]["pretax_credit_amounts"]) == (400, [])
    found = await stripe.get(f"billing/credit_balance_transactions/{part['credit_balance_transaction']}")
    assert (found["type"], found["credit_grant"], found["debit"]["type"]) == ("debit", grant["id"], "credits_applied")
    assert found["debit"]["credits_applied"] == {"invoice": invoice["id"], "invoice_line_item": by_amount[600]["id"]}
    assert await balance(stripe, customer) == [("usd", 0)]
    await stripe.error("POST", f"billing/credit_grants/{grant['id']}/void", 400)


async def test_in_their_order_before_taxes(stripe: Stripe) -> None:
    rate = await stripe.post("tax_rates", display_name="VAT", percentage=10, inclusive=False)
    calls = await metered(stripe, await meter(stripe))
    clock, customer, made = await begun(stripe, calls, default_tax_rates=[rate["id"]])
    names = {}
    for name, more in {
        "paid": {},
        "free": {"category": "promotional"},
        "soon": {"expires_at": START + 90 * DAY},
        "first": {"priority": 1},
        "other": {"amount": {"type": "monetary", "monetary": {"currency": "eur", "value": 100}}},
    }.items():
        names[(await granted(stripe, customer, 100, **more))["id"]] = name
    await used(stripe, customer, 70)
    invoice = await _billed(stripe, clock, made)
    assert (invoice["subtotal"], invoice["total_excluding_tax"], invoice["total"]) == (350, 0, 0)
    found = await stripe.get("billing/credit_balance_transactions", customer=customer["id"], limit=4)
    assert [names[each["credit_grant"]] for each in reversed(found["data"])] == ["first", "soon", "free", "paid"]
    assert await balance(stripe, customer) == [("usd", 50), ("eur", 100)]


async def test_a_void_invoice_gives_them_back(stripe: Stripe) -> None:
    calls = await metered(stripe, await meter(stripe))
    asked = {"collection_method": "send_invoice", "days_until_due": 30}
    clock, customer, made = await begun(stripe, calls, **asked)
    end = made["items"]["data"][0]["current_period_end"]
    await granted(stripe, customer, 200)
    await granted(stripe, customer, 100, expires_at=end + DAY)
    await used(stripe, customer, 100)
    invoice = await _billed(stripe, clock, made)
    assert (invoice["status"], invoice["amount_due"]) == ("open", 200)
    await advanced(stripe, clock, end + 2 * DAY)
    await stripe.post(f"invoices/{invoice['id']}/void")
    assert (await kinds(stripe, customer))[-3:] == [
        ("credits_application_invoice_voided", 100),
        ("credits_expired", 100),
        ("credits_application_invoice_voided", 200),
    ]
    assert await balance(stripe, customer) == [("usd", 200)]
