"""The hosted invoice page."""

from __future__ import annotations

from typing import Any

from mocks.stripe.pages.invoice import paper
from tests.mocks.stripe.billing import price, subscribed
from tests.mocks.stripe.client import Stripe
from tests.mocks.stripe.pages.test_checkout import CARD, paying


async def _open(stripe: Stripe) -> Any:
    customer = await stripe.customer(email="ada@example.com", name="Ada <Lovelace>")
    await stripe.post("invoiceitems", customer=customer["id"], amount=1500, currency="usd", description="A cup")
    made = await stripe.post(
        "invoices",
        customer=customer["id"],
        collection_method="send_invoice",
        days_until_due=30,
        pending_invoice_items_behavior="include",
    )
    return await stripe.post(f"invoices/{made['id']}/finalize")


async def test_an_open_invoice_is_paid(stripe: Stripe) -> None:
    invoice = await _open(stripe)
    page = (await stripe.visit(invoice["hosted_invoice_url"])).body.decode()
    for words in ("A cup", "$15.00", "Payment due", "Ada &lt;Lovelace&gt;", invoice["number"], 'name="cardNumber"'):
        assert words in page, words
    before = len(await stripe.event_types())
    home = await stripe.visit(invoice["hosted_invoice_url"], CARD)
    assert home.header("location") == invoice["hosted_invoice_url"]
    paid = await stripe.get(f"invoices/{invoice['id']}")
    assert (paid["status"], paid["amount_paid"]) == ("paid", 1500)
    types = (await stripe.event_types())[before:]
    assert types[-3:] == ["invoice_payment.paid", "invoice.paid", "invoice.payment_succeeded"]
    page = (await stripe.visit(invoice["hosted_invoice_url"])).body.decode()
    assert "Invoice paid" in page
    assert 'id="receipt"' in page
    assert 'name="cardNumber"' not in page
    assert "Invoice paid" in (await stripe.visit(invoice["hosted_invoice_url"], CARD, expect=200)).body.decode()


async def test_a_decline_is_told_on_the_page(stripe: Stripe) -> None:
    invoice = await _open(stripe)
    refused = await stripe.visit(invoice["hosted_invoice_url"], paying("4000000000000002"), expect=402)
    assert "Your card was declined." in refused.body.decode()
    still = await stripe.get(f"invoices/{invoice['id']}")
    assert (still["status"], still["attempt_count"]) == ("open", 1)
    await stripe.visit(invoice["hosted_invoice_url"], {**CARD, "cardNumber": ""}, expect=400)


async def test_the_bank_asks(stripe: Stripe) -> None:
    invoice = await _open(stripe)
    there = (await stripe.visit(invoice["hosted_invoice_url"], paying("4000002760003184"))).header("location") or ""
    assert there.endswith("/bank")
    assert "$15.00" in (await stripe.visit(there)).body.decode()
    failed = await stripe.visit(there, {"outcome": "fail"}, expect=402)
    assert "unable to authenticate" in failed.body.decode()
    assert "Pay by card" in (await stripe.visit(there)).body.decode()
    await stripe.visit(invoice["hosted_invoice_url"], paying("4000002760003184"))
    await stripe.visit(there, {"outcome": "complete"})
    assert (await stripe.get(f"invoices/{invoice['id']}"))["status"] == "paid"


async def test_a_subscription_begins_when_its_invoice_is_paid(stripe: Stripe) -> None:
    customer = await stripe.customer()
    made = await subscribed(stripe, customer, await price(stripe), payment_behavior="default_incomplete")
    invoice = await stripe.get(f"invoices/{made['latest_invoice']}")
    await stripe.visit(invoice["hosted_invoice_url"], CARD)
    assert (await stripe.get(f"subscriptions/{made['id']}"))["status"] == "active"


async def test_the_pdf(stripe: Stripe) -> None:
    invoice = await _open(stripe)
    file = await stripe.visit(invoice["invoice_pdf"])
    assert file.header("content-type") == "application/pdf"
    assert file.body.startswith(b"%PDF-")
    assert b"(A cup) Tj" in file.body
    assert b"($15.00) Tj" in file.body


async def test_a_draft_has_no_page(stripe: Stripe) -> None:
    invoice = await _open(stripe)
    draft = await stripe.post("invoices", customer=invoice["customer"])
    for end in ("", "/pdf", "/bank"):
        await stripe.visit(invoice["hosted_invoice_url"].replace(invoice["id"], draft["id"]) + end, expect=404)
    await stripe.post(f"invoices/{invoice['id']}/void")
    assert "was voided" in (await stripe.visit(invoice["hosted_invoice_url"])).body.decode()


def test_a_name_of_a_file_is_plain() -> None:
    header = paper(b"", 'a"\r\nb/../c.pdf').header("content-disposition")
    assert header == 'attachment; filename="ab..c.pdf"'
