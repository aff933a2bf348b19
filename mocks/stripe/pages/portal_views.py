"""What the billing portal shows: https://docs.stripe.com/customer-management (2026-11). A view is a part of the page
that is about one thing: an end, a change of plan, the customer, the card."""

from __future__ import annotations

from typing import Any

from mocks.stripe import (
    endings,
    invoice_lines,
    payment_methods,
    portal_configurations,
    previews,
    prices,
    products,
)
from mocks.stripe.calls import Object, StripeCall
from mocks.stripe.errors import invalid
from mocks.stripe.pages.checkout_form import COUNTRIES, card_fields
from mocks.stripe.pages.markup import amount, button, choice, day, field, rows, text
from mocks.stripe.pages.stage import said

REASONS = {
    "customer_service": "Customer service was less than expected", "low_quality": "Quality was less than expected",
    "missing_features": "I need more features", "other": "Other reason",
    "switched_service": "I found an alternative", "too_complex": "Ease of use was less than expected",
    "too_expensive": "It's too expensive", "unused": "I no longer need it",
}  # fmt: skip


def way(call: StripeCall, session: Object, **query: str) -> str:
    """The address of a view of the session."""
    return call.hosted(f"p/session/{session['id']}", **query)


def _link(call: StripeCall, session: Object, key: str, words: str, **query: str) -> str:
    return f'<li><a id="{text(key)}" href="{text(way(call, session, **query))}">{text(words)}</a></li>'


async def own(call: StripeCall, session: Object, key: str | None) -> Object:
    """The subscription with that id, if it is the customer's. Raises ServiceError."""
    found = await call.state.get(endings.KIND, key or "")
    if found is None or found["customer"] != session["customer"]:
        raise invalid("There is no such subscription.")
    return found


async def subscriptions(call: StripeCall, session: Object, rules: Object) -> str:
    """All that have not ended, with what may be done to them."""
    where = {"customer": session["customer"]}
    found = [each for each in await call.state.page(endings.KIND, where=where) if each["status"] not in endings.ENDED]
    if not found:
        return "<section class=box><h2>Subscriptions</h2><p class=soft>There are none.</p></section>"
    return "".join([await _subscription(call, session, each, rules) for each in found])


async def _subscription(call: StripeCall, session: Object, subscription: Object, rules: Object) -> str:
    key, ending = subscription["id"], subscription["cancel_at_period_end"]
    ends = max(item["current_period_end"] for item in subscription["items"]["data"])
    if ending:
        form = (
            f'<form method=post><input type=hidden name="subscription" value="{text(key)}">'
            f"{button('Renew subscription', id=f'renew-{key}', name='act', value='renew', kind='quiet')}</form>"
        )
        ways = ""
    else:
        form = ""
        ways = "".join(
            _link(call, session, f"{view}-{key}", words, view=view, subscription=key)
            for view, feature, words in (
                ("update", "subscription_update", "Update subscription"),
                ("cancel", "subscription_cancel", "Cancel subscription"),
            )
            if rules[feature]["enabled"]
        )
    state = f"{'Ends' if ending else 'Renews'} on {day(ends)}"
    status = text(subscription["status"].replace("_", " "))
    lines = await lines_of(call, subscription)
    return (
        f"<section class=box><h2>Subscription ({status})</h2>{rows(lines)}<p class=soft>{state}</p>"
        f"{f'<ul class=actions>{ways}</ul>' if ways else ''}{form}</section>"
    )


async def lines_of(call: StripeCall, subscription: Object) -> list[tuple[str, str]]:
    """What a subscription is to, and what it costs, as markup."""
    found = []
    for item in subscription["items"]["data"]:
        words = text(await _named(call, item["price"]))
        cost = amount((item["price"]["unit_amount"] or 0) * item.get("quantity", 1), subscription["currency"])
        many = f"<small>Qty {item['quantity']}</small>" if item.get("quantity", 1) != 1 else ""
        found.append((words + many, f"{text(cost)} per {text(item['price']['recurring']['interval'])}"))
    return found


