"""Customers: https://docs.stripe.com/api/customers (2026-11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.base import Missing
from mocks.stripe import cash_balance, clocks, customer_balance, discounts, endings, payment_methods, payment_sources
from mocks.stripe.calls import Loader, Object, StripeCall, changed, given
from mocks.stripe.emails import email
from mocks.stripe.errors import invalid, missing
from mocks.stripe.lists import list_of, page
from mocks.stripe.metadata import first, merged
from mocks.stripe.objects import address, shipping

KIND = "customer"

#: Parameters that are stored as they come; an empty string clears them.
PLAIN = ("description", "name", "phone", "business_name", "individual_name")


async def create(call: StripeCall) -> Object:
    body = call.body
    if given(body, "test_clock"):
        await call.referred(clocks.KIND, body["test_clock"], "test_clock")
        await clocks.enter(call, body)
    key = call.new_id("cus_", 14)
    customer: Object = {
        "id": key,
        "object": KIND,
        "address": address(body.get("address")),
        "balance": body.get("balance", 0),
        "created": call.timestamp,
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": given(body, "description"),
        "discount": None,
        "email": email(body),
        "invoice_prefix": body.get("invoice_prefix") or call.new_id("", 16)[-8:].upper(),
        "invoice_settings": _invoice_settings(body.get("invoice_settings"), None),
        "livemode": False,
        "metadata": first(body.get("metadata")),
        "name": given(body, "name"),
        "next_invoice_sequence": body.get("next_invoice_sequence", 1),
        "phone": given(body, "phone"),
        "preferred_locales": body.get("preferred_locales") or [],
        "shipping": shipping(body.get("shipping")),
        "tax_exempt": body.get("tax_exempt") or "none",
        "test_clock": given(body, "test_clock"),
    }
    for name in ("business_name", "individual_name"):
        if name in body:
            customer[name] = given(body, name)
    return await _with_payment(call, customer, await discounts.asked(call, key))


async def _with_payment(call: StripeCall, customer: Object, planned: list[discounts.Planned] | None) -> Object:
    """Store a new customer with the card or payment method that came along, and the coupon."""
    body = call.body
    method = given(body, "payment_method")
    default = customer["invoice_settings"]["default_payment_method"]
    if default is not None and default != method:
        raise _not_attached(default)
    card = source = None
    if method is not None:
        card = await payment_methods.attachable(call, method)
        if default is not None:
            settings = {**customer["invoice_settings"], "default_payment_method": card["id"]}
            customer = {**customer, "invoice_settings": settings}
    if given(body, "source") is not None:
        source = await payment_sources.from_source(call, body["source"], customer["id"], "source")
        customer = {**customer, "default_source": source["id"]}
    call.event("customer.created", customer)
    await customer_balance.adjusted(call, {**customer, "balance": 0}, customer["balance"])
    if source is not None:
        await payment_sources.store(call, source)
        call.event("customer.source.created", source)
    if card is not None:
        await payment_methods.attach_to(call, card, customer["id"])
    if planned:
        customer = {**customer, "discount": await discounts.on_customer(call, customer["id"], None, planned)}
    await store(call, customer)
    return customer


async def store(call: StripeCall, customer: Object) -> None:
    """Write a customer, findable as ``list`` wants."""
    index = {name: customer[name] for name in ("email", "test_clock") if customer[name]}
    await call.state.put(KIND, customer["id"], customer, index)


async def retrieve(call: StripeCall) -> Object:
    """A deleted customer still answers, as a stub: https://docs.stripe.com/api/customers/delete."""
    key = call.path("customer")
    found = await call.state.get(KIND, key) or await call.state.get("deleted_customer", key)
    if found is None:
        raise Missing(KIND, key)
    return found


async def update(call: StripeCall) -> Object:
    body = call.body
    old = await call.named(KIND, call.path("customer"))
    changes: Object = {name: given(body, name) for name in PLAIN if name in body}
    if "email" in body:
        changes["email"] = email(body)
    for name in ("balance", "invoice_prefix", "next_invoice_sequence"):
        if body.get(name, "") != "":
            changes[name] = body[name]
    if "tax_exempt" in body:
        changes["tax_exempt"] = body["tax_exempt"] or "none"
    if "preferred_locales" in body:
        changes["preferred_locales"] = body["preferred_locales"] or []
    if "address" in body:
        changes["address"] = address(body["address"])
    if "shipping" in body:
        changes["shipping"] = shipping(body["shipping"])
    if "metadata" in body:
        changes["metadata"] = merged(old["metadata"], body["metadata"])
    if "invoice_settings" in body:
        settings = _invoice_settings(body["invoice_settings"], old["invoice_settings"])
        await _own_method(call, settings, old)
        changes["invoice_settings"] = settings
    planned = await discounts.asked(call, old["id"])
    source = await _new_source(call, old, changes)
    await customer_balance.adjusted(call, old, {**old, **changes}["balance"])
    if planned is not None:
        changes["discount"] = await discounts.on_customer(call, old["id"], old["discount"], planned)
    new, previous = changed(old, changes)
    if source is not None:
        await payment_sources.store(call, source)
        call.event("customer.source.created", source)
    await store(call, new)
    if previous:
        call.event("customer.updated", new, previous)
    return new


