"""Prices: https://docs.stripe.com/api/prices (2026-11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from mocks.stripe import products
from mocks.stripe.calls import Loader, Object, StripeCall, changed, given
from mocks.stripe.errors import exclusive, invalid, missing_param
from mocks.stripe.lists import page
from mocks.stripe.metadata import first, merged
from mocks.stripe.money import known_currency

KIND = "price"
#: Where tiers and currency options are kept, which only expansion shows.
HIDDEN = "price_details"


@dataclass(frozen=True, slots=True)
class Price:
    """A price and what an answer leaves out of it."""

    object: Object
    hidden: Object


def build(call: StripeCall, body: Mapping[str, Any], product: str, prefix: str = "") -> Price:
    """A price of a product from its parameters; ``prefix`` says under which parameter they stand."""
    currency = known_currency(body["currency"], f"{prefix}[currency]" if prefix else "currency")
    tiered = body.get("billing_scheme") == "tiered" or bool(body.get("tiers"))
    custom = body.get("custom_unit_amount")
    amount, exact = _amounts(body, "unit_amount", prefix) if not (tiered or custom) else (None, None)
    if amount is None and exact is None and not tiered and not custom:
        raise invalid(
            "You must specify either `unit_amount`, `unit_amount_decimal`, or `custom_unit_amount` when creating "
            "a price.",
            code="parameter_missing",
            param="unit_amount",
        )
    for name in ("tiers", "tiers_mode"):
        if tiered and not body.get(name):
            raise missing_param(name)
    if tiered:
        _checked(body["tiers"], f"{prefix}[tiers]" if prefix else "tiers")
        if given(body, "transform_quantity"):
            # "Cannot be combined with `tiers`": https://docs.stripe.com/api/prices/create
            raise exclusive("transform_quantity", "tiers")
    recurring = _recurring(body.get("recurring"))
    price: Object = {
        "id": call.new_id("price_1", 23),
        "object": KIND,
        "active": body.get("active", True),
        "billing_scheme": "tiered" if tiered else "per_unit",
        "created": call.timestamp,
        "currency": currency,
        "custom_unit_amount": _custom(custom),
        "livemode": False,
        "lookup_key": body.get("lookup_key"),
        "metadata": first(body.get("metadata")),
        "nickname": given(body, "nickname"),
        "product": product,
        "recurring": recurring,
        "tax_behavior": body.get("tax_behavior", "unspecified"),
        "tiers_mode": body.get("tiers_mode"),
        "transform_quantity": given(body, "transform_quantity"),
        "type": "recurring" if recurring else "one_time",
        "unit_amount": amount,
        "unit_amount_decimal": exact,
    }
    hidden: Object = {
        "aggregate_usage": (body.get("recurring") or {}).get("aggregate_usage"),
        "currency_options": _currency_options(price, body.get("currency_options")),
    }
    if tiered:
        hidden["tiers"] = _tiers(body["tiers"])
    return Price(price, hidden)


def _amounts(body: Mapping[str, Any], name: str, prefix: str = "") -> tuple[int | None, str | None]:
    """``unit_amount`` and ``unit_amount_decimal`` from whichever of the two was sent."""
    decimal = f"{name}_decimal"
    if body.get(name) is not None and body.get(decimal) is not None:
        raise exclusive(name, decimal)
    if body.get(name) is not None:
        if body[name] < 0:
            param = f"{prefix}[{name}]" if prefix else name
            raise invalid("Invalid non-negative integer", code="parameter_invalid_integer", param=param)
        return body[name], str(body[name])
    if body.get(decimal) is None:
        return None, None
    try:
        exact = Decimal(str(body[decimal]))
    except InvalidOperation:
        raise invalid(f"Invalid decimal: {body[decimal]}", param=decimal) from None
    text = format(exact.normalize(), "f")
    return (int(exact), text) if exact == exact.to_integral_value() else (None, text)


def _custom(sent: Any) -> Object | None:
    if not sent or not sent.get("enabled"):
        return None
    return {name: sent.get(name) for name in ("maximum", "minimum", "preset")}


def _recurring(sent: Any) -> Object | None:
    if not sent:
        return None
    return {
        "interval": sent["interval"],
        "interval_count": sent.get("interval_count", 1),
        "meter": sent.get("meter"),
        "trial_period_days": sent.get("trial_period_days"),
        "usage_type": sent.get("usage_type", "licensed"),
    }


def _tiers(sent: Any) -> list[Object]:
    found = []
    for tier in sent:
        flat, flat_exact = _amounts(tier, "flat_amount")
        unit, unit_exact = _amounts(tier, "unit_amount")
        up_to = tier.get("up_to")
        found.append(
            {
                "flat_amount": flat,
                "flat_amount_decimal": flat_exact,
                "unit_amount": unit,
                "unit_amount_decimal": unit_exact,
                "up_to": None if up_to in ("inf", None) else int(up_to),
            }
        )
    return found


def _checked(tiers: Sequence[Mapping[str, Any]], param: str) -> None:
    """Refuses tiers that leave a quantity without a price: bounds grow, the last has none. Raises ServiceError.

    https://docs.stripe.com/api/prices/create#create_price-tiers: "Use `inf` to define a fallback tier". Wording ours.
    """
    below = 0
    for at, tier in enumerate(tiers):
        up_to, last = tier.get("up_to"), at == len(tiers) - 1
        if last != (up_to == "inf"):
            raise invalid("The last tier, and no other, has `up_to` set to `inf`.", param=f"{param}[{at}][up_to]")
        if not last:
            if int(up_to or 0) <= below:
                raise invalid("Each tier ends above the one before it.", param=f"{param}[{at}][up_to]")
            below = int(up_to or 0)
        names = ("unit_amount", "unit_amount_decimal", "flat_amount", "flat_amount_decimal")
        if all(tier.get(name) is None for name in names):
            raise invalid("A tier has a `unit_amount`, a `flat_amount` or both.", param=f"{param}[{at}]")


async def metered(call: StripeCall, sent: Mapping[str, Any] | None, param: str) -> None:
    """Refuses a price of use whose meter is missing, unknown or inactive; raises ServiceError. Before
    https://docs.stripe.com/changelog/basil/2025-03-31/deprecate-legacy-usage-based-billing it needed none. "You can't
    attach a deactivated meter to a price" (stripe/billing/_meter.py of stripe 16.1.0). Wording ours."""
    recurring = sent or {}
    if "aggregate_usage" in recurring and call.version >= "2025-03-31":
        unknown = param.replace("meter", "aggregate_usage")
        raise invalid(f"Received unknown parameter: {unknown}", code="parameter_unknown", param=unknown)
    counts = recurring.get("usage_type") == "metered"
    if not recurring.get("meter"):
        if counts and call.version >= "2025-03-31":
            raise invalid(
                "A price with `usage_type` set to `metered` needs a meter, see "
                "https://docs.stripe.com/billing/subscriptions/usage-based.",
                code="parameter_missing",
                param=param,
            )
        return
    if not counts:
        raise invalid("A meter can be set where `usage_type` is `metered` only.", param=param)
    meter = await call.referred("billing.meter", recurring["meter"], param)
    if meter["status"] != "active":
        raise invalid("This meter is inactive.", param=param)


