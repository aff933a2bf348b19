"""The line items of a quote: https://docs.stripe.com/api/quotes/line_items/list (2026-11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mocks.stripe import checkout_items, prices, products, taxes
from mocks.stripe.calls import Object, StripeCall, given
from mocks.stripe.errors import exclusive, missing


async def bought(call: StripeCall, sent: Mapping[str, Any], param: str) -> Object:
    """An item as a parameter says; a price that it brings is made. Raises ServiceError."""
    named = {name: value for name, value in sent.items() if name != "price_data" and value != ""}
    if sent.get("price_data"):
        if sent.get("price"):
            raise exclusive(f"{param}[price]", f"{param}[price_data]")
        inner = f"{param}[price_data]"
        product = await call.referred(products.KIND, sent["price_data"]["product"], f"{inner}[product]")
        made = prices.build(call, sent["price_data"], product["id"], inner)
        await prices.store(call, made)
        named["price"] = made.object["id"]
    return await checkout_items.bought(call, named, param)


async def replaced(call: StripeCall, known: Sequence[Object], sent: Sequence[Mapping[str, Any]]) -> list[Object]:
    """The items after an update: those that it names by id, changed, and new ones; the others go. Raises
    ServiceError."""
    items = {item["id"]: item for item in known}
    found = []
    for at, each in enumerate(sent):
        param = f"line_items[{at}]"
        if not each.get("id"):
            found.append(await bought(call, each, param))
            continue
        old = items.get(each["id"])
        if old is None:
            raise missing("line_item", each["id"], f"{param}[id]")
        found.append(await _changed(call, old, each, param))
    return found


async def _changed(call: StripeCall, old: Object, sent: Mapping[str, Any], param: str) -> Object:
    quantity = sent.get("quantity", old["quantity"])
    if sent.get("price") or sent.get("price_data"):
        more = {} if quantity is None else {"quantity": quantity}
        new = {**await bought(call, {**sent, **more}, param), "id": old["id"]}
    else:
        new = await checkout_items.counted(call, old, quantity)
    if "tax_rates" in sent:
        rates = await taxes.named(call, given(sent, "tax_rates"), f"{param}[tax_rates]")
        await call.state.put(checkout_items.RATES, old["id"], {"rates": rates})
    return new


async def again(call: StripeCall, old: Object) -> Object:
    """The same item for another quote."""
    new = {**old, "id": call.new_id("li_1", 23)}
    if rates := await checkout_items.rates_of(call, old):
        await call.state.put(checkout_items.RATES, new["id"], {"rates": rates})
    return new
