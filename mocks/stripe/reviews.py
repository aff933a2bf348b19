"""What Radar has to say of a payment: reviews and warnings of fraud. https://docs.stripe.com/api/radar/reviews,
https://docs.stripe.com/api/radar/early_fraud_warnings and https://docs.stripe.com/radar/testing (2026-11)."""

from __future__ import annotations

from mocks.stripe.calls import Object, StripeCall, changed
from mocks.stripe.errors import invalid
from mocks.stripe.lists import page

KIND = "review"
WARNING = "radar.early_fraud_warning"


async def opened(call: StripeCall, charge: Object) -> Object:
    """A payment of elevated risk waits for a person's look; charge and payment intent name the review. Stored."""
    review: Object = {
        "id": call.new_id("prv_1", 23),
        "object": KIND,
        "billing_zip": (charge["billing_details"]["address"] or {}).get("postal_code"),
        "charge": charge["id"],
        "closed_reason": None,
        "created": call.timestamp,
        "ip_address": None,
        "ip_address_location": None,
        "livemode": False,
        "open": True,
        "opened_reason": "rule",
        "payment_intent": charge["payment_intent"],
        "reason": "rule",
        "session": None,
    }
    await call.state.put(KIND, review["id"], review, {"open": "true"})
    await _named(call, charge, review["id"])
    call.event("review.opened", review)
    return review


async def _named(call: StripeCall, charge: Object, review: str | None) -> None:
    await call.state.put("charge", charge["id"], {**charge, "review": review})
    intent = await call.state.get("payment_intent", charge["payment_intent"]) if charge["payment_intent"] else None
    if intent is not None:
        await call.state.put("payment_intent", intent["id"], {**intent, "review": review})


async def closed(call: StripeCall, charge: Object, reason: str) -> None:
    """End the open review of a charge, if there is one."""
    review = await call.state.get(KIND, charge["review"]) if charge["review"] else None
    if review is not None and review["open"]:
        await _close(call, review, reason)


async def _close(call: StripeCall, review: Object, reason: str) -> Object:
    new, _ = changed(review, {"closed_reason": reason, "open": False, "reason": reason})
    await call.state.put(KIND, new["id"], new, {"open": "false"})
    call.event("review.closed", new)
    return new


async def approve(call: StripeCall) -> Object:
    review = await call.named(KIND, call.path("review"))
    if not review["open"]:
        raise invalid(f"This review is already closed: {review['id']}.")
    return await _close(call, review, "approved")


async def retrieve(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("review"))


async def list_all(call: StripeCall) -> Object:
    """Open reviews only."""
    return await page(call, KIND, {"open": "true"})


async def warned(call: StripeCall, charge: Object) -> Object:
    """The card's bank believes that a payment is fraud. Stored."""
    warning: Object = {
        "id": call.new_id("issfr_1", 23),
        "object": WARNING,
        "actionable": True,
        "charge": charge["id"],
        "created": call.timestamp,
        "fraud_type": "made_with_stolen_card",
        "livemode": False,
        "payment_intent": charge["payment_intent"],
    }
    index = {"charge": charge["id"]}
    if charge["payment_intent"]:
        index["payment_intent"] = charge["payment_intent"]
    await call.state.put(WARNING, warning["id"], warning, index)
    call.event("radar.early_fraud_warning.created", warning)
    return warning


async def retrieve_warning(call: StripeCall) -> Object:
    return await call.named(WARNING, call.path("early_fraud_warning"))


async def list_warnings(call: StripeCall) -> Object:
    where = {name: call.body[name] for name in ("charge", "payment_intent") if call.body.get(name)}
    return await page(call, WARNING, where or None)
