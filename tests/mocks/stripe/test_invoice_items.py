"""Invoice items: https://docs.stripe.com/api/invoiceitems."""

from __future__ import annotations

from tests.mocks.stripe.billing import price
from tests.mocks.stripe.client import Stripe


async def test_an_item_waits_for_an_invoice(stripe: Stripe) -> None:
    customer = await stripe.customer()
    item = await stripe.post("invoiceitems", customer=customer["id"], amount=500, currency="eur", description="Tea")
    assert (item["invoice"], item["amount"], item["quantity"], item["currency"]) == (None, 500, 1, "eur")
    assert item["pricing"]["unit_amount_decimal"] == "500"
    left = await stripe.post("invoices", customer=customer["id"])
    assert left["lines"]["total_count"] == 0
    taken = await stripe.post("invoices", customer=customer["id"], pending_invoice_items_behavior="include")
    (line,) = taken["lines"]["data"]
    assert (line["description"], line["amount"], taken["currency"]) == ("Tea", 500, "eur")
    assert line["parent"]["invoice_item_details"]["invoice_item"] == item["id"]
    assert (await stripe.get(f"invoiceitems/{item['id']}"))["invoice"] == taken["id"]
    again = await stripe.post("invoices", customer=customer["id"], pending_invoice_items_behavior="include")
    assert again["lines"]["total_count"] == 0


async def test_an_item_of_a_price(stripe: Stripe) -> None:
    customer, once = await stripe.customer(), await price(stripe, 700, None)
    item = await stripe.post("invoiceitems", customer=customer["id"], pricing={"price": once["id"]}, quantity=3)
    assert (item["amount"], item["description"]) == (2100, "Tea")
    assert item["pricing"]["price_details"]["price"] == once["id"]


async def test_money_can_go_back(stripe: Stripe) -> None:
    customer = await stripe.customer()
    item = await stripe.post("invoiceitems", customer=customer["id"], amount=-500, currency="usd")
    assert item["amount"] == -500
    draft = await stripe.post("invoices", customer=customer["id"], pending_invoice_items_behavior="include")
    assert (draft["total"], draft["amount_due"]) == (-500, 0)


async def test_what_an_item_needs(stripe: Stripe) -> None:
    customer = (await stripe.customer())["id"]
    assert (await stripe.error("POST", "invoiceitems", 400, amount=1))["param"] == "customer"
    assert (await stripe.error("POST", "invoiceitems", 400, customer=customer))["param"] == "amount"
    unknown = await stripe.error("POST", "invoiceitems", 400, customer=customer, pricing={"price": "price_none"})
    assert (unknown["code"], unknown["param"]) == ("resource_missing", "pricing[price]")
    monthly = (await price(stripe))["id"]
    refused = await stripe.error("POST", "invoiceitems", 400, customer=customer, pricing={"price": monthly})
    assert "type=recurring" in refused["message"]
    both = await stripe.error("POST", "invoiceitems", 400, customer=customer, pricing={"price": monthly}, amount=1)
    assert both["code"] == "parameters_exclusive"


async def test_a_finalized_invoice_takes_no_more(stripe: Stripe) -> None:
    customer = await stripe.customer()
    draft = await stripe.post("invoices", customer=customer["id"])
    item = {"customer": customer["id"], "invoice": draft["id"], "amount": 100, "currency": "usd"}
    made = await stripe.post("invoiceitems", **item)
    assert made["invoice"] == draft["id"]
    assert (await stripe.get(f"invoices/{draft['id']}"))["total"] == 100
    await stripe.post(f"invoices/{draft['id']}/finalize")
    assert (await stripe.error("POST", "invoiceitems", 400, **item))["code"] == "invoice_not_editable"
