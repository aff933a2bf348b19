"""Payment links: https://docs.stripe.com/api/payment-links/payment-links (2026-11). Each visit of one opens a checkout
session (``pages/links.py``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe import checkout_items, checkout_rules, checkout_sessions, checkout_shipping
from mocks.stripe.calls import Loader, Object, StripeCall, changed, cleared
from mocks.stripe.errors import invalid, missing
from mocks.stripe.lists import DEFAULT_LIMIT, cut, list_of, page
from mocks.stripe.metadata import first, merged

KIND = "payment_link"
#: What a link sells and what it was asked for: {"line_items", "sent"}.
HIDDEN = "payment_link_details"
#: Parameters that are kept as they come; an empty string clears them.
PLAIN = (
    "application_fee_amount", "application_fee_percent", "consent_collection", "inactive_message", "on_behalf_of",
    "optional_items", "payment_method_options", "payment_method_types", "shipping_address_collection",
    "transfer_data",
)  # fmt: skip
#: Parameter -> what it is when nobody says anything.
DEFAULTS: Object = {
    "allow_promotion_codes": False,
    "billing_address_collection": "auto",
    "payment_method_collection": "always",
    "phone_number_collection": {"enabled": False},
    "submit_type": "auto",
}
#: What of a link its sessions are asked for too.
HANDED_ON = (
    "allow_promotion_codes", "automatic_tax", "billing_address_collection", "consent_collection", "custom_fields",
    "custom_text", "invoice_creation", "name_collection", "optional_items",
    "payment_intent_data", "payment_method_collection", "payment_method_types", "phone_number_collection",
    "shipping_address_collection", "subscription_data", "tax_id_collection",
)  # fmt: skip


async def create(call: StripeCall) -> Object:
    body = call.body
    items = await checkout_items.chosen(call, body["line_items"], "any")
    recurring = subscribes(items)
    for name, fits in (("subscription_data", recurring), ("payment_intent_data", not recurring)):
        if body.get(name) and not fits:
            kind = "recurring" if name == "subscription_data" else "one-time"
            raise invalid(f"`{name}` can only be used with {kind} prices.", param=name)
    key = call.new_id("plink_1", 23)
    told = {"account_tax_ids": None, "custom_fields": None, "description": None, "footer": None, "issuer": None}
    billing = body.get("invoice_creation") or {}
    invoiced = {**told, "metadata": {}, "rendering_options": None, **(billing.get("invoice_data") or {})}
    link: Object = {
        "id": key,
        "object": KIND,
        **{name: cleared(body.get(name)) for name in PLAIN},
        "name_collection": _names(body.get("name_collection")),
        **{name: body.get(name, default) for name, default in DEFAULTS.items()},
        "active": True,
        "after_completion": _after(body.get("after_completion")),
        "application": None,
        "automatic_tax": {"enabled": bool((body.get("automatic_tax") or {}).get("enabled")), "liability": None},
        "currency": items[0]["currency"],
        "custom_fields": [checkout_sessions.own_field(each) for each in body.get("custom_fields") or ()],
        "custom_text": _texts(body.get("custom_text")),
        "customer_creation": body.get("customer_creation") or ("always" if recurring else "if_required"),
        "invoice_creation": None if recurring else {"enabled": bool(billing.get("enabled")), "invoice_data": invoiced},
        "livemode": False,
        "metadata": first(body.get("metadata")),
        "payment_intent_data": _payment(body.get("payment_intent_data")),
        "restrictions": _restricted(body.get("restrictions"), 0),
        "shipping_options": await checkout_shipping.options(call, body.get("shipping_options")),
        "subscription_data": _subscription(body.get("subscription_data")),
        "tax_id_collection": {"enabled": False, "required": "never", **(body.get("tax_id_collection") or {})},
        "url": call.hosted(f"b/{key}"),
    }
    await _store(call, link)
    await call.state.put(HIDDEN, key, {"line_items": items, "sent": _handed_on(body)})
    call.event("payment_link.created", link)
    return link


def subscribes(items: list[Object]) -> bool:
    """Whether a link begins a subscription."""
    return any(item["price"]["type"] == "recurring" for item in items)


def _handed_on(body: Mapping[str, Any]) -> Object:
    return {name: body[name] for name in HANDED_ON if body.get(name)}


def _after(sent: Any) -> Object:
    if not sent or sent["type"] == "hosted_confirmation":
        words = ((sent or {}).get("hosted_confirmation") or {}).get("custom_message")
        return {"hosted_confirmation": {"custom_message": words}, "type": "hosted_confirmation"}
    if not (sent.get("redirect") or {}).get("url"):
        raise invalid("Missing required param: after_completion[redirect].", code="parameter_missing",
                      param="after_completion[redirect]")  # fmt: skip
    checkout_rules.valid(sent["redirect"]["url"], "after_completion[redirect][url]")
    return {"redirect": {"url": sent["redirect"]["url"]}, "type": "redirect"}


def _names(sent: Any) -> Object | None:
    """Whose names are collected; a name is required unless it is said to be optional."""
    return {kind: {"optional": False, **each} for kind, each in sent.items()} if sent else None


def _texts(sent: Any) -> Object:
    return {name: (sent or {}).get(name) or None for name in checkout_sessions.TEXTS}


def _payment(sent: Any) -> Object | None:
    if not sent:
        return None
    names = ("capture_method", "description", "setup_future_usage", "statement_descriptor",
             "statement_descriptor_suffix", "transfer_group")  # fmt: skip
    return {**{name: sent.get(name) or None for name in names}, "metadata": first(sent.get("metadata"))}


def _subscription(sent: Any) -> Object | None:
    if not sent:
        return None
    return {
        "description": sent.get("description") or None,
        "invoice_settings": {"issuer": {"type": "self"}},
        "metadata": first(sent.get("metadata")),
        "trial_period_days": sent.get("trial_period_days"),
        "trial_settings": sent.get("trial_settings"),
    }


def _restricted(sent: Any, count: int) -> Object | None:
    if not sent:
        return None
    return {"completed_sessions": {"count": count, "limit": sent["completed_sessions"]["limit"]}}


async def _store(call: StripeCall, link: Object) -> None:
    await call.state.put(KIND, link["id"], link, {"active": "true" if link["active"] else "false"})


async def retrieve(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("payment_link"))


async def update(call: StripeCall) -> Object:
    body = call.body
    old = await call.named(KIND, call.path("payment_link"))
    details = await call.named(HIDDEN, old["id"])
    changes: Object = {name: cleared(body[name]) for name in PLAIN if name in body}
    changes |= {name: body[name] for name in ("active", "customer_creation", *DEFAULTS) if name in body}
    if "metadata" in body:
        changes["metadata"] = merged(old["metadata"], body["metadata"])
    if "name_collection" in body:
        changes["name_collection"] = _names(body["name_collection"])
    if body.get("after_completion"):
        changes["after_completion"] = _after(body["after_completion"])
    if "custom_fields" in body:
        changes["custom_fields"] = [checkout_sessions.own_field(each) for each in body["custom_fields"] or ()]
    if "custom_text" in body:
        changes["custom_text"] = {**old["custom_text"], **cleared(body["custom_text"] or {})}
    if "restrictions" in body:
        count = ((old["restrictions"] or {}).get("completed_sessions") or {}).get("count", 0)
        changes["restrictions"] = _restricted(body["restrictions"], count)
    items = details["line_items"]
    if body.get("line_items"):
        items = await _counted(call, items, body["line_items"])
    new, previous = changed(old, changes)
    await _store(call, new)
    await call.state.put(HIDDEN, old["id"], {"line_items": items, "sent": {**details["sent"], **_handed_on(body)}})
    if previous:
        call.event("payment_link.updated", new, previous)
    return new


async def _counted(call: StripeCall, items: list[Object], sent: list[Mapping[str, Any]]) -> list[Object]:
    wanted = {each["id"]: each.get("quantity") for each in sent}
    unknown = next((key for key in wanted if key not in {item["id"] for item in items}), None)
    if unknown is not None:
        raise missing("line_item", unknown, "line_items[0][id]")
    return [await checkout_items.counted(call, item, wanted.get(item["id"]) or item["quantity"]) for item in items]


async def used(call: StripeCall, key: str) -> None:
    """One more session of a link is complete; at its limit it sells nothing any more."""
    link = await call.state.get(KIND, key)
    if link is None or not link["restrictions"]:
        return
    sold = link["restrictions"]["completed_sessions"]
    count = sold["count"] + 1
    restrictions = {"completed_sessions": {**sold, "count": count}}
    new, previous = changed(link, {"restrictions": restrictions, "active": link["active"] and count < sold["limit"]})
    await _store(call, new)
    call.event("payment_link.updated", new, previous)


async def list_all(call: StripeCall) -> Object:
    active = call.body.get("active")
    return await page(call, KIND, None if active is None else {"active": "true" if active else "false"})


async def list_items(call: StripeCall) -> Object:
    link = await call.named(KIND, call.path("payment_link"))
    found = (await call.named(HIDDEN, link["id"]))["line_items"]
    return cut(call, found, f"/v1/payment_links/{link['id']}/line_items")


async def _line_items(call: StripeCall, link: Object) -> Object:
    found = (await call.named(HIDDEN, link["id"]))["line_items"]
    return list_of(found[:DEFAULT_LIMIT], f"/v1/payment_links/{link['id']}/line_items", len(found) > DEFAULT_LIMIT)


INCLUDES: dict[tuple[str, str], Loader] = {(KIND, "line_items"): _line_items}
