"""The page of a checkout session: what is bought, and a form that pays. https://docs.stripe.com/payments/checkout
(2026-11).

Fields have the names that Stripe's own page gives them, so that a script that fills one fills the other.
"""

from __future__ import annotations

from typing import Any

from contracts.exchange import Response
from mocks.base import ServiceError
from mocks.stripe import checkout_items, checkout_payment, checkout_sessions, checkout_shipping
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.checkout_items import counted
from mocks.stripe.checkout_payment import Customer
from mocks.stripe.errors import invalid
from mocks.stripe.pages.markup import (
    absent,
    alert,
    amount,
    button,
    choice,
    document,
    field,
    notice,
    redirect,
    rows,
    text,
)
from mocks.stripe.pages.stage import fields, said, segment, staged

COUNTRIES = (
    ("US", "United States"), ("AT", "Austria"), ("AU", "Australia"), ("BE", "Belgium"), ("BR", "Brazil"),
    ("CA", "Canada"), ("CH", "Switzerland"), ("DE", "Germany"), ("DK", "Denmark"), ("ES", "Spain"), ("FI", "Finland"),
    ("FR", "France"), ("GB", "United Kingdom"), ("IE", "Ireland"), ("IN", "India"), ("IT", "Italy"), ("JP", "Japan"),
    ("MX", "Mexico"), ("NL", "Netherlands"), ("NO", "Norway"), ("NZ", "New Zealand"), ("PL", "Poland"),
    ("PT", "Portugal"), ("SE", "Sweden"), ("SG", "Singapore"),
)  # fmt: skip
BUTTONS = {"book": "Book", "donate": "Donate", "subscribe": "Subscribe"}


async def _session(call: StripeCall) -> Object | None:
    found = await call.state.get(checkout_sessions.KIND, segment(call, 2))
    return None if found is None else await checkout_sessions.current(call, found)


async def _show(call: StripeCall, refused: ServiceError | None) -> Response:
    session = await _session(call)
    if session is None:
        return absent()
    if refused is not None:
        await call.state.delete(checkout_payment.WAITING, session["id"])
        session = {**session, "status": session["status"]}
    elif session["status"] == "open" and await checkout_payment.waits(call, session):
        return redirect(call.hosted(f"c/pay/{session['id']}/bank"))
    return await _state(call, session, refused)


async def _state(call: StripeCall, session: Object, refused: ServiceError | None) -> Response:
    if session["status"] == "expired":
        back = session["cancel_url"] and (addressed(session["cancel_url"], session), "Back to the shop")
        return notice("This checkout session has timed out", "Go back to the shop and begin again.", link=back)
    if session["status"] == "complete":
        return notice("You're all done here", "Your order has already been completed.", good=True)
    items = await checkout_sessions.items_of(call, session)
    words = None if refused is None else refused.message
    return document(
        f"{session['branding_settings']['display_name']} - Checkout",
        f"{_summary(session, items)}<div class=box>{_form(call, session, items, words)}</div>",
        status=200 if refused is None else 402 if refused.status == 402 else 400,
        wide=True,
    )


def addressed(address: str, session: Object) -> str:
    """The address with the session's id where its placeholder is:
    https://docs.stripe.com/payments/checkout/custom-success-page."""
    return address.replace("{CHECKOUT_SESSION_ID}", str(session["id"]))


def _summary(session: Object, items: list[Object]) -> str:
    back = ""
    if session["cancel_url"]:
        place = text(addressed(session["cancel_url"], session))
        back = f'<a class=back id="cancel" href="{place}">&larr; Back</a>'
    name = text(session["branding_settings"]["display_name"])
    head = f"<h1>{name}<span class=mode>TEST MODE</span></h1>"
    if session["mode"] == "setup":
        return f"<div>{back}{head}<p class=sum>Save your card</p></div>"
    currency = session["currency"]
    bought = [(_bought(item), text(amount(item["amount_subtotal"], currency))) for item in items]
    sums = [("Subtotal", text(amount(session["amount_subtotal"], currency)))]
    details = session["total_details"]
    if details["amount_discount"]:
        sums.append(("Discount", f"&minus;{text(amount(details['amount_discount'], currency))}"))
    if session["shipping_options"]:
        sums.append(("Shipping", text(amount(details["amount_shipping"], currency))))
    total = text(amount(session["amount_total"], currency))
    sums.append(('<span class="total">Total due today</span>', f'<span class="total" id="total">{total}</span>'))
    verb = "Subscribe to" if session["mode"] == "subscription" else "Pay"
    top = f"<p class=soft>{verb} {name}</p><p class=sum>{total}</p>"
    return f"<div>{back}{head}{top}{rows(bought)}{rows(sums, 'all')}</div>"