async def _named(call: StripeCall, price: Object) -> str:
    product = await call.state.get(products.KIND, price["product"])
    return str(product["name"]) if product else "Subscription"


async def card(call: StripeCall, customer: Object) -> str:
    """The card that pays, those that are saved, and a form for another."""
    key = customer["invoice_settings"]["default_payment_method"]
    method = await call.state.get(payment_methods.KIND, key) if key else None
    known = "No card is saved."
    if method is not None and method["type"] == "card":
        known = _card(method)
    saved = await call.state.page(payment_methods.KIND, where={"customer": customer["id"], "type": "card"}, limit=20)
    others = "".join(_saved(each) for each in saved if each["id"] != key)
    send = button("Save card", id="submit", name="act", value="card")
    return (
        f'<section class=box><h2>Payment method</h2><p id="card">{text(known)}</p>{others}'
        f"<form method=post>{card_fields(call)}{send}</form></section>"
    )


def _saved(method: Object) -> str:
    key = method["id"]
    acts = "".join(
        button(words, id=f"{act}-{key}", name="act", value=act, kind="quiet")
        for act, words in (("default", "Use this card"), ("remove", "Remove this card"))
    )
    return (
        f'<form method=post><input type=hidden name="method" value="{text(key)}"><p>{text(_card(method))}</p>'
        f"{acts}</form>"
    )


def _card(method: Object) -> str:
    return f"{method['card']['brand'].title()} ending in {method['card']['last4']}"


async def invoices(call: StripeCall, customer: Object) -> str:
    """The last invoices, each with its page."""
    found = await call.state.page(invoice_lines.INVOICE, where={"customer": customer["id"]}, limit=12)
    lines = [
        (
            (
                f'<a href="{text(each["hosted_invoice_url"])}">{day(each["created"])}</a>'
                f"<small>{text(each['status'])}</small>"
            ),
            text(amount(each["total"], each["currency"])),
        )
        for each in found
        if each["status"] != "draft"
    ]
    return f"<section class=box><h2>Invoices</h2>{rows(lines) or '<p class=soft>There are none.</p>'}</section>"


def customer_form(call: StripeCall, customer: Object, allowed: list[str]) -> str:
    """What a customer may change of themselves."""
    place = customer["address"] or {}
    parts = []
    for name, kind in (("name", "text"), ("email", "email"), ("phone", "tel")):
        if name in allowed:
            value = said(call, name) or customer[name]
            parts.append(field(name.capitalize(), name, value=value, kind=kind, complete=name, needed=False))
    if "address" in allowed:
        parts += [
            field(label, f"address.{name}", value=said(call, f"address.{name}") or place.get(name), needed=False,
                  complete=complete)
            for name, label, complete in (
                ("line1", "Address", "address-line1"), ("line2", "Address, second line", "address-line2"),
                ("city", "City", "address-level2"), ("state", "State or province", "address-level1"),
                ("postal_code", "Postal code", "postal-code"),
            )
        ]  # fmt: skip
        parts.append(choice("Country", "address.country", (("", ""), *COUNTRIES), place.get("country")))
    send = button("Save", id="save-customer", name="act", value="customer")
    return f"<section class=box><h2>Billing information</h2><form method=post>{''.join(parts)}{send}</form></section>"


