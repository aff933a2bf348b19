"""What a subscription is to: its items, each with a price and a period. https://docs.stripe.com/api/subscription_items
(2026-11)."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from mocks.stripe import prices, pricing, taxes, usage
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import invalid, missing, missing_param
from mocks.stripe.lists import list_of
from mocks.stripe.metadata import first, merged

KIND = "subscription_item"
#: Items of a subscription.
MOST = 20


def later(start: int, recurring: Mapping[str, Any]) -> int:
    """The end of the period that begins at ``start``. A month ends on the same day of the next one, or on its last:
    https://docs.stripe.com/billing/subscriptions/billing-cycle."""
    count = recurring["interval_count"]
    if recurring["interval"] in ("day", "week"):
        return int(start + count * (86_400 if recurring["interval"] == "day" else 604_800))
    at = datetime.fromtimestamp(start, UTC)
    months = at.year * 12 + at.month - 1 + count * (12 if recurring["interval"] == "year" else 1)
    year, month = months // 12, months % 12 + 1
    day = min(at.day, calendar.monthrange(year, month)[1])
    return int(at.replace(year=year, month=month, day=day).timestamp())


async def price_of(call: StripeCall, sent: Mapping[str, Any], param: str) -> Object:
    """The recurring price that an item names, or brings; ``param`` is where the item stands. Raises ServiceError."""
    if sent.get("price_data"):
        inner = _inside(param, "price_data")
        product = await call.referred("product", sent["price_data"]["product"], f"{inner}[product]")
        made = prices.build(call, sent["price_data"], product["id"], inner)
        await prices.store(call, made)
        return countable(made.object, sent, param)
    name = "price" if sent.get("price") else "plan"
    key = sent.get(name)
    if not key:
        raise missing_param(_inside(param, "price"))
    price = await call.state.get(prices.KIND, key)
    if price is None:
        # Of a plan that is missing only the name of the parameter is told (seen 2020 to 2021).
        raise missing(name, key, _inside(param, name) if name == "price" else name)
    if price["type"] != "recurring":
        raise invalid(
            "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.",
            param=_inside(param, name),
        )
    # A checkout session's own price, which nothing else can be sold for.
    if not price["active"] and not sent.get("of_session"):
        raise invalid(
            "The price specified is inactive. This field only accepts active prices.", param=_inside(param, name)
        )
    return countable(price, sent, param)


def countable(price: Object, sent: Mapping[str, Any], param: str) -> Object:
    """The price, if the quantity that is asked for fits to it; raises ServiceError."""
    if pricing.is_metered(price) and sent.get("quantity") is not None:
        raise pricing.uncounted(param or KIND)
    return price


def few(found: Sequence[Any]) -> None:
    """Refuses more items than a subscription can have: https://docs.stripe.com/billing/subscriptions/multiple-products
    (2026-11). Wording ours."""
    if len(found) > MOST:
        raise invalid(f"A subscription can have up to {MOST} items.", param="items")


def _inside(param: str, name: str) -> str:
    return f"{param}[{name}]" if param else name


def build(
    call: StripeCall, subscription: str, price: Object, sent: Mapping[str, Any], period: tuple[int, int]
) -> Object:
    """A new item."""
    metered = price["recurring"]["usage_type"] == "metered"
    return {
        "id": call.new_id("si_", 17),
        "object": KIND,
        "billing_thresholds": None,
        "created": call.timestamp,
        "current_period_end": period[1],
        "current_period_start": period[0],
        "discounts": [],
        "metadata": first(sent.get("metadata")),
        "plan": prices.plan_of(price),
        "price": price,
        **({} if metered else {"quantity": sent.get("quantity", 1)}),
        "subscription": subscription,
        "tax_rates": [],
    }


async def rated(call: StripeCall, item: Object, sent: Mapping[str, Any], param: str) -> Object:
    """The item with the tax rates that are asked for; ``param`` is where it stands. Raises ServiceError."""
    if "tax_rates" not in sent:
        return item
    return {**item, "tax_rates": await taxes.named(call, sent["tax_rates"], _inside(param, "tax_rates"))}