def _bought(item: Object) -> str:
    recurring = item["price"]["recurring"]
    every = ""
    if recurring:
        count = recurring["interval_count"]
        every = f"every {count} {recurring['interval']}s" if count > 1 else f"per {recurring['interval']}"
    many = f"Qty {item['quantity']}" if item["quantity"] not in (1, None) else ""
    notes = " · ".join(note for note in (many, every) if note)
    return f"{text(item['description'] or 'Item')}<small>{text(notes)}</small>"


def _form(call: StripeCall, session: Object, items: list[Object], words: str | None) -> str:
    known = (session["customer_details"] or {}).get("email")
    parts = [alert(words), "<form method=post>"]
    if known:
        parts.append(f"<p class=soft>{text(known)}</p>")
    else:
        parts.append(field("Email", "email", value=said(call, "email"), kind="email", complete="email"))
    if session["phone_number_collection"]["enabled"]:
        parts.append(field("Phone", "phoneNumber", value=said(call, "phoneNumber"), kind="tel", complete="tel"))
    parts += [_quantity(item) for item in items if (item.get("adjustable_quantity") or {}).get("enabled")]
    parts.append(_shipping(session))
    if session["allow_promotion_codes"]:
        code = said(call, "promotionCode")
        parts.append(field("Promotion code", "promotionCode", value=code, needed=False))
    parts += [_own_field(each) for each in session["custom_fields"]]
    if checkout_payment.needs_method(session):
        parts.append(card_fields(call))
    if (session["consent_collection"] or {}).get("terms_of_service") == "required":
        parts.append(
            '<label><input type=checkbox id="termsOfServiceConsentCheckbox" name="termsOfServiceConsentCheckbox" '
            "value=1 required>I agree to the terms of service</label>"
        )
    parts.append(button(_words(session), id="submit"))
    return "".join((*parts, "</form>"))


def _words(session: Object) -> str:
    if session["mode"] == "setup":
        return "Save card"
    if session["mode"] == "subscription":
        return "Subscribe" if session["amount_total"] else "Start trial"
    return BUTTONS.get(session["submit_type"] or "", f"Pay {amount(session['amount_total'], session['currency'])}")


def card_fields(call: StripeCall) -> str:
    """The fields of a card and of its holder."""
    return "".join(
        (
            "<h2>Card</h2>",
            field("Card number", "cardNumber", complete="cc-number",
                  more='inputmode="numeric" placeholder="1234 1234 1234 1234"'),
            "<div class=pair>",
            field("Expires", "cardExpiry", complete="cc-exp", more='placeholder="MM / YY"'),
            field("Security code", "cardCvc", complete="cc-csc", more='inputmode="numeric" placeholder="CVC"'),
            "</div>",
            field("Name on card", "billingName", value=said(call, "billingName"), complete="cc-name"),
            "<div class=pair>",
            choice("Country", "billingCountry", COUNTRIES, said(call, "billingCountry") or "US"),
            field("Postal code", "billingPostalCode", value=said(call, "billingPostalCode"), complete="postal-code",
                  needed=False),
            "</div>",
        )
    )  # fmt: skip


def _quantity(item: Object) -> str:
    bounds = item["adjustable_quantity"]
    label = f"Quantity of {item['description'] or 'item'}"
    return field(label, f"quantity[{item['id']}]", value=str(item["quantity"]), kind="number",
                 more=f'min="{bounds["minimum"]}" max="{bounds["maximum"]}"')  # fmt: skip


def _shipping(session: Object) -> str:
    options = session["shipping_options"]
    if len(options) < 2:
        return ""
    chosen = (session["shipping_cost"] or {}).get("shipping_rate")
    listed = [(each["shipping_rate"], amount(each["shipping_amount"], session["currency"])) for each in options]
    return choice("Shipping", "shippingOption", listed, chosen)


