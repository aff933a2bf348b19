"""Credit notes: https://docs.stripe.com/api/credit_notes."""

from __future__ import annotations

from typing import Any

from tests.mocks.stripe.client import Stripe


async def _invoice(stripe: Stripe, *amounts: int, pay: bool = False, **more: Any) -> Any:
    customer = await stripe.customer(payment_method="pm_card_visa",
                                     invoice_settings={"default_payment_method": "pm_card_visa"})  # fmt: skip
    made = await stripe.post("invoices", customer=customer["id"], **more)
    for amount in amounts:
        await stripe.post("invoiceitems", customer=customer["id"], invoice=made["id"], amount=amount, currency="usd",
                          description=f"For {amount}")  # fmt: skip
    return await stripe.post(f"invoices/{made['id']}/{'pay' if pay else 'finalize'}")


async def test_what_was_paid_goes_back_by_refund_and_to_the_balance(stripe: Stripe) -> None:
    invoice = await _invoice(stripe, 1000, pay=True)
    line = invoice["lines"]["data"][0]["id"]
    sent = {"lines": [{"type": "invoice_line_item", "invoice_line_item": line, "amount": 600}], "refund_amount": 400,
            "credit_amount": 150, "out_of_band_amount": 50}  # fmt: skip
    preview = await stripe.get("credit_notes/preview", invoice=invoice["id"], **sent)
    assert (preview["total"], preview["post_payment_amount"]) == (600, 600)
    note = await stripe.post("credit_notes", invoice=invoice["id"], reason="duplicate", memo="Sorry", **sent)
    assert (note["type"], note["number"], note["out_of_band_amount"]) == (
        "post_payment",
        f"{invoice['number']}-CN-01",
        50,
    )
    refund = await stripe.get(f"refunds/{note['refunds'][0]['refund']}")
    assert (refund["amount"], note["refunds"][0]["amount_refunded"]) == (400, 400)
    assert (await stripe.get(f"customers/{invoice['customer']}"))["balance"] == -150
    shown = await stripe.get(f"credit_notes/{note['id']}", expand=["customer_balance_transaction", "invoice"])
    booked = shown["customer_balance_transaction"]
    assert (booked["amount"], booked["type"], booked["credit_note"]) == (-150, "credit_note", note["id"])
    assert shown["invoice"]["post_payment_credit_notes_amount"] == 600
    assert (await stripe.get(f"credit_notes/{note['id']}/lines"))["data"] == note["lines"]["data"]
    assert (await stripe.get("credit_notes/preview/lines", invoice=invoice["id"], amount=100, credit_amount=100))[
        "data"
    ][0]["amount"] == 100
    assert (await stripe.get("credit_notes", invoice=invoice["id"]))["data"] == [note]
    changed = await stripe.post(f"credit_notes/{note['id']}", memo="Very sorry", metadata={"a": "b"})
    assert (changed["memo"], changed["metadata"]) == ("Very sorry", {"a": "b"})
    types = await stripe.event_types()
    assert [kind for kind in types if kind.startswith("credit_note")] == ["credit_note.created", "credit_note.updated"]
    await stripe.error("POST", f"credit_notes/{note['id']}/void", 400)


async def test_an_open_invoice_asks_for_less_until_the_note_is_void(stripe: Stripe) -> None:
    invoice = await _invoice(stripe, 1000, 500)
    note = await stripe.post("credit_notes", invoice=invoice["id"], amount=1200)
    assert (note["type"], note["pre_payment_amount"]) == ("pre_payment", 1200)
    assert [line["amount"] for line in note["lines"]["data"]] == [1000, 200]
    less = await stripe.get(f"invoices/{invoice['id']}")
    assert (less["amount_due"], less["amount_remaining"], less["total"]) == (300, 300, 1500)
    assert (await stripe.post(f"credit_notes/{note['id']}/void"))["status"] == "void"
    again = await stripe.get(f"invoices/{invoice['id']}")
    assert (again["amount_due"], again["pre_payment_credit_notes_amount"]) == (1500, 0)
    await stripe.post("credit_notes", invoice=invoice["id"], amount=500)
    paid = await stripe.post(f"invoices/{invoice['id']}/pay")
    assert (paid["status"], paid["amount_paid"]) == ("paid", 1000)


async def test_an_invoice_that_is_credited_whole_is_paid(stripe: Stripe) -> None:
    invoice = await _invoice(stripe, 1000)
    await stripe.post("credit_notes", invoice=invoice["id"], amount=1000)
    done = await stripe.get(f"invoices/{invoice['id']}")
    assert (done["status"], done["amount_paid"], done["amount_remaining"]) == ("paid", 0, 0)


async def test_a_line_of_ones_own_and_a_discounted_one(stripe: Stripe) -> None:
    await stripe.post("coupons", id="HALF", percent_off=50)
    invoice = await _invoice(stripe, 1000, discounts=[{"coupon": "HALF"}])
    line = invoice["lines"]["data"][0]["id"]
    note = await stripe.post("credit_notes", invoice=invoice["id"], lines=[
        {"type": "invoice_line_item", "invoice_line_item": line, "amount": 500},
        {"type": "custom_line_item", "description": "Late", "unit_amount": 20, "quantity": 2}])  # fmt: skip
    assert (note["subtotal"], note["discount_amount"], note["total"]) == (540, 250, 290)
    assert note["lines"]["data"][1]["unit_amount_decimal"] == "20"


async def test_what_is_no_credit_note(stripe: Stripe) -> None:
    invoice = await _invoice(stripe, 1000, pay=True)
    line = invoice["lines"]["data"][0]["id"]
    before = stripe.records()
    for sent, param in (
        ({}, "amount"),
        ({"amount": 0}, "amount"),
        ({"amount": 1001, "refund_amount": 1001}, "amount"),
        ({"amount": 100, "lines": [{"type": "custom_line_item"}]}, "amount"),
        ({"lines": [{"type": "custom_line_item", "unit_amount": 1}]}, "lines[0][description]"),
        ({"lines": [{"type": "custom_line_item", "description": "x"}]}, "lines[0][unit_amount]"),
        ({"lines": [{"type": "invoice_line_item"}]}, "lines[0][invoice_line_item]"),
        ({"lines": [{"type": "invoice_line_item", "invoice_line_item": "il_none"}]}, "lines[0][invoice_line_item]"),
        ({"lines": [{"type": "invoice_line_item", "invoice_line_item": line, "quantity": 2}]}, "lines[0][quantity]"),
        ({"lines": [{"type": "invoice_line_item", "invoice_line_item": line, "amount": 2000}]}, "lines[0][amount]"),
    ):
        assert (await stripe.error("POST", "credit_notes", 400, invoice=invoice["id"], **sent)).get("param") == param
    sum_ = await stripe.error("POST", "credit_notes", 400, invoice=invoice["id"], amount=500, refund_amount=100)
    assert "($1.00) must equal the post payment credit note amount ($5.00)" in sum_["message"]
    assert (await stripe.error("POST", "credit_notes", 400, invoice="in_none", amount=1))["code"] == "resource_missing"
    assert stripe.records() == before
    draft = await stripe.post("invoices", customer=invoice["customer"])
    assert (await stripe.error("POST", "credit_notes", 400, invoice=draft["id"], amount=1))["param"] == "invoice"
    await stripe.error("GET", "credit_notes/cn_none", 404)
