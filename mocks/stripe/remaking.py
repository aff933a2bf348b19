"""Makes what a recording presupposes: an object like the one that is shown, through the API itself.

It serves the scorer alone. What cannot be asked for (the time of creation, sums of a past) is as it comes; what no
call can make is not made.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from mocks.defaults import Send
from mocks.stripe.calls import Object

#: Prefix of an id -> the kind of what is known by nothing else.
BARE = {"cus": "customer", "prod": "product", "acct": "account", "pm": "payment_method"}
#: Brand of a card -> the token that makes one.
CARDS = {
    "amex": "pm_card_amex",
    "discover": "pm_card_discover",
    "jcb": "pm_card_jcb",
    "mastercard": "pm_card_mastercard",
}
#: Statuses of a payment intent that has been confirmed.
PAID = ("succeeded", "requires_capture")
#: Nobody: docs.stripe.com/connect/testing.
PERSON: Object = {
    "address": {"city": "Denver", "line1": "address_full_match", "postal_code": "80014", "state": "CO"},
    "dob": {"day": 1, "month": 1, "year": 1901},
    "email": "jenny@example.com",
    "first_name": "Jenny",
    "last_name": "Rosen",
    "phone": "+10000000000",
    "ssn_last_4": "0000",
}
RETURN = "https://example.com/return"

Maker = Callable[[Mapping[str, Any], Send], Awaitable[Any]]


def _given(shown: Mapping[str, Any], names: Sequence[str]) -> Object:
    return {name: shown[name] for name in names if shown.get(name) not in (None, [], {}, "")}


def _id(value: Any) -> str | None:
    found = value.get("id") if isinstance(value, Mapping) else value
    return found if isinstance(found, str) else None


async def _customer(shown: Mapping[str, Any], send: Send) -> Any:
    names = ("balance", "description", "email", "name", "phone", "preferred_locales", "metadata", "tax_exempt")
    settings: Mapping[str, Any] = shown.get("invoice_settings") or {}
    body = _given(shown, names)
    if body.get("tax_exempt") == "none":
        body.pop("tax_exempt", None)
    for name in ("address", "shipping"):
        if isinstance(shown.get(name), Mapping):
            body[name] = _clean(shown[name])
    if str(shown.get("default_source") or "").startswith("card_"):
        body["source"] = "tok_visa"
    made = await send("POST", "/v1/customers", body)
    if made is not None and _id(settings.get("default_payment_method")):
        await _payable(made["id"], send)
    return made


async def _payable(customer: str, send: Send) -> None:
    """A customer whose invoices can be paid."""
    held = await send("POST", "/v1/payment_methods/pm_card_visa/attach", {"customer": customer})
    if held is not None:
        settings = {"default_payment_method": held["id"]}
        await send("POST", f"/v1/customers/{customer}", {"invoice_settings": settings})


def _clean(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _clean(member) for name, member in value.items() if member is not None}
    return value


async def _product(shown: Mapping[str, Any], send: Send) -> Any:
    names = (
        "id", "name", "active", "description", "images", "marketing_features", "metadata", "statement_descriptor",
        "tax_code", "unit_label", "url",
    )  # fmt: skip
    return await send("POST", "/v1/products", {"name": "Product", **_given(shown, names)})


async def _price(shown: Mapping[str, Any], send: Send) -> Any:
    names = ("currency", "lookup_key", "metadata", "nickname", "product", "tax_behavior", "unit_amount_decimal")
    body = _given({**shown, "product": _id(shown.get("product"))}, names)
    if not body.get("product") or "unit_amount_decimal" not in body:
        return None
    recurring: Mapping[str, Any] = shown.get("recurring") or {}
    if recurring:
        body["recurring"] = _given(recurring, ("interval", "interval_count", "trial_period_days"))
    made = await send("POST", "/v1/prices", body)
    if made is not None and shown.get("active") is False:
        made = await send("POST", f"/v1/prices/{made['id']}", {"active": False})
    return made


async def _plan(shown: Mapping[str, Any], send: Send) -> Any:
    names = ("id", "currency", "interval", "interval_count", "metadata", "nickname", "trial_period_days")
    product = _id(shown.get("product")) or {"name": shown.get("name") or "Product"}
    amount = shown.get("amount")
    if amount is None:
        return None
    return await send("POST", "/v1/plans", {**_given(shown, names), "amount": amount, "product": product})


async def _coupon(shown: Mapping[str, Any], send: Send) -> Any:
    names = ("id", "currency", "duration", "duration_in_months", "max_redemptions", "metadata", "name")
    off = _given(shown, ("amount_off", "percent_off"))
    return await send("POST", "/v1/coupons", {**_given(shown, names), **off})


async def _tax_rate(shown: Mapping[str, Any], send: Send) -> Any:
    names = ("country", "description", "display_name", "jurisdiction", "metadata", "state", "tax_type")
    needed = {"inclusive": shown["inclusive"], "percentage": shown["percentage"]}
    return await send("POST", "/v1/tax_rates", {**_given(shown, names), **needed})


async def _payment_method(shown: Mapping[str, Any], send: Send) -> Any:
    if shown.get("type", "card") != "card":
        return None
    token = CARDS.get(str((shown.get("card") or {}).get("brand")), "pm_card_visa")
    customer = _id(shown.get("customer"))
    if customer:
        return await send("POST", f"/v1/payment_methods/{token}/attach", {"customer": customer})
    return await send("GET", f"/v1/payment_methods/{token}", {})


async def _payment_intent(shown: Mapping[str, Any], send: Send) -> Any:
    names = ("amount", "capture_method", "currency", "description", "metadata", "receipt_email", "statement_descriptor")
    body = _given(shown, names)
    if _id(shown.get("customer")):
        body["customer"] = _id(shown["customer"])
    if shown.get("status", "requires_capture" if shown.get("capture_method") == "manual" else None) in PAID:
        body |= {"confirm": True, "payment_method": "pm_card_visa", "return_url": RETURN}
    body["payment_method_types"] = ["card"]
    made = await send("POST", "/v1/payment_intents", body)
    if made is not None and shown.get("status") == "canceled":
        made = await send("POST", f"/v1/payment_intents/{made['id']}/cancel", {})
    return made


async def _charge(shown: Mapping[str, Any], send: Send) -> Any:
    if shown.get("status", "succeeded") != "succeeded":
        return None
    intent = _id(shown.get("payment_intent"))
    if intent is not None:
        known = shown["payment_intent"] if isinstance(shown["payment_intent"], Mapping) else {}
        asked = {**shown, "capture_method": "automatic", **known, "status": "succeeded"}
        made = await _payment_intent(asked, send)
        return None if made is None else await send("GET", f"/v1/charges/{made['latest_charge']}", {})
    names = ("amount", "currency", "description", "metadata", "receipt_email", "statement_descriptor")
    return await send("POST", "/v1/charges", {**_given(shown, names), "source": "tok_visa"})


async def _subscription(shown: Mapping[str, Any], send: Send) -> Any:
    customer = _id(shown.get("customer"))
    items = [
        {
            "price": _id(each.get("price")) or _id(each.get("plan")),
            **_given(each, ("quantity",)),
        }
        for each in (shown.get("items") or {}).get("data") or ()
    ]
    status = shown.get("status", "active")
    if customer is None or not items or status not in ("active", "trialing", "canceled", "past_due"):
        return None
    body: Object = {"customer": customer, "items": items, **_given(shown, ("metadata", "description"))}
    if status == "trialing":
        body["trial_period_days"] = 30
    if shown.get("cancel_at_period_end"):
        body["cancel_at_period_end"] = True
    if shown.get("collection_method") == "send_invoice":
        body |= {"collection_method": "send_invoice", "days_until_due": shown.get("days_until_due") or 30}
    elif status != "trialing":
        await _payable(customer, send)
    made = await send("POST", "/v1/subscriptions", body)
    if made is not None and status == "canceled":
        made = await send("DELETE", f"/v1/subscriptions/{made['id']}", {})
    return made


async def _invoice(shown: Mapping[str, Any], send: Send) -> Any:
    customer = _id(shown.get("customer"))
    named = _id(shown.get("subscription"))
    if customer is None or named is not None or ("parent" in shown and shown["parent"] is not None):
        return None
    body = {"customer": customer, **_given(shown, ("currency", "description", "metadata"))}
    made = await send("POST", "/v1/invoices", body)
    for line in (shown.get("lines") or {}).get("data") or () if made is not None else ():
        item = {"customer": customer, "invoice": made["id"], **_given(line, ("amount", "currency", "description"))}
        await send("POST", "/v1/invoiceitems", item)
    steps = {"open": ("finalize",), "paid": ("finalize", "pay")}.get(str(shown.get("status")), ())
    for step in steps if made is not None else ():
        about = {"paid_out_of_band": True} if step == "pay" else {}
        made = await send("POST", f"/v1/invoices/{made['id']}/{step}", about) or made
    return made


async def _account(shown: Mapping[str, Any], send: Send) -> Any:
    """One that may do everything."""
    names = ("default_currency", "email", "metadata")
    country = shown.get("country") or "US"
    able = {name: {"requested": True} for name in {"transfers", "card_payments", *(shown.get("capabilities") or {})}}
    bank = {"object": "bank_account", "country": country, "currency": shown.get("default_currency") or "usd"}
    body = {
        **_given(shown, names),
        "type": "custom",
        "country": country,
        "business_type": "individual",
        "business_profile": {"mcc": "5734", "url": "https://example.com"},
        "capabilities": able,
        "external_account": {**bank, "account_number": "000123456789", "routing_number": "110000000"},
        "individual": PERSON,
        "tos_acceptance": {"date": 1609798905, "ip": "8.8.8.8"},
    }
    return await send("POST", "/v1/accounts", body)


async def _refund(shown: Mapping[str, Any], send: Send) -> Any:
    charge = _id(shown.get("charge"))
    return await send("POST", "/v1/refunds", {"charge": charge, **_given(shown, ("amount", "metadata"))})


MAKERS: Mapping[str, Maker] = {
    "account": _account,
    "charge": _charge,
    "coupon": _coupon,
    "customer": _customer,
    "invoice": _invoice,
    "payment_intent": _payment_intent,
    "payment_method": _payment_method,
    "plan": _plan,
    "price": _price,
    "product": _product,
    "refund": _refund,
    "subscription": _subscription,
    "tax_rate": _tax_rate,
}


async def remake(key: str, shown: Mapping[str, Any] | None, beside: Sequence[str], send: Send) -> Object | None:
    """An object like ``shown``; where nothing but its id is known, one that can do what is likely asked of it. None
    where none can be made."""
    kind = (shown or {}).get("object") or BARE.get(key.partition("_")[0])
    maker = MAKERS.get(str(kind))
    if maker is None:
        return None
    if shown is None or shown.get("deleted"):
        shown = {"default_source": "card_1", "customer": next((each for each in beside if each[:4] == "cus_"), None)}
    made = await maker({**shown, "id": key}, send)
    return made if isinstance(made, dict) else None
