"""What a quote's items come to: altogether, at once, and each time that they recur.

https://docs.stripe.com/api/quotes/object (2026-11). ``computed.recurring`` "takes into account the line items with
recurring prices and discounts with duration=forever coupons only". Not documented and so a guess: that a trial and an
effective date to come leave recurring items out of ``computed.upfront``, and out of nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mocks.stripe import checkout_items, taxes
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.discount_sums import Terms, shares
from mocks.stripe.lists import DEFAULT_LIMIT, list_of


class Entry(NamedTuple):
    """An item with what its discounts take off it and what its taxes are."""

    item: Object
    off: Sequence[Object]
    taxes: Sequence[Object]

    @property
    def recurs(self) -> bool:
        return bool(self.item["price"]["type"] == "recurring")


async def reckoned(
    call: StripeCall,
    items: Sequence[Object],
    reducing: Sequence[tuple[str, Terms]],
    defaults: Sequence[Object],
    exempt: str | None,
) -> list[Entry]:
    """The items with discounts (by id) and taxes; ``defaults`` are the rates of items that have none of their own."""
    lines = [
        {
            "id": item["id"],
            "amount": item["amount_subtotal"],
            "discountable": True,
            "pricing": {"price_details": {"product": item["price"]["product"]}},
        }
        for item in items
    ]
    currency = items[0]["currency"] if items else ""
    found = []
    for item, line in zip(items, shares(reducing, currency, lines), strict=True):
        off = sum(part["amount"] for part in line["discount_amounts"])
        left = item["amount_subtotal"] - off
        owed = taxes.parts(left, await checkout_items.rates_of(call, item) or defaults, taxes.EXEMPT.get(exempt or ""))
        sums = {
            "amount_discount": off,
            "amount_tax": sum(tax["amount"] for tax in owed),
            "amount_total": left + taxes.on_top(owed),
        }
        found.append(Entry({**item, **sums}, line["discount_amounts"], owed))
    return found


def sums(entries: Sequence[Entry]) -> Object:
    """``amount_subtotal``, ``amount_total`` and ``total_details``."""
    items = [entry.item for entry in entries]
    return {
        "amount_subtotal": sum(item["amount_subtotal"] for item in items),
        "amount_total": sum(item["amount_total"] for item in items),
        "total_details": {
            "amount_discount": sum(item["amount_discount"] for item in items),
            "amount_shipping": 0,
            "amount_tax": sum(item["amount_tax"] for item in items),
        },
    }


def broken_down(entries: Sequence[Entry]) -> Object:
    """What makes ``total_details``, by discount and by rate; ids stand for the objects."""
    off: dict[str, int] = {}
    for part in (part for entry in entries for part in entry.off):
        off[part["discount"]] = off.get(part["discount"], 0) + part["amount"]
    return {"discounts": off, "taxes": taxes.summed(tax for entry in entries for tax in entry.taxes)}


def recurring(entries: Sequence[Entry]) -> Object | None:
    """``computed.recurring``, of entries that only lasting discounts reduce; None where nothing recurs."""
    found = [entry for entry in entries if entry.recurs]
    if not found:
        return None
    every = found[0].item["price"]["recurring"]
    return {**sums(found), "interval": every["interval"], "interval_count": every["interval_count"]}


async def breakdown(call: StripeCall, parts: Mapping[str, Any]) -> Object:
    """The same as ``expand`` shows it."""
    off = [
        {"amount": amount, "discount": await call.named("discount", key)} for key, amount in parts["discounts"].items()
    ]
    return {"discounts": off, "taxes": [await _tax(call, each) for each in parts["taxes"]]}


async def _tax(call: StripeCall, tax: Object) -> Object:
    reason = tax["taxability_reason"]
    return {
        "amount": tax["amount"],
        "rate": await call.named("tax_rate", tax["tax_rate_details"]["tax_rate"]),
        # What invoices say of rates that were entered by hand has no place here.
        "taxability_reason": None if reason == "not_available" else reason,
        "taxable_amount": tax["taxable_amount"],
    }


def first_of(items: Sequence[Object], url: str) -> Object:
    """The list that an object shows of its items."""
    return list_of(items[:DEFAULT_LIMIT], url, len(items) > DEFAULT_LIMIT)
