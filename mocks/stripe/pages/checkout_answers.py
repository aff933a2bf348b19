"""What a customer wrote into a checkout page: https://docs.stripe.com/payments/checkout (2026-11).

Refusals of fields, those of a card apart, are worded by us.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mocks.stripe import checkout_items, checkout_payment, checkout_sessions, checkout_shipping, tax_ids
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.checkout_items import counted
from mocks.stripe.checkout_payment import Customer
from mocks.stripe.errors import invalid
from mocks.stripe.pages.checkout_form import BANKS, METHODS, offered
from mocks.stripe.pages.stage import said


async def changed(call: StripeCall, session: Object) -> Object:
    """The session with what the customer chose: quantities, what is added, shipping and a promotion code; and with what
    was collected. Raises ServiceError."""
    session = _collected(call, _answered(call, session))
    items = await checkout_sessions.items_of(call, session)
    wanted = [await _as_wanted(call, item) for item in items]
    wanted += await _added(call, session)
    chosen = said(call, "shippingOption")
    option = next((each for each in session["shipping_options"] if each["shipping_rate"] == chosen), None)
    if option is not None:
        session = {**session, "shipping_cost": checkout_shipping.cost(option)}
    code, coupon = said(call, "promotionCode"), None
    if code and session["allow_promotion_codes"]:
        coupon, shown = await checkout_items.typed(call, code, session["customer"])
        session = {**session, "discounts": shown}
    if wanted == items and option is None and coupon is None:
        return session
    return await checkout_sessions.recounted(call, session, wanted, coupon)


async def _added(call: StripeCall, session: Object) -> list[Object]:
    """What the customer takes beside, and has not taken at an earlier try."""
    found = []
    known = {item["price"]["id"] for item in await checkout_sessions.items_of(call, session)}
    for at, each in enumerate(session.get("optional_items") or ()):
        wanted = said(call, f"optional[{at}]") or "0"
        bounds = each["adjustable_quantity"]
        most = bounds["maximum"] if bounds and bounds["enabled"] else each["quantity"]
        if not (wanted.isascii() and wanted.isdigit() and int(wanted) <= most):
            raise invalid("This quantity is not on offer.", param="quantity")
        if int(wanted) and each["price"] not in known:
            found.append(
                await checkout_items.bought(call, {"price": each["price"], "quantity": int(wanted)}, "optional_items")
            )
    return found


def _collected(call: StripeCall, session: Object) -> Object:
    """With names, and with where it goes to."""
    asked = session.get("name_collection") or {}
    known = session["collected_information"]
    names = {}
    for kind, name in (("business", "businessName"), ("individual", "individualName")):
        own = asked.get(kind) or {}
        if own.get("enabled") and not own["optional"] and not said(call, name):
            raise invalid(f"A {kind} name is needed.", param=name)
        names[f"{kind}_name"] = said(call, name) or known[f"{kind}_name"]
    there = known["shipping_details"]
    if session["shipping_address_collection"]:
        there = _shipped(call, session["shipping_address_collection"]["allowed_countries"])
    return {**session, "collected_information": {**known, **names, "shipping_details": there}}


def _shipped(call: StripeCall, allowed: list[str]) -> Object:
    name, line1, country = (said(call, f"shipping{part}") for part in ("Name", "AddressLine1", "Country"))
    if not (name and line1):
        raise invalid("Your shipping address is incomplete.", param="shipping")
    if country not in allowed:
        raise invalid("The shop does not ship to this country.", param="shipping")
    address = {
        "city": said(call, "shippingLocality"), "country": country, "line1": line1,
        "line2": said(call, "shippingAddressLine2"), "postal_code": said(call, "shippingPostalCode"),
        "state": said(call, "shippingAdministrativeArea"),
    }  # fmt: skip
    return {"address": address, "name": name}


async def _as_wanted(call: StripeCall, item: Object) -> Object:
    bounds, wanted = item.get("adjustable_quantity"), said(call, f"quantity[{item['id']}]")
    if not bounds or wanted is None or not wanted.isdigit() or int(wanted) == item["quantity"]:
        return item
    if not bounds["minimum"] <= int(wanted) <= bounds["maximum"]:
        raise invalid("This quantity is not on offer.", param="quantity")
    return await counted(call, item, int(wanted))


def _answered(call: StripeCall, session: Object) -> Object:
    """With what the customer wrote into the seller's own fields, and agreed to."""
    found = []
    for own in session["custom_fields"]:
        value, kind = said(call, f"custom[{own['key']}]"), own["type"]
        label = own["label"].get("custom") or own["key"]
        if value is None and not own["optional"]:
            raise invalid(f"{label} is needed.")
        if value is not None:
            _fits(label, value, kind, own[kind])
        found.append({**own, kind: {**own[kind], "value": value}})
    asked, consent = session["consent_collection"] or {}, session["consent"]
    if asked.get("terms_of_service") == "required" and not said(call, "termsOfServiceConsentCheckbox"):
        raise invalid("The terms of service have to be accepted.", param="consent")
    if asked:
        news = "opt_in" if said(call, "promotionsConsentCheckbox") else "opt_out"
        consent = {
            "promotions": news if asked.get("promotions") == "auto" else None,
            "terms_of_service": "accepted" if asked.get("terms_of_service") == "required" else None,
        }
    return {**session, "custom_fields": found, "consent": consent}


