"""Checkout sessions: https://docs.stripe.com/api/checkout/sessions (2026-11). Opened, read, changed and expired.

Behind ``url`` is a page (``pages/checkout.py``); what is paid there is in ``checkout_payment.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe import (
    checkout_items,
    checkout_rules,
    checkout_shape,
    checkout_shipping,
    clocks,
    customers,
    intents,
    setup_intents,
)
from mocks.stripe.calls import Loader, Object, StripeCall, changed, given
from mocks.stripe.emails import email
from mocks.stripe.errors import invalid, missing
from mocks.stripe.lists import DEFAULT_LIMIT, cut, list_of, page
from mocks.stripe.metadata import first, merged

KIND = "checkout.session"
#: A session's line items, which only expansion and their own list show.
HIDDEN = "checkout.session_details"
DAY = 86_400
#: What is handed on to what the session makes when it is paid.
DATA = ("payment_intent_data", "subscription_data", "setup_intent_data", "invoice_creation", "customer_update")

#: Parameters that are kept as they come.
PLAIN = (
    "allow_promotion_codes", "billing_address_collection", "client_reference_id", "customer_email",
    "integration_identifier", "locale", "origin_context", "permissions",
    "shipping_address_collection", "submit_type", "wallet_options",
)  # fmt: skip
#: What nobody has done yet.
NOTHING = (
    "consent", "currency_conversion", "invoice", "payment_intent", "payment_link", "recovered_from",
    "shipping_cost", "subscription",
)  # fmt: skip
BRANDING: Object = {
    "background_color": "#ffffff",
    "border_style": "rounded",
    "button_color": "#0074d4",
    "display_name": "Mock account",
    "font_family": "default",
    "icon": None,
    "logo": None,
}
#: What can only be changed while nobody has paid.
OPEN = frozenset(["line_items", "shipping_options", "collected_information", "payment_intent_data"])
TEXTS = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")


async def create(call: StripeCall) -> Object:
    body = call.body
    checkout_rules.allowed(call)
    customer = None
    if given(body, "customer"):
        customer = await call.referred(customers.KIND, body["customer"], "customer")
    return await opened(call, customer, await checkout_items.chosen(call, body.get("line_items"), body["mode"]))


async def opened(call: StripeCall, customer: Object | None, items: list[Object], link: str | None = None) -> Object:
    """A new session for what ``call`` asks; of the payment link with that id, if one made it. Stored."""
    body, mode = call.body, call.body["mode"]
    found = await checkout_items.coupon_of(call, body.get("discounts"))
    coupon, shown = found or (None, [])
    items = await checkout_items.taxed(call, checkout_items.discounted(items, coupon))
    shipping = await checkout_shipping.options(call, body.get("shipping_options"))
    kept = {name: body[name] for name in DATA if body.get(name)}
    intent = await _setup(call, body) if mode == "setup" else None
    session = _new(call, customer, items, intent)
    if mode != "setup":
        carried = shipping[0]["shipping_amount"] if shipping else 0
        sums = checkout_items.totals(items, carried, trial=bool(checkout_rules.trial(kept)))
        checkout_rules.enough(mode, sums["amount_total"], session["currency"])
        session |= {**sums, "discounts": shown, "shipping_options": shipping}
        session["shipping_cost"] = checkout_shipping.cost(shipping[0]) if shipping else None
    session["payment_link"] = link
    if body.get("optional_items"):
        session["optional_items"] = await checkout_shape.optional_items(call, body["optional_items"])
    await begin(call, session, {"line_items": items, "data": kept, "coupon": coupon})
    return session


async def begin(call: StripeCall, session: Object, details: Mapping[str, Any]) -> None:
    """Write a new session, and see that it expires in its time."""
    await store(call, session)
    await call.state.put(HIDDEN, session["id"], dict(details))
    await clocks.appoint(call, session["expires_at"], session)


async def look(call: StripeCall, key: str) -> None:
    """Time has come to a session: one that nobody paid expires."""
    found = await call.state.get(KIND, key)
    if found is not None:
        await current(call, found)


async def _setup(call: StripeCall, body: Mapping[str, Any]) -> Object:
    named = body.get("setup_intent_data") or {}
    asked = {"customer": given(body, "customer"), "description": named.get("description")}
    intent = setup_intents.build(call, {**asked, "metadata": named.get("metadata")}, None)
    await setup_intents.store(call, intent)
    call.event("setup_intent.created", intent)
    return intent


def _new(call: StripeCall, customer: Object | None, items: list[Object], intent: Object | None) -> Object:
    body, mode = call.body, call.body["mode"]
    embedded = body.get("ui_mode", "hosted_page") != "hosted_page"
    pays = mode != "setup"
    key = call.new_id("cs_test_", 58)
    types = intents.named_types(call, body) or list(intents.ACCOUNT_TYPES)
    invoiced = {"account_tax_ids": None, "custom_fields": None, "description": None, "footer": None, "issuer": None}
    billed = body.get("invoice_creation") or {}
    told = {**invoiced, "metadata": {}, "rendering_options": None, **(billed.get("invoice_data") or {})}
    invoicing = {"enabled": bool(billed.get("enabled")), "invoice_data": told}
    return {
        "id": key,
        "object": KIND,
        **{name: given(body, name) for name in PLAIN},
        **dict.fromkeys(NOTHING),
        **checkout_shape.collections(body),
        "adaptive_pricing": {"enabled": pays},
        "amount_subtotal": None,
        "amount_total": None,
        "automatic_tax": {
            "enabled": bool((body.get("automatic_tax") or {}).get("enabled")),
            "liability": None,
            "provider": None,
            "status": None,
        },
        "branding_settings": {**BRANDING, **(body.get("branding_settings") or {})},
        "cancel_url": given(body, "cancel_url"),
        "client_secret": f"{key}_secret_{call.new_id('', 40)}" if embedded else None,
        "collected_information": {"business_name": None, "individual_name": None, "shipping_details": None},
        "created": call.timestamp,
        "currency": items[0]["currency"] if items else given(body, "currency"),
        "custom_fields": [own_field(each) for each in body.get("custom_fields") or ()],
        "custom_text": {name: (body.get("custom_text") or {}).get(name) or None for name in TEXTS},
        "customer": customer["id"] if customer else None,
        "customer_account": None,
        "customer_creation": None if customer or not pays else _creation(body, mode),
        "customer_details": _details(customer, email(body, "customer_email"), pays=pays),
        "discounts": None,
        "expires_at": body.get("expires_at", call.timestamp + DAY),
        "invoice_creation": invoicing if mode == "payment" else None,
        "livemode": False,
        "metadata": first(body.get("metadata")),
        "mode": mode,
        "payment_method_collection": body.get("payment_method_collection")
        or ("if_required" if mode == "payment" else "always"),
        "payment_method_configuration_details": None
        if body.get("payment_method_types")
        else {"id": f"pmc_1{call.seed:023d}"[:28], "parent": None},
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": types,
        "payment_status": "unpaid" if pays else "no_payment_required",
        "phone_number_collection": {"enabled": bool((body.get("phone_number_collection") or {}).get("enabled"))},
        "saved_payment_method_options": {
            "allow_redisplay_filters": ["always"],
            "payment_method_remove": "disabled",
            "payment_method_save": None,
        }
        if pays and customer
        else None,
        "setup_intent": intent["id"] if intent else None,
        "shipping_options": [],
        "status": "open",
        "success_url": given(body, "success_url"),
        "total_details": None,
        "ui_mode": body.get("ui_mode", "hosted_page"),
        "url": None if embedded else call.hosted(f"c/pay/{key}"),
        **({"return_url": given(body, "return_url")} if embedded else {}),
    }


def own_field(sent: Mapping[str, Any]) -> Object:
    """A field of the seller's own, empty yet: https://docs.stripe.com/payments/checkout/custom-fields."""
    kind = sent["type"]
    bare: Object = {"default_value": None, "value": None}
    if kind == "dropdown":
        bare["options"] = []
    else:
        bare |= {"maximum_length": None, "minimum_length": None}
    kinds = dict.fromkeys(("dropdown", "numeric", "text"))
    return {
        **kinds,
        "key": sent["key"],
        "label": sent["label"],
        "optional": sent.get("optional", False),
        "type": kind,
        kind: {**bare, **(sent.get(kind) or {})},
    }


