"""Invoice items read, changed and taken away: https://docs.stripe.com/api/invoiceitems."""

from __future__ import annotations

from tests.mocks.stripe.client import Stripe


async def test_an_item_that_waits(stripe: Stripe) -> None:
    customer = await stripe.customer()
    made = await stripe.post("invoiceitems", customer=customer["id"], amount=1000, currency="usd")
    path = f"invoiceitems/{made['id']}"
    changed = await stripe.post(path, amount=700, description="Tea", metadata={"a": "b"}, discountable=False,
                                period={"start": 1, "end": 2})  # fmt: skip
    assert (changed["amount"], changed["description"], changed["metadata"]) == (700, "Tea", {"a": "b"})
    assert (changed["pricing"]["unit_amount_decimal"], changed["period"]) == ("700", {"end": 2, "start": 1})
    assert await stripe.get(path) == changed
    more = await stripe.post(path, quantity=3, unit_amount_decimal="50")
    assert (more["amount"], more["quantity"]) == (150, 3)
    assert (await stripe.error("POST", path, 400, amount=1, quantity=2))["code"] == "parameters_exclusive"
    assert (await stripe.get("invoiceitems", customer=customer["id"], pending=True))["data"] == [more]
    assert (await stripe.get("invoiceitems", pending=False))["data"] == []
    assert await stripe.delete(path) == {"id": made["id"], "object": "invoiceitem", "deleted": True}
    await stripe.error("GET", path, 404)
    assert (await stripe.event_types())[-1] == "invoiceitem.deleted"


async def test_an_item_of_a_draft_moves_its_sums(stripe: Stripe) -> None:
    customer = await stripe.customer()
    invoice = await stripe.post("invoices", customer=customer["id"])
    asked = {"customer": customer["id"], "invoice": invoice["id"], "currency": "usd"}
    one = await stripe.post("invoiceitems", amount=1000, **asked)
    two = await stripe.post("invoiceitems", amount=500, **asked)
    await stripe.post(f"invoiceitems/{one['id']}", amount=800)
    assert (await stripe.get(f"invoices/{invoice['id']}"))["total"] == 1300
    await stripe.delete(f"invoiceitems/{two['id']}")
    left = await stripe.get(f"invoices/{invoice['id']}")
    assert (left["total"], len(left["lines"]["data"])) == (800, 1)
    assert [each["id"] for each in (await stripe.get("invoiceitems", invoice=invoice["id"]))["data"]] == [one["id"]]
    await stripe.post(f"invoices/{invoice['id']}/finalize")
    for method in ("POST", "DELETE"):
        refused = await stripe.error(method, f"invoiceitems/{one['id']}", 400)
        assert refused["code"] == "invoice_not_editable"
