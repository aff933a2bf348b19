"""Invoice items, which wait for an invoice or belong to one: https://docs.stripe.com/api/invoiceitems (2026-11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe import clocks, discounts, invoice_lines, prices, pricing, products, taxes
from mocks.stripe.calls import Object, StripeCall, given
from mocks.stripe.errors import exclusive, invalid, missing
from mocks.stripe.invoice_lines import line, pricing_of
from mocks.stripe.metadata import first

KIND = "invoiceitem"


async def create(call: StripeCall) -> Object:
    body = call.body
    if not given(body, "customer"):
        raise invalid("Missing required param: customer.", code="parameter_missing", param="customer")
    customer = await call.referred("customer", body["customer"], "customer")
    await clocks.enter(call, customer)
    wanted = (body.get("pricing") or {}).get("price") or body.get("price")
    if "amount" in body and wanted:
        raise exclusive("amount", "price")
    invoice = None
    if given(body, "invoice"):
        invoice = await call.referred("invoice", body["invoice"], "invoice")
        if invoice["status"] != "draft":
            raise invalid("This invoice is no longer editable", code="invoice_not_editable")
    quantity = body.get("quantity", 1)
    if wanted:
        price = await call.state.get(prices.KIND, wanted)
        if price is None:
            raise missing("price", wanted, "pricing[price]" if body.get("pricing") else "price")
        if price["type"] != "one_time":
            raise invalid(
                "The price specified is set to `type=recurring` but this field only accepts prices with "
                "`type=one_time`.",
                param="pricing[price]",
            )
        description = given(body, "description") or await name_of(call, price)
    else:
        price = await _own_price(call, body, customer, invoice)
        description = given(body, "description")
    rates = await taxes.named(call, given(body, "tax_rates"), "tax_rates")
    item = {**build(call, body, customer["id"], price, quantity, description), "tax_rates": rates}
    if invoice is not None:
        # Before its line is taxed.
        await store(call, item)
    if invoice is not None:
        made = await taken(call, item, invoice["id"])
        await invoice_lines.store(call, await discounts.with_lines(call, invoice, [*invoice["lines"]["data"], made]))
        item = {**item, "invoice": invoice["id"]}
    else:
        await store(call, item)
    call.event("invoiceitem.created", item)
    return item


async def _own_price(call: StripeCall, body: Mapping[str, Any], customer: Object, invoice: Object | None) -> Object:
    """Since basil an amount has a price and a product of its own, which are not active (seen 2025-12)."""
    currency = body.get("currency") or (invoice or customer)["currency"] or "usd"
    amount = body.get("unit_amount_decimal") or body.get("amount")
    if amount is None:
        raise invalid(
            "You must specify either `amount`, `unit_amount_decimal`, or `pricing` when creating an invoice item.",
            code="parameter_missing",
            param="amount",
        )
    product = products.build(call, {"name": given(body, "description") or "Invoice item"}, call.new_id("prod_", 19))
    product = {**product, "active": False}
    await products.store(call, product)
    negative = int(float(amount)) < 0
    made = prices.build(
        call, {"currency": currency, "unit_amount": 0 if negative else int(float(amount))}, product["id"]
    )
    price = {**made.object, "active": False}
    if negative:
        price |= {"unit_amount": int(float(amount)), "unit_amount_decimal": str(int(float(amount)))}
    await prices.store(call, prices.Price(price, made.hidden))
    return price


async def name_of(call: StripeCall, price: Object) -> str | None:
    """What a price is of, in words."""
    product = await call.state.get(products.KIND, price["product"])
    return product["name"] if product else None


def build(
    call: StripeCall, body: Mapping[str, Any], customer: str, price: Object, quantity: int, description: str | None
) -> Object:
    """A new item that waits; not stored yet."""
    period = body.get("period") or {"end": call.timestamp, "start": call.timestamp}
    return {
        "id": call.new_id("ii_1", 23),
        "object": KIND,
        "amount": pricing.plain(price, quantity),
        "currency": price["currency"],
        "customer": customer,
        "customer_account": None,
        "date": call.timestamp,
        "description": description,
        "discountable": body.get("discountable", True),
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": first(body.get("metadata")),
        "parent": None,
        "period": {"end": period["end"], "start": period["start"]},
        "pricing": pricing_of(price),
        "proration": False,
        "quantity": quantity,
        "quantity_decimal": str(quantity),
        "tax_rates": [],
        "test_clock": None,
    }


async def store(call: StripeCall, item: Object) -> None:
    """Write an item."""
    index = {"customer": item["customer"], "pending": "no" if item["invoice"] else "yes"}
    if item["invoice"]:
        index["invoice"] = item["invoice"]
    await call.state.put(KIND, item["id"], item, index)


def subscription_of(item: Object) -> str | None:
    """The subscription that a waiting item is of."""
    parent = item["parent"]
    return parent["subscription_details"]["subscription"] if parent else None


async def waiting(call: StripeCall, customer: str) -> list[Object]:
    """The items that wait for a customer's next invoice, newest first."""
    return list(await call.state.page(KIND, where={"customer": customer, "pending": "yes"}, limit=100))


async def taken(call: StripeCall, item: Object, invoice: str) -> Object:
    """The line that an item becomes on an invoice; the item is stored as the invoice's."""
    await store(call, {**item, "invoice": invoice})
    key = subscription_of(item)
    details = {
        "invoice_item": item["id"],
        "proration": item["proration"],
        "proration_details": {"credited_items": None},
        "subscription": key,
    }
    parent: Object = {
        "invoice_item_details": details,
        "subscription_item_details": None,
        "type": "invoice_item_details",
    }
    if key is not None:
        details["subscription_item"] = item["parent"]["subscription_details"]["subscription_item"]
        parent = {
            "invoice_item_details": None,
            "subscription_item_details": details,
            "type": "subscription_item_details",
        }
    return line(
        call,
        invoice,
        amount=item["amount"],
        currency=item["currency"],
        description=item["description"],
        parent=parent,
        period=item["period"],
        pricing=item["pricing"],
        quantity=item["quantity"],
    )