def _creation(body: Mapping[str, Any], mode: str) -> str:
    return str(body.get("customer_creation") or ("if_required" if mode == "payment" else "always"))


def _details(customer: Object | None, email: str | None, *, pays: bool) -> Object | None:
    if customer is None and email is None:
        return None
    known = customer["email"] if customer else email
    names = ("address", "business_name", "individual_name", "name", "phone", "tax_ids")
    exempt = (customer or {}).get("tax_exempt", "none") if pays else None
    return {**dict.fromkeys(names), "email": known, "tax_exempt": exempt}


async def store(call: StripeCall, session: Object) -> None:
    """Write a session."""
    index = {name: session[name] for name in ("customer", "status") if session[name]}
    await call.state.put(KIND, session["id"], session, index)


async def current(call: StripeCall, session: Object) -> Object:
    """The session as it is now: one that nobody has paid in time expires."""
    if session["status"] != "open" or session["expires_at"] > call.timestamp:
        return session
    return await _expired(call, session)


async def retrieve(call: StripeCall) -> Object:
    return await current(call, await call.named(KIND, call.path("session")))


async def update(call: StripeCall) -> Object:
    """Metadata at any time, what is bought only of an open one: https://docs.stripe.com/api/checkout/sessions/update."""
    body = call.body
    old = await current(call, await call.named(KIND, call.path("session")))
    changes: Object = {"metadata": merged(old["metadata"], body["metadata"])} if "metadata" in body else {}
    if OPEN & set(body) and old["status"] != "open":
        raise invalid(f"Only open Checkout Sessions can be updated; this one has a status of {old['status']}.")
    if body.get("shipping_options"):
        found = await checkout_shipping.options(call, body["shipping_options"])
        changes |= {"shipping_options": found, "shipping_cost": checkout_shipping.cost(found[0])}
    if body.get("collected_information"):
        changes["collected_information"] = {**old["collected_information"], **body["collected_information"]}
    new, _ = changed(old, changes)
    if body.get("line_items") or body.get("shipping_options"):
        new = await _reckoned(call, new)
    if body.get("payment_intent_data"):
        details = await call.named(HIDDEN, old["id"])
        data = {**(details["data"].get("payment_intent_data") or {}), **body["payment_intent_data"]}
        kept = {name: value for name, value in data.items() if value != ""}
        await call.state.put(HIDDEN, old["id"], {**details, "data": {**details["data"], "payment_intent_data": kept}})
    await store(call, new)
    return new


