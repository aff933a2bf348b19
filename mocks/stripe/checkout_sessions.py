"""Checkout sessions: https://docs.stripe.com/api/checkout/sessions (2026-11). Opened, read and expired.

There is no page behind ``url``, so no session completes by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.stripe import customers, intents, prices, products, setup_intents
from mocks.stripe.calls import Loader, Object, StripeCall, changed, given
from mocks.stripe.errors import exclusive, invalid, missing, missing_param
from mocks.stripe.lists import list_of, page
from mocks.stripe.metadata import first, merged

KIND = "checkout.session"
#: A session's line items, which only expansion and their own list show.
HIDDEN = "checkout.session_details"
DAY = 86_400

#: Parameters that are kept as they come.
PLAIN = (
    "after_expiration", "allow_promotion_codes", "billing_address_collection", "client_reference_id",
    "consent_collection", "customer_email", "integration_identifier", "locale", "origin_context", "permissions",
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
TEXTS = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")


async def create(call: StripeCall) -> Object:
    body = call.body
    mode = body.get("mode")
    if mode is None:
        raise missing_param("mode")
    embedded = body.get("ui_mode", "hosted_page") != "hosted_page"
    if not embedded and not body.get("success_url"):
        raise missing_param("success_url")
    if given(body, "customer") and given(body, "customer_email"):
        raise exclusive("customer", "customer_email")
    customer = None
    if given(body, "customer"):
        customer = await call.referred(customers.KIND, body["customer"], "customer")
    if mode != "setup" and not body.get("line_items"):
        raise missing_param("line_items")
    items = [await _item(call, each, f"line_items[{at}]") for at, each in enumerate(body.get("line_items") or ())]
    _fitting(mode, items)
    intent = await _setup(call, body) if mode == "setup" else None
    session = _new(call, customer, items, intent, embedded=embedded)
    await store(call, session)
    await call.state.put(HIDDEN, session["id"], {"line_items": items})
    return session


async def _item(call: StripeCall, sent: Mapping[str, Any], param: str) -> Object:
    """What is bought, as a session's list shows it."""
    if sent.get("price_data"):
        price = await _own_price(call, sent["price_data"], f"{param}[price_data]")
    elif sent.get("price"):
        found = await call.state.get(prices.KIND, sent["price"])
        if found is None:
            raise missing("price", sent["price"], f"{param}[price]")
        price = found
    else:
        raise missing_param(f"{param}[price]")
    quantity = sent.get("quantity", 1)
    amount = (price["unit_amount"] or 0) * quantity
    product = await call.state.get(products.KIND, price["product"])
    return {
        "id": call.new_id("li_1", 23),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": product["name"] if product else None,
        "price": price,
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
    if mode == "setup" and items:
        raise invalid("You cannot pass `line_items` in `setup` mode.", param="line_items")


async def _setup(call: StripeCall, body: Mapping[str, Any]) -> Object:
    named = body.get("setup_intent_data") or {}
    asked = {"customer": given(body, "customer"), "description": named.get("description")}
    intent = setup_intents.build(call, {**asked, "metadata": named.get("metadata")}, None)
    await setup_intents.store(call, intent)
    call.event("setup_intent.created", intent)
    return intent


def _new(
    call: StripeCall, customer: Object | None, items: list[Object], intent: Object | None, *, embedded: bool
) -> Object:
    body, mode = call.body, call.body["mode"]
    pays = mode != "setup"
    key = call.new_id("cs_test_a1", 66)
    total = sum(item["amount_total"] for item in items)
    types = intents.named_types(call, body) or list(intents.ACCOUNT_TYPES)
    invoiced = {"account_tax_ids": None, "custom_fields": None, "description": None, "footer": None, "issuer": None}
    invoicing = {"enabled": False, "invoice_data": {**invoiced, "metadata": {}, "rendering_options": None}}
    return {
        "id": key,
        "object": KIND,
        **{name: given(body, name) for name in PLAIN},
        **dict.fromkeys(NOTHING),
        "adaptive_pricing": {"enabled": pays},
        "amount_subtotal": sum(item["amount_subtotal"] for item in items) if pays else None,
        "amount_total": total if pays else None,
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
        "custom_fields": [],
        "custom_text": {name: (body.get("custom_text") or {}).get(name) or None for name in TEXTS},
        "customer": customer["id"] if customer else None,
        "customer_account": None,
        "customer_creation": None if customer or not pays else _creation(body, mode),
        "customer_details": _details(customer, given(body, "customer_email"), pays=pays),
        "discounts": [] if pays else None,
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
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0} if pays else None,
        "ui_mode": body.get("ui_mode", "hosted_page"),
        "url": None if embedded else f"https://checkout.stripe.com/c/pay/{key}",
        **({"return_url": given(body, "return_url")} if embedded else {}),
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


async def retrieve(call: StripeCall) -> Object:
    return await call.named(KIND, call.path("session"))


async def update(call: StripeCall) -> Object:
    body = call.body
    old = await call.named(KIND, call.path("session"))
    changes = {"metadata": merged(old["metadata"], body["metadata"])} if "metadata" in body else {}
    new, _ = changed(old, changes)
    await store(call, new)
    return new


async def expire(call: StripeCall) -> Object:
    old = await call.named(KIND, call.path("session"))
    if old["status"] != "open":
        raise invalid(
            f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of '
            f"{old['status']}."
        )
    expired = {**old, "status": "expired", "url": None}
    await store(call, expired)
    call.event("checkout.session.expired", expired)
    return expired


async def list_all(call: StripeCall) -> Object:
    body = call.body
    where = {name: body[name] for name in ("customer", "status") if body.get(name)}
    names = [name for name in ("payment_intent", "payment_link", "subscription") if body.get(name)]
    keep = (lambda session: all(session[name] == body[name] for name in names)) if names else None
    return await page(call, KIND, where or None, keep=keep)


async def list_items(call: StripeCall) -> Object:
    session = await call.named(KIND, call.path("session"))
    return await _line_items(call, session)


async def _line_items(call: StripeCall, session: Object) -> Object:
    found = (await call.state.get(HIDDEN, session["id"]) or {}).get("line_items", [])
    return list_of(found, f"/v1/checkout/sessions/{session['id']}/line_items")


INCLUDES: dict[tuple[str, str], Loader] = {(KIND, "line_items"): _line_items}
