"""What a customer does in the billing portal, as far as the configuration lets them:
https://docs.stripe.com/api/customer_portal/configurations (2026-11)."""

from __future__ import annotations

from mocks.stripe import (
    checkout_items,
    checkout_payment,
    customers,
    payment_methods,
    portal_configurations,
    subscriptions,
)
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import invalid
from mocks.stripe.pages.checkout_answers import card_sent, visitor
from mocks.stripe.pages.portal_views import REASONS, choices, own
from mocks.stripe.pages.stage import said

ADDRESS = ("line1", "line2", "city", "state", "postal_code", "country")


def _about(call: StripeCall, body: Object, key: str) -> StripeCall:
    return call.as_if(body, subscription_exposed_id=key)


async def cancel(call: StripeCall, session: Object, rule: Object) -> None:
    """End a subscription, at once or with its period, and note why."""
    key = (await own(call, session, said(call, "subscription")))["id"]
    feedback, comment = said(call, "feedback"), said(call, "comment")
    details = {}
    if rule["cancellation_reason"]["enabled"]:
        if feedback in REASONS and feedback in rule["cancellation_reason"]["options"]:
            details["feedback"] = feedback
        if comment:
            details["comment"] = comment
    body: Object = {"cancellation_details": details} if details else {}
    if rule["mode"] == "immediately":
        behaviour = rule["proration_behavior"]
        body |= {"prorate": behaviour != "none", "invoice_now": behaviour == "always_invoice"}
        await subscriptions.cancel(_about(call, body, key))
    else:
        await subscriptions.update(_about(call, {**body, "cancel_at_period_end": True}, key))


async def renew(call: StripeCall, session: Object) -> None:
    """A subscription that was to end goes on."""
    key = (await own(call, session, said(call, "subscription")))["id"]
    await subscriptions.update(_about(call, {"cancel_at_period_end": False}, key))


async def stay(call: StripeCall, session: Object) -> None:
    """The customer takes what is offered for staying: https://docs.stripe.com/customer-management/portal-deep-links."""
    flow = (session["flow"] or {}).get("subscription_cancel") or {}
    coupon = ((flow.get("retention") or {}).get("coupon_offer") or {}).get("coupon")
    key = (await own(call, session, said(call, "subscription")))["id"]
    if not coupon or flow.get("subscription") != key:
        raise invalid("This is not possible here.")
    await subscriptions.update(_about(call, {"discounts": [{"coupon": coupon}]}, key))


async def wanted(call: StripeCall, session: Object, rule: Object) -> tuple[str, Object]:
    """The subscription that a form is about, and parameters of its change. Raises ServiceError for what is not on
    offer."""
    subscription = await own(call, session, said(call, "subscription"))
    item = subscription["items"]["data"][0]
    allowed = rule["default_allowed_updates"]
    price, many, code = said(call, "price"), said(call, "quantity"), said(call, "promotionCode")
    change: Object = {"id": item["id"]}
    if price and price != item["price"]["id"]:
        if "price" not in allowed or price not in {each["id"] for each in await choices(call, session)}:
            raise invalid("This plan is not on offer.", param="price")
        change["price"] = price
    if many and many != str(item.get("quantity", 1)):
        if "quantity" not in allowed or not (many.isascii() and many.isdigit() and int(many) > 0):
            raise invalid("This quantity is not on offer.", param="quantity")
        await _bounded(call, session, price or item["price"]["id"], int(many))
        change["quantity"] = int(many)
    changes: Object = {"items": [change]}
    if code and "promotion_code" in allowed:
        _, shown = await checkout_items.typed(call, code, session["customer"])
        changes["discounts"] = [{name: value for name, value in each.items() if value} for each in shown]
    if len(change) == 1 and not changes.get("discounts"):
        raise invalid("Nothing was changed.")
    return subscription["id"], terms(subscription, rule, changes)


def terms(subscription: Object, rule: Object, changes: Object) -> Object:
    """A change as the configuration wants it made."""
    found = {**changes, "proration_behavior": rule["proration_behavior"]}
    if subscription["status"] == "trialing" and rule["trial_update_behavior"] == "end_trial":
        found["trial_end"] = "now"
    return found


async def _bounded(call: StripeCall, session: Object, price: str, many: int) -> None:
    for each in await portal_configurations.products_of(call, session["configuration"]):
        bounds = each.get("adjustable_quantity")
        if price not in each["prices"] or not bounds or not bounds.get("enabled"):
            continue
        if not (bounds.get("minimum") or 1) <= many <= (bounds.get("maximum") or 999_999):
            raise invalid("This quantity is not on offer.", param="quantity")


def told(session: Object) -> tuple[str, Object]:
    """The subscription of a flow that only has to be confirmed, and its change."""
    flow = session["flow"]["subscription_update_confirm"]
    items = [{name: value for name, value in each.items() if value is not None} for each in flow["items"]]
    changes: Object = {"items": items}
    if flow["discounts"]:
        changes["discounts"] = [{name: value for name, value in each.items() if value} for each in flow["discounts"]]
    return flow["subscription"], changes


async def update(call: StripeCall, key: str, changes: Object) -> None:
    """Change a subscription. A change that has to be paid at once and is not, is not made."""
    await subscriptions.update(_about(call, {**changes, "payment_behavior": "error_if_incomplete"}, key))


async def customer(call: StripeCall, session: Object, allowed: list[str]) -> None:
    """Change what the customer may change of themselves."""
    changes: Object = {name: said(call, name) or "" for name in ("name", "email", "phone") if name in allowed}
    if "address" in allowed:
        found = {name: said(call, f"address.{name}") for name in ADDRESS}
        changes["address"] = {name: value for name, value in found.items() if value} or ""
    await customers.update(call.as_if(changes, customer=session["customer"]))


async def new_card(call: StripeCall, session: Object) -> None:
    """Save another card, which pays from now on."""
    body = {"type": "card", "card": card_sent(call), "billing_details": visitor(call).billing()}
    method = await payment_methods.build(call, body)
    method = await checkout_payment.attachable(call, method)
    await payment_methods.attach_to(call, method, session["customer"])
    await _pays(call, session, method["id"])


async def _pays(call: StripeCall, session: Object, method: str) -> None:
    settings = {"invoice_settings": {"default_payment_method": method}}
    await customers.update(call.as_if(settings, customer=session["customer"]))


async def saved_card(call: StripeCall, session: Object, *, remove: bool) -> None:
    """Pay with a card that is saved, or remove it."""
    method = await call.state.get(payment_methods.KIND, said(call, "method") or "")
    if method is None or method["customer"] != session["customer"]:
        raise invalid("There is no such card.")
    if remove:
        await payment_methods.detach(call.as_if({}, payment_method=method["id"]))
    else:
        await _pays(call, session, method["id"])