async def _reckoned(call: StripeCall, session: Object) -> Object:
    """With the items that a call wants instead, and what they come to."""
    details = await call.named(HIDDEN, session["id"])
    items = details["line_items"]
    if call.body.get("line_items"):
        items = await _merged(call, items, session["mode"])
    return await recounted(call, session, items)


async def recounted(call: StripeCall, session: Object, items: list[Object], coupon: Object | None = None) -> Object:
    """The session with these items, which are kept with its coupon or another, and their sums. The session itself is
    not stored."""
    details = await call.named(HIDDEN, session["id"])
    coupon = coupon or details.get("coupon")
    items = await checkout_items.taxed(call, checkout_items.discounted(items, coupon))
    await call.state.put(HIDDEN, session["id"], {**details, "line_items": items, "coupon": coupon})
    carried = (session["shipping_cost"] or {}).get("amount_total", 0)
    return {**session, **checkout_items.totals(items, carried, trial=bool(checkout_rules.trial(details["data"])))}


async def _merged(call: StripeCall, known: list[Object], mode: str) -> list[Object]:
    """All items are named: those with an id are kept, with another quantity perhaps."""
    by_id = {item["id"]: item for item in known}
    found = []
    for at, sent in enumerate(call.body["line_items"]):
        if not sent.get("id"):
            found += await checkout_items.chosen(call, [sent], mode)
            continue
        if sent["id"] not in by_id:
            raise missing("line_item", sent["id"], f"line_items[{at}][id]")
        item = by_id[sent["id"]]
        found.append(await checkout_items.counted(call, item, sent.get("quantity", item["quantity"])))
    return found


async def expire(call: StripeCall) -> Object:
    old = await current(call, await call.named(KIND, call.path("session")))
    if old["status"] != "open":
        # The sentence: github.com/Sylius/PayumStripePlugin/issues/70 (2025-01).
        raise invalid(
            f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of '
            f"`{old['status']}`."
        )
    return await _expired(call, old)


async def _expired(call: StripeCall, old: Object) -> Object:
    expired = {**old, "status": "expired", "url": None}
    recovery = (old["after_expiration"] or {}).get("recovery")
    if recovery and recovery["enabled"]:
        until = call.timestamp + 30 * DAY
        found = {**recovery, "expires_at": until, "url": call.hosted(f"c/recover/{old['id']}")}
        expired["after_expiration"] = {"recovery": found}
    await store(call, expired)
    call.event("checkout.session.expired", expired)
    return expired


async def list_all(call: StripeCall) -> Object:
    body = call.body
    where = {name: body[name] for name in ("customer", "status") if body.get(name)}
    names = [name for name in ("payment_intent", "payment_link", "subscription") if body.get(name)]
    keep = (lambda session: all(session[name] == body[name] for name in names)) if names else None
    shown = await page(call, KIND, where or None, keep=keep)
    return {**shown, "data": [await current(call, session) for session in shown["data"]]}


async def list_items(call: StripeCall) -> Object:
    session = await call.named(KIND, call.path("session"))
    found = await items_of(call, session)
    return cut(call, found, f"/v1/checkout/sessions/{session['id']}/line_items")


async def items_of(call: StripeCall, session: Object) -> list[Object]:
    """What a session is for."""
    found: list[Object] = (await call.state.get(HIDDEN, session["id"]) or {}).get("line_items", [])
    return found


async def _line_items(call: StripeCall, session: Object) -> Object:
    found = await items_of(call, session)
    return list_of(
        found[:DEFAULT_LIMIT], f"/v1/checkout/sessions/{session['id']}/line_items", len(found) > DEFAULT_LIMIT
    )


INCLUDES: dict[tuple[str, str], Loader] = {(KIND, "line_items"): _line_items}