async def cancel(call: StripeCall, session: Object, rule: Object, key: str | None) -> str:
    """Asks whether a subscription is to end, and why."""
    subscription = await own(call, session, key)
    ends = day(max(item["current_period_end"] for item in subscription["items"]["data"]))
    when = "at once" if rule["mode"] == "immediately" else f"on {ends}"
    parts = [f"<p>The subscription ends {text(when)}.</p>"]
    flow = (session["flow"] or {}).get("subscription_cancel") or {}
    offer = ((flow.get("retention") or {}).get("coupon_offer") or {}).get("coupon")
    if offer and flow.get("subscription") == key:
        parts.append(button("Stay, and take the offer", id="stay", name="act", value="stay", kind="quiet"))
    reasons = rule["cancellation_reason"]
    if reasons["enabled"]:
        listed = [(name, REASONS[name]) for name in reasons["options"] if name in REASONS]
        parts += [choice("Why do you cancel?", "feedback", [("", "Rather not say"), *listed]),
                  field("Anything to add?", "comment", needed=False)]  # fmt: skip
    parts.append(button("Cancel subscription", id=f"cancel-{key}", name="act", value="cancel", kind="grave"))
    return _about(key, "Cancel subscription", await lines_of(call, subscription), "".join(parts))


def _about(key: str | None, title: str, lines: list[tuple[str, str]], inner: str) -> str:
    return (
        f"<section class=box><h2>{text(title)}</h2>{rows(lines)}"
        f'<form method=post><input type=hidden name="subscription" value="{text(key)}">{inner}</form></section>'
    )


async def update(call: StripeCall, session: Object, rule: Object, key: str | None) -> str:
    """The plans that a subscription may be changed to, and how many of it."""
    subscription = await own(call, session, key)
    item = subscription["items"]["data"][0]
    parts = []
    if "price" in rule["default_allowed_updates"]:
        listed = [(item["price"]["id"], await _priced(call, item["price"]))]
        others = [price for price in await choices(call, session) if price["id"] != item["price"]["id"]]
        listed += [(price["id"], await _priced(call, price)) for price in others]
        parts.append(choice("Plan", "price", listed, item["price"]["id"]))
    if "quantity" in rule["default_allowed_updates"]:
        many = str(item.get("quantity", 1))
        parts.append(field("Quantity", "quantity", value=many, kind="number", more='min="1"'))
    if "promotion_code" in rule["default_allowed_updates"]:
        parts.append(field("Promotion code", "promotionCode", needed=False))
    parts.append(button("Continue", id="submit", name="act", value="preview"))
    return _about(key, "Update subscription", await lines_of(call, subscription), "".join(parts))


async def choices(call: StripeCall, session: Object) -> list[Object]:
    """The prices that the session's configuration lets customers change to."""
    found = []
    for each in await portal_configurations.products_of(call, session["configuration"]):
        for key in each["prices"]:
            price = await call.state.get(prices.KIND, key)
            if price is not None and price["active"] and price["type"] == "recurring":
                found.append(price)
    return found


async def _priced(call: StripeCall, price: Object) -> str:
    cost = amount(price["unit_amount"] or 0, price["currency"])
    return f"{await _named(call, price)}: {cost} per {price['recurring']['interval']}"


async def confirm(call: StripeCall, session: Object, key: str, changes: Object, marks: dict[str, str]) -> str:
    """What a change costs, before it is made. ``marks`` are the fields that say again what was chosen."""
    subscription = await own(call, session, key)
    details: dict[str, Any] = {name: changes[name] for name in ("items", "proration_behavior", "trial_end")
                               if name in changes}  # fmt: skip
    asked = {"customer": session["customer"], "subscription": key, "subscription_details": details}
    if changes.get("discounts"):
        asked["discounts"] = changes["discounts"]
    invoice = await previews.create(call.as_if(asked))
    lines = [
        (text(line["description"] or "Item"), text(amount(line["amount"], invoice["currency"])))
        for line in invoice["lines"]["data"]
    ]
    lines.append(("Amount due", f'<span id="due">{text(amount(invoice["amount_due"], invoice["currency"]))}</span>'))
    hidden = "".join(
        f'<input type=hidden name="{text(name)}" value="{text(value)}">' for name, value in marks.items() if value
    )
    inner = f"{hidden}{button('Confirm', id='submit', name='act', value='update')}"
    now = rows(await lines_of(call, subscription))
    return _about(key, "Confirm your updates", lines, inner).replace("</h2>", f"</h2>{now}", 1)
