"""A customer's visits of the billing portal: https://docs.stripe.com/api/customer_portal/sessions (2026-11). The page
is ``pages/portal.py``."""

from __future__ import annotations

from typing import Any

from mocks.stripe import checkout_rules, customers, endings, portal_configurations
from mocks.stripe.calls import Object, StripeCall, given
from mocks.stripe.errors import invalid, missing_param

KIND = "billing_portal.session"
#: A link works for an hour: https://docs.stripe.com/customer-management/integrate-customer-portal.
SECONDS = 3600
FLOWS = ("subscription_cancel", "subscription_pause", "subscription_update", "subscription_update_confirm")


async def create(call: StripeCall) -> Object:
    body = call.body
    if not given(body, "customer"):
        raise missing_param("customer")
    customer = await call.referred(customers.KIND, body["customer"], "customer")
    if given(body, "configuration"):
        rules = await call.referred(portal_configurations.KIND, body["configuration"], "configuration")
        if not rules["active"]:
            raise invalid("The configuration is not active.", param="configuration")
    else:
        rules = await portal_configurations.default(call)
    checkout_rules.valid(given(body, "return_url"), "return_url")
    flow = await _flow(call, body.get("flow_data"), customer["id"], rules)
    key = call.new_id("bps_1", 23)
    session: Object = {
        "id": key,
        "object": KIND,
        "configuration": rules["id"],
        "created": call.timestamp,
        "customer": customer["id"],
        "customer_account": None,
        "flow": flow,
        "livemode": False,
        "locale": given(body, "locale"),
        "on_behalf_of": given(body, "on_behalf_of"),
        "return_url": given(body, "return_url") or rules["default_return_url"],
        "url": call.hosted(f"p/session/{key}"),
    }
    await call.state.put(KIND, key, session, {"customer": customer["id"]})
    call.event("billing_portal.session.created", session)
    return session


async def _flow(call: StripeCall, sent: Any, customer: str, rules: Object) -> Object | None:
    """The one thing that a visit is for, where it is for one: https://docs.stripe.com/customer-management/portal-deep-links."""
    if not sent:
        return None
    kind = sent["type"]
    after = (sent.get("after_completion") or {}).get("redirect") or {}
    checkout_rules.valid(after.get("return_url"), "flow_data[after_completion][redirect][return_url]")
    feature = "subscription_update" if kind == "subscription_update_confirm" else kind
    if not rules["features"][feature]["enabled"]:
        raise invalid(f"The `{feature}` feature is not enabled in this portal configuration.", param="flow_data[type]")
    flow: Object = {**dict.fromkeys(FLOWS), "after_completion": _after(sent.get("after_completion")), "type": kind}
    if kind in FLOWS:
        if not sent.get(kind):
            raise missing_param(f"flow_data[{kind}]")
        place = f"flow_data[{kind}][subscription]"
        subscription = await call.referred(endings.KIND, sent[kind]["subscription"], place)
        if subscription["customer"] != customer:
            raise invalid("This subscription belongs to another customer.", param=place)
        flow[kind] = _named(kind, sent[kind])
    return flow


def _named(kind: str, sent: Any) -> Object:
    if kind == "subscription_cancel":
        return {"retention": sent.get("retention"), "subscription": sent["subscription"]}
    if kind != "subscription_update_confirm":
        return {"subscription": sent["subscription"]}
    names = ("id", "price", "quantity")
    items = [{name: each.get(name) for name in names} for each in sent.get("items") or ()]
    found = [{name: each.get(name) for name in ("coupon", "promotion_code")} for each in sent.get("discounts") or ()]
    return {"discounts": found or None, "items": items, "subscription": sent["subscription"]}


def _after(sent: Any) -> Object:
    after = sent or {"type": "portal_homepage"}
    words = after.get("hosted_confirmation")
    confirmation = {"custom_message": words.get("custom_message")} if words else None
    return {"hosted_confirmation": confirmation, "redirect": after.get("redirect"), "type": after["type"]}
