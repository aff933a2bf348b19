"""Taxes by tax rates: https://docs.stripe.com/billing/taxes/tax-rates."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mocks.stripe import taxes
from tests.mocks.stripe.billing import payer, price, subscribed
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.test_renewals import DAY, START, advanced, clocked


async def rate(stripe: Stripe, percentage: float, *, inclusive: bool = False) -> Any:
    return await stripe.post("tax_rates", display_name="VAT", percentage=percentage, inclusive=inclusive)


async def drafted(stripe: Stripe, customer: Any, amount: int, **more: Any) -> Any:
    draft = await stripe.post("invoices", customer=customer["id"], **more)
    await stripe.post("invoiceitems", customer=customer["id"], invoice=draft["id"], amount=amount, currency="usd")
    return await stripe.get(f"invoices/{draft['id']}")


async def test_the_examples_of_the_support_page(stripe: Stripe) -> None:
    """https://support.stripe.com/questions/inclusive-and-exclusive-tax-options-in-the-tax-rate-api-and-stripe-tax"""
    customer = await payer(stripe)
    over = await drafted(stripe, customer, 60000, default_tax_rates=[(await rate(stripe, 10))["id"]])
    assert (over["subtotal"], over["total"], over["total_excluding_tax"]) == (60000, 66000, 60000)
    inside = await rate(stripe, 10, inclusive=True)
    held = await drafted(stripe, customer, 60000, default_tax_rates=[inside["id"]])
    assert (held["total"], held["amount_due"]) == (60000, 60000)
    assert (held["total_excluding_tax"], held["subtotal_excluding_tax"]) == (54545, 54545)
    assert held["total_taxes"] == [
        {
            "amount": 5455,
            "tax_behavior": "inclusive",
            "tax_rate_details": {"tax_rate": inside["id"]},
            "taxability_reason": "not_available",
            "taxable_amount": 54545,
            "type": "tax_rate_details",
        }
    ]
    paid = await stripe.post(f"invoices/{over['id']}/pay")
    assert paid["amount_paid"] == 66000


async def test_the_rates_of_an_item_go_before_the_defaults(stripe: Stripe) -> None:
    customer, low, high = await payer(stripe), await rate(stripe, 5), await rate(stripe, 20)
    draft = await drafted(stripe, customer, 1000, default_tax_rates=[high["id"]])
    own = {"customer": customer["id"], "invoice": draft["id"], "amount": 500, "currency": "usd"}
    item = await stripe.post("invoiceitems", tax_rates=[low["id"]], **own)
    assert item["tax_rates"] == [low]
    found = await stripe.get(f"invoices/{draft['id']}")
    assert (found["subtotal"], found["total"]) == (1500, 1500 + 200 + 25)
    assert sorted(tax["amount"] for tax in found["total_taxes"]) == [25, 200]
    await stripe.post(f"invoiceitems/{item['id']}", tax_rates="")
    assert (await stripe.get(f"invoices/{draft['id']}"))["total"] == 1800
    await stripe.post(f"invoices/{draft['id']}", default_tax_rates="")
    assert (await stripe.get(f"invoices/{draft['id']}"))["total"] == 1500


async def test_who_is_exempt_pays_none(stripe: Stripe) -> None:
    made = await rate(stripe, 20)
    customer = await payer(stripe, tax_exempt="reverse")
    found = await drafted(stripe, customer, 1000, default_tax_rates=[made["id"]])
    assert (found["total"], found["customer_tax_exempt"]) == (1000, "reverse")
    assert [tax["taxability_reason"] for tax in found["total_taxes"]] == ["reverse_charge"]


async def test_rates_that_cannot_be_used(stripe: Stripe) -> None:
    customer, made = await payer(stripe), await rate(stripe, 20)
    unknown = await stripe.error("POST", "invoices", 400, customer=customer["id"], default_tax_rates=["txr_none"])
    assert (unknown["code"], unknown["param"]) == ("resource_missing", "default_tax_rates[0]")
    await stripe.post(f"tax_rates/{made['id']}", active=False)
    gone = await stripe.error("POST", "invoices", 400, customer=customer["id"], default_tax_rates=[made["id"]])
    assert gone["param"] == "default_tax_rates[0]"