def _fits(label: str, value: str, kind: str, own: Object) -> None:
    if kind == "dropdown":
        if value not in {each["value"] for each in own["options"]}:
            raise invalid(f"{label} is not one of the choices.")
        return
    least, most = own["minimum_length"] or 0, own["maximum_length"] or 255
    if not least <= len(value) <= most:
        raise invalid(f"{label} is too {'short' if len(value) < least else 'long'}.")
    if kind == "numeric" and not (value.isascii() and value.isdigit()):
        raise invalid(f"{label} is a number.")


def visitor(call: StripeCall, session: Object | None = None) -> Customer:
    """Who filled in the form. Raises ServiceError for a tax id that is none, and for an address that is needed."""
    who = Customer(
        email=said(call, "email"),
        name=said(call, "billingName"),
        country=said(call, "billingCountry"),
        postal_code=said(call, "billingPostalCode"),
        phone=said(call, "phoneNumber"),
        line1=said(call, "billingAddressLine1"),
        line2=said(call, "billingAddressLine2"),
        city=said(call, "billingLocality"),
        state=said(call, "billingAdministrativeArea"),
        business=said(call, "businessName"),
        individual=said(call, "individualName"),
        tax_type=said(call, "taxIdType"),
        tax_id=said(call, "taxId"),
        saves=said(call, "enableStripePass") is not None,
    )
    kind = said(call, "paymentMethod")
    if kind in METHODS and kind != "card":
        who = replace(who, name=said(call, f"{kind}[name]") or who.name)
    if session is None:
        return who
    if session["billing_address_collection"] == "required" and not who.line1:
        raise invalid("Your billing address is incomplete.", param="billing_details")
    if who.tax_type and who.tax_id and (session.get("tax_id_collection") or {}).get("enabled"):
        tax_ids.build(call, who.tax_type, who.tax_id, {"type": "customer"})
        return who
    return replace(who, tax_type=None, tax_id=None)


async def paid_with(call: StripeCall, session: Object) -> dict[str, Any] | None:
    """What to pay with, where that is asked: parameters of a payment method, or the id of one. Raises ServiceError."""
    if not checkout_payment.needs_method(session):
        return None
    types = offered(session)
    kind = said(call, "paymentMethod") or types[0]
    if kind.startswith("pm_"):
        return {"payment_method": kind}
    if kind not in types:
        raise invalid("This payment method is not on offer.", param="payment_method")
    if kind == "card":
        return {"type": "card", "card": card_sent(call)}
    own = {param: said(call, f"{kind}[{param}]") for param in BANKS.get(kind, {})}
    missing = next((param for param, value in own.items() if value is None), None)
    if missing is not None:
        raise invalid(f"{BANKS[kind][missing]} is missing.", param=f"{kind}[{missing}]")
    if kind == "us_bank_account":
        own["account_holder_type"] = "individual"
    return {"type": kind, kind: own}


def card_sent(call: StripeCall) -> dict[str, Any]:
    """The card's number, date and code. Raises ServiceError."""
    month, _, year = (said(call, "cardExpiry") or "").partition("/")
    card = {"number": said(call, "cardNumber"), "exp_month": month.strip(), "exp_year": year.strip()}
    if not card["number"]:
        raise invalid("Your card number is incomplete.", code="incomplete_number", param="number")
    if not (card["exp_month"] and card["exp_year"]):
        raise invalid("Your card's expiration date is incomplete.", code="incomplete_expiry", param="exp_month")
    if not said(call, "cardCvc"):
        raise invalid("Your card's security code is incomplete.", code="incomplete_cvc", param="cvc")
    return {**card, "cvc": said(call, "cardCvc")}
