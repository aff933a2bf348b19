"""Until clover a discount held its coupon, and a promotion code held its own.

docs.stripe.com/changelog/clover/2025-09-30/add-discount-source-property and
docs.stripe.com/changelog/clover/2025-09-30/polymorphic-coupon (2026-11)
"""

from __future__ import annotations

from typing import Any

from mocks.stripe.calls import Object, StripeCall

BEFORE = "2025-09-30"


async def _coupon(call: StripeCall, named: Any) -> Any:
    """The whole coupon, which was no expandable id then."""
    if not isinstance(named, str):
        return named
    return await call.state.get("coupon", named) or {"id": named, "object": "coupon", "deleted": True}


async def discount(call: StripeCall, object: Object) -> Object:
    """``coupon`` in place of ``source``."""
    if "source" not in object:
        return object
    coupon = await _coupon(call, object["source"].get("coupon"))
    return {**object, "coupon": coupon}


async def promotion_code(call: StripeCall, object: Object) -> Object:
    """``coupon`` in place of ``promotion``."""
    if "promotion" not in object:
        return object
    coupon = await _coupon(call, object["promotion"].get("coupon"))
    return {**object, "coupon": coupon}


CHANGES = {"discount": discount, "promotion_code": promotion_code}