def begun(start: int, item: Object) -> Object:
    """The item in a period that begins at ``start``."""
    return {**item, "current_period_start": start, "current_period_end": later(start, item["price"]["recurring"])}


def ending(sent: Any, found: list[Object]) -> int | None:
    """The time that ``cancel_at`` stands for: its own, or that of the first or the last end of a period."""
    ends = [item["current_period_end"] for item in found]
    named = {"min_period_end": min(ends), "max_period_end": max(ends)}
    return None if sent is None else named[sent] if sent in named else int(sent)


def listed(items: list[Object], subscription: str) -> Object:
    """The list inside a subscription."""
    url = f"/v1/subscription_items?subscription={subscription}"
    return list_of(items, url, total_count=len(items))


def summed(subscription: Object) -> Object:
    """With the plan and quantity that a subscription to one thing shows: null for several (seen 2025-12)."""
    found = subscription["items"]["data"]
    single = found[0] if len(found) == 1 else None
    return {
        **subscription,
        "plan": single["plan"] if single else None,
        "quantity": single.get("quantity") if single else sum(item.get("quantity", 0) for item in found),
    }


async def store(call: StripeCall, items: list[Object]) -> None:
    """Write items so that they can be found by their own ids."""
    for item in items:
        await call.state.put(KIND, item["id"], item, {"subscription": item["subscription"]})


async def merge(call: StripeCall, subscription: Object, sent: Mapping[str, Mapping[str, Any]]) -> list[Object]:
    """A subscription's items after an update: named ones changed or deleted, others added. ``sent`` are what the caller
    wants by where it stands among the parameters. Raises ServiceError."""
    found = list(subscription["items"]["data"])
    period = (found[0]["current_period_start"], found[0]["current_period_end"])
    for param, each in sent.items():
        at = next((n for n, item in enumerate(found) if item["id"] == each.get("id")), None)
        if each.get("id") and at is None:
            raise missing(KIND, each["id"], _inside(param, "id"))
        if at is None:
            price = await price_of(call, each, param)
            made = build(call, subscription["id"], price, each, period)
            found.append(await rated(call, made, each, param))
        elif each.get("deleted"):
            await _cleared(call, found[at], each, param)
            await call.state.delete(KIND, found[at]["id"])
            del found[at]
        else:
            found[at] = await _changed(call, found[at], each, param)
    few(found)
    if not found:
        raise invalid("A subscription must have at least one active plan.", param="items")
    return found


async def _cleared(call: StripeCall, item: Object, sent: Mapping[str, Any], param: str) -> None:
    """The usage records of an item that goes: "You must pass this when deleting a usage records subscription item."
    "has no effect if the plan has a billing meter attached": https://docs.stripe.com/api/subscription_items/delete.
    Wording ours."""
    if not pricing.is_metered(item["price"]) or item["price"]["recurring"]["meter"]:
        return
    used = await usage.between(call, item["id"], 0, 1 << 36)
    if used and not sent.get("clear_usage"):
        raise invalid(
            "An item with usage is deleted with `clear_usage` set to `true`.", param=_inside(param, "clear_usage")
        )
    for each in used:
        await call.state.delete(usage.USE, each["key"])


async def _changed(call: StripeCall, item: Object, sent: Mapping[str, Any], param: str) -> Object:
    changes: Object = {}
    if sent.get("price") or sent.get("plan") or sent.get("price_data"):
        price = await price_of(call, sent, param)
        changes |= {"plan": prices.plan_of(price), "price": price}
    now: Object = changes.get("price") or item["price"]
    if pricing.is_metered(now):
        countable(now, sent, param)
        item = {name: value for name, value in item.items() if name != "quantity"}
    elif "quantity" in sent or "quantity" not in item:
        changes["quantity"] = sent.get("quantity", 1)
    if "metadata" in sent:
        changes["metadata"] = merged(item["metadata"], sent["metadata"])
    return await rated(call, {**item, **changes}, sent, param)