def _currency_options(price: Object, sent: Any) -> Object:
    """The price's own currency first, then those that were sent."""
    own = {name: price[name] for name in ("custom_unit_amount", "tax_behavior", "unit_amount", "unit_amount_decimal")}
    found: Object = {price["currency"]: own}
    for currency, option in (sent or {}).items():
        amount, exact = _amounts(option, "unit_amount")
        found[known_currency(currency, f"currency_options[{currency}]")] = {
            "custom_unit_amount": _custom(option.get("custom_unit_amount")),
            "tax_behavior": option.get("tax_behavior", "unspecified"),
            "unit_amount": amount,
            "unit_amount_decimal": exact,
            **({"tiers": _tiers(option["tiers"])} if option.get("tiers") else {}),
        }
    return found


async def create(call: StripeCall) -> Object:
    body = call.body
    if body.get("product") and body.get("product_data"):
        raise exclusive("product", "product_data")
    product = None
    if body.get("product"):
        key = (await call.referred(products.KIND, body["product"], "product"))["id"]
    elif body.get("product_data"):
        key = body["product_data"].get("id") or call.new_id("prod_", 14)
        product = products.build(call, body["product_data"], key)
    else:
        raise invalid(
            "You must specify either `product` or `product_data` when creating a price.",
            code="parameter_missing",
            param="product",
        )
    await metered(call, body.get("recurring"), "recurring[meter]")
    price = build(call, body, key)
    holder = await _holder(call, price.object["lookup_key"])
    if product is not None:
        await products.store(call, product)
        call.event("product.created", product)
    if holder is not None:
        await _release_key(call, holder)
    await store(call, price)
    announce(call, "created", price.object)
    return price.object


