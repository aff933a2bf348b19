"""What a quantity of a price costs: per unit, in packages, in tiers, and in other currencies than the price's own.

https://docs.stripe.com/products-prices/pricing-models and
https://docs.stripe.com/subscriptions/pricing-models/tiered-pricing (2026-11). With graduated tiers each tier counts
the part of the quantity that falls into it, with volume tiers the tier of the whole quantity counts all of it; a tier's
flat amount is added once it is reached. An invoice has a line for what each tier counts and one for each flat amount;
each line is rounded by itself, half up (seen in recorded invoices of 2020 and 2022).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

from mocks.base import ServiceError
from mocks.stripe import money, periods, prices
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import invalid

#: The whole of a period.
WHOLE = Fraction(1)


class Part(NamedTuple):
    """A line's worth: ``each`` is in minor units, ``tier`` counts from one, a flat part has no quantity of its own."""

    quantity: int
    each: Decimal
    amount: int
    tier: int | None = None
    flat: bool = False


def rounded(exact: Decimal) -> int:
    """Minor units: half a unit counts as a whole one."""
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def packages(price: Object, quantity: int) -> int:
    """How many units of the price a quantity is:
    https://docs.stripe.com/products-prices/pricing-models#transform-quantities."""
    package = price["transform_quantity"]
    if not package:
        return quantity
    over = package["divide_by"] - 1 if package["round"] == "up" else 0
    return int((quantity + over) // package["divide_by"])


def parts(price: Object, tiers: Sequence[Object], quantity: int) -> list[Part]:
    """What makes the amount of a quantity. The price's amounts are those of the currency that is paid in."""
    if price["billing_scheme"] != "tiered":
        each = Decimal(str(price["unit_amount_decimal"] or 0))
        return [Part(quantity, each, rounded(each * packages(price, quantity)))]
    found, below = [], 0
    for number, tier in enumerate(tiers, start=1):
        top = tier["up_to"]
        last = top is None or quantity <= top
        if price["tiers_mode"] == "graduated":
            counted = (quantity if last else top) - below
        else:
            counted = quantity if last else None
        if counted is not None:
            each = Decimal(tier["unit_amount_decimal"] or 0)
            found.append(Part(counted, each, rounded(each * counted), number))
            if tier["flat_amount_decimal"] is not None:
                flat = Decimal(tier["flat_amount_decimal"])
                found.append(Part(0, flat, rounded(flat), number, flat=True))
        if last:
            break
        below = top
    return found


def plain(price: Object, quantity: int) -> int:
    """What a quantity of a price without tiers comes to; tiers count nothing where something is sold once."""
    return sum(part.amount for part in parts(price, (), quantity))


async def of(call: StripeCall, price: Object, quantity: int, currency: str | None = None) -> list[Part]:
    """The parts of a quantity in a currency, the price's own when None. Raises ServiceError."""
    currency = currency or price["currency"]
    if price["billing_scheme"] != "tiered" and currency == price["currency"]:
        return parts(price, (), quantity)
    hidden = await call.state.get(prices.HIDDEN, price["id"]) or {}
    if currency == price["currency"]:
        return parts(price, hidden.get("tiers", ()), quantity)
    option = offered(price, hidden, currency)
    return parts({**price, **option}, option.get("tiers", ()), quantity)


def offered(price: Object, hidden: Object, currency: str, param: str = "currency") -> Object:
    """A price's amounts in a currency; raises ServiceError where it has none. Wording ours."""
    option: Object | None = hidden.get("currency_options", {}).get(currency)
    if option is None:
        raise invalid(
            f"The price `{price['id']}` has no amounts in `{currency}`: its currency is `{price['currency']}`.",
            param=param,
        )
    return option


async def payable(call: StripeCall, price: Object, currency: str, param: str) -> None:
    """Refuses a currency that a price has no amounts in; raises ServiceError."""
    if currency != price["currency"]:
        offered(price, await call.state.get(prices.HIDDEN, price["id"]) or {}, currency, param)


async def cost(call: StripeCall, item: Object, currency: str | None = None, share: Fraction = WHOLE) -> int:
    """What a subscription's item costs for a period, or for a part of one; of metered use nothing is known before."""
    if is_metered(item["price"]):
        return 0
    found = await of(call, item["price"], item.get("quantity", 1), currency)
    return sum(periods.prorated(part.amount, share) for part in found)


def is_metered(price: Object) -> bool:
    """Whether what a price costs is known from use alone, when the period is over."""
    return bool(price["recurring"] and price["recurring"]["usage_type"] == "metered")


def words(price: Object, part: Part, name: str, label: str | None, currency: str) -> str:
    """``Usage (Tier 2 at $0.036 / month)``, with the quantity before it: a line as Stripe describes it (seen)."""
    recurring, package = price["recurring"], price["transform_quantity"]
    count = recurring["interval_count"]
    every = f"/ {recurring['interval']}" if count == 1 else f"every {count} {recurring['interval']}s"
    tier = f"Tier {part.tier} at" if part.tier else "at"
    per = f" per {package['divide_by']} units" if package else ""
    terms = f"{name} ({tier} {money.exactly(part.each, currency)}{per} {every})"
    if part.flat:
        return terms
    many = f"{part.quantity} {label}" if label else f"{part.quantity}"
    return f"{many} × {terms}"  # noqa: RUF001 - Stripe's own sign


def uncounted(param: str) -> ServiceError:
    """A quantity where use is counted (seen in github.com/invertase/stripe-firebase-extensions/issues/134)."""
    return invalid(
        f"Quantity should not be specified where usage_type is `metered`. Remove quantity from `{param}`", param=param
    )
