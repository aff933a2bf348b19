"""An invoice's lines, the sums that they make, and how it is kept: https://docs.stripe.com/api/invoices/line_item
(2026-11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from mocks.stripe import money, periods, pricing, products, taxes
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


async def of_subscription(
    call: StripeCall,
    invoice: str,
    item: Object,
    currency: str,
    *,
    share: Fraction = pricing.WHOLE,
    trial: bool = False,
    used: int | None = None,
) -> list[Object]:
    """The lines of a subscription's item for its period: several for tiers. ``share`` is
    the part of a whole period that it is, ``used`` is what was used in it of a
    metered price; nothing is asked for one while that is not known."""
    price = item["price"]
    product = await call.state.get(products.KIND, price["product"])
    name = product["name"] if product else price["product"]
    label = product["unit_label"] if product else None
    details = {
        "invoice_item": None,
        "proration": False,
        "proration_details": {"credited_items": None},
        "subscription": item["subscription"],
        "subscription_item": item["id"],
    }
    quantity = used or 0 if pricing.is_metered(price) else item.get("quantity", 1)
    found = await pricing.of(call, price, quantity, currency)
    if trial or (used is None and pricing.is_metered(price)):
        found = [found[0]._replace(amount=0)]
    return [
        line(
            call,
            invoice,
            amount=periods.prorated(part.amount, share),
            currency=currency,
            description=f"Trial period for {name}" if trial else pricing.words(price, part, name, label, currency),
            parent={
                "invoice_item_details": None,
                "subscription_item_details": details,
                "type": "subscription_item_details",
            },
            period={"end": item["current_period_end"], "start": item["current_period_start"]},
            pricing={**pricing_of(price), "unit_amount_decimal": _each(part)},
            quantity=part.quantity,
        )
        for part in found
    ]


def _each(part: pricing.Part) -> str | None:
    return None if part.flat else format(part.each.normalize(), "f")


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
    credited = [part for line in found for part in taxes.credited(line)]
    net = subtotal - sum(off.values()) - sum(part["amount"] for part in credited)
    total = net + taxes.on_top(owed)
    summed = {
        **invoice,
        "lines": lines(invoice["id"], found),
        "subtotal": subtotal,
        "subtotal_excluding_tax": sum(taxes.excluding(line) for line in found) if owed else subtotal,
        "total": total,
        "total_discount_amounts": [{"amount": amount, "discount": key} for key, amount in off.items()],
        "total_excluding_tax": net - taxes.within(owed),
        "total_pretax_credit_amounts": credited,
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
    details = (invoice["parent"] or {}).get("subscription_details")
    return details["subscription"] if details else None
