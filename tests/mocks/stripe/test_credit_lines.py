"""What a credit note's lines come to."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe


async def test_a_quantity_of_a_line_and_a_fraction_of_a_cent(stripe: Stripe) -> None:
    customer = await stripe.customer()
    invoice = await stripe.post("invoices", customer=customer["id"])
    await stripe.post("invoiceitems", customer=customer["id"], invoice=invoice["id"], unit_amount_decimal="100",
                      quantity=3, currency="usd")  # fmt: skip
    invoice = await stripe.post(f"invoices/{invoice['id']}/finalize")
    line = invoice["lines"]["data"][0]["id"]
    note = await stripe.post("credit_notes", invoice=invoice["id"], lines=[
        {"type": "invoice_line_item", "invoice_line_item": line, "quantity": 2},
        {"type": "custom_line_item", "description": "Bit", "unit_amount_decimal": "0.5", "quantity": 4}])  # fmt: skip
    first, second = note["lines"]["data"]
    assert (first["amount"], first["quantity"], first["unit_amount"]) == (200, 2, 100)
    assert (second["amount"], second["unit_amount"], second["unit_amount_decimal"]) == (2, None, "0.5")
