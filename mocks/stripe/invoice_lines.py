"""An invoice's lines, the sums that they make, and how it is kept: https://docs.stripe.com/api/invoices/line_item
(2026-11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mocks.stripe import money, products, taxes
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.lists import list_of

INVOICE = "invoice"


def line(
    call: StripeCall,
    invoice: str,
    *,
    amount: int,
    currency: str,
    description: str | None,
    parent: Object,
    period: Mapping[str, int],
    pricing: Object | None,
    quantity: int | None,
) -> Object:
    """One line of an invoice."""
    return {
        "id": call.new_id("il_1", 23),
        "object": "line_item",
        "amount": amount,
        "currency": currency,
        "description": description,
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": invoice,
        "livemode": False,
        "metadata": {},
        "parent": parent,
        "period": period,
        "pretax_credit_amounts": [],
        "pricing": pricing,
        "quantity": quantity,
        "quantity_decimal": None if quantity is None else str(quantity),
        "subtotal": amount,
        "taxes": [],
    }


def pricing_of(price: Object) -> Object:
    """How an item or a line names its price."""
    details = {"price": price["id"], "product": price["product"]}
    return {"price_details": details, "type": "price_details", "unit_amount_decimal": price["unit_amount_decimal"]}


async def of_subscription(call: StripeCall, invoice: str, item: Object, amount: int, *, trial: bool) -> Object:
    """The line of a subscription's item for its current period."""
    price = item["price"]
    product = await call.state.get(products.KIND, price["product"])
    name = product["name"] if product else price["product"]
    details = {
        "invoice_item": None,
        "proration": False,
        "proration_details": {"credited_items": None},
        "subscription": item["subscription"],
        "subscription_item": item["id"],
    }
    return line(
        call,
        invoice,
        amount=amount,
        currency=price["currency"],
        description=f"Trial period for {name}" if trial else _words(item, name),
        parent={
            "invoice_item_details": None,
            "subscription_item_details": details,
            "type": "subscription_item_details",
        },
        period={"end": item["current_period_end"], "start": item["current_period_start"]},
        pricing=pricing_of(price),
        quantity=item.get("quantity"),
    )


def _words(item: Object, name: str) -> str:
    price, recurring = item["price"], item["price"]["recurring"]
    each = money.plain(price["unit_amount"] or 0, price["currency"])
    count = recurring["interval_count"]
    every = f"/ {recurring['interval']}" if count == 1 else f"every {count} {recurring['interval']}s"
    return f"{item.get('quantity', 0)} × {name} (at {each} {every})"  # noqa: RUF001 - Stripe's own sign


def lines(invoice: str, found: Sequence[Object]) -> Object:
    """The list inside an invoice."""
    return list_of(found, f"/v1/invoices/{invoice}/lines", total_count=len(found))


def with_lines(invoice: Object, found: Sequence[Object]) -> Object:
    """The invoice with its lines, and the sums that they make."""
    subtotal = sum(line["amount"] for line in found)
    off = dict.fromkeys(invoice["discounts"], 0)
    for part in (part for line in found for part in line["discount_amounts"]):
        off[part["discount"]] += part["amount"]
    owed = [tax for line in found for tax in line["taxes"]]
    net = subtotal - sum(off.values())
    total = net + taxes.on_top(owed)
    summed = {
        **invoice,
        "lines": lines(invoice["id"], found),
        "subtotal": subtotal,
        "subtotal_excluding_tax": sum(taxes.excluding(line) for line in found) if owed else subtotal,
        "total": total,
        "total_discount_amounts": [{"amount": amount, "discount": key} for key, amount in off.items()],
        "total_excluding_tax": net - taxes.within(owed),
        "total_taxes": taxes.summed(owed),
    }
    return due_with(summed, invoice["starting_balance"])


def due_with(invoice: Object, balance: int) -> Object:
    """What is due of an invoice when the customer has that balance. What is too small to be charged is not: "the
    amount_due may be 0", https://docs.stripe.com/api/invoices/object#invoice_object-amount_due."""
    due = max(0, invoice["total"] + balance)
    if due < money.MINIMUM.get(invoice["currency"], 1):
        due = 0
    return {**invoice, "amount_due": due, "amount_remaining": due, "starting_balance": balance}


def left_over(invoice: Object) -> int:
    """The customer's balance after an invoice."""
    total: int = invoice["starting_balance"] + invoice["total"] - invoice["amount_due"]
    return total


async def store(call: StripeCall, invoice: Object) -> None:
    """Write an invoice."""
    index = {"customer": invoice["customer"], "status": invoice["status"]}
    index["collection_method"] = invoice["collection_method"]
    if (subscription := subscription_of(invoice)) is not None:
        index["subscription"] = subscription
    await call.state.put(INVOICE, invoice["id"], invoice, index)


def subscription_of(invoice: Object) -> str | None:
    """The subscription that an invoice is of."""
    parent = invoice["parent"]
    return parent["subscription_details"]["subscription"] if parent else None
