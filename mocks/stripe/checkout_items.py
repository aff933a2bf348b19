"""What a checkout session or a payment link is for: its line items, and what they come to.

https://docs.stripe.com/api/checkout/sessions/line_items (2026-11). Discounts are shared out over the items by their
amounts; fixed tax rates are reckoned on what is left of each.

Refusals whose words no page of Stripe's has: wording ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mocks.stripe import coupons, prices, pricing, products, promotion_codes, tax_rates, taxes
from mocks.stripe.calls import Object, StripeCall, given
from mocks.stripe.errors import exclusive, invalid, missing, missing_param

#: More than one discount is refused: https://docs.stripe.com/payments/checkout/discounts.
MOST_DISCOUNTS = 1
#: The tax rates of an item, by its id.
RATES = "checkout.item_rates"


async def chosen(call: StripeCall, sent: Any, mode: str) -> list[Object]:
    """The items that a call names, fitting to its mode. Prices that it brings are made. Raises ServiceError."""
    items = [await bought(call, each, f"line_items[{at}]") for at, each in enumerate(sent or ())]
    _fitting(mode, items)
    return items


async def bought(call: StripeCall, sent: Mapping[str, Any], param: str) -> Object:
    """One thing that is bought, as a list shows it. Raises ServiceError."""
    if sent.get("price") and sent.get("price_data"):
        raise exclusive(f"{param}[price]", f"{param}[price_data]")
    if sent.get("price_data"):
        price = await _own_price(call, sent["price_data"], f"{param}[price_data]")
    elif sent.get("price"):
        found = await call.state.get(prices.KIND, sent["price"])
        if found is None:
            raise missing("price", sent["price"], f"{param}[price]")
        if not found["active"]:
            raise invalid("The price specified is inactive. This field only accepts active prices.", param=param)
        price = found
    else:
        raise missing_param(f"{param}[price]")
    use = pricing.is_metered(price)
    if use and "quantity" in sent:
        raise pricing.uncounted(param)
    quantity = None if use else sent.get("quantity", 1)
    product = await call.state.get(products.KIND, price["product"])
    item = {
        "id": call.new_id("li_1", 23),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": 0,
        "amount_tax": 0,
        "amount_total": 0,
        "currency": price["currency"],
        "description": product["name"] if product else None,
        "price": price,
        "quantity": quantity,
    }
    if sent.get("tax_rates"):
        rates = await taxes.named(call, sent["tax_rates"], f"{param}[tax_rates]")
        await call.state.put(RATES, item["id"], {"rates": rates})
    adjustable = sent.get("adjustable_quantity")
    if adjustable and adjustable.get("enabled"):
        item["adjustable_quantity"] = {
            "enabled": True,
            "maximum": adjustable.get("maximum", 99),
            "minimum": adjustable.get("minimum", 0),
        }
    return await counted(call, item, quantity)


async def counted(call: StripeCall, item: Object, quantity: int | None) -> Object:
    """The item with another quantity, and without a discount; None for what is paid by use, later."""
    amount = 0
    if quantity is not None:
        amount = sum(part.amount for part in await pricing.of(call, item["price"], quantity))
    return {
        **item,
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "quantity": quantity,
    }


async def _own_price(call: StripeCall, sent: Mapping[str, Any], param: str) -> Object:
    """A price that is made for one session, and is not active after it."""
    if sent.get("product"):
        key = (await call.referred(products.KIND, sent["product"], f"{param}[product]"))["id"]
    elif sent.get("product_data"):
        product = {**products.build(call, sent["product_data"], call.new_id("prod_", 19)), "active": False}
        await products.store(call, product)
        key = product["id"]
    else:
        raise missing_param(f"{param}[product]")
    made = prices.build(call, sent, key, param)
    price = {**made.object, "active": False}
    await prices.store(call, prices.Price(price, made.hidden))
    return price


def _fitting(mode: str, items: list[Object]) -> None:
    recurring = [item["price"]["type"] == "recurring" for item in items]
    if mode == "payment" and any(recurring):
        raise invalid(
            "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use "
            "only one-time prices."
        )
    if mode == "subscription" and not any(recurring):
        raise invalid("You must provide at least one recurring price in `subscription` mode when using prices.")
    if len({item["currency"] for item in items}) > 1:
        raise invalid("All prices on a Checkout Session must have the same `currency`.")


async def coupon_of(call: StripeCall, sent: Any) -> tuple[Object, list[Object]] | None:
    """The coupon that ``discounts`` lead to, and the discounts as a session shows them; None where there are none."""
    named = [each for each in sent or () if each.get("coupon") or each.get("promotion_code")]
    if not named:
        return None
    if len(named) > MOST_DISCOUNTS:
        raise invalid("You can only apply one discount to a Checkout Session.", param="discounts")
    asked = named[0]
    if asked.get("coupon") and asked.get("promotion_code"):
        raise exclusive("discounts[0][coupon]", "discounts[0][promotion_code]")
    customer = given(call.body, "customer")
    if asked.get("promotion_code"):
        param = "discounts[0][promotion_code]"
        code, coupon = await promotion_codes.redeemable(call, asked["promotion_code"], param, customer)
        return coupon, [{"coupon": None, "promotion_code": code["id"]}]
    coupon = await coupons.redeemable(call, asked["coupon"], "discounts[0][coupon]")
    return coupon, [{"coupon": coupon["id"], "promotion_code": None}]


async def typed(call: StripeCall, text: str, customer: str | None) -> tuple[Object, list[Object]]:
    """The same for a code that a customer typed. Raises ServiceError."""
    for code in await call.state.page(promotion_codes.KIND, where={"code": text.lower()}):
        if promotion_codes.current(call, code)["active"] and code["customer"] in (None, customer):
            _, coupon = await promotion_codes.redeemable(call, code["id"], "promotion_code", customer)
            return coupon, [{"coupon": None, "promotion_code": code["id"]}]
    raise invalid("This code is invalid.", param="promotion_code")


async def redeemed(call: StripeCall, session: Object, coupon: Object | None) -> None:
    """A session is complete: its coupon and its promotion code have been used once more."""
    if coupon is None or session["mode"] == "subscription":
        # A subscription's own discounts have been counted.
        return
    if await call.state.get(coupons.KIND, coupon["id"]) is not None:
        await coupons.redeemed(call, coupon["id"])
    for each in session["discounts"] or ():
        if each["promotion_code"]:
            await promotion_codes.redeemed(call, each["promotion_code"])


def discounted(items: Sequence[Object], coupon: Object | None) -> list[Object]:
    """The items with what a coupon takes off them; the sum is exact, the last item takes what rounding leaves."""
    if coupon is None:
        return list(items)
    subtotal = sum(item["amount_subtotal"] for item in items)
    if coupon.get("percent_off") is not None:
        off = int(subtotal * float(coupon["percent_off"]) / 100 + 0.5)
    else:
        off = min(subtotal, int(coupon.get("amount_off") or 0))
    found, left = [], off
    for at, item in enumerate(items):
        share = left if at == len(items) - 1 else off * item["amount_subtotal"] // max(subtotal, 1)
        left -= share
        found.append({**item, "amount_discount": share, "amount_total": item["amount_subtotal"] - share})
    return found


async def rates_of(call: StripeCall, item: Object) -> list[Object]:
    """The tax rates of an item."""
    found: list[Object] = (await call.state.get(RATES, item["id"]) or {}).get("rates", [])
    return found


async def taxed(call: StripeCall, items: Sequence[Object]) -> list[Object]:
    """The items with their taxes."""
    if not await call.state.page(tax_rates.KIND, limit=1):
        return list(items)
    found = []
    for item in items:
        left = item["amount_subtotal"] - item["amount_discount"]
        owed = taxes.parts(left, await rates_of(call, item))
        sums = {"amount_tax": sum(tax["amount"] for tax in owed), "amount_total": left + taxes.on_top(owed)}
        found.append({**item, **sums})
    return found


def due_now(items: Sequence[Object], *, trial: bool) -> int:
    """What is paid at once: of a subscription that begins with a trial only what is bought once."""
    return sum(item["amount_total"] for item in items if not (trial and item["price"]["type"] == "recurring"))


def totals(items: Sequence[Object], shipping: int, *, trial: bool) -> Object:
    """``amount_subtotal``, ``amount_total`` and ``total_details``."""
    counts = [item for item in items if not (trial and item["price"]["type"] == "recurring")]
    return {
        "amount_subtotal": sum(item["amount_subtotal"] for item in counts),
        "amount_total": due_now(items, trial=trial) + shipping,
        "total_details": {
            "amount_discount": sum(item["amount_discount"] for item in counts),
            "amount_shipping": shipping,
            "amount_tax": sum(item["amount_tax"] for item in counts),
        },
    }