async def _new_source(call: StripeCall, old: Object, changes: Object) -> Object | None:
    """The card that an update brings, as the new default; or another of the customer's cards as the default."""
    body = call.body
    if given(body, "source") is not None:
        source = await payment_sources.from_source(call, body["source"], old["id"], "source")
        changes["default_source"] = source["id"]
        return source
    if given(body, "default_source") is not None:
        wanted = await payment_sources.owned(call, body["default_source"], old["id"])
        if wanted is None:
            raise missing("source", body["default_source"], "default_source")
        changes["default_source"] = wanted["id"]
    return None


async def _own_method(call: StripeCall, settings: Mapping[str, Any], customer: Object) -> None:
    default = settings["default_payment_method"]
    if default is None:
        return
    method = await call.state.get("payment_method", default)
    if method is None:
        raise missing("payment_method", default, "invoice_settings[default_payment_method]")
    if method["customer"] != customer["id"]:
        raise _not_attached(default)


def _not_attached(method: str) -> Exception:
    return invalid(
        f"The customer does not have a payment method with the ID {method}. The payment method must be attached to the "
        "customer.",
        code="resource_missing",
        param="invoice_settings[default_payment_method]",
    )


def _invoice_settings(sent: Any, old: Mapping[str, Any] | None) -> Object:
    found: Object = {"custom_fields": None, "default_payment_method": None, "footer": None, "rendering_options": None}
    found.update(old or {})
    for name, value in (sent or {}).items():
        if name == "rendering_options" and value:
            value = {"amount_tax_display": value.get("amount_tax_display"), "template": value.get("template")}
        found[name] = value or None
    return found


async def delete(call: StripeCall) -> Object:
    customer = await call.named(KIND, call.path("customer"))
    await clocks.enter(call, customer)
    return await removed(call, customer)


async def removed(call: StripeCall, customer: Object) -> Object:
    """The stub of a customer who is gone with all that was theirs. Stored."""
    key = customer["id"]
    await endings.end_all(call, key)
    await payment_methods.detach_all(call, key)
    await payment_sources.delete_all(call, key)
    await call.state.delete(KIND, key)
    stub: Object = {"id": key, "object": KIND, "deleted": True}
    await call.state.put("deleted_customer", key, stub)
    call.event("customer.deleted", customer)
    return stub


async def list_all(call: StripeCall) -> Object:
    where = {name: call.body[name] for name in ("email", "test_clock") if call.body.get(name)}
    return await page(call, KIND, where or None)


async def delete_discount(call: StripeCall) -> Object:
    customer = await call.named(KIND, call.path("customer"))
    if customer["discount"] is None:
        raise invalid("No active discount for customer", code="resource_missing", status=404)
    new, previous = changed(customer, {"discount": None})
    await store(call, new)
    await discounts.ended(call, customer["discount"]["id"])
    call.event("customer.updated", new, previous)
    return {**customer["discount"], "deleted": True}


# Fields that only expansion shows.


async def _subscriptions(call: StripeCall, customer: Object) -> Object:
    found = await call.state.page("subscription", where={"customer": customer["id"]}, limit=11)
    live = [item for item in found if item.get("status") not in ("canceled", "incomplete_expired")]
    return list_of(live[:10], f"/v1/customers/{customer['id']}/subscriptions", len(live) > 10, total_count=len(live))


async def _tax_ids(call: StripeCall, customer: Object) -> Object:
    found = await call.state.page("tax_id", where={"customer": customer["id"]}, limit=11)
    return list_of(found[:10], f"/v1/customers/{customer['id']}/tax_ids", len(found) > 10, total_count=len(found))


async def _tax(call: StripeCall, customer: Object) -> Object:
    where = customer["address"] or (customer["shipping"] or {}).get("address") or {}
    country = where.get("country")
    if not country:
        return {"automatic_tax": "unrecognized_location", "ip_address": None, "location": None, "provider": "stripe"}
    location = {"country": country, "source": "billing_address", "state": where["state"]}
    return {"automatic_tax": "supported", "ip_address": None, "location": location, "provider": "stripe"}


async def _invoice_credit_balance(call: StripeCall, customer: Object) -> Object:
    currency = customer["currency"]
    own = {currency: customer["balance"]} if currency and customer["balance"] else {}
    return {**own, **(await call.state.get(customer_balance.OTHERS, customer["id"]) or {})}


INCLUDES: dict[tuple[str, str], Loader] = {
    (KIND, "sources"): payment_sources.shown,
    (KIND, "subscriptions"): _subscriptions,
    (KIND, "tax_ids"): _tax_ids,
    (KIND, "tax"): _tax,
    (KIND, "invoice_credit_balance"): _invoice_credit_balance,
    (KIND, "cash_balance"): cash_balance.of,
}