def plan_of(price: Object) -> Object:
    """The plan that a recurring price is at the same time: https://docs.stripe.com/api/plans."""
    recurring = price["recurring"]
    return {
        "id": price["id"],
        "object": "plan",
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "billing_scheme": price["billing_scheme"],
        "created": price["created"],
        "currency": price["currency"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "livemode": False,
        "metadata": price["metadata"],
        "meter": recurring["meter"],
        "nickname": price["nickname"],
        "product": price["product"],
        "tiers_mode": price["tiers_mode"],
        "transform_usage": price["transform_quantity"],
        "trial_period_days": recurring["trial_period_days"],
        "usage_type": recurring["usage_type"],
    }


def announce(call: StripeCall, happened: str, price: Object, old: Object | None = None) -> None:
    """The events of a change: a recurring price is a plan as well, which is told first."""
    if price["recurring"]:
        plan = plan_of(price)
        before = None if old is None else changed(plan_of(old), plan)[1]
        if before != {}:
            call.event(f"plan.{happened}", plan, before)
    call.event(f"price.{happened}", price, None if old is None else changed(old, price)[1])


async def _holder(call: StripeCall, key: str | None, besides: str = "") -> Object | None:
    """The price that has a lookup key now; refuses to take it away unless the call asks for its transfer."""
    if key is None:
        return None
    found = [price for price in await call.state.page(KIND, where={"lookup_key": key}) if price["id"] != besides]
    if not found:
        return None
    if not call.body.get("transfer_lookup_key"):
        raise invalid(f"A price (`{found[0]['id']}`) already uses that lookup key.", param="lookup_key")
    return found[0]


async def _release_key(call: StripeCall, holder: Object) -> None:
    freed, previous = changed(holder, {"lookup_key": None})
    await write(call, freed)
    call.event("price.updated", freed, previous)


async def store(call: StripeCall, price: Price) -> None:
    """Write a new price and what it hides."""
    await write(call, price.object)
    await call.state.put(HIDDEN, price.object["id"], price.hidden)


async def write(call: StripeCall, price: Object) -> None:
    """Write a price, findable as ``list`` wants."""
    index = {"product": price["product"], "currency": price["currency"], "type": price["type"]}
    if price["lookup_key"]:
        index["lookup_key"] = price["lookup_key"]
    await call.state.put(KIND, price["id"], price, index)


async def retrieve(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("price"))


async def update(call: StripeCall) -> Object:
    body = call.body
    old = await call.named(KIND, call.path("price"))
    changes: Object = {name: body[name] for name in ("active", "tax_behavior") if name in body}
    changes |= {name: given(body, name) for name in ("nickname", "lookup_key") if name in body}
    if "metadata" in body:
        changes["metadata"] = merged(old["metadata"], body["metadata"])
    if old["tax_behavior"] != "unspecified" and changes.get("tax_behavior", old["tax_behavior"]) != old["tax_behavior"]:
        raise invalid(
            "You cannot modify the tax_behavior once it is set to inclusive or exclusive.", param="tax_behavior"
        )
    await archivable(call, old, changes)
    if old["currency"] in (body.get("currency_options") or {}):
        # Seen in github.com/stripe/stripe-node/issues/1559.
        raise invalid(
            "You are specifying an update to a currency option that matches the top-level currency for this price. "
            "Please remove this currency option and update the top-level params instead.",
            param=f"currency_options[{old['currency']}]",
        )
    holder = await _holder(call, changes.get("lookup_key"), old["id"])
    new, previous = changed(old, changes)
    if holder is not None:
        await _release_key(call, holder)
    if body.get("currency_options"):
        hidden = await call.state.get(HIDDEN, old["id"]) or {}
        options = {**hidden.get("currency_options", {}), **_currency_options(new, body["currency_options"])}
        await call.state.put(HIDDEN, old["id"], {**hidden, "currency_options": options})
    await write(call, new)
    if previous:
        announce(call, "updated", new, old)
    return new


async def archivable(call: StripeCall, price: Object, changes: Object) -> None:
    """Refuses to archive a product's default price, which has to be let go of first (seen in
    github.com/stripe/stripe-python/issues/658)."""
    if changes.get("active", True):
        return
    product = await call.state.get(products.KIND, price["product"])
    if product is not None and product["default_price"] == price["id"]:
        raise invalid("This price cannot be archived because it is the default price of its product.")


async def list_all(call: StripeCall) -> Object:
    body = call.body
    where = {name: body[name] for name in ("product", "currency", "type") if body.get(name)}
    keys = frozenset(body.get("lookup_keys") or ())
    recurring = body.get("recurring") or {}

    def keep(price: Object) -> bool:
        if "active" in body and price["active"] != body["active"]:
            return False
        if keys and price["lookup_key"] not in keys:
            return False
        return all((price["recurring"] or {}).get(name) == value for name, value in recurring.items())

    filtered = "active" in body or keys or recurring
    return await page(call, KIND, where or None, keep=keep if filtered else None)


async def _tiers_of(call: StripeCall, price: Object) -> Any:
    return (await call.state.get(HIDDEN, price["id"]) or {}).get("tiers")


async def _currency_options_of(call: StripeCall, price: Object) -> Any:
    return (await call.state.get(HIDDEN, price["id"]) or {}).get("currency_options")


INCLUDES: dict[tuple[str, str], Loader] = {
    (KIND, "tiers"): _tiers_of,
    (KIND, "currency_options"): _currency_options_of,
}
