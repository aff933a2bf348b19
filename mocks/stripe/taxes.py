"""Taxes by tax rates: which rates hold for a line, what they come to, and their sums.

Rates of an item go before the defaults of its subscription or invoice: https://docs.stripe.com/billing/taxes/tax-rates
and https://docs.stripe.com/invoicing/taxes/tax-rates (2026-11). Each rate is reckoned on each line, after discounts,
and rounded there. An inclusive rate is a part of the amount, an exclusive one comes on top of what those leave.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from mocks.stripe import tax_rates
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import invalid

#: "You can add up to five tax rates to each line item", and to each invoice.
MOST = 5
#: Why somebody pays no tax: https://docs.stripe.com/api/customers/object#customer_object-tax_exempt.
EXEMPT = {"exempt": "customer_exempt", "reverse": "reverse_charge"}
#: Type of what billing credits pay of a line, before taxes.
CREDIT = "credit_balance_transaction"


async def named(call: StripeCall, sent: Any, param: str) -> list[Object]:
    """The rates that a parameter names, whole. Raises ServiceError. The sentences here are ours."""
    if not sent:
        return []
    if len(sent) > MOST:
        raise invalid(f"You can specify at most {MOST} tax rates.", param=param)
    found = []
    for place, key in enumerate(sent):
        rate = await call.referred(tax_rates.KIND, key, f"{param}[{place}]")
        if not rate["active"]:
            raise invalid(f"The tax rate {key} is archived and cannot be used.", param=f"{param}[{place}]")
        found.append(rate)
    return found


async def _own(call: StripeCall, line: Object) -> list[Object]:
    """The rates of what a line is of."""
    parent: Mapping[str, Any] = line["parent"] or {}
    for name in ("invoice_item_details", "subscription_item_details"):
        details: Mapping[str, Any] = parent.get(name) or {}
        for member, kind in (("invoice_item", "invoiceitem"), ("subscription_item", "subscription_item")):
            held = await call.state.get(kind, details[member]) if details.get(member) else None
            if held is not None:
                rates: list[Object] = held["tax_rates"] or []
                return rates
    return []


async def taxed(call: StripeCall, invoice: Object, lines: Sequence[Object]) -> list[Object]:
    """The lines, discounted already, with what each rate comes to."""
    if not await call.state.page(tax_rates.KIND, limit=1):
        return [{**line, "taxes": []} for line in lines]
    defaults = invoice["default_tax_rates"] or []
    exempt = EXEMPT.get(invoice["customer_tax_exempt"] or "")
    return [{**line, "taxes": parts(net(line), await _own(call, line) or defaults, exempt)} for line in lines]


def net(line: Object) -> int:
    """What a line comes to after its discounts, and the billing credits that pay for it."""
    off: int = sum(part["amount"] for part in [*line["discount_amounts"], *credited(line)])
    return int(line["amount"]) - off


def credited(line: Object) -> list[Object]:
    """What billing credits pay of a line."""
    return [part for part in line["pretax_credit_amounts"] if part["type"] == CREDIT]


def parts(amount: int, rates: Sequence[Object], exempt: str | None = None) -> list[Object]:
    """What each rate comes to on an amount, as a line of an invoice shows it."""
    inclusive = _inclusive(amount, rates)
    base = amount - sum(inclusive.values())
    return [
        {
            "amount": 0 if exempt else inclusive[rate["id"]] if rate["inclusive"] else _rounded(base * _share(rate)),
            "tax_behavior": "inclusive" if rate["inclusive"] else "exclusive",
            "tax_rate_details": {"tax_rate": rate["id"]},
            "taxability_reason": exempt or "not_available",
            "taxable_amount": 0 if exempt else base,
            "type": "tax_rate_details",
        }
        for rate in rates
    ]


def _inclusive(amount: int, rates: Sequence[Object]) -> dict[str, int]:
    """The parts of an amount that inclusive rates are, by rate."""
    held = [rate for rate in rates if rate["inclusive"]]
    whole = 1 + sum((_share(rate) for rate in held), Decimal())
    return {rate["id"]: _rounded(amount * _share(rate) / whole) for rate in held}


def _share(rate: Object) -> Decimal:
    return Decimal(str(rate["percentage"])) / 100


def _rounded(exact: Decimal) -> int:
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def gross(line: Object) -> int:
    """What is to be paid for a line."""
    return net(line) + on_top(line["taxes"])


def within(taxes: Iterable[Object]) -> int:
    """What of some taxes is a part of the amounts."""
    return sum(tax["amount"] for tax in taxes if tax["tax_behavior"] == "inclusive")


def on_top(taxes: Iterable[Object]) -> int:
    """What of some taxes comes on top of the amounts."""
    return sum(tax["amount"] for tax in taxes if tax["tax_behavior"] == "exclusive")


def summed(taxes: Iterable[Object]) -> list[Object]:
    """``total_taxes``: what the taxes of some lines come to, by rate."""
    found: dict[str, Object] = {}
    for tax in taxes:
        key = tax["tax_rate_details"]["tax_rate"]
        known = found.get(key)
        found[key] = (
            tax
            if known is None
            else {**known, **{name: known[name] + tax[name] for name in ("amount", "taxable_amount")}}
        )
    return list(found.values())


def scaled(taxes: Iterable[Object], part: int, whole: int) -> list[Object]:
    """The taxes of a part of what they are reckoned on."""
    return [
        {**tax, **{name: _rounded(Decimal(tax[name]) * part / whole) for name in ("amount", "taxable_amount")}}
        for tax in taxes
    ]


def excluding(line: Object) -> int:
    """A line's amount before discounts, without the inclusive tax on it: what is taxed after them tells the share."""
    kept, whole = net(line), within(line["taxes"])
    if not whole or not kept:
        return int(line["amount"])
    return _rounded(Decimal(line["amount"]) * (kept - whole) / kept)