def _own_field(own: Object) -> str:
    label, name = own["label"].get("custom") or own["key"], f"custom[{own['key']}]"
    if own["type"] == "dropdown":
        return choice(label, name, [(each["value"], each["label"]) for each in own["dropdown"]["options"]])
    return field(label, name, value=own[own["type"]]["default_value"], needed=not own["optional"])


async def _act(call: StripeCall) -> Response:
    session = await _session(call)
    if session is None or session["status"] != "open":
        return await _show(call, None)
    session = _answered(call, await _changed(call, session))
    return await _onwards(call, await checkout_payment.submitted(call, session, visitor(call), _number(call, session)))


async def _changed(call: StripeCall, session: Object) -> Object:
    """With the quantities and the shipping that the customer chose."""
    items = await checkout_sessions.items_of(call, session)
    wanted = [await _as_wanted(call, item) for item in items]
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


async def _as_wanted(call: StripeCall, item: Object) -> Object:
    bounds, wanted = item.get("adjustable_quantity"), said(call, f"quantity[{item['id']}]")
    if not bounds or wanted is None or not wanted.isdigit() or int(wanted) == item["quantity"]:
        return item
    if not bounds["minimum"] <= int(wanted) <= bounds["maximum"]:
        raise invalid("This quantity is not on offer.", param="quantity")
    return await counted(call, item, int(wanted))


def _answered(call: StripeCall, session: Object) -> Object:
    """With what the customer wrote into the seller's own fields."""
    found = []
    for own in session["custom_fields"]:
        value, kind = said(call, f"custom[{own['key']}]"), own["type"]
        if value is None and not own["optional"]:
            raise invalid(f"{own['label'].get('custom') or own['key']} is needed.")
        found.append({**own, kind: {**own[kind], "value": value}})
    consent = session["consent"]
    if said(call, "termsOfServiceConsentCheckbox"):
        consent = {"promotions": None, "terms_of_service": "accepted"}
    return {**session, "custom_fields": found, "consent": consent}


def visitor(call: StripeCall) -> Customer:
    """Who filled in the form."""
    names = ("email", "billingName", "billingCountry", "billingPostalCode", "phoneNumber")
    return Customer(*(said(call, name) for name in names))


def _number(call: StripeCall, session: Object) -> dict[str, Any] | None:
    """The card, where one is asked for."""
    return card_sent(call) if checkout_payment.needs_method(session) else None


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


async def _onwards(call: StripeCall, session: Object) -> Response:
    if session["status"] != "complete":
        return redirect(call.hosted(f"c/pay/{session['id']}/bank"))
    if session["success_url"]:
        return redirect(addressed(session["success_url"], session))
    return notice("Thanks for your payment", "A payment to the shop will appear on your statement.", good=True)


async def _show_bank(call: StripeCall, refused: ServiceError | None) -> Response:
    session = await _session(call)
    if session is None:
        return absent()
    if refused is not None or not await checkout_payment.waits(call, session):
        return await _show(call, refused)
    total = "" if not session["amount_total"] else amount(session["amount_total"], session["currency"])
    return question(session["branding_settings"]["display_name"], total)


async def _act_bank(call: StripeCall) -> Response:
    session = await _session(call)
    if session is None or session["status"] != "open":
        return await _show(call, None)
    if fields(call).get("outcome") != "complete":
        await checkout_payment.unproved(call, session)
        unable = (
            "We are unable to authenticate your payment method. Please choose a different payment method and try again."
        )
        return await _state(call, session, ServiceError(402, "payment_intent_authentication_failure", unable))
    return await _onwards(call, await checkout_payment.proved(call, session))


def question(shop: str, total: str) -> Response:
    """What the customer's bank asks in test mode, with the ids of the buttons of Stripe's own page."""
    asked = f"of {text(total)} " if total else ""
    inner = (
        "<div class=box><h2>3D Secure 2 Test Page</h2>"
        f"<p>{text(shop)} asks for a payment {asked}with a card whose bank wants to know that it is you.</p>"
        "<p class=soft>In live mode this is the bank's page. Complete or fail the authentication.</p>"
        "<form method=post>"
        + button("Complete", id="test-source-authorize-3ds", name="outcome", value="complete")
        + button("Fail", id="test-source-fail-3ds", name="outcome", value="fail", kind="quiet")
        + "</form></div>"
    )
    return document("3D Secure", inner)


PAGE = staged(_show, _act)
BANK = staged(_show_bank, _act_bank)
