"""Invoice items read, changed and taken away: https://docs.stripe.com/api/invoiceitems (2026-11)."""

from __future__ import annotations

from mocks.stripe import clocks, discounts, invoice_items, invoice_lines, taxes
from mocks.stripe.calls import Object, StripeCall, given
from mocks.stripe.errors import exclusive
from mocks.stripe.invoice_calls import uneditable
from mocks.stripe.lists import page
from mocks.stripe.metadata import merged

KIND = invoice_items.KIND
#: What an item and its line on an invoice have in common.
SHARED = ("amount", "description", "discountable", "period", "pricing", "quantity", "quantity_decimal")


async def retrieve(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("invoiceitem"))


async def _editable(call: StripeCall) -> tuple[Object, Object | None]:
    """The item that the path names and its invoice, if it has one already; refuses what is final."""
    item = await call.named(KIND, call.path("invoiceitem"))
    await clocks.enter(call, await call.referred("customer", item["customer"], "customer"))
    if item["invoice"] is None:
        return item, None
    invoice = await call.named(invoice_lines.INVOICE, item["invoice"])
    if invoice["status"] != "draft":
        raise uneditable()
    return item, invoice


async def update(call: StripeCall) -> Object:
    """Without an event: https://docs.stripe.com/api/events/types has none for it."""
    body = call.body
    if "amount" in body and ("quantity" in body or "unit_amount_decimal" in body):
        raise exclusive("amount", "quantity" if "quantity" in body else "unit_amount_decimal")
    old, invoice = await _editable(call)
    changes: Object = {"description": given(body, "description")} if "description" in body else {}
    if "discountable" in body:
        changes["discountable"] = body["discountable"]
    if body.get("period"):
        changes["period"] = {name: body["period"][name] for name in ("end", "start")}
    if "metadata" in body:
        changes["metadata"] = merged(old["metadata"], body["metadata"])
    if "tax_rates" in body:
        changes["tax_rates"] = await taxes.named(call, given(body, "tax_rates"), "tax_rates")
    changes |= _cost(call, old)
    new = {**old, **changes}
    await invoice_items.store(call, new)
    if invoice is not None:
        shared = {name: new[name] for name in SHARED}
        lines = [
            {**line, **shared, "subtotal": new["amount"]} if _of(line) == old["id"] else line
            for line in invoice["lines"]["data"]
        ]
        await invoice_lines.store(call, await discounts.with_lines(call, invoice, lines))
    return new


def _cost(call: StripeCall, old: Object) -> Object:
    """What an item costs by another amount, quantity or price of one."""
    body = call.body
    if "amount" in body:
        return {
            "amount": body["amount"],
            "pricing": {**old["pricing"], "unit_amount_decimal": str(body["amount"])},
            "quantity": 1,
            "quantity_decimal": "1",
        }
    if "quantity" not in body and "unit_amount_decimal" not in body:
        return {}
    unit = str(body.get("unit_amount_decimal", old["pricing"]["unit_amount_decimal"]))
    quantity = body.get("quantity", old["quantity"])
    return {
        "amount": round(float(unit) * quantity),
        "pricing": {**old["pricing"], "unit_amount_decimal": unit},
        "quantity": quantity,
        "quantity_decimal": str(quantity),
    }


def _of(line: Object) -> str | None:
    """The item that a line is of."""
    details = line["parent"]["invoice_item_details"]
    return details["invoice_item"] if details else None


async def delete(call: StripeCall) -> Object:
    item, invoice = await _editable(call)
    await call.state.delete(KIND, item["id"])
    if invoice is not None:
        lines = [line for line in invoice["lines"]["data"] if _of(line) != item["id"]]
        await invoice_lines.store(call, await discounts.with_lines(call, invoice, lines))
    call.event("invoiceitem.deleted", item)
    return {"id": item["id"], "object": KIND, "deleted": True}


async def list_all(call: StripeCall) -> Object:
    body = call.body
    where = {name: body[name] for name in ("customer", "invoice") if body.get(name)}
    if "pending" in body:
        where["pending"] = "yes" if body["pending"] else "no"
    return await page(call, KIND, where or None)