async def test_a_subscription_is_taxed_from_the_first_invoice_on(stripe: Stripe) -> None:
    clock = await clocked(stripe, START + 31 * DAY)
    customer, made = await payer(stripe, test_clock=clock["id"]), await rate(stripe, 8.25)
    monthly, once = await price(stripe, 1000), await price(stripe, 999, None)
    added = [{"price": once["id"], "tax_rates": [(await rate(stripe, 10))["id"]]}]
    begun = await subscribed(
        stripe, customer, monthly, default_tax_rates=[made["id"]], add_invoice_items=added, expand=["latest_invoice"]
    )
    assert begun["default_tax_rates"] == [made]
    assert (begun["latest_invoice"]["subtotal"], begun["latest_invoice"]["amount_paid"]) == (1999, 1999 + 83 + 100)
    item = begun["items"]["data"][0]
    await advanced(stripe, clock, begun["created"] + 15 * DAY)
    await stripe.post(f"subscriptions/{begun['id']}", items=[{"id": item["id"], "quantity": 2}])
    await advanced(stripe, clock, item["current_period_end"] + 3600)
    found = (await stripe.get("invoices", subscription=begun["id"], limit=1))["data"][0]
    lines = found["lines"]["data"]
    assert sorted(line["amount"] for line in lines) == [-500, 1000, 2000]
    assert sorted(line["taxes"][0]["amount"] for line in lines) == [-41, 83, 165]
    assert found["total"] == found["amount_paid"] == 2500 + 83 + 165 - 41


async def test_a_credit_note_gives_its_tax_back(stripe: Stripe) -> None:
    customer, made = await payer(stripe), await rate(stripe, 20)
    draft = await drafted(stripe, customer, 1000, default_tax_rates=[made["id"]])
    opened = await stripe.post(f"invoices/{draft['id']}/finalize")
    half = await stripe.post("credit_notes", invoice=opened["id"], amount=600)
    assert (half["subtotal"], half["total"], half["total_excluding_tax"]) == (500, 600, 500)
    assert (half["total_taxes"][0]["amount"], half["total_taxes"][0]["taxable_amount"]) == (100, 500)
    line = {"type": "invoice_line_item", "invoice_line_item": opened["lines"]["data"][0]["id"], "amount": 500}
    rest = await stripe.post("credit_notes", invoice=opened["id"], lines=[line])
    assert (rest["total"], rest["lines"]["data"][0]["taxes"][0]["amount"]) == (600, 100)
    assert (await stripe.get(f"invoices/{opened['id']}"))["status"] == "paid"


async def test_checkout_is_taxed(stripe: Stripe) -> None:
    made, inside = await rate(stripe, 20), await rate(stripe, 25, inclusive=True)
    items = [
        {"price": (await price(stripe, 1000, None))["id"], "quantity": 2, "tax_rates": [made["id"]]},
        {"price": (await price(stripe, 500, None))["id"], "quantity": 1, "tax_rates": [inside["id"]]},
    ]
    session = await stripe.post(
        "checkout/sessions",
        mode="payment",
        line_items=items,
        success_url="https://shop.example/",
        expand=["line_items"],
    )
    assert (session["amount_subtotal"], session["amount_total"]) == (2500, 2900)
    assert session["total_details"]["amount_tax"] == 500
    assert [item["amount_tax"] for item in session["line_items"]["data"]] == [400, 100]


_RATES = st.lists(
    st.fixed_dictionaries({"percentage": st.integers(0, 1000000).map(lambda x: x / 10000), "inclusive": st.booleans()}),
    max_size=5,
)


@given(st.integers(-10_000_000, 10_000_000), _RATES)
def test_inclusive_rates_are_a_part_and_exclusive_ones_come_on_top(amount: int, rates: list[dict[str, Any]]) -> None:
    named = [{**each, "id": f"txr_{at}"} for at, each in enumerate(rates)]
    found = taxes.parts(amount, named)
    assert abs(taxes.within(found)) <= abs(amount) + len(rates)
    turned = taxes.parts(-amount, named)
    assert [-tax["amount"] for tax in turned] == [tax["amount"] for tax in found]
    if all(each["inclusive"] for each in rates):
        assert taxes.on_top(found) == 0
    assert all(tax["amount"] == 0 for tax in taxes.parts(amount, named, "customer_exempt"))
